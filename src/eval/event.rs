//! Events: what a log holds, as JSON.
//!
//! In: `{"process": {"name": "cmd.exe"}, "EventID": 1}`. Out: the values of a field by name,
//! `process.name`, and all values for keywords.

mod deserialize;
mod layout;
mod node;
mod scan;

pub(super) use layout::Layouts;
pub(super) use node::{Kind, Node, Scalar};

use node::{find, get, of_json, place};
use serde_json::Value as Json;
use std::borrow::Cow;

/// An event, prepared for many rules: a text is folded once. Of an event that was read, names and
/// values may borrow from the text that it was read from, `'t`.
#[derive(Debug, Clone)]
pub struct Event<'t> {
    root: Node<'t>,
    /// The [`bit`]s of the keys of its top level; all of them where it is no object.
    keys: u64,
}

/// The name of a field that many events are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldName {
    pub name: String,
    /// An event of none of these bits lacks the field.
    bits: u64,
    /// May it be a path of keys?
    is_path: bool,
}

impl Event<'static> {
    /// Prepares a JSON value. One that is no object has no fields, but is searched by keywords: a
    /// line of a text log is a JSON string.
    #[must_use]
    pub fn new(json: &Json) -> Self {
        Self::of(of_json(json))
    }
}

impl<'t> Event<'t> {
    /// The event with a copy of what it borrows.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        Event {
            root: self.root.into_owned(),
            keys: self.keys,
        }
    }

    fn of(root: Node<'t>) -> Self {
        let keys = match &root {
            Node::Object(pairs) => pairs.iter().fold(0, |keys, (key, _)| keys | bit(key)),
            Node::Scalar(_) | Node::List(_) => u64::MAX,
        };
        Self { root, keys }
    }

    /// The values of a field, one by one; nothing where it is missing.
    pub(super) fn field(&self, name: &str) -> Option<Vec<&Node<'t>>> {
        // Most fields that are asked for are not there.
        let may_have = |key: &str| self.keys & bit(key) != 0;
        let mut paths = name.match_indices('.').map(|(dot, _)| &name[..dot]);
        if !may_have(name) && !paths.any(may_have) {
            return None;
        }
        let mut found = Vec::new();
        find(&self.root, name, &mut found);
        (!found.is_empty()).then_some(found)
    }

    /// The values of a field that may be there by its [`FieldName`]: calls `visit` for each, and says
    /// whether the field is there.
    pub(super) fn visit<'e>(
        &'e self,
        name: &FieldName,
        visit: &mut impl FnMut(&'e Scalar<'t>),
    ) -> bool {
        if self.keys & name.bits == 0 {
            return false;
        }
        let mut see = |node: &'e Node<'t>| {
            node.any_element(&mut |scalar| {
                visit(scalar);
                false
            });
        };
        if let Node::Object(pairs) = &self.root {
            if let Some(node) = get(pairs, &name.name) {
                see(node);
                return true;
            }
            if !name.is_path {
                return false;
            }
        }
        let nodes = self.field(&name.name);
        nodes.iter().flatten().for_each(|node| see(node));
        nodes.is_some()
    }

    /// The texts of a field's values, one by one, `None` for a null; none at all where the field is
    /// missing, an object or an empty list. Numbers have their shortest text: `1` of `1.0`.
    #[must_use]
    pub fn values(&self, field: &str) -> Vec<Option<Cow<'_, str>>> {
        let nodes = self.field(field).unwrap_or_default().into_iter();
        let scalars = nodes.flat_map(|node| node.scalars(false));
        scalars.map(Scalar::stored).collect()
    }

    /// The value of a field that has one: not null, no list, no object.
    pub(super) fn scalar(&self, name: &str) -> Option<&Scalar<'t>> {
        match self.field(name)?.as_slice() {
            [Node::Scalar(scalar)] if scalar.kind != Kind::Null => Some(scalar),
            _ => None,
        }
    }

    /// The text of a field that has one value, neither null nor list nor object. A number has its
    /// shortest text: `1` of `1.0`.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<Cow<'_, str>> {
        self.scalar(field)?.stored()
    }

    /// Is it a line of a text log, without fields?
    pub(super) const fn is_line(&self) -> bool {
        matches!(self.root, Node::Scalar(_))
    }

    /// The texts of all values, in which keywords are searched.
    #[must_use]
    pub fn all_values(&self) -> Vec<&str> {
        let scalars = self.root.scalars(true).into_iter();
        scalars.filter_map(Scalar::as_text).collect()
    }

    /// The keys and values of its top level; `None`: it is no object.
    pub(super) fn pairs(&self) -> Option<&[(Cow<'t, str>, Node<'t>)]> {
        match &self.root {
            Node::Object(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// Calls `visit` for every value until it says stop (true). Says whether it did.
    pub(super) fn any(&self, visit: &mut impl FnMut(&Scalar<'t>) -> bool) -> bool {
        self.root.any_within(true, visit)
    }
}

impl FieldName {
    pub fn new(name: &str) -> Self {
        let paths = name.match_indices('.').map(|(dot, _)| &name[..dot]);
        Self {
            name: name.to_owned(),
            bits: paths.fold(bit(name), |bits, path| bits | bit(path)),
            is_path: name.contains('.'),
        }
    }
}

impl From<&Json> for Event<'static> {
    fn from(json: &Json) -> Self {
        Self::new(json)
    }
}

/// One of 64 bits: what has another bit is another key.
fn bit(key: &str) -> u64 {
    1 << (place(key) % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(event: &Event, field: &str) -> Vec<String> {
        let mut found = Vec::new();
        for node in event.field(field).unwrap_or_default() {
            node.any_element(&mut |scalar| {
                found.push(scalar.text.clone().into_owned());
                false
            });
        }
        found
    }

    #[test]
    fn a_field_is_a_key_or_a_path() {
        let event = Event::new(&json!({
            "a.b": 1, "a": {"b": 2, "c.d": {"e": 3}, "l": [{"x": 4}, {"x": [5, 6]}, {"y": 7}]},
        }));
        assert_eq!(texts(&event, "a.b"), ["1"]);
        assert_eq!(texts(&event, "a.c.d.e"), ["3"]);
        assert_eq!(texts(&event, "a.l.x"), ["4", "5", "6"]);
        assert!(event.field("a.z").is_none() && event.field("A").is_none());
        assert!(event.field("a.c").is_none(), "`c.d` is a key, not a path");
    }

    #[test]
    fn values_are_texts_one_by_one() {
        let event = Event::new(
            &json!({"a": ["x", null, [2]], "b": {"c": true}, "d": [], "e": null, "f": [1.0, 1.50]}),
        );
        assert_eq!(
            event.values("a"),
            [Some("x".into()), None, Some("2".into())]
        );
        assert_eq!(event.values("b.c"), [Some("true".into())]);
        assert_eq!(event.values("f"), [Some("1".into()), Some("1.5".into())]);
        assert!(event.values("b").is_empty() && event.values("d").is_empty());
        assert_eq!(event.values("e"), [None]);
        assert_eq!(event.all_values(), ["x", "2", "true", "1.0", "1.5"]);
    }
}
