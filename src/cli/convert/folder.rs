//! `-o DIR/`: one file a rule, by default in the place that the rule file has in its tree.
//!
//! `rules/windows/a.yml`, given as `rules`, becomes `DIR/windows/a.spl`. A rule of several queries
//! has `a.1.spl` and `a.2.spl`; so have the rules of one file, and `a.2.1.spl` is the second rule's
//! first query. The numbers count rules that failed too, so that a failure renames nothing.
//! `--output-name` gives other names, by the patterns of projects.

use super::ConvertedInput;
use super::destination::{Rules, is_a_rule};
use crate::cli::Stop;
use crate::cli::atomic::{self, WriteOutcome};
use crate::cli::input::Input;
use crate::cli::reason::{Unwritten, reason, unwritable};
use crate::cli::report::Tally;
use crate::diagnostic::{Code, Diagnostic};
use crate::output::DocumentEntry;
use crate::project::name;
use crate::project::path_pattern::{PathPattern, PathValues};
use crate::transpile::{RuleOutput, Transpiler};
use std::collections::{HashMap, HashSet};
use std::fs::create_dir_all;
use std::path::{Path, PathBuf};

/// The folder that outputs go to.
pub(super) struct QueryFolder<'t> {
    root: PathBuf,
    pattern: PathPattern,
    transpiler: &'t Transpiler,
    /// The rules of this run, none of which may be overwritten.
    rules: Rules<'t>,
    /// The files of this run and the rule files that they belong to.
    taken: HashMap<String, String>,
    /// Folders that are there.
    created: HashSet<PathBuf>,
    unwritten: Unwritten,
}

impl<'t> QueryFolder<'t> {
    /// Makes the folder.
    pub(super) fn new(
        folder: &Path,
        pattern: PathPattern,
        transpiler: &'t Transpiler,
        inputs: &'t [Input],
    ) -> Result<Self, Stop> {
        create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        Ok(Self {
            root: folder.to_owned(),
            pattern,
            transpiler,
            rules: Rules::of(inputs),
            taken: HashMap::new(),
            created: HashSet::new(),
            unwritten: Unwritten::default(),
        })
    }

    /// Writes the files of a rule file's rules. A rule whose file can't be written has failed.
    pub(super) fn take(
        &mut self,
        input: &Input,
        converted: &mut ConvertedInput,
        tally: &mut Tally,
    ) {
        let ConvertedInput { output, rules, .. } = converted;
        let is_alone = output.rules.len() == 1;
        for (at, rule) in output.rules.iter_mut().enumerate() {
            let facts = PathValues {
                place: &input.place,
                output: &self.transpiler.backend().name,
                extension: self.transpiler.extension(),
                rule: rules.get(rule.document).and_then(Option::as_ref),
                rule_number: (!is_alone).then_some(at + 1),
                query_number: None,
            };
            let written = self.texts(rule, &facts).and_then(|texts| {
                let mut has_failed = false;
                for (place, text) in texts {
                    match self.write(input, &place, &text)? {
                        Some(WriteOutcome::Changed) => tally.written += 1,
                        Some(WriteOutcome::Unchanged) => tally.unchanged += 1,
                        None => {
                            tally.unwritten += 1;
                            has_failed = true;
                        }
                    }
                }
                Ok(has_failed)
            });
            match written {
                Ok(has_failed) => tally.failed += usize::from(has_failed),
                Err(error) => rule.error = Some(error),
            }
        }
    }

    /// The texts of a rule's files, each with its place below the folder.
    fn texts(
        &self,
        rule: &RuleOutput,
        facts: &PathValues<'_>,
    ) -> Result<Vec<(String, String)>, Diagnostic> {
        let ended = |mut text: String| {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text
        };
        let place = |query_number: Option<usize>| {
            let facts = PathValues {
                query_number,
                ..*facts
            };
            self.pattern.fill(&facts).map_err(|reason| {
                let pattern = self.pattern.text();
                let message = format!("`{pattern}` can't be filled in: {reason}");
                Diagnostic::error(Code::OutputPath, message).at(rule.span)
            })
        };
        if rule.queries.is_empty() {
            return Ok(Vec::new());
        }
        let entries = rule.queries.iter().filter_map(|query| query.entry.clone());
        let entries: Vec<DocumentEntry> = entries.collect();
        if let Some(document) = self.transpiler.whole_document(entries) {
            return Ok(vec![(place(None)?, ended(document?))]);
        }
        let is_alone = rule.queries.len() == 1;
        let queries = rule.queries.iter().zip(1..).map(|(query, number)| {
            let place = place((!is_alone).then_some(number))?;
            Ok((place, ended(query.text.clone())))
        });
        queries.collect()
    }

    /// The files that could not be written, each reason once.
    pub(super) fn unwritten(&self) -> Vec<Diagnostic> {
        self.unwritten.diagnostics().collect()
    }

    /// Writes a file; none where that can't be done.
    fn write(
        &mut self,
        input: &Input,
        place: &str,
        text: &str,
    ) -> Result<Option<WriteOutcome>, Diagnostic> {
        let path = self.root.join(place);
        if let Some(reason) = name::refused(place) {
            let message = format!("`{}` can't be written: {reason}", path.display());
            let error = Diagnostic::error(Code::OutputPath, message);
            return Err(error.help("rename the rule file, or a folder that it is in"));
        }
        // Where file names ignore case, `A.yml` and `a.yml` have one output between them.
        let key = if cfg!(any(windows, target_os = "macos")) {
            place.to_lowercase()
        } else {
            place.to_owned()
        };
        if let Some(owner) = self.taken.get(&key) {
            let shown = path.display();
            let message = format!("`{shown}` holds the query of `{owner}` already");
            return Err(Diagnostic::error(Code::SameOutput, message).help(
                "rename one of the rule files, convert the other one into another folder, or tell \
                 them apart by `--output-name`",
            ));
        }
        if self.rules.has(&path) {
            return Err(is_a_rule(&path));
        }
        self.taken.insert(key, input.name.clone());
        let parent = path.parent().unwrap_or(&self.root);
        let mut written = Ok(());
        if !self.created.contains(parent) {
            let below = Path::new(place).parent().unwrap_or(Path::new(""));
            written = atomic::make_folder(&self.root, below);
            if written.is_ok() {
                self.created.insert(parent.to_owned());
            }
        }
        match written.and_then(|()| atomic::write(&path, text.as_bytes())) {
            Ok(written) => Ok(Some(written)),
            Err(error) => {
                let path = path.display().to_string();
                self.unwritten.add(path, reason(&error));
                Ok(None)
            }
        }
    }
}
