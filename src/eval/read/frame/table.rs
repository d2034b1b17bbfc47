//! Tables: the header is what every chunk of rows needs.

use super::{Cut, Cutter};
use std::sync::Arc;

/// Cuts between rows. A quoted cell may have line breaks in it.
#[derive(Debug, Default)]
pub(super) struct TableCutter {
    header: Option<Arc<[u8]>>,
    delimiter: u8,
}

impl Cutter for TableCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        if self.header.is_none() {
            // Lines without a cell may be before the header.
            let start = bytes
                .iter()
                .position(|byte| !matches!(byte, b'\r' | b'\n'))?;
            let line = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let first = String::from_utf8_lossy(&bytes[start..line]);
            self.delimiter = super::super::table::delimiter_of_header(&first);
            let end = first_row(&bytes[start..], self.delimiter).map(|end| start + end);
            let end = match end {
                Some(end) => end,
                None if is_last => bytes.len(),
                None => return None,
            };
            self.header = Some(bytes[start..end].into());
            return Some(Cut::after(end));
        }
        if is_last {
            return Some(Cut::before(bytes.len()));
        }
        last_row(bytes, self.delimiter).map(Cut::before)
    }

    fn header(&self) -> Option<Arc<[u8]>> {
        self.header.clone()
    }
}

/// Where the first row ends.
fn first_row(bytes: &[u8], delimiter: u8) -> Option<usize> {
    rows(bytes, delimiter).next()
}

fn last_row(bytes: &[u8], delimiter: u8) -> Option<usize> {
    // Without quotes a line is a row.
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    }
    rows(bytes, delimiter).last()
}

/// The ends of rows. A quote opens a text at the beginning of a cell alone.
fn rows(bytes: &[u8], delimiter: u8) -> impl Iterator<Item = usize> {
    let mut at = 0;
    let mut is_start = true;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            if is_start && bytes[at] == b'"' {
                at += 1;
                // The closing quote; two of them are one of the text.
                loop {
                    at += memchr::memchr(b'"', &bytes[at..])? + 1;
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    at += 1;
                }
                is_start = false;
                continue;
            }
            let found = memchr::memchr2(delimiter, b'\n', &bytes[at..])?;
            at += found + 1;
            is_start = true;
            if bytes[at - 1] == b'\n' {
                return Some(at);
            }
        }
        None
    })
}

/// Cuts after lines, and hands each chunk the lines of columns that are in force at its beginning.
#[derive(Debug, Default)]
pub(super) struct LogCutter {
    header: Vec<u8>,
    /// In force after what was cut.
    next: Vec<u8>,
}

impl Cutter for LogCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        let cut = super::lines::LineCutter.cut(bytes, is_last)?;
        self.header.clone_from(&self.next);
        let bytes = &bytes[..cut.end];
        for word in [&b"#fields\t"[..], b"#Fields:", b"#path\t"] {
            let places = memchr::memmem::find_iter(bytes, word);
            let places = places.filter(|at| *at == 0 || bytes[at - 1] == b'\n');
            if let Some(at) = places.last() {
                let end =
                    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
                // A log has one line of each.
                let kept = self.next.split_inclusive(|byte| *byte == b'\n');
                let mut next: Vec<u8> = kept
                    .filter(|line| !line.starts_with(word))
                    .flatten()
                    .copied()
                    .collect();
                next.extend_from_slice(&bytes[at..end]);
                self.next = next;
            }
        }
        Some(cut)
    }

    fn header(&self) -> Option<Arc<[u8]>> {
        Some(self.header.as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_outside_of_quotes() {
        let ends = |text: &str| rows(text.as_bytes(), b',').collect::<Vec<_>>();
        assert_eq!(ends("a,b\n\"c\n\"\"\n\",d\r\ne"), [4, 15]);
        assert_eq!(ends("a\"b\nc\n"), [4, 6]);
        assert_eq!(ends("\"a\n"), [] as [usize; 0]);
    }

    #[test]
    fn columns_in_force_are_handed_on() {
        let mut cutter = LogCutter::default();
        let first = b"#Fields: a b\n1 2\n";
        assert_eq!(cutter.cut(first, false), Some(Cut::before(first.len())));
        assert_eq!(cutter.header().as_deref(), Some(&b""[..]));
        cutter.cut(b"3 4\n#Fields: c\n5\n", false);
        assert_eq!(cutter.header().as_deref(), Some(&b"#Fields: a b\n"[..]));
        cutter.cut(b"6\n", true);
        assert_eq!(cutter.header().as_deref(), Some(&b"#Fields: c\n"[..]));
    }
}
