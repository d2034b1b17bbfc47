//! Two sequences of words or lines: which parts both have, in order.
//!
//! In: `a b c` and `a x c`. Out: [`Step`]s that together give both, `a` kept, `b` to `x`, `c` kept.
//! Myers (1986) where the sequences are short. What is long is cut at words that occur once in either
//! (Cohen's patience diff), and a stretch that stays long is one replacement: time and memory grow
//! with the length, not with its square.

use similar::{Algorithm, capture_diff_slices};
use std::collections::HashMap;
use std::ops::Range;

/// No two stretches longer than this together are compared word by word.
const MOST_COMPARED: usize = 2000;

/// A part of both sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Do both have it?
    pub kept: bool,
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// How one sequence becomes the other: kept and replaced parts in turn.
pub(super) fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let mut steps = Steps {
        old,
        new,
        found: Vec::new(),
    };
    let (start, end) = steps.trimmed(0..old.len(), 0..new.len());
    steps.keep(start);
    let (until_old, until_new) = (old.len() - end, new.len() - end);
    let short = old.len() + new.len() - 2 * (start + end) <= MOST_COMPARED;
    if !short {
        for (i, j) in anchors(&old[start..until_old], &new[start..until_new]) {
            steps.compare(start + i, start + j);
            steps.keep(1);
        }
    }
    steps.compare(until_old, until_new);
    steps.keep(end);
    steps.found
}

struct Steps<'s> {
    old: &'s [&'s str],
    new: &'s [&'s str],
    found: Vec<Step>,
}

impl Steps<'_> {
    /// Where the steps so far end.
    fn at(&self) -> (usize, usize) {
        let last = self.found.last();
        last.map_or((0, 0), |step| (step.old.end, step.new.end))
    }

    fn push(&mut self, kept: bool, old: usize, new: usize) {
        if old + new == 0 {
            return;
        }
        let (i, j) = self.at();
        match self.found.last_mut() {
            Some(last) if last.kept == kept => {
                last.old.end += old;
                last.new.end += new;
            }
            _ => self.found.push(Step {
                kept,
                old: i..i + old,
                new: j..j + new,
            }),
        }
    }

    fn keep(&mut self, count: usize) {
        self.push(true, count, count);
    }

    /// How many words both ranges begin with, and how many others they end with.
    fn trimmed(&self, old: Range<usize>, new: Range<usize>) -> (usize, usize) {
        let (old, new) = (&self.old[old], &self.new[new]);
        let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let (old, new) = (&old[start..], &new[start..]);
        let ends = old.iter().rev().zip(new.iter().rev());
        (start, ends.take_while(|(a, b)| a == b).count())
    }

    /// Compares what lies between the steps so far and these places.
    fn compare(&mut self, until_old: usize, until_new: usize) {
        let (i, j) = self.at();
        let (start, end) = self.trimmed(i..until_old, j..until_new);
        self.keep(start);
        let (old, new) = (i + start..until_old - end, j + start..until_new - end);
        if old.is_empty() || new.is_empty() || old.len() + new.len() > MOST_COMPARED {
            self.push(false, old.len(), new.len());
        } else {
            // Only lengths count: the places of an insertion beside a deletion are not those of
            // the sequence that is put together.
            let (old, new) = (&self.old[old], &self.new[new]);
            for operation in capture_diff_slices(Algorithm::Myers, old, new) {
                let kept = operation.tag() == similar::DiffTag::Equal;
                let (old, new) = (operation.old_range(), operation.new_range());
                self.push(kept, old.len(), new.len());
            }
        }
        self.keep(end);
    }
}

/// Places of words that occur once in either sequence, as many as are in one order in both.
fn anchors(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let only = |words: &[&str]| -> HashMap<String, Option<usize>> {
        let mut places = HashMap::new();
        for (at, word) in words.iter().enumerate() {
            let known = places.entry((*word).to_owned());
            known.and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    };
    let (in_old, in_new) = (only(old), only(new));
    let place = |places: &HashMap<String, Option<usize>>, word: &str| *places.get(word)?;
    let pairs: Vec<(usize, usize)> = old
        .iter()
        .filter_map(|word| Some((place(&in_old, word)?, place(&in_new, word)?)))
        .collect();
    // The longest rising row, by Fredman (1975): for each length the pair that ends one lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, (_, j)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *j);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut row = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(pair) = at {
        row.push(pairs[pair]);
        at = before[pair];
    }
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The steps give both sequences, and what is kept is the same.
    fn check(old: &[&str], new: &[&str]) -> Vec<Step> {
        let steps = steps(old, new);
        let (mut i, mut j) = (0, 0);
        for step in &steps {
            assert_eq!((step.old.start, step.new.start), (i, j));
            (i, j) = (step.old.end, step.new.end);
            if step.kept {
                assert_eq!(old[step.old.clone()], new[step.new.clone()]);
            }
        }
        assert_eq!((i, j), (old.len(), new.len()));
        assert!(steps.windows(2).all(|pair| pair[0].kept != pair[1].kept));
        steps
    }

    #[test]
    fn changes_far_apart_in_long_sequences_are_found() {
        let words: Vec<String> = (0..50_000).map(|number| format!("w{number}")).collect();
        let old: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut new = old.clone();
        new[10] = "x";
        new.remove(40_000);
        let changed = check(&old, &new).into_iter().filter(|step| !step.kept);
        let changed: Vec<_> = changed.map(|step| (step.old, step.new)).collect();
        assert_eq!(
            changed,
            [(10..11, 10..11), (40_000..40_001, 40_000..40_000)]
        );
        let reversed: Vec<&str> = old.iter().rev().copied().collect();
        check(&old, &reversed);
    }

    proptest! {
        #[test]
        fn steps_give_both_sequences(
            old in prop::collection::vec("[a-d]", 0..40),
            new in prop::collection::vec("[a-d]", 0..40),
            times in 1_usize..80,
        ) {
            let repeated = |words: &'_ [String]| -> Vec<String> {
                std::iter::repeat_n(words, times).flatten().cloned().collect()
            };
            let (old, new) = (repeated(&old), repeated(&new));
            let old: Vec<&str> = old.iter().map(String::as_str).collect();
            let new: Vec<&str> = new.iter().map(String::as_str).collect();
            check(&old, &new);
        }
    }
}
