//! Corrects dates that are not in the form of ISO 8601.
//!
//! In: `01/22/2023`. Out: `2023-01-22`, or `None` where it could be two days, or is none.

/// The date as ISO 8601 has it.
pub(super) fn iso(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.trim().split(['/', '-', '.']).collect();
    let [first, second, third] = *parts.as_slice() else {
        return None;
    };
    let number = |part: &str| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok())?
    };
    let (year, one, other) = match (first.len(), third.len()) {
        (4, 1..=2) => (number(first)?, number(second)?, number(third)?),
        (1..=2, 4) => (number(third)?, number(first)?, number(second)?),
        _ => return None,
    };
    // With the year in front the month follows; else only a day beyond 12 tells them apart.
    let (month, day) = match (one, other) {
        (month, day) if first.len() == 4 && month <= 12 => (month, day),
        (day, month) if day > 12 => (month, day),
        (month, day) if day > 12 || month == day => (month, day),
        _ => return None,
    };
    ((1..=days(year, month)).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// How many days a month has; none if there is no such month.
const fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + leap as u32,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::iso;

    #[test]
    fn a_suggested_date_exists_and_is_the_one_meant() {
        for (written, meant) in [
            ("2023/01/22", Some("2023-01-22")),
            ("01/22/2023", Some("2023-01-22")),
            ("22/01/2023", Some("2023-01-22")),
            ("22.1.2023", Some("2023-01-22")),
            ("2023/1/5", Some("2023-01-05")),
            ("2023/22/01", Some("2023-01-22")),
            ("2024/02/29", Some("2024-02-29")),
            ("05/05/2023", Some("2023-05-05")),
            ("01/02/2023", None),
            ("2023/02/29", None),
            ("2023/13/13", None),
            ("13/13/2023", None),
            ("2023/00/10", None),
            ("1/2/23", None),
            ("2023/01", None),
            ("2023/01/22/1", None),
            ("2023/é1/05", None),
            ("2023/01/222", None),
        ] {
            assert_eq!(iso(written).as_deref(), meant, "{written}");
        }
    }
}
