//! `[query]` and `[filter]`: a language.

use super::slots::{ByOption, Letters, OfTest, Slots};
use super::wording::{BINDS, TESTS};
use super::{ESCAPES, TEXTS, WHEN, literal, template};
use crate::backend::language::Kind;
use crate::table::shape::{Shape, Table, keys};

const OPERATORS: Shape = Shape::Order(&["not", "and", "or"]);
const EXPRESSION: Shape = template(&Slots {
    filled: &["expr"],
    needed: &["expr"],
});
const LITERAL: Shape = Shape::Name("literal");

/// The keys of every kind of test.
const KINDS: [&str; Kind::ALL.len()] = {
    let (mut keys, mut at) = ([""; Kind::ALL.len()], 0);
    while at < keys.len() {
        keys[at] = Kind::ALL[at].1;
        at += 1;
    }
    keys
};

/// The classes of values, as wordings name them before `_only`.
const CLASSES: [&str; 12] = [
    "ascii",
    "caseless",
    "folded",
    "ascii_case",
    "addresses",
    "digits",
    "truths",
    "one_word",
    "in_64_bits",
    "in_53_bits",
    "shortest",
    "bare",
];

/// `[query]`
pub static LANGUAGE: Table = Table {
    names: &[("literal", "literal"), ("loss", "loss")],
    ..Table::new(
        "language",
        keys! {
            "and" required: Shape::Text, "the text between the operands of an AND, blanks included";
            "or" required: Shape::Text, "the text between the operands of an OR";
            "not" or "\"NOT {expr}\"": EXPRESSION, "a negation";
            "group" or "\"({expr})\"": EXPRESSION, "a group";
            "precedence" or "[\"not\", \"and\", \"or\"]": OPERATORS, "the operators in the order in which they bind, tightest first";
            "engine_precedence": OPERATORS, "the engine's own order, where a reference takes another one for its `precedence`; `VS0609` names parentheses that are missing for it (compatibility)";
            "grouping" or "\"minimal\"": Shape::Words(&["minimal", "written", "explicit", "inner", "nested"]), "where parentheses are written. `minimal`: where precedence needs them; `written`: around every AND and OR and every list of values; `explicit`: around lists of values, and where the condition has parentheses; `inner`: around every operator inside another one, but not around the alternatives of a value in an OR; `nested`: around everything but a single test inside something else";
            "everything": Shape::Text, "what matches every event, for a search of which nothing is left";
            "negated_test": template(&Slots { filled: &["field", "test"], needed: &["test"] }), "the wording of a negated test where a test of a missing field is neither true nor false, or several tests of one field (`{test}` is then a group in parentheses); binds as `or` does, unless it is in parentheses; `not` then moves down to the tests";
            "not_two_valued": EXPRESSION, "how what is true or false whatever is missing (tests of `two_valued` kinds, and what is negated already) is negated, where `not` says more: `NOT {expr}` beside `NOT COALESCE({expr}, FALSE)`";
            "two_valued": Shape::OneOrMore(&Shape::Words(&KINDS)), "kinds of tests that are true or false whatever is missing; a plain `not` negates them";
            "longest_chain": Shape::Count, "chains of more operands are nested in groups of half as many";
            "depth": Shape::Table(&LIMIT), "how deep an expression every engine takes (operators, parentheses and functions inside one another). With `longest_chain`, chains are made shorter until the query is no deeper; if that does not help, it gets a warning";
            "clauses": Shape::Table(&LIMIT), "how many clauses every engine takes (a test is one, and so is a `not`); a query that has more gets a warning";
            "raw_controls": Shape::Text, "the language has no escape for control characters: what to do with a query that has one, for a warning where it is printed bare";
            "field": Shape::Table(&FIELD), "names of fields";
            "literal": Shape::Map(&Shape::Text, &Shape::Table(&literal::LITERAL)), "ways to write values, in order; the first is the one that `{value}` takes, others are named: `{value:NAME}`";
            "test": Shape::Table(&TESTS), "the wordings of each kind of test";
            "loss": Shape::Map(&Shape::Text, &Shape::Table(&LOSS)), "why tests are not exact: a wording names the loss (`loss = \"case\"`), or the loss names its tests";
            "folded_when": WHEN, "fields compare without regard to case where these options have these values: `{ case = \"mapped\" }`";
            "list": Shape::Table(&LIST), "one test for a list of values of a field";
            "number_list": Shape::OneOrMore(&Shape::Table(&LIST)), "the same for lists of nothing but numbers, where `list` does not serve; of several, the first that fits";
            "elements": Shape::Table(&ELEMENTS), "tests of columns that are lists by the schema";
            "keywords": Shape::Table(&KEYWORDS), "a function that searches for keywords";
            "folding": Shape::Table(&FOLDING), "letters that the engine pairs otherwise than a rule does (upper and lower case where each is one character). A value with one of them is marked so, unless its wording tells a loss of its own";
            "boolean": Shape::Table(&BOOLEAN), "the words for `true` and `false`";
            "operator": Shape::Table(&OPERATOR), "the signs of comparisons";
            "time_part": Shape::Table(&TIME_PART), "the target's words for parts of a time; `{part}` in tests";
            "regex": Shape::Table(&REGEX), "the engine's regular expressions; without it they are printed as the rule has them";
            "regex_by": Shape::Own(&ByOption::Table(&Shape::Table(&REGEX))), "`[query.regex_by.OPTION.VALUE]`: the dialect of regular expressions where an option has that value";
            "flag_prefix": Shape::Flag, "a regular expression that is printed as written has its flags in front (compatibility)";
            "python_regexes": Shape::Flag, "such an expression has to be one for Python (compatibility)";
            "bare_expansions": Shape::Flag, "alternatives that a modifier makes of a value get no parentheses below a `not`, one of them counts as an OR, and a `not` below a `not` has parentheses (compatibility)";
            "regex_placeholders": Shape::Flag, "placeholders in regular expressions are printed as they are (compatibility)";
            "expand_networks": Shape::Flag, "networks without a test of their own become prefixes of texts (compatibility)";
            "fault": Shape::Table(&FAULT), "words for the warning `VS0609` where the reference's text is wrong (compatibility)";
        },
    )
};

/// `[filter]`
pub static FILTER: Table = Table {
    names: &[("literal", "literal"), ("loss", "loss")],
    base: Some(&LANGUAGE),
    any_of: &["before", "apart"],
    ..Table::new(
        "filter",
        keys! {
            "before": Shape::Text, "the text in front of its expression: `\" | where \"`";
            "when": WHEN, "only where these options have these values, or one of a list of values; `type` is the column's type by the schema, `\"\"` an unknown one";
            "apart": Shape::Flag, "it is no part of the query's text: documents carry it beside the query. It takes whole conjuncts, and only those that the query can't say at all";
            "of": Shape::Text, "the language is that of this target's query, with the keys here on top";
        },
    )
};

static LIMIT: Table = Table::new(
    "limit",
    keys! {
        "most" required: Shape::Count, "the number that every engine accepts";
        "help" required: Shape::Text, "help of the warning";
    },
);

static FIELD: Table = Table::new(
    "field",
    keys! {
        "bare": Shape::Regex, "names that match are written as they are; all others get `quote` around them";
        "quote": Shape::Pair, "one text, or two for before and after";
        "escape": ESCAPES, "character to what stands for it inside the quotes";
        "refuse": TEXTS, "texts that no name may have as it is written, for which there is no escape";
        "refuse_others": Shape::Text, "names that `bare` does not match can't be written either, and why";
        "path": Shape::Flag, "a name with dots is a path, of which each step is quoted by itself";
        "reserved": TEXTS, "words that need quotes although `bare` matches them, in any case";
        "reserved_prefix": Shape::Text, "such a word gets this in front and nothing else";
        "optional": Shape::Text, "the text in front of the names of fields that the rule expects to be missing: where it tests for their absence or presence, or negates a test of them";
        "inside": Shape::Table(&INSIDE), "for events that lie in a column of their own";
    },
);

static INSIDE: Table = Table::new(
    "inside",
    keys! {
        "option": Shape::Name("option"), "the option that names the column; where it is empty, fields are columns";
        "text" or "\"{list}\"": template(&Slots { filled: &["field", "list"], needed: &["list"] }), "`{field}` is the column and `{list}` the path";
        "step": Shape::Pair, "the text around each step of the path";
        "escape": ESCAPES, "character to what stands for it inside a step";
        "refuse": TEXTS, "texts that no step may have, for which paths have no escape";
        "separator": Shape::Text, "between steps";
    },
);

static LIST: Table = Table::new(
    "list",
    keys! {
        "text" required: template(&Slots { filled: &["field", "list"], needed: &["list"] }), "`\"{field} IN ({list})\"`";
        "separator" or "\", \"": Shape::Text, "between values";
        "literal": LITERAL, "the literal that values are written as; the first if not given";
        "wildcards" or "false": Shape::Flag, "values may have wildcards";
        "numbers" or "false": Shape::Flag, "values may be numbers";
        "number_literal": LITERAL, "the literal of numbers, each of which is listed with all of its texts; without it they are listed as they are written";
        "spellings" or "false": Shape::Flag, "numbers are listed in all their spellings, as in the slot `{spellings}`";
        "digits" or "false": Shape::Flag, "of `number_list`: texts of nothing but ASCII digits are listed, too, and such lists come before `list`";
        "ascii_only" or "false": Shape::Flag, "only for values of nothing but ASCII";
        "when": WHEN, "only where these options have these values, or one of a list of values; `type` is the column's type by the schema, `\"\"` an unknown one";
        "expansions" or "false": Shape::Flag, "the alternatives that a modifier makes of one value may be listed";
        "careless" or "false": Shape::Flag, "case-sensitive values and parts of times too (a reference's fault)";
        "binds" or "\"atom\"": BINDS, "how tightly the text binds";
    },
);

const OF_LIST: Shape = template(&Slots {
    filled: &["field"],
    needed: &["field"],
});

static ELEMENTS: Table = Table::new(
    "elements",
    keys! {
        "name" required: Shape::Text, "the name that an element has in `test`: `element_`";
        "test" required: template(&Slots { filled: &["field", "test"], needed: &["field", "test"] }), "a test that holds of one element, as an atom: `\"any_match({field}, element_ -> {test})\"`";
        "null" required: OF_LIST, "the list is missing, empty or has an element that is null: true or false, as an atom";
        "exists": OF_LIST, "the list is there, if not as other columns are";
        "not_exists": OF_LIST, "it is not";
    },
);

static KEYWORDS: Table = Table::new(
    "keywords",
    keys! {
        "text" or "\"{list}\"": template(&Slots { filled: &["list"], needed: &["list"] }), "`'QSTR(\"{list}\")'`. Keywords joined by OR share one call; the wordings of keywords give the text inside";
        "separator" required: Shape::Text, "between keywords";
    },
);

static FOLDING: Table = Table::new(
    "folding",
    keys! {
        "broader": Shape::Own(&Letters), "letters that it pairs with more";
        "narrower": Shape::Own(&Letters), "letters that it pairs with none";
        "approximate": Shape::Own(&Letters), "both";
    },
);

static LOSS: Table = Table {
    any_of: &["broader", "narrower", "approximate"],
    one_of: &["broader", "narrower", "approximate"],
    ..Table::new(
        "loss",
        keys! {
            "broader": Shape::Text, "the text may match more than the rule, and why";
            "narrower": Shape::Text, "the text may miss what the rule matches, and why";
            "approximate": Shape::Text, "both, and why";
            "tests": Shape::OneOrMore(&Shape::Words(&KINDS)), "tests of these kinds have it, whatever their wording";
            "each": Shape::Name("option"), "wordings that are repeated for each name in this option have it";
            "when": WHEN, "only where these options have these values, or one of a list of values; `type` is the column's type by the schema, `\"\"` an unknown one";
            "unless": Shape::OneOrMore(&Shape::Words(&CLASSES)), "not for values of these classes";
        },
    )
};

static BOOLEAN: Table = Table::new(
    "boolean",
    keys! {
        "true" required: Shape::Text, "the word for true";
        "false" required: Shape::Text, "the word for false";
    },
);

static OPERATOR: Table = Table::new(
    "operator",
    keys! {
        "lt" or "\"<\"": Shape::Text, "less";
        "lte" or "\"<=\"": Shape::Text, "less or equal";
        "gt" or "\">\"": Shape::Text, "greater";
        "gte" or "\">=\"": Shape::Text, "greater or equal";
    },
);

const PART: Shape = template(&Slots {
    filled: &["field"],
    needed: &[],
});

static TIME_PART: Table = Table::new(
    "time_part",
    keys! {
        "minute": PART, "`field|minute`; the word may hold `{field}`";
        "hour": PART, "`field|hour`";
        "day": PART, "`field|day`";
        "week": PART, "`field|week`";
        "month": PART, "`field|month`";
        "year": PART, "`field|year`";
    },
);

/// The keys of [`RegexDialect`](crate::backend::RegexDialect), which says more of each.
static REGEX: Table = Table::new(
    "regex",
    keys! {
        "syntax": Shape::Words(&["re2", "pcre", "java", "rust", "postgres", "lucene", "python", "xquery", "posix"]), "the family that it starts from, in `src/backend/regex.toml`; the other keys say where the engine differs";
        "engine": Shape::Text, "the engine's name in messages";
        "anchored": Shape::Flag, "an expression must match the whole value";
        "case_by_column": Shape::Flag, "the column decides whether case matters, unless a flag does";
        "newline_flag": Shape::Text, "the flag that makes a newline the only line terminator: Java's `d`";
        "ascii_flag": Shape::Text, "the flag that makes classes and word edges ASCII's: Python's `a`";
        "flags": Shape::Words(&["none", "front", "scoped", "after"]), "where flags can be switched: nowhere, at the very start, in groups too, or after the expression, where `{flags}` is";
        "ignore_case": Shape::Text, "the letters of the flag that makes case not matter";
        "folds_ascii_only": Shape::Flag, "that flag folds ASCII letters only; others are written in both cases";
        "multi_line": Shape::Text, "the letter of the flag that makes `^` and `$` match at lines";
        "dot_all" or "\"s\"": Shape::Text, "the letter of the flag that makes `.` match a newline";
        "dot_matches_newline": Shape::Flag, "`.` matches a newline without any flag";
        "end_before_newline": Shape::Flag, "`$` also matches before a newline that ends the value, as in PCRE";
        "anchors": Shape::Flag, "`^` and `$` exist";
        "text_start": Shape::Text, "the strict start of the value: `\\A`";
        "text_end": Shape::Text, "the strict end of the value: `\\z`";
        "last_backslash": Shape::Text, "how a backslash at the end of an expression is written";
        "newline": Shape::Text, "how a newline is written: `\\n`, or the character itself";
        "control_escapes": Shape::Flag, "`\\t`, `\\r`, `\\f` stand for control characters";
        "code_point": Shape::Words(&["raw", "braces", "four-digits"]), "how other control characters are written: as themselves, `\\x{7}`, `\\u0007`";
        "ascii": Shape::Flag, "characters outside of ASCII are written so, too, for an engine that can't take them in its texts";
        "digit": Shape::Text, "an ASCII digit: `\\d`";
        "word": Shape::Text, "an ASCII letter, digit or underscore: `\\w`";
        "space": Shape::Text, "a white space character of ASCII: `\\s`";
        "complements": Shape::Flag, "`\\D`, `\\W`, `\\S` exist wherever `digit`, `word` and `space` do";
        "boundary": Shape::Text, "an edge of a word: `\\b`";
        "not_boundary": Shape::Text, "no such edge: `\\B`";
        "escape": Shape::Text, "characters that take a backslash outside brackets";
        "class_escape": Shape::Text, "characters that take a backslash inside brackets";
        "features": Shape::List(&Shape::Words(&["non-capturing", "lazy", "empty-branch", "look-ahead", "look-behind", "back-reference", "atomic", "possessive", "property", "category", "pcre"])), "what else the engine has";
        "max_repeat": Shape::Count, "the greatest number in `{n,m}`; larger ones are split";
        "longest": Shape::Count, "the most characters that the engine takes in an expression";
        "max_determinized_states": Shape::Count, "Lucene's limit on the work of making an expression deterministic; it refuses one that takes more, as `a.{16}b`";
    },
);

static FAULT: Table = Table {
    others: Some(&Shape::AnyOf(&[
        Shape::Own(&OfTest::Fault),
        Shape::Table(&FOUND),
    ])),
    ..Table::new(
        "fault",
        keys! {
            "one": Shape::Text, "a value with the wildcard `?`";
            "star": Shape::Text, "a value with a literal `*`";
            "listed_cased": Shape::Text, "a case-sensitive value in a list";
            "listed_time": Shape::Text, "a part of a time in a list";
            "listed_number": Shape::Text, "a number in a list";
            "negated": Shape::Text, "a test below a `not`";
        },
    )
};

static FOUND: Table = Table {
    any_of: &["value", "name"],
    one_of: &["value", "name"],
    needs: &[("tests", "name")],
    ..Table::new(
        "found",
        keys! {
            "text" required: Shape::Text, "the words";
            "value": Shape::Regex, "values in which it finds something";
            "name": Shape::Regex, "names of fields in which it finds something";
            "tests": Shape::OneOrMore(&Shape::Own(&OfTest::Name)), "names in these kinds of tests alone; `\"not null\"` is that test's wording for a `not`";
        },
    )
};
