//! Rules, correlations and filters that reach into one another, on events.
//!
//! In: an index of all documents, and events as they come. Out: a [`Verdict`] for each rule and
//! correlation. Of an event nothing is kept but what correlations ask for; samples that are for
//! certain rules only are.

use super::choice::SampleChoice;
use super::firing::CorrelationNames;
use super::samples::Sample;
use super::verdict::{EventVerdict, Trial, Verdict, has_error, judge};
use crate::cli::testable::{RuleNames, refusal};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::eval::correlation::{
    Facts, Member, Outcome, ResolvedSet, TooManyFirings, evaluate, fields,
};
use crate::eval::{Instant, Matcher, TimeFields};
use crate::index::{Index, Place, reference_span};
use crate::lower::{Lowered, lower};
use crate::rule::{Correlation, Document, Rule};
use crate::source::Span;
use crate::transpile::{RuleOutput, guarded};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};

/// A rule after its pipelines, with the fields that correlations ask for.
struct Processed<'s> {
    place: Place,
    rule: Result<(Rule<'s>, BTreeMap<String, String>), Diagnostic>,
}

/// A rule ready for events.
struct Ready<'r> {
    place: Place,
    /// Its number among the rules that correlations are made of.
    number: Option<usize>,
    matchers: Result<Vec<Matcher<'r>>, Diagnostic>,
}

impl Ready<'_> {
    fn matches(&self, sample: &Sample) -> bool {
        let matchers = self.matchers.as_ref();
        matchers.is_ok_and(|matchers| matchers.iter().any(|matcher| matcher.matches(&sample.event)))
    }
}

/// What a rule did on the events that are for all rules.
#[derive(Default)]
struct Tally {
    tested: usize,
    matched: usize,
    events: Vec<EventVerdict>,
}

/// How documents are tested.
#[derive(Clone, Copy)]
pub(super) struct LinkedTrial<'t> {
    pub index: &'t Index<'t>,
    /// The path of each file.
    pub paths: &'t [&'t str],
    pub trial: Trial<'t>,
    pub times: &'t TimeFields,
}

/// The verdicts on each file's documents. `read` hands over the events.
pub(super) fn verdicts(
    linked: LinkedTrial<'_>,
    read: impl FnOnce(&mut dyn FnMut(Vec<Sample>)),
) -> Vec<Vec<Verdict>> {
    let set = ResolvedSet::of(linked.index);
    let asked = fields(&set.correlations, set.rules.len());
    let processed = process(linked, &set, &asked);
    let lowered: Vec<Option<Vec<Lowered<'_>>>> = processed
        .par_iter()
        .map(|processed| {
            let rule = processed.rule.as_ref().ok();
            rule.map(|(rule, _)| lower(rule, &Dialect::SPECIFICATION))
        })
        .collect();
    let numbers: BTreeMap<Place, usize> = set.rules.iter().copied().zip(0..).collect();
    let ready: Vec<Ready<'_>> = processed
        .iter()
        .zip(&lowered)
        .map(|(processed, lowered)| Ready {
            place: processed.place,
            number: numbers.get(&processed.place).copied(),
            matchers: match (&processed.rule, lowered) {
                (Ok(_), Some(lowered)) => guarded(Span::default(), || matchers(lowered)).flatten(),
                (Err(error), _) => Err(error.clone()),
                (Ok(_), None) => Ok(Vec::new()),
            },
        })
        .collect();
    let mut names = vec![BTreeMap::new(); set.rules.len()];
    for (ready, processed) in ready.iter().zip(&processed) {
        if let (Some(number), Ok((_, fields))) = (ready.number, &processed.rule) {
            names[number].clone_from(fields);
        }
    }
    let mut feed = Feed {
        linked,
        facts: Facts::new(&names),
        names,
        tallies: ready.iter().map(|_| Tally::default()).collect(),
        ready: &ready,
        own: Vec::new(),
        tested: 0,
    };
    read(&mut |samples| feed.take(samples));
    feed.verdicts(&set, &processed)
}

/// Applies the pipelines to all rules.
fn process<'t>(
    linked: LinkedTrial<'t>,
    set: &ResolvedSet,
    asked: &[BTreeSet<String>],
) -> Vec<Processed<'t>> {
    let index = linked.index;
    let numbers: BTreeMap<Place, usize> = set.rules.iter().copied().zip(0..).collect();
    let places = (0..index.files()).flat_map(|file| {
        let documents = 0..index.documents(file).len();
        documents.map(move |document| Place { file, document })
    });
    let rules: Vec<(Place, &Rule<'t>)> = places
        .filter_map(|place| {
            let parsed = index.document(place)?;
            let is_sound = !has_error(&parsed.diagnostics);
            parsed.rule().filter(|_| is_sound).map(|rule| (place, rule))
        })
        .collect();
    let nothing = BTreeSet::new();
    rules
        .par_iter()
        .map(|(place, rule)| {
            let mut rule = (*rule).clone();
            let asked = numbers.get(place).and_then(|number| asked.get(*number));
            let processing = linked.trial.processing;
            let fields = processing.apply_with(&mut rule, asked.unwrap_or(&nothing));
            Processed {
                place: *place,
                rule: fields.map(|fields| (rule, fields)),
            }
        })
        .collect()
}

fn matchers<'r>(lowered: &[Lowered<'r>]) -> Result<Vec<Matcher<'r>>, Diagnostic> {
    let mut matchers = Vec::with_capacity(lowered.len());
    for lowered in lowered {
        if let Some(error) = refusal(lowered) {
            return Err(error);
        }
        matchers.push(Matcher::new(&lowered.expr)?);
    }
    Ok(matchers)
}

/// What is known of the events so far.
struct Feed<'t, 'r> {
    linked: LinkedTrial<'t>,
    ready: &'r [Ready<'r>],
    /// For each rule of a correlation the fields that are asked for.
    names: Vec<BTreeMap<String, String>>,
    facts: Facts,
    /// By rule, as `ready`.
    tallies: Vec<Tally>,
    /// The samples that are for certain rules.
    own: Vec<Sample>,
    /// How many events are for all rules.
    tested: usize,
}

impl Feed<'_, '_> {
    fn take(&mut self, samples: Vec<Sample>) {
        let is_own = |sample: &Sample| {
            let expected = sample.expected.as_ref();
            sample.purpose.is_some() || expected.is_some_and(|expected| expected.rule.is_some())
        };
        let (own, all): (Vec<Sample>, Vec<Sample>) = samples.into_iter().partition(is_own);
        self.own.extend(own);
        self.tested += all.len();
        let matches: Vec<(Option<Instant>, Vec<usize>)> = all
            .par_iter()
            .map(|sample| {
                let numbered = self.ready.iter().enumerate();
                let matches = numbered.filter(|(_, rule)| rule.matches(sample));
                let matches = matches.map(|(at, _)| at).collect();
                (self.linked.times.of(&sample.event), matches)
            })
            .collect();
        for (sample, (at, matches)) in all.iter().zip(matches) {
            let numbers = matches.iter().filter_map(|rule| self.ready[*rule].number);
            let numbers: Vec<usize> = numbers.collect();
            let place = (&sample.file, sample.number);
            self.facts.add(&sample.event, at, &numbers, place);
            for rule in &matches {
                self.tallies[*rule].matched += 1;
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
        let listed: Vec<usize> = if explain { all.collect() } else { matches.to_vec() };
        for rule in listed {
            let Ready { place, matchers, .. } = &self.ready[rule];
            if self.linked.index.is_part(*place) {
                continue;
            }
            let traces = matchers.iter().flatten().filter(|_| explain);
            self.tallies[rule].events.push(EventVerdict {
                file: sample.file.to_string(),
                number: sample.number,
                matches: matches.contains(&rule),
                traces: traces.map(|matcher| matcher.explain(&sample.event)).collect(),
            });
        }
    }

    fn verdicts(mut self, set: &ResolvedSet, processed: &[Processed<'_>]) -> Vec<Vec<Verdict>> {
        let index = self.linked.index;
        let own = std::mem::take(&mut self.own);
        let choice = SampleChoice::new(&own);
        let trial = Trial {
            choice: &choice,
            ..self.linked.trial
        };
        let broken = self.broken(set);
        let mut all = Vec::with_capacity(index.files());
        for file in 0..index.files() {
            let path = self.linked.paths.get(file).copied().unwrap_or_default();
            let mut outputs = trial
                .session
                .map(|session| session.convert_indexed(path, file, index))
                .unwrap_or_default()
                .into_iter();
            let mut names = RuleNames::default();
            let mut verdicts = Vec::new();
            for (document, prepared) in index.documents(file).iter().enumerate() {
                let place = Place { file, document };
                let output = outputs.next();
                let mut verdict =
                    Verdict::new(path, names.next(prepared), prepared, trial.session);
                verdict.part = index.is_part(place);
                match &prepared.document {
                    Some(Document::Filter(_)) if !has_error(&prepared.diagnostics) => continue,
                    _ if has_error(&prepared.diagnostics) => {}
                    Some(Document::Rule(_)) => {
                        let at = self.ready.iter().position(|ready| ready.place == place);
                        if let Some(at) = at {
                            self.rule(at, &processed[at], output, trial, &mut verdict);
                        }
                    }
                    Some(Document::Correlation(correlation)) => {
                        let at = set.places.iter().position(|known| *known == place);
                        match at {
                            Some(at) if !broken.contains_key(&at) => {
                                let judged = guarded(prepared.span, || {
                                    let span = correlation.kind.span;
                                    self.correlation(at, correlation, (set, &own), &mut verdict, span);
                                });
                                verdict.diagnostics.extend(judged.err());
                            }
                            Some(at) => {
                                let span = reference_span(correlation, broken[&at]);
                                let message = Code::UntestableReference.title();
                                let error = Diagnostic::error(Code::UntestableReference, message);
                                verdict.diagnostics.push(error.at(span).help("mend that rule first"));
                            }
                            None => {}
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

    /// The correlations of which a rule can't be tested, each with the place of that reference.
    fn broken(&self, set: &ResolvedSet) -> BTreeMap<usize, usize> {
        let failed: BTreeSet<usize> = self
            .ready
            .iter()
            .filter(|ready| ready.matchers.is_err())
            .filter_map(|ready| ready.number)
            .collect();
        let mut broken = BTreeMap::new();
        loop {
            let next = set.correlations.iter().enumerate().find_map(|(at, correlation)| {
                if broken.contains_key(&at) {
                    return None;
                }
                let is_broken = |member: &Member| match member {
                    Member::Rule(rule) => failed.contains(rule),
                    Member::Correlation(inner) => broken.contains_key(inner),
                };
                let mut stages = correlation.stages.iter();
                let stage = stages.position(|stage| is_broken(&correlation.members[*stage]));
                stage.map(|stage| (at, stage))
            });
            match next {
                Some((at, stage)) => broken.insert(at, stage),
                None => return broken,
            };
        }
    }

    /// The verdict on a rule: on its own samples, or else on the events that are for all.
    fn rule(
        &mut self,
        at: usize,
        processed: &Processed<'_>,
        output: Option<RuleOutput>,
        trial: Trial<'_>,
        verdict: &mut Verdict,
    ) {
        match (&processed.rule, &self.ready[at].matchers) {
            (Err(error), _) | (Ok(_), Err(error)) => verdict.diagnostics.push(error.clone()),
            (Ok((rule, _)), Ok(_)) => {
                let judged = guarded(rule.span, || judge(rule, output, trial, verdict));
                verdict.diagnostics.extend(judged.err());
            }
        }
        if verdict.tested > 0 || has_error(&verdict.diagnostics) {
            return;
        }
        let tally = std::mem::take(&mut self.tallies[at]);
        verdict.tested = self.tested;
        verdict.matched = tally.matched;
        verdict.fired = tally.matched > 0;
        verdict.passed = verdict.fired;
        verdict.events = tally.events;
    }

    /// The verdict on a correlation: on its own sequences, or else on the events that are for all.
    fn correlation(
        &self,
        at: usize,
        correlation: &Correlation<'_>,
        (set, own): (&ResolvedSet, &[Sample]),
        verdict: &mut Verdict,
        span: Span,
    ) {
        let explain = self.linked.trial.explain;
        let resolved = &set.correlations[at];
        let mut mentions = vec![None; resolved.members.len()];
        for (stage, reference) in resolved.stages.iter().zip(&correlation.rules) {
            mentions[*stage].get_or_insert(reference.value.as_ref());
        }
        let names = CorrelationNames {
            group: resolved.group_by.clone().into(),
            members: mentions.iter().map(|name| name.unwrap_or_default().into()).collect(),
        };
        verdict.firings = Some(Vec::new());
        let sequences = self.sequences(&verdict.name, own);
        if !sequences.is_empty() {
            let mut wrong = Vec::new();
            for sequence in &sequences {
                let facts = self.facts_of(sequence);
                match evaluate(&set.correlations, at, &facts, explain) {
                    Ok(outcome) => verdict.take_sequence(sequence, outcome, &names, &mut wrong),
                    Err(TooManyFirings) => return verdict.diagnostics.push(too_many(span)),
                }
            }
            verdict.close_sequences(&wrong, span);
            return;
        }
        if verdict.part || self.tested == 0 {
            verdict.tested = self.tested;
            verdict.passed = true;
            return;
        }
        verdict.tested = self.tested;
        match evaluate(&set.correlations, at, &self.facts, explain) {
            Ok(outcome) => {
                verdict.matched = outcome.considered;
                verdict.fired = !outcome.firings.is_empty();
                verdict.passed = verdict.fired;
                verdict.diagnostics.extend(left_out(&outcome, span));
                let (firings, review) = names.report(outcome);
                verdict.firings = Some(firings);
                verdict.review = Some(review);
            }
            Err(TooManyFirings) => verdict.diagnostics.push(too_many(span)),
        }
    }

    /// The sequences that were made for a correlation, in the order of their first events.
    fn sequences<'o>(&self, name: &str, own: &'o [Sample]) -> Vec<Vec<&'o Sample>> {
        let mut found: Vec<(Option<u64>, &str, Vec<&'o Sample>)> = Vec::new();
        for sample in own {
            let Some(expected) = &sample.expected else {
                continue;
            };
            if expected.rule.as_deref() != Some(name) {
                continue;
            }
            let key = (expected.sequence, &*sample.file);
            match found.iter_mut().rfind(|(number, file, _)| (*number, *file) == key) {
                Some((_, _, samples)) => samples.push(sample),
                None => found.push((key.0, key.1, vec![sample])),
            }
        }
        found.into_iter().map(|(_, _, samples)| samples).collect()
    }

    fn facts_of(&self, samples: &[&Sample]) -> Facts {
        let mut facts = Facts::new(&self.names);
        for sample in samples {
            let rules = self.ready.iter().filter(|rule| rule.matches(sample));
            let numbers: Vec<usize> = rules.filter_map(|rule| rule.number).collect();
            let at = self.linked.times.of(&sample.event);
            facts.add(&sample.event, at, &numbers, (&sample.file, sample.number));
        }
        facts
    }
}

fn too_many(span: Span) -> Diagnostic {
    let message = "the correlations that it names fire too often, or are too many";
    let error = Diagnostic::error(Code::InnerFirings, message).at(span);
    error.help("make the inner ones narrower")
}

/// The warnings of what is in no window, where that may be why nothing fired.
fn left_out(outcome: &Outcome, span: Span) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if outcome.without_time > 0 {
        let message = format!(
            "{} of its events have no time, and are in no window",
            outcome.without_time
        );
        let warning = Diagnostic::warning(Code::EventsWithoutTime, message).at(span);
        warnings.push(warning.help("name the field of the time: `--time-field NAME`"));
    }
    if outcome.without_group > 0 && outcome.firings.is_empty() {
        let message = format!(
            "{} of its events have no value of the group, and are in no window",
            outcome.without_group
        );
        let warning = Diagnostic::warning(Code::EventsWithoutGroup, message).at(span);
        warnings.push(warning.help("check how the events call the fields of `group-by`"));
    }
    warnings
}
