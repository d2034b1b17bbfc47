//! What a tree asks of case, lines and newlines, so that one flag in front can serve it all.

use crate::backend::regex::{FlagScope, RegexDialect};
use crate::pattern::ast::{Kind, Node};
use crate::pattern::class::is_cased;
use crate::rule::fold::counterpart;

/// What a node asks of case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Nothing: it has no letters.
    Any,
    /// `Foo` is not `foo`.
    Exact,
    /// `Foo` is `foo`.
    Ignored,
    /// Both, in different places.
    Mixed,
}

impl Case {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, one) | (one, Self::Any) => one,
            (a, b) if a == b => a,
            _ => Self::Mixed,
        }
    }
}

/// The flags switched at the start of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(super) struct LeadingFlags {
    /// Does case not matter at the start?
    pub fold: bool,
    /// Do `^` and `$` match at lines?
    pub lines: bool,
    /// Does `.` match a newline?
    pub newline: bool,
    /// Are there letters?
    letters: bool,
}

/// What a node asks of case.
pub(super) fn case(node: &Node) -> Case {
    let own = match &node.kind {
        Kind::Literal { c, fold } if counterpart(*c).is_some() => Some(*fold),
        Kind::Class(class) if is_cased(class) => Some(class.fold),
        Kind::BackReference { fold, .. } => Some(*fold),
        _ => None,
    };
    let own = match own {
        None => Case::Any,
        Some(true) => Case::Ignored,
        Some(false) => Case::Exact,
    };
    node.children()
        .fold(own, |known, child| known.and(case(child)))
}

/// What a flag has to be switched for where case is ignored, or is not.
pub(super) const fn other(folding: bool) -> Case {
    if folding { Case::Exact } else { Case::Ignored }
}

/// The end of the run that starts at `at` and can share its switch of case.
pub(super) fn run(nodes: &[Node], at: usize) -> usize {
    let wanted = case(&nodes[at]);
    let mut end = at + 1;
    for (index, node) in nodes.iter().enumerate().skip(at + 1) {
        match case(node) {
            Case::Any => {}
            found if found == wanted => end = index + 1,
            _ => break,
        }
    }
    end
}

/// The flags to switch at the start.
pub(super) fn front(root: &Node, dialect: &RegexDialect) -> LeadingFlags {
    let letters = case(root);
    let (mut dots, mut places) = ([false; 2], [false; 2]);
    root.walk(&mut |node| match node.kind {
        Kind::Dot { newline } => dots[usize::from(newline)] = true,
        Kind::Start { lines } | Kind::End { lines } => places[usize::from(lines)] = true,
        _ => {}
    });
    let flags = dialect.flags != FlagScope::None;
    let scoped = dialect.flags == FlagScope::Scoped;
    let fold = match letters {
        Case::Ignored => flags,
        Case::Exact | Case::Mixed | Case::Any => false,
    };
    // Where an expression has both kinds of `^`, a strict `\A` lets the other have the flag.
    let strict = dialect.text_start.is_some() && dialect.text_end.is_some();
    let lines = flags && !dialect.multi_line.is_empty() && places[1] && (!places[0] || strict);
    let newline = match dots {
        [false, true] if flags && !dialect.dot_matches_newline => true,
        [true, false] if scoped && dialect.dot_matches_newline => false,
        _ => dialect.dot_matches_newline,
    };
    LeadingFlags {
        fold,
        lines,
        newline,
        letters: letters != Case::Any,
    }
}

impl LeadingFlags {
    /// `(?i)`, `(?is-m)`, or nothing; without the brackets where flags come after the expression.
    pub(super) fn text(self, root: &Node, dialect: &RegexDialect) -> String {
        let (mut on, mut off) = (String::new(), String::new());
        let (mut by_lines, mut by_classes) = (false, false);
        root.walk(&mut |node| match node.kind {
            Kind::Dot { .. } | Kind::Start { .. } | Kind::End { .. } => by_lines = true,
            Kind::Class(_) | Kind::Boundary | Kind::NotBoundary => by_classes = true,
            _ => {}
        });
        if by_lines {
            on.push_str(&dialect.newline_flag);
        }
        if by_classes {
            on.push_str(&dialect.ascii_flag);
        }
        match (self.fold, dialect.case_by_column) {
            (true, _) => on.push_str(&dialect.ignore_case),
            (false, true) if self.letters => off.push_str(&dialect.ignore_case),
            _ => {}
        }
        if self.lines {
            on.push_str(&dialect.multi_line);
        }
        let dot_all = match dialect.dot_all.as_str() {
            "" => "s",
            letter => letter,
        };
        match (self.newline, dialect.dot_matches_newline) {
            (true, false) => on.push_str(dot_all),
            (false, true) => off.push_str(dot_all),
            _ => {}
        }
        if dialect.flags == FlagScope::After {
            return on;
        }
        match (on.is_empty(), off.is_empty()) {
            (true, true) => String::new(),
            (_, true) => format!("(?{on})"),
            (_, false) => format!("(?{on}-{off})"),
        }
    }
}
