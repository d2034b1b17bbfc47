//! A condition in the words of one language, not yet written.
//!
//! In: what [`choose`](super::choose) found for each part of an expression. Out: a [`Node`] for each,
//! which answers what the next steps ask: can this be said, and exactly? Why is it not exact?
//!
//! `not A: [x, y]` is `Not(Group(Or)[Test "A=x", Test "A=y"])`.

use super::{Query, Reason, Refusal};
use crate::backend::language::{Loss, Strength};
use crate::backend::template::Template;
use crate::diagnostic::Diagnostic;
use crate::lower::{Expr, Operator};
use std::ops::Range;

/// Which wordings serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Those that are exact, or that the user asked for by an option.
    Exact,
    /// All: of each test the first that says it.
    Best,
}

/// A part of a condition.
#[derive(Debug)]
pub(crate) struct Node<'e> {
    /// The part in the rule's terms.
    pub expr: &'e Expr<'e>,
    /// How it is said.
    pub form: Form<'e>,
}

/// How a part of a condition is said.
#[derive(Debug)]
pub(crate) enum Form<'e> {
    /// Not at all: it holds no test.
    Nothing,
    /// It can't be said.
    Unsupported(Refusal),
    /// A test, a keyword, or several said at once: `A IN ("x", "y")`.
    Test(Choice<'e>),
    /// Keywords that one function searches for, in calls as long as chains may be.
    Keywords(Vec<Choice<'e>>),
    /// Operands, at least one, none of which is nothing.
    Group(Group<'e>),
    /// A group of one operand that changes how it is written.
    Single(Single<'e>),
    /// A negation.
    Not(Not<'e>),
}

/// Operands and what joins them.
#[derive(Debug)]
pub(crate) struct Group<'e> {
    pub operator: Operator,
    pub operands: Vec<Node<'e>>,
    /// Parentheses are around it whatever is around those.
    pub parentheses: bool,
    /// How tightly it binds without them.
    pub binds: Strength,
}

/// A group of one operand.
#[derive(Debug)]
pub(crate) struct Single<'e> {
    pub operand: Box<Node<'e>>,
    /// Parentheses are around it.
    pub parentheses: bool,
    /// How tightly it binds, if not as its operand does.
    pub binds: Option<Strength>,
}

/// A negation.
#[derive(Debug)]
pub(crate) struct Not<'e> {
    pub operand: Box<Node<'e>>,
    /// `NOT {expr}`, or `({field} IS NULL OR NOT {test})`.
    pub template: &'e Template,
    /// The field of `{field}`, with its text.
    pub field: Option<Range<usize>>,
    /// Are parentheses around the operand? `None`: where it is no atom.
    pub parentheses: Option<bool>,
    /// How much deeper it makes its operand.
    pub depth: usize,
    /// How many clauses it counts as.
    pub clauses: usize,
}

/// What a test can be said as.
#[derive(Debug)]
pub(crate) struct Choice<'e> {
    best: Result<Phrase, Refusal>,
    /// `None`: the best one is exact, or nobody asks.
    exact: Option<Box<Result<Phrase, Refusal>>>,
    /// Something exact that holds wherever the test does: its field is there.
    pub presence: Option<Box<Phrase>>,
    /// The field; `None` for a keyword or several tests.
    pub field: Option<&'e str>,
    /// It asks for nothing but the presence of its field.
    pub is_presence: bool,
}

/// The words of a test.
#[derive(Debug)]
pub(crate) struct Phrase {
    pub text: Text,
    pub binds: Strength,
    /// How many tests and `not`s the engine reads in it.
    pub clauses: usize,
    /// It says the `not` above it too.
    pub says_not: bool,
    /// It is exact, or the user asked for it by an option.
    pub is_exact: bool,
    /// Why it is not exact.
    pub reasons: Vec<Reason>,
    /// What an engine or a reference gets wrong in it.
    pub warnings: Vec<Diagnostic>,
}

/// Where the text of a phrase is among the texts of its language.
#[derive(Debug)]
pub(crate) enum Text {
    One(Range<usize>),
    /// Alternatives, joined by `or`.
    Several {
        parts: Vec<Range<usize>>,
        parentheses: bool,
    },
}

impl Choice<'_> {
    pub const fn new(
        best: Result<Phrase, Refusal>,
        exact: Option<Box<Result<Phrase, Refusal>>>,
    ) -> Self {
        Self {
            best,
            exact,
            presence: None,
            field: None,
            is_presence: false,
        }
    }

    /// The same words whatever is asked for.
    pub const fn of(phrase: Phrase) -> Self {
        Self::new(Ok(phrase), None)
    }

    pub fn get(&self, mode: Mode) -> Result<&Phrase, &Refusal> {
        match (mode, &self.exact) {
            (Mode::Exact, Some(exact)) => (**exact).as_ref(),
            _ => self.best.as_ref(),
        }
    }

    /// Adds what the words lose, count and get wrong to a query.
    pub fn tally(&mut self, mode: Mode, query: &mut Query) {
        let phrase = match (mode, &mut self.exact) {
            (Mode::Exact, Some(exact)) => &mut **exact,
            _ => &mut self.best,
        };
        if let Ok(phrase) = phrase {
            query.clauses += phrase.clauses;
            query.reasons.append(&mut phrase.reasons);
            query.warnings.append(&mut phrase.warnings);
        }
    }

    /// Is it said by something that can only match more?
    pub fn is_only_broader(&self) -> bool {
        let is_broader = |reason: &Reason| reason.loss == Loss::Broader;
        let mut best = self.best.iter();
        best.any(|phrase| phrase.reasons.iter().all(is_broader))
    }

    fn phrases(&mut self) -> impl Iterator<Item = &mut Phrase> {
        let exact = self.exact.as_deref_mut().into_iter().flatten();
        self.best.iter_mut().chain(exact)
    }

    /// Words that say the `not` above them bind so tightly.
    pub fn bind_negated(&mut self, binds: Strength) {
        for phrase in self.phrases().filter(|phrase| phrase.says_not) {
            phrase.binds = binds;
        }
    }

    /// The presence of its field in its place.
    fn into_presence(self) -> Option<Self> {
        let phrase = *self.presence?;
        Some(Self {
            field: self.field,
            is_presence: true,
            ..Self::of(phrase)
        })
    }

    /// Forgets what only lets it match more.
    fn forget_broader(&mut self) {
        for phrase in self.phrases() {
            let reasons = &mut phrase.reasons;
            reasons.retain(|reason| reason.loss != Loss::Broader);
        }
    }
}

impl Form<'_> {
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

impl<'e> Node<'e> {
    /// Why it can't be said: the first reason in the rule's order.
    pub fn refusal(&self, mode: Mode) -> Option<&Refusal> {
        match &self.form {
            Form::Nothing => None,
            Form::Unsupported(refusal) => Some(refusal),
            Form::Test(choice) => choice.get(mode).err(),
            Form::Keywords(choices) => choices.iter().find_map(|choice| choice.get(mode).err()),
            Form::Group(group) => group.operands.iter().find_map(|node| node.refusal(mode)),
            Form::Single(single) => single.operand.refusal(mode),
            Form::Not(not) => not.operand.refusal(mode),
        }
    }

    /// Is there something to say, and can it be said?
    pub fn is_said(&self, mode: Mode) -> bool {
        !self.form.is_nothing() && self.refusal(mode).is_none()
    }

    /// The words of a test that says the `not` above it too.
    pub fn negated(&self, mode: Mode) -> Option<&Phrase> {
        match &self.form {
            Form::Test(choice) => choice.get(mode).ok().filter(|phrase| phrase.says_not),
            Form::Single(single) => single.operand.negated(mode),
            _ => None,
        }
    }

    /// The conjuncts, through every `and` at its top.
    pub fn conjuncts(&self) -> Vec<&Self> {
        match &self.form {
            Form::Group(group) if group.operator == Operator::And => {
                group.operands.iter().flat_map(Self::conjuncts).collect()
            }
            _ => vec![self],
        }
    }

    /// The conjuncts themselves.
    pub fn into_conjuncts(self) -> Vec<Self> {
        match self.form {
            Form::Group(group) if group.operator == Operator::And => {
                let operands = group.operands.into_iter();
                operands.flat_map(Self::into_conjuncts).collect()
            }
            _ => vec![self],
        }
    }

    /// Forgets what only lets it match more: the filter says it again.
    fn forget_broader(&mut self) {
        match &mut self.form {
            Form::Nothing | Form::Unsupported(_) => {}
            Form::Test(choice) => choice.forget_broader(),
            Form::Keywords(choices) => choices.iter_mut().for_each(Choice::forget_broader),
            Form::Group(group) => group.operands.iter_mut().for_each(Self::forget_broader),
            Form::Single(single) => single.operand.forget_broader(),
            Form::Not(not) => not.operand.forget_broader(),
        }
    }

    /// Something that can be said and that holds wherever this does.
    pub fn into_broader(mut self) -> Option<Self> {
        let serves = match &self.form {
            Form::Test(choice) => choice.is_only_broader(),
            Form::Keywords(choices) => choices.iter().all(Choice::is_only_broader),
            Form::Not(_) => self.is_said(Mode::Exact),
            _ => false,
        };
        if serves {
            self.forget_broader();
            return Some(self);
        }
        let form = match self.form {
            Form::Test(choice) => Form::Test(choice.into_presence()?),
            Form::Single(single) => return single.operand.into_broader(),
            Form::Group(group) => {
                let operands = group.operands.into_iter().map(Self::into_broader);
                let mut operands: Vec<Self> = match group.operator {
                    Operator::And => operands.flatten().collect(),
                    Operator::Or => operands.collect::<Option<_>>()?,
                };
                operands
                    .dedup_by(|a, b| a.presence_of().is_some_and(|a| b.presence_of() == Some(a)));
                if operands.len() < 2 {
                    return operands.pop();
                }
                Form::Group(Group { operands, ..group })
            }
            _ => return None,
        };
        Some(Self { form, ..self })
    }

    /// The field, of a test that is nothing but its presence.
    fn presence_of(&self) -> Option<&'e str> {
        match &self.form {
            Form::Test(choice) => choice.field.filter(|_| choice.is_presence),
            _ => None,
        }
    }
}
