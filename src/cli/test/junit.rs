//! Verdicts as JUnit's XML, which CI systems show as a list of tests.
//!
//! In: a [`Verdict`]. Out: `<testcase classname="rules/a.yml" name="Title"/>`, with a `<failure>` in it
//! where the rule has none.

use super::verdict::Verdict;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Where they are written to: standard output has the verdicts.
pub(super) fn path(text: &str) -> Result<PathBuf, &'static str> {
    match text {
        "-" => Err("standard output has the verdicts; name a file"),
        path => Ok(path.into()),
    }
}

/// The test cases of a run.
#[derive(Debug, Default)]
pub(super) struct TestCases {
    text: String,
    count: usize,
    failures: usize,
}

impl TestCases {
    /// Adds a rule that was tested.
    pub fn add(&mut self, verdict: &Verdict, is_failure: bool, shown: &str) {
        self.count += 1;
        let path = escaped(&verdict.path);
        let name = verdict.title.as_deref().unwrap_or(&verdict.name);
        let _ = write!(
            self.text,
            "  <testcase classname=\"{path}\" name=\"{}\"",
            escaped(name)
        );
        if !is_failure {
            self.text.push_str("/>\n");
            return;
        }
        self.failures += 1;
        let why = match &verdict.error {
            Some(error) => error.clone(),
            None => format!("{} of {} events matched", verdict.matched, verdict.tested),
        };
        let _ = writeln!(
            self.text,
            ">\n    <failure message=\"{}\">{}</failure>\n  </testcase>",
            escaped(&why),
            escaped(shown)
        );
    }

    /// The document.
    pub fn finish(self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite name=\"varsigma test\" tests=\"{}\" failures=\"{}\">\n{}</testsuite>\n",
            self.count, self.failures, self.text
        )
    }
}

/// Text in an element or an attribute. What XML has no word for is a question mark.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push('?'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a<b>&\"\u{1B}é"), "a&lt;b&gt;&amp;&quot;?é");
        let document = TestCases::default().finish();
        assert!(
            document.contains("tests=\"0\" failures=\"0\""),
            "{document}"
        );
    }
}
