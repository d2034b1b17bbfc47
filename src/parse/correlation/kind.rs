//! What a correlation measures.
//!
//! In: `type: event_count`. Out: a [`CorrelationType`], or `VS1202` with the type that is meant.

use super::Entry;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::rule::Reader;
use crate::rule::CorrelationType;
use crate::source::Spanned;

/// Other words for types, with `_` between the words.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("ordered_temporal", "temporal_ordered"),
    ("temporal_order", "temporal_ordered"),
    ("temporal_ordered_extended", "temporal_ordered"),
    ("ordered", "temporal_ordered"),
    ("sequence", "temporal_ordered"),
    ("temporal_extended", "temporal"),
    ("near", "temporal"),
    ("count", "event_count"),
    ("events_count", "event_count"),
    ("count_events", "event_count"),
    ("frequency", "event_count"),
    ("threshold", "event_count"),
    ("distinct_count", "value_count"),
    ("count_distinct", "value_count"),
    ("cardinality", "value_count"),
    ("unique_count", "value_count"),
    ("sum", "value_sum"),
    ("avg", "value_avg"),
    ("average", "value_avg"),
    ("mean", "value_avg"),
    ("value_average", "value_avg"),
    ("value_mean", "value_avg"),
    ("percentile", "value_percentile"),
    ("median", "value_median"),
];

impl<'s> Reader<'s, '_> {
    /// `type:`
    pub(super) fn correlation_type(
        &mut self,
        (name, node): Entry<'s>,
    ) -> Option<Spanned<CorrelationType>> {
        let Some(scalar) = node.as_scalar() else {
            self.wrong_type(&name, "the name of a type", &node);
            return None;
        };
        let written = self.rules.correlation().kind(&scalar.text);
        if let Some(kind) = CorrelationType::from_name(&written) {
            return Some(Spanned::new(kind, node.span));
        }
        let message = format!("expected a type of correlation, found `{}`", scalar.text);
        let error = Diagnostic::error(Code::CorrelationKind, message).at(node.span);
        let plain = scalar.text.trim().to_lowercase().replace(['-', ' '], "_");
        let names = CorrelationType::ALL.iter().map(|kind| kind.name());
        let meant = OTHER_WORDS.iter().find(|(word, _)| *word == plain);
        let meant = meant.map(|&(_, name)| name);
        self.diagnostics
            .push(match meant.or_else(|| nearest(&plain, names.clone())) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "use one of `{}`",
                    names.collect::<Vec<_>>().join("`, `")
                )),
            });
        None
    }
}
