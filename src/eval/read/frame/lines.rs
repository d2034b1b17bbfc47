//! Formats of a record a line, and of an element a record.

use super::super::{auditd, xml};
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

/// Cuts after the last whole event of Windows.
#[derive(Debug)]
pub(super) struct XmlCutter;

impl Cutter for XmlCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        if is_last {
            return Some(Cut::before(bytes.len()));
        }
        memchr::memmem::rfind(bytes, xml::END).map(|at| Cut::before(at + xml::END.len()))
    }

    fn resume(&mut self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find(bytes, b"<Event")
    }
}

/// Cuts where an event of auditd ends: its records follow one another, but for those that another
/// processor wrote between them.
#[derive(Debug)]
pub(super) struct AuditCutter;

impl Cutter for AuditCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        if is_last {
            return Some(Cut::before(bytes.len()));
        }
        let mut end = memchr::memrchr(b'\n', bytes)? + 1;
        let mut later = None;
        loop {
            let start = memchr::memrchr(b'\n', &bytes[..end - 1]).map_or(0, |at| at + 1);
            let line = String::from_utf8_lossy(&bytes[start..end]);
            let id = auditd::id_of(&line).map(str::to_owned);
            // The last line's event may go on in what follows.
            if later.as_ref().is_some_and(|later| *later != id) {
                return Some(Cut::before(end));
            }
            if start == 0 {
                return None;
            }
            later = Some(id);
            end = start;
        }
    }
}
