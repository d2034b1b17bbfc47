//! What the YAML parser could not read, in a rule author's words.
//!
//! In: `saphyr-parser`'s error and its place. Out: a `VS0101` whose help names the usual cause:
//! `Image: *\cmd.exe` is "an alias to nothing", for `*` begins an alias; quotes are the cure.

use super::load::MAX_DEPTH;
use super::place::Places;
use super::slip::{self, Slip};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use saphyr_parser::ScanError;

const QUOTE: &str = "put the value in single quotes: inside them only `'` itself is doubled";

/// Part of the parser's message, what we say instead, and the help.
const CAUSES: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "expected the end of the value, found `:`",
        "a value that contains `: ` needs quotes; if this starts a new key, check its indentation",
    ),
    (
        "found unknown anchor",
        "alias `*` names no anchor of this document",
        "an unquoted `*` begins an alias; a value that starts with a wildcard needs quotes",
    ),
    (
        "scanning an anchor or alias",
        "expected the name of an anchor behind `*` or `&`",
        "an unquoted `*` or `&` begins an alias or anchor; a value that starts with it needs quotes",
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
        "expected the end of the value behind the closing quote",
        "quotes go around the whole value; write `''` for a quote inside single quotes, `\\\"` inside double ones",
    ),
    (
        "unknown escape character",
        "unknown escape in double quotes",
        "inside double quotes `\\` begins an escape; single quotes keep backslashes as they are",
    ),
    (
        "expected hexadecimal number",
        "expected hexadecimal digits in the escape",
        "inside double quotes `\\` begins an escape; single quotes keep backslashes as they are",
    ),
    (
        "invalid Unicode character escape",
        "escape is no Unicode character",
        "inside double quotes `\\` begins an escape; single quotes keep backslashes as they are",
    ),
    (
        "comment intercepting",
        "comment inside a value of several lines",
        "an unquoted ` #` begins a comment; a value that contains it needs quotes",
    ),
    (
        "must be followed by a valid YAML whitespace",
        "tab behind `:`",
        "write a blank in its place",
    ),
    (
        "tab",
        "tab used as indentation",
        "YAML is indented with spaces; replace the tab",
    ),
    (
        "simple key expect",
        "expected `:` behind the key",
        "a line in a map is `key: value`, with a blank behind the colon; list items begin with `- `",
    ),
    (
        "expected key",
        "expected another key of the map",
        "keys of one map stand in one column, and none begins with `- `; check the indentation",
    ),
    (
        "expected '-' indicator",
        "expected another `- ` item of the list",
        "items of one list stand in one column and begin with `- `; check the indentation",
    ),
    (
        "block sequence entries are not allowed",
        "list item `- ` can't stand here",
        "begin the list on a line of its own; if the value starts with `- `, put it in quotes",
    ),
    (
        "indentation",
        "wrong indentation",
        "lines of one map or list stand in one column",
    ),
    (
        "wrongly indented line in block scalar",
        "line stands further left than the block's first line",
        "indent all lines of a `|` or `>` block by as much as its first",
    ),
    (
        "expected ',' or ']'",
        "expected `,` or `]` in the list",
        "close the bracket; a value that starts with `[`, or an item that contains `,`, `[` or `]`, needs quotes",
    ),
    (
        "expected ',' or '}'",
        "expected `,` or `}` in the map",
        "close the brace; a value that starts with `{`, or an item that contains `,`, `{` or `}`, needs quotes",
    ),
    (
        "illegal placement of ':'",
        "`:` can't stand here in a list in brackets",
        "close the bracket; items that contain `: ` need quotes",
    ),
    (
        "misplaced bracket",
        "closing bracket without its opening one",
        "a value that starts with a bracket needs quotes",
    ),
    (
        "expected node content",
        "expected a value",
        "a value that starts with one of `,` `]` `}` `%` `@` needs quotes; an open `[` or `{` must be closed",
    ),
    (
        "block scalar, did not find expected comment or line break",
        "expected the end of the line behind `|` or `>`",
        "the text of a block begins on the next line; a value or key that starts with `|` or `>` needs quotes",
    ),
    (
        "handle wasn't declared",
        "tag's handle is not declared",
        "an unquoted `!` begins a tag; a value that starts with it needs quotes",
    ),
    (
        " tag",
        "tag can't be read",
        "an unquoted `!` begins a tag; a value that starts with it needs quotes",
    ),
    (
        "directive",
        "directive can't be read",
        "a line that starts with `%` is a directive; a value that starts with it needs quotes",
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
    if expects_more.iter().any(|part| error.info().contains(part))
        && places.is_behind_bracket(place)
    {
        let message = "expected the end of the value behind the closing bracket";
        return Diagnostic::error(Code::YamlSyntax, message)
            .at(span)
            .help("a value that starts with `[` or `{` needs quotes");
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
        Some((_, message, help)) => Diagnostic::error(Code::YamlSyntax, *message)
            .at(span)
            .help(*help),
        None => Diagnostic::error(Code::YamlSyntax, error.info()).at(span),
    }
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
        "control character U+{:04X} can't stand in YAML",
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
