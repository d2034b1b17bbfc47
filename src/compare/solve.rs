//! Can all clauses be met?
//!
//! In: [`Clauses`]. Out: an assignment that meets them, that there is none, or that it took too long.
//! Davis, Putnam, Logemann and Loveland (1962): what a clause forces is assigned first; where nothing
//! is forced, the first clause that is not met picks its first literal. No order depends on anything
//! but the clauses.

use super::clauses::Clauses;
use super::formula::Literal;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// These literals meet every clause, whatever the other nodes are.
    Model(Vec<Literal>),
    /// No assignment meets them.
    None,
    /// The budget is used up.
    Unknown,
}

/// A search that can go on with more clauses.
#[derive(Debug)]
pub(super) struct Solver {
    clauses: Vec<Vec<Literal>>,
    structure: usize,
    /// Where the clauses end that the question came with.
    given: usize,
    /// By clause: where the search for another literal to watch goes on. A clause may be a list of
    /// a hundred thousand values, which one after another can't be had.
    places: Vec<u32>,
    /// By literal: the clauses that watch it, with their first two literals.
    watches: Vec<Vec<u32>>,
    /// By node.
    values: Vec<Option<bool>>,
    trail: Vec<Literal>,
    /// Where each decision is on the trail, and whether its other side was tried.
    decisions: Vec<(usize, bool)>,
    /// Where propagation goes on.
    head: usize,
    /// What may be looked at still.
    budget: usize,
}

impl Solver {
    /// Prepares a search over so many nodes, with a budget of clauses to look at.
    pub fn new(clauses: Clauses, nodes: usize, budget: usize) -> Self {
        let mut solver = Self {
            structure: clauses.structure,
            given: clauses.all.len(),
            clauses: Vec::with_capacity(clauses.all.len()),
            places: Vec::with_capacity(clauses.all.len()),
            watches: vec![Vec::new(); nodes * 2],
            values: vec![None; nodes],
            trail: Vec::new(),
            decisions: Vec::new(),
            head: 0,
            budget,
        };
        for clause in clauses.all {
            solver.add(clause);
        }
        solver
    }

    /// Adds a clause. The search begins anew.
    pub fn add(&mut self, clause: Vec<Literal>) {
        let at = u32::try_from(self.clauses.len()).unwrap_or(u32::MAX);
        for literal in clause.iter().take(2) {
            self.watches[literal.index()].push(at);
        }
        self.clauses.push(clause);
        self.places.push(2);
    }

    /// Looking at so many literals costs a part of the budget.
    fn charge(&mut self, literals: usize) {
        self.budget = self.budget.saturating_sub(1 + literals / 16);
    }

    /// Searches.
    pub fn run(&mut self) -> Answer {
        self.values.fill(None);
        self.trail.clear();
        self.decisions.clear();
        self.head = 0;
        for at in 0..self.clauses.len() {
            let forced = match self.clauses[at].as_slice() {
                [] => return Answer::None,
                [only] => *only,
                _ => continue,
            };
            if self.value(forced) == Some(false) {
                return Answer::None;
            }
            self.assign(forced);
        }
        loop {
            if !self.propagate() {
                if self.budget == 0 {
                    return Answer::Unknown;
                }
                if !self.turn_back() {
                    return Answer::None;
                }
                continue;
            }
            match self.choice() {
                Some(literal) => {
                    self.decisions.push((self.trail.len(), false));
                    self.assign(literal);
                }
                None if self.budget == 0 => return Answer::Unknown,
                None => return Answer::Model(self.trail.clone()),
            }
        }
    }

    fn value(&self, literal: Literal) -> Option<bool> {
        self.values[literal.node()].map(|value| value != literal.is_negated())
    }

    fn assign(&mut self, literal: Literal) {
        if self.value(literal).is_none() {
            self.values[literal.node()] = Some(!literal.is_negated());
            self.trail.push(literal);
        }
    }

    /// Assigns what is forced. Says no where a clause cannot be met any more, or the budget ends.
    fn propagate(&mut self) -> bool {
        while let Some(&literal) = self.trail.get(self.head) {
            self.head += 1;
            let failed = !literal;
            let watching = std::mem::take(&mut self.watches[failed.index()]);
            let mut kept = Vec::with_capacity(watching.len());
            let mut fine = true;
            for (place, &at) in watching.iter().enumerate() {
                if self.budget == 0 || !fine {
                    fine = false;
                    kept.extend_from_slice(&watching[place..]);
                    break;
                }
                fine = self.visit(at, failed, &mut kept);
            }
            self.watches[failed.index()] = kept;
            if !fine {
                return false;
            }
        }
        true
    }

    /// Looks at a clause one of whose watched literals failed.
    fn visit(&mut self, at: u32, failed: Literal, kept: &mut Vec<u32>) -> bool {
        let mut clause = std::mem::take(&mut self.clauses[at as usize]);
        if clause.len() > 1 && clause[0] == failed {
            clause.swap(0, 1);
        }
        let first = clause[0];
        let mut fine = true;
        if self.value(first) == Some(true) {
            self.charge(0);
            kept.push(at);
        } else {
            let start = (self.places[at as usize] as usize).clamp(2, clause.len().max(2));
            let mut order = (start..clause.len()).chain(2..start.min(clause.len()));
            let free = order.find(|&i| self.value(clause[i]) != Some(false));
            let seen = free.map_or(clause.len(), |free| free.abs_diff(start));
            self.charge(seen);
            self.places[at as usize] = u32::try_from(free.unwrap_or(2)).unwrap_or(2);
            match free {
                Some(free) => {
                    clause.swap(1, free);
                    self.watches[clause[1].index()].push(at);
                }
                None => {
                    kept.push(at);
                    if self.value(first) == Some(false) {
                        fine = false;
                    } else {
                        self.assign(first);
                    }
                }
            }
        }
        self.clauses[at as usize] = clause;
        fine
    }

    /// Takes the last decision back that has another side, and goes there.
    fn turn_back(&mut self) -> bool {
        while let Some((start, turned)) = self.decisions.pop() {
            let decided = self.trail[start];
            for literal in self.trail.drain(start..) {
                self.values[literal.node()] = None;
            }
            self.head = start;
            if !turned {
                self.decisions.push((start, true));
                self.assign(!decided);
                return true;
            }
        }
        false
    }

    /// What to try next: nothing where every clause of structure is met. The other clauses are met
    /// by what was propagated, or by tests that do not hold.
    fn choice(&mut self) -> Option<Literal> {
        let structure = 0..self.structure;
        for at in structure.chain(self.given..self.clauses.len()) {
            let clause = &self.clauses[at];
            let mut free = None;
            let mut seen = 0;
            let met = clause.iter().any(|literal| {
                seen += 1;
                let value = self.value(*literal);
                if value.is_none() && free.is_none() {
                    free = Some(*literal);
                }
                value == Some(true)
            });
            self.charge(seen);
            if !met {
                return free;
            }
        }
        None
    }
}
