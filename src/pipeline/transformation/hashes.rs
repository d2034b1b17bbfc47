//! `hashes_fields`: `Hashes: SHA1=5F1C…` becomes `FileSHA1: 5F1C…`.

use super::string::pattern_of;
use super::walk::{Outcome, each_item};
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::entry::{Entry, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Detection, DetectionNode, Item, Link, Rule, Value};
use crate::source::Spanned;
use std::borrow::Cow;

/// Its entry.
pub const ENTRY: Entry<Load> = Entry {
    name: "hashes_fields",
    summary: "Makes a field for each algorithm of `Hashes`; the algorithm is named before the hash or known by its length.",
    keys: &[
        required("valid_hash_algos", "a list of algorithms: `MD5`, `SHA1`, …"),
        optional(
            "field_prefix",
            "what stands before the algorithm in the field's name",
        ),
        optional(
            "drop_algo_prefix",
            "`true`: the prefix alone is the field's name",
        ),
        optional(
            "field_to_parse",
            "the fields to change; `Hashes` and `Hash` by default",
        ),
    ],
    load: |keys| {
        let fields = match keys.node("field_to_parse") {
            Some(_) => keys.texts("field_to_parse")?,
            None => vec!["Hashes".to_owned(), "Hash".to_owned()],
        };
        Some(Box::new(Hashes {
            algorithms: keys.texts("valid_hash_algos")?,
            prefix: keys.text("field_prefix").unwrap_or_default(),
            drop_algorithm: keys.flag("drop_algo_prefix"),
            fields,
        }))
    },
};

#[derive(Debug)]
struct Hashes {
    algorithms: Vec<String>,
    prefix: String,
    drop_algorithm: bool,
    fields: Vec<String>,
}

impl Hashes {
    /// The algorithm, if it is a valid one, and the hash.
    fn split(&self, value: &str) -> Option<(String, String)> {
        let parts: Vec<&str> = if value.contains('|') {
            value.split('|').collect()
        } else {
            value.split('=').collect()
        };
        let trim = |text: &str| text.trim_matches(['*', '?']).to_owned();
        let (algorithm, hash) = match parts.as_slice() {
            [algorithm, hash] => (algorithm.trim_start_matches('*').to_uppercase(), trim(hash)),
            parts => {
                let hash = trim(parts.first().copied().unwrap_or_default());
                let algorithm = match hash.chars().count() {
                    32 => "MD5",
                    40 => "SHA1",
                    64 => "SHA256",
                    128 => "SHA512",
                    _ => "",
                };
                (algorithm.to_owned(), hash)
            }
        };
        let valid = !algorithm.is_empty() && self.algorithms.contains(&algorithm);
        valid.then_some((algorithm, hash))
    }

    fn change<'s>(&self, found: &Item<'s>, compat: bool) -> Result<Outcome<'s>, Diagnostic> {
        let parsed = found
            .field
            .as_deref()
            .is_some_and(|field| self.fields.iter().any(|name| name == field));
        let values = &found.values;
        if !parsed
            || !values
                .iter()
                .all(|value| pattern_of(&value.value).is_some())
        {
            return Ok(Outcome::Unchanged);
        }
        let mut by_field: Vec<(String, Vec<Spanned<Value<'s>>>)> = Vec::new();
        for value in values {
            let Some((algorithm, hash)) =
                pattern_of(&value.value).and_then(|pattern| self.split(&text::plain(pattern)))
            else {
                continue;
            };
            let algorithm = if self.drop_algorithm { "" } else { &algorithm };
            let field = format!("{}{algorithm}", self.prefix);
            let value = Spanned::new(Value::String(text::parse(&hash)), value.span);
            match by_field.iter_mut().find(|(known, _)| *known == field) {
                Some((_, values)) => values.push(value),
                None => by_field.push((field, vec![value])),
            }
        }
        // pySigma forgets `|all` and `|neq`.
        let (link, negated) = if compat {
            (Link::Or, false)
        } else {
            (found.link, found.negated)
        };
        let nodes: Vec<_> = by_field
            .into_iter()
            .filter(|(field, _)| !field.is_empty())
            .map(|(field, values)| {
                DetectionNode::Item(Item {
                    // pySigma's name for "no field".
                    field: (field != "keyword").then_some(Cow::Owned(field)),
                    key: found.key,
                    modifiers: Vec::new(),
                    listed: values.len() > 1,
                    values,
                    link,
                    negated,
                    processed_by: Vec::new(),
                })
            })
            .collect();
        if nodes.is_empty() {
            return Err(Diagnostic::error(
                Code::TransformationFailed,
                format!(
                    "expected hashes of the algorithms {}, found none",
                    self.algorithms.join(", ")
                ),
            )
            .at(found.key));
        }
        Ok(Outcome::Replaced(DetectionNode::Detection(Detection {
            span: found.key,
            link: if negated { opposite(link) } else { link },
            nodes,
        })))
    }
}

/// What joins negated parts: not (a or b) is not a and not b.
pub fn opposite(link: Link) -> Link {
    match link {
        Link::And => Link::Or,
        Link::Or => Link::And,
    }
}

impl Transformation for Hashes {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        each_item(item, rule, state, |found, state| {
            self.change(found, state.settings.compat)
        })
    }
}
