//! Findings in the forms that people and CI systems read.

mod gitlab;
mod group;
mod human;
mod json;
mod junit;
mod markdown;

pub(super) use gitlab::gitlab;
pub(super) use human::human;
pub(super) use json::json;
pub(super) use junit::junit;
pub(super) use markdown::markdown;

use super::finding::{FidelityChange, Finding, FindingKind};
use crate::diagnostic::render;
use crate::source::Source;

/// The result of a check.
#[derive(Debug)]
pub(super) struct CheckResult<'c> {
    /// The differences from what a build would write.
    pub findings: Vec<Finding>,
    /// Queries whose fidelity changed.
    pub fidelity: Vec<FidelityChange>,
    /// The paths of all files that there should be.
    pub files: Vec<&'c str>,
    /// How many rules there are.
    pub rules: usize,
}

impl CheckResult<'_> {
    /// `9,423 files of 3,141 rules: 2 stale, 1 missing`, in the order of the kinds' names.
    pub(super) fn summary(&self) -> String {
        let mut counts = std::collections::BTreeMap::<FindingKind, usize>::new();
        for finding in &self.findings {
            *counts.entry(finding.kind).or_default() += 1;
        }
        let counts = counts
            .iter()
            .map(|(kind, count)| format!("{count} {}", kind.name()));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let what = if counts.is_empty() {
            "all as the rules give them"
        } else {
            counts.as_str()
        };
        let (files, rules) = (self.files.len(), self.rules);
        let s = |count| if count == 1 { "" } else { "s" };
        format!(
            "{files} file{} of {rules} rule{}: {what}",
            s(files),
            s(rules)
        )
    }
}

/// Workflow commands of GitHub Actions, one a finding.
pub(super) fn github(checked: &CheckResult<'_>) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        let source = Source::new(&finding.path, "");
        text.push_str(&render::github(&source, &finding.diagnostic));
        text.push('\n');
    }
    text
}

/// One SARIF document.
pub(super) fn sarif(checked: &CheckResult<'_>) -> String {
    let findings = checked.findings.iter();
    render::sarif(findings.map(|finding| (finding.path.as_str(), None, &finding.diagnostic)))
}
