//! Parts of values: `.a`, `.[0]`, `.[2:4]`, `.[]`; and values with a part changed.

use super::machine::{At, Flow, Here, Machine, Out, Stop, Term};
use super::value::{kind, short};
use jaq_core::path::{Opt, Part};
use serde_json::{Map, Value};
use std::borrow::Cow;

type Parts<'t> = &'t [(Part<Term<'t>>, Opt)];

impl Machine {
    /// Follows a path from `at`; the terms in it are evaluated `here`.
    pub fn follow<'t>(
        &self,
        parts: Parts<'t>,
        at: At<'_>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let Some(((part, optional), rest)) = parts.split_first() else {
            return out(at);
        };
        let is_optional = matches!(optional, Opt::Optional);
        let mut go_on = |found: Result<At<'_>, Stop>| match found {
            Ok(found) => self.follow(rest, found, here, out),
            Err(Stop::Error(_)) if is_optional => Ok(()),
            Err(stop) => Err(stop),
        };
        match part {
            Part::Index(index) => {
                self.run(index, here, &mut |key| go_on(self.index(&at, &key.value)))
            }
            Part::Range(None, None) => self.each(&at, is_optional, &mut |found| go_on(Ok(found))),
            Part::Range(from, to) => self.bound(from.as_ref(), here, &mut |from| {
                self.bound(to.as_ref(), here, &mut |to| {
                    go_on(self.slice(&at, &from, &to))
                })
            }),
        }
    }

    fn bound<'t>(
        &self,
        term: Option<&'t Term<'t>>,
        here: Here<'_, 't>,
        out: &mut dyn FnMut(Value) -> Flow,
    ) -> Flow {
        match term {
            None => out(Value::Null),
            Some(term) => self.run(term, here, &mut |found| out(self.own(found.value)?)),
        }
    }

    /// The children of a value.
    pub fn each(&self, at: &At<'_>, is_optional: bool, out: Out<'_>) -> Flow {
        match at.value.as_ref() {
            Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
                self.step()?;
                out(at.child(Cow::Borrowed(item), || index.into()))
            }),
            Value::Object(pairs) => pairs.iter().try_for_each(|(key, item)| {
                self.step()?;
                out(at.child(Cow::Borrowed(item), || Value::String(key.clone())))
            }),
            _ if is_optional => Ok(()),
            other => Err(Stop::error(format!("{} has no parts", short(other)))),
        }
    }

    /// The child of a value at a key.
    pub fn index<'v>(&self, at: &'v At<'_>, key: &Value) -> Result<At<'v>, Stop> {
        self.step()?;
        let found = get(&at.value, key)?;
        if let Cow::Owned(slice) = &found {
            self.make(super::machine::weight(slice).0)?;
        }
        Ok(at.child(found, || key.clone()))
    }

    fn slice<'v>(&self, at: &'v At<'_>, from: &Value, to: &Value) -> Result<At<'v>, Stop> {
        let mut key = Map::new();
        key.insert("start".into(), from.clone());
        key.insert("end".into(), to.clone());
        self.index(at, &Value::Object(key))
    }

    /// The value with `new` at the path, or without it.
    pub fn set(&self, value: Value, path: &[Value], new: Option<Value>) -> Result<Value, Stop> {
        self.step()?;
        let Some((key, rest)) = path.split_first() else {
            return Ok(new.unwrap_or_default());
        };
        match (value, key) {
            (Value::Null, _) if new.is_none() => Ok(Value::Null),
            (value @ (Value::Null | Value::Object(_)), Value::String(key)) => {
                let mut map = match value {
                    Value::Object(map) => map,
                    _ => Map::new(),
                };
                self.make(key.len() + 64)?;
                if rest.is_empty() && new.is_none() {
                    self.spend(map.len())?;
                    map.shift_remove(key);
                } else {
                    let old = map.get_mut(key).map(Value::take).unwrap_or_default();
                    map.insert(key.clone(), self.set(old, rest, new)?);
                }
                Ok(Value::Object(map))
            }
            (value @ (Value::Null | Value::Array(_)), Value::Number(_)) => {
                let mut items = items_of(value);
                let at = position(key, items.len());
                let at = at.ok_or_else(|| Stop::error("an index before the first item"))?;
                if at >= items.len() {
                    if new.is_none() {
                        return Ok(Value::Array(items));
                    }
                    self.make((at - items.len() + 1).saturating_mul(32))?;
                    items.resize(at + 1, Value::Null);
                }
                if rest.is_empty() && new.is_none() {
                    self.spend(items.len())?;
                    items.remove(at);
                } else {
                    let old = items[at].take();
                    items[at] = self.set(old, rest, new)?;
                }
                Ok(Value::Array(items))
            }
            (value @ (Value::Null | Value::Array(_)), Value::Object(slice)) => {
                let mut items = items_of(value);
                let (from, to) = range(slice, items.len());
                self.spend(items.len())?;
                let old = Value::Array(items[from..to].to_vec());
                self.make(super::machine::weight(&old).0)?;
                let replacement = match (rest, new) {
                    ([], None) => Vec::new(),
                    (rest, new) => match self.set(old, rest, new)? {
                        Value::Array(items) => items,
                        other => return Err(Stop::error(format!("{} is no array", short(&other)))),
                    },
                };
                items.splice(from..to, replacement);
                Ok(Value::Array(items))
            }
            (value, key) => Err(no_part(&value, key)),
        }
    }
}

fn items_of(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

fn no_part(value: &Value, key: &Value) -> Stop {
    Stop::error(format!("{} has no part {}", short(value), short(key)))
}

/// The part of a value at a key; `null` where there is none.
pub fn get<'v>(value: &'v Value, key: &Value) -> Result<Cow<'v, Value>, Stop> {
    let null = || Cow::Owned(Value::Null);
    match (value, key) {
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Object(_) | Value::Null) => {
            Ok(null())
        }
        (Value::Object(pairs), Value::String(key)) => {
            Ok(pairs.get(key).map_or_else(null, Cow::Borrowed))
        }
        (Value::Array(items), Value::Number(_)) => {
            let at = position(key, items.len());
            Ok(at
                .and_then(|at| items.get(at))
                .map_or_else(null, Cow::Borrowed))
        }
        (Value::Array(items), Value::Object(slice)) => {
            let (from, to) = range(slice, items.len());
            Ok(Cow::Owned(Value::Array(items[from..to].to_vec())))
        }
        (Value::String(text), Value::Object(slice)) => {
            let (from, to) = range(slice, text.chars().count());
            let part: String = text.chars().skip(from).take(to - from).collect();
            Ok(Cow::Owned(Value::String(part)))
        }
        (value, key) => Err(no_part(value, key)),
    }
}

/// An index; one below zero counts from the end.
fn position(key: &Value, length: usize) -> Option<usize> {
    #[allow(clippy::cast_possible_truncation)]
    let index = key.as_f64()?.floor() as i64;
    if index >= 0 {
        return usize::try_from(index).ok();
    }
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}

fn range(slice: &Map<String, Value>, length: usize) -> (usize, usize) {
    let place = |name: &str, default: usize| match slice.get(name) {
        Some(key @ Value::Number(_)) => position(key, length).unwrap_or(0).min(length),
        _ => default,
    };
    let (from, to) = (place("start", 0), place("end", length));
    (from, to.max(from))
}

/// The keys of an array or object.
pub fn keys(value: &Value) -> Result<Vec<Value>, Stop> {
    match value {
        Value::Array(items) => Ok((0..items.len()).map(Value::from).collect()),
        Value::Object(pairs) => Ok(pairs.keys().map(|key| key.as_str().into()).collect()),
        other => Err(Stop::error(format!("{} has no keys", kind(other)))),
    }
}
