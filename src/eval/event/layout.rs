//! Events by the layout of events before: a log writes most of its events alike.
//!
//! In: `{"EventID":1,"Image":"a.exe"}`, and after it `{"EventID":3,"Image":"b.exe"}`. Out: of the first
//! a layout, `{"EventID":` a value `,"Image":` a value `}`; of the second its two values, without a look
//! at its names. Layouts are a tree, as most begin alike. An event of another layout is
//! [scanned](Event::scan), and its layout learned.

use super::Event;
use super::node::{FEW, Node, Pairs};
use super::scan::{MOST_LEVELS, Scanner};
use std::borrow::Cow;
use std::ops::Range;

/// The steps of all layouts together.
const MOST_STEPS: usize = 4096;

/// The key of a Windows event, which has no other beside it.
const EVENT: &str = "Event";

/// Levels of a Windows event, and of lists in it.
const FEW_LEVELS: usize = MOST_LEVELS / 4;

/// So many more events may have a new layout than a known one.
const MOST_NEW: usize = 256;

/// The layouts that were learned.
#[derive(Default)]
pub(in crate::eval) struct Layouts {
    steps: Vec<Step>,
    first: Vec<usize>,
    /// The fields of the longest one.
    most_fields: usize,
    /// How many events had a layout that was known, and how many had not.
    known: usize,
    new: usize,
}

/// A piece of a layout.
struct Step {
    /// What is written before the value, or at the end.
    before: Box<str>,
    what: What,
    /// The steps after it, in the order of what is written before them.
    next: Vec<usize>,
}

/// What a step reads.
#[derive(PartialEq)]
enum What {
    /// The value of a field.
    Field(Box<str>),
    /// The value of a Windows event's field: as an object it would be several.
    Single(Box<str>),
    /// Such a value that is no field.
    Nameless,
    /// Nothing: the event is at its end. So many fields that are written first, a Windows event's
    /// header, are its last.
    End { header: usize, keys: u64 },
}

impl Layouts {
    /// Hands the event at the start of the text to `take`, as [`Event::scan`] reads it. How long its text
    /// is; `None` where it takes more to read.
    pub fn event(
        &mut self,
        text: &str,
        is_marked: impl Fn(&str) -> bool,
        take: impl FnOnce(Event<'_>),
    ) -> Option<usize> {
        // It does not pay where most events differ.
        let pays = self.new < self.known + MOST_NEW;
        if pays && let Some((event, length)) = self.read(text) {
            take(event);
            self.known += 1;
            return Some(length);
        }
        let (event, length) = Event::scan(text, is_marked)?;
        take(event);
        if pays {
            self.new += 1;
            self.learn(&text[..length]);
        }
        Some(length)
    }

    /// An event whose layout is known.
    fn read<'t>(&'t self, text: &'t str) -> Option<(Event<'t>, usize)> {
        let mut scanner = Scanner { text, at: 0 };
        let mut pairs = Pairs::with_capacity(self.most_fields);
        let mut next = &self.first;
        loop {
            let rest = &text.as_bytes()[scanner.at..];
            let earlier = self.place(next, rest);
            let step = &self.steps[*next.get(earlier.checked_sub(1)?)?];
            if !step.is_next(rest) {
                return None;
            }
            scanner.at += step.before.len();
            match &step.what {
                What::Field(name) => {
                    pairs.push((Cow::Borrowed(name), scanner.value(MOST_LEVELS)?));
                }
                What::Single(name) => {
                    pairs.push((Cow::Borrowed(name), scanner.value(FEW_LEVELS)?));
                }
                What::Nameless => drop(scanner.value(FEW_LEVELS)?),
                What::End { header, keys } => {
                    pairs.rotate_left(*header);
                    let root = Node::Object(pairs);
                    return Some((Event { root, keys: *keys }, scanner.at));
                }
            }
            next = &step.next;
        }
    }

    /// Learns the layout of an event that was scanned, unless it is an odd one.
    fn learn(&mut self, text: &str) -> Option<()> {
        let (values, is_record) = values(text)?;
        // The event with its values numbered tells which of them a field has.
        let mut numbered = String::new();
        let mut end = 0;
        for (number, value) in values.iter().enumerate() {
            numbered.push_str(&text[end..value.start]);
            numbered.push_str(&number.to_string());
            end = value.end;
        }
        numbered.push_str(&text[end..]);
        let (event, _) = Event::scan(&numbered, |key| key == EVENT)?;
        let fields = event.pairs().filter(|fields| fields.len() <= FEW)?;
        let mut names = vec![None; values.len()];
        let mut numbers = Vec::new();
        for (name, node) in fields {
            let Node::Scalar(scalar) = node else {
                return None;
            };
            let number: usize = scalar.text.parse().ok()?;
            *names.get_mut(number)? = Some(name);
            numbers.push(number);
        }
        // They come as they are written, but for the header's, which is written first.
        let last = numbers.last().copied().unwrap_or_default();
        let before = numbers.iter().rposition(|number| *number > last);
        let header = before.map_or(0, |before| numbers.len() - 1 - before);
        numbers.rotate_right(header);
        if !numbers.is_sorted() {
            return None;
        }

        let mut at = None;
        let mut end = 0;
        for (value, name) in values.into_iter().zip(names) {
            let what = match name {
                Some(name) if is_record => What::Single((**name).into()),
                Some(name) => What::Field((**name).into()),
                None => What::Nameless,
            };
            at = Some(self.step(at, &text[end..value.start], what)?);
            end = value.end;
        }
        self.most_fields = self.most_fields.max(numbers.len());
        let keys = event.keys;
        let what = What::End { header, keys };
        self.step(at, &text[end..], what).map(drop)
    }

    /// The step after another, which is made if it is new.
    fn step(&mut self, after: Option<usize>, before: &str, what: What) -> Option<usize> {
        let next = after.map_or(&self.first, |at| &self.steps[at].next);
        let place = self.place(next, before.as_bytes());
        if let Some(known) = place.checked_sub(1).map(|last| next[last])
            && *self.steps[known].before == *before
        {
            // A name that is there twice makes a value nameless.
            return (self.steps[known].what == what).then_some(known);
        }
        let new = self.steps.len();
        if new == MOST_STEPS {
            return None;
        }
        self.steps.push(Step {
            before: before.into(),
            what,
            next: Vec::new(),
        });
        let next = match after {
            Some(at) => &mut self.steps[at].next,
            None => &mut self.first,
        };
        next.insert(place, new);
        Some(new)
    }

    /// How many of the steps come before a text.
    fn place(&self, steps: &[usize], text: &[u8]) -> usize {
        steps.partition_point(|at| self.steps[*at].before.as_bytes() <= text)
    }
}

impl Step {
    /// Does a text go on with it?
    fn is_next(&self, text: &[u8]) -> bool {
        let Some(rest) = text.strip_prefix(self.before.as_bytes()) else {
            return false;
        };
        match (&self.what, rest.first()) {
            (What::End { .. }, _) => true,
            (What::Field(_), first) => !matches!(first, Some(b' ' | b'\t' | b'\n' | b'\r')),
            (_, first) => !matches!(first, Some(b'{' | b' ' | b'\t' | b'\n' | b'\r')),
        }
    }
}

/// Where an object's values are, of a Windows event those within objects; and whether it is one.
fn values(text: &str) -> Option<(Vec<Range<usize>>, bool)> {
    let mut values = Vec::new();
    let mut is_record = false;
    let mut scanner = Scanner { text, at: 0 };
    scanner.members(|scanner, key| {
        is_record |= key == EVENT && values.is_empty();
        let levels = if is_record { FEW_LEVELS } else { 0 };
        scanner.leaves(levels, &mut values)
    })?;
    Some((values, is_record))
}

impl Scanner<'_> {
    /// A value, or those in an object of so many levels.
    fn leaves(&mut self, levels: usize, values: &mut Vec<Range<usize>>) -> Option<()> {
        if self.peek()? == b'{' && levels > 0 {
            return self.members(|scanner, _| scanner.leaves(levels - 1, values));
        }
        let start = self.at;
        self.value(MOST_LEVELS)?;
        values.push(start..self.at);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::deserialize::tests::values;
    use super::*;
    use crate::eval::windows;
    use proptest::prelude::*;
    use serde_json::Value as Json;

    /// Reads events one after another. How many had a layout that was known; each is the event that its
    /// value gives.
    fn known(texts: &[&str]) -> usize {
        let mut layouts = Layouts::default();
        for text in texts {
            let mut found = None;
            let length = layouts.event(
                text,
                |key| key == EVENT,
                |event| found = Some(format!("{event:?}")),
            );
            let Some(length) = length else {
                assert_eq!(found, None);
                continue;
            };
            let json: Json = serde_json::from_str(&text[..length]).expect("JSON");
            let expected = Event::new(&windows::into_flat(json));
            assert_eq!(found, Some(format!("{expected:?}")), "{text}");
        }
        layouts.known
    }

    #[test]
    fn events_alike_are_read_by_their_layout() {
        for (first, second) in [
            (r#"{"a": 1, "b": "x"}"#, r#"{"a": "\"}", "b": null} rest"#),
            (r#"{"a":[],"b":{}}"#, r#"{"a":{"b":[{"c":1}]},"b":[1]}"#),
            ("{}", "{}"),
            (r#"{"a":1,"a":2}"#, r#"{"a":3,"a":4}"#),
            (r#"{"a\n" : 1}"#, r#"{"a\n" : 2}"#),
            (
                r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"a","Guid":"b"}},"EventID":{"#attributes":{"Qualifiers":0},"#text":1},"Correlation":null},"EventData":{"Threat Name":"c","Data":["d"]}}}"##,
                r##"{"Event":{"#attributes":{"xmlns":"y"},"System":{"Provider":{"#attributes":{"Name":"e","Guid":"f"}},"EventID":{"#attributes":{"Qualifiers":2},"#text":3},"Correlation":4},"EventData":{"Threat Name":"g","Data":"h"}}}"##,
            ),
            (
                r#"{"Event":{"System":{},"EventData":null,"RenderingInfo":{"a":1}}}"#,
                r#"{"Event":{"System":{},"EventData":1,"RenderingInfo":{"a":"b"}}}"#,
            ),
            (
                r##"{"Event":{"System":{"a":{"#text":1,"#attributes":{"b":2}}}}}"##,
                r##"{"Event":{"System":{"a":{"#text":3,"#attributes":{"b":4}}}}}"##,
            ),
        ] {
            assert_eq!(known(&[first, second]), 1, "{first}");
        }
    }

    #[test]
    fn events_that_differ_are_scanned() {
        for (first, second) in [
            (r#"{"a":1}"#, r#"{"a": 1}"#),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":1"#),
            (r#"{"a":1}"#, r#"{"a":01}"#),
            (
                r#"{"Event":{"System":{"a":1}}}"#,
                r#"{"Event":{"System":{"a":{"b":2}}}}"#,
            ),
            (
                r#"{"Event":{"System":{"a":1}}}"#,
                r#"{"Event":{"System":{"a": {"b":2}}}}"#,
            ),
            (
                r#"{"Event":{"System":{"a":{"b":1}}}}"#,
                r#"{"Event":{"System":{"a":{"b":2}}}}"#,
            ),
        ] {
            assert_eq!(known(&[first, second]), 0, "{first}");
        }
    }

    #[test]
    fn a_name_that_is_there_twice_does_not_mix_layouts() {
        for [once, twice] in [
            [r#"{"a":1,"b":2}"#, r#"{"a":1,"a":2}"#],
            [
                r##"{"Event":{"System":{"a":{"#text":1},"b":2}}}"##,
                r##"{"Event":{"System":{"a":{"#text":1,"#text":2}}}}"##,
            ],
        ] {
            assert_eq!(known(&[once, twice, once, twice]), 1, "{once}");
            assert_eq!(known(&[twice, once, twice, once]), 1, "{once}");
        }
    }

    #[test]
    fn layouts_may_begin_alike() {
        let texts: Vec<String> = (0..200)
            .map(|n| format!(r#"{{"a":{n},"b{}":{n},"c":"d"}}"#, n % 50))
            .collect();
        let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(known(&texts), 150);
        texts.extend([
            r#"{"a":1}"#,
            r#"{"a":2,"b1":3}"#,
            r#"{"a":4}"#,
            r#"{"a":5,"b1":6}"#,
        ]);
        assert_eq!(known(&texts), 152);
    }

    #[test]
    fn layouts_that_are_never_met_again_cost_little() {
        let texts: Vec<String> = (0..5000).map(|n| format!(r#"{{"a{n}":1}}"#)).collect();
        let mut layouts = Layouts::default();
        for text in &texts {
            assert!(
                layouts
                    .event(text, |_| false, |event| drop(event))
                    .is_some()
            );
        }
        assert_eq!((layouts.known, layouts.new), (0, MOST_NEW));
        assert_eq!(layouts.steps.len(), 2 * MOST_NEW);
    }

    /// Events whose values are to be put in.
    const SHAPES: [&str; 6] = [
        r#"{"a":%,"b":%,"c":%,"d":%,"e":%}"#,
        r#"{"a":%,"b":{"c":%,"d":%},"e":%,"a":%}"#,
        r##"{"Event":{"System":{"a":%,"b":{"#attributes":{"x":%,"y":%}}},"EventData":{"c":%,"d":%}}}"##,
        r##"{"Event":{"System":{"a":%,"b":{"#attributes":{"x":%},"#text":%}},"UserData":{"e":{"c":%,"d":%}}}}"##,
        r##"{"Event":{"#attributes":{"x":%},"System":{"a":%},"EventData":%,"More":{"a":%,"b":%}}}"##,
        r##"{"Event":{"System":{"a":{"b":%,"#text":%},"c":{"d":%,"d":%}},"EventData":{"a":%}}}"##,
    ];

    proptest! {
        #[test]
        fn any_events_are_read_as_they_are_alone(
            events in prop::collection::vec((0..SHAPES.len(), prop::collection::vec(values(), 5)), 1..12),
            place in any::<prop::sample::Index>(),
            byte in "[ -~]",
        ) {
            let text = |(shape, values): &(usize, Vec<Json>)| -> String {
                let values = values.iter().map(Json::to_string).chain([String::new()]);
                SHAPES[*shape].split('%').zip(values).map(|(piece, value)| piece.to_owned() + &value).collect()
            };
            let texts: Vec<String> = events.iter().map(text).collect();
            let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            texts.extend_from_within(..);
            known(&texts);
            // The last with another character somewhere.
            let mut other = (*texts.last().expect("a text")).to_owned();
            let at = place.index(other.len());
            if let Some(old) = other.get(at..=at) {
                other.replace_range(at..at + old.len(), &byte);
                texts.push(&other);
                known(&texts);
            }
        }
    }
}
