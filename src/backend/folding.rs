//! Letters that an engine pairs otherwise than a rule does.
//!
//! A rule pairs a letter with its upper or lower case where that is one character, and back
//! ([`fold`](crate::rule::fold) is the definition). Engines that compare in lower case, or by tables
//! of their own, pair some with more letters (`ẞ` with `ß`), and some with none (`İ`). ASCII's
//! letters are not asked about: to most engines `k` is the Kelvin sign too.
//!
//! In a backend file, letters with `-` between the ends of a range:
//!
//! ```toml
//! [query.folding]
//! broader = "ßẞǄ-ǌ"
//! narrower = "Ა-Ჿ"
//! approximate = "İ"
//! ```

use super::language::Loss;
use std::ops::RangeInclusive;

/// The letters, and what becomes of a test for one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folding {
    /// Of each loss the ranges, sorted and apart: `windash` makes values with a `–` of every flag,
    /// so that they are searched often.
    letters: Vec<(Loss, Vec<RangeInclusive<char>>)>,
}

impl Folding {
    /// Adds letters: `ßǄ-ǌ`. `false`: a range has no start, no end, or ends before it starts.
    pub fn add(&mut self, letters: &str, loss: Loss) -> bool {
        let (mut ranges, mut rest) = (Vec::new(), letters.chars());
        while let Some(first) = rest.next() {
            let mut behind = rest.clone();
            let mut last = first;
            if behind.next() == Some('-') {
                let Some(end) = behind.next() else {
                    return false;
                };
                (last, rest) = (end, behind);
            }
            if first == '-' || last < first {
                return false;
            }
            ranges.push(first..=last);
        }
        ranges.sort_by_key(|range| *range.start());
        ranges.dedup_by(|next, kept| {
            let overlaps = next.start() <= kept.end();
            if overlaps {
                *kept = *kept.start()..=*kept.end().max(next.end());
            }
            overlaps
        });
        self.letters.push((loss, ranges));
        true
    }

    /// The letters of a text that the engine pairs otherwise.
    pub fn find(&self, text: &str) -> impl Iterator<Item = (char, Loss)> {
        let letters = text.chars().filter(|letter| !letter.is_ascii());
        letters.filter_map(|letter| Some((letter, self.loss(letter)?)))
    }

    fn loss(&self, letter: char) -> Option<Loss> {
        let mut letters = self.letters.iter();
        let found = letters.find(|(_, ranges)| {
            let at = ranges.partition_point(|range| *range.end() < letter);
            ranges.get(at).is_some_and(|range| range.contains(&letter))
        });
        found.map(|(loss, _)| *loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_ranges() {
        let mut folding = Folding::default();
        assert!(folding.add("ßǄ-ǌ", Loss::Broader) && folding.add("İ", Loss::Approximate));
        let found = |text| folding.find(text).collect::<Vec<_>>();
        assert_eq!(found("straße"), [('ß', Loss::Broader)]);
        assert_eq!(found("ǈ"), [('ǈ', Loss::Broader)]);
        assert_eq!(
            found("İß"),
            [('İ', Loss::Approximate), ('ß', Loss::Broader)]
        );
        assert_eq!(found("kä-"), []);
        for wrong in ["-a", "a-", "c-a"] {
            assert!(!Folding::default().add(wrong, Loss::Broader), "{wrong}");
        }
    }

    #[test]
    fn ranges_of_a_loss_may_overlap_and_the_first_loss_counts() {
        let mut folding = Folding::default();
        assert!(folding.add("éα-ωβ-γε-ϗ", Loss::Narrower) && folding.add("δ-Ϙ", Loss::Broader));
        let of = |letter| folding.loss(letter);
        for letter in "éαβδωϗ".chars() {
            assert_eq!(of(letter), Some(Loss::Narrower), "{letter}");
        }
        assert_eq!((of('Ϙ'), of('ϙ')), (Some(Loss::Broader), None));
    }
}
