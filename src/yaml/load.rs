//! Builds nodes from the parser's events.
//!
//! In: a text, `title: t` say. Out: one [`Node`] a document, with aliases and merge keys resolved
//! and each key once. Hostile texts end in a coded error: nesting, size and the number of nodes are
//! bounded, and nothing here recurses deeper than [`MAX_DEPTH`].

use super::place::Places;
use super::{Content, Node, Resolved, Scalar, Tag, mapping, syntax};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::source::Span;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::borrow::Cow;

/// Maps and lists inside one another. SigmaHQ's deepest rule has 6. It also bounds how deeply
/// cloning and dropping a node recurse.
pub const MAX_DEPTH: usize = 64;

/// Bytes of a file. SigmaHQ's longest rule has 30 thousand.
pub const MAX_BYTES: usize = 16 << 20;

/// Nodes of a file, those that aliases repeat and those kept for anchors included.
pub const MAX_NODES: usize = 1_000_000;

/// Bytes of text that aliases may repeat, where it isn't borrowed from the file.
pub const MAX_REPEATED_BYTES: usize = MAX_BYTES;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Loaded<'s> {
    /// The documents, up to the first error. Empty documents are left out.
    pub documents: Vec<Node<'s>>,
    /// What ended the reading early.
    pub error: Option<Diagnostic>,
    /// What is doubtful: duplicate keys in the dialects that take them.
    pub warnings: Vec<Diagnostic>,
}

/// Reads all documents of a text.
///
/// ```
/// use varsigma::{dialect::Dialect, yaml};
/// let loaded = yaml::load("title: t\nlevel: high\n", &Dialect::SPECIFICATION);
/// assert_eq!(loaded.documents[0].get("level").unwrap().as_scalar().unwrap().text, "high");
/// ```
#[must_use]
pub fn load<'s>(text: &'s str, dialect: &Dialect) -> Loaded<'s> {
    let mut loaded = Loaded::default();
    if let Err(error) = load_into(text, dialect, &mut loaded) {
        loaded.error = Some(error);
    }
    loaded
}

fn load_into<'s>(
    text: &'s str,
    dialect: &Dialect,
    loaded: &mut Loaded<'s>,
) -> Result<(), Diagnostic> {
    if text.len() > MAX_BYTES {
        let message = format!("file has {} bytes, the limit is {MAX_BYTES}", text.len());
        return Err(Diagnostic::error(Code::YamlTooLarge, message)
            .at(Span::new(0, 0))
            .help("split the file: a Sigma rule is a few thousand bytes"));
    }
    let (unprintable, ascii) = syntax::find_unprintable(text);
    if let Some((offset, character)) = unprintable {
        return Err(syntax::unprintable(character, offset));
    }
    let body = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut builder = Builder {
        dialect,
        places: Places::new(body, text.len() - body.len(), ascii),
        nodes: Vec::with_capacity(32),
        frames: Vec::with_capacity(8),
        anchors: Vec::new(),
        spent: Weight::default(),
        loaded,
    };
    let mut parser = Parser::new_from_str(body);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => return Err(syntax::error(&error, &mut builder.places)),
        }
    }
    Ok(())
}

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

/// What repeating a node costs.
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

struct Builder<'s, 'd> {
    dialect: &'d Dialect,
    places: Places<'s>,
    /// Finished nodes whose parents are not, keys and values in turn.
    nodes: Vec<Node<'s>>,
    frames: Vec<Frame>,
    /// By the parser's number; `None` while the node is not finished.
    anchors: Vec<Option<Anchor<'s>>>,
    spent: Weight,
    loaded: &'d mut Loaded<'s>,
}

impl<'s> Builder<'s, '_> {
    fn take(&mut self, event: Event<'s>, span: saphyr_parser::Span) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let mut start = self.places.byte(span.start.index());
                let tagged = tag.is_some() || anchor != 0;
                if tagged {
                    start = self.places.skip_properties(start);
                }
                let (text, place) = self.places.scalar(value, style, start, span.end.index());
                let mut scalar = Scalar {
                    text,
                    plain: style == ScalarStyle::Plain,
                    tag: None,
                };
                if let Some(tag) = tag {
                    scalar.tag = Some(scalar_tag(&tag, place)?);
                    self.check_tag(&scalar, place)?;
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
        if tag.is_some() || anchor != 0 {
            start = self.places.skip_properties(start);
        }
        let here = self.places.character_span(start);
        if let Some((tag, expected)) = tag
            && core_tag(tag) != Some(expected)
        {
            return Err(foreign_tag(tag, here));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(too_deep(here));
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
            let end = self.places.byte(span.end.index());
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
                self.dialect,
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

    /// Puts a copy of an anchor's node where its alias stands.
    fn repeat(&mut self, number: usize, span: saphyr_parser::Span) -> Result<(), Diagnostic> {
        let start = self.places.byte(span.start.index());
        let end = self.places.byte(span.end.index());
        let place = self.places.span(start, end);
        let Some(Some(anchor)) = self.anchors.get(number) else {
            let inside = self.frames.iter().any(|frame| frame.anchor == number);
            return Err(lost_alias(inside, place));
        };
        if self.frames.len() + anchor.height > MAX_DEPTH {
            return Err(too_deep(place));
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
        if is_key && node.as_scalar().is_none() {
            return Err(
                Diagnostic::error(
                    Code::KeyNotScalar,
                    format!("expected a name as the key, found {}", node.kind()),
                )
                .at(node.span)
                .help("a key is a word or a quoted text; a value that starts with `[` or `{` needs quotes"),
            );
        }
        if !is_key && self.dialect.yaml11 {
            reject_special(&node)?;
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

    fn spend(&mut self, weight: Weight, place: Span) -> Result<(), Diagnostic> {
        self.spent.nodes += weight.nodes;
        self.spent.bytes += weight.bytes;
        if self.spent.nodes > MAX_NODES || self.spent.bytes > MAX_REPEATED_BYTES {
            return Err(too_many(place));
        }
        Ok(())
    }

    /// A scalar under `!!int` has to be a whole number, and so on.
    fn check_tag(&self, scalar: &Scalar<'s>, place: Span) -> Result<(), Diagnostic> {
        let name = match scalar.tag {
            Some(Tag::Int) => "int",
            Some(Tag::Float) => "float",
            Some(Tag::Bool) => "bool",
            Some(Tag::Str | Tag::Null) | None => return Ok(()),
        };
        if scalar.resolve(self.dialect) != Resolved::String {
            return Ok(());
        }
        let message = format!("value does not fit its tag `!!{name}`");
        Err(Diagnostic::error(Code::TagValue, message)
            .at(place)
            .help("remove the tag, or correct the value"))
    }
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

/// The name of a tag of YAML's own, without its prefix; `!` alone says "text" or "as it looks".
fn core_tag(tag: &saphyr_parser::Tag) -> Option<&str> {
    const PREFIX: &str = "tag:yaml.org,2002:";
    if tag.handle == PREFIX {
        return Some(&tag.suffix);
    }
    tag.suffix
        .strip_prefix(PREFIX)
        .filter(|_| tag.handle.is_empty())
}

fn scalar_tag(tag: &saphyr_parser::Tag, place: Span) -> Result<Tag, Diagnostic> {
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(Tag::Str);
    }
    match core_tag(tag) {
        Some("str") => Ok(Tag::Str),
        Some("int") => Ok(Tag::Int),
        Some("float") => Ok(Tag::Float),
        Some("bool") => Ok(Tag::Bool),
        Some("null") => Ok(Tag::Null),
        _ => Err(foreign_tag(tag, place)),
    }
}

fn foreign_tag(tag: &saphyr_parser::Tag, place: Span) -> Diagnostic {
    let name: String = match core_tag(tag) {
        Some(name) => format!("!!{name}"),
        None => format!("{}{}", tag.handle, tag.suffix),
    };
    let name: String = name.chars().take(60).collect();
    Diagnostic::error(
        Code::ForeignTag,
        format!("tag `{name}` has no meaning here"),
    )
    .at(place)
    .help("an unquoted `!` begins a tag; put a value that starts with it in single quotes")
}

/// `=` and `<<` have types of their own in YAML 1.1, and PyYAML has no value for them.
fn reject_special(node: &Node<'_>) -> Result<(), Diagnostic> {
    match node.as_scalar() {
        Some(scalar)
            if scalar.plain && scalar.tag.is_none() && matches!(&*scalar.text, "=" | "<<") =>
        {
            let message = format!("unquoted `{}` is no value in YAML 1.1", scalar.text);
            Err(Diagnostic::error(Code::SpecialValue, message)
                .at(node.span)
                .help("put it in quotes"))
        }
        _ => Ok(()),
    }
}

fn lost_alias(inside: bool, place: Span) -> Diagnostic {
    if inside {
        Diagnostic::error(Code::RecursiveAlias, "alias stands inside what it names")
            .at(place)
            .help("write the value out; a value that starts with `*` needs quotes")
    } else {
        Diagnostic::error(
            Code::YamlSyntax,
            "alias `*` names no anchor of this document",
        )
        .at(place)
        .help("an unquoted `*` begins an alias; a value that starts with a wildcard needs quotes")
    }
}

fn too_deep(place: Span) -> Diagnostic {
    Diagnostic::error(
        Code::YamlTooDeep,
        format!("maps and lists are nested more than {MAX_DEPTH} deep"),
    )
    .at(place)
    .help("write the value in fewer levels")
}

fn too_many(place: Span) -> Diagnostic {
    Diagnostic::error(
        Code::YamlTooLarge,
        format!("file comes to more than {MAX_NODES} values, aliases included"),
    )
    .at(place)
    .help("split the file, or use fewer aliases")
}
