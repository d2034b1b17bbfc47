//! Where parentheses are, and how deep that makes a text.
//!
//! In: nodes, and how tightly each binds. Out: whether an operand needs parentheses, before it is
//! written: `a OR b` inside an `AND` does where `AND` binds tighter.
//!
//! `a OR b OR c OR …` is a tree as deep as it is long for SQLite, which reads no tree deeper than
//! 1,000 (<https://sqlite.org/limits.html#max_expr_depth>), and for Elasticsearch's ES|QL:
//! `(a OR b) OR (c OR d)` is not. So long chains are nested in groups.

use super::Query;
use super::conventions::Conventions;
use super::tree::{Choice, Form, Group, Mode, Node, Not, Phrase, Text};
use crate::backend::language::{Grouping, Language, Strength};
use crate::lower::{self, Expr, Operator, Origin};

/// How deep a test is at most: functions inside functions, and what is between the rules of a
/// grammar.
const TEST: usize = 12;
/// How much deeper parentheses make what they are around.
const PARENTHESES: usize = 2;

/// Are parentheses around a group, whatever is around those? Lists of one value are written as lists.
pub(super) fn encloses(grouping: Grouping, group: &lower::Group<'_>) -> bool {
    grouping == Grouping::Written
        && match group.operands.as_slice() {
            [only] => {
                group.operator == Operator::Or
                    && group.origin == Origin::Values
                    && !matches!(only, Expr::Group(_))
            }
            _ => true,
        }
}

/// Does an operand need parentheses?
pub(super) fn parenthesizes(language: &Language, around: Strength, inner: Strength) -> bool {
    match language.grouping {
        Grouping::Written | Grouping::Minimal => {
            let rank = |strength| language.precedence.rank(strength);
            rank(inner) > rank(around)
        }
        Grouping::Nested => inner != Strength::Atom,
    }
}

/// How an operator binds.
pub(crate) const fn strength_of(operator: Operator) -> Strength {
    match operator {
        Operator::And => Strength::And,
        Operator::Or => Strength::Or,
    }
}

/// Lays nodes out.
#[derive(Clone, Copy)]
pub(super) struct Layout<'l> {
    pub language: &'l Language,
    pub conventions: &'l dyn Conventions,
    pub mode: Mode,
    /// Chains of more operands are nested in groups.
    pub longest_chain: usize,
}

impl Layout<'_> {
    /// How tightly the text of a node binds.
    pub fn strength(&self, node: &Node<'_>) -> Strength {
        match &node.form {
            Form::Test(choice) => choice
                .get(self.mode)
                .map_or(Strength::Atom, |phrase| phrase.binds),
            Form::Keywords(keywords) if keywords.len() > self.longest_chain.max(1) => Strength::Or,
            Form::Nothing | Form::Unsupported(_) | Form::Keywords(_) => Strength::Atom,
            Form::Group(group) if group.parentheses => Strength::Atom,
            Form::Group(group) => group.binds,
            Form::Single(single) if single.parentheses => Strength::Atom,
            Form::Single(single) => match single.binds {
                Some(binds) => binds,
                None => self.strength(&single.operand),
            },
            Form::Not(not) => match not.operand.negated(self.mode) {
                Some(phrase) => phrase.binds,
                None if not.field.is_none() => Strength::Not,
                None if not.template.encloses() => Strength::Atom,
                None => Strength::Or,
            },
        }
    }

    /// Are parentheses around an operand?
    pub fn parenthesizes(&self, group: &Group<'_>, operand: &Node<'_>) -> bool {
        let around = strength_of(group.operator);
        let inner = self.strength(operand);
        self.conventions
            .parenthesizes(self.language, around, inner, operand.expr)
    }

    /// Are parentheses around what is negated?
    pub fn parenthesizes_negated(&self, not: &Not<'_>) -> bool {
        not.parentheses
            .unwrap_or_else(|| self.strength(&not.operand) != Strength::Atom)
    }

    /// How deep the engine reads a node: operators, parentheses and functions inside one another.
    pub fn depth(&self, node: &Node<'_>) -> usize {
        let around = |is_around: bool| if is_around { PARENTHESES } else { 0 };
        match &node.form {
            Form::Nothing | Form::Unsupported(_) => 0,
            Form::Test(choice) => choice
                .get(self.mode)
                .map_or(0, |phrase| self.of_phrase(phrase)),
            Form::Keywords(keywords) => TEST + self.of_chain(self.calls(keywords).count()),
            Form::Group(group) => {
                let depths = group.operands.iter().map(|operand| {
                    self.depth(operand) + around(self.parenthesizes(group, operand))
                });
                depths.max().unwrap_or(0)
                    + self.of_chain(group.operands.len())
                    + around(group.parentheses)
            }
            Form::Single(single) => self.depth(&single.operand) + around(single.parentheses),
            Form::Not(not) => match not.operand.negated(self.mode) {
                Some(phrase) => self.of_phrase(phrase),
                None => {
                    self.depth(&not.operand) + around(self.parenthesizes_negated(not)) + not.depth
                }
            },
        }
    }

    fn of_phrase(&self, phrase: &Phrase) -> usize {
        match &phrase.text {
            Text::One(_) => TEST,
            Text::Several { parts, .. } => TEST + self.of_chain(parts.len()) + PARENTHESES,
        }
    }

    /// Keywords by the calls that search for them.
    pub fn calls<'k, 'e>(
        &self,
        keywords: &'k [Choice<'e>],
    ) -> impl ExactSizeIterator<Item = &'k [Choice<'e>]> {
        keywords.chunks(self.longest_chain.max(1))
    }

    /// So many operands, or groups of groups of them, are in a group of a nested chain.
    pub fn group_size(&self) -> usize {
        (self.longest_chain / 2).max(2)
    }

    /// How much deeper a chain of so many operands is than the deepest of them.
    fn of_chain(&self, mut operands: usize) -> usize {
        let mut depth = 0;
        if operands > self.longest_chain {
            let size = self.group_size();
            while operands > size {
                depth += size - 1 + PARENTHESES;
                operands = operands.div_ceil(size);
            }
        }
        depth + operands.saturating_sub(1)
    }

    /// Adds what the words of a node lose, count and get wrong to a query, in the text's order.
    pub fn tally(&self, node: &mut Node<'_>, query: &mut Query) {
        match &mut node.form {
            Form::Nothing | Form::Unsupported(_) => {}
            Form::Test(choice) => choice.tally(self.mode, query),
            Form::Keywords(choices) => {
                for choice in choices {
                    choice.tally(self.mode, query);
                }
            }
            Form::Single(single) => self.tally(&mut single.operand, query),
            Form::Group(group) => {
                for at in 0..group.operands.len() {
                    self.tally(&mut group.operands[at], query);
                    let operand = &group.operands[at];
                    if !self.parenthesizes(group, operand) {
                        self.warn_on_open(operand, strength_of(group.operator), query);
                    }
                }
            }
            Form::Not(not) => {
                let is_negated = not.operand.negated(self.mode).is_some();
                self.tally(&mut not.operand, query);
                if is_negated {
                    return;
                }
                query.clauses += not.clauses;
                if !self.parenthesizes_negated(not) && !not.template.encloses() {
                    self.warn_on_open(&not.operand, Strength::Not, query);
                }
            }
        }
    }

    fn warn_on_open(&self, operand: &Node<'_>, around: Strength, query: &mut Query) {
        let mut node = operand;
        while let Form::Single(single) = &node.form
            && !single.parentheses
        {
            node = &single.operand;
        }
        if let Form::Group(group) = &node.form
            && !group.parentheses
            && group.operands.len() > 1
        {
            let inner = strength_of(group.operator);
            let warning =
                self.conventions
                    .warning_on_open(self.language, operand.expr, inner, around);
            query.warnings.extend(warning);
        }
    }
}
