//! A query language as data: operators, names, literals, and a template for each kind of test.
//!
//! A backend has one for its query and may have a second for what its query can't say and a later
//! command can (Splunk's `| where`).

use super::RegexDialect;
use super::field::FieldNames;
use super::folding::Folding;
use super::literal::Literal;
use super::template::Template;
pub use super::value_class::ValueClass;
use super::when::When;
pub use super::wording::{KnownLoss, Loss, Wording};
use crate::rule::TimePart;

/// A language.
#[derive(Debug, Clone)]
pub struct Language {
    /// Between the operands of an `and`, blanks included.
    pub and: String,
    /// Between the operands of an `or`, blanks included.
    pub or: String,
    /// `NOT {expr}`
    pub not: Template,
    /// How what is true or false whatever is missing is negated, if more simply: `NOT {expr}` where
    /// `not` is `NOT COALESCE({expr}, FALSE)`.
    pub not_two_valued: Option<Template>,
    /// `({expr})`
    pub group: Template,
    /// Which operator binds tightest.
    pub precedence: Precedence,
    /// Where parentheses are written.
    pub grouping: Grouping,
    /// How a negated test is said where a test of a missing field gives neither true nor false:
    /// `(isnull({field}) OR NOT {test})`. With it, `not` is moved down to the tests.
    pub negated_test: Option<Template>,
    /// Tests that are true or false whatever is missing; `not_two_valued`, or else `not` alone,
    /// negates them.
    pub two_valued: Vec<Kind>,
    /// Chains of more operands are nested in groups, for engines that read a chain as deep as long.
    pub longest_chain: Option<usize>,
    /// How many tests and `not`s the engine takes in a query.
    pub clauses: Option<Limit>,
    /// How deep an expression the engine reads: operators, parentheses and functions inside one
    /// another.
    pub depth: Option<Limit>,
    /// What to do with a query that has control characters as they are, where the language has no
    /// escape for them.
    pub raw_controls: Option<String>,
    /// What matches every event.
    pub everything: String,
    /// Names of fields.
    pub field: FieldNames,
    /// The literals that templates name; the first is the usual one.
    pub literals: Vec<Literal>,
    /// The wordings of each kind of test, by [`Kind`].
    pub tests: Vec<Vec<Wording>>,
    /// How a list of values of one field is said at once.
    pub list: Option<ListForm>,
    /// How a list of nothing but numbers is said at once, where `list` does not serve.
    pub number_list: Vec<ListForm>,
    /// Where these options have these values, fields compare without regard to case.
    pub folded_when: When,
    /// Letters that the engine pairs otherwise than a rule does.
    pub folding: Option<Folding>,
    /// How tests of columns that are lists are said.
    pub elements: Option<Elements>,
    /// How keywords are said, one or several joined by `or`; their wordings give the text inside.
    pub keywords: Option<Keywords>,
    /// Words for false and true.
    pub booleans: Option<[String; 2]>,
    /// Signs for `<`, `<=`, `>`, `>=`.
    pub operators: [String; 4],
    /// Words for parts of a time, or expressions of `{field}`.
    pub time_parts: Vec<(TimePart, Template)>,
    /// The engine's regular expressions; `None`: they are printed as the rule writes them.
    pub regex: Option<RegexDialect>,
    /// Other dialects, where an option has that value: the option's index, the value, the dialect.
    pub regex_by: Vec<(usize, String, RegexDialect)>,
}

/// How tests of columns that are lists are said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elements {
    /// The name of an element in `test`.
    pub name: String,
    /// A test of one of the elements: `any_match({field}, element_ -> {test})`.
    pub test: Template,
    /// The list is missing, empty, or one of its elements is null.
    pub null: Template,
    /// The list is there, if not as other columns are.
    pub exists: Option<Template>,
    /// It is not.
    pub not_exists: Option<Template>,
}

/// A function that searches for keywords: `QSTR("a OR b")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keywords {
    /// With `{list}` for them.
    pub text: Template,
    /// Between them.
    pub separator: String,
}

/// A bound on the size of queries. Engines count it in clauses (each test is one, and so is each
/// `not`, which they read as "everything but"), or in levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// So many are taken by every engine.
    pub most: usize,
    /// What to do about a query that has more.
    pub help: String,
}

/// A kind of test, and its key in a backend file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum Kind {
    /// `equals`: text without wildcards.
    Equals,
    /// `empty`: `''`.
    Empty,
    /// `starts_with`: `text*`.
    StartsWith,
    /// `ends_with`: `*text`.
    EndsWith,
    /// `contains`: `*text*`.
    Contains,
    /// `any`: `*`, nothing else.
    Any,
    /// `string`: every string value that has no wording of its own.
    String,
    /// `cased_empty` and so on: the same for `|cased`.
    CasedEmpty,
    /// `cased_equals`
    CasedEquals,
    /// `cased_starts_with`
    CasedStartsWith,
    /// `cased_ends_with`
    CasedEndsWith,
    /// `cased_contains`
    CasedContains,
    /// `cased`: every case-sensitive value that has no wording of its own.
    Cased,
    /// `number`
    Number,
    /// `boolean`
    Boolean,
    /// `null`
    Null,
    /// `exists`
    Exists,
    /// `not_exists`
    NotExists,
    /// `regex`
    Regex,
    /// `cidr`: IPv4, and IPv6 where `cidr_v6` says nothing.
    Cidr,
    /// `cidr_v6`
    CidrV6,
    /// `compare`
    Compare,
    /// `time`
    Time,
    /// `time_compare`
    TimeCompare,
    /// `field_equals`: two fields of one event.
    FieldEquals,
    /// `field_starts_with`
    FieldStartsWith,
    /// `field_ends_with`
    FieldEndsWith,
    /// `field_contains`
    FieldContains,
    /// `keyword`
    Keyword,
    /// `keyword_cased`
    KeywordCased,
    /// `keyword_number`
    KeywordNumber,
    /// `keyword_regex`
    KeywordRegex,
}

impl Kind {
    /// Every kind and its key, in the order of the enum.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Equals, "equals"),
        (Self::Empty, "empty"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Contains, "contains"),
        (Self::Any, "any"),
        (Self::String, "string"),
        (Self::CasedEmpty, "cased_empty"),
        (Self::CasedEquals, "cased_equals"),
        (Self::CasedStartsWith, "cased_starts_with"),
        (Self::CasedEndsWith, "cased_ends_with"),
        (Self::CasedContains, "cased_contains"),
        (Self::Cased, "cased"),
        (Self::Number, "number"),
        (Self::Boolean, "boolean"),
        (Self::Null, "null"),
        (Self::Exists, "exists"),
        (Self::NotExists, "not_exists"),
        (Self::Regex, "regex"),
        (Self::Cidr, "cidr"),
        (Self::CidrV6, "cidr_v6"),
        (Self::Compare, "compare"),
        (Self::Time, "time"),
        (Self::TimeCompare, "time_compare"),
        (Self::FieldEquals, "field_equals"),
        (Self::FieldStartsWith, "field_starts_with"),
        (Self::FieldEndsWith, "field_ends_with"),
        (Self::FieldContains, "field_contains"),
        (Self::Keyword, "keyword"),
        (Self::KeywordCased, "keyword_cased"),
        (Self::KeywordNumber, "keyword_number"),
        (Self::KeywordRegex, "keyword_regex"),
    ];

    /// Its key.
    #[cfg(any(test, feature = "unstable"))]
    #[must_use]
    pub fn key(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind of that key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == key)
            .map(|(kind, _)| *kind)
    }

    /// It and the more general kinds, one after the other.
    pub fn and_general(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |kind| kind.general())
    }

    /// The more general kind whose wordings serve where this one has none.
    #[must_use]
    pub const fn general(self) -> Option<Self> {
        match self {
            Self::Equals
            | Self::Empty
            | Self::StartsWith
            | Self::EndsWith
            | Self::Contains
            | Self::Any => Some(Self::String),
            Self::CasedEmpty => Some(Self::CasedEquals),
            Self::CasedEquals
            | Self::CasedStartsWith
            | Self::CasedEndsWith
            | Self::CasedContains => Some(Self::Cased),
            Self::CidrV6 => Some(Self::Cidr),
            _ => None,
        }
    }
}

/// How tightly a text binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strength {
    /// Nothing can split it.
    Atom,
    /// A `not` in front.
    Not,
    /// Operands of an `and`.
    And,
    /// Operands of an `or`.
    Or,
}

/// The order in which operators bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precedence {
    /// Rank of `not`, `and`, `or`: 1 binds tightest.
    pub ranks: [u8; 3],
}

impl Default for Precedence {
    fn default() -> Self {
        Self { ranks: [1, 2, 3] }
    }
}

impl Precedence {
    /// The rank of a strength; an atom's is 0.
    #[must_use]
    pub const fn rank(self, strength: Strength) -> u8 {
        match strength {
            Strength::Atom => 0,
            Strength::Not => self.ranks[0],
            Strength::And => self.ranks[1],
            Strength::Or => self.ranks[2],
        }
    }
}

/// Where parentheses are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Around every `and` and `or`, and around every list of values.
    Written,
    /// Only where precedence needs them.
    Minimal,
    /// Around everything but a single test inside something else.
    Nested,
}

/// How a list of values of one field is said at once.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a record of independent answers"
)]
pub struct ListForm {
    /// `{field} IN ({list})`
    pub text: Template,
    /// Between the values.
    pub separator: String,
    /// How a value of the list is written.
    pub literal: usize,
    /// May values have wildcards?
    pub wildcards: bool,
    /// May values be strings?
    pub strings: bool,
    /// May values be numbers?
    pub numbers: bool,
    /// Is a number of the list written in every text that the engine can have of it?
    pub spellings: bool,
    /// Are texts of nothing but digits listed with numbers?
    pub digits: bool,
    /// How a number of the list is written, if not as it is.
    pub number_literal: Option<usize>,
    /// Only for values that hold nothing but ASCII.
    pub ascii_only: bool,
    /// Only there.
    pub when: When,
    /// How tightly the text binds.
    pub binds: Strength,
}
