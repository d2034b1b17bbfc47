//! How much a warning matters to whoever runs the checks: `--allow VS1101 --deny VS1102`.
//!
//! In: codes and levels. Out: the diagnostics with their severity, those that are allowed left out.
//! Errors stay errors: a rule that can't be read has no level.

use crate::diagnostic::{Code, Diagnostic, Severity};

/// How much a warning matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing is said.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// Levels of codes; a code without one is at the level of all, which is to warn.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    all: Option<Level>,
    of_codes: Vec<(Code, Level)>,
}

impl Levels {
    /// Sets the level of every code that has none of its own.
    pub const fn set_all(&mut self, level: Level) {
        self.all = Some(level);
    }

    /// Sets the level of a code; the last one counts.
    pub fn set(&mut self, code: Code, level: Level) {
        self.of_codes.retain(|(known, _)| *known != code);
        self.of_codes.push((code, level));
    }

    /// The level of a code.
    #[must_use]
    pub fn of(&self, code: Code) -> Level {
        let own = self.of_codes.iter().find(|(known, _)| *known == code);
        own.map(|(_, level)| *level)
            .or(self.all)
            .unwrap_or(Level::Warn)
    }

    /// The diagnostics as the levels have them.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain_mut(|diagnostic| {
            if diagnostic.is_error() {
                return true;
            }
            let level = self.of(diagnostic.code);
            if level == Level::Deny {
                diagnostic.severity = Severity::Error;
            }
            level != Level::Allow
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_its_own_level_is_not_one_of_all() {
        let mut levels = Levels::default();
        assert_eq!(levels.of(Code::UnknownTag), Level::Warn);
        levels.set_all(Level::Deny);
        levels.set(Code::UnknownTag, Level::Allow);
        assert_eq!(levels.of(Code::UnknownTag), Level::Allow);
        assert_eq!(levels.of(Code::RepeatedId), Level::Deny);
        let mut said = vec![
            Diagnostic::warning(Code::UnknownTag, ""),
            Diagnostic::warning(Code::RepeatedId, ""),
            Diagnostic::error(Code::UnknownDetection, ""),
        ];
        levels.set(Code::UnknownDetection, Level::Allow);
        levels.apply(&mut said);
        assert_eq!(said.len(), 2);
        assert!(said.iter().all(Diagnostic::is_error));
    }
}
