//! What a test loses by the letters that its engine pairs otherwise than the rule does.

use super::writer::{Context, Leaf, Writer};
use crate::backend::language::Loss;
use crate::rule::Value;

impl Writer<'_> {
    /// Notes the loss of a value that is compared whatever its case: by itself, or in a list.
    pub(super) fn note_folding(&mut self, leaf: Leaf<'_>, context: Context) {
        let (Some(folding), Value::String(pattern)) = (&self.language.folding, leaf.value) else {
            return;
        };
        let mut found = pattern.literals().flat_map(|text| folding.find(text));
        let Some((letter, mut loss)) = found.next() else {
            return;
        };
        if found.any(|(_, other)| other != loss) {
            loss = Loss::Approximate;
        }
        let text = match loss {
            Loss::Broader => format!("the engine takes other letters for `{letter}` too"),
            Loss::Narrower => format!("the engine knows no other case of `{letter}`"),
            Loss::Approximate => format!("the engine's other case of `{letter}` is not the rule's"),
        };
        self.note(loss, text, leaf, context);
    }
}
