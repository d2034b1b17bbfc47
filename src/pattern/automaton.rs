//! Automata of characters, joined and made deterministic as Lucene does it.
//!
//! In: characters and operations. Out: an automaton, and what it costs to make it deterministic: the
//! states of `.*a.{3}` are 5, those of its deterministic form 16, each a set of the former.
//!
//! Lucene's `Operations` and `UTF32ToUTF8` are the model (versions 9.12 and 10.3).

use std::collections::HashMap;
use std::rc::Rc;

/// What reads one character of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transition {
    low: u32,
    high: u32,
    to: usize,
}

/// States, of which the first is where it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Automaton {
    transitions: Vec<Vec<Transition>>,
    accepts: Vec<bool>,
}

/// The last character.
const LAST: u32 = char::MAX as u32;

/// Lucene 9 looks no deeper for a loop.
const DEEPEST: usize = 1000;

impl Automaton {
    /// The empty text.
    pub fn empty() -> Self {
        Self {
            transitions: vec![Vec::new()],
            accepts: vec![true],
        }
    }

    /// `.*`
    pub fn any() -> Self {
        let again = Transition {
            low: 0,
            high: LAST,
            to: 0,
        };
        Self {
            transitions: vec![vec![again]],
            accepts: vec![true],
        }
    }

    /// One character of these ranges.
    pub fn characters(ranges: impl IntoIterator<Item = (char, char)>) -> Self {
        let ranges = ranges.into_iter();
        let read = ranges.map(|(low, high)| Transition {
            low: low.into(),
            high: high.into(),
            to: 1,
        });
        Self {
            transitions: vec![read.collect(), Vec::new()],
            accepts: vec![false, true],
        }
    }

    /// How many states it has.
    pub const fn states(&self) -> usize {
        self.accepts.len()
    }

    /// Adds the states of another automaton, and gives the place of its first one.
    fn add(&mut self, other: &Self) -> usize {
        let offset = self.states();
        let moved = |transition: &Transition| Transition {
            to: transition.to + offset,
            ..*transition
        };
        let moved = |state: &Vec<Transition>| state.iter().map(moved).collect();
        self.transitions.extend(other.transitions.iter().map(moved));
        self.accepts.extend_from_slice(&other.accepts);
        offset
    }

    /// A state may go on as another does, without reading a character.
    fn join(&mut self, state: usize, next: usize) {
        if state != next {
            let more = self.transitions[next].clone();
            self.transitions[state].extend(more);
            self.accepts[state] |= self.accepts[next];
        }
    }

    /// `ab`
    pub fn concat(parts: &[Self]) -> Self {
        let Some((last, parts)) = parts.split_last() else {
            return Self::empty();
        };
        // The last one first, so that what is joined has been joined with what comes after it.
        let mut joined = Self::default();
        let mut starts = vec![joined.add(last)];
        for part in parts.iter().rev() {
            let next = starts[starts.len() - 1];
            let start = joined.add(part);
            for (at, accepts) in part.accepts.iter().enumerate() {
                if *accepts {
                    joined.accepts[start + at] = false;
                    joined.join(start + at, next);
                }
            }
            starts.push(start);
        }
        joined.begin_at(starts[starts.len() - 1])
    }

    /// `a|b`
    pub fn union(parts: &[Self]) -> Self {
        let mut joined = Self::empty();
        joined.accepts[0] = false;
        for part in parts {
            let start = joined.add(part);
            joined.join(0, start);
        }
        joined
    }

    /// `a?`
    pub fn optional(&self) -> Self {
        Self::union(&[Self::empty(), self.clone()])
    }

    /// `a*`
    pub fn repeated(&self) -> Self {
        let mut joined = Self::empty();
        let start = joined.add(self);
        joined.join(0, start);
        for (at, accepts) in self.accepts.iter().enumerate() {
            if *accepts {
                joined.join(start + at, start);
                joined.accepts[start + at] = true;
            }
        }
        joined
    }

    /// `a{2,5}`
    pub fn counted(&self, min: usize, max: usize) -> Self {
        let mut joined = Self::empty();
        joined.accepts[0] = min == 0;
        let mut next = None;
        // The last one first: it goes on nowhere.
        for times in (1..=max).rev() {
            let start = joined.add(self);
            for (at, accepts) in self.accepts.iter().enumerate() {
                if *accepts {
                    joined.accepts[start + at] = times >= min;
                    if let Some(next) = next {
                        joined.join(start + at, next);
                    }
                }
            }
            next = Some(start);
        }
        if let Some(next) = next {
            joined.join(0, next);
        }
        joined
    }

    /// Puts the state where it begins in front.
    fn begin_at(mut self, start: usize) -> Self {
        self.transitions.swap(0, start);
        self.accepts.swap(0, start);
        for transition in self.transitions.iter_mut().flatten() {
            if transition.to == start {
                transition.to = 0;
            } else if transition.to == 0 {
                transition.to = start;
            }
        }
        self
    }

    /// The same language, with one way at most to read a text: the states are sets of states. Each
    /// costs as many units of effort as it has states.
    ///
    /// Nothing where that takes more effort.
    pub fn determinized(&self, effort: usize) -> Option<Self> {
        let mut made = Self::default();
        let mut sweep = Sweep::new(self.states());
        let mut known: HashMap<Rc<[usize]>, usize> = HashMap::new();
        let mut sets: Vec<Rc<[usize]>> = vec![Rc::from([0])];
        let mut spent = 0;
        known.insert(Rc::clone(&sets[0]), 0);
        while let Some(set) = sets.get(made.states()).map(Rc::clone) {
            spent += set.len();
            if spent >= effort {
                return None;
            }
            made.accepts.push(set.iter().any(|at| self.accepts[*at]));
            let mut read: Vec<Transition> = Vec::new();
            sweep.successors(self, &set, |low, high, next| {
                let to = known.get(next).copied().unwrap_or_else(|| {
                    let next: Rc<[usize]> = Rc::from(next);
                    sets.push(Rc::clone(&next));
                    known.insert(next, sets.len() - 1);
                    sets.len() - 1
                });
                read.push(Transition { low, high, to });
            });
            made.transitions.push(read);
        }
        Some(made)
    }

    /// The effort of a deterministic automaton over the bytes of UTF-8: one for each state, those
    /// between the bytes of a character included.
    pub fn effort_of_bytes(&self) -> usize {
        let between = self.transitions.iter().flatten().map(Transition::between);
        self.states() + between.sum::<usize>()
    }

    /// Does the search for a loop in a deterministic automaton end before it is too deep? A prefix is
    /// searched byte by byte.
    pub fn ends_its_search(&self) -> bool {
        let (mut on_path, mut visited) = (vec![false; self.states()], vec![false; self.states()]);
        let mut path = vec![(0, 0, 0)];
        while let Some((state, read, depth)) = path.pop() {
            on_path[state] = true;
            let Some(transition) = self.transitions[state].get(read) else {
                (on_path[state], visited[state]) = (false, true);
                continue;
            };
            path.push((state, read + 1, depth));
            if on_path[transition.to] {
                return true;
            }
            if !visited[transition.to] {
                let depth = depth + bytes(transition.low);
                if depth > DEEPEST {
                    return false;
                }
                path.push((transition.to, 0, depth));
            }
        }
        true
    }
}

/// Finds where sets of states lead; what it takes is kept from one set to the next.
struct Sweep {
    /// Where transitions begin (`true`) and end, and the state that they lead to.
    ends: Vec<(u32, bool, usize)>,
    /// By how many of them a state is reached.
    times: Vec<u32>,
    /// The states that are reached, in order.
    open: Vec<usize>,
    /// Those of the range before.
    last: Vec<usize>,
}

impl Sweep {
    fn new(states: usize) -> Self {
        Self {
            ends: Vec::new(),
            times: vec![0; states],
            open: Vec::new(),
            last: Vec::new(),
        }
    }

    /// The ranges of characters that some states tell apart, in order, and where they lead.
    fn successors(
        &mut self,
        of: &Automaton,
        set: &[usize],
        mut found: impl FnMut(u32, u32, &[usize]),
    ) {
        self.ends.clear();
        for transition in set.iter().flat_map(|at| &of.transitions[*at]) {
            self.ends.push((transition.low, true, transition.to));
            self.ends.push((transition.high + 1, false, transition.to));
        }
        self.ends.sort_unstable();
        self.last.clear();
        let (mut begin, mut at) = (0, 0);
        while let Some((point, ..)) = self.ends.get(at).copied() {
            while let Some((_, opens, to)) = self.ends.get(at).filter(|end| end.0 == point) {
                let (times, place) = (&mut self.times[*to], self.open.binary_search(to));
                *times = if *opens { *times + 1 } else { *times - 1 };
                match place {
                    Err(place) if *times == 1 => self.open.insert(place, *to),
                    Ok(place) if *times == 0 => {
                        self.open.remove(place);
                    }
                    _ => {}
                }
                at += 1;
            }
            // What begins where another ends leads on.
            if self.open != self.last {
                if !self.last.is_empty() {
                    found(begin, point - 1, &self.last);
                }
                begin = point;
                self.last.clone_from(&self.open);
            }
        }
    }
}

impl Transition {
    /// How many states are between the bytes of its characters, at most.
    const fn between(&self) -> usize {
        match (self.low, self.high) {
            (_, 0..0x80) => 0,
            (low, high) if low == high => bytes(low) - 1,
            (0..0x80, LAST) => 12,
            _ => 18,
        }
    }
}

/// How many bytes of UTF-8 a character has.
const fn bytes(character: u32) -> usize {
    match character {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(c: char) -> Automaton {
        Automaton::characters([(c, c)])
    }

    fn matches(automaton: &Automaton, text: &str) -> bool {
        let mut set = vec![0];
        for c in text.chars() {
            let mut next = Vec::new();
            let mut sweep = Sweep::new(automaton.states());
            sweep.successors(automaton, &set, |low, high, to| {
                if (low..=high).contains(&c.into()) {
                    next = to.to_vec();
                }
            });
            set = next;
        }
        set.iter().any(|at| automaton.accepts[*at])
    }

    #[test]
    fn operations_mean_what_they_say() {
        let (a, b) = (letter('a'), letter('b'));
        let ab = Automaton::concat(&[a.optional(), b.repeated(), a.clone()]);
        let cases = [
            (&ab, "a", true),
            (&ab, "abba", true),
            (&ab, "b", false),
            (&ab, "", false),
            (&ab.repeated(), "", true),
            (&ab.repeated(), "baaabba", true),
            (&ab.counted(2, 3), "aa", true),
            (&ab.counted(2, 3), "baba", true),
            (&ab.counted(2, 3), "bababababa", false),
            (&ab.counted(0, 1), "", true),
            (&Automaton::union(&[a, b]), "b", true),
        ];
        for (automaton, text, expected) in cases {
            assert_eq!(matches(automaton, text), expected, "{text}");
            let determinized = automaton.determinized(1000).unwrap();
            assert_eq!(matches(&determinized, text), expected, "{text}");
        }
    }

    #[test]
    fn sets_of_states_double_with_each_character_between() {
        let dot = Automaton::characters([('\0', char::MAX)]);
        let states = |dots| {
            let between = dot.counted(dots, dots);
            let all = Automaton::concat(&[Automaton::any(), letter('a'), between]);
            all.determinized(100_000).map(|made| made.states())
        };
        assert_eq!(states(3), Some(16));
        assert_eq!(states(10), Some(2048));
        assert_eq!(states(16), None);
    }
}
