//! Warnings on what a reference says wrongly, as `[query.fault]` lists it.
//!
//! In: `one = "…"`, or `control = { value = '[\t\n]', text = "…" }`; a test that has been worded, and
//! what is above it. Out: a warning for each entry that the test is a case of.

use crate::backend::language::Kind;
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::choose::{keyword_kind, kind};
use crate::emit::conventions::{Context, Leaf, Written};
use crate::rule::{Part, Pattern, Value};
use crate::table::read::Reader;
use crate::table::tree::Tree;
use regex::Regex;

/// A fault of the reference.
#[derive(Debug)]
pub struct Fault {
    /// Which leaves are cases of it.
    pub case: Case,
    /// What the warning says.
    pub text: String,
}

/// What a leaf has to be like.
#[derive(Debug)]
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
    fn from_key(key: &str) -> Option<Self> {
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

/// Reads `[query.fault]`, in the order written.
pub(super) fn faults(language: Reader<'_>) -> Vec<Fault> {
    let entries = language
        .table("fault")
        .map_or(&[][..], |table| table.entries());
    let faults = entries.iter().filter_map(|(key, _, entry)| {
        Some(match &entry.value {
            Tree::Table(keys) => {
                let reader = Reader::new(keys);
                let value = reader.regex("value").map(Case::Value);
                let case = value.or_else(|| Some(Case::Name(reader.regex("name")?, tests(reader))));
                (case?, reader.owned("text"))
            }
            value => (Case::from_key(key)?, value.text()?.to_owned()),
        })
    });
    faults.map(|(case, text)| Fault { case, text }).collect()
}

/// `tests = ["cidr", "not null"]`: tests, and tests below a `not`.
fn tests(reader: Reader<'_>) -> Vec<(Kind, bool)> {
    let tests = reader.texts("tests").filter_map(|name| {
        let key = name.strip_prefix("not ");
        Some((Kind::from_key(key.unwrap_or(name))?, key.is_some()))
    });
    tests.collect()
}

/// The faults of a leaf.
pub(super) fn warnings(
    known: &[Fault],
    leaf: Leaf<'_>,
    context: Context,
    form: Written,
) -> Vec<Diagnostic> {
    let found = known
        .iter()
        .filter(|fault| is_case(&fault.case, leaf, context, form));
    let warnings = found
        .map(|fault| Diagnostic::warning(Code::ReferenceFault, fault.text.as_str()).at(leaf.span));
    warnings.collect()
}

fn is_case(case: &Case, leaf: Leaf<'_>, context: Context, form: Written) -> bool {
    if let Case::Name(regex, tests) = case {
        let is_asked = match form {
            _ if tests.is_empty() => matches!(form, Written::Alone | Written::Listed),
            Written::Listed => false,
            form => tests.iter().any(|(test, negated)| {
                kind(leaf.value).and_general().any(|kind| kind == *test)
                    && (form == Written::Deferred || *negated == (form == Written::Negated))
            }),
        };
        let names = [leaf.field, other(leaf.value)];
        return is_asked && names.into_iter().flatten().any(|name| regex.is_match(name));
    }
    if matches!(form, Written::Negated | Written::Deferred) {
        return false;
    }
    let listed = form == Written::Listed;
    let own = match leaf.field {
        Some(_) => Some(kind(leaf.value)),
        None => keyword_kind(leaf.value),
    };
    let pattern = match leaf.value {
        Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
        _ => None,
    };
    match case {
        Case::One => pattern.is_some_and(|pattern| pattern.parts.contains(&Part::One)),
        Case::Star => {
            pattern.is_some_and(|pattern| pattern.literals().any(|text| text.contains('*')))
        }
        Case::ListedCased => listed && matches!(leaf.value, Value::Cased(_)),
        Case::ListedTime => listed && matches!(leaf.value, Value::Time(..)),
        Case::ListedNumber => listed && matches!(leaf.value, Value::Number(_)),
        Case::Negated => {
            let asks_for_field = [Kind::Null, Kind::Exists, Kind::NotExists];
            context.negated && own.is_some_and(|own| !asks_for_field.contains(&own))
        }
        Case::Test(test) => {
            !listed && own.is_some_and(|own| own.and_general().any(|kind| kind == *test))
        }
        Case::Value(regex) => pattern.is_some_and(|pattern| regex.is_match(&shown(pattern))),
        Case::Name(..) => false,
    }
}

/// The pattern's text with its wildcards.
fn shown(pattern: &Pattern<'_>) -> String {
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) => text.as_ref(),
        Part::Any => "*",
        Part::One => "?",
        Part::Placeholder(_) => "",
    });
    parts.collect()
}

/// The name of the field that a field is compared with.
fn other<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::FieldRef(reference) => Some(&reference.field),
        _ => None,
    }
}
