//! What pySigma asks of a rule's attributes.
//!
//! In: an attribute's node. Out: an error where it is text that is no string, or no list where one
//! should be: `id: 5`, `tags: attack.t1047`.

use crate::diagnostic::{Code, Diagnostic};
use crate::parse::attribute::{AttributeCheck, Slot, TextKind, no_list, wrong_type};
use crate::parse::validity::{is_hyphenated, is_uuid};
use crate::rule::{Rule, Text};
use crate::yaml::{Node, Resolved, Schema};

/// Checks a node: strings are strings, and lists are lists.
pub(super) fn check(name: &Text<'_>, node: &Node<'_>, place: Slot) -> AttributeCheck {
    let resolved = node
        .as_scalar()
        .map(|scalar| scalar.resolve(Schema::PyYaml));
    let is_scalar = resolved.is_some();
    let is_null = resolved == Some(Resolved::Null);
    match place {
        Slot::List if is_scalar && !is_null => AttributeCheck::ReadWith(no_list(name, node.span)),
        Slot::Maps if node.as_mapping().is_some() => {
            AttributeCheck::Refuse(no_list(name, node.span))
        }
        // It looks at the types of tags only.
        Slot::Entry(TextKind::Any) if !is_scalar => AttributeCheck::Skip,
        Slot::Entry(TextKind::String) if is_null => {
            AttributeCheck::Refuse(wrong_type(name, "a list of strings", node))
        }
        Slot::Text(kind @ (TextKind::String | TextKind::NotEmpty)) if is_scalar && !is_null => {
            string(name, node, kind, resolved == Some(Resolved::String))
        }
        _ => AttributeCheck::Read,
    }
}

fn string(name: &Text<'_>, node: &Node<'_>, kind: TextKind, is_string: bool) -> AttributeCheck {
    let text = node.as_scalar().map_or("", |scalar| &scalar.text);
    if !is_string {
        let message = format!("expected a string for `{}`, found `{text}`", name.value);
        let error = Diagnostic::error(Code::AttributeType, message).at(node.span);
        return AttributeCheck::Refuse(error.help("put it in quotes"));
    }
    if kind == TextKind::NotEmpty && text.is_empty() {
        let message = format!("expected something for `{}`, found nothing", name.value);
        let error = Diagnostic::error(Code::InvalidAttribute, message).at(node.span);
        return AttributeCheck::ReadWith(error.help("give it a value, or remove it"));
    }
    AttributeCheck::Read
}

/// Values that it keeps as more than text, as it prints them: `{929A…}` is `929a…`, and the
/// level `HIGH` is `high`.
pub(super) fn canonicalize(rule: &mut Rule<'_>) {
    let is_canonical = |id: &str| {
        is_hyphenated(id.as_bytes()) && !id.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    if let Some(id) = rule.id.as_mut()
        && !is_canonical(id)
        && is_uuid(id)
    {
        let digits = id.value.replace("urn:", "").replace("uuid:", "");
        let digits = digits.chars().filter(char::is_ascii_hexdigit);
        let mut canonical = String::with_capacity(36);
        for (at, digit) in digits.enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                canonical.push('-');
            }
            canonical.push(digit.to_ascii_lowercase());
        }
        id.value = canonical.into();
    }
    for word in [&mut rule.level, &mut rule.status].into_iter().flatten() {
        if word.chars().any(|letter| letter.is_ascii_uppercase()) {
            word.value = word.to_lowercase().into();
        }
    }
}
