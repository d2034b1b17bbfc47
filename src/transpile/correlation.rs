//! Correlations: the rules that one refers to become predicates, and these one query.
//!
//! In: a correlation and the index that it is of. Out: its query. Each rule that it refers to goes
//! through the pipelines as itself: its log source decides on fields and tables, those of the
//! correlation's `group-by` and `field` among them. What the target has for it is
//! [`backend::correlation`](crate::backend::correlation).

use super::{QueryOutput, Transpiler, file};
use crate::backend::correlation::{ConditionForm, CorrelationWording, Need};
use crate::backend::language::Loss;
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::{Fidelity, Query, Reason, Settings};
use crate::index::{Index, Place, field_in, reference_span};
use crate::lower::{self, lower};
use crate::output::DocumentEntry;
use crate::output::correlation::{
    BaseQueryView, BaseView, BoundView, CorrelationView, ExprView, NameView, RenderError, SpanView,
};
use crate::pipeline::RuleView;
use crate::rule::correlation::Bound;
use crate::rule::{
    ConditionExpr, Correlation, CorrelationCondition, CorrelationOperator, CorrelationType,
    DetectionNode, Document, Rule, Text,
};
use crate::source::{Span, Spanned};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Between the fields that are sent through the pipelines together.
pub(super) const SEPARATOR: &str = "\u{1}";

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
        for option in &correlations.needs {
            if self.settings.at(*option).is_empty() {
                let name = &self.backend.options[*option].name;
                let message = format!("a correlation needs the option `{name}`");
                let error = Diagnostic::error(Code::CorrelationOption, message);
                let help = format!("set it: `-O {name}=NAME`");
                return Err(error.at(correlation.kind.span).help(help));
            }
        }
        let mut gathered = Gathered {
            index,
            file: place.file,
            reasons: Vec::new(),
            messages,
            correlations: 0,
        };
        let (view, wording) = self.viewed(correlation, place, Asked::default(), &mut gathered)?;
        let reasons = gathered.reasons;
        let template = wording.template.as_deref().unwrap_or_default();
        let render = |error| file::template_failed(error).at(correlation.kind.span);
        let templates = self.correlation_templates.get_or_init(|| {
            crate::output::correlation::CorrelationTemplates::new(&self.backend.templates)
        });
        let templates = templates.as_ref().map_err(|error| render(error.clone()))?;
        let options = self.settings.all();
        let mut state = self.pipeline().start(self.pipeline_settings());
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
            let rule = (&correlation.head, &self.settings);
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

    /// A correlation as the templates see it, and how it is said.
    fn viewed<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        place: Place,
        asked: Asked<'s>,
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<(CorrelationView, &'s CorrelationWording), Diagnostic> {
        gathered.correlations += 1;
        let number = gathered.correlations;
        let form = form(correlation);
        let bounds = match form {
            ConditionForm::Threshold => bounds(correlation),
            _ => &[],
        };
        let mut bases = Vec::with_capacity(correlation.rules.len());
        let mut has_filters = false;
        for (at, base) in gathered.index.bases(place).to_vec().into_iter().enumerate() {
            let base = self.base(correlation, at, base, &asked, gathered)?;
            has_filters |= base.queries.iter().any(|query| !query.after.is_empty());
            bases.push(base);
        }
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
        let need = Need {
            kind: correlation.kind.value,
            condition: form,
            bounds: bounds
                .iter()
                .map(|bound| (bound.operator, bound.number.value.value))
                .collect(),
            rules: bases.len(),
            fields: fields(correlation).len(),
            groups: correlation.group_by.len(),
            has_aliases: match is_mapped {
                true => !correlation.aliases.is_empty(),
                false => has_aliases,
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
            rule: RuleView::of(&correlation.head),
            depth: asked.depth,
            number,
            bases,
            sources: Vec::new(),
            group: self.names(&correlation.group_by),
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
            self.map_own_fields(correlation, place, gathered.index, &mut view)?;
        }
        view.find_sources();
        for source in &mut view.sources {
            let numbers = source.bases.iter();
            let searches = numbers.map(|number| view.bases[number - 1].search.as_str());
            source.search = self.either(searches);
        }
        Ok((view, wording))
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
        let options_are = |values: &[(usize, String)]| self.settings.are(values);
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

    /// One of the rules that a correlation refers to.
    fn base<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        at: usize,
        place: Place,
        asked: &Asked<'s>,
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<BaseView, Diagnostic> {
        let span = reference_span(correlation, at);
        let reference = correlation
            .rules
            .get(at)
            .map_or("", |text| text.value.as_ref());
        let document = gathered.index.document(place);
        let document = document.and_then(|document| document.document.as_ref());
        let failed = || Diagnostic::error(Code::FailedReference, Code::FailedReference.title());
        let entries = |head: &Rule<'s>| -> Vec<Cow<'s, str>> {
            let entries = correlation.group_by.iter().chain(fields(correlation));
            entries
                .chain(&asked.fields)
                .map(|entry| {
                    let field = field_in(correlation, entry, reference, head);
                    field.unwrap_or(entry).value.clone()
                })
                .collect()
        };
        let mut base = match document {
            Some(Document::Rule(rule)) => {
                let entries = entries(rule);
                self.rule_base(rule, place, entries, span, correlation, gathered)?
            }
            Some(Document::Correlation(child)) if self.dialect.index.links().takes_printed() => {
                let names = entries(&child.head);
                let names = names.iter().map(|name| self.name(name)).collect();
                // What there is to say of it is said where it is printed for itself.
                let mut messages = Vec::new();
                let printed = self.correlation(child, place, gathered.index, &mut messages)?;
                let queries = printed.into_iter().map(|query| BaseQueryView {
                    search: query.text.clone(),
                    after: String::new(),
                    text: query.text,
                });
                BaseView {
                    rule: RuleView::of(&child.head),
                    is_correlation: true,
                    group: names,
                    queries: queries.collect(),
                    options: self.settings.all().iter().cloned().collect(),
                    names: self.option_names(&self.settings),
                    ..BaseView::default()
                }
            }
            Some(Document::Correlation(child)) => {
                let entries = entries(&child.head);
                let names = entries.iter().map(|name| self.name(name)).collect();
                let asked = Asked {
                    depth: asked.depth + 1,
                    fields: beyond_group(entries, child, span),
                };
                let (view, _) = self.viewed(child, place, asked, gathered)?;
                BaseView {
                    rule: RuleView::of(&child.head),
                    group: names,
                    options: self.settings.all().iter().cloned().collect(),
                    names: self.option_names(&self.settings),
                    is_correlation: true,
                    correlation: Some(Box::new(view)),
                    ..BaseView::default()
                }
            }
            _ => return Err(failed().at(span)),
        };
        base.number = at + 1;
        reference.clone_into(&mut base.reference);
        base.fields = base.group.split_off(correlation.group_by.len());
        base.extra = base.fields.split_off(fields(correlation).len());
        Ok(base)
    }

    /// The options of a rule as names that the language writes.
    fn option_names(&self, settings: &Settings) -> BTreeMap<String, String> {
        let options = settings.all().iter();
        let named = options.map(|(option, value)| {
            let mut text = String::new();
            self.backend.query.field.write_dotted(value, &mut text);
            (option.clone(), text)
        });
        named.collect()
    }

    /// A rule's queries, with the fields that stand for the correlation's entries as its `group`.
    fn rule_base<'s>(
        &'s self,
        rule: &Rule<'s>,
        place: Place,
        entries: Vec<Cow<'s, str>>,
        span: Span,
        correlation: &Correlation<'_>,
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<BaseView, Diagnostic> {
        let is_own = place.file == gathered.file;
        let moved = |diagnostic: Diagnostic| match is_own {
            true => diagnostic,
            false => relocated(diagnostic, span),
        };
        let mut rule = rule.clone();
        let shown = rule.fields.len();
        // The fields go through the pipelines as those that the rule shows do.
        for entry in &entries {
            rule.fields
                .push(Spanned::new(Cow::Borrowed(SEPARATOR), span));
            rule.fields.push(Spanned::new(entry.clone(), span));
        }
        rule.fields
            .push(Spanned::new(Cow::Borrowed(SEPARATOR), span));
        let pipeline = self.pipeline();
        let mut state = pipeline.start(self.pipeline_settings());
        pipeline.apply(&mut rule, &mut state).map_err(moved)?;
        let mapped = self.mapped(&mut rule, shown, &entries, span)?;
        lower::check(&rule, &self.dialect).map_err(moved)?;
        let unmapped = pipeline.unmapped(&rule, &state);
        gathered.messages.extend(unmapped.map(moved));
        let settings = self.settings_of(&state);
        let mut messages = Vec::new();
        let lowered = lower(&rule, &self.dialect);
        let queries = self.emitted(&rule, &lowered, &state, &settings, &mut messages);
        gathered.messages.extend(messages.into_iter().map(moved));
        let mut views = Vec::new();
        for mut query in queries.map_err(moved)?.into_iter().flatten() {
            for warning in std::mem::take(&mut query.warnings) {
                gathered.messages.push(moved(warning));
            }
            for mut reason in std::mem::take(&mut query.reasons) {
                if !is_own {
                    reason.span = span;
                }
                reason.loss = turned(reason.loss, correlation);
                gathered.reasons.push(reason);
            }
            let text = query.whole();
            let text = match self.dialect.index.links().finishes_bases() {
                true => self.postprocess(text, &rule, &mut state).map_err(moved)?,
                false => text,
            };
            views.push(BaseQueryView {
                text,
                search: query.search,
                after: query.after,
            });
        }
        Ok(BaseView {
            rule: RuleView::of(&rule),
            shown: self.names(&rule.fields),
            keywords: has_keywords(&rule),
            search: self.either(views.iter().map(|query| query.search.as_str())),
            queries: views,
            group: mapped
                .iter()
                .map(|name| self.name_in(name, &settings))
                .collect(),
            options: settings.all().iter().cloned().collect(),
            names: self.option_names(&settings),
            state: state
                .values()
                .map(|(key, value)| (key.to_owned(), value.clone()))
                .collect(),
            ..BaseView::default()
        })
    }

    /// Takes the mapped entries out of a rule's fields again.
    fn mapped<'s>(
        &self,
        rule: &mut Rule<'s>,
        shown: usize,
        entries: &[Cow<'s, str>],
        span: Span,
    ) -> Result<Vec<Text<'s>>, Diagnostic> {
        let is_separator = |field: &Text<'_>| field.value.contains(SEPARATOR);
        let start = rule.fields.iter().position(is_separator);
        let added = rule
            .fields
            .split_off(start.unwrap_or(shown.min(rule.fields.len())));
        let mut mapped = Vec::with_capacity(entries.len());
        let pieces = added.split(is_separator).skip(1);
        for (entry, piece) in entries.iter().zip(pieces) {
            match piece {
                [only] => mapped.push(only.clone()),
                [] => mapped.push(Spanned::new(entry.clone(), span)),
                [first, ..] if self.dialect.index.links().maps_own_fields() => {
                    mapped.push(first.clone());
                }
                several => {
                    let names: Vec<String> = several
                        .iter()
                        .map(|name| format!("`{}`", name.value))
                        .collect();
                    let names = names.join(", ");
                    let message =
                        format!("the pipelines turn `{entry}` into several fields: {names}");
                    let error = Diagnostic::error(Code::SeveralFields, message).at(span);
                    return Err(error.help("map it to one field for this rule's log source"));
                }
            }
        }
        Ok(mapped)
    }

    /// Searches as one expression, one of which has to hold.
    fn either<'q>(&self, searches: impl Iterator<Item = &'q str>) -> String {
        let mut searches: Vec<&str> = searches.collect();
        searches.dedup();
        match searches.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            several => {
                let several: Vec<String> =
                    several.iter().map(|search| format!("({search})")).collect();
                several.join(&self.backend.query.or)
            }
        }
    }

    fn names(&self, entries: &[Text<'_>]) -> Vec<NameView> {
        entries
            .iter()
            .map(|entry| self.name(&entry.value))
            .collect()
    }

    /// A name as the language writes it.
    pub(super) fn name(&self, name: &str) -> NameView {
        let mut text = String::new();
        self.backend.query.field.write(name, &mut text);
        NameView {
            name: name.to_owned(),
            text,
        }
    }

    /// A field as the language writes it, or the path into the column where it lies.
    fn name_in(&self, name: &Text<'_>, settings: &Settings) -> NameView {
        let mut text = String::new();
        let option = |option| settings.at(option);
        self.backend
            .query
            .field
            .write_place(&name.value, option, &mut text);
        NameView {
            name: name.value.to_string(),
            text,
        }
    }
}

/// Keywords have no field.
fn has_keywords(rule: &Rule<'_>) -> bool {
    fn in_nodes(nodes: &[DetectionNode<'_>]) -> bool {
        nodes.iter().any(|node| match node {
            DetectionNode::Item(item) => item.field.is_none(),
            DetectionNode::Detection(detection) => in_nodes(&detection.nodes),
        })
    }
    let mut named = rule.detection.named.iter();
    named.any(|(_, detection)| in_nodes(&detection.nodes))
}

/// Does the number of rules that a temporal correlation asks for mean all of them?
fn asks_for_all(correlation: &Correlation<'_>) -> bool {
    let all = match correlation.kind.value {
        // A rule that is listed twice is two steps of an order, and one rule otherwise.
        CorrelationType::TemporalOrdered => correlation.rules.len(),
        CorrelationType::Temporal => {
            let names = correlation.rules.iter().map(|rule| rule.value.as_ref());
            names.collect::<BTreeSet<&str>>().len()
        }
        _ => return false,
    };
    let [bound] = bounds(correlation) else {
        return false;
    };
    let count = self::bound(bound).count;
    matches!(
        bound.operator,
        CorrelationOperator::Gte | CorrelationOperator::Gt | CorrelationOperator::Eq
    ) && count.is_some_and(|count| usize::try_from(count) == Ok(all))
}

/// The fields that are not of a correlation's own group, each once.
fn beyond_group<'s>(
    entries: Vec<Cow<'s, str>>,
    correlation: &Correlation<'_>,
    span: Span,
) -> Vec<Text<'s>> {
    let mut beyond: Vec<Text<'s>> = Vec::new();
    for entry in entries {
        let is_entry = |known: &Text<'_>| known.value == entry;
        if !correlation.group_by.iter().any(is_entry) && !beyond.iter().any(is_entry) {
            beyond.push(Spanned::new(entry, span));
        }
    }
    beyond
}

fn form(correlation: &Correlation<'_>) -> ConditionForm {
    match &correlation.condition {
        CorrelationCondition::AllRules => ConditionForm::All,
        CorrelationCondition::Threshold(_) if asks_for_all(correlation) => ConditionForm::All,
        CorrelationCondition::Threshold(_) => ConditionForm::Threshold,
        CorrelationCondition::Expression { expr, .. } if has_not(expr) => ConditionForm::Absence,
        CorrelationCondition::Expression { .. } => ConditionForm::Expression,
    }
}

fn has_not(expr: &ConditionExpr<'_>) -> bool {
    match expr {
        ConditionExpr::And(operands) | ConditionExpr::Or(operands) => operands.iter().any(has_not),
        ConditionExpr::Group(operand) => has_not(operand),
        ConditionExpr::Not(..) => true,
        ConditionExpr::Identifier(_) | ConditionExpr::Selector(_) => false,
    }
}

fn bounds<'c, 's>(correlation: &'c Correlation<'s>) -> &'c [Bound<'s>] {
    match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => &threshold.bounds,
        _ => &[],
    }
}

pub(super) fn fields<'c, 's>(correlation: &'c Correlation<'s>) -> &'c [Text<'s>] {
    match &correlation.condition {
        CorrelationCondition::Threshold(threshold) => &threshold.field,
        _ => &[],
    }
}

fn percentile(correlation: &Correlation<'_>) -> Option<String> {
    let CorrelationCondition::Threshold(threshold) = &correlation.condition else {
        return None;
    };
    let percentile = threshold.percentile.as_ref()?;
    Some(percentile.value.shortest().into_owned())
}

fn span(correlation: &Correlation<'_>) -> SpanView {
    let span = &correlation.timespan;
    SpanView {
        text: span.text.value.to_string(),
        count: span.count,
        unit: span.unit.letter().to_string(),
        seconds: span.seconds(),
        milliseconds: span.seconds().saturating_mul(1000),
    }
}

fn bound(bound: &Bound<'_>) -> BoundView {
    use CorrelationOperator::{Eq, Gt, Gte, Lt, Lte, Neq};
    let value = bound.number.value.value;
    let whole = match bound.operator {
        Gt => value.floor() + 1.0,
        Gte => value.ceil(),
        Lt => value.ceil() - 1.0,
        Lte => value.floor(),
        Eq | Neq => value,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole, and in the range"
    )]
    let count = (whole.fract() == 0.0 && whole.abs() < 9e15).then_some(whole as i64);
    BoundView {
        operator: bound.operator.name(),
        symbol: match bound.operator {
            Gt => ">",
            Gte => ">=",
            Lt => "<",
            Lte => "<=",
            Eq => "=",
            Neq => "<>",
        },
        number: bound.number.value.shortest().into_owned(),
        count,
    }
}

fn expression(expr: &ConditionExpr<'_>, correlation: &Correlation<'_>) -> Option<ExprView> {
    let all = |operands: &[ConditionExpr<'_>]| -> Option<Vec<ExprView>> {
        let operands = operands.iter();
        operands
            .map(|operand| expression(operand, correlation))
            .collect()
    };
    Some(match expr {
        ConditionExpr::And(operands) => ExprView::And(all(operands)?),
        ConditionExpr::Or(operands) => ExprView::Or(all(operands)?),
        ConditionExpr::Not(_, operand) => {
            ExprView::Not(Box::new(expression(operand, correlation)?))
        }
        ConditionExpr::Group(operand) => return expression(operand, correlation),
        ConditionExpr::Identifier(name) => {
            let mut rules = correlation.rules.iter();
            ExprView::Rule(rules.position(|rule| rule.value == name.value)? + 1)
        }
        ConditionExpr::Selector(_) => return None,
    })
}

/// What a loss of a rule's query is to the correlation's: more events can mean fewer firings.
fn turned(loss: Loss, correlation: &Correlation<'_>) -> Loss {
    let grows = |bound: &Bound<'_>| {
        matches!(
            bound.operator,
            CorrelationOperator::Gt | CorrelationOperator::Gte
        )
    };
    let is_metric = correlation.kind.value.is_metric();
    let is_same = match form(correlation) {
        ConditionForm::All | ConditionForm::Expression => true,
        ConditionForm::Threshold => !is_metric && bounds(correlation).iter().all(grows),
        ConditionForm::Absence => false,
    };
    if is_same { loss } else { Loss::Approximate }
}

/// A diagnostic on another file's rule, told where the correlation refers to it.
fn relocated(mut diagnostic: Diagnostic, span: Span) -> Diagnostic {
    diagnostic.labels.clear();
    diagnostic.at(span)
}
