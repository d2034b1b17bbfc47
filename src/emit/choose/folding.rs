//! What a test loses by the letters that its engine pairs otherwise than the rule does.

use super::Chooser;
use crate::backend::language::Loss;
use crate::emit::Reason;
use crate::emit::conventions::{Context, Leaf};
use crate::rule::Value;

impl Chooser<'_, '_> {
    /// The loss of a value that is compared whatever its case: by itself, or in a list.
    pub(super) fn folding_loss(&self, leaf: Leaf<'_>, context: Context) -> Option<Reason> {
        let (Some(folding), Value::String(pattern)) = (&self.language.folding, leaf.value) else {
            return None;
        };
        let mut found = pattern.literals().flat_map(|text| folding.find(text));
        let (letter, mut loss) = found.next()?;
        if found.any(|(_, other)| other != loss) {
            loss = Loss::Approximate;
        }
        let text = match loss {
            Loss::Broader => format!("the engine takes other letters for `{letter}` too"),
            Loss::Narrower => format!("the engine knows no other case of `{letter}`"),
            Loss::Approximate => format!("the engine's other case of `{letter}` is not the rule's"),
        };
        Some(context.reason(loss, leaf.span, text))
    }
}
