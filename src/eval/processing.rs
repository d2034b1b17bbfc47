//! Pipelines that rules go through before they meet events.
//!
//! In: a rule whose modifiers were applied. Out: the rule after its pipelines, or why there is none.

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::index::{Index, Place, head};
use crate::lower;
use crate::pipeline::{Pipeline, Settings};
use crate::rule::Rule;
use crate::source::{Span, Spanned};
use crate::transpile::{guarded, log_sources};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Pipelines that rules go through before they meet events.
#[derive(Clone, Copy)]
pub struct Processing<'p> {
    /// The pipelines.
    pub pipeline: &'p Pipeline,
    /// What they start with.
    pub settings: Settings<'p>,
}

impl<'p> Processing<'p> {
    /// Why the pipelines refuse a correlation of an index.
    #[must_use]
    pub fn refusal(self, index: &'p Index<'p>, place: Place) -> Option<Diagnostic> {
        let document = index.document(place)?.document.as_ref()?;
        let mut head = head(document).clone();
        let applied = guarded(head.span, || {
            let of = (index, place);
            let sources = log_sources(self.pipeline, self.settings, &Dialect::SPECIFICATION, of);
            let mut state = self.pipeline.start_correlation(self.settings, sources);
            self.pipeline.apply(&mut head, &mut state)
        });
        applied.flatten().err()
    }

    /// Applies the pipelines. The rule that they leave is small enough to be lowered.
    pub fn apply(self, rule: &mut Rule<'p>) -> Result<(), Diagnostic> {
        self.apply_with(rule, &BTreeSet::new()).map(|_| ())
    }

    /// The same, and the fields that the pipelines make of these, as of those that the rule shows.
    pub fn apply_with(
        self,
        rule: &mut Rule<'p>,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, Diagnostic> {
        self.apply_beside(rule, None, names)
    }

    /// The same for the fields that a correlation of these attributes asks for.
    pub fn apply_beside(
        self,
        rule: &mut Rule<'p>,
        correlation: Option<&Rule<'p>>,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, Diagnostic> {
        let span = rule.span;
        let carried = guarded(span, || {
            let mut state = self.pipeline.start(self.settings);
            if let Some(head) = correlation {
                self.pipeline.go_beside(head, &mut state);
            }
            let name = |name: &String| Spanned::new(Cow::Owned(name.clone()), Span::default());
            state.carry(names.iter().map(name));
            self.pipeline.apply(rule, &mut state)?;
            lower::check(rule, &Dialect::SPECIFICATION)?;
            Ok(state.carried().to_vec())
        })
        .flatten()?;
        let mapped = names.iter().zip(carried);
        let mapped = mapped.map(|(name, fields)| match fields.as_slice() {
            [] => Ok((name.clone(), name.clone())),
            [field] => Ok((name.clone(), field.value.to_string())),
            several => {
                let several: Vec<String> = several
                    .iter()
                    .map(|name| format!("`{}`", name.value))
                    .collect();
                let several = several.join(", ");
                let message = format!("the pipelines turn `{name}` into several fields: {several}");
                let error = Diagnostic::error(Code::SeveralFields, message).at(span);
                Err(error.help("give it one field for this rule's log source"))
            }
        });
        mapped.collect()
    }
}
