//! Automata made deterministic as Lucene does it, and what that costs.
//!
//! In: an automaton. Out: one of the same language with one way at most to read a text: the states of
//! `.*a.{3}` are 5, those of its deterministic form 16, each a set of the former.
//!
//! The work is Lucene's, and so is its count; it is done by classes of characters, of which an
//! expression has some thirty, and sets are compared as bits.

use super::automaton::{Automaton, Transition};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

impl Automaton {
    /// The same language, with one way at most to read a text: the states are sets of states. Each
    /// costs as many units of effort as it has states.
    ///
    /// Nothing where that takes more effort.
    pub fn determinized(self, effort: usize) -> Option<Self> {
        if self.is_deterministic {
            // It would be made anew, state by state.
            return (self.states() < effort).then_some(self);
        }
        let alphabet = Alphabet::of(&self);
        let mut found = FoundSets::default();
        found.number(&[0]);
        let mut step = Step::new(self.states());
        let mut made = Self {
            is_deterministic: true,
            ..Self::default()
        };
        // For each set, where each class leads.
        let mut next = Vec::new();
        let mut set = Vec::new();
        while made.states() < found.ends.len() {
            // What was found will be paid for.
            if found.members.len() >= effort {
                return None;
            }
            set.clear();
            set.extend_from_slice(found.set(made.states()));
            made.accepts.push(set.iter().any(|at| self.accepts[*at]));
            let weights = set.iter().map(|at| self.weights[*at]);
            made.weights.push(weights.fold(0, usize::saturating_add));
            step.take(&alphabet, &set, &mut found, &mut next);
        }
        let transitions = (0..made.states()).map(|at| {
            let to = &next[at * alphabet.classes..][..alphabet.classes];
            alphabet.ranges(to)
        });
        made.transitions = transitions.collect();
        Some(made)
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
    /// For each state, where each label leads.
    transitions: Vec<Vec<(usize, usize)>>,
}

impl Alphabet {
    fn of(automaton: &Automaton) -> Self {
        let mut known: HashMap<Vec<(u32, u32)>, usize> = HashMap::new();
        let mut written: Vec<Vec<(u32, u32)>> = Vec::new();
        let mut label = |ranges: Vec<(u32, u32)>| {
            known.get(&ranges).copied().unwrap_or_else(|| {
                written.push(ranges.clone());
                known.insert(ranges, written.len() - 1);
                written.len() - 1
            })
        };
        let transitions = automaton.transitions.iter().map(|state| {
            let mut state = state.clone();
            state.sort_unstable_by_key(|transition| (transition.to, transition.low));
            let same = state.chunk_by(|a, b| a.to == b.to);
            let labels = same.map(|same| {
                let ranges = same.iter().map(|read| (read.low, read.high + 1));
                (label(ranges.collect()), same[0].to)
            });
            labels.collect()
        });
        let transitions = transitions.collect();
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
        }
    }

    /// The transitions of a state of which is known where each class leads.
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

/// Sets of states, in the order in which they were found.
#[derive(Default)]
struct FoundSets {
    /// The states of all of them, one set after another.
    members: Vec<usize>,
    /// Where each set ends.
    ends: Vec<usize>,
    /// The number of each set by its hash, or the next one that was free.
    numbers: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
}

impl FoundSets {
    fn set(&self, number: usize) -> &[usize] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.members[start..self.ends[number]]
    }

    fn number(&mut self, set: &[usize]) -> usize {
        let mut hash = mixed(set.iter().map(|state| *state as u64));
        while let Some(number) = self.numbers.get(&hash).copied() {
            if self.set(number) == set {
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        self.members.extend_from_slice(set);
        self.ends.push(self.members.len());
        self.numbers.insert(hash, self.ends.len() - 1);
        self.ends.len() - 1
    }
}

/// A fast hash: sets are looked up far more often than they are found.
fn mixed(words: impl Iterator<Item = u64>) -> u64 {
    let hash = words.fold(0_u64, |hash, word| {
        (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    hash ^ (hash >> 32)
}

/// A key that is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = mixed(bytes.iter().copied().map(u64::from));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// No place, and no set.
const NOWHERE: usize = usize::MAX;

/// Finds where a set of states leads; what it takes is kept from one set to the next.
///
/// States that are reached have places in the order of their numbers, and sets of them are bits.
struct Step {
    /// The place of each state.
    places: Vec<usize>,
    /// The states that are reached, in order.
    reached: Vec<usize>,
    /// For each label, what it reaches.
    by_label: Vec<u64>,
    /// For each class, what it reaches.
    by_class: Vec<u64>,
    /// The sets that classes lead to: their bits or a hash of them, the first class, their number.
    led: Vec<(u64, usize, usize)>,
    /// The states of a set.
    members: Vec<usize>,
}

impl Step {
    fn new(states: usize) -> Self {
        Self {
            places: vec![NOWHERE; states],
            reached: Vec::new(),
            by_label: Vec::new(),
            by_class: Vec::new(),
            led: Vec::new(),
            members: Vec::new(),
        }
    }

    /// Adds where each class leads from a set. Sets that are new are numbered.
    fn take(
        &mut self,
        alphabet: &Alphabet,
        set: &[usize],
        found: &mut FoundSets,
        next: &mut Vec<usize>,
    ) {
        self.reach(alphabet, set);
        let words = self.reached.len().div_ceil(64);
        self.led.clear();
        for class in 0..alphabet.classes {
            let bits = &self.by_class[class * words..][..words];
            let key = match bits {
                [bits] => *bits,
                bits => mixed(bits.iter().copied()),
            };
            let same = self.led.iter().find(|(other, first, _)| {
                *other == key && (words == 1 || self.by_class[first * words..][..words] == *bits)
            });
            let to = match same {
                Some((_, _, to)) => *to,
                None => {
                    self.members.clear();
                    for (word, bits) in bits.iter().enumerate() {
                        let mut bits = *bits;
                        while bits != 0 {
                            let place = word * 64 + bits.trailing_zeros() as usize;
                            self.members.push(self.reached[place]);
                            bits &= bits - 1;
                        }
                    }
                    let to = match self.members.as_slice() {
                        [] => NOWHERE,
                        members => found.number(members),
                    };
                    self.led.push((key, class, to));
                    to
                }
            };
            next.push(to);
        }
    }

    /// Finds what each class reaches.
    fn reach(&mut self, alphabet: &Alphabet, set: &[usize]) {
        self.reached.clear();
        for (_, to) in set.iter().flat_map(|at| &alphabet.transitions[*at]) {
            if self.places[*to] == NOWHERE {
                self.places[*to] = 0;
                self.reached.push(*to);
            }
        }
        self.reached.sort_unstable();
        for (place, state) in self.reached.iter().enumerate() {
            self.places[*state] = place;
        }
        let words = self.reached.len().div_ceil(64);
        self.by_label.clear();
        self.by_label.resize(alphabet.labels.len() * words, 0);
        for (label, to) in set.iter().flat_map(|at| &alphabet.transitions[*at]) {
            let place = self.places[*to];
            self.by_label[label * words + place / 64] |= 1 << (place % 64);
        }
        for state in &self.reached {
            self.places[*state] = NOWHERE;
        }
        self.by_class.clear();
        self.by_class.resize(alphabet.classes * words, 0);
        if words == 1 {
            for (classes, bits) in alphabet.labels.iter().zip(&self.by_label) {
                if *bits != 0 {
                    for class in classes {
                        self.by_class[*class] |= bits;
                    }
                }
            }
            return;
        }
        for (label, classes) in alphabet.labels.iter().enumerate() {
            let bits = &self.by_label[label * words..][..words];
            if bits.iter().any(|word| *word != 0) {
                for class in classes {
                    let all = &mut self.by_class[class * words..][..words];
                    all.iter_mut()
                        .zip(bits)
                        .for_each(|(all, more)| *all |= more);
                }
            }
        }
    }
}
