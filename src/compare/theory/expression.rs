//! Regular expressions between two wildcard patterns.
//!
//! In: `^net\s+use`. Out: a pattern that takes all its texts and more, `net*use*`, and, for the plain
//! expressions that can be had as patterns, one that takes none but its texts: `\.exe$` has `*.exe`.
//! What lies between the two is not known.

use super::glob::{Glob, Symbol};
use crate::pattern::ast::{GroupKind, Kind, Mode, Node};
use crate::pattern::parse;
use crate::rule::{Regex, fold};

/// What is known of an expression's texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::compare) struct Bounds {
    /// Takes every text that the expression does.
    pub outer: Option<Glob>,
    /// Takes only texts that the expression does.
    pub inner: Option<Glob>,
}

/// What is known of a regular expression; nothing of one that is not valid.
pub(super) fn bounds(regex: &Regex<'_>) -> Bounds {
    let Ok(parsed) = parse(regex) else {
        return Bounds::default();
    };
    let mut nodes = Vec::new();
    flatten(&parsed.root, &mut nodes);
    let mut reader = Reader {
        exact: true,
        cased: None,
        symbols: Vec::new(),
        outer_only: Vec::new(),
        hopeless: false,
    };
    let opens = !matches!(nodes.first(), Some(Kind::Start { lines: false }));
    let (last, loose) = match nodes.last() {
        Some(Kind::TextEnd) => (nodes.len() - 1, false),
        Some(Kind::End { lines: false }) => (nodes.len() - 1, true),
        _ => (nodes.len(), false),
    };
    let ends = last == nodes.len();
    let mut nodes = &nodes[usize::from(!opens).min(last)..last];
    // What an open end takes anyway says nothing.
    while let (true, [Kind::Repeat { .. }, rest @ ..]) = (opens, nodes)
        && is_any(nodes[0])
    {
        nodes = rest;
    }
    while let (true, [rest @ .., last]) = (ends, nodes)
        && is_any(last)
    {
        nodes = rest;
    }
    if opens {
        reader.push(Symbol::Any);
    }
    for node in nodes {
        reader.read(node);
    }
    if ends {
        reader.push(Symbol::Any);
    }
    if reader.hopeless {
        return Bounds::default();
    }
    let inner = reader.exact.then(|| reader.glob(&reader.symbols));
    let mut outer = reader.outer_only.clone();
    // `$` lets one newline follow.
    outer.extend(loose.then_some(Symbol::Any));
    Bounds {
        outer: Some(reader.glob(&outer)),
        inner,
    }
}

/// The pieces of an expression one after another, groups that only group opened.
fn flatten<'n>(node: &'n Node, pieces: &mut Vec<&'n Kind>) {
    match &node.kind {
        Kind::Concat(nodes) => {
            for node in nodes {
                flatten(node, pieces);
            }
        }
        Kind::Group {
            kind: GroupKind::Capture | GroupKind::Plain,
            node,
        } => flatten(node, pieces),
        Kind::Empty => {}
        kind => pieces.push(kind),
    }
}

/// `.*`, at an edge where anything may be.
fn is_any(kind: &Kind) -> bool {
    match kind {
        Kind::Repeat {
            node,
            min: 0,
            max: None,
            mode: Mode::Greedy | Mode::Lazy,
        } => matches!(node.kind, Kind::Dot { .. }),
        _ => false,
    }
}

struct Reader {
    /// Has everything been said exactly?
    exact: bool,
    /// Does case matter to the letters so far?
    cased: Option<bool>,
    symbols: Vec<Symbol>,
    /// The same for the outer pattern: letters that the engine folds further are any character.
    outer_only: Vec<Symbol>,
    /// There is something whose effect on the rest is not known.
    hopeless: bool,
}

impl Reader {
    fn push(&mut self, symbol: Symbol) {
        self.symbols.push(symbol);
        self.outer_only.push(symbol);
    }

    fn glob(&self, symbols: &[Symbol]) -> Glob {
        Glob::normal(symbols.to_vec(), self.cased == Some(true))
    }

    fn read(&mut self, kind: &Kind) {
        match kind {
            Kind::Literal { c, fold } => self.literal(*c, *fold),
            Kind::Dot { newline } => {
                self.exact &= *newline;
                self.push(Symbol::One);
            }
            Kind::Class(_) => self.inexact(Some(Symbol::One)),
            Kind::Repeat {
                node,
                min: 0,
                max: None,
                mode: Mode::Greedy | Mode::Lazy,
            } if node.kind == (Kind::Dot { newline: true }) => self.push(Symbol::Any),
            Kind::Repeat { .. } | Kind::Alternation(_) | Kind::BackReference { .. } => {
                self.inexact(Some(Symbol::Any));
            }
            Kind::Group { kind, .. } => match kind {
                GroupKind::Atomic => self.inexact(Some(Symbol::Any)),
                GroupKind::Pcre(_) => self.hopeless = true,
                _ => self.inexact(None),
            },
            Kind::Verbatim { .. } => self.hopeless = true,
            _ => self.inexact(None),
        }
    }

    fn inexact(&mut self, outer: Option<Symbol>) {
        self.exact = false;
        self.outer_only.extend(outer);
    }

    fn literal(&mut self, c: char, folds: bool) {
        self.symbols.push(Symbol::Char(c));
        if fold::counterpart(c).is_none() && c.is_ascii() {
            self.outer_only.push(Symbol::Char(c));
            return;
        }
        // Engines pair `k` with the Kelvin sign, and `s` with the long one.
        let farther = folds && (!c.is_ascii() || matches!(c, 'k' | 'K' | 's' | 'S'));
        let outer = if farther {
            Symbol::One
        } else {
            Symbol::Char(c)
        };
        self.outer_only.push(outer);
        match self.cased {
            None => self.cased = Some(!folds),
            Some(cased) if cased == folds => {
                // Case matters to some letters: the outer pattern is one to which it never does.
                self.exact = false;
                self.cased = Some(false);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pattern::pattern;
    use crate::rule::{Pattern, RegexFlags};

    fn of(text: &'static str) -> Bounds {
        bounds(&Regex {
            pattern: Pattern::literal(text),
            flags: RegexFlags::default(),
        })
    }

    fn glob(text: &str, cased: bool) -> Glob {
        Glob::new(&pattern(text), cased)
    }

    #[test]
    fn plain_expressions_are_patterns() {
        for (regex, pattern) in [
            ("foo", "*foo*"),
            (".*foo.*", "*foo*"),
            (r"^foo\z", "foo"),
            ("^(foo)", "foo*"),
            ("(?s)^a.*b", "a*b*"),
        ] {
            let pattern = Some(glob(pattern, true));
            let bounds = of(regex);
            assert_eq!(
                (&bounds.inner, &bounds.outer),
                (&pattern, &pattern),
                "{regex}"
            );
        }
    }

    #[test]
    fn the_rest_lies_between_two_patterns() {
        for (regex, inner, outer, cased) in [
            ("foo$", Some("*foo"), "*foo*", true),
            (r"^net\s+use", None, "net*use*", true),
            ("(?i)^bin", Some("bin*"), "bin*", false),
            ("(?i)^task", Some("task*"), "ta??*", false),
            ("^a(?i)b", None, "ab*", false),
            ("a(?=b)c", None, "*ac*", true),
            ("a.c", None, "*a?c*", true),
            ("foo|bar", None, "*", true),
            ("a^b", None, "*ab*", true),
        ] {
            let bounds = of(regex);
            assert_eq!(
                bounds.inner,
                inner.map(|inner| glob(inner, cased)),
                "{regex}"
            );
            assert_eq!(bounds.outer, Some(glob(outer, cased)), "{regex}");
        }
        assert_eq!(of("("), Bounds::default());
    }
}
