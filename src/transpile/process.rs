//! A rule after its pipelines, for what asks what it means and not how a target says it.

use super::Transpiler;
use super::prepare::guarded;
use crate::diagnostic::Diagnostic;
use crate::lower;
use crate::rule::Rule;

impl Transpiler {
    /// Applies the pipelines to a rule that was prepared with this target's dialect.
    ///
    /// # Errors
    /// A pipeline refuses the rule, or can't be done to it.
    pub fn process<'s>(&'s self, rule: &mut Rule<'s>) -> Result<(), Diagnostic> {
        let span = rule.span;
        guarded(span, || {
            let mut state = self.pipeline().start(self.pipeline_settings());
            self.pipeline().apply(rule, &mut state)?;
            lower::check(rule, &self.dialect)
        })?
    }
}
