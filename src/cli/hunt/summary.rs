//! What a hunt found, for people.
//!
//! In: the tally. Out: a table of the rules that matched, the highest level first, the closing lines,
//! and with `--cost` what each rule costs.

use super::rules::{Hunted, HuntedRules};
use super::tally::{RuleTally, Tally};
use crate::attack::Attack;
use crate::cli::choose::RuleLevel;
use crate::cli::report::thousands;
use crate::cli::terminal::Paint;
use crate::diagnostic::render::visible;
use crate::eval::Instant;
use crate::eval::routing::{Routing, RuleSource};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many values of an example are shown, and so much of each.
const MOST_VALUES: usize = 3;
const LONGEST_VALUE: usize = 80;

/// So many log sources without an event are named.
const MOST_SOURCES: usize = 5;

/// So many rules are listed by their cost.
const MOST_COSTS: usize = 30;

/// What matched, with its tally.
fn found<'t>(rules: &'t HuntedRules<'_>, tally: &'t Tally) -> Vec<(&'t Hunted, &'t RuleTally)> {
    let of_rules = rules.rules.iter().zip(&tally.rules);
    let correlations = rules.correlations.iter().map(|(_, hunted)| hunted);
    let of_correlations = correlations.zip(&tally.correlations);
    let all = of_rules.chain(of_correlations);
    let mut found: Vec<_> = all.filter(|(_, tally)| tally.matches > 0).collect();
    found.sort_by_key(|(hunted, tally)| (Reverse(hunted.level), Reverse(tally.matches)));
    found
}

/// The table, and the closing lines.
pub(super) fn table(
    rules: &HuntedRules<'_>,
    tally: &Tally,
    routing: Option<&Routing>,
    paint: Paint,
) -> String {
    let mut out = String::new();
    let found = found(rules, tally);
    if !found.is_empty() {
        let heads = ["LEVEL", "COUNT", "FIRST", "LAST", "RULE"];
        let [level, count, first, last, rule] = heads;
        let line = format!("{level:<13} {count:>9}  {first:<24}  {last:<24}  {rule}");
        let _ = writeln!(out, "{}", paint.bold(line));
    }
    for (hunted, tally) in found {
        let level = format!("{:<13}", hunted.level.name());
        let level = match hunted.level {
            RuleLevel::Critical | RuleLevel::High => paint.error(level),
            RuleLevel::Medium => paint.warning(level),
            _ => level,
        };
        let time = |at: Option<Instant>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let _ = writeln!(
            out,
            "{level} {:>9}  {:<24}  {:<24}  {}",
            thousands(tally.matches),
            time(tally.first),
            time(tally.last),
            visible::message(&hunted.title)
        );
        if let Some(example) = &tally.example {
            let mut line = format!("{} #{}", visible::message(&example.file), example.record);
            for (field, value) in example.values.iter().take(MOST_VALUES) {
                let value = short(value);
                let _ = match field {
                    Some(field) => write!(line, "  {}: {value}", visible::message(field)),
                    None => write!(line, "  {value}"),
                };
            }
            let _ = writeln!(out, "{:>23}  {}", "", paint.faint(line));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out + &closing(rules, tally, routing, paint)
}

/// The closing lines: how much was looked at and found, and the techniques.
pub(super) fn closing(
    rules: &HuntedRules<'_>,
    tally: &Tally,
    routing: Option<&Routing>,
    paint: Paint,
) -> String {
    let found = found(rules, tally);
    let matches: usize = found.iter().map(|(_, tally)| tally.matches).sum();
    let shown = |hunted: &&Hunted| hunted.is_shown;
    let correlations = rules.correlations.iter().map(|(_, hunted)| hunted);
    let asked = rules.rules.iter().chain(correlations).filter(shown).count();
    let mut out = format!(
        "{} in {}: {}, {} of {} matched\n",
        counted(tally.events, "event"),
        counted(tally.files, "file"),
        if matches == 0 {
            "no match".to_owned()
        } else {
            counted(matches, "match")
        },
        thousands(found.len()),
        counted(asked, "rule"),
    );
    if tally.interrupted {
        let _ = writeln!(
            out,
            "{}",
            paint.warning("interrupted: not all events were read")
        );
    }
    if tally.out_of_span > 0 {
        let count = counted(tally.out_of_span, "event");
        let _ = writeln!(out, "left out: {count} not in the time that was asked for");
    }
    if tally.without_time > 0 {
        let count = counted(tally.without_time, "match");
        let _ = writeln!(
            out,
            "{count} without a time, in no window of a correlation: see `--time-field`"
        );
    }
    if let Some(routing) = routing {
        out.push_str(&log_sources(rules, tally, routing));
    }
    let levels = RuleLevel::ALL.into_iter().rev().chain([RuleLevel::None]);
    let levels = levels.filter_map(|level| {
        let of_level = found.iter().filter(|(hunted, _)| hunted.level == level);
        let (rules, matches) = of_level.fold((0, 0), |(rules, matches), (_, tally)| {
            (rules + 1, matches + tally.matches)
        });
        (rules > 0).then(|| {
            format!(
                "{}: {} with {}",
                level.name(),
                counted(rules, "rule"),
                counted(matches, "match")
            )
        })
    });
    let levels: Vec<String> = levels.collect();
    if !levels.is_empty() {
        let _ = writeln!(out, "{}", levels.join(", "));
    }
    out + &techniques(&found)
}

/// What is to be said of log sources: of events whose none is known, of rules that met none.
fn log_sources(rules: &HuntedRules<'_>, tally: &Tally, routing: &Routing) -> String {
    let mut out = String::new();
    let unknown = tally
        .sources
        .iter()
        .filter(|(sources, _)| sources.is_unknown());
    let unknown: usize = unknown.map(|(_, count)| count).sum();
    if unknown > 0 {
        let _ = writeln!(
            out,
            "{} of an unknown log source: rules for every log source looked at them (`--event-logsource` names it)",
            counted(unknown, "event")
        );
    }
    if unknown == tally.events {
        return out;
    }
    let met = routing.met(&tally.sources);
    let mut without: BTreeMap<&RuleSource, usize> = BTreeMap::new();
    for (rule, (hunted, met)) in rules.rules.iter().zip(met).enumerate() {
        if hunted.is_shown && !met {
            *without.entry(routing.source(rule)).or_default() += 1;
        }
    }
    let count: usize = without.values().sum();
    if count > 0 {
        let mut without: Vec<_> = without.into_iter().collect();
        without.sort_by_key(|(_, count)| Reverse(*count));
        let named = without.iter().take(MOST_SOURCES);
        let named = named.map(|(source, count)| {
            format!(
                "{} {}",
                visible::message(&source.to_string()),
                thousands(*count)
            )
        });
        let named: Vec<String> = named.collect();
        let more = if without.len() > MOST_SOURCES {
            ", …"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "{} had no event of {} log source: {}{more}",
            counted(count, "rule"),
            if count == 1 { "its" } else { "their" },
            named.join(", ")
        );
    }
    out
}

/// The techniques of ATT&CK that the rules that matched are tagged with.
fn techniques(found: &[(&Hunted, &RuleTally)]) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (hunted, tally) in found {
        for tag in &hunted.tags {
            let technique = tag
                .get(..8)
                .filter(|start| start.eq_ignore_ascii_case("attack.t"));
            let id = technique.and_then(|_| tag.get(7..)).map(str::to_uppercase);
            let is_technique = |id: &String| id[1..].starts_with(|c: char| c.is_ascii_digit());
            if let Some(id) = id.filter(is_technique) {
                *seen.entry(id).or_default() += tally.matches;
            }
        }
    }
    if seen.is_empty() {
        return String::new();
    }
    let attack = Attack::built_in();
    let mut out = String::from("ATT&CK:\n");
    for (id, matches) in seen {
        let name = attack
            .technique(&id)
            .map_or("", |technique| &*technique.name);
        let id = visible::message(&id).into_owned();
        let _ = writeln!(out, "  {id:<10} {name} ({})", counted(matches, "match"));
    }
    out
}

/// What each rule costs, the dearest first.
pub(super) fn costs(rules: &HuntedRules<'_>, tally: &Tally) -> String {
    let mut costs: Vec<_> = rules.rules.iter().zip(&tally.rules).collect();
    costs.retain(|(_, tally)| tally.asked > 0);
    costs.sort_by_key(|(_, tally)| Reverse(tally.time));
    let mut out = String::from("\n       TIME      ASKED    MATCHES  RULE\n");
    for (hunted, tally) in costs.iter().take(MOST_COSTS) {
        let _ = writeln!(
            out,
            "{:>8.1} ms {:>10} {:>10}  {}",
            tally.time.as_secs_f64() * 1000.0,
            thousands(tally.asked),
            thousands(tally.matches),
            visible::message(&hunted.title)
        );
    }
    if let Some(more) = costs.len().checked_sub(MOST_COSTS).filter(|more| *more > 0) {
        let _ = writeln!(out, "… and {}", counted(more, "cheaper rule"));
    }
    out
}

/// `1 match`, `2,000 matches`
fn counted(count: usize, what: &str) -> String {
    let ending = match (count, what.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {what}{ending}", thousands(count))
}

/// A value on one line, of bounded length.
fn short(value: &str) -> String {
    let cut: String = value.chars().take(LONGEST_VALUE).collect();
    let more = if cut.len() < value.len() { "…" } else { "" };
    visible::message(&format!("{cut}{more}")).into_owned()
}
