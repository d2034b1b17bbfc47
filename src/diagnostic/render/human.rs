//! Text for people.
//!
//! ```text
//! error[VS0102]: map has the key `a` twice
//!  --> r.yml:2:1
//!   |
//! 1 | a: 1
//!   | - first here
//! 2 | a: 2
//!   | ^ again here
//!   |
//!   = help: remove one, or join the values into one list
//! ```

use super::visible;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{MARK, Source, Span};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use std::borrow::Cow;
use std::ops::Range;

/// How many places are shown. An inexact value may be one of hundreds, all alike.
const MOST_PLACES: usize = 4;

/// The most bytes of lines that are shown: no one reads a line of a megabyte, and laying it out
/// takes seconds.
const WIDEST: usize = 64 * 1024;

/// A diagnostic as text with the lines it is about, ending with a line break. Of many places the
/// first few are shown and the others counted.
///
/// With `color` it carries ANSI styles. Escape sequences of the source and the message don't
/// reach the terminal.
#[must_use]
pub fn human(source: &Source<'_>, diagnostic: &Diagnostic, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let name = visible::message(source.name);
    let (labels, others) = shown(&diagnostic.labels);
    let window = Window::new(source, labels);

    let title = level
        .primary_title(visible::message(&diagnostic.message))
        .id(diagnostic.code.number());
    let is_wide = window.range.len() > WIDEST && !labels.is_empty();
    let mut group = if is_wide {
        let place = source.line_column(labels[0].span.start);
        title.element(
            Origin::path(&*name)
                .line(place.line)
                .char_column(place.column),
        )
    } else if labels.is_empty() {
        let origin = (!name.is_empty()).then(|| Origin::path(&*name));
        title.elements(origin)
    } else {
        let annotations = labels.iter().enumerate().map(|(index, label)| {
            let kind = if index == 0 {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let text = (!label.text.is_empty()).then(|| visible::message(&label.text).into_owned());
            kind.span(window.place(source.text, label.span)).label(text)
        });
        let path = (!name.is_empty()).then(|| name.clone().into_owned());
        title.element(
            Snippet::source(visible::lines(&source.text[window.range.clone()]).into_owned())
                .line_start(window.line)
                .path(path)
                .annotations(annotations),
        )
    };
    if let Some(last) = others.last() {
        let line = source.line_column(last.span.start).line;
        let count = others.len();
        let more = format!("and {count} more places, the last of them in line {line}");
        group = group.element(Level::NOTE.message(more));
    }
    for help in &diagnostic.help {
        // A rule to write instead is shown as it is written, line by line.
        let lines: Vec<Cow<'_, str>> = help.lines().map(visible::message).collect();
        group = group.element(Level::HELP.message(lines.join("\n")));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

/// The labels to show, and those to count. One alone is shown: its line is as long as the count's.
fn shown(labels: &[Label]) -> (&[Label], &[Label]) {
    if labels.len() <= MOST_PLACES + 1 {
        (labels, &[])
    } else {
        labels.split_at(MOST_PLACES)
    }
}

/// The lines that labels point into; no more of a long file is handed to the renderer.
struct Window {
    range: Range<usize>,
    /// Number of the first of them, from 1.
    line: usize,
}

impl Window {
    fn new(source: &Source<'_>, labels: &[Label]) -> Self {
        let text = source.text;
        let places = labels.iter().map(|label| clamp(text, label.span));
        let Some((start, end)) = places
            .map(|place| (place.start, place.end))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        else {
            return Self {
                range: 0..0,
                line: 1,
            };
        };
        let mark = text.strip_prefix(MARK).map_or(0, |_| MARK.len_utf8());
        let start = text[..start]
            .rfind('\n')
            .map_or(mark, |newline| newline + 1);
        let end = text[end..]
            .find('\n')
            .map_or(text.len(), |more| end + more + 1);
        Self {
            range: start..end,
            line: source
                .line_column(u32::try_from(start).unwrap_or(u32::MAX))
                .line,
        }
    }

    /// A span's place in the window.
    fn place(&self, text: &str, span: Span) -> Range<usize> {
        let place = clamp(text, span);
        let within = |at: usize| at.saturating_sub(self.range.start);
        within(place.start)..within(place.end)
    }
}

/// A span within the text, on whole characters.
fn clamp(text: &str, span: Span) -> Range<usize> {
    let floor = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn error() -> Diagnostic {
        Diagnostic::error(Code::YamlSyntax, "expected X, found Y")
    }

    fn plain(text: &str, diagnostic: &Diagnostic) -> String {
        human(&Source::new("r.yml", text), diagnostic, false)
    }

    #[test]
    fn several_labels_and_help() {
        let diagnostic = Diagnostic::error(Code::DuplicateKey, "map has the key `a` twice")
            .label(Span::new(5, 6), "again here")
            .label(Span::new(0, 1), "first here")
            .help("remove one");
        let shown = plain("a: 1\na: 2\n", &diagnostic);
        assert_eq!(
            shown,
            "error[VS0102]: map has the key `a` twice
 --> r.yml:2:1
  |
1 | a: 1
  | - first here
2 | a: 2
  | ^ again here
  |
  = help: remove one
"
        );
    }

    #[test]
    fn of_many_places_the_first_few_are_shown() {
        let text = "a: 1\n".repeat(9);
        let all = (0..9).map(|line| Span::new(line * 5, line * 5 + 1));
        let shown = |count| {
            plain(
                &text,
                &all.clone().take(count).fold(error(), Diagnostic::at),
            )
        };
        assert!(shown(5).ends_with("\n5 | a: 1\n  | -\n"), "{}", shown(5));
        assert!(
            shown(9).ends_with(
                "\n4 | a: 1\n  | -\n  |\n  = note: and 5 more places, the last of them in line 9\n"
            ),
            "{}",
            shown(9)
        );
    }

    #[test]
    fn columns_are_characters_and_lines_are_counted_from_the_files_start() {
        let shown = plain("x: 1\ny: 2\né€: b: c\n", &error().at(Span::new(17, 18)));
        assert_eq!(
            shown,
            "error[VS0101]: expected X, found Y
 --> r.yml:3:5
  |
3 | é€: b: c
  |     ^
"
        );
    }

    #[test]
    fn a_span_of_several_lines() {
        let shown = plain("a:\n  b\n  c\nd: e\n", &error().at(Span::new(0, 10)));
        assert!(shown.contains("--> r.yml:1:1"), "{shown}");
        assert!(
            shown.contains("1 | / a:\n2 | |   b\n3 | |   c\n  | |___^"),
            "{shown}"
        );
        assert!(!shown.contains("d: e"), "{shown}");
    }

    #[test]
    fn the_end_of_a_file_and_an_empty_one() {
        for (text, at, place) in [
            ("a: [\n", 5, "r.yml:2:1"),
            ("a: [", 4, "r.yml:1:5"),
            ("", 0, "r.yml:1:1"),
            ("a", 900, "r.yml:1:2"),
        ] {
            let shown = plain(text, &error().at(Span::new(at, at)));
            assert!(shown.contains(place), "{text:?}: {shown}");
        }
    }

    #[test]
    fn without_a_place_the_file_is_named() {
        assert_eq!(
            plain("", &error().help("do this")),
            "error[VS0101]: expected X, found Y\n--> r.yml\n = help: do this\n"
        );
        let nameless = human(&Source::new("", ""), &error(), false);
        assert_eq!(nameless, "error[VS0101]: expected X, found Y\n");
    }

    #[test]
    fn help_may_have_lines() {
        let shown = plain("", &error().help("write this:\n---\na:\n    b: \u{1b}c"));
        assert_eq!(
            shown,
            "error[VS0101]: expected X, found Y
--> r.yml
 = help: write this:
         ---
         a:
             b: \\u{1b}c
"
        );
    }

    #[test]
    fn severities_have_names() {
        let warning = Diagnostic::warning(Code::DuplicateKey, "m");
        assert!(plain("", &warning).starts_with("warning[VS0102]: m"));
        let note = Diagnostic {
            severity: Severity::Note,
            ..warning
        };
        assert!(plain("", &note).starts_with("note[VS0102]: m"));
    }

    #[test]
    fn color_is_ours_alone() {
        let diagnostic = Diagnostic::error(Code::YamlSyntax, "m\u{1b}[2J")
            .label(Span::new(3, 4), "l\u{202e}")
            .help("h\u{9b}2J\nx");
        let source = Source::new(
            "r\u{1b}]0;x\u{7}.yml",
            "a: \u{1b}[31m\u{202e}\u{9b}b\u{7}\n",
        );
        let shown = human(&source, &diagnostic, false);
        assert!(
            !shown.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{shown:?}"
        );
        let colored = human(&source, &diagnostic, true);
        assert!(colored.contains("\u{1b}["));
        assert!(!colored.contains("\u{1b}[2J") && !colored.contains("\u{1b}[31m\u{202e}"));
    }
}
