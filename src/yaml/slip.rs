//! Mistakes in YAML for which the parser has no message of its own.
//!
//! In: a text that the parser could not read. Out: a place that explains the error better than the one
//! where the parser stopped: the marker of a merge conflict, two dashes for three, blanks that only
//! look like indentation.

use std::ops::Range;

/// A better explanation.
pub(super) struct Slip {
    /// Where, in bytes of the text.
    pub place: Range<usize>,
    /// What is wrong.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// The first slip of a text.
pub(super) fn find(text: &str) -> Option<Slip> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if is_conflict(line) {
            return Some(Slip {
                place: start..start + 7,
                message: "expected YAML, found the marker of a merge conflict",
                help: "decide between the two sides, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
            });
        }
        if is_marker(line) {
            return Some(Slip {
                place: start..start + line.trim_end().len(),
                message: "expected `---` between documents, found another number of dashes",
                help: "write three dashes",
            });
        }
        let indentation = line.len() - line.trim_start().len();
        let odd = |c: &char| c.is_whitespace() && !matches!(c, ' ' | '\t' | '\n' | '\r');
        let found = line[..indentation].char_indices().find(|(_, c)| odd(c));
        if let Some((offset, character)) = found.filter(|_| !line.trim().is_empty()) {
            let place = start + offset;
            return Some(Slip {
                place: place..place + character.len_utf8(),
                message: "expected spaces as indentation, found another kind of blank",
                help: "indent with plain spaces; text copied from a web page may contain no-break \
                       spaces (U+00A0)",
            });
        }
    }
    None
}

/// `--` or `----`, where `---` was meant.
fn is_marker(line: &str) -> bool {
    let dashes = line.trim_end();
    dashes.len() > 1 && dashes.len() != 3 && dashes.bytes().all(|byte| byte == b'-')
}

/// `<<<<<<< HEAD`, `=======` or `>>>>>>> branch`, as a merge leaves them.
fn is_conflict(line: &str) -> bool {
    let line = line.trim_end();
    line == "======="
        || ["<<<<<<< ", ">>>>>>> "]
            .iter()
            .any(|mark| line.starts_with(mark))
}
