//! Parts of a time, as it is written.
//!
//! In: `2024-02-29T23:59:01.5+02:00`, or a number of seconds. Out: its hour, `23`.

use crate::rule::TimePart;

/// A time of day on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
}

impl Time {
    /// Reads ISO 8601's extended form: a date, and after `T` or a blank a time with or without
    /// seconds, fraction and zone. The zone is not applied.
    pub fn read(text: &str) -> Option<Self> {
        Self::read_whole(text).map(|(time, _)| time)
    }

    /// Milliseconds since 1970 in UTC of a text that [`Time::read`] takes and that has a time of day,
    /// its zone applied; finer digits are cut off. Without a zone it is UTC.
    pub fn instant(text: &str) -> Option<i64> {
        let (time, rest) = Self::read_whole(text)?;
        let rest = rest?;
        let minutes = (days(time.year, time.month, time.day) * 24 + time.hour) * 60 + time.minute;
        Some(((minutes - rest.zone) * 60 + rest.seconds) * 1000 + rest.milliseconds)
    }

    /// The time, and what is after its minutes; a date alone has none.
    fn read_whole(text: &str) -> Option<(Self, Option<Rest>)> {
        let bytes = text.as_bytes();
        let date = text.get(..10).filter(|date| date.is_ascii())?;
        let (year, month, day) = (
            digits(&date[..4])?,
            digits(&date[5..7])?,
            digits(&date[8..])?,
        );
        if bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let mut time = Self {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
        };
        let mut rest = None;
        if let Some(clock) = text[10..].strip_prefix(['T', 't', ' ']) {
            time.hour = digits(clock.get(..2)?)?;
            time.minute = digits(clock.get(3..5)?)?;
            if clock.as_bytes()[2] != b':' {
                return None;
            }
            rest = Some(Rest::read(&clock[5..])?);
        } else if text.len() > 10 {
            return None;
        }
        time.is_real().then_some((time, rest))
    }

    /// Seconds since 1970 in UTC; what would lie beyond the year 5000 is milli-, micro- or
    /// nanoseconds.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the number is bounded, and a fraction of a second is not asked for"
    )]
    pub fn from_epoch(number: f64) -> Option<Self> {
        let mut seconds = number;
        for _ in 0..3 {
            if seconds.abs() < 1e11 {
                break;
            }
            seconds /= 1000.0;
        }
        if seconds.is_nan() || seconds.abs() >= 1e11 {
            return None;
        }
        let seconds = seconds.floor() as i64;
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let clock = seconds.rem_euclid(86_400);
        Some(Self {
            year,
            month,
            day,
            hour: clock / 3600,
            minute: clock / 60 % 60,
        })
    }

    /// One part.
    pub fn part(self, part: TimePart) -> i64 {
        match part {
            TimePart::Minute => self.minute,
            TimePart::Hour => self.hour,
            TimePart::Day => self.day,
            TimePart::Week => self.week(),
            TimePart::Month => self.month,
            TimePart::Year => self.year,
        }
    }

    /// A time with these parts; the others are those of Monday, 2020-01-06, 03:04.
    pub fn of_parts(parts: &[(TimePart, i64)]) -> Self {
        let mut time = Self {
            year: 2020,
            month: 1,
            day: 6,
            hour: 3,
            minute: 4,
        };
        for &(part, value) in parts {
            match part {
                TimePart::Minute => time.minute = value,
                TimePart::Hour => time.hour = value,
                TimePart::Day => time.day = value,
                TimePart::Month => time.month = value,
                TimePart::Year => time.year = value,
                TimePart::Week => {
                    // 2020 has 53 weeks; its first began on 2019-12-30.
                    let monday = days(2019, 12, 30) + value.clamp(1, 53).saturating_sub(1) * 7;
                    (time.year, time.month, time.day) = civil(monday + 2);
                }
            }
        }
        time
    }

    fn is_real(self) -> bool {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        (1..=12).contains(&self.month)
            && (1..=days).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
    }

    /// ISO 8601: the week of the year in which the day's Thursday lies.
    fn week(self) -> i64 {
        let day = days(self.year, self.month, self.day);
        // 1970-01-01 was a Thursday; Monday is 0.
        let thursday = day - (day + 3).rem_euclid(7) + 3;
        let (year, _, _) = civil(thursday);
        (thursday - days(year, 1, 1)) / 7 + 1
    }
}

impl std::fmt::Display for Time {
    /// RFC 3339, five seconds past the minute.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
        } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:05Z")
    }
}

/// What is after the minutes: seconds, their fraction and the zone, each of which may be missing.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    seconds: i64,
    milliseconds: i64,
    /// Minutes east of Greenwich.
    zone: i64,
}

impl Rest {
    fn read(text: &str) -> Option<Self> {
        let mut found = Self::default();
        let mut rest = text;
        if let Some(seconds) = rest.strip_prefix(':') {
            found.seconds = seconds.get(..2).and_then(digits)?;
            if found.seconds > 60 {
                return None;
            }
            rest = &seconds[2..];
            if let Some(fraction) = rest.strip_prefix(['.', ',']) {
                let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
                let padded = format!("{}00", &fraction[..length.min(3)]);
                found.milliseconds = digits(padded.get(..3).filter(|_| length > 0)?)?;
                rest = &fraction[length..];
            }
        }
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match rest.as_bytes() {
            [] | [b'Z' | b'z'] => {}
            [sign @ (b'+' | b'-'), ..] => {
                let zone = rest[1..].replace(':', "");
                let number = digits(&zone)?;
                let minutes = match zone.len() {
                    2 => number * 60,
                    4 => number / 100 * 60 + number % 100,
                    _ => return None,
                };
                found.zone = if *sign == b'-' { -minutes } else { minutes };
            }
            _ => matches!(rest, "UTC" | "GMT").then_some(())?,
        }
        Some(found)
    }
}

fn digits(text: &str) -> Option<i64> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

/// Days since 1970-01-01 of a day in the Gregorian calendar
/// (source: <https://howardhinnant.github.io/date_algorithms.html>).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day of that number: year, month, day.
pub(super) const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_fields_are_taken() {
        for text in [
            "2024-02-29T23:59",
            "2024-02-29 23:59:01",
            "2024-02-29T23:59:01.123456789Z",
            "2024-02-29T23:59:60+02:00",
            "2024-02-29 23:59:01.5 UTC",
        ] {
            let time = Time::read(text).unwrap();
            assert_eq!(
                (time.part(TimePart::Hour), time.part(TimePart::Minute)),
                (23, 59)
            );
            assert_eq!(
                (time.part(TimePart::Day), time.part(TimePart::Week)),
                (29, 9)
            );
        }
        assert_eq!(Time::read("2024-02-29").unwrap().part(TimePart::Hour), 0);
        assert_eq!(Time::instant("2024-02-29"), None);
    }

    #[test]
    fn what_is_no_time_has_no_parts() {
        for text in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-02-29T24:00",
            "2024-02-29x",
            "23:59",
            "2024/02/29",
            "2024-02-29T23:59:61",
            "2024-02-29T2359",
            "ä024-02-29",
            "2024-02-29T23:5é",
        ] {
            assert_eq!(Time::read(text), None, "{text}");
        }
    }

    #[test]
    fn epochs_of_every_size_are_one_time() {
        let expected = Time::read("2024-02-29T23:59:01").unwrap();
        for number in [
            1_709_251_141.0,
            1_709_251_141_000.0,
            1_709_251_141_000_000.0,
            1.709_251_141e18,
        ] {
            assert_eq!(Time::from_epoch(number), Some(expected));
        }
        assert_eq!(Time::from_epoch(-1.0), Time::read("1969-12-31T23:59:59"));
        assert_eq!(Time::from_epoch(f64::INFINITY), None);
    }

    #[test]
    fn weeks_are_iso_8601_s() {
        for (text, week) in [
            ("2021-01-03", 53),
            ("2021-01-04", 1),
            ("2018-12-31", 1),
            ("2020-12-31", 53),
            ("2024-12-30", 1),
            ("2023-01-01", 52),
        ] {
            assert_eq!(
                Time::read(text).unwrap().part(TimePart::Week),
                week,
                "{text}"
            );
        }
    }
}
