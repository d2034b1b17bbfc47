//! The table of `docs/correlations.md`: what each target can say, by converting a correlation of
//! each kind.

use varsigma::backend::{Backend, Registry};
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

/// What a column is called, and the correlation's keys.
const KINDS: [(&str, &str); 10] = [
    (
        "`event_count`",
        "type: event_count, rules: [a], condition: {gte: 10}",
    ),
    (
        "`value_count`",
        "type: value_count, rules: [a], condition: {gte: 10, field: F}",
    ),
    ("`temporal`", "type: temporal, rules: [a, b]"),
    (
        "`temporal_ordered`",
        "type: temporal_ordered, rules: [a, b]",
    ),
    (
        "`value_sum`",
        "type: value_sum, rules: [a], condition: {gt: 10, field: F}",
    ),
    (
        "`value_avg`",
        "type: value_avg, rules: [a], condition: {gt: 10, field: F}",
    ),
    (
        "`value_percentile`",
        "type: value_percentile, rules: [a], condition: {gt: 10, field: F, percentile: 95}",
    ),
    (
        "`value_median`",
        "type: value_median, rules: [a], condition: {gt: 10, field: F}",
    ),
    (
        "`a and not b`",
        "type: temporal, rules: [a, b], condition: a and not b",
    ),
    ("chains", "type: temporal_ordered, rules: [counted, b]"),
];

/// The rules that they refer to.
const RULES: &str = "---
title: A
name: a
logsource: {product: p}
detection: {s: {E: 1}, condition: s}
---
title: B
name: b
logsource: {product: p}
detection: {s: {E: 2}, condition: s}
---
title: Counted
name: counted
correlation: {type: event_count, rules: [a], group-by: [User], timespan: 5m, condition: {gte: 10}}
";

/// The lines of the table; what says the same is in one row. A format has a row of its own where
/// it can say what the target's first one can't.
pub fn table() -> Vec<String> {
    let mut rows: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (name, cells) in all() {
        match rows.iter_mut().find(|(known, _)| *known == cells) {
            Some((_, names)) => names.push(name),
            None => rows.push((cells, vec![name])),
        }
    }
    let kinds = KINDS.iter().map(|(kind, _)| format!(" {kind} |"));
    let head = format!("| target |{}", kinds.collect::<String>());
    let mut lines = vec![head, format!("|:--|{}", ":--|".repeat(KINDS.len()))];
    for (cells, names) in rows {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let cells = cells.iter().map(|cell| format!(" {cell} |"));
        let cells: String = cells.collect();
        lines.push(format!("| {} |{cells}", names.join(", ")));
    }
    lines
}

/// `splunk`, `kql -f siem_rule` with their cells.
fn all() -> Vec<(String, Vec<String>)> {
    let registry = Registry::built_in();
    let mut found = Vec::new();
    for name in registry.names() {
        let backend = registry.get(name, Profile::Native).expect("built in");
        let first = cells(&registry, &backend, None);
        for format in backend.formats.iter().skip(1) {
            let own = cells(&registry, &backend, Some(&format.name));
            let says_more = own
                .iter()
                .zip(&first)
                .any(|(own, first)| own != "–" && first == "–");
            if says_more {
                found.push((format!("{name} -f {}", format.name), own));
            }
        }
        found.push((name.to_owned(), first));
    }
    found
}

/// How true a target's queries are, for each kind.
fn cells(registry: &Registry, backend: &Backend, format: Option<&str>) -> Vec<String> {
    let needs = backend.correlations.iter().flat_map(|known| &known.needs);
    let needs = needs.map(|at| &backend.options[*at]);
    let settings = needs
        .filter(|option| option.default.is_empty())
        .map(|option| {
            let value = option.values.first().map_or("timestamp", String::as_str);
            (option.name.clone(), value.to_owned())
        });
    let request = Request {
        target: backend.name.clone(),
        format: format.map(str::to_owned),
        settings: settings.collect(),
        ..Request::default()
    };
    let transpiler = Transpiler::new(registry, &request).expect("built in");
    let kinds = KINDS.iter().map(|(_, keys)| {
        let text =
            format!("title: t\ncorrelation: {{{keys}, group-by: [User], timespan: 5m}}\n{RULES}");
        let output = transpiler.convert_text("rule.yml", &text);
        let correlation = &output.rules[0];
        match &correlation.error {
            Some(error) if error.code.is_refusal() || format.is_some() => "–".to_owned(),
            Some(error) => panic!("{}: {keys}: {error:?}", backend.name),
            None => correlation.fidelity.name().to_owned(),
        }
    });
    kinds.collect()
}

/// Each word of the table stands for something.
#[test]
fn a_cell_is_a_fidelity_or_a_refusal() {
    let known = ["exact", "broader", "narrower", "approximate", "–"];
    for (name, cells) in all() {
        let is_known = cells.iter().all(|cell| known.contains(&cell.as_str()));
        assert!(is_known, "{name}: {cells:?}");
    }
}
