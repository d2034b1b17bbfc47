//! What a profile's reference says wrongly, as `[query.fault]` lists it.
//!
//! In: `one = "…"`, or `control = { value = '[\t\n]', text = "…" }`. Out: [`Fault`]s, each a case that
//! a leaf can be and the words for the warning.

use super::language::Kind;
use regex::Regex;

/// A fault of the reference.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which leaves are cases of it.
    pub case: Case,
    /// What the warning says.
    pub text: String,
}

/// What a leaf has to be like.
#[derive(Debug, Clone)]
pub enum Case {
    /// `one`: a value with the wildcard `?`.
    One,
    /// `star`: a value with a literal `*`.
    Star,
    /// `listed_cased`: a case-sensitive value in a list.
    ListedCased,
    /// `listed_time`: a part of a time in a list.
    ListedTime,
    /// `listed_number`: a number in a list.
    ListedNumber,
    /// `negated`: a test below a `not`, but for tests of a field's being there.
    Negated,
    /// A test's own key: every test of that kind.
    Test(Kind),
    /// `{ value = '…' }`: a string in which the regular expression finds something.
    Value(Regex),
    /// `{ name = '…' }`: a field's name in which it does; with `tests = ["cidr", "not null"]` in
    /// these tests alone, the latter in its wording for a `not`.
    Name(Regex, Vec<(Kind, bool)>),
}

impl Case {
    /// The case of a key whose value is but a text.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "one" => Some(Self::One),
            "star" => Some(Self::Star),
            "listed_cased" => Some(Self::ListedCased),
            "listed_time" => Some(Self::ListedTime),
            "listed_number" => Some(Self::ListedNumber),
            "negated" => Some(Self::Negated),
            key => Kind::from_key(key).map(Self::Test),
        }
    }
}
