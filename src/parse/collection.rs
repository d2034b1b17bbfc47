//! Rule collections: which rules the documents of a file ask for.
//!
//! In: a file's YAML documents. Out: a result for each rule. A document without `action` is a rule,
//! a correlation or a filter.
//! Older files share text: `action: global` is merged into every rule after it (and wins over the
//! rule's own keys), `reset` forgets what was global, `repeat` is the rule before it with this
//! document merged in. Maps merge deeply, anything else replaces. Merging is done on nodes, so that
//! every part keeps its place.

use super::document::{DocumentKind, document};
use super::{Parsed, Rules};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use crate::yaml::{Content, Node};

/// A map's keys and values.
pub type Pairs<'s> = Vec<(Node<'s>, Node<'s>)>;

/// What earlier documents left to later ones.
#[derive(Debug, Default)]
pub struct SharedKeys<'s> {
    /// What `action: global` gave.
    pub global: Pairs<'s>,
    /// The rule before, for `action: repeat`.
    pub previous: Option<Pairs<'s>>,
    /// Does `previous` hold the global keys, not a rule?
    pub previous_is_global: bool,
}

/// Reads each document, or passes on why it could not be read.
pub(super) fn read<'s>(
    source: &'s str,
    documents: Vec<Result<Node<'s>, Diagnostic>>,
    rules: &dyn Rules,
) -> Vec<Parsed<'s>> {
    let last = documents.len().saturating_sub(1);
    let mut collection = Collection {
        source,
        rules,
        shared: SharedKeys::default(),
    };
    let mut parsed = Vec::with_capacity(documents.len());
    for (index, document) in documents.into_iter().enumerate() {
        match document {
            Ok(node) => parsed.extend(collection.take(node, index == last)),
            Err(error) => {
                parsed.push(Parsed::failed(error.span().unwrap_or_default(), error));
            }
        }
    }
    parsed
}

struct Collection<'s, 'r> {
    source: &'s str,
    rules: &'r dyn Rules,
    shared: SharedKeys<'s>,
}

impl<'s> Collection<'s, '_> {
    fn take(&mut self, node: Node<'s>, last: bool) -> Option<Parsed<'s>> {
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
        let action = taken(&mut pairs, "action");
        match self.act(span, pairs, action, last) {
            Ok(parsed) => parsed,
            Err(error) => Some(Parsed::failed(span, *error)),
        }
    }

    fn act(
        &mut self,
        span: Span,
        mut pairs: Pairs<'s>,
        action: Option<Node<'s>>,
        last: bool,
    ) -> Result<Option<Parsed<'s>>, Box<Diagnostic>> {
        let Some(action) = action else {
            if !self.rules.shares_with_all() {
                let kind = self.rules.kind(&pairs);
                if kind != DocumentKind::Rule {
                    return Ok(Some(self.read(span, pairs, kind)));
                }
            }
            self.rules.merge(&mut pairs, &self.shared.global)?;
            return Ok(Some(self.document(span, pairs, last)));
        };
        match action.as_scalar().map_or("", |scalar| &scalar.text) {
            "global" => self.rules.share(&mut self.shared, pairs)?,
            "reset" => {
                self.shared.global.clear();
                self.shared.previous_is_global = false;
                if !pairs.is_empty() && self.rules.reads_reset() {
                    return Ok(Some(self.document(span, pairs, last)));
                }
            }
            "repeat" => {
                let repeated = self.rules.repeat(&mut self.shared, &pairs, action.span)?;
                let kind = self.kind(&repeated);
                return Ok(Some(if self.shared.previous_is_global {
                    self.read(span, repeated, kind)
                } else {
                    self.document(span, repeated, last)
                }));
            }
            name => return Err(Box::new(unknown(name, action.span))),
        }
        Ok(None)
    }

    /// Reads the document and keeps it for a `repeat`.
    fn document(&mut self, span: Span, pairs: Pairs<'s>, last: bool) -> Parsed<'s> {
        self.shared.previous = (!last).then(|| pairs.clone());
        self.shared.previous_is_global = false;
        let kind = self.kind(&pairs);
        self.read(span, pairs, kind)
    }

    /// What a document is that was merged with others.
    fn kind(&self, pairs: &Pairs<'s>) -> DocumentKind {
        if self.rules.shares_with_all() {
            return self.rules.kind(pairs);
        }
        DocumentKind::Rule
    }

    fn read(&self, span: Span, pairs: Pairs<'s>, kind: DocumentKind) -> Parsed<'s> {
        document(self.source, span, pairs, kind, self.rules)
    }
}

fn unknown(name: &str, at: Span) -> Diagnostic {
    let error = Diagnostic::error(
        Code::CollectionAction,
        format!("expected `global`, `reset` or `repeat`, found `{name}`"),
    )
    .at(at);
    match nearest(name, ["global", "reset", "repeat"]) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("remove `action` if the document is a rule of its own"),
    }
}

/// Removes a key of a mapping.
pub(super) fn taken<'s>(pairs: &mut Pairs<'s>, key: &str) -> Option<Node<'s>> {
    let at = position(pairs, key)?;
    Some(pairs.remove(at).1)
}

/// Where a key of a mapping is.
pub(crate) fn position(pairs: &[(Node<'_>, Node<'_>)], key: &str) -> Option<usize> {
    pairs
        .iter()
        .position(|(name, _)| name.as_scalar().is_some_and(|name| name.text == key))
}

/// May the second node, a map, replace the first, which is not a map?
pub(crate) type Replaces<'f, 's> = &'f dyn Fn(&Node<'s>, &Node<'s>) -> Result<(), Box<Diagnostic>>;

/// Merges a map into another: maps deeply, anything else replaces, if `replaces` allows a map to
/// replace something that is none.
pub(crate) fn merge<'s>(
    into: &mut Pairs<'s>,
    from: &[(Node<'s>, Node<'s>)],
    replaces: Replaces<'_, 's>,
) -> Result<(), Box<Diagnostic>> {
    for (key, value) in from {
        let known = into.iter_mut().find(|(known, _)| same_key(known, key));
        let Some((_, known)) = known else {
            into.push((key.clone(), value.clone()));
            continue;
        };
        if let Content::Mapping(pairs) = &value.content {
            if let Content::Mapping(known) = &mut known.content {
                merge(known, pairs, replaces)?;
                continue;
            }
            replaces(known, value)?;
        }
        *known = value.clone();
    }
    Ok(())
}

fn same_key(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (&a.content, &b.content) {
        (Content::Scalar(a), Content::Scalar(b)) => a.text == b.text,
        (a, b) => a == b,
    }
}
