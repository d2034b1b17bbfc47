//! Unanchored expressions for engines that match the whole value.
//!
//! In: a tree. Out: the tree with `.*` wherever the expression may begin or end in the middle of
//! the value, branch by branch: `^a|b$` becomes `a.*|.*b$`, `(?:^|\s)x` becomes `(?:|.*\s)x.*`.

use super::ast::{GroupKind, Kind, Mode, Node};
use super::wildcard::any;

/// Opens both ends of an expression. A `^` at the start is gone; a `$` at the end stays, for it may
/// have to take a last newline.
pub(super) fn open(root: Node) -> Node {
    open_at(root, true, true)
}

fn open_at(node: Node, left: bool, right: bool) -> Node {
    if !anchored_at(&node, left, right) {
        return wrap(node, left, right);
    }
    let span = node.span;
    let kind = match node.kind {
        Kind::Alternation(branches) => Kind::Alternation(
            branches
                .into_iter()
                .map(|branch| open_at(branch, left, right))
                .collect(),
        ),
        Kind::Group { kind, node } => Kind::Group {
            kind,
            node: Box::new(open_at(*node, left, right)),
        },
        Kind::Concat(nodes) => Kind::Concat(open_concat(nodes, left, right)),
        Kind::Start { .. } if right => return any(),
        Kind::Start { .. } => Kind::Empty,
        end if left => Kind::Concat(vec![any(), Node::new(span, end)]),
        end => end,
    };
    Node::new(span, kind)
}

fn open_concat(mut nodes: Vec<Node>, left: bool, right: bool) -> Vec<Node> {
    if left {
        let closed = nodes.iter().take_while(|node| is_start(node)).count();
        if closed > 0 {
            nodes.drain(..closed);
        } else {
            let first = nodes.remove(0);
            nodes.insert(0, open_at(first, true, false));
        }
    }
    if right && let Some(last) = nodes.pop() {
        nodes.push(open_at(last, false, true));
    } else if right {
        nodes.push(any());
    }
    nodes
}

/// The node with `.*` around it. A `.*` that the rule has there already is absorbed.
fn wrap(node: Node, left: bool, right: bool) -> Node {
    let span = node.span;
    let mut nodes = match node.kind {
        Kind::Concat(nodes) => nodes,
        Kind::Empty => Vec::new(),
        Kind::Alternation(_) => vec![Node::new(
            span,
            Kind::Group {
                kind: GroupKind::Plain,
                node: Box::new(node),
            },
        )],
        kind => vec![Node::new(span, kind)],
    };
    if left {
        let absorbed = nodes.iter().take_while(|node| is_any(node)).count();
        nodes.drain(..absorbed);
    }
    if right {
        while nodes.last().is_some_and(is_any) {
            nodes.pop();
        }
    }
    if left {
        nodes.insert(0, any());
    }
    if right && !(left && nodes.len() == 1) {
        nodes.push(any());
    }
    match nodes.len() {
        0 => Node::new(span, Kind::Empty),
        1 => nodes.remove(0),
        _ => Node::new(span, Kind::Concat(nodes)),
    }
}

/// Is an anchor of the whole value at one of these edges?
fn anchored_at(node: &Node, left: bool, right: bool) -> bool {
    match &node.kind {
        Kind::Start { lines: false } => left,
        Kind::End { lines: false } | Kind::TextEnd => right,
        Kind::Alternation(branches) => branches
            .iter()
            .any(|branch| anchored_at(branch, left, right)),
        Kind::Concat(nodes) => {
            let first = nodes
                .first()
                .is_some_and(|node| anchored_at(node, left, false));
            first
                || nodes
                    .last()
                    .is_some_and(|node| anchored_at(node, false, right))
        }
        Kind::Group {
            kind: GroupKind::Capture | GroupKind::Plain,
            node,
        } => anchored_at(node, left, right),
        _ => false,
    }
}

const fn is_start(node: &Node) -> bool {
    matches!(node.kind, Kind::Start { lines: false })
}

fn is_any(node: &Node) -> bool {
    match &node.kind {
        Kind::Repeat {
            node,
            min: 0,
            max: None,
            mode: Mode::Greedy | Mode::Lazy,
        } => matches!(node.kind, Kind::Dot { .. }),
        _ => false,
    }
}
