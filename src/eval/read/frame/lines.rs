//! Formats of a record a line, and of an element a record.

use super::super::{auditd, xml};
use super::{Cut, Cutter};
use std::collections::{HashMap, HashSet};

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
        end_of_events(bytes).map(Cut::before)
    }

    fn resume(&mut self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find(bytes, b"<Event")
    }
}

/// The end of an event's element.
const END: &[u8] = b"</Event>";

/// Where the last whole event of the bytes ends: not within a text of one, unless nothing closes it.
fn end_of_events(bytes: &[u8]) -> Option<usize> {
    let end = |before| memchr::memmem::rfind(&bytes[..before], END).map(|at| at + END.len());
    let last = end(bytes.len())?;
    let mut found = Some(last);
    while let Some(at) = found {
        match xml::open_text(&bytes[..at]) {
            Some((text, _)) => found = end(text),
            None => return found,
        }
    }
    Some(last)
}

/// Cuts between events of auditd: their records follow one another, but for those that another
/// processor wrote between them.
#[derive(Debug)]
pub(super) struct AuditCutter;

/// The records of an event are no farther apart: they are written within moments.
const FARTHEST: usize = 64 << 10;

impl Cutter for AuditCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        if is_last {
            return Some(Cut::before(bytes.len()));
        }
        let end = memchr::memrchr(b'\n', bytes)? + 1;
        let reach = FARTHEST.min(end / 4);
        let from = memchr::memchr(b'\n', &bytes[end - 2 * reach..end])? + 1 + end - 2 * reach;
        // Where each line begins, and its event.
        let mut lines = Vec::new();
        let mut at = from;
        while let Some(length) = memchr::memchr(b'\n', &bytes[at..end]) {
            let line = String::from_utf8_lossy(&bytes[at..at + length]);
            lines.push((at, auditd::id_of(&line)));
            at += length + 1;
        }
        let mut left: HashMap<&str, usize> = HashMap::new();
        for id in lines.iter().filter_map(|(_, id)| id.as_deref()) {
            *left.entry(id).or_default() += 1;
        }
        // Where the fewest events go on, none mostly: as near to the end as records may be apart, or
        // else nearer.
        let mut open = HashSet::new();
        let mut best: Option<(usize, usize)> = None;
        for (at, id) in &lines {
            let is_better = best.is_none_or(|(fewest, _)| {
                open.len() < fewest || (open.len() == fewest && *at <= end - reach)
            });
            if *at > from && is_better {
                best = Some((open.len(), *at));
            }
            if let Some(id) = id.as_deref() {
                let left = left.entry(id).or_default();
                *left -= 1;
                if *left > 0 {
                    open.insert(id);
                } else {
                    open.remove(id);
                }
            }
        }
        best.map(|(_, at)| Cut::before(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_in_a_text_is_none() {
        let event = "<Event><a><![CDATA[</Event>]]></a><!-- </Event> --></Event>";
        let two = event.repeat(2);
        let inside = event.len() + 30;
        assert_eq!(end_of_events(&two.as_bytes()[..inside]), Some(event.len()));
        let comment = two.len() - 10;
        assert_eq!(end_of_events(&two.as_bytes()[..comment]), Some(event.len()));
        assert_eq!(end_of_events(two.as_bytes()), Some(two.len()));
    }
}
