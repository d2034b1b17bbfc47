//! Which rules look at an event: those for its log source.
//!
//! In: the log sources of the rules, and of an event. Out: a mask of the rules, kept by the event's
//! log sources, of which a log has few.

use crate::cli::Stop;
use crate::eval::routing::{EventSources, RoutingTable, RuleSource};
use crate::eval::{CompiledRules, Event, RuleMask};
use clap::Args;
use std::collections::{BTreeMap, HashMap};

/// The options.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct RoutingOptions {
    /// Take every event for one of this log source: `product=windows,service=security`. By default
    /// an event's fields show it (docs/event-formats.md).
    #[arg(long, value_name = "LOGSOURCE", conflicts_with = "any_logsource")]
    event_logsource: Option<String>,
    /// Hold every rule against every event, whatever its log source.
    #[arg(long)]
    any_logsource: bool,
}

impl RoutingOptions {
    /// What shows the log sources of events; `None`: they don't matter.
    pub fn table(&self) -> Result<Option<RoutingTable>, Stop> {
        Ok(match &self.event_logsource {
            Some(text) => Some(RoutingTable::declared(text)?),
            None => (!self.any_logsource).then(RoutingTable::built_in),
        })
    }
}

/// Routes events to rules.
#[derive(Debug)]
pub(super) struct Routing {
    table: RoutingTable,
    /// The log sources of rules, each once.
    pub sources: Vec<RuleSource>,
    /// By rule, the place of its log source.
    of_rules: Vec<usize>,
}

/// How many events there were of each combination of log sources.
pub(super) type SourceCounts = BTreeMap<EventSources, usize>;

/// The masks of the events of a chunk.
#[derive(Debug)]
pub(super) struct Masks<'m> {
    routing: &'m Routing,
    known: HashMap<EventSources, (RuleMask, usize)>,
}

impl Routing {
    pub fn new(table: RoutingTable, rules: impl Iterator<Item = RuleSource>) -> Self {
        let mut sources = Vec::new();
        let mut places: HashMap<RuleSource, usize> = HashMap::new();
        let of_rules = rules.map(|source| {
            *places.entry(source).or_insert_with_key(|source| {
                sources.push(source.clone());
                sources.len() - 1
            })
        });
        let of_rules = of_rules.collect();
        Self {
            table,
            sources,
            of_rules,
        }
    }

    pub fn masks(&self) -> Masks<'_> {
        Masks {
            routing: self,
            known: HashMap::new(),
        }
    }

    fn mask(&self, sources: &EventSources, rules: &CompiledRules<'_>) -> RuleMask {
        let concerned: Vec<bool> = self.concerned(sources).collect();
        let numbers = self.of_rules.iter().enumerate();
        let numbers = numbers.filter(|(_, source)| concerned[**source]);
        rules.mask(numbers.map(|(number, _)| number))
    }

    /// By log source of rules: does it concern these events?
    fn concerned(&self, sources: &EventSources) -> impl Iterator<Item = bool> {
        let all = self.sources.iter();
        all.map(move |source| self.table.concerns(sources, source))
    }

    /// By rule: was there an event that is known to be of its log source?
    pub fn met(&self, counts: &SourceCounts) -> Vec<bool> {
        let mut met = vec![false; self.sources.len()];
        for sources in counts.keys().filter(|sources| !sources.is_unknown()) {
            for (met, concerned) in met.iter_mut().zip(self.concerned(sources)) {
                *met |= concerned;
            }
        }
        self.of_rules.iter().map(|source| met[*source]).collect()
    }

    /// The log source of a rule.
    pub fn source(&self, rule: usize) -> &RuleSource {
        &self.sources[self.of_rules[rule]]
    }
}

impl Masks<'_> {
    /// The rules that look at an event.
    pub fn of(&mut self, event: &Event, rules: &CompiledRules<'_>) -> &RuleMask {
        let sources = self.routing.table.of(event);
        let routing = self.routing;
        let (mask, count) = self
            .known
            .entry(sources)
            .or_insert_with_key(|sources| (routing.mask(sources, rules), 0));
        *count += 1;
        mask
    }

    /// How many events there were of each.
    pub fn counts(self) -> SourceCounts {
        let known = self.known.into_iter();
        known
            .map(|(sources, (_, count))| (sources, count))
            .collect()
    }
}
