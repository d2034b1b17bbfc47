//! The condition `is_column`.

use super::{Condition, Subject};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::columns::{self, Columns};
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::rule::Value;

/// `is_column`: the field is a column of the table, or one that the state's `computed_columns` lists.
#[derive(Debug)]
pub struct IsColumn {
    columns: &'static Columns,
    table: Option<String>,
}

impl IsColumn {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let schema = keys.text("schema")?;
        let table = keys.text("table");
        let Some(columns) = columns::of(&schema) else {
            let message = format!("there is no schema `{schema}`");
            let span = keys.node("schema")?.span;
            keys.loader
                .report(Diagnostic::error(Code::PipelineValue, message).at(span));
            return None;
        };
        Some(Self { columns, table })
    }

    fn holds_for(&self, field: Option<&str>, state: &State<'_>) -> bool {
        let set = || state.get("table").and_then(|table| table.as_str());
        let Some((field, table)) = field.zip(self.table.as_deref().or_else(set)) else {
            return true;
        };
        let computed = state.get("computed_columns").and_then(|it| it.as_array());
        let mut computed = computed.into_iter().flatten();
        self.columns.has(columns::table_of(table), field)
            || computed.any(|column| column.as_str() == Some(field))
    }
}

impl Condition for IsColumn {
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let item = match subject {
            Subject::Field(field) => return Ok(self.holds_for(field, state)),
            Subject::Item(item) => item,
            Subject::Rule(_) => return Ok(false),
        };
        // The item's field, and each field that a value refers to.
        let values = item.values.iter().flat_map(|value| match &value.value {
            Value::Expansion(values) => values.as_slice(),
            other => std::slice::from_ref(other),
        });
        let mut referred = values.filter_map(|value| match value {
            Value::FieldRef(reference) => Some(&*reference.field),
            _ => None,
        });
        Ok(self.holds_for(item.field.as_deref(), state)
            && referred.all(|field| self.holds_for(Some(field), state)))
    }
}
