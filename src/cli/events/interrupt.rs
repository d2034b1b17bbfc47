//! Ctrl-C: a run ends with what it found so far.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a program that an interrupt ended (128 and the signal's number).
const INTERRUPTED: i32 = 130;

/// Was the run interrupted?
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Waits for Ctrl-C from now on. The second one ends the program at once.
    pub fn listen() -> Self {
        let interrupt = Self::default();
        let flag = interrupt.clone();
        // Without a handler Ctrl-C ends the program as ever.
        let _ = ctrlc::set_handler(move || {
            if flag.0.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
        });
        interrupt
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
