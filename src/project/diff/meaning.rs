//! What changed in meaning: of a rule as it is written, and after an output's pipelines.

use crate::compare::{Comparison, compare_rules};
use crate::dialect::Dialect;
use crate::rule::Rule;
use crate::transpile::Transpiler;

/// What changed in what the rule itself says.
pub(super) fn of_rule(old: &Rule<'_>, new: &Rule<'_>) -> Comparison {
    compare_rules(
        (old, &Dialect::SPECIFICATION),
        (new, &Dialect::SPECIFICATION),
    )
}

/// What changed after each version's pipelines.
pub(super) fn processed(
    (before, old): (&Rule<'_>, &Transpiler),
    (after, new): (&Rule<'_>, &Transpiler),
) -> Option<Comparison> {
    let was = after_pipelines(before, old)?;
    let is = after_pipelines(after, new)?;
    Some(compare_rules((&was, old.dialect()), (&is, new.dialect())))
}

/// The rule after an output's pipelines. What they make of a log source is in the conditions that
/// they add; the log source that they leave is for other pipelines.
fn after_pipelines<'s>(rule: &Rule<'s>, transpiler: &'s Transpiler) -> Option<Rule<'s>> {
    let mut processed = rule.clone();
    transpiler.process(&mut processed).ok()?;
    processed.logsource.clone_from(&rule.logsource);
    Some(processed)
}
