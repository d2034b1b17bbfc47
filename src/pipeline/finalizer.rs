//! Finalizers: what is done to all queries together, at the end.
//!
//! In: the list of queries. Out: usually one text.

use super::bound;
use super::definition::Table;
use super::python::dump_json;
use super::python::dump_yaml::{self, Emitter};
use super::reader::{Keys, Loader};
use super::state::State;
use super::template::Template;
use super::view;
use crate::diagnostic::{Code, Diagnostic};
use crate::yaml::Node;
use minijinja::context;
use minijinja::value::Serde;
use serde_json::Value;

/// An entry of `finalizers`.
#[derive(Debug)]
pub enum Finalizer {
    /// `concat`
    Concat {
        /// Between queries.
        separator: String,
        /// Before all.
        prefix: String,
        /// After all.
        suffix: String,
    },
    /// `json`, with its indentation.
    Json(Option<usize>),
    /// `yaml`, with its indentation.
    Yaml(Option<usize>),
    /// `template`
    Template(Box<Template>),
    /// `nested`
    Nested(Vec<Finalizer>),
}

/// Every finalizer.
pub const TABLE: Table<Finalizer> = Table {
    name: "finalizer",
    what: "finalizer",
    common: &["typed"],
    loads: &[
        ("concat", |keys| {
            Some(Finalizer::Concat {
                separator: keys.text("separator").unwrap_or_else(|| "\n".into()),
                prefix: keys.text_or_empty("prefix"),
                suffix: keys.text_or_empty("suffix"),
            })
        }),
        ("json", |keys| Some(Finalizer::Json(indent(keys)))),
        ("yaml", |keys| Some(Finalizer::Yaml(indent(keys)))),
        ("template", |keys| {
            Some(Finalizer::Template(Box::new(Template::load(keys)?)))
        }),
        ("nested", |keys| {
            let nodes = keys.list("finalizers");
            Some(Finalizer::Nested(Finalizer::load_all(nodes, keys.loader)))
        }),
    ],
};

fn too_long() -> Diagnostic {
    let most = bound::QUERY_BYTES >> 20;
    bound::exceeded(format!("a finalizer that writes more than {most} MiB"))
}

fn indent(keys: &Keys<'_>) -> Option<usize> {
    keys.count("indent")
        .map(|indent| usize::try_from(indent.min(64)).unwrap_or(64))
}

impl Finalizer {
    /// Reads a list.
    pub fn load_all(nodes: &[Node<'_>], loader: &Loader<'_>) -> Vec<Self> {
        let load = |node| {
            let mut keys = Keys::new(node, "a finalizer", loader)?;
            let (_, finalizer) = keys.typed(&TABLE, Code::UnknownOutputStep)?;
            Some(finalizer)
        };
        nodes.iter().filter_map(load).collect()
    }

    /// Changes the output.
    pub fn apply(&self, output: Value, state: Option<&State<'_>>) -> Result<Value, Diagnostic> {
        let output = self.change(output, state)?;
        if output
            .as_str()
            .is_some_and(|text| text.len() > bound::QUERY_BYTES)
        {
            return Err(too_long());
        }
        Ok(output)
    }

    fn change(&self, output: Value, state: Option<&State<'_>>) -> Result<Value, Diagnostic> {
        Ok(match self {
            Self::Concat {
                separator,
                prefix,
                suffix,
            } => {
                let texts: Option<Vec<&str>> = output
                    .as_array()
                    .and_then(|queries| queries.iter().map(Value::as_str).collect());
                let texts = texts.ok_or_else(|| {
                    Diagnostic::error(
                        Code::PipelineQuery,
                        "`concat` joins queries that are text, but the format gives something else",
                    )
                })?;
                let joints = separator.len().saturating_mul(texts.len());
                if joints > bound::QUERY_BYTES {
                    return Err(too_long());
                }
                Value::String(format!("{prefix}{}{suffix}", texts.join(separator)))
            }
            Self::Json(indent) => Value::String(dump_json::dump(&output, *indent)),
            Self::Yaml(indent) => Value::String(dump_yaml::dump(&output, *indent, Emitter::Python)),
            Self::Template(template) => Value::String(template.render(
                context! {
                    queries => minijinja::Value::from(Serde(&output)),
                    pipeline => view::pipeline(state),
                },
                None,
            )?),
            Self::Nested(finalizers) => {
                let mut output = output;
                for finalizer in finalizers {
                    output = finalizer.apply(output, state)?;
                }
                output
            }
        })
    }
}
