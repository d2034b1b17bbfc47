//! The log sources of one event after another.
//!
//! In: events. Out: the number of an event's log sources, the same for the same ones. What the fields
//! that the table asks for hold is looked up first: events of one log differ in few of these.

use super::{EventSources, RoutingTable};
use crate::eval::event::{Event, Kind};
use std::collections::HashMap;

/// So many combinations of values are kept. Some fields (a program's name) may have any value.
const MOST_KNOWN: usize = 4096;

/// Longer values of the fields, put together, are not kept.
const LONGEST: usize = 1024;

/// Finds the log sources of events. Each thread has its own.
#[derive(Debug)]
pub struct Router<'t> {
    table: &'t RoutingTable,
    /// The numbers of log sources, by what the fields hold.
    known: HashMap<Box<str>, usize>,
    /// What the fields of an event hold.
    held: String,
    numbers: HashMap<EventSources, usize>,
    /// By number.
    found: Vec<EventSources>,
}

impl<'t> Router<'t> {
    /// Finds log sources by a table.
    #[must_use]
    pub fn new(table: &'t RoutingTable) -> Self {
        Self {
            table,
            known: HashMap::new(),
            held: String::new(),
            numbers: HashMap::new(),
            found: Vec::new(),
        }
    }

    /// The number of the log sources of an event: from 0, in the order in which they come.
    pub fn number(&mut self, event: &Event) -> usize {
        self.hold(event);
        if let Some(number) = self.known.get(self.held.as_str()) {
            return *number;
        }
        let sources = self.table.of(event);
        let number = *self.numbers.entry(sources).or_insert_with_key(|sources| {
            self.found.push(sources.clone());
            self.found.len() - 1
        });
        if self.held.len() <= LONGEST {
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            self.known.insert(self.held.as_str().into(), number);
        }
        number
    }

    /// How many numbers there are.
    pub(super) const fn len(&self) -> usize {
        self.found.len()
    }

    /// The log sources of that number.
    #[must_use]
    pub fn sources(&self, number: usize) -> &EventSources {
        &self.found[number]
    }

    /// Puts together all that the table looks at in an event.
    fn hold(&mut self, event: &Event) {
        self.held.clear();
        let held = &mut self.held;
        for (number, field) in ('\u{100}'..).zip(&self.table.fields) {
            let mut is_first = true;
            let is_there = event.visit(field, &mut |scalar| {
                if std::mem::take(&mut is_first) {
                    held.push(number);
                }
                // A length before each value: no two values read as another two.
                let kind = match scalar.kind {
                    Kind::Null => 'n',
                    Kind::Number => '1',
                    Kind::Text | Kind::Bool(_) => 't',
                };
                held.push(kind);
                let length = u32::try_from(scalar.text.len()).unwrap_or(u32::MAX);
                held.push(char::from_u32(length.min(0xD000)).unwrap_or(' '));
                held.push_str(&scalar.text);
            });
            if is_there && is_first {
                held.push(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    #[test]
    fn a_router_finds_what_the_table_says() {
        let table = RoutingTable::built_in();
        let mut router = Router::new(&table);
        let kinds = |text: &str| {
            [
                json!(text),
                json!([text, "1"]),
                json!({"x": text}),
                Json::Null,
            ]
        };
        let mut events = vec![json!({}), json!("text"), json!([{"Channel": "Security"}])];
        for field in [
            "Channel",
            "winlog.channel",
            "EventID",
            "type",
            "_path",
            "eventSource",
        ] {
            for value in ["Security", "security", "1", "4688", "SYSCALL", "http"] {
                for value in kinds(value) {
                    events.push(json!({field: value.clone()}));
                    events.push(
                        json!({field: value, "EventID": 4688.0, "awsRegion": 1, "eventName": []}),
                    );
                }
            }
        }
        events.push(json!({"Channel": "x".repeat(2 * LONGEST)}));
        // Twice: the second time they are known.
        for event in events.iter().chain(&events) {
            let prepared = Event::new(event);
            let number = router.number(&prepared);
            assert_eq!(router.sources(number), &table.of(&prepared), "{event}");
        }
        assert!(router.found.len() > 5);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let table = RoutingTable::built_in();
        let mut router = Router::new(&table);
        for number in 0..2 * MOST_KNOWN + 10 {
            router.number(&Event::new(&json!({"appname": number.to_string()})));
            assert!(router.known.len() <= MOST_KNOWN);
        }
        assert_eq!(router.found.len(), 1);
    }
}
