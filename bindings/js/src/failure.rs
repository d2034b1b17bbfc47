//! What is thrown: a code, a message, diagnostics.

use crate::diagnostic::DiagnosticView;
use crate::place::Places;
use serde::Serialize;
use std::cell::RefCell;
#[cfg(feature = "library")]
use varsigma::Error;
use varsigma::{Diagnostic, Source};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// What the last panic said. The trap that follows says nothing.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the text of a panic.
pub fn keep(text: String) {
    PANIC.set(text);
}

/// The text of the last panic; empty where there was none.
#[must_use]
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> String {
    PANIC.take()
}

/// The JSON of what is thrown.
#[derive(Debug, Serialize)]
struct Failure<'f> {
    code: &'f str,
    message: &'f str,
    diagnostics: Vec<DiagnosticView<'f>>,
}

/// An error of the library.
#[cfg(feature = "library")]
pub fn of(error: &Error) -> JsValue {
    let places = Places::new(error.source());
    let failure = Failure {
        code: error.code().number(),
        message: &error.to_string(),
        diagnostics: error
            .diagnostics()
            .map(|diagnostic| DiagnosticView::new(&places, diagnostic))
            .collect(),
    };
    JsValue::from_str(&crate::json(&failure))
}

/// What is wrong with a text, the first of it in words.
pub fn of_text(text: &str, diagnostics: &[Diagnostic]) -> JsValue {
    let places = Places::new(Source::new("", text));
    let message = diagnostics.first().map_or_else(String::new, |first| {
        let place = first
            .span()
            .map(|span| places.source.line_column(span.start));
        let place = place.map_or_else(String::new, |place| format!("line {}: ", place.line));
        format!("{place}{} ({})", first.message, first.code)
    });
    let failure = Failure {
        code: diagnostics.first().map_or("", |first| first.code.number()),
        message: &message,
        diagnostics: DiagnosticView::all(&places, diagnostics),
    };
    JsValue::from_str(&crate::json(&failure))
}

/// What was handed over is not of the form that it has to have.
#[cfg(feature = "library")]
pub fn not_of_form(error: &serde_json::Error) -> JsValue {
    JsValue::from_str(&error.to_string())
}
