//! The tables of `docs/pipelines.md`, made from the code.
//!
//! Out: Markdown. A test keeps the page equal to it.

use super::condition::{detection_item, field_name, rule};
use super::entry::{Entry, Key};
use super::{finalizer, load, postprocessing, transformation};
use std::fmt::Write;

/// All tables, a heading each.
#[must_use]
pub fn tables() -> String {
    let mut text = String::new();
    let _ = writeln!(text, "## Keys of a pipeline\n");
    text.push_str("| key | holds |\n|---|---|\n");
    for key in load::KEYS {
        let _ = writeln!(
            text,
            "| `{}` | {} |",
            key.name,
            key.kind.replace('|', "\\|")
        );
    }
    table(
        &mut text,
        "Transformations",
        "transformation",
        transformation::TABLE,
    );
    table(&mut text, "Rule conditions", "condition", rule::TABLE);
    table(
        &mut text,
        "Detection item conditions",
        "condition",
        detection_item::TABLE,
    );
    table(
        &mut text,
        "Field name conditions",
        "condition",
        field_name::TABLE,
    );
    table(
        &mut text,
        "Postprocessing items",
        "item",
        postprocessing::TABLE,
    );
    table(&mut text, "Finalizers", "finalizer", finalizer::TABLE);
    text
}

fn table<L>(text: &mut String, heading: &str, kind: &str, entries: &[Entry<L>]) {
    let _ = writeln!(text, "\n## {heading}\n");
    let _ = writeln!(text, "| {kind} | does | keys |\n|---|---|---|");
    for entry in entries {
        let keys: Vec<_> = entry.keys.iter().map(key).collect();
        let keys = keys.join("<br>");
        let _ = writeln!(text, "| `{}` | {} | {keys} |", entry.name, entry.summary);
    }
}

/// A key that must be there is bold.
fn key(key: &Key) -> String {
    let name = format!("`{}`", key.name);
    let name = if key.required {
        format!("**{name}**")
    } else {
        name
    };
    format!("{name}: {}", key.kind.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_these_tables() {
        let page = include_str!("../../docs/pipelines.md");
        let begin = "<!-- made from the code: begin -->\n";
        let end = "<!-- made from the code: end -->";
        let (before, rest) = page.split_once(begin).expect("the page has the mark");
        let (found, behind) = rest.split_once(end).expect("the page has the mark");
        let expected = tables();
        if found != expected && std::env::var_os("UPDATE_DOCS").is_some() {
            let page = format!("{before}{begin}{expected}{end}{behind}");
            std::fs::write("docs/pipelines.md", page).expect("the page can be written");
        }
        assert!(found == expected, "run `UPDATE_DOCS=1 cargo test` once");
    }

    #[test]
    fn there_are_as_many_as_pysigma_has() {
        assert_eq!(transformation::TABLE.len(), 31);
        let conditions = rule::TABLE.len() + detection_item::TABLE.len() + field_name::TABLE.len();
        assert_eq!(conditions, 19);
        assert_eq!(postprocessing::TABLE.len(), 6);
        assert_eq!(finalizer::TABLE.len(), 5);
    }
}
