//! Events that a rule must match, and near misses that it must not.
//!
//! In: a [`Matcher`]. Out: [`Witness`]es, each with the answer that the matcher gives: for
//! `Image: '*\cmd.exe'` the values `x1\cmd.exe`, `\CMD.EXE`, `x1Xcmd.exe`, `x1\cmd.exe ` and no
//! value at all. Made for engines to be held against: wherever a target can go wrong (case, escapes,
//! borders of wildcards, missing fields), one of the events shows it. The same rule gives the same
//! events.

pub mod linked;
mod meet;
mod near;
mod sample;
mod solve;

pub use meet::Tests;
pub(super) use solve::leaves;

use super::event::Event;
use super::matcher::{Leaf, Matcher, Plan};
use super::refusal;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::lower::{self, lower};
use crate::rule::Rule;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// How many events a rule gets at most, if the caller has no reason for another number.
pub const LIMIT: usize = 64;

/// An event with its answer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Witness {
    /// Does the rule match it?
    pub matches: bool,
    /// What it is there for: `Image: in other case`.
    pub about: String,
    /// The event: a flat object.
    pub event: Json,
}

impl Matcher<'_> {
    /// Events for this rule, `limit` at most: first one that meets each test, then their near
    /// misses in turn, so that every test has its share.
    #[must_use]
    pub fn witnesses(&self, limit: usize) -> Vec<Witness> {
        let Some(plan) = &self.plan else {
            return Vec::new();
        };
        let leaves = chosen(solve::leaves(plan), limit);
        let mut rows: Vec<Vec<(String, Map<String, Json>)>> = leaves
            .iter()
            .map(|leaf| {
                let base = solve::event(plan, leaf);
                let mut row = near::misses(leaf, &base);
                let name = leaf.field.unwrap_or("keyword");
                row.insert(0, (format!("{name}: the test is met"), base));
                row.reverse();
                row
            })
            .collect();
        let mut known = BTreeSet::new();
        let mut witnesses = Vec::new();
        while witnesses.len() < limit && rows.iter().any(|row| !row.is_empty()) {
            for row in &mut rows {
                let Some((about, event)) = row.pop() else {
                    continue;
                };
                let event = Json::Object(event);
                if witnesses.len() < limit && known.insert(event.to_string()) {
                    witnesses.push(Witness {
                        matches: self.matches(&Event::new(&event)),
                        about,
                        event,
                    });
                }
            }
        }
        witnesses
    }
}

/// Events for a rule, `limit` at most for each of its conditions; the rule matches where one of them
/// does.
///
/// # Errors
/// The rule can't be asked of single events, or is too large.
pub fn of_rule(rule: &Rule<'_>, limit: usize) -> Result<Vec<Witness>, Diagnostic> {
    lower::check_for_events(rule)?;
    let lowered = lower(rule, &Dialect::SPECIFICATION);
    if let Some(error) = lowered.iter().find_map(refusal) {
        return Err(error);
    }
    let matchers = lowered.iter().map(|lowered| Matcher::new(&lowered.expr));
    let matchers = matchers.collect::<Result<Vec<Matcher<'_>>, Diagnostic>>()?;
    let mut found: Vec<Witness> = Vec::new();
    for matcher in &matchers {
        found.extend(matcher.witnesses(limit));
    }
    if matchers.len() > 1 {
        for witness in &mut found {
            let event = Event::new(&witness.event);
            witness.matches = matchers.iter().any(|matcher| matcher.matches(&event));
        }
    }
    Ok(found)
}

/// An event in which a test of a plan counts, and its near misses.
pub(super) fn around(plan: &Plan<'_>, leaf: &Leaf<'_>) -> Vec<Json> {
    let base = solve::event(plan, leaf);
    let misses = near::misses(leaf, &base).into_iter();
    let events = std::iter::once(base).chain(misses.map(|(_, event)| event));
    events.map(Json::Object).collect()
}

/// So many of the leaves as there is room for, from all over the rule.
fn chosen<T>(leaves: Vec<T>, limit: usize) -> Vec<T> {
    let step = leaves.len().div_ceil(limit.max(1)).max(1);
    leaves.into_iter().step_by(step).collect()
}

/// The field that a leaf's value is put into; a keyword's is any.
fn field_of<'l>(leaf: &'l Leaf<'_>) -> &'l str {
    leaf.field.unwrap_or("message")
}

#[cfg(test)]
mod tests {
    use crate::eval::Matcher;
    use crate::lower::{Expr, Test};
    use crate::rule::{Network, Number, Part, Pattern, Regex, RegexFlags, TimePart, Value};
    use crate::source::Span;

    fn answers(value: &Value<'_>) -> Vec<(bool, String)> {
        let test = Expr::Test(Test {
            field: "f",
            value,
            span: Span::default(),
        });
        let matcher = Matcher::new(&test).unwrap();
        let witnesses = matcher.witnesses(super::LIMIT);
        assert_eq!(witnesses, matcher.witnesses(super::LIMIT));
        assert!(witnesses.len() <= super::LIMIT);
        assert!(witnesses[0].matches, "{witnesses:?}");
        assert!(witnesses.iter().any(|witness| !witness.matches));
        let shown = |json: &serde_json::Value| json.to_string();
        witnesses
            .iter()
            .map(|witness| (witness.matches, shown(&witness.event)))
            .collect()
    }

    fn has(answers: &[(bool, String)], matches: bool, event: &str) {
        let found = answers.iter().find(|(_, known)| known == event);
        assert_eq!(
            found.map(|(found, _)| *found),
            Some(matches),
            "{event} in {answers:#?}"
        );
    }

    #[test]
    fn patterns_are_shown_at_their_borders() {
        let mut pattern = Pattern::default();
        pattern.push(Part::Any);
        pattern.push(Part::Literal(r"\a_b".into()));
        let answers = answers(&Value::String(pattern));
        has(&answers, true, r#"{"f":"x1\\a_b"}"#);
        has(&answers, true, r#"{"f":"\\a_b"}"#);
        has(&answers, true, r#"{"f":"X1\\A_B"}"#);
        has(&answers, false, r#"{"f":"x1\\aXb"}"#);
        has(&answers, false, r#"{"f":"x1Xa_b"}"#);
        has(&answers, false, r#"{"f":"x1\\a_b "}"#);
        has(&answers, false, r#"{"f":""}"#);
        has(&answers, false, r#"{"f":null}"#);
        has(&answers, false, "{}");
    }

    #[test]
    fn every_kind_of_value_has_events_on_both_sides() {
        let number = |text: &'static str| Number {
            text: text.into(),
            value: text.parse().unwrap(),
        };
        let regex = |text: &'static str| Regex {
            pattern: Pattern::literal(text),
            flags: RegexFlags::default(),
        };
        has(&answers(&Value::Number(number("5"))), true, r#"{"f":"5"}"#);
        has(&answers(&Value::Null), false, r#"{"f":""}"#);
        has(&answers(&Value::Exists(false)), false, r#"{"f":null}"#);
        let ranges = answers(&Value::Cidr(Network {
            text: "10.0.0.0/8".into(),
            net: "10.0.0.0/8".parse().unwrap(),
        }));
        has(&ranges, true, r#"{"f":"10.255.255.255"}"#);
        has(&ranges, false, r#"{"f":"11.0.0.0"}"#);
        has(
            &answers(&Value::Time(TimePart::Hour, number("7"))),
            false,
            r#"{"f":"2020-01-06T08:04:05Z"}"#,
        );
        for text in [
            r"^a[^b-z]{3}\d+(?:x|y)?$",
            ".{100,}",
            r"\bfoo\B",
            "(?i)a|^b",
            "[^a]",
        ] {
            answers(&Value::Regex(regex(text)));
        }
    }
}
