//! Rules as events are tested on them, for `test` and `witness`.
//!
//! In: a rule whose modifiers were applied. Out: the rule after its pipelines, and why it can't be
//! asked of single events: a placeholder that is left, an aggregation, nothing at all. Refused is
//! what `convert` refuses, with its codes.

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
pub(super) use crate::eval::refusal;
use crate::lower;
use crate::pipeline::{Pipeline, Settings};
use crate::rule::Rule;
use crate::source::{Span, Spanned};
pub(super) use crate::transpile::RuleNames;
use crate::transpile::{Prepared, guarded, prepare};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Between the fields that are sent through the pipelines together.
const SEPARATOR: &str = "\u{1}";

/// Pipelines that rules go through before they meet events.
#[derive(Clone, Copy)]
pub(super) struct Processing<'p> {
    pub pipeline: &'p Pipeline,
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

/// The rules of a file, their modifiers applied; one with an error where the text can't be read.
pub(super) fn rules(text: &str) -> Vec<Prepared<'_>> {
    prepare(text, &Dialect::SPECIFICATION).unwrap_or_else(|error| {
        vec![Prepared {
            id: None,
            title: None,
            span: Span::default(),
            document: None,
            diagnostics: vec![error],
        }]
    })
}
