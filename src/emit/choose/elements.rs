//! Tests of columns that are lists: one holds where it does of an element.
//!
//! In: `Tags|startswith: a`, where a schema has `Tags` as `array(varchar)`. Out, as
//! `[query.elements]` of the backend file says:
//! `any_match("Tags", element_ -> LOWER(element_) LIKE 'a%')`.

use super::Chooser;
use super::kind::kind;
use super::phrase::Stop;
use crate::backend::language::{Kind, Strength};
use crate::backend::template::Slot;
use crate::emit::conventions::Leaf;
use crate::emit::tree::{Phrase, Text};
use crate::rule::Value;

impl Chooser<'_, '_> {
    /// Is the field's column a list?
    pub(super) fn is_list(&self, field: &str) -> bool {
        self.language.elements.is_some()
            && self
                .settings
                .column(field, self.types)
                .is_some_and(|column| column.is_list)
    }

    /// The list whose elements a test is about. Whether there is a field is no question of elements.
    ///
    /// # Errors
    /// It compares two lists, or a list with a field that has the name of its elements.
    pub(super) fn list_of<'l>(&self, leaf: Leaf<'l>) -> Result<Option<&'l str>, Stop> {
        if matches!(leaf.value, Value::Null | Value::Exists(_)) {
            return Ok(None);
        }
        let field = leaf.field.filter(|field| self.is_list(field));
        let compared = match leaf.value {
            Value::FieldRef(reference) => Some(reference.field.as_ref()),
            _ => None,
        };
        let other = compared.filter(|other| self.is_list(other));
        let list = field.or(other);
        let name = self.language.elements.as_ref().map(|of| of.name.as_str());
        let is_element = |field: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(field));
        match (field, other, compared) {
            (Some(field), Some(other), _) if field != other => {
                let reason = "a comparison of two columns of lists";
                Err(Stop::Refused(reason.to_owned()))
            }
            (_, _, Some(compared))
                if list.is_some()
                    && [leaf.field, Some(compared)]
                        .into_iter()
                        .flatten()
                        .any(|field| Some(field) != list && is_element(field)) =>
            {
                let name = name.unwrap_or_default();
                let reason = format!("`{name}` is an element of the list that it is compared with");
                Err(Stop::Refused(reason))
            }
            _ => Ok(list),
        }
    }

    /// Writes a test: of a list one of its elements, of any other field the test itself.
    pub(super) fn of_element(
        &self,
        list: Option<&str>,
        out: &mut String,
        mut test: impl FnMut(&mut String) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let (Some(list), Some(elements)) = (list, &self.language.elements) else {
            return test(out);
        };
        elements.test.write(out, |slot, out| match slot {
            Slot::Field => self.place(list, out),
            Slot::Test => {
                self.at_element.set(true);
                let written = test(out);
                self.at_element.set(false);
                written
            }
            _ => Ok(()),
        })
    }

    /// Whether a list is there or has no value, where the language has words for that.
    pub(super) fn presence_of_list(&mut self, leaf: Leaf<'_>) -> Result<Option<Phrase>, Stop> {
        let Some(field) = leaf.field.filter(|field| self.is_list(field)) else {
            return Ok(None);
        };
        let elements = self.language.elements.as_ref();
        let template = elements.and_then(|elements| match kind(leaf.value) {
            Kind::Null => Some(&elements.null),
            Kind::Exists => elements.exists.as_ref(),
            Kind::NotExists => elements.not_exists.as_ref(),
            _ => None,
        });
        let Some(template) = template else {
            return Ok(None);
        };
        let mut texts = std::mem::take(&mut self.texts);
        let start = texts.len();
        let written = template.write(&mut texts, |_, out| self.place(field, out));
        self.texts = texts;
        written?;
        let text = Text::One(start..self.texts.len());
        Ok(Some(Phrase::new(text, Strength::Atom)))
    }
}
