//! Sets of states as bits, each with a number.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Sets of states, in the order in which they were found.
pub(super) struct FoundSets {
    /// The states of all of them as bits, one set after another.
    bits: Vec<u64>,
    /// The words of a set.
    words: usize,
    /// How many states are in them all.
    pub members: usize,
    /// The number of each set by its hash, or the next one that was free.
    numbers: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
}

impl FoundSets {
    /// One set is known at first.
    pub fn of(first: &[u64]) -> Self {
        let mut found = Self {
            bits: Vec::new(),
            words: first.len(),
            members: 0,
            numbers: HashMap::default(),
        };
        found.number(first);
        found
    }

    pub fn count(&self) -> usize {
        self.numbers.len()
    }

    pub fn set(&self, number: usize) -> &[u64] {
        &self.bits[number * self.words..][..self.words]
    }

    /// The number of a set, which is found now if it is new.
    pub fn number(&mut self, set: &[u64]) -> usize {
        let mut hash = mixed(set);
        while let Some(number) = self.numbers.get(&hash).copied() {
            if self.set(number) == set {
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = self.count();
        self.bits.extend_from_slice(set);
        self.members += size(set);
        self.numbers.insert(hash, number);
        number
    }
}

/// A fast hash: sets are looked up far more often than they are found.
fn mixed(words: &[u64]) -> u64 {
    let hash = words.iter().fold(0, |hash, word| stirred(hash, *word));
    hash ^ (hash >> 32)
}

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

/// The numbers of the bits that are set, in order.
pub(super) fn each_one(words: &[u64], mut take: impl FnMut(usize)) {
    for (word, bits) in words.iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            take(word * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

/// How many bits are set.
pub(super) fn size(words: &[u64]) -> usize {
    words.iter().map(|bits| bits.count_ones() as usize).sum()
}
