//! Filters: the map of one document to a [`Filter`].
//!
//! In: the pairs of a document with a map `filter`. Out: the filter, or every fault of it that could
//! be found. Its selections and its condition are read as a rule's detections.

use super::collection::{self, Pairs};
use super::head::Head;
use super::rule::Reader;
use super::{detection, logsource};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::rule::{Filter, FilterRules, LogSource, Text};
use crate::source::Span;
use crate::yaml::{Content, Node};

/// Reads a filter.
pub(super) fn filter<'s>(reader: &mut Reader<'s, '_>, span: Span, pairs: Pairs<'s>) -> Filter<'s> {
    let mut head = Head::new(span, &pairs);
    let (mut section, mut has_logsource) = (None, false);
    for (key, value) in pairs {
        let Some(name) = reader.attribute_name(&key) else {
            continue;
        };
        let Some((name, value)) = reader.attribute(&mut head, name, value) else {
            continue;
        };
        match name.value.as_ref() {
            "filter" => section = Some((name, value)),
            "logsource" => {
                has_logsource = true;
                head.rule.logsource = reader.filter_logsource(&name, value);
            }
            "detection" => reader.not_of_filter(span, &name),
            _ => head.rule.custom.push((name, value)),
        }
    }
    reader.required("title", head.has_title, &head);
    reader.required("logsource", has_logsource, &head);
    let mut filter = Filter {
        rule: reader.finished(head),
        span,
        rules: FilterRules::Named(Vec::new()),
    };
    if let Some((name, node)) = section {
        filter.span = node.span;
        reader.filter_section(&name, node, &mut filter);
    }
    filter
}

impl<'s> Reader<'s, '_> {
    /// A filter is for the rules of a log source, so that it has to name one; an attribute of one's
    /// own will do.
    fn filter_logsource(&mut self, name: &Text<'s>, node: Node<'s>) -> LogSource<'s> {
        let before = self.diagnostics.len();
        let logsource = logsource::logsource(self, name, node, Severity::Error);
        if !logsource.custom.is_empty() && self.rules.has_custom_logsources() {
            let is_empty = |diagnostic: &Diagnostic| diagnostic.code == Code::EmptyLogSource;
            let said = self.diagnostics.split_off(before);
            let said = said.into_iter().filter(|diagnostic| !is_empty(diagnostic));
            self.diagnostics.extend(said);
        }
        logsource
    }

    /// What is inside `filter:`.
    fn filter_section(&mut self, name: &Text<'s>, node: Node<'s>, filter: &mut Filter<'s>) {
        let (span, kind) = (node.span, node.kind());
        let Content::Mapping(mut pairs) = node.content else {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::AttributeType,
                    format!("expected a map for `filter`, found {kind}"),
                )
                .at(span)
                .help("write `rules`, selections and a `condition` as keys below it"),
            );
            return;
        };
        match collection::taken(&mut pairs, "rules") {
            Some(node) => filter.rules = self.filter_rules(node),
            None => self.diagnostics.push(
                Diagnostic::error(
                    Code::MissingAttribute,
                    "expected the key `rules` in `filter`, found none",
                )
                .at(name.span)
                .help(
                    "name rules by name or id, or write `rules: any` for each rule of the log \
                     source",
                ),
            ),
        }
        let lists = collection::position(&pairs, "condition")
            .filter(|&at| pairs[at].1.as_sequence().is_some());
        if let Some(at) = lists {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::FilterCondition,
                    "expected one condition in `filter`, found a list",
                )
                .at(pairs[at].1.span)
                .help("join the conditions with `and` or `or` in one text"),
            );
            return;
        }
        let content = Content::Mapping(pairs);
        let detection = detection::detections(self, name, Node { span, content });
        for condition in &detection.conditions {
            if let Some(aggregation) = &condition.aggregation {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::FilterCondition,
                        "expected a condition without a pipe in `filter`, found an aggregation",
                    )
                    .at(aggregation.span)
                    .help("remove the pipe and what follows; a filter looks at single events"),
                );
            }
        }
        self.diagnostics.extend(self.rules.check_filter(&detection));
        filter.rule.detection = detection;
    }

    /// `rules:` of a filter.
    fn filter_rules(&mut self, node: Node<'s>) -> FilterRules<'s> {
        let span = node.span;
        if let Some(scalar) = node.as_scalar()
            && scalar.text.eq_ignore_ascii_case("any")
        {
            return FilterRules::Any(span);
        }
        let is_empty = node.as_sequence().is_some_and(<[_]>::is_empty);
        if is_empty && self.rules.takes_no_rules_for_any() {
            return FilterRules::Any(span);
        }
        let name = Text::new("rules".into(), span);
        let rules = self.names(&name, node, "names or ids of rules, or the word `any`,");
        if is_empty {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::NoReferences,
                    "expected at least one rule in `rules`, found none",
                )
                .at(span)
                .help(
                    "name rules by name or id, or write `rules: any` for each rule of the log \
                     source",
                ),
            );
        }
        for rule in rules.iter().filter(|rule| rule.eq_ignore_ascii_case("any")) {
            self.diagnostics.push(
                Diagnostic::warning(
                    Code::AnyInList,
                    format!(
                        "expected the name of a rule, found `{}` in a list",
                        rule.value
                    ),
                )
                .at(rule.span)
                .help("write `rules: any`, without a list, for each rule of the log source"),
            );
        }
        FilterRules::Named(rules)
    }

    /// `detection` beside `filter`; what `action: global` gave is for the rules of the file.
    fn not_of_filter(&mut self, document: Span, name: &Text<'_>) {
        if name.span.start < document.start || name.span.end > document.end {
            return;
        }
        let mut diagnostic = Diagnostic::error(
            Code::TwoKinds,
            "expected no `detection` beside `filter`, found one",
        )
        .at(name.span)
        .help(
            "put the selections into `filter`, or the detection into a rule of its own after `---`",
        );
        diagnostic.severity = self.rules.correlation().ignored_severity();
        self.diagnostics.push(diagnostic);
    }
}

#[cfg(test)]
mod tests;
