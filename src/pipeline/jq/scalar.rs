//! Functions of one value, and of one value and an argument; sorting.

use super::machine::{At, Flow, Here, Machine, Out, Stop, Term, weight};
use super::operator::split;
use super::path::keys;
use super::value::{compare, contains, kind, number, short};
use serde_json::Value;
use std::borrow::Cow;

impl Machine {
    pub fn sorted<'t>(
        &self,
        name: &str,
        by: &'t Term<'t>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let items = array(&here.input.value)?;
        self.weigh(&here.input.value, 0)?;
        let mut keyed = Vec::with_capacity(items.len());
        let mut heaviest = 1;
        for item in items {
            let mut key = Vec::new();
            let at = At::of(Cow::Borrowed(item));
            self.run(by, here.of(&at), &mut |found| {
                key.push(self.own(found.value)?);
                Ok(())
            })?;
            let key = Value::Array(key);
            heaviest = heaviest.max(weight(&key).0 / 32);
            keyed.push((key, item));
        }
        let rounds = usize::try_from(items.len().max(2).ilog2()).unwrap_or(64) + 1;
        self.spend(items.len().saturating_mul(rounds).saturating_mul(heaviest))?;
        keyed.sort_by(|left, right| compare(&left.0, &right.0));
        let made = if name == "sort_by" {
            keyed.into_iter().map(|(_, item)| item.clone()).collect()
        } else {
            let groups = keyed.chunk_by(|left, right| compare(&left.0, &right.0).is_eq());
            groups
                .map(|group| Value::Array(group.iter().map(|(_, item)| (*item).clone()).collect()))
                .collect()
        };
        out(At::made(Value::Array(made)))
    }

    pub fn simple(&self, name: &str, input: &Value) -> Result<Value, Stop> {
        self.spend(weight(input).0 / 64)?;
        let rounded = |round: fn(f64) -> f64| match input.as_f64() {
            Some(_) if input.is_i64() && name != "abs" => Ok(input.clone()),
            Some(value) => Ok(number(round(value))),
            None => Err(Stop::error(format!("{} is no number", short(input)))),
        };
        Ok(match name {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "type" => kind(input).into(),
            "floor" => rounded(f64::floor)?,
            "ceil" => rounded(f64::ceil)?,
            "round" => rounded(f64::round)?,
            "abs" => rounded(f64::abs)?,
            "keys_unsorted" => Value::Array(keys(input)?),
            "tojson" => Value::String(self.format("@json", input)?),
            "tostring" => Value::String(self.format("@text", input)?),
            "@text" | "@json" | "@base64" | "@base64d" => Value::String(self.format(name, input)?),
            "length" => match input {
                Value::Null => 0.into(),
                Value::String(text) => text.chars().count().into(),
                Value::Array(items) => items.len().into(),
                Value::Object(pairs) => pairs.len().into(),
                _ => rounded(f64::abs)?,
            },
            "reverse" => match input {
                Value::Null => Value::Array(Vec::new()),
                Value::String(text) => text.chars().rev().collect::<String>().into(),
                input => array(input)?.iter().rev().cloned().collect(),
            },
            "implode" => {
                let characters = array(input)?.iter().map(|item| {
                    let number = item.as_u64().and_then(|number| u32::try_from(number).ok());
                    number.and_then(char::from_u32)
                });
                let text: Option<String> = characters.collect();
                Value::String(text.ok_or_else(|| Stop::error("expected numbers of characters"))?)
            }
            "fromjson" => serde_json::from_str(string(input)?)
                .map_err(|error| Stop::error(format!("{} is no JSON: {error}", short(input))))?,
            "utf8bytelength" => string(input)?.len().into(),
            "ascii_downcase" => string(input)?.to_ascii_lowercase().into(),
            "ascii_upcase" => string(input)?.to_ascii_uppercase().into(),
            "explode" => {
                self.make(string(input)?.len() * 32)?;
                let characters = string(input)?.chars();
                characters.map(|one| Value::from(u32::from(one))).collect()
            }
            "trim" => string(input)?.trim().into(),
            "ltrim" => string(input)?.trim_start().into(),
            "rtrim" => string(input)?.trim_end().into(),
            _ => return Err(Stop::error(format!("there is no `{name}`"))),
        })
    }

    pub fn with_argument(
        &self,
        name: &str,
        input: &Value,
        argument: &Value,
    ) -> Result<Value, Stop> {
        let (left, right) = (weight(input).0 / 32, weight(argument).0 / 32);
        self.spend(left + right)?;
        Ok(match name {
            "has" => match (input, argument) {
                (Value::Object(pairs), Value::String(key)) => pairs.contains_key(key).into(),
                (Value::Array(items), Value::Number(at)) => {
                    let at = at.as_u64().and_then(|at| usize::try_from(at).ok());
                    at.is_some_and(|at| at < items.len()).into()
                }
                _ => {
                    let (input, argument) = (short(input), short(argument));
                    return Err(Stop::error(format!("{input} has no keys like {argument}")));
                }
            },
            "contains" => {
                self.spend(left.saturating_mul(right))?;
                contains(input, argument).into()
            }
            "startswith" => string(input)?.starts_with(string(argument)?).into(),
            "endswith" => string(input)?.ends_with(string(argument)?).into(),
            "ltrimstr" | "rtrimstr" => match (input, argument) {
                (Value::String(text), Value::String(part)) => {
                    let trimmed = match name {
                        "ltrimstr" => text.strip_prefix(part.as_str()),
                        _ => text.strip_suffix(part.as_str()),
                    };
                    trimmed.unwrap_or(text).into()
                }
                _ => input.clone(),
            },
            "split" => {
                self.make(string(input)?.len().saturating_mul(33))?;
                Value::Array(split(string(input)?, string(argument)?))
            }
            "join" => {
                let items = array(input)?;
                let separator = string(argument)?;
                let separators = items.len().saturating_mul(separator.len());
                self.make(weight(input).0.saturating_add(separators))?;
                let mut texts = Vec::with_capacity(items.len());
                for item in items {
                    texts.push(match item {
                        Value::Null => String::new(),
                        item => self.format("@text", item)?,
                    });
                }
                texts.join(separator).into()
            }
            "indices" => match (input, argument) {
                (Value::String(text), Value::String(part)) if !part.is_empty() => {
                    let places = text.match_indices(part.as_str());
                    let mut found = Vec::new();
                    let (mut bytes, mut characters) = (0, 0);
                    for (at, _) in places {
                        characters += text[bytes..at].chars().count();
                        bytes = at;
                        self.make(32)?;
                        found.push(Value::from(characters));
                    }
                    Value::Array(found)
                }
                (Value::Array(items), Value::Array(part)) if !part.is_empty() => {
                    self.spend(left.saturating_mul(right))?;
                    let windows = items.windows(part.len()).enumerate();
                    let same = windows.filter(|(_, window)| {
                        let mut pairs = window.iter().zip(part);
                        pairs.all(|(left, right)| compare(left, right).is_eq())
                    });
                    same.map(|(at, _)| Value::from(at)).collect()
                }
                (Value::Array(items), other) => {
                    self.spend(items.len().saturating_mul(right))?;
                    let numbered = items.iter().enumerate();
                    let same = numbered.filter(|(_, item)| compare(item, other).is_eq());
                    same.map(|(at, _)| Value::from(at)).collect()
                }
                _ => Value::Null,
            },
            _ => return Err(Stop::error(format!("there is no `{name}`"))),
        })
    }
}

/// The items of an array.
pub fn array(value: &Value) -> Result<&[Value], Stop> {
    let items = value.as_array().map(Vec::as_slice);
    items.ok_or_else(|| Stop::error(format!("expected an array, found {}", short(value))))
}

/// The text of a string.
pub fn string(value: &Value) -> Result<&str, Stop> {
    let text = value.as_str();
    text.ok_or_else(|| Stop::error(format!("expected a string, found {}", short(value))))
}
