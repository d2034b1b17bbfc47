//! Automata of characters, joined as Lucene does it.
//!
//! In: characters and operations. Out: an automaton, and what Lucene counts of it: the states of
//! `.*a.{3}` are 5.
//!
//! Lucene's `Operations` and `UTF32ToUTF8` are the model (versions 9.12 and 10.3).

/// What reads one character of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transition {
    pub low: u32,
    pub high: u32,
    pub to: usize,
}

/// States, of which the first is where it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Automaton {
    pub transitions: Vec<Vec<Transition>>,
    pub accepts: Vec<bool>,
    /// How many states each state is a set of, at most, were no part made deterministic before.
    pub weights: Vec<usize>,
    /// There is one way at most to read a text, and the states are in the order in which they are found.
    pub is_deterministic: bool,
    /// How many transitions it has.
    pub size: usize,
    /// It would have more than [`MOST_TRANSITIONS`]: some are left out, and it is of no use.
    pub is_cut: bool,
}

/// Parts that may be empty go on as all that follow them do: `a*b*c*…` has the square of its length. An
/// engine that has not refused it before would not live through it.
const MOST_TRANSITIONS: usize = 1 << 22;

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
            weights: vec![1],
            is_deterministic: true,
            ..Self::default()
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
            weights: vec![1],
            is_deterministic: true,
            size: 1,
            is_cut: false,
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
        let read: Vec<Transition> = read.collect();
        Self {
            size: read.len(),
            transitions: vec![read, Vec::new()],
            accepts: vec![false, true],
            weights: vec![1, 1],
            is_deterministic: false,
            is_cut: false,
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
        self.weights.extend_from_slice(&other.weights);
        self.is_deterministic = false;
        self.size += other.size;
        self.is_cut |= other.is_cut;
        offset
    }

    /// A state may go on as another does, without reading a character.
    fn join(&mut self, state: usize, next: usize) {
        if state != next {
            self.size += self.transitions[next].len();
            if self.size > MOST_TRANSITIONS {
                self.is_cut = true;
                return;
            }
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
        self.weights.swap(0, start);
        for transition in self.transitions.iter_mut().flatten() {
            if transition.to == start {
                transition.to = 0;
            } else if transition.to == 0 {
                transition.to = start;
            }
        }
        self
    }

    /// What it would take to make the same deterministic in one go, with no part made so before: this
    /// much at most.
    ///
    /// Two texts that lead to one state here lead to one set of states there, of as many states as the
    /// weight at most.
    pub fn effort_at_once(&self) -> usize {
        let weights = self.weights.iter().copied();
        weights.fold(0, usize::saturating_add)
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
