//! One of the rules that a correlation refers to: its queries, and its fields for what the
//! correlation groups by and counts.

use super::ask::{fields, has_keywords, relocated, turned};
use super::columns::{Carried, entries};
use super::{Asked, Gathered};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::Settings;
use crate::index::{Place, reference_span};
use crate::lower::{self, lower};
use crate::output::correlation::{BaseQueryView, BaseView, NameView};
use crate::pipeline::RuleView;
use crate::rule::{Correlation, Document, Rule, Text};
use crate::source::Span;
use crate::transpile::Transpiler;
use crate::transpile::fidelity::gather;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

impl Transpiler {
    /// One of the rules that a correlation refers to.
    pub(super) fn base<'s>(
        &'s self,
        correlation: &Correlation<'s>,
        at: usize,
        place: Place,
        asked: &Asked<'s>,
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<BaseView, Diagnostic> {
        let span = asked.from;
        let span = span.unwrap_or_else(|| reference_span(correlation, at));
        let reference = correlation
            .rules
            .get(at)
            .map_or("", |text| text.value.as_ref());
        let document = gathered.index.document(place);
        let document = document.and_then(|document| document.document.as_ref());
        let failed = || Diagnostic::error(Code::FailedReference, Code::FailedReference.title());
        let entries = |head: &Rule<'s>| entries(correlation, asked, reference, head);
        let mut base = match document {
            Some(Document::Rule(rule)) => {
                let entries = entries(rule);
                let of = (correlation, asked);
                self.rule_base(rule, place, &entries, span, of, gathered)?
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
                let from = (reference, span);
                let asked = asked.of_child(correlation, child, from, place, gathered.file);
                let viewed = self.viewed(child, place, &asked, gathered);
                let view = match viewed {
                    Ok(viewed) => viewed.view,
                    Err(error) if place.file == gathered.file => return Err(error),
                    Err(error) => return Err(relocated(error, span)),
                };
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
        base.group = self.each_once(base.group, &correlation.group_by);
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
        entries: &[Cow<'s, str>],
        span: Span,
        (correlation, asked): (&Correlation<'s>, &Asked<'s>),
        gathered: &mut Gathered<'_, 's>,
    ) -> Result<BaseView, Diagnostic> {
        let is_own = place.file == gathered.file;
        let moved = |diagnostic: Diagnostic| {
            if is_own {
                return diagnostic;
            }
            relocated(diagnostic, span)
        };
        let carried = self.carried(rule, entries, span, correlation, &moved)?;
        let Carried {
            rule,
            state,
            mapped,
        } = carried;
        lower::check(&rule, &self.dialect).map_err(moved)?;
        let unmapped = self.pipeline().unmapped(&rule, &state);
        gathered.messages.extend(unmapped.map(moved));
        let settings = self.settings_of(&state);
        let mut messages = Vec::new();
        let lowered = lower(&rule, &self.dialect);
        self.check_columns(&lowered, &settings, rule.logsource.span, &mut messages);
        let queries = self.emitted(&rule, &lowered, &state, &settings, &mut messages);
        gathered.messages.extend(messages.into_iter().map(moved));
        for diagnostic in self.missing_entries(correlation, asked, &mapped, &settings) {
            gather(gathered.messages, 0, diagnostic);
        }
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
            // Postprocessing is for the correlation's query, as the format is.
            views.push(BaseQueryView {
                text: query.whole(),
                search: query.search,
                after: query.after,
            });
        }
        let mut seen = BTreeSet::new();
        let fields = rule.fields.iter();
        let shown = fields.filter(|field| seen.insert(field.value.as_ref()));
        Ok(BaseView {
            rule: RuleView::of(&rule),
            shown: shown.map(|field| self.name(&field.value)).collect(),
            keywords: has_keywords(&rule),
            search: self.either(views.iter().map(|query| query.search.as_str())),
            queries: views,
            group: mapped
                .iter()
                .map(|name| self.name_in(name, &settings))
                .collect::<Result<_, _>>()
                .map_err(|reason| self.unsayable(&reason, span))?,
            options: settings.all().iter().cloned().collect(),
            names: self.option_names(&settings),
            state: state
                .values()
                .map(|(key, value)| (key.to_owned(), value.clone()))
                .collect(),
            ..BaseView::default()
        })
    }

    /// Searches as one expression, one of which has to hold.
    pub(super) fn either<'q>(&self, searches: impl Iterator<Item = &'q str>) -> String {
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

    pub(super) fn names(&self, entries: &[Text<'_>]) -> Vec<NameView> {
        entries
            .iter()
            .map(|entry| self.name(&entry.value))
            .collect()
    }

    /// A name as the language writes it.
    pub(in crate::transpile) fn name(&self, name: &str) -> NameView {
        let mut text = String::new();
        self.backend.query.field.write(name, &mut text);
        NameView {
            name: name.to_owned(),
            text,
        }
    }

    /// A field as the language writes it, or the path into the column where it lies.
    ///
    /// # Errors
    /// Why the language has no such name.
    fn name_in(&self, name: &Text<'_>, settings: &Settings) -> Result<NameView, String> {
        let mut text = String::new();
        let option = |option| settings.at(option);
        let within = settings.within(&name.value, &self.backend);
        let names = &self.backend.query.field;
        names.write_place(&name.value, option, within, &mut text);
        let column = settings.column(&name.value, &self.backend.types);
        let list = column.filter(|column| column.is_list);
        let list = list.map(|_| format!("the column of `{}` holds lists", name.value));
        match list.or_else(|| names.refusal(&name.value, &text)) {
            Some(reason) => Err(reason),
            None => Ok(NameView {
                name: name.value.to_string(),
                text,
            }),
        }
    }
}
