//! Many files at once, results in the order of the inputs.
//!
//! In: inputs, what to do with each, and who takes the results. Out: the results, handed over one
//! by one in input order while later inputs are still being worked on. Only two chunks of results
//! are held at a time, so memory does not grow with the number of files.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::ops::ControlFlow;

/// Inputs worked on between two handovers: long enough to keep every core busy, short enough that
/// the first results show at once.
const CHUNK: usize = 128;

/// Works on `inputs` in parallel and hands each result to `take`, in order, until it breaks.
///
/// ```
/// use std::ops::ControlFlow;
/// use varsigma::transpile::parallel::in_order;
///
/// let mut doubled = Vec::new();
/// in_order(
///     &[1, 2, 3],
///     |n| n * 2,
///     |n| {
///         doubled.push(n);
///         ControlFlow::Continue(())
///     },
/// );
/// assert_eq!(doubled, [2, 4, 6]);
/// ```
pub fn in_order<I, O>(
    inputs: &[I],
    work: impl Fn(&I) -> O + Sync,
    mut take: impl FnMut(O) -> ControlFlow<()> + Send,
) where
    I: Sync,
    O: Send,
{
    let mut finished: Vec<O> = Vec::new();
    let mut hand_over = |results: Vec<O>| results.into_iter().try_for_each(&mut take);
    for chunk in inputs.chunks(CHUNK) {
        let earlier = std::mem::take(&mut finished);
        let (results, flow) = rayon::join(
            || chunk.par_iter().map(&work).collect(),
            || hand_over(earlier),
        );
        if flow.is_break() {
            return;
        }
        finished = results;
    }
    // A break here has nothing left to stop.
    let _ = hand_over(finished);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_inputs() {
        let inputs: Vec<usize> = (0..1000).collect();
        let mut seen = Vec::new();
        in_order(
            &inputs,
            |n| *n,
            |n| {
                seen.push(n);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, inputs);
    }

    #[test]
    fn a_break_ends_the_run() {
        let inputs: Vec<usize> = (0..1000).collect();
        let mut seen = 0;
        in_order(
            &inputs,
            |n| *n,
            |_| {
                seen += 1;
                ControlFlow::Break(())
            },
        );
        assert_eq!(seen, 1);
    }
}
