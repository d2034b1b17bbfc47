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

use crate::table::Kind;
use crate::table::read::Reader;
use crate::table::tree::{Table, parse};
use std::sync::OnceLock;

/// The reason that a pattern above [`RegexDialect::max_determinized_states`] is refused.
pub const TOO_MANY_STATES: &str =
    "the pattern has more states than Lucene takes (`max_determinized_states`)";

/// The families that a `[regex]` table can start from.
const FAMILIES: &str = include_str!(concat!(env!("OUT_DIR"), "/regex.toml"));

/// An engine's regular expressions. Every key's default is the poorest engine's answer, so that a
/// file claims nothing by leaving something out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

const FLAG_SCOPES: &[(&str, FlagScope)] = &[
    ("none", FlagScope::None),
    ("front", FlagScope::Front),
    ("scoped", FlagScope::Scoped),
    ("after", FlagScope::After),
];

/// How a control character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CodePoint {
    /// As itself.
    #[default]
    Raw,
    /// `\x{7}`
    Braces,
    /// `\u0007`
    FourDigits,
}

const CODE_POINTS: &[(&str, CodePoint)] = &[
    ("raw", CodePoint::Raw),
    ("braces", CodePoint::Braces),
    ("four-digits", CodePoint::FourDigits),
];

/// Syntax that some engines lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// `\p{L}`, `\p{Greek}`: all properties that the `regex` crate has.
    Property,
    /// `\p{L}`, `\p{Lu}`: the general categories alone, by their one or two letters.
    Category,
    /// Everything else that PCRE has: recursion, conditionals, `\K`, `\R`.
    Pcre,
}

impl RegexFeature {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "non-capturing" => Self::NonCapturing,
            "lazy" => Self::Lazy,
            "empty-branch" => Self::EmptyBranch,
            "look-ahead" => Self::LookAhead,
            "look-behind" => Self::LookBehind,
            "back-reference" => Self::BackReference,
            "atomic" => Self::Atomic,
            "possessive" => Self::Possessive,
            "property" => Self::Property,
            "category" => Self::Category,
            "pcre" => Self::Pcre,
            _ => return None,
        })
    }

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
            Self::Property | Self::Category => "Unicode properties",
            Self::Pcre => "PCRE's own extensions",
        }
    }
}

impl RegexDialect {
    /// Reads a `[regex]` table that was checked: its family's keys (`syntax`), with its own in their
    /// place.
    #[must_use]
    pub fn from_table(table: &Table) -> Self {
        let family = Reader::new(table).text("syntax");
        let family = family.and_then(|name| families().table(name));
        let mut merged = family.cloned().unwrap_or_default();
        merged.overlay(table);
        Self::from_keys(Reader::new(&merged))
    }

    /// The dialect of a family as it is, without a backend file; `None`: there is no such family.
    #[must_use]
    pub fn of_family(name: &str) -> Option<Self> {
        let mut dialect = Self::from_keys(Reader::new(families().table(name)?));
        name.clone_into(&mut dialect.syntax);
        Some(dialect)
    }

    fn from_keys(keys: Reader<'_>) -> Self {
        let sign = |key| keys.text(key).map(str::to_owned);
        let features = keys.texts("features").filter_map(RegexFeature::from_word);
        Self {
            syntax: keys.owned("syntax"),
            engine: keys.owned("engine"),
            anchored: keys.flag("anchored"),
            case_by_column: keys.flag("case_by_column"),
            newline_flag: keys.owned("newline_flag"),
            ascii_flag: keys.owned("ascii_flag"),
            flags: keys.choice("flags", FLAG_SCOPES).unwrap_or_default(),
            ignore_case: keys.owned("ignore_case"),
            folds_ascii_only: keys.flag("folds_ascii_only"),
            multi_line: keys.owned("multi_line"),
            dot_all: keys.owned("dot_all"),
            dot_matches_newline: keys.flag("dot_matches_newline"),
            end_before_newline: keys.flag("end_before_newline"),
            anchors: keys.flag("anchors"),
            text_start: sign("text_start"),
            text_end: sign("text_end"),
            last_backslash: sign("last_backslash"),
            newline: sign("newline"),
            control_escapes: keys.flag("control_escapes"),
            code_point: keys.choice("code_point", CODE_POINTS).unwrap_or_default(),
            ascii: keys.flag("ascii"),
            digit: sign("digit"),
            word: sign("word"),
            space: sign("space"),
            complements: keys.flag("complements"),
            boundary: sign("boundary"),
            not_boundary: sign("not_boundary"),
            escape: keys.owned("escape"),
            class_escape: keys.owned("class_escape"),
            features: features.collect(),
            max_repeat: keys
                .number("max_repeat")
                .and_then(|most| u32::try_from(most).ok()),
            longest: keys.number("longest"),
            max_determinized_states: keys.number("max_determinized_states"),
        }
    }

    /// Has the engine this piece of syntax?
    #[must_use]
    pub fn has(&self, feature: RegexFeature) -> bool {
        self.features.contains(&feature)
    }
}

fn families() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        parse(FAMILIES, 0, Kind::BACKEND).expect("regex.toml is embedded, and a test reads it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_reads() {
        for (name, ..) in &families().entries {
            let dialect = RegexDialect::of_family(name).unwrap();
            assert_eq!(&dialect.syntax, name);
            assert!(!dialect.engine.is_empty(), "{name} names its engine");
        }
    }

    #[test]
    fn a_table_overrides_its_family() {
        let text =
            "syntax = 're2'\nengine = 'ClickHouse'\ndot_matches_newline = true\ntext_end = false";
        let dialect = RegexDialect::from_table(&parse(text, 0, Kind::BACKEND).unwrap());
        assert_eq!(dialect.engine, "ClickHouse");
        assert!(dialect.dot_matches_newline);
        assert_eq!(dialect.max_repeat, Some(1000));
        assert_eq!(dialect.text_start.as_deref(), Some(r"\A"));
        assert_eq!(dialect.text_end, None);
    }

    #[test]
    fn unknown_families_have_no_dialect() {
        assert_eq!(RegexDialect::of_family("vim"), None);
    }
}
