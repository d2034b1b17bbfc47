//! Which samples a rule is tested on.
//!
//! In: all samples. Out: for a rule those that are its own, by an `info.yml` or as its witnesses, or
//! else those that are no rule's, in order.

use super::samples::Sample;
use crate::eval::Event;
use std::collections::HashMap;

/// The samples, sorted by the rules that they are for.
#[derive(Debug)]
pub(super) struct SampleChoice<'s> {
    samples: &'s [Sample],
    /// The places of samples with an `info.yml`, by the ids in it.
    by_id: HashMap<&'s str, Vec<usize>>,
    /// The places of witnesses, by the name of their rule.
    by_name: HashMap<&'s str, Vec<usize>>,
    /// The others.
    of_all: Vec<usize>,
}

impl<'s> SampleChoice<'s> {
    pub fn new(samples: &'s [Sample]) -> Self {
        let mut choice = Self {
            samples,
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            of_all: Vec::new(),
        };
        for (at, sample) in samples.iter().enumerate() {
            let expected = sample.expected.as_ref();
            let name = expected.and_then(|expected| expected.rule.as_deref());
            if let Some(purpose) = &sample.purpose {
                for id in &purpose.rules {
                    choice.by_id.entry(id).or_default().push(at);
                }
            } else if let Some(name) = name {
                choice.by_name.entry(name).or_default().push(at);
            } else {
                choice.of_all.push(at);
            }
        }
        choice
    }

    /// The samples for the rule of that id, which its witnesses know by that name, or else such of the
    /// others as it looks at.
    pub fn of(&self, id: &str, name: &str, looks: &dyn Fn(&Event) -> bool) -> Vec<&'s Sample> {
        let own = [self.by_id.get(id), self.by_name.get(name)];
        let mut places: Vec<usize> = own.into_iter().flatten().flatten().copied().collect();
        places.sort_unstable();
        if places.is_empty() {
            let of_all = self.of_all.iter().copied();
            places.extend(of_all.filter(|at| looks(&self.samples[*at].event)));
        }
        places.into_iter().map(|at| &self.samples[at]).collect()
    }
}
