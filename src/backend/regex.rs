//! What a backend file says of its engine's regular expressions.
//!
//! In: the `[regex]` table of a backend file. Out: a [`RegexDialect`], plain data that the `regex`
//! stage renders by. A table names a family and overrides what its engine does otherwise:
//!
//! ```toml
//! [regex]
//! syntax = "re2"     # a table of regex.toml, beside this file
//! engine = "DuckDB"  # the name in messages
//! ```

use serde::Deserialize;

/// The reason that a pattern above [`RegexDialect::max_determinized_states`] is refused.
pub const TOO_MANY_STATES: &str =
    "the pattern has more states than Lucene takes (`max_determinized_states`)";

/// The families that a `[regex]` table can start from.
const FAMILIES: &str = include_str!(concat!(env!("OUT_DIR"), "/regex.toml"));

/// An engine's regular expressions. Every key's default is the poorest engine's answer, so that a
/// file claims nothing by leaving something out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a record of independent answers"
)]
pub struct RegexDialect {
    /// The family the table started from: `re2`, `pcre`, `java`, `rust`, `postgres`, `lucene`,
    /// `python`, `xquery`, `posix`. Empty for a table that is complete by itself.
    pub syntax: String,
    /// The engine's name in messages: `DuckDB (RE2)`.
    pub engine: String,
    /// An expression must match the whole value (Snowflake's `RLIKE`, Lucene).
    pub anchored: bool,
    /// Whether case matters is the column's affair unless a flag says so: one always does (MariaDB,
    /// by its collations).
    pub case_by_column: bool,
    /// The flag that makes a newline the only line terminator, for `.`, `^` and `$`: Java's `d`.
    pub newline_flag: String,
    /// The flag that makes classes and word edges ASCII's: Python's `a`.
    pub ascii_flag: String,
    /// Where flags can be switched.
    pub flags: FlagScope,
    /// The letters of the flag that makes case not matter: `i`, and Java's `iu` for all letters.
    pub ignore_case: String,
    /// That flag folds ASCII letters only; others are written in both cases.
    pub folds_ascii_only: bool,
    /// The letter of the flag that makes `^` and `$` match at lines.
    pub multi_line: String,
    /// The letter of the flag that makes `.` match a newline: `s` where none is given.
    pub dot_all: String,
    /// `.` matches a newline without any flag.
    pub dot_matches_newline: bool,
    /// `$` also matches before a newline that ends the value, as in PCRE.
    pub end_before_newline: bool,
    /// `^` and `$` exist.
    pub anchors: bool,
    /// The strict start of the value, for use beside `(?m)`: `\A`.
    pub text_start: Option<String>,
    /// The strict end of the value: `\z` (Python and PostgreSQL `\Z`).
    pub text_end: Option<String>,
    /// How a backslash at the end of an expression is written, where it must not precede the
    /// sign that ends the expression: `[\\]`.
    pub last_backslash: Option<String>,
    /// How a newline is written: `\n`, or the character itself.
    pub newline: Option<String>,
    /// `\t`, `\r`, `\f` stand for control characters; otherwise the characters are written.
    pub control_escapes: bool,
    /// How other control characters are written.
    pub code_point: CodePoint,
    /// Letters outside of ASCII are written so, too.
    pub ascii: bool,
    /// An ASCII digit, alone and in brackets: `\d`. Spelled out where absent.
    pub digit: Option<String>,
    /// An ASCII letter, digit or underscore: `\w`. Spelled out where absent.
    pub word: Option<String>,
    /// ASCII white space: `\s`. Spelled out where absent.
    pub space: Option<String>,
    /// The complements `\D`, `\W`, `\S` exist wherever `digit`, `word` and `space` do.
    pub complements: bool,
    /// An edge of a word of ASCII's letters, digits and `_`: `\b`. Refused where absent.
    pub boundary: Option<String>,
    /// No such edge: `\B`.
    pub not_boundary: Option<String>,
    /// Characters that take a backslash outside brackets.
    pub escape: String,
    /// Characters that take a backslash inside brackets.
    pub class_escape: String,
    /// What else the engine has.
    pub features: Vec<RegexFeature>,
    /// The greatest number in `{n,m}`; larger ones are split.
    pub max_repeat: Option<u32>,
    /// The most characters that the engine takes in an expression.
    pub longest: Option<usize>,
    /// Lucene's limit on the work of making an expression deterministic.
    pub max_determinized_states: Option<usize>,
}

/// Where an engine takes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum FlagScope {
    /// Nowhere: case is folded into classes, `[cC]`.
    #[default]
    None,
    /// `(?i)` at the very start only.
    Front,
    /// `(?i)` and `(?i:…)`.
    Scoped,
    /// After the expression: `/x/i`, which templates write as `/{regex}/{flags}`.
    After,
}

/// How a control character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum CodePoint {
    /// As itself.
    #[default]
    Raw,
    /// `\x{7}`
    Braces,
    /// `\u0007`
    FourDigits,
}

/// Syntax that some engines lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegexFeature {
    /// `(?:…)`; without it `(…)` is written.
    NonCapturing,
    /// `a*?`; without it `a*`, which matches the same values.
    Lazy,
    /// `(a|)`; without it `(a)?`.
    EmptyBranch,
    /// `(?=…)`, `(?!…)`
    LookAhead,
    /// `(?<=…)`, `(?<!…)`
    LookBehind,
    /// `\1`
    BackReference,
    /// `(?>…)`
    Atomic,
    /// `a*+`
    Possessive,
    /// `\p{L}`
    Property,
    /// Everything else that PCRE has: recursion, conditionals, `\K`, `\R`.
    Pcre,
}

impl RegexFeature {
    /// Its name in messages, with an article or in the plural.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NonCapturing => "non-capturing groups",
            Self::Lazy => "lazy repetition",
            Self::EmptyBranch => "empty alternatives",
            Self::LookAhead => "look-ahead",
            Self::LookBehind => "look-behind",
            Self::BackReference => "back-references",
            Self::Atomic => "atomic groups",
            Self::Possessive => "possessive repetition",
            Self::Property => "Unicode properties",
            Self::Pcre => "PCRE's own extensions",
        }
    }
}

impl RegexDialect {
    /// Reads a `[regex]` table: its family's keys (`syntax`), with its own in their place.
    ///
    /// # Errors
    /// An unknown family or key, or a value of the wrong type, in TOML's words.
    pub fn from_table(table: &toml::Table) -> Result<Self, String> {
        let mut merged = match table.get("syntax") {
            None => toml::Table::new(),
            Some(toml::Value::String(name)) => family(name)?,
            Some(other) => {
                let kind = other.type_str();
                return Err(format!("expected `syntax` to be a string, found a {kind}"));
            }
        };
        merged.extend(table.clone());
        merged
            .try_into()
            .map_err(|error: toml::de::Error| error.message().to_owned())
    }

    /// The dialect of a family as it is, without a backend file.
    ///
    /// # Errors
    /// There is no family of that name.
    pub fn of_family(name: &str) -> Result<Self, String> {
        let mut table = toml::Table::new();
        table.insert("syntax".to_owned(), toml::Value::String(name.to_owned()));
        Self::from_table(&table)
    }

    /// Has the engine this piece of syntax?
    #[must_use]
    pub fn has(&self, feature: RegexFeature) -> bool {
        self.features.contains(&feature)
    }
}

fn family(name: &str) -> Result<toml::Table, String> {
    let mut families: toml::Table = FAMILIES
        .parse()
        .expect("regex.toml is embedded, and a test reads it");
    if let Some(toml::Value::Table(table)) = families.remove(name) {
        return Ok(table);
    }
    let known: Vec<&str> = families.keys().map(String::as_str).collect();
    Err(format!(
        "expected `syntax` to be one of {}, found `{name}`",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_reads() {
        for name in toml::Table::keys(&FAMILIES.parse().unwrap()) {
            let dialect = RegexDialect::of_family(name).unwrap();
            assert_eq!(&dialect.syntax, name);
            assert!(!dialect.engine.is_empty(), "{name} names its engine");
        }
    }

    #[test]
    fn a_table_overrides_its_family() {
        let table: toml::Table =
            "syntax = 're2'\nengine = 'ClickHouse'\ndot_matches_newline = true"
                .parse()
                .unwrap();
        let dialect = RegexDialect::from_table(&table).unwrap();
        assert_eq!(dialect.engine, "ClickHouse");
        assert!(dialect.dot_matches_newline);
        assert_eq!(dialect.max_repeat, Some(1000));
    }

    #[test]
    fn unknown_names_are_errors() {
        assert!(RegexDialect::of_family("vim").unwrap_err().contains("re2"));
        let table: toml::Table = "dots = true".parse().unwrap();
        assert!(
            RegexDialect::from_table(&table)
                .unwrap_err()
                .contains("dots")
        );
    }
}
