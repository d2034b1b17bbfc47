//! Can an expression match the empty text? `a*` can, `a+` can't.

use super::ast::{GroupKind, Kind, Node};

/// Can it, as far as its parts tell? What needs a look around it counts as if.
#[must_use]
pub fn may_be_empty(node: &Node) -> bool {
    match &node.kind {
        Kind::Literal { .. } | Kind::Dot { .. } | Kind::Class(_) => false,
        Kind::Concat(nodes) => nodes.iter().all(may_be_empty),
        Kind::Alternation(nodes) => nodes.iter().any(may_be_empty),
        Kind::Repeat { node, min, .. } => *min == 0 || may_be_empty(node),
        Kind::Group {
            kind: GroupKind::Capture | GroupKind::Plain | GroupKind::Atomic,
            node,
        } => may_be_empty(node),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_empty;
    use crate::pattern::parse;
    use crate::rule::{Pattern, Regex};

    #[test]
    fn what_needs_a_character_is_not_empty() {
        let is_empty = |text: &'static str| {
            let regex = Regex {
                pattern: Pattern::literal(text),
                flags: crate::rule::RegexFlags::default(),
            };
            may_be_empty(&parse(&regex).expect("an expression").root)
        };
        for text in ["", ".*", "^$", "a*|b", "(a?)b*", "(?!a)", "a{0,3}", "x|"] {
            assert!(is_empty(text), "{text}");
        }
        for text in ["a", "^.+$", "(?=a)b", "(a|b){2}", "a?b", "[^a]"] {
            assert!(!is_empty(text), "{text}");
        }
    }
}
