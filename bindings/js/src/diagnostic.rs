//! Diagnostics as plain objects.

use crate::place::{Place, Places};
use serde::Serialize;
use varsigma::{Diagnostic, Label, Replacement, render};

/// A diagnostic, as `index.d.ts` describes it.
#[derive(Debug, Serialize)]
pub struct DiagnosticView<'d> {
    code: &'static str,
    severity: &'static str,
    message: &'d str,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    labels: Vec<LabelView<'d>>,
    help: &'d [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<ReplacementView<'d>>,
    /// For people, with carets.
    text: String,
}

#[derive(Debug, Serialize)]
struct LabelView<'d> {
    place: Place,
    text: &'d str,
}

#[derive(Debug, Serialize)]
struct ReplacementView<'d> {
    condition: &'d str,
    name: Option<&'d str>,
    document: &'d str,
}

impl<'d> DiagnosticView<'d> {
    /// A diagnostic of a text.
    pub fn new(places: &Places<'d>, diagnostic: &'d Diagnostic) -> Self {
        Self {
            code: diagnostic.code.number(),
            severity: diagnostic.severity.name(),
            message: &diagnostic.message,
            path: places.source.name,
            place: diagnostic.span().map(|span| places.of(span)),
            labels: diagnostic
                .labels
                .iter()
                .map(|label| LabelView::new(places, label))
                .collect(),
            help: &diagnostic.help,
            replacement: diagnostic.replacement.as_deref().map(ReplacementView::new),
            text: render::human(&places.source, diagnostic, false),
        }
    }

    /// Those of a text, in their order.
    pub fn all(
        places: &Places<'d>,
        diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    ) -> Vec<Self> {
        let diagnostics = diagnostics.into_iter();
        diagnostics
            .map(|diagnostic| Self::new(places, diagnostic))
            .collect()
    }
}

impl<'d> LabelView<'d> {
    fn new(places: &Places<'d>, label: &'d Label) -> Self {
        Self {
            place: places.of(label.span),
            text: &label.text,
        }
    }
}

impl<'d> ReplacementView<'d> {
    fn new(replacement: &'d Replacement) -> Self {
        Self {
            condition: &replacement.condition,
            name: replacement.name.as_deref(),
            document: &replacement.document,
        }
    }
}
