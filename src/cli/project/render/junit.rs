//! `JUnit`'s XML, which most CI systems show: a test case for every file that there should be.

use super::CheckResult;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Findings as a test suite.
pub(in super::super) fn junit(checked: &CheckResult<'_>) -> String {
    let mut cases: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for path in &checked.files {
        cases.insert(path, Vec::new());
    }
    for (at, finding) in checked.findings.iter().enumerate() {
        cases.entry(&finding.path).or_default().push(at);
    }
    let failed = cases.values().filter(|found| !found.is_empty()).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let count = cases.len();
    let _ = writeln!(
        text,
        "<testsuites tests=\"{count}\" failures=\"{failed}\">\n  \
         <testsuite name=\"varsigma check\" tests=\"{count}\" failures=\"{failed}\">"
    );
    for (path, found) in cases {
        let name = escaped(path);
        if found.is_empty() {
            let _ = writeln!(
                text,
                "    <testcase classname=\"varsigma\" name=\"{name}\"/>"
            );
            continue;
        }
        let _ = writeln!(
            text,
            "    <testcase classname=\"varsigma\" name=\"{name}\">"
        );
        for finding in found.into_iter().map(|at| &checked.findings[at]) {
            let _ = writeln!(
                text,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                finding.diagnostic.code,
                escaped(finding.message()),
                escaped(finding.diff.as_deref().unwrap_or_default())
            );
        }
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// A text inside XML, in an attribute too. What XML 1.0 can't hold becomes U+FFFD.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain =
        |c: char| !(c.is_control() || matches!(c, '&' | '<' | '>' | '"' | '\u{fffe}' | '\u{ffff}'));
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if is_plain(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    Cow::Owned(out)
}
