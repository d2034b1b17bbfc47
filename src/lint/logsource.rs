//! Log sources and their fields: names that are most likely slips.

use super::Subject;
use super::escape::is_invisible;
use super::names::{KEYS, field_meant, of_rule};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::Text;
use crate::source::Span;
use std::collections::HashMap;

/// `product: windwos`
pub(super) fn unknown(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (key, name) in of_rule(&subject.rule.logsource).into_iter().enumerate() {
        let Some(name) = name else { continue };
        let help = if let Some(other) = subject.names.other_key(key, name) {
            format!("did you mean `{other}: {}`?", name.value)
        } else if let Some(meant) = subject.names.source_meant(key, name) {
            format!("did you mean `{meant}`?")
        } else {
            continue;
        };
        let message = format!("expected a known {}, found `{}`", KEYS[key], name.value);
        let warning = Diagnostic::warning(Code::UnknownLogSource, message).at(name.span);
        found.push(warning.help(help));
    }
}

/// `servce: security`: a key of one's own that is nearly one of the specification.
pub(super) fn misspelled_keys(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (key, _) in &subject.rule.logsource.custom {
        let known = ["category", "product", "service", "definition"];
        if let Some(near) = nearest(&key.to_lowercase(), known) {
            let message = format!("expected a key of a log source, found `{}`", key.value);
            let warning = Diagnostic::warning(Code::MisspeltAttribute, message).at(key.span);
            found.push(warning.help(format!("did you mean `{near}`?")));
        }
    }
}

/// `service: sysmon` without an `EventID`: all that Sysmon writes.
pub(super) fn all_of_sysmon(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let source = &subject.rule.logsource;
    let is_sysmon = |service: &&Text<'_>| service.eq_ignore_ascii_case("sysmon");
    let (Some(service), None) = (source.service.as_ref().filter(is_sysmon), &source.category)
    else {
        return;
    };
    let items = subject.items();
    let mut fields = items.iter().filter_map(|item| item.field.as_deref());
    if !fields.any(|field| field == "EventID") {
        let message = "expected an `EventID` or a category beside `service: sysmon`, found none";
        let warning = Diagnostic::warning(Code::AllOfSysmon, message).at(service.span);
        found.push(warning.help("write the category, say `category: process_creation`"));
    }
}

fn is_visible(name: &str) -> bool {
    !name.contains(|c: char| c.is_whitespace() || is_invisible(c))
}

/// `Imgae|endswith: '\cmd.exe'`
pub(super) fn misspelled(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let source = of_rule(&subject.rule.logsource);
    // A slip in the log source does not hide those in the fields.
    let source = [0, 1, 2].map(|key| {
        let name = source[key]?.value.as_ref();
        Some(subject.names.source_meant(key, name).unwrap_or(name))
    });
    // By field: what is meant, and where the slip is.
    let mut slips: Vec<(&str, &str, Vec<Span>)> = Vec::new();
    let mut fields = None;
    let mut known: HashMap<&str, Option<usize>> = HashMap::new();
    for item in subject.items() {
        // A name with blanks or unseen characters is another warning.
        let Some(field) = item.field.as_deref().filter(|field| is_visible(field)) else {
            continue;
        };
        let slip = *known.entry(field).or_insert_with(|| {
            if subject.names.has_field(source[0], field) {
                return None;
            }
            let fields = fields.get_or_insert_with(|| subject.names.fields(&source));
            slips.push((field, field_meant(fields, field)?, Vec::new()));
            Some(slips.len() - 1)
        });
        if let Some(at) = slip {
            slips[at].2.push(item.key);
        }
    }
    for (field, meant, places) in slips {
        let message = format!("expected a field of the log source, found `{field}`");
        let warning = Diagnostic::warning(Code::MisspeltField, message);
        let warning = places.into_iter().fold(warning, Diagnostic::at);
        found.push(warning.help(format!("did you mean `{meant}`?")));
    }
}
