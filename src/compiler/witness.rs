//! Events that rules must match, and near misses.

use super::Rules;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::eval::witness::{self, linked::NamedLines};
use crate::eval::{Processing, TIME_FIELDS};
use crate::index::Index;
use crate::pipeline::environment::Closed;
use crate::pipeline::{Pipeline, Settings};
use crate::transpile::{RuleNames, guarded};
use serde::Serialize;
use serde_json::Value as Json;
use std::slice;
use std::sync::Arc;

/// An event that was made for a rule or a correlation. As JSON it is a line of `varsigma witness`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Witness {
    /// Does the rule match it? Of a correlation: does it fire on the sequence?
    pub matches: bool,
    /// What it is there for: `Image: in other case`.
    pub about: String,
    /// The event: a flat object.
    pub event: Json,
    /// The rule's id, or else its title.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// Of a correlation the number of the sequence that the event is part of, from 1: it fires, or
    /// must not, on all of them together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
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
    /// and compare. Of correlations they are sequences of events, `limit` sequences at most. Filters
    /// are joined to the rules that they apply to. Rules with an error have none.
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
        let mut all = Self::witnesses_of(slice::from_ref(self), limit);
        all.pop().unwrap_or_default()
    }

    /// The same for the rules of several texts, which [`Self::parse_all`] read together.
    ///
    /// ```
    /// use varsigma::Rules;
    ///
    /// let texts = [
    ///     "title: Failed logon
    /// name: failed_logon
    /// logsource: {product: windows, service: security}
    /// detection: {s: {EventID: 4625}, condition: s}
    /// ",
    ///     "title: Many failed logons
    /// correlation:
    ///   type: event_count
    ///   rules: [failed_logon]
    ///   group-by: [TargetUserName]
    ///   timespan: 5m
    ///   condition: {gte: 3}
    /// ",
    /// ];
    /// let made = Rules::witnesses_of(&Rules::parse_all(texts), 64);
    /// let first: Vec<_> = made[1].events.iter().filter(|event| event.sequence == Some(1)).collect();
    /// assert_eq!(first.len(), 3);
    /// assert!(first.iter().all(|event| event.matches && event.event["EventID"] == 4625));
    /// ```
    #[must_use]
    pub fn witnesses_of(texts: &[Self], limit: usize) -> Vec<Witnesses> {
        let mut known: Option<(&Arc<Index<'_>>, Vec<Vec<NamedLines>>)> = None;
        let made = texts.iter().map(|rules| {
            let Some((index, file)) = rules.linked() else {
                return rules.own_witnesses(limit);
            };
            if known
                .as_ref()
                .is_none_or(|(own, _)| !Arc::ptr_eq(own, index))
            {
                known = Some((index, linked(index, limit)));
            }
            let files = known.as_mut().map(|(_, files)| files);
            let lines = files.and_then(|files| files.get_mut(file).map(std::mem::take));
            rules.linked_witnesses(lines.unwrap_or_default())
        });
        made.collect()
    }

    fn linked_witnesses(&self, documents: Vec<NamedLines>) -> Witnesses {
        let mut found = Witnesses::default();
        let own = self.diagnostics();
        for (name, lines, diagnostics) in documents {
            found
                .events
                .extend(lines.into_iter().map(|(sequence, made)| Witness {
                    matches: made.matches,
                    about: made.about,
                    event: made.event,
                    rule: name.clone(),
                    sequence,
                }));
            let errors = diagnostics.into_iter().filter(Diagnostic::is_error);
            found
                .errors
                .extend(errors.filter(|error| !own.contains(&error)));
        }
        found
    }

    fn own_witnesses(&self, limit: usize) -> Witnesses {
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
                    sequence: None,
                })),
                Err(error) => found.errors.push(error),
            }
        }
        found
    }
}

/// The events for each text of an index.
fn linked(index: &Index<'_>, limit: usize) -> Vec<Vec<NamedLines>> {
    let (pipeline, dialect) = (Pipeline::default(), Dialect::SPECIFICATION);
    let processing = Processing {
        pipeline: &pipeline,
        settings: Settings::new(&dialect, &Closed, &[]),
    };
    witness::linked::linked(index, processing, limit, TIME_FIELDS[0])
}
