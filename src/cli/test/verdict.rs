//! One rule on its samples.
//!
//! In: a rule file and samples. Out: for each of its rules a [`Verdict`].

use super::choice::SampleChoice;
use super::engine::Session;
use super::firing::{FiringVerdict, Review};
use super::linked::is_own;
use super::samples::Sample;
use crate::cli::testable::{Processing, refusal};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::eval::read::Expected;
use crate::eval::{Event, Matcher, Mutants, Trace};
use crate::lower::lower;
use crate::rule::Rule;
use crate::source::Span;
use crate::transpile::{Prepared, RuleOutput};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The result of a rule.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    /// The rule file.
    pub path: String,
    /// The name by which witnesses refer to it.
    #[serde(skip)]
    pub name: String,
    pub id: Option<String>,
    pub title: Option<String>,
    /// Did it match an event, and no fewer than its sample's `info.yml` says?
    pub fired: bool,
    /// Did it fire, or are all of its samples witnesses that it must not match?
    #[serde(skip)]
    pub passed: bool,
    /// How many events it was tested on.
    pub tested: usize,
    /// How many it matched.
    pub matched: usize,
    /// The engine, if not the reference meaning: `sqlite`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<&'static str>,
    /// The queries that the engine ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<String>,
    /// How true they are to the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<&'static str>,
    /// Of a correlation each group and instant at which it fired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firings: Option<Vec<FiringVerdict>>,
    /// Of a correlation what is in no window, and how near it came.
    #[serde(flatten)]
    pub review: Option<Review>,
    /// With `--mutants`, what its tests notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutants: Option<Mutants>,
    /// Does it only feed correlations of its file? Then whether it fired is of no matter.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// The events that it matched; with `--explain` the others too.
    pub events: Vec<EventVerdict>,
    /// Why it was not tested, or what else is wrong.
    #[serde(skip)]
    pub diagnostics: Vec<Diagnostic>,
    /// The error among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Verdict {
    /// One without a result.
    pub fn new(
        path: &str,
        name: String,
        prepared: &Prepared<'_>,
        session: Option<&Session>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            name,
            id: prepared.id.as_deref().map(str::to_owned),
            title: prepared.title.as_deref().map(str::to_owned),
            fired: false,
            passed: false,
            tested: 0,
            matched: 0,
            engine: session.map(|session| session.engine.name),
            queries: Vec::new(),
            fidelity: None,
            firings: None,
            review: None,
            mutants: None,
            part: false,
            events: Vec::new(),
            diagnostics: prepared.diagnostics.clone(),
            error: None,
        }
    }

    /// No diagnostic is added after this.
    pub fn close(&mut self) {
        let mut diagnostics = self.diagnostics.iter();
        let error = diagnostics.find(|diagnostic| diagnostic.is_error());
        self.error = error.map(|error| error.message.clone());
    }
}

/// An event and the rule's answer.
#[derive(Debug, Serialize)]
pub(super) struct EventVerdict {
    pub file: String,
    pub number: usize,
    pub matches: bool,
    /// With `--explain`: each condition's trace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<Trace>,
}

/// What rules are tested on, and how.
#[derive(Clone, Copy)]
pub(super) struct Trial<'t> {
    pub choice: &'t SampleChoice<'t>,
    /// Events that don't match are reported too, and why.
    pub explain: bool,
    /// Rules are changed, to see whether their tests notice.
    pub mutants: bool,
    /// The engine; none for the reference meaning.
    pub session: Option<&'t Session>,
    /// The pipelines that rules go through first.
    pub processing: Processing<'t>,
}

pub(super) fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}

/// The verdict on a rule that its pipelines were applied to. It looks at such of the events that are
/// for all.
pub(super) fn judge(
    rule: &Rule<'_>,
    output: Option<RuleOutput>,
    trial: Trial<'_>,
    looks: &dyn Fn(&Event) -> bool,
    verdict: &mut Verdict,
) {
    let id = verdict.id.as_deref().unwrap_or_default();
    let chosen = trial.choice.of(id, &verdict.name, looks);
    if chosen.is_empty() {
        return;
    }
    let lowered = lower(rule, &Dialect::SPECIFICATION);
    let mut matchers = Vec::with_capacity(lowered.len());
    for lowered in &lowered {
        if let Some(error) = refusal(lowered) {
            return verdict.diagnostics.push(error);
        }
        match Matcher::new(&lowered.expr) {
            Ok(matcher) => matchers.push(matcher),
            Err(error) => return verdict.diagnostics.push(error),
        }
    }
    let mut answers: Vec<bool> = chosen
        .iter()
        .map(|sample| {
            matchers
                .iter()
                .any(|matcher| matcher.matches(&sample.event))
        })
        .collect();
    if let (Some(session), Some(output)) = (trial.session, output) {
        if let Some(error) = output.error {
            return verdict.diagnostics.push(error);
        }
        verdict.fidelity = Some(output.fidelity.name());
        verdict.queries = output.queries.into_iter().map(|query| query.text).collect();
        match session.answers(&verdict.queries, &lowered, &chosen) {
            Ok(found) => {
                let differs = differing(session, &chosen, &answers, &found);
                let place = rule.detection.span;
                verdict
                    .diagnostics
                    .extend(differs.map(|differs| differs.at(place)));
                answers = found;
            }
            Err(why) => {
                let message = format!("{} can't run the rule's query: {why}", session.engine.title);
                let error = Diagnostic::error(Code::EngineFailed, message);
                return verdict.diagnostics.push(error.at(rule.detection.span));
            }
        }
    }
    verdict.tested = chosen.len();
    verdict.matched = answers.iter().filter(|matches| **matches).count();
    verdict.fired = verdict.matched > 0;
    let mut wrong = WrongAnswers::default();
    for (sample, answer) in chosen.iter().zip(&answers) {
        wrong.add(sample, *answer);
    }
    let wrong = wrong.diagnostic(rule.detection.span);
    let needs_match = chosen.iter().any(|sample| {
        sample
            .expected
            .as_ref()
            .is_none_or(|expected| expected.matches)
    });
    verdict.passed = wrong.is_none() && (verdict.fired || !needs_match);
    verdict.diagnostics.extend(wrong);
    let events: Vec<&Event> = chosen.iter().map(|sample| &sample.event).collect();
    let is_own = chosen.iter().all(|sample| is_own(sample));
    if trial.mutants && is_own && passes(&chosen, &answers) {
        let mutants = Mutants::of(&matchers, &events, &|answers| passes(&chosen, answers));
        verdict.take_mutants(mutants);
    }
    let mut wanted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (sample, matches) in chosen.into_iter().zip(answers) {
        if let Some(count) = sample.purpose.as_ref().and_then(|purpose| purpose.count) {
            wanted.entry(&sample.file).or_insert((count, 0)).1 += usize::from(matches);
        }
        if matches || trial.explain {
            let traces = matchers.iter().filter(|_| trial.explain);
            verdict.events.push(EventVerdict {
                file: sample.file.to_string(),
                number: sample.number,
                matches,
                traces: traces
                    .map(|matcher| matcher.explain(&sample.event))
                    .collect(),
            });
        }
    }
    for (file, (count, found)) in wanted {
        // SigmaHQ's counts are of the rule's matches at least: some logs hold the attack twice.
        if found < count {
            (verdict.fired, verdict.passed) = (false, false);
            let message = format!("expected {count} matches in `{file}`, found {found}");
            let error = Diagnostic::error(Code::Events, message).at(rule.detection.span);
            verdict.diagnostics.push(error);
        }
    }
}

/// Do samples that are a rule's own pass, if it gives these answers?
fn passes(samples: &[&Sample], answers: &[bool]) -> bool {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in samples {
        if let Some(count) = sample.purpose.as_ref().and_then(|purpose| purpose.count) {
            missing.insert(&sample.file, count);
        }
    }
    let mut needs_match = false;
    for (sample, answer) in samples.iter().zip(answers) {
        match &sample.expected {
            Some(expected) if expected.matches != *answer => return false,
            Some(expected) => needs_match |= expected.matches,
            None => needs_match = true,
        }
        if *answer && let Some(missing) = missing.get_mut(&*sample.file) {
            *missing = missing.saturating_sub(1);
        }
    }
    missing.values().all(|missing| *missing == 0) && (!needs_match || answers.contains(&true))
}

/// Witnesses that get another answer than they carry.
#[derive(Debug, Default)]
pub(super) struct WrongAnswers {
    /// The first: its file and number, and what it is there for.
    first: Option<(Arc<str>, usize, Expected)>,
    /// How many there are.
    count: usize,
}

impl WrongAnswers {
    /// Takes a sample and the rule's answer.
    pub fn add(&mut self, sample: &Sample, answer: bool) {
        let Some(expected) = &sample.expected else {
            return;
        };
        if expected.matches != answer {
            self.count += 1;
            let first = || (Arc::clone(&sample.file), sample.number, expected.clone());
            self.first.get_or_insert_with(first);
        }
    }

    /// What is wrong, if anything.
    pub fn diagnostic(&self, place: Span) -> Option<Diagnostic> {
        let (file, number, expected) = self.first.as_ref()?;
        let [wanted, found] = if expected.matches {
            ["a match", "none"]
        } else {
            ["no match", "one"]
        };
        let more = match self.count - 1 {
            0 => String::new(),
            more => format!(", and so in {more} more"),
        };
        let message = format!(
            "expected {wanted} for the witness `{file}` #{number} ({}), found {found}{more}",
            expected.about
        );
        Some(Diagnostic::error(Code::WitnessDiffers, message).at(place))
    }
}

/// The diagnostics of events on which the engine and the reference meaning differ.
fn differing(
    session: &Session,
    samples: &[&Sample],
    meant: &[bool],
    found: &[bool],
) -> Option<Diagnostic> {
    let differ = meant.iter().zip(found).map(|(meant, found)| meant != found);
    let mut differ = samples.iter().zip(differ).filter(|(_, differs)| *differs);
    let (first, _) = differ.next()?;
    let title = session.engine.title;
    let more = match differ.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{title}'s answer is not what the rule means for `{}` #{}{more}",
        first.file, first.number
    );
    Some(Diagnostic::warning(Code::EngineDiffers, message))
}
