use super::*;
use crate::eval::Event;
use crate::eval::read::{EventBody, ReadOptions};
use std::io::{Read, Write as _};

/// Gives a few bytes at a time.
struct Slow<'b>(&'b [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(block.len());
        self.0.read(&mut block[..length])
    }
}

/// The events, how many chunks there were, the errors and the lines of the events.
const CHUNK: usize = 16 << 10;

fn read(input: impl Read) -> (Vec<serde_json::Value>, usize, Vec<Diagnostic>, Vec<usize>) {
    let (mut events, mut chunks, mut errors, mut lines) = (Vec::new(), 0, Vec::new(), Vec::new());
    let mut reader = EventReader::new(input, ReadOptions::default());
    reader.sizes = Sizes {
        chunk: CHUNK,
        record: 16 * CHUNK,
    };
    for chunk in reader {
        match chunk {
            Ok(chunk) => {
                assert_eq!(chunk.number(), chunks);
                chunks += 1;
                let before = events.len();
                let report = chunk.decode(&mut |record| {
                    lines.push(chunk.line_of(record.offset));
                    events.push(record.json());
                });
                let mut prepared = Vec::new();
                let same = chunk.decode_events(&mut |event, _| prepared.push(event.into_owned()));
                assert_eq!(same, report);
                let expected: Vec<Event> = events[before..].iter().map(Event::new).collect();
                assert_eq!(format!("{prepared:?}"), format!("{expected:?}"));
                errors.extend(report.diagnostics);
            }
            Err(ReadError::Content(error)) => errors.push(error),
            Err(ReadError::Io(error)) => panic!("{error}"),
        }
    }
    (events, chunks, errors, lines)
}

fn numbered(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| {
        // It is not to compress to nothing.
        let noise = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let text = "x]},{[ \\\" ".repeat(10);
        format!(
            "{{\"n\":{n},\"text\":\"{noise:x}{text}{:x}\"}}",
            noise.swap_bytes()
        )
    })
}

#[track_caller]
fn assert_numbered(text: &str, count: usize) -> usize {
    let (events, chunks, errors, _) = read(text.as_bytes());
    assert_eq!(errors, []);
    let numbers: Vec<u64> = events
        .iter()
        .filter_map(|event| event["n"].as_u64())
        .collect();
    assert_eq!(numbers.len(), count);
    assert!(numbers.iter().zip(0..).all(|(found, n)| *found == n));
    chunks
}

#[test]
fn every_form_of_json_is_cut() {
    let count = 4_000;
    let events: Vec<String> = numbered(count).collect();
    assert!(events.join("").len() > 3 * CHUNK);
    for text in [
        events.join("\n"),
        events.join("\r\n"),
        events.join(""),
        events.join(",\n"),
        format!("[{}]", events.join(",")),
        format!("[\n{}\n]\n", events.join(",\n  ")),
        format!(
            "{{\"Records\": [{}], \"x\": {{\"y\": [1]}}}}",
            events.join(", ")
        ),
        format!(
            "{{\"took\":1,\"hits\":{{\"total\":{{\"value\":1}},\"hits\":[{}]}}}}\n",
            events.join(",")
        ),
    ] {
        let chunks = assert_numbered(&text, count);
        assert!(chunks > 3, "{chunks} of {}", &text[..30]);
    }
}

#[test]
fn lines_are_counted_and_streams_may_be_slow() {
    let text: String = numbered(3_000).map(|event| event + "\n").collect();
    let (events, chunks, errors, lines) = read(Slow(text.as_bytes(), 777));
    assert_eq!((events.len(), errors.len()), (3_000, 0));
    assert!(chunks > 1);
    assert!(lines.iter().zip(1..).all(|(line, number)| *line == number));
    let broken = text.clone() + "{\"n\":\n" + &text;
    let (events, _, errors, _) = read(broken.as_bytes());
    assert_eq!((events.len(), errors.len()), (6_000, 1));
}

#[test]
fn a_list_that_is_cut_off_is_an_error() {
    let events: Vec<String> = numbered(4_000).collect();
    let text = format!("[{}", events.join(","));
    for cut in [text.len(), text.len() - 7] {
        let (found, _, errors, _) = read(&text.as_bytes()[..cut]);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].message.contains("the end of the text"));
        assert_eq!(found.len(), 4_000 - usize::from(cut < text.len()));
    }
}

#[test]
fn a_record_is_bounded() {
    let text = format!("{{\"a\":\"{}\n{{\"n\":0}}\n", "x".repeat(17 * CHUNK));
    let (events, _, errors, _) = read(text.as_bytes());
    assert_eq!(events, [serde_json::json!({"n": 0})]);
    assert_eq!(errors[0].code, Code::OversizedRecord);
}

#[cfg(feature = "events")]
#[test]
fn compressed_streams_are_read() {
    let text: String = numbered(3_000).map(|event| event + "\n").collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
    for packed in [&gzip, &zstd] {
        let (events, _, errors, _) = read(packed.as_slice());
        assert_eq!((events.len(), errors), (3_000, vec![]));
        let twice = [packed.as_slice(), packed].concat();
        assert_eq!(read(twice.as_slice()).0.len(), 6_000);
        let half = &packed[..packed.len() / 2];
        let (events, _, errors, _) = read(half);
        // Nothing before the cut is lost, but for a block of zstd that is not whole: 128 KiB at most.
        let rest = if packed == &zstd { 128 << 10 } else { 0 };
        let least = (text.len() / 2 - rest) / (text.len() / 3_000) - 50;
        assert!((least..3_000).contains(&events.len()), "{}", events.len());
        assert_eq!(
            errors.last().map(|error| error.code),
            Some(Code::BrokenCompression)
        );
    }
    let padded = [gzip.as_slice(), &[0; 512]].concat();
    let (events, _, errors, _) = read([padded.as_slice(), &gzip, &[0]].concat().as_slice());
    assert_eq!((events.len(), errors), (6_000, vec![]));
    // A frame that is to be skipped.
    let skipped = [b"\x50\x2A\x4D\x18\x03\0\0\0abc", zstd.as_slice()].concat();
    assert_eq!(read(skipped.as_slice()).0.len(), 3_000);
}

#[test]
fn what_is_no_format_is_an_error_that_names_them() {
    let (_, _, errors, _) = read("-- MARK --\n".as_bytes());
    assert_eq!(errors[0].code, Code::UnknownInputFormat);
    assert!(
        errors[0].help[0].contains("`json`, `evtx`"),
        "{:?}",
        errors[0].help
    );
    let options = ReadOptions::default().fallback(Some(InputFormat::Text));
    let mut lines = Vec::new();
    for chunk in EventReader::new("-- MARK --\n\nx\r\n".as_bytes(), options) {
        let report = chunk
            .expect("a text")
            .decode(&mut |record| match record.body {
                EventBody::Line(line) => lines.push(line.to_owned()),
                other => panic!("{other:?}"),
            });
        assert!(report.is_empty());
    }
    assert_eq!(lines, ["-- MARK --", "x"]);
    for nothing in ["", " \n\t\n"] {
        let (events, _, errors, _) = read(nothing.as_bytes());
        assert_eq!((events.len(), errors.len()), (0, 0));
    }
}

#[test]
fn bytes_that_are_no_text_cost_no_other_event() {
    let (events, _, errors, _) = read(&b"{\"a\":1}\n{\"a\":\"\xE9\"}\n{\"a\":3}\n"[..]);
    assert_eq!(events.len(), 3);
    assert_eq!(events[1]["a"], "\u{FFFD}");
    assert_eq!((errors.len(), errors[0].code), (1, Code::NotUtf8));
    let wide: Vec<u8> = "\u{FEFF}{\"a\":1}\n{\"a\":2}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(wide.as_slice()).0.len(), 2);
}

/// Reads a text in chunks of 16 KiB, and says how many events, chunks and errors there were.
fn counts(text: &str) -> (usize, usize, usize) {
    let (events, chunks, errors, _) = read(text.as_bytes());
    (events.len(), chunks, errors.len())
}

#[test]
fn every_format_is_cut_between_records() {
    let count = 4_000;
    let many = |record: fn(usize) -> String| (0..count).map(record).collect::<String>();
    let audit = |n: usize| {
        format!(
            "type=SYSCALL msg=audit(1700000000.123:{n}): syscall=59 exe=\"/bin/cat\"\n\
             type=CWD msg=audit(1700000000.123:{n}): cwd=\"/\"\n\
             type=PROCTITLE msg=audit(1700000000.123:{n}): proctitle=636174\n"
        )
    };
    for text in [
        many(|n| format!("CEF:0|V|P|1|{n}|name|5|src=10.0.0.1 msg=a text\n")),
        many(|n| format!("LEEF:1.0|V|P|1|{n}|src=10.0.0.1\tmsg=a text\n")),
        many(|n| format!("<34>Oct 11 22:14:15 host su[{n}]: 'su root' failed\n")),
        many(|n| format!("level=info n={n} msg=\"a text\"\n")),
        many(audit),
        // The records of several events between one another, as processors write them.
        (0..count)
            .step_by(4)
            .flat_map(|first| {
                let records: Vec<String> = (first..first + 4).map(audit).collect();
                let record = move |line: usize, n: usize| {
                    records[n]
                        .lines()
                        .nth(line)
                        .map(|line| line.to_owned() + "\n")
                };
                (0..12).filter_map(move |at| record(at / 4, at % 4))
            })
            .collect::<String>(),
        "#separator \\x09\n#path\tconn\n#fields\tts\tuid\n".to_owned()
            + &many(|n| format!("{n}.5\tCabcdefghijkl\n")),
        "#Fields: date time c-ip\n".to_owned() + &many(|n| format!("2026-01-01 10:00:00 {n}\n")),
    ] {
        let (events, chunks, errors) = counts(&text);
        assert_eq!((events, errors), (count, 0), "{}", &text[..60]);
        assert!(chunks > 1);
    }
    #[cfg(feature = "events")]
    for text in [
        "n,Image,CommandLine\n".to_owned() + &many(|n| format!("{n},\"a\n\"\"b\"\"\",c\n")),
        "n\tImage\n".to_owned() + &many(|n| format!("{n}\ta text\\\" that is longer\n")),
        "<Events>".to_owned()
            + &many(|n| {
                format!("<Event><System><EventID>{n}</EventID></System><EventData/></Event>")
            })
            + "</Events>",
    ] {
        let (events, chunks, errors) = counts(&text);
        assert_eq!((events, errors), (count, 0), "{}", &text[..60]);
        assert!(chunks > 1);
    }
}
