//! Where readers of Sigma differ.
//!
//! In: a part of a rule. Out: what it is. The default methods are the specification's; a
//! compatibility profile puts its reference's in their place.

use super::attribute::{AttributeCheck, Slot};
use super::collection::{Pairs, SharedKeys};
use super::condition::{Grammar, Parts};
use super::correlation::CorrelationRules;
use super::document::DocumentKind;
use super::value;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::profile::Specification;
use crate::rule::{Detections, Item, Modifier, Rule, Selector, Text, Value};
use crate::source::Span;
use crate::yaml::{Node, Resolved, Scalar, Schema};

/// How rules are read.
pub trait Rules: Sync {
    /// Which YAML a rule file is.
    fn schema(&self) -> Schema {
        Schema::Core
    }

    /// How bad an attribute is that is not what the specification says. No query depends on it.
    fn attribute_severity(&self) -> Severity {
        Severity::Warning
    }

    /// Whether and how the value of an attribute is read. Any scalar is text, and one text is a list
    /// of one.
    fn check_attribute(&self, _name: &Text<'_>, _node: &Node<'_>, _place: Slot) -> AttributeCheck {
        AttributeCheck::Read
    }

    /// `action: global`: adds to what later documents share.
    fn share<'s>(
        &self,
        shared: &mut SharedKeys<'s>,
        pairs: Pairs<'s>,
    ) -> Result<(), Box<Diagnostic>> {
        self.merge(&mut shared.global, &pairs)
    }

    /// `action: repeat`, at `place`: the rule before it with this document merged in.
    fn repeat<'s>(
        &self,
        shared: &mut SharedKeys<'s>,
        pairs: &[(Node<'s>, Node<'s>)],
        place: Span,
    ) -> Result<Pairs<'s>, Box<Diagnostic>> {
        let Some(mut repeated) = shared.previous.take() else {
            let message = "expected a rule before `action: repeat`, found none";
            let error = Diagnostic::error(Code::CollectionAction, message).at(place);
            let help = "put the rule to repeat before this document";
            return Err(Box::new(error.help(help)));
        };
        self.merge(&mut repeated, pairs)?;
        Ok(repeated)
    }

    /// Merges a map into another: maps deeply, anything else replaces.
    fn merge<'s>(
        &self,
        into: &mut Pairs<'s>,
        from: &[(Node<'s>, Node<'s>)],
    ) -> Result<(), Box<Diagnostic>> {
        super::collection::merge(into, from, &|_, _| Ok(()))
    }

    /// Is the rest of a document with `action: reset` a rule?
    fn reads_reset(&self) -> bool {
        true
    }

    /// What the document of these keys is.
    fn kind(&self, pairs: &[(Node<'_>, Node<'_>)]) -> DocumentKind {
        DocumentKind::of(pairs)
    }

    /// Do correlations and filters share what `action: global` gave, and are they repeated?
    fn shares_with_all(&self) -> bool {
        true
    }

    /// How correlations are read.
    fn correlation(&self) -> &dyn CorrelationRules {
        &Specification
    }

    /// Does a log source of custom attributes alone name a log, for a filter?
    fn has_custom_logsources(&self) -> bool {
        true
    }

    /// Is a filter with an empty list of rules for each rule of its log source?
    fn takes_no_rules_for_any(&self) -> bool {
        false
    }

    /// What else is wrong with a filter's selections and condition.
    fn check_filter(&self, _detections: &Detections<'_>) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Reads a condition's text. Warnings go to `diagnostics`.
    fn condition<'t>(
        &self,
        grammar: &Grammar<'t, '_>,
        _diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Parts<'t>, Diagnostic> {
        let parts = grammar.condition();
        parts.map_err(|fault| fault.diagnostic(grammar))
    }

    /// Is the scalar a condition?
    fn is_condition(&self, scalar: &Scalar<'_>) -> bool {
        scalar.resolve(self.schema()) != Resolved::Null
    }

    /// Is `timeframe` a time window? It is a detection like others if not.
    fn has_timeframe(&self) -> bool {
        true
    }

    /// Does a selector name one detection, whose own parts it quantifies?
    fn enters(&self, _selector: &Selector<'_>) -> bool {
        false
    }

    /// A selector that ranges over no detection.
    fn empty_selector(&self, message: String) -> Diagnostic {
        Diagnostic::error(Code::EmptySelector, message)
    }

    /// A key of a detection as a field's name and modifiers, if it is one.
    fn field<'s>(&self, key: Scalar<'s>) -> Option<Scalar<'s>> {
        (key.resolve(self.schema()) != Resolved::Null).then_some(key)
    }

    /// The modifier of a name.
    fn modifier(&self, name: &str) -> Option<Modifier> {
        Modifier::from_name(name)
    }

    /// Reads a value; `regex` says that `re` is among its modifiers. An error has no place yet,
    /// warnings of the value at `span` go to `diagnostics`.
    fn value<'s>(
        &self,
        scalar: Scalar<'s>,
        _span: Span,
        regex: bool,
        _diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Value<'s>, Diagnostic> {
        value::value(scalar, regex, self.schema())
    }

    /// May `null` be searched for as a keyword?
    fn has_null_keywords(&self) -> bool {
        false
    }

    /// What an empty list at `span` makes of an item, which has no values yet.
    fn empty_list(&self, _item: &mut Item<'_>, span: Span) -> Result<(), Diagnostic> {
        let error = Diagnostic::error(Code::ValueShape, "expected a value, found an empty list");
        let help = "write `null` for a field that is missing or empty, or remove the field";
        Err(error.at(span).help(help))
    }

    /// Changes a rule once it is read.
    fn finish(&self, _rule: &mut Rule<'_>) {}
}

impl Rules for Specification {}
