//! Which format a text is in, by its first lines.

use super::format::InputFormat;
use super::{auditd, cef, logfmt, syslog, table};
use crate::diagnostic::{Code, Diagnostic};
use serde::de::IgnoredAny;

/// A format that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    pub format: InputFormat,
    /// Would another text not begin so by chance? A log may have `[` or `{` at the beginning of a
    /// line, or commas in its first two lines.
    pub is_certain: bool,
}

impl Guess {
    const fn certain(format: InputFormat) -> Self {
        Self {
            format,
            is_certain: true,
        }
    }
}

/// Is a line one of a format's?
type Fits = fn(&str) -> bool;

/// How many lines have to fit.
const LINES: usize = 5;

/// The format that the first bytes of a stream show.
pub(super) fn format_of(start: &[u8]) -> Option<Guess> {
    if start.starts_with(b"ElfFile\0") {
        return Some(Guess::certain(InputFormat::Evtx));
    }
    if start.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches(is_blank);
    if text.starts_with(['{', '[']) {
        return Some(Guess {
            format: InputFormat::Json,
            is_certain: is_json(text),
        });
    }
    if text.starts_with("<?xml") || text.starts_with("<Event") {
        return Some(Guess::certain(InputFormat::Xml));
    }
    if text.starts_with("#separator") || text.starts_with("#fields\t") {
        return Some(Guess::certain(InputFormat::Zeek));
    }
    let is_w3c = |word: &&str| text.starts_with(*word);
    if ["#Software:", "#Version:", "#Fields:", "#Date:"]
        .iter()
        .any(is_w3c)
    {
        return Some(Guess::certain(InputFormat::W3c));
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    // The last line may be cut off.
    let whole = if lines.len() > 1 && !text.ends_with('\n') {
        &lines[..lines.len() - 1]
    } else {
        &lines[..]
    };
    let whole = &whole[..whole.len().min(LINES)];
    let all = |fits: Fits| !whole.is_empty() && whole.iter().all(|line| fits(line));
    let by_line: [(InputFormat, Fits); 5] = [
        (InputFormat::Auditd, auditd::is_record),
        (InputFormat::Cef, cef::is_cef),
        (InputFormat::Leef, cef::is_leef),
        (InputFormat::Syslog, syslog::is_syslog),
        (InputFormat::Logfmt, logfmt::is_logfmt),
    ];
    if let Some((format, _)) = by_line.iter().find(|(_, fits)| all(*fits)) {
        return Some(Guess::certain(*format));
    }
    let (delimiter, columns) = table::delimiter_of(whole)?;
    Some(Guess {
        format: match delimiter {
            b'\t' => InputFormat::Tsv,
            _ => InputFormat::Csv,
        },
        is_certain: delimiter == b'\t' || columns > 2,
    })
}

/// Is the first value whole, or cut off where the text ends, and does nothing follow it in its line
/// but another one? Of an array of objects this is the first of these, for a later one may be broken.
fn is_json(text: &str) -> bool {
    let elements = text.strip_prefix('[').map(str::trim_start);
    let elements = elements.filter(|elements| elements.starts_with('{'));
    let text = elements.unwrap_or(text);
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match stream.next() {
        Some(Ok(IgnoredAny)) => {
            let rest = text[stream.byte_offset()..].trim_start_matches([' ', '\t', ',']);
            let after = rest.strip_prefix(']').filter(|_| elements.is_some());
            let rest = after.unwrap_or(rest).trim_start_matches([' ', '\t', ',']);
            rest.is_empty() || rest.starts_with(['\r', '\n', '{', '[', '\u{1E}'])
        }
        Some(Err(error)) => error.is_eof(),
        None => false,
    }
}

/// Blanks, byte order marks, and the record separator of RFC 7464.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{1E}')
}

/// No format fits.
pub(super) fn unknown(start: &[u8]) -> Diagnostic {
    let names: Vec<&str> = InputFormat::ALL
        .iter()
        .map(|format| format.name())
        .collect();
    let found = match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(byte) if byte.is_ascii_graphic() => {
            let line = start
                .split(|byte| *byte == b'\n')
                .find(|line| !line.trim_ascii().is_empty());
            let line = String::from_utf8_lossy(line.unwrap_or_default());
            let shown: String = line.trim().chars().take(40).collect();
            format!("`{shown}`")
        }
        // Characters of 16 bits are UTF-8 by now: no byte of that is the stream's own.
        Some(byte) => match std::str::from_utf8(start).map(|text| text.trim().chars().next()) {
            Ok(Some(character)) => format!("the character U+{:04X}", u32::from(character)),
            _ => format!("the byte 0x{byte:02x}"),
        },
        None => "nothing".to_owned(),
    };
    let message = format!("expected events in a known format, found {found}");
    Diagnostic::error(Code::UnknownInputFormat, message).help(format!(
        "name the format with `--input-format`: `{}`",
        names.join("`, `")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_shows_the_format() {
        use InputFormat::*;

        for (text, format) in [
            ("{\"a\": 1}\n", Some(Json)),
            (" [\n{}]", Some(Json)),
            ("<?xml version=\"1.0\"?><Events>", Some(Xml)),
            ("<Event xmlns=\"x\"><System>", Some(Xml)),
            ("#separator \\x09\n#path\thttp\n", Some(Zeek)),
            (
                "#Software: Microsoft Internet Information Services 10.0\n",
                Some(W3c),
            ),
            (
                "type=CWD msg=audit(1700000000.123:42): cwd=\"/\"\n",
                Some(Auditd),
            ),
            (
                "node=h type=EOE msg=audit(1700000000.123:42): \n",
                Some(Auditd),
            ),
            ("CEF:0|a|b|1|2|c|5|src=1\n", Some(Cef)),
            ("<13>Oct 11 22:14:15 h CEF:0|a|b|1|2|c|5|src=1\n", Some(Cef)),
            ("LEEF:2.0|a|b|1|2|^|src=1^dst=2\n", Some(Leef)),
            (
                "<34>1 2026-10-11T22:14:15Z h su 1 ID47 - text\n",
                Some(Syslog),
            ),
            (
                "Oct  1 22:14:15 h sshd[7]: text, more\nOct  1 22:14:16 h x: y, z\n",
                Some(Syslog),
            ),
            (
                "2026-10-11T22:14:15.5+02:00 h sshd[7]: text\n",
                Some(Syslog),
            ),
            ("level=info msg=\"a, b\" n=1\n", Some(Logfmt)),
            ("EventID,Image\n1,a.exe\n", Some(Csv)),
            ("EventID;Image\n1;a.exe\n", Some(Csv)),
            ("EventID\tImage\n1\ta.exe\n", Some(Tsv)),
            ("-- MARK --\n", None),
            ("a line, with a comma\nanother\n", None),
            ("\0\x01\x02", None),
            ("", None),
        ] {
            assert_eq!(InputFormat::of(text.as_bytes()), format, "{text}");
        }
    }
    #[test]
    fn json_is_certain_by_its_first_object() {
        for (text, expected) in [
            ("[\n  {\"a\": 1},\n  {\"a\": NaN}\n]\n", true),
            ("[{\"a\": 1}]\n", true),
            ("[{\"a\": 1}, {\"a\": [", true),
            ("[{\"a\": 1}] a text\n", false),
            ("[1] a text\n", false),
            ("[2026-01-01 10:00:00] a text\n", false),
            ("{\"a\": 1} a text\n", false),
        ] {
            let found = format_of(text.as_bytes()).map(|found| found.is_certain);
            assert_eq!(found, Some(expected), "{text}");
        }
    }
}
