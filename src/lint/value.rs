//! Values with wildcards, quotes or escapes that are probably a mistake.

use super::Subject;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Item, Modifier, Part, Pattern, Value};
use crate::source::{Span, Spanned};
use std::collections::HashSet;

pub(super) fn has(item: &Item<'_>, wanted: Modifier) -> bool {
    item.modifiers.iter().any(|known| known.value == wanted)
}

/// The string values of an item.
pub(super) fn strings<'r, 's>(item: &'r Item<'s>) -> impl Iterator<Item = (&'r Pattern<'s>, Span)> {
    item.values.iter().filter_map(|value| match &value.value {
        Value::String(pattern) => Some((pattern, value.span)),
        _ => None,
    })
}

/// `contains: '*x*'`, and `'*x*'` where `contains` says it.
pub(super) fn wildcards(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    use Modifier as M;
    for item in subject.items() {
        if has(item, M::Re) || item.field.is_none() {
            continue;
        }
        let modifier = |wanted| has(item, wanted);
        let open_start = modifier(M::Contains) || modifier(M::EndsWith);
        let open_end = modifier(M::Contains) || modifier(M::StartsWith);
        for (pattern, span) in strings(item) {
            let first = pattern.parts.first() == Some(&Part::Any);
            let last = pattern.parts.last() == Some(&Part::Any);
            if first && open_start || last && open_end {
                let message = "expected the value alone, found the wildcard that its modifier adds";
                let warning = Diagnostic::warning(Code::NeedlessWildcard, message).at(span);
                found.push(
                    warning.help(if pattern.parts.iter().all(|part| *part == Part::Any) {
                        "write the text, or `exists: true` if any value will do"
                    } else {
                        "remove the `*`; the modifier says it already"
                    }),
                );
                continue;
            }
            if (first && modifier(M::StartsWith) || last && modifier(M::EndsWith))
                && pattern.literals().next().is_some()
            {
                let message = "expected the modifier `contains`, found a wildcard at the other end";
                let warning = Diagnostic::warning(Code::WildcardForModifier, message).at(span);
                let field = item.field.as_deref().unwrap_or_default();
                found.push(warning.help(format!("write `{field}|contains` without the `*`")));
                continue;
            }
            let is_plain = item.modifiers.is_empty() && pattern.literals().count() == 1;
            let better = match (first, last) {
                (true, true) => "contains",
                (true, false) => "endswith",
                (false, true) => "startswith",
                (false, false) => continue,
            };
            if is_plain && pattern.parts.len() == 1 + usize::from(first) + usize::from(last) {
                let message = format!("expected the modifier `{better}`, found wildcards");
                let warning = Diagnostic::warning(Code::WildcardForModifier, message).at(span);
                let field = item.field.as_deref().unwrap_or_default();
                found.push(warning.help(format!("write `{field}|{better}` and the text alone")));
            }
        }
    }
}

/// The same value twice in a list.
pub(super) fn repeated(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        let minds_case = [
            Modifier::Re,
            Modifier::Cased,
            Modifier::Base64,
            Modifier::Base64Offset,
            // Names of fields and of lists.
            Modifier::FieldRef,
            Modifier::Expand,
        ];
        let minds_case = minds_case.into_iter().any(|modifier| has(item, modifier));
        let mut known = HashSet::with_capacity(item.values.len());
        for Spanned { value, span } in &item.values {
            let text = format!("{value:?}");
            let text = if minds_case {
                text
            } else {
                text.to_lowercase()
            };
            if !known.insert(text) {
                let message = "expected each value once, found it again";
                let warning = Diagnostic::warning(Code::RepeatedValue, message).at(*span);
                found.push(warning.help("remove it; case makes no difference unless `cased`"));
            }
        }
    }
}

/// A value in the quotes of a word processor, which are a part of it.
pub(super) fn quotes(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (_, span) in subject.items().into_iter().flat_map(strings) {
        let written = subject.written(span);
        let quotes = ['“', '”', '„', '‘', '’', '«', '»'];
        if written.starts_with(quotes) && written.ends_with(quotes) {
            let message = "expected straight quotes, found those of a word processor";
            let warning = Diagnostic::warning(Code::TypographicQuotes, message).at(span);
            found.push(warning.help("put `'` in their place: they are characters of the value"));
        }
    }
}

/// `"C:\temp"`: in double quotes `\t` is a tab.
pub(super) fn controls(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (pattern, span) in subject.items().into_iter().flat_map(strings) {
        let control = pattern
            .literals()
            .flat_map(str::chars)
            .find(|c| c.is_control());
        let Some(control) = control else { continue };
        if subject.written(span).starts_with('"') {
            let message = format!(
                "expected a backslash to stand for itself, found it as an escape for U+{:04X}",
                u32::from(control)
            );
            let warning = Diagnostic::warning(Code::ControlCharacter, message).at(span);
            found.push(warning.help(
                "use single quotes, which keep the backslash; in double quotes `\\t` is a tab and `\\n` a line break",
            ));
        }
    }
}

/// `foo #bar`: without quotes the value ends before the `#`.
pub(super) fn comments(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (_, span) in subject.items().into_iter().flat_map(strings) {
        let after = subject.text.get(span.range().end..).unwrap_or_default();
        let comment = after.trim_start_matches(' ');
        let is_quoted = subject.written(span).starts_with(['\'', '"']);
        let tail = comment.strip_prefix('#');
        // A comment is written with a blank after its sign.
        let is_value = tail.is_some_and(|tail| tail.starts_with(|c: char| c.is_alphanumeric()));
        if is_value && !is_quoted && comment.len() < after.len() {
            let message = "expected the rest of the value, found a comment";
            let end = span.range().end + (after.len() - comment.len());
            let warning = Diagnostic::warning(Code::CutByComment, message)
                .at(Span::new(end, end + 1))
                .label(span, "the value");
            found.push(warning.help("put a value that contains ` #` in quotes"));
        }
    }
}

/// `Image:a`, without a blank after the colon, is a keyword.
pub(super) fn keywords(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        if item.field.is_some() || item.listed || !item.modifiers.is_empty() {
            continue;
        }
        for (pattern, span) in strings(item) {
            let text = pattern.literals().next().unwrap_or_default();
            let name = text.split([':', '=']).next().unwrap_or_default();
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '|' | '-');
            let trimmed = name.trim_end();
            if name.len() < text.len() && !trimmed.is_empty() && trimmed.chars().all(is_name) {
                let message = "expected a field and a value, found a keyword that looks like them";
                let warning = Diagnostic::warning(Code::FieldInKeyword, message).at(span);
                found.push(warning.help(format!(
                    "put a blank after the colon of a field: `{trimmed}: …`; put a keyword in a list"
                )));
            }
        }
    }
}

/// A regular expression without a sign of one.
pub(super) fn plain_regexes(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject
        .items()
        .into_iter()
        .filter(|item| has(item, Modifier::Re))
    {
        for (pattern, span) in strings(item) {
            let text: String = pattern.literals().collect();
            if !text.is_empty()
                && !text.contains(r"\.^$*+?()[]{}|".chars().collect::<Vec<_>>().as_slice())
            {
                let message = "expected a regular expression, found plain text";
                let warning = Diagnostic::warning(Code::PlainRegex, message).at(span);
                found.push(warning.help(
                    "`contains` says the same, faster and on every target; add `cased` if case matters",
                ));
            }
        }
    }
}

/// `null` beside other values, or an entry that was left empty.
pub(super) fn nulls(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items().into_iter().filter(|item| item.listed) {
        for Spanned { value, span } in &item.values {
            if *value != Value::Null {
                continue;
            }
            let field = item.field.as_deref();
            let (what, help) = match (subject.written(*span).is_empty(), field) {
                (true, _) => (
                    "nothing",
                    "write the value, or `''` for an empty text; or remove the entry".to_owned(),
                ),
                (false, Some(field)) if item.values.len() > 1 => (
                    "null",
                    format!(
                        "make the detection a list of maps, `- {field}: null` one of them; if the word is meant, put it in quotes"
                    ),
                ),
                (false, Some(_)) => continue,
                (false, None) => ("null", "if the word is meant, put it in quotes".to_owned()),
            };
            let message = format!("expected a value in the list, found {what}");
            let warning = Diagnostic::warning(Code::NullInList, message).at(*span);
            found.push(warning.help(help));
        }
    }
}

/// `wide: foo`: no log holds the bytes of UTF-16 but in Base64.
pub(super) fn wide(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    use Modifier as M;
    for item in subject.items() {
        let is_wide = |modifier: &M| matches!(modifier, M::Utf16 | M::Utf16Le | M::Utf16Be);
        let Some(at) = item
            .modifiers
            .iter()
            .rposition(|known| is_wide(&known.value))
        else {
            continue;
        };
        let is_base64 = |known: &Spanned<M>| matches!(known.value, M::Base64 | M::Base64Offset);
        if !item.modifiers[at..].iter().any(is_base64) {
            let modifier = &item.modifiers[at];
            let written = subject.written(modifier.span);
            let message = format!("expected Base64 after `{written}`, found none");
            let warning = Diagnostic::warning(Code::WideWithoutBase64, message).at(modifier.span);
            found.push(warning.help(format!(
                "write `{written}|base64offset|contains`; a field that holds text needs no `{written}`"
            )));
        }
    }
}

/// `not null`, `>5`: words and signs that a value does not have.
pub(super) fn operators(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        let plain = item
            .modifiers
            .iter()
            .all(|known| known.value == Modifier::Cased);
        let Some(field) = item.field.as_deref().filter(|_| plain) else {
            continue;
        };
        for (pattern, span) in strings(item) {
            let Some(text) = pattern.as_literal() else {
                continue;
            };
            let Some(help) = operator(text, field) else {
                continue;
            };
            let message =
                format!("expected a value, found text that looks like an operator, `{text}`");
            let warning = Diagnostic::warning(Code::OperatorInValue, message).at(span);
            found.push(warning.help(help));
        }
    }
}

/// What to write in place of a text that looks like an operator.
fn operator(text: &str, field: &str) -> Option<String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    match words.join(" ").trim_start_matches("is ") {
        "not null" | "!null" | "! null" | "!= null" | "<> null" | "not empty" | "!empty"
        | "not none" | "not nil" => {
            return Some(format!(
                "give `{field}: null` a detection of its own and negate it in the condition, or write `{field}|exists: true`"
            ));
        }
        _ => {}
    }
    let number = text.trim_start_matches(['<', '>', '=', '!']);
    let sign = &text[..text.len() - number.len()];
    let value = number.trim();
    let is_number = value.parse::<f64>().is_ok_and(f64::is_finite);
    let modifier = match sign {
        ">" => "|gt",
        ">=" => "|gte",
        "<" => "|lt",
        "<=" => "|lte",
        "=" | "==" => "",
        "!=" | "<>" if !value.is_empty() => "|neq",
        _ => return None,
    };
    (is_number || modifier == "|neq").then(|| format!("write `{field}{modifier}: {value}`"))
}

/// `contains: ''` holds for every text.
pub(super) fn empty(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    use Modifier as M;
    for item in subject.items() {
        let affix = item
            .modifiers
            .iter()
            .find(|known| matches!(known.value, M::Contains | M::StartsWith | M::EndsWith));
        let Some(affix) = affix.filter(|_| !has(item, M::FieldRef)) else {
            continue;
        };
        for (_, span) in strings(item).filter(|(pattern, _)| pattern.parts.is_empty()) {
            let name = affix.value.name();
            let message = format!("expected a text for `{name}`, found an empty one");
            let warning = Diagnostic::warning(Code::EmptyAffix, message).at(span);
            found.push(warning.help(
                "write the text, or `exists: true` if any value will do: the empty text is in every value",
            ));
        }
    }
}

/// `00000429`, which is the number 429, and `0x1410`.
pub(super) fn numbers(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    use Modifier as M;
    for item in subject.items() {
        // What is compared as a number may be written as one.
        let is_numeric = item
            .modifiers
            .iter()
            .any(|known| matches!(known.value, M::Gt | M::Gte | M::Lt | M::Lte));
        if is_numeric {
            continue;
        }
        for Spanned { value, span } in &item.values {
            let Value::Number(number) = value else {
                continue;
            };
            let written = subject.written(*span);
            let digits = written.trim_start_matches(['-', '+']);
            let is_rewritten = digits.starts_with('0')
                && digits[1..].starts_with(|next: char| next.is_ascii_alphanumeric())
                && !digits[1..].starts_with(['e', 'E']);
            if is_rewritten && number.text != written {
                let number = &number.text;
                let message = format!("expected a text, found `{written}`, the number {number}");
                let warning = Diagnostic::warning(Code::RewrittenNumber, message).at(*span);
                found.push(warning.help(format!(
                    "write `'{written}'` if events have it so, or else `{number}`"
                )));
            }
        }
    }
}
