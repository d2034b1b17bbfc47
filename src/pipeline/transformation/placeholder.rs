//! Placeholders: `%servers%` under `|expand` becomes what the pipeline knows.

use super::string::pattern_of;
use super::walk::Replacement;
use super::{Pass, Transformation, boxed};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::pipeline::data;
use crate::pipeline::reader::{Keys, Names};
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::pipeline::{ItemRules, bound};
use crate::rule::{Part, Pattern, Regex, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// Which placeholders are replaced.
#[derive(Debug)]
pub struct Choice {
    include: Option<Names>,
    exclude: Option<Names>,
}

impl Choice {
    /// Reads `include` and `exclude`.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let choice = Self {
            include: keys.names("include"),
            exclude: keys.names("exclude"),
        };
        if choice.include.is_some() && choice.exclude.is_some() {
            let message = "`include` and `exclude` exclude each other";
            keys.report(Code::PipelineValue, keys.span_of("exclude"), message);
            return None;
        }
        Some(choice)
    }

    fn takes(&self, name: &str, rules: &dyn ItemRules) -> bool {
        let listed = |names: &Names| rules.lists(names, name);
        self.include.as_ref().is_none_or(listed) && !self.exclude.as_ref().is_some_and(listed)
    }

    /// What [`Self::takes`] costs, in steps.
    fn cost(&self) -> usize {
        let cost = |names: &Option<Names>| names.as_ref().map_or(0, Names::cost);
        cost(&self.include) + cost(&self.exclude)
    }

    fn takes_some(&self, pattern: &Pattern<'_>, rules: &dyn ItemRules) -> bool {
        pattern.parts.iter().any(|part| match part {
            Part::Placeholder(name) => self.takes(name, rules),
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
    pass: &mut Pass<'_, 's>,
    values: impl Fn(&str, &State<'s>) -> Result<Patterns<'s>, Diagnostic>,
) -> Result<(), Diagnostic> {
    let rules = pass.rules();
    pass.each_value(rules.sees_alternatives(), |_, value, state| {
        let pattern = match value {
            Value::String(pattern) | Value::Cased(pattern) => pattern,
            Value::Regex(regex) => &regex.pattern,
            _ => return Ok(Replacement::Keep),
        };
        let is_placeholder = |part: &&Part<'_>| matches!(part, Part::Placeholder(_));
        let count = pattern.parts.iter().filter(is_placeholder).count();
        state.budget.step(count.saturating_mul(choice.cost()))?;
        if !choice.takes_some(pattern, rules) {
            return Ok(Replacement::Keep);
        }
        let is_regex = matches!(value, Value::Regex(_));
        let values = |name: &str, state: &State<'s>| {
            let found = values(name, state)?;
            Ok(if is_regex {
                found.iter().map(|value| rules.in_regex(value)).collect()
            } else {
                found
            })
        };
        let filled = combine(choice, &pattern.parts, state, &values)?;
        let new = filled.into_iter().map(|pattern| match value {
            Value::Regex(regex) => Value::Regex(Regex {
                pattern,
                flags: regex.flags,
            }),
            value => rules.string_like(value, pattern),
        });
        let mut new: Vec<_> = new.collect();
        Ok(match new.len() {
            1 => Replacement::One(new.remove(0)),
            _ => Replacement::Many(new),
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
        let values = match part {
            Part::Placeholder(name) if choice.takes(name, state.settings.items) => {
                values(name, state)?
            }
            part => {
                push(&mut filled, part, state)?;
                continue;
            }
        };
        bound::values(filled.len().saturating_mul(values.len()))?;
        // Each of the one is joined to each of the other.
        let bytes = |patterns: &[Pattern<'_>]| patterns.iter().map(bound::pattern_weight).sum();
        let (left, right): (usize, usize) = (bytes(&filled), bytes(&values));
        let left = left.saturating_mul(values.len());
        let right = right.saturating_mul(filled.len());
        state.budget.make(left.saturating_add(right))?;
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

#[derive(Debug)]
struct Wildcard(Choice);

/// `wildcard_placeholders`
pub fn wildcard(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(Wildcard(Choice::load(keys)?))
}

impl Transformation for Wildcard {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let parts = vec![Part::Any];
        let wildcard = Pattern { parts };
        replace(&self.0, pass, |_, _| Ok(Cow::Owned(vec![wildcard.clone()])))
    }
}

#[derive(Debug)]
struct Values(Choice);

/// `value_placeholders`
pub fn values(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(Values(Choice::load(keys)?))
}

impl Transformation for Values {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        replace(&self.0, pass, variable)
    }
}

/// The values of a variable.
fn variable<'s>(name: &str, state: &State<'s>) -> Result<Patterns<'s>, Diagnostic> {
    use serde_json::Value as Data;
    let count = state.vars.len() + state.settings.vars.len();
    state.budget.step(1 + count / 8)?;
    let Some(value) = state.var(name) else {
        let message = format!("no pipeline has a variable for the placeholder `%{name}%`");
        let help = format!("add `{name}` to `vars`, with a value or a list of values");
        let error = Diagnostic::error(Code::PlaceholderValue, message).help(help);
        let vars = state.vars.iter().map(|(known, _)| known.as_str());
        return Err(match nearest(name, vars) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        });
    };
    let items = match value {
        Data::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    state.budget.step(items.len())?;
    let pattern = |value: &Data| match value {
        Data::Null | Data::Array(_) | Data::Object(_) => None,
        value => Some(text::parse(&data::text(value))),
    };
    let patterns: Option<Vec<_>> = items.iter().map(pattern).collect();
    let patterns = patterns.filter(|patterns| !patterns.is_empty());
    patterns.map(Cow::Owned).ok_or_else(|| {
        let message =
            format!("expected the variable `{name}` to hold texts or numbers, found {value}");
        Diagnostic::error(Code::PlaceholderValue, message)
    })
}

#[derive(Debug)]
struct QueryExpression {
    choice: Choice,
    expression: String,
    mapping: HashMap<String, String>,
}

/// `query_expression_placeholders`
pub fn query_expression(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(QueryExpression {
        choice: Choice::load(keys)?,
        expression: keys.text("expression")?,
        mapping: keys.text_map("mapping").into_iter().collect(),
    })
}

impl Transformation for QueryExpression {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        pass.each_value(rules.sees_alternatives(), |_, value, state| {
            let Some(pattern) = pattern_of(value) else {
                return Ok(Replacement::Keep);
            };
            state.budget.step(self.choice.cost())?;
            let name = match (pattern.parts.as_slice(), pattern.placeholder()) {
                ([Part::Placeholder(name)], _) => name,
                (_, None) => return Ok(Replacement::Keep),
                (_, Some(name)) => {
                    let message = format!(
                        "expected the placeholder `%{name}%` alone, found more in the value"
                    );
                    return Err(Diagnostic::error(Code::PlaceholderValue, message)
                        .help("make it the whole value, which the query expression replaces"));
                }
            };
            if !self.choice.takes(name, rules) {
                return Ok(Replacement::Keep);
            }
            let mapped = self.mapping.get(name.as_ref()).filter(|id| !id.is_empty());
            Ok(Replacement::One(Value::Query {
                expr: Cow::Borrowed(&self.expression),
                id: mapped.map_or_else(|| name.clone(), |id| Cow::Borrowed(id.as_str())),
            }))
        })
    }
}
