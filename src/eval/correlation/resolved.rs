//! A correlation whose references are resolved.
//!
//! In: `rules: [a, b, a]`. Out: the members `a` and `b`, the stages 0, 1, 0.

use crate::eval::Decimal;
use crate::rule::{CorrelationOperator, CorrelationType};

/// A correlation as data, its references being numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedCorrelation {
    /// What it measures.
    pub kind: CorrelationType,
    /// How long a window is, in milliseconds.
    pub timespan: i64,
    /// Each rule or correlation that it names, once, in the order of their first mention.
    pub members: Vec<Member>,
    /// The places in `members` of `rules:`, in order. What is listed twice is there twice.
    pub stages: Vec<usize>,
    /// `group-by:` names of fields and aliases.
    pub group_by: Vec<String>,
    /// `field:` names of fields and aliases.
    pub counted: Vec<String>,
    /// `aliases:`
    pub aliases: Vec<AliasFields>,
    /// When it fires.
    pub condition: ResolvedCondition,
    /// `percentile:` from 0 to 100. A median's is 50.
    pub percentile: Option<Decimal>,
}

/// What a correlation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// A rule, by its number in [`Facts`](super::Facts).
    Rule(usize),
    /// A correlation, by its place among the resolved ones.
    Correlation(usize),
}

/// An alias and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AliasFields {
    /// The alias.
    pub name: String,
    /// For each member its field; `None` where the alias leaves the member out.
    pub fields: Vec<Option<String>>,
}

/// When a correlation fires.
#[derive(Debug, Clone, PartialEq)]
pub enum ResolvedCondition {
    /// Temporal types: all rules.
    All,
    /// All of these comparisons hold for the measure.
    Bounds(Vec<(CorrelationOperator, Decimal)>),
    /// An expression over the members that are in the window.
    Presence(Presence),
}

/// An expression over members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// `a and b`
    And(Vec<Presence>),
    /// `a or b`
    Or(Vec<Presence>),
    /// `not a`
    Not(Box<Presence>),
    /// `a`: the place of a member.
    Member(usize),
}

impl Presence {
    /// Does it hold where these members are present?
    pub fn holds(&self, present: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::And(operands) => operands.iter().all(|operand| operand.holds(present)),
            Self::Or(operands) => operands.iter().any(|operand| operand.holds(present)),
            Self::Not(operand) => !operand.holds(present),
            Self::Member(member) => present(*member),
        }
    }

    /// Does it ask for an absence?
    #[must_use]
    pub fn has_not(&self) -> bool {
        match self {
            Self::And(operands) | Self::Or(operands) => operands.iter().any(Self::has_not),
            Self::Not(_) => true,
            Self::Member(_) => false,
        }
    }
}

impl ResolvedCorrelation {
    /// The field of a member that a name of `group-by` or `field` means.
    #[must_use]
    pub fn field<'c>(&'c self, member: usize, name: &'c str) -> &'c str {
        let alias = self.aliases.iter().find(|alias| alias.name == name);
        let field = alias.and_then(|alias| alias.fields.get(member)?.as_deref());
        field.unwrap_or(name)
    }

    /// Gives the field that a member calls so another name.
    pub fn rename(&mut self, member: usize, field: &str, new: &str) {
        let mut is_named = false;
        for alias in &mut self.aliases {
            let known = alias.fields.get_mut(member);
            is_named |= alias.name == field && known.as_deref().is_some_and(Option::is_some);
            if let Some(known) = known.filter(|known| known.as_deref() == Some(field)) {
                *known = Some(new.to_owned());
            }
        }
        if is_named {
            return;
        }
        let at = self.aliases.iter().position(|alias| alias.name == field);
        let at = at.unwrap_or_else(|| {
            self.aliases.push(AliasFields {
                name: field.to_owned(),
                fields: vec![None; self.members.len()],
            });
            self.aliases.len() - 1
        });
        if let Some(known) = self.aliases[at].fields.get_mut(member) {
            *known = Some(new.to_owned());
        }
    }

    /// Does its window begin at an event, and not end there?
    #[must_use]
    pub fn is_forward(&self) -> bool {
        matches!(&self.condition, ResolvedCondition::Presence(presence) if presence.has_not())
    }
}
