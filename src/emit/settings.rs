//! What the user set with `-O name=value`, checked against a backend's options, and what pipelines
//! set in its place.

use crate::backend::Backend;
use crate::diagnostic::{Code, Diagnostic};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A value for each option of a backend.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    values: Vec<(String, String)>,
    /// The options that the user set, by their indices.
    set: BTreeSet<usize>,
}

impl Settings {
    /// Every option with its default, or what the user set. A later setting wins.
    ///
    /// # Errors
    /// `VS0604`: no such option, or no such value.
    pub fn new(backend: &Backend, set: &[(String, String)]) -> Result<Self, Diagnostic> {
        let mut values: Vec<(String, String)> = backend
            .options
            .iter()
            .map(|option| (option.name.clone(), option.default.clone()))
            .collect();
        let mut chosen = BTreeSet::new();
        for (name, value) in set {
            let Some(at) = values.iter().position(|(known, _)| known == name) else {
                let message = format!("`{}` has no option `{name}`", backend.name);
                let names = backend.options.iter().map(|option| option.name.as_str());
                let diagnostic = Diagnostic::error(Code::UnknownOption, message);
                return Err(diagnostic.choices(name, "its options", names));
            };
            backend.options[at].check(value)?;
            values[at].1.clone_from(value);
            chosen.insert(at);
        }
        let set = chosen;
        Ok(Self { values, set })
    }

    /// These settings, with what a pipeline set in the place of defaults; `state` has the text of a
    /// key that is set.
    #[must_use]
    pub fn with_state(
        &self,
        backend: &Backend,
        state: impl Fn(&str) -> Option<String>,
    ) -> Cow<'_, Self> {
        let mut settings = Cow::Borrowed(self);
        for (at, option) in backend.options.iter().enumerate() {
            if self.set.contains(&at) {
                continue;
            }
            if let Some(text) = option.state.as_deref().and_then(&state) {
                settings.to_mut().values[at].1 = text;
            }
        }
        settings
    }

    /// The state's keys that options stand for, with the options' values.
    pub fn of_state<'b>(&self, backend: &'b Backend) -> impl Iterator<Item = (&'b str, &str)> {
        let options = backend.options.iter().zip(&self.values);
        options.filter_map(|(option, (_, value))| Some((option.state.as_deref()?, value.as_str())))
    }

    /// Has the user set an option that stands for this key of pipelines' state?
    #[must_use]
    pub fn sets_state(&self, backend: &Backend, key: &str) -> bool {
        let mut options = backend.options.iter().enumerate();
        options.any(|(at, option)| {
            option.state.as_deref() == Some(key) && self.set.contains(&at) && !self.at(at).is_empty()
        })
    }

    /// The value of an option by its index.
    #[must_use]
    pub fn at(&self, option: usize) -> &str {
        self.values.get(option).map_or("", |(_, value)| value)
    }

    /// Do the options have these values?
    #[must_use]
    pub fn are(&self, values: &[(usize, String)]) -> bool {
        let mut values = values.iter();
        values.all(|(option, value)| self.at(*option) == value)
    }

    /// The names between commas in the value of an option.
    pub fn names(&self, option: usize) -> impl Iterator<Item = &str> {
        self.at(option)
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
    }

    /// Every option's name and value.
    #[must_use]
    pub fn all(&self) -> &[(String, String)] {
        &self.values
    }
}
