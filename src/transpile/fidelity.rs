//! The warnings on a query: why it is not exact, and what its text holds.

use super::Transpiler;
use crate::backend::language::Loss;
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::{Query, Reason};
use crate::rule::Rule;
use crate::source::Span;
use std::collections::HashSet;

impl Transpiler {
    /// Warns of raw control characters in a query that is printed bare.
    pub(super) fn raw_controls(
        &self,
        query: &Query,
        rule: &Rule<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(help) = &self.backend.query.raw_controls else {
            return;
        };
        let bytes = query.search.bytes();
        // Without an early end, many bytes are looked at together.
        let is_raw = bytes.fold(false, |found, byte| found | byte.is_ascii_control());
        if !is_raw || self.documents.is_some() {
            return;
        }
        let message = "the query has line breaks, tabs or other control characters as they are";
        let conditions = rule.detection.conditions.iter();
        let spans = conditions.map(|condition| condition.text.span);
        let warning = Diagnostic::warning(Code::RawControls, message).help(help.as_str());
        diagnostics.push(spans.fold(warning, Diagnostic::at));
    }

    /// Says why a query is not exact: one diagnostic a reason, with a label for each value.
    pub(super) fn inexact(&self, reasons: &[Reason], diagnostics: &mut Vec<Diagnostic>) {
        let mut groups: Vec<(&Reason, Vec<Span>)> = Vec::new();
        for reason in reasons {
            let known = groups.iter_mut().find(|(first, _)| first.is_same(reason));
            match known {
                Some((_, spans)) => spans.push(reason.span),
                None => groups.push((reason, vec![reason.span])),
            }
        }
        diagnostics.extend(groups.into_iter().map(|(reason, spans)| {
            let what = match reason.loss {
                Loss::Broader => "the query may match more than the rule",
                Loss::Narrower => "the query may miss what the rule matches",
                Loss::Approximate => "the query may match more than the rule, and may miss some",
            };
            let message = format!("{what}: {}", reason.text);
            let diagnostic = if self.strict {
                Diagnostic::error(Code::NotExact, message)
                    .help("leave out `--strict` to convert it all the same")
            } else {
                Diagnostic::warning(Code::NotExact, message)
            };
            let diagnostic = match self.backend().advice(&reason.text) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            };
            let mut seen = HashSet::new();
            let spans = spans.into_iter().filter(|span| seen.insert(*span));
            spans.fold(diagnostic, Diagnostic::at)
        }));
    }
}

/// Adds a diagnostic; if the same was added since `first`, its place becomes another label there.
pub(super) fn gather(diagnostics: &mut Vec<Diagnostic>, first: usize, diagnostic: Diagnostic) {
    let same = |known: &&mut Diagnostic| {
        known.code == diagnostic.code && known.message == diagnostic.message
    };
    let Some(known) = diagnostics[first..].iter_mut().find(same) else {
        diagnostics.push(diagnostic);
        return;
    };
    for label in diagnostic.labels {
        if !known.labels.iter().any(|other| other.span == label.span) {
            known.labels.push(label);
        }
    }
}
