//! Reading a pipeline's maps key by key, with an error at the very place for whatever is wrong.
//!
//! In: a map such as `{type: field_name_prefix, prefix: win.}` and its
//! [`Definition`](super::definition::Definition). Out: values of the shapes that are defined. Nothing
//! stops at the first error: all of a file's are collected in the [`Loader`].

use super::data;
use super::definition::{Definitions, Table};
use super::environment::Environment;
use super::python::regex::Regex;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use crate::yaml::{Content, Node};
use std::cell::RefCell;

/// The file being read and what was found wrong in it.
pub struct Loader<'e> {
    /// The file's path, or the name of a built-in pipeline.
    pub path: &'e str,
    /// For templates that lie in files of their own.
    pub environment: &'e dyn Environment,
    /// Where its lines begin.
    lines: Vec<usize>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'e> Loader<'e> {
    /// For a file.
    pub fn new(path: &'e str, text: &str, environment: &'e dyn Environment) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            path,
            environment,
            lines: ends.collect(),
            diagnostics: RefCell::default(),
        }
    }

    /// The line in which something begins, from 1.
    pub fn line(&self, span: Span) -> usize {
        let start = span.start as usize;
        1 + self.lines.partition_point(|begin| *begin <= start)
    }

    /// Adds an error or warning.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// What was reported.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }
}

/// A map being read.
pub struct Keys<'n> {
    /// What the map is, for messages: "the transformation `regex`".
    pub owner: String,
    /// The map, or its `type`, where an error has no closer place.
    pub span: Span,
    /// Where errors go.
    pub loader: &'n Loader<'n>,
    pub(super) pairs: &'n [(Node<'n>, Node<'n>)],
}

impl<'n> Keys<'n> {
    /// Begins to read a map; anything else is an error.
    pub fn new(node: &'n Node<'n>, owner: &str, loader: &'n Loader<'n>) -> Option<Self> {
        let Some(pairs) = node.as_mapping() else {
            let message = format!("expected {owner} to be a map, found {}", node.kind());
            loader.report(Diagnostic::error(Code::PipelineShape, message).at(node.span));
            return None;
        };
        Some(Self {
            owner: owner.to_owned(),
            span: node.span,
            loader,
            pairs,
        })
    }

    /// Reads a map by its `type`: looks it up in a table, checks the keys and makes it.
    pub fn typed<T>(&mut self, table: &Table<T>, unknown: Code) -> Option<(&'static str, T)> {
        let what = table.what;
        let Some(kind) = self.node("type") else {
            let error = Diagnostic::error(
                Code::PipelineKeyMissing,
                format!("this {what} has no `type`"),
            );
            let error = error.at(self.span).help("add `type:` with its name");
            self.loader.report(error);
            return None;
        };
        let name = scalar_text(kind).unwrap_or_default();
        let mut defined = Definitions::get().table(table.name).iter();
        let load = table.loads.iter().find(|(known, _)| *known == name);
        let definition = defined.find(|definition| definition.name == name);
        let (Some((name, load)), Some(definition)) = (load, definition) else {
            let names = || table.loads.iter().map(|(name, _)| *name);
            let error =
                Diagnostic::error(unknown, format!("there is no {what} `{name}`")).at(kind.span);
            self.loader
                .report(error.help(match nearest(&name, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("use one of {}", quoted(names()).join(", ")),
                }));
            return None;
        };
        self.owner = format!("the {what} `{name}`");
        self.span = kind.span;
        let groups = table.common.iter();
        let common: Vec<_> = groups
            .flat_map(|group| Definitions::get().group(group))
            .collect();
        let is_right = self.check(&definition.keys, &common);
        let made = load(self)?;
        is_right.then_some((name, made))
    }

    /// The value of a key; the last if it is written twice. `key: null` counts as left out.
    pub fn node(&self, name: &str) -> Option<&'n Node<'n>> {
        self.node_or_null(name).filter(|node| !data::is_null(node))
    }

    /// As [`Self::node`], but `null` counts.
    pub fn node_or_null(&self, name: &str) -> Option<&'n Node<'n>> {
        let is_it = |key: &Node<'_>| key.as_scalar().is_some_and(|scalar| scalar.text == name);
        let mut pairs = self.pairs.iter().rev();
        pairs.find(|(key, _)| is_it(key)).map(|(_, value)| value)
    }

    /// Where a key's value is.
    pub fn span_of(&self, name: &str) -> Span {
        self.node_or_null(name).map_or(self.span, |node| node.span)
    }

    /// Reports that a value is not what it should be.
    pub fn wrong(&self, name: &str, node: &Node<'_>, expected: &str) {
        let found = match &node.content {
            Content::Scalar(scalar) if !scalar.text.is_empty() => format!("`{}`", scalar.text),
            _ => node.kind().to_owned(),
        };
        let message = format!("expected `{name}` to be {expected}, found {found}");
        self.report(Code::PipelineValue, node.span, message);
    }

    /// Reports an error at a place.
    pub fn report(&self, code: Code, span: Span, message: impl Into<String>) {
        self.loader
            .report(Diagnostic::error(code, message).at(span));
    }

    /// The value, or `None` after its problem was reported at a key.
    pub fn check_result<T>(
        &self,
        name: &str,
        code: Code,
        result: Result<T, impl ToString>,
    ) -> Option<T> {
        let report = |problem: &dyn ToString| {
            self.report(code, self.span_of(name), problem.to_string());
        };
        result.map_err(|problem| report(&problem)).ok()
    }

    // What follows reads values of shapes that were checked.

    /// A key's text; a number or truth value counts as the text that is written.
    pub fn text(&self, name: &str) -> Option<String> {
        self.node(name).and_then(scalar_text)
    }

    /// A key's text, or an empty one.
    pub fn text_or_empty(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// A key's data, `null` included.
    pub fn data(&self, name: &str) -> Option<serde_json::Value> {
        self.node_or_null(name).map(data::read)
    }

    /// A key's truth value.
    pub fn flag(&self, name: &str) -> bool {
        self.data(name)
            .and_then(|flag| flag.as_bool())
            .unwrap_or_default()
    }

    /// A key's whole number, not below zero.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.data(name)?.as_u64()
    }

    /// What one of several words means.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value)
    }

    /// A text or a list of them.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let node = self.node(name)?;
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        items.iter().map(scalar_text).collect()
    }

    /// A list of texts to look names up in. A text alone is a list of one, which Python takes for a
    /// list of its parts.
    pub fn names(&self, name: &str) -> Option<Names> {
        match self.node(name)?.as_sequence() {
            Some(_) => self.texts(name).map(Names::List),
            None => self.text(name).map(Names::Text),
        }
    }

    /// A map of texts to texts.
    pub fn text_map(&self, name: &str) -> Vec<(String, String)> {
        let pairs = self.pairs_of(name).iter();
        pairs
            .filter_map(|(key, value)| scalar_text(key).zip(scalar_text(value)))
            .collect()
    }

    /// The pairs of a map.
    pub fn pairs_of(&self, name: &str) -> &'n [(Node<'n>, Node<'n>)] {
        let node = self.node(name);
        node.and_then(Node::as_mapping).map_or(&[], |pairs| pairs)
    }

    /// The items of a list.
    pub fn list(&self, name: &str) -> &'n [Node<'n>] {
        let node = self.node(name);
        node.and_then(Node::as_sequence).map_or(&[], |items| items)
    }

    /// A regular expression, compiled by `compile`.
    pub fn regex(&self, name: &str, compile: fn(&str) -> Result<Regex, String>) -> Option<Regex> {
        self.compiled(&self.text(name)?, self.span_of(name), compile)
    }

    /// Compiles an expression that is at `span`.
    pub fn compiled(
        &self,
        pattern: &str,
        span: Span,
        compile: fn(&str) -> Result<Regex, String>,
    ) -> Option<Regex> {
        let report = |problem| {
            let message = format!("the regular expression `{pattern}` can't be read: {problem}");
            self.report(Code::PipelineRegex, span, message);
        };
        compile(pattern).map_err(report).ok()
    }
}

/// Names as messages show them.
pub(super) fn quoted<'t>(names: impl Iterator<Item = &'t str>) -> Vec<String> {
    names.map(|name| format!("`{name}`")).collect()
}

/// Names, as a list or as a text where one is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// `[a, b]`
    List(Vec<String>),
    /// `a`
    Text(String),
}

impl Names {
    /// What looking for a name costs, in steps.
    pub fn cost(&self) -> usize {
        1 + self.list().len() / 8
    }

    /// As a list.
    pub fn list(&self) -> &[String] {
        match self {
            Self::List(names) => names,
            Self::Text(text) => std::slice::from_ref(text),
        }
    }
}

/// The text of a scalar that is not null.
pub fn scalar_text(node: &Node<'_>) -> Option<String> {
    if data::is_null(node) {
        return None;
    }
    node.as_scalar()
        .map(|scalar| scalar.text.clone().into_owned())
}
