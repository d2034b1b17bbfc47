//! What a pipeline remembers while one rule goes through it.
//!
//! In: a compiled pipeline and the caller's settings. Out: what `set_state` set, for output
//! formats to read, and the record of applied items that conditions ask for.

use super::bound::Budget;
use super::correlated::Beside;
use super::environment::Environment;
use super::item_rules::ItemRules;
use super::rules::Rules;
use crate::diagnostic::Diagnostic;
use crate::rule::{LogSource, Text};
use crate::source::Span;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What stays the same for every rule.
#[derive(Clone, Copy)]
pub struct Settings<'s> {
    /// How items are applied.
    pub items: &'s dyn ItemRules,
    /// Files, network and commands.
    pub environment: &'s dyn Environment,
    /// Variables beside the pipelines' own (`backend`, `output_format`); they win.
    pub vars: &'s [(String, Value)],
}

impl<'s> Settings<'s> {
    /// What stays the same for every rule under these rules.
    #[must_use]
    pub fn new(
        rules: &'s (impl AsRef<dyn Rules> + ?Sized),
        environment: &'s dyn Environment,
        vars: &'s [(String, Value)],
    ) -> Self {
        Self {
            items: rules.as_ref().items(),
            environment,
            vars,
        }
    }
}

/// The memory for one rule; a fresh one for each.
pub struct State<'s> {
    pub(crate) settings: Settings<'s>,
    pub(crate) vars: &'s [(String, Value)],
    pub(crate) values: Vec<(&'s str, &'s Value)>,
    /// Where each key is in `values`.
    pub(crate) places: HashMap<&'s str, usize>,
    /// Ids of the items that were applied to the rule.
    pub(super) applied: BTreeSet<&'s str>,
    /// Ids of the items that a name in `fields:` or a field reference went through.
    pub(crate) field_names: BTreeMap<Cow<'s, str>, Vec<&'s str>>,
    /// Every field that was mapped or mapped to; kept only where an item asks for it.
    pub(super) mapped: Option<BTreeSet<Cow<'s, str>>>,
    /// How many conditions `add_condition` added.
    pub(super) added: usize,
    /// What the rule may still cost.
    pub(crate) budget: Budget,
    /// The rule's log source, and each that pipelines put in its place.
    pub(super) log_sources: Vec<LogSource<'s>>,
    /// Names that are no part of the rule, and what they have become.
    pub(super) carried: Vec<Vec<Text<'s>>>,
    /// The log sources of a correlation's rules; `None` of a plain rule.
    pub(super) correlation: Option<Vec<LogSource<'s>>>,
    /// The correlation that goes beside the rule.
    pub(super) beside: Option<Box<Beside<'s>>>,
    narrowings: RefCell<Vec<Narrowing>>,
}

/// What a value lost on its way: the item matches less than it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// The value, or where a value was dropped its item's key.
    pub span: Span,
    /// A value of the same item that is left: its place in the rule's expression is the lost one's.
    pub beside: Span,
    /// In a clause: "a pipeline dropped the value".
    pub text: String,
}

impl<'s> State<'s> {
    pub(super) fn new(
        settings: Settings<'s>,
        vars: &'s [(String, Value)],
        asks_for_mapped: bool,
    ) -> Self {
        Self {
            settings,
            vars,
            values: Vec::new(),
            places: HashMap::new(),
            applied: BTreeSet::new(),
            field_names: BTreeMap::new(),
            mapped: asks_for_mapped.then(BTreeSet::new),
            added: 0,
            budget: Budget::default(),
            log_sources: Vec::new(),
            carried: Vec::new(),
            correlation: None,
            beside: None,
            narrowings: RefCell::default(),
        }
    }

    /// Gives it names of fields that are no part of the rule, such as those of a correlation. They are
    /// renamed as those in `fields:` are; what changes that list does not change them.
    pub fn carry(&mut self, names: impl Iterator<Item = Text<'s>>) {
        self.carried.extend(names.map(|name| vec![name]));
    }

    /// What each of the carried names became.
    #[must_use]
    pub fn carried(&self) -> &[Vec<Text<'s>>] {
        &self.carried
    }

    /// The rule's log source, and each that pipelines put in its place.
    #[must_use]
    pub fn log_sources(&self) -> &[LogSource<'s>] {
        &self.log_sources
    }

    /// Notes that the value at hand, whose place follows by [`Self::place_narrowings`], matches less
    /// than it did.
    pub(super) fn narrow(&self, text: &str) -> Result<(), Diagnostic> {
        self.narrow_at(Span::default(), Span::default(), text)
    }

    /// Notes that an item lost the value at `span`.
    pub(super) fn narrow_at(&self, span: Span, beside: Span, text: &str) -> Result<(), Diagnostic> {
        self.budget.make(64 + text.len())?;
        let text = text.to_owned();
        let narrowing = Narrowing { span, beside, text };
        let mut narrowings = self.narrowings.borrow_mut();
        // The alternatives that a modifier made of a value lose the same.
        if narrowings.last() != Some(&narrowing) {
            narrowings.push(narrowing);
        }
        Ok(())
    }

    pub(super) fn place_narrowings(&self, span: Span) {
        for narrowing in self.narrowings.borrow_mut().iter_mut().rev() {
            if narrowing.beside != Span::default() {
                break;
            }
            (narrowing.span, narrowing.beside) = (span, span);
        }
    }

    /// What values lost that pipelines changed or dropped.
    #[must_use]
    pub fn narrowings(&self) -> Vec<Narrowing> {
        self.narrowings.borrow().clone()
    }

    /// The value that `set_state` gave a key last.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'s Value> {
        self.places.get(key).map(|at| self.values[*at].1)
    }

    /// All that `set_state` set, in order of first setting.
    pub fn values(&self) -> impl Iterator<Item = (&'s str, &'s Value)> + '_ {
        self.values.iter().copied()
    }

    /// A pipeline variable.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&'s Value> {
        let find = |vars: &'s [(String, Value)]| {
            vars.iter()
                .rev()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value)
        };
        find(self.settings.vars).or_else(|| find(self.vars))
    }

    pub(crate) fn set(&mut self, key: &'s str, value: &'s Value) {
        if let Some(at) = self.places.get(key) {
            self.values[*at].1 = value;
            return;
        }
        self.places.insert(key, self.values.len());
        self.values.push((key, value));
    }

    /// Notes that a field name became others.
    pub(super) fn track_field_name(
        &mut self,
        from: &str,
        to: &[Cow<'s, str>],
        id: Option<&'s str>,
    ) {
        if to.len() == 1 && to[0] == from {
            return;
        }
        let mut ids = self.field_names.remove(from).unwrap_or_default();
        if let Some(id) = id
            && !ids.contains(&id)
        {
            ids.push(id);
        }
        if ids.is_empty() {
            return;
        }
        for field in to {
            self.field_names.insert(field.clone(), ids.clone());
        }
    }
}
