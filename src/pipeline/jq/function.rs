//! The functions that are not written in jq.

use super::machine::{At, Flow, Here, Machine, Out, Stop, Term};
use super::scalar::array;
use super::update::path_of;
use super::value::{compare, is_true, number};
use serde_json::Value;
use std::borrow::Cow;

/// Their names, with how many arguments each has, as jq writes it.
const NATIVE: &str = "empty/0 error/0 error/1 true/0 false/0 null/0 length/0 utf8bytelength/0
    keys_unsorted/0 type/0 tostring/0 tojson/0 fromjson/0 ascii_downcase/0 ascii_upcase/0 explode/0
    implode/0 trim/0 ltrim/0 rtrim/0 reverse/0 floor/0 ceil/0 round/0 abs/0 @text/0 @json/0 @base64/0
    @base64d/0 has/1 contains/1 startswith/1 endswith/1 ltrimstr/1 rtrimstr/1 split/1 join/1
    indices/1 getpath/1 delpaths/1 setpath/2 path/1 recurse/1 repeat/1 sort_by/1 group_by/1 first/1
    last/1 limit/2 skip/2 until/2 while/2 range/3";

/// Is there such a function?
pub fn is_native(name: &str, arity: usize) -> bool {
    let wanted = format!("{name}/{arity}");
    NATIVE.split_whitespace().any(|known| known == wanted)
}

impl Machine {
    /// Calls a function.
    pub fn native<'t>(
        &self,
        name: &str,
        arguments: &'t [Term<'t>],
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let input = here.input;
        match (name, arguments) {
            ("empty", []) => Ok(()),
            ("error", []) => Err(Stop::Error(self.own(Cow::Borrowed(&input.value))?)),
            ("error", [message]) => self.run(message, here, &mut |found| {
                Err(Stop::Error(self.own(found.value)?))
            }),
            (_, []) => {
                let made = self.simple(name, &input.value)?;
                self.weigh(&made, 0)?;
                out(At::made(made))
            }
            ("path", [of]) => {
                let root = Self::rooted(input);
                self.run(of, here.of(&root), &mut |found| {
                    out(At::made(Value::Array(path_of(&found)?)))
                })
            }
            ("recurse" | "repeat", [next]) => self.repeat(next, here, out, &|_| Ok(true)),
            ("while", [condition, next]) => {
                let holds = |at: &At<'_>| self.holds(condition, here.of(at));
                self.repeat(next, here, out, &holds)
            }
            ("until", [condition, next]) => self.until(condition, next, here, out),
            ("sort_by" | "group_by", [by]) => self.sorted(name, by, here, out),
            ("first", [of]) => {
                let label = self.label();
                let mut afterwards = Ok(());
                let flow = self.run(of, here, &mut |found| {
                    afterwards = out(found);
                    Err(Stop::Break(label))
                });
                afterwards?;
                Self::catch(label, flow)
            }
            ("last", [of]) => {
                let mut last = None;
                self.run(of, here, &mut |found| {
                    last = Some(self.own(found.value)?);
                    Ok(())
                })?;
                last.map_or(Ok(()), |last| out(At::made(last)))
            }
            ("limit" | "skip", [count, of]) => self.run(count, here, &mut |count| {
                self.counted(name == "limit", &count.value, of, here, out)
            }),
            ("range", [from, to, by]) => self.run(from, here, &mut |from| {
                self.run(to, here, &mut |to| {
                    self.run(by, here, &mut |by| {
                        self.range(&from.value, &to.value, &by.value, out)
                    })
                })
            }),
            ("getpath", [path]) => self.run(path, here, &mut |path| {
                self.get_path(input, &path.value, out)
            }),
            ("setpath", [path, value]) => self.run(path, here, &mut |path| {
                self.run(value, here, &mut |value| {
                    let old = self.own(Cow::Borrowed(&input.value))?;
                    let new = self.own(Cow::Borrowed(&value.value))?;
                    out(At::made(self.put(old, array(&path.value)?, Some(new))?))
                })
            }),
            ("delpaths", [paths]) => self.run(paths, here, &mut |paths| {
                let mut paths: Vec<Value> = array(&paths.value)?.to_vec();
                self.spend(paths.len())?;
                paths.sort_by(compare);
                let mut value = self.own(Cow::Borrowed(&input.value))?;
                for path in paths.iter().rev() {
                    value = self.put(value, array(path)?, None)?;
                }
                out(At::made(value))
            }),
            (_, [argument]) => self.run(argument, here, &mut |argument| {
                let made = self.with_argument(name, &input.value, &argument.value)?;
                self.weigh(&made, 0)?;
                out(At::made(made))
            }),
            _ => Err(Stop::error(format!("there is no `{name}`"))),
        }
    }

    fn holds<'t>(&self, condition: &'t Term<'t>, here: Here<'_, 't>) -> Result<bool, Stop> {
        let mut holds = false;
        self.run(condition, here, &mut |found| {
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

    /// A value, what follows from it, and so on while it holds, without recursing.
    fn repeat<'t>(
        &self,
        next: &'t Term<'t>,
        here: Here<'_, 't>,
        out: Out<'_>,
        holds: &dyn Fn(&At<'_>) -> Result<bool, Stop>,
    ) -> Flow {
        let own = |at: At<'_>| -> Result<At<'static>, Stop> {
            Ok(At {
                value: Cow::Owned(self.own(at.value)?),
                path: at.path,
            })
        };
        let mut waiting = vec![own(here.input.borrowed())?];
        while let Some(at) = waiting.pop() {
            if !holds(&at)? {
                continue;
            }
            out(at.borrowed())?;
            let first = waiting.len();
            self.run(next, here.of(&at), &mut |found| {
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
        condition: &'t Term<'t>,
        next: &'t Term<'t>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        let mut waiting = vec![self.own(Cow::Borrowed(&here.input.value))?];
        while let Some(value) = waiting.pop() {
            let at = At::made(value);
            if self.holds(condition, here.of(&at))? {
                out(at)?;
                continue;
            }
            let first = waiting.len();
            self.run(next, here.of(&at), &mut |found| {
                self.make(32)?;
                waiting.push(self.own(found.value)?);
                Ok(())
            })?;
            waiting[first..].reverse();
        }
        Ok(())
    }

    /// `limit(n; f)` and `skip(n; f)`
    fn counted<'t>(
        &self,
        is_limit: bool,
        count: &Value,
        of: &'t Term<'t>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mut left = count.as_f64().unwrap_or_default() as usize;
        if is_limit && left == 0 {
            return Ok(());
        }
        let label = self.label();
        let flow = self.run(of, here, &mut |found| {
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
        Self::catch(label, flow)
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
}
