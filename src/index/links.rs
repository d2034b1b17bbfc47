//! References of correlations, resolved.
//!
//! In: all documents. Out: for each correlation the places of the rules that it names, or what is
//! wrong with its references.

use super::{LinkRules, Place, field_in, head};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::Parsed;
use crate::rule::{Correlation, CorrelationCondition, Document, Text};
use std::collections::{BTreeMap, BTreeSet};

/// What each correlation refers to.
type Bases = BTreeMap<Place, Vec<Place>>;

/// Ids, names and titles of all documents.
pub(super) struct Links<'d, 's> {
    files: &'d [Vec<Parsed<'s>>],
    rules: &'d dyn LinkRules,
    known: BTreeMap<&'d str, Vec<Place>>,
    titles: BTreeMap<&'d str, Place>,
}

/// Each document with its place.
fn documents<'d, 's>(
    files: &'d [Vec<Parsed<'s>>],
) -> impl Iterator<Item = (Place, &'d Parsed<'s>)> {
    files.iter().enumerate().flat_map(|(file, documents)| {
        let documents = documents.iter().enumerate();
        documents.map(move |(document, parsed)| (Place { file, document }, parsed))
    })
}

fn correlation<'d, 's>(parsed: &'d Parsed<'s>) -> Option<&'d Correlation<'s>> {
    match &parsed.document {
        Some(Document::Correlation(correlation)) => Some(correlation),
        _ => None,
    }
}

impl<'d, 's> Links<'d, 's> {
    pub fn of(files: &'d [Vec<Parsed<'s>>], rules: &'d dyn LinkRules) -> Self {
        let mut links = Self {
            files,
            rules,
            known: BTreeMap::new(),
            titles: BTreeMap::new(),
        };
        for (place, parsed) in documents(files) {
            let Some(document) = &parsed.document else {
                // A rule that failed is known by its id, so that what fails with it can say so.
                if let Some(id) = &parsed.id {
                    links.known.entry(id).or_default().push(place);
                }
                continue;
            };
            if matches!(document, Document::Filter(_)) {
                continue;
            }
            let head = head(document);
            let id = head.id.as_ref();
            let name = head
                .name
                .as_ref()
                .filter(|name| id.is_none_or(|id| id.value != name.value));
            for known in id.into_iter().chain(name) {
                links.known.entry(&known.value).or_default().push(place);
            }
            links.titles.entry(&head.title.value).or_insert(place);
        }
        links
    }

    fn parsed(&self, place: Place) -> &'d Parsed<'s> {
        &self.files[place.file][place.document]
    }

    /// The references of every correlation, and the faults of those that have any.
    pub fn resolve(&self) -> (Bases, Vec<(Place, Diagnostic)>) {
        let mut bases = Bases::new();
        let mut faults = Vec::new();
        for (place, parsed) in documents(self.files) {
            let Some(correlation) = correlation(parsed) else {
                continue;
            };
            let mut found = Vec::with_capacity(correlation.rules.len());
            for reference in &correlation.rules {
                match self.reference(reference) {
                    Ok(base) => {
                        found.push(base);
                        let mut known = parsed.diagnostics.iter();
                        let is_known = known.any(|known| known.code == Code::AliasField);
                        let document = self.parsed(base).document.as_ref();
                        let document = document.filter(|_| !is_known);
                        let missing =
                            document.and_then(|base| alias_missing(correlation, reference, base));
                        faults.extend(missing.map(|warning| (place, warning)));
                    }
                    Err(fault) => faults.push((place, *fault)),
                }
            }
            if found.len() == correlation.rules.len() {
                bases.insert(place, found);
            }
        }
        for (place, fault) in self.circular(&bases) {
            bases.remove(&place);
            faults.push((place, fault));
        }
        faults.extend(self.failed(&mut bases));
        (bases, faults)
    }

    /// The document that a reference names.
    fn reference(&self, reference: &Text<'s>) -> Result<Place, Box<Diagnostic>> {
        let name = reference.value.as_ref();
        let found = self.known.get(name).map_or(&[][..], Vec::as_slice);
        match found {
            [only] => Ok(*only),
            [] => Err(Box::new(self.unknown(reference))),
            [.., last] if self.rules.takes_last() => Ok(*last),
            several => {
                let message = format!("`{name}` is the name or id of {} rules", several.len());
                let error = Diagnostic::error(Code::AmbiguousReference, message);
                let help = "give each rule a name of its own, or refer to it by its id";
                Err(Box::new(error.at(reference.span).help(help)))
            }
        }
    }

    fn unknown(&self, reference: &Text<'_>) -> Diagnostic {
        let name = reference.value.as_ref();
        let message = format!("no rule has the name or id `{name}`");
        let error = Diagnostic::error(Code::UnknownReference, message).at(reference.span);
        if let Some(place) = self.titles.get(name) {
            let head = self.parsed(*place).document.as_ref().map(head);
            let known = head.and_then(|head| head.name.as_ref().or(head.id.as_ref()));
            return error.help(match known {
                Some(known) => format!("write `{}`: a title does not refer to a rule", known.value),
                None => "give the rule a `name`: a title does not refer to it".to_owned(),
            });
        }
        match nearest(name, self.known.keys().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(
                "give the file of the rule too; a rule is referred to by its `name` or its `id`",
            ),
        }
    }

    /// The correlations that lead back to themselves.
    fn circular(&self, bases: &Bases) -> Vec<(Place, Diagnostic)> {
        let mut circular = Vec::new();
        for start in bases.keys() {
            let mut todo: Vec<Place> = bases[start].clone();
            let mut seen = BTreeSet::new();
            while let Some(place) = todo.pop() {
                if seen.insert(place) {
                    todo.extend(bases.get(&place).into_iter().flatten());
                }
            }
            let Some(correlation) =
                correlation(self.parsed(*start)).filter(|_| seen.contains(start))
            else {
                continue;
            };
            let leads = |base: &Place| {
                base == start || bases.get(base).is_some_and(|bases| !bases.is_empty())
            };
            let at = bases[start].iter().position(leads).unwrap_or_default();
            let span = super::reference_span(correlation, at);
            let message = "the correlation refers to itself, through the rules that it names";
            let error = Diagnostic::error(Code::CircularReference, message).at(span);
            let help = "take one of the references out of the circle";
            circular.push((*start, error.help(help)));
        }
        circular
    }

    /// Takes out correlations of which a rule failed, directly or through others.
    fn failed(&self, bases: &mut Bases) -> Vec<(Place, Diagnostic)> {
        let mut faults = Vec::new();
        loop {
            let is_sound = |place: Place| {
                let parsed = self.parsed(place);
                let is_read = parsed.document.is_some()
                    && !parsed.diagnostics.iter().any(Diagnostic::is_error);
                is_read && (correlation(parsed).is_none() || bases.contains_key(&place))
            };
            let broken = bases.iter().find_map(|(place, found)| {
                let at = found.iter().position(|base| !is_sound(*base))?;
                Some((*place, at))
            });
            let Some((place, at)) = broken else {
                return faults;
            };
            bases.remove(&place);
            if let Some(correlation) = correlation(self.parsed(place)) {
                let name = correlation
                    .rules
                    .get(at)
                    .map_or("", |name| name.value.as_ref());
                let message = format!("the rule `{name}` that the correlation needs has an error");
                let span = super::reference_span(correlation, at);
                let error = Diagnostic::error(Code::FailedReference, message).at(span);
                faults.push((place, error.help("correct that rule first")));
            }
        }
    }

    /// The documents that give no query of their own, for a correlation of their file names them and
    /// none asks for their queries; and the rules that give some though correlations name them.
    pub fn parts(&self, bases: &Bases) -> (BTreeSet<Place>, BTreeSet<Place>) {
        let mut named = BTreeSet::new();
        let mut generated = BTreeSet::new();
        for (place, parsed) in documents(self.files) {
            let (names, generates) = match correlation(parsed) {
                Some(correlation) => (&correlation.rules, correlation.generate),
                None => (&parsed.parts, false),
            };
            // The names count even where a correlation has a fault: its rules are still parts.
            let all: Vec<Place> = match bases.get(&place) {
                Some(bases) => bases.clone(),
                None => {
                    let known = names.iter();
                    let known = known.filter_map(|name| self.known.get(name.value.as_ref()));
                    known.flatten().copied().collect()
                }
            };
            let is_reached =
                |base: &Place| base.file == place.file || self.rules.reaches_other_files();
            let own = all.into_iter().filter(is_reached);
            if generates {
                generated.extend(own);
            } else {
                named.extend(own);
            }
        }
        let is_part = |place: &Place| {
            let is_correlation = correlation(self.parsed(*place)).is_some();
            self.rules
                .is_part(is_correlation, generated.contains(place))
        };
        let parts: BTreeSet<Place> = named.into_iter().filter(is_part).collect();
        let is_rule = |place: &Place| correlation(self.parsed(*place)).is_none();
        let generated = generated.difference(&parts).copied().filter(is_rule);
        let generated = generated.collect();
        (parts, generated)
    }

    /// The order in which the documents of each file are converted. Filters are no part of it, and
    /// come last.
    pub fn orders(&self, bases: &Bases) -> Vec<Vec<usize>> {
        let files = self.files.iter().enumerate();
        files
            .map(|(file, parsed)| {
                let is_filter = |document: &usize| {
                    let document = parsed.get(*document);
                    let document = document.and_then(|parsed| parsed.document.as_ref());
                    matches!(document, Some(Document::Filter(_)))
                };
                let (filters, others): (Vec<usize>, Vec<usize>) =
                    (0..parsed.len()).partition(is_filter);
                let place = |at: usize| others.get(at).map(|&document| Place { file, document });
                let is_before = |rule: usize, by: usize| {
                    let named = place(by).and_then(|by| bases.get(&by));
                    let rule = place(rule);
                    rule.is_some_and(|rule| named.is_some_and(|named| named.contains(&rule)))
                };
                let order = self.rules.order(others.len(), &is_before);
                let order = order.into_iter().filter_map(|at| others.get(at).copied());
                order.chain(filters).collect()
            })
            .collect()
    }

    /// The correlations that are converted before a rule that they name.
    pub fn too_early(&self, bases: &Bases, orders: &[Vec<usize>]) -> Vec<(Place, Diagnostic)> {
        let position = |place: &Place| {
            let order = orders.get(place.file)?;
            order
                .iter()
                .position(|document| *document == place.document)
        };
        let fault = |(place, named): (&Place, &Vec<Place>)| {
            let is_later =
                |base: &Place| base.file == place.file && position(base) > position(place);
            let at = named.iter().position(is_later)?;
            let correlation = correlation(self.parsed(*place))?;
            let name = &correlation.rules.get(at)?.value;
            let message =
                format!("the reference converts the correlation before the rule `{name}`");
            let error = Diagnostic::error(Code::FailedReference, message);
            let error = error.at(super::reference_span(correlation, at));
            let help = "move the rule in front of it, or convert without `--compat pysigma`";
            Some((*place, error.help(help)))
        };
        bases.iter().filter_map(fault).collect()
    }
}

/// The warning that an alias which the correlation uses leaves a rule out: the rule's field is taken
/// to have the alias's name.
fn alias_missing(
    correlation: &Correlation<'_>,
    reference: &Text<'_>,
    document: &Document<'_>,
) -> Option<Diagnostic> {
    let head = head(document);
    let fields: &[Text<'_>] = match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => &threshold.field,
        _ => &[],
    };
    let mut entries = correlation.group_by.iter().chain(fields);
    let entry =
        entries.find(|entry| field_in(correlation, entry, &reference.value, head).is_none())?;
    let (alias, name) = (&entry.value, &reference.value);
    let message = format!(
        "the alias `{alias}` has no field for the rule `{name}`: its field `{alias}` is taken"
    );
    let warning = Diagnostic::warning(Code::AliasField, message).at(entry.span);
    Some(warning.help(format!("add `{name}: FIELD` to the alias")))
}
