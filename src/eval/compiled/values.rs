//! The texts that tests look for in one field's values, or in all values.
//!
//! In: marks, each with the test that looks for it. Out: a [`ValueTable`] that finds all of them in a
//! value at once: parts by an automaton, whole values and numbers by a table.

use super::sight::{Mark, Place};
use crate::eval::event::{Kind, Scalar};
use crate::eval::number::NumericValue;
use crate::rule::fold::fold;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// Automata of more literals would be large: no text is known of any.
const MOST_LITERALS: usize = 200_000;

/// So many literals are in one automaton: it takes the square of their number to be made.
const MOST_AT_ONCE: usize = 16_384;

/// Automata with fewer bytes of literals are made the faster way, which takes more memory.
const SMALL: usize = 6_000;

/// What tests look for in values.
#[derive(Debug, Default)]
pub(super) struct ValueTable {
    /// Each of so many literals, but the last, which has the rest.
    automata: Vec<AhoCorasick>,
    /// By literal, those of one automaton after another.
    parts: Vec<Box<[(Place, u32)]>>,
    /// By a whole value; those that are `true` don't want a number.
    whole: HashMap<String, Vec<(bool, u32)>>,
    /// By the bits of the nearest double.
    numbers: HashMap<u64, Vec<(NumericValue, u32)>>,
}

/// The marks of a table, gathered.
#[derive(Debug, Default)]
pub(super) struct Marks {
    parts: BTreeMap<String, Vec<(Place, u32)>>,
    table: ValueTable,
}

impl Marks {
    pub fn push(&mut self, mark: Mark, test: u32) {
        let table = &mut self.table;
        match mark {
            Mark::Part(place, text) => self.parts.entry(text).or_default().push((place, test)),
            Mark::Whole(text) => table.whole.entry(text).or_default().push((false, test)),
            Mark::Word(text) => table.whole.entry(text).or_default().push((true, test)),
            Mark::Number(worth) => {
                let same = table.numbers.entry(worth.bits()).or_default();
                same.push((worth, test));
            }
        }
    }

    /// The table, and the tests of which nothing can be seen in it.
    pub fn finish(self) -> (ValueTable, Vec<u32>) {
        let mut table = self.table;
        if self.parts.is_empty() {
            return (table, Vec::new());
        }
        let literals: Vec<&String> = self.parts.keys().collect();
        let automata = if literals.len() <= MOST_LITERALS {
            literals.chunks(MOST_AT_ONCE).map(automaton).collect()
        } else {
            None
        };
        let Some(automata) = automata else {
            let tests = self.parts.into_values().flatten();
            return (table, tests.map(|(_, test)| test).collect());
        };
        table.automata = automata;
        let parts = self.parts.into_values().map(Vec::into_boxed_slice);
        table.parts = parts.collect();
        (table, Vec::new())
    }
}

/// Finds literals; nothing where that takes more than can be had.
fn automaton(literals: &[&String]) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    if literals.iter().map(|literal| literal.len()).sum::<usize>() <= SMALL {
        builder.kind(Some(AhoCorasickKind::DFA));
    }
    builder.build(literals).ok()
}

impl ValueTable {
    pub fn is_empty(&self) -> bool {
        self.automata.is_empty() && self.whole.is_empty() && self.numbers.is_empty()
    }

    /// Calls `hit` with the tests whose marks a value shows. `room` is for its text, folded.
    pub fn look(&self, scalar: &Scalar, room: &mut String, hit: &mut impl FnMut(u32)) {
        if scalar.kind == Kind::Null {
            return;
        }
        let text = fold_into(&scalar.text, room);
        for (number, automaton) in self.automata.iter().enumerate() {
            let parts = &self.parts[number * MOST_AT_ONCE..];
            for found in automaton.find_overlapping_iter(text) {
                for (place, test) in &parts[found.pattern().as_usize()] {
                    if match place {
                        Place::Anywhere => true,
                        Place::Start => found.start() == 0,
                        Place::End => found.end() == text.len(),
                    } {
                        hit(*test);
                    }
                }
            }
        }
        let is_number = scalar.kind == Kind::Number;
        if !self.whole.is_empty()
            && let Some(tests) = self.whole.get(text)
        {
            for (no_number, test) in tests {
                if !(is_number && *no_number) {
                    hit(*test);
                }
            }
        }
        if is_number
            && !self.numbers.is_empty()
            && let Some(number) = NumericValue::read(&scalar.text)
        {
            for (worth, test) in self.numbers.get(&number.bits()).into_iter().flatten() {
                if number.compare(*worth) == Some(Ordering::Equal) {
                    hit(*test);
                }
            }
        }
    }
}

/// The text, folded.
fn fold_into<'t>(text: &'t str, room: &'t mut String) -> &'t str {
    room.clear();
    if text.is_ascii() {
        room.push_str(text);
        room.make_ascii_lowercase();
    } else {
        room.extend(text.chars().map(fold));
    }
    room
}
