//! varsigma for JavaScript, compiled to WebAssembly.
//!
//! In: what `index.js` hands over, settings and events as JSON. Out: JSON, which it turns into the
//! objects that `index.d.ts` describes. A failure is thrown as the JSON of a code, a message and
//! diagnostics, which becomes a `VarsigmaError`.
//!
//! With the feature `formats` alone it is a second, small module, which reads events of every format:
//! it is fetched where a page is given such a file.

#[cfg(feature = "library")]
mod compiler;
mod diagnostic;
#[cfg(feature = "library")]
mod events;
mod failure;
#[cfg(feature = "library")]
mod lists;
mod place;
mod read;
#[cfg(feature = "library")]
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
