//! Counts by rank, and which rank the k-th of all has, in logarithmic time (a Fenwick tree).

/// How many there are of each rank.
#[derive(Debug, Clone)]
pub(super) struct Ranks {
    /// From 1; each holds the sum of as many ranks as its lowest bit says.
    sums: Vec<u32>,
    count: u32,
}

impl Ranks {
    /// None of that many ranks.
    pub fn new(ranks: usize) -> Self {
        Self {
            sums: vec![0; ranks + 1],
            count: 0,
        }
    }

    /// Adds one of a rank, or takes one away.
    pub fn change(&mut self, rank: u32, add: bool) {
        let by = if add { 1 } else { u32::MAX };
        self.count = self.count.wrapping_add(by);
        let mut at = rank as usize + 1;
        while let Some(sum) = self.sums.get_mut(at) {
            *sum = sum.wrapping_add(by);
            at += at & at.wrapping_neg();
        }
    }

    /// How many there are.
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// The rank of the k-th, from 0.
    pub fn kth(&self, k: u32) -> u32 {
        let (mut at, mut before) = (0, 0);
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            if let Some(sum) = self.sums.get(at + step)
                && before + sum <= k
            {
                at += step;
                before += sum;
            }
            step /= 2;
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kth_is_that_of_the_sorted_list() {
        let mut ranks = Ranks::new(6);
        let mut list = Vec::new();
        for rank in [3, 0, 5, 3, 2, 3, 0] {
            ranks.change(rank, true);
            list.push(rank);
            list.sort_unstable();
            for (k, rank) in (0..).zip(&list) {
                assert_eq!(ranks.kth(k), *rank);
            }
        }
        ranks.change(3, false);
        assert_eq!((ranks.len(), ranks.kth(2), ranks.kth(4)), (6, 2, 3));
    }
}
