//! `[a-z]`, `\d`: with the engine's names for sets, or spelled out.

use super::Writer;
use crate::backend::regex::RegexFeature;
use crate::pattern::ast::{Class, ClassItem, Set};
use crate::pattern::class::{added_by_folding, is_everything, members, written};
use crate::pattern::refusal::Refusal;
use crate::source::Span;
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

impl Writer<'_> {
    pub(super) fn class(&mut self, class: &Class, span: Span) -> Result<(), Refusal> {
        let has_property = { class.items.iter() }.any(|i| matches!(i, ClassItem::Property(_)));
        if has_property && !self.dialect.has(RegexFeature::Category) {
            self.need(RegexFeature::Property, "a property", span)?;
        }
        if let [item] = class.items.as_slice()
            && let Some(name) = self.named(item, class.negated)
        {
            self.text.push_str(&name);
            return Ok(());
        }
        let sayable = class.items.iter().all(|item| match item {
            ClassItem::Set { negated: true, .. } => self.named(item, false).is_some(),
            ClassItem::Property(text) => {
                self.dialect.has(RegexFeature::Property) || is_category(text)
            }
            _ => true,
        });
        if sayable {
            self.items(class);
            return Ok(());
        }
        // What the engine has no name for, a complement among it, is listed by its members.
        let Some(mut set) = members(class) else {
            return Err(self.refuse("has no such class", span));
        };
        if is_everything(&set) {
            self.dot(true, span);
            return Ok(());
        }
        if set.ranges().is_empty() {
            return Err(self.refuse("has no class without members", span));
        }
        let mut complement = set.clone();
        complement.negate();
        let negated = complement.ranges().len() < set.ranges().len();
        if negated {
            set = complement;
        }
        self.text.push_str(if negated { "[^" } else { "[" });
        self.ranges(&set);
        self.text.push(']');
        Ok(())
    }

    /// The members as the rule lists them, with the other case where no flag adds it.
    fn items(&mut self, class: &Class) {
        self.text.push_str(if class.negated { "[^" } else { "[" });
        for item in &class.items {
            match item {
                ClassItem::Range(low, high) => self.range(*low, *high),
                ClassItem::Property(text) => self.text.push_str(text),
                ClassItem::Set { set, .. } => match self.named(item, false) {
                    Some(name) => self.text.push_str(&name),
                    None => {
                        for &(low, high) in spelled(*set) {
                            self.range(low, high);
                        }
                    }
                },
            }
        }
        if class.fold
            && (!self.folding || self.dialect.folds_ascii_only)
            && let Some(set) = written(&class.items)
        {
            let mut added = added_by_folding(&set);
            if self.folding {
                added.intersect(&not_ascii());
            }
            self.ranges(&added);
        }
        self.text.push(']');
    }

    /// `\d` or `\D`, where the engine has them.
    fn named(&self, item: &ClassItem, outer: bool) -> Option<String> {
        let ClassItem::Set { set, negated } = item else {
            return None;
        };
        let name = match set {
            Set::Digit => self.dialect.digit.as_deref(),
            Set::Word => self.dialect.word.as_deref(),
            Set::Space => self.dialect.space.as_deref(),
            Set::Horizontal | Set::Vertical | Set::Posix(_) => None,
        }?;
        if *negated == outer {
            return Some(name.to_owned());
        }
        self.dialect.complements.then(|| name.to_ascii_uppercase())
    }

    fn ranges(&mut self, set: &ClassUnicode) {
        for range in set.ranges() {
            self.range(range.start(), range.end());
        }
    }

    fn range(&mut self, low: char, high: char) {
        self.character(low, true);
        if low == high {
            return;
        }
        // Two neighbors need no dash.
        if u32::from(high) > u32::from(low) + 1 {
            self.text.push('-');
        }
        self.character(high, true);
    }
}

/// `\p{L}`, `\P{Lu}`, `\pN`: a general category by its letters.
fn is_category(text: &str) -> bool {
    let name = text.get(2..).unwrap_or_default();
    let name = name.trim_start_matches('{').trim_end_matches('}');
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && letters.next().is_none_or(|c| c.is_ascii_lowercase())
        && letters.next().is_none()
}

fn not_ascii() -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new('\u{80}', char::MAX)])
}

/// The members in the order that readers expect.
const fn spelled(set: Set) -> &'static [(char, char)] {
    match set {
        Set::Word => &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        Set::Space => &[(' ', ' '), ('\t', '\r')],
        set => set.ranges(),
    }
}
