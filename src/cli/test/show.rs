//! Verdicts for people.
//!
//! In: a [`Verdict`]. Out: `fired  1 of 3 events  rules/a.yml: Title`, and below it the events, or the
//! instants at which a correlation fired.

use super::firing::{FiringVerdict, GroupVerdict, NearestVerdict, Review};
use super::verdict::{EventVerdict, Verdict};
use crate::cli::terminal::Paint;
use crate::diagnostic::render::visible;
use crate::eval::{Seen, Trace};
use std::fmt::Write as _;

/// `fired   1 of 3  rules/a.yml: Title`, and the events below it.
pub(super) fn shown(verdict: &Verdict, explain: bool, paint: Paint) -> String {
    let title = visible::message(verdict.title.as_deref().unwrap_or("(no title)"));
    let path = visible::message(&verdict.path);
    let word = match (verdict.fired, verdict.tested) {
        _ if verdict.error.is_some() && verdict.tested == 0 => {
            return format!("{} {path}: {title}\n", paint.error("failed"));
        }
        _ if verdict.part => "part  ".to_owned(),
        (true, _) => paint.bold("fired "),
        (false, 0) => return format!("{} {path}: {title}\n", paint.error("failed")),
        (false, _) => paint.error("silent"),
    };
    let mut out = match &verdict.firings {
        Some(_) if verdict.part => format!("{word} {path}: {title}\n"),
        Some(firings) => format!(
            "{word} {} {} on {} of {} events  {path}: {title}\n",
            firings.len(),
            if firings.len() == 1 { "time" } else { "times" },
            verdict.matched,
            verdict.tested
        ),
        None => format!(
            "{word} {} of {} events  {path}: {title}\n",
            verdict.matched, verdict.tested
        ),
    };
    if let Some(mutants) = &verdict.mutants {
        let (noticed, made) = (mutants.noticed, mutants.made);
        let _ = writeln!(
            out,
            "    tests notice {noticed} of {made} changes of the rule"
        );
    }
    for firing in verdict.firings.iter().flatten() {
        show_firing(firing, &mut out);
    }
    if let Some(review) = verdict.review.as_ref().filter(|_| explain) {
        show_review(review, &mut out);
    }
    if explain {
        for query in &verdict.queries {
            let _ = writeln!(out, "    {}", visible::text(query));
        }
    }
    for EventVerdict {
        file,
        number,
        matches,
        traces,
    } in &verdict.events
    {
        let word = if *matches { "matches" } else { "no match" };
        let file = visible::message(file);
        let _ = writeln!(out, "    {file} #{number}: {word}");
        for trace in traces {
            show(trace, 2, &mut out);
        }
    }
    out
}

/// `2026-01-01T00:00:34.250Z  user: "ann"`, and with `--explain` its window.
fn show_firing(firing: &FiringVerdict, out: &mut String) {
    let _ = writeln!(out, "    {}{}", firing.at, group(&firing.group));
    let Some(window) = &firing.window else {
        return;
    };
    let measure = &window.measure;
    let _ = writeln!(
        out,
        "        window {} to {}: {} events, measured {measure}",
        window.from, window.to, window.count
    );
    let more = window.count - window.events.len();
    if more > 0 {
        let _ = writeln!(out, "        … {more} earlier events");
    }
    for event in &window.events {
        let place = match &event.place {
            Some(place) => format!("{} #{}", visible::message(&place.file), place.number),
            None => "firing".to_owned(),
        };
        let rules = visible::message(&event.rules.join(", ")).into_owned();
        let _ = writeln!(out, "        {}  {place}: {rules}", event.at);
    }
}

/// What is in no window, and the window that came nearest.
fn show_review(review: &Review, out: &mut String) {
    for (count, what) in [
        (review.without_time, "no time"),
        (review.without_group, "no value of the group"),
    ] {
        if count > 0 {
            let _ = writeln!(out, "    left out: {count} events have {what}");
        }
    }
    let Some(NearestVerdict {
        at,
        group: of,
        measure,
        absent,
        incomplete,
    }) = &review.nearest
    else {
        return;
    };
    let _ = write!(out, "    nearest: {at}{}", group(of));
    let _ = match measure {
        Some(measure) => write!(out, "  measured {measure}"),
        None => write!(out, "  no number to measure"),
    };
    if !absent.is_empty() {
        let absent = visible::message(&absent.join(", ")).into_owned();
        let _ = write!(out, "  without an event of {absent}");
    }
    if *incomplete {
        out.push_str("  the events end before the window does");
    }
    out.push('\n');
}

/// The values of a group, after two blanks each.
fn group(group: &GroupVerdict) -> String {
    let pairs = group.names.iter().zip(group.values.iter());
    let pairs =
        pairs.map(|(name, value)| format!("  {}: {}", visible::message(name), short(value)));
    pairs.collect()
}

fn show(trace: &Trace, depth: usize, out: &mut String) {
    let sign = if trace.held { '+' } else { '-' };
    let what = visible::message(&trace.what);
    let _ = write!(out, "{}{sign} {what}", "    ".repeat(depth));
    match &trace.seen {
        None => {}
        Some(Seen::Missing) => out.push_str("  (the field is missing)"),
        Some(Seen::NoText) => out.push_str("  (the field has no value)"),
        Some(Seen::Values(values)) if values.is_empty() => out.push_str("  (in no value)"),
        Some(Seen::Values(values)) => {
            let shown: Vec<String> = values.iter().map(|value| short(value)).collect();
            let _ = write!(out, "  found {}", shown.join(", "));
        }
    }
    out.push('\n');
    for part in &trace.parts {
        show(part, depth + 1, out);
    }
}

/// A value on one line, of bounded length.
fn short(value: &str) -> String {
    let cut: String = value.chars().take(120).collect();
    let more = if cut.len() < value.len() { "…" } else { "" };
    visible::message(&format!("{cut:?}{more}")).into_owned()
}
