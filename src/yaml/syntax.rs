//! What the YAML parser could not read, in a rule author's words.
//!
//! In: `saphyr-parser`'s error and its place. Out: a `VS0101` whose help names the usual cause:
//! `Image: *\cmd.exe` is an unknown alias, because `*` begins one; quotes are the solution.

use super::load::MAX_DEPTH;
use super::place::Places;
use super::slip::{self, Slip};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use saphyr_parser::ScanError;

const QUOTE: &str = "put the value in single quotes: inside them only `'` itself is doubled";

/// Part of the parser's message, our message, and the help.
const CAUSES: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "expected the end of the value, found `:`",
        "put a value that contains `: ` in quotes; if this starts a new key, check its indentation",
    ),
    (
        "found unknown anchor",
        "alias `*` names no anchor of this document",
        "put a value that starts with a wildcard in quotes; an unquoted `*` begins an alias",
    ),
    (
        "scanning an anchor or alias",
        "expected the name of an anchor after `*` or `&`",
        "put a value that starts with `*` or `&` in quotes; unquoted, they begin an alias or anchor",
    ),
    (
        "unexpected character",
        "`%`, `@` and a backtick can't begin a value",
        QUOTE,
    ),
    (
        "unexpected end of stream",
        "quote is never closed",
        "close the quote; inside single quotes write `''` for one quote",
    ),
    (
        "unexpected document indicator",
        "quote is not closed before the next document",
        "close the quote; inside single quotes write `''` for one quote",
    ),
    (
        "invalid indentation in quoted scalar",
        "quote is not closed before the next line of the map",
        "close the quote; the lines of a longer text in quotes are indented",
    ),
    (
        "invalid trailing content after",
        "expected the end of the value after the closing quote",
        "put quotes around the whole value; write `''` for a quote inside single quotes, `\\\"` \
         inside double ones",
    ),
    (
        "unknown escape character",
        "unknown escape in double quotes",
        "use single quotes, which keep backslashes; inside double quotes, `\\` begins an escape",
    ),
    (
        "expected hexadecimal number",
        "expected hexadecimal digits in the escape",
        "use single quotes, which keep backslashes; inside double quotes, `\\` begins an escape",
    ),
    (
        "invalid Unicode character escape",
        "escape is not a Unicode character",
        "use single quotes, which keep backslashes; inside double quotes, `\\` begins an escape",
    ),
    (
        "comment intercepting",
        "comment inside a value of several lines",
        "put a value that contains ` #` in quotes; an unquoted ` #` begins a comment",
    ),
    (
        "must be followed by a valid YAML whitespace",
        "tab after `:`",
        "replace it with a blank",
    ),
    (
        "tab",
        "tab used as indentation",
        "replace the tab with spaces",
    ),
    (
        "simple key expect",
        "expected `:` after the key",
        "write `key: value`, with a blank after the colon; list items begin with `- `",
    ),
    (
        "expected key",
        "expected another key of the map",
        "write all keys of a map in one column, none with `- `; check the indentation",
    ),
    (
        "expected '-' indicator",
        "expected another `- ` item of the list",
        "write all items of a list in one column, each with `- `; check the indentation",
    ),
    (
        "block sequence entries are not allowed",
        "list item `- ` is not allowed here",
        "begin the list on a line of its own; if the value starts with `- `, put it in quotes",
    ),
    (
        "indentation",
        "wrong indentation",
        "write all lines of a map or list in one column",
    ),
    (
        "wrongly indented line in block scalar",
        "line is indented less than the block's first line",
        "indent all lines of a `|` or `>` block by as much as its first",
    ),
    (
        "expected ',' or ']'",
        "expected `,` or `]` in the list",
        "close the bracket; put a value that starts with `[`, or an item that contains `,`, `[` or \
         `]`, in quotes",
    ),
    (
        "expected ',' or '}'",
        "expected `,` or `}` in the map",
        "close the brace; put a value that starts with `{`, or an item that contains `,`, `{` or \
         `}`, in quotes",
    ),
    (
        "illegal placement of ':'",
        "`:` is not allowed here in a list in brackets",
        "close the bracket; put items that contain `: ` in quotes",
    ),
    (
        "misplaced bracket",
        "closing bracket without its opening one",
        "put a value that starts with a bracket in quotes",
    ),
    (
        "expected node content",
        "expected a value",
        "put a value that starts with one of `,` `]` `}` `%` `@` in quotes; close an open `[` or \
         `{`",
    ),
    (
        "block scalar, did not find expected comment or line break",
        "expected the end of the line after `|` or `>`",
        "begin the text of a block on the next line; put a value or key that starts with `|` or \
         `>` in quotes",
    ),
    (
        "handle wasn't declared",
        "tag's handle is not declared",
        "put a value that starts with `!` in quotes; an unquoted one begins a tag",
    ),
    (
        " tag",
        "tag can't be read",
        "put a value that starts with `!` in quotes; an unquoted one begins a tag",
    ),
    (
        "directive",
        "directive can't be read",
        "put a value that starts with `%` in quotes; a line that starts with it is a directive",
    ),
];

/// The diagnostic of a text that is not YAML.
pub(super) fn error(error: &ScanError, places: &mut Places<'_>) -> Diagnostic {
    if let Some(slip) = slip::find(places.text()) {
        return slipped(&slip, places);
    }
    let mut place = places.byte(error.marker().index());
    if error.info().contains("tab") {
        place = places.tab_before(place);
    }
    let span = places.character_span(place);
    let expects_more = ["expected key", "expected '-' indicator"];
    if expects_more.iter().any(|part| error.info().contains(part)) && places.is_after_bracket(place)
    {
        let message = "expected the end of the value after the closing bracket";
        return Diagnostic::error(Code::YamlSyntax, with_found(message, places, span))
            .at(span)
            .help("put a value that starts with `[` or `{` in quotes");
    }
    // The parser's own bound on open brackets lies above ours, but it reads ahead.
    if error.info().contains("recursion limit") {
        return too_deep(span);
    }
    if error.info().contains("invalid trailing content")
        && let Some(quote) = places.open_quote(place)
    {
        let message = "quote is not closed in its line";
        return Diagnostic::error(Code::YamlSyntax, message)
            .at(places.character_span(quote))
            .help("close the quote; inside single quotes write `''` for one quote");
    }
    let cause = CAUSES.iter().find(|(part, ..)| error.info().contains(part));
    match cause {
        Some((_, message, help)) => {
            Diagnostic::error(Code::YamlSyntax, with_found(message, places, span))
                .at(span)
                .help(*help)
        }
        None => Diagnostic::error(Code::YamlSyntax, error.info()).at(span),
    }
}

/// `expected X` with what is found at the place, unless the message says it.
fn with_found(message: &str, places: &Places<'_>, place: Span) -> String {
    if !message.starts_with("expected ") || message.contains(", found ") {
        return message.to_owned();
    }
    let text = places.text().get(places.range(place)).unwrap_or_default();
    let found = match text.chars().next() {
        None => "the end of the file".to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some(' ') => "a blank".to_owned(),
        Some('\t') => "a tab".to_owned(),
        Some('`') => "a backtick".to_owned(),
        Some(other) => format!("`{other}`"),
    };
    format!("{message}, found {found}")
}

/// The diagnostic of a slip.
pub(super) fn slipped(slip: &Slip, places: &Places<'_>) -> Diagnostic {
    let span = places.span(slip.place.start, slip.place.end);
    Diagnostic::error(Code::YamlSyntax, slip.message)
        .at(span)
        .help(slip.help)
}

/// The diagnostic of a text nested beyond [`MAX_DEPTH`].
pub(super) fn too_deep(place: Span) -> Diagnostic {
    Diagnostic::error(
        Code::YamlTooDeep,
        format!("maps and lists are nested more than {MAX_DEPTH} deep"),
    )
    .at(place)
    .help("write the value in fewer levels; brackets that are text need quotes")
}

/// The diagnostic of a character that YAML does not allow, at an offset.
pub(super) fn unprintable(character: char, offset: usize) -> Diagnostic {
    let message = format!(
        "control character U+{:04X} is not allowed in YAML",
        u32::from(character)
    );
    Diagnostic::error(Code::YamlSyntax, message)
        .at(Span::new(offset, offset + character.len_utf8()))
        .help("remove it, or write it as an escape (`\\x1b`) in double quotes")
}

/// The offset of the first character that YAML does not allow (YAML 1.2.2, 5.1), and whether all
/// before it is ASCII.
pub(super) fn find_unprintable(text: &str) -> (Option<(usize, char)>, bool) {
    // Block by block without a branch in the inner loop, which the compiler turns into vector code.
    let clean = text.as_bytes().chunks(256).all(|chunk| {
        chunk.iter().fold(true, |clean, &byte| {
            clean & ((byte.wrapping_sub(0x20) < 0x5F) | matches!(byte, b'\n' | b'\r' | b'\t'))
        })
    });
    if clean {
        return (None, true);
    }
    // Only these bytes begin a character that may be one of them.
    let suspects = text.bytes().enumerate().filter(
        |(_, byte)| matches!(byte, 0..=0x08 | 0x0B | 0x0C | 0x0E..=0x1F | 0x7F | 0xC2 | 0xEF),
    );
    let mut characters = suspects.filter_map(|(at, _)| Some((at, text[at..].chars().next()?)));
    let found = characters.find(|(_, character)| {
        !matches!(character, '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
    });
    (found, text.is_ascii())
}
