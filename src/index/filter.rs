//! Which filters apply to which rules.
//!
//! In: the documents of all inputs, their modifiers applied. Out: rules with their filters joined
//! ([`join`](super::join)), errors of the rules whose filters can't be, and what is wrong with the
//! references of filters.

use super::join::{Applied, join};
use super::{Place, Rules, head};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::Parsed;
use crate::rule::{ConditionExpr, Document, Filter, FilterRules, LogSource, Rule, Selector, Text};
use crate::yaml::{Content, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Does the filter apply to the rule? Both its references and its log source decide.
#[must_use]
pub fn applies(filter: &Filter<'_>, rule: &Rule<'_>, rules: &dyn Rules) -> bool {
    let is_named = match &filter.rules {
        FilterRules::Any(_) => true,
        FilterRules::Named(names) => names.iter().any(|name| refers(name, rule)),
    };
    is_named && rules.covers(&filter.rule.logsource, &rule.logsource)
}

/// Is that the rule's id, in any case, or its name?
fn refers(reference: &str, rule: &Rule<'_>) -> bool {
    let is_id = |id: &Text<'_>| id.trim().eq_ignore_ascii_case(reference.trim());
    rule.id.as_ref().is_some_and(is_id)
        || rule
            .name
            .as_ref()
            .is_some_and(|name| name.value == reference)
}

/// Has a rule's log source each attribute that a filter's has, ignoring case? `definition` is prose.
pub(super) fn covers(filter: &LogSource<'_>, rule: &LogSource<'_>) -> bool {
    let has = |wanted: &Option<Text<'_>>, found: &Option<Text<'_>>| match (wanted, found) {
        (None, _) => true,
        (Some(wanted), Some(found)) => same_text(wanted, found),
        (Some(_), None) => false,
    };
    has(&filter.category, &rule.category)
        && has(&filter.product, &rule.product)
        && has(&filter.service, &rule.service)
        && filter.custom.iter().all(|(key, wanted)| {
            let mut found = rule.custom.iter();
            found.any(|(known, found)| known.value == key.value && same_node(wanted, found))
        })
}

fn same_text(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

fn same_node(one: &Node<'_>, other: &Node<'_>) -> bool {
    match (&one.content, &other.content) {
        (Content::Scalar(one), Content::Scalar(other)) => same_text(&one.text, &other.text),
        (Content::Sequence(one), Content::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same_node(a, b))
        }
        (Content::Mapping(one), Content::Mapping(other)) => {
            let same = |(a, b): (&(Node<'_>, Node<'_>), &(Node<'_>, Node<'_>))| {
                same_node(&a.0, &b.0) && same_node(&a.1, &b.1)
            };
            one.len() == other.len() && one.iter().zip(other).all(same)
        }
        _ => false,
    }
}

/// A filter of the run.
struct Known<'s> {
    place: Place,
    filter: Filter<'s>,
    /// Has it no error?
    is_sound: bool,
}

/// Joins the filters to the rules. Gives the filters of each rule that has any.
pub(super) fn join_all<'s>(
    files: &mut [Vec<Parsed<'s>>],
    rules: &dyn Rules,
) -> BTreeMap<Place, Vec<Place>> {
    let filters = filters(files);
    let mut found = BTreeMap::new();
    if filters.is_empty() {
        return found;
    }
    if rules.checks_references() {
        let faults = references(files, &filters);
        for (place, fault) in faults {
            files[place.file][place.document].diagnostics.push(fault);
        }
    }
    for (file, documents) in files.iter_mut().enumerate() {
        for (document, parsed) in documents.iter_mut().enumerate() {
            let Some(Document::Rule(rule)) = &mut parsed.document else {
                continue;
            };
            let applied: Vec<&Known<'s>> = filters
                .iter()
                .filter(|known| applies(&known.filter, rule, rules))
                .collect();
            if applied.is_empty() {
                continue;
            }
            let faults = applied
                .iter()
                .filter_map(|known| fault(known, file, rule, rules));
            parsed.diagnostics.extend(faults);
            let joined: Vec<_> = applied
                .iter()
                .map(|known| Applied {
                    filter: &known.filter,
                    is_foreign: known.place.file != file,
                })
                .collect();
            let own = rule.detection.named.len();
            join(rule, &joined, rules);
            if rules.selects_joined() {
                parsed.diagnostics.extend(selected_too(rule, own));
            }
            let places = applied.iter().map(|known| known.place).collect();
            found.insert(Place { file, document }, places);
        }
    }
    found
}

/// The filters in their order, each once, even if it is given twice.
fn filters<'s>(files: &[Vec<Parsed<'s>>]) -> Vec<Known<'s>> {
    let mut filters: Vec<Known<'s>> = Vec::new();
    for (file, documents) in files.iter().enumerate() {
        for (document, parsed) in documents.iter().enumerate() {
            let Some(Document::Filter(filter)) = &parsed.document else {
                continue;
            };
            if filters.iter().all(|known| known.filter != **filter) {
                filters.push(Known {
                    place: Place { file, document },
                    filter: (**filter).clone(),
                    is_sound: !parsed.diagnostics.iter().any(Diagnostic::is_error),
                });
            }
        }
    }
    filters
}

/// The rule's own selectors that range over detections of filters: those after the first `own`.
fn selected_too<'r>(rule: &'r Rule<'_>, own: usize) -> impl Iterator<Item = Diagnostic> + 'r {
    let mut found = Vec::new();
    for condition in &rule.detection.conditions {
        // The first operand is the rule's own.
        if let ConditionExpr::And(operands) = &condition.expr {
            operands
                .iter()
                .take(1)
                .for_each(|own| selectors(own, &mut found));
        }
    }
    let named = &rule.detection.named[own.min(rule.detection.named.len())..];
    let ranges = |selector: &&Selector<'_>| named.iter().any(|(name, _)| selector.selects(name));
    found.into_iter().filter(ranges).map(|selector| {
        let message = "the selector of the rule ranges over the filter's own detections, too";
        Diagnostic::warning(Code::ReferenceFault, message).at(selector.span)
    })
}

fn selectors<'r, 's>(expr: &'r ConditionExpr<'s>, found: &mut Vec<&'r Selector<'s>>) {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            for operand in operands {
                selectors(operand, found);
            }
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => selectors(operand, found),
        ConditionExpr::Selector(selector) => found.push(selector),
        ConditionExpr::Identifier(_) => {}
    }
}

/// Why a filter can't be joined to a rule.
fn fault(
    Known {
        place,
        filter,
        is_sound,
    }: &Known<'_>,
    file: usize,
    rule: &Rule<'_>,
    rules: &dyn Rules,
) -> Option<Diagnostic> {
    let title = &filter.rule.title.value;
    if !is_sound {
        let message = format!("the filter `{title}` that applies to the rule has an error");
        let error = Diagnostic::error(Code::FilterRefused, message).at(rule.detection.span);
        return Some(error.help("correct the filter first"));
    }
    let error = rules.check(filter).err()?;
    if place.file == file {
        return Some(error);
    }
    // Its places mean nothing in the rule's file.
    let message = format!("the filter `{title}` can't be joined: {}", error.message);
    let error = Diagnostic {
        message,
        labels: Vec::new(),
        ..error
    };
    Some(error.at(rule.detection.span))
}

/// What is wrong with the references of filters: nothing has that name, or a correlation does.
fn references(files: &[Vec<Parsed<'_>>], filters: &[Known<'_>]) -> Vec<(Place, Diagnostic)> {
    let documents = files.iter().flatten();
    let mut correlations = BTreeMap::new();
    // Ids are the same in any letter case, names are not.
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    let same_id = |id: &str| id.trim().to_ascii_lowercase();
    let mut titles = BTreeMap::new();
    for parsed in documents {
        let Some(document) = &parsed.document else {
            // A rule that failed is known by its id.
            ids.extend(parsed.id.as_deref().map(same_id));
            continue;
        };
        let head = head(document);
        let id = head.id.as_ref().map(|id| same_id(id));
        let name = head.name.as_ref().map(|name| name.value.to_string());
        match document {
            Document::Filter(_) => continue,
            Document::Rule(_) => {
                ids.extend(id);
                names.extend(name);
            }
            Document::Correlation(correlation) => {
                let id = id.map(|id| (true, id));
                let name = name.map(|name| (false, name));
                let own = id.into_iter().chain(name);
                correlations.extend(own.map(|own| (own, &**correlation)));
            }
        }
        titles.entry(&*head.title.value).or_insert(head);
    }
    let is_known = |name: &str| names.contains(name) || ids.contains(&same_id(name));
    let mut faults = Vec::new();
    for Known { place, filter, .. } in filters {
        let FilterRules::Named(references) = &filter.rules else {
            continue;
        };
        // The parser warns of `any` in a list.
        let is_any = |name: &Text<'_>| name.eq_ignore_ascii_case("any");
        let references = references.iter();
        for name in references.filter(|name| !is_any(name) && !is_known(name)) {
            let correlation = correlations.get(&(false, name.value.to_string()));
            let correlation = correlation.or_else(|| correlations.get(&(true, same_id(name))));
            let fault = match correlation {
                Some(correlation) => on_correlation(name, &correlation.rules),
                None => unknown(name, titles.get(&*name.value).copied(), ids.union(&names)),
            };
            faults.push((*place, fault));
        }
    }
    faults
}

fn on_correlation(name: &Text<'_>, bases: &[Text<'_>]) -> Diagnostic {
    let message = format!(
        "expected the name or id of a detection rule, found `{}`, a correlation",
        name.value
    );
    let error = Diagnostic::error(Code::FilterOnCorrelation, message).at(name.span);
    let bases: Vec<String> = bases
        .iter()
        .map(|base| format!("`{}`", base.value))
        .collect();
    error.help(match bases.as_slice() {
        [] => "name the rules that the correlation refers to".to_owned(),
        bases => format!("name its base rules: {}", bases.join(", ")),
    })
}

fn unknown<'k>(
    name: &Text<'_>,
    titled: Option<&Rule<'_>>,
    known: impl Iterator<Item = &'k String>,
) -> Diagnostic {
    let message = format!("no rule has the name or id `{}`", name.value);
    let warning = Diagnostic::warning(Code::FilterReference, message).at(name.span);
    if let Some(rule) = titled {
        let reference = rule.id.as_ref().or(rule.name.as_ref());
        return warning.help(match reference {
            Some(reference) => format!(
                "write `{}`: a title does not refer to a rule",
                reference.value
            ),
            None => "give the rule an `id`: a title does not refer to it".to_owned(),
        });
    }
    match nearest(name, known.map(String::as_str)) {
        Some(near) => warning.help(format!("did you mean `{near}`?")),
        None => warning.help("give the rule's file too, or take the reference out of the filter"),
    }
}
