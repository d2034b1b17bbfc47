//! Syslog, and the formats that travel in it.
//!
//! In: `<34>Oct 11 22:14:15 host su[7]: text` (RFC 3164) or `<34>1 2026-10-11T22:14:15Z host su 7 ID
//! [sd@1 a="b"] text` (RFC 5424). Out: `facility`, `severity`, `timestamp`, `hostname`, `appname`,
//! `procid`, `msgid`, structured data by its id, `message`, and the whole line as `_raw`, in which
//! keywords are found that reach over two of them. A message that is JSON, a Windows event as XML
//! (Sysmon for Linux), CEF, LEEF or a record of auditd gives its own fields. A date without a year
//! stays as it is: no clock is read.

use super::fields::Fields;
use super::{auditd, cef, logfmt};
use serde_json::{Map, Value as Json};

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

const SEVERITIES: [&str; 8] = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What is before the message.
#[derive(Debug, Default, PartialEq)]
struct Head<'l> {
    priority: Option<u8>,
    timestamp: Option<&'l str>,
    hostname: Option<&'l str>,
    appname: Option<&'l str>,
    procid: Option<&'l str>,
    msgid: Option<&'l str>,
    data: Vec<(&'l str, Vec<(&'l str, String)>)>,
    message: &'l str,
}

/// Has the line a priority or a date before a host?
pub(super) fn is_syslog(line: &str) -> bool {
    let head = head(line);
    head.priority.is_some() || (head.timestamp.is_some() && head.hostname.is_some())
}

/// The fields of a line. A line without a head is a message alone.
pub(super) fn fields(line: &str) -> Fields {
    let head = head(line);
    let mut fields = message(head.message);
    if let Some(priority) = head.priority {
        let (facility, severity) = (usize::from(priority / 8), usize::from(priority % 8));
        if let (Some(facility), Some(severity)) =
            (FACILITIES.get(facility), SEVERITIES.get(severity))
        {
            fields.put_new("facility", *facility);
            fields.put_new("severity", *severity);
        }
    }
    let named = [
        ("timestamp", head.timestamp),
        ("hostname", head.hostname),
        ("appname", head.appname),
        ("procid", head.procid),
        ("msgid", head.msgid),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            fields.put_new(name, value);
        }
    }
    fields.put_new("message", head.message);
    fields.put_new("_raw", line);
    // An id may be a name that is taken.
    for (id, pairs) in head.data {
        let mut data = Fields::default();
        for (name, value) in pairs {
            data.put(name, value);
        }
        fields.put_new(id, data.into_json());
    }
    fields
}

/// The fields that the message itself has.
fn message(text: &str) -> Fields {
    let mut fields = Fields::default();
    // `@cee:` is the cookie of JSON in syslog.
    let text = text.strip_prefix("@cee:").unwrap_or(text).trim_start();
    if text.starts_with('{') {
        if let Ok(object) = serde_json::from_str::<Map<String, Json>>(text) {
            fields.put_all(object);
        }
    } else if text.starts_with("<Event") {
        if let Some(Json::Object(object)) = super::xml::event(text) {
            fields.put_all(object);
        }
    } else if auditd::is_record(text) {
        fields.put_all(auditd::single(text));
    } else if let Some(at) = cef::start_of(text, "CEF:") {
        fields = cef::cef(&text[at..]).unwrap_or_default();
    } else if let Some(at) = cef::start_of(text, "LEEF:") {
        fields = cef::leef(&text[at..]).unwrap_or_default();
    } else if logfmt::is_logfmt(text) {
        fields = logfmt::fields(text).unwrap_or_default();
    }
    fields
}

fn head(line: &str) -> Head<'_> {
    let mut head = Head::default();
    let mut rest = line;
    if let Some((priority, after)) = priority(line) {
        head.priority = Some(priority);
        rest = after;
        if let Some(after) = rest.strip_prefix("1 ")
            && let Some(found) = structured(after, priority)
        {
            return found;
        }
    }
    let Some((timestamp, after)) = timestamp(rest) else {
        head.message = rest;
        return head;
    };
    head.timestamp = Some(timestamp);
    rest = after.trim_start_matches(' ');
    // A host, unless the tag follows at once.
    if let Some((host, after)) = rest.split_once(' ')
        && !host.ends_with(':')
        && !host.contains('[')
    {
        head.hostname = Some(host);
        rest = after.trim_start_matches(' ');
    }
    if let Some((appname, procid, after)) = tag(rest) {
        head.appname = Some(appname);
        head.procid = procid;
        rest = after;
    }
    head.message = rest;
    head
}

/// `<34>`
fn priority(line: &str) -> Option<(u8, &str)> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    let is_number = number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number
        .parse()
        .ok()
        .filter(|number| is_number && *number < 192)?;
    Some((number, rest))
}

/// RFC 5424 after its version.
fn structured(text: &str, priority: u8) -> Option<Head<'_>> {
    let mut words = text.splitn(6, ' ');
    let mut word = || words.next().map(|word| (word != "-").then_some(word));
    let mut head = Head {
        priority: Some(priority),
        timestamp: word()?,
        hostname: word()?,
        appname: word()?,
        procid: word()?,
        msgid: word()?,
        ..Head::default()
    };
    let rest = words.next().unwrap_or_default();
    let rest = match rest.strip_prefix('-') {
        Some(rest) => rest,
        None => elements(rest, &mut head.data)?,
    };
    let message = rest.strip_prefix(' ').unwrap_or(rest);
    head.message = message.strip_prefix('\u{FEFF}').unwrap_or(message);
    Some(head)
}

/// `[id a="b"][…]`; gives what is after it.
fn elements<'l>(
    mut text: &'l str,
    data: &mut Vec<(&'l str, Vec<(&'l str, String)>)>,
) -> Option<&'l str> {
    while let Some(inside) = text.strip_prefix('[') {
        let end = inside.find([' ', ']'])?;
        let id = &inside[..end];
        let mut pairs = Vec::new();
        let mut rest = &inside[end..];
        loop {
            rest = rest.trim_start_matches(' ');
            if let Some(after) = rest.strip_prefix(']') {
                text = after;
                break;
            }
            let (name, quoted) = rest.split_once("=\"")?;
            let mut value = String::new();
            let mut characters = quoted.char_indices();
            rest = loop {
                match characters.next()? {
                    (at, '"') => break &quoted[at + 1..],
                    (_, '\\') => match characters.next()?.1 {
                        c @ ('"' | '\\' | ']') => value.push(c),
                        c => value.extend(['\\', c]),
                    },
                    (_, c) => value.push(c),
                }
            };
            pairs.push((name, value));
        }
        data.push((id, pairs));
    }
    Some(text)
}

/// `Oct 11 22:14:15`, with a year after the day or without, or a date of RFC 3339.
fn timestamp(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    if bytes.first()?.is_ascii_digit() {
        let (date, rest) = text.split_once(' ')?;
        let is_date = date.len() >= 19
            && date.as_bytes()[4] == b'-'
            && date.as_bytes()[10] == b'T'
            && date.is_ascii();
        return is_date.then_some((date, rest));
    }
    if !text.is_char_boundary(3) || !MONTHS.contains(&text.get(..3)?) {
        return None;
    }
    let rest = text.get(3..)?.strip_prefix(' ')?.trim_start_matches(' ');
    let (day, mut rest) = rest.split_once(' ')?;
    if day.is_empty() || day.len() > 2 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some((year, after)) = rest.split_once(' ')
        && year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
    {
        rest = after;
    }
    let end = rest.find(' ').unwrap_or(rest.len());
    let time = &rest.as_bytes()[..end];
    let is_time = time.len() >= 8 && time[2] == b':' && time[5] == b':';
    let end = text.len() - rest.len() + end;
    // Cisco writes a colon after it.
    is_time.then(|| (text[..end].trim_end_matches(':'), &text[end..]))
}

/// `sshd[7]: `
fn tag(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ':' | '['))?;
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    if let Some(inside) = rest.strip_prefix('[') {
        let (procid, rest) = inside.split_once(']')?;
        let rest = rest.strip_prefix(':')?;
        return Some((name, Some(procid), rest.strip_prefix(' ').unwrap_or(rest)));
    }
    let rest = rest.strip_prefix(": ")?;
    Some((name, None, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(line: &str) -> Json {
        let Json::Object(mut object) = fields(line).into_json() else {
            panic!("an object");
        };
        assert_eq!(object.remove("_raw"), Some(json!(line)));
        Json::Object(object)
    }

    #[test]
    fn both_forms_have_a_head() {
        assert_eq!(
            read("<34>Oct 11 22:14:15 mymachine su[7]: 'su root' failed"),
            json!({
                "facility": "auth", "severity": "crit", "timestamp": "Oct 11 22:14:15",
                "hostname": "mymachine", "appname": "su", "procid": "7", "message": "'su root' failed",
            })
        );
        assert_eq!(
            read("2026-10-11T22:14:15.003+02:00 h kernel: text"),
            json!({
                "timestamp": "2026-10-11T22:14:15.003+02:00", "hostname": "h", "appname": "kernel",
                "message": "text",
            })
        );
        assert_eq!(
            read(
                r#"<165>1 2026-10-11T22:14:15.003Z h evntslog - ID47 [a@1 k="v\"]" k="w"][b] text"#
            ),
            json!({
                "facility": "local4", "severity": "notice", "timestamp": "2026-10-11T22:14:15.003Z",
                "hostname": "h", "appname": "evntslog", "msgid": "ID47",
                "a@1": {"k": ["v\"]", "w"]}, "b": {}, "message": "text",
            })
        );
        assert_eq!(
            read(r#"<165>1 - h - - - [message k="v"] text"#)["message"],
            json!("text")
        );
        for head in ["<189>", "<189>Jan  1 10:00:00 h fw: "] {
            let event = read(&format!(
                "{head}date=2026-01-01 time=10:00:01 devname=\"x y\""
            ));
            assert_eq!(
                (&event["date"], &event["devname"]),
                (&json!("2026-01-01"), &json!("x y"))
            );
        }
        assert_eq!(read("no head"), json!({"message": "no head"}));
        assert!(!is_syslog("no head") && is_syslog("<1>x"));
    }

    #[test]
    fn a_message_in_a_format_gives_its_fields() {
        let event = read("<1>Oct 11 22:14:15 h app: @cee: {\"user\": \"u\", \"severity\": 3}");
        assert_eq!(
            (&event["user"], &event["severity"]),
            (&json!("u"), &json!(3))
        );
        let event = read("<1>Oct 11 22:14:15 h CEF:0|V|P|1|2|n|5|src=1.2.3.4");
        assert_eq!(
            (&event["src"], &event["hostname"]),
            (&json!("1.2.3.4"), &json!("h"))
        );
        let event = read("<1>Oct 11 22:14:15 h audispd: type=CWD msg=audit(1.5:7): cwd=\"/tmp\"");
        assert_eq!(
            (&event["cwd"], &event["type"]),
            (&json!("/tmp"), &json!("CWD"))
        );
    }

    #[cfg(feature = "events")]
    #[test]
    fn sysmon_for_linux_writes_xml() {
        let event = read(
            "Oct 11 22:14:15 h sysmon: <Event><System><Provider Name=\"Linux-Sysmon\"/>\
             <EventID>1</EventID></System><EventData><Data Name=\"Image\">/bin/id</Data></EventData>\
             </Event>",
        );
        assert_eq!(
            (&event["Image"], &event["EventID"]),
            (&json!("/bin/id"), &json!(1))
        );
        assert_eq!(event["Provider_Name"], "Linux-Sysmon");
    }
}
