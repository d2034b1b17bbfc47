//! A correlation's own fields, sent through the pipelines as a reference does.
//!
//! In: a correlation and its view. Out: the view, in which `group-by`, `field` and the fields of
//! aliases are named as the pipelines name them for the first rule that the correlation goes back to.

use super::Transpiler;
use super::correlation::fields;
use crate::diagnostic::Diagnostic;
use crate::index::{Index, Place};
use crate::output::correlation::{AliasFieldView, AliasView, CorrelationView, NameView};
use crate::rule::{Correlation, Document, Rule, Text};

impl Transpiler {
    /// Names the fields of a view. A group that becomes several fields is all of them.
    pub(super) fn map_own_fields<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        place: Place,
        index: &Index<'s>,
        view: &mut CorrelationView,
    ) -> Result<(), Diagnostic> {
        let of_aliases = correlation.aliases.iter().flat_map(|alias| &alias.fields);
        let of_aliases = of_aliases.map(|(_, field)| field);
        let entries: Vec<&Text<'s>> = correlation
            .group_by
            .iter()
            .chain(fields(correlation))
            .chain(of_aliases)
            .collect();
        let mapped = match first_rule(index, place) {
            Some(rule) => self.mapped_by(rule, &entries)?,
            None => entries.iter().map(|entry| vec![(*entry).clone()]).collect(),
        };
        let mut mapped = entries.iter().zip(mapped);
        let is_alias = |entry: &Text<'_>| {
            let mut aliases = correlation.aliases.iter();
            aliases.any(|alias| alias.name.value == entry.value)
        };
        view.group.clear();
        for (entry, names) in mapped.by_ref().take(correlation.group_by.len()) {
            if is_alias(entry) {
                view.group.push(self.name(&entry.value));
            } else {
                view.group
                    .extend(names.iter().map(|name| self.name(&name.value)));
            }
        }
        let first = |(entry, names): (&&Text<'s>, Vec<Text<'s>>)| -> NameView {
            self.name(&names.first().unwrap_or(entry).value)
        };
        view.fields = mapped
            .by_ref()
            .take(fields(correlation).len())
            .map(first)
            .collect();
        if !correlation.group_by.is_empty() {
            for (field, names) in view
                .aliases
                .iter_mut()
                .flat_map(|it| &mut it.fields)
                .zip(mapped)
            {
                field.field = first(names);
            }
        }
        Ok(())
    }

    /// The aliases of a correlation, as they are written.
    pub(super) fn alias_views(&self, correlation: &Correlation<'_>) -> Vec<AliasView> {
        let aliases = correlation.aliases.iter();
        aliases
            .map(|alias| AliasView {
                name: self.name(&alias.name.value),
                fields: alias
                    .fields
                    .iter()
                    .map(|(reference, field)| AliasFieldView {
                        reference: reference.value.to_string(),
                        field: self.name(&field.value),
                    })
                    .collect(),
            })
            .collect()
    }

    /// What the pipelines make of fields for a rule's log source.
    fn mapped_by<'s>(
        &'s self,
        rule: &Rule<'s>,
        entries: &[&Text<'s>],
    ) -> Result<Vec<Vec<Text<'s>>>, Diagnostic> {
        let mut rule = rule.clone();
        let pipeline = self.pipeline();
        let mut state = pipeline.start(self.pipeline_settings());
        state.carry(entries.iter().map(|entry| (*entry).clone()));
        pipeline.apply(&mut rule, &mut state)?;
        Ok(state.carried().to_vec())
    }
}

/// The first rule that a correlation names, through others or itself.
fn first_rule<'i, 's>(index: &'i Index<'s>, correlation: Place) -> Option<&'i Rule<'s>> {
    let mut place = *index.bases(correlation).first()?;
    loop {
        match &index.document(place)?.document {
            Some(Document::Rule(rule)) => return Some(rule),
            _ => place = *index.bases(place).first()?,
        }
    }
}
