//! A target as data: TOML files, checked and compiled.
//!
//! In: the text of `backends/<target>.toml` and of the files that it extends. Out: a [`Backend`]
//! for each profile, whose templates are compiled and whose keys are all known. See
//! `docs/backends.md` for every key.

pub mod bare;
mod build;
mod bytes;
pub mod correlation;
pub mod field;
pub mod folding;
pub mod language;
mod letter;
pub mod literal;
pub mod regex;
mod registry;
pub mod shape;
pub mod template;
pub mod templates;
pub mod value_class;
pub mod when;
mod word;
mod wording;

pub use regex::RegexDialect;
pub use registry::{BackendError, FolderFile, Registry};

use crate::diagnostic::{Code, Diagnostic};
use crate::profile::Profile;
use crate::table::tree::Table;
use correlation::Correlations;
use language::Language;
use literal::Literal;
use serde::Serialize;
use std::sync::Arc;
use template::Template;
use templates::Templates;
use when::{ColumnType, When};

/// A target in one profile.
#[derive(Debug, Clone)]
pub struct Backend {
    /// `splunk`: the file's name.
    pub name: String,
    /// `Splunk SPL`
    pub title: String,
    /// What it is for, in a sentence or two.
    pub about: String,
    /// The profile that this is made for.
    pub profile: Profile,
    /// The ending of output files, without a dot.
    pub extension: String,
    /// The language of the query.
    pub query: Language,
    /// The language of a later command that can say more.
    pub filter: Option<Filter>,
    /// The longest query that the engine takes.
    pub longest_query: Option<LongestQuery>,
    /// The texts around the query of every format, of which the first counts that its options allow.
    pub frames: Vec<Frame>,
    /// How a deprecated aggregation is said, if at all.
    pub aggregation: Option<Aggregation>,
    /// How correlations are said, if at all.
    pub correlations: Option<Correlations>,
    /// What a rule's query is printed as.
    pub formats: Vec<Format>,
    /// The templates of its documents, and of all others.
    pub templates: Arc<Templates>,
    /// What a user can set.
    pub options: Vec<OptionSpec>,
    /// The types of columns that a schema can tell.
    pub types: Vec<ColumnType>,
    /// What a schema is to it.
    pub schema: Option<SchemaUse>,
    /// How it was proven.
    pub proof: Option<Proof>,
    /// What to do where a reason holds this text: texts and helps, in the file's order.
    pub advice: Vec<(String, String)>,
    /// The merged tree of its files, for keys that are no part of the native way.
    pub source: Table,
}

/// A text around the query.
#[derive(Debug, Clone)]
pub struct Frame {
    /// With the slot `{query}`.
    pub text: Template,
    /// The options and values that it is for.
    pub when: When,
}

/// What a schema is to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaUse {
    /// The option that names a rule's table.
    pub table: Option<usize>,
    /// The schema that comes along, for tables of which the user gives none.
    pub default: Option<String>,
    /// A rule with a field that its table lacks is refused.
    pub refuses: bool,
    /// The engine ignores the case of columns' names.
    pub ignores_case: bool,
    /// What columns are taken to be where no schema tells.
    pub assumes: String,
}

/// How it was proven that a target's queries mean what the rules do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// `run`, `evaluated`, `parsed` or `documented`.
    pub how: String,
    /// The engine, the evaluator or the parser.
    pub by: String,
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let by = &self.by;
        match self.how.as_str() {
            "run" => write!(f, "run on {by}"),
            "documented" => f.write_str("documented, not run"),
            how => write!(f, "{how} by {by}"),
        }
    }
}

impl Backend {
    /// The option that names a rule's table.
    #[must_use]
    pub fn table_option(&self) -> Option<usize> {
        self.schema.as_ref()?.table
    }

    /// What a user can do about a reason why a query is not exact, or can't be had.
    #[must_use]
    pub fn advice(&self, reason: &str) -> Option<&str> {
        let mut advice = self.advice.iter();
        let (_, help) = advice.find(|(text, _)| reason.contains(text.as_str()))?;
        Some(help)
    }
}

/// A bound on the text of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongestQuery {
    /// So many are taken.
    pub most: usize,
    /// What is counted.
    pub unit: LengthUnit,
    /// Whose bound it is: "ClickHouse (`max_query_size`)".
    pub engine: String,
    /// What to do about a query that is longer.
    pub help: String,
}

/// What the length of a query is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// `bytes`: of UTF-8.
    Bytes,
    /// `characters`: Unicode's code points.
    Characters,
}

impl LongestQuery {
    /// A warning on a text that is longer.
    #[must_use]
    pub fn check(&self, text: &str) -> Option<Diagnostic> {
        // No text has more characters than bytes.
        if text.len() <= self.most {
            return None;
        }
        let (count, unit) = match self.unit {
            LengthUnit::Bytes => (text.len(), "bytes"),
            LengthUnit::Characters => (text.chars().count(), "characters"),
        };
        if count <= self.most {
            return None;
        }
        let Self { most, engine, .. } = self;
        let message = format!("the query has {count} {unit}, and {engine} takes {most}");
        let warning = Diagnostic::warning(Code::TooLong, message);
        Some(warning.help(self.help.as_str()))
    }
}

/// The later command, or the filter beside the query.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Its language.
    pub language: Language,
    /// The text in front of its expression.
    pub before: String,
    /// Only there.
    pub when: When,
    /// It is no part of the query's text: documents carry it beside the query. It takes only what
    /// the query's language can't say at all.
    pub apart: bool,
}

/// How `| count() by X > 5` is said.
#[derive(Debug, Clone)]
pub struct Aggregation {
    /// Without a group.
    pub total: Template,
    /// With a group.
    pub grouped: Template,
    /// Without a field to count, without and with a group.
    pub events: [Template; 2],
    /// The name of `count` over a field.
    pub distinct: String,
    /// What divides time by the rule's timeframe, and the field it groups by.
    pub window: Option<(Template, String)>,
    /// Why that is not exact.
    pub window_loss: String,
}

/// An output format.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub struct Format {
    /// `default`
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// The ending of its files, if not the backend's.
    pub extension: Option<String>,
    /// What a query without and with fields is printed as.
    pub query: Template,
    /// With fields; `query` where it is missing.
    pub query_with_fields: Option<Template>,
    /// What follows the query where an option is set: the option's index, the text.
    pub behind: Vec<(usize, Template)>,
    /// Between the fields.
    pub field_separator: String,
    /// Fields are named as the rule names them, without the quotes that they need (a reference's
    /// fault).
    pub raw_fields: bool,
    /// How the text of a query is written in the end (`document`: a bytes literal).
    pub literal: Option<Literal>,
    /// The profile that it shows, whatever the user asked for.
    pub profile: Option<Profile>,
    /// The document template's name below `templates/`.
    pub document: Option<String>,
    /// What the document's template sees of each query as `texts`.
    pub texts: Vec<(String, Template)>,
    /// What the document's template sees as `with`.
    pub with: Vec<(String, String)>,
    /// Does a document hold all queries of a run (a file of stanzas), or one each?
    pub whole: bool,
    /// Is that document one query to the engine?
    pub statement: bool,
    /// The fields of which its document tells the values that a condition needs one of.
    pub bounds: Vec<String>,
    /// What pipelines have to set for it.
    pub needs: Vec<String>,
    /// Leading terms that don't depend on deferred parts move in front of them.
    pub hoist: bool,
    /// Why it has no correlations.
    pub no_correlations: Option<String>,
    /// What is wrong with several queries of one rule (a reference's fault).
    pub several: Option<String>,
    /// What is wrong with pairing tactics and techniques by position, where the pairs are not
    /// ATT&CK's (a reference's fault).
    pub paired: Option<String>,
    /// Its document carries a filter that is apart from the query.
    pub filters: bool,
}

/// Something a user can set with `-O name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name.
    pub name: String,
    /// Its value where the user sets none.
    pub default: String,
    /// The type that its values have to have, which is that of its default.
    pub kind: OptionKind,
    /// The values that it can have; empty: any.
    pub values: Vec<String>,
    /// The key of pipelines' state whose value it has where the user sets none.
    pub state: Option<String>,
    /// Its value may not be empty: the query needs a name there.
    pub needed: bool,
    /// What it does.
    pub about: String,
}

/// The type of an option's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// `default = "-30d"`
    Text,
    /// `default = 5`
    Integer,
    /// `default = 1.5`
    Number,
    /// `default = true`
    Boolean,
    /// `default = ["a", "b"]`: its texts are joined by commas.
    List,
}

impl OptionSpec {
    /// Can the option have this value, as the command line gives it?
    ///
    /// # Errors
    /// `VS0604`, with what is expected.
    pub fn check(&self, value: &str) -> Result<(), Diagnostic> {
        let expected = match self.kind {
            _ if value.is_empty() && self.needed => Some("a value".to_owned()),
            OptionKind::Integer if value.parse::<i64>().is_err() => Some("an integer".to_owned()),
            OptionKind::Number if value.parse::<f64>().is_err() => Some("a number".to_owned()),
            OptionKind::Boolean if !matches!(value, "true" | "false") => {
                Some("`true` or `false`".to_owned())
            }
            _ if !self.values.is_empty() && self.values.iter().all(|known| known != value) => {
                let values = self.values.iter().map(|value| format!("`{value}`"));
                Some(values.collect::<Vec<_>>().join(" or "))
            }
            _ => return Ok(()),
        };
        let found = match value {
            "" => "none".to_owned(),
            value => format!("`{value}`"),
        };
        let (expected, name) = (expected.unwrap_or_default(), &self.name);
        let message = format!("expected {expected} for the option `{name}`, found {found}");
        Err(Diagnostic::error(Code::UnknownOption, message))
    }
}

impl Backend {
    /// The format of that name.
    #[must_use]
    pub fn format(&self, name: &str) -> Option<&Format> {
        self.formats.iter().find(|format| format.name == name)
    }
}
