//! Time spans.
//!
//! In: `timespan: 15m`. Out: a [`Timespan`]; `1h30m`, `90 s` and `1H` are `VS1204`, with what to
//! write in their place.

use super::Entry;
use crate::diagnostic::{Code, Diagnostic};
use crate::parse::rule::Reader;
use crate::rule::Text;
use crate::rule::correlation::{TimeUnit, Timespan};
use crate::source::Spanned;
use crate::yaml::Content;

/// The longest span in seconds: its milliseconds are at most `i64::MAX`.
const LONGEST: u64 = i64::MAX as u64 / 1000;

/// Units that suggestions are written in, the longest first.
const SUGGESTED: [TimeUnit; 5] = [
    TimeUnit::Week,
    TimeUnit::Day,
    TimeUnit::Hour,
    TimeUnit::Minute,
    TimeUnit::Second,
];

impl<'s> Reader<'s, '_> {
    /// `timespan:`
    pub(super) fn timespan(&mut self, (name, node): Entry<'s>) -> Option<Timespan<'s>> {
        let Content::Scalar(scalar) = node.content else {
            self.wrong_type(&name, "a time span such as `15m`", &node);
            return None;
        };
        let text = Spanned::new(scalar.text, node.span);
        match read(&text) {
            Ok((count, unit)) => Some(Timespan { text, count, unit }),
            Err(error) => {
                self.diagnostics.push(error);
                None
            }
        }
    }
}

/// A time span that another key than `timespan` holds; `None` where it is none.
#[must_use]
pub fn timespan_of<'s>(text: &Text<'s>) -> Option<Timespan<'s>> {
    let (count, unit) = read(text).ok()?;
    let text = text.clone();
    Some(Timespan { text, count, unit })
}

fn read(text: &Text<'_>) -> Result<(u64, TimeUnit), Diagnostic> {
    let error = |message: String| Diagnostic::error(Code::Timespan, message).at(text.span);
    let Some((digits, unit)) = parts(text) else {
        let message = format!("expected a time span, found `{}`", text.value);
        return Err(error(message).help(cure(text)));
    };
    if digits.bytes().all(|digit| digit == b'0') {
        let message = format!("expected a time span above 0, found `{}`", text.value);
        return Err(error(message).help("write how far apart the events may be: `5m`"));
    }
    let count = digits.parse().ok();
    let seconds = count.and_then(|count: u64| count.checked_mul(unit.seconds()));
    match (count, seconds) {
        (Some(count), Some(seconds)) if seconds <= LONGEST => Ok((count, unit)),
        _ => {
            let message = format!("expected a shorter time span, found `{}`", text.value);
            Err(error(message).help("write one of at most some million years"))
        }
    }
}

/// The digits and the unit, if the text is nothing else.
fn parts(text: &str) -> Option<(&str, TimeUnit)> {
    let letter = text.chars().next_back()?;
    let digits = &text[..text.len() - letter.len_utf8()];
    let unit = TimeUnit::from_letter(letter)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((digits, unit))
}

/// The help for a text that is no time span.
fn cure(text: &str) -> String {
    let number = text.trim();
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("add a unit, `s m h d w M y`: `{number}m` is {number} minutes");
    }
    match meant(text) {
        Some(span) => format!("did you mean `{span}`?"),
        None => "write a whole number and a unit, `s m h d w M y`: `15m`".to_owned(),
    }
}

/// The span that a text such as `1h30m`, `5 min` or `1.5 hours` means.
fn meant(text: &str) -> Option<String> {
    let mut rest = text.trim();
    let (mut seconds, mut parts) = (0_f64, 0);
    let mut single = None;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        let unit = unit_of(&rest[..end])?;
        rest = rest[end..].trim_start_matches([' ', ',', ':']);
        #[expect(clippy::cast_precision_loss, reason = "a unit has few seconds")]
        let length = unit.seconds() as f64;
        seconds += number * length;
        parts += 1;
        single = (number.fract() == 0.0).then_some((number, unit));
    }
    if seconds < 1.0 || seconds.fract() != 0.0 || seconds > 1e12 {
        return None;
    }
    if let Some((number, unit)) = single.filter(|_| parts == 1) {
        return Some(format!("{number}{}", unit.letter()));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above"
    )]
    let seconds = seconds as u64;
    let unit = SUGGESTED
        .into_iter()
        .find(|unit| seconds.is_multiple_of(unit.seconds()))?;
    Some(format!("{}{}", seconds / unit.seconds(), unit.letter()))
}

/// The unit of a word or letter.
fn unit_of(word: &str) -> Option<TimeUnit> {
    if word == "M" {
        return Some(TimeUnit::Month);
    }
    Some(match word.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => TimeUnit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => TimeUnit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => TimeUnit::Hour,
        "d" | "day" | "days" => TimeUnit::Day,
        "w" | "wk" | "week" | "weeks" => TimeUnit::Week,
        "mo" | "mon" | "month" | "months" => TimeUnit::Month,
        "y" | "yr" | "year" | "years" => TimeUnit::Year,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (written, seconds) in [
            ("1s", 1),
            ("015m", 900),
            ("2h", 7200),
            ("1d", 86_400),
            ("1w", 604_800),
            ("1M", 2_629_746),
            ("1y", 31_556_952),
            ("9223372036854775s", LONGEST),
        ] {
            let text = Spanned::new(written.into(), crate::source::Span::default());
            let (count, unit) = read(&text).expect(written);
            assert_eq!(count * unit.seconds(), seconds, "{written}");
        }
    }

    #[test]
    fn help_says_what_to_write() {
        for (written, help) in [
            ("0m", "write how far apart the events may be: `5m`"),
            ("00h", "write how far apart the events may be: `5m`"),
            ("5", "add a unit, `s m h d w M y`: `5m` is 5 minutes"),
            ("1h30m", "did you mean `90m`?"),
            ("1d 12h", "did you mean `36h`?"),
            ("1.5h", "did you mean `90m`?"),
            ("5 m", "did you mean `5m`?"),
            (" 5m", "did you mean `5m`?"),
            ("1H", "did you mean `1h`?"),
            ("5min", "did you mean `5m`?"),
            ("2 Months", "did you mean `2M`?"),
            (
                "-5m",
                "write a whole number and a unit, `s m h d w M y`: `15m`",
            ),
            (
                "m",
                "write a whole number and a unit, `s m h d w M y`: `15m`",
            ),
            (
                "5ms",
                "write a whole number and a unit, `s m h d w M y`: `15m`",
            ),
            (
                "٥m",
                "write a whole number and a unit, `s m h d w M y`: `15m`",
            ),
            (
                "",
                "write a whole number and a unit, `s m h d w M y`: `15m`",
            ),
            (
                "9223372036854776s",
                "write one of at most some million years",
            ),
            (
                "99999999999999999999999s",
                "write one of at most some million years",
            ),
        ] {
            let text = Spanned::new(written.into(), crate::source::Span::default());
            let error = read(&text).expect_err(written);
            assert_eq!(error.code, Code::Timespan);
            assert_eq!(error.help, [help], "{written}");
        }
    }
}
