//! Events: what a log holds, as JSON.
//!
//! In: `{"process": {"name": "cmd.exe"}, "EventID": 1}`. Out: the values of a field by name,
//! `process.name`, and all values for keywords.

mod deserialize;

use super::windows::Value;
use crate::rule::fold::folded;
use crate::yaml::number::shortened;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::OnceLock;

/// An event, prepared for many rules: a text is folded once.
#[derive(Debug, Clone)]
pub struct Event {
    root: Node,
    /// The [`bit`]s of the keys of its top level; all of them where it is no object.
    keys: u64,
}

/// The record of a Windows event log, flat. Another value is an error.
pub(super) struct WindowsEvent(pub Event);

/// A JSON value, with its text in both forms.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Anything that has a text, or null.
    Scalar(Scalar),
    /// `[…]`
    List(Vec<Node>),
    /// `{…}`, sorted by key.
    Object(Vec<(String, Node)>),
}

/// A single value.
#[derive(Debug, Clone)]
pub(super) struct Scalar {
    pub kind: Kind,
    /// As text; empty for null.
    pub text: String,
    /// The text with case folded, where that differs, once it was asked for.
    folded: OnceLock<Option<Box<str>>>,
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

/// What a single value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number,
    Text,
}

impl Scalar {
    const fn new(kind: Kind, text: String) -> Self {
        Self {
            kind,
            text,
            folded: OnceLock::new(),
        }
    }

    /// The text with case folded.
    pub fn folded(&self) -> &str {
        let folded = self.folded.get_or_init(|| match folded(&self.text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text.into()),
        });
        folded.as_deref().unwrap_or(&self.text)
    }

    /// The text, for tests that ask for one: null has none.
    pub fn as_text(&self) -> Option<&str> {
        (self.kind != Kind::Null).then_some(self.text.as_str())
    }

    /// The text that a column of text holds: of a number the shortest.
    pub fn stored(&self) -> Option<Cow<'_, str>> {
        if self.kind == Kind::Number {
            return Some(shortened(self.text.clone()).into());
        }
        self.as_text().map(Cow::Borrowed)
    }
}

impl Event {
    /// Prepares a JSON value. One that is no object has no fields, but is searched by keywords: a
    /// line of a text log is a JSON string.
    #[must_use]
    pub fn new(json: &Json) -> Self {
        Self::of(node(json))
    }

    fn of(root: Node) -> Self {
        let keys = match &root {
            Node::Object(pairs) => pairs.iter().fold(0, |keys, (key, _)| keys | bit(key)),
            Node::Scalar(_) | Node::List(_) => u64::MAX,
        };
        Self { root, keys }
    }

    /// The values of a field, one by one; nothing where it is missing.
    pub(super) fn field(&self, name: &str) -> Option<Vec<&Node>> {
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
        visit: &mut impl FnMut(&'e Scalar),
    ) -> bool {
        if self.keys & name.bits == 0 {
            return false;
        }
        let mut see = |node: &'e Node| {
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
    pub(super) fn scalar(&self, name: &str) -> Option<&Scalar> {
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

    /// The keys and values of its top level, sorted by key; `None`: it is no object.
    pub(super) fn pairs(&self) -> Option<&[(String, Node)]> {
        match &self.root {
            Node::Object(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// Calls `visit` for every value until it says stop (true). Says whether it did.
    pub(super) fn any(&self, visit: &mut impl FnMut(&Scalar) -> bool) -> bool {
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

impl From<&Json> for Event {
    fn from(json: &Json) -> Self {
        Self::new(json)
    }
}

impl Value for Node {
    fn of_pairs(mut pairs: Vec<(String, Self)>) -> Self {
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        pairs.dedup_by(|(later, _), (earlier, _)| later == earlier);
        Self::Object(pairs)
    }

    fn into_pairs(self) -> Result<Vec<(String, Self)>, Self> {
        match self {
            Self::Object(pairs) => Ok(pairs),
            other => Err(other),
        }
    }
}

impl Node {
    const fn null() -> Self {
        Self::Scalar(Scalar::new(Kind::Null, String::new()))
    }

    /// Of pairs in any order; of equal keys the last counts.
    fn object(mut pairs: Vec<(String, Self)>) -> Self {
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(&mut later.1, &mut earlier.1);
            }
            is_same
        });
        Self::Object(pairs)
    }

    /// Calls `visit` for the values in it, in order, until it says stop (true); those in objects only
    /// if it is asked for. Says whether it did.
    fn any_within<'e>(&'e self, objects: bool, visit: &mut impl FnMut(&'e Scalar) -> bool) -> bool {
        match self {
            Self::Scalar(scalar) => visit(scalar),
            Self::List(nodes) => nodes.iter().any(|node| node.any_within(objects, visit)),
            Self::Object(pairs) => {
                objects
                    && pairs
                        .iter()
                        .any(|(_, node)| node.any_within(objects, visit))
            }
        }
    }

    /// The same for the values of a field: elements of lists, but not what is in objects.
    pub fn any_element<'e>(&'e self, visit: &mut impl FnMut(&'e Scalar) -> bool) -> bool {
        self.any_within(false, visit)
    }

    /// The values in it; those in objects only if it is asked for.
    fn scalars(&self, objects: bool) -> Vec<&Scalar> {
        let mut found = Vec::new();
        self.any_within(objects, &mut |scalar| {
            found.push(scalar);
            false
        });
        found
    }

    /// Has the field no value: null, or a list of nothing?
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Scalar(scalar) => scalar.kind == Kind::Null,
            Self::List(nodes) => nodes.is_empty() || nodes.iter().any(Self::is_nothing),
            Self::Object(_) => false,
        }
    }
}

/// One of 64 bits, by a key's length and ends: what has another bit is another key.
fn bit(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let at = |place: usize| bytes.get(place).map_or(0, |byte| usize::from(*byte));
    let (last, middle) = (bytes.len().saturating_sub(1), bytes.len() / 2);
    1 << ((bytes.len() + 7 * at(0) + 13 * at(middle) + 31 * at(last)) % 64)
}

/// The value of a key.
fn get<'e>(pairs: &'e [(String, Node)], key: &str) -> Option<&'e Node> {
    let at = pairs.binary_search_by(|(known, _)| known.as_str().cmp(key));
    at.ok().map(|at| &pairs[at].1)
}

/// A key as it is written wins over a path; a path enters lists of objects.
fn find<'e>(node: &'e Node, name: &str, found: &mut Vec<&'e Node>) {
    match node {
        Node::Scalar(_) => {}
        Node::List(nodes) => {
            for node in nodes {
                find(node, name, found);
            }
        }
        Node::Object(pairs) => {
            if let Some(node) = get(pairs, name) {
                found.push(node);
                return;
            }
            let before = found.len();
            for (at, _) in name.match_indices('.') {
                if let Some(node) = get(pairs, &name[..at]) {
                    find(node, &name[at + 1..], found);
                    if found.len() > before {
                        return;
                    }
                }
            }
        }
    }
}

fn node(json: &Json) -> Node {
    match json {
        Json::Null => Node::null(),
        Json::Bool(truth) => Node::Scalar(Scalar::new(Kind::Bool(*truth), truth.to_string())),
        Json::Number(number) => Node::Scalar(Scalar::new(Kind::Number, number.to_string())),
        Json::String(text) => Node::Scalar(Scalar::new(Kind::Text, text.clone())),
        Json::Array(items) => Node::List(items.iter().map(node).collect()),
        Json::Object(map) => {
            let pairs = map.iter().map(|(key, value)| (key.clone(), node(value)));
            Node::object(pairs.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(event: &Event, field: &str) -> Vec<String> {
        let mut found = Vec::new();
        for node in event.field(field).unwrap_or_default() {
            node.any_element(&mut |scalar| {
                found.push(scalar.text.clone());
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
