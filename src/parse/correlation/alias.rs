//! Aliases: one name for what rules call by different fields.
//!
//! In: `{user: {login: User, logoff: SubjectUser}}`. Out: an [`Alias`] each. Rules may be named by
//! their other name, id for name: which one an alias leaves out, the index says.

use crate::diagnostic::{Code, Diagnostic};
use crate::parse::attribute;
use crate::parse::rule::Reader;
use crate::rule::correlation::Alias;
use crate::rule::{Correlation, CorrelationCondition, Text};
use crate::source::Spanned;
use crate::yaml::{Content, Node, Resolved};
use std::collections::HashSet;

impl<'s> Reader<'s, '_> {
    /// `aliases:`
    pub(super) fn aliases(&mut self, name: &Text<'s>, node: Node<'s>) -> Vec<Alias<'s>> {
        let Content::Mapping(pairs) = node.content else {
            self.no_aliases(name, "a map of aliases", &node);
            return Vec::new();
        };
        let mut aliases = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Some(alias) = attribute::key(&key) else {
                self.no_aliases(name, "names as keys", &key);
                continue;
            };
            let Content::Mapping(pairs) = value.content else {
                self.no_aliases(&alias, "a map of rules to fields", &value);
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
                self.no_aliases(alias, "names or ids of rules as keys", &key);
                continue;
            };
            let span = value.span;
            match value.content {
                Content::Scalar(scalar)
                    if scalar.resolve(self.rules.schema()) != Resolved::Null
                        && !scalar.text.is_empty() =>
                {
                    fields.push((rule, Spanned::new(scalar.text, span)));
                }
                content => self.no_aliases(&rule, "the name of a field", &Node { span, content }),
            }
        }
        fields
    }

    fn no_aliases(&mut self, name: &Text<'s>, expected: &str, node: &Node<'_>) {
        let kind = node.kind();
        let message = format!("expected {expected} for `{}`, found {kind}", name.value);
        self.diagnostics.push(
            Diagnostic::error(Code::AttributeType, message)
                .at(node.span)
                .help("write `aliases: {user: {rule_a: User, rule_b: SubjectUserName}}`"),
        );
    }

    /// Says which aliases nothing uses, and which lack a field as far as this document tells.
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
