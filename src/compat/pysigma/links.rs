//! How pySigma links correlations to rules.

use super::Pysigma;
use crate::index::LinkRules;

impl LinkRules for Pysigma {
    /// Its maps of names and ids are written over.
    fn takes_last(&self) -> bool {
        true
    }

    fn reaches_other_files(&self) -> bool {
        true
    }

    /// It prints every correlation, and no rule that a correlation without `generate` names.
    fn is_part(&self, is_correlation: bool, _is_generated: bool) -> bool {
        !is_correlation
    }

    /// It sorts the rules by an order that is not transitive, once when they are read and once before
    /// they are converted.
    fn order(&self, documents: usize, is_before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
        let mut order: Vec<usize> = (0..documents).collect();
        sort(&mut order, is_before);
        sort(&mut order, is_before);
        order
    }

    fn needs_order(&self) -> bool {
        true
    }

    fn finishes_generated(&self) -> bool {
        false
    }

    fn takes_printed(&self) -> bool {
        true
    }

    fn keeps_numbers(&self) -> bool {
        true
    }

    fn maps_own_fields(&self) -> bool {
        true
    }
}

/// Python's sort of a short list (`listsort.txt`): the first run, turned round where it descends, and
/// a binary insertion of what follows. Where the order is partial, the result depends on which pairs
/// are compared.
fn sort(order: &mut [usize], is_before: &dyn Fn(usize, usize) -> bool) {
    let mut run = order.len().min(2);
    if let [first, second, ..] = *order {
        let descends = is_before(second, first);
        while run < order.len() && is_before(order[run], order[run - 1]) == descends {
            run += 1;
        }
        if descends {
            order[..run].reverse();
        }
    }
    for at in run..order.len() {
        let pivot = order[at];
        let (mut left, mut right) = (0, at);
        while left < right {
            let middle = usize::midpoint(left, right);
            if is_before(pivot, order[middle]) {
                right = middle;
            } else {
                left = middle + 1;
            }
        }
        order[left..=at].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(documents: usize, named: &[(usize, usize)]) -> Vec<usize> {
        Pysigma.order(documents, &|rule, by| named.contains(&(rule, by)))
    }

    #[test]
    fn a_rule_is_not_always_before_the_correlation_that_names_it() {
        assert_eq!(sorted(2, &[(0, 1)]), [0, 1]);
        assert_eq!(sorted(2, &[(1, 0)]), [1, 0]);
        // An unrelated rule between them: neither is before it.
        assert_eq!(sorted(3, &[(2, 0)]), [0, 1, 2]);
    }
}
