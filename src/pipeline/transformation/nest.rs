//! `nest`: items under the conditions of one.

use super::{Pass, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::reader::Keys;

/// `nest`
#[derive(Debug)]
pub struct Nest(Vec<ProcessingItem>);

impl Nest {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Self {
        Self(ProcessingItem::load_all(keys.list("items"), keys.loader))
    }
}

impl Transformation for Nest {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rule = &mut *pass.rule;
        let rules = pass.state.settings.items;
        rules.nest(pass.state, &mut |state| {
            let mut items = self.0.iter();
            items.try_for_each(|item| item.apply(rule, state).map(|_| ()))
        })
    }

    fn nested(&self) -> &[ProcessingItem] {
        &self.0
    }

    fn nested_mut(&mut self) -> &mut [ProcessingItem] {
        &mut self.0
    }
}
