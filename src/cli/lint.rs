//! `varsigma lint`: is a rule well made?
//!
//! In: rule files. Out, on standard error: every error that there is whatever the target, and
//! warnings on what is most likely not meant, or not as SigmaHQ writes rules. The exit code is 1 if
//! an error is among them.

use super::choose::{Chosen, RuleChoice};
use super::completions::candidates;
use super::explain;
use super::filters::Filters;
use super::input::{self, FilePattern, InputText};
use super::report::{Report, Tally};
use super::testable;
use super::{Exit, Stop};
use crate::attack::Attack;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::dialect::Dialect;
use crate::lint::linked::{self, lint_linked};
use crate::lint::{Level, Levels, LintedRule, Names, Run};
use crate::transpile::parallel::in_order;
use crate::transpile::{self, Prepared};
use clap::Args;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Check rules for likely mistakes and for SigmaHQ's conventions.
///
/// Codes `VS11…` are this command's own; `varsigma explain CODE` explains each. Reports the warnings
/// of `convert` too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  varsigma lint rules/
  varsigma lint --allow VS1101,VS1103 --deny VS1102 rules/
  varsigma lint --message-format sarif rules/ 2> lint.sarif")]
pub struct Lint {
    /// Ignore this code, or `all` that have no level of their own.
    #[arg(long, value_name = "CODE", value_delimiter = ',', add = candidates::codes())]
    allow: Vec<String>,
    /// Report this code as a warning, the default.
    #[arg(long, value_name = "CODE", value_delimiter = ',', add = candidates::codes())]
    warn: Vec<String>,
    /// Report this code as an error.
    #[arg(long, value_name = "CODE", value_delimiter = ',', add = candidates::codes())]
    deny: Vec<String>,
    #[command(flatten)]
    choice: RuleChoice,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    pattern: FilePattern,
    /// Rule files, folders of them, or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// What was found in a file.
#[derive(Debug, Default)]
struct FileFindings {
    text: String,
    /// A file that can't be read counts as a rule.
    rules: Vec<LintedRule>,
    /// How many of the file's rules are chosen.
    chosen: Chosen,
}

impl Lint {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let levels = self.levels()?;
        let inputs = input::collect(&self.paths, &self.pattern, report);
        let (attack, names) = (Attack::built_in(), Names::built_in());
        let mut run = Run::default();
        let mut tally = Tally::of("passed");
        let mut chosen = Chosen::default();
        let filters = self.filters.read(&inputs, report);
        let all: Vec<InputText<'_>> = inputs.par_iter().map(InputText::read).collect();
        let texts = all.iter().map(|file| file.text.as_deref().ok());
        let texts: Vec<Option<&str>> = texts.chain(filters.texts()).collect();
        let index = transpile::index(&texts, &Dialect::SPECIFICATION);
        let index = index.map(linked::checked);
        let dialect = &Dialect::SPECIFICATION;
        let is_broken = filters.report(index.as_ref(), inputs.len(), dialect, report);
        let numbered: Vec<(usize, &InputText<'_>)> = all.iter().enumerate().collect();
        in_order(
            &numbered,
            |(file, text)| {
                let documents = index.as_ref().map(|index| index.documents(*file));
                let found = find(text, documents.unwrap_or_default(), &attack, &names);
                found.of(&self.choice)
            },
            |(file, InputText { input, .. }), mut found| {
                chosen.add(found.chosen);
                for LintedRule { diagnostics, id } in &mut found.rules {
                    if let Some((id, span)) = id {
                        diagnostics.extend(run.check((*file, &input.name), id, *span));
                    }
                    diagnostics.sort_by_key(Diagnostic::span);
                    levels.apply(diagnostics);
                    let is = |severity| diagnostics.iter().any(|found| found.severity == severity);
                    let failed = is(Severity::Error);
                    tally.rules += 1;
                    tally.failed += usize::from(failed);
                    tally.with_warnings += usize::from(!failed && is(Severity::Warning));
                }
                let diagnostics = found.rules.iter().flat_map(|rule| &rule.diagnostics);
                report.all(&input.name, &found.text, diagnostics);
                ControlFlow::Continue(())
            },
        );
        let nothing = self.choice.nothing(chosen);
        report.all("", "", &nothing);
        report.summary(tally);
        Ok(Exit::of(tally.failed > 0 || is_broken || nothing.is_some()))
    }

    fn levels(&self) -> Result<Levels, Stop> {
        let mut levels = Levels::default();
        let asked = [
            (&self.allow, Level::Allow),
            (&self.warn, Level::Warn),
            (&self.deny, Level::Deny),
        ];
        for (codes, level) in asked {
            for code in codes {
                if code == "all" {
                    levels.set_all(level);
                    continue;
                }
                let known = Code::from_number(code).ok_or_else(|| explain::unknown(code))?;
                levels.set(known, level);
            }
        }
        Ok(levels)
    }
}

/// What there is to say of a file's rules, each by itself, and of what reaches into `documents`.
fn find(
    file: &InputText<'_>,
    documents: &[Prepared<'_>],
    attack: &Attack,
    names: &Names,
) -> FileFindings {
    let text = match &file.text {
        Ok(text) => text.clone(),
        Err(error) => return FileFindings::failed(error.clone()),
    };
    let rules = lint_linked(&text, documents, attack, names);
    FileFindings {
        text,
        rules,
        ..FileFindings::default()
    }
}

impl FileFindings {
    /// Those of the rules that are asked for.
    fn of(mut self, choice: &RuleChoice) -> Self {
        if choice.is_empty() {
            return self;
        }
        let documents = testable::rules(&self.text);
        let mut documents = documents.iter().map(|prepared| prepared.document.as_ref());
        self.chosen = choice.count(documents.clone());
        self.rules.retain(|_| {
            let document = documents.next().flatten();
            document.is_none_or(|document| choice.takes(document))
        });
        self
    }

    fn failed(error: Diagnostic) -> Self {
        Self {
            rules: vec![LintedRule::failed(error)],
            ..Self::default()
        }
    }
}
