//! Windows events as XML: Event Viewer's exports, `wevtutil qe /f:xml`, Sysmon for Linux.
//!
//! In: `<Event><System><EventID>1</EventID></System><EventData><Data Name="Image">a</Data>…`, alone,
//! in `<Events>`, or one after another. Out: the same flat event as of the log itself, by
//! [`flatten`](crate::eval::windows::flatten). Of what Windows rendered, only the message is read.

#[cfg(not(feature = "events"))]
use super::chunk::Sink;
#[cfg(feature = "events")]
pub(super) use with_crates::{decode, event};

/// Where an element is text.
const TEXTS: [(&[u8], &[u8]); 2] = [(b"<![CDATA[", b"]]>"), (b"<!--", b"-->")];

/// The CDATA section or comment in which the bytes end: its place, and what would close it.
pub(super) fn open_text(bytes: &[u8]) -> Option<(usize, &'static [u8])> {
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"<!") {
        at += found;
        let known = TEXTS.iter().find(|(open, _)| bytes[at..].starts_with(open));
        let Some((open, close)) = known else {
            at += 2;
            continue;
        };
        let inside = at + open.len();
        match memchr::memmem::find(&bytes[inside..], close) {
            Some(length) => at = inside + length + close.len(),
            None => return Some((at, close)),
        }
    }
    None
}

#[cfg(feature = "events")]
mod with_crates {
    use super::super::chunk::{EventBody, Sink, character};
    use super::open_text;
    use crate::diagnostic::{Code, Diagnostic};
    use crate::eval::windows;
    use crate::source::Span;
    use quick_xml::escape::resolve_predefined_entity;
    use quick_xml::events::{BytesStart, Event as Part};
    use quick_xml::{Reader, XmlVersion};
    use serde_json::{Map, Value as Json};

    /// Elements are in one another: those of an event no deeper than this.
    const MOST_LEVELS: usize = 64;

    /// What can't be read: the byte, and why.
    type Fault = (usize, String);

    /// Reads the events of a text.
    pub fn decode(text: &str, sink: &mut Sink<'_>) {
        let mut at = 0;
        while let Some(start) = next_event(text, at) {
            let next = event_after(text, start).unwrap_or(text.len());
            let inside = &text[start..next];
            match read(inside) {
                Ok(event) => sink.event(start, EventBody::Value(event)),
                Err((offset, why)) => sink.fail(|| {
                    let last = inside.len().saturating_sub(1);
                    let place = character(text, start + offset.min(last));
                    Diagnostic::error(Code::Events, "invalid XML of a Windows event")
                        .label(place, why)
                        .label(Span::new(start, start + 6), "the event begins here")
                }),
            }
            at = next;
        }
        let rest = text[..next_event(text, 0).unwrap_or(text.len())].trim();
        let is_frame = |word: &&str| rest.starts_with(*word);
        if at == 0 && !rest.is_empty() && !["<?xml", "</", "<Events", "<!--"].iter().any(is_frame) {
            sink.fail(|| {
                let message = "expected `<Event>`, found other text";
                Diagnostic::error(Code::Events, message).at(character(text, 0))
            });
        }
    }

    /// The next `<Event>` or `<Event xmlns=…>` from a byte on.
    fn next_event(text: &str, from: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut found = memchr::memmem::find_iter(&bytes[from..], b"<Event");
        found
            .find(|at| {
                let after = bytes.get(from + at + 6);
                matches!(after, Some(b'>' | b' ' | b'\t' | b'\r' | b'\n') | None)
            })
            .map(|at| from + at)
    }

    /// The event after one that begins at the byte: `<Event>` in a CDATA section or in a comment of it
    /// is text. What nothing closes is none of them.
    fn event_after(text: &str, start: usize) -> Option<usize> {
        let first = next_event(text, start + 1)?;
        let mut next = Some(first);
        while let Some(at) = next {
            let Some((open, close)) = open_text(&text.as_bytes()[start..at]) else {
                return next;
            };
            let inside = start + open;
            let Some(length) = memchr::memmem::find(&text.as_bytes()[inside..], close) else {
                return Some(first);
            };
            next = next_event(text, inside + length);
        }
        None
    }

    /// The event that a text begins with.
    pub fn event(text: &str) -> Option<Json> {
        read(text).ok()
    }

    fn read(text: &str) -> Result<Json, Fault> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = Vec::new();
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let part = reader.read_event().map_err(|error| {
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                (at, error.to_string())
            })?;
            match part {
                Part::Start(_) if open.len() == MOST_LEVELS => {
                    return Err((at, format!("expected {MOST_LEVELS} levels at most")));
                }
                Part::Start(start) => open.push(Element::new(&start).map_err(|why| (at, why))?),
                Part::Empty(start) => {
                    let element = Element::new(&start).map_err(|why| (at, why))?;
                    match open.last_mut() {
                        Some(outer) => outer.add(element),
                        None => return finish(element).ok_or((at, NO_SYSTEM.to_owned())),
                    }
                }
                Part::End(_) => match open.pop() {
                    Some(element) => match open.last_mut() {
                        Some(outer) => outer.add(element),
                        None => return finish(element).ok_or((at, NO_SYSTEM.to_owned())),
                    },
                    None => return Err((at, "expected an element that is open".to_owned())),
                },
                Part::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Part::CData(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Part::GeneralRef(reference) => {
                    let Some(element) = open.last_mut() else {
                        continue;
                    };
                    let character = reference.resolve_char_ref();
                    match character.map_err(|error| (at, error.to_string()))? {
                        Some(c) => element.text.push(c),
                        None => match resolve_predefined_entity(&reference) {
                            Some(text) => element.text.push_str(text),
                            // An entity of a document type, which is never read.
                            None => return Err((at, "expected a predefined entity".to_owned())),
                        },
                    }
                }
                Part::Eof => {
                    return Err((text.len(), "expected `</Event>`, found the end".to_owned()));
                }
                Part::Decl(_) | Part::PI(_) | Part::Comment(_) | Part::DocType(_) => {}
            }
        }
    }

    const NO_SYSTEM: &str = "expected `<System>` in the event";

    /// An element as its JSON dump has it.
    #[derive(Debug, Default)]
    struct Element {
        name: String,
        attributes: Map<String, Json>,
        children: Map<String, Json>,
        /// `<Data>` without a name, in order.
        unnamed: Vec<Json>,
        text: String,
    }

    impl Element {
        fn new(start: &BytesStart<'_>) -> Result<Self, String> {
            let mut element = Self {
                name: start.local_name().into_inner().to_owned(),
                ..Self::default()
            };
            for attribute in start.attributes() {
                let attribute = attribute.map_err(|error| error.to_string())?;
                let value = attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map_err(|error| error.to_string())?;
                let name = attribute.key.local_name().into_inner().to_owned();
                element.attributes.insert(name, Json::from(&*value));
            }
            Ok(element)
        }

        fn add(&mut self, mut element: Self) {
            if self.name == "EventData" && element.name == "Data" {
                let name = element.attributes.remove("Name");
                let value = Json::from(std::mem::take(&mut element.text));
                match name {
                    Some(Json::String(name)) => put(&mut self.children, name, value),
                    _ => self.unnamed.push(value),
                }
                return;
            }
            let name = std::mem::take(&mut element.name);
            let value = element.into_json(self.name == "System");
            put(&mut self.children, name, value);
        }

        fn into_json(mut self, is_system: bool) -> Json {
            match self.unnamed.len() {
                0 => {}
                1 => put(
                    &mut self.children,
                    "Data".to_owned(),
                    self.unnamed.remove(0),
                ),
                _ => put(
                    &mut self.children,
                    "Data".to_owned(),
                    Json::Array(self.unnamed),
                ),
            }
            let text = if self.children.is_empty() && !self.text.trim().is_empty() {
                let number = self.text.trim().parse::<u64>().ok().filter(|_| is_system);
                Some(number.map_or_else(|| Json::from(self.text.trim()), Json::from))
            } else {
                None
            };
            if self.attributes.is_empty() {
                return match text {
                    Some(text) => text,
                    None if self.children.is_empty() => Json::from(""),
                    None => Json::Object(self.children),
                };
            }
            let mut object = Map::new();
            let attributes = self.attributes.into_iter().map(|(name, value)| {
                let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
                let value = number.filter(|_| is_system).map_or(value, Json::from);
                (name, value)
            });
            object.insert("#attributes".to_owned(), Json::Object(attributes.collect()));
            if let Some(text) = text {
                object.insert("#text".to_owned(), text);
            }
            object.extend(self.children);
            Json::Object(object)
        }
    }

    /// A name that is there again becomes a list.
    fn put(object: &mut Map<String, Json>, name: String, value: Json) {
        match object.get_mut(&name) {
            None => {
                object.insert(name, value);
            }
            Some(Json::Array(values)) => values.push(value),
            Some(first) => {
                let values = vec![first.take(), value];
                *first = Json::Array(values);
            }
        }
    }

    fn finish(mut event: Element) -> Option<Json> {
        let message = event.children.remove("RenderingInfo");
        let dump = Json::Object(Map::from_iter([(
            "Event".to_owned(),
            Json::Object(event.children),
        )]));
        let mut flat = windows::flatten(&dump)?;
        if let (Some(object), Some(Json::Object(mut info))) = (flat.as_object_mut(), message)
            && let Some(message) = info.remove("Message")
        {
            object.entry("Message").or_insert(message);
        }
        Some(flat)
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use serde_json::json;

        const EVENT: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\
            <System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5}'/><EventID>1</EventID>\
            <TimeCreated SystemTime='2026-01-01T00:00:00Z'/><Execution ProcessID='7' ThreadID='8'/>\
            <Channel>Microsoft-Windows-Sysmon/Operational</Channel><Security/></System>\
            <EventData><Data Name='CommandLine'>a &amp;&#x20;&quot;b&quot;\n c</Data>\
            <Data Name='Empty'/><Data>x</Data><Data>y</Data></EventData>\
            <RenderingInfo Culture='en-US'><Message>Process</Message><Level>Information</Level>\
            </RenderingInfo></Event>";

        fn events(text: &str) -> (Vec<Json>, Vec<Diagnostic>) {
            let mut events = Vec::new();
            let mut take =
                |record: super::super::super::EventRecord<'_>| events.push(record.json());
            let mut sink = Sink::new(&mut take);
            decode(text, &mut sink);
            let errors = sink.report().diagnostics;
            (events, errors)
        }

        #[test]
        fn events_are_as_those_of_the_log() {
            let expected = json!({
                "CommandLine": "a & \"b\"\n c", "Empty": "", "Data": ["x", "y"],
                "Provider_Name": "Microsoft-Windows-Sysmon", "Provider_Guid": "{5}", "EventID": 1,
                "TimeCreated_SystemTime": "2026-01-01T00:00:00Z", "Execution_ProcessID": 7,
                "Execution_ThreadID": 8, "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Security": "", "Message": "Process",
            });
            for text in [
                EVENT.to_owned(),
                format!("<?xml version='1.0' encoding='utf-8'?>\n<Events>{EVENT}\n</Events>"),
            ] {
                assert_eq!(events(&text), (vec![expected.clone()], vec![]), "{text}");
            }
            assert_eq!(events(&format!("{EVENT}{EVENT}\n{EVENT}")).0.len(), 3);
        }

        #[test]
        fn what_looks_like_an_event_in_a_text_is_none() {
            let inside = "<Event a='b'><Event></Event>";
            for (text, data) in [
                (format!("<![CDATA[{inside}<!--]]>"), format!("{inside}<!--")),
                (format!("<!-- {inside} -->c"), "c".to_owned()),
                (
                    format!("<![CDATA[{inside}]]><!-- {inside} -->"),
                    inside.to_owned(),
                ),
            ] {
                let event = EVENT.replace(
                    "<Data Name='Empty'/>",
                    &format!("<Data Name='e'>{text}</Data>"),
                );
                let (found, errors) = events(&event.repeat(2));
                assert_eq!(errors, [], "{text}");
                assert_eq!(found.len(), 2, "{text}");
                assert_eq!(found[1]["e"], json!(data), "{text}");
            }
        }

        #[test]
        fn a_broken_event_stops_no_other() {
            let cut = &EVENT[..EVENT.len() / 2];
            let (found, errors) = events(&format!("{EVENT}{cut}{EVENT}{cut}"));
            assert_eq!((found.len(), errors.len()), (2, 2), "{errors:?}");
            let (found, errors) = events("<Event><a></b></Event><Event><x>&bomb;</x></Event>");
            assert_eq!((found.len(), errors.len()), (0, 2), "{errors:?}");
            let deep = format!("<Event>{}", "<a>".repeat(100_000));
            assert_eq!(events(&deep).1.len(), 1);
            assert_eq!(events("<Even").1.len(), 1);
            let open = EVENT.replace("<Data Name='Empty'/>", "<Data><![CDATA[x</Data>");
            let (found, errors) = events(&format!("{EVENT}{open}{EVENT}"));
            assert_eq!((found.len(), errors.len()), (2, 1), "{errors:?}");
        }
    }
}

/// This build has no reader of XML.
#[cfg(not(feature = "events"))]
pub(super) fn event(_: &str) -> Option<serde_json::Value> {
    None
}

/// This build has no reader of XML.
#[cfg(not(feature = "events"))]
pub(super) fn decode(_: &str, sink: &mut Sink<'_>) {
    sink.lacks("XML");
}
