//! How pySigma applies the items of pipelines.

use super::{Pysigma, transformation};
use crate::diagnostic::Diagnostic;
use crate::modifier;
use crate::pipeline::ItemRules;
use crate::pipeline::State;
use crate::pipeline::data::{self, Wanted};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::reader::Names;
use crate::pipeline::text;
use crate::pipeline::transformation::alternatives::{around, in_each};
use crate::pipeline::transformation::extract::Extract;
use crate::pipeline::transformation::hashes::Hashes;
use crate::pipeline::transformation::map_string::MapString;
use crate::pipeline::transformation::replace::Replace;
use crate::pipeline::transformation::string::Function;
use crate::pipeline::transformation::to_regex::ToRegex;
use crate::pipeline::transformation::walk::{Outcome, Replacement};
use crate::profile::Profile;
use crate::rule::{DetectionNode, Item, Link, Number, Pattern, Value};
use crate::source::Spanned;
use std::borrow::Cow;
use std::mem::{replace, take};

impl ItemRules for Pysigma {
    fn profile(&self) -> Profile {
        Profile::Pysigma
    }

    fn modifiers(&self) -> Option<&dyn modifier::Rules> {
        Some(self)
    }

    /// They have a memory of their own, without variables and without what was set before, which is
    /// added to the outer one afterwards.
    fn nest<'s>(
        &self,
        state: &mut State<'s>,
        run: &mut dyn FnMut(&mut State<'s>) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let settings = state.settings;
        state.settings.vars = &[];
        let vars = take(&mut state.vars);
        let values = take(&mut state.values);
        let places = take(&mut state.places);
        let names = take(&mut state.field_names);
        let result = run(state);
        state.settings = settings;
        state.vars = vars;
        state.places = places;
        for (key, value) in replace(&mut state.values, values) {
            state.set(key, value);
        }
        let inner = replace(&mut state.field_names, names);
        state.field_names.extend(inner);
        result
    }

    fn notes_templates(&self) -> bool {
        false
    }

    fn lists(&self, names: &Names, name: &str) -> bool {
        lists(names, name)
    }

    /// Each character of a text is an expression.
    fn name_regexes<'r>(
        &self,
        regexes: &'r [Regex],
        characters: Option<&'r [Regex]>,
    ) -> &'r [Regex] {
        characters.unwrap_or(regexes)
    }

    fn compare_unknown(&self, _is_unequal: bool) -> bool {
        false
    }

    fn absent_part(&self) -> Option<&'static str> {
        Some("None")
    }

    fn compare_missing(&self, _is_unequal: bool) -> Result<bool, String> {
        Err("the rule has no such attribute".into())
    }

    /// An `int` or `bool` compared with a `float` by its method gives `NotImplemented`, which counts
    /// as true.
    fn compares(&self, number: &serde_json::Value) -> bool {
        number.is_f64()
    }

    fn item_has(&self, wanted: &Wanted, value: &Value<'_>) -> bool {
        match value {
            Value::String(pattern) | Value::Cased(pattern) => {
                wanted.pattern.as_ref() == Some(pattern)
            }
            Value::Number(number) => data::is_number(&wanted.value, number),
            Value::Bool(value) => wanted.value.as_bool() == Some(*value),
            _ => false,
        }
    }

    fn rule_has(&self, wanted: &Wanted, value: &Value<'_>) -> bool {
        match value {
            Value::Null => wanted.value.is_null(),
            Value::Cased(_) => false,
            Value::Number(_) if wanted.value.is_boolean() => false,
            value => self.item_has(wanted, value),
        }
    }

    fn keeps_stars(&self) -> bool {
        false
    }

    fn sees_alternatives(&self) -> bool {
        false
    }

    /// A part of a time is a plain number.
    fn number<'v, 's>(&self, value: &'v Value<'s>) -> Option<&'v Number<'s>> {
        match value {
            Value::Number(number) | Value::Time(_, number) => Some(number),
            _ => None,
        }
    }

    /// It forgets that the old one minded case.
    fn string_like<'s>(&self, _old: &Value<'_>, new: Pattern<'s>) -> Value<'s> {
        Value::String(new)
    }

    fn case(&self, _own: Function, python: Function) -> Function {
        python
    }

    /// Anything is `*`, which repeats what is before it.
    fn in_regex(&self, value: &Pattern<'_>) -> Pattern<'static> {
        Pattern::literal(text::plain(value).into_owned())
    }

    /// All must match where all values must.
    fn in_place_of_one<'s>(&self, _link: Link, new: Vec<Value<'s>>) -> Vec<Value<'s>> {
        new
    }

    /// An item without values asks for null.
    fn complete(&self, emptied: &mut Item<'_>) {
        emptied.values.push(Spanned::new(Value::Null, emptied.key));
        emptied.listed = false;
    }

    /// What asks whether the field is missing is joined by "or", too.
    fn in_fields<'s>(&self, found: &Item<'s>, names: &[Cow<'s, str>]) -> DetectionNode<'s> {
        in_each(found, names, Link::Or)
    }

    /// It forgets numbers, and what modifiers made.
    fn search_anywhere(&self, value: &mut Value<'_>) {
        if let Value::String(pattern) | Value::Cased(pattern) = value {
            around(pattern);
        }
    }

    fn replace_string<'s>(
        &self,
        replace: &Replace,
        value: &Value<'s>,
        state: &State<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        transformation::replace_string(replace, value, state)
    }

    fn map_string<'s>(
        &self,
        map: &'s MapString,
        value: &Value<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        transformation::map_string(map, value)
    }

    fn to_regex<'s>(
        &self,
        step: &ToRegex,
        _value: &Value<'s>,
        pattern: &Pattern<'s>,
        _is_keyword: bool,
        _state: &State<'s>,
    ) -> Result<Replacement<'s>, Diagnostic> {
        Ok(Replacement::One(transformation::regex(step, pattern)?))
    }

    fn hashes<'s>(
        &self,
        hashes: &Hashes,
        found: &Item<'s>,
        state: &State<'s>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        transformation::hashes(hashes, found, state)
    }

    /// It forgets `|neq`, and drops values without a word.
    fn extract<'s>(
        &self,
        extract: &Extract,
        found: &Item<'s>,
        state: &State<'s>,
    ) -> Result<Outcome<'s>, Diagnostic> {
        extract.change(found, false, state, &|_, _| Ok(()))
    }
}

/// A text in place of a list has every part of it.
pub(super) fn lists(names: &Names, name: &str) -> bool {
    match names {
        Names::List(names) => names.iter().any(|known| known == name),
        Names::Text(text) => text.contains(name),
    }
}
