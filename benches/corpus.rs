//! A folder of rules to Splunk, beside the floor: reading the same files and scanning their YAML
//! with the same parser, as it comes, on the same threads. The last lines are the ratio of the two, and how every
//! other target compares with Splunk.
//!
//! `VARSIGMA_RULES=../sigma/rules cargo bench --bench corpus`. Without the variable the rules are
//! those of `tests/cases`, repeated.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use varsigma::backend::Registry;
use varsigma::transpile::parallel::in_order_by_handfuls;
use varsigma::transpile::{Request, Transpiler};
use varsigma::yaml;

/// The program's, for both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many files there are where the cases stand in for a folder of rules.
const FILES: usize = 3000;

/// Pairs of runs that the ratio is the median of.
const PAIRS: usize = 31;

/// The rule files below a folder, sorted.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yml"))
        .collect();
    found.sort();
    found
}

/// The rules of the environment, or a folder of cases made for the run.
fn rules() -> (Vec<PathBuf>, Option<tempfile::TempDir>) {
    if let Some(folder) = std::env::var_os("VARSIGMA_RULES") {
        return (below(Path::new(&folder)), None);
    }
    let cases = below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let made = cases.iter().cycle().take(FILES).enumerate();
    let made = made.map(|(number, case)| {
        let path = folder.path().join(format!("{number:05}.yml"));
        fs::copy(case, &path).expect("a case is copied");
        path
    });
    (made.collect(), Some(folder))
}

/// Reads and scans every file; the number of YAML events.
fn floor(paths: &[PathBuf]) -> usize {
    let scanned = paths.par_iter().map(|path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        saphyr_parser::Parser::new_from_str(&text).count()
    });
    scanned.sum()
}

/// Converts every file; the number of bytes of the queries.
fn convert(paths: &[PathBuf], transpiler: &Transpiler) -> usize {
    let mut bytes = 0;
    in_order_by_handfuls(
        paths,
        |paths| {
            let read = |path| fs::File::open(path).and_then(yaml::read);
            let texts = paths.iter().map(|path| read(path).unwrap_or_default());
            let texts: Vec<Vec<u8>> = texts.collect();
            let files: Vec<(&str, &[u8])> = texts.iter().map(|text| ("", &**text)).collect();
            transpiler.convert_files(&files)
        },
        |_, output| {
            bytes += output.queries.iter().map(String::len).sum::<usize>();
            ControlFlow::Continue(())
        },
    );
    bytes
}

fn timed(work: impl FnOnce() -> usize) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(work());
    begin.elapsed()
}

/// What one work and another take in turns, so that both meet the same machine: the pair of runs
/// whose ratio is the median.
fn pair(one: impl Fn() -> usize, other: impl Fn() -> usize) -> (Duration, Duration) {
    let mut pairs: Vec<(Duration, Duration)> =
        (0..PAIRS).map(|_| (timed(&one), timed(&other))).collect();
    pairs.sort_by(|a, b| ratio(*a).total_cmp(&ratio(*b)));
    pairs[PAIRS / 2]
}

fn ratio((one, other): (Duration, Duration)) -> f64 {
    other.as_secs_f64() / one.as_secs_f64()
}

fn transpiler(registry: &Registry, target: &str) -> Transpiler {
    let request = Request {
        target: target.to_owned(),
        ..Request::default()
    };
    Transpiler::new(registry, &request).expect("built in")
}

fn ratios(paths: &[PathBuf], registry: &Registry, splunk: &Transpiler) {
    let (floor, convert) = pair(|| floor(paths), || convert(paths, splunk));
    println!(
        "{} files on {} threads: floor {:.1} ms, to Splunk {:.1} ms, ratio {:.2}",
        paths.len(),
        rayon::current_num_threads(),
        floor.as_secs_f64() * 1e3,
        convert.as_secs_f64() * 1e3,
        ratio((floor, convert)),
    );
    for target in registry.names() {
        let other = transpiler(registry, target);
        let ratio = ratio(pair(
            || self::convert(paths, splunk),
            || self::convert(paths, &other),
        ));
        println!("{target}: {ratio:.2} of the time to Splunk");
    }
}

fn corpus(criterion: &mut Criterion) {
    let (paths, _folder) = rules();
    let registry = Registry::built_in();
    let splunk = transpiler(&registry, "splunk");
    let mut group = criterion.benchmark_group("corpus");
    group.throughput(Throughput::Elements(paths.len() as u64));
    group.sample_size(20);
    group.bench_function("floor", |bench| bench.iter(|| floor(&paths)));
    group.bench_function("convert", |bench| {
        bench.iter(|| convert(&paths, &splunk));
    });
    group.finish();
    ratios(&paths, &registry, &splunk);
}

criterion_group!(benches, corpus);
criterion_main!(benches);
