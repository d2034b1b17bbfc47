//! How references say a condition, where that is not the native way.
//!
//! In: the keys of a backend file that only references have. Out: the [`Conventions`] of a profile,
//! by which `emit` goes.

mod deferred;
mod fault;
mod hoist;
mod keys;
mod network;

pub(crate) use keys::Reference;

use crate::backend::Backend;
use crate::backend::language::{Grouping, Language, Strength};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::choose::regex;
use crate::emit::conventions::{
    Context, ConventionSet, Conventions, Leaf, Listed, Native, Place, QueryConventions, Written,
};
use crate::emit::{Query, Refusal, Section};
use crate::lower::{Expr, Group, Operator, Origin, Test};
use crate::rule::{Pattern, Regex, Value};
use crate::source::Span;
use keys::{Keys, Layout};

impl ConventionSet for Reference {
    fn of_query<'b>(&'b self, backend: &'b Backend) -> QueryConventions<'b> {
        QueryConventions(Box::new(OfReference {
            reference: self,
            backend,
            deferral: self.deferred.as_ref().map(deferred::Deferral::new),
        }))
    }
}

/// How a reference says a condition.
struct OfReference<'b> {
    reference: &'b Reference,
    backend: &'b Backend,
    deferral: Option<deferred::Deferral<'b>>,
}

impl<'b> OfReference<'b> {
    /// The keys of one of the backend's languages.
    fn keys(&self, language: &Language) -> &'b Keys {
        let filter = self.backend.filter.as_ref();
        if filter.is_some_and(|filter| std::ptr::eq(&raw const filter.language, language)) {
            &self.reference.filter
        } else {
            &self.reference.query
        }
    }

    /// Is a group an `or` in a reference's eyes, even of the one thing that a modifier made of a value?
    fn is_alternative(&self, language: &Language, group: &Group<'_>) -> bool {
        let keys = self.keys(language);
        let has_alternatives = keys.bare_expansions || keys.layout == Some(Layout::Inner);
        has_alternatives && group.origin == Origin::Expansion
    }
}

impl Conventions for OfReference<'_> {
    fn refuse(&self, language: &Language, group: &Group<'_>) -> Option<Refusal> {
        if !self.is_alternative(language, group) {
            return None;
        }
        let is_refused =
            |operand: &&Expr<'_>| is_expansion(operand) || matches!(operand, Expr::Keyword(_));
        let operand = group.operands.iter().find(is_refused)?;
        let reason = "the reference has no alternatives of alternatives, and none of keywords";
        Some(Refusal::new(span_of(operand), reason))
    }

    fn encloses(&self, language: &Language, group: &Group<'_>, operator: Operator) -> bool {
        match self.keys(language).layout {
            Some(Layout::Inner) => false,
            Some(Layout::Explicit) => {
                let is_list = matches!(group.origin, Origin::Values | Origin::Expansion)
                    && !matches!(group.operands.first(), Some(Expr::Keyword(_)));
                operator == Operator::Or && is_list || group.origin == Origin::Parentheses
            }
            None => Native.encloses(language, group, operator),
        }
    }

    fn binds(&self, language: &Language, group: &Group<'_>) -> Option<Strength> {
        let is_one = group.operands.len() == 1 && !self.lists(language, group);
        if is_one {
            return self.is_alternative(language, group).then_some(Strength::Or);
        }
        let is_atom = language.grouping == Grouping::Nested
            && self.keys(language).bare_expansions
            && group.origin == Origin::Expansion;
        is_atom.then_some(Strength::Atom)
    }

    fn parenthesizes(
        &self,
        language: &Language,
        around: Strength,
        inner: Strength,
        operand: &Expr<'_>,
    ) -> bool {
        match self.keys(language).layout {
            Some(Layout::Inner) => {
                let is_or = around == Strength::Or && inner == Strength::Or;
                inner != Strength::Atom && !(is_or && is_expansion(operand))
            }
            Some(Layout::Explicit) => false,
            None => Native.parenthesizes(language, around, inner, operand),
        }
    }

    fn parenthesizes_negated(&self, language: &Language, operand: &Expr<'_>) -> Option<bool> {
        let keys = self.keys(language);
        let is_bare =
            keys.layout == Some(Layout::Explicit) || keys.bare_expansions && is_expansion(operand);
        let is_not = keys.bare_expansions && matches!(operand.peeled(), Expr::Not(_));
        match (is_bare, is_not) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }

    fn lists(&self, language: &Language, group: &Group<'_>) -> bool {
        match group.origin {
            Origin::Expansion => self.keys(language).expansion_lists,
            _ => group.operands.len() > 1,
        }
    }

    fn list_member<'x, 'r>(
        &self,
        language: &Language,
        operand: &'x Expr<'r>,
    ) -> Option<&'x Test<'r>> {
        match operand {
            Expr::Test(test) => Some(test),
            // It does not look into what a modifier made of a value, even if that is one thing.
            Expr::Group(group)
                if self.keys(language).lossy_lists && group.origin == Origin::Expansion =>
            {
                None
            }
            Expr::Group(group) => match group.operands.as_slice() {
                [only] => self.list_member(language, only),
                _ => None,
            },
            _ => None,
        }
    }

    fn listed<'v>(&self, language: &Language, value: &'v Value<'v>) -> Option<Listed<'v>> {
        let is_lossy = self.keys(language).lossy_lists;
        match value {
            Value::Cased(pattern) if is_lossy => Some(Listed::Pattern(pattern)),
            Value::Time(_, number) if is_lossy => Some(Listed::Number(number)),
            value => Native.listed(language, value),
        }
    }

    fn needs_filling(&self, language: &Language, value: &Value<'_>) -> bool {
        !(self.keys(language).regex_placeholders && matches!(value, Value::Regex(_)))
    }

    fn regex(
        &self,
        language: &Language,
        regex: &Regex<'_>,
        span: Span,
    ) -> Result<String, Box<Diagnostic>> {
        let keys = self.keys(language);
        let text = if keys.python_regexes {
            python_regex(regex, span)?
        } else {
            regex::as_written(regex, span)?
        };
        Ok(if keys.flag_prefix {
            format!("{}{text}", flags(regex))
        } else {
            text
        })
    }

    fn alternatives(&self, language: &Language, leaf: Leaf<'_>) -> Option<Vec<Pattern<'static>>> {
        match leaf.value {
            Value::Cidr(known) if self.keys(language).expand_networks => {
                Some(network::patterns(known.net))
            }
            _ => None,
        }
    }

    fn place(
        &mut self,
        language: &Language,
        leaf: Leaf<'_>,
        context: Context,
    ) -> Result<Place, Refusal> {
        let Some(mut deferral) = self.deferral.take() else {
            return Ok(Place::Here);
        };
        let place = deferral.place(self, language, leaf, context);
        self.deferral = Some(deferral);
        place
    }

    fn warnings(
        &self,
        language: &Language,
        leaf: Leaf<'_>,
        context: Context,
        written: Written,
    ) -> Vec<Diagnostic> {
        fault::warnings(&self.keys(language).faults, leaf, context, written)
    }

    /// `a OR b` in `a OR b AND NOT c`, where a reference takes `OR` to bind tighter.
    fn warning_on_open(
        &self,
        language: &Language,
        operands: &Expr<'_>,
        inner: Strength,
        around: Strength,
    ) -> Option<Diagnostic> {
        let precedence = self
            .keys(language)
            .engine_precedence
            .unwrap_or(language.precedence);
        if precedence.rank(around) >= precedence.rank(inner) {
            return None;
        }
        let word = |strength| match strength {
            Strength::Not => "not",
            Strength::And => "and",
            Strength::Or | Strength::Atom => "or",
        };
        let (inner, around) = (word(inner), word(around));
        let message = format!(
            "the reference writes no parentheses around this `{inner}`, and the engine evaluates `{around}` first"
        );
        let warning = Diagnostic::warning(Code::ReferenceFault, message);
        Some(warning.at(span_of(operands)))
    }

    fn finish(&mut self, expr: &Expr<'_>, search: &Section<'_>, query: Query) -> Option<Query> {
        match self.deferral.take() {
            Some(deferral) => deferral.finish(self, expr, search, query),
            None => Some(query),
        }
    }
}

/// Is it what a modifier made of a value, through groups of one?
fn is_expansion(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Group(group) if group.origin == Origin::Expansion => true,
        Expr::Group(group) => match group.operands.as_slice() {
            [only] => is_expansion(only),
            _ => false,
        },
        _ => false,
    }
}

/// Where the first test of an expression was written.
fn span_of(expr: &Expr<'_>) -> Span {
    match expr {
        Expr::Group(group) => group.operands.first().map_or_else(Span::default, span_of),
        Expr::Not(operand) => span_of(operand),
        Expr::Test(test) => test.span,
        Expr::Keyword(keyword) => keyword.span,
    }
}

/// An expression that Python's `re` compiles.
fn python_regex(regex: &Regex<'_>, span: Span) -> Result<String, Box<Diagnostic>> {
    match super::python_regex::refusal(regex, span) {
        Some(error) => Err(Box::new(error)),
        None => Ok(regex::text_of(regex)),
    }
}

/// The flags of an expression: `(?i)`.
fn flags(regex: &Regex<'_>) -> String {
    let flags = regex.flags;
    let letters = [
        (flags.ignore_case, 'i'),
        (flags.multi_line, 'm'),
        (flags.dot_all, 's'),
    ];
    let letters: String = letters
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, letter)| letter)
        .collect();
    match letters.as_str() {
        "" => letters,
        _ => format!("(?{letters})"),
    }
}
