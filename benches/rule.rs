//! One rule through the stages: what each adds to the time of those before it.
//!
//! `cargo bench --bench rule`

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use varsigma::backend::{Backend, Registry};
use varsigma::dialect::{Dialect, Profile};
use varsigma::emit::{Settings, emit};
use varsigma::lower::lower;
use varsigma::rule::{Document, Rule};
use varsigma::transpile::{Request, Transpiler};
use varsigma::{compat, modifier, output, parse, yaml};

/// The rule that the README shows.
const RULE: &str = include_str!("../tests/cases/founding/rule.yml");

const DIALECT: Dialect = Dialect::SPECIFICATION;

fn parsed(text: &str) -> Box<Rule<'_>> {
    let parsed = parse::parse(text, &DIALECT).pop();
    match parsed.and_then(|parsed| parsed.document) {
        Some(Document::Rule(rule)) => rule,
        other => panic!("the rule can be read, found {other:?}"),
    }
}

fn stages(criterion: &mut Criterion) {
    let registry = Registry::built_in();
    let backend: Backend = registry.get("splunk", Profile::Native).expect("built in");
    let settings = Settings::new(&backend, &[]).expect("defaults");
    let conventions = compat::conventions(&backend);
    let mut rule = parsed(RULE);
    modifier::apply(&mut rule, &DIALECT);
    let lowered = lower(&rule, &DIALECT);
    let query = emit(&rule, &lowered[0], &backend, &settings, &*conventions)
        .expect("Splunk can say it")
        .expect("there is something to say");

    let mut group = criterion.benchmark_group("rule");
    group.bench_function("floor: saphyr-parser's events", |bench| {
        bench.iter(|| saphyr_parser::Parser::new_from_str(black_box(RULE)).count());
    });
    group.bench_function("yaml: nodes", |bench| {
        bench.iter(|| yaml::load(black_box(RULE), &DIALECT));
    });
    group.bench_function("parse: yaml and a rule", |bench| {
        bench.iter(|| parse::parse(black_box(RULE), &DIALECT));
    });
    group.bench_function("modifier: parse and typed values", |bench| {
        bench.iter(|| {
            let mut rule = parsed(black_box(RULE));
            modifier::apply(&mut rule, &DIALECT);
            rule
        });
    });
    group.bench_function("lower: alone", |bench| {
        bench.iter(|| lower(black_box(&rule), &DIALECT));
    });
    group.bench_function("emit: alone", |bench| {
        bench.iter(|| {
            emit(
                &rule,
                black_box(&lowered[0]),
                &backend,
                &settings,
                &*conventions,
            )
        });
    });
    group.bench_function("output: alone", |bench| {
        bench.iter(|| {
            output::text(
                black_box(&query),
                &rule,
                &backend,
                &backend.formats[0],
                &settings,
            )
        });
    });
    let request = Request {
        target: "splunk".to_owned(),
        ..Request::default()
    };
    let transpiler = Transpiler::new(&registry, &request).expect("built in");
    group.bench_function("transpile: all of it", |bench| {
        bench.iter(|| transpiler.convert_text("rule.yml", black_box(RULE)));
    });
    group.finish();
}

/// What a run pays once.
fn loading(criterion: &mut Criterion) {
    criterion.bench_function("backend file", |bench| {
        bench.iter(|| Registry::built_in().get(black_box("splunk"), Profile::Native));
    });
}

criterion_group!(benches, stages, loading);
criterion_main!(benches);
