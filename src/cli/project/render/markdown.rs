//! Markdown for a comment on a pull request: a table, and the differences folded away.

use super::CheckResult;
use crate::page::markdown::{code, fence, inline};
use std::fmt::Write as _;

/// A comment of a forge holds some 65,000 characters.
const LONGEST: usize = 60_000;

/// Changes of fidelity that are shown.
const MOST_FIDELITY: usize = 40;

/// Findings as Markdown.
pub(in super::super) fn markdown(checked: &CheckResult<'_>) -> String {
    let mut text = format!("**varsigma check**: {}\n", checked.summary());
    if !checked.findings.is_empty() {
        text.push_str("\n| | file | |\n|:--|:--|:--|\n");
    }
    for group in checked.groups() {
        if text.len() < LONGEST / 4 {
            let (kind, cell) = (group.kind.name(), message(&group.text));
            let _ = writeln!(text, "| {kind} | | {cell} |");
        }
    }
    let mut left_out = 0;
    let shown = checked.shown();
    for finding in &shown {
        if text.len() > LONGEST / 2 {
            left_out += 1;
            continue;
        }
        let (path, cell) = (code(&finding.path), message(finding.message()));
        let _ = writeln!(text, "| {} | {path} | {cell} |", finding.kind.name());
    }
    if left_out > 0 {
        let _ = writeln!(text, "\n{left_out} findings more.");
    }
    for finding in &shown {
        let Some(diff) = &finding.diff else { continue };
        let fence = fence(diff);
        let summary = code(&finding.path);
        let folded = format!(
            "\n<details><summary>{summary}</summary>\n\n{fence}diff\n{diff}{fence}\n\n</details>\n"
        );
        if text.len() + folded.len() > LONGEST {
            text.push_str("\nThe other differences are too long for a comment.\n");
            break;
        }
        text.push_str(&folded);
    }
    if !checked.fidelity.is_empty() {
        text.push_str("\n| rule | output | was | is |\n|:--|:--|:--|:--|\n");
    }
    for change in checked.fidelity.iter().take(MOST_FIDELITY) {
        let (rule, output) = (code(&change.rule), code(&change.output));
        let (before, now) = (&change.before, &change.now);
        let _ = writeln!(text, "| {rule} | {output} | {before} | {now} |");
    }
    let more = checked.fidelity.len().saturating_sub(MOST_FIDELITY);
    if more > 0 {
        let _ = writeln!(text, "\n{more} more queries have another fidelity.");
    }
    text
}

/// A message for a table's cell: text between backticks is code.
fn message(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let shown = parts.map(|(at, part)| match at % 2 {
        1 => code(part),
        _ => inline(part).into_owned(),
    });
    shown.collect()
}
