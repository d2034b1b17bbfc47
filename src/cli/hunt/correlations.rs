//! The correlations of a hunt, once all events were read.

use super::record::{Head, Records};
use super::rules::HuntedRules;
use super::tally::{Example, Tally};
use crate::cli::report::Report;
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Instant;
use crate::eval::correlation::{EventPlace, Evidence, TooManyFirings, evaluate};
use crate::rule::Document;
use serde::{Serialize, Serializer};
use std::io::{self, Write};

/// A firing, as JSON shows it.
#[derive(Serialize)]
pub(super) struct FiringRecord<'f> {
    #[serde(flatten)]
    pub head: Head<'f>,
    #[serde(serialize_with = "pairs")]
    pub group: Vec<(&'f str, String)>,
    /// How many events the window has.
    pub count: usize,
    /// The last of them.
    pub events: Vec<FiringEvent>,
}

/// An event of a firing.
#[derive(Serialize)]
pub(super) struct FiringEvent {
    pub time: Instant,
    /// None for the firing of a correlation.
    #[serde(flatten)]
    pub place: Option<EventPlace>,
    /// The rules that it matches, as the correlation refers to them.
    pub rules: Vec<String>,
}

fn pairs<S: Serializer>(group: &[(&str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(group.iter().map(|(name, value)| (name, value)))
}

/// Evaluates the correlations on the events that were read. Is something wrong with one?
pub(super) fn evaluate_all<W: Write>(
    rules: &HuntedRules<'_>,
    texts: &[Result<String, Diagnostic>],
    tally: &mut Tally,
    records: &mut Records<'_, '_, W>,
    report: &mut Report,
) -> io::Result<bool> {
    let mut failed = false;
    for (number, (at, hunted)) in rules.correlations.iter().enumerate() {
        let set = &rules.linked.set;
        let resolved = &set.correlations[*at];
        let document = rules.index.document(hunted.place);
        let Some(Document::Correlation(correlation)) =
            document.and_then(|document| document.document.as_ref())
        else {
            continue;
        };
        if !hunted.is_shown {
            continue;
        }
        let outcome = match evaluate(&set.correlations, *at, &tally.facts, true) {
            Ok(outcome) => outcome,
            Err(TooManyFirings) => {
                let message = "the correlations that it names fire too often, or are too many";
                let error = Diagnostic::error(Code::InnerFirings, message);
                let error = error.at(correlation.kind.span);
                let error = error.help("make the inner ones narrower");
                let text = texts
                    .get(hunted.place.file)
                    .and_then(|text| text.as_deref().ok());
                report.all(&hunted.path, text.unwrap_or_default(), [&error]);
                failed = true;
                continue;
            }
        };
        tally.without_time += outcome.without_time;
        let mut mentions = vec![""; resolved.members.len()];
        for (stage, reference) in resolved.stages.iter().zip(&correlation.rules) {
            if mentions[*stage].is_empty() {
                mentions[*stage] = reference.value.as_ref();
            }
        }
        let firings: Vec<FiringRecord<'_>> = outcome
            .firings
            .into_iter()
            .map(|firing| {
                let names = resolved.group_by.iter().map(String::as_str);
                let values = firing.group.iter().map(ToString::to_string);
                let (count, events) = match firing.evidence {
                    Some(evidence) => (evidence.count, events(*evidence, &mentions)),
                    None => (0, Vec::new()),
                };
                FiringRecord {
                    head: Head::of(hunted, Some(firing.at)),
                    group: names.zip(values).collect(),
                    count,
                    events,
                }
            })
            .collect();
        for firing in &firings {
            let place = firing.events.last().and_then(|event| event.place.as_ref());
            let group = firing.group.iter();
            let values = group.map(|(name, value)| (Some((*name).to_owned()), value.clone()));
            let example = || Example {
                file: place.map_or_else(String::new, |place| place.file.clone()),
                record: place.map_or(0, |place| place.number as usize),
                values: values.collect(),
            };
            tally.correlations[number].add(firing.head.time, example);
        }
        records.firings(hunted, &firings)?;
    }
    Ok(failed)
}

fn events(evidence: Evidence, mentions: &[&str]) -> Vec<FiringEvent> {
    let events = evidence.events.into_iter().map(|event| FiringEvent {
        time: event.at,
        rules: event
            .members
            .iter()
            .filter_map(|member| mentions.get(*member))
            .map(|name| (*name).to_owned())
            .collect(),
        place: event.place,
    });
    events.collect()
}
