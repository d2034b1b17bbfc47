//! References of correlations, resolved.
//!
//! In: all documents. Out: for each correlation the places of the rules that it names, or what is
//! wrong with its references.

use super::{Place, field_in, head};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::Parsed;
use crate::rule::{Correlation, CorrelationCondition, Document, Text};
use std::collections::{BTreeMap, BTreeSet};

/// What each correlation refers to.
type Bases = BTreeMap<Place, Vec<Place>>;

/// Ids, names and titles of all documents.
pub(super) struct Links<'d, 's> {
    files: &'d [Vec<Parsed<'s>>],
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
    pub fn of(files: &'d [Vec<Parsed<'s>>]) -> Self {
        let mut links = Self {
            files,
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
                Some(known) => format!("a title is no reference: write `{}`", known.value),
                None => "a title is no reference: give the rule a `name`".to_owned(),
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
                faults.push((place, error.help("mend that rule first")));
            }
        }
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

/// The documents that give no query of their own: a correlation of their file names them, and none
/// asks for their queries.
pub(super) fn parts(files: &[Vec<Parsed<'_>>], bases: &Bases) -> BTreeSet<Place> {
    let mut parts = BTreeSet::new();
    let mut generated = BTreeSet::new();
    // The names count even where a correlation has a fault: its rules are still parts.
    let links = Links::of(files);
    for (place, parsed) in documents(files) {
        let Some(correlation) = correlation(parsed) else {
            continue;
        };
        let own: Vec<Place> = match bases.get(&place) {
            Some(bases) => bases.clone(),
            None => {
                let known = correlation.rules.iter();
                let known = known.filter_map(|name| links.known.get(name.value.as_ref()));
                known.flatten().copied().collect()
            }
        };
        let own = own.into_iter().filter(|base| base.file == place.file);
        if correlation.generate {
            generated.extend(own);
        } else {
            parts.extend(own);
        }
    }
    &parts - &generated
}
