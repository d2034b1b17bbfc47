//! `-o DIR`: one file a rule, in the place that the rule file has in its tree.
//!
//! `rules/windows/a.yml`, given as `rules`, becomes `DIR/windows/a.spl`. A rule of several queries
//! has `a.1.spl` and `a.2.spl`; so have the rules of one file, and `a.2.1.spl` is the second rule's
//! first query. The numbers count rules that failed too, so that a failure renames nothing.

use crate::cli::Stop;
use crate::cli::atomic::{self, Written};
use crate::cli::input::Input;
use crate::cli::reason::{Unwritten, reason, unwritable};
use crate::cli::report::Tally;
use crate::diagnostic::{Code, Diagnostic};
use crate::output::Entry;
use crate::project::name;
use crate::transpile::{FileOutput, RuleOutput, Transpiler};
use std::collections::{HashMap, HashSet};
use std::fs::create_dir_all;
use std::path::{Path, PathBuf};

/// The folder that outputs go to.
pub(super) struct Folder<'t> {
    root: PathBuf,
    transpiler: &'t Transpiler,
    /// The files of this run and the rule files that they belong to.
    taken: HashMap<String, String>,
    /// Folders that are there.
    made: HashSet<PathBuf>,
    unwritten: Unwritten,
}

impl<'t> Folder<'t> {
    /// Makes the folder.
    pub(super) fn new(folder: &Path, transpiler: &'t Transpiler) -> Result<Self, Stop> {
        create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        Ok(Self {
            root: folder.to_owned(),
            transpiler,
            taken: HashMap::new(),
            made: HashSet::new(),
            unwritten: Unwritten::default(),
        })
    }

    /// Writes the files of a rule file's rules. A rule whose file can't be written has failed.
    pub(super) fn take(&mut self, input: &Input, output: &mut FileOutput, tally: &mut Tally) {
        let is_alone = output.rules.len() == 1;
        for (rule, number) in output.rules.iter_mut().zip(1..) {
            let stem = if is_alone {
                stem(&input.place).to_owned()
            } else {
                format!("{}.{number}", stem(&input.place))
            };
            let written = self.texts(rule).and_then(|texts| {
                let mut has_failed = false;
                for (text, ending) in texts {
                    match self.write(input, &format!("{stem}{ending}"), &text)? {
                        Some(Written::Changed) => tally.written += 1,
                        Some(Written::Unchanged) => tally.unchanged += 1,
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

    /// The texts of a rule's files, each with the ending of its name.
    fn texts(&self, rule: &RuleOutput) -> Result<Vec<(String, String)>, Diagnostic> {
        let extension = self.transpiler.extension();
        let ended = |mut text: String| {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text
        };
        if rule.queries.is_empty() {
            return Ok(Vec::new());
        }
        let entries = rule.queries.iter().filter_map(|query| query.entry.clone());
        let entries: Vec<Entry> = entries.collect();
        if let Some(document) = self.transpiler.whole_document(entries) {
            return Ok(vec![(ended(document?), format!(".{extension}"))]);
        }
        let is_alone = rule.queries.len() == 1;
        let queries = rule.queries.iter().zip(1..).map(|(query, number)| {
            let ending = if is_alone {
                format!(".{extension}")
            } else {
                format!(".{number}.{extension}")
            };
            (ended(query.text.clone()), ending)
        });
        Ok(queries.collect())
    }

    /// What could not be written, each reason once.
    pub(super) fn unwritten(&self) -> Vec<Diagnostic> {
        self.unwritten.diagnostics().collect()
    }

    /// Writes a file; none where that can't be done.
    fn write(
        &mut self,
        input: &Input,
        place: &str,
        text: &str,
    ) -> Result<Option<Written>, Diagnostic> {
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
                "rename one of the rule files, or convert the other one into another folder",
            ));
        }
        self.taken.insert(key, input.name.clone());
        let parent = path.parent().unwrap_or(&self.root);
        let mut written = Ok(());
        if !self.made.contains(parent) {
            let below = Path::new(place).parent().unwrap_or(Path::new(""));
            written = atomic::make_folder(&self.root, below);
            if written.is_ok() {
                self.made.insert(parent.to_owned());
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

/// `windows/a.yml` without the ending of its name: `windows/a`.
fn stem(place: &str) -> &str {
    let name = place.rfind('/').map_or(0, |slash| slash + 1);
    match place[name..].rfind('.') {
        Some(dot) if dot > 0 => &place[..name + dot],
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_a_path_without_the_ending_of_its_name() {
        for (place, expected) in [
            ("a.yml", "a"),
            ("win.d/a.b.yaml", "win.d/a.b"),
            ("win.d/rule", "win.d/rule"),
            ("win/.yml", "win/.yml"),
        ] {
            assert_eq!(stem(place), expected);
        }
    }
}
