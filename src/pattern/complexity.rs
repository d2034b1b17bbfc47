//! Is an expression too complex for Lucene?
//!
//! In: an expression or a wildcard pattern, and `max_determinized_states`. Out: whether Lucene refuses
//! it: it makes expressions deterministic before it runs them, and `a.{16}b` anywhere in a value has
//! more than 100,000 states then.
//!
//! Lucene's limit is an effort of ten times its number: the sum of the sizes of the sets of states.
//! Version 9 makes the parts of an expression deterministic, and later what became of the whole over
//! bytes; version 10 makes the whole so once. What either refuses is too complex.

use super::anchor::open;
use super::ast::{GroupKind, Kind, Node, ParsedRegex};
use super::automaton::Automaton;
use super::class::members;
use super::wildcard::{Case, from_pattern};
use crate::rule::fold::counterpart;
use crate::rule::{Part, Pattern};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What Lucene refuses, for each of these numbers: rules that look for the same trick in several logs
/// have the same expressions, and each wording of a test asks.
#[derive(Debug, Default)]
pub struct KnownComplexity(Mutex<HashMap<String, bool>>);

/// So many answers are kept.
const MOST_KNOWN: usize = 4096;

impl KnownComplexity {
    /// Does Lucene refuse the expression, which was rendered for it?
    pub fn regex(&self, regex: &ParsedRegex, rendered: &str, limit: usize) -> bool {
        self.known(format!("{limit}/{rendered}"), || {
            is_too_complex(regex, limit)
        })
    }

    /// Does Lucene refuse the wildcard pattern?
    pub fn pattern(&self, pattern: &Pattern<'_>, limit: usize) -> bool {
        !is_surely_simple(pattern, limit)
            && self.known(format!("{limit} {pattern:?}"), || {
                is_pattern_too_complex(pattern, limit)
            })
    }

    fn known(&self, key: String, answer: impl FnOnce() -> bool) -> bool {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().get(&key) {
            return *answer;
        }
        // Others may ask meanwhile.
        let answer = answer();
        let mut known = known();
        if known.len() < MOST_KNOWN {
            known.insert(key, answer);
        }
        answer
    }
}

/// What is known tells no settings apart.
impl PartialEq for KnownComplexity {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for KnownComplexity {}

/// Does Lucene refuse the expression, which was rendered for it?
#[must_use]
pub fn is_too_complex(regex: &ParsedRegex, max_determinized_states: usize) -> bool {
    let effort = effort(max_determinized_states);
    automata(regex, max_determinized_states).is_none_or(|(at_once, by_parts)| {
        !by_parts.ends_its_search()
            || by_parts.effort_of_bytes() >= effort
            // The bound spares nearly all expressions the second construction.
            || by_parts.effort_at_once() >= effort && at_once.determinized(effort).is_none()
    })
}

/// The expression's automaton as version 10 makes it deterministic, and what version 9 made by parts;
/// nothing where either is refused before.
pub(super) fn automata(
    regex: &ParsedRegex,
    max_determinized_states: usize,
) -> Option<(Automaton, Automaton)> {
    let root = open(regex.root.clone());
    let mut builder = Builder {
        max_determinized_states,
        by_parts: false,
    };
    let at_once = builder.node(&root)?;
    builder.by_parts = true;
    let by_parts = builder.node(&root)?;
    let by_parts = by_parts.determinized(effort(max_determinized_states))?;
    Some((at_once, by_parts))
}

/// A tenth less than Lucene's, which counts each character of a class in an alternation.
pub(super) const fn effort(max_determinized_states: usize) -> usize {
    max_determinized_states.saturating_mul(9)
}

/// Does Lucene refuse the wildcard pattern, whether or not case matters?
#[must_use]
pub fn is_pattern_too_complex(pattern: &Pattern<'_>, max_determinized_states: usize) -> bool {
    !is_surely_simple(pattern, max_determinized_states)
        && [Case::Exact, Case::Ignored]
            .into_iter()
            .any(|case| is_too_complex(&from_pattern(pattern, case), max_determinized_states))
}

/// Is a bound enough to tell that Lucene takes the wildcard pattern?
fn is_surely_simple(pattern: &Pattern<'_>, max_determinized_states: usize) -> bool {
    let (mut length, mut wildcards, mut ones) = (1, 1, 0);
    for part in &pattern.parts {
        match part {
            Part::Literal(text) | Part::Placeholder(text) => length += text.len(),
            Part::Any => wildcards += 1,
            Part::One => ones += 1,
        }
    }
    let effort = effort(max_determinized_states);
    if ones > 0 {
        let begun = length + ones;
        let sets = || sets(pattern).saturating_mul(wildcards * (wildcards + begun).max(20));
        return begun < 200 && sets() < effort;
    }
    // After each `*`, the longest begun literal tells the others: so many sets there are at most.
    let sets = wildcards * length;
    let is_small = |begun: usize| sets * (wildcards + begun).max(20) < effort;
    // Nearly all are short enough for any text to be in them.
    wildcards == 1 || length < 1000 && (is_small(length) || is_small(begun(pattern)))
}

/// How many sets of places there are between two wildcards `*` at most, where `?` leaves open what was
/// read: the longest begun stretch tells of most others whether they are begun, and of some it does not.
fn sets(pattern: &Pattern<'_>) -> usize {
    let mut stretches: Vec<Vec<Option<char>>> = vec![Vec::new()];
    for part in &pattern.parts {
        match (part, stretches.last_mut()) {
            (Part::Literal(text) | Part::Placeholder(text), Some(last)) => {
                last.extend(text.chars().map(|c| c.to_lowercase().next()));
            }
            (Part::One, Some(last)) => last.push(None),
            _ => stretches.push(Vec::new()),
        }
    }
    let begun = || {
        stretches
            .iter()
            .flat_map(|s| (0..=s.len()).map(|end| &s[..end]))
    };
    let sets = begun().map(|longest| {
        let open = begun().filter(|other| other.len() <= longest.len() && is_open(other, longest));
        1_usize.checked_shl(u32::try_from(open.count()).unwrap_or(u32::MAX))
    });
    sets.fold(0, |all, sets| {
        all.saturating_add(sets.unwrap_or(usize::MAX))
    })
}

/// May a stretch be begun or not where a longer one is, by what the `?` of that one are?
fn is_open(stretch: &[Option<char>], longer: &[Option<char>]) -> bool {
    let pairs = || stretch.iter().zip(&longer[longer.len() - stretch.len()..]);
    pairs().all(|(a, b)| a.is_none() || b.is_none() || a == b)
        && pairs().any(|(a, b)| a.is_some() && b.is_none())
}

/// How many places of its literals can be reached at once, at most.
fn begun(pattern: &Pattern<'_>) -> usize {
    let literals = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) | Part::Placeholder(text) => most_begun(text),
        Part::Any | Part::One => 0,
    });
    literals.sum()
}

/// How often a literal can be begun at once, at most: where its first character is in it, in either
/// case. Characters of several bytes have states between these, too.
fn most_begun(literal: &str) -> usize {
    let first = literal.as_bytes().first();
    let again = |byte: &&u8| first.is_some_and(|first| first.eq_ignore_ascii_case(byte));
    if literal.is_ascii() {
        literal.as_bytes().iter().filter(again).count()
    } else {
        literal.len()
    }
}

struct Builder {
    max_determinized_states: usize,
    /// Parts are made deterministic, as by Lucene 9.
    by_parts: bool,
}

impl Builder {
    /// What Lucene 9 makes deterministic wherever it is.
    fn part(&self, made: Automaton) -> Option<Automaton> {
        if self.by_parts {
            made.determinized(effort(self.max_determinized_states))
        } else {
            Some(made)
        }
    }

    fn node(&self, node: &Node) -> Option<Automaton> {
        let made = match &node.kind {
            Kind::Literal { c, fold } => {
                let other = counterpart(*c).filter(|_| *fold);
                Automaton::characters([*c].into_iter().chain(other).map(|c| (c, c)))
            }
            Kind::Dot { newline: true } => Automaton::characters([('\0', char::MAX)]),
            Kind::Dot { newline: false } => {
                Automaton::characters([('\0', '\t'), ('\u{b}', char::MAX)])
            }
            Kind::Class(class) => {
                let members = members(class)?;
                let ranges = members.ranges().iter();
                Automaton::characters(ranges.map(|range| (range.start(), range.end())))
            }
            // A last newline.
            Kind::End { .. } => Automaton::characters([('\n', '\n')]).optional(),
            Kind::Concat(_) => {
                let parts = self.all(&flat(node, |kind| matches!(kind, Kind::Concat(_))))?;
                self.part(Automaton::concat(&parts))?
            }
            Kind::Alternation(_) => self.alternation(node)?,
            Kind::Repeat {
                node: inner,
                min,
                max,
                ..
            } => self.repeat(inner, *min as usize, max.map(|max| max as usize))?,
            Kind::Group { node, .. } => self.node(node)?,
            // Anchors say nothing more, and the rest was not rendered.
            _ => Automaton::empty(),
        };
        (!made.is_cut).then_some(made)
    }

    fn all(&self, nodes: &[&Node]) -> Option<Vec<Automaton>> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn alternation(&self, node: &Node) -> Option<Automaton> {
        let branches = flat(node, |kind| matches!(kind, Kind::Alternation(_)));
        let is_empty = |node: &&Node| matches!(node.kind, Kind::Empty | Kind::TextEnd);
        let (empty, branches): (Vec<&Node>, Vec<&Node>) = branches.into_iter().partition(is_empty);
        let mut made = match self.all(&branches)?.as_slice() {
            [branch] => branch.clone(),
            branches => self.part(Automaton::union(branches))?,
        };
        if !empty.is_empty() {
            made = self.part(made.optional())?;
        }
        Some(made)
    }

    fn repeat(&self, inner: &Node, min: usize, max: Option<usize>) -> Option<Automaton> {
        if let (Kind::Dot { newline: true }, 0, None) = (&inner.kind, min, max) {
            return Some(Automaton::any());
        }
        let made = self.node(inner)?;
        let times = max.unwrap_or(min).max(min);
        if times > 1 && (made.states() - 1).saturating_mul(times) > self.max_determinized_states {
            return None;
        }
        match (min, max) {
            (0, None) => self.part(made.repeated()),
            (0, Some(1)) => self.part(made.optional()),
            (min, None) => {
                let again = made.repeated();
                let mut parts = vec![made; min];
                parts.push(again);
                self.part(Automaton::concat(&parts))
            }
            (min, Some(max)) => Some(made.counted(min, max)),
        }
    }
}

/// The operands of a chain; parentheses do not part it.
fn flat(node: &Node, is_chain: fn(&Kind) -> bool) -> Vec<&Node> {
    let mut inner = node;
    while let Kind::Group {
        kind: GroupKind::Capture | GroupKind::Plain,
        node,
    } = &inner.kind
    {
        inner = node;
    }
    if !is_chain(&inner.kind) {
        return vec![node];
    }
    let children = inner.children();
    children.flat_map(|child| flat(child, is_chain)).collect()
}
