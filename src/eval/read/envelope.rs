//! What is around events: the answers of searches, batches of a cloud's log, witnesses.
//!
//! In: a JSON value, `{"hits": {"hits": [{"_source": {…}}]}}` say. Out: the events in it. An object
//! is taken for an envelope only where all of its keys are those of one; any other is an event.

use super::{Expected, Found};
use crate::eval::windows;
use serde_json::{Map, Value as Json};

type Object = Map<String, Json>;

/// Envelopes are in one another: a witness's event, a record of a batch. No further than this.
const MOST_ENVELOPES: usize = 8;

/// A list of events under a key, and the keys that may be beside it: `*` for any that begins
/// with `@odata.`.
pub(super) const LISTS: &[(&str, &[&str])] = &[
    // AWS CloudTrail's files, Azure's diagnostic logs, CloudWatch, Event Log as XML turned into JSON.
    ("Records", &[]),
    ("records", &[]),
    (
        "events",
        &[
            "nextToken",
            "searchedLogStreams",
            "nextForwardToken",
            "nextBackwardToken",
        ],
    ),
    ("Events", &["NextToken"]),
    ("value", &["nextLink", "*"]),
    // Splunk's searches, and pages of other interfaces.
    (
        "results",
        &[
            "preview",
            "init_offset",
            "post_process_count",
            "messages",
            "fields",
            "highlighted",
            "count",
            "total",
            "next",
            "previous",
            "status",
        ],
    ),
    // Elasticsearch's `_msearch`.
    ("responses", &["took"]),
];

/// What the answer of a search of Elasticsearch or `OpenSearch` has, and that of EQL.
const SEARCH: &[&str] = &[
    "took",
    "timed_out",
    "terminated_early",
    "num_reduce_phases",
    "phase_took",
    "status",
    "_shards",
    "_clusters",
    "_scroll_id",
    "pit_id",
    "hits",
    "aggregations",
    "suggest",
    "profile",
    "ext",
    "id",
    "is_partial",
    "is_running",
    "shard_failures",
    "processor_results",
    "error",
];

/// What its `hits` have.
const HITS: &[&str] = &["total", "max_score", "hits", "events", "sequences"];

/// What a hit has, in a search or in a dump.
const HIT: &[&str] = &[
    "_index",
    "_type",
    "_id",
    "_score",
    "_source",
    "fields",
    "sort",
    "highlight",
    "found",
    "missing",
    "matched_queries",
    "inner_hits",
    "ignored_field_values",
    "_version",
    "_seq_no",
    "_primary_term",
    "_routing",
    "_parent",
    "_ignored",
    "_explanation",
    "_nested",
    "_shard",
    "_node",
    "_rank",
    "_size",
    "_tier",
    "_timestamp",
    "@timestamp",
    "@version",
    "tags",
];

/// What a table has: ES|QL's, SQL's, and those of Azure.
const TABLE: &[&str] = &[
    "name",
    "columns",
    "all_columns",
    "values",
    "rows",
    "cursor",
    "id",
    "took",
    "is_partial",
    "is_running",
    "documents_found",
    "values_loaded",
    "start_time_in_millis",
    "completion_time_in_millis",
    "expiration_time_in_millis",
    "_clusters",
    "profile",
];

/// Puts the events of a value into the list. Says no where it holds something else.
pub(super) fn open(value: Json, events: &mut Vec<Found>) -> bool {
    opened(value, MOST_ENVELOPES, events)
}

/// The same for a value whose end was cut off and made up: only what is in an envelope of many
/// counts, for any other object is a part of an event.
pub(super) fn open_repaired(value: Json, events: &mut Vec<Found>) {
    if let Json::Object(mut object) = value
        && let Some(list) = list(&mut object)
    {
        for item in list {
            opened(item, MOST_ENVELOPES - 1, events);
        }
    }
}

/// Is the object an envelope of many?
pub(super) fn is_list(mut object: Object) -> bool {
    list(&mut object).is_some()
}

fn opened(value: Json, depth: usize, events: &mut Vec<Found>) -> bool {
    let Json::Object(mut object) = value else {
        return false;
    };
    if depth > 0 {
        if let Some(expected) = witness(&object) {
            let before = events.len();
            let event = object.remove("event").unwrap_or_default();
            let is_event = opened(event, depth - 1, events);
            for found in &mut events[before..] {
                found.expected = Some(expected.clone());
            }
            return is_event;
        }
        if let Some(inner) = single(&mut object) {
            return opened(inner, depth - 1, events);
        }
        if let Some(list) = list(&mut object) {
            let mut all = true;
            for item in list {
                all &= opened(item, depth - 1, events);
            }
            return all;
        }
        if is_empty_result(&object) || is_action(&object) {
            return true;
        }
    }
    let mut event = windows::into_flat(Json::Object(object));
    windows::strip_blanks(&mut event);
    events.push(event.into());
    true
}

/// `{"matches": true, "about": "…", "event": {…}}`
fn witness(object: &Object) -> Option<Expected> {
    only(object, &["matches", "about", "event", "rule", "sequence"])?;
    object.get("event")?.as_object()?;
    Some(Expected {
        rule: object.get("rule").and_then(Json::as_str).map(str::to_owned),
        matches: object.get("matches")?.as_bool()?,
        about: object.get("about")?.as_str()?.to_owned(),
        sequence: object.get("sequence").and_then(Json::as_u64),
    })
}

/// The event in an envelope of one.
fn single(object: &mut Object) -> Option<Json> {
    let is_hit = only(object, HIT).is_some();
    let key = if is_hit && object.get("_source").is_some_and(Json::is_object) {
        "_source"
    } else if is_hit
        && object.get("fields").is_some_and(Json::is_object)
        && object.contains_key("_index")
    {
        // A hit of a search that asked for fields alone.
        "fields"
    } else if object.get("result").is_some_and(Json::is_object)
        && only(object, &["preview", "offset", "lastrow", "result"]).is_some()
    {
        // A line of Splunk's export.
        "result"
    } else if object.get("event").is_some_and(Json::is_object)
        && object.get("sourcetype").is_some_and(Json::is_string)
        && only(
            object,
            &[
                "time",
                "host",
                "source",
                "sourcetype",
                "index",
                "fields",
                "event",
            ],
        )
        .is_some()
    {
        // What Splunk's HTTP event collector takes.
        "event"
    } else {
        return None;
    };
    object.remove(key)
}

/// The events of an envelope of many.
fn list(object: &mut Object) -> Option<Vec<Json>> {
    // Elasticsearch's `_search`, and its EQL.
    let is_search = only(object, SEARCH).is_some();
    if let Some(Json::Object(hits)) = object.get_mut("hits").filter(|_| is_search)
        && only(hits, HITS).is_some()
    {
        let key = if hits.contains_key("hits") {
            "hits"
        } else {
            "events"
        };
        if let Some(Json::Array(items)) = hits.get_mut(key)
            && items.iter().all(Json::is_object)
        {
            return Some(std::mem::take(items));
        }
    }
    if let Some(table) = table(object) {
        return Some(table);
    }
    for (key, beside) in LISTS {
        let Some(Json::Array(items)) = object.get(*key) else {
            continue;
        };
        let is_beside = |other: &String| {
            other == key
                || beside.contains(&other.as_str())
                || (beside.contains(&"*") && other.starts_with("@odata."))
        };
        if items.iter().all(Json::is_object) && object.keys().all(is_beside) {
            return match object.remove(*key) {
                Some(Json::Array(items)) => Some(items),
                _ => None,
            };
        }
    }
    None
}

/// A table: `columns` with names, and rows of values, as ES|QL (`values`), SQL (`rows`) and Azure's
/// `tables` give them.
fn table(object: &Object) -> Option<Vec<Json>> {
    if let Some(Json::Array(tables)) = object.get("tables") {
        only(object, &["tables", "statistics", "render", "error"])?;
        let tables: Option<Vec<_>> = tables.iter().map(|one| table(one.as_object()?)).collect();
        return Some(tables?.into_iter().flatten().collect());
    }
    only(object, TABLE)?;
    let columns = object.get("columns")?.as_array()?;
    let rows = object.get("values").or_else(|| object.get("rows"))?;
    let names: Option<Vec<&str>> = columns
        .iter()
        .map(|column| column.get("name").and_then(Json::as_str))
        .collect();
    let names = names?;
    let row = |row: &Json| -> Option<Json> {
        let values = row.as_array().filter(|row| row.len() == names.len())?;
        let cells = names.iter().zip(values);
        // A column without a value is a field that the event lacks.
        let cells = cells.filter(|(_, value)| !value.is_null());
        let cells = cells.map(|(name, value)| ((*name).to_owned(), value.clone()));
        Some(Json::Object(cells.collect()))
    };
    rows.as_array()?.iter().map(row).collect()
}

/// The last line of Splunk's export of a search that finds nothing.
fn is_empty_result(object: &Object) -> bool {
    object.contains_key("preview") && only(object, &["preview", "offset", "lastrow"]).is_some()
}

/// A line of Elasticsearch's `_bulk` that says where the next line goes.
fn is_action(object: &Object) -> bool {
    let action = ["index", "create"].iter().find_map(|key| object.get(*key));
    object.len() == 1
        && action
            .and_then(Json::as_object)
            .is_some_and(|action| action.keys().all(|key| key.starts_with('_')))
}

/// Are all of the object's keys among these?
fn only(object: &Object, keys: &[&str]) -> Option<()> {
    object
        .keys()
        .all(|key| keys.contains(&key.as_str()))
        .then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn events(value: &Json) -> Vec<Json> {
        let mut events = Vec::new();
        assert!(open(value.clone(), &mut events), "{value}");
        events.into_iter().map(|found| found.event).collect()
    }

    #[test]
    fn envelopes_are_taken_off() {
        let expected = [json!({"a": 1}), json!({"a": 2})];
        let hit = |a: u8| json!({"_index": "i", "_id": a.to_string(), "_source": {"a": a}});
        for envelope in [
            json!({"took": 1, "hits": {"total": {"value": 2}, "hits": [hit(1), hit(2)]}}),
            json!({"is_partial": false, "hits": {"events": [hit(1), hit(2)]}}),
            json!({"took": 1, "responses": [{"hits": {"hits": [hit(1), hit(2)]}, "status": 200}]}),
            json!({"Records": [{"a": 1}, {"a": 2}]}),
            json!({"records": [{"a": 1}, {"a": 2}]}),
            json!({"@odata.context": "x", "value": [{"a": 1}, {"a": 2}]}),
            json!({"preview": false, "init_offset": 0, "results": [{"a": 1}, {"a": 2}], "fields": []}),
            json!({"results": [{"result": {"a": 1}}, {"preview": false, "offset": 1, "result": {"a": 2}}]}),
            json!({"columns": [{"name": "a", "type": "long"}, {"name": "b"}], "values": [[1, null], [2, null]]}),
            json!({"tables": [{"name": "PrimaryResult", "columns": [{"name": "a"}], "rows": [[1], [2]]}]}),
        ] {
            assert_eq!(events(&envelope), expected, "{envelope}");
        }
        assert_eq!(events(&hit(1)), [json!({"a": 1})]);
        let answer = json!({
            "took": 1, "timed_out": false, "_shards": {"total": 1}, "_scroll_id": "s", "pit_id": "p",
            "aggregations": {"n": {"value": 1}},
            "hits": {"total": 1, "max_score": 1.0, "hits": [{
                "_index": "i", "_id": "1", "_score": 1.0, "_version": 1, "_seq_no": 1,
                "_primary_term": 1, "_routing": "r", "_ignored": ["b"], "sort": [1],
                "highlight": {}, "matched_queries": [], "inner_hits": {}, "_explanation": {},
                "fields": {"b": [1]}, "_source": {"a": 1},
            }]},
        });
        assert_eq!(events(&answer), [json!({"a": 1})]);
        assert_eq!(
            events(&json!({"preview": false, "lastrow": true})),
            [] as [Json; 0]
        );
        assert_eq!(events(&json!({"hits": {"hits": []}})), [] as [Json; 0]);
        assert_eq!(events(&json!({"index": {"_index": "i"}})), [] as [Json; 0]);
        let fields = json!({"hits": {"hits": [{"_index": "i", "fields": {"a": [1]}}]}});
        assert_eq!(events(&fields), [json!({"a": [1]})]);
        let hec = json!({"time": 1, "host": "h", "sourcetype": "s", "event": {"a": 1}});
        assert_eq!(events(&hec), [json!({"a": 1})]);
        let record =
            json!({"Event": {"System": {"EventID": 1}, "EventData": {"Threat Name": "x"}}});
        assert_eq!(
            events(&json!({"_index": "i", "_source": record})),
            [json!({"EventID": 1, "ThreatName": "x"})]
        );
    }

    #[test]
    fn events_that_only_look_like_envelopes_stay() {
        for event in [
            json!({"event": {"code": 1}, "host": {"name": "h"}}),
            json!({"result": {"code": 1}, "action": "login"}),
            json!({"result": "ok"}),
            json!({"results": [{"a": 1}], "eventName": "Scan"}),
            json!({"value": "x"}),
            json!({"records": ["a", "b"]}),
            json!({"hits": 5}),
            json!({"index": {"name": "i"}}),
            json!({"fields": {"a": 1}}),
            json!({"matches": true, "event": {"a": 1}}),
            json!({"columns": [], "name": "x"}),
            json!({"a": 3, "hits": {"hits": []}}),
            json!({"hits": {"hits": [], "a": 3}}),
            json!({"hits": {"hits": [1]}}),
            json!({"a": 3, "columns": [{"name": "q"}], "rows": []}),
            json!({"a": 3, "tables": [{"columns": [{"name": "q"}], "rows": []}]}),
            json!({"_source": {"a": 1}, "_id": "x", "a": 3}),
            json!({"_index": "i", "fields": {"a": 1}, "a": 3}),
        ] {
            assert_eq!(events(&event), [event]);
        }
    }

    #[test]
    fn a_witness_carries_its_answer() {
        let witness =
            json!({"matches": false, "about": "a: missing", "event": {"b": 1}, "rule": "r"});
        let mut events = Vec::new();
        assert!(open(witness, &mut events));
        let expected = Expected {
            rule: Some("r".to_owned()),
            matches: false,
            about: "a: missing".to_owned(),
            sequence: None,
        };
        assert_eq!(events[0].event, json!({"b": 1}));
        assert_eq!(events[0].expected, Some(expected));
        assert!(!open(json!([1]), &mut events));
    }
}
