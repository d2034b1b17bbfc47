//! `add_condition`: one more detection, joined to every condition of the rule by `and`.
//!
//! `{EventID: 1}` makes of `condition: selection` the condition `_cond_1 and (selection)`. The
//! detection's name begins with `_`, so that `1 of them` does not count it.

use super::alternatives::empty_item;
use super::{Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::modifier;
use crate::pipeline::bound;
use crate::pipeline::condition::rule::parts_of;
use crate::pipeline::data;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::text;
use crate::profile::Specification;
use crate::rule::{
    ConditionExpr, Detection, DetectionNode, Item, Link, Modifier, Number, Pattern, Rule, Value,
};
use crate::source::{Span, Spanned};
use crate::yaml::Node;
use std::borrow::Cow;
use std::cell::Cell;

/// `add_condition`
#[derive(Debug)]
pub struct AddCondition {
    name: String,
    items: Vec<Added>,
    template: bool,
    negated: bool,
}

/// A field with its values, as written.
#[derive(Debug)]
struct Added {
    field: Option<String>,
    modifiers: Vec<Modifier>,
    listed: bool,
    values: Vec<serde_json::Value>,
    /// The same, modifiers applied; for templates that is done for each rule.
    ready: Item<'static>,
}

impl AddCondition {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let node = keys.node("conditions")?;
        let pairs = node.as_mapping().filter(|pairs| !pairs.is_empty());
        let Some(pairs) = pairs else {
            keys.wrong("conditions", node, "a map of fields to values");
            return None;
        };
        // Each is read, so that every error shows.
        let items: Vec<_> = pairs
            .iter()
            .map(|(field, values)| Added::load(keys, field, values))
            .collect();
        let name = keys.text("name").filter(|name| !name.is_empty());
        Some(Self {
            name: name.unwrap_or_else(|| format!("_cond_{}", keys.span.start)),
            items: items.into_iter().collect::<Option<_>>()?,
            template: keys.flag("template"),
            negated: keys.flag("negated"),
        })
    }

    /// The detection's name: its own, or, where the rule has one of that name that is not meant
    /// to be replaced, another.
    fn name_in<'s>(&'s self, rule: &Rule<'_>) -> Cow<'s, str> {
        let generated = self.name.starts_with("_cond_");
        let mut name = Cow::Borrowed(self.name.as_str());
        let mut number = 1;
        while generated && rule.detection.get(&name).is_some() {
            number += 1;
            name = Cow::Owned(format!("{}_{number}", self.name));
        }
        name
    }
}

impl Added {
    fn load(keys: &Keys<'_>, key: &Node<'_>, node: &Node<'_>) -> Option<Self> {
        let written = scalar_text(key).unwrap_or_default();
        let mut words = written.split('|');
        let field = words.next().filter(|field| !field.is_empty());
        let mut modifiers = Vec::new();
        for word in words {
            let Some(modifier) = Modifier::from_name(word) else {
                let message = format!("there is no modifier `{word}`");
                let mut error = Diagnostic::error(Code::UnknownModifier, message).at(key.span);
                let names = Modifier::ALL.iter().flat_map(|modifier| modifier.names());
                if let Some(near) = nearest(word, names.copied()) {
                    error = error.help(format!("did you mean `{near}`?"));
                }
                keys.loader.report(error);
                return None;
            };
            modifiers.push(modifier);
        }
        let listed = node.as_sequence().is_some();
        let values = match data::read(node) {
            serde_json::Value::Array(items) => items,
            one => vec![one],
        };
        let is_data = |value: &serde_json::Value| value.is_array() || value.is_object();
        if values.iter().any(is_data) {
            keys.wrong("conditions[…]", node, "a value or a list of values");
            return None;
        }
        let mut added = Self {
            field: field.map(str::to_owned),
            modifiers,
            listed,
            values,
            ready: empty_item(Span::default()),
        };
        let report = |mut error: Diagnostic| {
            error.labels.clear();
            keys.loader.report(error.at(node.span));
        };
        let ready = added.item(&|text| Cow::Borrowed(text), Span::default(), &Specification);
        added.ready = ready.map_err(report).ok()?;
        Some(added)
    }

    fn item(
        &self,
        fill: &dyn Fn(&str) -> Cow<'_, str>,
        span: Span,
        rules: &dyn modifier::Rules,
    ) -> Result<Item<'static>, Diagnostic> {
        let raw = self.modifiers.contains(&Modifier::Re);
        let value = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) if raw => {
                Value::String(Pattern::literal(fill(text).into_owned()))
            }
            serde_json::Value::String(text) => Value::String(text::parse(&fill(text))),
            serde_json::Value::Number(number) => Value::Number(Number {
                text: Cow::Owned(number.to_string()),
                value: number.as_f64().unwrap_or_default(),
            }),
            serde_json::Value::Bool(value) => Value::Bool(*value),
            _ => Value::Null,
        };
        let modifiers = self.modifiers.iter();
        let values = self.values.iter();
        let mut item = Item {
            field: self.field.clone().map(Cow::Owned),
            modifiers: modifiers
                .map(|modifier| Spanned::new(*modifier, span))
                .collect(),
            values: values
                .map(|written| Spanned::new(value(written), span))
                .collect(),
            listed: self.listed,
            ..empty_item(span)
        };
        modifier::apply_item(&mut item, rules)?;
        Ok(item)
    }

    /// The most bytes that it has in a rule.
    fn weight(&self, rule: &Rule<'_>, template: bool) -> usize {
        let weight = bound::item_weight(&self.ready);
        if !template {
            return weight;
        }
        let texts = parts_of(&rule.logsource).into_iter();
        let lengths = texts.filter_map(|(_, text)| text.map(str::len));
        let longest = lengths.max().unwrap_or(0).max(4);
        let texts = self.values.iter().filter_map(serde_json::Value::as_str);
        let slots: usize = texts.map(|text| text.matches('$').count()).sum();
        weight.saturating_add(longest.saturating_mul(slots))
    }

    /// The ready item, borrowing its text.
    fn borrowed(&self, span: Span) -> Item<'_> {
        let item = &self.ready;
        let values = item.values.iter();
        let borrowed = |value| Spanned::new(text::borrowed_value(value), span);
        Item {
            field: item.field.as_deref().map(Cow::Borrowed),
            modifiers: item.modifiers.clone(),
            values: values.map(|value| borrowed(&value.value)).collect(),
            listed: item.listed,
            link: item.link,
            negated: item.negated,
            ..empty_item(span)
        }
    }
}

/// `string.Template.safe_substitute`: `$name` and `${name}` where known, `$$` for `$`.
fn substitute<'v>(text: &str, value: &dyn Fn(&str) -> Option<&'v str>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(next) = after.strip_prefix('$') {
            result.push('$');
            rest = next;
            continue;
        }
        let braced = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (name, length) = if let Some((name, _)) = braced {
            (name, name.len() + 2)
        } else {
            let word = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let end = after.find(|character| !word(character));
            let end = end.unwrap_or(after.len());
            (&after[..end], end)
        };
        if let Some(value) = value(name) {
            result.push_str(value);
            rest = &after[length..];
        } else {
            result.push('$');
            rest = after;
        }
    }
    result.push_str(rest);
    result
}

fn no_part(part: &str) -> Diagnostic {
    let message = format!("the log source has no {part}, which the template asks for");
    Diagnostic::error(Code::TransformationFailed, message).help(format!(
        "apply the item to rules with a {part} alone (`rule_conditions` of type `logsource`)"
    ))
}

impl Transformation for AddCondition {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let Pass { item, rule, state } = pass;
        // A correlation has no condition on events.
        if state.correlation.is_some() {
            return Ok(());
        }
        let span = rule.logsource.span;
        let modifiers = state.settings.items.modifiers();
        state.added += 1;
        bound::conditions(state.added)?;
        let mut nodes = Vec::with_capacity(self.items.len());
        for added in &self.items {
            state.budget.make(added.weight(rule, self.template))?;
            let mut made = if self.template {
                let parts = parts_of(&rule.logsource);
                let absent = Cell::new(None);
                let value = |name: &str| {
                    let (known, text) = parts.iter().find(|(known, _)| *known == name)?;
                    let text = text.or(state.settings.items.absent_part());
                    absent.set(absent.get().or_else(|| text.is_none().then_some(*known)));
                    Some(text.unwrap_or_default())
                };
                let rules = modifiers.unwrap_or(&Specification);
                let made = added.item(&|text| Cow::Owned(substitute(text, &value)), span, rules)?;
                if let Some(part) = absent.get() {
                    return Err(no_part(part).at(span));
                }
                made
            } else if let Some(rules) = modifiers.filter(|_| !added.modifiers.is_empty()) {
                added.item(&|text| Cow::Borrowed(text), span, rules)?
            } else {
                added.borrowed(span)
            };
            if made.values.is_empty() {
                state.settings.items.complete(&mut made);
            }
            if made.values.is_empty() {
                let message = "expected values for the condition, found an empty list";
                return Err(Diagnostic::error(Code::TransformationFailed, message).at(span));
            }
            item.mark(&mut made);
            nodes.push(DetectionNode::Item(made));
        }
        let name = Spanned::new(self.name_in(rule), span);
        for condition in &mut rule.detection.conditions {
            let identifier = ConditionExpr::Identifier(name.clone());
            let first = if self.negated {
                ConditionExpr::Not(span, Box::new(identifier))
            } else {
                identifier
            };
            let old = std::mem::replace(&mut condition.expr, ConditionExpr::And(Vec::new()));
            condition.expr = ConditionExpr::And(vec![first, ConditionExpr::Group(Box::new(old))]);
        }
        let link = Link::And;
        let detection = Detection { span, link, nodes };
        let named = &mut rule.detection.named;
        let mut known = named.iter_mut();
        match known.find(|(known, _)| known.value == name.value) {
            Some((_, old)) => *old = detection,
            None => named.push((name, detection)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_pythons() {
        let value = |name: &str| (name == "product").then_some("windows");
        assert_eq!(
            substitute("$product-${product}x $$product $other ${ $", &value),
            "windows-windowsx $product $other ${ $"
        );
    }
}
