//! Correlations in pipelines: as themselves, and beside the rules that they refer to.
//!
//! In: a correlation's attributes and the log sources of its rules. Out: a [`State`] in which
//! conditions on rules are answered for the correlation. A rule's state can have the correlation
//! beside it: then the carried names go through the items that are for either of the two.

use super::Pipeline;
use super::item::ProcessingItem;
use super::state::{Settings, State};
use super::transformation::Pass;
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{LogSource, Rule};

/// A correlation on its way beside one of its rules.
pub struct Beside<'s> {
    head: Rule<'s>,
    state: State<'s>,
}

impl Pipeline {
    /// The memory for a correlation, whose rules have these log sources.
    #[must_use]
    pub fn start_correlation<'s>(
        &'s self,
        settings: Settings<'s>,
        sources: Vec<LogSource<'s>>,
    ) -> State<'s> {
        let mut state = self.start(settings);
        state.correlation = Some(sources);
        state
    }

    /// Lets a correlation's attributes go beside one of its rules, whose memory is `state`. What
    /// renames fields for the correlation renames the carried names, too.
    pub fn go_beside<'s>(&'s self, head: &Rule<'s>, state: &mut State<'s>) {
        let beside = Beside {
            head: head.clone(),
            state: self.start_correlation(state.settings, Vec::new()),
        };
        state.beside = Some(Box::new(beside));
    }
}

impl ProcessingItem {
    /// Changes a rule that a correlation goes beside, and the correlation; says whether it changed
    /// the rule. What refuses the correlation is an error where the correlation itself is processed.
    pub(super) fn apply_beside<'s>(
        &'s self,
        mut beside: Box<Beside<'s>>,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<bool, Diagnostic> {
        let applies = self.applies_to(rule, state)?;
        // Of a correlation over several log sources it is this rule's that counts here.
        beside.state.correlation = Some(vec![rule.logsource.clone()]);
        let of_correlation = self.applies_to(&beside.head, &beside.state);
        let of_correlation = of_correlation.unwrap_or_default();
        if of_correlation {
            self.note(&mut beside.state);
        }
        if applies {
            self.note(state);
        }
        let item = self;
        let is_nest = !self.transformation.nested().is_empty();
        if applies && of_correlation && is_nest {
            state.beside = Some(beside);
            let result = self.transformation.apply(&mut Pass { item, rule, state });
            return result.map(|()| true);
        }
        if applies {
            self.transformation.apply(&mut Pass { item, rule, state })?;
        }
        if of_correlation {
            let carries = !applies;
            if carries {
                beside.state.carried = std::mem::take(&mut state.carried);
            }
            let result = self.transformation.apply(&mut Pass {
                item,
                rule: &mut beside.head,
                state: &mut beside.state,
            });
            if carries {
                state.carried = std::mem::take(&mut beside.state.carried);
                result.or_else(|error| match error.code {
                    Code::PipelineRefusal => Ok(()),
                    _ => Err(error),
                })?;
            }
        }
        state.beside = Some(beside);
        Ok(applies)
    }
}
