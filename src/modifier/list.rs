//! `all`, `neq`: how an item takes its values.

use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Item, Link, Modifier};

pub(super) fn all(item: &mut Item<'_>) {
    item.link = Link::And;
}

pub(super) fn neq(item: &mut Item<'_>) {
    item.negated = true;
}

/// The specification allows no `all` on a single value; there it does nothing.
pub(super) fn all_of_one(item: &Item<'_>) -> Option<Diagnostic> {
    if item.values.len() > 1 {
        return None;
    }
    let all = item
        .modifiers
        .iter()
        .find(|modifier| modifier.value == Modifier::All)?;
    Some(
        Diagnostic::warning(
            Code::AllOfOne,
            "expected several values for `all`, found one",
        )
        .at(all.span)
        .help("remove `|all`, or add the values that are missing"),
    )
}
