//! When an event took place.
//!
//! In: an event, `{"@timestamp": "2026-01-01T01:00:34.25+01:00"}`. Out: milliseconds since 1970 in
//! UTC, which [`Instant`] shows as `2026-01-01T00:00:34.250Z`.

use super::event::{Event, Kind};
use super::time::{Time, civil};
use std::fmt;

/// Fields that hold an event's time, in the order in which they are looked for: those of Elastic,
/// Splunk, Windows and Sysmon, then of cloud services and network sensors.
pub const TIME_FIELDS: &[&str] = &[
    "@timestamp",
    "_time",
    "timestamp",
    "Timestamp",
    "TimeCreated",
    "TimeCreated_SystemTime",
    "TimeCreated.SystemTime",
    "SystemTime",
    "UtcTime",
    "EventTime",
    "TimeGenerated",
    "event.created",
    "eventTime",
    "event_time",
    "CreationTime",
    "createdDateTime",
    "published",
    "time",
    "datetime",
    "ts",
    "date",
    "Date",
];

/// Fields of a date alone, each with that of the time of day beside it: W3C's logs, those of Fortinet
/// and tables have them.
const DAYS: [(&str, &str); 2] = [("date", "time"), ("Date", "Time")];

/// A number below this is in seconds; each factor of 1000 above it is a finer unit.
const MOST_SECONDS: f64 = 1e11;

/// A point in time: milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads a time as events have it in a text: ISO 8601, in UTC unless it names its zone, or a
    /// decimal number since 1970. A date alone is its midnight, while it is no time of an event.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let midnight = || Time::instant(&format!("{text}T00:00"));
        let found = Time::instant(text).or_else(|| epoch(text));
        found.or_else(midnight).map(Self)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 with milliseconds, `2026-01-01T00:00:34.250Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, milliseconds) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let clock = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        write!(f, ".{milliseconds:03}Z")
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where events hold their time.
#[derive(Debug, Clone)]
pub struct TimeFields(Vec<String>);

impl Default for TimeFields {
    fn default() -> Self {
        Self(TIME_FIELDS.iter().map(|&name| name.to_owned()).collect())
    }
}

impl TimeFields {
    /// These fields, in the order in which they are looked for; none means [`TIME_FIELDS`].
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        if names.is_empty() {
            return Self::default();
        }
        Self(names)
    }

    /// The field that is looked for first.
    #[must_use]
    pub fn first(&self) -> &str {
        self.0.first().map_or(TIME_FIELDS[0], String::as_str)
    }

    /// The event's time: that of the first of the fields that holds one.
    ///
    /// A text is ISO 8601 with a date and hours and minutes at least, in UTC unless it names its
    /// zone, or decimal. A number counts from 1970 in seconds; from 10^11 on in milliseconds, and
    /// so on to nanoseconds. What is finer than a millisecond is cut off. A date alone is no time, but
    /// `date` and `time` are one, in Fortinet's `tz` where the event has it.
    #[must_use]
    pub fn of(&self, event: &Event) -> Option<Instant> {
        let mut found = self.0.iter().filter_map(|name| {
            let scalar = event.scalar(name)?;
            let text = &*scalar.text;
            match scalar.kind {
                Kind::Text => Time::instant(text)
                    .or_else(|| epoch(text))
                    .or_else(|| of_day(event, name, text)),
                Kind::Number => epoch(text),
                Kind::Null | Kind::Bool(_) => None,
            }
        });
        found.next().map(Instant)
    }
}

/// The time of day that is beside a date.
fn of_day(event: &Event, name: &str, date: &str) -> Option<i64> {
    let (_, clock) = DAYS.iter().find(|(day, _)| *day == name)?;
    let clock = &event.scalar(clock)?.text;
    let zone = event.scalar("tz").map_or("", |zone| &*zone.text);
    let zoned = Time::instant(&format!("{date} {clock}{zone}"));
    // Another zone may be the clock's own; in one that can't be read it is no time.
    let is_zoned = || Time::instant(&format!("{date} {clock}Z")).is_none();
    zoned.or_else(|| Time::instant(&format!("{date} {clock}")).filter(|_| is_zoned()))
}

/// Milliseconds of a decimal number since 1970, by its digits: a double would miss some.
fn epoch(text: &str) -> Option<i64> {
    let value: f64 = super::decimal::Decimal::read(text)?.to_f64();
    let mut shift = 3;
    let mut size = value.abs();
    while size >= MOST_SECONDS && shift > -6 {
        size /= 1000.0;
        shift -= 3;
    }
    if size >= MOST_SECONDS {
        return None;
    }
    super::decimal::Decimal::read(text)?.floor_shifted(shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn at(event: &Json) -> Option<String> {
        let found = TimeFields::default().of(&Event::new(event));
        found.map(|found| found.to_string())
    }

    #[test]
    fn zones_are_applied_and_fractions_kept() {
        for (text, expected) in [
            ("2026-01-01T00:00:34Z", "2026-01-01T00:00:34.000Z"),
            ("2026-01-01T01:00:34.25+01:00", "2026-01-01T00:00:34.250Z"),
            (
                "2025-12-31 19:30:34,2509999 -0430",
                "2026-01-01T00:00:34.250Z",
            ),
            ("1767225634.25", "2026-01-01T00:00:34.250Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(
                at(&json!({"_time": text})).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn numbers_count_from_1970_in_a_unit_by_their_size() {
        for number in [
            json!(1_767_225_634.25),
            json!(1_767_225_634_250_u64),
            json!(1_767_225_634_250_999_u64),
            json!(1_767_225_634_250_999_999_u64),
        ] {
            let found = at(&json!({"ts": number}));
            assert_eq!(
                found.as_deref(),
                Some("2026-01-01T00:00:34.250Z"),
                "{number}"
            );
        }
        assert_eq!(
            at(&json!({"ts": -0.5})).as_deref(),
            Some("1969-12-31T23:59:59.500Z")
        );
    }

    #[test]
    fn the_document_lists_the_fields() {
        let document = include_str!("../../docs/correlations.md");
        let listed: Vec<String> = TIME_FIELDS.iter().map(|name| format!("`{name}`")).collect();
        assert!(document.contains(&listed.join(", ")));
    }

    #[test]
    fn the_first_field_with_a_time_counts() {
        let event = json!({"ts": 0, "@timestamp": "soon", "TimeCreated": {"SystemTime": "2026-01-01T00:00"}});
        assert_eq!(at(&event).as_deref(), Some("2026-01-01T00:00:00.000Z"));
        for event in [
            json!({}),
            json!("2026-01-01"),
            json!({"ts": [1]}),
            json!({"ts": true}),
            json!({"ts": 1e300}),
            json!({"@timestamp": "2026-01-01"}),
        ] {
            assert_eq!(at(&event), None, "{event}");
        }
    }

    #[test]
    fn a_date_and_a_time_of_day_are_one_time() {
        for (event, expected) in [
            (
                json!({"date": "2026-01-01", "time": "10:00:01"}),
                Some("2026-01-01T10:00:01.000Z"),
            ),
            (
                json!({"Date": "2026-01-01", "Time": "10:00"}),
                Some("2026-01-01T10:00:00.000Z"),
            ),
            (
                json!({"date": "2026-01-01", "time": "10:00:00", "tz": "+0100"}),
                Some("2026-01-01T09:00:00.000Z"),
            ),
            (
                json!({"date": "2026-01-01", "time": "10:00:00.5Z", "tz": "CET"}),
                Some("2026-01-01T10:00:00.500Z"),
            ),
            (
                json!({"date": "2026-01-01", "time": "2026-01-02T10:00:00Z"}),
                Some("2026-01-02T10:00:00.000Z"),
            ),
            (json!({"date": "2026-01-01"}), None),
            (
                json!({"date": "2026-01-01", "time": "10:00:00", "tz": "Europe/Berlin"}),
                None,
            ),
            (json!({"time": "10:00:00"}), None),
            (json!({"date": "2026-01-01", "time": "noon"}), None),
        ] {
            assert_eq!(at(&event).as_deref(), expected, "{event}");
        }
        let midnight = Instant::read("2026-01-01").map(|found| found.to_string());
        assert_eq!(midnight.as_deref(), Some("2026-01-01T00:00:00.000Z"));
    }
}
