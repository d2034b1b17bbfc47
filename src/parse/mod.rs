//! Rules as data: the text of a rule file to documents.
//!
//! In: text. Out: a [`Rule`](crate::rule::Rule) for each rule that the file asks for, with every
//! fault that could be found: `condition: selecton` gives `VS0502` at `selecton`.

pub mod attribute;
pub mod collection;
pub mod condition;
pub mod correlation;
mod detection;
pub mod document;
mod filter;
mod head;
mod key;
mod logsource;
pub mod pattern;
pub mod place;
mod rule;
mod rules;
pub(crate) mod validity;
pub(crate) mod value;

pub use pattern::pattern;
pub use rules::Rules;

use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Document, Rule, Text};
use crate::source::Span;
use crate::yaml;
use std::borrow::Cow;

/// One rule that a file asks for: read, or failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<'s> {
    /// The YAML document's bytes; where actions merge several, the last one's.
    pub span: Span,
    /// The document; `None` where an error kept it from being read.
    pub document: Option<Document<'s>>,
    /// The rules that a correlation names which could not be read: they are its parts all the same.
    pub parts: Vec<Text<'s>>,
    /// What is wrong or doubtful. With an error among them the rule can't be converted.
    pub diagnostics: Vec<Diagnostic>,
    /// The rule's `id`, if it could be read, for reports on rules that failed.
    pub id: Option<Cow<'s, str>>,
    /// The rule's `title`, likewise.
    pub title: Option<Cow<'s, str>>,
}

impl<'s> Parsed<'s> {
    /// The rule, if the document is one.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule<'s>> {
        match &self.document {
            Some(Document::Rule(rule)) => Some(rule),
            _ => None,
        }
    }

    /// A document that an error kept from being read.
    pub(crate) fn failed(span: Span, diagnostic: Diagnostic) -> Self {
        Self {
            span,
            document: None,
            parts: Vec::new(),
            diagnostics: vec![diagnostic],
            id: None,
            title: None,
        }
    }
}

/// Broken documents of a file after which reading goes on.
const MOST_BROKEN: usize = 32;

/// Reads a rule file. There is always at least one result; a file without a rule is an error.
///
/// ```
/// use varsigma::{dialect::Dialect, parse, rule::Document};
///
/// let text = "title: t\nlogsource: {product: windows}\ndetection: {a: {B: c}, condition: a}\n";
/// let parsed = parse::parse(text, &Dialect::SPECIFICATION);
/// let Some(Document::Rule(rule)) = &parsed[0].document else { panic!() };
/// assert_eq!(rule.title.value, "t");
/// ```
#[must_use]
pub fn parse<'s>(text: &'s str, rules: &(impl AsRef<dyn Rules> + ?Sized)) -> Vec<Parsed<'s>> {
    parse_by(text, rules.as_ref())
}

fn parse_by<'s>(text: &'s str, rules: &dyn Rules) -> Vec<Parsed<'s>> {
    let mut warnings = Vec::new();
    let mut documents = Vec::new();
    let (mut rest, mut broken) = (0, 0);
    loop {
        let loaded = yaml::load_from(text, rest, rules.schema());
        documents.extend(loaded.documents.into_iter().map(Ok));
        warnings.extend(loaded.warnings);
        let Some(error) = loaded.error else {
            break;
        };
        let at = error.span().map_or(text.len(), |span| span.range().start);
        documents.push(Err(error));
        broken += 1;
        match next_document(text, at.max(rest)) {
            Some(next) if broken < MOST_BROKEN => rest = next,
            _ => break,
        }
    }
    let mut parsed = collection::read(text, documents, rules);
    if parsed.is_empty() {
        let error = Diagnostic::error(Code::EmptyFile, "expected a Sigma rule, found none")
            .at(Span::new(0, 0))
            .help("write a YAML map with a `title`, a `logsource` and a `detection`");
        parsed.push(Parsed::failed(Span::new(0, text.len()), error));
    }
    for warning in warnings {
        let start = warning.span().unwrap_or_default().start;
        let owner = parsed.iter().position(|parsed| start < parsed.span.end);
        let owner = owner.unwrap_or(parsed.len() - 1);
        parsed[owner].diagnostics.push(warning);
    }
    parsed
}

/// Where the next document begins after a broken one. In YAML, `---` at the beginning of a line is
/// a document's start whatever is around it.
fn next_document(text: &str, from: usize) -> Option<usize> {
    text.get(from..)?
        .match_indices("\n---")
        .find_map(|(at, marker)| {
            let behind = text[from + at + marker.len()..].chars().next();
            behind
                .is_none_or(char::is_whitespace)
                .then_some(from + at + 1)
        })
}

#[cfg(test)]
#[cfg(feature = "compat")]
mod tests;
