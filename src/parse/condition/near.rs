//! The rules that take the place of `near`.
//!
//! In: a rule with `condition: selection | near other and not third`. Out: a rule for what is before
//! the pipe and for each detection after it, and a `temporal` correlation over them. Logs and
//! detections are copied as they are written.

use super::migrate::{scalar, slug, timespan};
use crate::diagnostic::Replacement;
use crate::rule::{Rule, Text};
use crate::source::Span;
use std::fmt::Write;

/// A detection after `near`, and whether it has to be absent.
type Term<'t> = (&'t str, bool);

/// The documents to write in place of a rule, or `None` where its text can't be taken apart.
#[must_use]
pub fn temporal_rules(source: &str, rule: &Rule<'_>, condition: &Text<'_>) -> Option<Replacement> {
    let (before, after) = condition.split_once('|')?;
    let before = before.trim();
    let after = after.trim();
    let terms = terms(after.get("near".len()..)?)?;
    let logsource = block(source, rule.logsource.span)?;
    let is_near = |name: &str| terms.iter().any(|(term, _)| *term == name);
    let prefix = rule
        .name
        .as_ref()
        .map_or_else(|| slug(&rule.title), |name| name.value.to_string());
    let mut yaml = String::new();
    let mut names = Vec::new();
    let mut write = |part: &str, condition: &str, is_part: &dyn Fn(&str) -> bool| {
        let name = format!("{prefix}_{}", slug(part));
        let title = format!("{} ({part})", rule.title.value);
        let _ = writeln!(yaml, "title: {}\nname: {}", scalar(&title), scalar(&name));
        let _ = writeln!(yaml, "logsource:{logsource}detection:");
        for (key, detection) in rule.detection.named.iter().filter(|(key, _)| is_part(key)) {
            let span = Span {
                end: detection.span.end,
                ..key.span
            };
            yaml.push_str(&lines(source, span)?);
        }
        let _ = writeln!(yaml, "    condition: {condition}\n---");
        names.push(name);
        Some(())
    };
    write("base", before, &|name| !is_near(name))?;
    for (term, _) in &terms {
        write(term, term, &|name| name == *term)?;
    }
    let _ = writeln!(yaml, "title: {}", scalar(&rule.title));
    if let Some(level) = &rule.level {
        let _ = writeln!(yaml, "level: {}", scalar(level));
    }
    yaml.push_str("correlation:\n    type: temporal\n    rules:\n");
    for name in &names {
        let _ = writeln!(yaml, "        - {}", scalar(name));
    }
    let timeframe = rule.detection.timeframe.as_ref();
    let _ = writeln!(yaml, "    timespan: {}", timespan(timeframe));
    if terms.iter().any(|(_, is_absent)| *is_absent) {
        let mut expression = names.first()?.clone();
        for (name, (_, is_absent)) in names.iter().skip(1).zip(&terms) {
            let not = if *is_absent { "not " } else { "" };
            let _ = write!(expression, " and {not}{name}");
        }
        let _ = writeln!(yaml, "    condition: {expression}");
    }
    Some(Replacement {
        condition: before.to_owned(),
        name: None,
        document: yaml,
    })
}

/// `other and not third`
fn terms(text: &str) -> Option<Vec<Term<'_>>> {
    let mut words = text.split_whitespace().peekable();
    let mut terms = Vec::new();
    loop {
        let is_absent = words
            .next_if(|word| word.eq_ignore_ascii_case("not"))
            .is_some();
        let name = words.next()?;
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if !name.chars().all(is_name) || terms.iter().any(|(known, _)| *known == name) {
            return None;
        }
        terms.push((name, is_absent));
        match words.next() {
            None => return Some(terms),
            Some(and) if and.eq_ignore_ascii_case("and") => {}
            Some(_) => return None,
        }
    }
}

/// A map as the value of a key: in the key's line if it is in braces.
fn block(source: &str, span: Span) -> Option<String> {
    let text = source.get(span.range())?;
    if text.starts_with('{') {
        return Some(format!(" {text}\n"));
    }
    Some(format!("\n{}", lines(source, span)?))
}

/// The lines of a span, four columns from the margin.
fn lines(source: &str, span: Span) -> Option<String> {
    let start = span.range().start;
    let before = source.get(..start)?;
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let mut text = String::new();
    for (at, line) in source.get(span.range())?.trim_end().lines().enumerate() {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let line = if at == 0 {
            line
        } else {
            &line[blanks.min(column)..]
        };
        let _ = writeln!(text, "    {line}");
    }
    Some(text)
}
