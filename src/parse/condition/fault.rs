//! Faults of a condition, as diagnostics.
//!
//! In: the rest of the text where a grammar gave up, and why. Out: a diagnostic at that place.

use super::{DEEPEST, Grammar, Words, skip_space};
use crate::diagnostic::{Code, Diagnostic};
use nom::error::{ErrorKind, ParseError};

/// Where a condition can't be read, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionFault<'t> {
    /// The rest of the text.
    pub rest: &'t str,
    /// Why.
    pub reason: ConditionProblem,
}

/// Why a condition can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionProblem {
    /// Expected a detection, `not`, `(` or a selector.
    Operand,
    /// `and`, `or` or the end is expected here.
    Operator,
    /// `OR`, where operators are lower-case.
    UpperCase,
    /// A `)` that no `(` opened.
    Unopened,
    /// The `(` here has no `)`.
    Unclosed,
    /// The nesting is too deep.
    TooDeep,
    /// `2 of …`
    Count,
    /// `1 of …` over rules.
    RuleSelector,
    /// `1 of` without a pattern.
    SelectorPattern,
    /// `selection_*` without a quantifier.
    BareWildcard,
    /// The pipe, where aggregations are not read.
    Pipe,
    /// `| near …`
    Near,
    /// Something in an aggregation that is not this.
    Aggregation(&'static str),
}

impl<'t> ConditionFault<'t> {
    pub(crate) const fn new(rest: &'t str, reason: ConditionProblem) -> Self {
        Self { rest, reason }
    }
}

impl<'t> ParseError<&'t str> for ConditionFault<'t> {
    fn from_error_kind(rest: &'t str, _: ErrorKind) -> Self {
        Self::new(rest, ConditionProblem::Operand)
    }

    fn append(_: &'t str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl ConditionFault<'_> {
    /// The fault as a diagnostic at its place in the source.
    pub(crate) fn diagnostic(&self, grammar: &Grammar<'_, '_>) -> Diagnostic {
        let rest = skip_space(self.rest);
        let found = found(rest);
        let shown = match found.chars().next() {
            None => "the end".to_owned(),
            // A blank that the grammar does not know, or an invisible character.
            Some(first) if !first.is_ascii() && !first.is_alphanumeric() => {
                format!("`{found}` (U+{:04X})", u32::from(first))
            }
            Some(_) => format!("`{found}`"),
        };
        let (code, message, help) = match self.reason {
            ConditionProblem::Operand => operand(grammar.words, found, &shown),
            ConditionProblem::Operator => (
                Code::ConditionSyntax,
                format!("expected `and`, `or` or the end of the condition, found {shown}"),
                operator_help(grammar.before(rest), found),
            ),
            ConditionProblem::UpperCase => (
                Code::ConditionSyntax,
                format!("expected operators in lower case, found {shown}"),
                "write `and`, `or` and `not` in lower case; the reference takes any other spelling \
                 for a name",
            ),
            ConditionProblem::Unopened => (
                Code::ConditionSyntax,
                "expected the end of the condition, found a `)` that closes nothing".to_owned(),
                "remove it, or add the `(` that it should close",
            ),
            ConditionProblem::Unclosed => (
                Code::ConditionSyntax,
                "expected a `)` for this `(`, found none".to_owned(),
                "close the parenthesis",
            ),
            ConditionProblem::TooDeep => (
                Code::ConditionTooLarge,
                format!(
                    "expected at most {DEEPEST} levels of parentheses and `not`, found more here"
                ),
                "take out parentheses that group nothing, and pairs of `not`",
            ),
            ConditionProblem::Count => (
                Code::SelectorCount,
                format!("expected `1 of`, `any of` or `all of`, found `{found} of`"),
                "write the combinations out: `(a and b) or (a and c) or (b and c)`",
            ),
            ConditionProblem::RuleSelector => (
                Code::RuleSelector,
                format!("expected the name or id of a rule, found `{found} of`"),
                "name the rules: `a or b or c`; how many of them must match is \
                 `condition: {gte: 2}`",
            ),
            ConditionProblem::SelectorPattern => (
                Code::ConditionSyntax,
                format!("expected `them` or a pattern such as `selection_*`, found {shown}"),
                if found == "(" {
                    "give the detections names with a common prefix (`1 of selection_*`), or write \
                     `(a or b)`"
                } else {
                    "name the detections to select: `1 of selection_*`"
                },
            ),
            ConditionProblem::BareWildcard => {
                return Diagnostic::error(
                    Code::ConditionSyntax,
                    format!("expected a detection's name, found the pattern {shown}"),
                )
                .at(grammar.piece(rest, found))
                .help(format!(
                    "say how many must match: `1 of {found}` or `all of {found}`"
                ));
            }
            ConditionProblem::Pipe => (
                Code::AggregationUnsupported,
                "expected a condition without a pipe, found one, which the reference doesn't read"
                    .to_owned(),
                "write a correlation rule; without `--compat pysigma`, the message shows one",
            ),
            ConditionProblem::Near => (
                Code::NearAggregation,
                "expected an aggregation such as `count()`, found `near`".to_owned(),
                "write a correlation rule of type `temporal` over one rule for each detection",
            ),
            ConditionProblem::Aggregation(what) => (
                Code::ConditionSyntax,
                format!("expected {what}, found {shown}"),
                "write `| count(Field) by Field > 5`; the field and `by` are optional",
            ),
        };
        Diagnostic::error(code, message)
            .at(grammar.piece(rest, found))
            .help(help)
    }
}

/// The code, message and help where an operand is expected.
fn operand(words: Words, found: &str, shown: &str) -> (Code, String, &'static str) {
    let (expected, help) = match words {
        Words::Detections => (
            "a detection's name, a selector",
            "write operators between two operands: `selection and not filter`",
        ),
        Words::Rules => (
            "a rule's name or id",
            "write operators between two operands: `rule_a and not rule_b`",
        ),
    };
    (
        Code::ConditionSyntax,
        format!("expected {expected}, `not` or `(`, found {shown}"),
        match found {
            "!" | "~" => SIGNS,
            _ => help,
        },
    )
}

const SIGNS: &str = "write operators as words: `and`, `or`, `not`";

/// The help for something other than an operator after `before`.
fn operator_help(before: &str, found: &str) -> &'static str {
    let last = before.split_whitespace().next_back();
    let quantified = last.is_some_and(|word| ["all", "any", "1", "one"].contains(&word));
    match found {
        "&" | "|" | "!" | "=" | "+" => SIGNS,
        "#" => "write the comment above `condition:`; a block of text has no comments",
        "in" | "off" | "them" if quantified => "write `all of them` or `1 of selection_*`",
        _ => "join the parts with `and` or `or`",
    }
}

/// The word or character at the beginning of the text.
fn found(rest: &str) -> &str {
    let word = rest
        .find(|c: char| !(c.is_alphanumeric() || "_-.*".contains(c)))
        .unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    &rest[..word.max(first)]
}
