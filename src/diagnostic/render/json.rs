//! One JSON object a diagnostic.
//!
//! ```text
//! {"code":"VS0102","severity":"error","message":"…","path":"r.yml","line":2,"column":1,
//!  "end_line":2,"end_column":2,"labels":[{"line":2,…,"text":"again here"}],"help":["…"]}
//! ```

use super::Region;
use crate::diagnostic::Diagnostic;
use crate::source::Source;
use serde::Serialize;

/// A diagnostic as it is written in JSON. Fields are never renamed or removed.
#[derive(Debug, Serialize)]
pub struct JsonDiagnostic<'d> {
    /// Its number: `VS0102`.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: &'d str,
    /// The file, or null where there is none.
    pub path: Option<&'d str>,
    /// The primary place; left out where there is none.
    #[serde(flatten)]
    pub region: Option<Region>,
    /// All places, the primary one first.
    pub labels: Vec<JsonLabel<'d>>,
    /// What to do, a clause each.
    pub help: &'d [String],
    /// What to write in place of something deprecated; left out where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<JsonReplacement<'d>>,
}

/// What to write in place of a rule's condition.
#[derive(Debug, Serialize)]
pub struct JsonReplacement<'d> {
    /// The rule's condition without what is replaced.
    pub condition: &'d str,
    /// The `name` to give to the rule, or null.
    pub name: Option<&'d str>,
    /// The documents to write, as YAML.
    pub document: &'d str,
}

/// A place of a diagnostic.
#[derive(Debug, Serialize)]
pub struct JsonLabel<'d> {
    /// Where.
    #[serde(flatten)]
    pub region: Region,
    /// The text of the place; may be empty.
    pub text: &'d str,
}

impl<'d> JsonDiagnostic<'d> {
    /// The object of a diagnostic, to be written alone or inside something larger.
    #[must_use]
    pub fn new(source: &Source<'d>, diagnostic: &'d Diagnostic) -> Self {
        let labels: Vec<JsonLabel<'d>> = diagnostic
            .labels
            .iter()
            .map(|label| JsonLabel {
                region: Region::new(source, label.span),
                text: &label.text,
            })
            .collect();
        Self {
            code: diagnostic.code.number(),
            severity: diagnostic.severity.name(),
            message: &diagnostic.message,
            path: (!source.name.is_empty()).then_some(source.name),
            region: labels.first().map(|label| label.region),
            labels,
            help: &diagnostic.help,
            replacement: diagnostic
                .replacement
                .as_deref()
                .map(|replacement| JsonReplacement {
                    condition: &replacement.condition,
                    name: replacement.name.as_deref(),
                    document: &replacement.document,
                }),
        }
    }
}

/// A diagnostic as one line of JSON, without a line break at its end.
#[must_use]
#[allow(
    clippy::missing_panics_doc,
    reason = "strings and numbers always serialize"
)]
pub fn json(source: &Source<'_>, diagnostic: &Diagnostic) -> String {
    serde_json::to_string(&JsonDiagnostic::new(source, diagnostic))
        .expect("strings and numbers always serialize")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn everything_is_there_in_order() {
        let diagnostic = Diagnostic::error(Code::DuplicateKey, "key \"é\" twice")
            .label(Span::new(6, 8), "again\nhere")
            .at(Span::new(0, 2))
            .help("remove one");
        assert_eq!(
            json(&Source::new("r.yml", "é: 1\né: 2\n"), &diagnostic),
            concat!(
                r#"{"code":"VS0102","severity":"error","message":"key \"é\" twice","path":"r.yml","#,
                r#""line":2,"column":1,"end_line":2,"end_column":2,"labels":["#,
                r#"{"line":2,"column":1,"end_line":2,"end_column":2,"text":"again\nhere"},"#,
                r#"{"line":1,"column":1,"end_line":1,"end_column":2,"text":""}],"#,
                r#""help":["remove one"]}"#
            )
        );
    }

    #[test]
    fn without_a_place_or_a_file() {
        let diagnostic = Diagnostic::warning(Code::Unreadable, "m");
        assert_eq!(
            json(&Source::new("", ""), &diagnostic),
            r#"{"code":"VS0001","severity":"warning","message":"m","path":null,"labels":[],"help":[]}"#
        );
    }

    #[test]
    fn the_end_of_a_file_and_an_empty_one() {
        let diagnostic = Diagnostic::error(Code::YamlSyntax, "m").at(Span::new(9, 9));
        for (text, line, column) in [("a\n", 2, 1), ("a", 1, 2), ("", 1, 1)] {
            let value: serde_json::Value =
                serde_json::from_str(&json(&Source::new("r", text), &diagnostic)).expect("JSON");
            assert_eq!(
                (&value["line"], &value["column"]),
                (&line.into(), &column.into())
            );
        }
    }
}
