//! `-o DIR`: a page a rule, and the indexes around them.
//!
//! `rules/windows/a.yml`, given as `rules`, becomes `DIR/Detection_Rules/windows/a.md`. The rules of
//! one file have `a.1.md` and `a.2.md`.

use crate::cli::Stop;
use crate::cli::atomic::{self, WriteOutcome};
use crate::cli::input::Input;
use crate::cli::reason::{Unwritten, reason, unwritable};
use crate::cli::report::{Report, Tally};
use crate::diagnostic::{Code, Diagnostic};
use crate::page::index::{self, Page, PageFile};
use crate::page::{FilePages, PageMaker, Renderer, Template};
use crate::project::name;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folder and the pages to come.
pub(super) struct PageFolder<'m> {
    root: PathBuf,
    maker: &'m PageMaker,
    renderer: &'m Renderer,
    template: &'m Template,
    pages: Vec<Page>,
    /// The pages' paths and the rule files that they belong to.
    taken: BTreeMap<String, String>,
}

impl<'m> PageFolder<'m> {
    pub(super) fn new(
        folder: &Path,
        maker: &'m PageMaker,
        renderer: &'m Renderer,
        template: &'m Template,
    ) -> Self {
        Self {
            root: folder.to_owned(),
            maker,
            renderer,
            template,
            pages: Vec::new(),
            taken: BTreeMap::new(),
        }
    }

    /// Takes a file's pages. A page whose place is taken is an error of the file.
    pub(super) fn take(&mut self, input: &Input, file_pages: &mut FilePages) {
        for page in file_pages.pages.drain(..) {
            let stem = Path::new(&input.place).with_extension("");
            let stem = stem.to_string_lossy().replace('\\', "/");
            let number = page
                .number
                .map_or_else(String::new, |number| format!(".{number}"));
            let path = format!("Detection_Rules/{stem}{number}.md");
            // Where file names ignore case, `A.yml` and `a.yml` have one page between them.
            let key = path.to_lowercase();
            if let Some(owner) = self.taken.get(&key) {
                let message = format!("`{path}` holds the page of `{owner}` already");
                let error = Diagnostic::error(Code::SameOutput, message);
                file_pages
                    .diagnostics
                    .push(error.help("rename one of the rule files"));
                file_pages.failed = (file_pages.failed + 1).min(file_pages.rules);
                continue;
            }
            self.taken.insert(key, input.name.clone());
            self.pages.push(Page {
                path,
                model: page.model,
            });
        }
    }

    /// Renders and writes everything. Could all be written?
    pub(super) fn write(mut self, report: &mut Report, tally: &mut Tally) -> Result<bool, Stop> {
        index::connect(&mut self.pages);
        let render = |page: &Page| {
            let text = self.renderer.render(&page.model, self.template)?;
            Ok(PageFile {
                path: page.path.clone(),
                text,
            })
        };
        let rendered: Result<Vec<PageFile>, Diagnostic> =
            self.pages.par_iter().map(render).collect();
        let mut files = rendered?;
        files.extend(index::indexes(
            &self.pages,
            &self.maker.catalogs,
            self.renderer,
        )?);
        let folders: BTreeSet<PathBuf> = files
            .iter()
            .filter_map(|file| Some(Path::new(&file.path).parent()?.to_owned()))
            .collect();
        std::fs::create_dir_all(&self.root).map_err(|error| unwritable(&self.root, &error))?;
        let closed: BTreeMap<PathBuf, String> = folders
            .into_iter()
            .filter_map(|folder| {
                let created = atomic::make_folder(&self.root, &folder);
                Some((folder, reason(&created.err()?)))
            })
            .collect();
        let write = |file: &PageFile| -> Result<WriteOutcome, String> {
            let parent = Path::new(&file.path).parent();
            if let Some(reason) = parent.and_then(|folder| closed.get(folder)) {
                return Err(reason.clone());
            }
            if let Some(reason) = name::refused(&file.path) {
                return Err(reason);
            }
            let path = self.root.join(&file.path);
            atomic::write(&path, file.text.as_bytes()).map_err(|error| reason(&error))
        };
        let written: Vec<_> = files.par_iter().map(write).collect();
        let mut unwritten = Unwritten::default();
        for (file, written) in files.iter().zip(written) {
            match written {
                Ok(WriteOutcome::Changed) => tally.written += 1,
                Ok(WriteOutcome::Unchanged) => tally.unchanged += 1,
                Err(reason) => {
                    let path = self.root.join(&file.path).display().to_string();
                    unwritten.add(path, reason);
                    tally.failed = (tally.failed + 1).min(tally.rules);
                }
            }
        }
        tally.unwritten = unwritten.count();
        let errors: Vec<Diagnostic> = unwritten.diagnostics().collect();
        report.all("", "", &errors);
        Ok(errors.is_empty())
    }
}
