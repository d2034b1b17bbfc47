//! `yaml.safe_dump`: YAML in block style as PyYAML writes it.
//!
//! Its choices of quotes and its folding at 80 columns are followed, for the text is compared.
//! PyYAML has two emitters, its own and libyaml's, which part where they fold text in double quotes.

use super::dump_json;
use crate::yaml::{Resolved, Scalar, Schema};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write;

const WIDTH: usize = 80;

/// Which of PyYAML's emitters writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emitter {
    /// `yaml.SafeDumper`
    Python,
    /// `yaml.CSafeDumper`
    Libyaml,
}

/// The text of a value, keys sorted, `indent` spaces a level.
pub fn dump(value: &Value, indent: Option<usize>, emitter: Emitter) -> String {
    let mut writer = Writer {
        emitter,
        text: String::new(),
        column: 0,
        step: indent
            .filter(|indent| (2..10).contains(indent))
            .unwrap_or(2),
    };
    writer.node(value, None, false);
    if !writer.text.ends_with('\n') {
        writer.text.push('\n');
    }
    // A plain scalar that is the whole document is closed.
    if let Value::String(text) = value
        && style(text, false) == Style::Plain
    {
        writer.text.push_str("...\n");
    } else if !matches!(value, Value::Array(_) | Value::Object(_) | Value::String(_)) {
        writer.text.push_str("...\n");
    }
    writer.text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

struct Writer {
    emitter: Emitter,
    text: String,
    column: usize,
    step: usize,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// Writes a node at the end of the text. `indent` is that of the enclosing
    /// collection, `in_map` says whether that is a map.
    fn node(&mut self, value: &Value, indent: Option<usize>, in_map: bool) {
        match value {
            Value::Array(items) if items.is_empty() => self.leaf("[]", indent),
            Value::Object(pairs) if pairs.is_empty() => self.leaf("{}", indent),
            Value::Array(items) => {
                // A list in a map is indented no further than the map.
                let own = match indent {
                    None => 0,
                    Some(indent) if in_map => indent,
                    Some(indent) => indent + self.step,
                };
                for (index, item) in items.iter().enumerate() {
                    self.begin(own, index > 0 || in_map);
                    self.push("-");
                    self.node(item, Some(own), false);
                }
            }
            Value::Object(pairs) => {
                let own = indent.map_or(0, |indent| indent + self.step);
                let mut pairs: Vec<_> = pairs.iter().collect();
                pairs.sort_by(|left, right| left.0.cmp(right.0));
                for (index, (key, value)) in pairs.into_iter().enumerate() {
                    self.begin(own, index > 0 || in_map);
                    self.scalar(key, own + self.step, true);
                    self.push(":");
                    self.node(value, Some(own), true);
                }
            }
            Value::String(text) => {
                if indent.is_some() {
                    self.push(" ");
                }
                self.scalar(text, indent.map_or(0, |indent| indent + self.step), false);
            }
            Value::Null => self.leaf("null", indent),
            Value::Bool(true) => self.leaf("true", indent),
            Value::Bool(false) => self.leaf("false", indent),
            Value::Number(number) => self.leaf(&dump_json::number(number), indent),
        }
    }

    fn leaf(&mut self, text: &str, indent: Option<usize>) {
        if indent.is_some() {
            self.push(" ");
        }
        self.push(text);
    }

    /// Goes to the place of an entry: on a new line, or further on this one.
    fn begin(&mut self, indent: usize, new_line: bool) {
        if new_line {
            self.line(indent);
        } else {
            let missing = indent.saturating_sub(self.column);
            self.push(&" ".repeat(missing));
        }
    }

    fn scalar(&mut self, text: &str, indent: usize, key: bool) {
        match style(text, key) {
            Style::Plain => self.words(text, indent, key),
            Style::Single => {
                self.push("'");
                self.single(text, indent, key);
                self.push("'");
            }
            Style::Double => {
                self.push("\"");
                match self.emitter {
                    Emitter::Python => self.double(text, indent, key),
                    Emitter::Libyaml => self.double_libyaml(text, indent, key),
                }
                self.push("\"");
            }
        }
    }

    /// Text without line breaks, folded at single spaces.
    fn words(&mut self, text: &str, indent: usize, key: bool) {
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(' ').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            self.push(word);
            let spaces = after.len() - after.trim_start_matches(' ').len();
            let (gap, next) = after.split_at(spaces);
            if spaces == 1 && self.column > WIDTH && !key && !next.is_empty() {
                self.line(indent);
            } else {
                self.push(gap);
            }
            rest = next;
        }
    }

    fn single(&mut self, text: &str, indent: usize, key: bool) {
        let mut lines = text.split('\n').peekable();
        let mut first = true;
        while let Some(line) = lines.next() {
            if !first {
                // One break more than there are, for a single one would be read as a space.
                if !line.is_empty() || lines.peek().is_none() {
                    self.text.push('\n');
                }
                self.line(if line.is_empty() && lines.peek().is_some() {
                    0
                } else {
                    indent
                });
            }
            let quoted = line.replace('\'', "''");
            let leading = first && quoted.starts_with(' ');
            if leading {
                // A space right after the quote is never a place to fold.
                let spaces = quoted.len() - quoted.trim_start_matches(' ').len();
                self.push(&quoted[..spaces]);
                self.words(&quoted[spaces..], indent, key);
            } else {
                self.words(&quoted, indent, key);
            }
            first = false;
        }
    }

    /// Folded at single spaces, which the fold stands for.
    fn double_libyaml(&mut self, text: &str, indent: usize, key: bool) {
        let characters: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (at, &character) in characters.iter().enumerate() {
            let inside = at > 0 && at + 1 < characters.len();
            if character == ' ' && inside && !after_space && self.column > WIDTH && !key {
                self.line(indent);
                // A space at the start of a line would be read as part of the fold.
                if characters[at + 1] == ' ' {
                    self.push("\\");
                }
            } else if is_plain(character) {
                self.push(character.encode_utf8(&mut [0; 4]));
            } else {
                self.push(&escape(character));
            }
            after_space = character == ' ';
        }
    }

    fn double(&mut self, text: &str, indent: usize, key: bool) {
        let characters: Vec<char> = text.chars().collect();
        let (mut start, mut end) = (0, 0);
        while end <= characters.len() {
            let character = characters.get(end).copied();
            if character.is_none_or(|character| !is_plain(character)) {
                if start < end {
                    let run: String = characters[start..end].iter().collect();
                    self.push(&run);
                    start = end;
                }
                if let Some(character) = character {
                    self.push(&escape(character));
                    start = end + 1;
                }
            }
            let inside = end > 0 && end + 1 < characters.len();
            let pending = end.saturating_sub(start);
            if inside
                && (character == Some(' ') || start >= end)
                && self.column + pending > WIDTH + usize::from(start > end)
                && !key
            {
                let run: String = characters
                    .get(start..end)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                self.push(&run);
                self.push("\\");
                start = start.max(end);
                self.line(indent);
                if characters.get(start) == Some(&' ') {
                    self.push("\\");
                }
            }
            end += 1;
        }
    }
}

/// Does it stand for itself in double quotes?
fn is_plain(character: char) -> bool {
    (' '..='~').contains(&character) && !matches!(character, '"' | '\\')
}

fn escape(character: char) -> Cow<'static, str> {
    let short = match character {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => "",
    };
    if !short.is_empty() {
        return Cow::Borrowed(short);
    }
    let mut text = String::new();
    let number = u32::from(character);
    let _ = match number {
        0..=0xff => write!(text, "\\x{number:02X}"),
        0x100..=0xffff => write!(text, "\\u{number:04X}"),
        _ => write!(text, "\\U{number:08X}"),
    };
    Cow::Owned(text)
}

/// How PyYAML writes a string.
fn style(text: &str, key: bool) -> Style {
    if text.is_empty() {
        return Style::Single;
    }
    let special = text
        .chars()
        .any(|character| character != '\n' && !(' '..='~').contains(&character));
    if special || text.contains(" \n") {
        return Style::Double;
    }
    let multi_line = text.contains('\n');
    if text.contains("\n ") || (key && multi_line) {
        return Style::Double;
    }
    let edges = text.starts_with([' ', '\n']) || text.ends_with([' ', '\n']);
    if edges || multi_line || has_indicators(text) || !is_string(text) {
        return Style::Single;
    }
    Style::Plain
}

/// Characters that would mean something in a plain scalar.
fn has_indicators(text: &str) -> bool {
    let second_is_space = text.chars().nth(1).is_none_or(|next| next == ' ');
    let first = text.chars().next().unwrap_or(' ');
    text.starts_with("---")
        || text.starts_with("...")
        || "#,[]{}&*!|>'\"%@`".contains(first)
        || (matches!(first, '?' | ':' | '-') && second_is_space)
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #")
}

/// Would a reader take the plain text for a string?
fn is_string(text: &str) -> bool {
    let scalar = Scalar {
        text: Cow::Borrowed(text),
        plain: true,
        tag: None,
    };
    !matches!(text, "=" | "<<") && scalar.resolve(Schema::PyYaml) == Resolved::String
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_pyyamls_text() {
        let value =
            json!(["a", "- b", "yes", "", "it's: x", "é", "a\nb", {"k": ["x"], "a": {"b": 1}}]);
        assert_eq!(
            dump(&value, None, Emitter::Python),
            "- a\n- '- b'\n- 'yes'\n- ''\n- 'it''s: x'\n- \"\\xE9\"\n- 'a\n\n  b'\n- a:\n    b: 1\n  k:\n  - x\n"
        );
    }

    #[test]
    fn the_emitters_fold_text_in_double_quotes_differently() {
        let words = format!("{} é  {}", "word ".repeat(17), "word ".repeat(3));
        let folded = |emitter| dump(&json!({ "k": words }), None, emitter);
        assert_eq!(
            folded(Emitter::Python),
            "k: \"word word word word word word word word word word word word word word word word\\\n  \\ word  \\xE9  word word word \"\n"
        );
        assert_eq!(
            folded(Emitter::Libyaml),
            "k: \"word word word word word word word word word word word word word word word word\n  word  \\xE9  word word word \"\n"
        );
    }
}
