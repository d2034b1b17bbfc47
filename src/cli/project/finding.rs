//! What `check` finds: a generated file that isn't what the rules give, and why.
//!
//! In: a project's plan and status. Out: [`Finding`]s, in the order of their paths, which
//! [`super::render`] writes in a CI system's form.

use super::Workspace;
use super::apply::NOT_OURS;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::lock;
use crate::project::reason::{Reason, Reasons};
use crate::project::status::{DifferingFile, FileStatus, OrphanedFile};
use serde::Serialize;
use similar::TextDiff;
use std::time::Duration;

/// What is not compared in this time is shown as replaced; a query never takes so long.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many entries of a strange lock are reported.
const MOST_STRAYS: usize = 20;

/// In a word, what is wrong; in the order of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FindingKind {
    /// The file was changed since the last build.
    Edited,
    /// A rule can't be converted.
    Failed,
    /// No build wrote the file.
    Foreign,
    /// The lock is not what a build would write, or names what it can't have written.
    Lock,
    /// There is no file.
    Missing,
    /// No rule gives the file any more.
    Orphaned,
    /// The file is as the last build left it.
    Stale,
    /// The file can't be read.
    Unreadable,
}

impl FindingKind {
    /// The word.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Failed => "failed",
            Self::Foreign => "foreign",
            Self::Lock => "lock",
            Self::Missing => "missing",
            Self::Orphaned => "orphaned",
            Self::Stale => "stale",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Something that keeps a project from being as it should.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub kind: FindingKind,
    /// The code, message and help.
    #[serde(skip)]
    pub diagnostic: Diagnostic,
    /// The file that it is about.
    pub path: String,
    /// The line of it, from 1.
    pub line: usize,
    /// The output's name.
    pub output: Option<String>,
    /// The rule file; none where there are several.
    pub rule: Option<String>,
    /// What changed since the last build.
    pub reasons: Vec<&'static str>,
    /// What `build` would change, as a unified diff.
    pub diff: Option<String>,
    /// How true the query was to its rule, and is now, where that changed.
    pub fidelity: Option<(String, String)>,
}

impl Finding {
    /// The message, its code apart.
    pub(super) fn message(&self) -> &str {
        &self.diagnostic.message
    }
}

/// A query whose trueness to its rule changed since the last build.
#[derive(Debug, Serialize)]
pub(super) struct FidelityChange {
    /// The rule file.
    pub rule: String,
    /// The output's name.
    pub output: String,
    /// The word at the last build.
    pub before: String,
    /// The word now.
    pub now: String,
}

impl Workspace {
    /// Everything that is not as it should be.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let reasons = Reasons::new(&self.last);
        let differing = self.status.differing.iter();
        let mut found: Vec<Finding> = differing
            .map(|differing| self.differing(differing, &reasons))
            .collect();
        found.extend(self.status.orphans.iter().map(orphaned));
        found.extend(self.status.unproven.iter().take(MOST_STRAYS).map(stray));
        found.sort_by(|one, other| one.path.cmp(&other.path));
        found.extend(self.plan.failures().map(|failure| {
            let rule = &self.plan.lock.rules[failure.rule];
            let output = &self.project.config.outputs[failure.output].name;
            let message = format!("no `{output}` query: {}", failure.error.message);
            Finding {
                line: failure.line,
                output: Some(output.clone()),
                rule: Some(rule.path.clone()),
                ..finding(FindingKind::Failed, failure.error.code, message, &rule.path)
            }
        }));
        if found.is_empty() && self.status.lock_is_stale {
            let file = lock::FILE;
            let message = if self.last.conflicted {
                format!("`{file}` has a merge conflict")
            } else {
                format!("`{file}` is not what a build would write, though all generated files are")
            };
            found.push(finding(FindingKind::Lock, Code::StaleLock, message, file));
        }
        found
    }

    /// Queries whose trueness to their rules changed since the last build.
    pub(super) fn fidelity_changes(&self) -> Vec<FidelityChange> {
        let reasons = Reasons::new(&self.last);
        let mut changes = Vec::new();
        for rule in &self.plan.lock.rules {
            let Some(last) = reasons.before(rule) else {
                continue;
            };
            for (output, record) in &rule.outputs {
                let before = last
                    .outputs
                    .get(output)
                    .and_then(|last| last.fidelity.as_ref());
                if let (Some(before), Some(now)) = (before, &record.fidelity)
                    && before != now
                {
                    changes.push(FidelityChange {
                        rule: rule.path.clone(),
                        output: output.clone(),
                        before: before.clone(),
                        now: now.clone(),
                    });
                }
            }
        }
        changes
    }

    fn differing(&self, differing: &DifferingFile, reasons: &Reasons<'_>) -> Finding {
        let path = differing.path.as_str();
        let wanted = &self.plan.files[path];
        let rules: Vec<_> = wanted
            .rules
            .iter()
            .map(|at| &self.plan.lock.rules[*at])
            .collect();
        let mut why = reasons.of(path, &self.plan);
        let (kind, code, message) = match &differing.state {
            FileStatus::Missing => (
                FindingKind::Missing,
                Code::MissingOutput,
                "is missing".to_owned(),
            ),
            FileStatus::Stale => (FindingKind::Stale, Code::StaleOutput, "is stale".to_owned()),
            FileStatus::Edited => {
                why.retain(|reason| *reason != Reason::New);
                let message = "was edited by hand".to_owned();
                (FindingKind::Edited, Code::EditedOutput, message)
            }
            FileStatus::Foreign => {
                let message = "is in the place of an output, and no build wrote it".to_owned();
                (FindingKind::Foreign, Code::ForeignOutput, message)
            }
            FileStatus::Unreadable(reason) => {
                let message = format!("can't be read: {reason}");
                (FindingKind::Unreadable, Code::Unreadable, message)
            }
        };
        let why: Vec<&'static str> = why.into_iter().map(Reason::name).collect();
        let mut message = format!("`{path}` {message}");
        if !why.is_empty() {
            message = format!("{message}: {}", why.join(", "));
        }
        let rule = match rules.as_slice() {
            [rule] => Some(*rule),
            _ => None,
        };
        let output = &self.project.config.outputs[wanted.output].name;
        let fidelity = rule.and_then(|rule| {
            let before = reasons
                .before(rule)?
                .outputs
                .get(output)?
                .fidelity
                .clone()?;
            let now = rule.outputs.get(output)?.fidelity.clone()?;
            (before != now).then_some((before, now))
        });
        if let Some((before, now)) = &fidelity {
            message = format!("{message}; the query was {before}, it is {now} now");
        }
        Finding {
            output: Some(output.clone()),
            rule: rule.map(|rule| rule.path.clone()),
            reasons: why,
            diff: Some(diff(path, differing.now.as_deref(), &wanted.text)),
            fidelity,
            ..finding(kind, code, message, path)
        }
    }
}

/// What the lock names, and no build can have written.
fn stray(path: &String) -> Finding {
    let file = lock::FILE;
    let message = format!("`{file}` names `{path}`, which no build can have written");
    finding(FindingKind::Lock, Code::UnprovenOutput, message, file)
}

fn orphaned(orphan: &OrphanedFile) -> Finding {
    let path = orphan.path.as_str();
    let from = match &orphan.rule {
        Some(rule) => format!("`{rule}` no longer gives it"),
        None => "no rule gives it any more".to_owned(),
    };
    let message = format!("`{path}` is left over: {from}");
    let mut found = finding(FindingKind::Orphaned, Code::OrphanedOutput, message, path);
    if orphan.elsewhere && !orphan.edited {
        found.diagnostic.help = vec![
            "run `varsigma build --prune` if a build of yours wrote it".to_owned(),
            NOT_OURS.to_owned(),
        ];
    }
    Finding {
        output: Some(orphan.output.clone()),
        rule: orphan.rule.clone(),
        ..found
    }
}

fn finding(kind: FindingKind, code: Code, message: String, path: &str) -> Finding {
    let diagnostic = Diagnostic::error(code, message);
    Finding {
        kind,
        diagnostic: match kind {
            FindingKind::Failed => diagnostic,
            FindingKind::Edited | FindingKind::Foreign => diagnostic.help(
                "run `varsigma build --adopt` if it may be replaced, and commit what it writes",
            ),
            _ => diagnostic.help("run `varsigma build` and commit what it writes"),
        },
        path: path.to_owned(),
        line: 1,
        output: None,
        rule: None,
        reasons: Vec::new(),
        diff: None,
        fidelity: None,
    }
}

/// What a build would change, as a unified diff.
fn diff(path: &str, now: Option<&[u8]>, wanted: &str) -> String {
    let old = String::from_utf8_lossy(now.unwrap_or_default());
    let before = if now.is_some() {
        format!("a/{path}")
    } else {
        "/dev/null".to_owned()
    };
    TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(old.as_ref(), wanted)
        .unified_diff()
        .header(&before, &format!("b/{path}"))
        .to_string()
}
