//! `[query.regex]`: the engine's regular expressions, and `[query.regex_by.OPTION.VALUE]` for those
//! that an option chooses.

use super::Context;
use crate::backend::RegexDialect;
use crate::table::read::Reader;
use crate::table::tree::{Entry, Tree};

/// Reads `regex`.
pub(super) fn dialect(reader: Reader<'_>) -> Option<RegexDialect> {
    from_entry(reader.entry("regex")?)
}

/// Reads `regex_by`.
pub(super) fn dialects_by_option(
    reader: Reader<'_>,
    context: &Context<'_>,
) -> Vec<(usize, String, RegexDialect)> {
    let dialects = reader.tables("regex_by", |option, values| {
        let option = context.option_named(option);
        let dialects = values
            .entries()
            .iter()
            .filter_map(move |(value, _, entry)| {
                Some((option?, value.clone(), from_entry(entry)?))
            });
        dialects.collect::<Vec<_>>()
    });
    dialects.into_iter().flatten().collect()
}

fn from_entry(entry: &Entry) -> Option<RegexDialect> {
    match &entry.value {
        Tree::Table(table) => Some(RegexDialect::from_table(table)),
        _ => None,
    }
}
