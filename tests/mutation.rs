//! Whatever the bytes are: an answer in good time, no panic, and every error with a code and a
//! place inside the text.
//!
//! Rules are cut off, bytes flipped, lines swapped, tokens repeated, two rules spliced: always the
//! same mutants for the same rules. `VARSIGMA_MUTATIONS=100000` makes that many,
//! `VARSIGMA_RULES=../sigma/rules` takes the rules of a folder in place of `tests/cases` and
//! `tests/bad`. A mutant that fails is kept in `target/tmp/mutants`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use varsigma::attack::Attack;
use varsigma::backend::Registry;
use varsigma::diagnostic::Code;
use varsigma::dialect::{Dialect, Profile};
use varsigma::lint::{Names, lint_document};
use varsigma::parse;
use varsigma::transpile::{Request, Transpiler};

/// The mutants of an ordinary test run.
const FEW: usize = 3000;

/// No mutant takes longer, in a test build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// ATT&CK's table, read once.
static ATTACK: OnceLock<Attack> = OnceLock::new();
static NAMES: OnceLock<Names> = OnceLock::new();

/// `SplitMix64`: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where there is none.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("below a usize")
    }

    fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }
}

/// Texts that mean something to some stage.
const TOKENS: &[&str] = &[
    ":",
    "- ",
    "|",
    "*",
    "?",
    "\\",
    "'",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a ",
    "<<: ",
    "!!int ",
    "---\n",
    "...\n",
    "%",
    "%x%",
    "#",
    "\t",
    "\r\n",
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "é",
    "İ",
    "😀",
    "~",
    "null",
    "0x",
    "1e999",
    "-0",
    "9007199254740993",
    " and ",
    " or ",
    " not ",
    "1 of ",
    "all of ",
    "them",
    "_",
    ".",
    "|re",
    "|re|i",
    "|base64offset|contains",
    "|utf16le",
    "|windash",
    "|cidr",
    "|expand",
    "|fieldref",
    "|all",
    "|gt",
    "|exists",
    "|hour",
    "|cased",
    "(?i)",
    "(?=a)",
    "\\1",
    "{1,70000}",
    "[[:alpha:]]",
    "10.0.0.0/33",
    "::/0",
    " | count() > 5",
    "timeframe: 5m\n",
    "action: global\n",
    "action: repeat\n",
    "correlation:\n",
    "filter:\n",
    "detection:\n",
    "condition: ",
];

/// A mutant of `rule`: one change or two. Half of the changes leave the YAML's frame alone, so that
/// they reach the later stages.
fn mutate(rule: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = rule.to_vec();
    for _ in 0..=random.below(2) {
        match random.below(10) {
            0..5 => change_value(&mut text, random),
            5..7 => change_lines(&mut text, random),
            _ => change_bytes(&mut text, other, random),
        }
    }
    text
}

/// Changes what stands between two quotes, behind a colon or a dash, or a key's modifiers.
fn change_value(text: &mut Vec<u8>, random: &mut Random) {
    let is_mark = |at: &usize| matches!(text[*at], b'\'' | b'|' | b'*' | b' ' | b'\\' | b'.');
    // Most of what matters stands in the second half, behind the description.
    let from = random.below(text.len());
    let Some(at) = (from..text.len()).find(is_mark) else {
        return;
    };
    let token: Vec<u8> = random.pick(TOKENS).bytes().collect();
    match random.below(4) {
        0 => drop(text.splice(at..at, token)),
        1 => drop(text.splice(at..at, token.repeat(1 + random.below(200)))),
        2 => {
            let behind = &text[at + 1..];
            let word = behind.iter().position(|byte| !byte.is_ascii_alphanumeric());
            drop(text.splice(at + 1..at + 1 + word.unwrap_or(0), token));
        }
        _ => text[at] = *random.pick(&[&b'*', &b'?', &b'\\', &b'|', &b'.', &b'%']),
    }
}

/// Cuts, flips, repeats, splices, wherever it is.
fn change_bytes(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(text.len() + 1);
    match random.below(7) {
        0 => text.truncate(at),
        1 => drop(text.drain(..at)),
        2 | 3 if !text.is_empty() => {
            let at = random.below(text.len());
            text[at] ^= 1 << random.below(8);
        }
        4 => {
            let end = (at + 1 + random.below(40)).min(text.len());
            drop(text.drain(at..end));
        }
        5 => {
            let token = random.pick(TOKENS).repeat(1 + random.below(2000));
            drop(text.splice(at..at, token.bytes()));
        }
        _ => {
            // The tail of another rule.
            text.truncate(at);
            text.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
    }
}

/// Swaps, repeats, removes or indents a line.
fn change_lines(text: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = text
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.is_empty() {
        return;
    }
    let (one, two) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(5) {
        0 | 1 => lines.swap(one, two),
        2 => {
            let line = lines[one].clone();
            let times = 1 + random.below(300);
            lines.splice(two..two, std::iter::repeat_n(line, times));
        }
        3 => drop(lines.remove(one)),
        _ => {
            let blanks = vec![b' '; 1 + random.below(6)];
            lines[one].splice(0..0, blanks);
        }
    }
    *text = lines.concat();
}

/// The rule files below a folder, sorted.
fn below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of rules") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn rules() -> Vec<Vec<u8>> {
    let paths = match std::env::var_os("VARSIGMA_RULES") {
        Some(folder) => below(Path::new(&folder)),
        None => {
            let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
            [below(&tests.join("cases")), below(&tests.join("bad"))].concat()
        }
    };
    let rules = paths.iter().map(|path| fs::read(path).expect("readable"));
    // A few bad cases are long on purpose; their mutants would say nothing new.
    rules.filter(|rule| rule.len() < 100_000).collect()
}

/// Every target in every profile and format.
fn transpilers() -> Vec<Transpiler> {
    let registry = Registry::built_in();
    let mut made = Vec::new();
    for target in registry.names() {
        let mut profiles = registry.profiles(target).expect("built in");
        profiles.push(Profile::Native);
        for profile in profiles {
            let backend = registry.get(target, profile).expect("built in");
            for format in &backend.formats {
                let request = Request {
                    target: target.to_owned(),
                    profile,
                    format: Some(format.name.clone()),
                    ..Request::default()
                };
                // A format that shows another profile refuses this one.
                made.extend(Transpiler::new(&registry, &request).ok());
            }
        }
    }
    assert!(!made.is_empty());
    made
}

/// Converts a mutant; whether a query came of it, or what is wrong with the answer.
fn check(transpiler: &Transpiler, text: &[u8]) -> Result<bool, String> {
    let begin = Instant::now();
    let output = transpiler.convert_file("mutant.yml", text);
    let taken = begin.elapsed();
    if taken > LONGEST {
        return Err(format!("took {taken:?}"));
    }
    let failed = output.error.is_some() || output.rules.iter().any(|rule| rule.error.is_some());
    let printed = output.rules.iter().any(|rule| !rule.queries.is_empty());
    // A filter is for rules of other files: of itself it gives no query, and nothing is wrong with it.
    let is_filter = text.windows(8).any(|part| part == b"\nfilter:");
    if !failed && !printed && !is_filter && output.all_diagnostics().is_empty() {
        return Err("neither a query nor a word".to_owned());
    }
    for diagnostic in output.all_diagnostics() {
        if diagnostic.code == Code::Internal {
            return Err(diagnostic.message.clone());
        }
        for label in &diagnostic.labels {
            let range = label.span.range();
            let inside = std::str::from_utf8(text).is_ok_and(|text| text.get(range).is_some());
            if !inside {
                let code = diagnostic.code;
                return Err(format!("{code} at {:?} is outside the text", label.span));
            }
        }
    }
    std::panic::catch_unwind(|| check_rules(text)).map_err(|_| "lint panics".to_owned())?;
    Ok(printed)
}

/// Looks at a mutant as `varsigma lint` does.
fn check_rules(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let attack = ATTACK.get_or_init(Attack::built_in);
    let names = NAMES.get_or_init(Names::built_in);
    for parsed in parse::parse(text, &Dialect::SPECIFICATION) {
        if let Some(document) = &parsed.document {
            let _ = lint_document(document, text, attack, names);
        }
    }
}

#[test]
fn no_mutant_breaks_the_compiler() {
    let wanted = std::env::var("VARSIGMA_MUTATIONS").ok();
    let wanted = wanted.map_or(FEW, |number| number.parse().expect("a number"));
    let (rules, transpilers) = (rules(), transpilers());
    assert!(rules.len() > 1, "there are rules to mutate");
    // The usual message of a caught panic would only stand in the way.
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let (next, converted) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = thread::scope(|scope| {
        let (failed, failures) = mpsc::channel();
        let (begun, watched) = mpsc::channel::<(usize, Option<Vec<u8>>)>();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        for worker in 0..workers {
            let (rules, transpilers) = (&rules, &transpilers);
            let (next, converted) = (&next, &converted);
            let (failed, begun) = (failed.clone(), begun.clone());
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= wanted {
                        break;
                    }
                    let mut random = Random(number as u64);
                    let rule = &rules[random.below(rules.len())];
                    let other = &rules[random.below(rules.len())];
                    let mutant = mutate(rule, other, &mut random);
                    let _ = begun.send((worker, Some(mutant.clone())));
                    let transpiler = &transpilers[number % transpilers.len()];
                    match check(transpiler, &mutant) {
                        Ok(printed) => {
                            converted.fetch_add(usize::from(printed), Ordering::Relaxed);
                        }
                        Err(reason) => {
                            let _ = failed.send((number, reason, mutant));
                        }
                    }
                }
                let _ = begun.send((worker, None));
            });
        }
        drop((failed, begun));
        watch(workers, &watched);
        failures.into_iter().collect::<Vec<_>>()
    });
    std::panic::set_hook(usual);
    let mut told = Vec::new();
    for (number, reason, mutant) in failures {
        told.push(format!("{}: {reason}", keep(number, &mutant).display()));
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
    let converted = converted.into_inner();
    println!("{wanted} mutants, {converted} of them still rules");
    // Otherwise the mutations are too wild to reach the later stages.
    assert!(converted > wanted / 20, "only {converted} converted");
}

/// Waits for the workers to end. One that never comes back ends the process, for a thread can't be
/// stopped.
fn watch(workers: usize, begun: &mpsc::Receiver<(usize, Option<Vec<u8>>)>) {
    let mut current: Vec<Option<(Instant, Vec<u8>)>> = vec![None; workers];
    loop {
        match begun.recv_timeout(LONGEST) {
            Ok((worker, mutant)) => current[worker] = mutant.map(|text| (Instant::now(), text)),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
        for (begin, mutant) in current.iter().flatten() {
            if begin.elapsed() > LONGEST * 2 {
                let path = keep(usize::MAX, mutant);
                eprintln!("{}: no answer for {:?}", path.display(), begin.elapsed());
                std::process::abort();
            }
        }
    }
}

/// Writes a mutant where it can be looked at.
fn keep(number: usize, mutant: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
    fs::create_dir_all(&folder).expect("a folder below target");
    let path = folder.join(format!("{number}.yml"));
    fs::write(&path, mutant).expect("below target");
    path
}
