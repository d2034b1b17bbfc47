//! Rules over events: how many events a second one thread takes, by the rule set and rule by rule.
//!
//! `VARSIGMA_RULES=../sigma/rules cargo bench --bench events`. Without the variable the rules are those
//! of `tests/cases`. The events are made: flat, as Sysmon's, of some 600 bytes. Half of them have the
//! fields of a rule's witness events, near misses among them. `VARSIGMA_EVENTS=FILE` writes them, for
//! other programs. `cargo bench --bench events -- source` measures what has that in its name.

use serde_json::{Map, Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use varsigma::dialect::Dialect;
use varsigma::eval::{Matcher, witness};
use varsigma::events::{EventReader, ReadOptions};
use varsigma::lower::lower;
use varsigma::transpile::prepare;
use varsigma::{Event, RuleSet, Rules};

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many events there are.
const EVENTS: usize = 20_000;

/// How many of them each rule is asked by itself.
const ONE_BY_ONE: usize = 500;

/// Numbers that are the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }

    fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }
}

fn rules() -> Vec<PathBuf> {
    let cases = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let folder = std::env::var_os("VARSIGMA_RULES").map_or_else(cases, PathBuf::from);
    let walk = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build();
    let paths = walk.map(|entry| entry.expect("readable").into_path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "yml"))
        .collect();
    paths.sort();
    paths
}

/// The events that show what a rule matches, and what it just misses.
fn witnesses(text: &str, into: &mut Vec<Map<String, Json>>) {
    for prepared in prepare(text, &Dialect::SPECIFICATION).unwrap_or_default() {
        let Some(rule) = prepared.rule() else {
            continue;
        };
        for lowered in lower(rule, &Dialect::SPECIFICATION) {
            let Ok(matcher) = Matcher::new(&lowered.expr) else {
                continue;
            };
            for witness in matcher.witnesses(witness::LIMIT).into_iter().take(4) {
                if let Json::Object(event) = witness.event {
                    into.push(event);
                }
            }
        }
    }
}

/// An event as Sysmon would log a process.
fn process(random: &mut Random, number: usize) -> Map<String, Json> {
    let images = [
        r"C:\Windows\System32\svchost.exe",
        r"C:\Windows\System32\cmd.exe",
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        r"C:\Program Files\Vendor\Application\agent.exe",
        r"C:\Users\ann\AppData\Local\Programs\editor\editor.exe",
        r"C:\Windows\explorer.exe",
    ];
    let arguments = [
        "-k netsvcs -p -s Schedule",
        "/c ping 127.0.0.1 -n 2",
        "--type=renderer --lang=en-US --device-scale-factor=1",
        "-NoProfile -File C:\\scripts\\inventory.ps1",
        "/update /silent",
    ];
    let image = random.pick(&images);
    let parent = random.pick(&images);
    let id = random.below(90_000);
    let event = json!({
        "EventID": random.pick(&[&1, &3, &7, &11, &13, &22]),
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "Computer": format!("host{}.example.org", random.below(50)),
        "UtcTime": format!("2026-01-01 00:{:02}:{:02}.{:03}", number / 1000 % 60, number / 17 % 60, number % 1000),
        "ProcessGuid": format!("{{8b3d2c00-5f1a-{:04x}-0000-00100000{:04x}}}", id % 65_536, number % 65_536),
        "ProcessId": id,
        "Image": image,
        "CommandLine": format!("\"{image}\" {}", random.pick(&arguments)),
        "CurrentDirectory": r"C:\Windows\system32\",
        "User": random.pick(&[r"NT AUTHORITY\SYSTEM", r"EXAMPLE\ann", r"EXAMPLE\bob"]),
        "IntegrityLevel": random.pick(&["Medium", "High", "System"]),
        "ParentImage": parent,
        "ParentCommandLine": format!("\"{parent}\""),
    });
    match event {
        Json::Object(event) => event,
        _ => Map::new(),
    }
}

/// The events, a line each.
fn events(texts: &[String]) -> Vec<String> {
    let mut shown = Vec::new();
    for text in texts {
        witnesses(text, &mut shown);
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let events = (0..EVENTS).map(|number| {
        let mut event = process(&mut random, number);
        if number % 2 == 0 && !shown.is_empty() {
            event.extend(shown[random.below(shown.len())].clone());
        }
        Json::Object(event).to_string()
    });
    events.collect()
}

/// Shows how fast the work is, if an argument chooses it or none chooses.
fn measure(name: &str, events: usize, work: impl FnOnce() -> usize) {
    let mut chosen = std::env::args().skip(1);
    if chosen.any(|word| !word.starts_with('-') && !name.contains(&word)) {
        return;
    }
    let start = Instant::now();
    let found = work();
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a number of events is small")]
    let rate = events as f64 / seconds;
    println!("{name:13} {rate:>10.0} events a second, {found} matches");
}

/// Reads the events as the program does.
fn each(lines: &[u8], mut take: impl FnMut(Event)) {
    for chunk in EventReader::new(lines, ReadOptions::default()) {
        let chunk = chunk.expect("a slice is readable");
        assert!(chunk.decode_events(&mut |event, _| take(event)).is_empty());
    }
}

/// The sum of what `count` says of each event.
fn sum(lines: &[u8], mut count: impl FnMut(&Event) -> usize) -> usize {
    let mut sum = 0;
    each(lines, |event| sum += count(&event));
    sum
}

fn main() {
    // `cargo test --benches` asks whether it runs, not how fast.
    let is_test = !std::env::args().any(|argument| argument == "--bench");
    let paths = rules();
    let texts = paths.iter().map(|path| fs::read(path).unwrap_or_default());
    let texts: Vec<String> = texts
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect();
    let mut lines = events(&texts);
    if let Some(path) = std::env::var_os("VARSIGMA_EVENTS") {
        fs::write(path, lines.join("\n") + "\n").expect("the file can be written");
    }
    if is_test {
        lines.truncate(10);
    }
    let start = Instant::now();
    let all = texts.join("\n---\n");
    let rules = Rules::parse(&all);
    let set = RuleSet::new(&rules);
    println!(
        "{} rules, ready in {:.0} ms; {} events of {} bytes",
        set.rules().len(),
        start.elapsed().as_secs_f64() * 1000.0,
        lines.len(),
        lines.iter().map(String::len).sum::<usize>() / lines.len().max(1)
    );
    let count = lines.len();
    let some = lines[..count.min(ONE_BY_ONE)].join("\n");
    let lines = lines.join("\n");
    let (some, lines) = (some.as_bytes(), lines.as_bytes());
    measure("read alone", count, || {
        sum(lines, |event| event.values("Image").len())
    });
    measure("rule set", count, || {
        let mut scanner = set.scanner();
        sum(lines, |event| scanner.matching(event).count())
    });
    // With log sources: as the events show them, and as it is said of all.
    let declared = "product=windows,category=process_creation";
    let declared = set.routing_for(declared).expect("it is a log source");
    for (name, routing) in [("by table", set.routing()), ("by log source", declared)] {
        measure(name, count, || {
            let mut scanner = set.routed_scanner(&routing);
            sum(lines, |event| scanner.matching(event).count())
        });
    }
    let mut scanner = set.scanner();
    let matching = sum(lines, |event| scanner.matching(event).next().iter().count());
    let share = 100 * matching / count.max(1);
    println!("of {count} events {share} % match a rule");
    // What is made of misses alone measures nothing.
    assert!(is_test || share >= 5, "{share} %");
    measure("rule by rule", count.min(ONE_BY_ONE), || {
        let rules = || set.rules().iter();
        sum(some, |event| {
            rules().filter(|rule| rule.matches(event)).count()
        })
    });
}
