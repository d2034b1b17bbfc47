//! Values for which pySigma's modifiers differ from the specification's.
//!
//! In: an item before and after pySigma's modifiers. Out: a warning for each value that the
//! specification's modifiers would change in another way, with the name of the fault.

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Specification;
use crate::modifier::apply_item;
use crate::rule::{Item, Modifier, Value};

/// Can the modifiers of an item differ?
pub(super) fn may_be(item: &Item<'_>) -> bool {
    item.modifiers
        .iter()
        .any(|modifier| fault_of(modifier.value).is_some())
}

/// The values of `applied` that differ; `written` is the same item before its modifiers.
pub(super) fn of(written: &Item<'_>, applied: &Item<'_>) -> Vec<Diagnostic> {
    let modifiers = written.modifiers.iter();
    let mut faults =
        modifiers.filter_map(|modifier| Some((modifier.span, fault_of(modifier.value)?)));
    let Some((at, fault)) = faults.next() else {
        return Vec::new();
    };
    // What the specification refuses has no values of its own to compare with.
    let mut meant = written.clone();
    let is_meant = apply_item(&mut meant, &Specification).is_ok();
    let values = written.values.iter().zip(&meant.values);
    let strays = values
        .zip(&applied.values)
        .filter(|((written_value, meant), applied)| match &applied.value {
            Value::Regex(_) => strays_at_ends(written, &written_value.value),
            _ => !is_meant || applied.value != meant.value,
        });
    strays
        .map(|(_, applied)| {
            Diagnostic::warning(Code::ReferenceFault, fault)
                .at(applied.span)
                .label(at, "")
        })
        .collect()
}

/// What is wrong with the values that the modifier gives.
const fn fault_of(modifier: Modifier) -> Option<&'static str> {
    use Modifier as M;
    Some(match modifier {
        M::Utf16 | M::Utf16Be | M::Utf16Le | M::Base64 | M::Base64Offset => {
            "the reference encodes other bytes than the value's"
        }
        M::WinDash => {
            "the reference takes only `-` and `/` in a rule for dashes, and forgets `cased` before it"
        }
        M::Re => {
            "the reference puts `.*` beside the expression: no group holds its alternatives, and where an engine searches for it nothing anchors it"
        }
        _ => return None,
    })
}

/// Does `.*` at an expression's ends differ from the modifiers after `re`, on an engine that searches
/// for the expression or on one that matches the whole value?
fn strays_at_ends(item: &Item<'_>, written: &Value<'_>) -> bool {
    let has = |wanted| {
        item.modifiers
            .iter()
            .any(|modifier| modifier.value == wanted)
    };
    let (starts, ends) = (has(Modifier::StartsWith), has(Modifier::EndsWith));
    if !starts && !ends && !has(Modifier::Contains) {
        return false;
    }
    let Value::String(pattern) = written else {
        return false;
    };
    let text: String = pattern.literals().collect();
    let anchored = (!starts || text.starts_with('^')) && (!ends || text.ends_with('$'));
    !anchored || has_bare_alternation(&text)
}

/// Is there a `|` outside groups and classes?
fn has_bare_alternation(pattern: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    for character in pattern.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alternatives_of_the_whole_expression_are_bare() {
        for (pattern, bare) in [
            ("a|b", true),
            ("(a|b)", false),
            (r"a\|b", false),
            ("[a|b]", false),
            (r"(a\)|b", false),
            (r"(a)|b", true),
        ] {
            assert_eq!(has_bare_alternation(pattern), bare, "{pattern}");
        }
    }
}
