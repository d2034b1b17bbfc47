//! Conditions on the rule: its log source, its fields, its tags.

use super::attribute::{self, Attribute};
use super::{Load, RuleCondition, state};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::bound;
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, nullable, optional, required};
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{Detection, DetectionNode, Item, Pattern, Rule, Value};

/// Every condition on rules.
pub const TABLE: &[Entry<Load<dyn RuleCondition>>] = &[
    Entry {
        name: "logsource",
        summary: "The rule's log source has this category, product and service; what is left out does not matter.",
        keys: &[
            optional("category", "text"),
            optional("product", "text"),
            optional("service", "text"),
        ],
        load: |keys| Some(Box::new(LogSource::load(keys)?)),
    },
    Entry {
        name: "contains_detection_item",
        summary: "Some detection item has this field and, among its values, this one.",
        keys: &[
            required("field", "a field's name"),
            nullable("value", "text, a number, `true` or `false`"),
        ],
        load: |keys| Some(Box::new(HasItem::load(keys)?)),
    },
    Entry {
        name: "contains_field",
        summary: "Some detection item has this field.",
        keys: &[required("field", "a field's name")],
        load: |keys| {
            Some(Box::new(HasItem {
                field: keys.text("field")?,
                value: None,
            }))
        },
    },
    state::RULE[0],
    state::RULE[1],
    Entry {
        name: "is_sigma_rule",
        summary: "The rule is a plain one.",
        keys: &[],
        load: |_| Some(Box::new(IsRule(true))),
    },
    Entry {
        name: "is_sigma_correlation_rule",
        summary: "The rule is a correlation.",
        keys: &[],
        load: |_| Some(Box::new(IsRule(false))),
    },
    Entry {
        name: "rule_attribute",
        summary: "An attribute of the rule, a custom one included, compares so with a value.",
        keys: attribute::KEYS,
        load: |keys| Some(Box::new(Attribute::load(keys)?)),
    },
    Entry {
        name: "tag",
        summary: "The rule has this tag.",
        keys: &[required(
            "tag",
            "a tag with its namespace, such as `attack.t1047`",
        )],
        load: |keys| Some(Box::new(Tag::load(keys)?)),
    },
];

/// A log source that is asked for; what is left out does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSource {
    /// `category:`
    pub category: Option<String>,
    /// `product:`
    pub product: Option<String>,
    /// `service:`
    pub service: Option<String>,
}

impl LogSource {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        let condition = Self {
            category: keys.text("category"),
            product: keys.text("product"),
            service: keys.text("service"),
        };
        if condition.category.is_none()
            && condition.product.is_none()
            && condition.service.is_none()
        {
            keys.report(
                Code::PipelineKeyMissing,
                keys.span,
                "expected `category`, `product` or `service`, found none of them",
            );
            return None;
        }
        Some(condition)
    }
}

impl RuleCondition for LogSource {
    fn holds(&self, rule: &Rule<'_>, _: &State<'_>) -> Result<bool, Diagnostic> {
        let same = |wanted: &Option<String>, found: &Option<crate::rule::Text<'_>>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| found.as_ref().is_some_and(|found| found.value == *wanted))
        };
        Ok(same(&self.category, &rule.logsource.category)
            && same(&self.product, &rule.logsource.product)
            && same(&self.service, &rule.logsource.service))
    }

    fn log_source(&self) -> Option<&Self> {
        Some(self)
    }
}

#[derive(Debug)]
struct HasItem {
    field: String,
    value: Option<(serde_json::Value, Option<Pattern<'static>>)>,
}

impl HasItem {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        let value = data::read(keys.node_or_null("value")?);
        let pattern = value.as_str().map(text::parse);
        Some(Self {
            field: keys.text("field")?,
            value: Some((value, pattern)),
        })
    }

    fn is_in(&self, detection: &Detection<'_>, compat: bool) -> bool {
        detection.nodes.iter().any(|node| match node {
            DetectionNode::Detection(detection) => self.is_in(detection, compat),
            DetectionNode::Item(item) => self.is(item, compat),
        })
    }

    fn is(&self, item: &Item<'_>, compat: bool) -> bool {
        let Some((wanted, wanted_pattern)) = &self.value else {
            return item.field.as_deref() == Some(&self.field);
        };
        item.field.as_deref() == Some(&self.field)
            && item.values.iter().any(|value| match &value.value {
                Value::Expansion(values) if !compat => values
                    .iter()
                    .any(|value| data::means(wanted, wanted_pattern.as_ref(), value)),
                value if !compat => data::means(wanted, wanted_pattern.as_ref(), value),
                Value::String(pattern) => wanted_pattern.as_ref() == Some(pattern),
                Value::Number(number) => !wanted.is_boolean() && data::is_number(wanted, number),
                Value::Bool(value) => wanted.as_bool() == Some(*value),
                Value::Null => wanted.is_null(),
                _ => false,
            })
    }
}

impl RuleCondition for HasItem {
    fn holds(&self, rule: &Rule<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        for (_, detection) in &rule.detection.named {
            state.budget.step(bound::item_count(detection))?;
            if self.is_in(detection, state.settings.compat) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[derive(Debug)]
struct IsRule(bool);

impl RuleCondition for IsRule {
    fn holds(&self, _: &Rule<'_>, _: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(self.0)
    }
}

#[derive(Debug)]
struct Tag(String);

impl Tag {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        let tag = keys.text("tag")?;
        if !tag.contains('.') {
            keys.wrong("tag", keys.node("tag")?, "a namespace, a dot and a name");
            return None;
        }
        Some(Self(tag))
    }
}

impl RuleCondition for Tag {
    fn holds(&self, rule: &Rule<'_>, _: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(rule.tags.iter().any(|tag| tag.value == self.0))
    }
}
