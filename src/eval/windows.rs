//! Windows events as rules name their fields.
//!
//! In: an event log's record as JSON, as the usual dump of EVTX files has it: `{"Event": {"System":
//! {…}, "EventData": {…}}}`. Out: a flat object of `EventID`, `Channel`, `Image`, … (specification:
//! *Field Usage*): what is in `EventData`, in `UserData` and in `System` by its own name, an
//! element's attributes as `Provider_Name`. Names lose their blanks (`Threat Name` is `ThreatName`):
//! "use them as they appear in the log source and strip all spaces" (*Field Usage*, 2).

use serde_json::{Map, Value as Json};

const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";

/// The record as a flat object; `None` where the JSON is another value.
#[must_use]
pub fn flatten(json: &Json) -> Option<Json> {
    is_record(json).then(|| into_flat(json.clone()))
}

/// The same without a copy; another value stays as it is.
#[must_use]
pub fn into_flat(mut json: Json) -> Json {
    if !is_record(&json) {
        return json;
    }
    let Some(Json::Object(mut event)) = json.get_mut("Event").map(Json::take) else {
        return json;
    };
    let mut flat = Map::new();
    // The event's own data wins over the header where names meet.
    if let Some(Json::Object(data)) = event.remove("EventData") {
        elements(data, &mut flat);
    }
    if let Some(Json::Object(data)) = event.remove("UserData") {
        for (name, value) in data {
            match value {
                Json::Object(inner) => elements(inner, &mut flat),
                other => put(name, other, &mut flat),
            }
        }
    }
    if let Some(Json::Object(system)) = event.remove("System") {
        elements(system, &mut flat);
    }
    Json::Object(flat)
}

fn is_record(json: &Json) -> bool {
    let event = json.get("Event").and_then(Json::as_object);
    event.is_some_and(|event| event.get("System").is_some_and(Json::is_object))
}

/// Puts the elements of a section into the event.
fn elements(section: Map<String, Json>, flat: &mut Map<String, Json>) {
    for (name, value) in section {
        if name == ATTRIBUTES {
            continue;
        }
        let Json::Object(mut element) = value else {
            put(name, value, flat);
            continue;
        };
        // Where attributes cannot stay beside the text: `Execution_attributes` of some dumps.
        if let Some(of) = name.strip_suffix("_attributes") {
            named(of, element, flat);
            continue;
        }
        let has_more = element.keys().any(|key| key != ATTRIBUTES && key != TEXT);
        if let Some(attributes) = element.get_mut(ATTRIBUTES).filter(|of| of.is_object()) {
            // An element that is kept whole keeps its attributes.
            let attributes = if has_more {
                attributes.clone()
            } else {
                attributes.take()
            };
            if let Json::Object(attributes) = attributes {
                named(&name, attributes, flat);
            }
        }
        if let Some(text) = element.remove(TEXT) {
            put(name, text, flat);
        } else if has_more {
            put(name, Json::Object(element), flat);
        }
    }
}

/// `<Provider Name="…">` is `Provider_Name`.
fn named(element: &str, attributes: Map<String, Json>, flat: &mut Map<String, Json>) {
    for (name, value) in attributes {
        put(format!("{element}_{name}"), value, flat);
    }
}

fn put(name: String, value: Json, flat: &mut Map<String, Json>) {
    let has_blank = name.contains(char::is_whitespace);
    let name = if has_blank { stripped(&name) } else { name };
    flat.entry(name).or_insert(value);
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
            put(name, value, object);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
