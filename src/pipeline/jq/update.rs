//! Paths as values, and what is changed at them: `path(f)`, `setpath`, `f |= g`.

use super::machine::{At, Flow, Here, Link, Machine, Out, Stop, Term};
use super::path::get;
use super::scalar::array;
use super::value::short;
use serde_json::Value;
use std::borrow::Cow;
use std::rc::Rc;

impl Machine {
    /// The input as the root of paths.
    pub fn rooted<'v>(input: &'v At<'_>) -> At<'v> {
        At {
            value: Cow::Borrowed(&input.value),
            path: Some(Rc::new(Link::Root)),
        }
    }

    pub fn get_path(&self, input: &At<'_>, path: &Value, out: Out<'_>) -> Flow {
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
    pub fn put(&self, value: Value, path: &[Value], new: Option<Value>) -> Result<Value, Stop> {
        self.weigh(new.as_ref().unwrap_or(&Value::Null), path.len())?;
        self.set(value, path, new)
    }

    /// `paths |= f`; where `f` gives nothing, the part goes.
    pub fn update<'t>(
        &self,
        paths: &'t Term<'t>,
        here: Here<'_, 't>,
        change: &dyn Fn(At<'_>, Out<'_>) -> Flow,
        out: Out<'_>,
    ) -> Flow {
        let mut found = Vec::new();
        let root = Self::rooted(here.input);
        self.run(paths, here.of(&root), &mut |at| {
            self.make(64)?;
            found.push(path_of(&at)?);
            Ok(())
        })?;
        let mut value = self.own(Cow::Borrowed(&here.input.value))?;
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
            Self::catch(label, flow)?;
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
}

/// The path to a part of the input.
pub fn path_of(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let path = at.path.as_ref().map(|path| path.keys());
    path.ok_or_else(|| Stop::error(format!("{} is no part of the input", short(&at.value))))
}
