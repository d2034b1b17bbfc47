//! `--filter`: filters that are joined to the rules that they apply to.
//!
//! In: paths. Out: the texts of their files, for the index of the run, where they come after the
//! rules' own. They have no output, but their diagnostics are reported.

use super::input::{self, FilePattern, Input};
use super::report::Report;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::index::Index;
use crate::rule::Document;
use crate::transpile::{Prepared, prepare, text_of};
use clap::Args;
use std::path::PathBuf;

/// The option.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct Filters {
    /// Join the filters of this file, or folder of files, to the rules that they apply to; can be
    /// given several times. Filters among the rules need no option.
    #[arg(long = "filter", value_name = "PATH")]
    filters: Vec<PathBuf>,
}

/// Files that were read.
#[derive(Debug, Default)]
pub struct FilterFiles(Vec<(Input, Result<Vec<u8>, Diagnostic>)>);

impl Filters {
    /// Reads the files. One that is among the rules is there already.
    pub fn read(&self, rules: &[Input], report: &mut Report) -> FilterFiles {
        let inputs = input::collect_beside(rules, &self.filters, &FilePattern::default(), report);
        let read = inputs.into_iter().map(|input| {
            let bytes = input.read();
            (input, bytes)
        });
        FilterFiles(read.collect())
    }
}

impl FilterFiles {
    /// The files' texts; `None` where one can't be read.
    pub fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.iter().map(|(_, bytes)| text(bytes).ok())
    }

    /// The files' paths, as messages show them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(input, _)| input.name.as_str())
    }

    /// Reports what is wrong with the files. `first` is the number of the first in the index, which
    /// there is if any has a filter. Is an error among it?
    pub fn report(
        &self,
        index: Option<&Index<'_>>,
        first: usize,
        dialect: &Dialect,
        report: &mut Report,
    ) -> bool {
        let mut has_failed = false;
        for (number, (input, bytes)) in (first..).zip(&self.0) {
            let (text, prepared) =
                match text(bytes).and_then(|text| Ok((text, prepare(text, dialect)?))) {
                    Ok(read) => read,
                    Err(error) => {
                        report.all(&input.name, "", [&error]);
                        has_failed = true;
                        continue;
                    }
                };
            // What the index found out is said of its documents.
            let indexed = index.map(|index| index.documents(number));
            let documents = indexed.unwrap_or(&prepared);
            let nothing = no_filter(documents);
            let diagnostics = documents.iter().flat_map(|document| &document.diagnostics);
            let diagnostics: Vec<_> = diagnostics.chain(&nothing).collect();
            has_failed |= diagnostics.iter().any(|diagnostic| diagnostic.is_error());
            report.all(&input.name, text, diagnostics);
        }
        has_failed
    }
}

fn text(bytes: &Result<Vec<u8>, Diagnostic>) -> Result<&str, Diagnostic> {
    bytes.as_deref().map_err(Clone::clone).and_then(text_of)
}

/// A file that was given for its filters, and has none.
fn no_filter(documents: &[Prepared<'_>]) -> Option<Diagnostic> {
    let is_other = |document: &Prepared<'_>| {
        matches!(
            document.document,
            Some(Document::Rule(_) | Document::Correlation(_))
        )
    };
    documents.iter().all(is_other).then(|| {
        let warning = Diagnostic::warning(Code::NoFilter, "expected a filter, found none");
        warning.help("give rules without `--filter` to convert them")
    })
}
