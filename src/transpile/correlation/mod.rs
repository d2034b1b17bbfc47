//! Correlations: the rules that one refers to become predicates, and these one query.
//!
//! In: a correlation and the index that it is of. Out: its query. Each rule that it refers to goes
//! through the pipelines as itself: its log source decides on fields and tables, those of the
//! correlation's `group-by` and `field` among them. What the target has for it is
//! [`backend::correlation`](crate::backend::correlation).

mod ask;
mod base;
mod columns;

pub(super) use ask::fields;

use super::correlated::Processed;
use super::{QueryOutput, Transpiler, print};
use crate::backend::OptionSpec;
use crate::backend::correlation::{ConditionForm, CorrelationWording, Need};
use crate::backend::when::When;
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::{Fidelity, Query, Reason};
use crate::index::{Index, Place};
use crate::output::DocumentEntry;
use crate::output::correlation::{BaseView, CorrelationView, RenderError};
use crate::pipeline::RuleView;
use crate::rule::{Correlation, CorrelationCondition, Document, Text};
use crate::source::Span;
use ask::{bound, bounds, expression, form, percentile, span};

/// How many correlations one query is made of: those that each name the next twice double at every
/// step.
const MOST_CORRELATIONS: usize = 64;

/// What is gathered on the way.
struct Gathered<'i, 's> {
    index: &'i Index<'s>,
    /// The file of the correlation that is converted.
    file: usize,
    reasons: Vec<Reason>,
    messages: &'i mut Vec<Diagnostic>,
    correlations: usize,
}

/// What a correlation that refers to another asks of it.
#[derive(Default)]
struct Asked<'s> {
    /// How deep the other is.
    depth: usize,
    /// The fields of its events that are wanted, without those of its own group.
    fields: Vec<Text<'s>>,
    /// The reference that leads to it, if it is in another file than the one that is converted: what
    /// there is to say of it is said there.
    from: Option<Span>,
}

/// A correlation as the templates see it.
struct Viewed<'s> {
    view: CorrelationView,
    /// How it is said.
    wording: &'s CorrelationWording,
    /// It after the pipelines.
    own: Processed<'s>,
}

impl Transpiler {
    /// The query of a correlation; other diagnostics go to `messages`.
    pub(super) fn correlation<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        place: Place,
        index: &Index<'s>,
        messages: &mut Vec<Diagnostic>,
    ) -> Result<Vec<QueryOutput>, Diagnostic> {
        let format = self.format();
        let Some(correlations) = &self.backend.correlations else {
            return Err(self.unsayable("it has no correlations", correlation.kind.span));
        };
        if let Some(reason) = &format.no_correlations {
            return Err(self.unsayable(reason, correlation.kind.span));
        }
        // What pipelines can set is looked for in the rules that they are for.
        let needs = correlations.needs.iter();
        let unset = needs.filter(|option| self.settings.at(**option).is_empty());
        let unset: Vec<&OptionSpec> = unset.map(|at| &self.backend.options[*at]).collect();
        let lacks = |name: &str| {
            let message = format!("a correlation needs the option `{name}`");
            let error = Diagnostic::error(Code::CorrelationOption, message);
            let help = format!("set it: `-O {name}=NAME`");
            error.at(correlation.kind.span).help(help)
        };
        if let Some(option) = unset.iter().find(|option| option.state.is_none()) {
            return Err(lacks(&option.name));
        }
        let mut gathered = Gathered {
            index,
            file: place.file,
            reasons: Vec::new(),
            messages,
            correlations: 0,
        };
        let viewed = self.viewed(correlation, place, &Asked::default(), &mut gathered)?;
        let Viewed { view, wording, own } = viewed;
        let Processed { head, mut state } = own;
        let reasons = gathered.reasons;
        if let Some(option) = unset.iter().find(|option| view.lacks(&option.name)) {
            return Err(lacks(&option.name));
        }
        let template = wording.template.as_deref().unwrap_or_default();
        let render = |error| print::template_failed(error).at(correlation.kind.span);
        let templates = self.correlation_templates.get_or_init(|| {
            crate::output::correlation::CorrelationTemplates::new(&self.backend.templates)
        });
        let templates = templates.as_ref().map_err(|error| render(error.clone()))?;
        let options = self.settings.all();
        let mut texts = Vec::with_capacity(wording.queries);
        for number in 1..=wording.queries {
            let which = (format.name.as_str(), number);
            let text = templates.render(template, &view, &correlations.with, options, which);
            let text = text.map_err(|error| match error {
                RenderError::Refused(reason) => self.unsayable(&reason, correlation.kind.span),
                RenderError::Failed(error) => render(error),
            })?;
            // Not every condition needs all of them.
            texts.extend(Some(text).filter(|text| !text.is_empty()));
        }
        let count = texts.len();
        let mut outputs = Vec::with_capacity(count);
        for (at, text) in texts.into_iter().enumerate() {
            let query = Query {
                search: text.clone(),
                fidelity: Fidelity::of(&reasons),
                reasons: reasons.clone(),
                ..Query::default()
            };
            let known = DocumentEntry {
                number: at + 1,
                count,
                correlation: serde_json::to_value(&view).ok(),
                ..DocumentEntry::default()
            };
            let rule = (&head, &self.settings);
            // Each query loses the same, which is reported once.
            let mut unreported = Vec::new();
            let reported = if at == 0 {
                &mut *messages
            } else {
                &mut unreported
            };
            outputs.push(self.printed(text, query, known, rule, &mut state, reported)?);
        }
        Ok(outputs)
    }

    fn unsayable(&self, reason: &str, span: Span) -> Diagnostic {
        let message = format!(
            "{} can't say this correlation: {reason}",
            self.backend.title
        );
        let error = Diagnostic::error(Code::CorrelationUnsayable, message).at(span);
        match self.backend.advice(reason) {
            Some(help) => error.help(help),
            None => error,
        }
    }

    /// The form of a correlation's condition. A number of rules that means all of them is that, but for a
    /// reference that prints it.
    fn condition_form(&self, correlation: &Correlation<'_>) -> ConditionForm {
        let keeps = self.dialect.index.links().keeps_numbers();
        match (form(correlation), &correlation.condition) {
            (ConditionForm::All, CorrelationCondition::Threshold(_)) if keeps => {
                ConditionForm::Threshold
            }
            (form, _) => form,
        }
    }

    /// A correlation as the templates see it, and how it is said.
    fn viewed<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        place: Place,
        asked: &Asked<'s>,
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<Viewed<'s>, Diagnostic> {
        gathered.correlations += 1;
        if gathered.correlations > MOST_CORRELATIONS {
            let reason = format!("it is made of more than {MOST_CORRELATIONS} correlations");
            return Err(self.unsayable(&reason, correlation.kind.span));
        }
        let number = gathered.correlations;
        let form = self.condition_form(correlation);
        let bounds = match form {
            ConditionForm::Threshold => bounds(correlation),
            _ => &[],
        };
        let mut bases = Vec::with_capacity(correlation.rules.len());
        let mut has_filters = false;
        for (at, base) in gathered.index.bases(place).to_vec().into_iter().enumerate() {
            let base = self.base(correlation, at, base, asked, gathered)?;
            has_filters |= base.queries.iter().any(|query| !query.after.is_empty());
            bases.push(base);
        }
        let own = self.processed(correlation, place, gathered.index)?;
        let first = bases.first();
        let has_aliases = first.is_some_and(|first| {
            let differs = |base: &BaseView| {
                base.group != first.group
                    || base.fields != first.fields
                    || base.extra != first.extra
            };
            bases.iter().any(differs)
        });
        let is_mapped = self.dialect.index.links().maps_own_fields();
        let group = self.each_once(self.names(&correlation.group_by), &correlation.group_by);
        let need = Need {
            kind: correlation.kind.value,
            condition: form,
            bounds: bounds
                .iter()
                .map(|bound| (bound.operator, bound.number.value.value))
                .collect(),
            rules: bases.len(),
            fields: fields(correlation).len(),
            groups: group.len(),
            has_aliases: if is_mapped {
                !correlation.aliases.is_empty()
            } else {
                has_aliases
            },
            has_chains: gathered.index.bases(place).iter().any(|base| {
                let document = gathered.index.document(*base);
                let document = document.and_then(|document| document.document.as_ref());
                matches!(document, Some(Document::Correlation(_)))
            }),
            has_extra: bases.iter().any(|base| {
                let child = base.correlation.as_ref();
                child.is_some_and(|child| !child.extra.is_empty())
            }),
            has_filters,
            has_keywords: bases.iter().any(|base| base.keywords),
            has_tables: bases.first().is_some_and(|first| {
                let rules = bases.iter().filter(|base| base.correlation.is_none());
                rules.skip(1).any(|base| base.options != first.options)
            }),
            format: &self.format().name,
        };
        let wording = self.correlation_wording(&need, correlation, gathered)?;
        let mut view = CorrelationView {
            kind: correlation.kind.value.name(),
            template: wording.template.clone().unwrap_or_default(),
            rule: RuleView::of(&own.head),
            depth: asked.depth,
            number,
            bases,
            sources: Vec::new(),
            group,
            fields: self.names(fields(correlation)),
            extra: self.names(&asked.fields),
            aliases: self.alias_views(correlation),
            span: span(correlation),
            bounds: bounds.iter().map(bound).collect(),
            percentile: percentile(correlation),
            condition: match form {
                ConditionForm::All => "all",
                ConditionForm::Threshold => "threshold",
                ConditionForm::Expression => "expression",
                ConditionForm::Absence => "absence",
            },
            expression: match &correlation.condition {
                CorrelationCondition::Expression { expr, .. } => expression(expr, correlation),
                _ => None,
            },
        };
        if is_mapped {
            self.name_own_fields(correlation, own.state.carried(), &mut view)?;
        }
        view.find_sources();
        for source in &mut view.sources {
            let numbers = source.bases.iter();
            let searches = numbers.map(|number| view.bases[number - 1].search.as_str());
            source.search = self.either(searches);
        }
        Ok(Viewed { view, wording, own })
    }

    fn correlation_wording<'s>(
        &'s self,
        need: &Need<'_>,
        correlation: &Correlation<'_>,
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<&'s CorrelationWording, Diagnostic> {
        let span = correlation.kind.span;
        let correlations = self.backend.correlations.as_ref();
        let wording = correlations.and_then(|correlations| {
            correlations.choose(need, &|values| self.settings.are(values))
        });
        let Some(wording) = wording else {
            let reason = format!("there are no words for this `{}`", need.kind.name());
            return Err(self.unsayable(&reason, span));
        };
        if let Some(reason) = &wording.refuse {
            return Err(self.unsayable(reason, span));
        }
        let options_are = |values: &When| self.settings.are(values);
        let faults = correlations.map(|correlations| correlations.faults(need, &options_are));
        for fault in faults.into_iter().flatten() {
            let warning = Diagnostic::warning(Code::ReferenceFault, fault.as_str());
            gathered.messages.push(warning.at(span));
        }
        let besides = correlations.map_or(&[][..], |correlations| {
            correlations.losses(need, &|values| self.settings.are(values))
        });
        let losses = wording.losses.iter().chain(besides);
        gathered.reasons.extend(losses.map(|(loss, text)| Reason {
            loss: *loss,
            span,
            text: text.clone(),
        }));
        Ok(wording)
    }
}
