//! `nest`: items under the conditions of one.

use super::{Load, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::entry::{Entry, required};
use crate::pipeline::item::ProcessingItem;
use crate::pipeline::state::State;
use crate::rule::Rule;

/// Its entry.
pub const ENTRY: Entry<Load> = Entry {
    name: "nest",
    summary: "Applies a list of items, if the conditions on the rule hold.",
    keys: &[required(
        "items",
        "a list of items as under `transformations`",
    )],
    load: |keys| {
        Some(Box::new(Nest(ProcessingItem::load_all(
            keys.maps("items")?,
            keys.loader,
        ))))
    },
};

#[derive(Debug)]
struct Nest(Vec<ProcessingItem>);

impl Transformation for Nest {
    fn apply<'s>(
        &'s self,
        _: &'s ProcessingItem,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<(), Diagnostic> {
        state.nested(|state| {
            for item in &self.0 {
                item.apply(rule, state)?;
            }
            Ok(())
        })
    }

    fn nested(&self) -> &[ProcessingItem] {
        &self.0
    }

    fn nested_mut(&mut self) -> &mut [ProcessingItem] {
        &mut self.0
    }
}
