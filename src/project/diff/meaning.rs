//! What changed in meaning: of a rule as it is written, and after an output's pipelines.

use crate::compare::{Comparison, Version, compare};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::lower::lower;
use crate::rule::Rule;
use crate::transpile::{Transpiler, prepare};

/// A rule's text: its file's, and its number in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'t> {
    pub text: &'t str,
    pub number: usize,
}

impl Written<'_> {
    /// Calls `work` with the rule, where it is a sound one.
    pub(super) fn with<T>(
        &self,
        dialect: &Dialect,
        work: impl FnOnce(&Rule<'_>) -> Option<T>,
    ) -> Option<T> {
        let prepared = prepare(self.text, dialect).ok()?;
        let prepared = prepared.get(self.number)?;
        if prepared.diagnostics.iter().any(Diagnostic::is_error) {
            return None;
        }
        work(prepared.rule()?)
    }
}

/// What changed in what the rule itself says.
pub(super) fn written(before: Written<'_>, after: Written<'_>) -> Option<Comparison> {
    let dialect = Dialect::SPECIFICATION;
    before.with(&dialect, |old| {
        after.with(&dialect, |new| {
            let lowered = [lower(old, &dialect), lower(new, &dialect)];
            Some(compare(
                Version {
                    rule: old,
                    lowered: &lowered[0],
                },
                Version {
                    rule: new,
                    lowered: &lowered[1],
                },
            ))
        })
    })
}

/// What changed after each version's pipelines.
pub(super) fn processed(
    (before, old): (Written<'_>, &Transpiler),
    (after, new): (Written<'_>, &Transpiler),
) -> Option<Comparison> {
    let dialects = [old.dialect(), new.dialect()];
    before.with(dialects[0], |was| {
        after.with(dialects[1], |is| {
            let (old_logsource, new_logsource) = (was.logsource.clone(), is.logsource.clone());
            let (mut was, mut is) = (was.clone(), is.clone());
            old.process(&mut was).ok()?;
            new.process(&mut is).ok()?;
            // What a pipeline makes of a log source is in the conditions that it adds; the log
            // source that it leaves is for other pipelines.
            was.logsource.clone_from(&old_logsource);
            is.logsource.clone_from(&new_logsource);
            let lowered = [lower(&was, dialects[0]), lower(&is, dialects[1])];
            Some(compare(
                Version {
                    rule: &was,
                    lowered: &lowered[0],
                },
                Version {
                    rule: &is,
                    lowered: &lowered[1],
                },
            ))
        })
    })
}
