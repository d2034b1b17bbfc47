//! jq expressions, by `jaq`.
//!
//! In: `.items[] | select(.active) | .name`. Out: a filter from a JSON value to several. What reaches
//! outside the value (`env`, `now`, `input`) is not there, nor are regular expressions and dates.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

/// The most results that are taken.
const MOST: usize = 100_000;

/// The definitions of jq's standard library that need nothing from outside.
const STANDARD: &[&str] = &[
    "null",
    "isboolean",
    "isnumber",
    "isstring",
    "isarray",
    "isobject",
    "type",
    "values",
    "nulls",
    "booleans",
    "numbers",
    "strings",
    "arrays",
    "objects",
    "iterables",
    "scalars",
    "add",
    "min_by",
    "max_by",
    "min",
    "max",
    "unique_by",
    "unique",
    "keys",
    "flatten",
    "totype",
    "tonumber",
    "toboolean",
    "in",
    "inside",
];

/// A checked expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    text: String,
}

impl Filter {
    /// Checks an expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        compile(text)?;
        Ok(Self {
            text: text.to_owned(),
        })
    }

    /// What it makes of a value. It is compiled again, which happens once a pipeline.
    pub fn run(&self, input: &Value) -> Result<Vec<Value>, String> {
        let filter = compile(&self.text)?;
        let input = input.to_string();
        let input = read::parse_single(input.as_bytes()).map_err(|error| error.to_string())?;
        let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([]));
        filter
            .id
            .run((context, input))
            .map(unwrap_valr)
            .take(MOST)
            .map(|result| {
                let value = result.map_err(|error| error.to_string())?;
                serde_json::from_str(&value.to_string()).map_err(|error| error.to_string())
            })
            .collect()
    }
}

type Compiled = jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>;

fn compile(text: &str) -> Result<Compiled, String> {
    let problem = || format!("the jq expression `{text}` can't be read");
    let definitions = jaq_core::defs()
        .chain(jaq_std::defs().filter(|definition| STANDARD.contains(&definition.name)))
        .chain(jaq_json::defs());
    let functions = jaq_core::funs()
        .chain(jaq_std::base_funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let program = File {
        code: text,
        path: (),
    };
    let modules = Loader::new(definitions)
        .load(&arena, program)
        .map_err(|_| problem())?;
    Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .map_err(|_| problem())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_selected() {
        let filter = Filter::parse(".items[] | select(.on) | .name").expect("valid");
        let input = json!({"items": [{"on": true, "name": "a"}, {"on": false, "name": "b"}]});
        assert_eq!(filter.run(&input), Ok(vec![json!("a")]));
        assert!(Filter::parse(".items[").is_err());
        assert!(Filter::parse("nothing_known").is_err());
    }
}
