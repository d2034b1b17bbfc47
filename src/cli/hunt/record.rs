//! Matches as JSON lines or CSV, one each, as they are found.

use super::correlations::FiringRecord;
use super::rules::{Hunted, HuntedRules};
use super::scan::{Found, Match};
use crate::cli::events::EventFile;
use crate::cli::terminal::{shown, shown_json};
use crate::eval::Instant;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Table,
    Json,
    Csv,
}

/// The columns of CSV.
const COLUMNS: [&str; 11] = [
    "time", "level", "rule", "id", "tags", "file", "record", "matched", "fields", "group", "path",
];

/// Writes matches.
pub(super) struct Records<'h, 'r, W: Write> {
    form: Form,
    out: W,
    rules: &'h HuntedRules<'r>,
}

/// A match, as JSON shows it.
#[derive(Serialize)]
struct MatchRecord<'m> {
    #[serde(flatten)]
    head: Head<'m>,
    /// The file of events.
    file: &'m str,
    /// The event's number in the file, from 1.
    record: usize,
    matched: Vec<MatchedRecord<'m>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<&'m str, &'m str>,
}

/// What rules and correlations have in common.
#[derive(Serialize)]
pub(super) struct Head<'m> {
    pub time: Option<Instant>,
    pub level: &'static str,
    pub rule: &'m str,
    pub id: Option<&'m str>,
    pub tags: &'m [String],
    /// The rule file.
    pub path: &'m str,
}

#[derive(Serialize)]
struct MatchedRecord<'m> {
    /// None for a keyword.
    field: Option<&'m str>,
    value: &'m str,
}

impl<'m> Head<'m> {
    pub fn of(rule: &'m Hunted, time: Option<Instant>) -> Self {
        Self {
            time,
            level: rule.level.name(),
            rule: &rule.title,
            id: rule.id.as_deref(),
            tags: &rule.tags,
            path: &rule.path,
        }
    }
}

impl<'h, 'r, W: Write> Records<'h, 'r, W> {
    pub const fn new(form: Form, out: W, rules: &'h HuntedRules<'r>) -> Self {
        Self { form, out, rules }
    }

    /// Writes what comes before the matches.
    pub fn start(&mut self) -> io::Result<()> {
        match self.form {
            Form::Csv => self.row(&COLUMNS.map(String::from)),
            Form::Table | Form::Json => Ok(()),
        }
    }

    /// Writes the matches of a chunk. `first` is the number of its first event.
    pub fn matches(&mut self, file: &EventFile, first: usize, found: &Found) -> io::Result<()> {
        if self.form == Form::Table || found.matches.is_empty() {
            return Ok(());
        }
        for one in &found.matches {
            self.one(file, first + one.event, one)?;
        }
        // A timeline is read while it grows.
        self.out.flush()
    }

    fn one(&mut self, file: &EventFile, record: usize, one: &Match) -> io::Result<()> {
        let rules = self.rules;
        let rule = &rules.rules[one.rule];
        let (matched, fields) = match &one.values {
            Some(values) => (values.matched.as_slice(), values.fields.as_slice()),
            None => (&[][..], &[][..]),
        };
        if self.form == Form::Json {
            let matched = matched.iter().map(|(field, value)| MatchedRecord {
                field: field.as_deref(),
                value,
            });
            let fields = fields.iter().map(|(name, value)| (&**name, &**value));
            return self.json(&MatchRecord {
                head: Head::of(rule, one.at),
                file: &file.name,
                record,
                matched: matched.collect(),
                fields: fields.collect(),
            });
        }
        let matched = matched.iter().map(|(field, value)| match field {
            Some(field) => format!("{field}: {value}"),
            None => value.clone(),
        });
        let matched: Vec<String> = matched.collect();
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        let fields: Vec<String> = fields.collect();
        self.row(&[
            time(one.at),
            rule.level.name().to_owned(),
            rule.title.clone(),
            rule.id.clone().unwrap_or_default(),
            rule.tags.join(" "),
            file.name.to_string(),
            record.to_string(),
            matched.join(" | "),
            fields.join(" | "),
            String::new(),
            rule.path.clone(),
        ])
    }

    /// Writes the firings of a correlation.
    pub fn firings(&mut self, rule: &Hunted, firings: &[FiringRecord<'_>]) -> io::Result<()> {
        for firing in firings {
            match self.form {
                Form::Table => {}
                Form::Json => self.json(firing)?,
                Form::Csv => {
                    let group = firing.group.iter();
                    let group = group.map(|(name, value)| format!("{name}: {value}"));
                    let group: Vec<String> = group.collect();
                    let last = firing.events.last();
                    let place = last.and_then(|event| event.place.as_ref());
                    self.row(&[
                        time(firing.head.time),
                        rule.level.name().to_owned(),
                        rule.title.clone(),
                        rule.id.clone().unwrap_or_default(),
                        rule.tags.join(" "),
                        place.map_or_else(String::new, |place| place.file.clone()),
                        place.map_or_else(String::new, |place| place.number.to_string()),
                        format!("{} events", firing.count),
                        String::new(),
                        group.join(" | "),
                        rule.path.clone(),
                    ])?;
                }
            }
        }
        Ok(())
    }

    fn json(&mut self, record: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(record)?;
        writeln!(self.out, "{}", shown_json(&text))
    }

    fn row(&mut self, cells: &[String; COLUMNS.len()]) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells.iter().map(|cell| inert(cell).into_owned()))?;
        let line = writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        let line = String::from_utf8_lossy(&line);
        self.out.write_all(shown(&line).as_bytes())
    }

    /// The stream, once all is written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A cell that no spreadsheet takes for a formula: what a log or a rule says may begin like one.
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

fn time(at: Option<Instant>) -> String {
    at.map_or_else(String::new, |at| at.to_string())
}
