//! Windows events as rules name their fields.
//!
//! In: an event log's record as JSON, as the usual dump of EVTX files has it: `{"Event": {"System":
//! {…}, "EventData": {…}}}`. Out: a flat object of `EventID`, `Channel`, `Image`, … (specification:
//! *Field Usage*): what is in `EventData`, in `UserData` and in `System` by its own name, an
//! element's attributes as `Provider_Name`. Names lose their blanks (`Threat Name` is `ThreatName`):
//! "use them as they appear in the log source and strip all spaces" (*Field Usage*, 2).

use super::TIME_FIELDS;
use serde_json::{Map, Value as Json};

const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";

/// The section that every event has.
pub(super) const HEADER: &str = "System";

/// The sections of an event that count, the first most.
pub(super) const SECTIONS: [&str; 3] = ["EventData", "UserData", HEADER];

/// The names and values of an object, in their order.
type Pairs<V> = Vec<(<V as Value>::Key, V)>;

/// A value of JSON, as a tree of some kind.
pub(super) trait Value: Sized {
    /// A name.
    type Key: AsRef<str> + From<String>;

    /// The object of these pairs, whose keys are distinct.
    fn of_pairs(pairs: Pairs<Self>) -> Self;

    /// The pairs of an object, or the value that is none.
    fn into_pairs(self) -> Result<Pairs<Self>, Self>;
}

impl Value for Json {
    type Key = String;

    fn of_pairs(pairs: Pairs<Self>) -> Self {
        Self::Object(pairs.into_iter().collect())
    }

    fn into_pairs(self) -> Result<Pairs<Self>, Self> {
        match self {
            Self::Object(map) => Ok(map.into_iter().collect()),
            other => Err(other),
        }
    }
}

/// The record as a flat object; `None` where the JSON is another value.
#[must_use]
pub fn flatten(json: &Json) -> Option<Json> {
    is_record(json).then(|| into_flat(json.clone()))
}

/// The same without a copy; another value stays as it is. What is beside the record, such as the
/// `host` of a shipper, stays a field where the record has none of that name.
#[must_use]
pub fn into_flat(mut json: Json) -> Json {
    if !is_record(&json) {
        return json;
    }
    let mut flat = Vec::new();
    // The event's own data wins over the header where names meet.
    for section in SECTIONS {
        let value = json
            .get_mut("Event")
            .and_then(|event| event.get_mut(section));
        let elements = value.and_then(|of| of.take().into_pairs().ok());
        for (name, value) in elements.into_iter().flatten() {
            element(section, name, value, &mut flat);
        }
    }
    let mut fields = Map::with_capacity(flat.len());
    for (name, value) in flat {
        fields.entry(name).or_insert(value);
    }
    // The record's time is the event's.
    let has_time = fields.contains_key("TimeCreated");
    for (name, value) in json.into_pairs().ok().into_iter().flatten() {
        if name != "Event" && !(has_time && TIME_FIELDS.contains(&&*name)) {
            fields.entry(name).or_insert(value);
        }
    }
    Json::Object(fields)
}

fn is_record(json: &Json) -> bool {
    let event = json.get("Event").and_then(Json::as_object);
    event.is_some_and(|event| event.get(HEADER).is_some_and(Json::is_object))
}

/// Puts the fields of an element of a section into the event.
pub(super) fn element<V: Value + Clone>(
    section: &str,
    name: V::Key,
    value: V,
    flat: &mut Pairs<V>,
) {
    if section != "UserData" {
        return fields(name, value, flat);
    }
    match value.into_pairs() {
        Ok(inner) => {
            for (name, value) in inner {
                fields(name, value, flat);
            }
        }
        Err(other) => put(name, other, flat),
    }
}

/// Puts the text and the attributes of an element into the event.
fn fields<V: Value + Clone>(name: V::Key, value: V, flat: &mut Pairs<V>) {
    if name.as_ref() == ATTRIBUTES {
        return;
    }
    let mut element = match value.into_pairs() {
        Ok(element) => element,
        Err(other) => return put(name, other, flat),
    };
    // Where attributes cannot stay beside the text: `Execution_attributes` of some dumps.
    if let Some(of) = name.as_ref().strip_suffix("_attributes") {
        return named(of, element, flat);
    }
    let has_more = element
        .iter()
        .any(|(key, _)| ![ATTRIBUTES, TEXT].contains(&key.as_ref()));
    let mut text = None;
    if has_more {
        // An element that is kept whole keeps its attributes.
        let attributes = element.iter().find(|(key, _)| key.as_ref() == ATTRIBUTES);
        if let Some(Ok(attributes)) = attributes.map(|(_, of)| of.clone().into_pairs()) {
            named(name.as_ref(), attributes, flat);
        }
        match element.iter().position(|(key, _)| key.as_ref() == TEXT) {
            Some(at) => text = Some(element.swap_remove(at).1),
            None => text = Some(V::of_pairs(element)),
        }
    } else {
        for (key, value) in element {
            if key.as_ref() == TEXT {
                text = Some(value);
            } else if let Ok(attributes) = value.into_pairs() {
                named(name.as_ref(), attributes, flat);
            }
        }
    }
    if let Some(text) = text {
        put(name, text, flat);
    }
}

/// `<Provider Name="…">` is `Provider_Name`.
fn named<V: Value>(element: &str, attributes: Pairs<V>, flat: &mut Pairs<V>) {
    for (name, value) in attributes {
        put([element, "_", name.as_ref()].concat().into(), value, flat);
    }
}

fn put<V: Value>(name: V::Key, value: V, flat: &mut Pairs<V>) {
    // Most names are ASCII without blanks, which their bytes show.
    let (words, rest) = name.as_ref().as_bytes().as_chunks();
    let is_plain = |byte: u8| byte > b' ' && byte.is_ascii();
    let are_plain = |word: &[u8; 8]| word.iter().fold(true, |all, byte| all & is_plain(*byte));
    if words.iter().all(are_plain) && rest.iter().all(|byte| is_plain(*byte)) {
        flat.push((name, value));
    } else {
        flat.push((stripped(name.as_ref()).into(), value));
    }
}

/// A name without blanks.
fn stripped(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Strips the blanks from the names of a Windows event that is flat already, or that Winlogbeat
/// wrote. Other events stay as they are.
pub(super) fn strip_blanks(event: &mut Json) {
    let Some(object) = event.as_object_mut() else {
        return;
    };
    if object.contains_key("EventID") {
        strip(object);
    }
    for section in ["event_data", "user_data"] {
        if let Some(Json::Object(data)) =
            object.get_mut("winlog").and_then(|of| of.get_mut(section))
        {
            strip(data);
        }
    }
}

fn strip(object: &mut Map<String, Json>) {
    let has_blank = |name: &String| name.contains(char::is_whitespace);
    let names: Vec<String> = object
        .keys()
        .filter(|name| has_blank(name))
        .cloned()
        .collect();
    for name in names {
        if let Some(value) = object.remove(&name) {
            object.entry(stripped(&name)).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Event;
    use serde_json::json;

    #[test]
    fn a_record_is_flat_and_its_data_wins() {
        let record = json!({"Event": {
            "#attributes": {"xmlns": "x"},
            "System": {
                "Provider": {"#attributes": {"Name": "Sysmon", "Guid": "g"}},
                "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 7},
                "Execution_attributes": {"ProcessID": 8},
                "Correlation": null,
                "Task": 1,
            },
            "EventData": {"Image": "a.exe", "Task": "mine", "Data": {"#text": ["x", "y"]}},
        }});
        assert_eq!(
            flatten(&record),
            Some(json!({
                "Image": "a.exe", "Task": "mine", "Data": ["x", "y"],
                "Provider_Name": "Sysmon", "Provider_Guid": "g",
                "EventID_Qualifiers": 0, "EventID": 7, "Execution_ProcessID": 8, "Correlation": null,
            }))
        );
    }

    #[test]
    fn what_is_beside_a_record_stays_a_field() {
        let record = json!({
            "host": {"name": "h"}, "a": 5, "EventID": 9,
            "Event": {"System": {"EventID": 1}, "EventData": {"a": 3}},
        });
        let flat = json!({"a": 3, "EventID": 1, "host": {"name": "h"}});
        assert_eq!(flatten(&record), Some(flat));
    }

    /// That of a shipper is when it was sent.
    #[test]
    fn the_time_is_the_records() {
        let record = json!({
            "@timestamp": "2026-06-01T00:00:00Z",
            "Event": {"System": {"TimeCreated": "2026-01-01T00:00:00Z"}, "EventData": {"a": 3}},
        });
        let flat = json!({"a": 3, "TimeCreated": "2026-01-01T00:00:00Z"});
        assert_eq!(flatten(&record), Some(flat));
    }

    #[test]
    fn names_lose_their_blanks() {
        let record = json!({"Event": {
            "System": {"EventID": 1116},
            "EventData": {"Threat Name": "a", "Detection User ": "b"},
        }});
        let flat = json!({"ThreatName": "a", "DetectionUser": "b", "EventID": 1116});
        assert_eq!(flatten(&record), Some(flat.clone()));
        let mut event = json!({"EventID": 1116, "Threat Name": "a", "Detection User": "b"});
        strip_blanks(&mut event);
        assert_eq!(event, flat);
        let mut event = json!({"winlog": {"event_data": {"Threat Name": "a"}}, "x y": 1});
        strip_blanks(&mut event);
        assert_eq!(
            event,
            json!({"winlog": {"event_data": {"ThreatName": "a"}}, "x y": 1})
        );
    }

    #[test]
    fn user_data_is_flat_too() {
        let record = json!({"Event": {
            "System": {"EventID": 5858},
            "UserData": {"Operation": {"#attributes": {"xmlns": "x"}, "User": "u"}},
        }});
        assert_eq!(
            flatten(&record),
            Some(json!({"User": "u", "EventID": 5858}))
        );
        assert_eq!(flatten(&json!({"Event": 1})), None);
    }

    #[test]
    fn of_a_name_that_is_there_twice_the_last_counts() {
        use crate::events::{EventReader, ReadOptions};

        let many: Vec<String> = (0..70).map(|n| format!(r#""a{n}": {n}"#)).collect();
        let many = many.join(", ");
        for (text, id) in [
            (
                r#"{"Event": {"System": {"EventID": 1, "a": 0, "EventID": 2}}}"#.to_owned(),
                "2",
            ),
            (
                r#"{"Event": {"System": {"EventID": 1}, "System": {"EventID": 2}}}"#.to_owned(),
                "2",
            ),
            (
                r#"{"Event": {"System": {}}, "Event": {"System": {"EventID": 2}}}"#.to_owned(),
                "2",
            ),
            (
                format!(r#"{{"Event": {{"System": {{{many}, "EventID": 1, "EventID": 2}}}}}}"#),
                "2",
            ),
        ] {
            let value = serde_json::from_str(&text).expect("JSON");
            let expected = format!("{:?}", Event::new(&into_flat(value)));
            let mut count = 0;
            for chunk in EventReader::new(text.as_bytes(), ReadOptions::default()) {
                let report = chunk.expect("readable").decode_events(&mut |event, _| {
                    assert_eq!(format!("{event:?}"), expected, "{text}");
                    assert_eq!(event.value("EventID").as_deref(), Some(id), "{text}");
                    count += 1;
                });
                assert!(report.is_empty(), "{report:?}");
            }
            assert_eq!(count, 1, "{text}");
        }
    }
}
