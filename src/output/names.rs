//! Names for the queries of a document: `Whoami as System`, `Whoami as System (2)`.

use super::entry::DocumentEntry;
use std::borrow::Cow;
use std::collections::HashSet;

/// A name for each query that no other one of the document has: its rule's title, with a number
/// where the rule has several queries or the title appears twice.
pub(super) fn unique(queries: &[DocumentEntry]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::with_capacity(queries.len());
    let mut known = HashSet::with_capacity(queries.len() + 1);
    // Splunk's stanza for the settings of all.
    known.insert("default".to_owned());
    for entry in queries {
        let is_odd = |c: char| c.is_control() || matches!(c, '[' | ']');
        let mut title = Cow::Borrowed(entry.rule.title.as_str());
        if title.contains(is_odd) {
            let blank = |c: char| if c.is_control() { ' ' } else { c };
            let shown = title.chars().map(blank).filter(|c| !is_odd(*c));
            title = shown.collect::<String>().into();
        }
        let title = match (title.trim(), &entry.rule.id) {
            ("", Some(id)) => id,
            ("", None) => "Untitled",
            (title, _) => title,
        };
        let numbered = |number| format!("{title} ({number})");
        let mut name = if entry.count > 1 {
            numbered(entry.number)
        } else {
            title.to_owned()
        };
        let mut number = entry.number.max(2);
        while !known.insert(name.to_lowercase()) {
            name = numbered(number);
            number += 1;
        }
        taken.push(name);
    }
    taken
}

/// The names as identifiers that need no quotes anywhere, each once: `sigma_whoami_as_system`.
pub(super) fn identifiers(names: &[String]) -> Vec<String> {
    /// Shorter than what every engine takes; PostgreSQL cuts names after 63 bytes.
    const LONGEST: usize = 56;
    let mut known = HashSet::with_capacity(names.len());
    let identifiers = names.iter().map(|name| {
        let mut identifier = "sigma".to_owned();
        for word in name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            if identifier.len() + word.len() < LONGEST {
                identifier.push('_');
                identifier.push_str(&word.to_ascii_lowercase());
            }
        }
        let mut unique = identifier.clone();
        let mut number = 2;
        while !known.insert(unique.clone()) {
            unique = format!("{identifier}_{number}");
            number += 1;
        }
        unique
    });
    identifiers.collect()
}
