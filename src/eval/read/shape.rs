//! What a JSON value is, without building it.
//!
//! In: the text of a value. Out: an event as it is, or an object that may be an envelope. Most records
//! are the former, and are deserialized straight from their text. What passes is valid JSON of a
//! depth that serde takes, so that this can't fail.

use super::envelope::LISTS;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// What a value is, by the keys of its top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An object that is an event as it is.
    Event,
    /// An object with a key of an envelope, of a witness or of a Windows event.
    Envelope,
    /// No object.
    Other,
}

/// Does a key make an object more than an event as it is?
#[must_use]
pub fn is_marked(key: &str) -> bool {
    let is_envelope = matches!(
        key,
        "_source"
            | "fields"
            | "result"
            | "event"
            | "hits"
            | "tables"
            | "columns"
            | "preview"
            | "index"
            | "create"
            | "Event"
            | "winlog"
    );
    is_envelope || LISTS.iter().any(|(list, _)| *list == key) || key.contains(char::is_whitespace)
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor { is_top: true })
    }
}

/// A value below the top level: it is read, and forgotten.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor { is_top: false })?;
        Ok(Self)
    }
}

/// Is a key marked?
struct Key(bool);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Self(false))
    }
}

impl Visitor<'_> for Key {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self, E> {
        Ok(Self(is_marked(key)))
    }
}

struct ShapeVisitor {
    is_top: bool,
}

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::Event;
        if self.is_top {
            while let Some((Key(is_marked), Checked)) = map.next_entry()? {
                if is_marked {
                    shape = Shape::Envelope;
                }
            }
        } else {
            while let Some((Checked, Checked)) = map.next_entry()? {}
        }
        Ok(shape)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        while let Some(Checked) = seq.next_element()? {}
        Ok(Shape::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_by_keys_of_the_top() {
        let shape = |text| serde_json::from_str::<Shape>(text).ok();
        assert_eq!(
            shape(r#"{"a": {"event": [1, 2.5, null]}}"#),
            Some(Shape::Event)
        );
        assert_eq!(shape(r#"{"e\u0076ent": 1}"#), Some(Shape::Envelope));
        assert_eq!(shape(r#"{"Threat Name": true}"#), Some(Shape::Envelope));
        assert_eq!(shape("[-1]"), Some(Shape::Other));
        assert_eq!(shape(r#"{"a": 1e999}"#), None);
        let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        assert_eq!(shape(&deep), None);
    }
}
