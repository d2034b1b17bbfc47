//! Placeholders: `%servers%` under `|expand` becomes what the pipeline knows.

use super::string::string_like;
use super::walk::{Replacement, each_value};
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::pipeline::bound;
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, Key, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::reader::{Keys, Names};
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Part, Pattern, Regex, Rule, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// The keys by which every placeholder transformation chooses placeholders.
pub const INCLUDE: Key = optional("include", "the placeholders to replace; by default all");
/// See [`INCLUDE`].
pub const EXCLUDE: Key = optional("exclude", "the placeholders not to replace");

/// `wildcard_placeholders`
pub const WILDCARD: Entry<Load> = Entry {
    name: "wildcard_placeholders",
    summary: "Replaces placeholders by the wildcard `*`.",
    keys: &[INCLUDE, EXCLUDE],
    load: |keys| Some(Box::new(Wildcard(Choice::load(keys)?))),
};

/// `value_placeholders`
pub const VALUE: Entry<Load> = Entry {
    name: "value_placeholders",
    summary: "Replaces placeholders by the values of `vars`.",
    keys: &[INCLUDE, EXCLUDE],
    load: |keys| Some(Box::new(Values(Choice::load(keys)?))),
};

/// `query_expression_placeholders`
pub const QUERY_EXPRESSION: Entry<Load> = Entry {
    name: "query_expression_placeholders",
    summary: "Replaces values that are a placeholder by a piece of the target's language.",
    keys: &[
        INCLUDE,
        EXCLUDE,
        required(
            "expression",
            "text; `{field}` and `{id}` in it are filled in",
        ),
        optional("mapping", "a map of placeholders to what `{id}` becomes"),
    ],
    load: |keys| {
        let mapping = match keys.node("mapping") {
            Some(_) => keys.text_map("mapping")?.into_iter().collect(),
            None => HashMap::new(),
        };
        Some(Box::new(QueryExpression {
            choice: Choice::load(keys)?,
            expression: keys.text("expression")?,
            mapping,
        }))
    },
};

/// Which placeholders are replaced.
#[derive(Debug)]
pub struct Choice {
    include: Option<Names>,
    exclude: Option<Names>,
}

impl Choice {
    /// Reads `include` and `exclude`.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let list = |name: &str| match keys.node(name) {
            Some(_) => keys.names(name).map(Some),
            None => Some(None),
        };
        let choice = Self {
            include: list("include")?,
            exclude: list("exclude")?,
        };
        if choice.include.is_some() && choice.exclude.is_some() {
            let span = keys.node("exclude").map_or(keys.span, |node| node.span);
            let message = "`include` and `exclude` exclude each other";
            keys.report(Code::PipelineValue, span, message);
            return None;
        }
        Some(choice)
    }

    fn takes(&self, name: &str, compat: bool) -> bool {
        let listed = |names: &Names| names.contains(name, compat);
        self.include.as_ref().is_none_or(listed) && !self.exclude.as_ref().is_some_and(listed)
    }

    /// What [`Self::takes`] costs, in steps.
    fn cost(&self) -> usize {
        let cost = |names: &Option<Names>| names.as_ref().map_or(0, Names::cost);
        cost(&self.include) + cost(&self.exclude)
    }

    fn takes_some(&self, pattern: &Pattern<'_>, compat: bool) -> bool {
        pattern.parts.iter().any(|part| match part {
            Part::Placeholder(name) => self.takes(name, compat),
            _ => false,
        })
    }
}

/// What a placeholder may become.
pub type Patterns<'s> = Cow<'s, [Pattern<'static>]>;

/// Replaces placeholders in strings and regular expressions: each by one of the patterns that
/// `values` gives, in every combination.
pub fn replace<'s>(
    choice: &Choice,
    item: &'s ProcessingItem,
    rule: &mut Rule<'s>,
    state: &mut State<'s>,
    values: impl Fn(&str, &State<'s>) -> Result<Patterns<'s>, Diagnostic>,
) -> Result<(), Diagnostic> {
    let expansions = !state.settings.compat;
    each_value(item, rule, state, expansions, |_, value, state| {
        let pattern = match value {
            Value::String(pattern) | Value::Cased(pattern) => pattern,
            Value::Regex(regex) => &regex.pattern,
            _ => return Ok(Replacement::Keep),
        };
        let compat = state.settings.compat;
        let placeholders = pattern
            .parts
            .iter()
            .filter(|part| matches!(part, Part::Placeholder(_)));
        state
            .budget
            .step(placeholders.count().saturating_mul(choice.cost()))?;
        if !choice.takes_some(pattern, compat) {
            return Ok(Replacement::Keep);
        }
        let is_regex = matches!(value, Value::Regex(_));
        let values = |name: &str, state: &State<'s>| {
            let found = values(name, state)?;
            Ok(if is_regex {
                Cow::Owned(found.iter().map(|value| in_regex(value, compat)).collect())
            } else {
                found
            })
        };
        let filled = combine(choice, &pattern.parts, state, &values)?;
        let mut new = filled.into_iter().map(|pattern| match value {
            Value::Regex(regex) => Value::Regex(Regex {
                pattern,
                flags: regex.flags,
            }),
            value => string_like(value, pattern, state),
        });
        Ok(match (new.next(), new.next()) {
            (Some(only), None) => Replacement::One(only),
            (first, second) => {
                Replacement::Many(first.into_iter().chain(second).chain(new).collect())
            }
        })
    })
}

fn combine<'s>(
    choice: &Choice,
    parts: &[Part<'s>],
    state: &State<'s>,
    values: &dyn Fn(&str, &State<'s>) -> Result<Patterns<'s>, Diagnostic>,
) -> Result<Vec<Pattern<'s>>, Diagnostic> {
    let mut filled = vec![Pattern::default()];
    for part in parts {
        let Part::Placeholder(name) = part else {
            push(&mut filled, part, state)?;
            continue;
        };
        if !choice.takes(name, state.settings.compat) {
            push(&mut filled, part, state)?;
            continue;
        }
        let values = values(name, state)?;
        bound::values(filled.len().saturating_mul(values.len()))?;
        // Each of the one is joined to each of the other.
        let bytes = |patterns: &[Pattern<'_>]| patterns.iter().map(bound::pattern_weight).sum();
        let (left, right): (usize, usize) = (bytes(&filled), bytes(&values));
        let left = left.saturating_mul(values.len());
        state
            .budget
            .make(left.saturating_add(right.saturating_mul(filled.len())))?;
        let mut next = Vec::with_capacity(filled.len() * values.len());
        for pattern in &filled {
            for value in values.iter() {
                let mut pattern = pattern.clone();
                for part in &value.parts {
                    pattern.push(part.clone());
                }
                next.push(pattern);
            }
        }
        filled = next;
    }
    Ok(filled)
}

fn push<'s>(
    filled: &mut [Pattern<'s>],
    part: &Part<'s>,
    state: &State<'s>,
) -> Result<(), Diagnostic> {
    let length = match part {
        Part::Literal(text) | Part::Placeholder(text) => text.len(),
        Part::Any | Part::One => 1,
    };
    state.budget.make(length.saturating_mul(filled.len()))?;
    for pattern in filled {
        pattern.push(part.clone());
    }
    Ok(())
}

/// A placeholder's value inside a regular expression is a piece of one, as it was written. For a
/// wildcard alone pySigma puts `*`, which repeats what stands before it.
fn in_regex(value: &Pattern<'_>, compat: bool) -> Pattern<'static> {
    if value.parts == [Part::Any] && !compat {
        return Pattern::literal(".*");
    }
    Pattern::literal(text::plain(value).into_owned())
}

#[derive(Debug)]
struct Wildcard(Choice);

impl Transformation for Wildcard {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        replace(&self.0, item, rule, state, |_, _| {
            Ok(Cow::Owned(vec![Pattern {
                parts: vec![Part::Any],
            }]))
        })
    }
}

#[derive(Debug)]
struct Values(Choice);

impl Transformation for Values {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        replace(&self.0, item, rule, state, |name, state| {
            state
                .budget
                .step(1 + (state.vars.len() + state.settings.vars.len()) / 8)?;
            let Some(value) = state.var(name) else {
                let mut error = Diagnostic::error(
                    Code::PlaceholderValue,
                    format!("no pipeline has a variable for the placeholder `%{name}%`"),
                )
                .help(format!(
                    "add `{name}` to `vars`, with a value or a list of values"
                ));
                let vars = state.vars.iter().map(|(known, _)| known.as_str());
                if let Some(near) = nearest(name, vars) {
                    error = error.help(format!("there is a variable `{near}`"));
                }
                return Err(error);
            };
            let items = match value {
                serde_json::Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            state.budget.step(items.len())?;
            let patterns: Option<Vec<_>> = items
                .iter()
                .map(|value| match value {
                    serde_json::Value::Null
                    | serde_json::Value::Array(_)
                    | serde_json::Value::Object(_) => None,
                    value => Some(text::parse(&data::text(value))),
                })
                .collect();
            patterns
                .filter(|patterns| !patterns.is_empty())
                .map(Cow::Owned)
                .ok_or_else(|| {
                    Diagnostic::error(
                        Code::PlaceholderValue,
                        format!(
                            "expected the variable `{name}` to hold texts or numbers, found {value}"
                        ),
                    )
                })
        })
    }
}

#[derive(Debug)]
struct QueryExpression {
    choice: Choice,
    expression: String,
    mapping: HashMap<String, String>,
}

impl Transformation for QueryExpression {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let compat = state.settings.compat;
        each_value(item, rule, state, !compat, |_, value, state| {
            let (Value::String(pattern) | Value::Cased(pattern)) = value else {
                return Ok(Replacement::Keep);
            };
            state.budget.step(self.choice.cost())?;
            match pattern.parts.as_slice() {
                [Part::Placeholder(name)] if self.choice.takes(name, compat) => {
                    let mapped = self.mapping.get(name.as_ref()).filter(|id| !id.is_empty());
                    Ok(Replacement::One(Value::Query {
                        expr: Cow::Borrowed(&self.expression),
                        id: mapped.map_or_else(|| name.clone(), |id| Cow::Borrowed(id.as_str())),
                    }))
                }
                [Part::Placeholder(_)] => Ok(Replacement::Keep),
                _ => match pattern.placeholder() {
                    None => Ok(Replacement::Keep),
                    Some(name) => Err(Diagnostic::error(
                        Code::PlaceholderValue,
                        format!("expected nothing beside the placeholder `%{name}%` in the value"),
                    )
                    .help("a query expression takes the place of a whole value")),
                },
            }
        })
    }
}
