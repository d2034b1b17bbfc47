//! Two texts, line by line, and what changed inside of lines.
//!
//! In: a query before and after. Out: [`Line`]s for people, in which the words that changed are
//! marked, and long stretches that did not are left out: queries are long lines. Nothing is shown
//! that is not in one of the texts: the pieces of the lines of one sign are its lines.

use super::sequence::{Step, steps};
use std::collections::BTreeSet;

/// Lines around a change that are shown with it.
const CONTEXT: usize = 2;

/// So much of what did not change in a line is shown on either side of what did.
const AROUND: usize = 36;

/// So many characters of what changed in a line are shown at its start and at its end.
const MOST_CHANGED: usize = 4000;

/// So many different edits of one text are distinguished.
const MOST_EDITS: usize = 64;

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `-`, `+`, ` `, `…` where lines are left out, `\` before a remark.
    pub sign: char,
    /// What it is made of.
    pub pieces: Vec<Piece>,
}

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Did it change?
    pub changed: bool,
    /// The whole of it.
    pub text: String,
    /// What is shown of it, where it is long: its start, and its end.
    shown: Option<(usize, usize)>,
}

impl Piece {
    fn whole(changed: bool, text: &str) -> Self {
        Self {
            changed,
            text: text.to_owned(),
            shown: None,
        }
    }

    /// The same with so many characters at its start and its end, if it is longer than that.
    fn cut(mut self, head: usize, tail: usize) -> Self {
        // A mark takes place too.
        let longest = (head + tail).max(2 * AROUND) + 16;
        if self.text.chars().nth(longest).is_some() {
            let start = self.text.char_indices().nth(head);
            let end = self.text.char_indices().rev().nth(tail.max(1) - 1);
            let start = start.map_or(self.text.len(), |(at, _)| at);
            let end = if tail == 0 {
                self.text.len()
            } else {
                end.map_or(0, |(at, _)| at)
            };
            self.shown = Some((start, end));
        }
        self
    }

    /// What is shown of it.
    pub fn shown(&self) -> String {
        match self.shown {
            Some((start, end)) => format!("{} … {}", &self.text[..start], &self.text[end..]),
            None => self.text.clone(),
        }
    }
}

impl Line {
    fn whole(sign: char, text: &str) -> Self {
        let piece = Piece::whole(false, text).cut(MOST_CHANGED, MOST_CHANGED);
        Self {
            sign,
            pieces: vec![piece],
        }
    }

    /// What is shown of it, without marks.
    pub fn shown(&self) -> String {
        self.pieces.iter().map(Piece::shown).collect()
    }
}

/// How two texts differ.
pub(super) fn lines(before: &str, after: &str) -> Vec<Line> {
    let (old, new) = (of(before), of(after));
    let mut found = Vec::new();
    let steps = steps(&old, &new);
    let last = steps.len().saturating_sub(1);
    for (at, step) in steps.into_iter().enumerate() {
        if step.kept {
            kept(&new[step.new], at == 0, at == last, &mut found);
        } else {
            replaced(&old[step.old], &new[step.new], &mut found);
        }
    }
    let ends = |text: &str| text.is_empty() || text.ends_with('\n');
    if ends(before) != ends(after) {
        let which = if ends(before) { "after" } else { "before" };
        let remark = format!("no newline at the end {which}");
        found.push(Line::whole('\\', &remark));
    }
    found
}

/// The lines of a text. A carriage return is a part of its line: it may be what changed.
fn of(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop_if(|last| last.is_empty());
    lines
}

/// Lines that did not change, as far as they are near to some that did.
fn kept(lines: &[&str], first: bool, last: bool, found: &mut Vec<Line>) {
    let head = if first { 0 } else { CONTEXT.min(lines.len()) };
    let tail = if last {
        0
    } else {
        CONTEXT.min(lines.len() - head)
    };
    let whole = |line: &&str| {
        let piece = Piece::whole(false, line).cut(2 * AROUND, AROUND);
        Line {
            sign: ' ',
            pieces: vec![piece],
        }
    };
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
    let steps = joined(steps(&old, &new), &new);
    let last = steps.len().saturating_sub(1);
    let line = |sign, words: &[&str], range: fn(&Step) -> std::ops::Range<usize>| {
        let pieces = steps.iter().enumerate().map(|(at, step)| {
            let piece = Piece::whole(!step.kept, &words[range(step)].concat());
            match (step.kept, at == 0, at == last) {
                (false, ..) => piece.cut(MOST_CHANGED, MOST_CHANGED),
                (_, true, _) => piece.cut(12, AROUND),
                (.., true) => piece.cut(AROUND, 12),
                _ => piece.cut(AROUND, AROUND),
            }
        });
        let pieces = pieces.filter(|piece| !piece.text.is_empty());
        Line {
            sign,
            pieces: pieces.collect(),
        }
    };
    (
        line('-', &old, |step| step.old.clone()),
        line('+', &new, |step| step.new.clone()),
    )
}

/// What was replaced by what, each once: `EventCode=1` by `EventCode=4688`.
pub(super) fn edits(before: &str, after: &str) -> BTreeSet<(String, String)> {
    let (old, new) = (of(before), of(after));
    let mut found = BTreeSet::new();
    for step in steps(&old, &new).iter().filter(|step| !step.kept) {
        let (old, new) = (&old[step.old.clone()], &new[step.new.clone()]);
        if old.len() == new.len() {
            for (old, new) in old.iter().zip(new) {
                edits_of_line(old, new, &mut found);
            }
        } else {
            found.insert((old.join("\n"), new.join("\n")));
        }
        if found.len() > MOST_EDITS {
            break;
        }
    }
    found
}

fn edits_of_line(before: &str, after: &str, found: &mut BTreeSet<(String, String)>) {
    let (old, new) = (split(before), split(after));
    for step in steps(&old, &new).iter().filter(|step| !step.kept) {
        let start = compared(&old, &new, (step.old.start, step.new.start));
        let (i, j) = (step.old.start - start, step.new.start - start);
        found.insert((old[i..step.old.end].concat(), new[j..step.new.end].concat()));
        if found.len() > MOST_EDITS {
            break;
        }
    }
}

/// How many words before a change belong to it: the name of the field whose value it is, with its
/// sign.
fn compared(old: &[&str], new: &[&str], (i, j): (usize, usize)) -> usize {
    let is_sign = |word: &str| matches!(word, "=" | ":" | "<" | ">" | "!" | "~");
    let is_name = |word: &str| word == "." || word.chars().all(|c| c.is_alphanumeric() || c == '_');
    let pairs = old[..i].iter().rev().zip(new[..j].iter().rev());
    let words: Vec<&str> = pairs
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| *a)
        .take(12)
        .collect();
    let signs = words.iter().take_while(|word| is_sign(word)).count();
    let names = words[signs..].iter().take_while(|word| is_name(word));
    match (signs, names.count()) {
        (0, _) | (_, 0) => 0,
        (signs, names) => signs + names,
    }
}

/// The steps, changes with nothing but a blank or a sign between them as one.
fn joined(steps: Vec<Step>, new: &[&str]) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::with_capacity(steps.len());
    let last = steps.len().saturating_sub(1);
    for (at, step) in steps.into_iter().enumerate() {
        let text = &new[step.new.clone()];
        let slight = (1..last).contains(&at)
            && text.len() <= 3
            && !text.iter().any(|word| word.contains(char::is_alphanumeric));
        let kept = step.kept && !slight;
        match found.last_mut() {
            Some(before) if !before.kept && !kept => {
                before.old.end = step.old.end;
                before.new.end = step.new.end;
            }
            _ => found.push(Step { kept, ..step }),
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(before: &str, after: &str) -> Vec<String> {
        let mark = |line: Line| {
            let pieces = line.pieces.iter().map(|piece| {
                if piece.changed {
                    format!("[{}]", piece.shown())
                } else {
                    piece.shown()
                }
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

    /// The lines of a sign, put together.
    fn whole(lines: &[Line], sign: char) -> Vec<String> {
        let of_sign = lines.iter().filter(|line| line.sign == sign);
        let text = |line: &Line| {
            line.pieces
                .iter()
                .map(|piece| piece.text.as_str())
                .collect()
        };
        of_sign.map(text).collect()
    }

    /// Every line that is shown is one of its text, in order, and those left out are the same in
    /// both.
    fn check(before: &str, after: &str) {
        let found = lines(before, after);
        let (mut old, mut new) = (of(before), of(after));
        for (text, sign) in [(&mut old, '-'), (&mut new, '+')] {
            let mut rest = text.iter().enumerate();
            let mut gone = Vec::new();
            for line in whole(&found, sign) {
                let at = rest.find(|(_, known)| **known == line);
                gone.push(at.expect("it is a line of the text").0);
            }
            for at in gone.into_iter().rev() {
                text.remove(at);
            }
        }
        assert_eq!(old, new, "{before:?} {after:?}");
        for line in whole(&found, ' ') {
            assert!(new.contains(&line.as_str()), "{line:?}");
        }
        for line in &found {
            for piece in &line.pieces {
                for part in piece.shown().split(" … ") {
                    assert!(piece.text.contains(part), "{piece:?}");
                }
            }
        }
    }

    #[test]
    fn an_edit_of_a_modifier_shows_lines_of_the_queries() {
        let before =
            r#"(Image="*\\cmd.exe" OR Image="*\\pwsh.exe") NOT (User="a*" Path IN ("*x", "*y"))"#;
        for (from, to) in [
            (r#"exe""#, r#"exe*""#),
            (r#"="*"#, r#"=""#),
            (" OR ", " "),
            (r#"""#, r#"*""#),
            ("(", ""),
        ] {
            check(before, &before.replace(from, to));
            check(&before.replace(from, to), before);
        }
    }

    #[test]
    fn edits_of_the_cases_show_lines_of_their_queries() {
        let registry = crate::backend::Registry::built_in();
        let folders = std::fs::read_dir("tests/cases").expect("cases are there");
        let files = folders.flat_map(|folder| {
            let folder = folder.expect("it can be read").path();
            std::fs::read_dir(folder).expect("it is a folder")
        });
        let texts: Vec<String> = files
            .filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok())
            .collect();
        assert!(texts.len() > 100);
        let edits = [
            ("endswith", "contains"),
            ("|contains", ""),
            (" or ", " and "),
            ("a", "bb"),
        ];
        for target in ["splunk", "sqlite", "elastalert"] {
            let request = crate::transpile::Request {
                target: target.to_owned(),
                ..Default::default()
            };
            let transpiler = crate::transpile::Transpiler::new(&registry, &request);
            let transpiler = transpiler.expect("it is a target");
            let query = |text: &str| -> Vec<String> {
                let outputs = transpiler.convert_files(&[("r.yml", text.as_bytes())]);
                let rules = outputs.into_iter().flat_map(|output| output.rules);
                let queries = rules.flat_map(|rule| rule.queries);
                queries.map(|query| query.text).collect()
            };
            for text in &texts {
                let before = query(text).join("\n");
                for (from, to) in edits {
                    if text.contains(from) {
                        check(&before, &query(&text.replace(from, to)).join("\n"));
                    }
                }
            }
        }
    }

    #[test]
    fn an_edit_names_the_field() {
        let edit = |before, after| edits(before, after).into_iter().collect::<Vec<_>>();
        let pair = |before: &str, after: &str| (before.to_owned(), after.to_owned());
        assert_eq!(
            edit(
                "EventCode=1 (a=1 EventCode=1)",
                "EventCode=4688 (a=1 EventCode=4688)"
            ),
            [pair("EventCode=1", "EventCode=4688")]
        );
        assert_eq!(
            edit("a.b:x User:y\nUser:z", "a.b:xy user:y\nuser:z"),
            [pair("User", "user"), pair("a.b:x", "a.b:xy")]
        );
        assert_eq!(edit("a\n", "a\nb\n"), [pair("", "b")]);
    }

    #[test]
    fn what_ends_without_a_newline_is_told() {
        assert_eq!(marked("a\n", "a"), ["\\ no newline at the end after"]);
        assert_eq!(marked("a\n", "a\r\n"), ["- a", "+ a[\r]"]);
    }

    #[test]
    fn long_texts_are_shown_in_part_and_at_once() {
        let long = |word: &str| -> String {
            let words: Vec<String> = (0..100_000).map(|n| format!("{word}{n} ")).collect();
            words.concat()
        };
        let found = lines(&long("a"), &long("b"));
        assert_eq!(found.len(), 2);
        assert!(found[0].shown().len() < 10_000);
        check(&long("a"), &long("a").replace("a777 ", "b"));
        let lines = |word: &str| long(word).replace(' ', "\n");
        check(&lines("a"), &lines("b"));
    }

    proptest! {
        #[test]
        fn pieces_put_together_are_both_texts(
            before in "([ab]{0,3}[ \"(*\\\\…]{0,2}\n?){0,12}",
            after in "([ab]{0,3}[ \"(*\\\\…]{0,2}\n?){0,12}",
        ) {
            check(&before, &after);
        }

        /// Edits of one text, as an editor's replace makes them.
        #[test]
        fn edits_put_together_are_both_texts(
            words in prop::collection::vec("[A-Za-z]{1,4}(=|=\"\\*|\"\\*|\" OR |\\) \\()", 1..60),
            from in "[A-Za-z]|=|\"|\\*| ",
            to in "[a-z*\" ]{0,3}",
        ) {
            let before = words.concat();
            check(&before, &before.replace(&from, &to));
        }
    }
}
