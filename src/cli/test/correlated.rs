//! The verdict on a correlation.
//!
//! In: what is known of the events, and the sequences that were made for the correlation. Out: its
//! firings in the [`Verdict`], by the reference meaning or by an engine that runs its query.

use super::engine::Correlated;
use super::firing::{CorrelationNames, FiringVerdict};
use super::linked::{Feed, is_own};
use super::samples::Sample;
use super::verdict::Verdict;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::correlation::{Facts, Outcome, TooManyFirings, evaluate};
use crate::eval::linked::LinkedRules;
use crate::eval::{CorrelationTests, Event, Mutants};
use crate::rule::Correlation;
use crate::source::Span;
use crate::transpile::RuleOutput;

/// A correlation that is judged.
struct Judged<'j> {
    at: usize,
    correlation: &'j Correlation<'j>,
    /// Where it is in its file.
    span: Span,
    rules: &'j LinkedRules<'j>,
    names: &'j CorrelationNames,
    /// Does an engine run its queries?
    has_engine: bool,
}

impl Feed<'_, '_> {
    /// The verdict on a correlation: on its own sequences, or else on the events that are for all.
    pub fn correlation(
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
        // A part has no query of its own.
        let output = output.filter(|output| !output.is_part);
        if output.is_none() {
            verdict.engine = None;
        }
        let judged = Judged {
            at,
            correlation,
            span,
            rules,
            names: &names,
            has_engine: match (self.linked.trial.session, output) {
                (Some(_), Some(output)) => match verdict.take_queries(output) {
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
        if self.linked.trial.mutants && verdict.passed {
            self.change(judged, sequences, verdict);
        }
        Ok(())
    }

    /// Changes the correlation, to see whether its sequences notice.
    fn change(&self, judged: &Judged<'_>, sequences: &[Vec<&Sample>], verdict: &mut Verdict) {
        let sequences = sequences.iter().filter_map(|sequence| {
            let expected = sequence.first()?.expected.as_ref()?;
            let events = sequence.iter().map(|sample| &sample.event);
            Some((events.collect(), expected.matches))
        });
        let sequences: Vec<(Vec<&Event>, bool)> = sequences.collect();
        verdict.take_mutants(Mutants::of_correlation(CorrelationTests {
            rules: judged.rules,
            ready: self.ready,
            names: &self.names,
            times: self.linked.times,
            at: judged.at,
            written: judged.correlation,
            sequences: &sequences,
        }));
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
