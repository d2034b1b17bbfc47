//! A rule: the map of one document to a [`Rule`].
//!
//! In: the pairs of a document, with what was global merged in. Out: the rule, or every fault of it
//! that could be found: a bad level doesn't hide an unknown detection.

use super::attribute::{self, TextKind};
use super::condition::correlation_rule;
use super::{Parsed, Rules, detection, logsource, validity};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::{Document, Rule, Text};
use crate::source::Span;
use crate::yaml::Node;
use std::borrow::Cow;

/// The state of reading a rule.
pub(super) struct Reader<'s, 'd> {
    pub source: &'s str,
    pub rules: &'d dyn Rules,
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a rule.
pub(super) fn rule<'s>(
    source: &'s str,
    span: Span,
    pairs: Vec<(Node<'s>, Node<'s>)>,
    rules: &dyn Rules,
) -> Parsed<'s> {
    let (id, title) = (text_of(&pairs, "id"), text_of(&pairs, "title"));
    let mut reader = Reader {
        source,
        rules,
        diagnostics: Vec::new(),
    };
    let rule = reader.rule(span, pairs);
    let failed = reader.diagnostics.iter().any(Diagnostic::is_error);
    Parsed {
        span,
        document: (!failed).then(|| Document::Rule(Box::new(rule))),
        diagnostics: reader.diagnostics,
        id,
        title,
    }
}

/// The text of a key, where it is text.
pub(super) fn text_of<'s>(pairs: &[(Node<'s>, Node<'s>)], key: &str) -> Option<Cow<'s, str>> {
    pairs
        .iter()
        .find(|(name, _)| name.as_scalar().is_some_and(|name| name.text == key))
        .and_then(|(_, value)| value.as_scalar())
        .map(|scalar| scalar.text.clone())
        .filter(|text| !text.is_empty())
}

impl<'s> Reader<'s, '_> {
    fn rule(&mut self, span: Span, pairs: Vec<(Node<'s>, Node<'s>)>) -> Rule<'s> {
        let mut rule = Rule {
            span,
            ..Rule::default()
        };
        let mut title = None;
        let (mut has_title, mut has_logsource, mut has_detection) = (false, false, false);
        let first_key = pairs.first().map_or(span, |(key, _)| key.span);
        for (key, value) in pairs {
            let Some(name) = attribute::key(&key) else {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::AttributeType,
                        format!("expected an attribute's name, found {}", key.kind()),
                    )
                    .at(key.span)
                    .help("write a plain word such as `title`"),
                );
                continue;
            };
            match name.value.as_ref() {
                "title" => {
                    let faults = self.diagnostics.len();
                    title = self.text(&name, value, TextKind::String);
                    has_title = title.is_some() || self.diagnostics.len() > faults;
                }
                "id" => rule.id = self.text(&name, value, TextKind::String),
                "name" => rule.name = self.text(&name, value, TextKind::NotEmpty),
                "taxonomy" => rule.taxonomy = self.text(&name, value, TextKind::NotEmpty),
                "status" => rule.status = self.text(&name, value, TextKind::String),
                "description" => rule.description = self.text(&name, value, TextKind::String),
                "license" => rule.license = self.text(&name, value, TextKind::String),
                "author" => rule.author = self.text(&name, value, TextKind::String),
                "date" => rule.date = self.text(&name, value, TextKind::Date),
                "modified" => rule.modified = self.text(&name, value, TextKind::Date),
                "level" => rule.level = self.text(&name, value, TextKind::String),
                "references" => rule.references = self.texts(&name, value, TextKind::Any),
                "tags" => rule.tags = self.texts(&name, value, TextKind::String),
                "scope" => rule.scope = self.texts(&name, value, TextKind::Any),
                "falsepositives" => rule.falsepositives = self.texts(&name, value, TextKind::Any),
                "fields" => rule.fields = self.texts(&name, value, TextKind::Any),
                "related" => rule.related = self.related(&name, value),
                "logsource" => {
                    has_logsource = true;
                    rule.logsource = logsource::logsource(self, &name, value);
                }
                "detection" => {
                    has_detection = true;
                    rule.detection = detection::detections(self, &name, value);
                }
                _ => rule.custom.push((name, value)),
            }
        }
        rule.title = title.unwrap_or_default();
        if !has_title && !has_logsource && !has_detection {
            self.diagnostics.clear();
            self.diagnostics.push(
                Diagnostic::error(
                    Code::NotARule,
                    "expected a Sigma rule, found a map without `title`, `logsource` and `detection`",
                )
                .at(first_key)
                .help("check the indentation of the keys, or keep the file out of the folder if it \
                       is not a rule"),
            );
            return rule;
        }
        self.required("title", has_title, &rule, first_key);
        self.required("logsource", has_logsource, &rule, first_key);
        self.required("detection", has_detection, &rule, first_key);
        validity::check(self, &rule);
        self.rules.finish(&mut rule);
        self.deprecated_aggregations(&rule);
        rule
    }

    /// Notes that an attribute is missing; `first` is the rule's first key.
    fn required(&mut self, name: &str, there: bool, rule: &Rule<'s>, first: Span) {
        if there {
            return;
        }
        let message = format!("expected the attribute `{name}`, found none");
        let error = Diagnostic::error(Code::MissingAttribute, message);
        let misspelled = |key: &Text<'_>| nearest(&key.to_lowercase(), [name]).is_some();
        let slip = rule.custom.iter().find(|(key, _)| misspelled(key));
        self.diagnostics.push(match slip {
            Some((key, _)) => error
                .at(key.span)
                .help(format!("write `{name}` in place of `{}`", key.value)),
            None => error.at(first).help(format!("add `{name}:` to the rule")),
        });
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
            self.diagnostics
                .push(match correlation_rule(rule, aggregation) {
                Some(yaml) => warning.help(format!(
                    "remove the pipe from the condition and add this rule:\n---\n{yaml}"
                )),
                None => warning.help(
                    "compare the field in the detection: `Field|lt: 5`; correlation rules have no \
                     `min` and `max`",
                ),
            });
        }
    }
}
