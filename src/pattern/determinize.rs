//! Automata made deterministic as Lucene does it, and what that costs.
//!
//! In: an automaton. Out: one of the same language with one way at most to read a text: the states of
//! `.*a.{3}` are 5, those of its deterministic form 16, each a set of the former.
//!
//! The work is Lucene's, and so is its count; it is done by classes of characters, of which an
//! expression has some thirty, and sets are compared as bits.

use super::automaton::{Automaton, Transition};
use super::found_sets::{FoundSets, Hashed, Words, each_one, filled, size};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::BuildHasherDefault;

impl Automaton {
    /// The same language, with one way at most to read a text: the states are sets of states. Each
    /// costs as many units of effort as it has states.
    ///
    /// Nothing where that takes more effort.
    pub fn determinized(self, effort: usize) -> Option<Self> {
        if self.is_cut {
            return None;
        }
        if self.is_deterministic {
            // It would be made anew, state by state.
            return (self.states() < effort).then_some(self);
        }
        let alphabet = Alphabet::of(&self);
        let mut step = Step::new(&alphabet, self.states());
        step.bits[0] = 1;
        let mut found = FoundSets::default();
        found.number(&step.bits);
        let mut rows: Vec<Row> = Vec::new();
        // Large sets lead to larger ones: where the effort does not suffice, that is found soon.
        let mut pending = BinaryHeap::from([(1, Reverse(0))]);
        while let Some((_, Reverse(number))) = pending.pop() {
            // What was found will be paid for.
            if found.members >= effort {
                return None;
            }
            let known = found.count();
            rows.resize_with(known, Row::default);
            rows[number] = step.take(number, &mut found);
            let new = known..found.count();
            pending.extend(new.map(|number| (size(found.set(number)), Reverse(number))));
        }
        let sets = || (0..found.count()).map(|number| found.set(number));
        let accepts = |set: &Words| {
            let mut accepts = false;
            each_one(set.iter().copied(), |at| accepts |= self.accepts[at]);
            accepts
        };
        let weight = |set: &Words| {
            let mut weight = 0_usize;
            each_one(set.iter().copied(), |at| {
                weight = weight.saturating_add(self.weights[at]);
            });
            weight
        };
        let mut transitions = Vec::new();
        let ends = rows.into_iter().map(|row| {
            step.write(row, &mut transitions);
            transitions.len()
        });
        Some(Self {
            ends: ends.collect(),
            transitions,
            accepts: sets().map(accepts).collect(),
            weights: sets().map(weight).collect(),
            is_deterministic: true,
            is_cut: false,
        })
    }
}

/// The characters as an automaton tells them apart.
struct Alphabet {
    /// Where each range of characters begins, and its class. The last one only ends the range before.
    begins: Vec<(u32, usize)>,
    /// How many classes there are. What is of one class leads to the same states, wherever it is read;
    /// they are in the order of their first characters.
    classes: usize,
    /// Sets of classes that transitions read.
    labels: Vec<Vec<usize>>,
    /// Where each label leads, state by state.
    transitions: Vec<(usize, usize)>,
    /// Where the transitions of each state end.
    ends: Vec<usize>,
}

impl Alphabet {
    fn of(automaton: &Automaton) -> Self {
        let mut known: HashMap<Vec<(u32, u32)>, usize, BuildHasherDefault<Hashed>> =
            HashMap::default();
        let mut written: Vec<Vec<(u32, u32)>> = Vec::new();
        let (mut transitions, mut ends) = (Vec::new(), Vec::new());
        let (mut read, mut ranges) = (Vec::new(), Vec::new());
        for state in 0..automaton.states() {
            read.clear();
            read.extend_from_slice(automaton.read(state));
            read.sort_unstable_by_key(|read| (read.to, read.low, read.high));
            read.dedup();
            for same in read.chunk_by(|a, b| a.to == b.to) {
                ranges.clear();
                ranges.extend(same.iter().map(|read| (read.low, read.high + 1)));
                let label = known.get(ranges.as_slice()).copied();
                let label = label.unwrap_or_else(|| {
                    written.push(ranges.clone());
                    known.insert(ranges.clone(), written.len() - 1);
                    written.len() - 1
                });
                transitions.push((label, same[0].to));
            }
            ends.push(transitions.len());
        }
        let points = written.iter().flatten().flat_map(|(low, end)| [*low, *end]);
        let mut points: Vec<u32> = points.collect();
        points.sort_unstable();
        points.dedup();
        let place = |point| points.partition_point(|other| *other < point);
        // Each label splits the classes of which it has a part only.
        let (mut class_of, mut classes) = (vec![0; points.len()], 1);
        for ranges in &written {
            let mut is_read = vec![false; points.len()];
            for (low, end) in ranges {
                is_read[place(*low)..place(*end)].fill(true);
            }
            let mut split = vec![None; classes * 2];
            classes = 0;
            for (class, is_read) in class_of.iter_mut().zip(is_read) {
                *class = *split[*class * 2 + usize::from(is_read)].get_or_insert_with(|| {
                    classes += 1;
                    classes - 1
                });
            }
        }
        let labels = written.iter().map(|ranges| {
            let places = ranges
                .iter()
                .flat_map(|(low, end)| place(*low)..place(*end));
            let mut read: Vec<usize> = places.map(|place| class_of[place]).collect();
            read.sort_unstable();
            read.dedup();
            read
        });
        Self {
            labels: labels.collect(),
            begins: points.into_iter().zip(class_of).collect(),
            classes,
            transitions,
            ends,
        }
    }

    /// Where the labels that a state reads lead.
    fn read(&self, state: usize) -> &[(usize, usize)] {
        let start = state.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.transitions[start..self.ends[state]]
    }

    /// The transitions of what is known to lead somewhere, class by class.
    fn ranges(&self, to: &[usize]) -> Vec<Transition> {
        let mut read: Vec<Transition> = Vec::new();
        for pair in self.begins.windows(2) {
            let [(low, class), (end, _)] = pair else {
                continue;
            };
            let (to, high) = (to[*class], *end - 1);
            if to == NOWHERE {
                continue;
            }
            match read.last_mut() {
                Some(last) if last.to == to && last.high + 1 == *low => last.high = high,
                _ => read.push(Transition {
                    low: *low,
                    high,
                    to,
                }),
            }
        }
        read
    }
}

/// No place, and no set.
const NOWHERE: usize = usize::MAX;

/// How labels split the classes that they read: what the same labels read leads to the same states.
struct Split {
    /// The labels that each part has: `.` is most often one of them.
    common: Vec<usize>,
    /// The other labels of each part.
    parts: Vec<Vec<usize>>,
    /// What is read, in order; each transition leads to a part.
    transitions: Vec<Transition>,
}

/// Where a set of states leads.
#[derive(Clone, Copy, Default)]
struct Row {
    /// How the labels that its states read split the classes.
    split: usize,
    /// Where the numbers of the sets begin that the parts lead to.
    start: usize,
}

/// Finds where a set of states leads; what it takes is kept from one set to the next.
struct Step<'a> {
    alphabet: &'a Alphabet,
    /// For each label, the states that it leads to, as bits.
    by_label: Vec<u64>,
    /// The labels that are read, as bits.
    read: Vec<u64>,
    /// How sets of labels split the classes: there are far fewer of them than sets of states.
    splits: Vec<Split>,
    /// The split of each set of labels.
    known: HashMap<Vec<u64>, usize, BuildHasherDefault<Hashed>>,
    /// The numbers of the sets that parts lead to, row by row.
    to: Vec<usize>,
    /// The states of a set, as bits.
    bits: Vec<u64>,
    /// The states that the labels of each part lead to, as bits.
    common: Vec<u64>,
}

impl<'a> Step<'a> {
    fn new(alphabet: &'a Alphabet, states: usize) -> Self {
        let (words, labels) = (states.div_ceil(64), alphabet.labels.len());
        Self {
            alphabet,
            by_label: vec![0; labels * words],
            read: vec![0; labels.div_ceil(64)],
            splits: Vec::new(),
            known: HashMap::default(),
            to: Vec::new(),
            bits: vec![0; words],
            common: vec![0; words],
        }
    }

    /// Finds where a set leads. Sets that are new are numbered, in the order of the classes.
    fn take(&mut self, number: usize, found: &mut FoundSets) -> Row {
        self.reach(found.set(number));
        let words = self.bits.len();
        let row = Row {
            split: self.split(),
            start: self.to.len(),
        };
        let split = &self.splits[row.split];
        let add = |bits: &mut [u64], labels: &[usize]| {
            for label in labels {
                let reached = &self.by_label[label * words..][..words];
                bits.iter_mut()
                    .zip(reached)
                    .for_each(|(bits, more)| *bits |= more);
            }
        };
        self.common.fill(0);
        add(&mut self.common, &split.common);
        for part in &split.parts {
            self.bits.copy_from_slice(&self.common);
            add(&mut self.bits, part);
            self.to.push(found.number(&self.bits));
        }
        row
    }

    /// Finds what each label reaches.
    fn reach(&mut self, set: &Words) {
        let words = self.bits.len();
        each_one(filled(&self.read), |label| {
            self.by_label[label * words..][..words].fill(0);
        });
        self.read.fill(0);
        each_one(set.iter().copied(), |at| {
            for (label, to) in self.alphabet.read(at) {
                self.by_label[label * words + to / 64] |= 1 << (to % 64);
                self.read[label / 64] |= 1 << (label % 64);
            }
        });
    }

    /// How the labels that are read split the classes.
    fn split(&mut self) -> usize {
        if let Some(known) = self.known.get(&self.read) {
            return *known;
        }
        let mut by_class = vec![Vec::new(); self.alphabet.classes];
        each_one(filled(&self.read), |label| {
            for class in &self.alphabet.labels[label] {
                by_class[*class].push(label);
            }
        });
        let mut parts: Vec<Vec<usize>> = Vec::new();
        let part_of = by_class.into_iter().map(|labels| {
            if labels.is_empty() {
                return NOWHERE;
            }
            let known = parts.iter().position(|part| *part == labels);
            known.unwrap_or_else(|| {
                parts.push(labels);
                parts.len() - 1
            })
        });
        let part_of: Vec<usize> = part_of.collect();
        let mut common = parts.first().cloned().unwrap_or_default();
        common.retain(|label| parts.iter().all(|part| part.contains(label)));
        for part in &mut parts {
            part.retain(|label| !common.contains(label));
        }
        self.splits.push(Split {
            common,
            parts,
            transitions: self.alphabet.ranges(&part_of),
        });
        let split = self.splits.len() - 1;
        self.known.insert(self.read.clone(), split);
        split
    }

    /// Writes the transitions of a set by its row.
    fn write(&self, row: Row, transitions: &mut Vec<Transition>) {
        let start = transitions.len();
        for transition in &self.splits[row.split].transitions {
            let transition = Transition {
                to: self.to[row.start + transition.to],
                ..*transition
            };
            // Two parts may lead to one set.
            match transitions[start..].last_mut() {
                Some(last) if last.to == transition.to && last.high + 1 == transition.low => {
                    last.high = transition.high;
                }
                _ => transitions.push(transition),
            }
        }
    }
}
