//! Classes as sets of characters.

use super::ast::{Class, ClassItem, Set};
use crate::rule::fold::counterpart;
use regex_syntax::hir::{Class as HirClass, ClassUnicode, ClassUnicodeRange, HirKind};

/// Past this character no letter has another case (Adlam's last).
const LAST_CASED: char = '\u{1e943}';

/// The members, with case and `^` taken in; nothing where a property can't be looked up.
#[must_use]
pub fn members(class: &Class) -> Option<ClassUnicode> {
    let mut set = written(&class.items)?;
    if class.fold {
        set.union(&added_by_folding(&set));
    }
    if class.negated {
        set.negate();
    }
    Some(set)
}

/// The members as the brackets list them.
pub(super) fn written(items: &[ClassItem]) -> Option<ClassUnicode> {
    let mut set = ClassUnicode::empty();
    for item in items {
        match item {
            ClassItem::Range(low, high) => set.push(ClassUnicodeRange::new(*low, *high)),
            ClassItem::Set {
                set: named,
                negated,
            } => {
                let ranges = named.ranges().iter();
                let mut members =
                    ClassUnicode::new(ranges.map(|&(a, b)| ClassUnicodeRange::new(a, b)));
                if *negated {
                    members.negate();
                }
                set.union(&members);
            }
            ClassItem::Property(text) => match regex_syntax::parse(text).ok()?.into_kind() {
                HirKind::Class(HirClass::Unicode(members)) => set.union(&members),
                _ => return None,
            },
        }
    }
    Some(set)
}

/// The counterparts of the members that are not members yet.
pub(super) fn added_by_folding(set: &ClassUnicode) -> ClassUnicode {
    let mut added = ClassUnicode::empty();
    let cased = set.ranges().iter().flat_map(|range| {
        let last = range.end().min(LAST_CASED);
        range.start()..=last
    });
    for c in cased {
        if let Some(other) = counterpart(c) {
            added.push(ClassUnicodeRange::new(other, other));
        }
    }
    added.difference(set);
    added
}

/// Does case matter to the class? Sets such as `\w` hold both cases of all their letters.
pub(super) fn is_cased(class: &Class) -> bool {
    class.items.iter().any(|item| match item {
        ClassItem::Range(low, high) => {
            let last = (*high).min(LAST_CASED);
            (*low..=last).any(|c| counterpart(c).is_some())
        }
        ClassItem::Set {
            set: Set::Posix(posix),
            ..
        } => matches!(posix.name, "lower" | "upper"),
        ClassItem::Set { .. } => false,
        ClassItem::Property(_) => true,
    })
}

/// Does it have every character?
pub(super) fn is_everything(set: &ClassUnicode) -> bool {
    let mut rest = set.clone();
    rest.negate();
    rest.ranges().is_empty()
}
