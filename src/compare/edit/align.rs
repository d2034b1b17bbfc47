//! Two trees, part by part: what was kept, what became of the rest.
//!
//! In: two [`Tree`]s. Out: [`Edit`]s. Parts that say the same are kept; the others pair up with what
//! they have most in common with, and what remains was added or removed.

use super::tree::{Key, Kind, List, Tree};
use super::{Change, Edit, value, words};
use crate::lower::Operator;
use crate::rule::{Detections, Rule};
use crate::source::Span;
use std::collections::BTreeSet;

/// No more parts of a group than this are compared each with each.
const MAX_PAIRED: usize = 64;

/// Among more parts than this, those of a group that dissolved are not looked for.
const MAX_SPREAD: usize = 1000;

/// Parts have to have this in common to be versions of each other.
const ALIKE: f64 = 0.25;

/// How names of detections begin that pipelines add: `_cond_2992`.
const MADE_UP: &str = "_cond_";

/// Collects edits.
pub(super) struct Aligner<'v> {
    before: &'v Detections<'v>,
    after: &'v Detections<'v>,
    pub edits: Vec<Edit>,
    /// What was said already.
    known: BTreeSet<String>,
}

/// Which of the versions a part is of.
#[derive(Clone, Copy)]
enum Of {
    Before,
    After,
}

impl<'v> Aligner<'v> {
    pub fn new(before: &'v Rule<'_>, after: &'v Rule<'_>) -> Self {
        Self {
            before: &before.detection,
            after: &after.detection,
            edits: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    pub fn push(&mut self, detection: Option<String>, negated: bool, change: Change) {
        let edit = Edit::of(detection, negated, change);
        // A detection that the condition names twice is edited once.
        if self.known.insert(edit.text.clone()) {
            self.edits.push(edit);
        }
    }

    /// The detection that a value is in.
    fn name(&self, of: Of, span: Option<Span>) -> Option<String> {
        let span = span.filter(|span| span.end > 0)?;
        let detections = match of {
            Of::Before => self.before,
            Of::After => self.after,
        };
        let named = detections.named.iter();
        let holds = |place: Span| place.start <= span.start && span.end <= place.end;
        // A pipeline's detection has its place in the pipeline: the tightest fit is the right one.
        let found = named
            .filter(|(_, detection)| holds(detection.span))
            .min_by_key(|(_, detection)| detection.span.end - detection.span.start)?;
        let name = &found.0.value;
        // What pipelines make up says nothing to those who read the rule.
        (!name.starts_with(MADE_UP)).then(|| name.to_string())
    }

    /// Collects the edits that lead from one part to the other.
    pub fn align(&mut self, before: &Tree<'_>, after: &Tree<'_>, negated: bool) {
        if before.key == after.key {
            return;
        }
        match (&before.kind, &after.kind) {
            (Kind::Not(before), Kind::Not(after)) => self.align(before, after, !negated),
            (Kind::Not(inner), kind)
                if !matches!(kind, Kind::Not(_)) && alike(inner, after) > ALIKE =>
            {
                let test = words::test(inner);
                let name = self.name(Of::After, after.span());
                self.push(name, negated, Change::NegationRemoved { test });
                self.align(inner, after, negated);
            }
            (_, Kind::Not(inner)) if alike(before, inner) > ALIKE => {
                let test = words::test(inner);
                let name = self.name(Of::After, inner.span());
                self.push(name, negated, Change::NegationAdded { test });
                self.align(before, inner, negated);
            }
            (Kind::List(old), Kind::List(new)) if alike(before, after) > 0.0 => {
                self.lists(old, new, negated);
            }
            (Kind::Group(old, old_parts), Kind::Group(new, new_parts)) => {
                if old != new && alike(before, after) > ALIKE {
                    self.operator(*old, *new, after, negated);
                    // The same tests, of which some groups dissolved in others.
                    if before.tests == after.tests {
                        return;
                    }
                }
                self.parts(*new, old_parts, new_parts, negated);
            }
            (Kind::Group(operator, parts), kind) if !matches!(kind, Kind::Nothing) => {
                self.parts(*operator, parts, std::slice::from_ref(after), negated);
            }
            (kind, Kind::Group(operator, parts)) if !matches!(kind, Kind::Nothing) => {
                self.parts(*operator, std::slice::from_ref(before), parts, negated);
            }
            _ => {
                self.removed(Operator::And, before, negated);
                self.added(Operator::And, after, negated);
            }
        }
    }

    fn operator(&mut self, old: Operator, new: Operator, part: &Tree<'_>, negated: bool) {
        let name = self.name(Of::After, part.span());
        let (before, after) = (old.into(), new.into());
        self.push(name, negated, Change::OperatorChanged { before, after });
    }

    /// A group or negation that lost what held it together, so that its parts are among others:
    /// `a and not (b and c)` is now `a and b and c`. Takes its parts out of the others, where they
    /// all are there.
    fn dissolved<'r>(
        &mut self,
        part: &Tree<'r>,
        others: &mut Vec<&Tree<'r>>,
        operator: Operator,
        (negated, now): (bool, bool),
    ) -> bool {
        if others.len() > MAX_SPREAD {
            return false;
        }
        let spread: Vec<Key> = match &part.kind {
            Kind::Not(inner) => match &inner.kind {
                Kind::Group(inner, parts) if *inner == operator => {
                    parts.iter().map(|part| part.key).collect()
                }
                _ => return false,
            },
            Kind::Group(inner, parts) if *inner != operator => parts
                .iter()
                .flat_map(|part| match &part.kind {
                    Kind::Group(_, parts) => parts.iter().collect(),
                    _ => vec![part],
                })
                .map(|part| part.key)
                .collect(),
            _ => return false,
        };
        let there: BTreeSet<Key> = others.iter().map(|other| other.key).collect();
        // `not (a or b)` is written as `not a and not b`.
        if let Kind::Group(inner, parts) = &part.kind
            && *inner != operator
        {
            let negated_key = |tree: &Tree<'_>| match &tree.kind {
                Kind::Not(inner) => Some(inner.key),
                _ => None,
            };
            let nots: BTreeSet<Key> = others.iter().filter_map(|o| negated_key(o)).collect();
            if parts.iter().all(|part| nots.contains(&part.key)) {
                let parts: BTreeSet<Key> = parts.iter().map(|part| part.key).collect();
                others.retain(|other| !negated_key(other).is_some_and(|key| parts.contains(&key)));
                let of = if now { Of::After } else { Of::Before };
                let (name, test) = (self.name(of, part.span()), words::test(part));
                let change = if now {
                    Change::NegationRemoved { test }
                } else {
                    Change::NegationAdded { test }
                };
                self.push(name, negated, change);
                return true;
            }
        }
        if !spread.iter().all(|key| there.contains(key)) {
            return false;
        }
        let spread: BTreeSet<Key> = spread.into_iter().collect();
        others.retain(|other| !spread.contains(&other.key));
        match &part.kind {
            Kind::Not(inner) => {
                let of = if now { Of::After } else { Of::Before };
                let (name, test) = (self.name(of, inner.span()), words::test(inner));
                self.push(
                    name,
                    negated,
                    if now {
                        Change::NegationAdded { test }
                    } else {
                        Change::NegationRemoved { test }
                    },
                );
            }
            Kind::Group(inner, _) if now => self.operator(operator, *inner, part, negated),
            Kind::Group(inner, _) => self.operator(*inner, operator, part, negated),
            _ => {}
        }
        true
    }

    fn added(&mut self, operator: Operator, part: &Tree<'_>, negated: bool) {
        if !matches!(part.kind, Kind::Nothing) {
            let (test, join) = (words::test(part), operator.into());
            let name = self.name(Of::After, part.span());
            self.push(name, negated, Change::TestAdded { test, join });
        }
    }

    fn removed(&mut self, operator: Operator, part: &Tree<'_>, negated: bool) {
        if !matches!(part.kind, Kind::Nothing) {
            let (test, join) = (words::test(part), operator.into());
            let name = self.name(Of::Before, part.span());
            self.push(name, negated, Change::TestRemoved { test, join });
        }
    }

    /// The parts of two groups.
    fn parts(&mut self, operator: Operator, old: &[Tree<'_>], new: &[Tree<'_>], negated: bool) {
        let keys =
            |parts: &[Tree<'_>]| -> BTreeSet<Key> { parts.iter().map(|part| part.key).collect() };
        let (had, has) = (keys(old), keys(new));
        let mut old: Vec<&Tree<'_>> = old.iter().filter(|part| !has.contains(&part.key)).collect();
        let mut new: Vec<&Tree<'_>> = new.iter().filter(|part| !had.contains(&part.key)).collect();
        old.retain(|part| !self.dissolved(part, &mut new, operator, (negated, false)));
        new.retain(|part| !self.dissolved(part, &mut old, operator, (negated, true)));
        let mut old: Vec<Option<&Tree<'_>>> = old.into_iter().map(Some).collect();
        let mut partners: Vec<(Option<&Tree<'_>>, &Tree<'_>)> =
            new.into_iter().map(|part| (None, part)).collect();
        let mut scores = Vec::new();
        for (i, a) in old.iter().enumerate().take(MAX_PAIRED) {
            for (j, (_, b)) in partners.iter().enumerate().take(MAX_PAIRED) {
                let score = a.map_or(0.0, |a| alike(a, b));
                if score > ALIKE {
                    scores.push((score, i, j));
                }
            }
        }
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, i, j) in scores {
            if partners[j].0.is_none()
                && let Some(part) = old[i].take()
            {
                partners[j].0 = Some(part);
            }
        }
        for part in old.into_iter().flatten() {
            self.removed(operator, part, negated);
        }
        for (partner, part) in partners {
            match partner {
                Some(partner) => self.align(partner, part, negated),
                None => self.added(operator, part, negated),
            }
        }
    }

    /// Two lists of values.
    fn lists(&mut self, old: &List<'_>, new: &List<'_>, negated: bool) {
        let name = self.name(Of::After, new.span());
        let field = new.field.map(str::to_owned);
        if let (Some(before), Some(after)) = (old.field, new.field)
            && before != after
        {
            let (before, after) = (before.to_owned(), after.to_owned());
            self.push(
                name.clone(),
                negated,
                Change::FieldRenamed { before, after },
            );
        }
        if old.operator != new.operator && old.entries.len() > 1 && new.entries.len() > 1 {
            let (before, after) = (old.operator.into(), new.operator.into());
            let change = Change::LinkChanged {
                field: field.clone(),
                before,
                after,
            };
            self.push(name.clone(), negated, change);
        }
        let list = if new.entries.len() > 1 { new } else { old };
        for change in value::changes(&old.entries, &new.entries, list.operator, field.as_deref()) {
            self.push(name.clone(), negated, change);
        }
    }
}

/// How much two parts have in common, from 0 to 1.
fn alike(a: &Tree<'_>, b: &Tree<'_>) -> f64 {
    let shared = share(&a.tests, &b.tests);
    match (&a.kind, &b.kind) {
        (Kind::List(a), Kind::List(b)) if a.field == b.field => 0.3 + 0.7 * shared,
        (Kind::List(a), Kind::List(b)) if a.field.is_some() && b.field.is_some() => {
            let keys = |list: &List<'_>| -> Vec<Key> {
                let mut keys: Vec<_> = list.entries.iter().map(|entry| entry.key).collect();
                keys.sort_unstable();
                keys.dedup();
                keys
            };
            let same = share(&keys(a), &keys(b));
            // A field's other name, with at least half of the values.
            if same < 0.5 { 0.0 } else { 0.8 * same }
        }
        (Kind::Not(a), Kind::Not(b)) => alike(a, b).max(shared),
        _ => shared,
    }
}

/// What two sorted lists share, of what both have.
#[expect(clippy::cast_precision_loss, reason = "lists are shorter than that")]
fn share(a: &[Key], b: &[Key]) -> f64 {
    let mut others = b.iter().peekable();
    let mut both = 0_usize;
    for key in a {
        while others.next_if(|other| *other < key).is_some() {}
        both += usize::from(others.peek() == Some(&key));
    }
    let all = a.len() + b.len() - both;
    if all == 0 {
        0.0
    } else {
        both as f64 / all as f64
    }
}
