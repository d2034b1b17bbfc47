//! Formats of a record a line.

use super::{Cut, Cutter};

/// Cuts after the last whole line.
#[derive(Debug)]
pub(super) struct LineCutter;

impl Cutter for LineCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        if is_last {
            return Some(Cut::before(bytes.len()));
        }
        memchr::memrchr(b'\n', bytes).map(|at| Cut::before(at + 1))
    }
}
