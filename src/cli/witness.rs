//! `varsigma witness RULE`: events that the rule must match, and near misses.

use super::input;
use super::report::Report;
use super::terminal::shown_json;
use super::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::eval::{Matcher, witness};
use crate::lower::{self, lower};
use crate::rule::Document;
use crate::{modifier, parse};
use clap::Args;
use std::io::{Write as _, stdout};
use std::path::PathBuf;

/// Make events that a rule must match, and near misses that it must not.
///
/// One JSON object a line: `{"matches": true, "about": "…", "event": {…}}`. The same rule gives the
/// same events: feed them to an engine, run the query that `convert` made, and compare.
#[derive(Debug, Args)]
pub struct Witness {
    /// Rule files, or `-` for standard input.
    #[arg(required = true, value_name = "RULE")]
    paths: Vec<PathBuf>,
    /// At most so many events for each condition.
    #[arg(long, value_name = "N", default_value_t = witness::LIMIT)]
    limit: usize,
}

impl Witness {
    pub(super) fn run(self, report: &mut Report) -> Result<Exit, Stop> {
        let dialect = Dialect::SPECIFICATION;
        let mut failed = false;
        let mut out = stdout().lock();
        for input in input::collect(&self.paths, report) {
            let text = match input.read() {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => {
                    report.all(&input.name, "", [&error]);
                    failed = true;
                    continue;
                }
            };
            for parsed in parse::parse(&text, &dialect) {
                let mut diagnostics = parsed.diagnostics;
                let mut events = Vec::new();
                if let Some(Document::Rule(mut rule)) = parsed.document {
                    diagnostics.extend(modifier::apply(&mut rule, &dialect));
                    let checked = lower::check(&rule, &dialect);
                    diagnostics.extend(checked.and_then(|()| lower::check_for_events(&rule)).err());
                    let has_error = diagnostics.iter().any(Diagnostic::is_error);
                    let lowered = if has_error {
                        Vec::new()
                    } else {
                        lower(&rule, &dialect)
                    };
                    for lowered in lowered {
                        match Matcher::new(&lowered.expr) {
                            Ok(matcher) => events.extend(matcher.witnesses(self.limit)),
                            Err(error) => diagnostics.push(error),
                        }
                    }
                }
                report.all(&input.name, &text, &diagnostics);
                if diagnostics.iter().any(Diagnostic::is_error) {
                    failed = true;
                    continue;
                }
                for event in events {
                    let line = serde_json::to_string(&event).map_err(std::io::Error::from)?;
                    writeln!(out, "{}", shown_json(&line))?;
                }
            }
        }
        Ok(if failed { Exit::Failed } else { Exit::Fine })
    }
}
