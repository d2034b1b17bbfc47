//! The rules of a hunt.
//!
//! In: rule files and the choice of rules. Out: [`HuntedRules`]: the rules that events are held
//! against, prepared together, with what a match of each shows.

use crate::cli::choose::{RuleChoice, RuleLevel};
use crate::cli::filters::FilterFiles;
use crate::cli::input::Input;
use crate::cli::report::Report;
use crate::cli::testable;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::eval::correlation::Facts;
use crate::eval::linked::{LinkedRules, ReadyRule};
use crate::eval::routing::RuleSource;
use crate::eval::{CompiledRules, Matcher};
use crate::index::{Index, Place, head};
use crate::rule::{Document, Rule};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the rule files.
pub(super) fn read(inputs: &[Input]) -> Vec<Result<String, Diagnostic>> {
    inputs.par_iter().map(Input::text).collect()
}

/// The index of the rules and filters.
pub(super) fn index<'t>(
    texts: &'t [Result<String, Diagnostic>],
    filters: &'t FilterFiles,
) -> Index<'t> {
    let texts: Vec<Option<&str>> = texts
        .iter()
        .map(|text| text.as_deref().ok())
        .chain(filters.texts())
        .collect();
    let files = texts.par_iter().map(|text| match text {
        Some(text) => testable::rules(text),
        None => Vec::new(),
    });
    Index::new(files.collect(), &Dialect::SPECIFICATION)
}

/// A rule that events are held against, or a correlation.
#[derive(Debug)]
pub(super) struct Hunted {
    pub place: Place,
    pub title: String,
    pub id: Option<String>,
    pub level: RuleLevel,
    pub tags: Vec<String>,
    pub source: RuleSource,
    /// The fields that the rule names, to show with a match.
    pub fields: Vec<String>,
    /// The rule file.
    pub path: String,
    /// Its number among the rules that correlations are made of.
    pub number: Option<usize>,
    /// Is it shown? Others only feed correlations.
    pub is_shown: bool,
}

/// The rules of a hunt.
pub(super) struct HuntedRules<'r> {
    pub rules: Vec<Hunted>,
    pub matchers: Vec<&'r [Matcher<'r>]>,
    pub compiled: CompiledRules<'r>,
    /// The correlations that are shown, each with its number in the set.
    pub correlations: Vec<(usize, Hunted)>,
    pub linked: &'r LinkedRules<'r>,
    pub index: &'r Index<'r>,
    /// Of each rule of a correlation the fields that are asked for.
    names: Vec<BTreeMap<String, String>>,
    /// What is wrong, by file.
    problems: Vec<Vec<Diagnostic>>,
    paths: Vec<String>,
}

impl<'r> HuntedRules<'r> {
    pub fn new(
        index: &'r Index<'r>,
        linked: &'r LinkedRules<'r>,
        ready: &'r [ReadyRule<'r>],
        inputs: &[Input],
        choice: &RuleChoice,
    ) -> Self {
        let paths: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
        let mut hunted = Self {
            rules: Vec::new(),
            matchers: Vec::new(),
            compiled: CompiledRules::default(),
            correlations: Vec::new(),
            linked,
            index,
            names: linked.names(),
            problems: vec![Vec::new(); inputs.len()],
            paths,
        };
        let takes = |place: Place| {
            let document = index.document(place).and_then(|of| of.document.as_ref());
            document.is_none_or(|document| choice.takes(document))
        };
        for (file, problems) in hunted.problems.iter_mut().enumerate() {
            for (document, parsed) in index.documents(file).iter().enumerate() {
                if takes(Place { file, document }) {
                    problems.extend(parsed.diagnostics.iter().cloned());
                }
            }
        }
        let broken = linked.broken(ready);
        let mut needed = BTreeSet::new();
        for (at, place) in linked.set.places.iter().enumerate() {
            if place.file >= inputs.len() || !takes(*place) {
                continue;
            }
            let Some(Document::Correlation(of)) =
                index.document(*place).and_then(|of| of.document.as_ref())
            else {
                continue;
            };
            match linked.fault(at, of, &broken) {
                Some(fault) => hunted.problems[place.file].push(fault),
                None => {
                    needed.extend(linked.parts_of(at));
                    let is_shown = !index.is_part(*place);
                    let correlation = hunted.hunted(*place, &of.head, None, is_shown);
                    hunted.correlations.push((at, correlation));
                }
            }
        }
        for (processed, ready) in linked.rules.iter().zip(ready) {
            let place = ready.place;
            let is_chosen = place.file < inputs.len() && takes(place);
            let number = ready.number.filter(|number| needed.contains(number));
            match (&processed.rule, &ready.matchers) {
                (Err(error), _) | (_, Err(error)) if is_chosen => {
                    hunted.problems[place.file].push(error.clone());
                }
                (Ok((rule, _)), Ok(matchers)) if is_chosen || number.is_some() => {
                    let is_shown = is_chosen && !index.is_part(place);
                    let rule = hunted.hunted(place, rule, number, is_shown);
                    hunted.rules.push(rule);
                    hunted.matchers.push(matchers);
                }
                _ => {}
            }
        }
        hunted.compiled = CompiledRules::new(hunted.matchers.iter().copied());
        hunted
    }

    fn hunted(
        &self,
        place: Place,
        rule: &Rule<'_>,
        number: Option<usize>,
        is_shown: bool,
    ) -> Hunted {
        let texts = |texts: &[crate::rule::Text<'_>]| -> Vec<String> {
            texts.iter().map(|text| text.value.to_string()).collect()
        };
        // What the file says: a pipeline may have changed the level.
        let written = self
            .index
            .document(place)
            .and_then(|of| of.document.as_ref());
        let level = written.map_or(&rule.level, |document| &head(document).level);
        Hunted {
            place,
            title: rule.title.value.to_string(),
            id: rule.id.as_ref().map(|id| id.value.to_string()),
            level: RuleLevel::of(level.as_ref().map(|level| level.value.as_ref())),
            tags: texts(&rule.tags),
            source: RuleSource::new(
                written.map_or(&rule.logsource, |document| &head(document).logsource),
            ),
            fields: texts(&rule.fields),
            path: self.paths.get(place.file).cloned().unwrap_or_default(),
            number,
            is_shown,
        }
    }

    /// Room for what correlations ask of events.
    pub fn facts(&self) -> Facts {
        Facts::new(&self.names)
    }

    /// Reports what is wrong with the rule files. Is an error among it?
    pub fn report(
        &self,
        texts: &[Result<String, Diagnostic>],
        choice: &RuleChoice,
        report: &mut Report,
    ) -> bool {
        let mut failed = false;
        for ((path, text), problems) in self.paths.iter().zip(texts).zip(&self.problems) {
            report.all(path, "", text.as_ref().err());
            report.all(path, text.as_deref().unwrap_or_default(), problems);
            failed |= text.is_err() || problems.iter().any(Diagnostic::is_error);
        }
        let files = (0..self.paths.len()).flat_map(|file| self.index.documents(file));
        let count = choice.count(files.map(|parsed| parsed.document.as_ref()));
        if let Some(error) = choice.nothing(count) {
            report.all("", "", [&error]);
            failed = true;
        } else if self.rules.is_empty() && self.correlations.is_empty() {
            let help = "check the path and the options that choose rules";
            let message = "no rule that events can be held against";
            let error = Diagnostic::error(Code::NoChosenRule, message).help(help);
            report.all("", "", [&error]);
            failed = true;
        }
        failed
    }
}
