//! Tables: CSV and TSV with a header, Zeek's logs, W3C's extended log format.
//!
//! In: `EventID,Image` and `1,a.exe` below it. Out: `{"EventID": "1", "Image": "a.exe"}`. An empty
//! cell is no field: a table has a column for what other rows hold. In Zeek's and W3C's logs that is
//! `-`; `(empty)` is an empty text, and a set of Zeek's is a list. Zeek's events have the log's name
//! as `_path`, as in its JSON.

use super::chunk::{EventBody, Sink};
use super::fields::Fields;
use super::lines::numbered;
#[cfg(feature = "events")]
use super::rows::rows;
use super::zeek;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// What may separate the cells of a table.
const DELIMITERS: [u8; 4] = *b"\t,;|";

/// The delimiter of a table that begins with these lines, and how many columns it has: the names
/// in the first line are names, and the others have as many cells.
pub(super) fn delimiter_of(lines: &[&str]) -> Option<(u8, usize)> {
    let (header, rows) = lines.split_first()?;
    DELIMITERS.iter().find_map(|delimiter| {
        let names = cells(header, *delimiter);
        let is_header = names.len() > 1 && names.iter().all(|name| is_name(name));
        if !is_header || rows.is_empty() {
            return None;
        }
        for row in rows {
            // A quoted cell may go on in the next line: what is after it shows nothing.
            if row.matches('"').count() % 2 == 1 {
                break;
            }
            if cells(row, *delimiter).len() != names.len() {
                return None;
            }
        }
        Some((*delimiter, names.len()))
    })
}

/// The delimiter of a header that is one for sure.
pub(super) fn delimiter_of_header(header: &str) -> u8 {
    let count = |delimiter: &u8| cells(header, *delimiter).len();
    let most = DELIMITERS.iter().copied().max_by_key(count);
    most.filter(|most| count(most) > 1).unwrap_or(b',')
}

/// Is it like the name of a column? Names have no sentences in them.
fn is_name(name: &str) -> bool {
    let name = name.trim();
    let words = name.split_whitespace().count();
    let has_letter = name.contains(|c: char| c.is_alphabetic());
    let is_plain = |c: char| c.is_alphanumeric() || " _.-@()/#:$[]%".contains(c);
    has_letter && words <= 4 && name.len() <= 80 && name.chars().all(is_plain)
}

/// The cells of a line, without the quotes around them.
fn cells(line: &str, delimiter: u8) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            byte if *byte == delimiter && !quoted => {
                cells.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    cells.push(&line[start..]);
    cells
        .into_iter()
        .map(|cell| cell.trim().trim_matches('"'))
        .collect()
}

/// Reads rows of CSV below their header. One with a quote that is not closed is an error, and those
/// after its line count.
#[cfg(feature = "events")]
pub(super) fn csv(header: &[u8], text: &str, sink: &mut Sink<'_>) {
    let header = String::from_utf8_lossy(header);
    let delimiter = delimiter_of_header(header.lines().next().unwrap_or_default());
    let mut names = csv::StringRecord::new();
    if csv_reader(&header, delimiter)
        .read_record(&mut names)
        .is_err()
    {
        names.clear();
    }
    let mut from = 0;
    if text.contains('"') {
        for row in rows(text.as_bytes(), delimiter, true) {
            if let Some(open) = row.open {
                csv_rows(&names, text, from..row.start, delimiter, sink);
                sink.fail(|| {
                    let message = "expected the closing quote of the cell, found none";
                    Diagnostic::error(Code::Events, message)
                        .label(Span::new(open, open + 1), "the cell begins here")
                        .help("close it, or double a quote that is part of the text")
                });
                from = row.end;
            }
        }
    }
    csv_rows(&names, text, from..text.len(), delimiter, sink);
}

#[cfg(feature = "events")]
fn csv_reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

#[cfg(feature = "events")]
fn csv_rows(
    names: &csv::StringRecord,
    text: &str,
    part: std::ops::Range<usize>,
    delimiter: u8,
    sink: &mut Sink<'_>,
) {
    let (start, text) = (part.start, &text[..part.end]);
    let mut rows = csv_reader(&text[start..], delimiter);
    let mut row = csv::StringRecord::new();
    while let Ok(true) = rows.read_record(&mut row) {
        let place = row.position().map_or(0, csv::Position::byte);
        let place = usize::try_from(place).unwrap_or(0);
        let at = (start + place).min(text.len());
        let at = at + text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len();
        if row.len() != names.len() {
            sink.fail(|| wrong_count(text, at, names.len(), row.len()));
            continue;
        }
        let mut fields = Fields::default();
        for (name, value) in names.iter().zip(&row) {
            if !value.is_empty() {
                fields.put(name.trim(), value);
            }
        }
        if !fields.is_empty() {
            sink.event(at, EventBody::Value(fields.into_json()));
        }
    }
}

/// This build has no reader of CSV.
#[cfg(not(feature = "events"))]
pub(super) fn csv(_: &[u8], _: &str, sink: &mut Sink<'_>) {
    sink.lacks("CSV");
}

fn wrong_count(text: &str, at: usize, expected: usize, found: usize) -> Diagnostic {
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let message = format!("expected {expected} cells as in the header, found {found}");
    Diagnostic::error(Code::Events, message).at(Span::new(at, end))
}

/// The columns of a log that names them in a line of its own.
#[derive(Debug, Default)]
struct Columns {
    names: Vec<String>,
    path: Option<String>,
    /// Zeek: which of them are sets or vectors.
    lists: Vec<bool>,
    signs: zeek::Signs,
}

impl Columns {
    fn read(&mut self, line: &str) {
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.names = names.split_whitespace().map(str::to_owned).collect();
            return;
        }
        if let Some(separator) = line.strip_prefix("#separator ") {
            self.signs.separator = zeek::unescaped(separator);
            return;
        }
        let separator = &*self.signs.separator;
        let Some((key, value)) = line.split_once(separator).filter(|_| !separator.is_empty())
        else {
            return;
        };
        match key {
            "#fields" => self.names = value.split(separator).map(str::to_owned).collect(),
            "#path" => self.path = Some(value.to_owned()),
            "#types" => {
                let is_list = |kind: &str| kind.starts_with("set[") || kind.starts_with("vector[");
                self.lists = value.split(separator).map(is_list).collect();
            }
            "#set_separator" => self.signs.set_separator = zeek::unescaped(value),
            "#unset_field" => self.signs.unset = value.to_owned(),
            "#empty_field" => self.signs.empty = value.to_owned(),
            _ => {}
        }
    }
}

/// Reads a log of Zeek, or one of W3C's, whose cells blanks separate.
pub(super) fn log(header: &[u8], text: &str, is_zeek: bool, sink: &mut Sink<'_>) {
    let mut columns = Columns::default();
    for line in String::from_utf8_lossy(header).lines() {
        columns.read(line);
    }
    for (at, line) in numbered(text) {
        if line.starts_with('#') {
            columns.read(line);
            continue;
        }
        let signs = &columns.signs;
        let values: Vec<&str> = if is_zeek {
            line.split(&*signs.separator).collect()
        } else if line.contains('\t') {
            // As CloudFront writes it.
            line.split('\t').collect()
        } else {
            cells_of_blanks(line)
        };
        if values.len() != columns.names.len() {
            sink.fail(|| wrong_count(text, at, columns.names.len(), values.len()));
            continue;
        }
        let mut fields = Fields::default();
        for (at, (name, value)) in columns.names.iter().zip(values).enumerate() {
            let value = if is_zeek {
                signs.value(value, columns.lists.get(at).copied().unwrap_or_default())
            } else {
                // A blank is a plus.
                (value != "-").then(|| value.trim_matches('"').into())
            };
            if let Some(value) = value {
                fields.put(name.as_str(), value);
            }
        }
        if let Some(path) = &columns.path {
            fields.put_new("_path", path.as_str());
        }
        sink.event(at, EventBody::Value(fields.into_json()));
    }
}

/// The cells of a line of W3C's: a text with blanks is in quotes.
fn cells_of_blanks(line: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let end = match rest.strip_prefix('"').and_then(|inside| inside.find('"')) {
            Some(end) => end + 2,
            None => rest.find(' ').unwrap_or(rest.len()),
        };
        cells.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn read(of: impl Fn(&mut Sink<'_>)) -> (Vec<Json>, usize) {
        let mut events = Vec::new();
        let mut take = |record: super::super::EventRecord<'_>| events.push(record.json());
        let mut sink = Sink::new(&mut take);
        of(&mut sink);
        let unread = sink.report().unread;
        (events, unread)
    }

    #[cfg(feature = "events")]
    #[test]
    fn rows_have_the_names_of_the_header() {
        let text = "1,\"a \"\"b\"\",\nc\",\n2,,x\n3,y\n";
        let (events, unread) = read(|sink| csv(b"EventID,\"Command Line\", c", text, sink));
        assert_eq!(
            events,
            [
                json!({"EventID": "1", "Command Line": "a \"b\",\nc"}),
                json!({"EventID": "2", "c": "x"}),
            ]
        );
        assert_eq!(unread, 1);
        let (events, _) = read(|sink| csv(b"a;b", "1;2\n", sink));
        assert_eq!(events, [json!({"a": "1", "b": "2"})]);
        for text in [
            "3,1\n4,\"x\n5,3\n",
            "3,1\n4,\"x\n5,\"3\"",
            "3,1\n\"4\",\"x\r\n5,3",
        ] {
            let (events, unread) = read(|sink| csv(b"EventID,a", text, sink));
            let expected = [
                json!({"EventID": "3", "a": "1"}),
                json!({"EventID": "5", "a": "3"}),
            ];
            assert_eq!((events.as_slice(), unread), (&expected[..], 1), "{text}");
        }
    }

    #[test]
    fn logs_name_their_columns() {
        let zeek = "#separator \\x09\n#set_separator\t,\n#path\thttp\n\
            #fields\tts\tid.orig_h\turi\ttags\n#types\ttime\taddr\tstring\tset[enum]\n";
        let (events, unread) = read(|sink| {
            log(
                zeek.as_bytes(),
                "1.5\t10.0.0.1\t-\t(empty)\n2\t(empty)\t/a\\\\b,c\tx,y\n3\n#close\tx\n",
                true,
                sink,
            );
        });
        assert_eq!(
            events,
            [
                json!({"ts": "1.5", "id.orig_h": "10.0.0.1", "tags": [], "_path": "http"}),
                json!({"ts": "2", "id.orig_h": "", "uri": r"/a\b,c", "tags": ["x", "y"], "_path": "http"}),
            ]
        );
        assert_eq!(unread, 1);
        let zeek = "#separator \\x2c\n#set_separator,;\n#empty_field,NONE\n#unset_field,?\n\
            #path,dns\n#fields,a,b,c\n#types,string,set[string],string\n-,x;?;y,?\nNONE,NONE,z\n";
        let (events, _) = read(|sink| log(b"", zeek, true, sink));
        assert_eq!(
            events,
            [
                json!({"a": "-", "b": ["x", "y"], "_path": "dns"}),
                json!({"a": "", "b": [], "c": "z", "_path": "dns"}),
            ]
        );
        let text = "#Fields: date c-ip cs(User-Agent)\n2026-01-01 1.2.3.4 Mozilla/5.0+(X)\n\
            #Fields: c-ip cs-uri\n1.2.3.4 \"/a b\"\n- -\n1.2.3.4\t/a b\n";
        let (events, _) = read(|sink| log(b"", text, false, sink));
        assert_eq!(
            events,
            [
                json!({"date": "2026-01-01", "c-ip": "1.2.3.4", "cs(User-Agent)": "Mozilla/5.0+(X)"}),
                json!({"c-ip": "1.2.3.4", "cs-uri": "/a b"}),
                json!({}),
                json!({"c-ip": "1.2.3.4", "cs-uri": "/a b"}),
            ]
        );
    }

    #[test]
    fn a_header_is_of_names() {
        assert_eq!(delimiter_of(&["a\tb", "1\t2"]), Some((b'\t', 2)));
        assert_eq!(delimiter_of(&["a|b", "1|2"]), Some((b'|', 2)));
        assert_eq!(delimiter_of(&["a,b", "\"1,\n"]), Some((b',', 2)));
        assert_eq!(delimiter_of(&["a,b", "1"]), None);
        assert_eq!(delimiter_of(&["1,2", "3,4"]), None);
        assert_eq!(delimiter_of(&["a,b"]), None);
    }
}
