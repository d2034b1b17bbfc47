//! Rules and events as SQL engines are asked about them.
//!
//! In: a rule file, and a transpiler for a target. Out: its queries, each with the rows of a table
//! and the answers that the reference meaning gives for the rows *as they are stored*: a column
//! holds text or nothing, so numbers and booleans are their text and null is a missing field.

use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use varsigma::backend::Registry;
use varsigma::dialect::Dialect;
use varsigma::eval::{Event, Matcher};
use varsigma::lower::{Expr, lower};
use varsigma::rule::{Document, Value};
use varsigma::transpile::{Request, Transpiler};
use varsigma::{modifier, parse};

/// A query with what it is held against.
#[derive(Debug, serde::Serialize)]
pub struct Asked {
    /// The rule's file.
    pub path: String,
    /// The query, or why there is none.
    pub query: Result<String, String>,
    /// How true it says it is.
    pub fidelity: &'static str,
    /// The table's columns.
    pub columns: Vec<String>,
    /// A value or nothing for each column.
    pub rows: Vec<Vec<Option<String>>>,
    /// Does the rule match the row?
    pub expected: Vec<bool>,
}

/// Every condition of a file's rules, with witness events and those of the `.jsonl` beside it.
pub fn asked(
    registry: &Registry,
    target: &str,
    path: &str,
    text: &str,
    events: &str,
) -> Vec<Asked> {
    let dialect = Dialect::SPECIFICATION;
    let mut all = Vec::new();
    let parsed = parse::parse(text, &dialect);
    let Ok([parsed]) = <[_; 1]>::try_from(parsed) else {
        return all;
    };
    let Some(Document::Rule(mut rule)) = parsed.document else {
        return all;
    };
    let faults = modifier::apply(&mut rule, &dialect);
    if faults
        .iter()
        .chain(&parsed.diagnostics)
        .any(varsigma::diagnostic::Diagnostic::is_error)
    {
        return all;
    }
    let by_hand: Vec<Json> = events
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok())
        .map(|case| case["event"].clone())
        .collect();
    for (at, lowered) in lower(&rule, &dialect).iter().enumerate() {
        let Ok(matcher) = Matcher::new(&lowered.expr) else {
            continue;
        };
        let mut fields = BTreeSet::new();
        let keywords = names(&lowered.expr, &mut fields);
        let witnesses = matcher.witnesses(varsigma::eval::witness::LIMIT);
        let stored: Vec<Map<String, Json>> = witnesses
            .into_iter()
            .map(|witness| witness.event)
            .chain(by_hand.iter().cloned())
            .filter_map(|event| stored(&event, keywords, &fields))
            .collect();
        if keywords {
            fields.extend(stored.iter().flat_map(|event| event.keys().cloned()));
        }
        let columns: Vec<String> = fields.into_iter().collect();
        let rows = stored
            .iter()
            .map(|event| {
                let value = |column| event.get(column)?.as_str().map(str::to_owned);
                columns.iter().map(value).collect()
            })
            .collect();
        let expected = stored
            .iter()
            .map(|event| matcher.matches(&Event::new(&Json::Object(event.clone()))))
            .collect();
        let mut settings = vec![("columns".to_owned(), "row_number_".to_owned())];
        if keywords {
            settings.push(("keyword_columns".to_owned(), columns.join(",")));
        }
        if target == "sqlite" {
            settings.push(("regexp".to_owned(), "rust".to_owned()));
        }
        let request = Request {
            target: target.to_owned(),
            settings,
            ..Request::default()
        };
        let transpiler = Transpiler::new(registry, &request).expect("the target is well formed");
        let output = transpiler.convert_text(path, text);
        let query = output.rules.first().and_then(|rule| rule.queries.get(at));
        let refused = || {
            let diagnostics = output.all_diagnostics();
            let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
            error.map_or_else(String::new, |error| error.message.clone())
        };
        all.push(Asked {
            path: path.to_owned(),
            fidelity: query.map_or("refused", |query| query.fidelity.name()),
            query: query.map(|query| query.text.clone()).ok_or_else(refused),
            columns,
            rows,
            expected,
        });
    }
    all
}

/// The fields that an expression names; says whether it has keywords.
fn names(expr: &Expr<'_>, fields: &mut BTreeSet<String>) -> bool {
    match expr {
        Expr::Group(group) => {
            let keywords = group.operands.iter().map(|operand| names(operand, fields));
            keywords.filter(|has| *has).count() > 0
        }
        Expr::Not(operand) => names(operand, fields),
        Expr::Test(test) => {
            fields.insert(test.field.to_owned());
            if let Value::FieldRef(reference) = test.value {
                fields.insert(reference.field.to_string());
            }
            false
        }
        Expr::Keyword(_) => true,
    }
}

/// The event as columns hold it; nothing for one with lists, which no column can hold.
fn stored(event: &Json, all: bool, fields: &BTreeSet<String>) -> Option<Map<String, Json>> {
    let mut flat = Map::new();
    flatten("", event, &mut flat)?;
    flat.retain(|name, _| all || fields.contains(name));
    Some(flat)
}

fn flatten(name: &str, value: &Json, flat: &mut Map<String, Json>) -> Option<()> {
    match value {
        Json::Null => {}
        Json::Array(_) => return None,
        Json::Object(map) => {
            for (key, value) in map {
                let separator = if name.is_empty() { "" } else { "." };
                flatten(&format!("{name}{separator}{key}"), value, flat)?;
            }
        }
        Json::String(text) if text.contains('\0') => return None,
        Json::String(text) => drop(flat.insert(name.to_owned(), text.as_str().into())),
        other => drop(flat.insert(name.to_owned(), other.to_string().into())),
    }
    Some(())
}
