//! Windows event logs, of records that are written here: the events are those of the records, however
//! many chunks there are, and damage to one chunk leaves the others' events.
#![cfg(feature = "evtx")]

use std::fmt::Write as _;
use varsigma::events::{EventReader, ReadOptions};

const HEADER: usize = 4096;
const CHUNK: usize = 65536;

/// Binary XML: elements, attributes and texts as they are, without templates.
struct Xml<'c> {
    /// The chunk, as names are found by their place in it.
    chunk: &'c mut Vec<u8>,
}

impl Xml<'_> {
    fn name(&mut self, name: &str) {
        let at = u32::try_from(self.chunk.len() + 4).expect("a chunk is small");
        self.chunk.extend(at.to_le_bytes());
        // The next name of the same hash, and the hash.
        self.chunk.extend([0; 6]);
        self.length(name);
        self.chunk
            .extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        self.chunk.extend([0; 2]);
    }

    fn length(&mut self, text: &str) {
        let length = u16::try_from(text.encode_utf16().count()).expect("a text is short");
        self.chunk.extend(length.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.chunk.extend([0x05, 0x01]);
        self.length(text);
        self.chunk
            .extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    }

    fn element(
        &mut self,
        name: &str,
        attribute: Option<(&str, &str)>,
        inner: impl FnOnce(&mut Self),
    ) {
        self.chunk
            .push(if attribute.is_some() { 0x41 } else { 0x01 });
        self.chunk.extend([0; 4]);
        self.name(name);
        if let Some((attribute, value)) = attribute {
            self.chunk.extend([0; 4]);
            self.chunk.push(0x06);
            self.name(attribute);
            self.text(value);
        }
        self.chunk.push(0x02);
        inner(self);
        self.chunk.push(0x04);
    }
}

/// A record of the Security log.
fn record(chunk: &mut Vec<u8>, id: u64) {
    let start = chunk.len();
    chunk.extend(b"**\0\0\0\0\0\0");
    chunk.extend(id.to_le_bytes());
    // 2026-01-01 in tenths of microseconds since 1601.
    chunk.extend(134_117_856_000_000_000_u64.to_le_bytes());
    chunk.extend([0x0f, 1, 1, 0]);
    let mut xml = Xml { chunk };
    xml.element("Event", None, |xml| {
        xml.element("System", None, |xml| {
            xml.element("Provider", Some(("Name", "Security-Auditing")), |_| {});
            xml.element("EventID", Some(("Qualifiers", "7")), |xml| xml.text("4688"));
            xml.element("Channel", None, |xml| xml.text("Security"));
        });
        xml.element("EventData", None, |xml| {
            let user = id.to_string();
            xml.element("Data", Some(("Name", "New Process")), |xml| {
                xml.text(r"C:\a \é.exe");
            });
            xml.element("Data", Some(("Name", "User")), |xml| xml.text(&user));
        });
    });
    chunk.push(0x00);
    let size = u32::try_from(chunk.len() + 4 - start).expect("a record is small");
    chunk.extend(size.to_le_bytes());
    chunk[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
}

/// A chunk of these records.
fn chunk(ids: std::ops::Range<u64>) -> Vec<u8> {
    let mut chunk = vec![0; 512];
    let mut last = 0;
    for id in ids.clone() {
        last = chunk.len();
        record(&mut chunk, id);
    }
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    for (at, id) in [
        (8, ids.start),
        (16, ids.end - 1),
        (24, ids.start),
        (32, ids.end - 1),
    ] {
        chunk[at..at + 8].copy_from_slice(&id.to_le_bytes());
    }
    for (at, value) in [(40, 128), (44, last), (48, chunk.len())] {
        let value = u32::try_from(value).expect("a chunk is small");
        chunk[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    assert!(chunk.len() <= CHUNK);
    chunk.resize(CHUNK, 0);
    chunk
}

fn log(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut log = b"ElfFile\0".to_vec();
    log.resize(HEADER, 0);
    log[32..44].copy_from_slice(&[128, 0, 0, 0, 1, 0, 3, 0, 0, 0x10, 1, 0]);
    log.extend(chunks.concat());
    log
}

/// The users of the events, and what is wrong.
fn read(log: &[u8]) -> (Vec<String>, String) {
    let (mut users, mut wrong) = (Vec::new(), String::new());
    for chunk in EventReader::new(log, ReadOptions::default()) {
        let chunk = chunk.expect("the log is one");
        let mut prepared = Vec::new();
        let report = chunk.decode_events(&mut |event, _| prepared.push(event.into_owned()));
        for diagnostic in &report.diagnostics {
            assert!(diagnostic.labels.is_empty(), "the text is not the user's");
            let _ = writeln!(wrong, "{}", diagnostic.message);
        }
        let mut records = Vec::new();
        let same = chunk.decode(&mut |record| records.push(record.event()));
        assert_eq!(report, same);
        assert_eq!(format!("{prepared:?}"), format!("{records:?}"));
        users.extend(
            records
                .iter()
                .map(|event| event.value("User").expect("a user").into_owned()),
        );
    }
    (users, wrong)
}

#[test]
fn records_are_flat_events() {
    let log = log(&[chunk(1..3)]);
    let mut events = Vec::new();
    for chunk in EventReader::new(log.as_slice(), ReadOptions::default()) {
        let report = chunk
            .expect("the log is one")
            .decode(&mut |record| events.push(record.json()));
        assert!(report.is_empty(), "{report:?}");
    }
    let expected = serde_json::json!({
        "NewProcess": r"C:\a \é.exe", "User": "1", "Provider_Name": "Security-Auditing",
        "EventID_Qualifiers": "7", "EventID": "4688", "Channel": "Security",
    });
    assert_eq!(events[0], expected);
    assert_eq!(events.len(), 2);
}

#[test]
fn many_chunks_are_read_in_order() {
    let chunks: Vec<_> = (0..40).map(|at| chunk(at * 50 + 1..at * 50 + 51)).collect();
    let (users, wrong) = read(&log(&chunks));
    assert_eq!(wrong, "");
    let expected: Vec<String> = (1..=2000).map(|id: u32| id.to_string()).collect();
    assert_eq!(users, expected);
}

#[test]
fn a_damaged_chunk_is_named_and_costs_no_other() {
    let mut chunks: Vec<_> = (0..40).map(|at| chunk(at * 2 + 1..at * 2 + 3)).collect();
    // Space that was never written, and what was there before the log.
    chunks[3].fill(0);
    chunks[20].fill(b'x');
    chunks[37][..8].fill(0);
    let (users, wrong) = read(&log(&chunks));
    assert_eq!(users.len(), 74, "{wrong}");
    assert_eq!(
        wrong,
        "chunk 20 of the Windows event log can't be read: expected `ElfChnk`, found other bytes\n\
        chunk 37 of the Windows event log can't be read: expected `ElfChnk`, found other bytes\n"
    );
}

#[test]
fn a_damaged_record_costs_no_other_chunk() {
    let mut chunks: Vec<_> = (0..3).map(|at| chunk(at * 2 + 1..at * 2 + 3)).collect();
    chunks[1][512 + 24..].fill(0xff);
    let (users, wrong) = read(&log(&chunks));
    assert_eq!(users, ["1", "2", "5", "6"]);
    assert!(wrong.contains("of chunk 1 "), "{wrong}");
}

#[test]
fn a_log_that_is_cut_off_is_read_as_far_as_it_goes() {
    let mut log = log(&[chunk(1..3), chunk(3..5)]);
    log.truncate(log.len() - 1);
    let (users, wrong) = read(&log);
    assert_eq!(users, ["1", "2"]);
    assert!(wrong.contains("cut off"), "{wrong}");
}
