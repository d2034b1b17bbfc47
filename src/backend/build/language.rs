//! `[query]` and `[filter]`: a language.

use super::loss::{self, Losses};
use super::{Context, field, folding, literal, regex};
use crate::backend::language::{
    Grouping, Keywords, Kind, KnownLoss, Language, Limit, ListForm, Precedence, Strength,
    ValueClass, Wording,
};
use crate::backend::literal::Literal;
use crate::backend::template::{Slot, Template};
use crate::compat::emit::Keys;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::TimePart;
use crate::table::read::Reader;
use crate::table::tree::{Entry, Tree};

const STRENGTHS: &[(&str, Strength)] = &[
    ("atom", Strength::Atom),
    ("not", Strength::Not),
    ("and", Strength::And),
    ("or", Strength::Or),
];

/// Reads a language, and gives the names of its literals too.
pub(super) fn language(reader: Reader<'_>, context: &Context) -> (Language, Vec<String>) {
    let (names, literals) = literal::literals(&reader);
    let negated_test = reader
        .text("negated_test")
        .map(|_| context.template(&reader, "negated_test", ""));
    let reference = Keys::read(&reader);
    let language = Language {
        and: reader.required("and").to_owned(),
        or: reader.required("or").to_owned(),
        not: context.template(&reader, "not", "NOT {expr}"),
        not_two_valued: context.template_with(&reader, "not_two_valued", &[]),
        longest_chain: reader.number("longest_chain"),
        clauses: limit(&reader, "clauses"),
        depth: limit(&reader, "depth"),
        group: context.template(&reader, "group", "({expr})"),
        precedence: precedence(&reader, "precedence"),
        grouping: grouping(&reader, reference.as_deref()),
        negated_test,
        two_valued: kinds(&reader, "two_valued"),
        everything: reader.text("everything").unwrap_or_default().to_owned(),
        field: field::names(&reader, context),
        tests: tests(&reader, context, (&names, &literals)),
        folded_when: context.options_at(&reader, "folded_when"),
        list: list(&reader, context, &names, "list"),
        number_list: list(&reader, context, &names, "number_list"),
        folding: folding::folding(&reader),
        raw_controls: reader.text("raw_controls").map(str::to_owned),
        keywords: keywords(&reader, context),
        booleans: booleans(&reader),
        operators: operators(&reader),
        time_parts: time_parts(&reader, context),
        regex: regex::dialect(&reader),
        regex_by: regex::dialects_by_option(&reader, context),
        reference,
        literals,
    };
    // A filter's own keys, read around the language.
    for key in ["before", "when", "apart"] {
        let _ = reader.get(key);
    }
    reader.finish();
    (language, names)
}

fn grouping(reader: &Reader<'_>, reference: Option<&Keys>) -> Grouping {
    if reference.is_some_and(Keys::has_layout) {
        return Grouping::Minimal;
    }
    let groupings = [
        ("written", Grouping::Written),
        ("minimal", Grouping::Minimal),
        ("nested", Grouping::Nested),
    ];
    reader
        .choice("grouping", &groupings)
        .unwrap_or(Grouping::Minimal)
}

pub(crate) fn precedence(reader: &Reader<'_>, key: &'static str) -> Precedence {
    let words = reader.texts(key).unwrap_or_default();
    let rank = |word: &str, default: u8| {
        let at = words.iter().position(|known| *known == word);
        at.map_or(default, |at| u8::try_from(at + 1).unwrap_or(default))
    };
    let precedence = Precedence {
        ranks: [rank("not", 1), rank("and", 2), rank("or", 3)],
    };
    let mut sorted = precedence.ranks;
    sorted.sort_unstable();
    if sorted != [1, 2, 3]
        && let Some(entry) = reader.get(key)
    {
        let path = reader.path(key);
        reader.expected("`not`, `and` and `or`, each once", &path, entry.place);
    }
    precedence
}

pub(super) fn kinds(reader: &Reader<'_>, key: &'static str) -> Vec<Kind> {
    let words = reader.texts(key).unwrap_or_default();
    let kinds = words.into_iter().filter_map(|word| {
        let kind = Kind::from_key(word);
        if kind.is_none()
            && let Some(entry) = reader.get(key)
        {
            let what = format!("kinds of tests, found `{word}`");
            reader.expected(&what, &reader.path(key), entry.place);
        }
        kind
    });
    kinds.collect()
}

fn tests(
    reader: &Reader<'_>,
    context: &Context,
    (names, literals): (&[String], &[Literal]),
) -> Vec<Vec<Wording>> {
    let losses = Losses::read(reader, context);
    let mut tests = vec![Vec::new(); Kind::ALL.len()];
    let Some(table) = reader.table("test") else {
        return tests;
    };
    for (key, place, entry) in table.entries() {
        let Some(kind) = Kind::from_key(key) else {
            let message = format!("unknown test `{}`", table.path(key));
            let mut diagnostic = Diagnostic::error(Code::BackendKey, message);
            let known = Kind::ALL.iter().map(|(_, key)| *key);
            if let Some(name) = nearest(key, known) {
                diagnostic = diagnostic.help(format!("did you mean `{name}`?"));
            }
            table.problem(*place, diagnostic);
            continue;
        };
        let path = table.path(key);
        let alternatives: Vec<&Entry> = match &entry.value {
            Tree::Bool(false) => Vec::new(),
            Tree::List(items) => items.iter().collect(),
            _ => vec![entry],
        };
        tests[kind as usize] = alternatives
            .into_iter()
            .filter_map(|entry| wording(&table, &path, entry, context, names, &losses))
            .map(|mut wording| {
                let texts = wording.text.iter().chain(&wording.negated);
                let of_literals = loss::of_literals(texts, literals);
                wording.losses.extend(of_literals);
                wording.losses.extend(losses.of_test(kind, wording.each));
                wording
            })
            .collect();
    }
    tests
}

fn wording(
    table: &Reader<'_>,
    path: &str,
    entry: &Entry,
    context: &Context,
    names: &[String],
    losses: &Losses,
) -> Option<Wording> {
    match &entry.value {
        Tree::Text(text) => {
            let text = Ok(context.compile(table, text, entry.place, names));
            Some(Wording::of(text))
        }
        Tree::Table(keys) => {
            let reader = Reader::new(keys, path, table.problems());
            let saying = detailed_wording(&reader, context, names, losses);
            reader.finish();
            Some(saying)
        }
        _ => {
            table.expected("a text, a table or a list of them", path, entry.place);
            None
        }
    }
}

fn detailed_wording(
    reader: &Reader<'_>,
    context: &Context,
    names: &[String],
    losses: &Losses,
) -> Wording {
    let text = match (reader.text_entry("text"), reader.text("refuse")) {
        (_, Some(reason)) => Err(reason.to_owned()),
        (Some((text, place)), None) => Ok(context.compile(reader, text, place, names)),
        (None, None) => {
            reader.missing("text");
            Ok(Template::default())
        }
    };
    let own = loss::of(reader).map(|(loss, text)| KnownLoss::always(loss, text));
    let losses = own.into_iter().chain(losses.named(reader)).collect();
    // What is refused is refused below a `not` too, whatever a parent's wording says there.
    let negated = context.template_with(reader, "negated", names);
    let negated = negated.filter(|_| text.is_ok());
    Wording {
        text,
        binds: reader.choice("binds", STRENGTHS).unwrap_or(Strength::Atom),
        losses,
        when: context.when(reader),
        only: ValueClass::KEYS
            .into_iter()
            .filter(|(key, _)| reader.flag(key))
            .map(|(_, class)| class)
            .collect(),
        clauses: number(reader, "clauses").unwrap_or(1),
        longest: number(reader, "longest"),
        negated,
        each: context.each(reader),
    }
}

fn number(reader: &Reader<'_>, key: &'static str) -> Option<usize> {
    let entry = reader.get(key)?;
    let number = match entry.value {
        Tree::Integer(number) => usize::try_from(number).ok(),
        _ => None,
    };
    if number.is_none() {
        reader.expected("a number", &reader.path(key), entry.place);
    }
    number
}

fn list(
    reader: &Reader<'_>,
    context: &Context,
    names: &[String],
    key: &'static str,
) -> Option<ListForm> {
    let table = reader.table(key)?;
    let of_numbers = key == "number_list";
    let (text, place) = table.text_entry("text")?;
    let named = |key| {
        table.text_entry(key).and_then(|(name, place)| {
            let found = names.iter().position(|known| known == name);
            if found.is_none() {
                table.expected("the name of a literal", &table.path(key), place);
            }
            found
        })
    };
    let form = ListForm {
        text: context.compile(&table, text, place, names),
        separator: table.text("separator").unwrap_or(", ").to_owned(),
        literal: named("literal").unwrap_or(0),
        wildcards: table.flag("wildcards"),
        strings: !of_numbers,
        numbers: of_numbers || table.flag("numbers"),
        number_literal: named("number_literal"),
        spellings: table.flag("spellings"),
        ascii_only: table.flag("ascii_only"),
        when: context.when(&table),
        binds: table.choice("binds", STRENGTHS).unwrap_or(Strength::Atom),
    };
    if !form.text.has(Slot::List) {
        let message = format!("`{}` has no `{{list}}`", table.path("text"));
        table.problem(place, Diagnostic::error(Code::BackendTemplate, message));
    }
    Keys::read_list(&table);
    table.finish();
    Some(form)
}

fn keywords(reader: &Reader<'_>, context: &Context) -> Option<Keywords> {
    let table = reader.table("keywords")?;
    let keywords = Keywords {
        text: context.template(&table, "text", "{list}"),
        separator: table.required("separator").to_owned(),
    };
    table.finish();
    Some(keywords)
}

fn limit(reader: &Reader<'_>, key: &'static str) -> Option<Limit> {
    let table = reader.table(key)?;
    let limit = Limit {
        most: table.number("most").unwrap_or(usize::MAX),
        help: table.required("help").to_owned(),
    };
    table.finish();
    Some(limit)
}

fn booleans(reader: &Reader<'_>) -> Option<[String; 2]> {
    let table = reader.table("boolean")?;
    let words = [table.required("false"), table.required("true")].map(str::to_owned);
    table.finish();
    Some(words)
}

fn operators(reader: &Reader<'_>) -> [String; 4] {
    let defaults = ["<", "<=", ">", ">="];
    let Some(table) = reader.table("operator") else {
        return defaults.map(str::to_owned);
    };
    let keys = ["lt", "lte", "gt", "gte"];
    let signs: Vec<String> = keys
        .into_iter()
        .zip(defaults)
        .map(|(key, default)| table.text(key).unwrap_or(default).to_owned())
        .collect();
    table.finish();
    signs.try_into().unwrap_or(defaults.map(str::to_owned))
}

fn time_parts(reader: &Reader<'_>, context: &Context) -> Vec<(TimePart, Template)> {
    const PARTS: [TimePart; 6] = [
        TimePart::Minute,
        TimePart::Hour,
        TimePart::Day,
        TimePart::Week,
        TimePart::Month,
        TimePart::Year,
    ];
    let words = reader.pairs("time_part");
    let parts = words.into_iter().filter_map(|(name, word)| {
        let part = PARTS.into_iter().find(|part| part.name() == name);
        if part.is_none()
            && let Some(entry) = reader.get("time_part")
        {
            let what = format!("parts of a time, found `{name}`");
            reader.expected(&what, &reader.path("time_part"), entry.place);
        }
        let place = reader.get("time_part").map(|entry| entry.place);
        let word = context.compile(reader, word, place.unwrap_or_default(), &[]);
        Some((part?, word))
    });
    parts.collect()
}
