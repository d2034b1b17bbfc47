//! Many rules at once.
//!
//! In: the matchers of rules. Out: [`CompiledRules`], of which a [`Scanner`] says which rules match an
//! event. The tests of all rules are numbered, equal ones once. One pass over an event's values finds
//! the texts that tests look for, by an automaton for each field: that answers most tests, and tells
//! which of the others are worth asking. Each rule waits for its rarest tests, so that few rules are
//! asked; asking one is mostly looking up bits.
//!
//! What a rule means is the [`Matcher`]'s alone to say: `tests/rule_set.rs` holds the two together.

mod bits;
mod leaves;
mod program;
mod sight;
mod values;
mod watch;

use super::event::{Event, Node};
use super::matcher::Matcher;
use bits::Bits;
use leaves::{How, Leaves};
use program::Program;
use std::collections::{BTreeMap, HashMap};
use values::{Marks, ValueTable};
use watch::Watch;

/// Rules, prepared together.
#[derive(Debug, Default)]
pub struct CompiledRules<'r> {
    /// The fields that tests look into, by the key of an event's top level that they begin with.
    keys: HashMap<String, Vec<usize>>,
    fields: Vec<Field>,
    /// What tests look for in every value.
    anywhere: ValueTable,
    leaves: Leaves<'r>,
    /// By rule.
    programs: Vec<Program>,
    /// By test, the rules that it wakes.
    waking: Vec<Vec<u32>>,
    /// Rules that every event wakes.
    always: Vec<u32>,
}

/// What tests look for in a field.
#[derive(Debug, Default)]
struct Field {
    name: String,
    table: ValueTable,
    /// The rules that its presence wakes.
    waking: Vec<u32>,
}

/// Some of the rules.
#[derive(Debug, Clone)]
pub struct RuleMask(Bits);

/// Asks rules about one event after another.
#[derive(Debug)]
pub struct Scanner<'s, 'r> {
    rules: &'s CompiledRules<'r>,
    state: State,
    found: Vec<usize>,
}

/// What is known of an event.
#[derive(Debug, Default)]
struct State {
    /// Tests whose texts were seen.
    seen: Bits,
    /// Tests that were asked, and those of them that hold.
    asked: Bits,
    held: Bits,
    /// Rules that were woken.
    awake: Bits,
    /// Room for a folded text.
    room: String,
}

impl<'r> CompiledRules<'r> {
    /// Of rules, each with the matchers of its conditions.
    pub fn new<'m>(rules: impl Iterator<Item = &'m [Matcher<'r>]>) -> Self
    where
        'r: 'm,
    {
        let mut leaves = Leaves::default();
        let mut marks: BTreeMap<Option<&str>, Marks> = BTreeMap::new();
        let mut number = |leaf: &_| {
            leaves.number(leaf, |test, field, found| {
                let marks = marks.entry(field).or_default();
                for mark in found {
                    marks.push(mark, test);
                }
            })
        };
        let programs: Vec<Program> = rules
            .map(|matchers| Program::of(matchers, &mut number))
            .collect();
        let mut tables = BTreeMap::new();
        for (field, marks) in marks {
            let (table, without) = marks.finish();
            for test in without {
                leaves.open(test);
            }
            tables.insert(field, table);
        }
        let mut compiled = Self {
            waking: vec![Vec::new(); leaves.len()],
            anywhere: tables.remove(&None).unwrap_or_default(),
            leaves,
            programs,
            ..Self::default()
        };
        compiled.wake(tables);
        compiled
    }

    /// Settles what wakes each rule, and which fields are looked into.
    fn wake(&mut self, mut tables: BTreeMap<Option<&'r str>, ValueTable>) {
        let mut present: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let rules = self.programs.len();
        for (rule, program) in (0..).zip(&mut self.programs) {
            program.order(&self.leaves);
            let Some(watches) = program.watches(&self.leaves, rules) else {
                self.always.push(rule);
                continue;
            };
            for watch in watches {
                let waking = match watch {
                    Watch::Test(test) => &mut self.waking[test as usize],
                    Watch::Field(test) => {
                        let field = self.leaves.field(test).unwrap_or_default();
                        present.entry(field).or_default()
                    }
                };
                if waking.last() != Some(&rule) {
                    waking.push(rule);
                }
            }
        }
        for name in present.keys() {
            tables.entry(Some(name)).or_default();
        }
        for (name, table) in tables {
            let name = name.unwrap_or_default();
            let at = self.fields.len();
            // A path begins with any of these keys.
            let dots = name.match_indices('.').map(|(dot, _)| &name[..dot]);
            for key in dots.chain([name]) {
                self.keys.entry(key.to_owned()).or_default().push(at);
            }
            self.fields.push(Field {
                name: name.to_owned(),
                table,
                waking: present.remove(name).unwrap_or_default(),
            });
        }
    }

    /// Asks about events. Each thread has its own.
    #[must_use]
    pub fn scanner(&self) -> Scanner<'_, 'r> {
        Scanner {
            rules: self,
            state: State {
                seen: Bits::new(self.leaves.len()),
                asked: Bits::new(self.leaves.len()),
                held: Bits::new(self.leaves.len()),
                awake: Bits::new(self.programs.len()),
                room: String::new(),
            },
            found: Vec::new(),
        }
    }

    /// The rules with these numbers.
    #[must_use]
    pub fn mask(&self, numbers: impl IntoIterator<Item = usize>) -> RuleMask {
        let mut bits = Bits::new(self.programs.len());
        for number in numbers {
            bits.insert(u32::try_from(number).unwrap_or(u32::MAX));
        }
        RuleMask(bits)
    }

    /// Looks at an event's values.
    fn see(&self, event: &Event, state: &mut State) {
        state.seen.clear();
        state.asked.clear();
        state.held.clear();
        state.awake.clear();
        for rule in &self.always {
            state.awake.insert(*rule);
        }
        if let Some(pairs) = event.pairs() {
            for (key, node) in pairs {
                for at in self.keys.get(&**key).into_iter().flatten() {
                    let field = &self.fields[*at];
                    if field.name == *key {
                        self.look(field, node, state);
                    } else {
                        self.find(field, event, state);
                    }
                }
            }
        } else {
            // A path enters lists.
            for field in &self.fields {
                self.find(field, event, state);
            }
        }
        if !self.anywhere.is_empty() {
            let State {
                seen, awake, room, ..
            } = state;
            event.any(&mut |scalar| {
                self.anywhere.look(scalar, room, &mut |test| {
                    self.saw(test, seen, awake);
                });
                false
            });
        }
    }

    fn find(&self, field: &Field, event: &Event, state: &mut State) {
        for node in event.field(&field.name).unwrap_or_default() {
            self.look(field, node, state);
        }
    }

    fn look(&self, field: &Field, node: &Node, state: &mut State) {
        let State {
            seen, awake, room, ..
        } = state;
        for rule in &field.waking {
            awake.insert(*rule);
        }
        if !field.table.is_empty() {
            node.any_element(&mut |scalar| {
                field
                    .table
                    .look(scalar, room, &mut |test| self.saw(test, seen, awake));
                false
            });
        }
    }

    fn saw(&self, test: u32, seen: &mut Bits, awake: &mut Bits) {
        if seen.insert(test) {
            for rule in &self.waking[test as usize] {
                awake.insert(*rule);
            }
        }
    }

    fn holds(&self, program: &Program, event: &Event, state: &mut State) -> bool {
        match program {
            Program::Test(test) => self.test_holds(*test, event, state),
            Program::AnySeen(tests) => tests.iter().any(|test| state.seen.has(*test)),
            Program::Not(inner) => !self.holds(inner, event, state),
            Program::All(parts) => parts.iter().all(|part| self.holds(part, event, state)),
            Program::Any(parts) => parts.iter().any(|part| self.holds(part, event, state)),
        }
    }

    fn test_holds(&self, test: u32, event: &Event, state: &mut State) -> bool {
        match self.leaves.how(test) {
            How::Seen => return state.seen.has(test),
            How::Needed if !state.seen.has(test) => return false,
            How::Needed | How::Open => {}
        }
        if state.asked.insert(test) && self.leaves.holds(test, event) {
            state.held.insert(test);
        }
        state.held.has(test)
    }
}

/// Asks a rule, given its number and how to ask it. May take the time that it takes.
pub type Watching<'w> = dyn FnMut(usize, &mut dyn FnMut() -> bool) -> bool + 'w;

impl Scanner<'_, '_> {
    /// The numbers of the rules that match an event, in order; of those of the mask, if there is
    /// one.
    pub fn matching(&mut self, event: &Event, mask: Option<&RuleMask>) -> &[usize] {
        self.matching_watched(event, mask, &mut |_, ask| ask())
    }

    /// The same, with every rule that is asked handed to `watching`.
    pub fn matching_watched(
        &mut self,
        event: &Event,
        mask: Option<&RuleMask>,
        watching: &mut Watching<'_>,
    ) -> &[usize] {
        let Self {
            rules,
            state,
            found,
        } = self;
        rules.see(event, state);
        if let Some(mask) = mask {
            state.awake.keep(&mask.0);
        }
        found.clear();
        let mut next = state.awake.next(0);
        while let Some(rule) = next {
            let program = &rules.programs[rule as usize];
            if watching(rule as usize, &mut || rules.holds(program, event, state)) {
                found.push(rule as usize);
            }
            next = state.awake.next(rule + 1);
        }
        found
    }
}
