//! What each item of a pipeline did to a rule.
//!
//! In: a rule. Out: a [`Step`] an item: which conditions held, which detection items met the
//! others, and what was changed, before and after. It is what `varsigma pipeline trace` shows.

use super::condition::rule::show_log_source;
use super::condition::{Conditions, Named, Subject};
use super::item::ProcessingItem;
use super::{Pipeline, State, blame, bound, text};
use crate::diagnostic::Diagnostic;
use crate::rule::{ConditionExpr, Detection, DetectionNode, Item, Link, Quantifier, Rule, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// What an item did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The pipeline's path or name.
    pub pipeline: String,
    /// The item's place in its list, from 1.
    pub number: usize,
    /// Its `id`.
    pub id: Option<String>,
    /// The transformation.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Did the conditions on the rule hold?
    pub applied: bool,
    /// The conditions on the rule, each with its answer.
    pub rule_conditions: Vec<Answer>,
    /// The detection items that were asked, where there are conditions on them or their fields.
    pub detection_items: Vec<Asked>,
    /// What is other than before.
    pub changes: Vec<Change>,
    /// What the items of a `nest` did.
    pub nested: Vec<Step>,
}

/// A condition's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Its type, or its name in a map of conditions.
    pub condition: String,
    /// Did it hold?
    pub held: bool,
}

/// A detection item and the answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// `selection.Image: '*\cmd.exe'`
    pub item: String,
    /// Does the item change it?
    pub matched: bool,
    /// Each condition's answer.
    pub conditions: Vec<Answer>,
}

/// A part of the rule that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `logsource`, `fields`, `selection`, `state.index`, …
    pub part: String,
    /// `None` where it was not there.
    pub before: Option<String>,
    /// `None` where it is gone.
    pub after: Option<String>,
}

impl Pipeline {
    /// Changes a rule as [`Pipeline::apply`] does and says what each item did. Where an item
    /// refuses the rule, the error is the last thing there is.
    pub fn trace<'s>(
        &'s self,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> (Vec<Step>, Option<Diagnostic>) {
        let mut steps = Vec::new();
        for stage in &self.stages {
            for item in &stage.items {
                let error = step(&stage.path, item, rule, state, &mut steps);
                if let Err(error) = error {
                    return (steps, Some(blame(error, &stage.path, item)));
                }
            }
        }
        (steps, None)
    }
}

fn step<'s>(
    pipeline: &str,
    item: &'s ProcessingItem,
    rule: &mut Rule<'s>,
    state: &mut State<'s>,
    steps: &mut Vec<Step>,
) -> Result<(), Diagnostic> {
    let named = rule.detection.named.iter();
    let items: usize = named
        .map(|(_, detection)| bound::item_count(detection))
        .sum();
    state.budget.step(2 * items)?;
    let before = parts(rule, state);
    let rule_conditions = answers(&item.rule_conditions, Subject::Rule(rule), state)?;
    let applied = item.applies_to(rule, state)?;
    let mut asked = Vec::new();
    if applied && !(item.item_conditions.is_empty() && item.field_conditions.is_empty()) {
        for (name, detection) in &rule.detection.named {
            ask(item, &name.value, detection, state, &mut asked)?;
        }
    }
    let mut nested = Vec::new();
    let inner = item.transformation.nested();
    let result = if applied && !inner.is_empty() {
        item.note(state);
        let rules = state.settings.items;
        rules.nest(state, &mut |state| {
            inner
                .iter()
                .try_for_each(|item| step(pipeline, item, rule, state, &mut nested))
        })
    } else {
        item.apply(rule, state).map(|_| ())
    };
    let after = parts(rule, state);
    steps.push(Step {
        pipeline: pipeline.to_owned(),
        number: item.number,
        id: item.id.clone(),
        kind: item.kind,
        applied,
        rule_conditions,
        detection_items: asked,
        changes: changes(&before, &after),
        nested,
    });
    result
}

fn answers(
    conditions: &Conditions,
    subject: Subject<'_>,
    state: &State<'_>,
) -> Result<Vec<Answer>, Diagnostic> {
    let answer = |named: &Named| {
        Ok(Answer {
            condition: named.name.clone(),
            held: named.condition.holds(subject, state)?,
        })
    };
    conditions.all.iter().map(answer).collect()
}

fn ask(
    item: &ProcessingItem,
    name: &str,
    detection: &Detection<'_>,
    state: &State<'_>,
    asked: &mut Vec<Asked>,
) -> Result<(), Diagnostic> {
    for node in &detection.nodes {
        match node {
            DetectionNode::Detection(detection) => ask(item, name, detection, state, asked)?,
            DetectionNode::Item(found) => {
                let subject = Subject::Item(found);
                let mut conditions = answers(&item.item_conditions, subject, state)?;
                conditions.extend(answers(&item.field_conditions, subject, state)?);
                asked.push(Asked {
                    item: format!("{name}.{}", show_item(found)),
                    matched: item.matches_item(found, state)?,
                    conditions,
                });
            }
        }
    }
    Ok(())
}

fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Change> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Change {
            part: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}

/// The rule in pieces that can be compared.
fn parts(rule: &Rule<'_>, state: &State<'_>) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    parts.insert("logsource".into(), show_log_source(&rule.logsource));
    let fields = rule.fields.iter().map(|field| field.value.as_ref());
    let fields: Vec<&str> = fields.collect();
    if !fields.is_empty() {
        parts.insert("fields".into(), fields.join(", "));
    }
    for (index, condition) in rule.detection.conditions.iter().enumerate() {
        let name = match index {
            0 => "condition".to_owned(),
            index => format!("condition.{}", index + 1),
        };
        parts.insert(name, show_condition(&condition.expr));
    }
    for (name, detection) in &rule.detection.named {
        for (index, node) in detection.nodes.iter().enumerate() {
            parts.insert(format!("{}.{}", name.value, index + 1), show_node(node));
        }
    }
    for (key, value) in state.values() {
        parts.insert(format!("state.{key}"), value.to_string());
    }
    for (name, node) in &rule.custom {
        let value = super::data::read(node).to_string();
        parts.insert(format!("attribute.{}", name.value), value);
    }
    parts
}

fn show_node(node: &DetectionNode<'_>) -> String {
    match node {
        DetectionNode::Item(item) => show_item(item),
        DetectionNode::Detection(detection) => {
            let parts: Vec<_> = detection.nodes.iter().map(show_node).collect();
            format!("({})", parts.join(join(detection.link)))
        }
    }
}

fn join(link: Link) -> &'static str {
    match link {
        Link::And => " and ",
        Link::Or => " or ",
    }
}

fn show_item(item: &Item<'_>) -> String {
    let values = item.values.iter().map(|value| show_value(&value.value));
    let values: Vec<_> = values.collect();
    let field = item.field.as_deref().unwrap_or("(keyword)");
    let not = if item.negated { "not " } else { "" };
    format!("{not}{field}: {}", values.join(join(item.link)))
}

fn show_value(value: &Value<'_>) -> String {
    match value {
        Value::String(pattern) => format!("'{}'", text::plain(pattern)),
        Value::Cased(pattern) => format!("'{}' (cased)", text::plain(pattern)),
        Value::Number(number) => number.text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        Value::Exists(exists) => format!("exists {exists}"),
        Value::Regex(regex) => {
            let pattern = regex.pattern.as_literal();
            let pattern =
                pattern.map_or_else(|| text::plain(&regex.pattern).into_owned(), str::to_owned);
            format!("/{pattern}/")
        }
        Value::Cidr(network) => network.text.to_string(),
        Value::Compare(comparison, part, number) => {
            let part = part.map_or(String::new(), |part| format!("{} ", part.name()));
            format!("{part}{comparison:?} {}", number.text).to_lowercase()
        }
        Value::FieldRef(reference) => format!("the field {}", reference.field),
        Value::Time(part, number) => format!("{} {}", part.name(), number.text),
        Value::Expansion(values) => {
            let values: Vec<_> = values.iter().map(show_value).collect();
            format!("({})", values.join(" or "))
        }
        Value::Query { expr, id } => format!("query {expr} ({id})"),
    }
}

fn show_condition(expr: &ConditionExpr<'_>) -> String {
    let all = |operands: &[ConditionExpr<'_>], word: &str| {
        let shown: Vec<_> = operands.iter().map(show_condition).collect();
        shown.join(word)
    };
    match expr {
        ConditionExpr::Or(operands) => all(operands, " or "),
        ConditionExpr::And(operands) => all(operands, " and "),
        ConditionExpr::Not(_, operand) => format!("not {}", show_condition(operand)),
        ConditionExpr::Group(inner) => format!("({})", show_condition(inner)),
        ConditionExpr::Identifier(name) => name.value.to_string(),
        ConditionExpr::Selector(selector) => {
            let quantifier = match selector.quantifier {
                Quantifier::One => "1",
                Quantifier::Any => "any",
                Quantifier::All => "all",
            };
            format!("{quantifier} of {}", selector.pattern.value)
        }
    }
}
