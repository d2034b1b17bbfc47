//! Keys beside conditions that change nothing.

use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::reader::Keys;

/// Warns of keys of a kind of conditions that have no effect; `count` is how many conditions there
/// are, unless some can't be read.
pub fn check(keys: &Keys<'_>, kind: &str, count: Option<usize>) {
    let Some(count) = count else { return };
    let conditions = format!("{kind}_conditions");
    let warn = |name: &str, message: String, help: String| {
        if let Some(node) = keys.node(name) {
            let warning = Diagnostic::warning(Code::NoEffect, message).at(node.span);
            keys.loader.report(warning.help(help));
        }
    };
    if count == 0 {
        let nothing = || format!("`{conditions}` has no conditions");
        warn(
            &conditions,
            nothing(),
            "add one, or leave it out".to_owned(),
        );
    }
    let operator = format!("{kind}_cond_op");
    if count < 2 {
        let found = if count == 0 { "none" } else { "one" };
        let message = format!("`{operator}` joins several conditions, found {found}");
        warn(&operator, message, "leave it out".to_owned());
    }
    let not = format!("{kind}_cond_not");
    if count == 0 && keys.flag(&not) {
        let message = match kind {
            "rule" => format!("`{not}` negates conditions, found none"),
            _ => format!("`{not}` without conditions leaves nothing to change"),
        };
        warn(
            &not,
            message,
            format!("add `{conditions}`, or leave it out"),
        );
    }
}
