//! Aliases: one name for what rules call by different fields.
//!
//! In: `{user: {login: User, logoff: SubjectUser}}`. Out: an [`Alias`] each. Rules may be named by
//! their other name, id for name: which one an alias leaves out, the index says.

use crate::diagnostic::{Code, Diagnostic};
use crate::parse::attribute;
use crate::parse::rule::Reader;
use crate::rule::correlation::Alias;
use crate::rule::{Correlation, CorrelationCondition, Text};
use crate::source::Span;
use crate::yaml::{Content, Node};
use std::collections::HashSet;

impl<'s> Reader<'s, '_> {
    /// `aliases:`
    pub(super) fn aliases(&mut self, name: &Text<'s>, node: Node<'s>) -> Vec<Alias<'s>> {
        let (span, kind) = (node.span, node.kind());
        let Content::Mapping(pairs) = node.content else {
            self.no_alias(name, "a map of aliases", span, kind);
            return Vec::new();
        };
        let mut aliases = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Some(alias) = attribute::key(&key) else {
                self.no_alias(name, "names as keys", key.span, key.kind());
                continue;
            };
            let (span, kind) = (value.span, value.kind());
            let Content::Mapping(pairs) = value.content else {
                self.no_alias(&alias, "a map of rules to fields", span, kind);
                continue;
            };
            let fields = self.alias_fields(&alias, pairs);
            aliases.push(Alias {
                name: alias,
                fields,
            });
        }
        aliases
    }

    fn alias_fields(
        &mut self,
        alias: &Text<'s>,
        pairs: Vec<(Node<'s>, Node<'s>)>,
    ) -> Vec<(Text<'s>, Text<'s>)> {
        let mut fields = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Some(rule) = attribute::key(&key) else {
                self.no_alias(alias, "names or ids of rules as keys", key.span, key.kind());
                continue;
            };
            match self.filled(value) {
                Ok(field) => fields.push((rule, field)),
                Err((span, found)) => self.no_alias(&rule, "the name of a field", span, found),
            }
        }
        fields
    }

    fn no_alias(&mut self, name: &Text<'s>, expected: &str, span: Span, found: &str) {
        let message = format!("expected {expected} for `{}`, found {found}", name.value);
        self.diagnostics.push(
            Diagnostic::error(Code::AttributeType, message)
                .at(span)
                .help("write `aliases: {user: {rule_a: User, rule_b: SubjectUserName}}`"),
        );
    }

    /// Says which aliases nothing uses.
    pub(super) fn check_aliases(&mut self, correlation: &Correlation<'s>) {
        if correlation.aliases.is_empty() {
            return;
        }
        let used: HashSet<&str> = used(correlation).collect();
        for alias in &correlation.aliases {
            if !used.contains(alias.name.value.as_ref()) {
                let message = format!(
                    "expected `group-by` or `field` to use the alias `{}`, found neither",
                    alias.name.value
                );
                self.diagnostics.push(
                    Diagnostic::warning(Code::UnusedAlias, message)
                        .at(alias.name.span)
                        .help("add it to `group-by`, or remove it"),
                );
            }
        }
    }
}

/// What a correlation groups by and counts.
fn used<'c>(correlation: &'c Correlation<'_>) -> impl Iterator<Item = &'c str> {
    let fields = match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => threshold.field.as_slice(),
        _ => &[],
    };
    let names = correlation.group_by.iter().chain(fields);
    names.map(|name| name.value.as_ref())
}
