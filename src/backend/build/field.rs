//! `[query.field]`: how fields are named.

use super::Context;
use crate::backend::bare::BareNames;
use crate::backend::field::{FieldNames, Inside};
use crate::table::read::Reader;

/// Reads `[query.field]`.
pub(super) fn names(reader: Reader<'_>, context: &Context<'_>) -> FieldNames {
    let Some(field) = reader.table("field") else {
        return FieldNames::default();
    };
    let mut reserved: Vec<String> = field.texts("reserved").map(str::to_lowercase).collect();
    reserved.sort_unstable();
    FieldNames {
        bare: field.regex("bare").map(BareNames::new),
        quote: field.pair("quote").unwrap_or_default(),
        escapes: escapes(field),
        path: field.flag("path"),
        reserved,
        reserved_prefix: field.owned("reserved_prefix"),
        optional: field.owned("optional"),
        refused: field.texts("refuse").map(str::to_owned).collect(),
        others_refused: field.text("refuse_others").map(str::to_owned),
        inside: field.table("inside").map(|table| inside(table, context)),
    }
}

fn inside(table: Reader<'_>, context: &Context<'_>) -> Inside {
    Inside {
        option: context.option(table, "option"),
        text: context.template(table, "text", "{list}"),
        step: table.pair("step").unwrap_or_default(),
        separator: table.owned("separator"),
        escapes: escapes(table),
        refused: table.texts("refuse").map(str::to_owned).collect(),
    }
}

fn escapes(reader: Reader<'_>) -> Vec<(char, String)> {
    let pairs = reader.pairs("escape");
    let escapes = pairs.filter_map(|(key, escape)| Some((key.chars().next()?, escape.to_owned())));
    escapes.collect()
}
