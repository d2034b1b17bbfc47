//! Changes of a rule that its tests should notice.
//!
//! In: the matchers of a rule, and the events of its tests. Out: [`Mutants`]: small changes of the
//! rule (an item or value is left out, an operator turned, a wildcard moved, a `not` missing), and of
//! those for which no test gets another answer an event that shows the change. Of
//! `Image|endswith: [\a.exe, \b.exe]` with a test for the first value, that the second can be left out.

use super::{MOST_MUTANTS, Mutants, Shown, Unnoticed};
use crate::eval::check::Check;
use crate::eval::event::Event;
use crate::eval::matcher::{Leaf, Matcher, Plan};
use crate::eval::text::TextMatcher;
use crate::eval::trace::describe;
use crate::eval::witness;
use crate::lower::{Operator, Origin};
use crate::rule::{Comparison, Part, Pattern, Value};
use serde_json::Value as Json;

/// The rule's plan, its parts numbered.
enum Numbered<'p, 'r> {
    Group(usize, Operator, Vec<Numbered<'p, 'r>>),
    Not(usize, Box<Numbered<'p, 'r>>),
    Leaf(usize, &'p Leaf<'r>),
    /// What one written value became.
    Whole(usize, &'p Plan<'r>),
}

/// A change of the part with the number.
struct Mutant<'p, 'r> {
    part: usize,
    /// The plan that the part is of.
    plan: &'p Plan<'r>,
    /// A test in the part.
    leaf: &'p Leaf<'r>,
    kind: Mutation,
    about: String,
}

enum Mutation {
    /// It always holds, or never does.
    Answer(bool),
    Operator,
    /// It holds without its `not`.
    Bare,
    /// Its test is another.
    Test(Check<'static>),
}

impl<'p, 'r> Numbered<'p, 'r> {
    fn of(plan: &'p Plan<'r>, next: &mut usize) -> Self {
        let number = *next;
        *next += 1;
        match plan {
            Plan::Group(_, _, plans) if plans.len() == 1 => Self::of(&plans[0], next),
            Plan::Group(_, Origin::Expansion, _) => Self::Whole(number, plan),
            Plan::Group(operator, _, plans) => {
                let trees = plans.iter().map(|plan| Self::of(plan, next));
                Self::Group(number, *operator, trees.collect())
            }
            Plan::Not(plan) => Self::Not(number, Box::new(Self::of(plan, next))),
            Plan::Test(leaf) => Self::Leaf(number, leaf),
        }
    }

    const fn number(&self) -> usize {
        match self {
            Self::Group(number, ..)
            | Self::Not(number, _)
            | Self::Leaf(number, _)
            | Self::Whole(number, _) => *number,
        }
    }

    fn leaves(&self) -> Vec<&'p Leaf<'r>> {
        match self {
            Self::Group(_, _, trees) => trees.iter().flat_map(Self::leaves).collect(),
            Self::Not(_, tree) => tree.leaves(),
            Self::Leaf(_, leaf) => vec![leaf],
            Self::Whole(_, plan) => witness::leaves(plan),
        }
    }

    fn holds(&self, event: &Event, change: Option<&Mutant<'_, '_>>) -> bool {
        let mine = change.filter(|change| change.part == self.number());
        match (self, mine.map(|change| &change.kind)) {
            (_, Some(Mutation::Answer(answer))) => *answer,
            (Self::Leaf(_, leaf), Some(Mutation::Test(check))) => {
                leaf.field.is_some_and(|field| check.holds(event, field))
            }
            (Self::Leaf(_, leaf), _) => leaf.holds(event),
            (Self::Whole(_, plan), _) => plan.holds(event),
            (Self::Not(_, tree), kind) => {
                tree.holds(event, change) == matches!(kind, Some(Mutation::Bare))
            }
            (Self::Group(_, operator, trees), kind) => {
                let is_turned = matches!(kind, Some(Mutation::Operator));
                if (*operator == Operator::And) == is_turned {
                    trees.iter().any(|tree| tree.holds(event, change))
                } else {
                    trees.iter().all(|tree| tree.holds(event, change))
                }
            }
        }
    }

    /// The changes of this part and those in it. `within` is the operator of the group that it is in.
    fn changes(
        &self,
        plan: &'p Plan<'r>,
        within: Option<Operator>,
        found: &mut Vec<Mutant<'p, 'r>>,
    ) {
        let leaves = self.leaves();
        let Some(leaf) = leaves.first().copied() else {
            return;
        };
        let name = match leaves.len() - 1 {
            0 => format!("`{}`", described(leaf)),
            more => format!("`{}` and {more} more", described(leaf)),
        };
        let mut add = |kind, about| {
            found.push(Mutant {
                part: self.number(),
                plan,
                leaf,
                kind,
                about,
            });
        };
        match within {
            Some(Operator::And) => add(Mutation::Answer(true), format!("without {name}")),
            Some(Operator::Or) => add(Mutation::Answer(false), format!("without {name}")),
            None => {
                add(
                    Mutation::Answer(true),
                    "where it matches everything".to_owned(),
                );
                add(
                    Mutation::Answer(false),
                    "where it matches nothing".to_owned(),
                );
            }
        }
        match self {
            Self::Whole(..) => {}
            Self::Leaf(_, leaf) => {
                for value in variants(leaf) {
                    if let Some(check) = check_of(&value) {
                        let written = describe(leaf.field, &value);
                        add(
                            Mutation::Test(check),
                            format!("with `{written}` for {name}"),
                        );
                    }
                }
            }
            Self::Not(_, tree) => {
                add(Mutation::Bare, format!("without the `not` before {name}"));
                tree.inner_changes(plan, found);
            }
            Self::Group(_, operator, trees) => {
                let [is, becomes] = match operator {
                    Operator::And => ["all of", "one of"],
                    Operator::Or => ["one of", "all of"],
                };
                add(
                    Mutation::Operator,
                    format!("with {becomes} for {is} {name}"),
                );
                for tree in trees {
                    tree.changes(plan, Some(*operator), found);
                }
            }
        }
    }

    /// The changes of what follows a `not`: that it always holds, or never, is another change of the
    /// `not`.
    fn inner_changes(&self, plan: &'p Plan<'r>, found: &mut Vec<Mutant<'p, 'r>>) {
        let before = found.len();
        self.changes(plan, None, found);
        found.drain(before..found.len().min(before + 2));
    }
}

fn described(leaf: &Leaf<'_>) -> String {
    describe(leaf.field, leaf.value)
}

/// A field's value with its wildcards, its `cased` or its comparison changed.
fn variants<'r>(leaf: &Leaf<'r>) -> Vec<Value<'r>> {
    if leaf.field.is_none() {
        return Vec::new();
    }
    let patterns = |pattern: &Pattern<'r>| {
        let is_any = |part: Option<&Part<'_>>| matches!(part, Some(Part::Any));
        let parts = &pattern.parts;
        let mut start = parts.clone();
        if is_any(parts.first()) {
            start.remove(0);
        } else {
            start.insert(0, Part::Any);
        }
        let mut end = parts.clone();
        if is_any(parts.last()) {
            end.pop();
        } else {
            end.push(Part::Any);
        }
        let varied = [start, end].into_iter().filter(|parts| !parts.is_empty());
        varied.map(|parts| Pattern { parts }).collect::<Vec<_>>()
    };
    match leaf.value {
        Value::String(pattern) if !pattern.parts.is_empty() => {
            patterns(pattern).into_iter().map(Value::String).collect()
        }
        Value::Cased(pattern) if !pattern.parts.is_empty() => {
            let varied = patterns(pattern).into_iter().map(Value::Cased);
            varied.chain([Value::String(pattern.clone())]).collect()
        }
        Value::Compare(comparison, None, number) => {
            let other = match comparison {
                Comparison::Lt => Comparison::Lte,
                Comparison::Lte => Comparison::Lt,
                Comparison::Gt => Comparison::Gte,
                Comparison::Gte => Comparison::Gt,
            };
            vec![Value::Compare(other, None, number.clone())]
        }
        _ => Vec::new(),
    }
}

fn check_of(value: &Value<'_>) -> Option<Check<'static>> {
    match value {
        Value::String(pattern) => Some(Check::Text(TextMatcher::new(pattern, false))),
        Value::Cased(pattern) => Some(Check::Text(TextMatcher::new(pattern, true))),
        Value::Compare(comparison, None, number) => Some(Check::compare(*comparison, number)),
        _ => None,
    }
}

impl Mutants {
    /// Changes the rule of these matchers, one of which has to match. `passes` says whether the tests
    /// pass with these answers for the events.
    #[must_use]
    pub fn of(
        matchers: &[Matcher<'_>],
        events: &[&Event],
        passes: &dyn Fn(&[bool]) -> bool,
    ) -> Self {
        let plans = matchers.iter().filter_map(|matcher| matcher.plan.as_ref());
        let mut next = 0;
        let trees: Vec<(&Plan<'_>, Numbered<'_, '_>)> = plans
            .map(|plan| (plan, Numbered::of(plan, &mut next)))
            .collect();
        let mut changes = Vec::new();
        for (plan, tree) in &trees {
            tree.changes(plan, None, &mut changes);
        }
        let step = changes.len().div_ceil(MOST_MUTANTS).max(1);
        let holds = |event: &Event, change: Option<&Mutant<'_, '_>>| {
            trees.iter().any(|(_, tree)| tree.holds(event, change))
        };
        let mut pool = None;
        let mut mutants = Self::default();
        for change in changes.into_iter().step_by(step) {
            let answers: Vec<bool> = events
                .iter()
                .map(|event| holds(event, Some(&change)))
                .collect();
            if !passes(&answers) {
                mutants.made += 1;
                mutants.noticed += 1;
                continue;
            }
            let shows = |event: &Json| {
                let event = Event::new(event);
                let matches = holds(&event, None);
                (matches != holds(&event, Some(&change))).then_some(matches)
            };
            let near = witness::around(change.plan, change.leaf).into_iter();
            let pool = pool.get_or_insert_with(|| {
                let of = |matcher: &Matcher<'_>| matcher.witnesses(witness::LIMIT);
                let found = matchers.iter().flat_map(of);
                found.map(|witness| witness.event).collect::<Vec<_>>()
            });
            let mut candidates = near.chain(pool.iter().cloned());
            // A change that no event shows is none.
            let found = candidates.find_map(|event| shows(&event).map(|matches| (event, matches)));
            if let Some((event, matches)) = found {
                mutants.made += 1;
                mutants.unnoticed.push(Unnoticed {
                    change: change.about,
                    span: change.leaf.span,
                    shown: Shown::Event(event),
                    matches,
                });
            }
        }
        mutants
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::lower::lower;
    use crate::transpile::prepare;
    use serde_json::json;

    /// The changes that tests with these events don't notice, each with whether the rule matches the
    /// event that shows it; and how many they do.
    fn unnoticed(detection: &str, events: &[Json]) -> (usize, Vec<(String, bool)>) {
        let text = format!("title: t\nlogsource: {{product: p}}\ndetection:\n{detection}");
        let prepared = prepare(&text, &Dialect::SPECIFICATION).expect("a rule");
        let lowered = lower(prepared[0].rule().expect("a rule"), &Dialect::SPECIFICATION);
        let matchers = lowered.iter().map(|lowered| Matcher::new(&lowered.expr));
        let matchers: Vec<Matcher<'_>> = matchers.collect::<Result<_, _>>().expect("testable");
        let events: Vec<Event> = events.iter().map(Event::new).collect();
        let events: Vec<&Event> = events.iter().collect();
        let holds = |event: &&Event| matchers.iter().any(|matcher| matcher.matches(event));
        let expected: Vec<bool> = events.iter().map(holds).collect();
        let mutants = Mutants::of(&matchers, &events, &|answers| answers == expected);
        for one in &mutants.unnoticed {
            let Shown::Event(event) = &one.shown else {
                panic!("a rule is shown by one event");
            };
            assert_eq!(holds(&&Event::new(event)), one.matches);
        }
        assert_eq!(mutants.made, mutants.noticed + mutants.unnoticed.len());
        let found = mutants.unnoticed.into_iter();
        let found = found.map(|one| (one.change, one.matches));
        (mutants.noticed, found.collect())
    }

    #[test]
    fn what_no_test_notices_is_named() {
        let detection =
            "  s: {A: [1, 2], B|endswith: x}\n  f: {C|exists: true}\n  condition: s and not f\n";
        let (noticed, found) = unnoticed(detection, &[json!({"A": 1, "B": "yx"})]);
        assert!(noticed > 0);
        let named: Vec<&str> = found.iter().map(|(change, _)| change.as_str()).collect();
        for change in [
            "where it matches everything",
            "without `A: 2`",
            "with `B: '*x*'` for `B: '*x'`",
            "without `C|exists: true`",
        ] {
            assert!(
                named.iter().any(|name| name.starts_with(change)),
                "{change}: {named:#?}"
            );
        }
        assert!(!named.contains(&"where it matches nothing") && !named.contains(&"without `A: 1`"));
        assert!(found.contains(&("without `A: 2`".to_owned(), true)));
    }

    #[test]
    fn tests_on_both_sides_notice_everything() {
        let detection = "  s: {A|gt: 5}\n  condition: s\n";
        let events = [json!({"A": 6}), json!({"A": 5})];
        let (noticed, found) = unnoticed(detection, &events);
        assert_eq!((noticed, found), (3, Vec::new()));
        let (_, found) = unnoticed(detection, &events[..1]);
        let all = "where it matches everything".to_owned();
        let border = "with `A|gte: 5` for `A|gt: 5`".to_owned();
        assert_eq!(found, [(all, false), (border, false)]);
        assert!(!unnoticed(detection, &[]).1.is_empty());
    }

    #[test]
    fn a_large_rule_takes_bounded_work() {
        let values: Vec<String> = (0..3000).map(|n| format!("'v{n}*'")).collect();
        let detection = format!("  s: {{A: [{}]}}\n  condition: s\n", values.join(", "));
        let (noticed, found) = unnoticed(&detection, &[json!({"A": "v1"})]);
        assert!(noticed + found.len() <= MOST_MUTANTS);
    }
}
