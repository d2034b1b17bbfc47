//! Shapes that only backend files have: templates with the slots of their place, letters, and
//! conditions on options.

use crate::backend::build::TYPE;
use crate::backend::folding::Folding;
use crate::backend::language::{Kind, Loss};
use crate::backend::template::{Names, Template, slot_names};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::table::check::{Checker, Scope, below};
use crate::table::shape::{Own, Shape};
use crate::table::tree::{Entry, Place, Tree};
use serde_json::{Value, json};
use std::ops::Range;

/// A template of a place that fills these slots: `field`, `value`; `option` is `{option.NAME}`.
#[derive(Debug)]
pub struct Slots {
    /// Those that it fills. One that takes a literal stands for all of its literals.
    pub filled: &'static [&'static str],
    /// Those without which it says nothing.
    pub needed: &'static [&'static str],
}

impl Own for Slots {
    fn check(&self, checker: &Checker<'_>, scope: &Scope<'_>, path: &str, entry: &Entry) {
        let Tree::Text(text) = &entry.value else {
            return checker.expected(&self.title(), path, entry);
        };
        let owned = |list| -> Vec<String> {
            let names = scope.names(list).unwrap_or_default().iter();
            names.map(|name| (*name).to_owned()).collect()
        };
        let (literals, options) = (owned("literal"), owned("option"));
        let names = Names {
            literals: &literals,
            options: &options,
        };
        if let Err(error) = Template::compile(text, names) {
            let mut diagnostic = Diagnostic::error(Code::BackendTemplate, error.message);
            if let Some(help) = error.help {
                diagnostic = diagnostic.help(help);
            }
            return checker.problem(inside(entry, &error.range), diagnostic);
        }
        let slots = slots(text);
        for (range, slot) in &slots {
            if !self.fills(slot) {
                let message = format!("`{path}` does not fill the slot `{{{slot}}}`");
                let filled: Vec<String> = self.filled.iter().map(|name| shown(name)).collect();
                let help = format!("the slots of this place: {}", filled.join(", "));
                let error = Diagnostic::error(Code::BackendTemplate, message).help(help);
                checker.problem(inside(entry, range), error);
            }
        }
        for needed in self.needed {
            if !slots.iter().any(|(_, slot)| slot == needed) {
                let message = format!("`{path}` has no `{{{needed}}}`");
                checker.problem(
                    entry.place,
                    Diagnostic::error(Code::BackendTemplate, message),
                );
            }
        }
    }

    fn title(&self) -> String {
        "a template".to_owned()
    }
}

impl Slots {
    fn fills(&self, slot: &str) -> bool {
        let (head, literal) = slot.split_once(':').unwrap_or((slot, ""));
        if head.starts_with("option.") {
            let kind = match literal {
                "" => "option",
                literal => return self.filled.contains(&format!("option:{literal}").as_str()),
            };
            return self.filled.contains(&kind);
        }
        let is_whole = slot_names().any(|name| name == slot);
        self.filled.contains(if is_whole { &slot } else { &head })
    }
}

/// A slot as templates write it.
fn shown(name: &str) -> String {
    match name.strip_prefix("option") {
        Some(kind) => format!("`{{option.NAME{kind}}}`"),
        None => format!("`{{{name}}}`"),
    }
}

/// The slots of a well-formed template, and their bytes in it.
fn slots(text: &str) -> Vec<(Range<usize>, &str)> {
    let (mut slots, mut at) = (Vec::new(), 0);
    while let Some(found) = text[at..].find(['{', '}']) {
        let start = at + found;
        let rest = &text[start + 1..];
        match rest.find('}') {
            Some(length) if text[start..].starts_with('{') && !rest.starts_with('{') => {
                at = start + length + 2;
                slots.push((start..at, &rest[..length]));
            }
            _ => at = (start + 2).min(text.len()),
        }
    }
    slots
}

/// The place of a part of a text: inside the quotes, as long as no escape precedes it.
fn inside(entry: &Entry, range: &Range<usize>) -> Place {
    let start = entry.place.span.start as usize + 1 + range.start;
    Place {
        span: Span::new(start, start + range.len()),
        ..entry.place
    }
}

/// Letters, and ranges of them: `ßǄ-ǌ`.
#[derive(Debug)]
pub struct Letters;

impl Own for Letters {
    fn check(&self, checker: &Checker<'_>, _: &Scope<'_>, path: &str, entry: &Entry) {
        let is_right = match &entry.value {
            Tree::Text(letters) => Folding::default().add(letters, Loss::Broader),
            _ => false,
        };
        if !is_right {
            checker.expected(&self.title(), path, entry);
        }
    }

    fn title(&self) -> String {
        "letters, and ranges of them as `a-z`".to_owned()
    }
}

/// What is about a kind of test.
#[derive(Debug)]
pub enum OfTest {
    /// The words for every test of the kind that the key names.
    Fault,
    /// The kind's name, or `not` and its name.
    Name,
}

impl Own for OfTest {
    fn check(&self, checker: &Checker<'_>, _: &Scope<'_>, path: &str, entry: &Entry) {
        let name = match (self, &entry.value) {
            (Self::Fault, _) => path.rsplit('.').next(),
            (Self::Name, Tree::Text(name)) => Some(name.strip_prefix("not ").unwrap_or(name)),
            (Self::Name, _) => None,
        };
        if name.and_then(Kind::from_key).is_none() {
            checker.expected(&self.title(), path, entry);
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Fault => "a kind of test as key, or a table".to_owned(),
            Self::Name => "a kind of test".to_owned(),
        }
    }
}

/// Options and a thing for each of their values: `{ case = "fold" }`, or `regex_by`'s tables.
#[derive(Debug)]
pub enum ByOption {
    /// The value that the option has to have.
    Value,
    /// A table of values, with this shape for each.
    Table(&'static Shape),
}

impl Own for ByOption {
    fn check(&self, checker: &Checker<'_>, scope: &Scope<'_>, path: &str, entry: &Entry) {
        let Tree::Table(table) = &entry.value else {
            return checker.expected(&self.title(), path, entry);
        };
        for (option, place, entry) in &table.entries {
            if option == TYPE && matches!(self, Self::Value) {
                types(checker, scope, &below(path, option), entry);
                continue;
            }
            if !scope
                .names("option")
                .unwrap_or_default()
                .contains(&option.as_str())
            {
                checker.unknown("option", option, scope, *place);
                continue;
            }
            let path = below(path, option);
            match (self, &entry.value) {
                (_, Tree::Bool(false)) if matches!(self, Self::Table(_)) => {}
                (Self::Table(shape), Tree::Table(values)) => {
                    for (value, place, entry) in &values.entries {
                        has_value(checker, option, value, *place);
                        if entry.value != Tree::Bool(false) {
                            checker.value(shape, scope, &below(&path, value), entry);
                        }
                    }
                }
                (Self::Value, Tree::List(values)) if !values.is_empty() => {
                    for value in values {
                        of_option(checker, option, &path, value);
                    }
                }
                (Self::Value, _) => of_option(checker, option, &path, entry),
                (Self::Table(_), _) => checker.expected("a table", &path, entry),
            }
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Value => "a table of options, or `type`, and their values".to_owned(),
            Self::Table(_) => "a table of options and tables of their values".to_owned(),
        }
    }

    fn schema(&self) -> Value {
        let value = match self {
            Self::Value => json!({ "type": ["string", "number", "boolean", "array"] }),
            Self::Table(_) => json!({ "type": ["object", "boolean"] }),
        };
        json!({ "type": "object", "additionalProperties": value })
    }
}

/// The types of columns that a condition names; an empty text is an unknown one.
fn types(checker: &Checker<'_>, scope: &Scope<'_>, path: &str, entry: &Entry) {
    let known = scope.names(TYPE).unwrap_or_default();
    let values = match &entry.value {
        Tree::List(values) => values.as_slice(),
        _ => std::slice::from_ref(entry),
    };
    for value in values {
        match &value.value {
            Tree::Text(name) if name.is_empty() || known.contains(&name.as_str()) => {}
            Tree::Text(name) => checker.unknown(TYPE, name, scope, value.place),
            _ => checker.expected("the name of a type", path, value),
        }
    }
}

fn of_option(checker: &Checker<'_>, option: &str, path: &str, entry: &Entry) {
    match entry.value.plain() {
        Some(value) => has_value(checker, option, &value, entry.place),
        None => checker.expected("a value of the option", path, entry),
    }
}

/// Can an option have a value? One that lists no values can have any.
fn has_value(checker: &Checker<'_>, option: &str, value: &str, place: Place) {
    let options = checker.root.table("options");
    let option_keys = options.and_then(|options| options.table(option));
    let values = option_keys.and_then(|option| option.get("values"));
    let Some(Tree::List(values)) = values.map(|entry| &entry.value) else {
        return;
    };
    let values: Vec<String> = values
        .iter()
        .filter_map(|value| value.value.plain())
        .collect();
    if !values.is_empty() && values.iter().all(|known| known != value) {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        let values = values.join(" or ");
        checker.wrong(
            place,
            format!("expected {values} for the option `{option}`, found `{value}`"),
        );
    }
}
