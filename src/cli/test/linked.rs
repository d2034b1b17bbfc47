//! Rules, correlations and filters that reach into one another, on events.
//!
//! In: an index of all documents, and events as they come. Out: a [`Verdict`] for each rule and
//! correlation. Of an event nothing is kept but what correlations ask for; samples that are for
//! certain rules only are.

use super::choice::SampleChoice;
use super::samples::Sample;
use super::verdict::{EventVerdict, Trial, Verdict, WrongAnswers, has_error, judge};
use crate::cli::choose::RuleChoice;
use crate::cli::testable::RuleNames;
use crate::eval::correlation::Facts;
use crate::eval::linked::{LinkedRules, ProcessedRule, ReadyRule};
use crate::eval::routing::{Masks, Routing, RoutingTable, RuleSource, SourceCounts};
use crate::eval::{CompiledRules, Event, Instant, Matcher, TimeFields};
use crate::index::{Index, Place, head};
use crate::lower::Lowered;
use crate::rule::Document;
use crate::transpile::{RuleOutput, guarded};
use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use std::collections::BTreeMap;

/// So many events are asked one after another.
const BATCH: usize = 256;

/// What a rule did on the events that are for all rules.
#[derive(Default)]
struct Tally {
    matched: usize,
    events: Vec<EventVerdict>,
    /// Of the events that carry an answer.
    wrong: WrongAnswers,
}

/// How documents are tested.
#[derive(Clone, Copy)]
pub(super) struct LinkedTrial<'t> {
    pub index: &'t Index<'t>,
    /// The path of each file.
    pub paths: &'t [&'t str],
    pub trial: Trial<'t>,
    pub times: &'t TimeFields,
    /// Which rules are tested.
    pub choice: &'t RuleChoice,
}

impl LinkedTrial<'_> {
    /// The log source that a rule's file gives it.
    fn source(&self, place: Place) -> RuleSource {
        let document = self.index.document(place);
        let document = document.and_then(|document| document.document.as_ref());
        document.map_or_else(RuleSource::default, |document| {
            RuleSource::new(&head(document).logsource)
        })
    }

    fn takes(&self, place: Place) -> bool {
        let document = self.index.document(place);
        let document = document.and_then(|document| document.document.as_ref());
        document.is_none_or(|document| self.choice.takes(document))
    }
}

/// The verdicts on each file's documents. `read` hands over the events; by the table, if there is one,
/// a rule looks at those of its log source.
pub(super) fn verdicts(
    linked: LinkedTrial<'_>,
    table: Option<RoutingTable>,
    read: impl FnOnce(&mut dyn FnMut(Vec<Sample>)),
) -> Vec<Vec<Verdict>> {
    let rules = LinkedRules::of(linked.index, linked.trial.processing);
    let lowered = rules.lowered();
    let ready = rules.ready(&lowered);
    let names = rules.names();
    let matchers = ready.iter().map(|ready| match &ready.matchers {
        Ok(matchers) if ready.number.is_some() || linked.takes(ready.place) => matchers.as_slice(),
        _ => &[],
    });
    let matchers: Vec<&[Matcher<'_>]> = matchers.collect();
    let routing = table.map(|table| {
        let sources = rules
            .rules
            .iter()
            .map(|processed| linked.source(processed.place));
        Routing::new(table, sources.zip(matchers.iter().copied()))
    });
    let mut feed = Feed {
        compiled: CompiledRules::new(matchers.into_iter()),
        routing,
        sources: SourceCounts::new(),
        linked,
        facts: Facts::new(&names),
        names,
        tallies: ready.iter().map(|_| Tally::default()).collect(),
        ready: &ready,
        lowered: &lowered,
        own: Vec::new(),
        tested: 0,
        needs_match: false,
        has_correlations: !rules.set.correlations.is_empty(),
    };
    read(&mut |samples| feed.take(samples));
    feed.verdicts(&rules)
}

/// What is known of the events so far.
pub(super) struct Feed<'t, 'r> {
    pub linked: LinkedTrial<'t>,
    /// The rules, and their conditions.
    pub ready: &'r [ReadyRule<'r>],
    /// The same, prepared together.
    compiled: CompiledRules<'r>,
    /// Which of them look at an event; none: all of them.
    routing: Option<Routing>,
    /// How many events for all rules there were of each log source.
    sources: SourceCounts,
    pub lowered: &'r [Vec<Lowered<'r>>],
    /// For each rule of a correlation the fields that are asked for.
    pub names: Vec<BTreeMap<String, String>>,
    pub facts: Facts,
    /// By rule, as `ready`.
    tallies: Vec<Tally>,
    /// The samples that are for certain rules.
    own: Vec<Sample>,
    /// How many events are for all rules.
    pub tested: usize,
    /// Is there an event for all rules that need not be one that they must not match?
    needs_match: bool,
    /// Is the time of events asked for?
    has_correlations: bool,
}

impl Feed<'_, '_> {
    fn take(&mut self, samples: Vec<Sample>) {
        let (own, all): (Vec<Sample>, Vec<Sample>) = samples.into_iter().partition(is_own);
        self.own.extend(own);
        self.tested += all.len();
        let compiled = &self.compiled;
        let times = Some(self.linked.times).filter(|_| self.has_correlations);
        let routing = self.routing.as_ref();
        let batches: Vec<_> = all
            .par_chunks(BATCH)
            .map(|samples| {
                let mut scanner = compiled.scanner();
                let mut masks = routing.map(Routing::masks);
                let matches = samples.iter().map(|sample| {
                    let masks = masks.as_mut();
                    let mask = masks.map(|masks| masks.of(&sample.event, compiled));
                    let matches = scanner.matching(&sample.event, mask).to_vec();
                    (times.and_then(|times| times.of(&sample.event)), matches)
                });
                let matches: Vec<(Option<Instant>, Vec<usize>)> = matches.collect();
                (matches, masks.map(Masks::counts))
            })
            .collect();
        let mut found = Vec::with_capacity(all.len());
        for (matches, counts) in batches {
            found.extend(matches);
            for (sources, count) in counts.into_iter().flatten() {
                *self.sources.entry(sources).or_default() += count;
            }
        }
        for (sample, (at, matches)) in all.iter().zip(found) {
            let numbers = matches.iter().filter_map(|rule| self.ready[*rule].number);
            let numbers: Vec<usize> = numbers.collect();
            let place = (&sample.file, sample.number);
            self.facts.add(&sample.event, at, &numbers, place);
            for rule in &matches {
                self.tallies[*rule].matched += 1;
            }
            match &sample.expected {
                None => self.needs_match = true,
                Some(expected) => {
                    self.needs_match |= expected.matches;
                    let routing = self.routing.as_ref();
                    for (rule, tally) in self.tallies.iter_mut().enumerate() {
                        if routing.is_some_and(|routing| !routing.concerns(rule, &sample.event)) {
                            continue;
                        }
                        tally.wrong.add(sample, matches.contains(&rule));
                    }
                }
            }
            self.list(sample, &matches);
        }
        if self.linked.trial.session.is_some() {
            self.own.extend(all);
        }
    }

    /// Lists an event for the rules that give verdicts of their own.
    fn list(&mut self, sample: &Sample, matches: &[usize]) {
        let explain = self.linked.trial.explain;
        let all = 0..self.ready.len();
        let listed: Vec<usize> = if explain {
            all.collect()
        } else {
            matches.to_vec()
        };
        for rule in listed {
            let ReadyRule {
                place, matchers, ..
            } = &self.ready[rule];
            if self.linked.index.is_part(*place) || !self.looks(rule, &sample.event) {
                continue;
            }
            let traces = matchers.iter().flatten().filter(|_| explain);
            self.tallies[rule].events.push(EventVerdict {
                file: sample.file.to_string(),
                number: sample.number,
                matches: matches.contains(&rule),
                traces: traces
                    .map(|matcher| matcher.explain(&sample.event))
                    .collect(),
            });
        }
    }

    /// Does a rule look at an event that is for all?
    fn looks(&self, rule: usize, event: &Event) -> bool {
        let routing = self.routing.as_ref();
        routing.is_none_or(|routing| routing.concerns(rule, event))
    }

    fn verdicts(mut self, rules: &LinkedRules<'_>) -> Vec<Vec<Verdict>> {
        let index = self.linked.index;
        let set = &rules.set;
        let own = std::mem::take(&mut self.own);
        let choice = SampleChoice::new(&own);
        let trial = Trial {
            choice: &choice,
            ..self.linked.trial
        };
        let broken = rules.broken(self.ready);
        let looked_at = match &self.routing {
            Some(routing) => routing.looked_at(&self.sources),
            None => vec![self.tested; self.ready.len()],
        };
        let mut all = Vec::with_capacity(index.files());
        for file in 0..index.files() {
            let path = self.linked.paths.get(file).copied().unwrap_or_default();
            let mut outputs = trial
                .session
                .map(|session| session.convert_indexed(path, file, index))
                .unwrap_or_default()
                .into_iter()
                .map(|output| (output.document, output))
                .collect::<BTreeMap<_, _>>();
            let mut names = RuleNames::default();
            let mut verdicts = Vec::new();
            for (document, prepared) in index.documents(file).iter().enumerate() {
                let place = Place { file, document };
                let output = outputs.remove(&document);
                let name = names.next(prepared);
                if !self.linked.takes(place) {
                    continue;
                }
                let mut verdict = Verdict::new(path, name, prepared, trial.session);
                verdict.part = index.is_part(place);
                match &prepared.document {
                    Some(Document::Filter(_)) if !has_error(&prepared.diagnostics) => continue,
                    _ if has_error(&prepared.diagnostics) => {}
                    Some(Document::Rule(_)) => {
                        let at = self.ready.iter().position(|ready| ready.place == place);
                        if let Some(at) = at {
                            let of = (at, looked_at[at]);
                            self.rule(of, &rules.rules[at], output, trial, &mut verdict);
                        }
                    }
                    Some(Document::Correlation(correlation)) => {
                        let at = set.places.iter().position(|known| *known == place);
                        if let Some(at) = at {
                            let fault = rules.fault(at, correlation, &broken).or_else(|| {
                                let judged = guarded(prepared.span, || {
                                    let of = (at, correlation.as_ref());
                                    self.correlation(of, rules, output, &own, &mut verdict);
                                });
                                judged.err()
                            });
                            verdict.diagnostics.extend(fault);
                        }
                    }
                    _ => {}
                }
                verdict.close();
                verdicts.push(verdict);
            }
            all.push(verdicts);
        }
        all
    }

    /// The verdict on a rule: on its own samples, or else on the events that are for all, of which it
    /// looks at so many.
    fn rule(
        &mut self,
        (at, looked_at): (usize, usize),
        processed: &ProcessedRule<'_>,
        output: Option<RuleOutput>,
        trial: Trial<'_>,
        verdict: &mut Verdict,
    ) {
        // A part has no query of its own.
        let output = output.filter(|output| !output.is_part);
        if output.is_none() {
            verdict.engine = None;
        }
        match (&processed.rule, &self.ready[at].matchers) {
            (Err(error), _) | (Ok(_), Err(error)) => verdict.diagnostics.push(error.clone()),
            (Ok((rule, _)), Ok(_)) => {
                let judged = guarded(rule.span, || {
                    let looks = &|event: &Event| self.looks(at, event);
                    judge(rule, output, trial, looks, verdict);
                });
                verdict.diagnostics.extend(judged.err());
            }
        }
        if verdict.tested > 0 || has_error(&verdict.diagnostics) {
            return;
        }
        let tally = std::mem::take(&mut self.tallies[at]);
        verdict.tested = looked_at;
        verdict.matched = tally.matched;
        verdict.fired = tally.matched > 0;
        let place = processed.rule.as_ref().map(|(rule, _)| rule.detection.span);
        let wrong = tally.wrong.diagnostic(place.unwrap_or_default());
        verdict.passed = wrong.is_none() && (verdict.fired || !self.needs_match);
        verdict.diagnostics.extend(wrong);
        verdict.events = tally.events;
    }
}

/// Is a sample for certain rules only?
pub(super) fn is_own(sample: &Sample) -> bool {
    let expected = sample.expected.as_ref();
    sample.purpose.is_some() || expected.is_some_and(|expected| expected.rule.is_some())
}
