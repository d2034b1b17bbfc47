//! What the standard streams are: colors, and whether anyone watches.
//!
//! In: `--color` and the environment. Out: [`Paint`], which adds colors or leaves text as it is.

use crate::diagnostic::render::visible;
use clap::ValueEnum;
use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{IsTerminal, stdout};

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// Colors on a terminal, unless `NO_COLOR` is set; `CLICOLOR_FORCE` asks for them elsewhere.
    #[default]
    Auto,
    /// Colors, whatever the environment says.
    Always,
    /// No colors.
    Never,
}

impl ColorChoice {
    /// Are colors wanted on a stream that is, or is not, a terminal?
    #[must_use]
    pub fn wanted(self, is_terminal: bool) -> bool {
        self.wanted_in(is_terminal, |name| std::env::var_os(name))
    }

    fn wanted_in(self, is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            // https://no-color.org: any value but the empty one.
            Self::Auto if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            Self::Auto => {
                // https://bixense.com/clicolors: any value but `0`.
                let forced = variable("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0");
                forced || (is_terminal && variable("TERM").is_none_or(|term| term != "dumb"))
            }
        }
    }
}

/// Text for standard output: as it is, or on a terminal so that it can't command it.
pub fn shown(text: &str) -> Cow<'_, str> {
    if stdout().is_terminal() {
        visible::text(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// As [`shown`], of JSON.
pub fn shown_json(text: &str) -> Cow<'_, str> {
    if stdout().is_terminal() {
        visible::json(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// Adds colors, or does not.
#[derive(Debug, Clone, Copy)]
pub struct Paint(pub bool);

impl Paint {
    /// In bold.
    pub fn bold(self, text: impl Display) -> String {
        self.with("1", text)
    }

    /// As code is shown.
    pub fn code(self, text: impl Display) -> String {
        self.with("36", text)
    }

    /// As errors are shown.
    pub fn error(self, text: impl Display) -> String {
        self.with("1;31", text)
    }

    /// As warnings are shown.
    pub fn warning(self, text: impl Display) -> String {
        self.with("1;33", text)
    }

    /// As lines are shown that a change adds.
    pub fn added(self, text: impl Display) -> String {
        self.with("32", text)
    }

    /// As lines are shown that a change takes away.
    pub fn removed(self, text: impl Display) -> String {
        self.with("31", text)
    }

    /// As what was added inside a line is shown.
    pub fn added_word(self, text: impl Display) -> String {
        self.with("1;32", text)
    }

    /// As what was removed inside a line is shown.
    pub fn removed_word(self, text: impl Display) -> String {
        self.with("1;31", text)
    }

    /// As what matters less is shown.
    pub fn faint(self, text: impl Display) -> String {
        self.with("2", text)
    }

    fn with(self, style: &str, text: impl Display) -> String {
        if self.0 {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(is_terminal: bool, set: &[(&str, &str)]) -> bool {
        ColorChoice::Auto.wanted_in(is_terminal, |name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_environment_decides_where_the_user_does_not() {
        assert!(auto(true, &[]));
        assert!(!auto(false, &[]));
        assert!(!auto(true, &[("NO_COLOR", "1")]));
        assert!(auto(true, &[("NO_COLOR", "")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
        assert!(auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    }
}
