//! Rules over events: how many events a second one thread takes, by the rule set and rule by rule.
//!
//! `VARSIGMA_RULES=../sigma/rules cargo bench --bench events`. Without the variable the rules are those
//! of `tests/cases`. The events are made: flat, as Sysmon's, of some 600 bytes. Half of them have the
//! fields of a rule's witness events, near misses among them. `VARSIGMA_EVENTS=FILE` writes them, for
//! other programs.

use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use varsigma::dialect::Dialect;
use varsigma::eval::{Matcher, witness};
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

fn rate(events: usize, work: impl FnOnce() -> usize) -> String {
    let start = Instant::now();
    let found = work();
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a number of events is small")]
    let rate = events as f64 / seconds;
    format!("{rate:>10.0} events a second, {found} matches")
}

fn event(line: &str) -> Event {
    serde_json::from_str(line).expect("it was written as JSON")
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
    let mut out = String::new();
    let bytes: usize = lines.iter().map(String::len).sum();
    let _ = writeln!(
        out,
        "{} rules, ready in {:.0} ms; {} events of {} bytes",
        set.rules().len(),
        start.elapsed().as_secs_f64() * 1000.0,
        lines.len(),
        bytes / lines.len().max(1)
    );
    let read = || {
        lines
            .iter()
            .map(|line| event(line).values("Image").len())
            .sum()
    };
    let _ = writeln!(out, "read alone    {}", rate(lines.len(), read));
    let by_set = || {
        let mut scanner = set.scanner();
        let lines = lines.iter();
        lines
            .map(|line| scanner.matching(&event(line)).count())
            .sum()
    };
    let _ = writeln!(out, "rule set      {}", rate(lines.len(), by_set));
    // With log sources: as the events show them, and as it is said of all.
    let declared = "product=windows,category=process_creation";
    let declared = set.routing_for(declared).expect("it is a log source");
    for (name, routing) in [
        ("by table     ", set.routing()),
        ("by log source", declared),
    ] {
        let routed = || {
            let mut scanner = set.routed_scanner(&routing);
            let lines = lines.iter();
            lines
                .map(|line| scanner.matching(&event(line)).count())
                .sum()
        };
        let _ = writeln!(out, "{name} {}", rate(lines.len(), routed));
    }
    let mut scanner = set.scanner();
    let matching = lines.iter();
    let matching = matching.filter(|line| scanner.matching(&event(line)).next().is_some());
    let matching = matching.count();
    let share = 100 * matching / lines.len().max(1);
    let _ = writeln!(out, "of {} events {share} % match a rule", lines.len());
    // What is made of misses alone measures nothing.
    assert!(is_test || share >= 5, "{share} %");
    let some = &lines[..lines.len().min(ONE_BY_ONE)];
    let one_by_one = || {
        let matching = some.iter().map(|line| {
            let event = event(line);
            set.rules()
                .iter()
                .filter(|rule| rule.matches(&event))
                .count()
        });
        matching.sum()
    };
    let _ = writeln!(out, "rule by rule  {}", rate(some.len(), one_by_one));
    print!("{out}");
}
