//! Which of many rules can match an event at all.
//!
//! In: the matchers of rules. Out: a [`Prefilter`] that gives an event's candidates, in order: a rule
//! that is no candidate does not match. Each condition has a necessary part (a literal in a field, a
//! field that is there), or several of which one has to hold; automata and tables find them all in
//! one pass over an event's values. What is necessary is not enough: candidates are asked as ever.

use super::check::Check;
use super::event::{Event, Kind, Node, Scalar};
use super::matcher::{Leaf, Matcher, Plan};
use super::number::NumericValue;
use crate::lower::Operator;
use crate::rule::fold::fold;
use aho_corasick::AhoCorasick;
use regex_syntax::hir::literal::Extractor;
use std::collections::{BTreeMap, HashMap};

/// The necessary parts of many rules.
#[derive(Debug, Default)]
pub struct Prefilter {
    /// The fields that parts are in, by the key of an event's top level that they begin with.
    keys: HashMap<String, Vec<usize>>,
    fields: Vec<FieldParts>,
    /// Parts that may be in any value.
    anywhere: Literals,
    /// Rules without a necessary part.
    always: Vec<usize>,
    rules: usize,
}

/// The parts in one field.
#[derive(Debug, Default)]
struct FieldParts {
    name: String,
    /// Rules for which it has to be there.
    present: Vec<usize>,
    literals: Literals,
    /// Whole values, folded.
    whole: HashMap<String, Vec<usize>>,
    /// Numbers, by the bits of the nearest double.
    numbers: HashMap<u64, Vec<usize>>,
}

/// Literals of values, folded.
#[derive(Debug, Default)]
struct Literals {
    automaton: Option<AhoCorasick>,
    /// The rules of each.
    rules: Vec<Vec<usize>>,
}

/// The rules that an event has not ruled out.
#[derive(Debug)]
pub struct Candidates(Vec<u64>);

/// A part that is necessary, by itself or together with others.
#[derive(Debug, Clone, PartialEq)]
enum Part<'r> {
    /// The field is there.
    Present(&'r str),
    /// A value of the field holds the literal; without a field, any value does.
    Literal(Option<&'r str>, String),
    /// A value of the field is this.
    Whole(&'r str, String),
    /// A value of the field is this number, as JSON has it.
    Number(&'r str, u64),
}

/// The automata of a field with many literals would be large: of the rest, presence is necessary.
const MOST_LITERALS: usize = 200_000;

impl Prefilter {
    /// Of rules, each with the matchers of its conditions.
    pub fn new<'m, 'r: 'm>(rules: impl Iterator<Item = &'m [Matcher<'r>]>) -> Self {
        let mut prefilter = Self::default();
        let mut by_field: BTreeMap<&str, Building> = BTreeMap::new();
        let mut anywhere = BTreeMap::new();
        for (rule, matchers) in rules.enumerate() {
            prefilter.rules = rule + 1;
            match one_of(matchers) {
                None => prefilter.always.push(rule),
                Some(parts) => {
                    for part in parts {
                        match part {
                            Part::Literal(None, literal) => add(&mut anywhere, literal, rule),
                            Part::Literal(Some(field), literal) => {
                                add(
                                    &mut by_field.entry(field).or_default().literals,
                                    literal,
                                    rule,
                                );
                            }
                            Part::Present(field) => {
                                by_field.entry(field).or_default().present.push(rule);
                            }
                            Part::Whole(field, text) => {
                                add(&mut by_field.entry(field).or_default().whole, text, rule);
                            }
                            Part::Number(field, bits) => {
                                add(&mut by_field.entry(field).or_default().numbers, bits, rule);
                            }
                        }
                    }
                }
            }
        }
        prefilter.anywhere = Literals::new(anywhere).unwrap_or_else(|rules| {
            prefilter.always.extend(rules);
            Literals::default()
        });
        for (name, building) in by_field {
            let at = prefilter.fields.len();
            // A path begins with any of these keys.
            let dots = name.match_indices('.').map(|(dot, _)| &name[..dot]);
            for key in dots.chain([name]) {
                prefilter.keys.entry(key.to_owned()).or_default().push(at);
            }
            prefilter.fields.push(building.finish(name));
        }
        prefilter
    }

    /// The rules that the event may match.
    #[must_use]
    pub fn candidates(&self, event: &Event) -> Candidates {
        let mut candidates = Candidates(vec![0; self.rules.div_ceil(64)]);
        let Some(pairs) = event.pairs() else {
            // A text has no fields, and paths into a list begin in each of its objects.
            candidates.0.fill(u64::MAX);
            return candidates;
        };
        candidates.add(&self.always);
        for (key, node) in pairs {
            for field in self.keys.get(key).into_iter().flatten() {
                let field = &self.fields[*field];
                if field.name == *key {
                    field.look(node, &mut candidates);
                } else {
                    for node in event.field(&field.name).unwrap_or_default() {
                        field.look(node, &mut candidates);
                    }
                }
            }
        }
        if self.anywhere.automaton.is_some() {
            event.any(&mut |scalar| {
                self.anywhere.look(scalar, &mut candidates);
                false
            });
        }
        candidates
    }
}

impl Candidates {
    fn add(&mut self, rules: &[usize]) {
        for rule in rules {
            self.0[rule / 64] |= 1 << (rule % 64);
        }
    }

    /// Their numbers, in order. There may be more of them than rules.
    pub fn numbers(self) -> impl Iterator<Item = usize> {
        let words = self.0.into_iter().enumerate();
        words.flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                if word == 0 {
                    return None;
                }
                word &= word - 1;
                Some(at * 64 + bit as usize)
            })
        })
    }
}

fn add<K: Ord>(table: &mut BTreeMap<K, Vec<usize>>, key: K, rule: usize) {
    let rules = table.entry(key).or_default();
    if rules.last() != Some(&rule) {
        rules.push(rule);
    }
}

/// The parts of a field, gathered.
#[derive(Default)]
struct Building {
    present: Vec<usize>,
    literals: BTreeMap<String, Vec<usize>>,
    whole: BTreeMap<String, Vec<usize>>,
    numbers: BTreeMap<u64, Vec<usize>>,
}

impl Building {
    fn finish(self, name: &str) -> FieldParts {
        let mut present = self.present;
        let literals = Literals::new(self.literals).unwrap_or_else(|rules| {
            present.extend(rules);
            Literals::default()
        });
        FieldParts {
            name: name.to_owned(),
            present,
            literals,
            whole: self.whole.into_iter().collect(),
            numbers: self.numbers.into_iter().collect(),
        }
    }
}

impl Literals {
    /// Of literals and their rules; the rules alone, where they are too many for an automaton.
    fn new(literals: BTreeMap<String, Vec<usize>>) -> Result<Self, Vec<usize>> {
        if literals.is_empty() {
            return Ok(Self::default());
        }
        let automaton = AhoCorasick::new(literals.keys())
            .ok()
            .filter(|_| literals.len() <= MOST_LITERALS);
        match automaton {
            Some(automaton) => Ok(Self {
                automaton: Some(automaton),
                rules: literals.into_values().collect(),
            }),
            None => Err(literals.into_values().flatten().collect()),
        }
    }

    fn look(&self, scalar: &Scalar, candidates: &mut Candidates) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        for found in automaton.find_overlapping_iter(scalar.folded()) {
            candidates.add(&self.rules[found.pattern().as_usize()]);
        }
    }
}

impl FieldParts {
    fn look(&self, node: &Node, candidates: &mut Candidates) {
        candidates.add(&self.present);
        node.any_element(&mut |scalar| {
            self.literals.look(scalar, candidates);
            if let Some(rules) = self.whole.get(scalar.folded()) {
                candidates.add(rules);
            }
            if scalar.kind == Kind::Number && !self.numbers.is_empty() {
                let number = NumericValue::read(&scalar.text);
                let rules = number.and_then(|number| self.numbers.get(&number.bits()));
                candidates.add(rules.map_or(&[], Vec::as_slice));
            }
            false
        });
    }
}

/// The parts of which one has to hold for one of the conditions to hold; `None`: there are no such.
fn one_of<'r>(matchers: &[Matcher<'r>]) -> Option<Vec<Part<'r>>> {
    let plans = matchers.iter().filter_map(|matcher| matcher.plan.as_ref());
    union(plans.map(necessary))
}

fn union<'r>(all: impl Iterator<Item = Option<Vec<Part<'r>>>>) -> Option<Vec<Part<'r>>> {
    let mut parts = Vec::new();
    for some in all {
        parts.extend(some?);
    }
    Some(parts)
}

fn necessary<'r>(plan: &Plan<'r>) -> Option<Vec<Part<'r>>> {
    match plan {
        Plan::Group(Operator::Or, _, plans) => union(plans.iter().map(necessary)),
        Plan::Group(Operator::And, _, plans) => {
            let parts = plans.iter().filter_map(necessary);
            parts.min_by(|a, b| cost(a).total_cmp(&cost(b)))
        }
        // What must not be says nothing of what is there.
        Plan::Not(_) => None,
        Plan::Test(leaf) => of_leaf(leaf),
    }
}

/// How often events have one of these parts, by a guess.
fn cost(parts: &[Part<'_>]) -> f64 {
    let costs = parts.iter().map(|part| match part {
        Part::Present(_) => 1.0,
        Part::Number(..) => 0.05,
        Part::Whole(..) => 0.01,
        Part::Literal(field, literal) => {
            let length = i32::try_from(literal.len()).unwrap_or(i32::MAX);
            let everywhere = if field.is_some() { 1.0 } else { 4.0 };
            everywhere * 0.5_f64.powi(length)
        }
    });
    costs.sum()
}

fn of_leaf<'r>(leaf: &Leaf<'r>) -> Option<Vec<Part<'r>>> {
    let literal = |literal: String| Part::Literal(leaf.field, literal);
    let parts = match (&leaf.check, leaf.field) {
        (Check::Null | Check::Exists(false), _) => return None,
        (Check::Text(matcher), field) => match (matcher.whole(), field) {
            (Some(text), Some(field)) => vec![Part::Whole(field, folded(text))],
            _ => {
                let longest = matcher.longest_literal();
                longest.map(folded).map(literal).into_iter().collect()
            }
        },
        (Check::Number(number, written, shortest), Some(field)) => vec![
            Part::Number(field, number.bits()),
            Part::Whole(field, written.clone()),
            Part::Whole(field, shortest.clone()),
        ],
        (Check::Regex(regex), _) => of_regex(regex.as_str())
            .into_iter()
            .flatten()
            .map(literal)
            .collect(),
        _ => Vec::new(),
    };
    match (parts.is_empty(), leaf.field) {
        (false, _) => Some(parts),
        // No test but those of absence holds where its field is missing.
        (true, Some(field)) => Some(vec![Part::Present(field)]),
        (true, None) => None,
    }
}

fn folded(text: impl AsRef<str>) -> String {
    text.as_ref().chars().map(fold).collect()
}

/// Literals of which a match begins with one.
fn of_regex(text: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::parse(text).ok()?;
    let prefixes = Extractor::new().extract(&hir);
    let literals = prefixes.literals()?.iter();
    let literals = literals.map(|literal| {
        let text = std::str::from_utf8(literal.as_bytes()).ok()?;
        // A short one is in nearly every value.
        (text.len() >= 3).then(|| folded(text))
    });
    let literals: Option<Vec<String>> = literals.collect();
    literals.filter(|literals| !literals.is_empty())
}
