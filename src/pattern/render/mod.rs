//! Writes an expression in an engine's dialect.
//!
//! In: a [`ParsedRegex`] and a [`RegexDialect`]. Out: text, what it changes in meaning, or a refusal
//! at the first thing the engine has no way to say.

mod brackets;
mod flags;
mod place;
mod repeat;

use super::anchor::open;
use super::ast::{GroupKind, Kind, Node, ParsedRegex};
use super::refusal::{Departure, Refusal};
use crate::backend::regex::{CodePoint, FlagScope, RegexDialect, RegexFeature};
use crate::rule::fold::counterpart;
use crate::source::Span;
use flags::{Case, LeadingFlags};
use std::fmt::Write as _;

/// An expression in an engine's dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The expression, not yet quoted for the query language around it.
    pub text: String,
    /// The flags after it, in a dialect that has them there: `i`.
    pub flags: String,
    /// Where it matches more or less than the rule; empty for an exact one.
    pub departures: Vec<Departure>,
}

/// Writes an expression in an engine's dialect.
///
/// # Errors
/// The engine has no way to say a part of it.
pub fn render(regex: &ParsedRegex, dialect: &RegexDialect) -> Result<Rendered, Refusal> {
    let opened;
    let root = if dialect.anchored {
        opened = open(regex.root.clone());
        &opened
    } else {
        &regex.root
    };
    let front = flags::front(root, dialect);
    let flags = front.text(root, dialect);
    let (text, flags) = match dialect.flags {
        FlagScope::After => (String::new(), flags),
        _ => (flags, String::new()),
    };
    let mut writer = Writer {
        dialect,
        front,
        folding: front.fold,
        text,
        departures: Vec::new(),
    };
    writer.node(root, Binding::Alternation, true)?;
    if let Some(last) = &dialect.last_backslash
        && writer.text.ends_with(r"\\")
    {
        writer.text.truncate(writer.text.len() - 2);
        writer.text.push_str(last);
    }
    Ok(Rendered {
        text: writer.text,
        flags,
        departures: writer.departures,
    })
}

/// How tightly what is around a node binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Alternation,
    Concat,
    Repeat,
}

struct Writer<'d> {
    dialect: &'d RegexDialect,
    front: LeadingFlags,
    /// Does a flag make case not matter here?
    folding: bool,
    text: String,
    departures: Vec<Departure>,
}

impl Writer<'_> {
    /// Writes a node; `tail` where nothing can follow it in a match.
    fn node(&mut self, node: &Node, around: Binding, tail: bool) -> Result<(), Refusal> {
        if self.dialect.flags == FlagScope::Scoped {
            let case = flags::case(node);
            if case == Case::Ignored && !self.folding {
                return self.with_folding(true, node, tail);
            }
            if case == Case::Exact && self.folding {
                return self.with_folding(false, node, tail);
            }
        }
        match &node.kind {
            Kind::Empty if around == Binding::Repeat => self.text.push_str(self.opening()),
            Kind::Empty => {}
            Kind::Literal { c, fold } => self.literal(*c, *fold),
            Kind::Dot { newline } => self.dot(*newline, node.span),
            Kind::Class(class) => self.class(class, node.span)?,
            Kind::Start { lines } => self.start(*lines, node.span)?,
            Kind::End { lines } => self.end(*lines, tail, around, node.span)?,
            Kind::TextEnd => self.text_end(tail, node.span)?,
            Kind::Boundary => self.boundary(true, node.span)?,
            Kind::NotBoundary => self.boundary(false, node.span)?,
            Kind::Concat(nodes) => {
                let grouped = around > Binding::Concat;
                self.open_if(grouped);
                self.concat(nodes, tail)?;
                self.close_if(grouped);
            }
            Kind::Alternation(branches) => {
                self.alternation(branches, around > Binding::Alternation, tail)?;
            }
            Kind::Repeat {
                node: inner,
                min,
                max,
                mode,
            } => {
                let grouped = around > Binding::Concat;
                self.open_if(grouped);
                self.repeat(inner, *min, *max, *mode, tail, node.span)?;
                self.close_if(grouped);
            }
            Kind::Group { kind, node: inner } => {
                // `(?:a|)` is `(a)?` already where there is no empty branch.
                match &inner.kind {
                    Kind::Alternation(branches)
                        if matches!(kind, GroupKind::Capture | GroupKind::Plain)
                            && around < Binding::Repeat
                            && self.drops_a_branch(branches, tail) =>
                    {
                        self.alternation(branches, true, tail)?;
                    }
                    _ => self.group(kind, inner, tail, node.span)?,
                }
            }
            Kind::BackReference { group, .. } => {
                self.need(RegexFeature::BackReference, "a back-reference", node.span)?;
                let open = self.opening();
                let _ = write!(self.text, "{open}\\{group})");
            }
            Kind::Verbatim {
                text,
                feature,
                name,
            } => {
                self.need(*feature, name, node.span)?;
                self.text.push_str(text);
            }
        }
        if matches!(node.kind, Kind::Empty) && around == Binding::Repeat {
            self.text.push(')');
        }
        Ok(())
    }

    fn with_folding(&mut self, on: bool, node: &Node, tail: bool) -> Result<(), Refusal> {
        self.switch_folding(on);
        self.node(node, Binding::Alternation, tail)?;
        self.text.push(')');
        self.folding = !on;
        Ok(())
    }

    /// `(?i:` or `(?-i:`
    fn switch_folding(&mut self, on: bool) {
        self.folding = on;
        self.text.push_str(if on { "(?" } else { "(?-" });
        self.text.push_str(&self.dialect.ignore_case);
        self.text.push(':');
    }

    /// `ab`. Neighbors that ignore case share one `(?i:…)`.
    fn concat(&mut self, nodes: &[Node], tail: bool) -> Result<(), Refusal> {
        let scoped = self.dialect.flags == FlagScope::Scoped;
        let mut at = 0;
        while at < nodes.len() {
            let mut end = at + 1;
            if scoped && flags::case(&nodes[at]) == flags::other(self.folding) {
                end = flags::run(nodes, at);
            }
            if end > at + 1 {
                let outer = self.folding;
                self.switch_folding(!outer);
                for (index, node) in nodes.iter().enumerate().take(end).skip(at) {
                    self.node(node, Binding::Concat, tail && index + 1 == nodes.len())?;
                }
                self.text.push(')');
                self.folding = outer;
            } else {
                self.node(&nodes[at], Binding::Concat, tail && end == nodes.len())?;
            }
            at = end;
        }
        Ok(())
    }

    /// `a|b`; for engines that have no empty branch, `(a)?`.
    fn alternation(&mut self, nodes: &[Node], grouped: bool, tail: bool) -> Result<(), Refusal> {
        let optional = self.drops_a_branch(nodes, tail);
        let written: Vec<&Node> = nodes
            .iter()
            .filter(|node| !(optional && self.writes_nothing(node, tail)))
            .collect();
        self.open_if(grouped || optional);
        for (index, node) in written.iter().enumerate() {
            if index > 0 {
                self.text.push('|');
            }
            self.node(node, Binding::Alternation, tail)?;
        }
        self.close_if(grouped || optional);
        if optional {
            self.text.push('?');
        }
        Ok(())
    }

    /// Has it an empty branch, where the engine has none?
    fn drops_a_branch(&self, nodes: &[Node], tail: bool) -> bool {
        let empty = || nodes.iter().any(|node| self.writes_nothing(node, tail));
        !self.dialect.has(RegexFeature::EmptyBranch) && empty()
    }

    /// Is it a branch of which no text remains?
    fn writes_nothing(&self, node: &Node, tail: bool) -> bool {
        match &node.kind {
            Kind::Empty => true,
            Kind::TextEnd => tail && self.dialect.anchored,
            Kind::End { lines: false } => {
                tail && self.dialect.anchored && self.dialect.newline.is_none()
            }
            _ => false,
        }
    }

    fn group(
        &mut self,
        kind: &GroupKind,
        node: &Node,
        tail: bool,
        span: Span,
    ) -> Result<(), Refusal> {
        use RegexFeature::{Atomic, LookAhead, LookBehind, Pcre};
        let (open, needs) = match kind {
            GroupKind::Capture => ("(", None),
            GroupKind::Plain => (self.opening(), None),
            GroupKind::Atomic => ("(?>", Some((Atomic, "an atomic group"))),
            GroupKind::LookAhead => ("(?=", Some((LookAhead, "a look-ahead"))),
            GroupKind::NotAhead => ("(?!", Some((LookAhead, "a negative look-ahead"))),
            GroupKind::LookBehind => ("(?<=", Some((LookBehind, "a look-behind"))),
            GroupKind::NotBehind => ("(?<!", Some((LookBehind, "a negative look-behind"))),
            GroupKind::Pcre(text) => (text.as_str(), Some((Pcre, "a conditional group"))),
        };
        if let Some((feature, name)) = needs {
            self.need(feature, name, span)?;
        }
        let plain = matches!(kind, GroupKind::Capture | GroupKind::Plain);
        self.text.push_str(open);
        self.node(node, Binding::Alternation, tail && plain)?;
        self.text.push(')');
        Ok(())
    }

    fn opening(&self) -> &'static str {
        if self.dialect.has(RegexFeature::NonCapturing) {
            "(?:"
        } else {
            "("
        }
    }

    fn open_if(&mut self, grouped: bool) {
        if grouped {
            self.text.push_str(self.opening());
        }
    }

    fn close_if(&mut self, grouped: bool) {
        if grouped {
            self.text.push(')');
        }
    }

    fn literal(&mut self, c: char, fold: bool) {
        let by_flag = self.folding && (c.is_ascii() || !self.dialect.folds_ascii_only);
        let other = counterpart(c).filter(|_| fold && !by_flag);
        let Some(other) = other else {
            return self.character(c, false);
        };
        self.text.push('[');
        self.character(c, true);
        self.character(other, true);
        self.text.push(']');
    }

    /// A character that stands for itself.
    fn character(&mut self, c: char, in_brackets: bool) {
        let special = if in_brackets {
            &self.dialect.class_escape
        } else {
            &self.dialect.escape
        };
        match c {
            '\n' => match &self.dialect.newline {
                Some(newline) => self.text.push_str(newline),
                None => self.text.push('\n'),
            },
            '\t' if self.dialect.control_escapes => self.text.push_str(r"\t"),
            '\r' if self.dialect.control_escapes => self.text.push_str(r"\r"),
            '\u{c}' if self.dialect.control_escapes => self.text.push_str(r"\f"),
            c if c.is_control() || (self.dialect.ascii && !c.is_ascii()) => {
                let code = u32::from(c);
                let _ = match self.dialect.code_point {
                    CodePoint::Raw => write!(self.text, "{c}"),
                    CodePoint::Braces => write!(self.text, "\\x{{{code:X}}}"),
                    CodePoint::FourDigits => write!(self.text, "\\u{code:04X}"),
                };
            }
            c => {
                if special.contains(c) {
                    self.text.push('\\');
                }
                self.text.push(c);
            }
        }
    }

    fn need(&self, feature: RegexFeature, name: &str, span: Span) -> Result<(), Refusal> {
        if self.dialect.has(feature) {
            return Ok(());
        }
        Err(self.refuse(format!("has no {}: found {name}", feature.name()), span))
    }

    fn refuse(&self, lacks: impl std::fmt::Display, span: Span) -> Refusal {
        Refusal {
            message: format!("{} {lacks}", self.dialect.engine),
            span,
        }
    }
}
