//! Conditions of a processing item: on the rule, on a detection item, on a field name.
//!
//! In: `rule_conditions` with `rule_cond_op`, `rule_cond_not` or `rule_cond_expr`, and the same
//! for `detection_item_` and `field_name_`. Out: a [`Conditions`] that answers yes or no.

mod attribute;
mod column;
pub mod detection_item;
mod effect;
mod expression;
pub mod field_name;
pub mod rule;
mod state;

use super::definition::Table;
use super::reader::{Keys, scalar_text};
use super::state::State;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Item, Rule};
use crate::source::Span;
use crate::yaml::{Content, Node};
use expression::Expression;
use rule::LogSource;
use std::fmt::Debug;

/// What a condition is asked of.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// The whole rule.
    Rule(&'a Rule<'a>),
    /// A detection item.
    Item(&'a Item<'a>),
    /// A field's name, wherever it is; keywords have none.
    Field(Option<&'a str>),
}

/// A condition on one of the subjects.
pub trait Condition: Debug + Send + Sync {
    /// Does it hold? An error is a comparison that makes no sense.
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic>;

    /// The id that it asks for, if it asks whether an item was applied.
    fn asks_for(&self) -> Option<&str> {
        None
    }

    /// The log source that it asks for, if it asks for one.
    fn log_source(&self) -> Option<&LogSource> {
        None
    }
}

/// The types of one kind of conditions.
pub type Types = Table<Box<dyn Condition>>;

/// A condition as the tables have it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the functions of a table may fail"
)]
pub fn boxed(condition: impl Condition + 'static) -> Option<Box<dyn Condition>> {
    Some(Box::new(condition))
}

/// A condition with what `pipeline trace` calls it.
#[derive(Debug)]
pub struct Named {
    /// Its key in a map of conditions, or its type.
    pub name: String,
    /// What decides.
    pub condition: Box<dyn Condition>,
    /// Where it is in the pipeline's file.
    pub span: Span,
}

/// The conditions of one kind of one processing item.
#[derive(Debug)]
pub struct Conditions {
    /// In the order written.
    pub all: Vec<Named>,
    link: Link,
    negated: bool,
}

#[derive(Debug)]
enum Link {
    And,
    Or,
    Expression(Expression),
}

impl Conditions {
    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Must all of them hold?
    pub const fn are_all_needed(&self) -> bool {
        matches!(self.link, Link::And)
    }

    /// The answer. Every condition is asked, as pySigma does: each may fail.
    pub fn hold(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let mut test = |index: usize| self.all[index].condition.holds(subject, state);
        let mut all = 0..self.all.len();
        let held = match &self.link {
            Link::Expression(expression) => expression.evaluate(&mut test)?,
            Link::And => all.try_fold(true, |held, index| Ok(held & test(index)?))?,
            Link::Or => all.try_fold(false, |held, index| Ok(held | test(index)?))?,
        };
        Ok(held != self.negated)
    }

    /// The ids that they ask for, and where.
    pub fn asked(&self) -> impl Iterator<Item = (&str, Span)> {
        let named = self.all.iter();
        named.filter_map(|named| Some((named.condition.asks_for()?, named.span)))
    }

    /// Reads the four keys of a kind (`rule`, `detection_item`, `field_name`).
    pub fn load(keys: &Keys<'_>, kind: &str, table: &Types) -> Self {
        let mut all = Vec::new();
        let mut complete = true;
        let list = format!("{kind}_conditions");
        let mut load = |node: &Node<'_>, name: Option<String>| {
            let loaded = Keys::new(node, &format!("a {}", table.what), keys.loader)
                .and_then(|mut keys| keys.typed(table, Code::UnknownCondition));
            match loaded {
                Some((kind, condition)) => all.push(Named {
                    name: name.unwrap_or_else(|| kind.to_owned()),
                    condition,
                    span: node.span,
                }),
                None => complete = false,
            }
        };
        let node = keys.node(&list);
        let content = node.map(|node| &node.content);
        let is_map = matches!(content, Some(Content::Mapping(_)));
        match (node, content) {
            (_, Some(Content::Sequence(items))) => items.iter().for_each(|item| load(item, None)),
            (_, Some(Content::Mapping(pairs))) => {
                for (name, item) in pairs {
                    load(item, Some(scalar_text(name).unwrap_or_default()));
                }
            }
            (Some(node), _) => keys.wrong(&list, node, "a list or a map of conditions"),
            (None, _) => {}
        }
        let operator = keys.choice(&format!("{kind}_cond_op"), &[("and", false), ("or", true)]);
        let mut link = match operator {
            Some(true) => Link::Or,
            _ => Link::And,
        };
        let name = format!("{kind}_cond_expr");
        if let Some(text) = keys.text(&name)
            && let Some(place) = keys.node(&name)
            && complete
            && let Some(expression) = read_expression(keys, kind, place, &text, is_map, &all)
        {
            if operator.is_some() {
                let message = format!("`{name}` and `{kind}_cond_op` exclude each other");
                keys.report(Code::ConditionExpression, place.span, message);
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

fn read_expression(
    keys: &Keys<'_>,
    kind: &str,
    place: &Node<'_>,
    text: &str,
    is_map: bool,
    all: &[Named],
) -> Option<Expression> {
    if !is_map {
        let message = format!("`{kind}_cond_expr` needs conditions with names");
        let error = Diagnostic::error(Code::ConditionExpression, message).at(place.span);
        let help = format!("write `{kind}_conditions` as a map of names to conditions");
        keys.loader.report(error.help(help));
        return None;
    }
    let names: Vec<String> = all.iter().map(|named| named.name.clone()).collect();
    let expression = match Expression::parse(text, &names) {
        Ok(expression) => expression,
        Err(problem) => {
            // A quoted or folded scalar's text does not lie byte for byte in the file.
            let start = place.span.start as usize;
            let end = problem.end.max(problem.start + 1);
            let span = if place.span.range().len() == text.len() {
                Span::new(start + problem.start, start + end)
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
        let unused = &names[unused];
        let message = format!("the expression does not use the condition `{unused}`");
        keys.report(Code::ConditionExpression, place.span, message);
    }
    Some(expression)
}
