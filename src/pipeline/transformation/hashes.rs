//! `hashes_fields`: `Hashes: SHA1=5F1C…` becomes `FileSHA1: 5F1C…`.
//!
//! Natively a part of a hash keeps its wildcards: `*IMPHASH=BC*` is `IMPHASH: BC*`.

use super::alternatives::{empty_item, group, opposite};
use super::hash::{LENGTHS, digits, is_hexadecimal, length_of, name_of, split_at, whole};
use super::string::{pattern_of, plain_of, same_kind};
use super::walk::Outcome;
use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::bound::{self, Budget};
use crate::pipeline::reader::{Keys, Names};
use crate::pipeline::state::State;
use crate::rule::{DetectionNode, Item, Link, Pattern, Value};
use crate::source::Spanned;
use std::borrow::Cow;

/// `hashes_fields`
#[derive(Debug)]
pub struct Hashes {
    /// Those that are known.
    pub algorithms: Names,
    prefix: String,
    drop_algorithm: bool,
    fields: Names,
}

impl Hashes {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let default = || Names::List(vec!["Hashes".to_owned(), "Hash".to_owned()]);
        Some(Self {
            algorithms: keys.names("valid_hash_algos")?,
            prefix: keys.text_or_empty("field_prefix"),
            drop_algorithm: keys.flag("drop_algo_prefix"),
            fields: keys.names("field_to_parse").unwrap_or_else(default),
        })
    }

    /// Makes items of a field for each algorithm.
    pub fn change<'s>(
        &self,
        found: &Item<'s>,
        state: &State<'s>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        // Values with one field each stay together; the others stand for themselves.
        let mut by_field = ByField::default();
        let mut others = Vec::new();
        let mut dropped = Vec::new();
        let mut left = None;
        let budget = &state.budget;
        for value in &found.values {
            let parts = match pattern_of(&value.value) {
                Some(pattern) => self.parts(pattern, budget)?,
                None => None,
            };
            let Some(parts) = parts else {
                if found.link == Link::And {
                    return Err(self.not_a_hash(value));
                }
                dropped.push(value);
                continue;
            };
            left.get_or_insert(value.span);
            let make = |hash: Pattern<'s>| Spanned::new(same_kind(&value.value, hash), value.span);
            match parts.as_slice() {
                [alternatives] if found.link == Link::Or || alternatives.len() == 1 => {
                    for (algorithm, hash) in alternatives {
                        by_field.push(self.field(algorithm), make(hash.clone()), budget)?;
                    }
                }
                parts => {
                    let mut groups = Vec::with_capacity(parts.len());
                    for alternatives in parts {
                        let mut fields = ByField::default();
                        for (algorithm, hash) in alternatives {
                            fields.push(self.field(algorithm), make(hash.clone()), budget)?;
                        }
                        let nodes = fields.nodes(found, Link::Or, found.negated);
                        groups.push(joined(found, Link::Or, nodes));
                    }
                    others.push(joined(found, Link::And, groups));
                }
            }
        }
        let mut nodes = by_field.nodes(found, found.link, found.negated);
        nodes.extend(others);
        let Some(left) = left.filter(|_| !nodes.is_empty()) else {
            return Err(self.none_of(found));
        };
        if !dropped.is_empty() {
            let algorithms = self.algorithms.list().join(", ");
            let text = format!("a pipeline dropped a value that is no hash of {algorithms}");
            for value in dropped {
                state.narrow_at(value.span, left, &text)?;
            }
        }
        Ok(Outcome::Replaced(joined(found, found.link, nodes)))
    }

    /// The field of an algorithm.
    pub fn field(&self, algorithm: &str) -> String {
        let algorithm = if self.drop_algorithm { "" } else { algorithm };
        format!("{}{algorithm}", self.prefix)
    }

    /// No hash was found.
    pub fn none_of(&self, found: &Item<'_>) -> Diagnostic {
        let algorithms = self.algorithms.list().join(", ");
        let message = format!("expected hashes of the algorithms {algorithms}, found none");
        Diagnostic::error(Code::TransformationFailed, message).at(found.key)
    }

    fn not_a_hash(&self, value: &Spanned<Value<'_>>) -> Diagnostic {
        let plain = plain_of(&value.value);
        let algorithms = self.algorithms.list().join(", ");
        let message = format!("expected a hash of the algorithms {algorithms}, found `{plain}`");
        Diagnostic::error(Code::TransformationFailed, message)
            .at(value.span)
            .help("correct it: all values have to match, so that none can be left out")
    }

    /// The hashes that a value asks for: all of these, each in one of its fields. `None` if some
    /// part of the value is no hash of a valid algorithm.
    fn parts<'p>(
        &self,
        pattern: &Pattern<'p>,
        budget: &Budget,
    ) -> Result<Option<Vec<Alternatives<'_, 'p>>>, Diagnostic> {
        budget.make(bound::pattern_weight(pattern))?;
        let parts = split_at(pattern, ',');
        let count = parts.len();
        let is_named = parts.iter().all(|part| name_of(part).is_some());
        if count > 1 && !is_named {
            return Ok(None);
        }
        // `*SHA1=1*,MD5=2*`: what is between is a wildcard's.
        let mut found = Vec::with_capacity(parts.len());
        for part in &parts {
            let algorithms = self.algorithms.list().len();
            budget.step(algorithms)?;
            let Some(alternatives) = self.alternatives(part) else {
                return Ok(None);
            };
            let weight = 32 + bound::pattern_weight(part);
            budget.make(weight.saturating_mul(alternatives.len()))?;
            found.push(alternatives);
        }
        Ok(Some(found))
    }

    fn alternatives<'p>(&self, part: &Pattern<'p>) -> Option<Alternatives<'_, 'p>> {
        let algorithms = self.algorithms.list();
        let of = |hash: &Pattern<'p>, fits: &dyn Fn(&str) -> bool| -> Alternatives<'_, 'p> {
            let found = algorithms.iter().map(String::as_str);
            let found = found.filter(|known| fits(known));
            found.map(|known| (known, hash.clone())).collect()
        };
        let found = if let Some((open, name, hash)) = name_of(part) {
            let hash = whole(&hash, &name);
            if !is_hexadecimal(&hash) {
                return None;
            }
            let exact = of(&hash, &|known| known.eq_ignore_ascii_case(&name));
            let ends = |known: &str| {
                let from = known.len().checked_sub(name.len());
                let end = from.and_then(|from| known.get(from..));
                open && end.is_some_and(|end| end.eq_ignore_ascii_case(&name))
            };
            if exact.is_empty() {
                of(&hash, &ends)
            } else {
                exact
            }
        } else if !is_hexadecimal(part) {
            return None;
        } else if let Some(text) = digits(part) {
            let length = text.len();
            if LENGTHS.iter().any(|(_, known)| *known == length) {
                // As long as the hashes of some algorithm are, it is one of those.
                let hash = Pattern::literal(text.to_owned());
                of(&hash, &|known| length_of(known) == Some(length))
            } else {
                // Without a name it is any algorithm's whose hashes are long enough.
                of(part, &|known| {
                    length_of(known).is_none_or(|most| length <= most)
                })
            }
        } else {
            of(part, &|_| true)
        };
        (!found.is_empty()).then_some(found)
    }
}

/// Algorithms, each with the hash, one of which has to be found.
type Alternatives<'h, 'p> = Vec<(&'h str, Pattern<'p>)>;

/// Values by the field that they are for, in order.
#[derive(Default)]
pub struct ByField<'s>(Vec<(String, Vec<Spanned<Value<'s>>>)>);

impl<'s> ByField<'s> {
    /// Adds a value.
    pub fn push(
        &mut self,
        field: String,
        value: Spanned<Value<'s>>,
        budget: &Budget,
    ) -> Result<(), Diagnostic> {
        budget.step(1 + self.0.len() / 8)?;
        budget.make(128 + field.len() + bound::value_weight(&value.value))?;
        match self.0.iter_mut().find(|(known, _)| *known == field) {
            // Without the algorithm's name, one field is several algorithms'.
            Some((_, values)) if values.last() == Some(&value) => {}
            Some((_, values)) => {
                values.push(value);
                bound::values(values.len())?;
            }
            None => self.0.push((field, vec![value])),
        }
        Ok(())
    }

    /// An item for each field.
    pub fn nodes(self, found: &Item<'s>, link: Link, negated: bool) -> Vec<DetectionNode<'s>> {
        let fields = self.0.into_iter().filter(|(field, _)| !field.is_empty());
        let nodes = fields.map(|(field, values)| {
            DetectionNode::Item(Item {
                // pySigma's name for "no field".
                field: (field != "keyword").then_some(Cow::Owned(field)),
                listed: values.len() > 1,
                values,
                link,
                negated,
                ..empty_item(found.key)
            })
        });
        nodes.collect()
    }
}

fn joined<'s>(
    found: &Item<'s>,
    link: Link,
    mut nodes: Vec<DetectionNode<'s>>,
) -> DetectionNode<'s> {
    if let [DetectionNode::Detection(_)] = nodes.as_slice() {
        return nodes.remove(0);
    }
    let link = if found.negated { opposite(link) } else { link };
    group(found, link, nodes)
}

impl Transformation for Hashes {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        pass.each_item(|found, state| {
            state.budget.step(self.fields.cost())?;
            let is_one = |field: &str| rules.lists(&self.fields, field);
            let is_text = |value: &Spanned<Value<'_>>| pattern_of(&value.value).is_some();
            if !found.field.as_deref().is_some_and(is_one) || !found.values.iter().all(is_text) {
                return Ok(Outcome::Unchanged);
            }
            rules.hashes(self, found, state)
        })
    }
}
