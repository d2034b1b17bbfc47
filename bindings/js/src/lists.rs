//! What there is to choose from, and what codes mean.

use crate::failure;
use crate::json;
use serde::Serialize;
use serde_json::{Value, json};
use varsigma::{
    BuiltInPipeline, Code, Format, Modifier, Names, Profile, Target, TargetOption, Targets,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The library's version.
#[must_use]
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The targets that come with the library, as JSON.
#[wasm_bindgen]
pub fn targets() -> Result<String, JsValue> {
    let targets = Targets::built_in().all();
    let targets = targets.map_err(|error| failure::of(&error))?;
    Ok(json(&targets.iter().map(target).collect::<Vec<_>>()))
}

fn target(target: &Target) -> Value {
    let profiles = target.profiles.iter().map(|profile| profile.name());
    json!({
        "name": target.name,
        "title": target.title,
        "about": target.about,
        "aliases": target.aliases.iter().chain(&target.known_as).collect::<Vec<_>>(),
        "compat": profiles.filter(|name| *name != Profile::Native.name()).collect::<Vec<_>>(),
        "formats": target.formats.iter().map(format).collect::<Vec<_>>(),
        "options": target.options.iter().map(option).collect::<Vec<_>>(),
    })
}

fn format(format: &Format) -> Value {
    json!({
        "name": format.name,
        "title": format.title,
        "extension": format.extension,
        "isWhole": format.is_whole,
    })
}

fn option(option: &TargetOption) -> Value {
    json!({
        "name": option.name,
        "about": option.about,
        "default": option.default,
        "values": option.values,
    })
}

/// The pipelines that come with the library, as JSON.
#[must_use]
#[wasm_bindgen]
pub fn pipelines() -> String {
    let all = BuiltInPipeline::all().into_iter();
    let all = all.map(|pipeline| {
        json!({
            "name": pipeline.name,
            "title": pipeline.title.unwrap_or_default(),
            "priority": pipeline.priority,
            "targets": pipeline.targets,
        })
    });
    json(&all.collect::<Vec<_>>())
}

/// What a code means, as JSON; null if there is no such code.
#[must_use]
#[wasm_bindgen]
pub fn explain(number: &str) -> Option<String> {
    Code::from_number(number).map(|code| json(&Explanation::of(code)))
}

/// Every code, as JSON.
#[must_use]
#[wasm_bindgen]
pub fn codes() -> String {
    let codes = Code::ALL.iter();
    json(&codes.map(|code| Explanation::of(*code)).collect::<Vec<_>>())
}

#[derive(Debug, Serialize)]
struct Explanation {
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
}

impl Explanation {
    const fn of(code: Code) -> Self {
        Self {
            code: code.number(),
            title: code.title(),
            explanation: code.explanation(),
        }
    }
}

/// The value modifiers, as JSON.
#[must_use]
#[wasm_bindgen]
pub fn modifiers() -> String {
    let all = Modifier::ALL.iter();
    let all = all.map(|modifier| json!({"names": modifier.names(), "about": modifier.summary()}));
    json(&all.collect::<Vec<_>>())
}

/// The names of log sources and, of the one that is given, its fields: as JSON.
#[must_use]
#[wasm_bindgen]
pub fn names(product: Option<String>, category: Option<String>, service: Option<String>) -> String {
    let names = Names::built_in();
    let source = [&product, &category, &service].map(|name| name.as_deref());
    json(&json!({
        "products": names.products().collect::<Vec<_>>(),
        "categories": names.categories().collect::<Vec<_>>(),
        "services": names.services().collect::<Vec<_>>(),
        "fields": names.fields_of(source),
    }))
}
