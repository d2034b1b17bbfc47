//! The head of a document: the attributes that rules, correlations and filters share.
//!
//! In: the pairs of a document, one by one. Out: a [`Rule`] whose log source and detections are
//! still empty; `title: Brute Force` is its title. What is not of the head is given back.

use super::attribute::{self, TextKind};
use super::rule::Reader;
use super::validity;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::{Rule, Text};
use crate::source::Span;
use crate::yaml::Node;

/// A document's head while it is read.
pub(super) struct Head<'s> {
    /// The attributes.
    pub rule: Rule<'s>,
    /// Is there a title, even one that can't be read?
    pub has_title: bool,
    /// The place of the document's first key.
    pub first_key: Span,
}

impl<'s> Head<'s> {
    /// The empty head of the document at `span`.
    pub(super) fn new(span: Span, pairs: &[(Node<'s>, Node<'s>)]) -> Self {
        Self {
            rule: Rule {
                span,
                ..Rule::default()
            },
            has_title: false,
            first_key: pairs.first().map_or(span, |(key, _)| key.span),
        }
    }
}

impl<'s> Reader<'s, '_> {
    /// A key of the document, if it is a name.
    pub(super) fn attribute_name(&mut self, key: &Node<'s>) -> Option<Text<'s>> {
        let name = attribute::key(key);
        if name.is_none() {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::AttributeType,
                    format!("expected an attribute's name, found {}", key.kind()),
                )
                .at(key.span)
                .help("write a plain word such as `title`"),
            );
        }
        name
    }

    /// Reads an attribute of the head, or gives it back if it is none.
    pub(super) fn attribute(
        &mut self,
        head: &mut Head<'s>,
        name: Text<'s>,
        value: Node<'s>,
    ) -> Option<(Text<'s>, Node<'s>)> {
        let rule = &mut head.rule;
        match name.value.as_ref() {
            "title" => {
                let faults = self.diagnostics.len();
                let title = self.text(&name, value, TextKind::String);
                head.has_title = title.is_some() || self.diagnostics.len() > faults;
                rule.title = title.unwrap_or_default();
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
            _ => return Some((name, value)),
        }
        None
    }

    /// Notes that an attribute is missing.
    pub(super) fn required(&mut self, name: &str, is_there: bool, head: &Head<'s>) {
        if is_there {
            return;
        }
        let message = format!("expected the attribute `{name}`, found none");
        let error = Diagnostic::error(Code::MissingAttribute, message);
        let misspelled = |key: &Text<'_>| nearest(&key.to_lowercase(), [name]).is_some();
        let slip = head.rule.custom.iter().find(|(key, _)| misspelled(key));
        self.diagnostics.push(match slip {
            Some((key, _)) => error
                .at(key.span)
                .help(format!("write `{name}` in place of `{}`", key.value)),
            None => error
                .at(head.first_key)
                .help(format!("add `{name}:` to the rule")),
        });
    }

    /// Checks the attributes' values.
    pub(super) fn finished(&mut self, head: Head<'s>) -> Rule<'s> {
        let mut rule = head.rule;
        validity::check(self, &rule);
        self.rules.finish(&mut rule);
        rule
    }
}
