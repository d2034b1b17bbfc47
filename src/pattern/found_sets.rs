//! Sets of states as bits, each with a number.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The words of a set that hold a state: which, and its bits.
pub(super) type Words = [(usize, u64)];

/// Sets of states, in the order in which they were found.
#[derive(Default)]
pub(super) struct FoundSets {
    /// The words of all of them, one set after another: of many states, a set has few.
    words: Vec<(usize, u64)>,
    /// Where each set ends.
    ends: Vec<usize>,
    /// How many states are in them all.
    pub members: usize,
    /// The number of each set by its hash, or the next one that was free.
    numbers: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
    /// The set that is looked up.
    looked_up: Vec<(usize, u64)>,
}

impl FoundSets {
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    pub fn set(&self, number: usize) -> &Words {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start..self.ends[number]]
    }

    /// The number of a set, which is found now if it is new.
    pub fn number(&mut self, bits: &[u64]) -> usize {
        let mut hash = 0_u64;
        self.looked_up.clear();
        for (word, bits) in filled(bits) {
            hash = stirred(hash.wrapping_add(word as u64), bits);
            self.looked_up.push((word, bits));
        }
        hash ^= hash >> 32;
        while let Some(number) = self.numbers.get(&hash).copied() {
            if self.set(number) == self.looked_up {
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = self.count();
        self.words.extend_from_slice(&self.looked_up);
        self.ends.push(self.words.len());
        self.members += size(&self.looked_up);
        self.numbers.insert(hash, number);
        number
    }
}

/// A fast hash: sets are looked up far more often than they are found.
const fn stirred(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A hash that is made fast, and of a number none at all: that is a hash already.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.0 = stirred(self.0, u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.0 = stirred(self.0, u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = stirred(self.0, u64::from(number));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// The words in which a bit is set.
pub(super) fn filled(bits: &[u64]) -> impl Iterator<Item = (usize, u64)> {
    bits.iter()
        .copied()
        .enumerate()
        .filter(|(_, bits)| *bits != 0)
}

/// The numbers of the bits that are set, in order.
pub(super) fn each_one(words: impl Iterator<Item = (usize, u64)>, mut take: impl FnMut(usize)) {
    for (word, mut bits) in words {
        while bits != 0 {
            take(word * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

/// How many bits are set.
pub(super) fn size(words: &Words) -> usize {
    let ones = words.iter().map(|(_, bits)| bits.count_ones() as usize);
    ones.sum()
}
