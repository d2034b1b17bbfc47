//! A correlation's own fields, as a reference has them of the pipelines.
//!
//! In: a correlation, its fields after the pipelines, and its view. Out: the view, in which `group-by`,
//! `field` and the fields of aliases have those names.

use super::Transpiler;
use super::correlation::fields;
use crate::diagnostic::{Code, Diagnostic};
use crate::output::correlation::{AliasFieldView, AliasView, CorrelationView, NameView};
use crate::rule::{Correlation, Text};
use crate::source::Span;

impl Transpiler {
    /// Names the fields of a view. A group that becomes several fields is all of them.
    ///
    /// # Errors
    /// `VS1257`: another field becomes several.
    pub(super) fn name_own_fields<'s>(
        &self,
        correlation: &Correlation<'s>,
        mapped: &[Vec<Text<'s>>],
        view: &mut CorrelationView,
    ) -> Result<(), Diagnostic> {
        let entries: Vec<&Text<'s>> = own_fields(correlation).collect();
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
        let only = |(entry, names): (&&Text<'s>, &Vec<Text<'s>>)| -> Result<NameView, Diagnostic> {
            match names.as_slice() {
                [] => Ok(self.name(&entry.value)),
                [only] => Ok(self.name(&only.value)),
                several => Err(several_fields(&entry.value, several, entry.span)),
            }
        };
        view.fields = mapped
            .by_ref()
            .take(fields(correlation).len())
            .map(only)
            .collect::<Result<_, _>>()?;
        if !correlation.group_by.is_empty() {
            for (field, names) in view
                .aliases
                .iter_mut()
                .flat_map(|it| &mut it.fields)
                .zip(mapped)
            {
                field.field = only(names)?;
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
}

/// A field of a correlation became several.
pub(super) fn several_fields(entry: &str, several: &[Text<'_>], span: Span) -> Diagnostic {
    let names = several.iter().map(|name| format!("`{}`", name.value));
    let names = names.collect::<Vec<_>>().join(", ");
    let message = format!("the pipelines turn `{entry}` into several fields: {names}");
    Diagnostic::error(Code::SeveralFields, message).at(span)
}

/// The fields that a correlation names itself: of `group-by`, of `field`, of aliases.
pub(super) fn own_fields<'c, 's>(
    correlation: &'c Correlation<'s>,
) -> impl Iterator<Item = &'c Text<'s>> {
    let of_aliases = correlation.aliases.iter().flat_map(|alias| &alias.fields);
    let of_aliases = of_aliases.map(|(_, field)| field);
    let groups = correlation.group_by.iter();
    groups.chain(fields(correlation)).chain(of_aliases)
}
