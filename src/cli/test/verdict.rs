//! One rule on its samples.
//!
//! In: a rule file and samples. Out: for each of its rules a [`Verdict`].

use super::samples::Sample;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::eval::{Matcher, Trace};
use crate::lower::lower;
use crate::rule::{Document, Rule};
use crate::{modifier, parse};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a rule.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    /// The rule file.
    pub path: String,
    pub id: Option<String>,
    pub title: Option<String>,
    /// Did it match an event, and no fewer than its sample's `info.yml` says?
    pub fired: bool,
    /// How many events it was tested on.
    pub tested: usize,
    /// How many it matched.
    pub matched: usize,
    /// The events that it matched; with `--explain` the others too.
    pub events: Vec<Tested>,
    /// Why it was not tested, or what else is wrong.
    #[serde(skip)]
    pub diagnostics: Vec<Diagnostic>,
    /// The error among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// An event and the rule's answer.
#[derive(Debug, Serialize)]
pub(super) struct Tested {
    pub file: String,
    pub number: usize,
    pub matches: bool,
    /// With `--explain`: each condition's trace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<Trace>,
}

/// The verdicts on a file's rules.
pub(super) fn of_file(path: &str, text: &str, samples: &[Sample], explain: bool) -> Vec<Verdict> {
    let dialect = Dialect::SPECIFICATION;
    let mut verdicts = Vec::new();
    for parsed in parse::parse(text, &dialect) {
        let mut verdict = Verdict {
            path: path.to_owned(),
            id: parsed.id.as_ref().map(|id| id.clone().into_owned()),
            title: parsed
                .title
                .as_ref()
                .map(|title| title.clone().into_owned()),
            fired: false,
            tested: 0,
            matched: 0,
            events: Vec::new(),
            diagnostics: parsed.diagnostics,
            error: None,
        };
        match parsed.document {
            Some(Document::Rule(mut rule)) if !has_error(&verdict.diagnostics) => {
                verdict
                    .diagnostics
                    .extend(modifier::apply(&mut rule, &dialect));
                if !has_error(&verdict.diagnostics) {
                    judge(&rule, samples, explain, &mut verdict);
                }
            }
            Some(Document::Correlation(span) | Document::Filter(span)) => {
                let message = "expected a detection rule: events are not tested one by one";
                verdict
                    .diagnostics
                    .push(Diagnostic::error(Code::Untestable, message).at(span));
            }
            _ => {}
        }
        let error = verdict
            .diagnostics
            .iter()
            .find(|diagnostic| diagnostic.is_error());
        verdict.error = error.map(|error| error.message.clone());
        verdicts.push(verdict);
    }
    verdicts
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}

fn judge(rule: &Rule<'_>, samples: &[Sample], explain: bool, verdict: &mut Verdict) {
    let lowered = lower(rule, &Dialect::SPECIFICATION);
    let mut matchers = Vec::with_capacity(lowered.len());
    for lowered in &lowered {
        match Matcher::new(&lowered.expr) {
            Ok(matcher) => matchers.push(matcher),
            Err(error) => return verdict.diagnostics.push(error),
        }
    }
    let id = verdict.id.clone().unwrap_or_default();
    let own = |sample: &&Sample| {
        sample
            .purpose
            .as_ref()
            .is_some_and(|it| it.rules.contains(&id))
    };
    let has_own = samples.iter().any(|sample| own(&sample));
    let chosen = samples.iter().filter(|sample| {
        if has_own {
            own(sample)
        } else {
            sample.purpose.is_none()
        }
    });
    let mut wanted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for sample in chosen {
        verdict.tested += 1;
        let matches = matchers
            .iter()
            .any(|matcher| matcher.matches(&sample.event));
        verdict.matched += usize::from(matches);
        if let Some(count) = sample.purpose.as_ref().and_then(|purpose| purpose.count) {
            wanted.entry(&sample.file).or_insert((count, 0)).1 += usize::from(matches);
        }
        if matches || explain {
            let traces = matchers.iter().filter(|_| explain);
            verdict.events.push(Tested {
                file: sample.file.to_string(),
                number: sample.number,
                matches,
                traces: traces
                    .map(|matcher| matcher.explain(&sample.event))
                    .collect(),
            });
        }
    }
    verdict.fired = verdict.matched > 0;
    for (file, (count, found)) in wanted {
        // SigmaHQ's counts are of the rule's matches at least: some logs hold the attack twice.
        if found < count {
            verdict.fired = false;
            let message = format!("expected {count} matches in `{file}`, found {found}");
            let error = Diagnostic::error(Code::Events, message).at(rule.detection.span);
            verdict.diagnostics.push(error);
        }
    }
}
