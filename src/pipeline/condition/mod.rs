//! Conditions of a processing item: on the rule, on a detection item, on a field name.
//!
//! In: `rule_conditions` with `rule_cond_op`, `rule_cond_not` or `rule_cond_expr`, and the same
//! for `detection_item_` and `field_name_`. Out: a [`Conditions`] that answers yes or no.

pub mod attribute;
pub mod detection_item;
mod effect;
pub mod expression;
pub mod field_name;
pub mod rule;
pub mod state;

use super::entry::{Entry, typed};
use super::reader::{Keys, scalar_text};
use super::state::State;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Item, Rule, Value};
use crate::source::Span;
use crate::yaml::{Content, Node};
use expression::Expression;
use rule::LogSource;
use std::fmt::Debug;

/// A condition on the whole rule.
pub trait RuleCondition: Debug + Send + Sync {
    /// Does it hold? An error is a comparison that makes no sense.
    fn holds(&self, rule: &Rule<'_>, state: &State<'_>) -> Result<bool, Diagnostic>;

    /// The id that it asks for, if it asks whether an item was applied.
    fn asks_for(&self) -> Option<&str> {
        None
    }

    /// The log source that it asks for, if it asks for one.
    fn log_source(&self) -> Option<&LogSource> {
        None
    }
}

/// A condition on a detection item.
pub trait ItemCondition: Debug + Send + Sync {
    /// Does it hold?
    fn holds(&self, item: &Item<'_>, state: &State<'_>) -> Result<bool, Diagnostic>;

    /// As for [`RuleCondition`].
    fn asks_for(&self) -> Option<&str> {
        None
    }
}

/// A condition on a field's name, wherever it stands.
pub trait FieldCondition: Debug + Send + Sync {
    /// Does it hold for a name? Keywords have none.
    fn holds(&self, field: Option<&str>, state: &State<'_>) -> Result<bool, Diagnostic>;

    /// Does it hold for a detection item, by its field or a field that a value refers to?
    fn holds_for_item(&self, item: &Item<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let mut held = self.holds(item.field.as_deref(), state)?;
        let references = item.values.iter().flat_map(|value| match &value.value {
            Value::Expansion(values) => values.as_slice(),
            other => std::slice::from_ref(other),
        });
        for value in references {
            if let Value::FieldRef(reference) = value {
                held = held || self.holds(Some(&reference.field), state)?;
            }
        }
        Ok(held)
    }

    /// As for [`RuleCondition`].
    fn asks_for(&self) -> Option<&str> {
        None
    }
}

/// How an entry of a table makes a condition.
pub type Load<C> = super::entry::Load<Box<C>>;

/// A condition with what `pipeline trace` calls it.
#[derive(Debug)]
pub struct Named<C: ?Sized> {
    /// Its key in a map of conditions, or its type.
    pub name: String,
    /// What decides.
    pub condition: Box<C>,
    /// Where it stands in the pipeline's file.
    pub span: Span,
}

/// The conditions of one kind of one processing item.
#[derive(Debug)]
pub struct Conditions<C: ?Sized> {
    /// In the order written.
    pub all: Vec<Named<C>>,
    link: Link,
    negated: bool,
}

#[derive(Debug)]
enum Link {
    And,
    Or,
    Expression(Expression),
}

impl<C: ?Sized> Conditions<C> {
    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Must all of them hold?
    pub const fn are_all_needed(&self) -> bool {
        matches!(self.link, Link::And)
    }

    /// The answer. Every condition is asked, as pySigma does: each may fail.
    pub fn hold(
        &self,
        mut test: impl FnMut(&C) -> Result<bool, Diagnostic>,
    ) -> Result<bool, Diagnostic> {
        let held = match &self.link {
            Link::Expression(expression) => {
                expression.evaluate(&mut |index| test(&self.all[index].condition))?
            }
            Link::And => {
                let mut held = true;
                for named in &self.all {
                    held &= test(&named.condition)?;
                }
                held
            }
            Link::Or => {
                let mut held = false;
                for named in &self.all {
                    held |= test(&named.condition)?;
                }
                held
            }
        };
        Ok(held != self.negated)
    }

    /// Reads the four keys of a kind (`rule`, `detection_item`, `field_name`).
    pub fn load(keys: &Keys<'_>, kind: &str, table: &[Entry<Load<C>>]) -> Self {
        let what = format!("{} condition", kind.replace('_', " "));
        let mut all = Vec::new();
        let mut complete = true;
        let list = format!("{kind}_conditions");
        let node = keys.node(&list);
        let mut is_map = false;
        let mut load = |node: &Node<'_>, name: Option<String>| {
            let loaded = Keys::new(node, &format!("a {what}"), keys.loader).and_then(|mut keys| {
                typed(&mut keys, &what, Code::UnknownCondition, table, &["type"])
            });
            match loaded {
                Some((kind, condition)) => all.push(Named {
                    name: name.unwrap_or_else(|| kind.to_owned()),
                    condition,
                    span: node.span,
                }),
                None => complete = false,
            }
        };
        match node.map(|node| &node.content) {
            None => {}
            Some(Content::Sequence(items)) => {
                for item in items {
                    load(item, None);
                }
            }
            Some(Content::Mapping(pairs)) => {
                is_map = true;
                for (name, item) in pairs {
                    load(item, Some(scalar_text(name).unwrap_or_default()));
                }
            }
            Some(Content::Scalar(_)) => {
                if let Some(node) = node {
                    keys.wrong(&list, node, "a list or a map of conditions");
                }
            }
        }
        let operator = keys.choice(&format!("{kind}_cond_op"), &[("and", false), ("or", true)]);
        let mut link = if operator == Some(true) {
            Link::Or
        } else {
            Link::And
        };
        let name = format!("{kind}_cond_expr");
        if let Some(text) = keys.text(&name)
            && let Some(place) = keys.node(&name)
            && complete
            && let Some(expression) = read_expression(keys, kind, place, &text, is_map, &all)
        {
            if operator.is_some() {
                keys.report(
                    Code::ConditionExpression,
                    place.span,
                    format!("`{name}` and `{kind}_cond_op` exclude each other"),
                );
            }
            link = Link::Expression(expression);
        }
        effect::check(keys, kind, complete.then_some(all.len()));
        Self {
            all,
            link,
            negated: keys.flag(&format!("{kind}_cond_not")),
        }
    }
}

fn read_expression<C: ?Sized>(
    keys: &Keys<'_>,
    kind: &str,
    place: &Node<'_>,
    text: &str,
    is_map: bool,
    all: &[Named<C>],
) -> Option<Expression> {
    if !is_map {
        keys.loader.report(
            Diagnostic::error(
                Code::ConditionExpression,
                format!("`{kind}_cond_expr` needs conditions with names"),
            )
            .at(place.span)
            .help(format!(
                "write `{kind}_conditions` as a map of names to conditions"
            )),
        );
        return None;
    }
    let names: Vec<String> = all.iter().map(|named| named.name.clone()).collect();
    let expression = match Expression::parse(text, &names) {
        Ok(expression) => expression,
        Err(problem) => {
            // A quoted or folded scalar's text does not lie byte for byte in the file.
            let start = place.span.start as usize;
            let in_text = place.span.range().len() == text.len();
            let span = if in_text {
                Span::new(
                    start + problem.start,
                    start + problem.end.max(problem.start + 1),
                )
            } else {
                place.span
            };
            let mut diagnostic =
                Diagnostic::error(Code::ConditionExpression, problem.message).at(span);
            diagnostic.help.extend(problem.help);
            keys.loader.report(diagnostic);
            return None;
        }
    };
    if let Some(unused) = (0..names.len()).find(|position| !expression.uses(*position)) {
        keys.report(
            Code::ConditionExpression,
            place.span,
            format!(
                "the expression does not use the condition `{}`",
                names[unused]
            ),
        );
    }
    Some(expression)
}
