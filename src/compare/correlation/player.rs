//! A correlation that is played events.
//!
//! In: a correlation of an index, events with their times. Out: the instants at which it fires.

use crate::dialect::Dialect;
use crate::eval::correlation::{
    Facts, Member, ResolvedCorrelation, ResolvedSet, evaluate, fields, size,
};
use crate::eval::{Event, Instant, Matcher, refusal};
use crate::index::{Index, Place};
use crate::lower::{self, lower};
use serde_json::{Map, Value as Json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How deep correlations of correlations are followed.
pub(super) const MOST_DEPTH: usize = 4;

/// Of more correlations, counted again where they are named again, none is played: nor is it converted.
const MOST_CORRELATIONS: usize = 64;

/// A version of the correlation that is compared.
#[derive(Debug, Clone, Copy)]
pub struct IndexedCorrelation<'i, 's> {
    /// What it is of.
    pub index: &'i Index<'s>,
    /// Where it is.
    pub place: Place,
}

/// A correlation with all that it is made of, ready to be asked of events.
pub(super) struct Player<'i> {
    /// It and the others of its index.
    pub set: ResolvedSet,
    /// Which of the set it is.
    pub at: usize,
    /// The rules that it is made of.
    rules: BTreeSet<usize>,
    /// The fields that correlations ask for, by rule.
    columns: Vec<BTreeMap<String, String>>,
    /// What says whether a rule matches, by rule; `None` where an event can't be asked.
    matchers: BTreeMap<usize, Option<Vec<Matcher<'i>>>>,
    /// What makes inner correlations fire, by number and depth.
    pub firing: RefCell<KnownFirings>,
    /// How many more steps events may be asked for.
    steps: &'i Cell<usize>,
    /// An event that a rule matches, by rule.
    pub events: BTreeMap<usize, Map<String, Json>>,
}

/// Events that make a correlation fire, by its number and how deep it was asked for.
type KnownFirings = BTreeMap<(usize, usize), Option<Vec<Timed>>>;

/// An event and its time.
pub(super) type Timed = (i64, Map<String, Json>);

impl<'i> Player<'i> {
    pub fn of(side: IndexedCorrelation<'i, '_>, steps: &'i Cell<usize>) -> Option<Self> {
        let set = ResolvedSet::of(side.index);
        let at = set.places.iter().position(|known| *known == side.place)?;
        if size(&set.correlations, at) > MOST_CORRELATIONS {
            return None;
        }
        let asked = fields(&set.correlations, set.rules.len());
        let columns = asked.into_iter().map(|names| {
            let names = names.into_iter();
            names.map(|name| (name.clone(), name)).collect()
        });
        let columns = columns.collect();
        let mut rules = BTreeSet::new();
        rules_of(&set, at, &mut rules, 0);
        let places = rules
            .iter()
            .filter_map(|rule| Some((*rule, *set.rules.get(*rule)?)));
        let matchers = places.map(|(rule, place)| (rule, matchers(side.index, place)));
        let matchers: BTreeMap<usize, Option<Vec<Matcher<'_>>>> = matchers.collect();
        let events = matchers.iter().filter_map(|(rule, matchers)| {
            let matchers = matchers.as_ref()?.iter();
            let mut witnesses = matchers.flat_map(|matcher| matcher.witnesses(8));
            let matching = witnesses.find(|witness| witness.matches)?;
            Some((*rule, object(matching.event)?))
        });
        Some(Self {
            events: events.collect(),
            firing: RefCell::default(),
            steps,
            matchers,
            columns,
            rules,
            at,
            set,
        })
    }

    /// The correlation.
    pub fn correlation(&self) -> &ResolvedCorrelation {
        &self.set.correlations[self.at]
    }

    /// Takes so many steps of those that are left, if there are as many.
    pub fn spend(&self, steps: usize) -> Option<()> {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or(0));
        left.map(drop)
    }

    /// When does one of the correlations fire on these events? `None` where that can't be said, or too
    /// much was asked already.
    pub fn firings(&self, at: usize, events: &[Timed]) -> Option<BTreeSet<Instant>> {
        let asked = self.rules.len() + size(&self.set.correlations, at);
        self.spend(events.len() * asked)?;
        let mut facts = Facts::new(&self.columns);
        let file: Arc<str> = Arc::from("");
        for (number, (time, event)) in events.iter().enumerate() {
            let event = Event::new(&Json::Object(event.clone()));
            let mut rules = Vec::new();
            for rule in &self.rules {
                let matchers = self.matchers.get(rule)?.as_ref()?;
                if matchers.iter().any(|matcher| matcher.matches(&event)) {
                    rules.push(*rule);
                }
            }
            facts.add(&event, Some(Instant(*time)), &rules, (&file, number + 1));
        }
        let outcome = evaluate(&self.set.correlations, at, &facts, false).ok()?;
        let firings = outcome.firings.iter().map(|firing| firing.at);
        Some(firings.collect())
    }
}

/// The rules that a correlation is made of.
fn rules_of(set: &ResolvedSet, at: usize, into: &mut BTreeSet<usize>, depth: usize) {
    let members = set.correlations.get(at).map(|known| &known.members);
    for member in members.into_iter().flatten() {
        match member {
            Member::Rule(rule) => {
                into.insert(*rule);
            }
            Member::Correlation(inner) if depth < MOST_DEPTH => {
                rules_of(set, *inner, into, depth + 1);
            }
            Member::Correlation(_) => {}
        }
    }
}

/// The map that a JSON object is.
pub(super) fn object(json: Json) -> Option<Map<String, Json>> {
    match json {
        Json::Object(map) => Some(map),
        _ => None,
    }
}

fn matchers<'i>(index: &'i Index<'_>, place: Place) -> Option<Vec<Matcher<'i>>> {
    let rule = index.document(place)?.rule()?;
    lower::check_for_events(rule).ok()?;
    let lowered = lower(rule, &Dialect::SPECIFICATION);
    if lowered.iter().any(|lowered| refusal(lowered).is_some()) {
        return None;
    }
    let matchers = lowered.iter().map(|lowered| Matcher::new(&lowered.expr));
    matchers.collect::<Result<_, _>>().ok()
}
