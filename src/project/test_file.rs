//! A file of tests: `rules/proc_a.test.yml`.
//!
//! In: YAML, `tests: [{name: …, event: {…}, expect: match}]`. Out: [`WrittenTest`]s. What the reader
//! takes and the JSON Schema for editors (`docs/test.schema.json`) are made from one list of keys.

use serde::Deserialize;
use serde_json::Value as Json;

#[cfg(feature = "unstable")]
use crate::table::check::{Checker, Scope};
#[cfg(feature = "unstable")]
use crate::table::shape::{Key, Own, Shape, Table, keys};
#[cfg(feature = "unstable")]
use crate::table::tree::Entry;

/// The keys of a test, one a line: `name: TYPE, SHAPE, "about";`, with `or "default as TOML"` after the
/// name.
macro_rules! test_keys {
    ($($name:ident $($word:ident $default:literal)?: $type:ty, $shape:expr, $about:literal;)*) => {
        /// A test.
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct WrittenTest {
            $(
                #[doc = concat!($about, ".")]
                #[serde(default)]
                pub $name: $type,
            )*
        }

        #[cfg(feature = "unstable")]
        static TEST: Table = Table::new(
            "test",
            &[$(Key::new(stringify!($name), $shape, $about)$(.$word($default))?),*],
        );
    };
}

test_keys! {
    name: String, Shape::Text, "what the test is there for; messages name it";
    event: Option<Json>, Shape::Own(&Event), "the event, with the names of fields that the rule has";
    events: Option<Vec<Json>>, Shape::List(&Shape::Own(&Event)), "a sequence of events, for a correlation, in place of `event`";
    expect or "\"match\"": Answer, Shape::Words(Answer::WORDS), "what the rule has to say";
    rule: Option<String>, Shape::Text, "the id, the title or the name of the rule, where the file has several";
}

/// A file of tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// The tests, in order.
    pub tests: Vec<WrittenTest>,
}

/// The same as a definition, for the schema.
#[cfg(feature = "unstable")]
pub static FILE: Table = Table::new(
    "tests",
    keys! {
        "tests" required: Shape::List(&Shape::Table(&TEST)), "the tests of the rules of the file beside it";
    },
);

/// What a rule has to say of an event.
#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It matches; a correlation fires.
    #[default]
    Match,
    /// It does not.
    NoMatch,
}

impl Answer {
    /// Its words.
    #[cfg(feature = "unstable")]
    const WORDS: &'static [&'static str] = &["match", "no_match"];
}

/// An event: a map of any keys, which the reader of events looks into.
#[cfg(feature = "unstable")]
#[derive(Debug)]
struct Event;

#[cfg(feature = "unstable")]
impl Own for Event {
    fn check(&self, _: &Checker<'_>, _: &Scope<'_>, _: &str, _: &Entry) {}

    fn title(&self) -> String {
        "an event".to_owned()
    }

    fn schema(&self) -> Json {
        serde_json::json!({ "type": "object" })
    }
}

#[cfg(all(test, feature = "unstable"))]
mod tests {
    use super::*;

    #[test]
    fn the_reader_takes_what_the_schema_says() {
        for key in TEST.all_keys() {
            let values = match key.shape {
                Shape::Text => vec!["text"],
                Shape::Own(_) => vec!["{a: 1}"],
                Shape::List(_) => vec!["[{a: 1}]"],
                Shape::Words(words) => words.to_vec(),
                other => panic!("{other:?}"),
            };
            for value in values {
                let text = format!("tests: [{{{}: {value}}}]", key.name);
                let read: Result<TestFile, _> = serde_yaml::from_str(&text);
                assert!(read.is_ok(), "{text}");
            }
            let text = format!("tests: [{{{}x: 1}}]", key.name);
            let read: Result<TestFile, _> = serde_yaml::from_str(&text);
            assert!(read.is_err(), "{text}");
        }
        let other: Result<TestFile, _> = serde_yaml::from_str("tests: [{expect: maybe}]");
        assert!(other.is_err());
    }
}
