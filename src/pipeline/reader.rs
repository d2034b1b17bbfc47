//! Reading a pipeline's maps key by key, with an error at the very place for whatever is wrong.
//!
//! In: a map such as `{type: field_name_prefix, prefix: win.}` and the [`Entry`](super::entry::Entry) that says which
//! keys it may have. Out: values of the types asked for. Nothing stops at the first error: all of
//! a file's are collected in the [`Loader`].

use super::data;
use super::entry::Key;
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
    pairs: &'n [(Node<'n>, Node<'n>)],
}

impl<'n> Keys<'n> {
    /// Begins to read a map; anything else is an error.
    pub fn new(node: &'n Node<'n>, owner: &str, loader: &'n Loader<'n>) -> Option<Self> {
        let Some(pairs) = node.as_mapping() else {
            loader.report(
                Diagnostic::error(
                    Code::PipelineShape,
                    format!("expected {owner} to be a map, found {}", node.kind()),
                )
                .at(node.span),
            );
            return None;
        };
        Some(Self {
            owner: owner.to_owned(),
            span: node.span,
            loader,
            pairs,
        })
    }

    /// Reports keys that are neither in `own` nor in `common`.
    pub fn check(&self, own: &[Key], common: &[&'static str]) {
        for (key, _) in self.pairs {
            let name = key.as_scalar().map_or("", |scalar| &scalar.text);
            let known = || own.iter().map(|key| key.name).chain(common.iter().copied());
            if known().any(|known| known == name) {
                continue;
            }
            let mut diagnostic = Diagnostic::error(
                Code::PipelineKey,
                format!("{} has no key `{name}`", self.owner),
            )
            .at(key.span);
            if let Some(near) = nearest(name, known()) {
                diagnostic = diagnostic.help(format!("write `{near}`"));
            } else {
                let keys: Vec<_> = own.iter().map(|key| format!("`{}`", key.name)).collect();
                diagnostic = diagnostic.help(match keys.as_slice() {
                    [] => "it takes no keys of its own".to_owned(),
                    keys => format!("its keys are {}", keys.join(", ")),
                });
            }
            self.loader.report(diagnostic);
        }
        for key in own.iter().filter(|key| key.required) {
            let found = self.node_or_null(key.name);
            if !found.is_some_and(|node| key.nullable || !data::is_null(node)) {
                self.loader.report(
                    Diagnostic::error(
                        Code::PipelineKeyMissing,
                        format!("{} has no `{}`", self.owner, key.name),
                    )
                    .at(self.span)
                    .help(format!("add `{}:` with {}", key.name, key.kind)),
                );
            }
        }
    }

    /// The value of a key; the last if it stands twice. `key: null` is as good as not there.
    pub fn node(&self, name: &str) -> Option<&'n Node<'n>> {
        self.node_or_null(name).filter(|node| !data::is_null(node))
    }

    /// As [`Self::node`], but `null` counts.
    pub fn node_or_null(&self, name: &str) -> Option<&'n Node<'n>> {
        self.pairs
            .iter()
            .rev()
            .find(|(key, _)| key.as_scalar().is_some_and(|scalar| scalar.text == name))
            .map(|(_, value)| value)
    }

    /// Reports that a value is not what it should be.
    pub fn wrong(&self, name: &str, node: &Node<'_>, expected: &str) {
        let found = match &node.content {
            Content::Scalar(scalar) if !scalar.text.is_empty() => format!("`{}`", scalar.text),
            _ => node.kind().to_owned(),
        };
        self.report(
            Code::PipelineValue,
            node.span,
            format!("expected `{name}` to be {expected}, found {found}"),
        );
    }

    /// Reports an error at a place.
    pub fn report(&self, code: Code, span: Span, message: impl Into<String>) {
        self.loader
            .report(Diagnostic::error(code, message).at(span));
    }

    /// A key's text; a number or truth value counts as the text that stands there.
    pub fn text(&self, name: &str) -> Option<String> {
        let node = self.node(name)?;
        let text = scalar_text(node);
        if text.is_none() {
            self.wrong(name, node, "text");
        }
        text
    }

    /// A key's truth value.
    pub fn flag(&self, name: &str) -> bool {
        let Some(node) = self.node(name) else {
            return false;
        };
        let flag = data::read(node).as_bool();
        if flag.is_none() {
            self.wrong(name, node, "`true` or `false`");
        }
        flag.unwrap_or_default()
    }

    /// A key's whole number, not below zero.
    pub fn count(&self, name: &str) -> Option<u64> {
        let node = self.node(name)?;
        let number = data::read(node).as_u64();
        if number.is_none() {
            self.wrong(name, node, "a whole number");
        }
        number
    }

    /// One of several words.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&'static str, T)]) -> Option<T> {
        let node = self.node(name)?;
        let text = scalar_text(node).unwrap_or_default();
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = choices
                .iter()
                .map(|(word, _)| format!("`{word}`"))
                .collect();
            let mut diagnostic = Diagnostic::error(
                Code::PipelineValue,
                format!(
                    "expected `{name}` to be {}, found `{text}`",
                    words.join(" or ")
                ),
            )
            .at(node.span);
            if let Some(near) = nearest(&text, choices.iter().map(|(word, _)| *word)) {
                diagnostic = diagnostic.help(format!("write `{near}`"));
            }
            self.loader.report(diagnostic);
        }
        found.map(|(_, value)| *value)
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let node = self.node(name)?;
        let Some(items) = node.as_sequence() else {
            self.wrong(name, node, "a list");
            return None;
        };
        self.texts_of(name, items)
    }

    /// A list of texts to look names up in. A text alone is a list of one, which Python takes for a
    /// list of its parts.
    pub fn names(&self, name: &str) -> Option<Names> {
        let node = self.node(name)?;
        match data::read(node) {
            serde_json::Value::String(text) => Some(Names::Text(text)),
            _ => self.texts(name).map(Names::List),
        }
    }

    /// A text or a list of them.
    pub fn text_or_texts(&self, name: &str) -> Option<Vec<String>> {
        let node = self.node(name)?;
        match node.as_sequence() {
            Some(items) => self.texts_of(name, items),
            None => self.text(name).map(|text| vec![text]),
        }
    }

    fn texts_of(&self, name: &str, items: &[Node<'_>]) -> Option<Vec<String>> {
        items
            .iter()
            .map(|item| {
                let text = scalar_text(item);
                if text.is_none() {
                    self.wrong(&format!("{name}[…]"), item, "text");
                }
                text
            })
            .collect()
    }

    /// A map of texts to texts.
    pub fn text_map(&self, name: &str) -> Option<Vec<(String, String)>> {
        let node = self.node(name)?;
        let Some(pairs) = node.as_mapping() else {
            self.wrong(name, node, "a map");
            return None;
        };
        pairs
            .iter()
            .map(|(key, value)| {
                let pair = scalar_text(key).zip(scalar_text(value));
                if pair.is_none() {
                    self.wrong(name, value, "text");
                }
                pair
            })
            .collect()
    }

    /// A list of maps.
    pub fn maps(&self, name: &str) -> Option<&'n [Node<'n>]> {
        let node = self.node(name)?;
        let items = node.as_sequence();
        if items.is_none() {
            self.wrong(name, node, "a list of maps");
        }
        items
    }

    /// A regular expression, compiled by `compile`.
    pub fn regex(&self, name: &str, compile: fn(&str) -> Result<Regex, String>) -> Option<Regex> {
        let text = self.text(name)?;
        let span = self.node(name).map_or(self.span, |node| node.span);
        self.compiled(&text, span, compile)
    }

    /// Compiles an expression that stands at `span`.
    pub fn compiled(
        &self,
        pattern: &str,
        span: Span,
        compile: fn(&str) -> Result<Regex, String>,
    ) -> Option<Regex> {
        compile(pattern)
            .map_err(|problem| {
                self.loader.report(
                    Diagnostic::error(
                        Code::PipelineRegex,
                        format!("the regular expression `{pattern}` can't be read: {problem}"),
                    )
                    .at(span),
                );
            })
            .ok()
    }
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
    /// Is a name one of them? In Python a text has every part of it.
    pub fn contains(&self, name: &str, compat: bool) -> bool {
        match self {
            Self::List(names) => names.iter().any(|known| known == name),
            Self::Text(text) if compat => text.contains(name),
            Self::Text(text) => text == name,
        }
    }

    /// What [`Self::contains`] costs, in steps.
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
