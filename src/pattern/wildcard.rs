//! Wildcard patterns as regular expressions, for engines that have no better way.
//!
//! In: `*\cmd?.exe`. Out: the tree of `(?s)^.*\\cmd.\.exe\z`.

use super::ast::{Kind, Mode, Node, ParsedRegex};
use crate::rule::fold::counterpart;
use crate::rule::{Part, Pattern};
use crate::source::Span;

/// Does case matter?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `Foo` matches only itself (`|cased`).
    Exact,
    /// `Foo` matches `foo` too.
    Ignored,
}

/// The expression that matches the values a pattern does: the whole value, with newlines.
/// Placeholders stand for their own text; no stage leaves any.
#[must_use]
pub fn from_pattern(pattern: &Pattern<'_>, case: Case) -> ParsedRegex {
    let node = |kind| Node::new(Span::default(), kind);
    let mut nodes = vec![node(Kind::Start { lines: false })];
    for part in &pattern.parts {
        match part {
            Part::Literal(text) | Part::Placeholder(text) => {
                nodes.extend(text.chars().map(|c| {
                    let fold = case == Case::Ignored && counterpart(c).is_some();
                    node(Kind::Literal { c, fold })
                }));
            }
            Part::One => nodes.push(node(Kind::Dot { newline: true })),
            Part::Any => nodes.push(any()),
        }
    }
    nodes.push(node(Kind::TextEnd));
    ParsedRegex {
        root: node(Kind::Concat(nodes)),
    }
}

/// `(?s:.*)`
pub(super) fn any() -> Node {
    let dot = Node::new(Span::default(), Kind::Dot { newline: true });
    Node::new(
        Span::default(),
        Kind::Repeat {
            node: Box::new(dot),
            min: 0,
            max: None,
            mode: Mode::Greedy,
        },
    )
}
