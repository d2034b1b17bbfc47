//! Sets of small numbers.

/// A set of numbers below a bound, a bit each.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// Room for numbers below `bound`.
    pub fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    pub fn has(&self, number: u32) -> bool {
        let word = self.0.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number. Says whether it was missing.
    pub fn insert(&mut self, number: u32) -> bool {
        let Some(word) = self.0.get_mut(number as usize / 64) else {
            return false;
        };
        let bit = 1 << (number % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Removes what the other set lacks.
    pub fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    /// The least number from `start` on.
    pub fn next(&self, start: u32) -> Option<u32> {
        let mut at = start as usize / 64;
        let mut word = self.0.get(at)? & (u64::MAX << (start % 64));
        while word == 0 {
            at += 1;
            word = *self.0.get(at)?;
        }
        u32::try_from(at * 64)
            .ok()?
            .checked_add(word.trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn numbers_come_in_order() {
        let mut bits = Bits::new(200);
        for number in [199, 0, 64, 63, 0] {
            bits.insert(number);
        }
        assert!(!bits.insert(0) && !bits.insert(1000) && !bits.has(1000) && bits.has(63));
        let all = std::iter::successors(bits.next(0), |last| bits.next(last + 1));
        assert_eq!(all.collect::<Vec<_>>(), [0, 63, 64, 199]);
        let mut other = Bits::new(200);
        other.insert(64);
        bits.keep(&other);
        assert_eq!((bits.next(0), bits.next(65)), (Some(64), None));
    }
}
