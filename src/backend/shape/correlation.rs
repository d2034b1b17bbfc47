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
            "when": WHEN, "only where these options have these values";
        },
    )
};

static WORDING: Table = Table {
    any_of: &["template", "refuse"],
    one_of: &["template", "refuse"],
    ..Table::new(
        "correlation_wording",
        keys! {
            "template": Shape::Name("template"), "the template below `templates/` that makes the query. The first wording is taken whose demands, all keys below `approximate`, the correlation meets";
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
            "aliases": Shape::Flag, "`false`: only where each entry of `group-by` and `field` is the same field in all rules";
            "chains": Shape::Flag, "`false`: only where it refers to no correlation";
            "filters": Shape::Flag, "`false`: only where the search of each rule needs no filter behind it";
            "formats": TEXTS, "only in these formats";
            "when": WHEN, "only where these options have these values";
        },
    )
};
