//! A Windows event's record, read straight from its text.
//!
//! In: `{"Event": {"System": {…}, "EventData": {…}}}`. Out: the sections, whose elements are in their
//! order. Any other value is an error, and so is a record that takes more to read.

use super::{Pairs, Sections};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A section of more names is left to those who read any value, as is one with a name that is there
/// twice, of which the last counts.
const MOST_NAMES: usize = 64;

/// A record, and nothing beside it.
pub(super) struct Record<V>(pub Sections<V>);

/// The keys of a record.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Root {
    Event,
}

/// The keys of an event.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Name {
    System,
    EventData,
    UserData,
    #[serde(other)]
    Other,
}

/// The elements of a section; `None` where it is no object.
struct Section<V>(Option<Pairs<V>>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Record<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor(PhantomData))
    }
}

struct RecordVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for RecordVisitor<V> {
    type Value = Record<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record of a Windows event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<V>, A::Error> {
        let mut sections = None;
        while let Some(Root::Event) = map.next_key()? {
            sections = Some(map.next_value()?);
        }
        let missing = || A::Error::missing_field("Event");
        sections.map(Record).ok_or_else(missing)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Sections<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SectionsVisitor(PhantomData))
    }
}

struct SectionsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for SectionsVisitor<V> {
    type Value = Sections<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Windows event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sections<V>, A::Error> {
        let (mut system, mut data, mut user) = (None, None, None);
        while let Some(name) = map.next_key()? {
            let section = match name {
                Name::System => &mut system,
                Name::EventData => &mut data,
                Name::UserData => &mut user,
                Name::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let Section(pairs) = map.next_value()?;
            *section = pairs;
        }
        Ok(Sections {
            system: system.ok_or_else(|| A::Error::missing_field("System"))?,
            data: data.unwrap_or_default(),
            user: user.unwrap_or_default(),
        })
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Section<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SectionVisitor(PhantomData))
    }
}

struct SectionVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for SectionVisitor<V> {
    type Value = Section<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the section of a Windows event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Section<V>, A::Error> {
        let mut pairs: Pairs<V> = Vec::with_capacity(16);
        while let Some((name, value)) = map.next_entry::<String, V>()? {
            if pairs.len() == MOST_NAMES || pairs.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(
                    "a name is there twice, or there are too many",
                ));
            }
            pairs.push((name, value));
        }
        Ok(Section(Some(pairs)))
    }

    fn visit_unit<E>(self) -> Result<Section<V>, E> {
        Ok(Section(None))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Section<V>, E> {
        Ok(Section(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Section<V>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Section(None))
    }
}
