//! Rule collections: which rules the documents of a file ask for.
//!
//! In: a file's YAML documents. Out: a result for each rule. A document without `action` is a rule.
//! Older files share text: `action: global` is merged into every rule after it (and wins over the
//! rule's own keys), `reset` forgets what was global, `repeat` is the rule before it with this
//! document merged in. Maps merge deeply, anything else replaces. Merging is done on nodes, so that
//! every part keeps its place.
//!
//! sigmac adds one `global` to those before; in pySigma it takes their place, and a `repeat` after
//! it changes it.

use super::{Parsed, rule};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dialect::Dialect;
use crate::rule::Document;
use crate::source::Span;
use crate::yaml::{Content, Node};

type Pairs<'s> = Vec<(Node<'s>, Node<'s>)>;

/// What earlier documents left to later ones.
#[derive(Default)]
struct Collection<'s> {
    global: Pairs<'s>,
    previous: Option<Pairs<'s>>,
    /// In pySigma: is the previous document the global one itself?
    previous_is_global: bool,
}

/// Reads each document, or passes on why it could not be read.
pub(super) fn rules<'s>(
    source: &'s str,
    documents: Vec<Result<Node<'s>, Diagnostic>>,
    dialect: &Dialect,
) -> Vec<Parsed<'s>> {
    let last = documents.len().saturating_sub(1);
    let mut collection = Collection::default();
    let mut parsed = Vec::with_capacity(documents.len());
    for (index, document) in documents.into_iter().enumerate() {
        match document {
            Ok(node) => parsed.extend(collection.take(source, node, index == last, dialect)),
            Err(error) => {
                parsed.push(Parsed::failed(error.span().unwrap_or_default(), error));
            }
        }
    }
    parsed
}

impl<'s> Collection<'s> {
    fn take(
        &mut self,
        source: &'s str,
        node: Node<'s>,
        last: bool,
        dialect: &Dialect,
    ) -> Option<Parsed<'s>> {
        let span = node.span;
        let kind = node.kind();
        let Content::Mapping(mut pairs) = node.content else {
            let error = Diagnostic::error(
                Code::NotARule,
                format!("expected a Sigma rule, which is a map, found {kind}"),
            )
            .at(span)
            .help("write `title`, `logsource` and `detection` as keys at the left margin");
            return Some(Parsed::failed(span, error));
        };
        let Some(action) = taken(&mut pairs, "action") else {
            for (key, document) in [
                ("correlation", Document::Correlation(span)),
                ("filter", Document::Filter(span)),
            ] {
                if let Some(at) = key_span(&pairs, key) {
                    return Some(unsupported(document, span, at, &pairs));
                }
            }
            if let Err(error) = merge(&mut pairs, &self.global, dialect) {
                return Some(Parsed::failed(span, *error));
            }
            return Some(self.rule(source, span, pairs, last, dialect));
        };
        let name = action.as_scalar().map_or("", |scalar| &scalar.text);
        match name {
            "global" => {
                if dialect.pysigma_attributes {
                    self.global = pairs;
                    self.previous = Some(self.global.clone());
                    self.previous_is_global = true;
                } else if let Err(error) = merge(&mut self.global, &pairs, dialect) {
                    return Some(Parsed::failed(span, *error));
                }
                None
            }
            "reset" => {
                self.global.clear();
                self.previous_is_global = false;
                None
            }
            "repeat" => {
                let previous = match self.previous.take() {
                    Some(previous) => previous,
                    None if dialect.pysigma_attributes => Pairs::new(),
                    None => {
                        let error = Diagnostic::error(
                            Code::CollectionAction,
                            "expected a rule before `action: repeat`, found none",
                        )
                        .at(action.span)
                        .help("put the rule to repeat before this document");
                        return Some(Parsed::failed(span, error));
                    }
                };
                let mut repeated = previous;
                if let Err(error) = merge(&mut repeated, &pairs, dialect) {
                    return Some(Parsed::failed(span, *error));
                }
                if self.previous_is_global {
                    self.global.clone_from(&repeated);
                    self.previous = Some(repeated.clone());
                    return Some(rule::rule(source, span, repeated, dialect));
                }
                Some(self.rule(source, span, repeated, last, dialect))
            }
            _ => Some(unknown(name, action.span, span)),
        }
    }

    /// Reads the rule and keeps it for a `repeat`.
    fn rule(
        &mut self,
        source: &'s str,
        span: Span,
        pairs: Pairs<'s>,
        last: bool,
        dialect: &Dialect,
    ) -> Parsed<'s> {
        self.previous = (!last).then(|| pairs.clone());
        self.previous_is_global = false;
        rule::rule(source, span, pairs, dialect)
    }
}

fn unknown<'s>(name: &str, at: Span, span: Span) -> Parsed<'s> {
    let error = Diagnostic::error(
        Code::CollectionAction,
        format!("expected `global`, `reset` or `repeat`, found `{name}`"),
    )
    .at(at);
    let error = match nearest(name, ["global", "reset", "repeat"]) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("remove `action` if the document is a rule of its own"),
    };
    Parsed::failed(span, error)
}

fn unsupported<'s>(
    document: Document<'s>,
    span: Span,
    at: Span,
    pairs: &[(Node<'s>, Node<'s>)],
) -> Parsed<'s> {
    let error = match document {
        Document::Filter(_) => Diagnostic::error(
            Code::FilterUnsupported,
            "expected a detection rule, found a filter, which is not applied yet",
        )
        .help("put the exclusion into the rules: `and not filter_…` in their conditions"),
        _ => Diagnostic::error(
            Code::CorrelationUnsupported,
            "expected a detection rule, found a correlation rule, which is not converted yet",
        )
        .help(
            "convert the rules that it refers to, and relate their queries in the target's own \
               language",
        ),
    };
    Parsed {
        document: Some(document),
        id: rule::text_of(pairs, "id"),
        title: rule::text_of(pairs, "title"),
        ..Parsed::failed(span, error.at(at))
    }
}

/// Removes a key of a mapping.
fn taken<'s>(pairs: &mut Pairs<'s>, key: &str) -> Option<Node<'s>> {
    let at = position(pairs, key)?;
    Some(pairs.remove(at).1)
}

fn position(pairs: &[(Node<'_>, Node<'_>)], key: &str) -> Option<usize> {
    pairs
        .iter()
        .position(|(name, _)| name.as_scalar().is_some_and(|name| name.text == key))
}

fn key_span(pairs: &[(Node<'_>, Node<'_>)], key: &str) -> Option<Span> {
    position(pairs, key).map(|at| pairs[at].0.span)
}

/// Merges a map into another: maps deeply, anything else replaces.
fn merge<'s>(
    into: &mut Pairs<'s>,
    from: &[(Node<'s>, Node<'s>)],
    dialect: &Dialect,
) -> Result<(), Box<Diagnostic>> {
    for (key, value) in from {
        let known = into
            .iter_mut()
            .find(|(known, _)| same_key(known, key))
            .map(|(_, known)| known);
        match (known, &value.content) {
            (None, _) => into.push((key.clone(), value.clone())),
            (Some(known), Content::Mapping(pairs)) => match &mut known.content {
                Content::Mapping(known) => merge(known, pairs, dialect)?,
                _ if dialect.pysigma_attributes => {
                    return Err(Box::new(
                        Diagnostic::error(
                            Code::CollectionAction,
                            format!("expected a map to merge into, found {}", known.kind()),
                        )
                        .at(known.span)
                        .label(value.span, "this map should be merged")
                        .help("give both documents a map here, or one of them"),
                    ));
                }
                _ => *known = value.clone(),
            },
            (Some(known), _) => *known = value.clone(),
        }
    }
    Ok(())
}

fn same_key(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (&a.content, &b.content) {
        (Content::Scalar(a), Content::Scalar(b)) => a.text == b.text,
        (a, b) => a == b,
    }
}
