//! GitLab's Code Quality report: a JSON list of what is wrong, where.

use super::CheckResult;
use crate::project::digest::digest_all;
use serde_json::{Value, json};

/// Findings as a Code Quality report. A finding keeps its fingerprint as long as it is the same.
pub(in super::super) fn gitlab(checked: &CheckResult<'_>) -> String {
    let findings = checked.findings.iter().map(|finding| {
        let code = finding.diagnostic.code.number();
        json!({
            "description": finding.message(),
            "check_name": code,
            "fingerprint": digest_all([code, &finding.path, finding.message()]),
            "severity": "major",
            "location": { "path": finding.path, "lines": { "begin": finding.line } },
        })
    });
    format!("{:#}\n", Value::Array(findings.collect()))
}
