//! Two texts, line by line, and what changed inside of lines.
//!
//! In: a query before and after. Out: [`Line`]s for people, in which the words that changed are
//! marked, and long stretches that did not are left out: queries are long lines.

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

/// Lines around a change that are shown with it.
const CONTEXT: usize = 2;

/// A line with more words than this is shown as replaced.
const MOST_WORDS: usize = 6000;

/// So much of what did not change in a line is shown on either side of what did.
const AROUND: usize = 36;

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `-`, `+`, ` `, or `…` where lines are left out.
    pub sign: char,
    /// Its pieces: did it change, and the text.
    pub pieces: Vec<(bool, String)>,
}

impl Line {
    fn whole(sign: char, text: &str) -> Self {
        Self {
            sign,
            pieces: vec![(false, text.to_owned())],
        }
    }

    /// The text without marks.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// How two texts differ.
pub(super) fn lines(before: &str, after: &str) -> Vec<Line> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let mut found = Vec::new();
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let last = operations.len().saturating_sub(1);
    for (at, operation) in operations.iter().enumerate() {
        let (old, new) = (&old[operation.old_range()], &new[operation.new_range()]);
        if operation.tag() == DiffTag::Equal {
            kept(new, at == 0, at == last, &mut found);
        } else {
            replaced(old, new, &mut found);
        }
    }
    found
}

/// Lines that did not change, as far as they are near to some that did.
fn kept(lines: &[&str], first: bool, last: bool, found: &mut Vec<Line>) {
    let head = if first { 0 } else { CONTEXT.min(lines.len()) };
    let tail = if last {
        0
    } else {
        CONTEXT.min(lines.len() - head)
    };
    let whole = |line: &&str| Line::whole(' ', line);
    found.extend(lines[..head].iter().map(whole));
    if head + tail < lines.len() && !(first || last) {
        found.push(Line::whole('…', ""));
    }
    found.extend(lines[lines.len() - tail..].iter().map(whole));
}

fn replaced(old: &[&str], new: &[&str], found: &mut Vec<Line>) {
    let mut removed = Vec::new();
    let mut added = Vec::new();
    let both = old.len().min(new.len());
    for (old, new) in old.iter().zip(new) {
        let (old, new) = words(old, new);
        removed.push(old);
        added.push(new);
    }
    removed.extend(old[both..].iter().map(|line| Line::whole('-', line)));
    added.extend(new[both..].iter().map(|line| Line::whole('+', line)));
    found.append(&mut removed);
    found.append(&mut added);
}

/// Two versions of a line.
fn words(before: &str, after: &str) -> (Line, Line) {
    let (old, new) = (split(before), split(after));
    if old.len() > MOST_WORDS || new.len() > MOST_WORDS {
        return (Line::whole('-', before), Line::whole('+', after));
    }
    let operations = joined(&capture_diff_slices(Algorithm::Myers, &old, &new), &new);
    let last = operations.len().saturating_sub(1);
    let mut lines = [('-', Vec::new()), ('+', Vec::new())];
    for (at, (changed, operation)) in operations.iter().enumerate() {
        let texts = [
            old[operation.old_range()].concat(),
            new[operation.new_range()].concat(),
        ];
        for ((_, pieces), text) in lines.iter_mut().zip(texts) {
            let text = if *changed {
                text
            } else {
                elided(&text, at == 0, at == last)
            };
            if !text.is_empty() {
                pieces.push((*changed, text));
            }
        }
    }
    let [old, new] = lines.map(|(sign, pieces)| Line { sign, pieces });
    (old, new)
}

/// The operations, changes with nothing but a blank or a sign between them as one.
fn joined(operations: &[DiffOp], new: &[&str]) -> Vec<(bool, DiffOp)> {
    let mut found: Vec<(bool, DiffOp)> = Vec::with_capacity(operations.len());
    for (at, operation) in operations.iter().enumerate() {
        let equal = operation.tag() == DiffTag::Equal;
        let text = &new[operation.new_range()];
        let inner = at > 0 && at + 1 < operations.len();
        let slight = inner
            && text.len() <= 3
            && !text.iter().any(|word| word.contains(char::is_alphanumeric));
        let changed = !equal || slight;
        match found.last_mut() {
            Some((true, last)) if changed => *last = merged(*last, *operation),
            _ => found.push((changed, *operation)),
        }
    }
    found
}

fn merged(one: DiffOp, other: DiffOp) -> DiffOp {
    DiffOp::Replace {
        old_index: one.old_range().start,
        old_len: other.old_range().end - one.old_range().start,
        new_index: one.new_range().start,
        new_len: other.new_range().end - one.new_range().start,
    }
}

/// Words, runs of blanks, and every other character by itself.
fn split(line: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 1,
        c if c.is_whitespace() => 2,
        _ => 0,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = 0;
    for (at, c) in line.char_indices() {
        if at > start && (kind(c) == 0 || kind(c) != before) {
            words.push(&line[start..at]);
            start = at;
        }
        before = kind(c);
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}

/// A stretch that did not change, its middle left out where it is long.
fn elided(text: &str, first: bool, last: bool) -> String {
    let count = text.chars().count();
    if count <= 2 * AROUND + 16 {
        return text.to_owned();
    }
    let head = |length: usize| text.chars().take(length).collect::<String>();
    let tail = |length: usize| text.chars().skip(count - length).collect::<String>();
    match (first, last) {
        (true, _) => format!("{} … {}", head(12), tail(AROUND)),
        (_, true) => format!("{} … {}", head(AROUND), tail(12)),
        _ => format!("{} … {}", head(AROUND), tail(AROUND)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &str, after: &str) -> Vec<String> {
        let mark = |line: Line| {
            let pieces = line.pieces.iter().map(|(changed, text)| match changed {
                true => format!("[{text}]"),
                false => text.clone(),
            });
            format!("{} {}", line.sign, pieces.collect::<String>())
        };
        lines(before, after).into_iter().map(mark).collect()
    }

    #[test]
    fn words_that_changed_are_marked() {
        assert_eq!(
            marked(
                "Image=\"*\\\\cmd.exe\" User=x\n",
                "Image=\"*\\\\pwsh.exe\" User=x\n"
            ),
            [
                "- Image=\"*\\\\[cmd].exe\" User=x",
                "+ Image=\"*\\\\[pwsh].exe\" User=x"
            ]
        );
        assert_eq!(marked("a b c", "a x, y c"), ["- a [b] c", "+ a [x, y] c"]);
        assert_eq!(marked("same\n", "same\n"), Vec::<String>::new());
        assert_eq!(marked("", "new\n"), ["+ new"]);
    }

    #[test]
    fn lines_and_stretches_far_from_a_change_are_left_out() {
        let before = "1\n2\n3\n4\na\n5\n6\n7\n8\n9\nb\n";
        let after = before.replace('a', "A").replace('b', "B");
        assert_eq!(
            marked(before, &after),
            [
                "  3", "  4", "- [a]", "+ [A]", "  5", "  6", "… ", "  8", "  9", "- [b]", "+ [B]"
            ]
        );
        let long = "word ".repeat(100);
        let found = marked(&format!("{long}end"), &format!("{long}End"));
        assert!(
            found[0].chars().count() < 80 && found[0].ends_with("word [end]"),
            "{found:?}"
        );
    }

    #[test]
    fn words_make_up_their_line() {
        let line = "a_b  (c=\"d\") ß\u{301}x";
        assert_eq!(split(line).concat(), line);
        assert_eq!(split("ab  c="), ["ab", "  ", "c", "="]);
    }
}
