//! Closes a mapping: duplicate keys and merge keys.
//!
//! In: the pairs of a mapping as written. Out: its pairs with each key once. `<<: *base` is replaced
//! by the pairs of `base`, which the mapping's own keys override.

use super::{Content, Node, Schema};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

type Pair<'s> = (Node<'s>, Node<'s>);

/// Up to this many keys, comparing each with each is quicker than hashing them.
const FEW: usize = 16;

/// Warnings kept for one file; thousands of duplicate keys say nothing more than the first.
const MAX_WARNINGS: usize = 100;

/// The pairs of a finished mapping.
pub(super) fn close<'s>(
    pairs: Vec<Pair<'s>>,
    schema: Schema,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Pair<'s>>, Diagnostic> {
    let has_merge = pairs.iter().any(|(key, _)| is_merge(key));
    if !has_merge && !has_duplicates(&pairs, schema) {
        return Ok(pairs);
    }
    // A merged key may be written again, even in another merge; a written key may not.
    let mut merged = Vec::new();
    let mut own = Unique::new(schema);
    for (key, value) in pairs {
        if is_merge(&key) {
            collect_merged(value, &mut merged)?;
        } else if let Some(second) = own.insert((key, value)) {
            let first = second.first;
            let diagnostic = duplicate(first, &second.key, schema.last_key_wins());
            if !schema.last_key_wins() {
                return Err(diagnostic);
            }
            if warnings.len() < MAX_WARNINGS {
                warnings.push(diagnostic);
            }
        }
    }
    if merged.is_empty() {
        return Ok(own.pairs);
    }
    // The order that Python's dict gives PyYAML's `merged + own`.
    let mut all = Unique::new(schema);
    for pair in merged.into_iter().chain(own.pairs) {
        all.insert(pair);
    }
    Ok(all.pairs)
}

/// Is it a plain `<<`?
fn is_merge(key: &Node<'_>) -> bool {
    key.as_scalar()
        .is_some_and(|scalar| scalar.text == "<<" && scalar.plain && scalar.tag.is_none())
}

/// Adds the pairs of a merge's value; of a list of mappings, the first takes precedence.
fn collect_merged<'s>(value: Node<'s>, merged: &mut Vec<Pair<'s>>) -> Result<(), Diagnostic> {
    match value.content {
        Content::Mapping(pairs) => merged.extend(pairs),
        Content::Sequence(items) => {
            for item in items.into_iter().rev() {
                match item.content {
                    Content::Mapping(pairs) => merged.extend(pairs),
                    _ => return Err(wrong_merge(&item)),
                }
            }
        }
        Content::Scalar(_) => return Err(wrong_merge(&value)),
    }
    Ok(())
}

fn wrong_merge(value: &Node<'_>) -> Diagnostic {
    let message = format!(
        "expected a map or a list of maps for the merge key `<<`, found {}",
        value.kind()
    );
    Diagnostic::error(Code::MergeValue, message)
        .at(value.span)
        .help("write `<<: *anchor`, with an anchor on a map; put a key named `<<` in quotes")
}

fn duplicate(first: Span, second: &Node<'_>, last_wins: bool) -> Diagnostic {
    let text = second.as_scalar().map_or("", |scalar| &scalar.text);
    let name: String = text.chars().take(60).collect();
    if last_wins {
        Diagnostic::warning(
            Code::DuplicateKey,
            format!("map has the key `{name}` twice; the last value counts"),
        )
    } else {
        Diagnostic::error(
            Code::DuplicateKey,
            format!("map has the key `{name}` twice"),
        )
    }
    .label(second.span, "again here")
    .label(first, "first here")
    .help(
        "remove one, or write both values in one list: under `|all` every value must match, \
           without it any",
    )
}

/// Do two keys name the same entry? In Python `1` and `'1'` don't: one is a number.
fn same_key(a: &Node<'_>, b: &Node<'_>, schema: Schema) -> bool {
    match (a.as_scalar(), b.as_scalar()) {
        (Some(a), Some(b)) if a.text == b.text => {
            a.plain == b.plain || schema.is_text(a) == schema.is_text(b)
        }
        _ => false,
    }
}

fn has_duplicates(pairs: &[Pair<'_>], schema: Schema) -> bool {
    if pairs.len() <= FEW {
        let mut seen = 0;
        return pairs.iter().enumerate().any(|(at, (key, _))| {
            let look_of = look(key);
            let known = seen & look_of != 0;
            seen |= look_of;
            known
                && pairs[..at]
                    .iter()
                    .any(|(first, _)| same_key(first, key, schema))
        });
    }
    let mut seen = HashSet::with_capacity(pairs.len());
    pairs
        .iter()
        .any(|(key, _)| !seen.insert(identity(key, schema)))
}

/// One bit of 64 that the same keys share, and different ones seldom.
fn look(key: &Node<'_>) -> u64 {
    let text = key.as_scalar().map_or(&[][..], |key| key.text.as_bytes());
    let ends = match text {
        [first, .., last] => usize::from(*first) * 7 + usize::from(*last),
        _ => 0,
    };
    1 << ((text.len() * 5 + ends) % 64)
}

/// What tells keys apart, for hashing: as [`same_key`].
fn identity<'k>(key: &'k Node<'_>, schema: Schema) -> (&'k str, bool) {
    match key.as_scalar() {
        Some(scalar) => (&scalar.text, schema.is_text(scalar)),
        None => ("", false),
    }
}

/// Pairs with each key once, as Python's dict has them: the first place, the last value.
struct Unique<'s> {
    pairs: Vec<Pair<'s>>,
    index: HashMap<(String, bool), usize>,
    schema: Schema,
}

/// A key that was there already.
struct Second<'s> {
    key: Node<'s>,
    first: Span,
}

impl<'s> Unique<'s> {
    fn new(schema: Schema) -> Self {
        Self {
            pairs: Vec::new(),
            index: HashMap::new(),
            schema,
        }
    }

    /// Adds a pair, or replaces the value of a key that is there and returns the second key.
    fn insert(&mut self, (key, value): Pair<'s>) -> Option<Second<'s>> {
        let (text, is_text) = identity(&key, self.schema);
        match self.index.entry((text.to_owned(), is_text)) {
            Entry::Vacant(entry) => {
                entry.insert(self.pairs.len());
                self.pairs.push((key, value));
                None
            }
            Entry::Occupied(entry) => {
                let (first, place) = &mut self.pairs[*entry.get()];
                *place = value;
                Some(Second {
                    key,
                    first: first.span,
                })
            }
        }
    }
}
