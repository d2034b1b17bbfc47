//! Correlations of an index, their references resolved.
//!
//! In: an [`Index`]. Out: a [`ResolvedSet`]: the correlations without a fault, and the rules that
//! they are made of, numbered.

use super::resolved::{
    AliasFields, Member, Presence, ResolvedCondition, ResolvedCorrelation,
};
use crate::eval::Decimal;
use crate::index::{Index, Place, field_in, head};
use crate::rule::correlation::Threshold;
use crate::rule::{
    ConditionExpr, Correlation, CorrelationCondition, CorrelationType, Document, Number, Text,
};
use std::collections::BTreeMap;

/// The correlations of an index, and the rules that they are made of.
#[derive(Debug, Default)]
pub struct ResolvedSet {
    /// Where each correlation is, in order.
    pub places: Vec<Place>,
    /// The correlations, in the same order.
    pub correlations: Vec<ResolvedCorrelation>,
    /// Where the rules that they name are, by number.
    pub rules: Vec<Place>,
}

impl ResolvedSet {
    /// Resolves the correlations of an index, but for those with a fault.
    #[must_use]
    pub fn of(index: &Index<'_>) -> Self {
        let mut set = Self::default();
        let places = (0..index.files()).flat_map(|file| {
            let documents = 0..index.documents(file).len();
            documents.map(move |document| Place { file, document })
        });
        let is_sound = |place: &Place| {
            let document = index.document(*place);
            let known = document.and_then(|document| document.document.as_ref());
            matches!(known, Some(Document::Correlation(_))) && !index.bases(*place).is_empty()
        };
        set.places = places.filter(is_sound).collect();
        let numbers: BTreeMap<Place, usize> = set.places.iter().copied().zip(0..).collect();
        let mut rules = BTreeMap::new();
        for place in &set.places {
            let document = index.document(*place);
            let Some(Document::Correlation(correlation)) =
                document.and_then(|document| document.document.as_ref())
            else {
                continue;
            };
            let mut member = |place: Place| {
                if let Some(number) = numbers.get(&place) {
                    return Member::Correlation(*number);
                }
                let next = set.rules.len();
                let number = *rules.entry(place).or_insert(next);
                if number == next {
                    set.rules.push(place);
                }
                Member::Rule(number)
            };
            let bases = index.bases(*place);
            let members: Vec<Member> = bases.iter().map(|base| member(*base)).collect();
            let resolved = resolved(correlation, &members, bases, index);
            set.correlations.push(resolved);
        }
        set
    }
}

fn resolved(
    correlation: &Correlation<'_>,
    listed: &[Member],
    bases: &[Place],
    index: &Index<'_>,
) -> ResolvedCorrelation {
    let mut members: Vec<Member> = Vec::new();
    // For each member its first mention.
    let mut mentions = Vec::new();
    let stages = listed.iter().enumerate().map(|(at, member)| {
        let known = members.iter().position(|known| known == member);
        known.unwrap_or_else(|| {
            members.push(*member);
            mentions.push(at);
            members.len() - 1
        })
    });
    let stages: Vec<usize> = stages.collect();
    let threshold = match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => Some(threshold),
        _ => None,
    };
    let texts = |texts: &[Text<'_>]| texts.iter().map(|text| text.value.to_string()).collect();
    let alias = |alias: &crate::rule::correlation::Alias<'_>| AliasFields {
        name: alias.name.value.to_string(),
        fields: mentions
            .iter()
            .map(|at| {
                let document = index.document(bases[*at])?.document.as_ref()?;
                let reference = &correlation.rules.get(*at)?.value;
                let field = field_in(correlation, &alias.name, reference, head(document))?;
                Some(field.value.to_string())
            })
            .collect(),
    };
    ResolvedCorrelation {
        kind: correlation.kind.value,
        timespan: i64::try_from(correlation.timespan.seconds())
            .unwrap_or(i64::MAX)
            .saturating_mul(1000),
        group_by: texts(&correlation.group_by),
        counted: texts(threshold.map_or(&[], |threshold| &threshold.field)),
        aliases: correlation.aliases.iter().map(alias).collect(),
        condition: condition(correlation, &stages),
        percentile: match correlation.kind.value {
            CorrelationType::ValuePercentile => threshold
                .and_then(|threshold| threshold.percentile.as_ref())
                .map(|percentile| decimal(&percentile.value)),
            _ => None,
        },
        members,
        stages,
    }
}

fn condition(correlation: &Correlation<'_>, stages: &[usize]) -> ResolvedCondition {
    match &correlation.condition {
        CorrelationCondition::AllRules => ResolvedCondition::All,
        CorrelationCondition::Threshold(Threshold { bounds, .. }) => {
            let bounds = bounds.iter();
            let bounds = bounds.map(|bound| (bound.operator, decimal(&bound.number.value)));
            ResolvedCondition::Bounds(bounds.collect())
        }
        CorrelationCondition::Expression { expr, .. } => {
            let member = |name: &Text<'_>| {
                let mut rules = correlation.rules.iter();
                let at = rules.position(|reference| reference.value == name.value);
                at.and_then(|at| stages.get(at)).copied()
            };
            match presence(expr, &member) {
                Some(presence) => ResolvedCondition::Presence(presence),
                None => ResolvedCondition::All,
            }
        }
    }
}

/// The expression; `None` where it has an identifier that is no reference of the correlation, which
/// parsing refuses.
fn presence(
    expr: &ConditionExpr<'_>,
    member: &impl Fn(&Text<'_>) -> Option<usize>,
) -> Option<Presence> {
    let all = |operands: &[ConditionExpr<'_>]| -> Option<Vec<Presence>> {
        operands.iter().map(|operand| presence(operand, member)).collect()
    };
    Some(match expr {
        ConditionExpr::And(operands) => Presence::And(all(operands)?),
        ConditionExpr::Or(operands) => Presence::Or(all(operands)?),
        ConditionExpr::Not(_, operand) => Presence::Not(Box::new(presence(operand, member)?)),
        ConditionExpr::Group(operand) => presence(operand, member)?,
        ConditionExpr::Identifier(name) => Presence::Member(member(name)?),
        ConditionExpr::Selector(_) => return None,
    })
}

/// A rule's number. One that is out of reach is greater, or less, than every measure.
fn decimal(number: &Number<'_>) -> Decimal {
    Decimal::read(&number.text).unwrap_or_else(|| Decimal::beyond(number.value < 0.0))
}
