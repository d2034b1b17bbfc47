//! `varsigma page RULE…`: rules in, Markdown pages out.
//!
//! Without `-o` the pages go to standard output, one after the other. With it there is a page a rule
//! below the folder, and the indexes around them.

mod catalogs;
mod folder;

use super::completions::candidates;
use super::convert::SourceFile;
use super::filters::Filters;
use super::input::{self, FilePattern};
use super::pipelines::Pipelines;
use super::report::{Report, Tally};
use super::targets::Targets;
use super::terminal::shown;
use super::{Exit, Stop};
use crate::cli::reason::unreadable;
use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, Profile};
use crate::page::{FilePages, Linked, PageMaker, Renderer, Section, Template};
use crate::transpile::parallel::in_order;
use clap::Args;
use folder::PageFolder;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::io::{BufWriter, Write, stdout};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Make a page of each rule: what it finds, what it needs, its queries.
///
/// Pages go to standard output, or with `-o` below a folder, with indexes by ATT&CK tactic, log
/// source and level. `docs/page.md` describes what a page is computed from.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma page rules/windows/proc_a.yml
  varsigma page --template modern -t splunk -t esql:siem_rule -o pages rules/")]
pub struct Page {
    /// A section for this target, in its first format or the one after the colon; can be given
    /// several times. `splunk:document` if not given.
    #[arg(short = 't', long = "target", value_name = "TARGET[:FORMAT]")]
    #[arg(add = candidates::sections())]
    sections: Vec<String>,
    /// The template: `document`, `modern`, or a file of your own.
    #[arg(long, value_name = "NAME", default_value = "document")]
    template: String,
    #[command(flatten)]
    catalogs: catalogs::Folders,
    /// Write the pages below this folder, with what links them.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pipelines: Pipelines,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    pattern: FilePattern,
    /// Rule files, folders of them, or `-` for standard input.
    #[arg(required = true, value_name = "RULE")]
    paths: Vec<PathBuf>,
}

impl Page {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let registry = self.targets.registry()?;
        let mut sections = if self.sections.is_empty() {
            vec![Section::founding(&registry)?]
        } else {
            let asked = self.sections.iter();
            asked
                .map(|asked| Section::new(&registry, asked))
                .collect::<Result<_, _>>()?
        };
        let targets: Vec<_> = sections.iter().flat_map(Section::targets).collect();
        let mut pipelines = self.pipelines.load_for_each(&targets, report)?.into_iter();
        sections = sections
            .into_iter()
            .map(|section| section.with(&mut pipelines, &self.pipelines.allowed()))
            .collect();
        let (renderer, template) = template(&self.template)?;
        let maker = PageMaker {
            sections,
            catalogs: self.catalogs.read(report)?,
        };
        let inputs = input::collect(&self.paths, &self.pattern, report);
        // All files are read first: a correlation or a filter in one reaches into others.
        let sources: Vec<SourceFile<'_>> = inputs.par_iter().map(SourceFile::read).collect();
        let filters = self.filters.read(&inputs, report);
        let texts = sources.iter().map(|source| source.text().ok());
        let texts: Vec<_> = texts.chain(filters.texts()).collect();
        let linked = Linked::of(&texts, &maker.sections);
        let native = linked.index(Profile::Native);
        let is_filter_broken =
            filters.report(native, inputs.len(), &Dialect::SPECIFICATION, report);
        let sources: Vec<_> = sources.iter().enumerate().collect();
        let mut tally = Tally::default();
        let mut has_all = true;
        let folder = self.output.as_ref();
        if let Some(folder) = folder.filter(|folder| folder.as_os_str() != "-") {
            let mut folder = PageFolder::new(folder, &maker, &renderer, &template);
            let work = |(file, source): &(usize, &SourceFile<'_>)| {
                maker.make(&source.input.name, source.text(), *file, &linked)
            };
            in_order(&sources, work, |(_, source), mut file_pages| {
                folder.take(source.input, &mut file_pages);
                report_file(&file_pages, report, &mut tally);
                ControlFlow::Continue(())
            });
            has_all = folder.write(report, &mut tally)?;
        } else {
            let mut out = BufWriter::new(stdout());
            let mut broken = None;
            let work = |(file, source): &(usize, &SourceFile<'_>)| {
                let file_pages = maker.make(&source.input.name, source.text(), *file, &linked);
                let pages = file_pages.pages.iter();
                let texts: Result<Vec<String>, Diagnostic> = pages
                    .map(|page| renderer.render(&page.model, &template))
                    .collect();
                (file_pages, texts)
            };
            in_order(&sources, work, |_, (file_pages, texts)| {
                let printed = match texts {
                    Ok(texts) => texts
                        .iter()
                        .try_for_each(|text| out.write_all(shown(text).as_bytes()))
                        .map_err(Stop::from),
                    Err(error) => Err(own_template(&self.template, error)),
                };
                report_file(&file_pages, report, &mut tally);
                match printed {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(stop) => {
                        broken = Some(stop);
                        ControlFlow::Break(())
                    }
                }
            });
            if let Some(stop) = broken {
                return Err(stop);
            }
            out.flush()?;
        }
        report.summary(tally);
        Ok(Exit::of(tally.failed > 0 || !has_all || is_filter_broken))
    }
}

/// Reports the diagnostics of a file, and counts its rules.
fn report_file(file_pages: &FilePages, report: &mut Report, tally: &mut Tally) {
    report.all(&file_pages.name, &file_pages.text, &file_pages.diagnostics);
    tally.rules += file_pages.rules;
    tally.failed += file_pages.failed;
    tally.with_warnings += file_pages.with_warnings;
}

/// The templates, with the one that is asked for.
fn template(name: &str) -> Result<(Renderer, Template), Stop> {
    let mut renderer = Renderer::default();
    let template = match name {
        "document" => Template::Document,
        "modern" => Template::Modern,
        path => {
            let source = std::fs::read_to_string(path).map_err(|error| {
                unreadable(Path::new(path), &error)
                    .help("give `--template` `document`, `modern` or a file of your own")
            })?;
            let name = Path::new(path).file_name().unwrap_or_default();
            renderer
                .add(&format!("own/{}", name.to_string_lossy()), &source)
                .map_err(|error| own_template(path, error))?
        }
    };
    Ok((renderer, template))
}

/// An error of a template, shown in its file.
fn own_template(path: &str, error: Diagnostic) -> Stop {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    Stop::in_file(path, &text, vec![error])
}
