//! Warnings on what a reference says wrongly.
//!
//! In: a leaf that a compatibility profile has just written, where, and what stands above it. Out: a
//! warning for each of the backend file's `[query.fault]` entries that the leaf is a case of.

use super::kind::{keyword_kind, kind};
use super::writer::{Context, Leaf, Writer, span_of};
use crate::backend::fault::Case;
use crate::backend::language::{Kind, Language, Strength};
use crate::diagnostic::{Code, Diagnostic};
use crate::lower::Expr;
use crate::rule::{Part, Pattern, Value};

/// How a leaf was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// By itself.
    Alone,
    /// As a member of a list.
    Listed,
    /// By its test's wording for what a `not` makes of it.
    Negated,
    /// By a command around the query.
    Deferred,
}

impl Writer<'_> {
    /// Notes the faults of a leaf.
    pub(super) fn note_faults(&mut self, leaf: Leaf<'_>, context: Context, form: Form) {
        let warnings = faults(self.language, leaf, context, form);
        self.warnings.extend(warnings);
    }

    /// Notes an operand that was written since `start` without the parentheses that the engine
    /// needs around it: `a OR b` in `a OR b AND NOT c`, where a reference takes `OR` to bind tighter.
    pub(super) fn note_torn(&mut self, operand: &Expr<'_>, start: usize, around: Strength) {
        let language = self.language;
        let Some((place, inner)) = &self.chain else {
            return;
        };
        let precedence = language.engine_precedence.unwrap_or(language.precedence);
        let binds_tighter = precedence.rank(around) < precedence.rank(*inner);
        if !binds_tighter || *place != (start..self.out.len()) {
            return;
        }
        let word = |strength| match strength {
            Strength::Not => "not",
            Strength::And => "and",
            Strength::Or | Strength::Atom => "or",
        };
        let (inner, around) = (word(*inner), word(around));
        let message = format!(
            "the reference writes no parentheses around this `{inner}`, and the engine evaluates `{around}` first"
        );
        let warning = Diagnostic::warning(Code::ReferenceFault, message);
        self.warnings.push(warning.at(span_of(operand)));
    }
}

/// The faults of a leaf.
pub(super) fn faults(
    language: &Language,
    leaf: Leaf<'_>,
    context: Context,
    form: Form,
) -> impl Iterator<Item = Diagnostic> {
    let found = language
        .faults
        .iter()
        .filter(move |fault| is_case(&fault.case, leaf, context, form));
    found.map(move |fault| {
        Diagnostic::warning(Code::ReferenceFault, fault.text.as_str()).at(leaf.span)
    })
}

fn is_case(case: &Case, leaf: Leaf<'_>, context: Context, form: Form) -> bool {
    if let Case::Name(regex, tests) = case {
        let is_asked = match form {
            _ if tests.is_empty() => matches!(form, Form::Alone | Form::Listed),
            Form::Listed => false,
            form => tests.iter().any(|(test, negated)| {
                kind(leaf.value).and_general().any(|kind| kind == *test)
                    && (form == Form::Deferred || *negated == (form == Form::Negated))
            }),
        };
        let names = [leaf.field, other(leaf.value)];
        return is_asked && names.into_iter().flatten().any(|name| regex.is_match(name));
    }
    if matches!(form, Form::Negated | Form::Deferred) {
        return false;
    }
    let listed = form == Form::Listed;
    let own = match leaf.field {
        Some(_) => Some(kind(leaf.value)),
        None => keyword_kind(leaf.value),
    };
    let pattern = match leaf.value {
        Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
        _ => None,
    };
    match case {
        Case::One => pattern.is_some_and(|pattern| pattern.parts.contains(&Part::One)),
        Case::Star => {
            pattern.is_some_and(|pattern| pattern.literals().any(|text| text.contains('*')))
        }
        Case::ListedCased => listed && matches!(leaf.value, Value::Cased(_)),
        Case::ListedTime => listed && matches!(leaf.value, Value::Time(..)),
        Case::ListedNumber => listed && matches!(leaf.value, Value::Number(_)),
        Case::Negated => {
            let asks_for_field = [Kind::Null, Kind::Exists, Kind::NotExists];
            context.negated && own.is_some_and(|own| !asks_for_field.contains(&own))
        }
        Case::Test(test) => {
            !listed && own.is_some_and(|own| own.and_general().any(|kind| kind == *test))
        }
        Case::Value(regex) => pattern.is_some_and(|pattern| regex.is_match(&shown(pattern))),
        Case::Name(..) => false,
    }
}

/// The pattern's text with its wildcards.
fn shown(pattern: &Pattern<'_>) -> String {
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) => text.as_ref(),
        Part::Any => "*",
        Part::One => "?",
        Part::Placeholder(_) => "",
    });
    parts.collect()
}

/// The name of the field that a field is compared with.
fn other<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::FieldRef(reference) => Some(&reference.field),
        _ => None,
    }
}
