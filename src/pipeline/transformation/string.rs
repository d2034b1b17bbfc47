//! Transformations of string values: `replace_string`, `map_string`, `regex`, `case`.

use super::walk::{Replacement, each_value};
use super::{Load, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::bound::Budget;
use crate::pipeline::entry::{Entry, optional, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::python::regex::{Regex, Template};
use crate::pipeline::reader::{Keys, scalar_text};
use crate::pipeline::state::State;
use crate::pipeline::text;
use crate::rule::{self, Part, Pattern, RegexFlags, Rule, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// `replace_string`
pub const REPLACE: Entry<Load> = Entry {
    name: "replace_string",
    summary: "Replaces what a regular expression matches in string values; numbers become strings.",
    keys: &[
        required("regex", "a regular expression"),
        required("replacement", "text; `\\1` and `\\g<name>` are groups"),
        optional(
            "skip_special",
            "`true`: wildcards and placeholders are left alone",
        ),
        optional(
            "interpret_special",
            "`true`: with `skip_special`, `*` and `?` in the result are wildcards",
        ),
    ],
    load: |keys| Some(Box::new(Replace::load(keys)?)),
};

/// `map_string`
pub const MAP: Entry<Load> = Entry {
    name: "map_string",
    summary: "Replaces string values by a map; a list makes several values of one.",
    keys: &[required(
        "mapping",
        "a map of values to a value or a list of values",
    )],
    load: |keys| Some(Box::new(MapString::load(keys)?)),
};

/// `regex`
pub const REGEX: Entry<Load> = Entry {
    name: "regex",
    summary: "Makes regular expressions of string values.",
    keys: &[optional(
        "method",
        "`ignore_case_brackets` (the default: `[aA]`), `ignore_case_flag` or `plain`",
    )],
    load: |keys| {
        let methods = [
            ("plain", Method::Plain),
            ("ignore_case_flag", Method::Flag),
            ("ignore_case_brackets", Method::Brackets),
        ];
        let method = match keys.node("method") {
            Some(_) => keys.choice("method", &methods)?,
            None => Method::Brackets,
        };
        Some(Box::new(ToRegex(method)))
    },
};

/// `case`
pub const CASE: Entry<Load> = Entry {
    name: "case",
    summary: "Changes the case of string values.",
    keys: &[optional(
        "method",
        "`lower` (the default), `upper` or `snake_case`",
    )],
    load: |keys| {
        let methods: [(&str, Function); 3] = [
            ("lower", str::to_lowercase),
            ("upper", str::to_uppercase),
            ("snake_case", snake_case),
        ];
        let method = match keys.node("method") {
            Some(_) => keys.choice("method", &methods)?,
            None => str::to_lowercase,
        };
        Some(Box::new(Case(method)))
    },
};

/// `NewProcessName` to `new_process_name`.
pub fn snake_case(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 4);
    for (index, character) in text.char_indices() {
        if index > 0 && character.is_ascii_uppercase() {
            result.push('_');
        }
        result.push(character);
    }
    result.to_lowercase()
}

/// The pattern of a string value.
pub fn pattern_of<'v, 's>(value: &'v Value<'s>) -> Option<&'v Pattern<'s>> {
    match value {
        Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
        _ => None,
    }
}

/// A string in place of `old`. pySigma forgets that the old one was case-sensitive.
pub fn string_like<'s>(old: &Value<'_>, new: Pattern<'s>, state: &State<'_>) -> Value<'s> {
    match old {
        Value::Cased(_) if !state.settings.compat => Value::Cased(new),
        _ => Value::String(new),
    }
}

#[derive(Debug)]
struct Replace {
    regex: Regex,
    template: Template,
    skip_special: bool,
    interpret_special: bool,
}

impl Replace {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        let regex = keys.regex("regex", Regex::search)?;
        let text = match keys.node_or_null("replacement").and_then(scalar_text) {
            Some(text) => text,
            None => keys.text("replacement")?,
        };
        let template = Template::new(&text, &regex)
            .map_err(|problem| {
                let span = keys.node("replacement").map_or(keys.span, |node| node.span);
                keys.report(Code::PipelineRegex, span, problem);
            })
            .ok()?;
        Some(Self {
            regex,
            template,
            skip_special: keys.flag("skip_special"),
            interpret_special: keys.flag("interpret_special"),
        })
    }

    fn replace<'s>(
        &self,
        pattern: &Pattern<'s>,
        budget: &Budget,
    ) -> Result<Pattern<'s>, Diagnostic> {
        if !self.skip_special {
            let replaced = self
                .regex
                .replace_all(&text::plain(pattern), &self.template, budget)?;
            let new = text::parse(&double_backslashes(&replaced));
            return Ok(match pattern.placeholder() {
                Some(_) => text::expand(new),
                None => new,
            });
        }
        let mut new = Pattern::default();
        for part in &pattern.parts {
            match part {
                Part::Literal(text) => {
                    let replaced = self.regex.replace_all(text, &self.template, budget)?;
                    if self.interpret_special {
                        for part in text::parse(&replaced).parts {
                            new.push(part);
                        }
                    } else {
                        new.push(Part::Literal(Cow::Owned(replaced)));
                    }
                }
                other => new.push(other.clone()),
            }
        }
        Ok(new)
    }
}

/// Doubles every backslash that does not escape a wildcard, so that reading the text again keeps
/// them all.
fn double_backslashes(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 4);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        result.push(character);
        if character == '\\' && !matches!(characters.peek(), Some('*' | '?')) {
            result.push('\\');
        }
    }
    result
}

impl Transformation for Replace {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let expansions = !state.settings.compat;
        each_value(item, rule, state, expansions, |_, value, state| {
            let replace = |pattern: &Pattern<'s>| self.replace(pattern, &state.budget);
            let new = match value {
                Value::Number(number) => {
                    Value::String(replace(&Pattern::literal(number.text.clone()))?)
                }
                Value::Time(_, number) if state.settings.compat => {
                    Value::String(replace(&Pattern::literal(number.text.clone()))?)
                }
                value => match pattern_of(value) {
                    // Where only the parts are replaced, the value keeps its kind.
                    Some(pattern) if self.skip_special => match value {
                        Value::Cased(_) => Value::Cased(replace(pattern)?),
                        _ => Value::String(replace(pattern)?),
                    },
                    Some(pattern) => string_like(value, replace(pattern)?, state),
                    None => return Ok(Replacement::Keep),
                },
            };
            Ok(Replacement::One(new))
        })
    }
}

#[derive(Debug)]
struct MapString(HashMap<String, Mapped>);

#[derive(Debug)]
enum Mapped {
    One(Pattern<'static>),
    Many(Vec<Pattern<'static>>),
}

impl MapString {
    fn load(keys: &Keys<'_>) -> Option<Self> {
        let node = keys.node("mapping")?;
        let Some(pairs) = node.as_mapping() else {
            keys.wrong("mapping", node, "a map of values");
            return None;
        };
        let mut mapping = HashMap::new();
        for (key, value) in pairs {
            let mapped = match value.as_sequence() {
                None => scalar_text(value).map(|text| Mapped::One(text::parse(&text))),
                Some(items) => items
                    .iter()
                    .map(|item| scalar_text(item).map(|text| text::parse(&text)))
                    .collect::<Option<_>>()
                    .map(Mapped::Many),
            };
            match (scalar_text(key), mapped) {
                (Some(key), Some(mapped)) => {
                    mapping.insert(key, mapped);
                }
                _ => keys.wrong("mapping[…]", value, "text or a list of texts"),
            }
        }
        Some(Self(mapping))
    }
}

impl Transformation for MapString {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let expansions = !state.settings.compat;
        each_value(item, rule, state, expansions, |_, value, state| {
            let Some(pattern) = pattern_of(value) else {
                return Ok(Replacement::Keep);
            };
            let like = |new: &'s Pattern<'static>| string_like(value, text::borrowed(new), state);
            Ok(match self.0.get(text::plain(pattern).as_ref()) {
                None => Replacement::Keep,
                Some(Mapped::One(new)) => Replacement::One(like(new)),
                Some(Mapped::Many(new)) => Replacement::Many(new.iter().map(like).collect()),
            })
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Method {
    Plain,
    Flag,
    Brackets,
}

#[derive(Debug)]
struct ToRegex(Method);

impl ToRegex {
    fn convert(&self, pattern: &Pattern<'_>) -> Result<Value<'static>, Diagnostic> {
        let mut regex = String::new();
        for part in &pattern.parts {
            match part {
                Part::Literal(text) => {
                    for character in text.chars() {
                        self.escape(character, &mut regex);
                    }
                }
                Part::Any => regex.push_str(".*"),
                Part::One => regex.push('.'),
                Part::Placeholder(name) => {
                    return Err(Diagnostic::error(
                        Code::PlaceholderValue,
                        format!("the placeholder `%{name}%` can't become a regular expression"),
                    )
                    .help("replace the placeholders before"));
                }
            }
        }
        Ok(Value::Regex(rule::Regex {
            pattern: Pattern::literal(regex),
            flags: RegexFlags {
                ignore_case: matches!(self.0, Method::Flag),
                ..RegexFlags::default()
            },
        }))
    }

    fn escape(&self, character: char, into: &mut String) {
        if matches!(self.0, Method::Brackets) && character.is_alphabetic() {
            into.push('[');
            into.extend(character.to_lowercase());
            into.extend(character.to_uppercase());
            into.push(']');
            return;
        }
        // What Python's `re.escape` escapes.
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(character) {
            into.push('\\');
        }
        into.push(character);
    }
}

impl Transformation for ToRegex {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let expansions = !state.settings.compat;
        each_value(item, rule, state, expansions, |_, value, _| {
            Ok(match pattern_of(value) {
                Some(pattern) if !pattern.parts.is_empty() => {
                    Replacement::One(self.convert(pattern)?)
                }
                _ => Replacement::Keep,
            })
        })
    }
}

type Function = fn(&str) -> String;

struct Case(Function);

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Case")
    }
}

impl Transformation for Case {
    fn apply<'s>(
        &'s self,
        item: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        let expansions = !state.settings.compat;
        each_value(item, rule, state, expansions, |_, value, _| {
            let Some(pattern) = pattern_of(value) else {
                return Ok(Replacement::Keep);
            };
            let mut new = Pattern::default();
            for part in &pattern.parts {
                new.push(match part {
                    Part::Literal(text) => Part::Literal(Cow::Owned(self.0(text))),
                    other => other.clone(),
                });
            }
            Ok(Replacement::One(match value {
                Value::Cased(_) => Value::Cased(new),
                _ => Value::String(new),
            }))
        })
    }
}
