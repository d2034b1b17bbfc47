//! The fields that a correlation groups by and counts, as each of its rules calls them after the
//! pipelines, and which of them the rules' tables lack.

use super::Asked;
#[cfg(feature = "cli")]
use super::MOST_CORRELATIONS;
use super::ask::{beyond_group, fields};
use crate::diagnostic::Diagnostic;
use crate::emit::Settings;
#[cfg(feature = "cli")]
use crate::index::{Index, reference_span};
use crate::index::{Place, field_in};
use crate::pipeline::State;
#[cfg(feature = "cli")]
use crate::rule::Document;
use crate::rule::{Correlation, Rule, Text};
use crate::source::{Span, Spanned};
#[cfg(feature = "cli")]
use crate::transpile::RuleColumns;
use crate::transpile::Transpiler;
#[cfg(feature = "cli")]
use crate::transpile::fidelity::gather;
use crate::transpile::own_fields::several_fields;
use std::borrow::Cow;
use std::collections::HashSet;

/// The option that names the field of an event's time, by which correlations cut windows.
const TIMESTAMP: &str = "timestamp_field";

/// A rule after its pipelines, with what a correlation's entries became there.
pub(super) struct Carried<'s> {
    pub rule: Rule<'s>,
    pub state: State<'s>,
    pub mapped: Vec<Text<'s>>,
}

/// The entries of `group-by` and `field`, and what else is asked of a correlation, as a rule or a
/// correlation that it refers to calls them.
pub(super) fn entries<'s>(
    correlation: &Correlation<'s>,
    asked: &Asked<'s>,
    reference: &str,
    head: &Rule<'s>,
) -> Vec<Cow<'s, str>> {
    let entries = correlation.group_by.iter().chain(fields(correlation));
    entries
        .chain(&asked.fields)
        .map(|entry| {
            let field = field_in(correlation, entry, reference, head);
            field.unwrap_or(entry).value.clone()
        })
        .collect()
}

impl Transpiler {
    /// Sends a rule and a correlation's entries through the pipelines; `moved` puts what is wrong
    /// with the rule where it is said.
    pub(super) fn carried<'s>(
        &'s self,
        rule: &Rule<'s>,
        entries: &[Cow<'s, str>],
        span: Span,
        correlation: &Correlation<'s>,
        moved: &dyn Fn(Diagnostic) -> Diagnostic,
    ) -> Result<Carried<'s>, Diagnostic> {
        let mut rule = rule.clone();
        let pipeline = self.pipeline();
        let mut state = pipeline.start(self.pipeline_settings());
        let carried = entries.iter();
        state.carry(carried.map(|entry| Spanned::new(entry.clone(), span)));
        if !self.dialect.index.links().maps_own_fields() {
            pipeline.go_beside(&correlation.head, &mut state);
        }
        pipeline.apply(&mut rule, &mut state).map_err(moved)?;
        let mapped = self.mapped(state.carried(), entries, span)?;
        Ok(Carried {
            rule,
            state,
            mapped,
        })
    }

    /// The one field that each of the entries became.
    fn mapped<'s>(
        &self,
        carried: &[Vec<Text<'s>>],
        entries: &[Cow<'s, str>],
        span: Span,
    ) -> Result<Vec<Text<'s>>, Diagnostic> {
        let mut mapped = Vec::with_capacity(entries.len());
        for (entry, names) in entries.iter().zip(carried) {
            match names.as_slice() {
                [only] => mapped.push(only.clone()),
                [] => mapped.push(Spanned::new(entry.clone(), span)),
                [first, ..] if self.dialect.index.links().maps_own_fields() => {
                    mapped.push(first.clone());
                }
                several => {
                    return Err(several_fields(entry, several, span)
                        .help("set one field for it in the pipeline of this rule's log source"));
                }
            }
        }
        Ok(mapped)
    }

    /// What stands for each entry of `group-by`, without those that repeat another: two columns of a
    /// result would have one name. A reference that maps them by itself has them as they are.
    pub(super) fn each_once<T>(&self, mut columns: Vec<T>, entries: &[Text<'_>]) -> Vec<T> {
        if !self.dialect.index.links().maps_own_fields() {
            let mut known = HashSet::new();
            let mut entries = entries.iter();
            columns.retain(|_| {
                let entry = entries.next();
                entry.is_none_or(|entry| known.insert(entry.value.as_ref()))
            });
        }
        columns
    }

    /// The entries that a rule's table lacks, and the field of its time: a diagnostic for each.
    pub(super) fn missing_entries(
        &self,
        correlation: &Correlation<'_>,
        asked: &Asked<'_>,
        mapped: &[Text<'_>],
        settings: &Settings,
    ) -> Vec<Diagnostic> {
        self.lacking(correlation, asked, mapped, settings)
            .into_iter()
            .map(|(_, diagnostic)| diagnostic)
            .collect()
    }

    /// The same with the fields' names.
    fn lacking(
        &self,
        correlation: &Correlation<'_>,
        asked: &Asked<'_>,
        mapped: &[Text<'_>],
        settings: &Settings,
    ) -> Vec<(String, Diagnostic)> {
        // Of a reference that maps a correlation's fields by themselves they are no rule's.
        if settings.columns().is_none() || self.dialect.index.links().maps_own_fields() {
            return Vec::new();
        }
        let entries = correlation.group_by.iter().chain(fields(correlation));
        let spans = entries.chain(&asked.fields).map(|entry| entry.span);
        let named = mapped.iter().map(|name| name.value.as_ref()).zip(spans);
        let options = settings.all().iter();
        let mut options = options.filter(|(name, value)| name == TIMESTAMP && !value.is_empty());
        let time = options.next();
        let time = time.map(|(_, value)| (value.as_str(), correlation.kind.span));
        let lacking = |(field, span): (&str, Span)| {
            let diagnostic = self.missing(field, asked.from.unwrap_or(span), settings)?;
            Some((field.to_owned(), diagnostic))
        };
        let of_time = time.and_then(lacking).map(|(field, mut diagnostic)| {
            diagnostic.help = vec![format!("name the field of time: `-O {TIMESTAMP}=NAME`")];
            (field, diagnostic)
        });
        named.filter_map(lacking).chain(of_time).collect()
    }
}

#[cfg(feature = "cli")]
impl Transpiler {
    /// Holds the fields that a correlation groups by and counts, and those of its rules' time,
    /// against the schema. What its rules test is theirs to say.
    ///
    /// # Errors
    /// A pipeline fails or refuses one of its rules.
    pub fn columns_of_correlation<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        place: Place,
        index: &Index<'s>,
    ) -> Result<RuleColumns, Diagnostic> {
        let mut columns = RuleColumns {
            is_possible: true,
            ..RuleColumns::default()
        };
        let mut open = vec![(correlation, place, Asked::default())];
        let mut seen = 0;
        while let Some((correlation, at, asked)) = open.pop() {
            seen += 1;
            if seen > MOST_CORRELATIONS {
                break;
            }
            for (number, &base) in index.bases(at).iter().enumerate() {
                let span = asked.from;
                let span = span.unwrap_or_else(|| reference_span(correlation, number));
                let reference = correlation.rules.get(number);
                let reference = reference.map_or("", |text| text.value.as_ref());
                let document = index.document(base);
                match document.and_then(|document| document.document.as_ref()) {
                    Some(Document::Rule(rule)) => {
                        let entries = entries(correlation, &asked, reference, rule);
                        let moved = |error| super::ask::relocated(error, span);
                        let carried = self.carried(rule, &entries, span, correlation, &moved)?;
                        let settings = self.settings_of(&carried.state);
                        let lacking = self.lacking(correlation, &asked, &carried.mapped, &settings);
                        for (field, diagnostic) in lacking {
                            columns.missing.insert(field);
                            if diagnostic.is_error() {
                                gather(&mut columns.errors, 0, diagnostic);
                            }
                        }
                    }
                    Some(Document::Correlation(child)) => {
                        let asked =
                            asked.of_child(correlation, child, (reference, span), base, place.file);
                        open.push((child, base, asked));
                    }
                    _ => {}
                }
            }
        }
        Ok(columns)
    }
}

impl<'s> Asked<'s> {
    /// What a correlation that is converted in the file of `place` asks of another that it refers
    /// to.
    pub(super) fn of_child(
        &self,
        correlation: &Correlation<'s>,
        child: &Correlation<'s>,
        (reference, span): (&str, Span),
        base: Place,
        file: usize,
    ) -> Self {
        let entries = entries(correlation, self, reference, &child.head);
        let is_elsewhere = base.file != file;
        Self {
            depth: self.depth + 1,
            fields: beyond_group(entries, child, span),
            from: self.from.or_else(|| is_elsewhere.then_some(span)),
        }
    }
}
