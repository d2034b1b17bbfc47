//! Why texts are not exact: `broader = "…"` of a wording or a literal, and `[query.loss.NAME]` for what
//! wordings name (`loss = "NAME"`), or what tests of a kind lose whatever their wording.

use super::Context;
use super::language::kinds;
use crate::backend::language::{Kind, KnownLoss, Loss, ValueClass};
use crate::backend::literal::Literal;
use crate::backend::template::{Piece, Slot, Template};
use crate::backend::when::When;
use crate::table::read::Reader;

/// `broader`, `narrower` or `approximate`, with the reason.
pub(super) fn of(reader: Reader<'_>) -> Option<(Loss, String)> {
    let mut losses = Loss::ALL.into_iter();
    losses.find_map(|(key, loss)| Some((loss, reader.text(key)?.to_owned())))
}

/// The losses of a language.
pub(super) struct Losses(Vec<NamedLoss>);

struct NamedLoss {
    name: String,
    loss: KnownLoss,
    /// The kinds of tests that have it.
    tests: Vec<Kind>,
    /// Wordings that are said for each name in this option have it.
    each: Option<usize>,
}

impl Losses {
    /// Reads `[query.loss]`.
    pub fn read(language: Reader<'_>, context: &Context<'_>) -> Self {
        let losses = language.tables("loss", |name, reader| {
            let (loss, text) = of(*reader)?;
            let classes = reader.texts("unless");
            Some(NamedLoss {
                name: name.to_owned(),
                loss: KnownLoss {
                    when: context.when(*reader),
                    unless: classes.filter_map(ValueClass::from_name).collect(),
                    ..KnownLoss::always(loss, text)
                },
                tests: kinds(*reader, "tests"),
                each: context.option(*reader, "each"),
            })
        });
        Self(losses.into_iter().flatten().collect())
    }

    /// The losses that a wording names.
    pub fn named(&self, wording: Reader<'_>) -> impl Iterator<Item = KnownLoss> {
        let named = |name| self.0.iter().find(|known| known.name == name);
        let losses = wording.texts("loss").filter_map(named);
        losses.map(|known| known.loss.clone())
    }

    /// The losses of a test whatever its wording.
    pub fn of_test(&self, kind: Kind, each: Option<usize>) -> impl Iterator<Item = KnownLoss> {
        let of_test = self.0.iter().filter(move |known| {
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
    pub(super) fn always(loss: Loss, text: String) -> Self {
        Self {
            loss,
            text,
            when: When::default(),
            unless: Vec::new(),
        }
    }
}
