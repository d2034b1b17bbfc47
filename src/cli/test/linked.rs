//! Rules, correlations and filters that reach into one another, on events.
//!
//! In: an index of all documents, and events as they come. Out: a [`Verdict`] for each rule and
//! correlation. Of an event nothing is kept but what correlations ask for; samples that are for
//! certain rules only are.

use super::choice::SampleChoice;
use super::engine::Correlated;
use super::firing::{CorrelationNames, FiringVerdict};
use super::samples::Sample;
use super::verdict::{EventVerdict, Trial, Verdict, has_error, judge};
use crate::cli::linked::{LinkedRules, ProcessedRule, ReadyRule};
use crate::cli::testable::RuleNames;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::correlation::{Facts, Outcome, TooManyFirings, evaluate};
use crate::eval::{Instant, TimeFields};
use crate::index::{Index, Place, reference_span};
use crate::lower::Lowered;
use crate::rule::{Correlation, Document};
use crate::source::Span;
use crate::transpile::{RuleOutput, guarded};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::collections::BTreeMap;

/// What a rule did on the events that are for all rules.
#[derive(Default)]
struct Tally {
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
    let rules = LinkedRules::of(linked.index, linked.trial.processing);
    let lowered = rules.lowered();
    let ready = rules.ready(&lowered);
    let names = rules.names();
    let mut feed = Feed {
        linked,
        facts: Facts::new(&names),
        names,
        tallies: ready.iter().map(|_| Tally::default()).collect(),
        ready: &ready,
        lowered: &lowered,
        own: Vec::new(),
        tested: 0,
    };
    read(&mut |samples| feed.take(samples));
    feed.verdicts(&rules)
}

/// What is known of the events so far.
struct Feed<'t, 'r> {
    linked: LinkedTrial<'t>,
    /// The rules, and their conditions.
    ready: &'r [ReadyRule<'r>],
    lowered: &'r [Vec<Lowered<'r>>],
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

/// A correlation that is judged.
struct Judged<'j> {
    at: usize,
    /// Where it is in its file.
    span: Span,
    rules: &'j LinkedRules<'j>,
    names: &'j CorrelationNames,
    /// Does an engine run its queries?
    has_engine: bool,
}

impl Feed<'_, '_> {
    fn take(&mut self, samples: Vec<Sample>) {
        let (own, all): (Vec<Sample>, Vec<Sample>) = samples.into_iter().partition(is_own);
        self.own.extend(own);
        self.tested += all.len();
        let matches: Vec<(Option<Instant>, Vec<usize>)> = all
            .par_iter()
            .map(|sample| {
                let numbered = self.ready.iter().enumerate();
                let matches = numbered.filter(|(_, rule)| rule.matches(&sample.event));
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
        let listed: Vec<usize> = if explain {
            all.collect()
        } else {
            matches.to_vec()
        };
        for rule in listed {
            let ReadyRule {
                place, matchers, ..
            } = &self.ready[rule];
            if self.linked.index.is_part(*place) {
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
                let mut verdict = Verdict::new(path, names.next(prepared), prepared, trial.session);
                verdict.part = index.is_part(place);
                match &prepared.document {
                    Some(Document::Filter(_)) if !has_error(&prepared.diagnostics) => continue,
                    _ if has_error(&prepared.diagnostics) => {}
                    Some(Document::Rule(_)) => {
                        let at = self.ready.iter().position(|ready| ready.place == place);
                        if let Some(at) = at {
                            self.rule(at, &rules.rules[at], output, trial, &mut verdict);
                        }
                    }
                    Some(Document::Correlation(correlation)) => {
                        let at = set.places.iter().position(|known| *known == place);
                        match at {
                            Some(at) if !broken.contains_key(&at) => {
                                let judged = guarded(prepared.span, || {
                                    let of = (at, correlation.as_ref());
                                    self.correlation(of, rules, output, &own, &mut verdict);
                                });
                                verdict.diagnostics.extend(judged.err());
                            }
                            Some(at) => {
                                let span = reference_span(correlation, broken[&at]);
                                let message = Code::UntestableReference.title();
                                let error = Diagnostic::error(Code::UntestableReference, message);
                                verdict
                                    .diagnostics
                                    .push(error.at(span).help("mend that rule first"));
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

    /// The verdict on a rule: on its own samples, or else on the events that are for all.
    fn rule(
        &mut self,
        at: usize,
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
        (at, correlation): (usize, &Correlation<'_>),
        rules: &LinkedRules<'_>,
        output: Option<RuleOutput>,
        own: &[Sample],
        verdict: &mut Verdict,
    ) {
        let span = correlation.kind.span;
        let set = &rules.set;
        let resolved = &set.correlations[at];
        let mut mentions = vec![None; resolved.members.len()];
        for (stage, reference) in resolved.stages.iter().zip(&correlation.rules) {
            mentions[*stage].get_or_insert(reference.value.as_ref());
        }
        let names = CorrelationNames {
            group: resolved.group_by.clone().into(),
            members: mentions
                .iter()
                .map(|name| name.unwrap_or_default().into())
                .collect(),
        };
        verdict.firings = Some(Vec::new());
        let judged = Judged {
            at,
            span,
            rules,
            names: &names,
            has_engine: match (self.linked.trial.session, output) {
                (Some(session), Some(output)) => match session.take_queries(output, verdict) {
                    Ok(()) => true,
                    Err(error) => return verdict.diagnostics.push(error),
                },
                _ => false,
            },
        };
        let sequences = sequences(&verdict.name, own);
        let result = if !sequences.is_empty() {
            self.on_sequences(&judged, &sequences, verdict)
        } else if verdict.part || self.tested == 0 {
            verdict.tested = self.tested;
            verdict.passed = true;
            Ok(())
        } else {
            self.on_all(&judged, own, verdict)
        };
        verdict.diagnostics.extend(result.err());
    }

    fn on_sequences(
        &self,
        judged: &Judged<'_>,
        sequences: &[Vec<&Sample>],
        verdict: &mut Verdict,
    ) -> Result<(), Diagnostic> {
        let mut wrong = Vec::new();
        for sequence in sequences {
            let facts = self.facts_of(sequence);
            let outcome = self.outcome(judged, &facts)?;
            verdict.matched += outcome.considered;
            let (mut firings, _) = judged.names.report(outcome);
            if judged.has_engine {
                firings = self.on_engine(judged, sequence, &firings, verdict)?;
            }
            verdict.take_sequence(sequence, firings, &mut wrong);
        }
        verdict.close_sequences(&wrong, judged.span);
        Ok(())
    }

    fn on_all(
        &self,
        judged: &Judged<'_>,
        own: &[Sample],
        verdict: &mut Verdict,
    ) -> Result<(), Diagnostic> {
        verdict.tested = self.tested;
        let outcome = self.outcome(judged, &self.facts)?;
        verdict.matched = outcome.considered;
        verdict.diagnostics.extend(left_out(&outcome, judged.span));
        let (mut firings, review) = judged.names.report(outcome);
        verdict.review = Some(review);
        if judged.has_engine {
            let all: Vec<&Sample> = own.iter().filter(|sample| !is_own(sample)).collect();
            firings = self.on_engine(judged, &all, &firings, verdict)?;
        }
        verdict.fired = !firings.is_empty();
        verdict.passed = verdict.fired;
        verdict.firings = Some(firings);
        Ok(())
    }

    fn outcome(&self, judged: &Judged<'_>, facts: &Facts) -> Result<Outcome, Diagnostic> {
        let correlations = &judged.rules.set.correlations;
        let outcome = evaluate(correlations, judged.at, facts, self.linked.trial.explain);
        outcome.map_err(|TooManyFirings| too_many(judged.span))
    }

    /// The firings that the engine finds on events.
    fn on_engine(
        &self,
        judged: &Judged<'_>,
        samples: &[&Sample],
        meant: &[FiringVerdict],
        verdict: &mut Verdict,
    ) -> Result<Vec<FiringVerdict>, Diagnostic> {
        let Some(session) = self.linked.trial.session else {
            return Ok(Vec::new());
        };
        let set = &judged.rules.set;
        let parts = judged.rules.parts_of(judged.at).into_iter();
        let parts = parts.filter_map(|rule| {
            let place = set.rules.get(rule)?;
            let at = self.ready.iter().position(|ready| ready.place == *place)?;
            Some((self.lowered.get(at)?.as_slice(), &self.names[rule]))
        });
        let correlated = Correlated {
            parts: parts.collect(),
            samples,
            times: self.linked.times,
            names: judged.names,
        };
        session.correlate(&correlated, meant, judged.span, verdict)
    }

    fn facts_of(&self, samples: &[&Sample]) -> Facts {
        let mut facts = Facts::new(&self.names);
        for sample in samples {
            let rules = self.ready.iter().filter(|rule| rule.matches(&sample.event));
            let numbers: Vec<usize> = rules.filter_map(|rule| rule.number).collect();
            let at = self.linked.times.of(&sample.event);
            facts.add(&sample.event, at, &numbers, (&sample.file, sample.number));
        }
        facts
    }
}

/// The sequences that were made for a correlation, in the order of their first events.
fn sequences<'o>(name: &str, own: &'o [Sample]) -> Vec<Vec<&'o Sample>> {
    let mut found: Vec<(Option<u64>, &str, Vec<&'o Sample>)> = Vec::new();
    for sample in own {
        let Some(expected) = &sample.expected else {
            continue;
        };
        if expected.rule.as_deref() != Some(name) {
            continue;
        }
        let key = (expected.sequence, &*sample.file);
        let mut known = found.iter_mut();
        match known.rfind(|(number, file, _)| (*number, *file) == key) {
            Some((_, _, samples)) => samples.push(sample),
            None => found.push((key.0, key.1, vec![sample])),
        }
    }
    found.into_iter().map(|(_, _, samples)| samples).collect()
}

/// Is a sample for certain rules only?
fn is_own(sample: &Sample) -> bool {
    let expected = sample.expected.as_ref();
    sample.purpose.is_some() || expected.is_some_and(|expected| expected.rule.is_some())
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
