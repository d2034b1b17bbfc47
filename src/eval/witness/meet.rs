//! An event that passes some tests and fails others.
//!
//! In: tests, and which of them are to hold. Out: an event in which they do, of no more fields than
//! that takes, or the tests that could not be met together. A field gets one value where one meets
//! all its tests, and a list of values where none does.

use super::sample;
use crate::diagnostic::Diagnostic;
use crate::eval::event::Event;
use crate::eval::matcher::{Leaf, Matcher, Plan};
use crate::lower::{Expr, Keyword, Test};
use crate::rule::{Part, Pattern, Value};
use crate::source::Span;
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stars are filled with, the plainest first.
const FILLINGS: [&str; 4] = ["", "x", "0", "~ "];

/// Tests, prepared once for many events.
#[derive(Debug, Default)]
pub struct Tests<'r> {
    leaves: Vec<Arc<Leaf<'r>>>,
    /// How often a test was put to a value.
    asked: Cell<usize>,
}

/// What a field's value has to pass, and what not.
#[derive(Default)]
struct Needs<'t, 'r> {
    met: Vec<&'t Leaf<'r>>,
    failed: Vec<&'t Leaf<'r>>,
    numbers: Vec<usize>,
}

impl<'r> Tests<'r> {
    /// Prepares a test of a field, or (none) of every value, and gives its number.
    ///
    /// # Errors
    /// Those of [`Matcher::new`].
    pub fn push(
        &mut self,
        field: Option<&'r str>,
        value: &'r Value<'r>,
    ) -> Result<usize, Diagnostic> {
        let span = Span::default();
        let expr = match field {
            Some(field) => Expr::Test(Test { field, value, span }),
            None => Expr::Keyword(Keyword { value, span }),
        };
        if let Some(Plan::Test(leaf)) = Matcher::new(&expr)?.plan {
            self.leaves.push(leaf);
        }
        Ok(self.leaves.len().saturating_sub(1))
    }

    /// How often a test was put to a value so far. It is what takes time.
    #[must_use]
    pub const fn asked(&self) -> usize {
        self.asked.get()
    }

    /// An event in which the tests of these numbers hold, or do not.
    ///
    /// # Errors
    /// The tests, by number, for which no event was found, or not before tests were asked so often.
    pub fn event(&self, wanted: &[(usize, bool)], limit: usize) -> Result<Json, Vec<usize>> {
        let mut fields: BTreeMap<&str, Needs<'_, 'r>> = BTreeMap::new();
        let mut nowhere = Vec::new();
        let mut same = Vec::new();
        for &(number, holds) in wanted {
            let leaf = &*self.leaves[number];
            if leaf.field.is_none() && !holds {
                nowhere.push(leaf);
                continue;
            }
            let needs = fields.entry(super::field_of(leaf)).or_default();
            needs.numbers.push(number);
            match (leaf.value, holds) {
                (Value::FieldRef(reference), true) => {
                    same.push((super::field_of(leaf), reference.field.as_ref()));
                }
                (_, true) => needs.met.push(leaf),
                (_, false) => needs.failed.push(leaf),
            }
        }
        let mut event = Map::new();
        for (field, needs) in &fields {
            match needs
                .values(field, &nowhere, (&self.asked, limit))
                .into_iter()
                .next()
            {
                Some(Some(value)) => drop(event.insert((*field).to_owned(), value)),
                Some(None) => {}
                None => return Err(needs.numbers.clone()),
            }
        }
        for referring in referring(&event, &same) {
            if self.hold(wanted, &referring) {
                return Ok(Json::Object(referring));
            }
            event = referring;
        }
        // Fields that must differ got one value, say: one of them takes another.
        for (field, needs) in &fields {
            for value in needs
                .values(field, &nowhere, (&self.asked, limit))
                .into_iter()
                .flatten()
            {
                let mut changed = event.clone();
                changed.insert((*field).to_owned(), value);
                if self.hold(wanted, &changed) {
                    return Ok(Json::Object(changed));
                }
            }
        }
        Err(wanted.iter().map(|(number, _)| *number).collect())
    }

    fn hold(&self, wanted: &[(usize, bool)], event: &Map<String, Json>) -> bool {
        self.asked.set(self.asked.get() + wanted.len());
        let event = Event::new(&Json::Object(event.clone()));
        let mut wanted = wanted.iter();
        wanted.all(|&(number, holds)| self.leaves[number].holds(&event) == holds)
    }
}

/// The event with values for fields that refer to each other: the same, one of which has something
/// more in front, after or on both sides, and the same number in two forms.
fn referring(event: &Map<String, Json>, same: &[(&str, &str)]) -> Vec<Map<String, Json>> {
    if same.is_empty() {
        return vec![event.clone()];
    }
    let variants = (0..5).map(|variant| {
        let mut event = event.clone();
        for (field, other) in same {
            let known = event.get(*field).or_else(|| event.get(*other)).cloned();
            let value = known.unwrap_or_else(|| Json::from("x"));
            let text = value.as_str().unwrap_or("x").to_owned();
            let longer = match variant {
                0 => value.clone(),
                1 => format!("{text}y").into(),
                2 => format!("y{text}").into(),
                3 => format!("y{text}y").into(),
                _ => 5.into(),
            };
            event.insert((*field).to_owned(), longer);
            let value = if variant == 4 { 5.0.into() } else { value };
            event.insert((*other).to_owned(), value);
        }
        event
    });
    variants.collect()
}

impl Needs<'_, '_> {
    /// The values that will do, the plainest first; nothing for a field that is missing.
    fn values(
        &self,
        field: &str,
        nowhere: &[&Leaf<'_>],
        (asked, limit): (&Cell<usize>, usize),
    ) -> Vec<Option<Json>> {
        let fine = |value: Option<&Json>, met: &[&Leaf<'_>]| {
            if asked.get() > limit {
                return false;
            }
            asked.set(asked.get() + met.len() + self.failed.len() + nowhere.len());
            let mut event = Map::new();
            event.extend(value.map(|value| (field.to_owned(), value.clone())));
            let event = Event::new(&Json::Object(event));
            let failed = self.failed.iter().chain(nowhere);
            met.iter().all(|leaf| leaf.holds(&event)) && !{ failed }.any(|leaf| leaf.holds(&event))
        };
        let mut candidates = vec![None];
        candidates.extend(sample::together(&self.met).into_iter().map(Some));
        for leaf in &self.met {
            candidates.extend(forms(leaf).into_iter().map(Some));
        }
        for other in [
            Json::from("x"),
            "".into(),
            0.into(),
            false.into(),
            Json::Null,
        ] {
            candidates.push(Some(other));
        }
        candidates.push(Some(Json::Object(Map::new())));
        candidates.push(Some(Json::Array(Vec::new())));
        candidates.retain(|value| fine(value.as_ref(), &self.met));
        if candidates.is_empty() {
            let each = self.met.iter().map(|leaf| {
                let mut forms = forms(leaf).into_iter();
                forms.find(|value| fine(Some(value), &[leaf]))
            });
            let each: Option<Vec<Json>> = each.collect();
            let list = each.map(|mut values| {
                values.dedup();
                Json::Array(values)
            });
            candidates.extend(list.filter(|list| fine(Some(list), &self.met)).map(Some));
        }
        candidates
    }
}

/// Values that pass a test, in every form that another test may tell from the rest.
fn forms(leaf: &Leaf<'_>) -> Vec<Json> {
    let mut forms = Vec::new();
    match leaf.value {
        // A keyword's text can have more around it.
        Value::Number(number) if leaf.field.is_none() => {
            forms.push(number.text.as_ref().into());
            forms.push(format!("x{}x", number.text).into());
        }
        Value::String(pattern) | Value::Cased(pattern) if leaf.field.is_none() => {
            for text in filled(pattern) {
                let around = format!("x{text}x");
                let cases = [text.to_lowercase(), text.to_uppercase()];
                forms.extend([text, around].map(Json::from));
                forms.extend(cases.map(Json::from));
            }
        }
        Value::Compare(_, None, number) => {
            forms.extend(sample::of(leaf));
            for shift in [0.5, 2.0, 10.0, -0.5, -2.0, -10.0] {
                forms.push((number.value + shift).into());
            }
            forms.push(number.text.as_ref().into());
            forms.push(format!("{}.0", number.text).into());
        }
        Value::String(pattern) | Value::Cased(pattern) => {
            for text in filled(pattern) {
                let upper = text.to_uppercase();
                let lower = text.to_lowercase();
                let number = text.parse::<i64>().ok();
                forms.extend([text, lower, upper].map(Json::from));
                forms.extend(number.map(Json::from));
            }
        }
        Value::Number(number) => {
            forms.extend(sample::of(leaf));
            forms.push(number.value.into());
        }
        Value::Bool(truth) => {
            forms.extend(sample::of(leaf));
            let texts = if *truth {
                ["true", "TRUE"]
            } else {
                ["false", "FALSE"]
            };
            forms.extend(texts.map(Json::from));
        }
        Value::Null => forms.push(Json::Null),
        Value::Regex(_) => {
            for text in sample::of(leaf) {
                if let Json::String(text) = &text {
                    forms.push(format!("x{text}").into());
                    forms.push(format!("{text}x").into());
                    forms.push(format!("x{text}x").into());
                }
                forms.insert(0, text);
            }
        }
        _ => forms.extend(sample::of(leaf)),
    }
    forms
}

/// A pattern with its wildcards filled in several ways. A text that is empty, or nothing but what a
/// star was filled with, comes last.
fn filled(pattern: &Pattern<'_>) -> Vec<String> {
    let ones = if pattern.parts.contains(&Part::One) {
        ["x", "0", "~"].as_slice()
    } else {
        &["x"]
    };
    let mut texts = Vec::new();
    for any in FILLINGS {
        for one in ones {
            let parts = pattern.parts.iter().map(|part| match part {
                Part::Literal(text) | Part::Placeholder(text) => text.as_ref(),
                Part::Any => any,
                Part::One => one,
            });
            texts.push(parts.collect::<String>());
        }
    }
    texts.dedup();
    if texts.first().is_some_and(String::is_empty) {
        texts.rotate_left(1);
    }
    texts
}
