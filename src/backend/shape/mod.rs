//! What a backend file may hold: the one definition of its keys.
//!
//! The checker, the JSON Schema (`docs/backend.schema.json`) and the tables of `docs/backends.md` are
//! made from it; the builders read what it lets pass. A key is added by a line here and its reading
//! in `build`.

mod correlation;
mod language;
mod literal;
mod slots;
#[cfg(test)]
mod tests;
mod wording;

use crate::table::shape::{Shape, Table, keys};
use slots::{ByOption, Slots};

const TEXTS: Shape = Shape::OneOrMore(&Shape::Text);
const PROFILES: Shape = Shape::Words(&["native", "sigmac", "pysigma"]);
const ESCAPES: Shape = Shape::Map(&Shape::Character, &Shape::Text);
const WHEN: Shape = Shape::Own(&ByOption::Value);

/// A template that fills these slots.
const fn template(slots: &'static Slots) -> Shape {
    Shape::Own(slots)
}

/// `backends/<target>.toml`
pub static FILE: Table = Table {
    names: &[
        ("option", "options"),
        ("type", "types"),
        ("literal", "query.literal"),
    ],
    ..Table::new(
        "target",
        keys! {
            "title" required: Shape::Text, "the target's name for people";
            "about": Shape::Text, "what it is for, in a sentence or two";
            "aliases": TEXTS, "further names of the target, in any case and with any signs: `-t PostgreSQL`. No two targets share one. Not inherited";
            "known_as": TEXTS, "names that people use for this target and for others (`elasticsearch`): an error lists the targets that are meant. Not inherited. Names of systems without a target are in `src/backend/registry/systems.toml`";
            "extends": Shape::Text, "the file that this one builds on and inherits keys from; `key = false` removes an inherited key. A file whose name begins with `_` is not a target, but only a base for others";
            "extension" or "\"txt\"": Shape::Text, "the ending of output files";
            "frame" or "\"{query}\"": Shape::OneOrMore(&Shape::AnyOf(&[template(FRAME_SLOTS), Shape::Table(&FRAME)])), "the text around the query in every format: `\"FROM {option.dataset} WHERE {query}\"`; of a list, the first whose options have their values";
            "longest_query": Shape::Table(&LONGEST_QUERY), "the longest query that the engine takes; a longer one gets the warning `VS0617`";
            "query" required: Shape::Table(&language::LANGUAGE), "the language of the query";
            "filter": Shape::Table(&language::FILTER), "the language of a later command that can express more, or of a filter beside the query";
            "deferred": Shape::Table(&DEFERRED), "a native strategy";
            "aggregation": Shape::Table(&AGGREGATION), "the wording of a condition's deprecated pipe";
            "correlation": Shape::Table(&correlation::CORRELATION), "how correlations are said; without it they can't be";
            "formats" required: Shape::Map(&Shape::Text, &Shape::Table(&FORMAT)), "a table for each output format; the first is the default";
            "options": Shape::Map(&Shape::Text, &Shape::Table(&OPTION)), "a table for each option";
            "types": Shape::Map(&Shape::Text, &Shape::Table(&TYPE)), "a table for each type of columns that a schema (`--schema`) can tell; `when = { type = \"integer\" }` asks for it";
            "schema": Shape::Table(&SCHEMA), "what a schema is to the target";
            "proof": Shape::Table(&PROOF), "how it was proven that its queries mean what the rules do";
            "advice": Shape::Map(&Shape::Text, &Shape::Text), "what a user can do about a reason: `\"part of the reason\" = \"help\"`. The first entry whose text is in the reason (why a query is not exact, or is not possible) is the message's help";
        },
    )
};

/// `backends/compat/<target>.<profile>.toml` that takes a profile away.
pub static NO_PROFILE: Table = Table::new(
    "no_profile",
    keys! {
        "available": Shape::Flag, "`false`: the target has no such profile";
    },
);

const FRAME_SLOTS: &Slots = &Slots {
    filled: &["query", "option"],
    needed: &["query"],
};

static FRAME: Table = Table::new(
    "frame",
    keys! {
        "text" required: template(FRAME_SLOTS), "the template";
        "when": WHEN, "only where these options have these values: `{ table = \"\" }`";
    },
);

static OPTION: Table = Table::new(
    "option",
    keys! {
        "about" required: Shape::Text, "what it does";
        "default" or "\"\"": Shape::Value, "its value where the user sets none. A user's value has to be of the same type; the texts of a list are joined by commas";
        "values": Shape::List(&Shape::Value), "the values that it can have; any if not given";
        "needed" or "false": Shape::Flag, "it may not be empty";
        "state": Shape::Text, "the key of pipelines' state, set by `set_state`, whose value it has unless the user sets it; the texts of a list are sorted, each once, and joined by commas";
    },
);

static SCHEMA: Table = Table::new(
    "schema",
    keys! {
        "table": Shape::Name("option"), "the option that names a rule's table, by which its columns are found";
        "default": Shape::Name("schema"), "the schema that comes with the program (`backends/schemas/`), for tables of which the user gives none";
        "assumes": Shape::Text, "what columns are taken to be where no schema tells";
        "ignores_case" or "false": Shape::Flag, "the engine ignores the case of columns' names";
        "missing" or "\"warn\"": Shape::Words(&["warn", "refuse"]), "what becomes of a rule with a field that its table lacks. An engine that knows its columns runs no such query: `\"refuse\"`";
    },
);

static PROOF: Table = Table::new(
    "proof",
    keys! {
        "how" required: Shape::Words(&["run", "evaluated", "parsed", "documented"]), "`\"run\"`: the engine itself gave the reference's answers; `\"evaluated\"`: an evaluator of the language did; `\"parsed\"`: a parser took the queries; `\"documented\"`: they follow the documentation alone";
        "by": Shape::Text, "the engine, the evaluator or the parser";
    },
);

static TYPE: Table = Table::new(
    "type",
    keys! {
        "names" required: TEXTS, "what exported schemas call it, in lower case and without what is in parentheses: `[\"int\", \"bigint\"]`. `*` means all names that no other type has";
        "field_names": Shape::Regex, "fields whose names match are of this type where there is no schema: `'\\.port$'`";
        "set": Shape::Own(&ByOption::Value), "the values that options have for tests of such a column, whatever the user set: `{ number = \"native\" }`";
        "text": template(&Slots { filled: &["field"], needed: &["field"] }), "how such a column is written in tests that take it for text: `\"CAST({field} AS VARCHAR)\"`. Those that ask for its type, or for an option that it sets, and those of presence do not";
        "fields": Shape::Name("type"), "such a column has fields of its own, `column.field`, and this is their type";
        "reach": Shape::Words(&["inside", "path"]), "how those fields are reached: as `query.field.inside` says, or by a path whose steps are quoted one by one. Without it, by their names as other fields";
    },
);

static LONGEST_QUERY: Table = Table {
    any_of: &["bytes", "characters"],
    one_of: &["bytes", "characters"],
    ..Table::new(
        "longest_query",
        keys! {
            "bytes": Shape::Count, "how many bytes of UTF-8 the text of a query may have, as the format prints it";
            "characters": Shape::Count, "the same in Unicode code points";
            "engine" required: Shape::Text, "the engine and its bound: ``\"ClickHouse (`max_query_size`)\"``";
            "help" required: Shape::Text, "help of the warning";
        },
    )
};

const FORMAT_SLOTS: &Slots = &Slots {
    filled: &[
        "query",
        "fields",
        "rule.id",
        "rule.title",
        "rule.level",
        "rule.label",
        "option",
        "option:name",
        "option:names",
    ],
    needed: &[],
};

static FORMAT_TEXT: Shape = template(FORMAT_SLOTS);

static FORMAT: Table = Table::new(
    "format",
    keys! {
        "title" required: Shape::Text, "what it is, in a few words";
        "query" or "\"{query}\"": template(FORMAT_SLOTS), "what a query is printed as";
        "query_with_fields": template(FORMAT_SLOTS), "the same where the rule has `fields`: `\"{query} | table {fields}\"`; `query` if not given";
        "field_separator" or "\",\"": Shape::Text, "between fields";
        "behind": Shape::List(&Shape::Table(&BEHIND)), "what follows the query where options are set";
        "extension": Shape::Text, "the ending of its files, if not the target's";
        "literal": Shape::Table(&literal::ALONE), "a literal that the whole text is written as in the end; it can have `bytes`";
        "profile": PROFILES, "the profile that the format shows, whatever the user asks for";
        "document": Shape::Name("template"), "the template below `templates/` that makes a document of the queries";
        "whole" or "false": Shape::Flag, "one document holds all queries of a run, not one each";
        "statement" or "false": Shape::Flag, "that document is one query to the engine, `longest_query` included";
        "texts": Shape::Map(&Shape::Text, &FORMAT_TEXT), "a table of templates: the document has them filled in for each query as `texts`";
        "with": Shape::Map(&Shape::Text, &Shape::Text), "a table of texts that the template has as `with`";
        "needs": TEXTS, "the keys that a pipeline has to set for it";
        "bounds": TEXTS, "names of fields: the document has as `bounds.NAME` the values that the condition needs one of (none where it needs none), and as `tested` the names of all fields that the rule tests";
        "raw_fields" or "false": Shape::Flag, "fields are named as the rule names them, without the quotes that they need (a reference's fault)";
        "filters" or "false": Shape::Flag, "its document carries a filter that is apart from the query";
        "hoist" or "false": Shape::Flag, "leading terms that don't depend on deferred parts move in front of them";
        "no_correlations": Shape::Text, "why it has no correlations";
        "several": Shape::Text, "what is wrong with several queries of one rule, for the warning `VS0609` (a reference's fault)";
        "paired": Shape::Text, "what is wrong with pairing ATT&CK's tactics and techniques by position, for the same warning where the pairs are not ATT&CK's";
    },
);

static BEHIND: Table = Table::new(
    "behind",
    keys! {
        "option" required: Shape::Name("option"), "the option that has to be set";
        "text" required: template(FORMAT_SLOTS), "what then follows the query";
    },
);

const AGGREGATION_SLOTS: &Slots = &Slots {
    filled: &["function", "field", "group", "op", "threshold", "option"],
    needed: &[],
};

static AGGREGATION: Table = Table {
    needs: &[("window", "window_group"), ("window_group", "window")],
    ..Table::new(
        "aggregation",
        keys! {
            "total" required: template(AGGREGATION_SLOTS), "a function of a field: `sum(size) > 5`";
            "grouped" required: template(AGGREGATION_SLOTS), "the same `by` another field";
            "events" required: template(AGGREGATION_SLOTS), "`count() > 5`";
            "events_grouped" required: template(AGGREGATION_SLOTS), "`count() by user > 5`";
            "distinct" or "\"count\"": Shape::Text, "the name of a count over a field's values";
            "window": template(&Slots { filled: &["timeframe", "option"], needed: &[] }), "what divides time by the rule's `timeframe`";
            "window_group": Shape::Text, "the field that it then groups by";
            "window_loss": Shape::Text, "why that is not exact";
        },
    )
};

const DEFERRED_SLOTS: &Slots = &Slots {
    filled: &[
        "field",
        "field:raw",
        "not",
        "regex",
        "match",
        "condition",
        "condition:raw",
        "other",
    ],
    needed: &[],
};

static DEFERRED: Table = Table {
    needs: &[("field_equals", "field_signs")],
    ..Table::new(
        "deferred",
        keys! {
            "separator" required: Shape::Text, "before the first deferred part and between them";
            "regex" required: template(DEFERRED_SLOTS), "a regular expression that is not below an `or`";
            "regex_signs" required: Shape::Texts(2), "`{not}` in it, for plain and negated";
            "regex_under_or" required: template(DEFERRED_SLOTS), "one below an `or`: what computes it";
            "condition_test" required: template(DEFERRED_SLOTS), "the test of what was computed";
            "resume" required: Shape::Text, "the command that returns to the search";
            "longest_name": Shape::Count, "the longest name for a group";
            "field_equals": template(DEFERRED_SLOTS), "a comparison of two fields";
            "field_signs": Shape::Texts(2), "`{not}` in it";
            "only": Shape::Text, "the search if nothing else is left";
        },
    )
};
