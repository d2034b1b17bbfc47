//! The columns of tables, from the schemas that come with the program: `backends/schemas/*.tsv`.
//!
//! In: lines of a table, a type and the columns of it. Out: whether a table has a column.

use crate::embedded::{self, typed_columns};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The columns of each table of a schema.
#[derive(Debug)]
pub struct Columns(HashMap<&'static str, HashMap<&'static str, &'static str>>);

impl Columns {
    fn read(text: &'static str) -> Self {
        let mut tables: HashMap<_, HashMap<_, _>> = HashMap::new();
        for [table, kind, column] in typed_columns(text) {
            tables.entry(table).or_default().insert(column, kind);
        }
        Self(tables)
    }

    /// Has the table this column, or a dynamic one that the field is a path into:
    /// `EventData.TargetUserName`? An unknown table has every column.
    #[must_use]
    pub fn has(&self, table: &str, field: &str) -> bool {
        let Some(columns) = self.0.get(table) else {
            return true;
        };
        if columns.contains_key(field) {
            return true;
        }
        let path = field.find(['.', '[']).map(|end| &field[..end]);
        path.is_some_and(|column| columns.get(column) == Some(&"dynamic"))
    }
}

/// The table that a query reads from: `WindowsEvent` of `WindowsEvent | extend …`.
#[must_use]
pub fn table_of(query: &str) -> &str {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let end = query.find(|c| !is_name(c)).unwrap_or(query.len());
    &query[..end]
}

/// The columns of a schema that comes along.
#[must_use]
pub fn of(schema: &str) -> Option<&'static Columns> {
    static ALL: OnceLock<Vec<(&str, Columns)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let schemas = embedded::SCHEMAS.iter();
        schemas
            .map(|(name, text)| (*name, Columns::read(text)))
            .collect()
    });
    let found = all.iter().find(|(name, _)| *name == schema);
    found.map(|(_, columns)| columns)
}

#[cfg(test)]
mod tests {
    use super::{of, table_of};

    #[test]
    fn a_table_has_its_columns_and_paths_into_dynamic_ones() {
        let kusto = of("kusto").expect("it comes along");
        assert!(kusto.has("DeviceProcessEvents", "FolderPath"));
        assert!(!kusto.has("DeviceProcessEvents", "folderpath"));
        assert!(!kusto.has("DeviceProcessEvents", "CurrentDirectory"));
        assert!(kusto.has("WindowsEvent", "EventData.Image"));
        assert!(kusto.has("AuditLogs", "TargetResources[0].displayName"));
        assert!(!kusto.has("SecurityEvent", "EventData.Image"));
        assert!(kusto.has("Ours_CL", "anything"));
        assert!(of("other").is_none());
    }

    #[test]
    fn a_query_begins_with_its_table() {
        assert_eq!(
            table_of("WindowsEvent\n| where EventID == 1"),
            "WindowsEvent"
        );
        assert_eq!(table_of("_Im_Dns"), "_Im_Dns");
        assert_eq!(table_of("(union A, B)"), "");
    }
}
