//! Any bytes as events: chunks and coded errors, each error at a place inside its text, and the same
//! events however the bytes come.

#![no_main]

use libfuzzer_sys::fuzz_target;
use varsigma::events::{EventReader, InputFormat, ReadOptions};

fuzz_target!(|bytes: &[u8]| {
    for format in std::iter::once(None).chain(InputFormat::ALL.iter().copied().map(Some)) {
        for chunk in EventReader::new(bytes, ReadOptions::default().format(format)) {
            let Ok(chunk) = chunk else { continue };
            let mut events = Vec::new();
            let report = chunk.decode(&mut |record| events.push(format!("{:?}", record.event())));
            let mut straight = Vec::new();
            let same = chunk.decode_events(&mut |event, _| straight.push(format!("{event:?}")));
            assert_eq!((straight, &same), (events, &report));
            for label in report.diagnostics.iter().flat_map(|one| &one.labels) {
                assert!(report.text.get(label.span.range()).is_some());
            }
        }
    }
});
