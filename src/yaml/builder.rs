//! Builds nodes from the parser's events.
//!
//! In: "map begins, scalar, scalar, map ends". Out: a [`Node`] for each document, on one stack of
//! finished nodes, so that a list or map is allocated once, at its size.

use super::load::{Loaded, MAX_DEPTH, MAX_NODES, MAX_REPEATED_BYTES};
use super::place::Places;
use super::{Content, Node, Scalar, Schema, mapping, syntax, tag};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use saphyr_parser::{Event, ScalarStyle, ScanError};
use std::borrow::Cow;

/// A map or list whose end has not come yet.
struct Frame {
    /// Where its children begin in the builder's nodes.
    children: usize,
    mapping: bool,
    /// Byte offset of its first character.
    start: usize,
    /// Is it written in brackets?
    flow: bool,
    /// The parser's number of its anchor, or 0.
    anchor: usize,
}

/// The cost of repeating a node.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
}

struct Anchor<'s> {
    node: Node<'s>,
    weight: Weight,
    height: usize,
}

pub(super) struct Builder<'s, 'd> {
    schema: Schema,
    places: Places<'s>,
    /// Finished nodes whose parents are not, keys and values in turn.
    nodes: Vec<Node<'s>>,
    frames: Vec<Frame>,
    /// By the parser's number; `None` while the node is not finished.
    anchors: Vec<Option<Anchor<'s>>>,
    spent: Weight,
    loaded: &'d mut Loaded<'s>,
}

impl<'s, 'd> Builder<'s, 'd> {
    pub(super) fn new(schema: Schema, places: Places<'s>, loaded: &'d mut Loaded<'s>) -> Self {
        Self {
            schema,
            places,
            nodes: Vec::with_capacity(32),
            frames: Vec::with_capacity(8),
            anchors: Vec::new(),
            spent: Weight::default(),
            loaded,
        }
    }

    /// The diagnostic of what the parser could not read.
    pub(super) fn syntax_error(&mut self, error: &ScanError) -> Diagnostic {
        syntax::error(error, &mut self.places)
    }

    /// Takes the next event.
    #[inline]
    pub(super) fn take(
        &mut self,
        event: Event<'s>,
        span: saphyr_parser::Span,
    ) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let mut start = self.places.byte(span.start.index());
                if anchor != 0 {
                    let empty = value.is_empty() && style == ScalarStyle::Plain;
                    self.check_anchor(start, empty)?;
                }
                if tag.is_some() || anchor != 0 {
                    start = self.places.skip_properties(start);
                }
                let (text, place) = self.places.scalar(value, style, start, span);
                self.check_style(place, style)?;
                let mut scalar = Scalar {
                    text,
                    plain: style == ScalarStyle::Plain,
                    tag: None,
                };
                if let Some(tag) = tag {
                    scalar.tag = Some(tag::of_scalar(&tag, &self.places, place)?);
                    tag::check(&scalar, self.schema, place)?;
                }
                self.finish(
                    Node {
                        span: place,
                        content: Content::Scalar(scalar),
                    },
                    anchor,
                )
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(false, span, anchor, tag.as_deref().map(|tag| (tag, "seq")))
            }
            Event::MappingStart(anchor, tag) => {
                self.open(true, span, anchor, tag.as_deref().map(|tag| (tag, "map")))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(number) => self.repeat(number, span),
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            Event::DocumentStart(_) | Event::StreamStart | Event::StreamEnd | Event::Nothing => {
                Ok(())
            }
        }
    }

    fn open(
        &mut self,
        mapping: bool,
        span: saphyr_parser::Span,
        anchor: usize,
        tag: Option<(&saphyr_parser::Tag, &str)>,
    ) -> Result<(), Diagnostic> {
        let mut start = self.places.byte(span.start.index());
        if anchor != 0 {
            self.check_anchor(start, false)?;
        }
        if tag.is_some() || anchor != 0 {
            start = self.places.skip_properties(start);
        }
        if let Some((tag, expected)) = tag
            && tag::core(tag) != Some(expected)
        {
            let place = self.places.character_span(start);
            return Err(tag::foreign(tag, &self.places, place));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(syntax::too_deep(self.places.character_span(start)));
        }
        self.frames.push(Frame {
            children: self.nodes.len(),
            mapping,
            start,
            flow: self.places.starts_bracket(start),
            anchor,
        });
        Ok(())
    }

    fn close(&mut self, span: saphyr_parser::Span) -> Result<(), Diagnostic> {
        let frame = self.frames.pop().expect("the parser balances its events");
        let last = self.nodes[frame.children..].last();
        let mut place = self.places.span(frame.start, frame.start);
        if frame.flow {
            // The parser's end lies after a comment.
            let end = self.places.byte(span.start.index()) + 1;
            place = place.to(self.places.span(end, end));
        } else if let Some(last) = last {
            place.end = last.span.end.max(place.start);
        }
        let content = if frame.mapping {
            let mut children = self.nodes.drain(frame.children..);
            let mut pairs = Vec::with_capacity(children.len() / 2);
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                pairs.push((key, value));
            }
            drop(children);
            Content::Mapping(mapping::close(
                pairs,
                self.schema,
                &mut self.loaded.warnings,
            )?)
        } else {
            Content::Sequence(self.nodes.drain(frame.children..).collect())
        };
        self.finish(
            Node {
                span: place,
                content,
            },
            frame.anchor,
        )
    }

    /// Puts a copy of an anchor's node in the place of its alias.
    fn repeat(&mut self, number: usize, span: saphyr_parser::Span) -> Result<(), Diagnostic> {
        let start = self.places.byte(span.start.index());
        let end = self.places.byte(span.end.index());
        let place = self.places.span(start, end);
        let Some(Some(anchor)) = self.anchors.get(number) else {
            let inside = self.frames.iter().any(|frame| frame.anchor == number);
            return Err(lost_alias(inside, place));
        };
        if self.frames.len() + anchor.height > MAX_DEPTH {
            return Err(syntax::too_deep(place));
        }
        let weight = anchor.weight;
        // The copy's own root is counted when it is finished.
        self.spend(
            Weight {
                nodes: weight.nodes - 1,
                bytes: weight.bytes,
            },
            place,
        )?;
        let Some(Some(anchor)) = self.anchors.get(number) else {
            return Ok(());
        };
        let node = Node {
            span: place,
            content: anchor.node.content.clone(),
        };
        self.finish(node, 0)
    }

    /// Hands a finished node to its parent, or to the documents.
    #[inline]
    fn finish(&mut self, node: Node<'s>, anchor: usize) -> Result<(), Diagnostic> {
        self.spent.nodes += 1;
        if self.spent.nodes > MAX_NODES {
            return Err(too_many(node.span));
        }
        if anchor != 0 {
            self.remember(anchor, &node)?;
        }
        let Some(parent) = self.frames.last() else {
            if !is_nothing(&node) {
                self.loaded.documents.push(node);
            }
            return Ok(());
        };
        let is_key = parent.mapping && (self.nodes.len() - parent.children).is_multiple_of(2);
        if is_key && (node.as_scalar().is_none() || is_nothing(&node)) {
            return Err(no_key(&node));
        }
        if !is_key {
            self.schema.check_value(&node)?;
        }
        self.nodes.push(node);
        Ok(())
    }

    fn remember(&mut self, number: usize, node: &Node<'s>) -> Result<(), Diagnostic> {
        let (weight, height) = weigh(node);
        self.spend(weight, node.span)?;
        if self.anchors.len() <= number {
            self.anchors.resize_with(number + 1, || None);
        }
        self.anchors[number] = Some(Anchor {
            node: node.clone(),
            weight,
            height,
        });
        Ok(())
    }

    /// An anchor has a name of letters, digits, `-` and `_`, as in YAML 1.1, and natively a value.
    /// `CommandLine: &calc.exe` is a forgotten quote, not a name for nothing.
    fn check_anchor(&self, start: usize, empty: bool) -> Result<(), Diagnostic> {
        let Some((at, name)) = self.places.anchor_name(start) else {
            return Ok(());
        };
        let is_name = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let message = if !is_name {
            "name of an anchor has characters other than letters, digits, `-` and `_`"
        } else if empty && !self.schema.allows_empty_anchors() {
            "anchor has no node"
        } else {
            return Ok(());
        };
        Err(Diagnostic::error(Code::YamlSyntax, message)
            .at(self.places.span(at, at + 1 + name.len()))
            .help("put a value that starts with `&` in quotes; an unquoted one begins an anchor"))
    }

    /// Does the schema's own reader read the scalar, too?
    fn check_style(&self, place: Span, style: ScalarStyle) -> Result<(), Diagnostic> {
        let in_brackets = self.frames.last().is_some_and(|frame| frame.flow);
        let range = self.places.range(place);
        match self
            .schema
            .stop(self.places.text(), range, style, in_brackets)
        {
            Some(slip) => Err(syntax::slipped(&slip, &self.places)),
            None => Ok(()),
        }
    }

    fn spend(&mut self, weight: Weight, place: Span) -> Result<(), Diagnostic> {
        self.spent.nodes += weight.nodes;
        self.spent.bytes += weight.bytes;
        if self.spent.nodes > MAX_NODES || self.spent.bytes > MAX_REPEATED_BYTES {
            return Err(too_many(place));
        }
        Ok(())
    }
}

/// A key is one piece of text.
fn no_key(node: &Node<'_>) -> Diagnostic {
    if node.as_scalar().is_some() {
        return Diagnostic::error(Code::KeyNotScalar, "expected a key, found nothing")
            .at(node.span)
            .help("write a key before the `:`, or put a value that starts with `: ` in quotes");
    }
    let message = format!("expected a name as the key, found {}", node.kind());
    Diagnostic::error(Code::KeyNotScalar, message)
        .at(node.span)
        .help("write a word as the key; put a value that starts with `[` or `{` in quotes")
}

/// An empty document's only node.
fn is_nothing(node: &Node<'_>) -> bool {
    node.as_scalar()
        .is_some_and(|scalar| scalar.plain && scalar.text.is_empty() && scalar.tag.is_none())
}

/// The cost and the height of a node. Recursion is bounded by [`MAX_DEPTH`].
fn weigh(node: &Node<'_>) -> (Weight, usize) {
    let mut weight = Weight { nodes: 1, bytes: 0 };
    let mut height = 0;
    let mut add = |child: &Node<'_>| {
        let (more, below) = weigh(child);
        weight.nodes += more.nodes;
        weight.bytes += more.bytes;
        height = height.max(below);
    };
    match &node.content {
        Content::Scalar(scalar) => {
            if let Cow::Owned(text) = &scalar.text {
                weight.bytes += text.len();
            }
            return (weight, 0);
        }
        Content::Sequence(items) => items.iter().for_each(add),
        Content::Mapping(pairs) => {
            for (key, value) in pairs {
                add(key);
                add(value);
            }
        }
    }
    (weight, height + 1)
}

fn lost_alias(inside: bool, place: Span) -> Diagnostic {
    if inside {
        Diagnostic::error(
            Code::RecursiveAlias,
            "alias is inside the node that it names",
        )
        .at(place)
        .help("write the value out, or put a value that starts with `*` in quotes")
    } else {
        Diagnostic::error(
            Code::YamlSyntax,
            "alias `*` names no anchor of this document",
        )
        .at(place)
        .help("put a value that starts with a wildcard in quotes; an unquoted `*` begins an alias")
    }
}

fn too_many(place: Span) -> Diagnostic {
    Diagnostic::error(
        Code::YamlTooLarge,
        format!("file has more than {MAX_NODES} values, aliases included"),
    )
    .at(place)
    .help("split the file, or use fewer aliases")
}
