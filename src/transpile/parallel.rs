//! Many files at once, results in the order of the inputs.
//!
//! In: inputs, what to do with each, and who takes the results. Out: the results, handed over one
//! by one in input order. While those of some inputs are handed over, the next ones are worked on, so
//! that memory does not grow with the number of inputs.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use std::ops::ControlFlow;

/// How many inputs are worked on before their results are handed over.
const WINDOW: usize = 512;

/// How many inputs are a handful.
const HANDFUL: usize = 8;

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
///     |_, n| {
///         doubled.push(n);
///         ControlFlow::Continue(())
///     },
/// );
/// assert_eq!(doubled, [2, 4, 6]);
/// ```
pub fn in_order<I, O>(
    inputs: &[I],
    work: impl Fn(&I) -> O + Sync,
    take: impl FnMut(&I, O) -> ControlFlow<()> + Send,
) where
    I: Sync,
    O: Send,
{
    let by_window = |window: &[I]| window.into_par_iter().map(&work).collect();
    run(inputs, by_window, take);
}

/// As [`in_order`], but each thread works on a handful of inputs at once: the stages of a work that
/// takes some microseconds an input go faster one after another over several inputs, because the
/// code of one of them stays in the processor's cache. There is a result for each input.
pub fn in_order_by_handfuls<I, O>(
    inputs: &[I],
    work: impl Fn(&[I]) -> Vec<O> + Sync,
    take: impl FnMut(&I, O) -> ControlFlow<()> + Send,
) where
    I: Sync,
    O: Send,
{
    let by_window = |window: &[I]| window.par_chunks(HANDFUL).flat_map_iter(&work).collect();
    run(inputs, by_window, take);
}

fn run<I, O>(
    inputs: &[I],
    work: impl Fn(&[I]) -> Vec<O> + Sync,
    mut take: impl FnMut(&I, O) -> ControlFlow<()> + Send,
) where
    I: Sync,
    O: Send,
{
    let mut pairs = inputs.iter().zip(Vec::new());
    let mut taken = 0;
    for window in inputs.chunks(WINDOW) {
        let (flow, results) = rayon::join(
            || pairs.try_for_each(|(input, result)| take(input, result)),
            || work(window),
        );
        if flow.is_break() {
            return;
        }
        pairs = inputs[taken..].iter().zip(results);
        taken += window.len();
    }
    // A break here ends nothing that has not ended.
    let _ = pairs.try_for_each(|(input, result)| take(input, result));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_the_order_of_the_inputs() {
        let inputs: Vec<usize> = (0..1000).collect();
        let mut seen = Vec::new();
        in_order(
            &inputs,
            |n| *n,
            |_, n| {
                seen.push(n);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, inputs);
    }

    #[test]
    fn handfuls_come_one_by_one_until_a_break() {
        let inputs: Vec<usize> = (0..1003).collect();
        for end in [1003, 501] {
            let mut seen = Vec::new();
            in_order_by_handfuls(
                &inputs,
                |handful| handful.iter().map(|n| n * 2).collect(),
                |_, n| {
                    seen.push(n);
                    if seen.len() < end {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                },
            );
            assert_eq!(seen, (0..end).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_break_ends_the_run() {
        let inputs: Vec<usize> = (0..1000).collect();
        let mut seen = 0;
        in_order(
            &inputs,
            |n| *n,
            |_, _| {
                seen += 1;
                ControlFlow::Break(())
            },
        );
        assert_eq!(seen, 1);
    }

    #[test]
    #[should_panic(expected = "input 3")]
    fn a_panic_is_passed_on_and_nobody_waits_for_it() {
        let inputs: Vec<usize> = (0..5000).collect();
        in_order(
            &inputs,
            |n| assert!(*n != 3, "input {n}"),
            |_, ()| ControlFlow::Continue(()),
        );
    }

    #[test]
    fn no_more_than_two_windows_are_begun_before_results_are_taken() {
        let inputs: Vec<usize> = (0..5000).collect();
        let begun = AtomicUsize::new(0);
        let mut seen = 0;
        in_order(
            &inputs,
            |_| begun.fetch_add(1, Ordering::Relaxed),
            |_, _| {
                assert!(begun.load(Ordering::Relaxed) <= seen / WINDOW * WINDOW + 2 * WINDOW);
                seen += 1;
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, inputs.len());
    }
}
