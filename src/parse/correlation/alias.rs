//! Aliases: one name for what rules call by different fields.
//!
//! In: `{user: {login: User, logoff: SubjectUser}}`. Out: an [`Alias`] each. Rules may be named by
//! their other name, id for name, so that [`fields_missing`] needs someone who knows both.

use crate::diagnostic::{Code, Diagnostic};
use crate::parse::attribute;
use crate::parse::rule::Reader;
use crate::parse::validity::is_hyphenated;
use crate::rule::correlation::Alias;
use crate::rule::{Correlation, CorrelationCondition, Text};
use crate::source::Spanned;
use crate::yaml::{Content, Node, Resolved};
use std::collections::HashSet;
use std::hash::Hash;

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
        // Two references of one form, names or ids, are two rules.
        let is_id = |rule: &Text<'_>| is_hyphenated(rule.value.as_bytes());
        let ids = correlation.rules.iter().filter(|rule| is_id(rule)).count();
        if ids == 0 || ids == correlation.rules.len() {
            let listed: HashSet<&str> = correlation.rules.iter().map(|rule| &*rule.value).collect();
            let missing = fields_missing(
                correlation,
                |alias| {
                    let mut rules = alias.fields.iter().map(|(rule, _)| rule);
                    rules.all(|rule| listed.contains(rule.value.as_ref()))
                },
                |rule| rule,
            );
            self.diagnostics.extend(missing);
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

/// A warning for each rule of a correlation for which an alias that is used has no field: it is taken
/// to have a field of the alias's name. `is_checked` picks the aliases to look at; `rule_of`
/// gives what a name and an id of one rule have in common.
#[must_use]
pub fn fields_missing<'c, K: Hash + Eq>(
    correlation: &'c Correlation<'_>,
    is_checked: impl Fn(&Alias<'_>) -> bool,
    rule_of: impl Fn(&'c str) -> K,
) -> Vec<Diagnostic> {
    let used: HashSet<&str> = used(correlation).collect();
    let mut missing = Vec::new();
    for alias in &correlation.aliases {
        if !used.contains(alias.name.value.as_ref()) || !is_checked(alias) {
            continue;
        }
        let mut known: HashSet<K> = alias.fields.iter().map(|(rule, _)| rule_of(rule)).collect();
        for rule in &correlation.rules {
            if known.insert(rule_of(rule)) {
                missing.push(
                    Diagnostic::warning(
                        Code::AliasField,
                        format!(
                            "the alias `{0}` has no field for the rule `{1}`: its field `{0}` is taken",
                            alias.name.value, rule.value
                        ),
                    )
                    .at(alias.name.span)
                    .label(rule.span, "this rule is related, too")
                    .help(format!("add `{}: Field` to the alias", rule.value)),
                );
            }
        }
    }
    missing
}
