//! Conditions on the rule: its log source, its fields, its tags.

use super::attribute::Attribute;
use super::{Condition, Subject, Types, boxed, state};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data::Wanted;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::{ItemRules, bound};
use crate::rule::{self, Detection, DetectionNode, Item, Text, Value};

/// Every condition on rules.
pub const TABLE: Types = Types {
    name: "rule_condition",
    what: "rule condition",
    common: &["typed"],
    loads: &[
        ("logsource", |keys| boxed(LogSource::load(keys)?)),
        ("contains_detection_item", |keys| {
            HasItem::load(keys, Some(keys.data("value")?))
        }),
        ("contains_field", |keys| HasItem::load(keys, None)),
        ("processing_item_applied", state::applied),
        ("processing_state", state::in_state),
        ("is_sigma_rule", |_| boxed(IsRule(true))),
        ("is_sigma_correlation_rule", |_| boxed(IsRule(false))),
        ("rule_attribute", |keys| boxed(Attribute::load(keys)?)),
        ("tag", |keys| boxed(Tag::load(keys)?)),
    ],
};

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
    /// Reads the three keys; one of them must be there.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let found = Self {
            category: keys.text("category"),
            product: keys.text("product"),
            service: keys.text("service"),
        };
        if found.parts().iter().all(|(_, part)| part.is_none()) {
            let message = "expected `category`, `product` or `service`, found none of them";
            keys.report(Code::PipelineKeyMissing, keys.span, message);
            return None;
        }
        Some(found)
    }

    /// The parts with their names.
    pub fn parts(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("category", self.category.as_deref()),
            ("product", self.product.as_deref()),
            ("service", self.service.as_deref()),
        ]
    }

    /// Is a rule's log source the one that is asked for?
    pub fn is(&self, found: &rule::LogSource<'_>) -> bool {
        let parts = self.parts().into_iter().zip(parts_of(found));
        let mut same = parts.map(|((_, wanted), (_, found))| wanted.is_none() || wanted == found);
        same.all(|same| same)
    }
}

/// The parts of a rule's log source with their names.
pub fn parts_of<'r>(found: &'r rule::LogSource<'_>) -> [(&'static str, Option<&'r str>); 3] {
    fn text<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
        text.map(|text| text.value.as_ref())
    }
    [
        ("category", text(found.category.as_ref())),
        ("product", text(found.product.as_ref())),
        ("service", text(found.service.as_ref())),
    ]
}

/// A rule's log source as `category: x, product: y`.
pub fn show_log_source(source: &rule::LogSource<'_>) -> String {
    let parts = parts_of(source).into_iter();
    let parts = parts.filter_map(|(name, part)| Some(format!("{name}: {}", part?)));
    parts.collect::<Vec<_>>().join(", ")
}

impl Condition for LogSource {
    /// A correlation has the log sources of its rules.
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let Subject::Rule(rule) = subject else {
            return Ok(false);
        };
        Ok(match &state.correlation {
            Some(sources) => sources.iter().any(|source| self.is(source)),
            None => self.is(&rule.logsource),
        })
    }

    fn log_source(&self) -> Option<&Self> {
        Some(self)
    }
}

#[derive(Debug)]
struct HasItem {
    field: String,
    value: Option<Wanted>,
}

impl HasItem {
    fn load(keys: &Keys<'_>, value: Option<serde_json::Value>) -> Option<Box<dyn Condition>> {
        boxed(Self {
            field: keys.text("field")?,
            value: value.map(Wanted::new),
        })
    }

    fn is_in(&self, detection: &Detection<'_>, rules: &dyn ItemRules) -> bool {
        detection.nodes.iter().any(|node| match node {
            DetectionNode::Detection(detection) => self.is_in(detection, rules),
            DetectionNode::Item(item) => self.is(item, rules),
        })
    }

    fn is(&self, item: &Item<'_>, rules: &dyn ItemRules) -> bool {
        let Some(wanted) = &self.value else {
            return item.field.as_deref() == Some(&self.field);
        };
        item.field.as_deref() == Some(&self.field)
            && item.values.iter().any(|value| match &value.value {
                Value::Expansion(values) if rules.sees_alternatives() => {
                    values.iter().any(|value| rules.rule_has(wanted, value))
                }
                value => rules.rule_has(wanted, value),
            })
    }
}

impl Condition for HasItem {
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let Subject::Rule(rule) = subject else {
            return Ok(false);
        };
        for (_, detection) in &rule.detection.named {
            state.budget.step(bound::item_count(detection))?;
            if self.is_in(detection, state.settings.items) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[derive(Debug)]
struct IsRule(bool);

impl Condition for IsRule {
    fn holds(&self, _: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(self.0 == state.correlation.is_none())
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

impl Condition for Tag {
    fn holds(&self, subject: Subject<'_>, _: &State<'_>) -> Result<bool, Diagnostic> {
        Ok(match subject {
            Subject::Rule(rule) => rule.tags.iter().any(|tag| tag.value == self.0),
            _ => false,
        })
    }
}
