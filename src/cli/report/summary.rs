//! The last line of a run: `3,141 rules: 3,120 converted, 21 failed, 17 with warnings in 71 ms`.

use crate::cli::terminal::Paint;
use std::fmt::Write as _;
use std::time::Duration;

/// The counts of a run over rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Rules, a file that could not be read among them.
    pub rules: usize,
    /// Rules without a query.
    pub failed: usize,
    /// Rules that the target can't express, if such rules are skipped.
    pub skipped: usize,
    /// Rules with a query and a warning.
    pub with_warnings: usize,
    /// The word for the other rules; `converted` by default.
    pub done: Option<&'static str>,
    /// Files written, with `-o`.
    pub written: usize,
    /// Files that had their text already.
    pub unchanged: usize,
    /// Files that were removed.
    pub removed: usize,
    /// Files that could not be written.
    pub unwritten: usize,
}

impl Tally {
    /// A tally of rules that are not converted.
    pub(in crate::cli) fn of(done: &'static str) -> Self {
        Self {
            done: Some(done),
            ..Self::default()
        }
    }

    /// The tally in words, as a line.
    pub(super) fn line(self, time: Duration, paint: Paint) -> String {
        let part = |number: usize, what: &str| format!(", {} {what}", thousands(number));
        let converted = self.rules.saturating_sub(self.failed + self.skipped);
        let done = self.done.unwrap_or("converted");
        let mut line = format!(
            "{}: {} {done}",
            count(self.rules, "rule"),
            thousands(converted)
        );
        if self.failed > 0 {
            line += &paint.error(part(self.failed, "failed"));
        }
        if self.skipped > 0 {
            line += &part(self.skipped, "skipped");
        }
        if self.with_warnings > 0 {
            line += &paint.warning(part(self.with_warnings, "with warnings"));
        }
        let _ = write!(line, " in {}", shown(time));
        if self.written + self.unchanged + self.removed + self.unwritten > 0 {
            let _ = write!(line, "; {} written", count(self.written, "file"));
            line += &part(self.unchanged, "unchanged");
            if self.removed > 0 {
                line += &part(self.removed, "removed");
            }
            if self.unwritten > 0 {
                line += &paint.error(part(self.unwritten, "not written"));
            }
        }
        line + "\n"
    }
}

/// `71 ms`, `12.3 s`
pub(super) fn shown(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        let milliseconds = usize::try_from(time.as_millis()).unwrap_or(usize::MAX);
        format!("{} ms", thousands(milliseconds))
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// `1 rule`, `3,141 rules`
fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {what}{ending}", thousands(number))
}

/// `3,141`
pub(in crate::cli) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn a_tally_says_what_there_is_to_say() {
        let line = |tally: Tally, time| tally.line(Duration::from_millis(time), Paint(false));
        let mut tally = Tally {
            rules: 1,
            ..Tally::default()
        };
        assert_eq!(line(tally, 3), "1 rule: 1 converted in 3 ms\n");
        tally = Tally {
            rules: 3141,
            failed: 21,
            skipped: 0,
            with_warnings: 17,
            done: None,
            written: 3000,
            unchanged: 120,
            removed: 2,
            unwritten: 1400,
        };
        assert_eq!(
            line(tally, 1071),
            "3,141 rules: 3,120 converted, 21 failed, 17 with warnings in 1,071 ms; \
             3,000 files written, 120 unchanged, 2 removed, 1,400 not written\n"
        );
        assert!(line(tally, 12_345).contains(" in 12.3 s"));
    }
}
