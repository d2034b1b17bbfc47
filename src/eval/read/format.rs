//! The formats that events come in, and how a stream shows its own.
//!
//! In: the first bytes of a stream, `CEF:0|Vendor|…`. Out: [`InputFormat::Cef`], or nothing where no
//! format fits. The name of a file plays no part.

use super::sniff;

/// A format of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InputFormat {
    /// `{"EventID": 1}`: objects one a line, one after another or in arrays, the answers of searches
    /// and batches of `Records`.
    Json,
    /// Windows event logs.
    Evtx,
    /// `<Event>…</Event>`: Windows events, as Event Viewer and `wevtutil` write them.
    Xml,
    /// `name,process` and rows below it; `;` and `|` separate cells, too.
    Csv,
    /// The same with tabs.
    Tsv,
    /// `#fields` and rows below it: Zeek's logs.
    Zeek,
    /// `#Fields: date time c-ip` and rows below it: logs of IIS and of proxies.
    W3c,
    /// `<34>Oct 11 22:14:15 host su: text`, and RFC 5424's.
    Syslog,
    /// `CEF:0|Vendor|Product|1.0|100|Name|5|src=10.0.0.1`
    Cef,
    /// `LEEF:1.0|Vendor|Product|1.0|100|src=10.0.0.1`
    Leef,
    /// `level=info msg="a text"`
    Logfmt,
    /// `type=EXECVE msg=audit(1700000000.123:42): argc=1 a0="id"`
    Auditd,
    /// Any text, each line an event that is searched by keywords.
    Text,
}

impl InputFormat {
    /// All of them, in the order of their names' list.
    pub const ALL: &[Self] = &[
        Self::Json,
        Self::Evtx,
        Self::Xml,
        Self::Csv,
        Self::Tsv,
        Self::Zeek,
        Self::W3c,
        Self::Syslog,
        Self::Cef,
        Self::Leef,
        Self::Logfmt,
        Self::Auditd,
        Self::Text,
    ];

    /// `json`
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Evtx => "evtx",
            Self::Xml => "xml",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Zeek => "zeek",
            Self::W3c => "w3c",
            Self::Syslog => "syslog",
            Self::Cef => "cef",
            Self::Leef => "leef",
            Self::Logfmt => "logfmt",
            Self::Auditd => "auditd",
            Self::Text => "text",
        }
    }

    /// What its files hold.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Json => "JSON: objects one a line or in arrays, answers of searches",
            Self::Evtx => "Windows event logs",
            Self::Xml => "Windows events as XML",
            Self::Csv => "tables with a header, cells separated by `,`, `;` or `|`",
            Self::Tsv => "tables with a header, cells separated by tabs",
            Self::Zeek => "logs of Zeek with `#fields`",
            Self::W3c => "logs of web servers and proxies with `#Fields:`",
            Self::Syslog => "syslog, RFC 3164 and 5424",
            Self::Cef => "the Common Event Format of ArcSight",
            Self::Leef => "the Log Event Extended Format of QRadar",
            Self::Logfmt => "lines of `key=value`",
            Self::Auditd => "audit logs of Linux",
            Self::Text => "any text: each line is an event that keywords search",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|format| format.name() == name);
        found.copied()
    }

    /// The format of a stream that begins with these bytes, decompressed and in UTF-8. `None`: none
    /// fits, or there is no more than blanks.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        sniff::format_of(start).map(|found| found.format)
    }
}
