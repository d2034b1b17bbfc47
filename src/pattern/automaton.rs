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
    /// Those of all states, one state after another.
    pub transitions: Vec<Transition>,
    /// Where the transitions of each state end.
    pub ends: Vec<usize>,
    pub accepts: Vec<bool>,
    /// How many states each state is a set of, at most, were no part made deterministic before.
    pub weights: Vec<usize>,
    /// There is one way at most to read a text, and the states are in the order in which they are found.
    pub is_deterministic: bool,
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
        let mut made = Self {
            is_deterministic: true,
            ..Self::default()
        };
        made.add_state(true, 1, []);
        made
    }

    /// `.*`
    pub fn any() -> Self {
        let mut made = Self {
            is_deterministic: true,
            ..Self::default()
        };
        let (low, high, to) = (0, LAST, 0);
        made.add_state(true, 1, [Transition { low, high, to }]);
        made
    }

    /// One character of these ranges.
    pub fn characters(ranges: impl IntoIterator<Item = (char, char)>) -> Self {
        let mut made = Self::default();
        let read = ranges.into_iter().map(|(low, high)| Transition {
            low: low.into(),
            high: high.into(),
            to: 1,
        });
        made.add_state(false, 1, read);
        made.add_state(true, 1, []);
        made
    }

    /// How many states it has.
    pub const fn states(&self) -> usize {
        self.accepts.len()
    }

    /// The transitions of a state.
    pub fn read(&self, state: usize) -> &[Transition] {
        let start = state.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.transitions[start..self.ends[state]]
    }

    /// The transitions of a state where the states come after so many others.
    fn moved(&self, state: usize, offset: usize) -> impl Iterator<Item = Transition> {
        self.read(state).iter().map(move |transition| Transition {
            to: transition.to + offset,
            ..*transition
        })
    }

    fn add_state(
        &mut self,
        accepts: bool,
        weight: usize,
        read: impl IntoIterator<Item = Transition>,
    ) {
        if self.transitions.len() > MOST_TRANSITIONS {
            self.is_cut = true;
        } else {
            self.transitions.extend(read);
        }
        self.ends.push(self.transitions.len());
        self.accepts.push(accepts);
        self.weights.push(weight);
    }

    /// Adds the states of a part. Those that accept go on as `next` does, too, and accept if `accepts`.
    fn add(&mut self, part: &Self, next: &[Transition], accepts: bool) {
        let offset = self.states();
        for (state, accepted) in part.accepts.iter().enumerate() {
            let next = if *accepted { next } else { &[] };
            let read = part.moved(state, offset).chain(next.iter().copied());
            self.add_state(*accepted && accepts, part.weights[state], read);
        }
        self.is_cut |= part.is_cut;
    }

    /// Adds one part after another: what accepts goes on with the next one, and accepts if `accepts`
    /// says so of its part. A state in front, which accepts or does not, goes on with the first one.
    fn chain(parts: &[&Self], front: Option<bool>, accepts: impl Fn(usize) -> bool) -> Self {
        let mut made = Self::default();
        // How each part begins: the last one is first, so that what follows is known.
        let lengths = parts.iter().map(|part| part.states());
        let mut offset = usize::from(front.is_some()) + lengths.sum::<usize>();
        let mut begun = vec![Vec::new()];
        let mut size = 0;
        for part in parts.iter().rev() {
            offset -= part.states();
            let mut first: Vec<Transition> = part.moved(0, offset).collect();
            if part.accepts[0] {
                first.extend_from_slice(&begun[begun.len() - 1]);
            }
            size += first.len();
            if size > MOST_TRANSITIONS {
                made = Self::empty();
                made.is_cut = true;
                return made;
            }
            begun.push(first);
        }
        let mut begun = begun.into_iter().rev();
        let first = begun.next().unwrap_or_default();
        if let Some(accepts) = front {
            made.add_state(accepts, 1, first);
        }
        for (at, (part, next)) in parts.iter().zip(begun).enumerate() {
            made.add(part, &next, accepts(at));
        }
        made
    }

    /// `ab`
    pub fn concat(parts: &[Self]) -> Self {
        if parts.is_empty() {
            return Self::empty();
        }
        let parts: Vec<&Self> = parts.iter().collect();
        let may_be_empty = parts.iter().rev().take_while(|part| part.accepts[0]);
        let last = parts.len() - 1;
        let ends = last.saturating_sub(may_be_empty.count());
        Self::chain(&parts, None, |at| at >= ends)
    }

    /// `a|b`
    pub fn union(parts: &[Self]) -> Self {
        let mut offset = 1;
        let begun = parts.iter().flat_map(|part| {
            let begun = part.moved(0, offset);
            offset += part.states();
            begun
        });
        let mut joined = Self::default();
        let accepts = parts.iter().any(|part| part.accepts[0]);
        joined.add_state(accepts, 1, begun);
        for part in parts {
            joined.add(part, &[], true);
        }
        joined
    }

    /// `a?`
    pub fn optional(&self) -> Self {
        Self::union(&[Self::empty(), self.clone()])
    }

    /// `a*`
    pub fn repeated(&self) -> Self {
        let mut joined = Self::default();
        let begun: Vec<Transition> = self.moved(0, 1).collect();
        joined.add_state(true, 1, begun.iter().copied());
        joined.add(self, &begun, true);
        joined
    }

    /// `a{2,5}`
    pub fn counted(&self, min: usize, max: usize) -> Self {
        let may_end = |times: usize| times >= min || self.accepts[0];
        Self::chain(&vec![self; max], Some(may_end(0)), |at| may_end(at + 1))
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
        let between = self.transitions.iter().map(Transition::between);
        self.states() + between.sum::<usize>()
    }

    /// Does the search for a loop in a deterministic automaton end before it is too deep? A prefix is
    /// searched byte by byte.
    pub fn ends_its_search(&self) -> bool {
        let (mut on_path, mut visited) = (vec![false; self.states()], vec![false; self.states()]);
        let mut path = vec![(0, 0, 0)];
        while let Some((state, read, depth)) = path.pop() {
            on_path[state] = true;
            let Some(transition) = self.read(state).get(read) else {
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
