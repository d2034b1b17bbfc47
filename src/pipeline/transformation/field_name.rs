//! Transformations of field names: in detection items, in references to fields, in `fields`.
//!
//! `{Image: [a, b]}` makes of `Image: x` a list of two maps, `a: x` and `b: x`, one of which must
//! match. Keywords that get a field by the key `null` become wildcard searches in it.

use super::alternatives::weight_of_each;
use super::mapping::{Mapping, Names};
use super::walk::Outcome;
use super::{Pass, Transformation, boxed};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::bound;
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::rule::{FieldReference, Item, Text, Value};
use crate::source::Spanned;
use std::borrow::Cow;

type Function = fn(&str) -> String;

/// `field_name_mapping`
pub fn mapping(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(Renaming::Map(Mapping::load(keys)?))
}

/// `field_name_prefix_mapping`
pub fn prefix_mapping(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    let mapping = Mapping::load(keys)?;
    if mapping.keyword.is_some() {
        keys.wrong("mapping", keys.node("mapping")?, "without a prefix `null`");
        return None;
    }
    mapping.warn_of_shadows(keys);
    boxed(Renaming::Prefixes(mapping))
}

/// `field_name_transform`
pub fn transform(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    let functions: [(&str, Function); 4] = [
        ("lower", str::to_lowercase),
        ("upper", str::to_uppercase),
        ("title", title),
        ("snake_case", super::string::snake_case),
    ];
    let function = keys.choice("transform_func", &functions)?;
    let mut mapping = match keys.node("mapping") {
        Some(_) => Mapping::load(keys)?,
        None => Mapping::default(),
    };
    if !keys.flag("apply_keyword") {
        mapping.keyword = None;
    }
    boxed(Renaming::Function(mapping, function))
}

/// `field_name_suffix`
pub fn suffix(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(Renaming::Suffix(keys.text("suffix")?))
}

/// `field_name_prefix`
pub fn prefix(keys: &Keys<'_>) -> Option<Box<dyn Transformation>> {
    boxed(Renaming::Prefix(keys.text("prefix")?))
}

#[derive(Debug)]
enum Renaming {
    Map(Mapping),
    Prefixes(Mapping),
    Function(Mapping, Function),
    Suffix(String),
    Prefix(String),
}

impl Renaming {
    /// The new names of a field, if it gets any; keywords are `None`.
    fn rename<'s>(&'s self, field: Option<&str>) -> Option<Names<Cow<'s, str>>> {
        let borrowed = |names: &'s Names<String>| names.map(|name| Cow::Borrowed(name.as_str()));
        match (self, field) {
            (Self::Map(mapping), _) => mapping.get(field).map(borrowed),
            (Self::Prefixes(mapping), Some(field)) => {
                mapping.names.iter().find_map(|(prefix, names)| {
                    let rest = field.strip_prefix(prefix.as_str())?;
                    Some(names.map(|name| Cow::Owned(format!("{name}{rest}"))))
                })
            }
            (Self::Function(mapping, function), Some(name)) => mapping
                .get(field)
                .map(borrowed)
                .or_else(|| Some(Names::One(Cow::Owned(function(name))))),
            (Self::Suffix(suffix), Some(field)) => {
                Some(Names::One(Cow::Owned(format!("{field}{suffix}"))))
            }
            (Self::Prefix(prefix), Some(field)) => {
                Some(Names::One(Cow::Owned(format!("{prefix}{field}"))))
            }
            (Self::Function(mapping, _), None) => mapping.get(None).map(borrowed),
            (_, None) => None,
        }
    }

    /// The new names of a field in a list or reference, if the conditions allow it.
    fn rename_name<'s>(
        &'s self,
        item: &'s ProcessingItem,
        field: &Cow<'s, str>,
        state: &mut State<'s>,
    ) -> Result<Option<Vec<Cow<'s, str>>>, Diagnostic> {
        let Some(names) = self.rename(Some(field)) else {
            return Ok(None);
        };
        if !item.matches_field(Some(field), state)? {
            return Ok(None);
        }
        let names = names.into_vec();
        state.track_field_name(field, &names, item.tracked_id());
        Ok(Some(names))
    }

    fn rename_list<'s>(
        &'s self,
        item: &'s ProcessingItem,
        fields: &mut Vec<Text<'s>>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        for field in std::mem::take(fields) {
            state.budget.step(1)?;
            match self.rename_name(item, &field.value, state)? {
                Some(names) => {
                    state.budget.make(names.len() * 64)?;
                    bound::values(fields.len() + names.len())?;
                    fields.extend(names.into_iter().map(|name| Spanned::new(name, field.span)));
                }
                None => fields.push(field),
            }
        }
        Ok(())
    }

    /// Renames the fields that the item's values refer to.
    fn rename_references<'s>(
        &'s self,
        item: &'s ProcessingItem,
        found: &mut Item<'s>,
        state: &mut State<'s>,
    ) -> Result<bool, Diagnostic> {
        let is_reference = |value: &Spanned<Value<'_>>| {
            matches!(value.value, Value::FieldRef(_) | Value::Expansion(_))
        };
        if !found.values.iter().any(is_reference) {
            return Ok(false);
        }
        let mut matched = false;
        let rules = state.settings.items;
        for value in std::mem::take(&mut found.values) {
            state.budget.step(1)?;
            let new = self.rename_reference(item, value.value, state, &mut matched)?;
            let new = rules.in_place_of_one(found.link, new);
            bound::values(found.values.len() + new.len())?;
            let new = new.into_iter().map(|new| Spanned::new(new, value.span));
            found.values.extend(new);
        }
        Ok(matched)
    }

    fn rename_reference<'s>(
        &'s self,
        item: &'s ProcessingItem,
        value: Value<'s>,
        state: &mut State<'s>,
        matched: &mut bool,
    ) -> Result<Vec<Value<'s>>, Diagnostic> {
        match value {
            Value::FieldRef(reference) if item.matches_field(Some(&reference.field), state)? => {
                *matched = true;
                let names = self.rename_name(item, &reference.field, state)?;
                let names = names.unwrap_or_else(|| vec![reference.field]);
                state.budget.make(names.len() * 64)?;
                let renamed = names.into_iter().map(|field| {
                    Value::FieldRef(FieldReference {
                        field,
                        starts_with: reference.starts_with,
                        ends_with: reference.ends_with,
                    })
                });
                Ok(renamed.collect())
            }
            Value::Expansion(values) => {
                let mut renamed = Vec::with_capacity(values.len());
                for value in values {
                    state.budget.step(1)?;
                    renamed.extend(self.rename_reference(item, value, state, matched)?);
                    bound::values(renamed.len())?;
                }
                Ok(vec![Value::Expansion(renamed)])
            }
            other => Ok(vec![other]),
        }
    }

    fn rename_item<'s>(
        &'s self,
        item: &'s ProcessingItem,
        found: &mut Item<'s>,
        state: &mut State<'s>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        let rules = state.settings.items;
        let referenced = self.rename_references(item, found, state)?;
        let Some(names) = self.rename(found.field.as_deref()) else {
            return Ok(Outcome::changed(referenced));
        };
        let matched = item.matches_field(found.field.as_deref(), state)?;
        if (matched || referenced)
            && let Some(mapped) = &mut state.mapped
        {
            mapped.extend(found.field.clone());
            mapped.extend(names.clone().into_vec());
        }
        if !matched {
            return Ok(Outcome::changed(referenced));
        }
        if found.field.is_none() {
            for value in &mut found.values {
                rules.search_anywhere(&mut value.value);
            }
        }
        match names {
            Names::One(name) => {
                state.budget.make(name.len())?;
                found.field = Some(name);
                Ok(Outcome::Changed)
            }
            Names::Many(names) if names.is_empty() => {
                let field = found.field.as_deref().unwrap_or("null");
                let message = format!(
                    "the field `{field}` is mapped to an empty list, which leaves nothing to search"
                );
                Err(Diagnostic::error(Code::TransformationFailed, message).at(found.key))
            }
            Names::Many(names) => {
                let weight = weight_of_each(found);
                state.budget.make(weight.saturating_mul(names.len()))?;
                Ok(Outcome::Replaced(rules.in_fields(found, &names)))
            }
        }
    }
}

fn title(name: &str) -> String {
    let mut previous = false;
    name.chars()
        .flat_map(|character| {
            let inside = std::mem::replace(&mut previous, character.is_alphabetic());
            let mapped: Vec<char> = if inside {
                character.to_lowercase().collect()
            } else {
                character.to_uppercase().collect()
            };
            mapped
        })
        .collect()
}

impl Transformation for Renaming {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let item = pass.item;
        if !pass.rule.fields.is_empty() {
            self.rename_list(item, &mut pass.rule.fields, pass.state)?;
        }
        let mut carried = std::mem::take(&mut pass.state.carried);
        for names in &mut carried {
            self.rename_list(item, names, pass.state)?;
        }
        pass.state.carried = carried;
        pass.each_item(|found, state| self.rename_item(item, found, state))
    }
}
