//! Correlations: the map of one document to a [`Correlation`].
//!
//! In: the pairs of a document with a map `correlation`. Out: the correlation, or every fault of it
//! that could be found: `timespan: 1h30m` is `VS1204`, and does not hide an unknown type. The head
//! is read as a rule's.

mod alias;
mod condition;
mod expression;
mod keys;
mod kind;
mod number;
mod rules;
mod timespan;

pub use rules::CorrelationRules;
pub use timespan::timespan_of;

use super::collection::Pairs;
use super::head::Head;
use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::correlation::Timespan;
use crate::rule::{Correlation, CorrelationCondition, CorrelationType, Text};
use crate::source::{Span, Spanned};
use crate::yaml::{Content, Node, Resolved};
use keys::Keys;

/// A key and its value.
type Entry<'s> = (Text<'s>, Node<'s>);

/// Reads a correlation.
pub(super) fn correlation<'s>(
    reader: &mut Reader<'s, '_>,
    span: Span,
    pairs: Pairs<'s>,
) -> Correlation<'s> {
    let mut head = Head::new(span, &pairs);
    let (mut section, mut generate) = (None, None);
    for (key, value) in pairs {
        let Some(name) = reader.attribute_name(&key) else {
            continue;
        };
        let Some((name, value)) = reader.attribute(&mut head, name, value) else {
            continue;
        };
        match name.value.as_ref() {
            "correlation" => section = Some((name, value)),
            "generate" if reader.rules.correlation().has_outer_generate() => {
                generate = Some((name, value));
            }
            "logsource" | "detection" => reader.not_of_correlation(span, &name),
            _ => head.rule.custom.push((name, value)),
        }
    }
    reader.required("title", head.has_title, &head);
    let head = reader.finished(head);
    let outer = generate.and_then(|entry| reader.generate(entry));
    let mut correlation = Correlation {
        head,
        span,
        kind: Spanned::new(CorrelationType::EventCount, span),
        rules: Vec::new(),
        group_by: Vec::new(),
        timespan: Timespan::default(),
        condition: CorrelationCondition::AllRules,
        aliases: Vec::new(),
        generate: false,
    };
    if let Some((name, node)) = section {
        correlation.span = node.span;
        reader.section(&name, node, &mut correlation);
    }
    if let Some(outer) = outer {
        correlation.generate = outer;
    }
    correlation
}

impl<'s> Reader<'s, '_> {
    /// What is inside `correlation:`.
    fn section(&mut self, name: &Text<'s>, node: Node<'s>, correlation: &mut Correlation<'s>) {
        let kind = node.kind();
        let Content::Mapping(pairs) = node.content else {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::AttributeType,
                    format!("expected a map for `correlation`, found {kind}"),
                )
                .at(node.span)
                .help(
                    "write `type`, `rules`, `timespan` and `condition` as keys below it; a text is \
                     an attribute of a rule, which has a `detection`",
                ),
            );
            return;
        };
        let mut keys = Keys::read(self, pairs);
        let kind = match keys.kind.take() {
            Some(entry) => self.correlation_type(entry),
            None => {
                self.missing_key("type", name, "say what is counted: `type: event_count`");
                None
            }
        };
        if let Some(kind) = kind {
            correlation.kind = kind;
        }
        match keys.timespan.take() {
            Some(entry) => {
                if let Some(timespan) = self.timespan(entry) {
                    correlation.timespan = timespan;
                }
            }
            None => self.missing_key(
                "timespan",
                name,
                "say how far apart the events may be: `timespan: 5m`",
            ),
        }
        if let Some((name, node)) = keys.group_by.take() {
            correlation.group_by = self.names(&name, node, "names of fields");
        }
        let faults = self.diagnostics.len();
        if let Some((name, node)) = keys.aliases.take() {
            correlation.aliases = self.aliases(&name, node);
        }
        let has_aliases = self.diagnostics.len() == faults;
        if let Some(entry) = keys.generate.take() {
            correlation.generate = self.generate(entry).unwrap_or_default();
        }
        let listed = keys.rules.take().map(|entry| self.listed(entry));
        let is_listed = listed.is_some();
        correlation.rules = listed.unwrap_or_default();
        let kind = kind.map(|kind| kind.value);
        let condition = keys.condition.take();
        let is_text = condition
            .as_ref()
            .is_some_and(|(_, node)| node.as_scalar().is_some());
        let names_rules = is_text && kind.is_none_or(CorrelationType::is_temporal);
        let condition = self.correlation_condition(kind, name, condition);
        if let Some(condition) = condition {
            correlation.condition = condition;
        }
        if let CorrelationCondition::Expression { expr, .. } = &correlation.condition {
            if is_listed {
                self.check_listed(expr, &correlation.rules);
            } else {
                correlation.rules = expression::identifiers(expr);
            }
        } else if !is_listed && !names_rules {
            self.missing_key(
                "rules",
                name,
                "name the rules whose events are related, by name or id",
            );
        }
        if has_aliases {
            self.check_aliases(correlation);
        }
    }

    /// `rules:`, at least one.
    fn listed(&mut self, (name, node): Entry<'s>) -> Vec<Text<'s>> {
        let span = node.span;
        let faults = self.diagnostics.len();
        let rules = self.names(&name, node, "names or ids of rules");
        if rules.is_empty() && self.diagnostics.len() == faults {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::NoReferences,
                    "expected at least one rule in `rules`, found none",
                )
                .at(span)
                .help("name the rules whose events are related, by name or id"),
            );
        }
        rules
    }

    /// A list of names, or one name.
    pub(super) fn names(
        &mut self,
        name: &Text<'s>,
        node: Node<'s>,
        expected: &str,
    ) -> Vec<Text<'s>> {
        let rules = self.rules.correlation();
        let (items, is_list) = match node.content {
            Content::Sequence(items) => (items, true),
            _ => (vec![node], false),
        };
        let mut names = Vec::with_capacity(items.len());
        for item in items {
            let place = (item.span, item.kind());
            let mut scalars = item.as_scalar().into_iter();
            let is_name = is_list || scalars.all(|scalar| rules.is_lone_name(scalar));
            let filled = self.filled(item);
            match filled.and_then(|text| is_name.then_some(text).ok_or(place)) {
                Ok(text) => names.push(text),
                Err((span, found)) => self.diagnostics.push(
                    Diagnostic::error(
                        Code::AttributeType,
                        format!("expected {expected} for `{}`, found {found}", name.value),
                    )
                    .at(span)
                    .help("write each on a line of its own after `- `, or remove the entry"),
                ),
            }
        }
        names
    }

    /// A text that is not empty, or what is there in its place.
    fn filled(&self, node: Node<'s>) -> Result<Text<'s>, (Span, &'static str)> {
        let (span, kind) = (node.span, node.kind());
        let Content::Scalar(scalar) = node.content else {
            return Err((span, kind));
        };
        if scalar.resolve(self.rules.schema()) == Resolved::Null {
            return Err((span, "nothing"));
        }
        if scalar.text.is_empty() {
            return Err((span, "an empty text"));
        }
        Ok(Spanned::new(scalar.text, span))
    }

    /// `generate: true`
    fn generate(&mut self, (name, node): Entry<'s>) -> Option<bool> {
        if let Some(scalar) = node.as_scalar() {
            match scalar.resolve(self.rules.schema()) {
                Resolved::Bool(value) => return Some(value),
                Resolved::Null => return None,
                _ => {}
            }
        }
        let found = node.as_scalar().map_or_else(
            || node.kind().to_owned(),
            |scalar| format!("`{}`", scalar.text),
        );
        self.diagnostics.push(
            Diagnostic::error(
                Code::AttributeType,
                format!(
                    "expected `true` or `false` for `{}`, found {found}",
                    name.value
                ),
            )
            .at(node.span)
            .help("write `true` if the rules that it names give queries of their own"),
        );
        None
    }

    /// A key that the section has to have.
    fn missing_key(&mut self, key: &str, section: &Text<'_>, help: &str) {
        let message = format!(
            "expected the key `{key}` in `{}`, found none",
            section.value
        );
        let error = Diagnostic::error(Code::MissingAttribute, message);
        self.diagnostics.push(error.at(section.span).help(help));
    }

    /// `logsource` or `detection` beside `correlation`. What `action: global` gave to all documents
    /// is for the rules among them.
    fn not_of_correlation(&mut self, document: Span, name: &Text<'_>) {
        if name.span.start < document.start || name.span.end > document.end {
            return;
        }
        let message = format!(
            "expected no `{}` beside `correlation`, found one",
            name.value
        );
        let mut diagnostic = Diagnostic::warning(Code::TwoKinds, message).at(name.span);
        if name.value == "detection" {
            diagnostic.severity = self.rules.correlation().ignored_severity();
        }
        self.diagnostics.push(match name.value.as_ref() {
            "detection" => diagnostic.help(
                "put the detection into a rule of its own after `---`, and name that rule in \
                 `rules`",
            ),
            _ => diagnostic.help("remove it; the rules in `rules` have their own"),
        });
    }
}

#[cfg(test)]
mod tests;
