//! A correlation's query on an engine.
//!
//! In: the query, the conditions of the rules that it is made of, all events. Out: the firings that
//! the engine finds, beside those that the correlation means.

use super::super::firing::{CorrelationNames, FiringVerdict, GroupVerdict};
use super::super::samples::Sample;
use super::super::verdict::Verdict;
use super::table::Table;
use super::{EngineFiring, Session};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::{Instant, TimeFields};
use crate::lower::Lowered;
use crate::rule::fold::fold;
use crate::source::Span;
use crate::transpile::RuleOutput;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a correlation's query is run on.
pub(in super::super) struct Correlated<'c> {
    /// For each rule that it is made of its conditions, and the fields that are asked for.
    pub parts: Vec<(&'c [Lowered<'c>], &'c BTreeMap<String, String>)>,
    pub samples: &'c [&'c Sample],
    pub times: &'c TimeFields,
    pub names: &'c CorrelationNames,
}

/// When and where something fired, ignoring case.
type Key = (i64, Vec<String>);

impl Session {
    /// Takes a correlation's queries, or says why there are none.
    pub fn take_queries(
        &self,
        output: RuleOutput,
        verdict: &mut Verdict,
    ) -> Result<(), Diagnostic> {
        if let Some(error) = output.error {
            return Err(error);
        }
        verdict.fidelity = Some(output.fidelity.name());
        verdict.queries = output.queries.into_iter().map(|query| query.text).collect();
        Ok(())
    }

    /// Runs the queries of a verdict on events. Where the firings are not those that are meant, the
    /// verdict gets a warning.
    pub fn correlate(
        &self,
        correlated: &Correlated<'_>,
        meant: &[FiringVerdict],
        span: Span,
        verdict: &mut Verdict,
    ) -> Result<Vec<FiringVerdict>, Diagnostic> {
        let found = self.firings(&verdict.queries, correlated).map_err(|why| {
            let title = self.engine.title;
            let message = format!("{title} can't run the correlation's query: {why}");
            Diagnostic::error(Code::EngineFailed, message).at(span)
        })?;
        let differs = self.differing(meant, &found);
        let differs = differs.map(|differs| differs.at(span));
        verdict.diagnostics.extend(differs);
        let firings = found.into_iter().map(|firing| FiringVerdict {
            at: Instant(firing.at),
            group: GroupVerdict {
                names: Arc::clone(&correlated.names.group),
                values: firing.group.into_iter().map(Arc::from).collect(),
            },
            window: None,
        });
        Ok(firings.collect())
    }

    fn firings(
        &self,
        queries: &[String],
        correlated: &Correlated<'_>,
    ) -> Result<Vec<EngineFiring>, String> {
        let parts = &correlated.parts;
        let conditions: Vec<_> = parts.iter().map(|(conditions, _)| *conditions).collect();
        let fields = parts.iter().flat_map(|(_, fields)| fields.values());
        let single: BTreeSet<&str> = fields.map(String::as_str).collect();
        let Correlated {
            samples,
            times,
            names,
            ..
        } = correlated;
        let table = Table::correlated(&conditions, &single, samples, self.keyword_columns, times);
        let mut found = Vec::new();
        for query in queries {
            found.extend((self.engine.firings)(&table, query, names.group.len())?);
        }
        found.sort_by(|a, b| (a.at, &a.group).cmp(&(b.at, &b.group)));
        found.dedup();
        Ok(found)
    }

    /// The warning that the engine's firings are not those that are meant.
    fn differing(&self, meant: &[FiringVerdict], found: &[EngineFiring]) -> Option<Diagnostic> {
        let folded = |text: &str| text.chars().map(fold).collect::<String>();
        let meant = meant.iter().map(|firing| {
            let values = firing.group.values.iter();
            (firing.at.0, values.map(|value| folded(value)).collect())
        });
        let found = found.iter().map(|firing| {
            let values = firing.group.iter();
            (firing.at, values.map(|value| folded(value)).collect())
        });
        let (meant, found): (BTreeSet<Key>, BTreeSet<Key>) = (meant.collect(), found.collect());
        let mut differing = meant.symmetric_difference(&found);
        let (at, group) = differing.next()?;
        let more = match differing.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let title = self.engine.title;
        let group = group.join(", ");
        let message = format!(
            "{title}'s answer is not what the correlation means at {} for `{group}`{more}",
            Instant(*at)
        );
        Some(Diagnostic::warning(Code::EngineDiffers, message))
    }
}
