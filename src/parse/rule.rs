//! A rule: the map of one document to a [`Rule`].
//!
//! In: the pairs of a document, with what was global merged in. Out: the rule, or every fault of it
//! that could be found: a bad level doesn't hide an unknown detection.

use super::condition::{correlation_rule, temporal_rules};
use super::head::Head;
use super::{Rules, detection, logsource};
use crate::diagnostic::{Code, Diagnostic};
use crate::profile::Specification;
use crate::rule::{Rule, Text};
use crate::source::Span;
use crate::yaml::Node;

/// The state of reading a document.
pub(super) struct Reader<'s, 'd> {
    pub source: &'s str,
    pub rules: &'d dyn Rules,
    pub diagnostics: Vec<Diagnostic>,
    /// Conditions with `near`.
    pub near: Vec<Text<'s>>,
}

impl<'s> Reader<'s, '_> {
    /// Reads a rule.
    pub(super) fn rule(&mut self, span: Span, pairs: Vec<(Node<'s>, Node<'s>)>) -> Rule<'s> {
        let mut head = Head::new(span, &pairs);
        let (mut has_logsource, mut has_detection) = (false, false);
        for (key, value) in pairs {
            let Some(name) = self.attribute_name(&key) else {
                continue;
            };
            let Some((name, value)) = self.attribute(&mut head, name, value) else {
                continue;
            };
            match name.value.as_ref() {
                "logsource" => {
                    has_logsource = true;
                    let severity = self.rules.attribute_severity();
                    head.rule.logsource = logsource::logsource(self, &name, value, severity);
                }
                "detection" => {
                    has_detection = true;
                    head.rule.detection = detection::detections(self, &name, value);
                }
                _ => head.rule.custom.push((name, value)),
            }
        }
        if !head.has_title && !has_logsource && !has_detection {
            self.diagnostics.clear();
            self.diagnostics.push(
                Diagnostic::error(
                    Code::NotARule,
                    "expected a Sigma rule, found a map without `title`, `logsource` and `detection`",
                )
                .at(head.first_key)
                .help("check the indentation of the keys, or keep the file out of the folder if it \
                       is not a rule"),
            );
            return head.rule;
        }
        self.required("title", head.has_title, &head);
        self.required("logsource", has_logsource, &head);
        self.required("detection", has_detection, &head);
        let rule = self.finished(head);
        self.deprecated_aggregations(&rule);
        self.near(&rule);
        rule
    }

    fn deprecated_aggregations(&mut self, rule: &Rule<'s>) {
        for condition in &rule.detection.conditions {
            let Some(aggregation) = &condition.aggregation else {
                continue;
            };
            let warning = Diagnostic::warning(
                Code::DeprecatedAggregation,
                "expected a condition without a pipe, found an aggregation, which correlation \
                 rules replace",
            )
            .at(aggregation.span);
            let replacement = correlation_rule(rule, condition, aggregation);
            self.diagnostics.push(match replacement {
                Some(replacement) => {
                    let name = match &replacement.name {
                        Some(name) => format!("give the rule the attribute `name: {name}`, "),
                        None => String::new(),
                    };
                    let help = format!(
                        "{name}remove the pipe from the condition and add this rule:\n---\n{}",
                        replacement.document
                    );
                    warning.help(help).replacement(replacement)
                }
                None => warning.help(
                    "compare the field in the detection: `Field|lt: 5`; correlation rules have no \
                     `min` and `max`",
                ),
            });
        }
    }

    /// Adds the rules to write to the errors about `near`.
    fn near(&mut self, rule: &Rule<'s>) {
        for condition in std::mem::take(&mut self.near) {
            let mut diagnostics = self.diagnostics.iter_mut();
            let error = diagnostics
                .find(|error| error.code == Code::NearAggregation && error.replacement.is_none());
            let Some(error) = error else { continue };
            let Some(replacement) = temporal_rules(self.source, rule, &condition) else {
                continue;
            };
            let read = super::parse_by(&replacement.document, &Specification);
            if read.iter().all(|parsed| parsed.document.is_some()) {
                let document = &replacement.document;
                let help = format!("write these rules in place of this one:\n---\n{document}");
                error.help = vec![help];
                error.replacement = Some(Box::new(replacement));
            }
        }
    }
}
