//! Are a rule's attributes what the specification says they are?
//!
//! In: a rule as read. Out: a diagnostic for each value that is not: `level: hihg`. They are
//! warnings natively, for nothing of the query depends on them; pySigma refuses such rules.

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
        severity: if reader.dialect.pysigma_attributes {
            Severity::Error
        } else {
            Severity::Warning
        },
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
                "Put the namespace and a dot before it, as in `attack.t1047`.".to_owned(),
            );
        }
    }
    if rule.title.chars().count() > 256 {
        faults.add(
            &rule.title,
            "expected a title of at most 256 characters, found more".to_owned(),
            "Shorten the title; the rest belongs into `description`.".to_owned(),
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
                "Use a random UUID, such as `929a690e-bef0-4204-a928-ef5e620d6fcc`.".to_owned(),
            );
        }
    }

    fn date(&mut self, name: &str, text: Option<&Text<'_>>) {
        if let Some(text) = text.filter(|text| !is_date(text)) {
            self.add(
                text,
                format!("expected a date for `{name}`, found `{}`", text.value),
                "Write it as `YYYY-MM-DD`.".to_owned(),
            );
        }
    }

    fn word(&mut self, name: &str, text: Option<&Text<'_>>, words: &[&str]) {
        let Some(text) = text else { return };
        if words.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return;
        }
        let help = match nearest(&text.to_lowercase(), words.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("It is one of `{}`.", words.join("`, `")),
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
fn is_uuid(text: &str) -> bool {
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

/// `929a690e-bef0-4204-a928-ef5e620d6fcc`, as nearly all of them are written.
fn is_hyphenated(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `2024-01-31` or `2024/1/31`, of the years 1000 to 3999; behind the first form a time may stand.
fn is_date(text: &str) -> bool {
    let (separator, exact) = match text.as_bytes().get(4) {
        Some(b'-') => ('-', true),
        Some(b'/') => ('/', false),
        _ => return false,
    };
    let day_part = if exact {
        text.split([' ', 'T', 't']).next().unwrap_or_default()
    } else {
        text
    };
    let mut parts = day_part.split(separator);
    let mut number = |least: usize, most: usize| {
        parts
            .next()
            .filter(|part| (least..=most).contains(&part.len()))
            .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|part| part.parse::<u32>().ok())
    };
    let least = if exact { 2 } else { 1 };
    let date = (number(4, 4), number(least, 2), number(least, 2));
    let (Some(year), Some(month), Some(day)) = date else {
        return false;
    };
    parts.next().is_none() && (1000..4000).contains(&year) && (1..=days(year, month)).contains(&day)
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
