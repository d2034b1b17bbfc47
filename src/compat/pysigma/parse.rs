//! How pySigma reads rules.

use super::{Pysigma, attribute, condition, correlation, value};
use crate::compat::dropped_selector;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::dialect::Specification;
use crate::parse::Rules;
use crate::parse::attribute::{AttributeCheck, Slot};
use crate::parse::collection::{Pairs, SharedKeys, merge, position};
use crate::parse::condition::{Grammar, Parts};
use crate::parse::correlation::CorrelationRules;
use crate::parse::document::DocumentKind;
use crate::rule::{Detections, Item, Modifier, Rule, Text, Value};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Resolved, Scalar, Schema};
use std::borrow::Cow;

impl Rules for Pysigma {
    fn reads_reset(&self) -> bool {
        false
    }

    /// pySigma reads YAML with PyYAML.
    fn schema(&self) -> Schema {
        Schema::PyYaml
    }

    /// It refuses rules with such attributes.
    fn attribute_severity(&self) -> Severity {
        Severity::Error
    }

    /// It takes only strings for strings and lists for lists.
    fn check_attribute(&self, name: &Text<'_>, node: &Node<'_>, place: Slot) -> AttributeCheck {
        attribute::check(name, node, place)
    }

    /// A `global` document replaces the global keys so far, and a `repeat` after it changes them.
    fn share<'s>(
        &self,
        shared: &mut SharedKeys<'s>,
        pairs: Pairs<'s>,
    ) -> Result<(), Box<Diagnostic>> {
        shared.global = pairs;
        shared.previous = Some(shared.global.clone());
        shared.previous_is_global = true;
        Ok(())
    }

    /// Where there is no rule before it, it is the rule.
    fn repeat<'s>(
        &self,
        shared: &mut SharedKeys<'s>,
        pairs: &[(Node<'s>, Node<'s>)],
        _place: Span,
    ) -> Result<Pairs<'s>, Box<Diagnostic>> {
        let mut repeated = shared.previous.take().unwrap_or_default();
        self.merge(&mut repeated, pairs)?;
        if shared.previous_is_global {
            shared.global.clone_from(&repeated);
            shared.previous = Some(repeated.clone());
        }
        Ok(repeated)
    }

    /// It fails on a map in the place of something else.
    fn merge<'s>(
        &self,
        into: &mut Pairs<'s>,
        from: &[(Node<'s>, Node<'s>)],
    ) -> Result<(), Box<Diagnostic>> {
        merge(into, from, &|known, value| {
            let message = format!("expected a map to merge into, found {}", known.kind());
            let error = Diagnostic::error(Code::CollectionAction, message)
                .at(known.span)
                .label(value.span, "this map should be merged");
            Err(Box::new(
                error.help("give both documents a map here, or one of them"),
            ))
        })
    }

    /// It asks whether the key is there.
    fn kind(&self, pairs: &[(Node<'_>, Node<'_>)]) -> DocumentKind {
        let has = |key| position(pairs, key).is_some();
        if has("correlation") {
            return DocumentKind::Correlation;
        }
        if has("filter") {
            return DocumentKind::Filter;
        }
        DocumentKind::Rule
    }

    /// What is global is for rules, and only rules are repeated.
    fn shares_with_all(&self) -> bool {
        false
    }

    fn correlation(&self) -> &dyn CorrelationRules {
        self
    }

    /// It leaves out attributes that it does not know.
    fn has_custom_logsources(&self) -> bool {
        false
    }

    fn takes_no_rules_for_any(&self) -> bool {
        true
    }

    fn check_filter(&self, detections: &Detections<'_>) -> Vec<Diagnostic> {
        correlation::check_filter(detections)
    }

    /// It has a grammar of its own, without aggregations.
    fn condition<'t>(
        &self,
        grammar: &Grammar<'t, '_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Parts<'t>, Diagnostic> {
        let expr = condition::read(grammar)?;
        condition::split_names(&expr, diagnostics);
        Ok((expr, None))
    }

    /// It takes only strings for conditions.
    fn is_condition(&self, scalar: &Scalar<'_>) -> bool {
        scalar.resolve(self.schema()) == Resolved::String
    }

    /// It knows no time frame and takes it for keywords.
    fn has_timeframe(&self) -> bool {
        false
    }

    /// It leaves such a selector out.
    fn empty_selector(&self, message: String) -> Diagnostic {
        dropped_selector(message)
    }

    /// It takes only strings for fields' names, and `null` for keywords.
    fn field<'s>(&self, key: Scalar<'s>) -> Option<Scalar<'s>> {
        match key.resolve(self.schema()) {
            Resolved::String => Some(key),
            Resolved::Null => Some(Scalar {
                text: Cow::Borrowed(""),
                ..key
            }),
            _ => None,
        }
    }

    /// pySigma 1.5 has `wide`, but not the name `utf16le`.
    fn modifier(&self, name: &str) -> Option<Modifier> {
        Modifier::from_name(name).filter(|_| name != "utf16le")
    }

    /// Numbers are Python's, and it refuses dates.
    fn value<'s>(
        &self,
        scalar: Scalar<'s>,
        span: Span,
        regex: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Value<'s>, Diagnostic> {
        value::value(scalar, span, regex, diagnostics)
    }

    fn has_null_keywords(&self) -> bool {
        true
    }

    /// It takes an empty list for null, whatever the modifiers.
    fn empty_list(&self, item: &mut Item<'_>, span: Span) -> Result<(), Diagnostic> {
        if item.field.is_none() {
            return Specification.empty_list(item, span);
        }
        item.values.push(Spanned::new(Value::Null, span));
        item.modifiers
            .retain(|modifier| matches!(modifier.value, Modifier::All | Modifier::Neq));
        Ok(())
    }

    fn finish(&self, rule: &mut Rule<'_>) {
        attribute::canonicalize(rule);
    }
}
