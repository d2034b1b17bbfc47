//! A regular expression as a tree. Flags are resolved: each node knows whether case, lines and
//! newlines matter to it, wherever `(?i)` was written.

use crate::backend::regex::RegexFeature;
use crate::source::Span;

/// A regular expression that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedRegex {
    /// The whole expression; spans count bytes of its text.
    pub root: Node,
}

/// A piece of an expression and where it is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Bytes of the expression's text.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, as between the bars of `a||b`.
    Empty,
    /// `a`, `\.`, `\x41`; `fold` where case does not matter.
    Literal {
        /// The character.
        c: char,
        /// Does its other case match too?
        fold: bool,
    },
    /// `.`
    Dot {
        /// Does it match a newline too?
        newline: bool,
    },
    /// `[a-z]`, `\d`
    Class(Class),
    /// `^`, `\A`
    Start {
        /// At every line?
        lines: bool,
    },
    /// `$`, `\Z`: the end, or before a last newline.
    End {
        /// At every line?
        lines: bool,
    },
    /// `\z`: the very end.
    TextEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NotBoundary,
    /// `ab`
    Concat(Vec<Node>),
    /// `a|b`
    Alternation(Vec<Node>),
    /// `a*`, `a{2,3}?`, `a++`
    Repeat {
        /// What is repeated.
        node: Box<Node>,
        /// At least so often.
        min: u32,
        /// At most so often.
        max: Option<u32>,
        /// How eagerly.
        mode: Mode,
    },
    /// `(a)`, `(?:a)`, `(?=a)`
    Group {
        /// What the parentheses say.
        kind: GroupKind,
        /// What is in them.
        node: Box<Node>,
    },
    /// `\1`
    BackReference {
        /// The group's number.
        group: u32,
        /// Does case not matter?
        fold: bool,
    },
    /// Syntax that only some engines have, as written: `\p{L}`, `\K`, `(?R)`.
    Verbatim {
        /// The text.
        text: String,
        /// What an engine needs for it.
        feature: RegexFeature,
        /// What it is, for messages: "a recursion".
        name: &'static str,
    },
}

/// How eagerly a repetition takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `a*`
    Greedy,
    /// `a*?`: matches the same values.
    Lazy,
    /// `a*+`: gives nothing back.
    Possessive,
}

/// What parentheses mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKind {
    /// `(a)`, `(?<name>a)`
    Capture,
    /// `(?:a)`, `(?i:a)`
    Plain,
    /// `(?>a)`
    Atomic,
    /// `(?=a)`
    LookAhead,
    /// `(?!a)`
    NotAhead,
    /// `(?<=a)`
    LookBehind,
    /// `(?<!a)`
    NotBehind,
    /// `(?(1)a|b)`, `(?|a|b)`: the opening text.
    Pcre(String),
}

/// A class of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `[^…]`
    pub negated: bool,
    /// The members, in the order written.
    pub items: Vec<ClassItem>,
    /// Does case not matter?
    pub fold: bool,
}

/// A member of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassItem {
    /// `a-z`; a single character is a range of one.
    Range(char, char),
    /// `\d`, `\W`
    Set {
        /// Which.
        set: Set,
        /// `\D` for `\d`.
        negated: bool,
    },
    /// `\p{L}`, as written.
    Property(String),
}

/// A named set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// `\d`
    Digit,
    /// `\w`
    Word,
    /// `\s`
    Space,
    /// `\h`: horizontal white space.
    Horizontal,
    /// `\v`: vertical white space.
    Vertical,
    /// `[:alpha:]` and its like.
    Posix(Posix),
}

/// A POSIX class, of ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posix {
    /// `alpha`
    pub name: &'static str,
    /// Its members.
    pub ranges: &'static [(char, char)],
}

impl Set {
    /// The members.
    #[must_use]
    pub const fn ranges(self) -> &'static [(char, char)] {
        match self {
            Self::Digit => &[('0', '9')],
            Self::Word => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            Self::Space => &[(' ', ' '), ('\t', '\r')],
            Self::Horizontal => &[
                ('\t', '\t'),
                (' ', ' '),
                ('\u{a0}', '\u{a0}'),
                ('\u{1680}', '\u{1680}'),
                ('\u{180e}', '\u{180e}'),
                ('\u{2000}', '\u{200a}'),
                ('\u{202f}', '\u{202f}'),
                ('\u{205f}', '\u{205f}'),
                ('\u{3000}', '\u{3000}'),
            ],
            Self::Vertical => &[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')],
            Self::Posix(posix) => posix.ranges,
        }
    }
}

impl Node {
    /// A node of a text that no rule holds, or of the place `span`.
    #[must_use]
    pub const fn new(span: Span, kind: Kind) -> Self {
        Self { span, kind }
    }

    /// The nodes inside it.
    pub fn children(&self) -> std::slice::Iter<'_, Node> {
        match &self.kind {
            Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter(),
            Kind::Repeat { node, .. } | Kind::Group { node, .. } => {
                std::slice::from_ref(node.as_ref()).iter()
            }
            _ => [].iter(),
        }
    }

    /// Calls `visit` for this node and all inside it, in the order written.
    pub fn walk(&self, visit: &mut impl FnMut(&Node)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}
