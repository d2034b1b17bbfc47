//! The values of an event.
//!
//! In: what an event holds. Out: [`Node`]s: a tree as JSON is, each of whose single values has a text.

use crate::eval::windows::Value;
use crate::rule::fold::folded;
use crate::yaml::number::shortened;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::OnceLock;

/// A JSON value, with its text in both forms.
#[derive(Debug, Clone)]
pub(in crate::eval) enum Node<'t> {
    /// Anything that has a text, or null.
    Scalar(Scalar<'t>),
    /// `[…]`
    List(Vec<Node<'t>>),
    /// `{…}`, its keys distinct: [few](FEW) as they come, more than that sorted.
    Object(Pairs<'t>),
}

/// So many keys are looked through one by one, for that takes less than to sort them.
pub(super) const FEW: usize = 64;

/// The keys and values of an object.
pub(super) type Pairs<'t> = Vec<(Cow<'t, str>, Node<'t>)>;

/// A single value.
#[derive(Debug, Clone)]
pub(in crate::eval) struct Scalar<'t> {
    pub kind: Kind,
    /// As text; empty for null.
    pub text: Cow<'t, str>,
    /// The text with case folded, where that differs, once it was asked for.
    folded: OnceLock<Option<Box<str>>>,
}

/// What a single value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::eval) enum Kind {
    Null,
    Bool(bool),
    Number,
    Text,
}

impl<'t> Scalar<'t> {
    pub(super) const fn new(kind: Kind, text: Cow<'t, str>) -> Self {
        Self {
            kind,
            text,
            folded: OnceLock::new(),
        }
    }

    pub(super) const fn of_text(text: Cow<'t, str>) -> Self {
        Self::new(Kind::Text, text)
    }

    pub(super) const fn of_number(text: Cow<'t, str>) -> Self {
        Self::new(Kind::Number, text)
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
        (self.kind != Kind::Null).then_some(&*self.text)
    }

    /// The text that a column of text holds: of a number the shortest.
    pub fn stored(&self) -> Option<Cow<'_, str>> {
        if self.kind == Kind::Number {
            return Some(shortened(self.text.clone().into_owned()).into());
        }
        self.as_text().map(Cow::Borrowed)
    }
}

impl<'t> Value for Node<'t> {
    type Key = Cow<'t, str>;

    fn of_pairs(pairs: Pairs<'t>) -> Self {
        Self::object(pairs)
    }

    fn into_pairs(self) -> Result<Pairs<'t>, Self> {
        match self {
            Self::Object(pairs) => Ok(pairs),
            other => Err(other),
        }
    }
}

impl<'t> Node<'t> {
    pub(super) const fn null() -> Self {
        Self::Scalar(Scalar::new(Kind::Null, Cow::Borrowed("")))
    }

    pub(super) const fn boolean(truth: bool) -> Self {
        let text = if truth { "true" } else { "false" };
        Self::Scalar(Scalar::new(Kind::Bool(truth), Cow::Borrowed(text)))
    }

    pub(super) fn into_owned(self) -> Node<'static> {
        let owned = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Scalar(Scalar { kind, text, folded }) => Node::Scalar(Scalar {
                kind,
                text: owned(text),
                folded,
            }),
            Self::List(nodes) => Node::List(nodes.into_iter().map(Self::into_owned).collect()),
            Self::Object(pairs) => {
                let pairs = pairs.into_iter();
                let pairs = pairs.map(|(key, node)| (owned(key), node.into_owned()));
                Node::Object(pairs.collect())
            }
        }
    }

    /// Of pairs in their order; of equal keys the last counts.
    pub(super) fn object(mut pairs: Pairs<'t>) -> Self {
        if pairs.len() > FEW {
            pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
            pairs.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(&mut later.1, &mut earlier.1);
                }
                is_same
            });
        } else if !are_distinct(&pairs) {
            let mut distinct = Pairs::new();
            for (key, node) in pairs {
                match distinct.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, earlier)) => *earlier = node,
                    None => distinct.push((key, node)),
                }
            }
            pairs = distinct;
        }
        Self::Object(pairs)
    }

    /// Calls `visit` for the values in it, in order, until it says stop (true); those in objects only
    /// if it is asked for. Says whether it did.
    pub(super) fn any_within<'e>(
        &'e self,
        objects: bool,
        visit: &mut impl FnMut(&'e Scalar<'t>) -> bool,
    ) -> bool {
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
    pub fn any_element<'e>(&'e self, visit: &mut impl FnMut(&'e Scalar<'t>) -> bool) -> bool {
        self.any_within(false, visit)
    }

    /// The values in it; those in objects only if it is asked for.
    pub(super) fn scalars(&self, objects: bool) -> Vec<&Scalar<'t>> {
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

/// A number by a key's length and ends: what has another number is another key.
pub(super) fn place(key: &str) -> usize {
    let bytes = key.as_bytes();
    let at = |place: usize| bytes.get(place).map_or(0, |byte| usize::from(*byte));
    let (last, middle) = (bytes.len().saturating_sub(1), bytes.len() / 2);
    bytes.len() + 7 * at(0) + 13 * at(middle) + 31 * at(last)
}

/// The value of a key.
pub(super) fn get<'e, 't>(
    pairs: &'e [(Cow<'t, str>, Node<'t>)],
    key: &str,
) -> Option<&'e Node<'t>> {
    let at = if pairs.len() > FEW {
        let found = pairs.binary_search_by(|(known, _)| (**known).cmp(key));
        found.ok()
    } else {
        pairs.iter().position(|(known, _)| known == key)
    };
    at.map(|at| &pairs[at].1)
}

/// Has each of a few pairs a key of its own?
pub(super) fn are_distinct(pairs: &[(Cow<'_, str>, Node<'_>)]) -> bool {
    let mut seen = KeySet::default();
    pairs.iter().enumerate().all(|(at, (key, _))| {
        !seen.may_have(key) || pairs[..at].iter().all(|(known, _)| known != key)
    })
}

/// Keys, of which most that are not in it are known not to be.
#[derive(Default)]
pub(super) struct KeySet([u64; 4]);

impl KeySet {
    /// Adds a key. May it have been there?
    pub(super) fn may_have(&mut self, key: &str) -> bool {
        let place = place(key) % 256;
        let (bits, bit) = (&mut self.0[place / 64], 1 << (place % 64));
        let may_have = *bits & bit != 0;
        *bits |= bit;
        may_have
    }
}

/// A key as it is written wins over a path; a path enters lists of objects.
pub(super) fn find<'e, 't>(node: &'e Node<'t>, name: &str, found: &mut Vec<&'e Node<'t>>) {
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

/// The same as JSON.
pub(super) fn of_json(json: &Json) -> Node<'static> {
    match json {
        Json::Null => Node::null(),
        Json::Bool(truth) => Node::boolean(*truth),
        Json::Number(number) => Node::Scalar(Scalar::of_number(number.to_string().into())),
        Json::String(text) => Node::Scalar(Scalar::of_text(text.clone().into())),
        Json::Array(items) => Node::List(items.iter().map(of_json).collect()),
        Json::Object(map) => {
            let pairs = map
                .iter()
                .map(|(key, value)| (key.clone().into(), of_json(value)));
            Node::object(pairs.collect())
        }
    }
}
