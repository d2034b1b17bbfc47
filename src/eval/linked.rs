//! Rules of an index, ready for events, with the correlations that are made of them.
//!
//! In: an index and pipelines. Out: [`LinkedRules`]: each rule after its pipelines, with the fields
//! that correlations ask of its events, and matchers for it.

use super::correlation::{Member, ResolvedSet, fields};
use super::{Event, Matcher, Processing, refusal};
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::index::{Index, Place, head, reference_span};
use crate::lower::{Lowered, lower};
use crate::rule::{Correlation, Rule};
use crate::source::Span;
use crate::transpile::guarded;
#[cfg(feature = "parallel")]
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};

/// Between a field's name and the number of the correlation for which it has another in events.
const OF_CORRELATION: &str = "\u{1}";

/// A rule after its pipelines, with the fields that correlations ask for.
#[derive(Debug)]
pub struct ProcessedRule<'s> {
    /// Where the rule is.
    pub place: Place,
    /// The rule and those fields, or why it can't be asked of events.
    pub rule: Result<(Rule<'s>, BTreeMap<String, String>), Diagnostic>,
}

/// A rule ready for events.
#[derive(Debug)]
pub struct ReadyRule<'r> {
    /// Where the rule is.
    pub place: Place,
    /// Its number among the rules that correlations are made of.
    pub number: Option<usize>,
    /// A matcher for each condition, or why there are none.
    pub matchers: Result<Vec<Matcher<'r>>, Diagnostic>,
}

impl ReadyRule<'_> {
    /// Does it match the event?
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        let matchers = self.matchers.as_ref();
        matchers.is_ok_and(|matchers| matchers.iter().any(|matcher| matcher.matches(event)))
    }
}

/// The rules and correlations of an index.
#[derive(Debug)]
pub struct LinkedRules<'t> {
    /// Correlations, and which rules they are made of.
    pub set: ResolvedSet,
    /// Every rule without an error.
    pub rules: Vec<ProcessedRule<'t>>,
    numbers: BTreeMap<Place, usize>,
    /// The correlations that the pipelines refuse, by number.
    refused: BTreeMap<usize, Diagnostic>,
}

impl<'t> LinkedRules<'t> {
    /// Applies the pipelines to the rules of an index.
    #[must_use]
    pub fn of(index: &'t Index<'t>, processing: Processing<'t>) -> Self {
        let set = ResolvedSet::of(index);
        let asked = fields(&set.correlations, set.rules.len());
        let numbers: BTreeMap<Place, usize> = set.rules.iter().copied().zip(0..).collect();
        let places = (0..index.files()).flat_map(|file| {
            let documents = 0..index.documents(file).len();
            documents.map(move |document| Place { file, document })
        });
        let sound: Vec<(Place, &Rule<'t>)> = places
            .filter_map(|place| {
                let parsed = index.document(place)?;
                let is_sound = !parsed.diagnostics.iter().any(Diagnostic::is_error);
                parsed.rule().filter(|_| is_sound).map(|rule| (place, rule))
            })
            .collect();
        let nothing = BTreeSet::new();
        let rules = map_all(&sound, |(place, rule)| {
            let mut rule = (*rule).clone();
            let asked = numbers.get(place).and_then(|number| asked.get(*number));
            let fields = processing.apply_with(&mut rule, asked.unwrap_or(&nothing));
            ProcessedRule {
                place: *place,
                rule: fields.map(|fields| (rule, fields)),
            }
        });
        let mut linked = Self {
            set,
            rules,
            numbers,
            refused: BTreeMap::new(),
        };
        if !processing.pipeline.is_empty() {
            linked.process(index, processing, &asked);
        }
        linked
    }

    /// Applies the pipelines to the correlations themselves: some are refused, and a field may have
    /// another name for one of them.
    fn process(
        &mut self,
        index: &'t Index<'t>,
        processing: Processing<'t>,
        asked: &[BTreeSet<String>],
    ) {
        let places: BTreeMap<Place, usize> =
            self.rules.iter().map(|of| of.place).zip(0..).collect();
        for (at, place) in self.set.places.iter().enumerate() {
            if let Some(refusal) = processing.refusal(index, *place) {
                self.refused.insert(at, refusal);
                continue;
            }
            let document = index.document(*place).and_then(|of| of.document.as_ref());
            let Some(head) = document.map(head) else {
                continue;
            };
            let correlation = &mut self.set.correlations[at];
            for member in 0..correlation.members.len() {
                let Member::Rule(number) = correlation.members[member] else {
                    continue;
                };
                let rule = self.set.rules[number];
                let written = index.document(rule).and_then(|parsed| parsed.rule());
                let known = places.get(&rule).map(|at| &mut self.rules[*at]);
                let (Some(mut rule), Some(known)) = (written.cloned(), known) else {
                    continue;
                };
                let Ok((_, fields)) = &mut known.rule else {
                    continue;
                };
                match processing.apply_beside(&mut rule, Some(head), &asked[number]) {
                    Ok(named) => {
                        for (name, field) in named {
                            if fields.get(&name) != Some(&field) {
                                let own = format!("{name}{OF_CORRELATION}{at}");
                                correlation.rename(member, &name, &own);
                                fields.insert(own, field);
                            }
                        }
                    }
                    Err(mut error) => {
                        error.labels.clear();
                        self.refused.insert(at, error.at(head.title.span));
                    }
                }
            }
        }
    }

    /// Why events can't be asked of a correlation: the pipelines refuse it, or a rule of it can't be
    /// tested. `broken` is what [`LinkedRules::broken`] found.
    #[must_use]
    pub fn fault(
        &self,
        number: usize,
        correlation: &Correlation<'_>,
        broken: &BTreeMap<usize, usize>,
    ) -> Option<Diagnostic> {
        if let Some(refusal) = self.refused.get(&number) {
            return Some(refusal.clone());
        }
        let span = reference_span(correlation, *broken.get(&number)?);
        let message = Code::UntestableReference.title();
        let error = Diagnostic::error(Code::UntestableReference, message).at(span);
        Some(error.help("check that rule first"))
    }

    /// The conditions of each rule; none of one that failed.
    #[must_use]
    pub fn lowered(&self) -> Vec<Vec<Lowered<'_>>> {
        map_all(&self.rules, |processed| match &processed.rule {
            Ok((rule, _)) => {
                let lowered = guarded(rule.span, || lower(rule, &Dialect::SPECIFICATION));
                lowered.unwrap_or_default()
            }
            Err(_) => Vec::new(),
        })
    }

    /// The rules, ready for events.
    #[must_use]
    pub fn ready<'r>(&self, lowered: &[Vec<Lowered<'r>>]) -> Vec<ReadyRule<'r>> {
        let rules = self.rules.iter().zip(lowered);
        let ready = rules.map(|(processed, lowered)| ReadyRule {
            place: processed.place,
            number: self.numbers.get(&processed.place).copied(),
            matchers: match &processed.rule {
                Ok(_) => guarded(Span::default(), || matchers(lowered)).flatten(),
                Err(error) => Err(error.clone()),
            },
        });
        ready.collect()
    }

    /// For each rule of a correlation, by number, the events' names of the fields that are asked
    /// for.
    #[must_use]
    pub fn names(&self) -> Vec<BTreeMap<String, String>> {
        let mut names = vec![BTreeMap::new(); self.set.rules.len()];
        for processed in &self.rules {
            if let (Some(number), Ok((_, fields))) =
                (self.numbers.get(&processed.place), &processed.rule)
            {
                names[*number].clone_from(fields);
            }
        }
        names
    }

    /// The numbers of the rules that a correlation is made of.
    #[must_use]
    pub fn parts_of(&self, correlation: usize) -> BTreeSet<usize> {
        let mut parts = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![correlation];
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            for member in self
                .set
                .correlations
                .get(at)
                .iter()
                .flat_map(|of| &of.members)
            {
                match *member {
                    Member::Rule(rule) => drop(parts.insert(rule)),
                    Member::Correlation(inner) => open.push(inner),
                }
            }
        }
        parts
    }

    /// The correlations of which a rule can't be tested, each with the place of that reference, and
    /// those that the pipelines refuse.
    #[must_use]
    pub fn broken(&self, ready: &[ReadyRule<'_>]) -> BTreeMap<usize, usize> {
        let failed: BTreeSet<usize> = ready
            .iter()
            .filter(|ready| ready.matchers.is_err())
            .filter_map(|ready| ready.number)
            .collect();
        let mut broken: BTreeMap<usize, usize> = self.refused.keys().map(|at| (*at, 0)).collect();
        loop {
            let mut correlations = self.set.correlations.iter().enumerate();
            let next = correlations.find_map(|(at, correlation)| {
                if broken.contains_key(&at) {
                    return None;
                }
                let is_broken = |member: &Member| match member {
                    Member::Rule(rule) => failed.contains(rule),
                    Member::Correlation(inner) => broken.contains_key(inner),
                };
                let mut stages = correlation.stages.iter();
                let stage = stages.position(|stage| is_broken(&correlation.members[*stage]));
                stage.map(|stage| (at, stage))
            });
            match next {
                Some((at, stage)) => broken.insert(at, stage),
                None => return broken,
            };
        }
    }
}

/// What the work makes of each, on all processors in a build that uses them.
fn map_all<'i, I: Sync, O: Send>(
    inputs: &'i [I],
    work: impl Fn(&'i I) -> O + Sync + Send,
) -> Vec<O> {
    #[cfg(feature = "parallel")]
    return inputs.par_iter().map(work).collect();
    #[cfg(not(feature = "parallel"))]
    inputs.iter().map(work).collect()
}

fn matchers<'r>(lowered: &[Lowered<'r>]) -> Result<Vec<Matcher<'r>>, Diagnostic> {
    let mut matchers = Vec::with_capacity(lowered.len());
    for lowered in lowered {
        if let Some(error) = refusal(lowered) {
            return Err(error);
        }
        matchers.push(Matcher::new(&lowered.expr)?);
    }
    Ok(matchers)
}
