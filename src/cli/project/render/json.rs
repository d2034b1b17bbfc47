//! One JSON object.

use super::CheckResult;
use crate::cli::project::finding::{FidelityChange, Finding};
use serde::Serialize;

#[derive(Serialize)]
struct CheckedJson<'c> {
    /// Is everything as it should be?
    clean: bool,
    files: usize,
    rules: usize,
    findings: Vec<FindingJson<'c>>,
    fidelity: &'c [FidelityChange],
}

#[derive(Serialize)]
struct FindingJson<'c> {
    code: &'static str,
    message: &'c str,
    #[serde(flatten)]
    finding: &'c Finding,
}

/// Findings as JSON.
pub(in super::super) fn json(checked: &CheckResult<'_>) -> String {
    let findings = checked.findings.iter().map(|finding| FindingJson {
        code: finding.diagnostic.code.number(),
        message: finding.message(),
        finding,
    });
    let object = CheckedJson {
        clean: checked.findings.is_empty(),
        files: checked.files.len(),
        rules: checked.rules,
        findings: findings.collect(),
        fidelity: &checked.fidelity,
    };
    // Texts and numbers always serialize.
    serde_json::to_string_pretty(&object).unwrap_or_default() + "\n"
}
