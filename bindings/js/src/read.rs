//! Events as files hold them.

use crate::failure;
use crate::json;
use varsigma::events::{EventReader, ReadError, ReadOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The events of a file of any format, as JSON: what wraps them taken off, records of Windows flat.
#[wasm_bindgen(js_name = readEvents)]
pub fn read_events(bytes: &[u8]) -> Result<String, JsValue> {
    let mut events = Vec::new();
    for chunk in EventReader::new(bytes, ReadOptions::default()) {
        let chunk = chunk.map_err(|error| match error {
            ReadError::Content(diagnostic) => failure::of_text("", &[diagnostic]),
            // Bytes in memory are always read.
            other => JsValue::from_str(&format!("{other:?}")),
        })?;
        let report = chunk.decode(&mut |record| events.push(record.json()));
        if !report.is_empty() {
            return Err(failure::of_text(&report.text, &report.diagnostics));
        }
    }
    Ok(json(&events))
}
