//! What of a test can be seen in an event's values at a glance.
//!
//! In: a prepared test, `Image: '*\cmd.exe'`. Out: a [`Sight`], here that it holds for a value that
//! ends in `\cmd.exe`. One pass over a value finds the texts of all tests in it.

use crate::eval::check::Check;
use crate::eval::matcher::Leaf;
use crate::eval::number::NumericValue;
use crate::eval::text::Form;
use crate::rule::fold::folded;
use regex_syntax::hir::literal::{ExtractKind, Extractor};

/// What is known of a test when the texts in an event's values are.
#[derive(Debug, Clone)]
pub(super) enum Sight {
    /// It holds where a value shows one of these.
    Exact(Vec<Mark>),
    /// It holds at most where a value shows one of these.
    Needed(Vec<Mark>),
    /// No text says anything of it.
    Open,
}

/// What a value shows, its case folded.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// A part of it, and where.
    Part(Place, String),
    /// It is this, whatever its kind.
    Whole(String),
    /// It is this, and no number.
    Word(String),
    /// It is a number of that worth.
    Number(NumericValue),
}

/// Where in a value a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    Start,
    End,
}

/// A regular expression's literal that is shorter is in nearly every value.
const LEAST_LITERAL: usize = 3;

impl Sight {
    pub fn of(leaf: &Leaf<'_>) -> Self {
        let part = |place, text: &str| Self::Exact(vec![Mark::Part(place, text.to_owned())]);
        match &leaf.check {
            Check::Text(matcher) if !matcher.cased => match matcher.form() {
                Form::Whole(text) => Self::Exact(vec![Mark::Whole(text.to_owned())]),
                Form::Start(text) => part(Place::Start, text),
                Form::End(text) => part(Place::End, text),
                Form::Inside(text) => part(Place::Anywhere, text),
                Form::Other => Self::needed(matcher.longest_literal()),
            },
            Check::Text(matcher) => Self::needed(matcher.longest_literal()),
            Check::Number(worth, written, shortest) => {
                let mut marks = vec![Mark::Number(*worth), Mark::Word(written.clone())];
                if shortest != written {
                    marks.push(Mark::Word(shortest.clone()));
                }
                Self::Exact(marks)
            }
            Check::Bool(truth) => Self::Exact(vec![Mark::Whole(truth.to_string())]),
            Check::Regex(regex) => Self::needed(of_regex(regex.as_str()).into_iter().flatten()),
            _ => Self::Open,
        }
    }

    fn needed(literals: impl IntoIterator<Item = String>) -> Self {
        let mut literals: Vec<String> = literals
            .into_iter()
            .map(|literal| folded(&literal).into_owned())
            .collect();
        literals.sort_unstable();
        literals.dedup();
        if literals.is_empty() {
            return Self::Open;
        }
        let mark = |literal| Mark::Part(Place::Anywhere, literal);
        Self::Needed(literals.into_iter().map(mark).collect())
    }

    pub fn marks(&self) -> &[Mark] {
        match self {
            Self::Exact(marks) | Self::Needed(marks) => marks,
            Self::Open => &[],
        }
    }
}

/// Literals of which a match begins or ends with one: those whose shortest is longest.
fn of_regex(text: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::parse(text).ok()?;
    let of = |kind| {
        let found = Extractor::new().kind(kind).extract(&hir);
        let literals = found.literals()?.iter().map(|literal| {
            let text = std::str::from_utf8(literal.as_bytes()).ok()?;
            (text.len() >= LEAST_LITERAL).then(|| text.to_owned())
        });
        let literals: Vec<String> = literals.collect::<Option<_>>()?;
        (!literals.is_empty()).then_some(literals)
    };
    let both = [of(ExtractKind::Prefix), of(ExtractKind::Suffix)];
    let shortest = |literals: &Vec<String>| literals.iter().map(String::len).min();
    both.into_iter().flatten().max_by_key(shortest)
}
