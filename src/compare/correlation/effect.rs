//! What a part of a correlation that changed does to the whole, and what all of them do.

use crate::compare::Relation;

/// What a change does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Effect {
    /// Of firings before and after.
    pub relation: Relation,
    /// Why; empty where nothing changed.
    why: String,
}

impl Effect {
    /// Nothing changed.
    pub(super) const NONE: Self = Self {
        relation: Relation::Equal,
        why: String::new(),
    };

    pub(super) fn broader(why: &str) -> Self {
        Self::new(Relation::Broader, why)
    }

    pub(super) fn narrower(why: &str) -> Self {
        Self::new(Relation::Narrower, why)
    }

    pub(super) fn unknown(why: &str) -> Self {
        Self::new(Relation::Unknown, why)
    }

    fn new(relation: Relation, why: &str) -> Self {
        Self {
            relation,
            why: why.to_owned(),
        }
    }
}

/// Two effects as one.
pub(super) fn both(one: Effect, other: Effect) -> Effect {
    if one == Effect::NONE {
        return other;
    }
    if other == Effect::NONE {
        return one;
    }
    let (relation, why) = combined(vec![one, other]);
    let why = why.unwrap_or_default();
    let why = why.strip_prefix("proven: ").unwrap_or(&why);
    Effect::new(relation, why)
}

/// The relation of all effects together, and why.
pub(super) fn combined(effects: Vec<Effect>) -> (Relation, Option<String>) {
    let effects: Vec<Effect> = effects
        .into_iter()
        .filter(|effect| effect.relation != Relation::Equal)
        .collect();
    let reasons = |of: &dyn Fn(&Effect) -> bool| -> String {
        let reasons = effects.iter().filter(|effect| of(effect));
        let reasons = reasons.map(|effect| effect.why.as_str());
        reasons.collect::<Vec<_>>().join(", and ")
    };
    let Some(first) = effects.first() else {
        return (Relation::Equal, None);
    };
    if effects
        .iter()
        .any(|effect| effect.relation == Relation::Unknown)
    {
        let why = reasons(&|effect| effect.relation == Relation::Unknown);
        return (Relation::Unknown, Some(why));
    }
    if effects
        .iter()
        .all(|effect| effect.relation == first.relation)
    {
        let why = reasons(&|_| true);
        return (first.relation, Some(format!("proven: {why}")));
    }
    let why = format!(
        "broader, for {}; narrower, for {}",
        reasons(&|effect| effect.relation == Relation::Broader),
        reasons(&|effect| effect.relation == Relation::Narrower)
    );
    (Relation::Unknown, Some(why))
}
