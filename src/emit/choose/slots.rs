//! What the slots of a wording are filled with.

use super::phrase::Stop;
use super::{Chooser, network, number};
use crate::backend::template::Slot;
use crate::emit::conventions::Leaf;
use crate::pattern::Departure;
use crate::rule::{Comparison, Part, Value};
use std::ops::Range;

impl Chooser<'_, '_> {
    /// Fills a slot of a test.
    pub(super) fn fill(
        &self,
        slot: Slot,
        leaf: Leaf<'_>,
        departures: &mut Vec<Departure>,
        out: &mut String,
    ) -> Result<(), Stop> {
        let language = self.language;
        match (slot, leaf.value) {
            (Slot::Regex(literal), _) => self.regex(leaf, literal, departures, out)?,
            (Slot::Flags, _) => out.push_str(&self.flags(leaf)?),
            (Slot::Field, _) => self.place(leaf.field.unwrap_or_default(), out)?,
            (Slot::FieldRaw, _) => out.push_str(leaf.field.unwrap_or_default()),
            (Slot::Value(literal), Value::String(pattern) | Value::Cased(pattern)) => {
                self.check_states(&language.literals[literal], pattern, leaf)?;
                language.literals[literal].write(&pattern.parts, out)?;
            }
            (Slot::Literal(literal), Value::String(pattern) | Value::Cased(pattern)) => {
                self.check_states(&language.literals[literal], pattern, leaf)?;
                language.literals[literal].write(trimmed(&pattern.parts), out)?;
            }
            (
                Slot::Number,
                Value::Number(number) | Value::Time(_, number) | Value::Compare(_, _, number),
            ) => out.push_str(&number.text),
            (
                Slot::ShortestNumber,
                Value::Number(number) | Value::Time(_, number) | Value::Compare(_, _, number),
            ) => out.push_str(&number.shortest()),
            (
                Slot::NumberIn(literal),
                Value::Number(number) | Value::Time(_, number) | Value::Compare(_, _, number),
            ) => language.literals[literal].write_text(&number.text, out)?,
            (Slot::NumberTexts(literal), Value::Number(number)) => {
                number::write(&number.texts(), ", ", &language.literals[literal], out)?;
            }
            (Slot::Spellings(literal), Value::Number(number)) => {
                let texts = number::spellings(number);
                number::write(&texts, ", ", &language.literals[literal], out)?;
            }
            (Slot::AddressIn(literal), Value::Cidr(network)) => {
                let address = network.net.network().to_string();
                language.literals[literal].write_text(&address, out)?;
            }
            (Slot::Boolean, Value::Bool(value)) => match &language.booleans {
                Some(words) => out.push_str(&words[usize::from(*value)]),
                None => return Err(Stop::Refused("there are no words for booleans".to_owned())),
            },
            (Slot::BooleanDigit, Value::Bool(value)) => out.push(if *value { '1' } else { '0' }),
            (Slot::Op, Value::Compare(comparison, ..)) => {
                out.push_str(&language.operators[sign(*comparison)]);
            }
            (Slot::Other, Value::FieldRef(reference)) => self.place(&reference.field, out)?,
            (Slot::OtherRaw, Value::FieldRef(reference)) => out.push_str(&reference.field),
            (Slot::Part, Value::Time(part, _) | Value::Compare(_, Some(part), _)) => {
                match language.time_parts.iter().find(|(known, _)| known == part) {
                    Some((_, word)) => {
                        word.write(out, |slot, out| self.fill(slot, leaf, departures, out))?;
                    }
                    None => {
                        let reason = format!("there is no word for a time's {}", part.name());
                        return Err(Stop::Refused(reason));
                    }
                }
            }
            (Slot::Option(option), _) => out.push_str(self.settings.at(option)),
            (Slot::OptionName(option), _) => {
                language.field.write_dotted(self.settings.at(option), out);
            }
            (slot, Value::Cidr(network)) => network::fill(slot, network.net, out),
            _ => {}
        }
        Ok(())
    }

    /// Writes where a field is found.
    pub(super) fn place(&self, field: &str, out: &mut String) -> Result<(), Stop> {
        let start = out.len();
        self.write_place(field, out);
        let refusal = self.language.field.refusal(field, &out[start..]);
        refusal.map_or(Ok(()), |reason| Err(Stop::Refused(reason)))
    }

    fn write_place(&self, field: &str, out: &mut String) {
        let settings = self.settings;
        let names = &self.language.field;
        let is_list = self.is_list(field);
        let element = self.language.elements.as_ref();
        let element = element.filter(|_| is_list && self.at_element.get());
        if self.optional.contains(field) {
            out.push_str(&names.optional);
        }
        let column = settings.column(field, self.types);
        let within = column.and_then(|column| column.within);
        let place = |out: &mut String| match element {
            Some(element) => out.push_str(&element.name),
            None => names.write_place(field, |option| settings.at(option), within, out),
        };
        let kind = column.and_then(|column| self.types.get(column.kind));
        let text = kind.and_then(|kind| kind.text.as_ref());
        // A list as a whole is not text.
        let is_value = !is_list || element.is_some();
        let Some(text) = text.filter(|_| is_value && !self.knows_type) else {
            return place(out);
        };
        let written: Result<(), std::convert::Infallible> = text.write(out, |slot, out| {
            if slot == Slot::Field {
                place(out);
            }
            Ok(())
        });
        let Ok(()) = written;
    }

    /// A field, as a text of its own.
    pub(super) fn field_text(&mut self, field: &str) -> Range<usize> {
        let start = self.texts.len();
        let mut texts = std::mem::take(&mut self.texts);
        // The test of the field is refused where its name is.
        self.write_place(field, &mut texts);
        self.texts = texts;
        start..self.texts.len()
    }
}

const fn sign(comparison: Comparison) -> usize {
    match comparison {
        Comparison::Lt => 0,
        Comparison::Lte => 1,
        Comparison::Gt => 2,
        Comparison::Gte => 3,
    }
}

/// A pattern without the `*` at its ends.
fn trimmed<'p, 's>(parts: &'p [Part<'s>]) -> &'p [Part<'s>] {
    let mut parts = parts;
    while let [Part::Any, rest @ ..] = parts {
        parts = rest;
    }
    while let [rest @ .., Part::Any] = parts {
        parts = rest;
    }
    parts
}
