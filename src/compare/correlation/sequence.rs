//! Events on which one version of a correlation fires and the other does not.
//!
//! In: both versions, each with the index that it is of. Out: a sequence that shows what came, and
//! one that shows what went, if there are any among those that are tried: as many events as a bound
//! asks for, one more or less, as far apart as a window is long, of one group or of several.

use super::player::{IndexedCorrelation, MOST_DEPTH, Player, Timed, object};
use crate::compare::{Comparison, Relation};
use crate::eval::Instant;
use crate::eval::correlation::{Member, ResolvedCondition, ResolvedCorrelation};
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::collections::BTreeSet;

/// The instant of the first event that is made: 2026-01-01, midnight.
const START: i64 = 1_767_225_600_000;

/// No sequence has more events.
const MOST_EVENTS: i64 = 100;

/// So many sequences are tried.
const MOST_TRIED: usize = 600;

/// So often is an event asked of a rule or a correlation, for two documents and those that they name.
pub(in crate::compare) const MOST_STEPS: usize = 300_000;

/// Sequences of more events are not tried, those of inner correlations included.
const MOST_DRAFTED: usize = 2000;

/// Sets of rules are tried of no more rules than this.
const MOST_RULES: usize = 5;

/// Adds to a comparison the sequences that show it: what fires now and did not before, and what
/// fired before and does not now. Events that show how a rule changed are tried, too. The search ends
/// where no `steps` are left.
pub(in crate::compare) fn show(
    steps: &Cell<usize>,
    comparison: &mut Comparison,
    before: IndexedCorrelation<'_, '_>,
    after: IndexedCorrelation<'_, '_>,
    events: &[Json],
) {
    if steps.get() == 0 {
        return;
    }
    let (Some(old), Some(new)) = (Player::of(before, steps), Player::of(after, steps)) else {
        return;
    };
    let own: Vec<Map<String, Json>> = events.iter().cloned().filter_map(object).collect();
    let versions = [old.correlation(), new.correlation()];
    let is_temporal = versions.iter().any(|version| version.kind.is_temporal());
    // Where no sequence makes only one of them fire, one can fire at an instant where the other does
    // not. Temporal types fire at events of their own rules, so that says nothing of them.
    for by_instant in [false, true] {
        let is_shown = comparison.gained.is_some() || comparison.lost.is_some();
        if by_instant && (is_temporal || is_shown) {
            break;
        }
        let drafts = [&new, &old].into_iter();
        let drafts = drafts.flat_map(|player| drafts_of(player, &versions, &own));
        for draft in drafts.take(MOST_TRIED) {
            if steps.get() == 0 {
                return;
            }
            let firings = (old.firings(old.at, &draft), new.firings(new.at, &draft));
            let (Some(fired), Some(fires)) = firings else {
                continue;
            };
            let is_more = |one: &BTreeSet<Instant>, other: &BTreeSet<Instant>| {
                !one.is_subset(other) && (by_instant || other.is_empty())
            };
            if is_more(&fires, &fired) {
                comparison.gained.get_or_insert_with(|| shown(&draft));
            }
            if is_more(&fired, &fires) {
                comparison.lost.get_or_insert_with(|| shown(&draft));
            }
            if comparison.gained.is_some() && comparison.lost.is_some() {
                break;
            }
        }
    }
    if comparison.gained.is_some() && comparison.lost.is_some() {
        comparison.relation = Relation::Changed;
    }
}

/// The events with their times in them.
fn shown(events: &[Timed]) -> Json {
    let events = events.iter().map(|(time, event)| {
        let mut whole = Map::new();
        let time = Instant(*time).to_string();
        whole.insert("@timestamp".to_owned(), Json::String(time));
        whole.extend(event.clone());
        Json::Object(whole)
    });
    events.collect()
}

/// How events of a sequence are made.
struct Plan<'p> {
    /// The members whose events they are, in order.
    members: Vec<usize>,
    /// From the first to the last, in milliseconds.
    spread: i64,
    /// Names whose values differ from event to event.
    varied: Vec<&'p String>,
    /// The number in the fields that a metric looks at.
    number: Option<i64>,
}

/// The sequences that are tried for a correlation.
fn drafts_of<'d>(
    player: &'d Player<'_>,
    versions: &'d [&'d ResolvedCorrelation; 2],
    own: &'d [Map<String, Json>],
) -> impl Iterator<Item = Vec<Timed>> + use<'d> {
    let correlation = player.correlation();
    let spans = versions.map(|version| version.timespan);
    let numbers: BTreeSet<i64> = versions
        .iter()
        .flat_map(|version| numbers(version))
        .collect();
    let own_names: BTreeSet<&String> = correlation.group_by.iter().collect();
    let apart: Vec<&String> = versions
        .iter()
        .flat_map(|version| &version.group_by)
        .filter(|name| !own_names.contains(name))
        .collect();
    let groups = if apart.is_empty() {
        vec![vec![]]
    } else {
        vec![vec![], apart]
    };
    let mut plans = Vec::new();
    for members in orders(correlation, &numbers) {
        for spread in spans {
            for varied in &groups {
                for number in measured(correlation, &numbers) {
                    let mut varied = varied.clone();
                    if number.is_none() {
                        // Where none can be enough, events without the field come, too.
                        let has_none = numbers.contains(&0) && !correlation.counted.is_empty();
                        plans.extend(has_none.then(|| Plan {
                            members: members.clone(),
                            spread,
                            varied: varied.clone(),
                            number,
                        }));
                        varied.extend(counted_apart(correlation));
                    }
                    plans.push(Plan {
                        members: members.clone(),
                        spread,
                        varied,
                        number,
                    });
                }
            }
        }
    }
    let bases = std::iter::once(None).chain(own.iter().map(Some));
    bases.flat_map(move |base| {
        let drafts = plans.iter();
        let drafts = drafts.filter_map(|plan| draft(player, player.at, plan, versions, base, 0));
        drafts.collect::<Vec<_>>()
    })
}

/// The numbers around the bounds of a condition.
fn numbers(correlation: &ResolvedCorrelation) -> Vec<i64> {
    match &correlation.condition {
        ResolvedCondition::Bounds(bounds) => {
            let bounds = bounds
                .iter()
                .filter_map(|(_, bound)| bound.floor_shifted(0));
            bounds
                .flat_map(|bound| [bound, bound.saturating_add(1), bound.saturating_sub(1)])
                .collect()
        }
        _ => vec![1],
    }
}

/// Whose events follow one another, by member.
fn orders(correlation: &ResolvedCorrelation, numbers: &BTreeSet<i64>) -> Vec<Vec<usize>> {
    let members = correlation.members.len();
    if correlation.kind.is_temporal() {
        let stages = &correlation.stages;
        let mut orders = vec![stages.clone()];
        let count = stages.len();
        if count <= MOST_RULES {
            // Smaller sets are shown before larger ones.
            let mut sets: Vec<u32> = (1..1_u32 << count).collect();
            sets.sort_by_key(|set| set.count_ones());
            let chosen = sets.into_iter().map(|set| {
                let chosen = stages
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| set & (1 << at) != 0);
                chosen.map(|(_, member)| *member).collect()
            });
            orders = chosen.collect();
        }
        // The order alone can make the difference.
        let several = orders.iter().filter(|order| order.len() > 1);
        let reversed = several.map(|order| order.iter().rev().copied().collect());
        let reversed: Vec<Vec<usize>> = reversed.collect();
        orders.extend(reversed);
        return orders;
    }
    if correlation.kind.is_metric() {
        // Two of them can be in one window or in two.
        let orders = (1..=2).flat_map(|count| (0..members).map(move |member| vec![member; count]));
        return orders.collect();
    }
    let mut orders = Vec::new();
    for count in numbers
        .iter()
        .filter(|count| (1..=MOST_EVENTS).contains(*count))
    {
        let count = usize::try_from(*count).unwrap_or(1);
        for member in 0..members {
            orders.push(vec![member; count]);
        }
        if members > 1 {
            orders.push((0..count).map(|at| at % members).collect());
        }
    }
    orders
}

/// The events of a plan; `base` is what stands for the rules' own events, if anything does.
fn draft(
    player: &Player<'_>,
    at: usize,
    plan: &Plan<'_>,
    versions: &[&ResolvedCorrelation; 2],
    base: Option<&Map<String, Json>>,
    depth: usize,
) -> Option<Vec<Timed>> {
    let correlation = &player.set.correlations[at];
    let last = i64::try_from(plan.members.len())
        .ok()?
        .saturating_sub(1)
        .max(1);
    let mut events = Vec::new();
    for (number, member) in (0_i64..).zip(&plan.members) {
        let time = START.checked_add(plan.spread.checked_mul(number)? / last)?;
        let mut made = match *correlation.members.get(*member)? {
            Member::Rule(rule) => {
                let event = base.or_else(|| player.events.get(&rule))?.clone();
                vec![(time, event)]
            }
            Member::Correlation(inner) => {
                let firing = firing(player, inner, depth + 1)?;
                let end = firing.last()?.0;
                let moved = firing.into_iter();
                moved
                    .map(|(at, event)| (time + (at - end), event))
                    .collect()
            }
        };
        for (_, event) in &mut made {
            fill(event, correlation, *member, plan, versions, number);
        }
        let made_count = made.len();
        events.extend(made);
        if events.len() > MOST_DRAFTED {
            return None;
        }
        player.spend(made_count)?;
    }
    events.sort_by_key(|(time, _)| *time);
    if correlation.is_forward() {
        // A window without an event has to be over.
        let end = events.last()?.0.checked_add(plan.spread.checked_mul(2)?)?;
        events.push((end, Map::new()));
    }
    Some(events)
}

/// The counted fields that are not those of the group, which all of its events share.
fn counted_apart(correlation: &ResolvedCorrelation) -> impl Iterator<Item = &String> {
    let counted = correlation.counted.iter();
    counted.filter(|name| !correlation.group_by.contains(name))
}

/// Gives an event the values that its group and the condition look at, where the rule itself does
/// not.
fn fill(
    event: &mut Map<String, Json>,
    correlation: &ResolvedCorrelation,
    member: usize,
    plan: &Plan<'_>,
    versions: &[&ResolvedCorrelation; 2],
    number: i64,
) {
    let counted = correlation.counted.iter().filter(|_| plan.number.is_some());
    for name in counted {
        let field = correlation.field(member, name);
        let value = plan.number.unwrap_or_default();
        event.entry(field).or_insert_with(|| value.into());
    }
    for name in &plan.varied {
        let field = correlation.field(member, name);
        let value = format!("{name}{}", number + 1);
        event.entry(field).or_insert_with(|| value.into());
    }
    for name in versions.iter().flat_map(|version| &version.group_by) {
        let field = correlation.field(member, name);
        event.entry(field).or_insert_with(|| name.as_str().into());
    }
}

/// The numbers that events get where a correlation measures one; else events get none.
fn measured(
    correlation: &ResolvedCorrelation,
    numbers: &BTreeSet<i64>,
) -> impl Iterator<Item = Option<i64>> {
    let is_metric = correlation.kind.is_metric();
    let none = (!is_metric).then_some(None);
    let some = numbers.iter().filter(move |_| is_metric);
    none.into_iter().chain(some.copied().map(Some))
}

/// Events on which an inner correlation fires.
fn firing(player: &Player<'_>, at: usize, depth: usize) -> Option<Vec<Timed>> {
    if depth > MOST_DEPTH {
        return None;
    }
    let known = player.firing.borrow().get(&(at, depth)).cloned();
    known.unwrap_or_else(|| {
        let found = find_firing(player, at, depth);
        let mut known = player.firing.borrow_mut();
        known.insert((at, depth), found.clone());
        found
    })
}

fn find_firing(player: &Player<'_>, at: usize, depth: usize) -> Option<Vec<Timed>> {
    let correlation = player.set.correlations.get(at)?;
    let versions = [correlation; 2];
    let numbers: BTreeSet<i64> = numbers(correlation).into_iter().collect();
    for members in orders(correlation, &numbers) {
        for number in measured(correlation, &numbers) {
            let varied = counted_apart(correlation).filter(|_| number.is_none());
            let plan = Plan {
                members: members.clone(),
                spread: correlation.timespan / 2,
                varied: varied.collect(),
                number,
            };
            let events = draft(player, at, &plan, &versions, None, depth);
            if let Some(events) = events.filter(|events| {
                let firings = player.firings(at, events);
                firings.is_some_and(|firings| !firings.is_empty())
            }) {
                return Some(events);
            }
        }
    }
    None
}
