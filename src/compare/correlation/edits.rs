//! What was edited in a correlation, as sentences: *timespan changed: 5m to 15m (longer)*.

use super::CorrelationVersion;
use crate::compare::Relation;
use crate::compare::edit::{Change, Edit};
use crate::rule::{Correlation, CorrelationCondition, Text};
use std::collections::BTreeMap;

/// The edits, in the order of the specification's keys; `bases` are the rules that changed
/// themselves.
pub(super) fn edits(
    before: &CorrelationVersion<'_, '_>,
    after: &CorrelationVersion<'_, '_>,
    bases: &[(String, Relation)],
) -> Vec<Edit> {
    let (old, new) = (before.correlation, after.correlation);
    let mut edits = Edits::default();
    edits.attribute(
        "type",
        Some(old.kind.value.name()),
        Some(new.kind.value.name()),
    );
    edits.rules(before, after);
    for (rule, relation) in bases {
        edits.push(Change::RuleChanged {
            rule: rule.clone(),
            relation: *relation,
        });
    }
    edits.groups(&old.group_by, &new.group_by);
    edits.timespan(old, new);
    let [was, is] = [old, new].map(condition);
    edits.attribute("condition", Some(&was), Some(&is));
    edits.aliases(old, new);
    let [was, is] = [old, new].map(|correlation| correlation.generate.then_some("true"));
    edits.attribute("generate", was, is);
    edits.found
}

#[derive(Default)]
struct Edits {
    found: Vec<Edit>,
}

impl Edits {
    fn push(&mut self, change: Change) {
        self.found.push(Edit::of(None, false, change));
    }

    fn attribute(&mut self, name: &'static str, before: Option<&str>, after: Option<&str>) {
        if before != after {
            self.push(Change::AttributeChanged {
                attribute: name,
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
            });
        }
    }

    /// Rules that came and went, and their order.
    fn rules(&mut self, before: &CorrelationVersion<'_, '_>, after: &CorrelationVersion<'_, '_>) {
        let title = |version: &CorrelationVersion<'_, '_>, at: usize| {
            let base = version.bases.get(at);
            base.map_or_else(String::new, |base| base.head.title.value.to_string())
        };
        let counts = |keys: &[&str]| -> BTreeMap<String, usize> {
            let mut counts = BTreeMap::new();
            for key in keys {
                *counts.entry((*key).to_owned()).or_default() += 1;
            }
            counts
        };
        let (old, new) = (before.keys(), after.keys());
        let (mut had, mut has) = (counts(&old), counts(&new));
        let take = |counts: &mut BTreeMap<String, usize>, key: &str| {
            let count = counts.get_mut(key).filter(|count| **count > 0);
            count.map(|count| *count -= 1).is_some()
        };
        for (at, key) in new.iter().enumerate() {
            if !take(&mut had, key) {
                let rule = title(after, at);
                self.push(Change::RuleAdded { rule });
            }
        }
        for (at, key) in old.iter().enumerate() {
            if !take(&mut has, key) {
                let rule = title(before, at);
                self.push(Change::RuleRemoved { rule });
            }
        }
        let is_ordered = after.kind() == crate::rule::CorrelationType::TemporalOrdered;
        if is_ordered && old != new && counts(&old) == counts(&new) {
            let order = |version: &CorrelationVersion<'_, '_>| {
                let titles = (0..version.bases.len()).map(|at| title(version, at));
                titles.collect::<Vec<_>>().join(", ")
            };
            let (was, is) = (order(before), order(after));
            self.attribute("order", Some(&was), Some(&is));
        }
    }

    fn groups(&mut self, before: &[Text<'_>], after: &[Text<'_>]) {
        let has = |list: &[Text<'_>], entry: &Text<'_>| {
            list.iter().any(|other| other.value == entry.value)
        };
        for entry in after.iter().filter(|entry| !has(before, entry)) {
            let field = entry.value.to_string();
            self.push(Change::GroupAdded { field });
        }
        for entry in before.iter().filter(|entry| !has(after, entry)) {
            let field = entry.value.to_string();
            self.push(Change::GroupRemoved { field });
        }
    }

    fn timespan(&mut self, old: &Correlation<'_>, new: &Correlation<'_>) {
        if old.timespan.seconds() != new.timespan.seconds() {
            self.push(Change::TimespanChanged {
                before: old.timespan.text.value.to_string(),
                after: new.timespan.text.value.to_string(),
                longer: new.timespan.seconds() > old.timespan.seconds(),
            });
        }
    }

    fn aliases(&mut self, old: &Correlation<'_>, new: &Correlation<'_>) {
        let all = |correlation: &Correlation<'_>| -> BTreeMap<String, String> {
            let aliases = correlation.aliases.iter().map(|alias| {
                let fields = alias.fields.iter();
                let fields = fields.map(|(rule, field)| format!("{}: {}", rule.value, field.value));
                let fields = fields.collect::<Vec<_>>().join(", ");
                (alias.name.value.to_string(), fields)
            });
            aliases.collect()
        };
        let (had, has) = (all(old), all(new));
        let mut names: Vec<&String> = had.keys().chain(has.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let shown = |fields: Option<&String>| fields.map(|fields| format!("{name} ({fields})"));
            let (was, is) = (shown(had.get(name)), shown(has.get(name)));
            self.attribute("alias", was.as_deref(), is.as_deref());
        }
    }
}

/// A condition in a line: `gte 10`, `gte 5, field User`.
fn condition(correlation: &Correlation<'_>) -> String {
    match &correlation.condition {
        CorrelationCondition::AllRules => "all rules".to_owned(),
        CorrelationCondition::Expression { text, .. } => text.value.to_string(),
        CorrelationCondition::Threshold(threshold) => {
            let bounds = threshold.bounds.iter();
            let bounds = bounds
                .map(|bound| format!("{} {}", bound.operator.name(), bound.number.value.text));
            let fields = threshold
                .field
                .iter()
                .map(|field| format!("field {}", field.value));
            let percentile = threshold.percentile.iter();
            let percentile = percentile.map(|number| format!("percentile {}", number.value.text));
            let all = bounds.chain(fields).chain(percentile);
            all.collect::<Vec<_>>().join(", ")
        }
    }
}
