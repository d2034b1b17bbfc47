//! SARIF 2.1.0, the format that code scanners exchange (OASIS, sections 3.13 to 3.30).
//!
//! In: the diagnostics of a run. Out: one document with one run, whose rules are the registry of
//! codes.

use super::Region;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Source, Span};
use serde_json::{Value, json};
use std::fmt::Write;

/// The document of all diagnostics, indented, ending with a line break.
///
/// Each comes with the path of its file, empty for none, and the file's source where it could be
/// read.
#[must_use]
pub fn sarif<'d>(
    diagnostics: impl IntoIterator<Item = (&'d str, Option<&'d Source<'d>>, &'d Diagnostic)>,
) -> String {
    let results: Vec<Value> = diagnostics
        .into_iter()
        .map(|(path, source, diagnostic)| result(path, source, diagnostic))
        .collect();
    let rules: Vec<Value> = Code::ALL.iter().copied().map(rule).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "varsigma",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.number(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": code.title() },
        "help": { "text": code.explanation(), "markdown": code.explanation() },
    })
}

fn result(path: &str, source: Option<&Source<'_>>, diagnostic: &Diagnostic) -> Value {
    let mut message = diagnostic.message.clone();
    for help in &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let index = Code::ALL.iter().position(|code| *code == diagnostic.code);
    let mut result = json!({
        "ruleId": diagnostic.code.number(),
        "ruleIndex": index,
        "level": diagnostic.severity.name(),
        "message": { "text": message },
    });
    if path.is_empty() {
        return result;
    }
    let mut primary = location(path, source, diagnostic.span());
    if let Some(label) = diagnostic
        .labels
        .first()
        .filter(|label| !label.text.is_empty())
    {
        primary["message"] = json!({ "text": label.text });
    }
    result["locations"] = json!([primary]);
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .skip(1)
        .map(|label| {
            let mut related = location(path, source, Some(label.span));
            if !label.text.is_empty() {
                related["message"] = json!({ "text": label.text });
            }
            related
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    result
}

fn location(path: &str, source: Option<&Source<'_>>, span: Option<Span>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(path) } });
    if let (Some(source), Some(span)) = (source, span) {
        let region = Region::new(source, span);
        physical["region"] = json!({
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        });
    }
    json!({ "physicalLocation": physical })
}

/// A path as a relative reference, or as a `file` URI where it is absolute (RFC 3986, RFC 8089).
fn uri(path: &str) -> String {
    let windows = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    let mut uri = String::with_capacity(path.len() + 8);
    if windows {
        uri.push_str("file:///");
    } else if path.starts_with('/') {
        uri.push_str("file://");
    }
    for (index, byte) in path.bytes().enumerate() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            b':' if windows && index == 1 => uri.push(':'),
            b'\\' if windows => uri.push('/'),
            _ => write!(uri, "%{byte:02X}").expect("writing to a String does not fail"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, text: &str, diagnostic: &Diagnostic) -> Value {
        let source = Source::new(path, text);
        serde_json::from_str(&sarif([(path, Some(&source), diagnostic)])).expect("JSON")
    }

    #[test]
    fn a_result_with_its_places() {
        let diagnostic = Diagnostic::error(Code::DuplicateKey, "twice")
            .label(Span::new(6, 8), "again here")
            .label(Span::new(0, 8), "")
            .help("remove one");
        let document = document("rules/a b.yml", "é: 1\né: 2\n", &diagnostic);
        let run = &document["runs"][0];
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(
            run["results"],
            json!([{
                "ruleId": "VS0102",
                "ruleIndex": Code::ALL.iter().position(|code| *code == Code::DuplicateKey),
                "level": "error",
                "message": { "text": "twice\nhelp: remove one" },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": "rules/a%20b.yml" },
                        "region": { "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2 },
                    },
                    "message": { "text": "again here" },
                }],
                "relatedLocations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": "rules/a%20b.yml" },
                        "region": { "startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 2 },
                    },
                }],
            }])
        );
    }

    #[test]
    fn rules_are_the_registry() {
        let document: Value = serde_json::from_str(&sarif([])).expect("JSON");
        let run = &document["runs"][0];
        assert_eq!(run["results"], json!([]));
        let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
        assert_eq!(rules.len(), Code::ALL.len());
        for (rule, code) in rules.iter().zip(Code::ALL) {
            assert_eq!(rule["id"], code.number());
            assert!(rule.get("helpUri").is_none());
        }
    }

    #[test]
    fn without_a_source_or_a_file() {
        let diagnostic = Diagnostic::warning(Code::Unreadable, "m");
        let text = sarif([("r.yml", None, &diagnostic), ("", None, &diagnostic)]);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let results = &document["runs"][0]["results"];
        assert_eq!(
            results[0]["locations"],
            json!([{ "physicalLocation": { "artifactLocation": { "uri": "r.yml" } } }])
        );
        assert_eq!(results[0]["level"], "warning");
        assert!(results[1].get("locations").is_none());
    }

    #[test]
    fn an_empty_file_has_a_first_line() {
        let diagnostic = Diagnostic::error(Code::YamlSyntax, "m").at(Span::new(3, 3));
        let document = document("r.yml", "", &diagnostic);
        let place = &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(
            place["region"],
            json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 })
        );
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("rules/win/a.yml"), "rules/win/a.yml");
        assert_eq!(uri("/rules/é#1.yml"), "file:///rules/%C3%A9%231.yml");
        assert_eq!(uri("C:\\rules\\a.yml"), "file:///C:/rules/a.yml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(uri("ab:c"), "ab%3Ac");
    }
}
