//! Operators: `a | b`, `a, b`, `a // b`, `a + b`, `a < b`, `a |= b`.

use super::machine::{At, Flow, Here, Machine, Out, Stop, Term, weight};
use super::value::{cannot, compare, is_true, number};
use jaq_core::load::parse::BinaryOp;
use jaq_core::ops::{Cmp, Math};
use serde_json::Value;

impl Machine {
    /// `l op r`
    pub fn operator<'t>(
        &self,
        left: &'t Term<'t>,
        operator: &'t BinaryOp<&'t str>,
        right: &'t Term<'t>,
        here: Here<'_, 't>,
        out: Out<'_>,
    ) -> Flow {
        match operator {
            BinaryOp::Pipe(None) => self.run(left, here, &mut |found| {
                self.run(right, here.of(&found), out)
            }),
            BinaryOp::Pipe(Some(pattern)) => self.run(left, here, &mut |found| {
                self.bind(pattern, &found.value, here.scope, &mut |scope| {
                    self.run(right, here.seeing(scope), out)
                })
            }),
            BinaryOp::Comma => {
                self.run(left, here, out)?;
                self.run(right, here, out)
            }
            BinaryOp::Alt => {
                let mut is_found = false;
                self.attempt(left, None, here, &mut |found| {
                    if is_true(&found.value) {
                        is_found = true;
                        return out(found);
                    }
                    Ok(())
                })?;
                if is_found {
                    Ok(())
                } else {
                    self.run(right, here, out)
                }
            }
            BinaryOp::And | BinaryOp::Or => self.run(left, here, &mut |found| {
                let is_or = matches!(operator, BinaryOp::Or);
                if is_true(&found.value) == is_or {
                    return out(At::made(is_or.into()));
                }
                self.run(right, here, &mut |found| {
                    out(At::made(is_true(&found.value).into()))
                })
            }),
            BinaryOp::Math(math) => self.pairs(left, right, here, &mut |left, right| {
                out(At::made(self.math(*math, left, right)?))
            }),
            BinaryOp::Cmp(cmp) => self.pairs(left, right, here, &mut |left, right| {
                self.spend(weight(left).0.min(weight(right).0) / 32)?;
                let order = compare(left, right);
                out(At::made(Value::Bool(match cmp {
                    Cmp::Lt => order.is_lt(),
                    Cmp::Le => order.is_le(),
                    Cmp::Gt => order.is_gt(),
                    Cmp::Ge => order.is_ge(),
                    Cmp::Eq => order.is_eq(),
                    Cmp::Ne => order.is_ne(),
                })))
            }),
            BinaryOp::Update => {
                let update = |old: At<'_>, out: Out<'_>| self.run(right, here.of(&old), out);
                self.update(left, here, &update, out)
            }
            BinaryOp::Assign | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                self.run(right, here, &mut |new| {
                    let update = |old: At<'_>, out: Out<'_>| match operator {
                        BinaryOp::UpdateMath(math) => {
                            out(At::made(self.math(*math, &old.value, &new.value)?))
                        }
                        BinaryOp::UpdateAlt if is_true(&old.value) => out(old),
                        _ => out(new.borrowed()),
                    };
                    self.update(left, here, &update, out)
                })
            }
        }
    }

    fn pairs<'t>(
        &self,
        left: &'t Term<'t>,
        right: &'t Term<'t>,
        here: Here<'_, 't>,
        out: &mut dyn FnMut(&Value, &Value) -> Flow,
    ) -> Flow {
        self.run(left, here, &mut |left| {
            self.run(right, here, &mut |right| out(&left.value, &right.value))
        })
    }

    /// `left + right` and the like.
    pub fn math(&self, math: Math, left: &Value, right: &Value) -> Result<Value, Stop> {
        let made = match (math, left, right) {
            (Math::Add, Value::Null, other) | (Math::Add, other, Value::Null) => other.clone(),
            (Math::Add, Value::String(left), Value::String(right)) => {
                self.make(left.len() + right.len())?;
                Value::String(format!("{left}{right}"))
            }
            (Math::Add, Value::Array(left), Value::Array(right)) => {
                Value::Array(left.iter().chain(right).cloned().collect())
            }
            (Math::Add, Value::Object(left), Value::Object(right)) => {
                let mut pairs = left.clone();
                pairs.extend(right.clone());
                Value::Object(pairs)
            }
            (Math::Sub, Value::Array(left), Value::Array(right)) => {
                self.spend(left.len().saturating_mul(right.len()))?;
                let stays = |item: &&Value| !right.iter().any(|other| compare(item, other).is_eq());
                Value::Array(left.iter().filter(stays).cloned().collect())
            }
            (Math::Div, Value::String(left), Value::String(right)) => {
                self.make(left.len().saturating_mul(33))?;
                Value::Array(split(left, right))
            }
            (_, Value::Number(_), Value::Number(_)) => calculate(math, left, right)?,
            (math, left, right) => {
                let done = match math {
                    Math::Add => "added",
                    Math::Sub => "subtracted",
                    Math::Mul => "multiplied",
                    Math::Div | Math::Rem => "divided",
                };
                return Err(Stop::Error(cannot(left, right, done)));
            }
        };
        self.weigh(&made, 0)?;
        Ok(made)
    }
}

fn calculate(math: Math, left: &Value, right: &Value) -> Result<Value, Stop> {
    let whole = |left: i64, right: i64| match math {
        Math::Add => left.checked_add(right),
        Math::Sub => left.checked_sub(right),
        Math::Mul => left.checked_mul(right),
        Math::Rem => left.checked_rem(right),
        Math::Div => None,
    };
    let exact = left.as_i64().zip(right.as_i64());
    if let Some(value) = exact.and_then(|(left, right)| whole(left, right)) {
        return Ok(value.into());
    }
    let (a, b) = (
        left.as_f64().unwrap_or_default(),
        right.as_f64().unwrap_or_default(),
    );
    Ok(number(match math {
        Math::Add => a + b,
        Math::Sub => a - b,
        Math::Mul => a * b,
        Math::Div | Math::Rem if b == 0.0 => {
            return Err(Stop::Error(cannot(left, right, "divided")));
        }
        Math::Div => a / b,
        Math::Rem => a % b,
    }))
}

/// `"a,b" / ","`
pub fn split(text: &str, separator: &str) -> Vec<Value> {
    if separator.is_empty() {
        return text.chars().map(|one| one.to_string().into()).collect();
    }
    text.split(separator).map(Value::from).collect()
}
