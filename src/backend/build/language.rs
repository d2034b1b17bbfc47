//! `[query]` and `[filter]`: a language.

use super::loss::{self, Losses};
use super::{Context, field, folding, literal, regex};
use crate::backend::language::{
    Elements, Grouping, Keywords, Kind, KnownLoss, Language, Limit, ListForm, Precedence, Strength,
    ValueClass, Wording,
};
use crate::backend::literal::Literal;
use crate::backend::template::Template;
use crate::rule::TimePart;
use crate::table::read::Reader;
use crate::table::tree::Tree;

const STRENGTHS: &[(&str, Strength)] = &[
    ("atom", Strength::Atom),
    ("not", Strength::Not),
    ("and", Strength::And),
    ("or", Strength::Or),
];

/// Reads a language.
pub(super) fn language(reader: Reader<'_>, context: &Context<'_>) -> Language {
    let (names, literals) = literal::literals(reader);
    let groupings = [
        ("written", Grouping::Written),
        ("minimal", Grouping::Minimal),
        ("nested", Grouping::Nested),
    ];
    Language {
        and: reader.owned("and"),
        or: reader.owned("or"),
        not: context.template(reader, "not", "NOT {expr}"),
        not_two_valued: context.template_with(reader, "not_two_valued", &[]),
        longest_chain: reader.number("longest_chain"),
        clauses: reader.table("clauses").map(limit),
        depth: reader.table("depth").map(limit),
        group: context.template(reader, "group", "({expr})"),
        precedence: Precedence::read(reader, "precedence").unwrap_or_default(),
        grouping: reader
            .choice("grouping", &groupings)
            .unwrap_or(Grouping::Minimal),
        negated_test: context.template_with(reader, "negated_test", &[]),
        two_valued: kinds(reader, "two_valued"),
        everything: reader.owned("everything"),
        field: field::names(reader, context),
        tests: tests(reader, context, (&names, &literals)),
        folded_when: context.when_at(reader, "folded_when"),
        list: lists(reader, context, &names, "list").pop(),
        number_list: lists(reader, context, &names, "number_list"),
        folding: folding::folding(reader),
        raw_controls: reader.text("raw_controls").map(str::to_owned),
        elements: reader.table("elements").map(|table| Elements {
            name: table.owned("name"),
            test: context.template(table, "test", "{test}"),
            null: context.template(table, "null", "{field}"),
            exists: context.template_with(table, "exists", &[]),
            not_exists: context.template_with(table, "not_exists", &[]),
        }),
        keywords: reader.table("keywords").map(|table| Keywords {
            text: context.template(table, "text", "{list}"),
            separator: table.owned("separator"),
        }),
        booleans: reader
            .table("boolean")
            .map(|table| ["false", "true"].map(|key| table.owned(key))),
        operators: operators(reader),
        time_parts: time_parts(reader, context),
        regex: regex::dialect(reader),
        regex_by: regex::dialects_by_option(reader, context),
        literals,
    }
}

impl Precedence {
    /// Reads the operators of a key, tightest first.
    pub(crate) fn read(reader: Reader<'_>, key: &str) -> Option<Self> {
        reader.get(key)?;
        let mut precedence = Self::default();
        for (rank, word) in (1..).zip(reader.texts(key)) {
            match word {
                "not" => precedence.ranks[0] = rank,
                "and" => precedence.ranks[1] = rank,
                _ => precedence.ranks[2] = rank,
            }
        }
        Some(precedence)
    }
}

/// The kinds of tests that a key names.
pub(super) fn kinds(reader: Reader<'_>, key: &str) -> Vec<Kind> {
    reader.texts(key).filter_map(Kind::from_key).collect()
}

fn tests(
    reader: Reader<'_>,
    context: &Context<'_>,
    (names, literals): (&[String], &[Literal]),
) -> Vec<Vec<Wording>> {
    let losses = Losses::read(reader, context);
    let table = reader.table("test");
    let of_kind = |(kind, key): &(Kind, &str)| {
        let values = table.iter().flat_map(|table| table.values(key));
        let wordings = values.filter_map(|value| wording(value, context, names, &losses));
        let wordings = wordings.map(|mut wording| {
            let texts = wording.text.iter().chain(&wording.negated);
            let of_literals = loss::of_literals(texts, literals);
            wording.losses.extend(of_literals);
            wording.losses.extend(losses.of_test(*kind, wording.each));
            wording
        });
        wordings.collect()
    };
    Kind::ALL.iter().map(of_kind).collect()
}

fn wording(
    value: &Tree,
    context: &Context<'_>,
    names: &[String],
    losses: &Losses,
) -> Option<Wording> {
    let reader = match value {
        Tree::Text(text) => return Some(Wording::of(Ok(context.compile(text, names)))),
        Tree::Table(keys) => Reader::new(keys),
        _ => return None,
    };
    let text = match reader.text("refuse") {
        Some(reason) => Err(reason.to_owned()),
        None => Ok(context.compile(reader.text("text")?, names)),
    };
    let own = loss::of(reader).map(|(loss, text)| KnownLoss::always(loss, text));
    // What is refused is refused below a `not` too, whatever a parent's wording says there.
    let negated = context.template_with(reader, "negated", names);
    let negated = negated.filter(|_| text.is_ok());
    Some(Wording {
        text,
        binds: reader.choice("binds", STRENGTHS).unwrap_or(Strength::Atom),
        losses: own.into_iter().chain(losses.named(reader)).collect(),
        when: context.when(reader),
        only: ValueClass::KEYS
            .into_iter()
            .filter(|(key, _)| reader.flag(key))
            .map(|(_, class)| class)
            .collect(),
        clauses: reader.number("clauses").unwrap_or(1),
        longest: reader.number("longest"),
        negated,
        any_type: reader.flag("any_type"),
        each: context.option(reader, "each"),
    })
}

fn lists(reader: Reader<'_>, context: &Context<'_>, names: &[String], key: &str) -> Vec<ListForm> {
    let tables = reader.values(key).filter_map(|value| match value {
        Tree::Table(table) => Some(Reader::new(table)),
        _ => None,
    });
    let of_numbers = key == "number_list";
    let forms = tables.filter_map(|table| list(table, context, names, of_numbers));
    forms.collect()
}

fn list(
    table: Reader<'_>,
    context: &Context<'_>,
    names: &[String],
    of_numbers: bool,
) -> Option<ListForm> {
    let named = |key| {
        let name = table.text(key)?;
        names.iter().position(|known| known == name)
    };
    Some(ListForm {
        text: context.template_with(table, "text", names)?,
        separator: table.text("separator").unwrap_or(", ").to_owned(),
        literal: named("literal").unwrap_or(0),
        wildcards: table.flag("wildcards"),
        strings: !of_numbers,
        numbers: of_numbers || table.flag("numbers"),
        number_literal: named("number_literal"),
        spellings: table.flag("spellings"),
        digits: table.flag("digits"),
        ascii_only: table.flag("ascii_only"),
        when: context.when(table),
        binds: table.choice("binds", STRENGTHS).unwrap_or(Strength::Atom),
    })
}

fn limit(table: Reader<'_>) -> Limit {
    Limit {
        most: table.number("most").unwrap_or(usize::MAX),
        help: table.owned("help"),
    }
}

fn operators(reader: Reader<'_>) -> [String; 4] {
    let table = reader.table("operator");
    let sign = |(key, default)| {
        let own = table.and_then(|table| table.text(key));
        own.unwrap_or(default).to_owned()
    };
    [("lt", "<"), ("lte", "<="), ("gt", ">"), ("gte", ">=")].map(sign)
}

fn time_parts(reader: Reader<'_>, context: &Context<'_>) -> Vec<(TimePart, Template)> {
    const PARTS: [TimePart; 6] = [
        TimePart::Minute,
        TimePart::Hour,
        TimePart::Day,
        TimePart::Week,
        TimePart::Month,
        TimePart::Year,
    ];
    let words = reader.pairs("time_part");
    let parts = words.filter_map(|(name, word)| {
        let part = PARTS.into_iter().find(|part| part.name() == name)?;
        Some((part, context.compile(word, &[])))
    });
    parts.collect()
}
