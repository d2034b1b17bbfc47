//! A rule as a tree: what was written, and what its conditions mean.
//!
//! In: a rule, its modifiers applied. Out: owned data that outlives the text. The tree is for
//! reading; rules are written as YAML.

mod correlation;

pub use crate::rule::{Comparison, RegexFlags, TimePart};
pub use correlation::{
    Alias, AliasField, Bound, Correlation, CorrelationCondition, CorrelationExpr,
    CorrelationOperator, CorrelationType, Filter, FilterRules, Threshold,
};

use crate::lower::{self, Lowered, Operator};
use crate::rule::{self, Part, Pattern, Text};
use crate::source::Span;

/// A Sigma rule. Attributes that are missing are `None` or empty.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// The whole document's place.
    pub span: Span,
    /// `title:`
    pub title: String,
    /// `id:`
    pub id: Option<String>,
    /// `name:`, what correlations refer to.
    pub name: Option<String>,
    /// `status:`
    pub status: Option<String>,
    /// `level:`
    pub level: Option<String>,
    /// `description:`
    pub description: Option<String>,
    /// `license:`
    pub license: Option<String>,
    /// `author:`
    pub author: Option<String>,
    /// `date:`, as written.
    pub date: Option<String>,
    /// `modified:`, as written.
    pub modified: Option<String>,
    /// `references:`
    pub references: Vec<String>,
    /// `tags:`, as written.
    pub tags: Vec<String>,
    /// `falsepositives:`
    pub falsepositives: Vec<String>,
    /// `fields:` to show to the analyst.
    pub fields: Vec<String>,
    /// `logsource:`
    pub logsource: LogSource,
    /// `condition:`, one or several.
    pub conditions: Vec<Condition>,
}

/// Which log a rule reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LogSource {
    /// `category: process_creation`
    pub category: Option<String>,
    /// `product: windows`
    pub product: Option<String>,
    /// `service: sysmon`
    pub service: Option<String>,
}

/// A condition of a rule.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// As written: `selection and not 1 of filter_*`.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// What it means: the names of detections replaced by what they stand for.
    pub expr: Expr,
}

/// A boolean expression over tests of an event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Expr {
    /// Every operand holds.
    And(Vec<Expr>),
    /// At least one operand holds.
    Or(Vec<Expr>),
    /// The operand does not hold.
    Not(Box<Expr>),
    /// A field, or the whole event, compared with a value.
    Test(Test),
}

/// A comparison with a value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Test {
    /// The field's name; `None` for a keyword, which is searched in the whole event.
    pub field: Option<String>,
    /// What it is compared with.
    pub value: Value,
    /// Where the value was written.
    pub span: Span,
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `'*\cmd.exe'`
    Text {
        /// Literal text, wildcards and placeholders, in order; none for the empty text.
        parts: Vec<TextPart>,
        /// `|cased`: letters are compared exactly.
        cased: bool,
    },
    /// `4624`, as decimal text.
    Number(String),
    /// `true`
    Bool(bool),
    /// `null`: the field is missing or has no value.
    Null,
    /// `|exists: true`
    Exists(bool),
    /// `|re: '^a.*b$'`
    Regex {
        /// As written.
        pattern: String,
        /// `|i|m|s`
        flags: RegexFlags,
    },
    /// `|cidr: 10.0.0.0/8`
    Network(String),
    /// `|gte: 5`
    Compare {
        /// `lt`, `lte`, `gt` or `gte`.
        operator: Comparison,
        /// `|hour|gte: 5` compares that part of a time.
        part: Option<TimePart>,
        /// Decimal text.
        number: String,
    },
    /// `|fieldref: Other`
    Field {
        /// The other field's name.
        name: String,
        /// The field begins with the other's value. With `ends_with`: contains it.
        starts_with: bool,
        /// The field ends with it.
        ends_with: bool,
    },
    /// `|hour: 3`
    Time {
        /// The part of a time.
        part: TimePart,
        /// Decimal text.
        number: String,
    },
    /// A piece of a target's own language, which a pipeline put there.
    Query(String),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextPart {
    /// Text that stands for itself, escapes resolved.
    Literal(String),
    /// `*`: any number of characters.
    Any,
    /// `?`: exactly one character.
    One,
    /// `%name%` under `|expand`.
    Placeholder(String),
}

impl Rule {
    pub(super) fn new(rule: &rule::Rule<'_>, conditions: &[Lowered<'_>]) -> Self {
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.value.to_string());
        let texts = |texts: &[Text<'_>]| texts.iter().map(|text| text.value.to_string()).collect();
        Self {
            span: rule.span,
            title: rule.title.value.to_string(),
            id: text(&rule.id),
            name: text(&rule.name),
            status: text(&rule.status),
            level: text(&rule.level),
            description: text(&rule.description),
            license: text(&rule.license),
            author: text(&rule.author),
            date: text(&rule.date),
            modified: text(&rule.modified),
            references: texts(&rule.references),
            tags: texts(&rule.tags),
            falsepositives: texts(&rule.falsepositives),
            fields: texts(&rule.fields),
            logsource: LogSource {
                category: text(&rule.logsource.category),
                product: text(&rule.logsource.product),
                service: text(&rule.logsource.service),
            },
            conditions: conditions.iter().map(Condition::new).collect(),
        }
    }
}

impl Condition {
    fn new(lowered: &Lowered<'_>) -> Self {
        let text = &lowered.condition.text;
        Self {
            text: text.value.to_string(),
            span: text.span,
            expr: Expr::new(&lowered.expr),
        }
    }
}

impl Expr {
    fn new(expr: &lower::Expr<'_>) -> Self {
        let test = |field: Option<&str>, value, span| {
            Self::Test(Test {
                field: field.map(str::to_owned),
                value: Value::new(value),
                span,
            })
        };
        match expr.peeled() {
            lower::Expr::Group(group) => {
                let operands = group.operands.iter().map(Self::new).collect();
                match group.operator {
                    Operator::And => Self::And(operands),
                    Operator::Or => Self::Or(operands),
                }
            }
            lower::Expr::Not(operand) => Self::Not(Box::new(Self::new(operand))),
            lower::Expr::Test(found) => test(Some(found.field), found.value, found.span),
            lower::Expr::Keyword(found) => test(None, found.value, found.span),
        }
    }
}

impl Value {
    fn new(value: &rule::Value<'_>) -> Self {
        let text = |pattern: &Pattern<'_>, cased| Self::Text {
            parts: pattern.parts.iter().map(TextPart::new).collect(),
            cased,
        };
        match value {
            rule::Value::String(pattern) => text(pattern, false),
            rule::Value::Cased(pattern) => text(pattern, true),
            rule::Value::Number(number) => Self::Number(number.text.to_string()),
            rule::Value::Bool(value) => Self::Bool(*value),
            // Expansions are groups by now.
            rule::Value::Null | rule::Value::Expansion(_) => Self::Null,
            rule::Value::Exists(value) => Self::Exists(*value),
            rule::Value::Regex(regex) => Self::Regex {
                pattern: as_written(&regex.pattern),
                flags: regex.flags,
            },
            rule::Value::Cidr(network) => Self::Network(network.text.to_string()),
            rule::Value::Compare(operator, part, number) => Self::Compare {
                operator: *operator,
                part: *part,
                number: number.text.to_string(),
            },
            rule::Value::FieldRef(reference) => Self::Field {
                name: reference.field.to_string(),
                starts_with: reference.starts_with,
                ends_with: reference.ends_with,
            },
            rule::Value::Time(part, number) => Self::Time {
                part: *part,
                number: number.text.to_string(),
            },
            rule::Value::Query { expr, .. } => Self::Query(expr.to_string()),
        }
    }
}

impl TextPart {
    fn new(part: &Part<'_>) -> Self {
        match part {
            Part::Literal(text) => Self::Literal(text.to_string()),
            Part::Any => Self::Any,
            Part::One => Self::One,
            Part::Placeholder(name) => Self::Placeholder(name.to_string()),
        }
    }
}

/// A regular expression's text: it has placeholders at most.
fn as_written(pattern: &Pattern<'_>) -> String {
    let parts = pattern.parts.iter().map(|part| match part {
        Part::Literal(text) => text.to_string(),
        Part::Any => "*".to_owned(),
        Part::One => "?".to_owned(),
        Part::Placeholder(name) => format!("%{name}%"),
    });
    parts.collect()
}
