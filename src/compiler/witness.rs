//! Events that rules must match, and near misses.

use super::Rules;
use crate::diagnostic::Diagnostic;
use crate::eval::witness;
use crate::transpile::{RuleNames, guarded};
use serde::Serialize;
use serde_json::Value as Json;

/// An event that was made for a rule. As JSON it is a line of `varsigma witness`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Witness {
    /// Does the rule match it?
    pub matches: bool,
    /// What it is there for: `Image: in other case`.
    pub about: String,
    /// The event: a flat object.
    pub event: Json,
    /// The rule's id, or else its title.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
}

/// The events of all rules of a text.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Witnesses {
    /// The events, in the rules' order.
    pub events: Vec<Witness>,
    /// Why rules have none.
    pub errors: Vec<Diagnostic>,
}

impl Rules<'_> {
    /// Makes events that the rules must match, and near misses that they must not: `limit` for each
    /// condition at most. The same rule gives the same events. Load them into an engine, run the query,
    /// and compare. Rules with an error have none, nor have correlations and filters.
    ///
    /// ```
    /// use varsigma::Rules;
    ///
    /// let rules = Rules::parse(
    ///     "title: Shell
    /// logsource: {product: windows}
    /// detection: {s: {Image: cmd.exe}, condition: s}
    /// ",
    /// );
    /// let events = rules.witnesses(64).events;
    /// assert!(events[0].matches);
    /// assert_eq!(events[0].event["Image"], "cmd.exe");
    /// assert!(events.iter().any(|witness| !witness.matches));
    /// ```
    #[must_use]
    pub fn witnesses(&self, limit: usize) -> Witnesses {
        let mut found = Witnesses::default();
        let mut names = RuleNames::default();
        for prepared in self.prepared() {
            let name = names.next(prepared);
            let is_sound = !prepared.diagnostics.iter().any(Diagnostic::is_error);
            let Some(rule) = prepared.rule().filter(|_| is_sound) else {
                continue;
            };
            let made = guarded(prepared.span, || witness::of_rule(rule, limit));
            match made.flatten() {
                Ok(made) => found.events.extend(made.into_iter().map(|made| Witness {
                    matches: made.matches,
                    about: made.about,
                    event: made.event,
                    rule: name.clone(),
                })),
                Err(error) => found.errors.push(error),
            }
        }
        found
    }
}
