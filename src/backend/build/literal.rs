//! `[query.literal.NAME]`: quotes, escapes and wildcards.

use super::loss;
use crate::backend::literal::{LetterCase, Literal};
use crate::backend::word::{OperatorWord, Word};
use crate::table::read::Reader;

/// Reads the literals of a language, and their names. A literal may build on an earlier one (`base`)
/// and put its text into another (`then`).
pub(super) fn literals(language: Reader<'_>) -> (Vec<String>, Vec<Literal>) {
    let mut literals: (Vec<String>, Vec<Literal>) = Default::default();
    language.tables("literal", |name, reader| {
        let found = literal(*reader, &literals.0, &literals.1);
        literals.0.push(name.to_owned());
        literals.1.push(found);
    });
    literals
}

/// Reads one literal that builds on none.
pub(super) fn alone(reader: Reader<'_>) -> Literal {
    literal(reader, &[], &[])
}

fn literal(reader: Reader<'_>, names: &[String], known: &[Literal]) -> Literal {
    let named = |key| {
        let name = reader.text(key)?;
        let at = names.iter().position(|known| known == name)?;
        Some(known[at].clone())
    };
    let set = |own: &mut Option<String>, key| {
        if let Some(text) = reader.text(key) {
            *own = Some(text.to_owned());
        }
    };
    let split = |own: &mut Option<(String, String)>, key, slot| {
        if let Some((before, after)) = reader.text(key).and_then(|text| text.split_once(slot)) {
            *own = Some((before.to_owned(), after.to_owned()));
        }
    };
    let mut literal = named("base").unwrap_or_default();
    if let Some(then) = named("then") {
        literal.then = Some(Box::new(then));
    }
    if let Some(quote) = reader.pair("quote") {
        literal.quote = quote;
    }
    let backslashed = reader.text("escape_with_backslash").unwrap_or_default();
    let backslashed = backslashed.chars().map(|c| (c, format!("\\{c}")));
    for (character, escape) in backslashed.chain(characters(reader, "escape")) {
        literal.escapes.retain(|(known, _)| *known != character);
        literal.escapes.push((character, escape));
    }
    for pair in reader.texts("escape_pairs") {
        let mut pair = pair.chars();
        if let (Some(first), Some(second)) = (pair.next(), pair.next()) {
            literal.pairs.push((first, second));
        }
    }
    set(&mut literal.any, "any");
    set(&mut literal.one, "one");
    set(&mut literal.empty, "empty");
    split(&mut literal.both_cases, "both_cases", "{letters}");
    split(&mut literal.bytes, "bytes", "{hex}");
    if let Some(refused) = reader.text("refuse") {
        literal.refused = refused.chars().collect();
    }
    literal.refuse_controls |= reader.flag("refuse_controls");
    for (key, case) in [("lower", LetterCase::Lower), ("upper", LetterCase::Upper)] {
        if reader.flag(key) {
            literal.letters = Some(case);
        }
    }
    literal.merges_wildcards |= reader.flag("merge_wildcards");
    if let Some(limit) = reader.number("max_determinized_states") {
        literal.max_determinized_states = Some(limit);
    }
    if let Some(bare) = reader.text("bare") {
        literal.bare = Some(bare.chars().collect());
    }
    words(reader, &mut literal);
    literal.last.extend(characters(reader, "last"));
    if let Some(loss) = loss::of(reader) {
        literal.loss = Some(loss);
    }
    if let Some(plain) = named("plain") {
        let holding = reader.text("plain_holding").unwrap_or_default();
        literal.plain = Some((holding.chars().collect(), Box::new(plain)));
    }
    if let Some(lone) = reader.table("lone") {
        let doubled = lone.text("character").unwrap_or_default().chars().next();
        let before = lone.text("unless_before").unwrap_or_default();
        literal.lone = doubled.map(|doubled| (doubled, before.chars().collect()));
    }
    literal.prepared()
}

/// Characters, and what becomes of each.
fn characters<'t>(reader: Reader<'t>, key: &str) -> impl Iterator<Item = (char, String)> + use<'t> {
    let pairs = reader.pairs(key);
    pairs.filter_map(|(key, becomes)| Some((key.chars().next()?, becomes.to_owned())))
}

/// Words and blanks that mean something to the target.
fn words(reader: Reader<'_>, literal: &mut Literal) {
    for (key, what) in [
        ("escape_words", Word::Escaped),
        ("any_words", Word::Wild),
        ("refuse_words", Word::Refused),
    ] {
        for word in reader.texts(key) {
            let word = OperatorWord::new(word, what);
            literal.words.retain(|known| !known.is(&word));
            literal.words.push(word);
        }
    }
    for (key, what) in [
        ("any_blank_ends", Word::Wild),
        ("refuse_blank_ends", Word::Refused),
    ] {
        if reader.flag(key) {
            literal.blank_ends = Some(what);
        }
    }
}
