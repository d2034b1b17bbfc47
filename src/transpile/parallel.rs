//! Many files at once, results in the order of the inputs.
//!
//! In: inputs, a function for each, and a receiver of results. Out: the results, passed on one by one
//! in input order while later inputs are still in work. A limited number of results may wait for an
//! earlier one, so that a thread that the system pauses does not stop the others, and memory does not
//! grow with the number of inputs.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many results may wait for one before them.
const MOST_WAITING: usize = 512;

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
    take: impl FnMut(O) -> ControlFlow<()> + Send,
) where
    I: Sync,
    O: Send,
{
    let inputs: Vec<&I> = inputs.iter().collect();
    run(&inputs, work, MOST_WAITING, take);
}

/// As [`in_order`], but each thread works on a handful of inputs at once: the stages of a work that
/// takes some microseconds an input go faster one after another over several inputs, because the
/// code of one of them stays in the processor's cache. There is a result for each input.
pub fn in_order_by_handfuls<I, O>(
    inputs: &[I],
    work: impl Fn(&[I]) -> Vec<O> + Sync,
    mut take: impl FnMut(O) -> ControlFlow<()> + Send,
) where
    I: Sync,
    O: Send,
{
    let handfuls: Vec<&[I]> = inputs.chunks(HANDFUL).collect();
    let waiting = MOST_WAITING / HANDFUL;
    run(&handfuls, work, waiting, |results| {
        results.into_iter().try_for_each(&mut take)
    });
}

fn run<I, O>(
    inputs: &[I],
    work: impl Fn(I) -> O + Sync,
    waiting: usize,
    take: impl FnMut(O) -> ControlFlow<()> + Send,
) where
    I: Copy + Sync,
    O: Send,
{
    let next = AtomicUsize::new(0);
    let queue = Queue::new(waiting, take);
    rayon::broadcast(|_| {
        let _abandon = Abandon(&queue);
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(at) else { break };
            if queue.put(at, work(*input)).is_break() {
                break;
            }
        }
    });
}

/// Ends the run where a thread panics: the others must not wait for its result.
struct Abandon<'q, O, T>(&'q Queue<O, T>);

impl<O, T> Drop for Abandon<'_, O, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.locked().flow = ControlFlow::Break(());
            self.0.moved.notify_all();
        }
    }
}

/// Results on their way to who takes them.
struct Queue<O, T> {
    /// How many results may wait.
    most: usize,
    state: Mutex<State<O, T>>,
    /// Results were handed over.
    moved: Condvar,
}

struct State<O, T> {
    /// The number of the input whose result comes next.
    first: usize,
    /// The results from that one on, as far as they are there.
    waiting: VecDeque<Option<O>>,
    /// Threads that are too far ahead, and sleep.
    asleep: usize,
    take: T,
    flow: ControlFlow<()>,
}

impl<O, T: FnMut(O) -> ControlFlow<()>> Queue<O, T> {
    const fn new(most: usize, take: T) -> Self {
        Self {
            most,
            state: Mutex::new(State {
                first: 0,
                waiting: VecDeque::new(),
                asleep: 0,
                take,
                flow: ControlFlow::Continue(()),
            }),
            moved: Condvar::new(),
        }
    }

    /// Hands over the results from the first one on, if this is the one that they waited for.
    /// Otherwise it waits here, and if it is far ahead, so does its thread: the thread that works
    /// on the first one doesn't.
    fn put(&self, at: usize, result: O) -> ControlFlow<()> {
        let mut state = self.locked();
        while at >= state.first + self.most && state.flow.is_continue() {
            state.asleep += 1;
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
        if state.flow.is_break() {
            return state.flow;
        }
        let place = at - state.first;
        if state.waiting.len() <= place {
            state.waiting.resize_with(place + 1, || None);
        }
        state.waiting[place] = Some(result);
        if place > 0 {
            return ControlFlow::Continue(());
        }
        while let Some(Some(result)) = state.waiting.front_mut().map(Option::take) {
            state.waiting.pop_front();
            state.first += 1;
            state.flow = (state.take)(result);
            if state.flow.is_break() {
                break;
            }
        }
        if state.asleep > 0 {
            self.moved.notify_all();
        }
        state.flow
    }
}

impl<O, T> Queue<O, T> {
    /// A panic of who takes results ends the run by itself.
    fn locked(&self) -> MutexGuard<'_, State<O, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    fn handfuls_come_one_by_one_until_a_break() {
        let inputs: Vec<usize> = (0..1003).collect();
        for end in [1003, 501] {
            let mut seen = Vec::new();
            in_order_by_handfuls(
                &inputs,
                |handful| handful.iter().map(|n| n * 2).collect(),
                |n| {
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
            |_| {
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
            |()| ControlFlow::Continue(()),
        );
    }

    #[test]
    fn a_slow_input_holds_up_no_more_than_may_wait() {
        let inputs: Vec<usize> = (0..5000).collect();
        let begun = AtomicUsize::new(0);
        let mut seen = 0;
        in_order(
            &inputs,
            |n| {
                begun.fetch_add(1, Ordering::Relaxed);
                if *n == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    assert!(begun.load(Ordering::Relaxed) <= MOST_WAITING + 64);
                }
            },
            |()| {
                seen += 1;
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, inputs.len());
    }
}
