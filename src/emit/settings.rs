//! What the user set with `-O name=value`, checked against a backend's options, and what pipelines
//! set in its place.

use super::columns::{Column, Columns, TypedSchema};
use crate::backend::Backend;
use crate::backend::field::Within;
use crate::backend::when::{ColumnType, UNKNOWN, When};
use crate::diagnostic::{Code, Diagnostic};
use crate::pattern::KnownComplexity;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A value for each option of a backend.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    values: Vec<(String, String)>,
    /// The options that the user set, by their indices.
    set: BTreeSet<usize>,
    schema: Option<Arc<TypedSchema>>,
    /// The columns of the rule's table, by the schema.
    columns: Option<Arc<Columns>>,
    /// Expressions and patterns that Lucene was asked about.
    pub(super) complexity: Arc<KnownComplexity>,
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
        Ok(Self {
            values,
            set,
            ..Self::default()
        })
    }

    /// These settings, with the columns of a schema.
    #[must_use]
    pub fn with_schema(mut self, backend: &Backend, schema: Arc<TypedSchema>) -> Self {
        self.schema = Some(schema);
        self.find_columns(backend);
        self
    }

    fn find_columns(&mut self, backend: &Backend) {
        // Events that lie in one column have no columns of their own.
        let inside = backend.query.field.inside.as_ref();
        let column = inside.and_then(|inside| inside.option);
        if column.is_some_and(|option| !self.at(option).is_empty()) {
            self.schema = None;
        }
        if let Some(schema) = &self.schema {
            let table = backend.table_option().map_or("", |option| self.at(option));
            self.columns = schema.of_table(table);
        }
    }

    /// The columns of the rule's table; `None` without a schema, or where it has no such table.
    #[must_use]
    pub fn columns(&self) -> Option<&Columns> {
        self.columns.as_deref()
    }

    /// The table's name, where the schema has none such.
    #[must_use]
    pub fn missing_table(&self, backend: &Backend) -> Option<&str> {
        let is_missing = self
            .schema
            .as_ref()
            .is_some_and(|schema| !schema.is_default);
        let is_missing = is_missing && self.columns.is_none();
        backend
            .table_option()
            .filter(|_| is_missing)
            .map(|option| self.at(option))
    }

    /// What the schema tells of a field, or its name where there is none.
    #[must_use]
    pub fn column<'f>(&self, field: &'f str, types: &[ColumnType]) -> Option<Column<'f>> {
        match &self.columns {
            Some(columns) => columns.find(field, types),
            None => Column::named(field, types),
        }
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
        if let Cow::Owned(settings) = &mut settings {
            settings.find_columns(backend);
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
            option.state.as_deref() == Some(key)
                && self.set.contains(&at)
                && !self.at(at).is_empty()
        })
    }

    /// The column that a field lies in, where the schema has it in one.
    #[must_use]
    pub fn within<'f>(&self, field: &'f str, backend: &Backend) -> Option<Within<'f>> {
        self.column(field, &backend.types)?.within
    }

    /// The value of an option by its index.
    #[must_use]
    pub fn at(&self, option: usize) -> &str {
        self.values.get(option).map_or("", |(_, value)| value)
    }

    /// Does a condition hold, whatever the column?
    #[must_use]
    pub fn are(&self, when: &When) -> bool {
        self.are_for(when, &[], None)
    }

    /// Does a condition hold for tests of a field? `None`: for those of none.
    #[must_use]
    pub fn are_for(&self, when: &When, types: &[ColumnType], field: Option<&str>) -> bool {
        if when.is_always() {
            return true;
        }
        let column = field.and_then(|field| self.column(field, types));
        let kind = column.map_or(UNKNOWN, |column| column.kind);
        let set = types.get(kind).map_or(&[][..], |kind| &kind.set);
        let value = |option: usize| {
            let set = set.iter().find(|(known, _)| *known == option);
            set.map_or_else(|| self.at(option), |(_, value)| value)
        };
        (when.types.is_empty() || when.types.contains(&kind))
            && when
                .options
                .iter()
                .all(|(option, values)| values.iter().any(|known| known == value(*option)))
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
