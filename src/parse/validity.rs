//! Checks a rule's attributes against the specification.
//!
//! In: a rule as read. Out: a diagnostic for each value that is not: `level: hihg`. They are
//! warnings, for nothing of the query depends on them, unless [`Rules`](super::Rules) say otherwise.

use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic, Severity, nearest};
use crate::rule::{Rule, Text};

const STATUSES: [&str; 5] = [
    "stable",
    "test",
    "experimental",
    "deprecated",
    "unsupported",
];
const LEVELS: [&str; 5] = ["informational", "low", "medium", "high", "critical"];
/// The first is pySigma's own.
const RELATIONS: [&str; 6] = [
    "correlation",
    "derived",
    "obsolete",
    "merged",
    "renamed",
    "similar",
];

pub(super) fn check<'s>(reader: &mut Reader<'s, '_>, rule: &Rule<'s>) {
    let mut faults = Faults {
        severity: reader.rules.attribute_severity(),
        found: &mut reader.diagnostics,
    };
    faults.uuid("id", rule.id.as_ref());
    faults.date("date", rule.date.as_ref());
    faults.date("modified", rule.modified.as_ref());
    faults.word("status", rule.status.as_ref(), &STATUSES);
    faults.word("level", rule.level.as_ref(), &LEVELS);
    for related in &rule.related {
        faults.uuid("id", Some(&related.id));
        faults.word("type", Some(&related.kind), &RELATIONS);
    }
    for tag in &rule.tags {
        if !tag.contains('.') {
            faults.add(
                tag,
                format!("expected a tag with a namespace, found `{}`", tag.value),
                "put the namespace and a dot before it, as in `attack.t1047`".to_owned(),
            );
        }
    }
    if rule.title.chars().count() > 256 {
        faults.add(
            &rule.title,
            "expected a title of at most 256 characters, found more".to_owned(),
            "shorten the title; move the rest to `description`".to_owned(),
        );
    }
}

struct Faults<'d> {
    severity: Severity,
    found: &'d mut Vec<Diagnostic>,
}

impl Faults<'_> {
    fn add(&mut self, text: &Text<'_>, message: String, help: String) {
        let mut diagnostic = Diagnostic::warning(Code::InvalidAttribute, message)
            .at(text.span)
            .help(help);
        diagnostic.severity = self.severity;
        self.found.push(diagnostic);
    }

    fn uuid(&mut self, name: &str, text: Option<&Text<'_>>) {
        if let Some(text) = text.filter(|text| !is_uuid(text)) {
            self.add(
                text,
                format!("expected a UUID for `{name}`, found `{}`", text.value),
                "use a random UUID, such as `929a690e-bef0-4204-a928-ef5e620d6fcc`".to_owned(),
            );
        }
    }

    fn date(&mut self, name: &str, text: Option<&Text<'_>>) {
        if let Some(text) = text.filter(|text| !is_date(text)) {
            self.add(
                text,
                format!("expected a date for `{name}`, found `{}`", text.value),
                "write it as `YYYY-MM-DD`".to_owned(),
            );
        }
    }

    fn word(&mut self, name: &str, text: Option<&Text<'_>>, words: &[&str]) {
        let Some(text) = text else { return };
        if words.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return;
        }
        let help = match nearest(&text.to_lowercase(), words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of `{}`", words.join("`, `")),
        };
        self.add(
            text,
            format!(
                "expected one of the values of `{name}`, found `{}`",
                text.value
            ),
            help,
        );
    }
}

/// As Python's `uuid.UUID` takes it: braces, `urn:uuid:` and hyphens don't count.
pub(crate) fn is_uuid(text: &str) -> bool {
    if is_hyphenated(text.as_bytes()) {
        return true;
    }
    let text = text.replace("urn:", "").replace("uuid:", "");
    let digits = text
        .trim_matches(['{', '}'])
        .bytes()
        .filter(|&byte| byte != b'-');
    let mut count = 0;
    digits
        .inspect(|_| count += 1)
        .all(|byte| byte.is_ascii_hexdigit())
        && count == 32
}

/// `929a690e-bef0-4204-a928-ef5e620d6fcc`, as nearly all of them are written. Digits are counted, for
/// a branch on each would be guessed wrongly.
pub(crate) fn is_hyphenated(text: &[u8]) -> bool {
    text.len() == 36
        && [8, 13, 18, 23].iter().all(|&at| text[at] == b'-')
        && text.iter().filter(|byte| byte.is_ascii_hexdigit()).count() == 32
}

/// `2024-01-31` or `2024/1/31`, of the years 1000 to 3999; the first form may be followed by a time.
fn is_date(text: &str) -> bool {
    date(text.as_bytes()).is_some_and(|(year, month, day)| {
        (1000..4000).contains(&year) && (1..=days(year, month)).contains(&day)
    })
}

/// Year, month and day.
fn date(text: &[u8]) -> Option<(u32, u32, u32)> {
    let (year, rest) = number(text, 4, 4)?;
    let (separator, rest) = rest.split_at_checked(1)?;
    let least = match separator {
        b"-" => 2,
        b"/" => 1,
        _ => return None,
    };
    let (month, rest) = number(rest, least, 2)?;
    let (day, rest) = number(rest.strip_prefix(separator)?, least, 2)?;
    let ends = match rest.first() {
        None => true,
        Some(behind) => least == 2 && matches!(behind, b' ' | b'T' | b't'),
    };
    ends.then_some((year, month, day))
}

/// The number of `least` to `most` digits that a text begins with, and what follows.
fn number(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let digits = text.iter().take_while(is_digit).count();
    if !(least..=most).contains(&digits) {
        return None;
    }
    let (digits, rest) = text.split_at(digits);
    let value = |number, digit: &u8| number * 10 + u32::from(digit - b'0');
    Some((digits.iter().fold(0, value), rest))
}

/// How many days a month has; none if there is no such month.
const fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist() {
        for date in [
            "2024-02-29",
            "2024/2/9",
            "2019/09/03",
            "2024-01-31 10:00:00",
        ] {
            assert!(is_date(date), "{date}");
        }
        for date in [
            "2023-02-29",
            "2024-1-1",
            "24/1/1",
            "2024-13-01",
            "2024-00-10",
            "soon",
            "",
            "2024/01/01/01",
        ] {
            assert!(!is_date(date), "{date}");
        }
    }

    #[test]
    fn uuids_have_thirty_two_digits() {
        assert!(is_uuid("929a690e-bef0-4204-a928-ef5e620d6fcc"));
        assert!(is_uuid("{929A690EBEF04204A928EF5E620D6FCC}"));
        assert!(!is_uuid("929a690e-bef0-4204-a928-ef5e620d6fc"));
        assert!(!is_uuid("not-an-id"));
    }
}
