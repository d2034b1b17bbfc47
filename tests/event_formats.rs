//! Every format of events, as files hold it: `tests/event_formats`. What each gives is a snapshot;
//! cut off, with bytes changed and in pieces it gives events and coded errors in good time.

use proptest::prelude::*;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use varsigma::eval::RoutingTable;
use varsigma::events::{EventReader, InputFormat, ReadError, ReadOptions};

/// The files, in order.
fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/event_formats");
    let entries = std::fs::read_dir(folder).expect("a folder of the repository");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(path).expect("readable"))
        })
        .collect();
    files.sort();
    assert!(files.len() > 10);
    files
}

/// What a stream gives, one line an event and error.
fn read(bytes: &[u8], options: ReadOptions) -> String {
    let table = RoutingTable::built_in();
    let mut shown = String::new();
    for chunk in EventReader::new(bytes, options) {
        match chunk {
            Ok(chunk) => {
                let mut events = Vec::new();
                let report = chunk.decode(&mut |record| {
                    events.push(format!("{:?}", record.event()));
                    let is_known = !table.of(&record.event()).is_unknown();
                    let known = if is_known { "" } else { " (any log source)" };
                    let line = chunk.line_of(record.offset);
                    let _ = writeln!(shown, "{line}: {}{known}", record.json());
                });
                // Read straight, they are the same.
                let mut straight = Vec::new();
                let same = chunk.decode_events(&mut |event, _| {
                    straight.push(format!("{event:?}"));
                });
                assert_eq!((straight, &same), (events, &report));
                for one in &report.diagnostics {
                    for label in &one.labels {
                        assert!(report.text.get(label.span.range()).is_some(), "{one:?}");
                    }
                    let _ = writeln!(shown, "{} {}", one.code.number(), one.message);
                }
            }
            Err(ReadError::Content(error)) => {
                let _ = writeln!(shown, "{} {}", error.code.number(), error.message);
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    shown
}

#[test]
fn formats_give_these_events() {
    let mut shown = String::new();
    for (name, bytes) in files() {
        let format = InputFormat::of(&bytes);
        let _ = writeln!(
            shown,
            "# {name}: {}",
            format.map_or("unknown", InputFormat::name)
        );
        let options = ReadOptions::default().fallback(Some(InputFormat::Text));
        let _ = writeln!(shown, "{}", read(&bytes, options));
    }
    insta::with_settings!({snapshot_path => "../snapshots/events", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("formats", shown);
    });
}

#[test]
fn a_format_can_be_forced() {
    let options = ReadOptions::default().format(InputFormat::from_name("csv"));
    assert_eq!(
        read(b"a,b\n1,2\n", options),
        "2: {\"a\":\"1\",\"b\":\"2\"} (any log source)\n"
    );
    assert_eq!(InputFormat::from_name("yaml"), None);
    for format in InputFormat::ALL {
        assert_eq!(InputFormat::from_name(format.name()), Some(*format));
        assert!(!format.about().is_empty());
    }
}

/// Longer than any answer takes, in a test build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn is_answered(bytes: &[u8]) {
    let begun = Instant::now();
    for format in std::iter::once(None).chain(InputFormat::ALL.iter().copied().map(Some)) {
        read(bytes, ReadOptions::default().format(format));
    }
    assert!(begun.elapsed() < LONGEST);
}

/// `VARSIGMA_MUTATIONS=10000 cargo test --release --test event_formats` tries more.
fn cases() -> u32 {
    let wanted = std::env::var("VARSIGMA_MUTATIONS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases())
    })]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        is_answered(&bytes);
    }

    #[test]
    fn changed_files_are_answered(
        at in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        doubled in any::<bool>(),
    ) {
        let files = files();
        let mut bytes = at.get(&files).1.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        if doubled {
            bytes.extend_from_within(..);
        }
        is_answered(&bytes);
    }
}
