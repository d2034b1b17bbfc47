//! What a field can be compared with.

use super::{Number, Pattern};
use ipnet::IpNet;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value of a detection item. `parse` gives strings, numbers, booleans and null; the `modifier`
/// stage makes the others of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'s> {
    /// `'*\cmd.exe'`: compared without regard to case.
    String(Pattern<'s>),
    /// `Field|cased: Foo`: compared exactly.
    Cased(Pattern<'s>),
    /// `4624`
    Number(Number<'s>),
    /// `true`
    Bool(bool),
    /// `null`: the field is missing or has no value.
    Null,
    /// `Field|exists: true`
    Exists(bool),
    /// `Field|re: '^a.*b$'`
    Regex(Regex<'s>),
    /// `Field|cidr: 10.0.0.0/8`
    Cidr(Network<'s>),
    /// `Field|gte: 5`; with a time part, `Field|hour|gte: 5` compares that part.
    Compare(Comparison, Option<TimePart>, Number<'s>),
    /// `Field|fieldref: Other`
    FieldRef(FieldReference<'s>),
    /// `Field|hour: 3`
    Time(TimePart, Number<'s>),
    /// What `windash`, `base64offset` and placeholders make of one value: one of these, even
    /// under `|all`.
    Expansion(Vec<Value<'s>>),
    /// A piece of the target's own language put in place of a placeholder.
    Query {
        /// The text; `{field}` and `{id}` in it are filled in.
        expr: Cow<'s, str>,
        /// The placeholder's name.
        id: Cow<'s, str>,
    },
}

impl Value<'_> {
    /// What it is, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Cased(_) => "a case-sensitive string",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
            Self::Exists(_) => "an existence test",
            Self::Regex(_) => "a regular expression",
            Self::Cidr(_) => "a network",
            Self::Compare(..) => "a comparison",
            Self::FieldRef(_) => "a field reference",
            Self::Time(..) => "a part of a time",
            Self::Expansion(_) => "several alternatives",
            Self::Query { .. } => "a query expression",
        }
    }
}

/// A regular expression, as written, with its flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regex<'s> {
    /// The text; only literal parts and, under `|expand`, placeholders.
    pub pattern: Pattern<'s>,
    /// `|i|m|s`
    pub flags: RegexFlags,
}

/// The flags of `|re|i|m|s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub struct RegexFlags {
    /// `i`: case does not matter.
    pub ignore_case: bool,
    /// `m`: `^` and `$` match at every line.
    pub multi_line: bool,
    /// `s`: `.` matches a newline.
    pub dot_all: bool,
}

/// A network: its text and its parsed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network<'s> {
    /// As written.
    pub text: Cow<'s, str>,
    /// Address and prefix; host bits are zero.
    pub net: IpNet,
}

/// `lt`, `lte`, `gt`, `gte`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Lt,
    /// `<=`
    Lte,
    /// `>`
    Gt,
    /// `>=`
    Gte,
}

impl Comparison {
    /// Does it hold for what is so ordered against the number?
    #[must_use]
    pub const fn holds(self, found: Ordering) -> bool {
        match self {
            Self::Lt => found.is_lt(),
            Self::Lte => found.is_le(),
            Self::Gt => found.is_gt(),
            Self::Gte => found.is_ge(),
        }
    }
}

/// A reference to another field of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldReference<'s> {
    /// The other field's name.
    pub field: Cow<'s, str>,
    /// `fieldref|startswith`: this field begins with the other's value. Both set: contains it.
    pub starts_with: bool,
    /// `fieldref|endswith`.
    pub ends_with: bool,
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month, 1 to 31.
    Day,
    /// Of the year, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// Four digits.
    Year,
}

impl TimePart {
    /// The modifier's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}
