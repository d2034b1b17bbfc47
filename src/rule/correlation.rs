//! Correlation rules: what events that other rules match have in common within a time span
//! (specification: *Sigma correlation rules*, 2.1 and the draft of 2.2).

use super::{ConditionExpr, Number, Rule, Text};
use crate::source::{Span, Spanned};

/// A correlation rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation<'s> {
    /// The attributes that it shares with rules (`title`, `id`, `level` …). Its log source and its
    /// detections are empty.
    pub head: Rule<'s>,
    /// The bytes of the `correlation` section.
    pub span: Span,
    /// `type: event_count`
    pub kind: Spanned<CorrelationType>,
    /// `rules:` ids or names of rules and correlations, in the order written; a rule can be listed
    /// twice. Without the key, the identifiers of an extended condition.
    pub rules: Vec<Text<'s>>,
    /// `group-by:` fields and aliases.
    pub group_by: Vec<Text<'s>>,
    /// `timespan: 15m`
    pub timespan: Timespan<'s>,
    /// `condition:`
    pub condition: CorrelationCondition<'s>,
    /// `aliases:`
    pub aliases: Vec<Alias<'s>>,
    /// `generate: true`: the rules that it names give queries of their own, too.
    pub generate: bool,
}

macro_rules! correlation_types {
    ($($variant:ident, $name:literal, $doc:literal;)*) => {
        /// What a correlation measures.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CorrelationType { $(#[doc = $doc] $variant,)* }

        impl CorrelationType {
            /// Every type, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in a rule.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

correlation_types! {
    EventCount, "event_count", "How many events.";
    ValueCount, "value_count", "How many distinct values of fields.";
    Temporal, "temporal", "How many of the rules, or which of them.";
    TemporalOrdered, "temporal_ordered", "How many of the rules, one after the other.";
    ValueSum, "value_sum", "The sum of a field's numbers.";
    ValueAvg, "value_avg", "The mean of a field's numbers.";
    ValuePercentile, "value_percentile", "A percentile of a field's numbers.";
    ValueMedian, "value_median", "The median of a field's numbers.";
}

impl CorrelationType {
    /// The type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.name() == name)
    }

    /// Does it look at which rules match, and not at how many events or values there are?
    #[must_use]
    pub const fn is_temporal(self) -> bool {
        matches!(self, Self::Temporal | Self::TemporalOrdered)
    }

    /// Does it compute on a field's numbers?
    #[must_use]
    pub const fn is_metric(self) -> bool {
        matches!(
            self,
            Self::ValueSum | Self::ValueAvg | Self::ValuePercentile | Self::ValueMedian
        )
    }
}

/// How long a window is: `15m`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timespan<'s> {
    /// As written.
    pub text: Text<'s>,
    /// The number: 15. Not 0 after parsing.
    pub count: u64,
    /// The unit: minutes.
    pub unit: TimeUnit,
}

impl Timespan<'_> {
    /// Its length in seconds; at most `i64::MAX` milliseconds after parsing.
    #[must_use]
    pub const fn seconds(&self) -> u64 {
        self.count.saturating_mul(self.unit.seconds())
    }
}

/// A unit of time spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// `s`
    #[default]
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `M`: the mean length of the Gregorian calendar's months.
    Month,
    /// `y`: the mean length of the Gregorian calendar's years.
    Year,
}

impl TimeUnit {
    /// The unit of that letter.
    #[must_use]
    pub const fn from_letter(letter: char) -> Option<Self> {
        Some(match letter {
            's' => Self::Second,
            'm' => Self::Minute,
            'h' => Self::Hour,
            'd' => Self::Day,
            'w' => Self::Week,
            'M' => Self::Month,
            'y' => Self::Year,
            _ => return None,
        })
    }

    /// Its letter.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Second => 's',
            Self::Minute => 'm',
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'M',
            Self::Year => 'y',
        }
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
            Self::Day => 86_400,
            Self::Week => 604_800,
            Self::Month => 2_629_746,
            Self::Year => 31_556_952,
        }
    }
}

/// When a correlation fires.
#[derive(Debug, Clone, PartialEq)]
pub enum CorrelationCondition<'s> {
    /// Temporal types without a condition: all rules.
    AllRules,
    /// `{gte: 10, lt: 100, field: User}`
    Threshold(Threshold<'s>),
    /// `a and (b or c)`, temporal types only; identifiers are references of `rules`.
    Expression {
        /// As written.
        text: Text<'s>,
        /// Its tree, of identifiers; it has no selectors.
        expr: ConditionExpr<'s>,
    },
}

/// A comparison of what the correlation measures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Threshold<'s> {
    /// The map's bytes.
    pub span: Span,
    /// `field:` one or several; several count as tuples.
    pub field: Vec<Text<'s>>,
    /// The operators with their numbers, in the order written; all must hold. Not empty after
    /// parsing.
    pub bounds: Vec<Bound<'s>>,
    /// `percentile: 95`, from 0 to 100.
    pub percentile: Option<Spanned<Number<'s>>>,
}

/// `gte: 10`
#[derive(Debug, Clone, PartialEq)]
pub struct Bound<'s> {
    /// The operator.
    pub operator: CorrelationOperator,
    /// The number, with its place.
    pub number: Spanned<Number<'s>>,
}

/// How a measure is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CorrelationOperator {
    /// `gt`
    Gt,
    /// `gte`
    Gte,
    /// `lt`
    Lt,
    /// `lte`
    Lte,
    /// `eq`
    Eq,
    /// `neq`
    Neq,
}

impl CorrelationOperator {
    /// Every operator, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::Eq,
        Self::Neq,
    ];

    /// The name in a rule.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Eq => "eq",
            Self::Neq => "neq",
        }
    }

    /// The operator of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|operator| operator.name() == name)
    }

    /// Does the comparison hold for a measure that is so ordered against the number?
    #[must_use]
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Gt => ordering.is_gt(),
            Self::Gte => ordering.is_ge(),
            Self::Lt => ordering.is_lt(),
            Self::Lte => ordering.is_le(),
            Self::Eq => ordering.is_eq(),
            Self::Neq => ordering.is_ne(),
        }
    }
}

/// A name for what rules call by different fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias<'s> {
    /// The alias, as `group-by` and `field` use it.
    pub name: Text<'s>,
    /// For a rule, as `rules` refers to it or by its other name, the field.
    pub fields: Vec<(Text<'s>, Text<'s>)>,
}
