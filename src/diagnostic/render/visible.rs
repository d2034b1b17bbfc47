//! Text that can't command a terminal.
//!
//! Rules come from strangers: an escape sequence in one must not move the cursor, and a
//! bidirectional override must not disguise a line (CVE-2021-42574).

use std::borrow::Cow;
use std::fmt::Write;

/// Is it a control character, or an invisible one that changes the text around it?
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// A message with control characters written as escapes: `\u{1b}`.
#[must_use]
pub fn message(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if acts(character) {
            write!(shown, "{}", character.escape_default())
                .expect("writing to a String does not fail");
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Text of several lines, such as queries on a terminal, with control characters written as escapes.
/// Tabs and line ends stay.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |character| format!("{}", character.escape_default()))
}

/// JSON with control characters written as JSON escapes.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    escaped(text, |character| {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        units.iter().fold(String::new(), |mut text, unit| {
            let _ = write!(text, "\\u{unit:04x}");
            text
        })
    })
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    let acting = |character: char| acts(character) && !matches!(character, '\t' | '\n');
    if !text.contains(acting) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if acting(character) {
            shown.push_str(&escape(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Source lines with control characters replaced by ones of the same length in UTF-8, so that spans
/// stay right. Tabs and line ends stay.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let replaced = |c: char| acts(c) && !matches!(c, '\t' | '\n' | '\r');
    if !text.contains(replaced) {
        return Cow::Borrowed(text);
    }
    let replacement = |character: char| match character.len_utf8() {
        _ if !replaced(character) => character,
        1 => '?',
        2 => '\u{B7}',
        3 => '\u{FFFD}',
        _ => '\u{1F5CC}',
    };
    Cow::Owned(text.chars().map(replacement).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_escape_what_acts() {
        assert_eq!(message("plain é"), "plain é");
        assert_eq!(
            message("\u{1b}[2J\u{9b}m\u{202e}x\ny"),
            "\\u{1b}[2J\\u{9b}m\\u{202e}x\\ny"
        );
    }

    #[test]
    fn texts_keep_their_lines() {
        let given = "a\tb\n\u{1b}[2J\u{9b}\u{e0041}\r";
        assert_eq!(text(given), "a\tb\n\\u{1b}[2J\\u{9b}\\u{e0041}\\r");
        assert_eq!(json("\"\u{9b}\u{e0041}\"\n"), "\"\\u009b\\udb40\\udc41\"\n");
    }

    #[test]
    fn lines_keep_their_length() {
        let text = "a\tb\r\n\u{1b}[2J \u{9b} \u{202e} \u{E0041} é";
        let shown = lines(text);
        assert_eq!(shown.len(), text.len());
        assert_eq!(shown, "a\tb\r\n?[2J \u{B7} \u{FFFD} \u{1F5CC} é");
        assert!(matches!(lines("a\tb\r\n"), Cow::Borrowed(_)));
    }
}
