//! The tables of what a pipeline can do: names, keys, readers.
//!
//! In: a map with a `type`. Out: what the table's [`Entry`] of that name makes of it.

use super::reader::{Keys, scalar_text};
use crate::diagnostic::{Code, Diagnostic, nearest};

/// A transformation, condition, postprocessing item or finalizer: its name, its keys, its reader.
#[derive(Debug, Clone, Copy)]
pub struct Entry<L: 'static> {
    /// What follows `type:`.
    pub name: &'static str,
    /// What it does, in a sentence.
    #[cfg_attr(not(test), allow(dead_code, reason = "the table in the documents"))]
    pub summary: &'static str,
    /// Its own keys.
    pub keys: &'static [Key],
    /// Makes it of its map; `None` if something was wrong and has been reported.
    pub load: L,
}

/// How an entry is made of its map.
pub type Load<T> = for<'k, 'n> fn(&'k Keys<'n>) -> Option<T>;

/// A key of an [`Entry`].
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// `mapping`
    pub name: &'static str,
    /// What it holds: `text`, `a list of field names`.
    pub kind: &'static str,
    /// Must it be there?
    pub required: bool,
    /// May it be `null`? Otherwise that is as good as leaving it out.
    pub nullable: bool,
}

/// A key that must be there.
pub const fn required(name: &'static str, kind: &'static str) -> Key {
    Key {
        name,
        kind,
        required: true,
        nullable: false,
    }
}

/// A key that must be there and may be `null`.
pub const fn nullable(name: &'static str, kind: &'static str) -> Key {
    Key {
        nullable: true,
        ..required(name, kind)
    }
}

/// A key that may be left out.
pub const fn optional(name: &'static str, kind: &'static str) -> Key {
    Key {
        name,
        kind,
        required: false,
        nullable: false,
    }
}

/// Reads a map by its `type`: looks the entry up in a table, checks the keys and loads it.
pub fn typed<T>(
    keys: &mut Keys<'_>,
    what: &str,
    unknown: Code,
    table: &[Entry<Load<T>>],
    common: &[&'static str],
) -> Option<(&'static str, T)> {
    let Some(kind) = keys.node("type") else {
        keys.loader.report(
            Diagnostic::error(
                Code::PipelineKeyMissing,
                format!("this {what} has no `type`"),
            )
            .at(keys.span)
            .help("add `type:` with its name"),
        );
        return None;
    };
    let name = scalar_text(kind).unwrap_or_default();
    let Some(entry) = table.iter().find(|entry| entry.name == name) else {
        let mut diagnostic =
            Diagnostic::error(unknown, format!("there is no {what} `{name}`")).at(kind.span);
        if let Some(near) = nearest(&name, table.iter().map(|entry| entry.name)) {
            diagnostic = diagnostic.help(format!("write `{near}`"));
        } else {
            let names: Vec<_> = table
                .iter()
                .map(|entry| format!("`{}`", entry.name))
                .collect();
            diagnostic = diagnostic.help(format!("there are {}", names.join(", ")));
        }
        keys.loader.report(diagnostic);
        return None;
    };
    keys.owner = format!("the {what} `{name}`");
    keys.span = kind.span;
    keys.check(entry.keys, common);
    (entry.load)(keys).map(|loaded| (entry.name, loaded))
}
