//! A rule's conditions over numbered tests.
//!
//! In: the plans of matchers, whose tests are numbered. Out: a [`Program`]: the cheapest parts of a
//! group come first, and tests that are seen at a glance are asked together.

use super::leaves::{How, Leaves};
use crate::eval::matcher::{Leaf, Matcher, Plan};
use crate::lower::Operator;
use std::sync::Arc;

/// An expression over tests, by their numbers.
#[derive(Debug)]
pub(super) enum Program {
    All(Box<[Program]>),
    Any(Box<[Program]>),
    Not(Box<Program>),
    Test(u32),
    /// One of these, each of which is seen at a glance.
    AnySeen(Box<[u32]>),
}

/// Gives a test its number.
pub(super) type Numbering<'n, 'r> = dyn FnMut(&Arc<Leaf<'r>>) -> u32 + 'n;

impl Program {
    /// One of the conditions holds.
    pub fn of<'r>(matchers: &[Matcher<'r>], number: &mut Numbering<'_, 'r>) -> Self {
        let plans = matchers.iter().filter_map(|matcher| matcher.plan.as_ref());
        let mut programs: Vec<Self> = plans.map(|plan| Self::of_plan(plan, number)).collect();
        match programs.pop() {
            Some(only) if programs.is_empty() => only,
            last => {
                programs.extend(last);
                Self::Any(programs.into())
            }
        }
    }

    fn of_plan<'r>(plan: &Plan<'r>, number: &mut Numbering<'_, 'r>) -> Self {
        match plan {
            Plan::Group(operator, _, plans) => {
                let mut programs = Vec::with_capacity(plans.len());
                for plan in plans {
                    match (operator, Self::of_plan(plan, number)) {
                        (Operator::And, Self::All(inner)) | (Operator::Or, Self::Any(inner)) => {
                            programs.extend(inner);
                        }
                        (_, program) => programs.push(program),
                    }
                }
                match operator {
                    _ if programs.len() == 1 => programs.swap_remove(0),
                    Operator::And => Self::All(programs.into()),
                    Operator::Or => Self::Any(programs.into()),
                }
            }
            Plan::Not(plan) => Self::Not(Box::new(Self::of_plan(plan, number))),
            Plan::Test(leaf) => Self::Test(number(leaf)),
        }
    }

    /// Puts what is cheap first.
    pub fn order(&mut self, leaves: &Leaves<'_>) {
        match self {
            Self::Test(_) | Self::AnySeen(_) => {}
            Self::Not(inner) => inner.order(leaves),
            Self::All(parts) => {
                parts.iter_mut().for_each(|part| part.order(leaves));
                parts.sort_by_cached_key(|part| part.cost(leaves));
            }
            Self::Any(parts) => {
                parts.iter_mut().for_each(|part| part.order(leaves));
                parts.sort_by_cached_key(|part| part.cost(leaves));
                let is_seen = |part: &Self| match part {
                    Self::Test(test) => (leaves.how(*test) == How::Seen).then_some(*test),
                    _ => None,
                };
                let mut seen: Vec<u32> = parts.iter().filter_map(is_seen).collect();
                if seen.len() > 1 {
                    seen.sort_unstable();
                    seen.dedup();
                    let others = std::mem::take(parts).into_vec().into_iter();
                    let mut programs = vec![Self::AnySeen(seen.into())];
                    programs.extend(others.filter(|part| is_seen(part).is_none()));
                    if programs.len() == 1 {
                        *self = programs.swap_remove(0);
                    } else {
                        *parts = programs.into();
                    }
                }
            }
        }
    }

    /// How long it takes to ask, by a guess.
    fn cost(&self, leaves: &Leaves<'_>) -> usize {
        match self {
            Self::Test(test) => leaves.cost(*test),
            Self::AnySeen(tests) => 1 + tests.len() / 2,
            Self::Not(inner) => inner.cost(leaves),
            Self::All(parts) | Self::Any(parts) => {
                let costs = parts.iter().map(|part| part.cost(leaves));
                costs.fold(1, usize::saturating_add)
            }
        }
    }
}
