//! Clauses for the question whether literals can hold together.
//!
//! In: literals of a [`Store`]. Out: clauses over its nodes that can all be met if and only if, as far
//! as the [`theory`](super::theory) sees, an event meets the literals. Nodes below get the half of
//! their definition that their place asks for (Plaisted and Greenbaum 1986), so that an assignment
//! leaves open what does not matter.

use super::formula::{Literal, Node, Store};
use super::theory::{self, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// No more pairs of tests are compared for one question. What is left out proves nothing.
const MAX_PAIRS: usize = 1 << 18;

/// Clauses, the questions of structure first.
#[derive(Debug, Default)]
pub(super) struct Clauses {
    pub all: Vec<Vec<Literal>>,
    /// How many of them are structure; the others follow from what tests mean.
    pub structure: usize,
}

/// The clauses for literals that have to hold together.
pub(super) fn of(store: &Store<'_>, goals: &[Literal]) -> Clauses {
    let mut clauses = Clauses::default();
    let mut asked = BTreeSet::new();
    let mut queue: Vec<Literal> = goals.to_vec();
    clauses.all.extend(goals.iter().map(|goal| vec![*goal]));
    let mut at = 0;
    while let Some(&literal) = queue.get(at) {
        at += 1;
        if !asked.insert(literal) {
            continue;
        }
        let node = Literal::of(literal.node(), true);
        match (store.node(literal.node()), literal.is_negated()) {
            (Node::And(parts), false) => {
                for part in parts {
                    clauses.all.push(vec![!node, *part]);
                    queue.push(*part);
                }
            }
            (Node::And(parts), true) => {
                let mut clause = vec![node];
                for part in parts {
                    clause.push(!*part);
                    queue.push(!*part);
                }
                clauses.all.push(clause);
            }
            (Node::False, false) => clauses.all.push(vec![!node]),
            (Node::False, true) | (Node::Atom(..), _) => {}
        }
    }
    clauses.structure = clauses.all.len();
    let asked: Vec<Literal> = asked.into_iter().collect();
    clauses.all.extend(meaning(store, &asked));
    clauses
}

/// What the tests that are asked for say about each other.
fn meaning(store: &Store<'_>, asked: &[Literal]) -> Vec<Vec<Literal>> {
    let atoms = asked.iter().filter_map(|literal| {
        let Node::Atom(subject, shape) = store.node(literal.node()) else {
            return None;
        };
        Some((*literal, *subject, shape))
    });
    // Tests that must not hold, by what they test.
    let mut excluded: BTreeMap<Option<&str>, Vec<(Literal, Subject<'_>, &theory::Shape)>> =
        BTreeMap::new();
    let (no, yes): (Vec<_>, Vec<_>) = atoms.partition(|(literal, ..)| literal.is_negated());
    for atom in &no {
        excluded.entry(atom.1.0).or_default().push(*atom);
    }
    let mut clauses = Vec::new();
    let mut pairs = 0;
    // What one version alone has decides most questions: it comes before the limit.
    let refused: BTreeSet<Literal> = no.iter().map(|(literal, ..)| *literal).collect();
    let (shared, own): (Vec<_>, Vec<_>) = yes
        .iter()
        .partition(|(literal, ..)| refused.contains(&!*literal));
    for &(literal, subject, shape) in own.iter().chain(&shared) {
        let mut others: Vec<Option<&str>> = vec![subject.0];
        others.extend(subject.0.is_some().then_some(None));
        others.extend(shape.refers_to().map(Some));
        for other in others {
            for &(outer, other, outer_shape) in excluded.get(&other).into_iter().flatten() {
                pairs += 1;
                if pairs > MAX_PAIRS {
                    return clauses;
                }
                if literal != !outer && theory::implies((subject, shape), (other, outer_shape)) {
                    clauses.push(vec![!literal, !outer]);
                }
            }
        }
    }
    for tests in excluded.values() {
        for (at, &(literal, subject, shape)) in tests.iter().enumerate() {
            // Rare: two tests of one field alone can have this.
            if !shape.is_of_a_value() {
                for &(other, second, second_shape) in &tests[..at] {
                    if theory::one_holds((subject, shape), (second, second_shape)) {
                        clauses.push(vec![!literal, !other]);
                    }
                }
            }
        }
    }
    clauses
}
