//! Chains of events in the order of a list.
//!
//! In: instants one after another, each with the stages that have an event there. Out: how many
//! stages the longest chain has that ends there and lies in the window: `a` at 1, `b` at 3 is 2.

/// The latest start of every chain so far.
#[derive(Debug)]
pub(super) struct Chains {
    /// The stages that each member is.
    stages_of: Vec<Vec<usize>>,
    /// By stage, then by length - 1: the latest start of a chain that ends with the stage.
    starts: Vec<Vec<Option<i64>>>,
    /// Which stages have an event at this instant.
    present: Vec<usize>,
    /// Are chains asked for that leave no stage out?
    whole: bool,
}

impl Chains {
    /// For a list of members by number.
    pub fn new(stages: &[usize], members: usize, whole: bool) -> Self {
        let mut stages_of = vec![Vec::new(); members];
        for (stage, member) in stages.iter().enumerate() {
            stages_of[*member].push(stage);
        }
        let lengths = |stage| if whole { 1 } else { stage + 1 };
        Self {
            stages_of,
            starts: (0..stages.len())
                .map(|stage| vec![None; lengths(stage)])
                .collect(),
            present: Vec::new(),
            whole,
        }
    }

    /// Takes an event of a member.
    pub fn add(&mut self, member: usize) {
        self.present.extend(&self.stages_of[member]);
    }

    /// How many stages the longest chain has that ends at this instant and begins no earlier than
    /// `from`.
    pub fn close(&mut self, at: i64, from: i64) -> usize {
        // Later stages first: a chain must not use two events of one instant.
        self.present.sort_unstable_by(|a, b| b.cmp(a));
        self.present.dedup();
        let mut longest = 0;
        for stage in std::mem::take(&mut self.present) {
            let (before, rest) = self.starts.split_at_mut(stage);
            for (shorter, start) in rest[0].iter_mut().enumerate() {
                let length = if self.whole { stage + 1 } else { shorter + 1 };
                let found = match (self.whole, length) {
                    (_, 1) => Some(at),
                    (true, _) => before[stage - 1][0],
                    (false, _) => {
                        let mut earlier = before.iter();
                        earlier
                            .by_ref()
                            .filter_map(|starts| *starts.get(shorter - 1)?)
                            .max()
                    }
                };
                *start = found.max(*start);
                if found.is_some_and(|found| found >= from) {
                    longest = longest.max(length);
                }
            }
        }
        longest
    }

    /// Forgets every chain.
    pub fn clear(&mut self) {
        self.starts.iter_mut().for_each(|starts| starts.fill(None));
        self.present.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(stages: &[usize], whole: bool, events: &[(i64, usize)]) -> usize {
        let mut chains = Chains::new(stages, 3, whole);
        let mut longest = 0;
        for instants in events.chunk_by(|a, b| a.0 == b.0) {
            for (_, member) in instants {
                chains.add(*member);
            }
            longest = chains.close(instants[0].0, instants[0].0 - 10);
        }
        longest
    }

    #[test]
    fn a_chain_goes_forward_in_time() {
        for whole in [true, false] {
            assert_eq!(longest(&[0, 1, 2], whole, &[(1, 0), (2, 1), (3, 2)]), 3);
            assert_eq!(longest(&[0, 1, 2], whole, &[(1, 0), (2, 1), (12, 2)]), if whole { 0 } else { 2 });
            assert_eq!(longest(&[0, 1], whole, &[(1, 0), (1, 1)]), 1);
            assert_eq!(longest(&[0, 1, 0], whole, &[(1, 0), (2, 1), (3, 0)]), 3);
        }
        assert_eq!(longest(&[0, 1, 2], false, &[(1, 0), (2, 2)]), 2);
        assert_eq!(longest(&[0, 1, 2], true, &[(1, 0), (2, 2)]), 0);
    }
}
