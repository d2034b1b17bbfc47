//! How a table is asked once for many queries: what of their conditions is shared.
//!
//! In: a document's queries, which of their `texts` labels a row that matches, and how much a scan may
//! hold. Out: scans, as templates see them. `A=1 AND x`, `A=1 AND y` and `z` are one with two tests: a
//! guard `A=1` with the tests `x` and `y` below it, and `z`.
//!
//! Queries of one scan have the same texts but for their labels: the same table and columns. Those of
//! one label are one test.

use super::view::NamedEntry;
use minijinja::value::{Kwargs, Serde};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Guards are no deeper than this inside one another.
const DEEPEST: usize = 4;

/// Bytes that a test has besides its condition and its label.
const AROUND: usize = 64;

/// One pass over a table.
#[derive(Debug, Serialize)]
struct Scan {
    /// The texts that its queries share.
    texts: BTreeMap<String, String>,
    /// Queries without a guard.
    tests: Vec<Test>,
    /// Queries whose conditions begin alike.
    guards: Vec<Guard>,
}

/// What a row with this label satisfies.
#[derive(Debug, Clone, Serialize)]
struct Test {
    label: String,
    /// The conjuncts of each query with the label, without those of the guards around it. One that
    /// has none is true.
    queries: Vec<Vec<String>>,
    #[serde(skip)]
    size: Size,
}

/// Tests that need a condition before they are looked at.
#[derive(Debug, Serialize)]
struct Guard {
    /// The condition's conjuncts.
    conjuncts: Vec<String>,
    tests: Vec<Test>,
    guards: Vec<Self>,
}

/// How much there is of something, or may be.
#[derive(Debug, Clone, Copy)]
struct Size {
    labels: usize,
    bytes: usize,
    clauses: usize,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self {
            labels: self.labels + other.labels,
            bytes: self.bytes + other.bytes,
            clauses: self.clauses + other.clauses,
        }
    }

    fn fits(self, most: Self) -> bool {
        self.labels <= most.labels && self.bytes <= most.bytes && self.clauses <= most.clauses
    }
}

/// The filter `scans`: `label` is the name of the text that labels a query; `labels`, `bytes` and
/// `clauses` are the most that a scan has of them; a guard is around `shared` tests at least.
pub(super) fn of(queries: &Value, options: &Kwargs) -> Result<Value, Error> {
    let label: &str = options.get("label")?;
    let most = |name| -> Result<usize, Error> {
        let most: Option<usize> = options.get(name)?;
        Ok(most.unwrap_or(usize::MAX))
    };
    let (most, shared) = (
        Size {
            labels: most("labels")?,
            bytes: most("bytes")?,
            clauses: most("clauses")?,
        },
        most("shared")?.max(2),
    );
    options.assert_all_used()?;
    let mut tables: Vec<(BTreeMap<String, String>, Vec<Test>)> = Vec::new();
    let mut places: HashMap<(BTreeMap<String, String>, String), (usize, usize)> = HashMap::new();
    for query in queries.try_iter()? {
        let Some(named) = query.downcast_object_ref::<NamedEntry>() else {
            let message = "`scans` takes the queries of a document";
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        };
        let mut texts = named.entry.texts.clone();
        let label = texts.remove(label).unwrap_or_default();
        let conjuncts: Vec<String> = named.entry.conjuncts().map(str::to_owned).collect();
        let size = Size {
            labels: 0,
            bytes: named.entry.query.len(),
            clauses: named.entry.clauses,
        };
        let key = (texts, label);
        if let Some((table, test)) = places.get(&key) {
            let test = &mut tables[*table].1[*test];
            test.queries.push(conjuncts);
            test.size = test.size.plus(size);
            continue;
        }
        let (texts, label) = key.clone();
        let table = tables.iter().position(|(known, _)| *known == texts);
        let table = table.unwrap_or_else(|| {
            tables.push((texts, Vec::new()));
            tables.len() - 1
        });
        let tests = &mut tables[table].1;
        places.insert(key, (table, tests.len()));
        let around = Size {
            labels: 1,
            bytes: label.len() + AROUND,
            clauses: 0,
        };
        tests.push(Test {
            label,
            queries: vec![conjuncts],
            size: size.plus(around),
        });
    }
    let scans = tables.into_iter().flat_map(|(texts, tests)| {
        let parts = parts(tests, most, shared).into_iter();
        let scans = parts.map(|(tests, guards)| Scan {
            texts: texts.clone(),
            tests,
            guards,
        });
        scans.collect::<Vec<_>>()
    });
    Ok(scans.map(|scan| Value::from(Serde(scan))).collect())
}

/// Tests by their guards, in parts that are not too large; a test that is has a part of its own.
fn parts(tests: Vec<Test>, most: Size, shared: usize) -> Vec<(Vec<Test>, Vec<Guard>)> {
    let total = tests.iter().map(|test| test.size).reduce(Size::plus);
    if total.is_none_or(|total| total.fits(most)) {
        return vec![guarded(tests, shared, 0)];
    }
    let mut parts: Vec<(Vec<Test>, Size)> = Vec::new();
    // Tests with the same guard go into the same part, as far as it has room.
    for test in ordered(tests, 0) {
        match parts.last_mut() {
            Some((part, size)) if size.plus(test.size).fits(most) => {
                *size = size.plus(test.size);
                part.push(test);
            }
            _ => parts.push((vec![test.clone()], test.size)),
        }
    }
    let parts = parts.into_iter();
    parts.map(|(tests, _)| guarded(tests, shared, 0)).collect()
}

/// The tests in the order of their first conjuncts' first appearances.
fn ordered(tests: Vec<Test>, at: usize) -> Vec<Test> {
    if at == DEEPEST {
        return tests;
    }
    let groups = by_conjunct(tests, at).into_iter();
    let groups = groups.flat_map(|(conjunct, tests)| match conjunct {
        Some(_) if tests.len() > 1 => ordered(tests, at + 1),
        _ => tests,
    });
    groups.collect()
}

/// Tests by the conjunct that all of their queries have at a place, in the order of appearance.
fn by_conjunct(tests: Vec<Test>, at: usize) -> Vec<(Option<String>, Vec<Test>)> {
    let mut groups: Vec<(Option<String>, Vec<Test>)> = Vec::new();
    let mut places: HashMap<Option<String>, usize> = HashMap::new();
    for test in tests {
        let conjunct = test.shared_at(at).map(str::to_owned);
        let place = *places.entry(conjunct.clone()).or_insert_with(|| {
            groups.push((conjunct, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(test);
    }
    groups
}

/// Tests without a guard, and guards around those whose conditions begin alike.
fn guarded(tests: Vec<Test>, shared: usize, depth: usize) -> (Vec<Test>, Vec<Guard>) {
    let (mut alone, mut guards) = (Vec::new(), Vec::new());
    for (conjunct, mut tests) in by_conjunct(tests, 0) {
        let Some(conjunct) = conjunct.filter(|_| tests.len() >= shared && depth < DEEPEST) else {
            alone.extend(tests);
            continue;
        };
        let mut conjuncts = vec![conjunct];
        loop {
            for query in tests.iter_mut().flat_map(|test| &mut test.queries) {
                query.remove(0);
            }
            // What all have next is part of the same guard.
            let next = tests[0].shared_at(0).map(str::to_owned);
            match next.filter(|next| tests.iter().all(|test| test.shared_at(0) == Some(next))) {
                Some(next) => conjuncts.push(next),
                None => break,
            }
        }
        let (tests, inner) = guarded(tests, shared, depth + 1);
        guards.push(Guard {
            conjuncts,
            tests,
            guards: inner,
        });
    }
    (alone, guards)
}

impl Test {
    /// The conjunct that all of its queries have at a place, with all those before it.
    fn shared_at(&self, at: usize) -> Option<&str> {
        let (first, others) = self.queries.split_first()?;
        let conjunct = first.get(at)?;
        let is_shared = others
            .iter()
            .all(|query| query.get(..=at) == first.get(..=at));
        is_shared.then_some(conjunct)
    }
}
