//! Events straight from a format's reader.
//!
//! In: what serde's data model has, `{"a": 1}` say. Out: an [`Event`], the same as that of the JSON
//! value which `serde_json` would build: of a key that is there twice the last value counts.

use super::Event;
use super::node::{Node, Pairs, Scalar};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Values are in one another. Most formats' readers have a lower limit (`serde_json`: 128).
const MOST_LEVELS: usize = 256;

impl<'de> Deserialize<'de> for Event<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node::deserialize(deserializer).map(Self::of)
    }
}

impl<'de> Deserialize<'de> for Node<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Level(MOST_LEVELS).deserialize(deserializer)
    }
}

/// How many levels there may be from here on.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn below<E: Error>(self) -> Result<Self, E> {
        let left = self.0.checked_sub(1);
        left.map(Self)
            .ok_or_else(|| E::custom("the event is nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Node<'static>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

const fn number(text: String) -> Node<'static> {
    Node::Scalar(Scalar::of_number(Cow::Owned(text)))
}

impl<'de> Visitor<'de> for Level {
    type Value = Node<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Node::boolean(truth))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Self::Value, E> {
        Ok(number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Self::Value, E> {
        Ok(number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(match serde_json::Number::from_f64(value) {
            Some(value) => number(value.to_string()),
            // JSON has no word for it.
            None => Node::null(),
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Node::Scalar(Scalar::of_text(Cow::Owned(text))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Node::null())
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Node::null())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        self.deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let level = self.below::<A::Error>()?;
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element_seed(level)? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let level = self.below::<A::Error>()?;
        let mut pairs = Pairs::new();
        while let Some(key) = map.next_key::<String>()? {
            pairs.push((key.into(), map.next_value_seed(level)?));
        }
        Ok(Node::object(pairs))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn same(text: &str) {
        let json: Json = serde_json::from_str(text).expect("JSON");
        let direct: Event = serde_json::from_str(text).expect("JSON");
        let expected = Event::new(&json);
        assert_eq!(format!("{direct:?}"), format!("{expected:?}"), "{text}");
        let from_value: Event = serde_json::from_value(json).expect("any value is one");
        assert_eq!(format!("{from_value:?}"), format!("{expected:?}"), "{text}");
    }

    #[test]
    fn readers_give_the_event_of_the_json_value() {
        for text in [
            r#"{"b": 1, "a": {"d": [null, true, false], "c": "ÄÖ"}, "": {}}"#,
            r#"{"a": 1, "b": 2, "a": {"x": 3, "x": 4}, "a": "last"}"#,
            "[18446744073709551615, -9223372036854775808, 1.0, 1e300, 1.50, -0.0, 0.1, 1e-7]",
            "[18446744073709551616, -9223372036854775809, 123456789012345678901234567890]",
            r#""a \"line\"\n \u00c4 \ud83d\ude00""#,
            "null",
        ] {
            same(text);
        }
    }

    pub(in crate::eval::event) fn values() -> impl Strategy<Value = Json> {
        let single = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            "\\PC{0,6}".prop_map(Json::from),
        ];
        single.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec(("[aAä.]{0,3}", inner), 0..4)
                    .prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_the_same_event(value in values()) {
            same(&value.to_string());
        }
    }

    #[test]
    fn nesting_is_bounded() {
        // A reader without a limit of its own: a value that is there already.
        let mut value = json!(1);
        for _ in 0..MOST_LEVELS {
            value = json!([value]);
        }
        assert!(serde_json::from_value::<Event>(value.clone()).is_ok());
        let error = serde_json::from_value::<Event>(json!([value])).expect_err("too deep");
        assert!(error.to_string().contains("too deep"), "{error}");
    }
}
