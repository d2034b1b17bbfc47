//! `[query.literal.NAME]`: quotes, escapes and wildcards.

use super::loss;
use crate::backend::literal::Literal;
use crate::backend::word::Word;
use crate::table::read::Reader;
use crate::table::tree::{Table, Tree};

/// Reads the literals of a language. A literal may build on an earlier one (`base`) and put its
/// text into another (`then`).
pub(super) fn literals(language: &Reader<'_>) -> (Vec<String>, Vec<Literal>) {
    let (mut names, mut literals) = (Vec::new(), Vec::new());
    let Some(table) = language.table("literal") else {
        return (names, literals);
    };
    for (name, _, entry) in table.entries() {
        match &entry.value {
            Tree::Table(keys) => {
                let reader = Reader::new(keys, &table.path(name), table.problems());
                let literal = literal(reader, &names, &literals);
                names.push(name.clone());
                literals.push(literal);
            }
            Tree::Bool(false) => {}
            _ => table.expected("a table", &table.path(name), entry.place),
        }
    }
    (names, literals)
}

/// Reads one literal that builds on none.
pub(super) fn alone(keys: &Table, path: &str, parent: &Reader<'_>) -> Literal {
    literal(Reader::new(keys, path, parent.problems()), &[], &[])
}

fn literal(reader: Reader<'_>, names: &[String], known: &[Literal]) -> Literal {
    let named = |key| {
        let (name, place) = reader.text_entry(key)?;
        let found = names.iter().position(|known| known == name);
        if found.is_none() {
            reader.expected("the name of a literal above", &reader.path(key), place);
        }
        found.map(|at| known[at].clone())
    };
    let mut literal = named("base").unwrap_or_default();
    if let Some(then) = named("then") {
        literal.then = Some(Box::new(then));
    }
    if let Some(quotes) = reader.texts("quote") {
        let open = quotes.first().copied().unwrap_or_default();
        let close = quotes.get(1).copied().unwrap_or(open);
        literal.quote = (open.to_owned(), close.to_owned());
    }
    if let Some(characters) = reader.text("escape_with_backslash") {
        for character in characters.chars() {
            literal.escapes.retain(|(known, _)| *known != character);
            literal.escapes.push((character, format!("\\{character}")));
        }
    }
    for (character, escape) in reader.pairs("escape") {
        let Some(character) = single(character) else {
            let place = reader.get("escape").map(|entry| entry.place);
            let place = place.unwrap_or_default();
            reader.expected("single characters as keys", &reader.path("escape"), place);
            continue;
        };
        literal.escapes.retain(|(known, _)| *known != character);
        literal.escapes.push((character, escape.to_owned()));
    }
    if let Some(any) = reader.get("any") {
        literal.any = as_text(&any.value);
    }
    if let Some(one) = reader.get("one") {
        literal.one = as_text(&one.value);
    }
    if let Some(refused) = reader.text("refuse") {
        literal.refused = refused.chars().collect();
    }
    if reader.get("refuse_controls").is_some() {
        literal.refuse_controls = reader.flag("refuse_controls");
    }
    if reader.get("lower").is_some() {
        literal.lower = reader.flag("lower");
    }
    if let Some((open, close)) = reader
        .text("both_cases")
        .and_then(|text| text.split_once("{letters}"))
    {
        literal.both_cases = Some((open.to_owned(), close.to_owned()));
    }
    if let Some((before, behind)) = reader
        .text("bytes")
        .and_then(|text| text.split_once("{hex}"))
    {
        literal.bytes = Some((before.to_owned(), behind.to_owned()));
    }
    if let Some(bare) = reader.text("bare") {
        literal.bare = Some(bare.chars().collect());
    }
    words(&reader, &mut literal);
    for (key, becomes) in reader.pairs("last") {
        literal
            .last
            .extend(single(key).map(|key| (key, becomes.to_owned())));
    }
    if let Some(loss) = loss::of(&reader) {
        literal.loss = Some(loss);
    }
    if let Some(empty) = reader.text("empty") {
        literal.empty = Some(empty.to_owned());
    }
    if let Some(plain) = named("plain") {
        let holding = reader.text("plain_holding").unwrap_or_default();
        literal.plain = Some((holding.chars().collect(), Box::new(plain)));
    }
    if let Some(lone) = reader.table("lone") {
        let doubled = single(lone.required("character")).unwrap_or('\\');
        let before = lone.required("unless_before").chars().collect();
        literal.lone = Some((doubled, before));
        lone.finish();
    }
    reader.finish();
    literal.prepared()
}

/// Words and blanks that mean something to the target.
fn words(reader: &Reader<'_>, literal: &mut Literal) {
    for (key, what) in [
        ("escape_words", Word::Escaped),
        ("any_words", Word::Wild),
        ("refuse_words", Word::Refused),
    ] {
        for word in reader.texts(key).unwrap_or_default() {
            let word = word.to_lowercase();
            literal.words.retain(|(known, _)| *known != word);
            literal.words.push((word, what));
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

fn as_text(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}
