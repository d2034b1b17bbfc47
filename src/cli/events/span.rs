//! `--since`, `--until`, `--time-field`: the time of the events that are looked at.

use crate::eval::{Event, Instant, TimeFields};
use clap::Args;

/// The options.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct TimeOptions {
    /// Leave out events before this time, `2026-01-31` or `2026-01-31T12:00:00Z`, and those without
    /// one.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<Instant>,
    /// Leave out events after this time, and those without one.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Instant>,
    /// The field that holds an event's time; of several, the first that has one. By default the
    /// usual ones: `@timestamp`, `_time`, `timestamp`, `TimeCreated`, `UtcTime`, …
    #[arg(long, value_name = "FIELD")]
    time_field: Vec<String>,
}

fn instant(text: &str) -> Result<Instant, String> {
    let found = Instant::read(text);
    found.ok_or_else(|| "expected a time such as `2026-01-31T12:00:00Z`".to_owned())
}

impl TimeOptions {
    /// The time that is looked at.
    pub const fn span(&self) -> TimeSpan {
        TimeSpan {
            since: self.since,
            until: self.until,
        }
    }

    /// The fields that hold an event's time.
    pub fn fields(self) -> TimeFields {
        TimeFields::new(self.time_field)
    }
}

/// The time that is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeSpan {
    since: Option<Instant>,
    until: Option<Instant>,
}

impl TimeSpan {
    pub const fn is_all(self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    /// Is an event of that time looked at?
    pub fn holds(self, at: Option<Instant>) -> bool {
        self.is_all()
            || at.is_some_and(|at| {
                self.since.is_none_or(|since| at >= since)
                    && self.until.is_none_or(|until| at <= until)
            })
    }

    /// Is the event looked at?
    pub fn takes(self, event: &Event, times: &TimeFields) -> bool {
        self.is_all() || self.holds(times.of(event))
    }
}
