//! The fields of an event that a text format gives one by one.

use serde_json::{Map, Value as Json, map::Entry};

/// Fields in the order of the record. One that is there again becomes a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields(Map<String, Json>);

impl Fields {
    /// Adds a value of a field.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        match self.0.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(value.into());
            }
            Entry::Occupied(mut entry) => {
                let value = value.into();
                match entry.get_mut() {
                    Json::Array(values) => values.push(value),
                    first => {
                        let values = vec![first.take(), value];
                        *first = Json::Array(values);
                    }
                }
            }
        }
    }

    /// Adds a field that is not there yet.
    pub fn put_new(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        self.0.entry(name).or_insert_with(|| value.into());
    }

    /// Adds the fields of an object that are not there yet.
    pub fn put_all(&mut self, object: Map<String, Json>) {
        for (name, value) in object {
            self.0.entry(name).or_insert(value);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_object(self) -> Map<String, Json> {
        self.0
    }

    pub fn into_json(self) -> Json {
        Json::Object(self.0)
    }
}
