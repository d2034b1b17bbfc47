//! Why texts are not exact: `broader = "…"` of a wording or a literal, and `[query.loss.NAME]` for what
//! wordings name (`loss = "NAME"`), or what tests of a kind lose whatever their wording.

use super::Context;
use crate::backend::language::{Kind, KnownLoss, Loss, ValueClass};
use crate::backend::literal::Literal;
use crate::backend::template::{Piece, Slot, Template};
use crate::table::read::Reader;
use crate::table::tree::Tree;

/// `broader`, `narrower` or `approximate`, with the reason.
pub(super) fn of(reader: &Reader<'_>) -> Option<(Loss, String)> {
    let losses = Loss::ALL.into_iter();
    let mut losses = losses.filter_map(|(key, loss)| Some((loss, reader.text(key)?.to_owned())));
    losses.next()
}

/// The losses of a language.
#[derive(Default)]
pub(super) struct Losses {
    named: Vec<NamedLoss>,
}

struct NamedLoss {
    name: String,
    loss: KnownLoss,
    /// The keys of the tests that have it.
    tests: Vec<Kind>,
    /// Wordings that are said for each name in this option have it.
    each: Option<usize>,
}

impl Losses {
    /// Reads `[query.loss]`.
    pub fn read(language: &Reader<'_>, context: &Context) -> Self {
        let mut losses = Self::default();
        let Some(table) = language.table("loss") else {
            return losses;
        };
        for (name, place, entry) in table.entries() {
            let Tree::Table(keys) = &entry.value else {
                if entry.value != Tree::Bool(false) {
                    table.expected("a table", &table.path(name), entry.place);
                }
                continue;
            };
            let reader = Reader::new(keys, &table.path(name), table.problems());
            let known = of(&reader);
            if known.is_none() {
                let what = "`broader`, `narrower` or `approximate`, and why";
                table.expected(what, &table.path(name), *place);
            }
            let (loss, text) = known.unwrap_or((Loss::Approximate, String::new()));
            losses.named.push(NamedLoss {
                name: name.clone(),
                loss: KnownLoss {
                    when: context.when(&reader),
                    unless: classes(&reader),
                    ..KnownLoss::always(loss, text)
                },
                tests: super::language::kinds(&reader, "tests"),
                each: context.each(&reader),
            });
            reader.finish();
        }
        losses
    }

    /// The losses that a wording names.
    pub fn named(&self, wording: &Reader<'_>) -> Vec<KnownLoss> {
        let names = wording.texts("loss").unwrap_or_default();
        let losses = names.into_iter().filter_map(|name| {
            let found = self.named.iter().find(|known| known.name == name);
            if found.is_none()
                && let Some(entry) = wording.get("loss")
            {
                let what = format!("the name of a loss, found `{name}`");
                wording.expected(&what, &wording.path("loss"), entry.place);
            }
            Some(found?.loss.clone())
        });
        losses.collect()
    }

    /// The losses of a test whatever its wording.
    pub fn of_test(&self, kind: Kind, each: Option<usize>) -> impl Iterator<Item = KnownLoss> {
        let of_test = self.named.iter().filter(move |known| {
            let is_general = known.tests.is_empty() && known.each.is_none();
            !is_general
                && (known.tests.is_empty() || known.tests.contains(&kind))
                && (known.each.is_none() || known.each == each)
        });
        of_test.map(|known| known.loss.clone())
    }
}

/// What a wording loses by the literals that write its values, each once.
pub(super) fn of_literals<'t>(
    texts: impl Iterator<Item = &'t Template>,
    literals: &[Literal],
) -> Vec<KnownLoss> {
    let mut losses = Vec::new();
    for piece in texts.flat_map(|text| &text.pieces) {
        let Piece::Slot(
            Slot::Value(literal)
            | Slot::Literal(literal)
            | Slot::Regex(literal)
            | Slot::NumberIn(literal)
            | Slot::NumberTexts(literal)
            | Slot::Spellings(literal)
            | Slot::AddressIn(literal),
        ) = piece
        else {
            continue;
        };
        let found = literals.get(*literal).and_then(|known| known.loss.clone());
        let found = found.map(|(loss, text)| KnownLoss::always(loss, text));
        losses.extend(found.filter(|known| !losses.contains(known)));
    }
    losses
}

impl KnownLoss {
    /// A loss whatever the options and the value.
    pub(super) const fn always(loss: Loss, text: String) -> Self {
        Self {
            loss,
            text,
            when: Vec::new(),
            unless: Vec::new(),
        }
    }
}

/// `unless = ["caseless"]`: classes of values, as the keys of wordings name them before `_only`.
fn classes(reader: &Reader<'_>) -> Vec<ValueClass> {
    let words = reader.texts("unless").unwrap_or_default();
    let classes = words.into_iter().filter_map(|word| {
        let found = ValueClass::from_name(word);
        if found.is_none()
            && let Some(entry) = reader.get("unless")
        {
            let what = format!("a class of values, found `{word}`");
            reader.expected(&what, &reader.path("unless"), entry.place);
        }
        found
    });
    classes.collect()
}
