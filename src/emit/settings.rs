//! What the user set with `-O name=value`, checked against a backend's options, and what pipelines
//! set in its place.

use crate::backend::Backend;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Profile;
use serde_json::Value;
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

    /// These settings, with what a pipeline set in the place of defaults.
    #[must_use]
    pub fn with_state<'v>(
        &self,
        backend: &Backend,
        state: impl Fn(&str) -> Option<&'v Value>,
    ) -> Cow<'_, Self> {
        let mut settings = Cow::Borrowed(self);
        for (at, option) in backend.options.iter().enumerate() {
            let value = option.state.as_ref().and_then(|key| state(key));
            let is_reference = backend.profile == Profile::Pysigma;
            // The reference takes an empty text, too, but no empty list.
            let is_set = |value: &&Value, text: &str| {
                let is_none = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                !text.is_empty() || is_reference && !is_none
            };
            let text = value.and_then(|value| {
                let text = text_of(value, is_reference);
                is_set(&value, &text).then_some(text)
            });
            if let Some(text) = text.filter(|_| !self.set.contains(&at)) {
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

/// A state's value as an option's: a list is its texts, each once, sorted, between commas, and `*`
/// stands for whatever is beside it. What a text takes away (`-logs-old`) has to follow what it is
/// taken from, which the reference does not mind.
fn text_of(value: &Value, is_reference: bool) -> String {
    let mut texts = BTreeSet::new();
    gather(value, &mut texts);
    let is_taken = |text: &&str| text.starts_with('-') && !is_reference;
    let texts = texts.iter().map(String::as_str);
    let (taken, mut texts): (Vec<_>, Vec<_>) = texts.partition(is_taken);
    if texts.contains(&"*") {
        texts = vec!["*"];
    }
    texts.extend(taken);
    texts.join(",")
}

fn gather(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
        Value::String(text) => drop(texts.insert(text.clone())),
        Value::Null => {}
        other => drop(texts.insert(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::text_of;
    use serde_json::json;

    #[test]
    fn a_list_is_one_text() {
        for (value, text) in [
            (json!("logs-*"), "logs-*"),
            (json!(["b", ["a", "b"]]), "a,b"),
            (json!(["a", "*"]), "*"),
            (json!(["-b", "c", "*", "-a"]), "*,-a,-b"),
            (json!([]), ""),
            (json!(null), ""),
        ] {
            assert_eq!(text_of(&value, false), text);
        }
    }
}
