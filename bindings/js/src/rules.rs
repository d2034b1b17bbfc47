//! What can be asked about rules without an event: what is wrong with them, events for them, two
//! versions compared, their pages.

use crate::compiler::{File, Settings};
use crate::diagnostic::DiagnosticView;
use crate::failure;
use crate::json;
use crate::place::Places;
use serde_json::{Value, json};
use varsigma::comparison::RuleComparison;
use varsigma::{Pages, Rules, Source};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// What is wrong with rules, and what is most likely not meant, as JSON.
#[must_use]
#[wasm_bindgen]
pub fn lint(path: &str, text: &str) -> String {
    let found = Rules::parse(text).lint();
    let places = Places::new(Source::new(path, text));
    json(&DiagnosticView::all(&places, &found))
}

/// Events that rules must match, and near misses, as JSON: `limit` for each condition at most.
#[must_use]
#[wasm_bindgen]
pub fn witness(text: &str, limit: usize) -> String {
    let rules = Rules::parse(text);
    let found = rules.witnesses(limit);
    let places = Places::new(Source::new("", text));
    let diagnostics = rules.diagnostics().into_iter().chain(&found.errors);
    json(&json!({
        "events": found.events,
        "diagnostics": DiagnosticView::all(&places, diagnostics),
    }))
}

/// Two versions of rules, compared by what they match, as JSON.
#[must_use]
#[wasm_bindgen]
pub fn diff(before: &str, after: &str) -> String {
    let compared = Rules::parse(before).compare(&Rules::parse(after));
    json(&compared.iter().map(comparison).collect::<Vec<_>>())
}

fn comparison(rule: &RuleComparison) -> Value {
    json!({
        "id": rule.id,
        "title": rule.title,
        "before": rule.before.is_some(),
        "after": rule.after.is_some(),
        "meaning": rule.meaning,
    })
}

/// The page of each rule, as JSON. `sections` is the JSON of a list of settings: the queries that the
/// page has; none for the founding document's.
#[wasm_bindgen]
pub fn page(file: &str, sections: &str, is_modern: bool) -> Result<String, JsValue> {
    let of_form = |error| failure::not_of_form(&error);
    let file: File = serde_json::from_str(file).map_err(of_form)?;
    let sections: Vec<Settings> = serde_json::from_str(sections).map_err(of_form)?;
    let fails = |error| failure::of(&error);
    let mut pages = if sections.is_empty() {
        Pages::founding().map_err(fails)?
    } else {
        let compilers = sections.into_iter().map(Settings::build);
        Pages::new(compilers.collect::<Result<Vec<_>, _>>().map_err(fails)?)
    };
    if is_modern {
        pages = pages.modern();
    }
    let made = pages
        .make(&file.path, file.text.as_bytes())
        .map_err(fails)?;
    let places = Places::new(Source::new(&file.path, &file.text));
    Ok(json(&json!({
        "pages": made.texts,
        "diagnostics": DiagnosticView::all(&places, &made.diagnostics),
    })))
}
