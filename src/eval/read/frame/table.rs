//! Tables: the header is what every chunk of rows needs.

use super::super::rows::rows;
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
    rows(bytes, delimiter, false).next().map(|row| row.end)
}

fn last_row(bytes: &[u8], delimiter: u8) -> Option<usize> {
    // Without quotes a line is a row.
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    }
    rows(bytes, delimiter, false).last().map(|row| row.end)
}

/// The lines of a log's head that say how to read its cells.
const HEAD: [&[u8]; 8] = [
    b"#separator",
    b"#set_separator",
    b"#empty_field",
    b"#unset_field",
    b"#path",
    b"#fields",
    b"#types",
    b"#Fields:",
];

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
        for word in HEAD {
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
    fn columns_in_force_are_handed_on() {
        let mut cutter = LogCutter::default();
        let first = b"#Fields: a b\n1 2\n";
        assert_eq!(cutter.cut(first, false), Some(Cut::before(first.len())));
        assert_eq!(cutter.header().as_deref(), Some(&b""[..]));
        cutter.cut(b"3 4\n#Fields: c\n5\n", false);
        assert_eq!(cutter.header().as_deref(), Some(&b"#Fields: a b\n"[..]));
        cutter.cut(b"6\n", true);
        assert_eq!(cutter.header().as_deref(), Some(&b"#Fields: c\n"[..]));
        let mut cutter = LogCutter::default();
        let head = b"#separator \\x09\n#set_separator\t;\n#unset_field\t?\n#fields\ta\n#types\tset[string]\n";
        cutter.cut(head, false);
        cutter.cut(b"b\n", true);
        assert_eq!(cutter.header().as_deref(), Some(&head[..]));
    }
}
