//! One rule file: its pages and diagnostics.

use super::section::{Section, SectionOutput};
use crate::cli::input::Input;
use crate::diagnostic::{Diagnostic, Severity};
use crate::page::{Catalogs, Model, enrichment, model};
use crate::parse::{self, Parsed};
use crate::rule::{Document, Rule};
use crate::source::Span;
use crate::transpile::{FileOutput, Readings, guarded, prepare_parsed, text_of};
use std::ops::Range;

/// Makes the pages of files.
pub(super) struct PageMaker {
    pub sections: Vec<Section>,
    pub catalogs: Catalogs,
}

/// The pages of a file, and the diagnostics.
#[derive(Debug, Default)]
pub(super) struct FilePages {
    /// As messages show it.
    pub name: String,
    /// Its text, if it has diagnostics.
    pub text: String,
    pub pages: Vec<FilePage>,
    pub diagnostics: Vec<Diagnostic>,
    pub rules: usize,
    pub failed: usize,
    pub with_warnings: usize,
}

/// A page of a file.
#[derive(Debug)]
pub(super) struct FilePage {
    /// Its number among the file's pages, from 1; `None` if it is the only one.
    pub number: Option<usize>,
    pub model: Model,
}

impl PageMaker {
    /// Reads a file and makes its pages.
    pub(super) fn make(&self, input: &Input) -> FilePages {
        let mut file_pages = FilePages {
            name: input.name.clone(),
            ..FilePages::default()
        };
        let bytes = input.read();
        let pages = bytes.as_deref().map_err(Clone::clone).and_then(text_of);
        if let Err(error) = pages.and_then(|text| self.pages(input, text, &mut file_pages)) {
            let failed = FileOutput::failed(&input.name, error);
            file_pages.count(&[SectionOutput::failed(failed)]);
        }
        if !file_pages.diagnostics.is_empty() {
            file_pages.text = String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default();
        }
        file_pages
    }

    fn pages(
        &self,
        input: &Input,
        text: &str,
        file_pages: &mut FilePages,
    ) -> Result<(), Diagnostic> {
        let Some(first) = self.sections.first() else {
            return Ok(());
        };
        let dialect = first.transpiler.dialect();
        let parsed = guarded(Span::default(), || parse::parse(text, dialect))?;
        let groups = groups(&parsed);
        let is_alone = groups.len() == 1;
        let mut unknown = Vec::new();
        let mut pages = Vec::new();
        for (group, number) in groups.into_iter().zip(1..) {
            let rules: Vec<&Rule> = parsed[group.clone()].iter().filter_map(rule).collect();
            let Some(first) = rules.first() else {
                continue;
            };
            let enrichments = self.catalogs.enrichments.as_deref();
            unknown.extend(enrichment::unknown(first, enrichments));
            let shown = if is_alone {
                text.trim_start_matches('\u{feff}')
            } else {
                written(text, &parsed[group.clone()])
            };
            let number = (!is_alone).then_some(number);
            let path = Some(input.name.as_str());
            let model = model(&rules, shown, path, &self.catalogs, Vec::new());
            pages.push((group, FilePage { number, model }));
        }
        let prepared = prepare_parsed(parsed, dialect);
        let mut rules = Readings::new(text).with(dialect, prepared);
        let convert = |section: &Section| section.convert(&input.name, &mut rules);
        let outputs: Vec<SectionOutput> = self.sections.iter().map(convert).collect();
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
}

impl FilePages {
    /// Counts the rules, a rule without a query of some section as failed, and gathers the
    /// diagnostics, each once.
    fn count(&mut self, outputs: &[SectionOutput]) {
        for SectionOutput { output, .. } in outputs {
            for diagnostic in output.all_diagnostics() {
                if !self.diagnostics.contains(diagnostic) {
                    self.diagnostics.push(diagnostic.clone());
                }
            }
            let rules = output.rules.len().max(output.failures());
            self.rules = self.rules.max(rules);
            self.failed = self.failed.max(output.failures());
            let is_warning = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Warning;
            let converted = output.rules.iter().filter(|rule| rule.error.is_none());
            let warned = converted.filter(|rule| rule.diagnostics.iter().any(is_warning));
            self.with_warnings = self.with_warnings.max(warned.count());
        }
    }
}

fn rule<'a, 's>(parsed: &'a Parsed<'s>) -> Option<&'a Rule<'s>> {
    match &parsed.document {
        Some(Document::Rule(rule)) => Some(rule),
        _ => None,
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
