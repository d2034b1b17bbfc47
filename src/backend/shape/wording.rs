//! `[query.test]`: the wordings of each kind of test, and the slots that each kind fills.

use super::slots::Slots;
use super::{WHEN, template};
use crate::table::shape::{Shape, Table, keys};

/// How tightly a text binds.
pub const BINDS: Shape = Shape::Words(&["atom", "not", "and", "or"]);

/// The wordings of tests whose templates fill these slots, beside the field and options.
macro_rules! wordings {
    ($($slot:literal),*) => {
        Shape::OneOrMore(&Shape::AnyOf(&[wordings!(template $($slot),*), wordings!(table $($slot),*)]))
    };
    (template $($slot:literal),*) => {
        template(&Slots { filled: &["field", "field:raw", $($slot,)* "option", "option:name"], needed: &[] })
    };
    (table $($slot:literal),*) => {{
        static TABLE: Table = Table {
            any_of: &["text", "refuse"],
            one_of: &["broader", "narrower", "approximate"],
            ..Table::new("wording", keys! {
                "text": wordings!(template $($slot),*), "the template";
                "refuse": Shape::Text, "in place of `text`: why the target can't express the test";
                "broader": Shape::Text, "the text may match more than the rule, and why";
                "narrower": Shape::Text, "the text may miss what the rule matches, and why";
                "approximate": Shape::Text, "both, and why";
                "loss": Shape::OneOrMore(&Shape::Name("loss")), "names of losses that it has (`[query.loss]`)";
                "binds" or "\"atom\"": BINDS, "how tightly the text binds";
                "when": WHEN, "only where these options have these values, or one of a list of values: `{ keywords = \"phrase\" }`; `type` is the column's type by the schema, `\"\"` an unknown one";
                "any_type": Shape::Flag, "the words take columns of any type as they are, so that a type's `text` is not used";
                "ascii_only": Shape::Flag, "only for values of nothing but ASCII";
                "ascii_case_only": Shape::Flag, "only for values whose letters of two cases are ASCII's: `–c`, not `ä`";
                "caseless_only": Shape::Flag, "only for values that are the same in upper and lower case, `4624`, and regular expressions that ignore case or hold no letter";
                "folded_only": Shape::Flag, "only for values that are the same in upper and lower case, or any where `folded_when` holds";
                "addresses_only": Shape::Flag, "only for values that are an IP address";
                "no_networks": Shape::Flag, "only for values that are no network, as `10.0.0.0/8` is one";
                "digits_only": Shape::Flag, "only for values and numbers that are ASCII digits, with wildcards at their ends only";
                "truths_only": Shape::Flag, "only for values that are `true` or `false`, in any case";
                "one_word_only": Shape::Flag, "only for values that are one word of ASCII letters, digits and `_`, with wildcards at their ends only";
                "in_64_bits_only": Shape::Flag, "only for numbers that 64 bits hold, with or without a sign, or that have a fraction";
                "in_53_bits_only": Shape::Flag, "only for numbers that a double tells from their neighbors";
                "filled_only": Shape::Flag, "only for values and regular expressions that the empty text does not match";
                "shortest_only": Shape::Flag, "only for numbers in their shortest decimal form: `1.5`, not `1.50`; and texts that are none with zeros in front: not `'007'`";
                "no_exponents": Shape::Flag, "only for numbers whose shortest decimal form has no exponent: `1.5`, not `1e30`";
                "nonzero_only": Shape::Flag, "only for tests that 0, or `false`, does not meet: another number, `gt: 5`, `true`";
                "everything_only": Shape::Flag, "only for values of nothing but `*`";
                "mapped_only": Shape::Flag, "only for networks of IPv4 addresses that are mapped to IPv6: `::ffff:10.0.0.0/104`";
                "holds_mapped_only": Shape::Flag, "only for networks that hold all of these: `::/0`";
                "bare_only": Shape::Flag, "only where the names of the fields, the other field's too, are written without quotes";
                "clauses" or "1": Shape::Count, "how many of the language's `clauses` it is";
                "longest": Shape::Count, "only where the text has no more characters than this";
                "negated": wordings!(template $($slot),*), "the negated test, in place of `not` and `text`: `{field} IS NOT NULL`";
                "each": Shape::Name("option"), "an option of names between commas: the test is repeated for each, as `{field}`, joined by OR; the wording does not apply where the option is empty";
            })
        };
        Shape::Table(&TABLE)
    }};
}

const STRING: Shape = wordings!("value", "literal", "regex", "flags");
const PRESENCE: Shape = wordings!();
const NUMBER: Shape = wordings!("number", "number:shortest", "numbers", "spellings");
const BOOLEAN: Shape = wordings!("boolean", "boolean:digit");
const REGEX: Shape = wordings!("regex", "flags");
const NETWORK: Shape = wordings!(
    "network",
    "network:pattern",
    "address",
    "address:last",
    "prefix",
    "netmask",
    "first",
    "last"
);
const COMPARE: Shape = wordings!("op", "number", "number:shortest");
const TIME: Shape = wordings!("part", "number", "number:shortest");
const TIME_COMPARE: Shape = wordings!("part", "op", "number", "number:shortest");
const FIELDS: Shape = wordings!("other", "other:raw");

/// The kinds of tests.
pub static TESTS: Table = Table::new(
    "test",
    keys! {
        "equals": STRING, "`field: text`";
        "empty": STRING, "`field: ''`";
        "starts_with": STRING, "`field: text*`";
        "ends_with": STRING, "`field: '*text'`";
        "contains": STRING, "`field: '*text*'`";
        "any": STRING, "`field: '*'`";
        "string": STRING, "every string that has no wording of its own";
        "cased_empty": STRING, "`field|cased: ''`";
        "cased_equals": STRING, "`field|cased: Text`";
        "cased_starts_with": STRING, "`field|cased|startswith: Text`";
        "cased_ends_with": STRING, "`field|cased|endswith: Text`";
        "cased_contains": STRING, "`field|cased|contains: Text`";
        "cased": STRING, "every case-sensitive string that has no wording of its own";
        "number": NUMBER, "`field: 1`";
        "boolean": BOOLEAN, "`field: true`";
        "null": PRESENCE, "`field: null`";
        "exists": PRESENCE, "`field|exists: true`";
        "not_exists": PRESENCE, "`field|exists: false`";
        "regex": REGEX, "`field|re: x.*`";
        "cidr": NETWORK, "`field|cidr: 10.0.0.0/8`, IPv6 too if `cidr_v6` has no wording";
        "cidr_v6": NETWORK, "`field|cidr: fe80::/10`";
        "compare": COMPARE, "`field|gt: 5`";
        "time": TIME, "`field|hour: 3`";
        "time_compare": TIME_COMPARE, "`field|hour|gt: 3`";
        "field_equals": FIELDS, "`field|fieldref: other`";
        "field_starts_with": FIELDS, "`field|fieldref|startswith: other`";
        "field_ends_with": FIELDS, "`field|fieldref|endswith: other`";
        "field_contains": FIELDS, "`field|fieldref|contains: other`";
        "keyword": STRING, "a text without a field";
        "keyword_cased": STRING, "`'|cased': Text`";
        "keyword_number": NUMBER, "a number without a field";
        "keyword_regex": REGEX, "`'|re': x.*`";
    },
);
