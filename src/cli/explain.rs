//! `varsigma explain VS0204`: what a diagnostic code means.
//!
//! In: a code. Out: its page of the registry, set for a terminal: examples indented, no fences.

use super::completions::candidates;
use super::terminal::{ColorChoice, Paint};
use super::{Exit, Stop};
use crate::diagnostic::{Code, Diagnostic, nearest};
use clap::Args;
use std::io::{IsTerminal, Write, stdout};

/// Explain a diagnostic code: why it is so, an example, what to do.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma explain VS0401")]
pub struct Explain {
    /// The code, as in a message: `VS0204`.
    #[arg(add = candidates::codes())]
    code: String,
}

impl Explain {
    pub(super) fn run(self, color: ColorChoice) -> Result<Exit, Stop> {
        let Some(code) = Code::from_number(&self.code) else {
            return Err(unknown(&self.code).into());
        };
        let paint = Paint(color.wanted(stdout().is_terminal()));
        let heading = paint.bold(format!("{code}: {}", code.title()));
        let text = plain(code.explanation(), paint);
        write!(stdout().lock(), "{heading}\n\n{text}")?;
        Ok(Exit::Fine)
    }
}

pub(super) fn unknown(written: &str) -> Diagnostic {
    let numbers = Code::ALL.iter().map(|code| code.number());
    let upper = written.to_uppercase();
    let diagnostic = Diagnostic::error(
        Code::UnknownCode,
        format!("there is no diagnostic code `{written}`"),
    );
    match nearest(&upper, numbers) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("run `varsigma list codes` to see them all"),
    }
}

/// Markdown as a terminal shows it: fenced code is indented, the rest stays as it is.
fn plain(markdown: &str, paint: Paint) -> String {
    let mut text = String::with_capacity(markdown.len() + 64);
    let mut in_code = false;
    for line in markdown.trim().lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code && !line.is_empty() {
            text.push_str("    ");
            text.push_str(&paint.code(line));
        } else if let Some(heading) = line.strip_prefix('#').filter(|_| !in_code) {
            text.push_str(&paint.bold(heading.trim_start_matches(['#', ' '])));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_indented_and_fences_are_gone() {
        let markdown = "Why.\n\n```yaml\na: # no heading\n\n  b\n```\n\n## What to do\nThis.\n";
        assert_eq!(
            plain(markdown, Paint(false)),
            "Why.\n\n    a: # no heading\n\n      b\n\nWhat to do\nThis.\n"
        );
    }
}
