//! Characters of values that are not what they look like: escapes outside of double quotes, and
//! characters that nobody sees.

use super::Subject;
use super::value::{has, strings};
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::Modifier;
use crate::source::Span;

/// An escape as it is written, and the character that it would be in double quotes.
struct Escape<'t> {
    written: &'t str,
    character: char,
}

/// `'\u202e'`: without double quotes these are six characters.
pub(super) fn escapes(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for item in subject.items() {
        if has(item, Modifier::Re) {
            continue;
        }
        for (_, span) in strings(item) {
            let written = subject.written(span);
            if written.starts_with('"') || !written.contains('\\') {
                continue;
            }
            let text = written.trim_matches('\'');
            let Some(escape) = first(text) else { continue };
            let message = format!(
                "expected the character U+{:04X}, found the text `{}`",
                u32::from(escape.character),
                escape.written
            );
            let warning = Diagnostic::warning(Code::EscapeInText, message).at(span);
            found.push(warning.help(format!(
                "write `\"{0}\"`, for only double quotes know escapes; if the text is meant, write `\\{0}`",
                escape.written
            )));
        }
    }
}

/// The first escape that is no part of a path.
fn first(text: &str) -> Option<Escape<'_>> {
    if let Some(escape) = unpaired(text) {
        return Some(escape);
    }
    let mut at = 0;
    let mut found = None;
    let mut is_path = false;
    while let Some(next) = text[at..].find('\\') {
        at += next;
        let after = &text[at + 1..];
        // An escaped backslash: the text is meant.
        if after.starts_with('\\') {
            at += 2;
            continue;
        }
        match coded(&text[at..]) {
            Some(escape) => {
                at += escape.written.len();
                found = found.or(Some(escape));
            }
            None => {
                is_path |= after.starts_with(|c: char| c.is_alphanumeric() || c == '.');
                at += 1;
            }
        }
    }
    // `\x0a` may be a folder's name; no folder's name has an invisible character's number.
    found.filter(|escape| !is_path || escape.written.len() > 4)
}

/// A value that is nothing but `\n`, `\t` or the like.
fn unpaired(text: &str) -> Option<Escape<'_>> {
    let (text, character) = match text {
        r"\n" => (text, '\n'),
        r"\r" | r"\r\n" => (text, '\r'),
        r"\t" => (text, '\t'),
        r"\0" => (text, '\0'),
        "\\\"" => (text, '"'),
        _ => return None,
    };
    Some(Escape {
        written: text,
        character,
    })
}

/// `\u202e`, `\U0001F600`, `\x0a` at the beginning of a text, for characters that are hard to type.
fn coded(text: &str) -> Option<Escape<'_>> {
    let (length, is_byte) = match text.as_bytes().get(1)? {
        b'u' => (4, false),
        b'U' => (8, false),
        b'x' => (2, true),
        _ => return None,
    };
    let digits = text.get(2..2 + length)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    let after = text[2 + length..].chars().next();
    // The bytes of UTF-8 are no characters.
    let is_hard = if is_byte {
        character.is_ascii_control()
    } else {
        character == ' ' || character.is_control() || !character.is_ascii()
    };
    // `\uaccess`, `\x00.dll`, `\u2021\a`: names of files.
    let is_name = match after {
        Some('\\') => !begins_escape(&text[2 + length..]),
        Some(c) if is_byte => c.is_alphanumeric() || matches!(c, '.' | '-' | '_'),
        Some(c) => c.is_alphanumeric() && !digits.bytes().any(|byte| byte.is_ascii_digit()),
        None => false,
    };
    (is_hard && !is_name).then(|| Escape {
        written: &text[..2 + length],
        character,
    })
}

/// Does another escape follow, `\x0a` or `\n` at the end?
fn begins_escape(text: &str) -> bool {
    let rest = &text[1..];
    matches!(rest, "n" | "r" | "t" | "0")
        || rest.strip_prefix(['u', 'U', 'x']).is_some_and(|digits| {
            let mut digits = digits.bytes();
            digits.next().is_some_and(|b| b.is_ascii_hexdigit())
                && digits.next().is_some_and(|b| b.is_ascii_hexdigit())
        })
}

/// A zero width space inside `cmd.exe`, a no-break space after it.
pub(super) fn invisible(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (_, span) in subject.items().into_iter().flat_map(strings) {
        let written = subject.written(span);
        if written.is_ascii() {
            continue;
        }
        if let Some((at, character)) = hidden(written.trim_matches(['\'', '"'])) {
            let quotes = written.len() - written.trim_start_matches(['\'', '"']).len();
            let start = span.range().start + quotes + at;
            let message = format!(
                "expected a value of visible characters, found U+{:04X} in it",
                u32::from(character)
            );
            let warning = Diagnostic::warning(Code::InvisibleInValue, message);
            let place = Span::new(start, start + character.len_utf8());
            let escape = match u32::from(character) {
                code @ 0..=0xFFFF => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            };
            found.push(warning.at(place).help(format!(
                "remove it; if it is meant, show it: `\"{escape}\"` in double quotes"
            )));
        }
    }
}

/// The first character that nobody sees, and where. After a letter beyond ASCII it may belong to
/// the script or to a picture; a value of nothing else looks for it.
fn hidden(text: &str) -> Option<(usize, char)> {
    if text.chars().all(is_invisible) {
        return None;
    }
    let mut before = None;
    for (at, character) in text.char_indices() {
        if is_invisible(character) {
            let in_script = matches!(character,
                '\u{200C}'..='\u{200F}' | '\u{3000}' | '\u{61C}' | '\u{E0020}'..='\u{E007F}');
            // What belongs to a script follows a letter of it, a flag's tags a picture.
            if !in_script || before.is_none_or(|c: char| c.is_ascii()) {
                return Some((at, character));
            }
        } else {
            before = Some(character);
        }
    }
    None
}

/// White space but for the blank, and characters without a width.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{A0}' | '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}'
        | '\u{2000}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}'
        | '\u{3000}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_told_from_paths() {
        for text in [
            r"\u202e",
            r"a\u202egpj.exe",
            r"\u00A0",
            r"\u0009",
            r"\U0001F600",
            r"\x0a",
            r"a \x0d\x0a",
            r"\n",
            r"\r\n",
            r"\t",
            "\\\"",
            r"C:\Temp\a\u202egpj",
            r"\ufeff",
        ] {
            assert!(first(text).is_some(), "{text}");
        }
        for text in [
            r"\net.exe",
            r"\uaccess.exe",
            r"\u0041",
            r"\\u202e",
            r"\x64\3",
            r"C:\a\x0a",
            r"\x0a.dll",
            r"\temp\n",
            r"\u2021\a",
            r"\users",
            r"\x90\x90",
            r"\u20",
            "\\",
            r"a\b\u12é4",
            r"\x0",
        ] {
            assert!(first(text).is_none(), "{text}");
        }
    }

    #[test]
    fn hidden_characters_are_told_from_scripts() {
        for text in [
            "cmd\u{200B}.exe",
            "cmd.exe\u{A0}",
            "\u{FEFF}a",
            "a\u{202E}b",
            "a\u{AD}b",
        ] {
            assert!(hidden(text).is_some(), "{text:?}");
        }
        for text in [
            "é",
            "\u{202E}",
            "👩🏼\u{200D}🦽",
            "🏴\u{E0067}\u{E007F}",
            "می\u{200C}خواهم",
            "a b",
            "\u{A0}\u{A0}",
        ] {
            assert!(hidden(text).is_none(), "{text:?}");
        }
    }
}
