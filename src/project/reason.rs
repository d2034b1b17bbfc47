//! Why a generated file is not what the rules give now.

use super::lock::{Lock, RuleRecord};
use super::plan::Plan;
use std::collections::BTreeMap;

/// What changed since the last build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The rule file.
    Rule,
    /// Which rules share the file.
    Rules,
    /// A rule that it names, or a filter that applies to it.
    Input,
    /// A pipeline.
    Pipeline,
    /// The target's backend file.
    Target,
    /// `varsigma.toml`.
    Config,
    /// The program.
    Version,
    /// It is a new rule or output.
    New,
}

impl Reason {
    /// In words, after "stale: ".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rule => "the rule changed",
            Self::Rules => "the rules of the file changed",
            Self::Input => "a rule or a filter that it depends on changed",
            Self::Pipeline => "a pipeline changed",
            Self::Target => "the target's backend file changed",
            Self::Config => "`varsigma.toml` changed",
            Self::Version => "another version of varsigma wrote it",
            Self::New => "it is new",
        }
    }
}

/// Finds reasons: the lock of the last build, by what it records.
#[derive(Debug)]
pub struct Reasons<'l> {
    last: &'l Lock,
    rules: BTreeMap<(&'l str, usize), &'l RuleRecord>,
}

impl<'l> Reasons<'l> {
    /// By the lock of the last build.
    #[must_use]
    pub fn new(last: &'l Lock) -> Self {
        let rules = last.rules.iter();
        let rules = rules.map(|rule| ((rule.path.as_str(), rule.number), rule));
        Self {
            last,
            rules: rules.collect(),
        }
    }

    /// The rule as it was at the last build.
    #[must_use]
    pub fn before(&self, rule: &RuleRecord) -> Option<&'l RuleRecord> {
        self.rules.get(&(rule.path.as_str(), rule.number)).copied()
    }

    /// Everything that changed of what a planned file is made of, in the order of [`Reason`].
    #[must_use]
    pub fn of(&self, path: &str, plan: &Plan) -> Vec<Reason> {
        let Some(planned) = plan.files.get(path) else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        let is_combined = plan.lock.combined.contains_key(path);
        for rule in planned.rules.iter().map(|at| &plan.lock.rules[*at]) {
            match self.before(rule) {
                Some(before) => {
                    let is_edited = before.digest != rule.digest;
                    reasons.extend(is_edited.then_some(Reason::Rule));
                    let output = output_of(rule, path);
                    let record = output.and_then(|output| before.outputs.get(output));
                    let now = output.and_then(|output| rule.outputs.get(output));
                    if let (Some(before), Some(now)) = (record, now)
                        && differ(&before.inputs, &now.inputs, is_edited)
                    {
                        reasons.push(Reason::Input);
                    }
                }
                None if is_combined => reasons.push(Reason::Rules),
                None => reasons.push(Reason::New),
            }
        }
        if is_combined && self.count_in(path) > planned.rules.len() {
            reasons.push(Reason::Rules);
        }
        if let Some(rule) = planned.rules.first().map(|at| &plan.lock.rules[*at]) {
            let output = output_of(rule, path);
            let now = output.and_then(|output| plan.lock.outputs.get(output));
            let before = output.and_then(|output| self.last.outputs.get(output));
            match (now, before) {
                (Some(now), Some(before)) => {
                    if now.pipelines != before.pipelines {
                        reasons.push(Reason::Pipeline);
                    }
                    if now.target != before.target {
                        reasons.push(Reason::Target);
                    }
                    if now.config != before.config {
                        reasons.push(Reason::Config);
                    }
                }
                _ => reasons.push(Reason::New),
            }
        }
        if self.last.varsigma != plan.lock.varsigma {
            reasons.push(Reason::Version);
        }
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    /// How many rules shared a file at the last build.
    fn count_in(&self, path: &str) -> usize {
        let records = self
            .last
            .rules
            .iter()
            .flat_map(|rule| rule.outputs.values());
        records
            .filter(|record| record.into.as_deref() == Some(path))
            .count()
    }
}

/// Did another file that a rule is made of change? A rule that was edited may be made of others.
fn differ(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    is_edited: bool,
) -> bool {
    let mut both = now.iter();
    before != now
        && (!is_edited || both.any(|(path, now)| before.get(path).is_some_and(|old| old != now)))
}

/// The output that a rule's file belongs to.
fn output_of<'p>(rule: &'p RuleRecord, path: &str) -> Option<&'p str> {
    let holds = |record: &super::lock::Record| {
        record.files.contains_key(path) || record.into.as_deref() == Some(path)
    };
    let mut outputs = rule.outputs.iter();
    outputs
        .find(|(_, record)| holds(record))
        .map(|(name, _)| name.as_str())
}
