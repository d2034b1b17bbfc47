//! `[query.literal.NAME]`: ways to write values.

use super::{ESCAPES, TEXTS};
use crate::table::shape::{Key, Shape, Table, keys};

const EARLIER: Shape = Shape::EarlierName("literal");

const KEYS: &[Key] = keys! {
    "base": EARLIER, "the literal that this one starts from";
    "quote": Shape::Pair, "the text around the value; two for before and after";
    "escape": ESCAPES, "character to its escape";
    "escape_with_backslash": Shape::Text, "characters that take a backslash";
    "escape_pairs": TEXTS, "pairs of characters that begin something else in the language, of which the second takes a backslash: `[\"${\"]` makes `$\\{` of `${`";
    "any": Shape::Text, "what `*` becomes; without it the literal has no such wildcard";
    "one": Shape::Text, "what `?` becomes; without it the literal has no such wildcard";
    "merge_wildcards": Shape::Flag, "wildcards in a row are one, where `any` and `one` are alike: `*` of `a??b`";
    "refuse": Shape::Text, "characters that can't be written";
    "refuse_controls": Shape::Flag, "control characters without an escape can't be written either";
    "lower": Shape::Flag, "letters are written in lower case";
    "upper": Shape::Flag, "letters are written in upper case, as far as they are ASCII's";
    "both_cases": Shape::Around("{letters}"), "a letter is written in both its cases: `\"[{letters}]\"` makes `[aA]` of it";
    "bare": Shape::Text, "no quotes if every character is a letter, a digit or one of these";
    "escape_words": TEXTS, "words that would be operators, which take a backslash in front of their first letter. A blank in one is white space or the value's start: `\" and \"`";
    "any_words": TEXTS, "such words, whose first letter becomes `any`";
    "refuse_words": TEXTS, "such words, which can't be written";
    "any_blank_ends": Shape::Flag, "white space at a value's ends becomes `any`";
    "refuse_blank_ends": Shape::Flag, "white space at a value's ends can't be written";
    "plain": EARLIER, "the literal of values without wildcards";
    "plain_holding": Shape::Text, "only of those that hold one of these characters";
    "last": ESCAPES, "character to what it becomes where a value ends in it";
    "max_determinized_states": Shape::Count, "wildcards are Lucene's, which refuses a pattern that takes more work to make it deterministic, as `*a????????????????b*`";
    "empty": Shape::Text, "what the empty text is written as";
    "then": EARLIER, "the literal that the text is put into: a regular expression inside a string";
    "broader": Shape::Text, "what it writes may match more than the rule, and why";
    "narrower": Shape::Text, "it may miss what the rule matches, and why";
    "approximate": Shape::Text, "both, and why";
    "lone": Shape::Table(&LONE), "a character that is doubled, except before some characters (a reference's fault)";
    "bytes": Shape::Around("{hex}"), "what bytes that are not printable ASCII become: `'\\x{hex}'`";
};

/// A literal of a language.
pub static LITERAL: Table = Table {
    needs: &[("plain_holding", "plain")],
    ..Table::new("literal", KEYS)
};

/// A literal by itself, outside of a list of literals.
pub static ALONE: Table = Table::new("literal", KEYS);

static LONE: Table = Table::new(
    "lone",
    keys! {
        "character" required: Shape::Character, "the character";
        "unless_before" required: Shape::Text, "it stays single before one of these, and after itself";
    },
);
