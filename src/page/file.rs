//! One rule file: its pages and diagnostics.

use super::section::{Section, SectionOutput};
use super::{Catalogs, Model, Relations, document_model, enrichment, model};
use crate::diagnostic::{Diagnostic, Severity};
use crate::dialect::{Dialect, Profile};
use crate::index::{Index, Place};
use crate::parse::{self, Parsed};
use crate::rule::Rule;
use crate::source::Span;
use crate::transpile::{self, FileOutput, Readings, Transpiler, guarded, prepare_parsed};
use std::collections::BTreeMap;
use std::ops::Range;

/// Makes the pages of files.
#[derive(Debug)]
pub struct PageMaker {
    /// The sections of queries, in order.
    pub sections: Vec<Section>,
    /// What pages refer to.
    pub catalogs: Catalogs,
}

/// The pages of a file, and the diagnostics.
#[derive(Debug, Default)]
pub struct FilePages {
    /// As messages show it.
    pub name: String,
    /// Its text, if it has diagnostics.
    pub text: String,
    /// The pages, in the rules' order.
    pub pages: Vec<FilePage>,
    /// What there is to say of the file, each thing once.
    pub diagnostics: Vec<Diagnostic>,
    /// How many rules there are.
    pub rules: usize,
    /// How many of them lack a query of some section.
    pub failed: usize,
    /// How many of the others have warnings.
    pub with_warnings: usize,
}

/// A page of a file.
#[derive(Debug)]
pub struct FilePage {
    /// Its number among the file's pages, from 1; `None` if it is the only one.
    pub number: Option<usize>,
    /// What it says.
    pub model: Model,
}

/// What the files of a run have to do with one another: nothing, where none has a correlation or a
/// filter.
#[derive(Debug, Default)]
pub struct Linked<'s> {
    /// The index in each profile that has one.
    indexes: Vec<(Profile, Index<'s>)>,
    relations: Relations,
}

impl<'s> Linked<'s> {
    /// Reads the files of a run in the profiles of all sections.
    #[must_use]
    pub fn of(texts: &[Option<&'s str>], sections: &[Section]) -> Self {
        let mut linked = Self::default();
        let Some(index) = transpile::index(texts, &Dialect::SPECIFICATION) else {
            return linked;
        };
        linked.relations = Relations::of(&index);
        linked.indexes.push((Profile::Native, index));
        let transpilers = sections.iter().flat_map(Section::transpilers);
        for dialect in transpilers.map(Transpiler::dialect) {
            if linked.index(dialect.profile).is_none()
                && let Some(index) = transpile::index(texts, dialect)
            {
                linked.indexes.push((dialect.profile, index));
            }
        }
        linked
    }

    /// The index in a profile.
    #[must_use]
    pub fn index(&self, profile: Profile) -> Option<&Index<'s>> {
        let mut indexes = self.indexes.iter();
        indexes.find_map(|(known, index)| (*known == profile).then_some(index))
    }
}

impl PageMaker {
    /// Makes the pages of a file: the `file`th of the run, by its name and its text if it can be
    /// read.
    #[must_use]
    pub fn make(
        &self,
        name: &str,
        text: Result<&str, Diagnostic>,
        file: usize,
        linked: &Linked<'_>,
    ) -> FilePages {
        let mut file_pages = FilePages {
            name: name.to_owned(),
            ..FilePages::default()
        };
        let pages = text.clone();
        let pages = pages.and_then(|text| self.pages(name, text, file, linked, &mut file_pages));
        if let Err(error) = pages {
            let failed = FileOutput::failed(name, error);
            file_pages.count(&[SectionOutput::failed(failed)]);
        }
        if !file_pages.diagnostics.is_empty() {
            text.unwrap_or_default().clone_into(&mut file_pages.text);
        }
        file_pages
    }

    fn pages(
        &self,
        name: &str,
        text: &str,
        file: usize,
        linked: &Linked<'_>,
        file_pages: &mut FilePages,
    ) -> Result<(), Diagnostic> {
        let first = self.sections.first();
        let dialect = first.map_or(&Dialect::SPECIFICATION, |first| first.transpiler.dialect());
        let parsed = guarded(Span::default(), || parse::parse(text, dialect))?;
        let groups = groups(&parsed);
        let is_alone = groups.len() == 1;
        let mut unknown = Vec::new();
        let mut pages = Vec::new();
        for (group, number) in groups.into_iter().zip(1..) {
            let shown = if is_alone {
                text.trim_start_matches('\u{feff}')
            } else {
                written(text, &parsed[group.clone()])
            };
            let page = PageSource {
                parsed: &parsed[group.clone()],
                text: shown,
                path: name,
                places: group
                    .clone()
                    .map(|document| Place { file, document })
                    .collect(),
            };
            let Some(model) = self.model(&page, linked, &mut unknown) else {
                continue;
            };
            let number = (!is_alone).then_some(number);
            pages.push((group, FilePage { number, model }));
        }
        let prepared = prepare_parsed(parsed, dialect);
        if first.is_none() {
            // No query reports them.
            let found = prepared.iter().flat_map(|rule| &rule.diagnostics);
            file_pages.diagnostics.extend(found.cloned());
        }
        let mut rules = Readings::new(text).with(dialect, prepared);
        let mut convert = |transpiler: &Transpiler| {
            let index = linked.index(transpiler.dialect().profile);
            match index {
                Some(index) => transpiler.convert_indexed(name, file, index),
                None => transpiler.convert_readings(name, &mut rules),
            }
        };
        let sections = self.sections.iter();
        let outputs: Vec<SectionOutput> = sections
            .map(|section| section.convert(&mut convert))
            .collect();
        file_pages.count(&outputs);
        file_pages.diagnostics.extend(unknown);
        file_pages
            .pages
            .extend(pages.into_iter().map(|(group, mut page)| {
                let sections = self.sections.iter().zip(&outputs);
                let queries = sections.map(|(section, output)| section.of(output, group.clone()));
                page.model.queries = queries.collect();
                page
            }));
        Ok(())
    }

    /// The page of some documents, without its queries; `None` where they can't be read. Enrichments
    /// that the catalogs lack go to `unknown`.
    fn model(
        &self,
        page: &PageSource<'_, '_>,
        linked: &Linked<'_>,
        unknown: &mut Vec<Diagnostic>,
    ) -> Option<Model> {
        let (text, path, catalogs) = (page.text, Some(page.path), &self.catalogs);
        let rules: Vec<&Rule> = page.parsed.iter().filter_map(Parsed::rule).collect();
        let mut model = if let Some(first) = rules.first() {
            let enrichments = catalogs.enrichments.as_deref();
            unknown.extend(enrichment::unknown(first, enrichments));
            model(&rules, text, path, catalogs, Vec::new())
        } else {
            // Not every dialect reads correlations and filters.
            let index = linked.index(Profile::Native)?;
            let place = *page.places.first()?;
            if index.document(place)?.rule().is_some() {
                return None;
            }
            document_model(place, index, text, path, catalogs)?
        };
        linked
            .relations
            .fill(&mut model, page.places.iter().copied());
        Some(model)
    }
}

/// What a page is made from.
struct PageSource<'p, 's> {
    parsed: &'p [Parsed<'s>],
    /// What the page shows as the rule.
    text: &'p str,
    path: &'p str,
    places: Vec<Place>,
}

impl FilePages {
    /// Counts the rules, a rule without a query of some section as failed, and gathers the
    /// diagnostics, each once.
    fn count(&mut self, outputs: &[SectionOutput]) {
        let mut known = KnownDiagnostics::default();
        for (at, diagnostic) in self.diagnostics.iter().enumerate() {
            known.add(diagnostic, at);
        }
        for SectionOutput { output, .. } in outputs {
            for diagnostic in output.all_diagnostics() {
                if !known.has(diagnostic, &self.diagnostics) {
                    known.add(diagnostic, self.diagnostics.len());
                    self.diagnostics.push(diagnostic.clone());
                }
            }
            // What only feeds others is no rule that a query is expected of.
            let rules = output.rules.iter();
            let rules = rules.filter(|rule| !rule.is_part || rule.error.is_some());
            let rules = rules.count().max(output.failures());
            self.rules = self.rules.max(rules);
            self.failed = self.failed.max(output.failures());
            let is_warning = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Warning;
            let converted = output.rules.iter().filter(|rule| rule.error.is_none());
            let warned = converted.filter(|rule| rule.diagnostics.iter().any(is_warning));
            self.with_warnings = self.with_warnings.max(warned.count());
        }
    }
}

/// Where diagnostics are in a list, by their messages and places.
#[derive(Default)]
struct KnownDiagnostics(BTreeMap<(String, Option<Span>), Vec<usize>>);

impl KnownDiagnostics {
    fn add(&mut self, diagnostic: &Diagnostic, at: usize) {
        let key = (diagnostic.message.clone(), diagnostic.span());
        self.0.entry(key).or_default().push(at);
    }

    /// Is it in the list?
    fn has(&self, diagnostic: &Diagnostic, list: &[Diagnostic]) -> bool {
        let key = (diagnostic.message.clone(), diagnostic.span());
        let mut alike = self.0.get(&key).into_iter().flatten();
        alike.any(|at| list.get(*at) == Some(diagnostic))
    }
}

/// The rules that are on one page: neighbors that share id and title, which a collection's
/// `action: global` gives them, and any other rule by itself.
fn groups(parsed: &[Parsed<'_>]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, this) in parsed.iter().enumerate() {
        let same = |group: &&mut Range<usize>| {
            let last = &parsed[group.end - 1];
            this.title.is_some() && last.title == this.title && last.id == this.id
        };
        match groups.last_mut().filter(same) {
            Some(group) => group.end = at + 1,
            None => groups.push(at..at + 1),
        }
    }
    groups
}

/// The part of a file that some of its rules were written in.
fn written<'t>(text: &'t str, parsed: &[Parsed<'_>]) -> &'t str {
    let start = parsed.iter().map(|parsed| parsed.span.range().start).min();
    let end = parsed.iter().map(|parsed| parsed.span.range().end).max();
    text.get(start.unwrap_or_default()..end.unwrap_or_default())
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::transpile::RuleOutput;

    #[test]
    fn each_diagnostic_is_kept_once() {
        let diagnostic = |at: usize| {
            let warning = Diagnostic::warning(Code::NotExact, "it is not exact");
            warning
                .at(Span::new(at / 2, at / 2 + 1))
                .help(format!("{}", at % 2))
        };
        let count = 60;
        let output = || {
            let rule = RuleOutput {
                diagnostics: (0..count).map(diagnostic).collect(),
                ..RuleOutput::default()
            };
            SectionOutput::failed(FileOutput {
                rules: vec![rule],
                ..FileOutput::default()
            })
        };
        let mut pages = FilePages::default();
        pages.count(&[output(), output()]);
        pages.count(&[output()]);
        assert_eq!(pages.diagnostics.len(), count);
    }
}
