//! Pipelines that rules go through before they meet events.
//!
//! In: a rule whose modifiers were applied. Out: the rule after its pipelines, or why there is none.

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::lower;
use crate::pipeline::{Pipeline, Settings};
use crate::rule::Rule;
use crate::source::{Span, Spanned};
use crate::transpile::guarded;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Between the fields that are sent through the pipelines together.
const SEPARATOR: &str = "\u{1}";

/// Pipelines that rules go through before they meet events.
#[derive(Clone, Copy)]
pub struct Processing<'p> {
    /// The pipelines.
    pub pipeline: &'p Pipeline,
    /// What they start with.
    pub settings: Settings<'p>,
}

impl<'p> Processing<'p> {
    /// Applies the pipelines. The rule that they leave is small enough to be lowered.
    pub fn apply(self, rule: &mut Rule<'p>) -> Result<(), Diagnostic> {
        guarded(rule.span, || {
            let mut state = self.pipeline.start(self.settings);
            self.pipeline.apply(rule, &mut state)?;
            lower::check(rule, &Dialect::SPECIFICATION)
        })?
    }

    /// The same, and the fields that the pipelines make of these, as of those that the rule shows.
    pub fn apply_with(
        self,
        rule: &mut Rule<'p>,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, Diagnostic> {
        let shown = std::mem::take(&mut rule.fields);
        let separator = || Spanned::new(Cow::Borrowed(SEPARATOR), Span::default());
        for name in names {
            let name = Spanned::new(Cow::Owned(name.clone()), Span::default());
            rule.fields.extend([separator(), name]);
        }
        rule.fields.push(separator());
        let applied = self.apply(rule);
        let fields = std::mem::replace(&mut rule.fields, shown);
        applied?;
        let pieces = fields
            .split(|field| field.value.contains(SEPARATOR))
            .skip(1);
        let mapped = names.iter().zip(pieces).map(|(name, piece)| match piece {
            [] => Ok((name.clone(), name.clone())),
            [field] => Ok((name.clone(), field.value.to_string())),
            several => {
                let several: Vec<String> = several
                    .iter()
                    .map(|name| format!("`{}`", name.value))
                    .collect();
                let several = several.join(", ");
                let message = format!("the pipelines turn `{name}` into several fields: {several}");
                let error = Diagnostic::error(Code::SeveralFields, message).at(rule.span);
                Err(error.help("give it one field for this rule's log source"))
            }
        });
        mapped.collect()
    }
}
