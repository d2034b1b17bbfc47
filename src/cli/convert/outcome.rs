//! What a file's output came to.
//!
//! In: a [`FileOutput`]. Out: its rules counted, its refusals made notes of, and a hint where a file is
//! most likely no rule.

use crate::cli::input::Input;
use crate::cli::report::Tally;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::transpile::FileOutput;

/// A file that is not a rule and does not have a rule file's ending: most likely a query.
pub(super) fn hint(input: &Input, output: &mut FileOutput) {
    let ending = input.place.rsplit_once('.').map(|(_, ending)| ending);
    if ending.is_none_or(|ending| ["yml", "yaml", "json"].contains(&ending)) {
        return;
    }
    let of_rules = output
        .rules
        .iter_mut()
        .filter_map(|rule| rule.error.as_mut());
    for error in of_rules.chain(output.error.as_mut()) {
        if error.code == Code::NotARule {
            let help = "give rules as YAML files; varsigma does not turn queries into rules";
            error.help.push(help.to_owned());
        }
    }
}

/// Makes notes of the refusals among a file's errors and counts them, so that they don't fail.
pub(super) fn skip(output: &mut FileOutput, tally: &mut Tally) {
    for rule in &mut output.rules {
        let Some(error) = rule.error.take_if(|error| error.code.is_refusal()) else {
            continue;
        };
        tally.skipped += 1;
        if output.error.as_ref() == Some(&error) {
            output.error = None;
        }
        let severity = Severity::Note;
        output.diagnostics.append(&mut rule.diagnostics);
        output.diagnostics.push(Diagnostic { severity, ..error });
    }
}

/// Counts a file's rules.
pub(super) fn count(output: &FileOutput, tally: &mut Tally) {
    let failures = output.failures();
    // What only feeds others is no rule that a query is expected of.
    let rules = output.rules.iter();
    let rules = rules.filter(|rule| !rule.is_part || rule.error.is_some());
    tally.rules += rules.count().max(failures);
    tally.failed += failures;
    let is_warning = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Warning;
    let converted = output.rules.iter().filter(|rule| rule.error.is_none());
    let warned = converted.filter(|rule| rule.diagnostics.iter().any(is_warning));
    tally.with_warnings += warned.count();
}
