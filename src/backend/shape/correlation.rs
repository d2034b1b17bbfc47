//! `[correlation]`: how correlations are said.

use super::{TEXTS, WHEN};
use crate::table::shape::{Shape, Table, keys};

const WORDINGS: Shape = Shape::OneOrMore(&Shape::Table(&WORDING));
const OPERATORS: Shape = Shape::OneOrMore(&Shape::Words(&["gt", "gte", "lt", "lte", "eq", "neq"]));
const TYPE_NAMES: Shape = Shape::OneOrMore(&Shape::Words(&[
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
]));
const CONDITIONS: Shape = Shape::OneOrMore(&Shape::Words(&[
    "all",
    "threshold",
    "expression",
    "absence",
]));

/// `[correlation]`
pub static CORRELATION: Table = Table::new(
    "correlation",
    keys! {
        "needs": Shape::OneOrMore(&Shape::Name("option")), "options without which there is no correlation";
        "with": Shape::Map(&Shape::Text, &Shape::Text), "a table of texts that the templates have as `with`";
        "loss": Shape::OneOrMore(&Shape::Table(&LOSS)), "what queries lose whatever the wording: a list of tables, the first of which that fits counts";
        "fault": Shape::OneOrMore(&Shape::Table(&FAULT)), "in a compatibility profile, what the reference gets wrong: a list of tables, all of which count that fit";
        "type" required: Shape::Table(&TYPES), "the wordings of each type; a type that is not there can't be said";
    },
);

static TYPES: Table = Table::new(
    "correlation_type",
    keys! {
        "event_count": WORDINGS, "a number of events";
        "value_count": WORDINGS, "a number of distinct values, or tuples of them";
        "temporal": WORDINGS, "several rules within the time span";
        "temporal_ordered": WORDINGS, "several rules one after the other";
        "value_sum": WORDINGS, "a sum of numbers";
        "value_avg": WORDINGS, "a mean";
        "value_percentile": WORDINGS, "a percentile";
        "value_median": WORDINGS, "a median";
    },
);

static LOSS: Table = Table {
    any_of: &["broader", "narrower", "approximate"],
    ..Table::new(
        "correlation_loss",
        keys! {
            "types": TYPE_NAMES, "only for correlations of these types";
            "broader": TEXTS, "the query may fire where the rule does not, and why";
            "narrower": TEXTS, "the query may miss where the rule fires, and why";
            "approximate": TEXTS, "both, and why";
            "operators": OPERATORS, "only where every operator is one of these";
            "conditions": CONDITIONS, "only for these forms of a condition";
            "grouped": Shape::Flag, "only with a `group-by`, or only without one";
            "when": WHEN, "only where these options have these values, or one of a list of values; `type` is the column's type by the schema, `\"\"` an unknown one";
        },
    )
};

static FAULT: Table = Table::new(
    "correlation_fault",
    keys! {
        "text" required: Shape::Text, "what is wrong";
        "types": TYPE_NAMES, "only for correlations of these types";
        "operators": OPERATORS, "only where every operator is one of these";
        "conditions": CONDITIONS, "only for these forms of a condition";
        "rules": Shape::Count, "only where it refers to no more rules than this";
        "grouped": Shape::Flag, "only with a `group-by`, or only without one";
        "aliases": Shape::Flag, "only where entries of `group-by` and `field` are different fields in its rules, or only where they are not";
        "chains": Shape::Flag, "only where it refers to a correlation, or only where it does not";
        "formats": TEXTS, "only in these formats";
    },
);

static WORDING: Table = Table {
    any_of: &["template", "refuse"],
    one_of: &["template", "refuse"],
    ..Table::new(
        "correlation_wording",
        keys! {
            "template": Shape::Name("template"), "the template below `templates/` that makes the query. The first wording is taken whose demands, all keys below `approximate`, the correlation meets";
            "queries": Shape::Count, "how many queries the template makes, `1` by default: it is rendered once for each, with the query's number as `query`; a text that is empty is none";
            "refuse": Shape::Text, "in place of `template`: why the target can't say it";
            "broader": TEXTS, "the query may fire where the rule does not, and why";
            "narrower": TEXTS, "the query may miss where the rule fires, and why";
            "approximate": TEXTS, "both, and why";
            "operators": OPERATORS, "only where every operator is one of these";
            "conditions": CONDITIONS, "only for these forms of a condition: `all` rules of a temporal type, a `threshold`, an `expression` without `not`, an `absence` with one";
            "bounds": Shape::Count, "only where the condition has no more operators than this";
            "most": Shape::Count, "only for numbers that are no greater";
            "whole": Shape::Flag, "only for whole numbers";
            "rules": Shape::Count, "only where it refers to no more rules than this";
            "fields": Shape::Count, "only where it counts no more fields together";
            "grouped": Shape::Flag, "only with a `group-by`, or only without one";
            "groups": Shape::Count, "only where it groups by no more fields";
            "aliases": Shape::Flag, "only where an entry of `group-by` or `field` is not the same field in all rules; `false`: only where each is";
            "chains": Shape::Flag, "only where it refers to a correlation; `false`: only where it refers to none";
            "extra": Shape::Flag, "only where it asks a correlation for fields that this does not group by; `false`: only where each groups by all that it groups by or counts";
            "filters": Shape::Flag, "only where a rule needs a filter after its search; `false`: only where none does";
            "keywords": Shape::Flag, "only where a rule has keywords; `false`: only where none has";
            "tables": Shape::Flag, "only where pipelines set other options, such as the index, for one rule than for another; `false`: only where they set the same";
            "formats": TEXTS, "only in these formats";
            "when": WHEN, "only where these options have these values, or one of a list of values; `type` is the column's type by the schema, `\"\"` an unknown one";
        },
    )
};
