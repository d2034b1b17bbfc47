//! Automata, and their deterministic forms beside those of a plain construction.

use crate::pattern::automaton::{Automaton, Transition};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeSet;

fn letter(c: char) -> Automaton {
    Automaton::characters([(c, c)])
}

/// Where a set of states leads by a character.
fn next(automaton: &Automaton, set: &BTreeSet<usize>, c: u32) -> BTreeSet<usize> {
    let read = set.iter().flat_map(|at| automaton.read(*at));
    let read = read.filter(|read| (read.low..=read.high).contains(&c));
    read.map(|read| read.to).collect()
}

fn matches(automaton: &Automaton, text: &str) -> bool {
    let start = BTreeSet::from([0]);
    let end = text
        .chars()
        .fold(start, |set, c| next(automaton, &set, c.into()));
    end.iter().any(|at| automaton.accepts[*at])
}

/// The deterministic form, made character range by character range; nothing past the effort.
fn plainly(automaton: &Automaton, effort: usize) -> Option<Form> {
    let mut sets = vec![BTreeSet::from([0])];
    let mut transitions = vec![None];
    while let Some(at) = largest(&sets, &transitions) {
        if sets.iter().map(BTreeSet::len).sum::<usize>() >= effort {
            return None;
        }
        let set = sets[at].clone();
        let read = set.iter().flat_map(|at| automaton.read(*at));
        let points: BTreeSet<u32> = read.flat_map(|read| [read.low, read.high + 1]).collect();
        let points: Vec<u32> = points.into_iter().collect();
        let mut made: Vec<Transition> = Vec::new();
        for ends in points.windows(2) {
            let reached = next(automaton, &set, ends[0]);
            if reached.is_empty() {
                continue;
            }
            let known = sets.iter().position(|known| *known == reached);
            let to = known.unwrap_or_else(|| {
                sets.push(reached);
                sets.len() - 1
            });
            let (low, high) = (ends[0], ends[1] - 1);
            match made
                .last_mut()
                .filter(|last| last.to == to && last.high + 1 == low)
            {
                Some(last) => last.high = high,
                None => made.push(Transition { low, high, to }),
            }
        }
        transitions.resize(sets.len(), None);
        transitions[at] = Some(made);
    }
    let accepts = sets.iter();
    let accepts = accepts.map(|set| set.iter().any(|at| automaton.accepts[*at]));
    let accepts = accepts.collect();
    Some((transitions.into_iter().flatten().collect(), accepts))
}

/// The first one of the largest sets of which the transitions are not made.
fn largest(sets: &[BTreeSet<usize>], transitions: &[Option<Vec<Transition>>]) -> Option<usize> {
    let pending = (0..sets.len()).filter(|at| transitions[*at].is_none());
    pending.max_by_key(|at| (sets[*at].len(), Reverse(*at)))
}

/// States, and whether they accept.
type Form = (Vec<Vec<Transition>>, Vec<bool>);

/// The states in the order in which transitions lead to them: what is deterministic already is not
/// made anew, and keeps its own.
fn in_order((transitions, accepts): Form) -> Form {
    let mut order = vec![0];
    let mut at = 0;
    while let Some(state) = order.get(at) {
        for read in &transitions[*state] {
            if !order.contains(&read.to) {
                order.push(read.to);
            }
        }
        at += 1;
    }
    let place = |state| { order.iter() }.position(|known| *known == state);
    let moved = |read: &Transition| Transition {
        to: place(read.to).expect("a state that was reached"),
        ..*read
    };
    let read = order
        .iter()
        .map(|at| transitions[*at].iter().map(moved).collect());
    (
        read.collect(),
        order.iter().map(|at| accepts[*at]).collect(),
    )
}

/// Automata of all operations, deterministic parts among them.
fn automaton() -> impl Strategy<Value = Automaton> {
    let ranges = prop::sample::select(vec![
        vec![('a', 'a')],
        vec![('b', 'b')],
        vec![('A', 'A'), ('a', 'a')],
        vec![('a', 'z')],
        vec![('\0', '`'), ('b', char::MAX)],
        vec![('\0', char::MAX)],
        vec![('é', 'é')],
    ]);
    let leaf = prop_oneof![
        8 => ranges.prop_map(Automaton::characters),
        2 => Just(Automaton::any()),
        1 => Just(Automaton::empty()),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..6);
        prop_oneof![
            4 => several.clone().prop_map(|parts| Automaton::concat(&parts)),
            2 => several.prop_map(|parts| Automaton::union(&parts)),
            1 => inner.clone().prop_map(|inner| inner.optional()),
            1 => inner.clone().prop_map(|inner| inner.repeated()),
            2 => (inner.clone(), 0..3_usize, 0..4_usize)
                .prop_map(|(inner, min, more)| inner.counted(min, min + more)),
            2 => inner.prop_filter_map("too large", |inner| inner.determinized(200)),
        ]
    })
}

proptest! {
    #[test]
    fn the_deterministic_form_is_that_of_a_plain_construction(
        automaton in automaton(),
        effort in prop_oneof![1..20_usize, 20..2000_usize],
    ) {
        let expected = plainly(&automaton, effort).map(in_order);
        let made = automaton.determinized(effort);
        let made = made.map(|made| {
            let read = (0..made.states()).map(|state| made.read(state).to_vec());
            in_order((read.collect(), made.accepts))
        });
        prop_assert_eq!(made, expected);
    }
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
        let determinized = automaton.clone().determinized(1000).unwrap();
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
