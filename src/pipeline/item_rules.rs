//! Where readers of processing pipelines differ in what an item sees of a rule, and makes of it.

use super::data::Wanted;
use super::python::regex::Regex;
use super::reader::Names;
use super::state::State;
use super::transformation::alternatives::{alternatives, around};
use super::transformation::extract::{Extract, lose};
use super::transformation::hashes::Hashes;
use super::transformation::map_string::MapString;
use super::transformation::replace::Replace;
use super::transformation::string::{Function, same_kind};
use super::transformation::to_regex::ToRegex;
use super::transformation::walk::{Outcome, Replacement};
use crate::diagnostic::Diagnostic;
use crate::modifier;
use crate::profile::{Profile, Specification};
use crate::rule::{DetectionNode, Item, Link, Number, Part, Pattern, Value};
use crate::source::Spanned;
use std::borrow::Cow;

/// How items are applied. The default methods are the native profile's.
pub trait ItemRules: Sync {
    /// Whose items are applied, of those that are for one profile (`profile:`).
    fn profile(&self) -> Profile {
        Profile::Native
    }

    /// How the modifiers of a condition are applied that an item adds, where it is not as the
    /// specification says.
    fn modifiers(&self) -> Option<&dyn modifier::Rules> {
        None
    }

    /// Runs the items of `nest`, which see and set what the items around them do.
    fn nest<'s>(
        &self,
        state: &mut State<'s>,
        run: &mut dyn FnMut(&mut State<'s>) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        run(state)
    }

    /// Does a template count as applied, for conditions that ask for its id?
    fn notes_templates(&self) -> bool {
        true
    }

    /// Is a name one of these? A text in place of a list is one name.
    fn lists(&self, names: &Names, name: &str) -> bool {
        names.list().iter().any(|known| known == name)
    }

    /// The expressions for names of fields; `_characters` are those of a text in place of a list,
    /// one for each of its characters.
    fn name_regexes<'r>(
        &self,
        regexes: &'r [Regex],
        _characters: Option<&'r [Regex]>,
    ) -> &'r [Regex] {
        regexes
    }

    /// The answer of a comparison with an attribute that the rule has not.
    fn compare_missing(&self, is_unequal: bool) -> Result<bool, String> {
        Ok(is_unequal)
    }

    /// The same with an attribute that is no standard one.
    fn compare_unknown(&self, is_unequal: bool) -> bool {
        is_unequal
    }

    /// The text for a part that the log source has not in a template of `add_condition`; an error
    /// if there is none.
    fn absent_part(&self) -> Option<&'static str> {
        None
    }

    /// Does a number compare with another? If not, all comparisons with it hold.
    fn compares(&self, _number: &serde_json::Value) -> bool {
        true
    }

    /// Is a value of the detection item at hand the one that a condition asks for?
    fn item_has(&self, wanted: &Wanted, value: &Value<'_>) -> bool {
        wanted.means(value)
    }

    /// Is a value of one of the rule's detection items the one that a condition asks for?
    fn rule_has(&self, wanted: &Wanted, value: &Value<'_>) -> bool {
        wanted.means(value)
    }

    /// Does `extract_fields` leave a value alone whose own `*` or `?` its groups would take for a
    /// wildcard?
    fn keeps_stars(&self) -> bool {
        true
    }

    /// Are the alternatives that a modifier made of a value seen one by one?
    fn sees_alternatives(&self) -> bool {
        true
    }

    /// The number that a value is.
    fn number<'v, 's>(&self, value: &'v Value<'s>) -> Option<&'v Number<'s>> {
        match value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A string in place of `old`, which minds case if that did.
    fn string_like<'s>(&self, old: &Value<'_>, new: Pattern<'s>) -> Value<'s> {
        same_kind(old, new)
    }

    /// Which of two functions `case` is: the first leaves alone what would become several
    /// characters.
    fn case(&self, own: Function, _python: Function) -> Function {
        own
    }

    /// A placeholder's value inside a regular expression: a piece of one, as it was written, or
    /// anything.
    fn in_regex(&self, value: &Pattern<'_>) -> Pattern<'static> {
        if value.parts == [Part::Any] {
            return Pattern::literal(".*");
        }
        Pattern::literal(super::text::plain(value).into_owned())
    }

    /// What takes the place of one value: alternatives, even where all values must match.
    fn in_place_of_one<'s>(&self, link: Link, new: Vec<Value<'s>>) -> Vec<Value<'s>> {
        if link == Link::And && new.len() > 1 {
            vec![Value::Expansion(new)]
        } else {
            new
        }
    }

    /// Completes an item that was left without values: there is nothing to add.
    fn complete(&self, _emptied: &mut Item<'_>) {}

    /// The item in the fields that its own became.
    fn in_fields<'s>(&self, found: &Item<'s>, names: &[Cow<'s, str>]) -> DetectionNode<'s> {
        alternatives(found, names)
    }

    /// Makes of a keyword's value one that is anywhere in a field.
    fn search_anywhere(&self, value: &mut Value<'_>) {
        match value {
            Value::String(pattern) | Value::Cased(pattern) => around(pattern),
            Value::Number(number) => {
                let mut pattern = Pattern::literal(number.text.clone());
                around(&mut pattern);
                *value = Value::String(pattern);
            }
            Value::Expansion(values) => {
                for value in values {
                    self.search_anywhere(value);
                }
            }
            _ => {}
        }
    }

    /// `replace_string`
    fn replace_string<'s>(
        &self,
        replace: &Replace,
        value: &Value<'s>,
        state: &State<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        replace.change(value, &state.budget)
    }

    /// `map_string`
    fn map_string<'s>(
        &self,
        map: &'s MapString,
        value: &Value<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        map.change(value)
    }

    /// `regex`
    fn to_regex<'s>(
        &self,
        step: &ToRegex,
        value: &Value<'s>,
        pattern: &Pattern<'s>,
        is_keyword: bool,
        state: &State<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        step.change(value, pattern, is_keyword, state)
    }

    /// `hashes_fields`
    fn hashes<'s>(
        &self,
        hashes: &Hashes,
        found: &Item<'s>,
        state: &State<'s>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        hashes.change(found, state)
    }

    /// `extract_fields`
    fn extract<'s>(
        &self,
        extract: &Extract,
        found: &Item<'s>,
        state: &State<'s>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        let dropped = |value: &Spanned<Value<'s>>, left| lose(found, value, left, state);
        extract.change(found, found.negated, state, &dropped)
    }
}

impl ItemRules for Specification {}
