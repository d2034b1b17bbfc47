//! Chains of events in the order of a list.
//!
//! In: instants one after another, each with the stages that have an event there. Out: how many
//! stages the longest chain has that ends there and lies in the window: `a` at 1, `b` at 3 is 2.

/// The start of a chain that is not there.
const NEVER: i64 = i64::MIN;

/// The latest starts of chains of one length, by the stage that they end with: Fenwick's tree, which
/// has the latest of all before a stage in a few steps.
#[derive(Debug, Clone)]
struct Latest(Vec<i64>);

impl Latest {
    /// The latest start of a chain that ends before a stage.
    fn before(&self, stage: usize) -> i64 {
        let (mut at, mut latest) = (stage, NEVER);
        while at > 0 {
            latest = latest.max(self.0[at]);
            at &= at - 1;
        }
        latest
    }

    /// Takes a chain that ends with a stage.
    fn add(&mut self, stage: usize, start: i64) {
        let mut at = stage + 1;
        while let Some(latest) = self.0.get_mut(at) {
            *latest = start.max(*latest);
            at += at & at.wrapping_neg();
        }
    }
}

/// The latest start of every chain so far.
#[derive(Debug)]
pub(super) struct Chains {
    /// The stages that each member is.
    stages_of: Vec<Vec<usize>>,
    /// By length - 1: the latest starts of chains of that length.
    starts: Vec<Latest>,
    /// By stage: the latest start of a chain of all stages up to it.
    whole_to: Vec<i64>,
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
        let count = stages.len();
        let none = Latest(vec![NEVER; count + 1]);
        Self {
            stages_of,
            starts: vec![none; if whole { 0 } else { count }],
            whole_to: vec![NEVER; if whole { count } else { 0 }],
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
            if self.whole {
                let found = stage
                    .checked_sub(1)
                    .map_or(at, |before| self.whole_to[before]);
                self.whole_to[stage] = self.whole_to[stage].max(found);
                if found != NEVER && found >= from {
                    longest = longest.max(stage + 1);
                }
                continue;
            }
            for shorter in 0..=stage {
                let before = shorter.checked_sub(1).and_then(|at| self.starts.get(at));
                let found = before.map_or(at, |starts| starts.before(stage));
                // Nor is there any longer one.
                if found == NEVER {
                    break;
                }
                self.starts[shorter].add(stage, found);
                if found >= from {
                    longest = longest.max(shorter + 1);
                }
            }
        }
        longest
    }

    /// Forgets every chain.
    pub fn clear(&mut self) {
        self.starts
            .iter_mut()
            .for_each(|starts| starts.0.fill(NEVER));
        self.whole_to.fill(NEVER);
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
            assert_eq!(
                longest(&[0, 1, 2], whole, &[(1, 0), (2, 1), (12, 2)]),
                if whole { 0 } else { 2 }
            );
            assert_eq!(longest(&[0, 1], whole, &[(1, 0), (1, 1)]), 1);
            assert_eq!(longest(&[0, 1, 0], whole, &[(1, 0), (2, 1), (3, 0)]), 3);
        }
        assert_eq!(longest(&[0, 1, 2], false, &[(1, 0), (2, 2)]), 2);
        assert_eq!(longest(&[0, 1, 2], true, &[(1, 0), (2, 2)]), 0);
    }
}
