//! What changed in meaning between two versions of a rule.
//!
//! In: two rules, lowered. Out: a [`Comparison`]: does the new version match the same events, more,
//! fewer, or others; an event that shows it; and what was edited, in a reviewer's words. For
//! `Image: '*\cmd.exe'` and `Image: ['*\cmd.exe', '*\pwsh.exe']`: broader, `{"Image": "\\pwsh.exe"}`
//! shows it, *value added to Image*. Two correlations likewise, by what is known of their parts.
//!
//! No relation is claimed that is not proven (`decide`), and no difference without an event that
//! [`eval`](crate::eval) answers differently for the two. Otherwise the relation is [`Relation::Unknown`].

mod clauses;
mod correlation;
mod decide;
mod documents;
mod edit;
mod formula;
mod solve;
mod theory;

pub use correlation::{BaseVersion, CorrelationVersion, IndexedCorrelation, compare_correlations};
pub use documents::{Documents, compare_rules, sound};
pub use edit::{Change, Edit, How, Join};

use crate::eval::Matcher;
use crate::lower::Lowered;
use crate::rule::Rule;
use decide::{Doubt, Side, Verdict};
use formula::Store;
use serde::Serialize;
use serde_json::Value as Json;

/// A version of a rule, after its pipelines.
#[derive(Debug, Clone, Copy)]
pub struct Version<'v, 'r> {
    /// The rule, for its log source and the names of its detections.
    pub rule: &'v Rule<'r>,
    /// What its conditions mean.
    pub lowered: &'v [Lowered<'r>],
}

/// How the events that two versions match relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Both match the same events: proven.
    Equal,
    /// The new version matches all that the old one did (proven), and more (shown).
    Broader,
    /// The old version matched all that the new one does (proven), and more (shown).
    Narrower,
    /// Each matches an event that the other does not: shown.
    Changed,
    /// Anything else.
    Unknown,
}

/// What changed between two versions of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// How the matched events relate.
    pub relation: Relation,
    /// Why the relation is not known, or what of it is; how it is proven that they are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// An event that the new version alone matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gained: Option<Json>,
    /// An event that the old version alone matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Json>,
    /// What was edited, in the rule's order.
    pub edits: Vec<Edit>,
}

impl Relation {
    /// Its name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Broader => "broader",
            Self::Narrower => "narrower",
            Self::Changed => "changed",
            Self::Unknown => "unknown",
        }
    }
}

/// Compares two versions of a rule.
#[must_use]
pub fn compare(before: Version<'_, '_>, after: Version<'_, '_>) -> Comparison {
    let mut store = Store::default();
    let literals = [before, after]
        .map(|version| store.any(version.lowered.iter().map(|lowered| &lowered.expr)));
    let matchers = [before, after].map(|version| {
        let matchers = version
            .lowered
            .iter()
            .map(|lowered| Matcher::new(&lowered.expr));
        matchers.collect::<Result<Vec<_>, _>>().ok()
    });
    let [old, new] = [0, 1].map(|at: usize| Side {
        literal: literals[at],
        matchers: matchers[at].as_deref(),
    });
    let kept = decide::implies(&store, old, new);
    let had = if literals[0] == literals[1] {
        Verdict::Proven
    } else {
        decide::implies(&store, new, old)
    };
    let equal = (&kept, &had) == (&Verdict::Proven, &Verdict::Proven);
    let edits = edit::edits(before, after, equal);
    let same_form = literals[0] == literals[1];
    let mut comparison = judge(kept, had, edits);
    if comparison.relation == Relation::Equal && !comparison.edits.is_empty() {
        let why = proof(&comparison.edits, same_form);
        comparison.why = Some(why.to_owned());
    }
    match beyond_events(before, after, &comparison) {
        Some(why) => Comparison {
            relation: Relation::Unknown,
            why: Some(why),
            ..comparison
        },
        None => comparison,
    }
}

/// Is it proven that no event meets any of the conditions?
#[must_use]
pub fn never_holds(conditions: &[Lowered<'_>]) -> bool {
    let mut store = Store::default();
    let nothing = store.any(std::iter::empty());
    let literal = store.any(conditions.iter().map(|lowered| &lowered.expr));
    let side = |literal| Side {
        literal,
        matchers: None,
    };
    decide::implies(&store, side(literal), side(nothing)) == Verdict::Proven
}

/// How two versions that differ are known to match the same events.
fn proof(edits: &[Edit], same_form: bool) -> &'static str {
    if same_form {
        "proven: the same tests, but for order, parentheses, repetition or how they are written"
    } else if edits.iter().all(|edit| edit.change == Change::Rearranged) {
        "proven: the same tests, joined in a way that comes to the same"
    } else {
        "proven: what one version has alone makes no difference beside its other tests"
    }
}

/// The relation from the two answers: is everything kept that matched, and was everything there
/// that matches now?
fn judge(kept: Verdict, had: Verdict, edits: Vec<Edit>) -> Comparison {
    use Verdict::{Open, Proven, Refuted};
    let why = |doubt: &Doubt| match doubt {
        Doubt::NoEvent => "neither a proof nor an event was found",
        Doubt::Budget => "the expressions are too large for a proof",
    };
    let (relation, why) = match (&kept, &had) {
        (Proven, Proven) => (Relation::Equal, None),
        (Proven, Refuted(_)) => (Relation::Broader, None),
        (Refuted(_), Proven) => (Relation::Narrower, None),
        (Refuted(_), Refuted(_)) => (Relation::Changed, None),
        (Proven, Open(doubt)) => (
            Relation::Unknown,
            Some(format!(
                "all that matched still does; for more, {}",
                why(doubt)
            )),
        ),
        (Open(doubt), Proven) => (
            Relation::Unknown,
            Some(format!("nothing new matches; for less, {}", why(doubt))),
        ),
        (Refuted(_), Open(doubt)) => (
            Relation::Unknown,
            Some(format!(
                "not all that matched still does; for more, {}",
                why(doubt)
            )),
        ),
        (Open(doubt), Refuted(_)) => (
            Relation::Unknown,
            Some(format!("more matches; for less, {}", why(doubt))),
        ),
        (Open(a), Open(b)) => (Relation::Unknown, Some(why(a.max(b)).to_owned())),
    };
    let event = |verdict| match verdict {
        Refuted(event) => Some(event),
        Proven | Open(_) => None,
    };
    Comparison {
        relation,
        why,
        lost: event(kept),
        gained: event(had),
        edits,
    }
}

/// What a single event does not show: another log, and aggregations.
fn beyond_events(
    before: Version<'_, '_>,
    after: Version<'_, '_>,
    Comparison {
        relation, edits, ..
    }: &Comparison,
) -> Option<String> {
    let [old, new] = [before, after].map(|version| edit::logsource(&version.rule.logsource));
    if old != new {
        return Some(format!("the log source was {old}, and is {new}"));
    }
    let [old, new] = [before, after].map(edit::aggregations);
    let counts = |aggregations: &[Option<String>]| aggregations.iter().any(Option::is_some);
    if !counts(&old) && !counts(&new) {
        return None;
    }
    if old != new {
        return Some("the aggregation changed".to_owned());
    }
    // Several conditions are counted each by itself, but were compared as one.
    let same = *relation == Relation::Equal && (old.len() == 1 || edits.is_empty());
    (!same).then(|| "an aggregation counts the events".to_owned())
}
