//! Values whose beginning YAML takes for something else: `&chcp 65001`, `! foo`.

use super::Subject;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::Text;
use crate::source::Span;
use std::collections::HashSet;

/// An anchor that no alias names, or a tag of one sign, before a value.
pub(super) fn properties(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let rule = subject.rule;
    let values = subject.items().into_iter().flat_map(|item| &item.values);
    let attributes: [Option<&Text<'_>>; 6] = [
        Some(&rule.title),
        rule.description.as_ref(),
        rule.author.as_ref(),
        rule.level.as_ref(),
        rule.status.as_ref(),
        rule.license.as_ref(),
    ];
    let lists = [
        &rule.falsepositives,
        &rule.references,
        &rule.fields,
        &rule.tags,
    ];
    let conditions = rule.detection.conditions.iter();
    let spans = values
        .map(|value| value.span)
        .chain(attributes.into_iter().flatten().map(|text| text.span))
        .chain(lists.into_iter().flatten().map(|text| text.span))
        .chain(conditions.map(|condition| condition.text.span));
    let mut aliases = None;
    for span in spans {
        found.extend(property(subject.text, span, &mut aliases));
    }
}

/// What is before a value; the file's aliases are looked for once.
fn property<'s>(
    text: &'s str,
    span: Span,
    aliases: &mut Option<HashSet<&'s str>>,
) -> Option<Diagnostic> {
    let start = span.range().start;
    let before = text.get(..start)?;
    let end = before.trim_end_matches([' ', '\t']).len();
    let word = &before[..end];
    let from = word
        .rfind([' ', '\t', '\n', '[', '{', ','])
        .map_or(0, |at| at + 1);
    let word = &word[from..];
    let place = Span::new(from, end);
    let (what, quoted) = match word.strip_prefix('&') {
        Some(name) if !name.is_empty() && end < start => {
            let aliases = aliases.get_or_insert_with(|| aliases_of(text));
            if aliases.contains(name) {
                return None;
            }

            (format!("the anchor `{word}`, which no alias names"), word)
        }
        None if word == "!" => ("the tag `!`".to_owned(), word),
        _ => return None,
    };
    let message = format!("expected the beginning of the value, found {what}");
    let rest: String = text
        .get(span.range())?
        .lines()
        .next()?
        .chars()
        .take(60)
        .collect();
    Some(
        Diagnostic::warning(Code::CutByAnchor, message)
            .at(place)
            .label(span, "the value")
            .help(if rest.starts_with(['\'', '"', '|', '>']) {
                format!("remove `{quoted}`; if it is a part of the value, move it into the quotes")
            } else {
                format!(
                    "put the whole value in quotes: `'{quoted} {}'`",
                    rest.trim_end()
                )
            }),
    )
}

/// The names after `*`, of aliases and of values that look like one: all of them may use an anchor.
fn aliases_of(text: &str) -> HashSet<&str> {
    let is_border = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '{' | '}' | ',');
    let words = text.split(is_border);
    words.filter_map(|word| word.strip_prefix('*')).collect()
}
