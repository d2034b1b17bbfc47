//! Texts by number, and which of them are equal ignoring case.
//!
//! In: `Ann`, `ann`. Out: 1 and 2, both of which fold to 2. 0 means that there is none.

use crate::rule::fold::fold;
use std::collections::HashMap;
use std::sync::Arc;

/// Every text once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    numbers: HashMap<Arc<str>, u32>,
    /// By number - 1: the text, and the number of its folded form.
    texts: Vec<(Arc<str>, u32)>,
}

impl Texts {
    /// The number of a text.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let is_folded = text.chars().all(|c| fold(c) == c);
        let folded = (!is_folded).then(|| text.chars().map(fold).collect::<String>());
        // A folded text folds to itself: this ends after one step.
        let folded = folded.map(|folded| self.intern(&folded));
        let number = u32::try_from(self.texts.len() + 1).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.numbers.insert(Arc::clone(&text), number);
        self.texts.push((text, folded.unwrap_or(number)));
        number
    }

    /// The text of a number; empty for 0.
    pub fn get(&self, number: u32) -> Arc<str> {
        self.entry(number)
            .map_or_else(|| "".into(), |(text, _)| Arc::clone(text))
    }

    /// The number of the text with case folded.
    pub fn folded(&self, number: u32) -> u32 {
        self.entry(number).map_or(0, |(_, folded)| *folded)
    }

    fn entry(&self, number: u32) -> Option<&(Arc<str>, u32)> {
        self.texts.get((number as usize).checked_sub(1)?)
    }
}
