//! Messages for people, each fact reported once.
//!
//! In: diagnostics, file by file. Out: each with its lines and carets, as long as there are few. Of
//! many, those of one code whose messages differ in nothing but names and numbers are one entry: the
//! first place, how many more there are, and what to do.
//!
//! ```text
//! warning[VS0608]: the query may miss what the rule matches: a keyword field compares with regard to case
//!  --> rules/web.yml:19:29 and 2,855 more files
//!   = help: …
//! ```

use super::summary::thousands;
use crate::cli::terminal::Paint;
use crate::diagnostic::{Code, Diagnostic, OF_OUTPUTS, Severity, render, render::visible};
use crate::source::Source;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Up to so many messages are shown with their lines.
const FEW: usize = 5;

/// So are the messages of up to so many files.
const FEW_FILES: usize = 3;

/// Messages of one entry that are shown with their lines.
const MOST_ALIKE: usize = 20;

/// Up to so many errors other than refusals are shown with their lines, among any number of other messages.
const MOST_ERRORS: usize = 20;

/// Entries that are shown; the others are counted.
const MOST_ENTRIES: usize = 20;

/// The places of an entry of errors.
const ERROR_PLACES: usize = 3;

/// What messages have in common: severity, code, the message without names and numbers, what to do,
/// and the outputs that it is about.
type Key = (Severity, Code, String, Vec<String>);

/// Messages that wait for the end of the run.
#[derive(Debug, Default)]
pub(super) struct GroupedMessages {
    keys: BTreeMap<Key, usize>,
    entries: Vec<MessageGroup>,
    /// Those that are shown with their lines, in order: the text, and whether it is an error other
    /// than a refusal.
    rendered: Vec<(bool, String)>,
    count: usize,
    errors: usize,
    files: usize,
    last: Option<String>,
}

/// Messages with one key.
#[derive(Debug)]
struct MessageGroup {
    first: Diagnostic,
    /// Is it an error other than a refusal?
    is_fault: bool,
    /// Are all messages equal to the first?
    is_same: bool,
    count: usize,
    files: usize,
    last: String,
    places: Vec<String>,
}

impl GroupedMessages {
    /// Takes a message. Only what may be shown with its lines is rendered.
    pub(super) fn push(&mut self, source: &Source<'_>, diagnostic: &Diagnostic, color: bool) {
        self.count += 1;
        if self.last.as_deref() != Some(source.name) {
            self.files += 1;
            self.last = Some(source.name.to_owned());
        }
        let is_fault = diagnostic.is_error() && !diagnostic.code.is_refusal();
        self.errors += usize::from(is_fault);
        let at = *self.keys.entry(key(diagnostic)).or_insert_with(|| {
            self.entries.push(MessageGroup {
                first: diagnostic.clone(),
                is_fault,
                is_same: true,
                count: 0,
                files: 0,
                last: String::new(),
                places: Vec::new(),
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[at];
        entry.take(source, diagnostic);
        let many = !self.are_few();
        if many {
            self.rendered.retain(|(is_fault, _)| *is_fault);
        }
        let is_shown = if many {
            is_fault && self.errors <= MOST_ERRORS
        } else {
            self.entries[at].count <= MOST_ALIKE
        };
        if is_shown {
            let text = render::human(source, diagnostic, color);
            self.rendered.push((is_fault, text));
        }
    }

    /// Is everything shown with its lines?
    const fn are_few(&self) -> bool {
        self.count <= FEW || self.files <= FEW_FILES
    }

    /// Everything as text; nothing is kept.
    pub(super) fn take(&mut self, paint: Paint) -> String {
        let grouped = std::mem::take(self);
        let mut out = String::new();
        let few = grouped.are_few();
        let with_lines = few || grouped.errors <= MOST_ERRORS;
        if few {
            grouped.write_rendered(&mut out);
            for entry in grouped.entries.iter().filter(|e| e.count > MOST_ALIKE) {
                entry.write_rest(paint, &mut out);
            }
            return out;
        }
        let mut entries: Vec<&MessageGroup> = grouped.entries.iter().collect();
        if with_lines {
            entries.retain(|entry| !entry.is_fault);
        }
        // What matters most is last, where a terminal shows it.
        entries.sort_by_key(|entry| (entry.first.severity, entry.is_fault, entry.count));
        for severity in [Severity::Note, Severity::Warning, Severity::Error] {
            let mut of: Vec<&MessageGroup> = entries.clone();
            of.retain(|entry| entry.first.severity == severity);
            let (left_out, shown) = of.split_at(of.len().saturating_sub(MOST_ENTRIES));
            write_left_out(left_out, paint, &mut out);
            for entry in shown {
                entry.write(paint, &mut out);
            }
        }
        if !out.is_empty() {
            out.push('\n');
        }
        if with_lines {
            grouped.write_rendered(&mut out);
        }
        out
    }

    fn write_rendered(&self, out: &mut String) {
        for (_, text) in &self.rendered {
            out.push_str(text);
            out.push('\n');
        }
    }
}

impl MessageGroup {
    fn take(&mut self, source: &Source<'_>, diagnostic: &Diagnostic) {
        self.count += 1;
        self.is_same &= self.first.message == diagnostic.message;
        if self.last != source.name || self.files == 0 {
            self.files += 1;
            source.name.clone_into(&mut self.last);
        }
        let shown = if self.first.is_error() {
            ERROR_PLACES
        } else {
            1
        };
        if self.places.len() < shown && !source.name.is_empty() {
            let name = visible::message(source.name);
            self.places.push(match diagnostic.span() {
                Some(span) => {
                    let place = source.line_column(span.start);
                    format!("{name}:{}:{}", place.line, place.column)
                }
                None => name.into_owned(),
            });
        }
    }

    /// A message, the first places and the help.
    fn write(&self, paint: Paint, out: &mut String) {
        let message = visible::message(&self.first.message);
        let _ = writeln!(out, "{}: {message}", self.heading(paint));
        let more = self.count.saturating_sub(self.places.len());
        let ending = match more {
            0 => String::new(),
            _ => format!(" and {}", self.others(more)),
        };
        match self.places.split_last() {
            Some((last, others)) => {
                for place in others {
                    let _ = writeln!(out, "  --> {place}");
                }
                let _ = writeln!(out, "  --> {last}{ending}");
            }
            None if more > 1 => {
                let _ = writeln!(out, "  {} times", thousands(more));
            }
            None => {}
        }
        for help in &self.first.help {
            // A rule to write instead fits the first of them alone.
            let (line, rest) = help.split_once('\n').unwrap_or((help, ""));
            let more = if rest.is_empty() {
                ""
            } else {
                " … (-v shows it)"
            };
            let _ = writeln!(out, "   = help: {}{more}", visible::message(line));
        }
    }

    fn heading(&self, paint: Paint) -> String {
        let severity = self.first.severity;
        let word = format!("{}[{}]", severity.name(), self.first.code);
        match severity {
            Severity::Error => paint.error(word),
            Severity::Warning => paint.warning(word),
            Severity::Note => paint.faint(word),
        }
    }

    /// `2,855 more files`, `71 more places in 60 files`
    fn others(&self, more: usize) -> String {
        let alike = if self.is_same { "" } else { " like it" };
        let number = thousands(more);
        if self.files == self.count {
            let ending = if more == 1 { "" } else { "s" };
            return format!("{number} more file{ending}{alike}");
        }
        let ending = if more == 1 { "" } else { "s" };
        let files = thousands(self.files);
        let of_files = if self.files == 1 { "" } else { "s" };
        format!("{number} more place{ending}{alike}, in {files} file{of_files}")
    }

    /// How many of an entry were not shown with their lines.
    fn write_rest(&self, paint: Paint, out: &mut String) {
        let more = thousands(self.count - MOST_ALIKE);
        let message = visible::message(&self.first.message);
        let heading = self.heading(paint);
        let alike = if self.is_same { "of" } else { "like" };
        let _ = writeln!(
            out,
            "{heading}: {more} more {alike}: {message} (-v shows them)"
        );
    }
}

/// Entries that are only counted.
fn write_left_out(entries: &[&MessageGroup], paint: Paint, out: &mut String) {
    let Some(first) = entries.first() else { return };
    let count: usize = entries.iter().map(|entry| entry.count).sum();
    let mut codes: Vec<String> = entries.iter().map(|e| e.first.code.to_string()).collect();
    codes.sort_unstable();
    codes.dedup();
    let word = match first.first.severity {
        Severity::Error => paint.error("error"),
        Severity::Warning => paint.warning("warning"),
        Severity::Note => paint.faint("note"),
    };
    let (count, codes) = (thousands(count), codes.join(", "));
    let _ = writeln!(out, "{word}: {count} others of {codes} (-v shows them)");
}

fn key(diagnostic: &Diagnostic) -> Key {
    let help = diagnostic.help.iter().map(|help| {
        if help.starts_with(OF_OUTPUTS) {
            return help.clone();
        }
        template(help.split_once('\n').map_or(help, |(line, _)| line))
    });
    (
        diagnostic.severity,
        diagnostic.code,
        template(&diagnostic.message),
        help.collect(),
    )
}

/// A message without what is quoted in it, and without numbers.
fn template(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find('`') {
        text.extend(rest[..=at].chars().filter(|c| !c.is_ascii_digit()));
        rest = match rest[at + 1..].find('`') {
            Some(end) => &rest[at + end + 2..],
            // A name that holds a backtick itself, or an end that was cut.
            None => "",
        };
    }
    text.extend(rest.chars().filter(|c| !c.is_ascii_digit()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    /// So many files with a warning each, and some more in the first.
    fn grouped(files: usize, in_first: usize, make: impl Fn(usize) -> Diagnostic) -> String {
        let mut grouped = GroupedMessages::default();
        for number in 0..files {
            let name = format!("{number}.yml");
            let source = Source::new(&name, "a: 1\nb: 2\n");
            let count = if number == 0 { in_first } else { 1 };
            for _ in 0..count {
                grouped.push(&source, &make(number), false);
            }
        }
        grouped.take(Paint(false))
    }

    fn warning(number: usize) -> Diagnostic {
        let message = format!("unknown field `a{number}`");
        let diagnostic = Diagnostic::warning(Code::NotExact, message).at(Span::new(5, 6));
        diagnostic.help("do this")
    }

    #[test]
    fn a_template_has_neither_names_nor_numbers() {
        assert_eq!(template("a `b` c 12 `d"), "a ` c  `");
        assert_eq!(template(""), "");
    }

    #[test]
    fn few_messages_are_shown_with_their_lines() {
        let text = grouped(FEW, 1, warning);
        assert_eq!(text.matches("2 | b: 2").count(), FEW, "{text}");
        let text = grouped(1, MOST_ALIKE + 5, warning);
        assert_eq!(text.matches("2 | b: 2").count(), MOST_ALIKE, "{text}");
        let rest = "warning[VS0608]: 5 more of: unknown field `a0` (-v shows them)\n";
        assert!(text.ends_with(rest), "{text}");
    }

    #[test]
    fn many_messages_are_an_entry() {
        assert_eq!(
            grouped(1234, 1, warning),
            "warning[VS0608]: unknown field `a0`
  --> 0.yml:2:1 and 1,233 more files like it
   = help: do this

"
        );
        assert_eq!(
            grouped(60, 12, |_| warning(0)),
            "warning[VS0608]: unknown field `a0`
  --> 0.yml:2:1 and 70 more places, in 60 files
   = help: do this

"
        );
    }

    #[test]
    fn refusals_show_the_first_places() {
        let refusal = |_| Diagnostic::error(Code::Unsayable, "no").at(Span::new(0, 1));
        assert_eq!(
            grouped(90, 1, refusal),
            "error[VS0605]: no
  --> 0.yml:1:1
  --> 1.yml:1:1
  --> 2.yml:1:1 and 87 more files

"
        );
    }

    #[test]
    fn errors_of_rules_keep_their_lines_among_many_warnings() {
        let text = grouped(90, 1, |number| match number {
            70 => Diagnostic::error(Code::YamlSyntax, "bad").at(Span::new(0, 1)),
            _ => warning(number),
        });
        assert!(
            text.contains("0.yml:2:1 and 88 more files like it"),
            "{text}"
        );
        assert!(text.contains("--> 70.yml:1:1\n"), "{text}");
        assert!(text.contains("1 | a: 1\n"), "{text}");
        let text = grouped(90, 1, |_| Diagnostic::error(Code::YamlSyntax, "bad"));
        assert!(!text.contains("1 | "), "{text}");
        assert!(text.contains("and 87 more files"), "{text}");
    }

    #[test]
    fn entries_beyond_a_screen_are_counted() {
        let text = grouped(200, 1, |number| {
            let word = "x".repeat(number / 4 + 1);
            Diagnostic::warning(Code::NotExact, word)
        });
        assert!(text.starts_with("warning: 120 others of VS0608 (-v shows them)\n"));
        assert_eq!(text.matches("warning[").count(), MOST_ENTRIES);
    }

    #[test]
    fn what_asks_for_something_else_is_another_entry() {
        let text = grouped(90, 1, |number| {
            let help = match number % 3 {
                0 => "Add a pipeline.".to_owned(),
                _ => format!("Add `-p {number}`."),
            };
            Diagnostic::warning(Code::LogSourceUnmapped, format!("none for `{number}`")).help(help)
        });
        assert!(text.contains("and 29 more files like it"), "{text}");
        assert!(text.contains("and 59 more files like it"), "{text}");
    }

    #[test]
    fn what_is_so_for_other_outputs_is_another_fact() {
        let text = grouped(90, 1, |number| {
            let name = if number % 2 == 0 { "a" } else { "b" };
            warning(0).help(format!("{OF_OUTPUTS} `{name}`"))
        });
        assert_eq!(text.matches("and 44 more files").count(), 2, "{text}");
    }
}
