//! How fast events are read, on one thread: `cargo bench --bench read`.
//!
//! JSON lines of some 600 bytes are made here. `VARSIGMA_EVTX=../sigma/regression_data` names a folder
//! whose event logs are joined to one, and read by the crate `evtx` alone and by the program's
//! reader. Logs whose chunks are full say more than such of one record each.
//! `cargo bench --bench read -- EVTX` measures what has that in its name.

// Rates are rounded anyway.
#![allow(clippy::cast_precision_loss)]

use std::fmt::Write as _;
use std::time::Instant;
use varsigma::events::{EventReader, ReadOptions};

/// The program's own, so that rates are the program's.
#[cfg(feature = "cli")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The best of some runs. An argument chooses what has it in its name.
fn best(name: &str, bytes: usize, mut run: impl FnMut() -> usize) {
    let mut chosen = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    if chosen.next().is_some_and(|word| !name.contains(&word)) {
        return;
    }
    let mut least = f64::INFINITY;
    let mut events = 0;
    for _ in 0..5 {
        let begun = Instant::now();
        events = run();
        least = least.min(begun.elapsed().as_secs_f64());
    }
    let megabytes = bytes as f64 / 1e6 / least;
    let rate = events as f64 / least;
    println!("{name:30} {megabytes:8.0} MB/s {rate:12.0} events/s");
}

fn chunks(bytes: &[u8]) -> impl Iterator<Item = varsigma::events::EventChunk> + '_ {
    EventReader::new(bytes, ReadOptions::default()).map(|chunk| chunk.expect("it is readable"))
}

fn records(bytes: &[u8]) -> usize {
    let mut count = 0;
    for chunk in chunks(bytes) {
        let report = chunk.decode(&mut |_| count += 1);
        assert!(report.is_empty());
    }
    count
}

fn events(bytes: &[u8]) -> usize {
    let mut count = 0;
    for chunk in chunks(bytes) {
        let report = chunk.decode_events(&mut |event, _| {
            std::hint::black_box(event);
            count += 1;
        });
        assert!(report.is_empty());
    }
    count
}

fn main() {
    let mut lines = String::new();
    for n in 0..60_000_u32 {
        let _ = writeln!(
            lines,
            r#"{{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"host-{}","UtcTime":"2026-01-01 10:00:00.000","ProcessGuid":"{{7D5B0A5C-0000-0000-0000-00000000{n:04x}}}","ProcessId":{n},"Image":"C:\\Windows\\System32\\svchost.exe","CommandLine":"C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule {n}","CurrentDirectory":"C:\\Windows\\system32\\","User":"NT AUTHORITY\\SYSTEM","IntegrityLevel":"System","Hashes":"SHA256=0000000000000000000000000000000000000000000000000000000000000000","ParentProcessId":672,"ParentImage":"C:\\Windows\\System32\\services.exe"}}"#,
            n % 100,
        );
    }
    let bytes = lines.as_bytes();
    best("JSON lines, chunks", bytes.len(), || chunks(bytes).count());
    best("JSON lines, records", bytes.len(), || records(bytes));
    best("JSON lines, events", bytes.len(), || events(bytes));
    let array = format!("[{}]", lines.trim_end().replace('\n', ","));
    best("JSON array, chunks", array.len(), || {
        chunks(array.as_bytes()).count()
    });
    #[cfg(feature = "evtx")]
    if let Some(folder) = std::env::var_os("VARSIGMA_EVTX") {
        let log = log(folder.as_ref());
        best("EVTX, the crate, JSON text", log.len(), || {
            let mut parser = evtx::EvtxParser::from_buffer(log.clone()).expect("a log");
            parser.records_json().flatten().count()
        });
        best("EVTX, the crate, JSON values", log.len(), || {
            let mut parser = evtx::EvtxParser::from_buffer(log.clone()).expect("a log");
            parser.records_json_value().flatten().count()
        });
        best("EVTX, records", log.len(), || records(&log));
        best("EVTX, events", log.len(), || events(&log));
    }
}

/// The logs of a folder as one: a header, and the chunks of all of them.
#[cfg(feature = "evtx")]
fn log(folder: &std::path::Path) -> Vec<u8> {
    let mut folders = vec![folder.to_owned()];
    let mut log = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "evtx") {
                let bytes = std::fs::read(path).expect("readable");
                let start = if log.is_empty() { 0 } else { 4096 };
                log.extend_from_slice(&bytes[start..]);
            }
        }
    }
    log
}
