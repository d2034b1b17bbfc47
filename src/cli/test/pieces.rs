//! Files of events a piece at a time, so that no file has to be held whole.
//!
//! In: a file's bytes as they come. Out: [`Read`]s, each of some thousand events: lines of JSON, or of
//! a text log. A value that is larger than a piece is read whole.

use crate::eval::read::{self, JsonReader, Read, decode};
use crate::source::Span;
use std::io::{self, Read as _};

/// How much of a file is read at once.
const PIECE: usize = 2 << 20;

/// What was read of a piece.
#[derive(Debug)]
pub(super) struct Piece {
    pub read: Read,
    /// The text that its errors point into, where there are any.
    pub text: String,
    /// Does what was read look like JSON?
    pub is_json: bool,
}

/// How the lines of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Lines,
    /// In UTF-16 or another form that can't be cut at lines.
    Whole,
}

/// Reads a file and hands each piece of it to `take`. The first bytes were read already.
pub(super) fn read(
    mut file: impl io::Read,
    is_log: bool,
    mut take: impl FnMut(Piece),
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut reader = JsonReader::default();
    let mut form = None;
    let mut room = PIECE;
    // Lines before this piece, and columns before it in its first line.
    let (mut lines, mut column) = (0, 0);
    loop {
        let wanted = (room - bytes.len().min(room)) as u64;
        let found = (&mut file).take(wanted).read_to_end(&mut bytes)?;
        let form = *form.get_or_insert_with(|| form_of(&bytes, is_log));
        let is_last = (found as u64) < wanted;
        let end = match (is_last, form) {
            (true, _) => bytes.len(),
            (false, Form::Whole) => 0,
            (false, _) => last_line(&bytes),
        };
        if end == 0 && !is_last {
            room *= 2;
            continue;
        }
        let decoded = decode(&bytes[..end]);
        let (mut read, used) = match form {
            Form::Lines => (read::lines(&decoded.text), decoded.text.len()),
            _ => reader.read(&decoded.text, is_last || decoded.error.is_some()),
        };
        let is_broken = decoded.error.is_some();
        let piece = &decoded.text[..used];
        let (newlines, tail) = measure(piece);
        if used == 0 && !is_last {
            room *= 2;
            continue;
        }
        let text = if read.errors.is_empty() && !is_broken {
            String::new()
        } else {
            // The places of errors are those in the file: its earlier lines are there, but empty.
            let before = lines + column;
            for error in &mut read.errors {
                shift(error, before);
            }
            let before = "\n".repeat(lines) + &" ".repeat(column);
            before + &decoded.text
        };
        column = if newlines > 0 { tail } else { column + tail };
        lines += newlines;
        read.errors.extend(decoded.error);
        let is_json = decoded.text.trim_start().starts_with(['{', '[', '<']);
        // A mark of the byte order is no part of the text.
        let used = used + (bytes.len().min(end) - decoded_length(&bytes[..end]));
        take(Piece {
            read,
            text,
            is_json,
        });
        if is_last || is_broken {
            return Ok(());
        }
        bytes.drain(..used);
        room = PIECE.max(bytes.len() + PIECE / 2);
    }
}

/// The bytes that are text: all but a mark of the byte order.
fn decoded_length(bytes: &[u8]) -> usize {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).len()
}

fn form_of(bytes: &[u8], is_log: bool) -> Form {
    let is_wide = matches!(
        bytes,
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [_, 0, ..] | [0, _, ..]
    );
    if is_wide {
        return Form::Whole;
    }
    let text = decode(&bytes[..last_line(bytes).max(bytes.len().min(PIECE))]);
    let mut lines = text.text.lines();
    let first = lines.find(|line| !line.trim().is_empty());
    let is_object =
        |line: &str| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(line).is_ok();
    if is_log && !first.is_some_and(is_object) {
        Form::Lines
    } else {
        Form::Json
    }
}

/// Where the last whole line ends.
fn last_line(bytes: &[u8]) -> usize {
    let last = bytes.iter().rposition(|byte| *byte == b'\n');
    last.map_or(0, |at| at + 1)
}

/// How many lines end in a text, and how many bytes follow the last of them.
fn measure(text: &str) -> (usize, usize) {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    let tail = text.rsplit('\n').next().map_or(0, str::len);
    (lines, tail)
}

fn shift(error: &mut crate::diagnostic::Diagnostic, by: usize) {
    for label in &mut error.labels {
        let range = label.span.range();
        label.span = Span::new(range.start + by, range.end + by);
    }
}
