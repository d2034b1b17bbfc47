//! Linux audit logs: the records of one event are joined.
//!
//! In: `type=SYSCALL msg=audit(1700000000.123:42): … exe="/bin/cat"` and `type=EXECVE
//! msg=audit(1700000000.123:42): argc=2 a0="cat" a1=2F6574…`. Out: one event with all of their
//! fields, `{"type": ["SYSCALL", "EXECVE"], "a0": […], …}`: a field of several records is a list, of
//! which a rule matches any. What the kernel writes in hexadecimal is decoded, a command line's
//! parts are joined by blanks. Source: the kernel's `audit_log_untrustedstring`, auditd's
//! *log format* of ausearch's documentation.

use super::chunk::{EventBody, Sink};
use super::fields::Fields;
use super::lines::numbered;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use serde_json::{Map, Number, Value as Json};
use std::collections::HashMap;

/// Fields that the kernel or a program writes in hexadecimal where they hold blanks or quotes.
const ENCODED: [&str; 24] = [
    "acct",
    "cmd",
    "comm",
    "cwd",
    "data",
    "dir",
    "exe",
    "file",
    "grp",
    "key",
    "name",
    "new-chardev",
    "new-disk",
    "new-fs",
    "new-rng",
    "ocomm",
    "old-disk",
    "old-fs",
    "path",
    "proctitle",
    "sw",
    "vm",
    "watch",
    "saddr_path",
];

/// Is it the beginning of a record?
pub(super) fn is_record(line: &str) -> bool {
    record(line).is_some()
}

/// What a line says: `node=h type=CWD msg=audit(1700000000.123:42): cwd="/"`.
struct Record<'l> {
    node: Option<&'l str>,
    kind: &'l str,
    /// `1700000000.123:42`
    stamp: &'l str,
    /// Its fields.
    text: &'l str,
}

fn record(line: &str) -> Option<Record<'_>> {
    let line = line.trim_start();
    let (node, line) = match line.strip_prefix("node=") {
        Some(rest) => rest
            .split_once(' ')
            .map(|(node, rest)| (Some(node), rest))?,
        None => (None, line),
    };
    let (kind, rest) = line.strip_prefix("type=")?.split_once(' ')?;
    let (stamp, rest) = rest.strip_prefix("msg=audit(")?.split_once(')')?;
    let text = rest.strip_prefix(':').unwrap_or(rest);
    (!kind.is_empty()).then_some(Record {
        node,
        kind,
        stamp,
        text,
    })
}

/// The id of a line's event: two nodes may have the same stamp.
pub(super) fn id_of(line: &str) -> Option<String> {
    let record = record(line)?;
    Some([record.node.unwrap_or_default(), " ", record.stamp].concat())
}

/// The fields of a record that is alone.
pub(super) fn single(line: &str) -> Map<String, Json> {
    let mut fields = Fields::default();
    add(line, &mut fields);
    fields.into_object()
}

/// Joins the records of a chunk by their events, in the order of the first ones.
pub(super) fn decode(text: &str, sink: &mut Sink<'_>) {
    let mut events: Vec<(usize, Fields)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (at, line) in numbered(text) {
        let Some(id) = id_of(line) else {
            sink.fail(|| {
                Diagnostic::error(
                    Code::Events,
                    "expected a record of auditd, found another line",
                )
                .label(
                    Span::new(at, at + line.len()),
                    "`type=… msg=audit(…):` is missing",
                )
            });
            continue;
        };
        let place = *places.entry(id).or_insert_with(|| {
            events.push((at, Fields::default()));
            events.len() - 1
        });
        add(line, &mut events[place].1);
    }
    for (at, fields) in events {
        if !fields.is_empty() {
            sink.event(at, EventBody::Value(fields.into_json()));
        }
    }
}

/// Adds a record's fields.
fn add(line: &str, fields: &mut Fields) {
    let Some(record) = record(line) else {
        return;
    };
    let kind = record.kind;
    // The end of an event says nothing else.
    if kind == "EOE" {
        return;
    }
    fields.put("type", kind);
    if let Some(node) = record.node {
        fields.put_new("node", node);
    }
    if let Some((time, serial)) = record.stamp.split_once(':') {
        let seconds = time.parse().ok().and_then(Number::from_f64);
        fields.put_new("timestamp", seconds.map_or(Json::Null, Json::Number));
        fields.put_new("serial", serial);
    }
    // What auditd resolved follows after a separator: `SYSCALL=openat`.
    for part in record.text.split('\u{1D}') {
        pairs(part, kind, fields);
    }
}

fn pairs(text: &str, kind: &str, fields: &mut Fields) {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(equals) = rest.find('=') else {
            return;
        };
        // Words before a name are a message: `msg=audit(…): user pid=1`.
        let name = rest[..equals].rsplit(char::is_whitespace).next();
        let name = name
            .unwrap_or_default()
            .trim_start_matches(['\'', '"', '(']);
        rest = &rest[equals + 1..];
        let (value, is_quoted) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = &rest[1..];
                let end = inside.find(quote).unwrap_or(inside.len());
                rest = inside.get(end + 1..).unwrap_or_default();
                if quote == '\'' && inside[..end].contains('=') {
                    // `msg='op=PAM:session acct="root"'`
                    pairs(&inside[..end], kind, fields);
                    continue;
                }
                (&inside[..end], true)
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let value = &rest[..end];
                rest = &rest[end..];
                (value, false)
            }
        };
        if name.is_empty() {
            continue;
        }
        let decoded = (!is_quoted && is_encoded(name, kind))
            .then(|| decoded(value))
            .flatten();
        match decoded {
            Some(text) => fields.put(name, text),
            None => fields.put(name, value),
        }
    }
}

fn is_encoded(name: &str, kind: &str) -> bool {
    // `a1`, and of a long argument `a1[0]`; `a1_len` is how long it is.
    let is_argument = kind == "EXECVE"
        && name.strip_prefix('a').is_some_and(|rest| {
            let number = rest.split_once('[').map_or(rest, |(number, _)| number);
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
    is_argument || ENCODED.contains(&name)
}

/// The text of hexadecimal digits; the zeros between a command line's parts are blanks.
fn decoded(value: &str) -> Option<String> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
    if value.len() < 2 || !value.len().is_multiple_of(2) || !value.as_bytes().iter().all(is_digit) {
        return None;
    }
    let bytes = value.as_bytes().chunks_exact(2);
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        _ => byte - b'A' + 10,
    };
    let mut bytes: Vec<u8> = bytes
        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
        .collect();
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    for byte in &mut bytes {
        if *byte == 0 {
            *byte = b' ';
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn events(text: &str) -> (Vec<Json>, usize) {
        let mut events = Vec::new();
        let mut take = |record: super::super::EventRecord<'_>| events.push(record.json());
        let mut sink = Sink::new(&mut take);
        decode(text, &mut sink);
        let unread = sink.report().unread;
        (events, unread)
    }

    #[test]
    fn records_of_an_event_are_one() {
        let text = "\
type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=59 a0=55d1 comm=\"cat\" exe=\"/usr/bin/cat\" key=(null)\u{1D}ARCH=x86_64 SYSCALL=execve
type=USER_CMD msg=audit(1700000000.500:43): pid=7 msg='cwd=\"/root\" cmd=6964202D75 res=success'
type=EXECVE msg=audit(1700000000.123:42): argc=2 a0=\"cat\" a1=2F746D702F6120622E747874
type=PROCTITLE msg=audit(1700000000.123:42): proctitle=636174002F746D702F612062
type=EOE msg=audit(1700000000.123:42): 
not a record
";
        let (events, unread) = events(text);
        assert_eq!(unread, 1);
        assert_eq!(
            events,
            [
                json!({
                    "type": ["SYSCALL", "EXECVE", "PROCTITLE"], "timestamp": 1_700_000_000.123,
                    "serial": "42", "arch": "c000003e", "syscall": "59", "a0": ["55d1", "cat"],
                    "comm": "cat", "exe": "/usr/bin/cat", "key": "(null)", "ARCH": "x86_64",
                    "SYSCALL": "execve", "argc": "2", "a1": "/tmp/a b.txt",
                    "proctitle": "cat /tmp/a b",
                }),
                json!({
                    "type": "USER_CMD", "timestamp": 1_700_000_000.5, "serial": "43", "pid": "7",
                    "cwd": "/root", "cmd": "id -u", "res": "success",
                }),
            ]
        );
    }
    #[test]
    fn decimal_fields_are_no_hexadecimal() {
        let text = "\
type=CONFIG_CHANGE msg=audit(1700000000.123:42): op=set audit_backlog_limit=8192 old=64 new=4142
type=EXECVE msg=audit(1700000000.124:43): argc=2 a0=\"sh\" a1_len=1234 a1[0]=6162 a1[1]=6364
";
        let (events, _) = events(text);
        assert_eq!(
            (&events[0]["old"], &events[0]["new"]),
            (&json!("64"), &json!("4142"))
        );
        assert_eq!(
            (&events[1]["a1_len"], &events[1]["a1[0]"]),
            (&json!("1234"), &json!("ab"))
        );
    }

    #[test]
    fn events_of_two_nodes_are_two() {
        let record = |node: &str, kind: &str| {
            format!("node={node} type={kind} msg=audit(1700000000.123:42): exe=\"/bin/{node}\"\n")
        };
        let text = [
            record("a", "SYSCALL"),
            record("b", "SYSCALL"),
            record("a", "PATH"),
        ];
        let (events, _) = events(&text.concat());
        let nodes: Vec<&Json> = events.iter().map(|event| &event["node"]).collect();
        assert_eq!(nodes, ["a", "b"]);
        assert_eq!(events[0]["type"], json!(["SYSCALL", "PATH"]));
    }
}
