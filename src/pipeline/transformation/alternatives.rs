//! A detection item whose field got several names, one of which an event has.
//!
//! `ParentImage: x` in `a` and `b` is `a: x` or `b: x`; `ParentImage: null` is `a: null` and
//! `b: null`; `|neq` negates both.

use crate::pipeline::bound;
use crate::rule::{Detection, DetectionNode, Item, Link, Part, Pattern, Value};
use crate::source::Span;
use std::borrow::Cow;

/// The most bytes that [`alternatives`] makes of the item for each name.
pub fn weight_of_each(found: &Item<'_>) -> usize {
    // Each keyword may be an item of its own.
    bound::item_weight(found).saturating_add(found.values.len().saturating_mul(128))
}

/// The item, one of whose fields an event has. What asks whether the field is missing has to find
/// all of them missing.
pub fn alternatives<'s>(found: &Item<'s>, names: &[Cow<'s, str>]) -> DetectionNode<'s> {
    let (missing, rest): (Vec<_>, Vec<_>) = found
        .values
        .iter()
        .cloned()
        .partition(|value| matches!(value.value, Value::Null | Value::Exists(false)));
    // Each keyword may be in another of the fields.
    let apart = found.field.is_none() && found.link == Link::And;
    let mut parts: Vec<(Link, Vec<_>)> = Vec::new();
    if apart {
        parts.extend(rest.into_iter().map(|value| (Link::Or, vec![value])));
    } else if !rest.is_empty() {
        parts.push((Link::Or, rest));
    }
    if !missing.is_empty() {
        parts.insert(0, (Link::And, missing));
    }
    let many = parts.len() > 1;
    // Without its values, which may be many for each part.
    let frame = Item {
        field: found.field.clone(),
        modifiers: found.modifiers.clone(),
        link: found.link,
        negated: found.negated,
        ..empty_item(found.key)
    };
    let mut nodes: Vec<_> = parts
        .into_iter()
        .map(|(link, values)| {
            let listed = found.listed && (!many || values.len() > 1);
            let part = Item {
                values,
                listed,
                ..frame.clone()
            };
            in_each(&part, names, negated(link, found.negated))
        })
        .collect();
    if nodes.len() == 1 {
        return nodes.remove(0);
    }
    group(found, negated(found.link, found.negated), nodes)
}

/// Nodes in place of an item.
pub fn group<'s>(found: &Item<'s>, link: Link, nodes: Vec<DetectionNode<'s>>) -> DetectionNode<'s> {
    let span = found.key;
    DetectionNode::Detection(Detection { span, link, nodes })
}

/// An item that looks for nothing yet.
pub const fn empty_item<'s>(key: Span) -> Item<'s> {
    Item {
        field: None,
        key,
        modifiers: Vec::new(),
        values: Vec::new(),
        listed: false,
        link: Link::Or,
        negated: false,
        processed_by: Vec::new(),
    }
}

/// What joins negated parts: not (a or b) is not a and not b.
pub fn opposite(link: Link) -> Link {
    match link {
        Link::And => Link::Or,
        Link::Or => Link::And,
    }
}

/// What joins the parts of an item: not (a or b) is not a and not b.
fn negated(link: Link, negated: bool) -> Link {
    if negated { opposite(link) } else { link }
}

/// The item in each of the fields.
pub fn in_each<'s>(found: &Item<'s>, names: &[Cow<'s, str>], link: Link) -> DetectionNode<'s> {
    let nodes = names.iter().map(|name| {
        DetectionNode::Item(Item {
            field: Some(name.clone()),
            processed_by: Vec::new(),
            ..found.clone()
        })
    });
    group(found, link, nodes.collect())
}

/// What matches anywhere in a text.
pub fn around(pattern: &mut Pattern<'_>) {
    if pattern.parts.first() != Some(&Part::Any) {
        pattern.parts.insert(0, Part::Any);
    }
    if pattern.parts.last() != Some(&Part::Any) {
        pattern.parts.push(Part::Any);
    }
}
