//! A processing item: a transformation and the conditions under which it is applied.
//!
//! In: an entry of `transformations`. Out: a [`ProcessingItem`] that changes rules.

use super::condition::{Conditions, Subject, detection_item, field_name, rule};
use super::reader::{Keys, Loader};
use super::review;
use super::state::State;
use super::transformation::{self, Pass, Transformation};
use crate::diagnostic::{Code, Diagnostic};
use crate::profile::Profile;
use crate::rule::{Item, Rule};
use crate::source::Span;
use crate::yaml::Node;
use std::borrow::Cow;
use std::collections::HashSet;

/// The profiles that an item may be for alone.
const PROFILES: &[(&str, Profile)] = &[("native", Profile::Native), ("pysigma", Profile::Pysigma)];

/// An entry of `transformations`.
#[derive(Debug)]
pub struct ProcessingItem {
    /// `id:`, by which conditions ask for it.
    pub id: Option<String>,
    /// Where the id is.
    pub id_span: Span,
    /// The transformation's name.
    pub kind: &'static str,
    /// Its place in the list, from 1.
    pub number: usize,
    /// Its line in its pipeline's file.
    pub line: usize,
    /// `profile:`, ours: the profile that it is for alone.
    pub profile: Option<Profile>,
    /// On the rule.
    pub rule_conditions: Conditions,
    /// On detection items.
    pub item_conditions: Conditions,
    /// On field names.
    pub field_conditions: Conditions,
    /// What it does.
    pub transformation: Box<dyn Transformation>,
    /// Does some condition ask for its id?
    pub tracked: bool,
}

impl ProcessingItem {
    /// Reads the list of a pipeline or of `nest`.
    pub fn load_all(nodes: &[Node<'_>], loader: &Loader<'_>) -> Vec<Self> {
        nodes
            .iter()
            .enumerate()
            .filter_map(|(index, node)| Self::load(node, index + 1, loader))
            .collect()
    }

    fn load(node: &Node<'_>, number: usize, loader: &Loader<'_>) -> Option<Self> {
        let mut keys = Keys::new(node, "a transformation", loader)?;
        let made = keys.typed(&transformation::TABLE, Code::UnknownTransformation);
        // The conditions are read even so, for their own errors.
        let rule_conditions = Conditions::load(&keys, "rule", &rule::TABLE);
        let item_conditions = Conditions::load(&keys, "detection_item", &detection_item::TABLE);
        let field_conditions = Conditions::load(&keys, "field_name", &field_name::TABLE);
        let (kind, transformation) = made?;
        let item = Self {
            id: keys.text("id"),
            id_span: keys.span_of("id"),
            profile: keys.choice("profile", PROFILES),
            kind,
            number,
            line: loader.line(node.span),
            rule_conditions,
            item_conditions,
            field_conditions,
            transformation,
            tracked: false,
        };
        review::item(&keys, &item);
        Some(item)
    }

    /// Changes the rule if the conditions on it hold; says whether they did.
    pub fn apply<'s>(
        &'s self,
        rule: &mut Rule<'s>,
        state: &mut State<'s>,
    ) -> Result<bool, Diagnostic> {
        state.budget.step(1 + self.rule_conditions.all.len())?;
        if let Some(beside) = state.beside.take() {
            return self.apply_beside(beside, rule, state);
        }
        let applies = self.applies_to(rule, state)?;
        if applies {
            self.note(state);
            let item = self;
            self.transformation.apply(&mut Pass { item, rule, state })?;
        }
        Ok(applies)
    }

    /// Notes that it is applied to the rule.
    pub fn note<'s>(&'s self, state: &mut State<'s>) {
        // A correlation is left as it is by what adds conditions on events.
        let adds = state.correlation.is_some() && self.kind == "add_condition";
        if let Some(id) = self.tracked_id().filter(|_| !adds) {
            state.applied.insert(id);
        }
    }

    /// Do the conditions on the rule hold? None are as good as met, whatever `rule_cond_not` says.
    pub fn applies_to(&self, rule: &Rule<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let profile = state.settings.items.profile();
        if self.profile.is_some_and(|wanted| wanted != profile) {
            return Ok(false);
        }
        let conditions = &self.rule_conditions;
        Ok(conditions.is_empty() || conditions.hold(Subject::Rule(rule), state)?)
    }

    /// The id, if a condition asks for it.
    pub fn tracked_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|_| self.tracked)
    }

    /// Notes on a detection item that this changed it.
    pub fn mark<'s>(&'s self, item: &mut Item<'s>) {
        if let Some(id) = self.tracked_id()
            && !item.processed_by.contains(&id)
        {
            item.processed_by.push(id);
        }
    }

    /// Is the detection item one that it changes?
    pub fn matches_item(&self, item: &Item<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        if !self.item_conditions.is_empty() {
            state.budget.step(item.values.len())?;
        }
        let subject = Subject::Item(item);
        let by_item = self.item_conditions.hold(subject, state)?;
        let by_field = self.field_conditions.hold(subject, state)?;
        Ok(by_item && by_field)
    }

    /// Is the field one that it changes?
    pub fn matches_field(
        &self,
        field: Option<&str>,
        state: &State<'_>,
    ) -> Result<bool, Diagnostic> {
        self.field_conditions.hold(Subject::Field(field), state)
    }

    /// The ids that its own conditions ask for, and where.
    pub fn asked(&self) -> impl Iterator<Item = (&str, Span)> {
        let of_items = self.item_conditions.asked();
        let of_fields = self.field_conditions.asked();
        self.rule_conditions
            .asked()
            .chain(of_items)
            .chain(of_fields)
    }

    /// The ids that its conditions ask for, those of nested items included.
    pub fn asked_ids(&self, ids: &mut Vec<String>) {
        ids.extend(self.asked().map(|(id, _)| id.to_owned()));
        for nested in self.transformation.nested() {
            nested.asked_ids(ids);
        }
    }

    /// Notes whether a condition asks for its id.
    pub fn track(&mut self, ids: &HashSet<String>) {
        self.tracked = self.id.as_ref().is_some_and(|id| ids.contains(id));
        for nested in self.transformation.nested_mut() {
            nested.track(ids);
        }
    }

    /// How messages name it: ``item 3, `rule_failure` ``.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.id {
            Some(id) => Cow::Borrowed(id),
            None => Cow::Owned(format!("{} ({})", self.number, self.kind)),
        }
    }
}
