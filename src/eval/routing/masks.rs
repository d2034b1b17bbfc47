//! Which rules look at an event: those for its log source.
//!
//! In: the log sources of the rules, and events. Out: a mask of the rules, kept by the event's log
//! sources, of which a log has few.

use super::{EventSources, Router, RoutingTable, RuleSource};
use crate::eval::{CompiledRules, Event, Matcher, RuleMask};
use std::collections::{BTreeMap, HashMap};

/// Routes events to rules.
#[derive(Debug)]
pub struct Routing {
    table: RoutingTable,
    /// The log sources of rules, each once.
    pub sources: Vec<RuleSource>,
    /// By rule, the place of its log source.
    of_rules: Vec<usize>,
    /// By rule: does it search keywords?
    has_keyword: Vec<bool>,
}

/// How many events there were of each combination of log sources.
pub type SourceCounts = BTreeMap<EventSources, usize>;

/// The masks of the events of a chunk.
#[derive(Debug)]
pub struct Masks<'m> {
    routing: &'m Routing,
    router: Router<'m>,
    /// By number of log sources: the rules, and how many events there were. Lines of text are apart.
    known: HashMap<(usize, bool), (RuleMask, usize)>,
}

impl Routing {
    /// By a table, for rules of these log sources, each with its conditions.
    pub fn new<'m, 'r: 'm>(
        table: RoutingTable,
        rules: impl Iterator<Item = (RuleSource, &'m [Matcher<'r>])>,
    ) -> Self {
        let mut sources = Vec::new();
        let mut places: HashMap<RuleSource, usize> = HashMap::new();
        let mut has_keyword = Vec::new();
        let of_rules = rules.map(|(source, matchers)| {
            has_keyword.push(matchers.iter().any(Matcher::has_keyword));
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
            has_keyword,
        }
    }

    /// Looks at events. Each thread has its own.
    #[must_use]
    pub fn masks(&self) -> Masks<'_> {
        Masks {
            routing: self,
            router: Router::new(&self.table),
            known: HashMap::new(),
        }
    }

    /// The rules that look at events of these log sources. A line of text of which nothing else is
    /// known is looked at by rules that search keywords: it has no field, and whatever others find in
    /// it is the lack of one.
    fn mask(&self, sources: &EventSources, is_line: bool, rules: &CompiledRules<'_>) -> RuleMask {
        let concerned: Vec<bool> = self.concerned(sources).collect();
        let needs_keyword = is_line && sources.is_unknown();
        let numbers = self.of_rules.iter().zip(&self.has_keyword).enumerate();
        let numbers = numbers.filter(|(_, (source, has_keyword))| {
            concerned[**source] && (**has_keyword || !needs_keyword)
        });
        rules.mask(numbers.map(|(number, _)| number))
    }

    /// By log source of rules: does it concern these events?
    fn concerned(&self, sources: &EventSources) -> impl Iterator<Item = bool> {
        let all = self.sources.iter();
        all.map(move |source| self.table.concerns(sources, source))
    }

    /// Does a rule look at the event?
    #[must_use]
    pub fn concerns(&self, rule: usize, event: &Event) -> bool {
        let sources = self.table.of(event);
        let has_keyword = self.has_keyword[rule] || !(event.is_line() && sources.is_unknown());
        has_keyword && self.table.concerns(&sources, self.source(rule))
    }

    /// By rule: how many of these events does it look at?
    #[must_use]
    pub fn looked_at(&self, counts: &SourceCounts) -> Vec<usize> {
        let mut looked_at = vec![0; self.sources.len()];
        for (sources, count) in counts {
            for (sum, concerned) in looked_at.iter_mut().zip(self.concerned(sources)) {
                *sum += usize::from(concerned) * count;
            }
        }
        let rules = self.of_rules.iter();
        rules.map(|source| looked_at[*source]).collect()
    }

    /// By rule: was there an event that is known to be of its log source?
    #[must_use]
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
    #[must_use]
    pub fn source(&self, rule: usize) -> &RuleSource {
        &self.sources[self.of_rules[rule]]
    }
}

impl Masks<'_> {
    /// The rules that look at an event.
    pub fn of(&mut self, event: &Event, rules: &CompiledRules<'_>) -> &RuleMask {
        let number = self.router.number(event);
        let is_line = event.is_line();
        let (mask, count) = self.known.entry((number, is_line)).or_insert_with(|| {
            let sources = self.router.sources(number);
            (self.routing.mask(sources, is_line, rules), 0)
        });
        *count += 1;
        mask
    }

    /// How many events there were of each.
    #[must_use]
    pub fn counts(self) -> SourceCounts {
        let mut counts = SourceCounts::new();
        for number in 0..self.router.len() {
            let known = [false, true].map(|is_line| self.known.get(&(number, is_line)));
            let count = known.into_iter().flatten().map(|(_, count)| count).sum();
            counts.insert(self.router.sources(number).clone(), count);
        }
        counts
    }
}
