//! `logsource`: which log the rule reads.
//!
//! In: a map such as `{category: process_creation, product: windows}`. Out: a [`LogSource`]; keys
//! of one's own are kept.

use super::attribute::{self, TextKind};
use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic, Severity, nearest};
use crate::rule::{LogSource, Text};
use crate::yaml::{Content, Node};

/// Reads a log source; `severity` is how bad one is that names no log.
pub(super) fn logsource<'s>(
    reader: &mut Reader<'s, '_>,
    name: &Text<'s>,
    node: Node<'s>,
    severity: Severity,
) -> LogSource<'s> {
    let mut logsource = LogSource {
        span: node.span,
        ..LogSource::default()
    };
    let Content::Mapping(pairs) = node.content else {
        reader.wrong_type(name, "a map", &node);
        return logsource;
    };
    let before = reader.diagnostics.len();
    for (key, value) in pairs {
        let Some(key) = attribute::key(&key) else {
            reader.wrong_type(name, "names as keys", &key);
            continue;
        };
        let target = match key.value.as_ref() {
            "category" => &mut logsource.category,
            "product" => &mut logsource.product,
            "service" => &mut logsource.service,
            "definition" => &mut logsource.definition,
            _ => {
                logsource.custom.push((key, value));
                continue;
            }
        };
        if let Content::Sequence(_) = value.content {
            reader.diagnostics.push(list_of_sources(&key, &value));
            continue;
        }
        *target = reader.text(&key, value, TextKind::String);
    }
    if reader.diagnostics.len() == before {
        reader.diagnostics.extend(empty(name, &logsource, severity));
    }
    logsource
}

/// A log source that names no log.
fn empty(name: &Text<'_>, logsource: &LogSource<'_>, severity: Severity) -> Option<Diagnostic> {
    let named = [&logsource.category, &logsource.product, &logsource.service];
    if named.iter().any(|part| part.is_some()) {
        return None;
    }
    let message = "expected a `category`, `product` or `service` in `logsource`, found none";
    let mut diagnostic = Diagnostic::warning(Code::EmptyLogSource, message);
    diagnostic.severity = severity;
    let known = ["category", "product", "service"];
    let slip = logsource
        .custom
        .iter()
        .find_map(|(key, _)| Some((key, nearest(key, known)?)));
    Some(match slip {
        Some((key, near)) => diagnostic
            .at(key.span)
            .help(format!("did you mean `{near}`?")),
        None => diagnostic
            .at(name.span)
            .help("say which log the rule reads, for example `product: windows`"),
    })
}

/// `category: [ps_script, ps_module]`
fn list_of_sources(key: &Text<'_>, node: &Node<'_>) -> Diagnostic {
    let message = format!("expected text for `{}`, found {}", key.value, node.kind());
    Diagnostic::error(Code::AttributeType, message)
        .at(node.span)
        .help("write a rule for each log source, in one file after `---` if you like")
}
