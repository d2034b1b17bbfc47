//! The rows of a table, of which a quoted cell may have line breaks.
//!
//! In: `1,"a\nb"`, a line break, `2,"c` and one more. Out: where each row ends, and in the second one
//! the place of the quote that nothing closes: such a row ends with its line. A quote opens a text at
//! the beginning of a cell alone.

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub start: usize,
    pub end: usize,
    /// The quote that is not closed.
    pub open: Option<usize>,
}

/// The rows of a text, which is the rest of its stream where it `is_last`: otherwise the last row,
/// which may go on, is not among them.
pub(super) fn rows(bytes: &[u8], delimiter: u8, is_last: bool) -> impl Iterator<Item = Row> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let row = row(bytes, next, delimiter, is_last)?;
        next = row.end;
        Some(row)
    })
}

fn row(bytes: &[u8], start: usize, delimiter: u8, is_last: bool) -> Option<Row> {
    let mut at = start;
    let mut open = None;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            match text(&bytes[at..], delimiter) {
                Text::Closed(length) => at += length,
                Text::Endless if !is_last => return None,
                Text::Open | Text::Endless => open = Some(at),
            }
        }
        let found = match open {
            None => memchr::memchr2(delimiter, b'\n', &bytes[at..]),
            Some(_) => memchr::memchr(b'\n', &bytes[at..]),
        };
        let Some(found) = found else {
            break;
        };
        at += found + 1;
        if bytes[at - 1] == b'\n' {
            return Some(Row {
                start,
                end: at,
                open,
            });
        }
    }
    (is_last && start < bytes.len()).then_some(Row {
        start,
        end: bytes.len(),
        open,
    })
}

/// A text in quotes.
enum Text {
    /// Its length.
    Closed(usize),
    /// The quote in a later line that would close it is within a cell.
    Open,
    /// The bytes end before it does.
    Endless,
}

fn text(bytes: &[u8], delimiter: u8) -> Text {
    let mut at = 1;
    while let Some(found) = memchr::memchr(b'"', &bytes[at..]) {
        at += found + 1;
        match bytes.get(at) {
            // Two of them are one of the text.
            Some(b'"') => at += 1,
            Some(b'\r' | b'\n') | None => return Text::Closed(at),
            Some(after) if *after == delimiter => return Text::Closed(at),
            Some(_) if bytes[..at].contains(&b'\n') => return Text::Open,
            Some(_) => return Text::Closed(at),
        }
    }
    Text::Endless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_outside_of_quotes() {
        let ends = |text: &str| -> Vec<usize> {
            rows(text.as_bytes(), b',', false)
                .map(|row| row.end)
                .collect()
        };
        assert_eq!(ends("a,b\n\"c\n\"\"\n\",d\r\ne"), [4, 15]);
        assert_eq!(ends("a\"b\nc\n"), [4, 6]);
        assert_eq!(ends("\"a\n"), [] as [usize; 0]);
        assert_eq!(ends("\"a\" b\nc\n"), [6, 8]);
    }

    #[test]
    fn a_quote_that_nothing_closes_is_of_one_line() {
        let found = |text: &str| -> Vec<(usize, Option<usize>)> {
            rows(text.as_bytes(), b',', true)
                .map(|row| (row.end, row.open))
                .collect()
        };
        assert_eq!(found("1,\"x\n2,3"), [(5, Some(2)), (8, None)]);
        assert_eq!(
            found("1,\"x,\"\n2,\"y\"\n3"),
            [(7, None), (13, None), (14, None)]
        );
        assert_eq!(found("1,\"x\n2,\"y\"\n"), [(5, Some(2)), (11, None)]);
    }
}
