//! Sets of rules: which of them match an event, and why.

use crate::diagnostic::DiagnosticView;
use crate::failure;
use crate::json;
use crate::place::{Place, Places};
use serde::Serialize;
use serde_json::Value;
use std::ptr;
use varsigma::{Event, OwnedRuleSet, RuleMatcher, Rules, Seen, Source, Trace};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Rules, prepared for many events.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RuleSet(OwnedRuleSet);

#[wasm_bindgen]
impl RuleSet {
    /// Reads rules. Those that can't be asked of an event are left out.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(text: String) -> Self {
        Self(OwnedRuleSet::parse([text]))
    }

    /// The rules that are asked, as JSON.
    #[must_use]
    pub fn rules(&self) -> String {
        let places = self.places();
        let rules = self.set().rules().iter();
        json(
            &rules
                .map(|rule| Named::new(&places, rule))
                .collect::<Vec<_>>(),
        )
    }

    /// What is wrong with rules, and why rules were left out, as JSON.
    #[must_use]
    pub fn diagnostics(&self) -> String {
        let of_rules = self.0.texts().iter().flat_map(Rules::diagnostics);
        let diagnostics = of_rules.chain(self.set().errors());
        let diagnostics = diagnostics.chain(self.set().correlations());
        json(&DiagnosticView::all(&self.places(), diagnostics))
    }

    /// For each event the numbers of the rules that match it, in the order of [`Self::rules`]. Events
    /// are a text of JSON; where they are `objects`, a list, each of its elements is one event.
    #[wasm_bindgen(js_name = match)]
    pub fn matching(&self, events: &str, objects: bool) -> Result<String, JsValue> {
        let events = read(events, objects)?;
        let mut scanner = self.set().scanner();
        let matching = events.iter().map(|event| {
            let mut from = 0;
            let matching = scanner.matching(event).map(|rule| {
                let mut rules = self.set().rules()[from..].iter();
                from += rules.position(|one| ptr::eq(one, rule)).unwrap_or(0);
                from
            });
            matching.collect::<Vec<_>>()
        });
        Ok(json(&matching.collect::<Vec<_>>()))
    }

    /// For each event every rule, by its number, with what each of its parts found.
    pub fn explain(&self, events: &str, objects: bool) -> Result<String, JsValue> {
        let events = read(events, objects)?;
        let places = self.places();
        let explained = events.iter().map(|event| {
            let rules = self.set().rules().iter().enumerate();
            let explained = rules.map(|(number, rule)| {
                let traces = rule.explain(event);
                let traces = traces.into_iter();
                Explained {
                    rule: number,
                    matches: rule.matches(event),
                    conditions: traces.map(|trace| TraceView::new(&places, trace)).collect(),
                }
            });
            explained.collect::<Vec<_>>()
        });
        Ok(json(&explained.collect::<Vec<_>>()))
    }

    fn set(&self) -> &varsigma::RuleSet<'_> {
        self.0.get()
    }

    fn places(&self) -> Places<'_> {
        let text = self.0.texts().first().map_or("", Rules::text);
        Places::new(Source::new("", text))
    }
}

/// Reads events: objects are taken as they are, and what wraps those of a text is taken off.
fn read(events: &str, objects: bool) -> Result<Vec<Event<'static>>, JsValue> {
    if objects && let Ok(all) = serde_json::from_str::<Vec<Value>>(events) {
        return Ok(all.iter().map(Event::new).collect());
    }
    // Of objects it says what is wrong: they are nested too deep.
    Event::read(events).map_err(|error| failure::of(&error))
}

/// A rule by its names.
#[derive(Debug, Serialize)]
struct Named<'r> {
    id: Option<&'r str>,
    title: &'r str,
    place: Place,
}

impl<'r> Named<'r> {
    fn new(places: &Places<'_>, rule: &RuleMatcher<'r>) -> Self {
        Self {
            id: rule.id(),
            title: rule.title(),
            place: places.of(rule.span()),
        }
    }
}

/// A rule and an event.
#[derive(Debug, Serialize)]
struct Explained {
    rule: usize,
    matches: bool,
    conditions: Vec<TraceView>,
}

/// A part of a condition, and how it fared.
#[derive(Debug, Serialize)]
struct TraceView {
    held: bool,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// The values that a test saw; null where the event has no such field.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Option<Vec<String>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Self>,
}

impl TraceView {
    fn new(places: &Places<'_>, trace: Trace) -> Self {
        let parts = trace.parts.into_iter();
        Self {
            held: trace.held,
            what: trace.what,
            place: trace.span.map(|span| places.of(span)),
            seen: trace.seen.map(|seen| match seen {
                Seen::Missing => None,
                Seen::NoText => Some(Vec::new()),
                Seen::Values(values) => Some(values),
            }),
            parts: parts.map(|part| Self::new(places, part)).collect(),
        }
    }
}
