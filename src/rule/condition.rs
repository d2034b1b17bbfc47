//! Conditions: the boolean expression over a rule's detections.

use super::Text;
use crate::source::Span;

/// A condition: its text, its expression, and the aggregation after a pipe.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition<'s> {
    /// As written.
    pub text: Text<'s>,
    /// What is before the pipe.
    pub expr: ConditionExpr<'s>,
    /// `| count() by User > 5`, deprecated.
    pub aggregation: Option<Aggregation<'s>>,
}

/// A condition's expression. Parentheses are kept: a reference's layout depends on them.
#[derive(Debug, Clone, PartialEq)]
pub enum ConditionExpr<'s> {
    /// `a or b or c`: two or more operands.
    Or(Vec<ConditionExpr<'s>>),
    /// `a and b and c`: two or more operands.
    And(Vec<ConditionExpr<'s>>),
    /// `not a`; the span is of the `not`.
    Not(Span, Box<ConditionExpr<'s>>),
    /// `(a)`
    Group(Box<ConditionExpr<'s>>),
    /// `selection`
    Identifier(Text<'s>),
    /// `1 of selection_*`
    Selector(Selector<'s>),
}

/// `1 of selection_*`, `all of them`.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector<'s> {
    /// How many.
    pub quantifier: Quantifier,
    /// A name with `*` at any places, or `them`.
    pub pattern: Text<'s>,
    /// From the quantifier to the pattern's end.
    pub span: Span,
}

impl Selector<'_> {
    /// Does it range over all detections?
    #[must_use]
    pub fn is_them(&self) -> bool {
        self.pattern.value == "them"
    }

    /// Does it range over a detection of that name? Names that begin with `_` are left out, unless
    /// the pattern itself begins so.
    #[must_use]
    pub fn selects(&self, name: &str) -> bool {
        let pattern: &str = &self.pattern;
        if name.starts_with('_') && !pattern.starts_with('_') {
            return false;
        }
        self.is_them() || star_matches(pattern, name)
    }
}

/// Matches a name against a pattern in which `*` stands for any characters.
fn star_matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let (middles, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for middle in middles.split('*') {
        let Some(at) = name.find(middle) else {
            return false;
        };
        name = &name[at + middle.len()..];
    }
    name.ends_with(tail)
}

/// How many of the detections must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// `1 of`
    One,
    /// `any of`: the same as `1 of`.
    Any,
    /// `all of`
    All,
}

/// The deprecated aggregation after a pipe: `count(User) by Host > 5`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation<'s> {
    /// From the function's name to the number.
    pub span: Span,
    /// What is computed.
    pub function: AggregationFunction,
    /// The field in the parentheses.
    pub field: Option<Text<'s>>,
    /// The field after `by`.
    pub group_by: Option<Text<'s>>,
    /// How the result is compared.
    pub operator: AggregationOperator,
    /// With what, as written.
    pub threshold: Text<'s>,
}

/// What an aggregation computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregationFunction {
    /// `count`: of events, or of the field's distinct values.
    Count,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `avg`
    Avg,
    /// `sum`
    Sum,
}

impl AggregationFunction {
    /// The name in the condition.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::Sum => "sum",
        }
    }
}

/// How an aggregation's result is compared with its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregationOperator {
    /// `<`
    Lt,
    /// `<=`
    Lte,
    /// `>`
    Gt,
    /// `>=`
    Gte,
    /// `==`
    Eq,
}

impl AggregationOperator {
    /// The operator as conditions write it.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Eq => "==",
        }
    }

    /// The operator's name in a correlation rule's condition.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Eq => "eq",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters_anywhere() {
        for (pattern, name, expected) in [
            ("sel_*", "sel_a", true),
            ("sel_*", "sel", false),
            ("*_main", "a_main", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("sel", "sel", true),
            ("sel", "sell", false),
        ] {
            assert_eq!(star_matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
