//! Transformations of the rule's attributes and of the pipeline's state.

use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::data;
use crate::pipeline::entry::{Entry, nullable, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::rule::{LogSource, Rule, Text};
use crate::source::{Span, Spanned};
use crate::yaml::Node;
use serde_json::Value;
use std::borrow::Cow;

/// `change_logsource`
pub const CHANGE_LOGSOURCE: Entry<Load> = Entry {
    name: "change_logsource",
    summary: "Puts another log source in place of the rule's; what is left out is gone.",
    keys: &[
        optional("category", "text"),
        optional("product", "text"),
        optional("service", "text"),
    ],
    load: |keys| {
        let texts = ["category", "product", "service"].map(|name| keys.text(name));
        if texts.iter().all(Option::is_none) {
            keys.report(
                Code::PipelineKeyMissing,
                keys.span,
                "expected `category`, `product` or `service`, found none of them",
            );
            return None;
        }
        let [category, product, service] = texts;
        Some(Box::new(ChangeLogSource {
            category,
            product,
            service,
        }))
    },
};

/// `set_state`
pub const SET_STATE: Entry<Load> = Entry {
    name: "set_state",
    summary: "Sets a key of the pipeline's state, for conditions, templates and output formats.",
    keys: &[required("key", "text"), nullable("val", "any value")],
    load: |keys| {
        Some(Box::new(SetState {
            key: keys.text("key")?,
            value: data::read(keys.node_or_null("val")?),
        }))
    },
};

/// `set_custom_attribute`
pub const SET_CUSTOM_ATTRIBUTE: Entry<Load> = Entry {
    name: "set_custom_attribute",
    summary: "Sets an attribute of the rule that the specification does not know.",
    keys: &[
        required("attribute", "text"),
        nullable("value", "any value"),
    ],
    load: |keys| {
        Some(Box::new(SetCustomAttribute {
            attribute: keys.text("attribute")?,
            value: data::owned(keys.node_or_null("value")?),
        }))
    },
};

#[derive(Debug)]
struct ChangeLogSource {
    category: Option<String>,
    product: Option<String>,
    service: Option<String>,
}

impl Transformation for ChangeLogSource {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let span = rule.logsource.span;
        let text = |text: &'s Option<String>| -> Option<Text<'s>> {
            text.as_ref()
                .map(|text| Spanned::new(Cow::Borrowed(text.as_str()), span))
        };
        rule.logsource = LogSource {
            span,
            category: text(&self.category),
            product: text(&self.product),
            service: text(&self.service),
            ..LogSource::default()
        };
        state.log_sources.push(rule.logsource.clone());
        Ok(())
    }
}

#[derive(Debug)]
struct SetState {
    key: String,
    value: Value,
}

impl Transformation for SetState {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        _: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        state.set(&self.key, &self.value);
        Ok(())
    }
}

#[derive(Debug)]
struct SetCustomAttribute {
    attribute: String,
    value: Node<'static>,
}

impl Transformation for SetCustomAttribute {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        _: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let known = rule
            .custom
            .iter_mut()
            .find(|(name, _)| name.value == self.attribute);
        match known {
            Some((_, value)) => *value = self.value.clone(),
            None => rule.custom.push((
                Spanned::new(Cow::Borrowed(self.attribute.as_str()), Span::default()),
                self.value.clone(),
            )),
        }
        Ok(())
    }
}
