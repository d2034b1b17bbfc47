//! JSON: objects on lines of their own, one after another, in arrays, in envelopes of any size.
//!
//! Lines are found without reading what is in them: `}`, a line break and `{` are next to each other
//! between values alone, for within a value a comma is between them, and a text has no line breaks.
//! Where there are no such lines, brackets and texts are followed.

use super::{Cut, Cutter};

/// The keys of lists of events.
const LISTS: [&[u8]; 9] = [
    b"Records", b"records", b"Events", b"events", b"value", b"results", b"hits", b"values", b"rows",
];

#[derive(Debug)]
pub(super) struct JsonCutter {
    state: State,
    /// An envelope that has no end in as many bytes is opened, and its events are the elements of
    /// the list in it.
    envelope: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values.
    Top,
    /// In a list of events, with as many objects open around it.
    List(usize),
    /// After a list of events, with as many objects open.
    Rest(usize),
}

impl Cutter for JsonCutter {
    fn cut(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        match self.state {
            State::Top => self.cut_values(bytes, is_last),
            State::List(around) => self.cut_list(bytes, around, is_last),
            State::Rest(open) => {
                let mut scan = Scan::new(bytes, 0, open);
                let end = loop {
                    match scan.next() {
                        Some((at, _)) if scan.depth == 0 => break at + 1,
                        Some(_) => {}
                        // Nothing of it is an event, so it is passed over as it comes. A text that
                        // goes on is kept.
                        None => {
                            let end = if is_last { bytes.len() } else { scan.settled };
                            self.state = State::Rest(scan.settled_depth);
                            return (end > 0).then_some(Cut::after(end));
                        }
                    }
                };
                self.state = State::Top;
                Some(Cut::after(end))
            }
        }
    }

    fn resume(&mut self, bytes: &[u8]) -> Option<usize> {
        let found = memchr::memmem::find(bytes, b"\n{");
        found.map(|at| at + 1)
    }

    fn is_open(&self) -> bool {
        self.state != State::Top
    }
}

impl JsonCutter {
    pub const fn new(envelope: usize) -> Self {
        Self {
            state: State::Top,
            envelope,
        }
    }

    fn cut_values(&mut self, bytes: &[u8], is_last: bool) -> Option<Cut> {
        let start = gap(bytes);
        if start == bytes.len() {
            return Some(Cut::after(start));
        }
        if is_last {
            return Some(Cut {
                start,
                end: bytes.len(),
                next: bytes.len(),
            });
        }
        if bytes[start] == b'[' {
            self.state = State::List(0);
            return Some(Cut::after(start + 1));
        }
        if let Some(end) = between_lines(&bytes[start..]) {
            let end = start + end;
            return Some(Cut {
                start,
                end,
                next: end,
            });
        }
        let mut scan = Scan::new(bytes, start, 0);
        let mut end = start;
        while let Some((at, byte)) = scan.next() {
            match byte {
                b'[' if scan.depth == 1 => break,
                b'}' | b']' if scan.depth == 0 => end = at + 1,
                _ => {}
            }
        }
        if end > start {
            return Some(Cut {
                start,
                end,
                next: end,
            });
        }
        if bytes.len() < self.envelope {
            return None;
        }
        let (list, around) = list_in_envelope(bytes, start)?;
        self.state = State::List(around);
        Some(Cut::after(list))
    }

    fn cut_list(&mut self, bytes: &[u8], around: usize, is_last: bool) -> Option<Cut> {
        let mut scan = Scan::new(bytes, 0, 1);
        let mut last = None;
        while let Some((at, byte)) = scan.next() {
            match byte {
                b']' | b'}' if scan.depth == 0 => {
                    self.state = match around {
                        0 => State::Top,
                        _ => State::Rest(around),
                    };
                    return Some(Cut {
                        start: 0,
                        end: at,
                        next: at + 1,
                    });
                }
                b',' if scan.depth == 1 => last = Some(at),
                _ => {}
            }
        }
        match last {
            _ if is_last => Some(Cut::before(bytes.len())),
            None => None,
            Some(at) => Some(Cut {
                start: 0,
                end: at,
                next: at + 1,
            }),
        }
    }
}

/// What may be between values, in bytes.
fn gap(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match &bytes[at..] {
            [b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x1E, ..] => at += 1,
            [0xEF, 0xBB, 0xBF, ..] => at += 3,
            _ => return at,
        }
    }
}

/// The last place between two values that are on lines of their own.
fn between_lines(bytes: &[u8]) -> Option<usize> {
    let mut end = bytes.len();
    // A text of many lines for each value has no such place near its end.
    for _ in 0..4096 {
        let at = memchr::memrchr(b'\n', &bytes[..end])?;
        let after = bytes[at + 1..].iter().find(|byte| !is_blank(**byte));
        let before = bytes[..at].iter().rfind(|byte| !is_blank(**byte));
        if after == Some(&b'{') && before == Some(&b'}') {
            return Some(at + 1);
        }
        end = at;
    }
    None
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1E)
}

/// The first element of the list in an envelope that begins here, and how many objects are open
/// around it.
pub(in super::super) fn list_in_envelope(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut scan = Scan::new(bytes, start, 0);
    let mut before = start;
    let mut lists = 0;
    while let Some((at, byte)) = scan.next() {
        if byte == b'[' {
            let is_first = lists == 0 && scan.depth <= 4;
            let inside = bytes[at + 1..].iter().find(|byte| !is_blank(**byte));
            if is_first && matches!(inside, Some(b'{' | b'[')) && is_list(&bytes[before..at]) {
                return Some((at + 1, scan.depth - 1));
            }
            lists += 1;
        } else if byte == b']' {
            lists -= 1;
        }
        before = at;
    }
    None
}

/// Is this, before a list, the key of a list of events?
fn is_list(before: &[u8]) -> bool {
    let key = before.trim_ascii_end();
    let Some(key) = key.strip_suffix(b":") else {
        return false;
    };
    let key = key.trim_ascii_end();
    let Some(key) = key.strip_suffix(b"\"") else {
        return false;
    };
    LISTS.iter().any(|list| {
        key.strip_suffix(*list)
            .is_some_and(|rest| rest.ends_with(b"\""))
    })
}

/// Brackets and commas outside of texts.
pub(in super::super) struct Scan<'b> {
    bytes: &'b [u8],
    at: usize,
    /// How many brackets are open, after the last one that was found.
    pub depth: usize,
    /// The end of the last bracket or comma that was found, and the depth there.
    settled: usize,
    settled_depth: usize,
}

/// What a byte is to the scan.
const TABLE: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    let found = b"\"{}[],";
    while at < found.len() {
        table[found[at] as usize] = true;
        at += 1;
    }
    table
};

impl<'b> Scan<'b> {
    pub const fn new(bytes: &'b [u8], at: usize, depth: usize) -> Self {
        Self {
            bytes,
            at,
            depth,
            settled: 0,
            settled_depth: depth,
        }
    }

    pub fn next(&mut self) -> Option<(usize, u8)> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let found = rest.iter().position(|byte| TABLE[*byte as usize])?;
            let at = self.at + found;
            let byte = self.bytes[at];
            self.at = at + 1;
            match byte {
                b'"' => {
                    self.at = end_of_text(self.bytes, at + 1)?;
                    continue;
                }
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.settled = self.at;
            self.settled_depth = self.depth;
            return Some((at, byte));
        }
    }
}

/// The place after a text's closing quote.
fn end_of_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at + found] == b'"' {
            return Some(at + found + 1);
        }
        at += found + 2;
    }
}
