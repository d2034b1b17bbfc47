//! Text for people: a line a finding, and what a build would change. A reason that many rules or files
//! share is reported once.

use super::CheckResult;
use crate::cli::project::finding::FindingKind;
use crate::cli::report::thousands;
use crate::cli::terminal::Paint;
use crate::diagnostic::render::visible;
use std::fmt::Write as _;

/// Differences that are shown before the rest is only named.
const MOST_SHOWN: usize = 20;

/// Changes of fidelity that are shown.
const MOST_FIDELITY: usize = 20;

/// The lines of one difference that are shown.
const MOST_LINES: usize = 40;

/// Findings as text.
pub(in super::super) fn human(checked: &CheckResult<'_>, paint: Paint) -> String {
    let mut text = String::new();
    let (groups, shown) = (checked.groups(), checked.shown());
    let heading = |kind: FindingKind| paint.error(format!("{:<9}", kind.name()));
    for (finding, number) in shown.iter().zip(1..) {
        let kind = heading(finding.kind);
        let _ = writeln!(text, "{kind} {}", visible::message(finding.message()));
        let Some(diff) = finding.diff.as_deref().filter(|_| number <= MOST_SHOWN) else {
            continue;
        };
        // The heading names the path again.
        let lines = diff.lines().skip(2);
        let count = lines.clone().count();
        for line in lines.take(MOST_LINES) {
            let shown = visible::message(line);
            let shown = match line.as_bytes().first() {
                Some(b'+') => paint.added(shown),
                Some(b'-') => paint.removed(shown),
                _ => paint.faint(shown),
            };
            let _ = writeln!(text, "    {shown}");
        }
        if count > MOST_LINES {
            let _ = writeln!(text, "    … {} lines more", count - MOST_LINES);
        }
    }
    for group in &groups {
        let kind = heading(group.kind);
        let _ = writeln!(text, "{kind} {}", visible::message(&group.text));
    }
    for change in checked.fidelity.iter().take(MOST_FIDELITY) {
        let kind = paint.warning("fidelity ");
        let (rule, output) = (visible::message(&change.rule), &change.output);
        let _ = writeln!(
            text,
            "{kind} `{rule}` ({output}): the query was {}, it is {} now",
            change.before, change.now
        );
    }
    let more = checked.fidelity.len().saturating_sub(MOST_FIDELITY);
    if more > 0 {
        let kind = paint.warning("fidelity ");
        let more = thousands(more);
        let _ = writeln!(text, "{kind} {more} more queries (`--format json` has all)");
    }
    text
}
