//! `add_condition`: one more detection, joined to every condition of the rule by `and`.
//!
//! `{EventID: 1}` makes of `condition: selection` the condition `_cond_1 and (selection)`. The
//! detection's name begins with `_`, so that `1 of them` does not count it.

use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::modifier;
use crate::pipeline::bound;
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::profile::Specification;
use crate::rule::{
    ConditionExpr, Detection, DetectionNode, Item, Link, Modifier, Number, Pattern, Rule, Value,
};
use crate::source::{Span, Spanned};
use crate::yaml::Node;
use std::borrow::Cow;

/// Its entry.
pub const ENTRY: Entry<Load> = Entry {
    name: "add_condition",
    summary: "Adds a detection that must match, too; it may be a template of the log source.",
    keys: &[
        required(
            "conditions",
            "a detection: a map of fields, `null` for keywords",
        ),
        optional("name", "the detection's name"),
        optional(
            "template",
            "`true`: `$category`, `$product` and `$service` are filled in",
        ),
        optional("negated", "`true`: the detection must not match"),
    ],
    load: |keys| Some(Box::new(AddCondition::load(keys)?)),
};

#[derive(Debug)]
struct AddCondition {
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
    fn load(keys: &Keys<'_>) -> Option<Self> {
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
                let mut error = Diagnostic::error(
                    Code::UnknownModifier,
                    format!("there is no modifier `{word}`"),
                )
                .at(key.span);
                let names = Modifier::ALL.iter().flat_map(|modifier| modifier.names());
                if let Some(near) = nearest(word, names.copied()) {
                    error = error.help(format!("write `{near}`"));
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
            ready: Item {
                field: field.map(|field| Cow::Owned(field.to_owned())),
                key: Span::default(),
                modifiers: Vec::new(),
                values: Vec::new(),
                listed,
                link: Link::Or,
                negated: false,
                processed_by: Vec::new(),
            },
        };
        added.ready = added
            .item(&|text| Cow::Borrowed(text), Span::default(), &Specification)
            .map_err(|error| {
                keys.loader.report(
                    Diagnostic {
                        labels: Vec::new(),
                        ..error
                    }
                    .at(node.span),
                );
            })
            .ok()?;
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
        let mut item = Item {
            field: self.field.clone().map(Cow::Owned),
            key: span,
            modifiers: self
                .modifiers
                .iter()
                .map(|modifier| Spanned::new(*modifier, span))
                .collect(),
            values: self
                .values
                .iter()
                .map(|written| Spanned::new(value(written), span))
                .collect(),
            listed: self.listed,
            link: Link::Or,
            negated: false,
            processed_by: Vec::new(),
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
        let source = &rule.logsource;
        let texts = [&source.category, &source.product, &source.service];
        let texts = texts.into_iter().flatten();
        let longest = texts.map(|text| text.value.len()).max().unwrap_or(0).max(4);
        let texts = self.values.iter().filter_map(serde_json::Value::as_str);
        let slots: usize = texts.map(|text| text.matches('$').count()).sum();
        weight.saturating_add(longest.saturating_mul(slots))
    }

    /// The ready item, borrowing its text.
    fn borrowed(&self, span: Span) -> Item<'_> {
        let item = &self.ready;
        Item {
            field: item.field.as_deref().map(Cow::Borrowed),
            key: span,
            modifiers: item.modifiers.clone(),
            values: item
                .values
                .iter()
                .map(|value| Spanned::new(text::borrowed_value(&value.value), span))
                .collect(),
            listed: item.listed,
            link: item.link,
            negated: item.negated,
            processed_by: Vec::new(),
        }
    }
}

/// `string.Template.safe_substitute`: `$name` and `${name}` where known, `$$` for `$`.
fn substitute<'v>(text: &str, value: &dyn Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if let Some(next) = behind.strip_prefix('$') {
            result.push('$');
            rest = next;
            continue;
        }
        let braced = behind
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (name, length) = if let Some((name, _)) = braced {
            (name, name.len() + 2)
        } else {
            let word = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let end = behind.find(|character| !word(character));
            let end = end.unwrap_or(behind.len());
            (&behind[..end], end)
        };
        if let Some(value) = value(name) {
            result.push_str(&value);
            rest = &behind[length..];
        } else {
            result.push('$');
            rest = behind;
        }
    }
    result.push_str(rest);
    result
}

impl Transformation for AddCondition {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let span = rule.logsource.span;
        state.added += 1;
        bound::conditions(state.added)?;
        let mut nodes = Vec::with_capacity(self.items.len());
        for added in &self.items {
            state.budget.make(added.weight(rule, self.template))?;
            let mut made = if self.template {
                let source = &rule.logsource;
                let value = |name: &str| {
                    let text = match name {
                        "category" => &source.category,
                        "product" => &source.product,
                        "service" => &source.service,
                        _ => return None,
                    };
                    let text = text.as_ref().map(|text| text.value.clone());
                    // What Python writes for a missing one.
                    Some(text.unwrap_or(Cow::Borrowed("None")))
                };
                let rules = state.settings.modifiers;
                added.item(&|text| Cow::Owned(substitute(text, &value)), span, rules)?
            } else if state.settings.compat && !added.modifiers.is_empty() {
                added.item(&|text| Cow::Borrowed(text), span, state.settings.modifiers)?
            } else {
                added.borrowed(span)
            };
            if made.values.is_empty() {
                if !state.settings.compat {
                    return Err(Diagnostic::error(
                        Code::TransformationFailed,
                        "expected values for the condition, found an empty list",
                    )
                    .at(span));
                }
                made.values.push(Spanned::new(Value::Null, span));
                made.listed = false;
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
        let detection = Detection {
            span,
            link: Link::And,
            nodes,
        };
        let named = &mut rule.detection.named;
        match named
            .iter_mut()
            .find(|(known, _)| known.value == name.value)
        {
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
        let value = |name: &str| (name == "product").then_some(Cow::Borrowed("windows"));
        assert_eq!(
            substitute("$product-${product}x $$product $other ${ $", &value),
            "windows-windowsx $product $other ${ $"
        );
    }
}
