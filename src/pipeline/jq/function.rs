//! The functions that are not written in jq.

use super::evaluate::{At, Flow, Link, Machine, Out, Stop, split, weight};
use super::path::{get, keys};
use super::scope::Scope;
use super::value::{compare, contains, is_true, kind, number, short};
use jaq_core::load::parse::Term;
use serde_json::Value;
use std::borrow::Cow;
use std::rc::Rc;

/// Their names, with how many arguments each has.
pub const NATIVE: &[(&str, usize)] = &[
    ("empty", 0),
    ("error", 0),
    ("error", 1),
    ("true", 0),
    ("false", 0),
    ("null", 0),
    ("length", 0),
    ("utf8bytelength", 0),
    ("keys_unsorted", 0),
    ("type", 0),
    ("tostring", 0),
    ("tojson", 0),
    ("fromjson", 0),
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("explode", 0),
    ("implode", 0),
    ("trim", 0),
    ("ltrim", 0),
    ("rtrim", 0),
    ("reverse", 0),
    ("floor", 0),
    ("ceil", 0),
    ("round", 0),
    ("abs", 0),
    ("@text", 0),
    ("@json", 0),
    ("@base64", 0),
    ("@base64d", 0),
    ("has", 1),
    ("contains", 1),
    ("startswith", 1),
    ("endswith", 1),
    ("ltrimstr", 1),
    ("rtrimstr", 1),
    ("split", 1),
    ("join", 1),
    ("indices", 1),
    ("getpath", 1),
    ("delpaths", 1),
    ("setpath", 2),
    ("path", 1),
    ("recurse", 1),
    ("repeat", 1),
    ("sort_by", 1),
    ("group_by", 1),
    ("first", 1),
    ("last", 1),
    ("limit", 2),
    ("skip", 2),
    ("until", 2),
    ("while", 2),
    ("range", 3),
];

type Arguments<'t> = &'t [Term<&'t str>];

impl Machine {
    /// Calls a function.
    pub fn native<'t>(
        &self,
        name: &str,
        arguments: Arguments<'t>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        match (name, arguments) {
            ("empty", []) => Ok(()),
            ("error", []) => Err(Stop::Error(self.own(Cow::Borrowed(&input.value))?)),
            ("error", [message]) => self.run(message, scope, input, &mut |found| {
                Err(Stop::Error(self.own(found.value)?))
            }),
            (_, []) => {
                let made = self.simple(name, &input.value)?;
                self.weigh(&made, 0)?;
                out(At::made(made))
            }
            ("path", [of]) => {
                let root = self.rooted(input);
                self.run(of, scope, &root, &mut |found| {
                    out(At::made(Value::Array(path_of(&found)?)))
                })
            }
            ("recurse", [next]) => {
                self.worklist(input, out, &|at, out| self.run(next, scope, at, out))
            }
            ("repeat", [next]) => {
                self.worklist(input, out, &|at, out| self.run(next, scope, at, out))
            }
            ("while", [condition, next]) => self.worklist_while(
                input,
                out,
                &|at, out| self.run(next, scope, at, out),
                &|at| self.holds(condition, scope, at),
            ),
            ("until", [condition, next]) => self.until(condition, next, scope, input, out),
            ("sort_by" | "group_by", [by]) => self.sorted(name, by, scope, input, out),
            ("first", [of]) => {
                let label = self.label();
                let mut afterwards = Ok(());
                let flow = self.run(of, scope, input, &mut |found| {
                    afterwards = out(found);
                    Err(Stop::Break(label))
                });
                afterwards?;
                self.catch(label, flow)
            }
            ("last", [of]) => {
                let mut last = None;
                self.run(of, scope, input, &mut |found| {
                    last = Some(self.own(found.value)?);
                    Ok(())
                })?;
                last.map_or(Ok(()), |last| out(At::made(last)))
            }
            ("limit" | "skip", [count, of]) => self.run(count, scope, input, &mut |count| {
                self.counted(name == "limit", &count.value, of, (scope, input), out)
            }),
            ("range", [from, to, by]) => self.run(from, scope, input, &mut |from| {
                self.run(to, scope, input, &mut |to| {
                    self.run(by, scope, input, &mut |by| {
                        self.range(&from.value, &to.value, &by.value, out)
                    })
                })
            }),
            ("getpath", [path]) => self.run(path, scope, input, &mut |path| {
                self.get_path(input, &path.value, out)
            }),
            ("setpath", [path, value]) => self.run(path, scope, input, &mut |path| {
                self.run(value, scope, input, &mut |value| {
                    let old = self.own(Cow::Borrowed(&input.value))?;
                    let new = self.own(Cow::Borrowed(&value.value))?;
                    out(At::made(self.put(old, array(&path.value)?, Some(new))?))
                })
            }),
            ("delpaths", [paths]) => self.run(paths, scope, input, &mut |paths| {
                let mut paths: Vec<Value> = array(&paths.value)?.to_vec();
                self.spend(paths.len())?;
                paths.sort_by(compare);
                let mut value = self.own(Cow::Borrowed(&input.value))?;
                for path in paths.iter().rev() {
                    value = self.put(value, array(path)?, None)?;
                }
                out(At::made(value))
            }),
            (_, [argument]) => self.run(argument, scope, input, &mut |argument| {
                let made = self.with_argument(name, &input.value, &argument.value)?;
                self.weigh(&made, 0)?;
                out(At::made(made))
            }),
            _ => Err(Stop::error(format!("there is no `{name}`"))),
        }
    }

    /// The input as the root of paths.
    fn rooted<'v>(&self, input: &'v At<'_>) -> At<'v> {
        At {
            value: Cow::Borrowed(&input.value),
            path: Some(Rc::new(Link::Root)),
        }
    }

    fn holds<'t>(
        &self,
        condition: &'t Term<&'t str>,
        scope: &Scope<'t>,
        at: &At<'_>,
    ) -> Result<bool, Stop> {
        let mut holds = false;
        self.run(condition, scope, at, &mut |found| {
            holds |= is_true(&found.value);
            Ok(())
        })?;
        Ok(holds)
    }

    /// `..`
    pub fn recurse(&self, input: &At<'_>, out: Out<'_>) -> Flow {
        out(input.borrowed())?;
        self.each(input, true, &mut |child| self.recurse(&child, out))
    }

    fn worklist(
        &self,
        input: &At<'_>,
        out: Out<'_>,
        next: &dyn Fn(&At<'_>, Out<'_>) -> Flow,
    ) -> Flow {
        self.worklist_while(input, out, next, &|_| Ok(true))
    }

    /// A value, what follows from it, and so on, without recursing.
    fn worklist_while(
        &self,
        input: &At<'_>,
        out: Out<'_>,
        next: &dyn Fn(&At<'_>, Out<'_>) -> Flow,
        holds: &dyn Fn(&At<'_>) -> Result<bool, Stop>,
    ) -> Flow {
        let own = |at: At<'_>| -> Result<At<'static>, Stop> {
            Ok(At {
                value: Cow::Owned(self.own(at.value)?),
                path: at.path,
            })
        };
        let mut waiting = vec![own(input.borrowed())?];
        while let Some(at) = waiting.pop() {
            if !holds(&at)? {
                continue;
            }
            out(at.borrowed())?;
            let first = waiting.len();
            next(&at, &mut |found| {
                self.make(64)?;
                waiting.push(own(found)?);
                Ok(())
            })?;
            waiting[first..].reverse();
        }
        Ok(())
    }

    fn until<'t>(
        &self,
        condition: &'t Term<&'t str>,
        next: &'t Term<&'t str>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        let mut waiting = vec![self.own(Cow::Borrowed(&input.value))?];
        while let Some(value) = waiting.pop() {
            let at = At::made(value);
            if self.holds(condition, scope, &at)? {
                out(at)?;
                continue;
            }
            let first = waiting.len();
            self.run(next, scope, &at, &mut |found| {
                self.make(32)?;
                waiting.push(self.own(found.value)?);
                Ok(())
            })?;
            waiting[first..].reverse();
        }
        Ok(())
    }

    fn sorted<'t>(
        &self,
        name: &str,
        by: &'t Term<&'t str>,
        scope: &Scope<'t>,
        input: &At<'_>,
        out: Out<'_>,
    ) -> Flow {
        let items = array(&input.value)?;
        self.weigh(&input.value, 0)?;
        let mut keyed = Vec::with_capacity(items.len());
        let mut heaviest = 1;
        for item in items {
            let mut key = Vec::new();
            self.run(by, scope, &At::of(Cow::Borrowed(item)), &mut |found| {
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

    /// `limit(n; f)` and `skip(n; f)`
    fn counted<'t>(
        &self,
        is_limit: bool,
        count: &Value,
        of: &'t Term<&'t str>,
        (scope, input): (&Scope<'t>, &At<'_>),
        out: Out<'_>,
    ) -> Flow {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mut left = count.as_f64().unwrap_or_default() as usize;
        if is_limit && left == 0 {
            return Ok(());
        }
        let label = self.label();
        let flow = self.run(of, scope, input, &mut |found| {
            if !is_limit {
                if left > 0 {
                    left -= 1;
                    return Ok(());
                }
                return out(found);
            }
            left -= 1;
            out(found)?;
            if left == 0 {
                return Err(Stop::Break(label));
            }
            Ok(())
        });
        self.catch(label, flow)
    }

    fn range(&self, from: &Value, to: &Value, by: &Value, out: Out<'_>) -> Flow {
        let (Some(mut at), Some(to), Some(by)) = (from.as_f64(), to.as_f64(), by.as_f64()) else {
            return Err(Stop::error("expected numbers in a range"));
        };
        while if by > 0.0 {
            at < to
        } else {
            by < 0.0 && at > to
        } {
            self.step()?;
            out(At::made(number(at)))?;
            at += by;
        }
        Ok(())
    }

    fn get_path(&self, input: &At<'_>, path: &Value, out: Out<'_>) -> Flow {
        let mut value = Cow::Borrowed(input.value.as_ref());
        let mut link = input.path.clone();
        for key in array(path)? {
            self.step()?;
            link = link.map(|link| Rc::new(Link::Key(key.clone(), link)));
            value = match value {
                Cow::Borrowed(value) => get(value, key)?,
                Cow::Owned(value) => Cow::Owned(get(&value, key)?.into_owned()),
            };
        }
        out(At { value, path: link })
    }

    /// As [`Machine::set`], with the depth of what comes out checked.
    fn put(&self, value: Value, path: &[Value], new: Option<Value>) -> Result<Value, Stop> {
        self.weigh(new.as_ref().unwrap_or(&Value::Null), path.len())?;
        self.set(value, path, new)
    }

    /// `paths |= f`; where `f` gives nothing, the part goes.
    pub fn update<'t>(
        &self,
        paths: &'t Term<&'t str>,
        scope: &Scope<'t>,
        input: &At<'_>,
        change: &dyn Fn(At<'_>, Out<'_>) -> Flow,
        out: Out<'_>,
    ) -> Flow {
        let mut found = Vec::new();
        self.run(paths, scope, &self.rooted(input), &mut |at| {
            self.make(64)?;
            found.push(path_of(&at)?);
            Ok(())
        })?;
        let mut value = self.own(Cow::Borrowed(&input.value))?;
        let mut gone = Vec::new();
        for path in found {
            let mut new = None;
            let keys = Value::Array(path.clone());
            let label = self.label();
            let at = At::of(Cow::Borrowed(&value));
            let flow = self.get_path(&at, &keys, &mut |old| {
                change(old, &mut |made| {
                    new = Some(self.own(made.value)?);
                    Err(Stop::Break(label))
                })
            });
            self.catch(label, flow)?;
            match new {
                Some(new) => value = self.put(value, &path, Some(new))?,
                None => gone.push(path),
            }
        }
        for path in gone.iter().rev() {
            value = self.put(value, path, None)?;
        }
        out(At::made(value))
    }

    fn simple(&self, name: &str, input: &Value) -> Result<Value, Stop> {
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

    fn with_argument(&self, name: &str, input: &Value, argument: &Value) -> Result<Value, Stop> {
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
                (Value::Null, _) => Value::Null,
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

fn path_of(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let path = at.path.as_ref().map(|path| path.keys());
    path.ok_or_else(|| Stop::error(format!("{} is no part of the input", short(&at.value))))
}

fn array(value: &Value) -> Result<&[Value], Stop> {
    let items = value.as_array().map(Vec::as_slice);
    items.ok_or_else(|| Stop::error(format!("expected an array, found {}", short(value))))
}

fn string(value: &Value) -> Result<&str, Stop> {
    let text = value.as_str();
    text.ok_or_else(|| Stop::error(format!("expected a string, found {}", short(value))))
}
