//! varsigma for JavaScript, compiled to WebAssembly.
//!
//! In: what `index.js` hands over, settings and events as JSON. Out: JSON, which it turns into the
//! objects that `index.d.ts` describes. A failure is thrown as the JSON of a code, a message and
//! diagnostics, which becomes a `VarsigmaError`.

mod compiler;
mod diagnostic;
mod events;
mod failure;
mod lists;
mod place;
mod rules;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// What is handed over to JavaScript.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings, numbers and names always serialize")
}

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| failure::keep(info.to_string())));
}
