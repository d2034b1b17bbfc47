//! Log sources for which the pipelines have nothing.
//!
//! In: the log source conditions of all items. Out: a warning where a rule is left without one:
//! `{product: windows, service: nosuchservice}` after pipelines that know the channel of each
//! service.

use super::builtin;
use super::condition::rule::{LogSource, parts_of, show_log_source};
use super::item::ProcessingItem;
use super::state::State;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::profile::Profile;
use crate::rule::{self, Rule};

/// Transformations that make a query one for a log source.
const CONSTRAINS: &[&str] = &["add_condition", "set_state"];

/// The log sources that pipelines ask for.
#[derive(Debug, Default)]
pub struct LogSources {
    known: Vec<Known>,
    /// Is there a pipeline that is for every log source, and tells none apart, or has a condition
    /// for all?
    general: bool,
}

#[derive(Debug)]
struct Known {
    source: LogSource,
    /// The profile that it is for alone.
    profile: Option<Profile>,
    /// Is something put into the query for it?
    constrains: bool,
    /// Does its pipeline put something into every query?
    is_beside: bool,
}

impl LogSources {
    /// Notes those of a pipeline's items.
    pub fn add(&mut self, items: &[ProcessingItem]) {
        let first = self.known.len();
        for item in items {
            self.add_item(item);
        }
        let always = items.iter().filter(|item| item.rule_conditions.is_empty());
        let is_beside = always.clone().any(constrains);
        for known in &mut self.known[first..] {
            known.is_beside = is_beside;
        }
        let tells_apart = self.known[first..].iter().any(|known| known.constrains);
        self.general |= is_beside || !tells_apart && always.count() > 0;
    }

    fn add_item(&mut self, item: &ProcessingItem) {
        let constrains = constrains(item);
        for named in &item.rule_conditions.all {
            let Some(source) = named.condition.log_source() else {
                continue;
            };
            self.known.push(Known {
                source: source.clone(),
                profile: item.profile,
                constrains,
                is_beside: false,
            });
        }
        for nested in item.transformation.nested() {
            self.add_item(nested);
        }
    }

    /// Warns if a rule that went through the pipelines is left without a condition for its log
    /// source.
    pub fn check(&self, rule: &Rule<'_>, state: &State<'_>) -> Option<Diagnostic> {
        let first = state.log_sources.first()?;
        // The rule has gone through: without steps for this it is converted, and nothing is said.
        let steps = self.known.len().saturating_mul(state.log_sources.len());
        state.budget.step(steps).ok()?;
        let profile = state.settings.items.profile();
        let in_force = |known: &&Known| known.profile.is_none_or(|wanted| wanted == profile);
        let known: Vec<&Known> = self.known.iter().filter(in_force).collect();
        let held = |known: &Known| {
            let mut sources = state.log_sources.iter();
            sources.any(|source| known.source.is(source))
        };
        let mut constraining = known.iter().filter(|known| known.constrains);
        if known.is_empty() || constraining.clone().any(|known| held(known)) {
            return None;
        }
        let for_product = |known: &&Known| {
            let product = known.source.product.as_deref();
            let is_same = product.is_none() || product == parts_of(first)[1].1;
            is_same && !known.is_beside
        };
        if !constraining.any(for_product)
            && (self.general || known.iter().any(|known| !known.constrains && held(known)))
        {
            return None;
        }
        let source = show_log_source(first);
        let message = format!("no condition of the pipelines is for the log source `{source}`");
        let warning = Diagnostic::warning(Code::LogSourceUnmapped, message).at(rule.logsource.span);
        let near = self.nearest(first);
        Some(warning.help(match (elsewhere(first).as_slice(), near) {
            (pipelines @ [_, ..], _) => {
                let pipelines = pipelines.iter().map(|name| format!("`-p {name}`"));
                let pipelines: Vec<_> = pipelines.collect();
                let pipelines = pipelines.join(" or ");
                format!("add {pipelines}: the query searches every log")
            }
            ([], Some(near)) => format!("did you mean `{near}`?"),
            ([], None) => {
                "add a pipeline for this log source: the query searches every log".to_owned()
            }
        }))
    }

    /// A category or service that the rule's may be a slip for.
    fn nearest(&self, found: &rule::LogSource<'_>) -> Option<&str> {
        let parts = parts_of(found);
        let product = parts[1].1;
        let of = |at: usize| {
            let sources = self.known.iter().map(|known| known.source.parts());
            let sources = sources.filter(|parts| parts[1].1.is_none() || parts[1].1 == product);
            nearest(parts[at].1?, sources.filter_map(|parts| parts[at].1))
        };
        of(2).or_else(|| of(0))
    }
}

/// The built-in pipelines that have a condition for the log source.
fn elsewhere(found: &rule::LogSource<'_>) -> Vec<&'static str> {
    let [category, (_, product), service] = parts_of(found);
    let of = |(key, name): (&str, Option<&str>)| {
        let pipelines = |name| builtin::with_log_source(key, name, product.unwrap_or_default());
        name.map_or_else(Vec::new, pipelines)
    };
    let mut pipelines = of(category);
    pipelines.extend(of(service));
    pipelines.dedup();
    pipelines
}

fn constrains(item: &ProcessingItem) -> bool {
    CONSTRAINS.contains(&item.kind) || item.transformation.nested().iter().any(constrains)
}
