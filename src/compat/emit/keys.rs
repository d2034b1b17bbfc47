//! The keys of backend files that only references have.

use super::fault::{Fault, faults};
use crate::backend::build::language::precedence;
use crate::backend::language::Precedence;
use crate::table::read::Reader;

/// What a reference does otherwise with a language.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a record of independent answers"
)]
pub struct Keys {
    /// Where parentheses are, if in no native way.
    pub(super) layout: Option<Layout>,
    /// `bare_expansions`: a value's alternatives below a `not` get no parentheses, and alternatives of
    /// alternatives are refused.
    pub(super) bare_expansions: bool,
    /// `flag_prefix`: the flags of regular expressions are in front, as `(?i)`.
    pub(super) flag_prefix: bool,
    /// `python_regexes`: regular expressions are checked as Python's.
    pub(super) python_regexes: bool,
    /// `regex_placeholders`: placeholders of regular expressions are printed as they are.
    pub(super) regex_placeholders: bool,
    /// `expand_networks`: networks become prefixes of addresses' texts.
    pub(super) expand_networks: bool,
    /// `engine_precedence`: which operator the engine binds tightest, where `precedence` is another.
    pub(super) engine_precedence: Option<Precedence>,
    /// `list.careless`: lists hold case-sensitive strings and times as if they were not such.
    pub(super) lossy_lists: bool,
    /// `list.expansions`: what a modifier made of one value is a list too, without parentheses.
    pub(super) expansion_lists: bool,
    /// `fault`: what it says wrongly.
    pub(super) faults: Vec<Fault>,
}

/// Where parentheses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// `inner`: around every operator inside another one, but not around a value's alternatives in an
    /// `or`.
    Inner,
    /// `explicit`: where the expression itself has groups for parentheses, and around lists of values.
    Explicit,
}

impl Keys {
    /// None of them.
    pub(super) const fn none() -> Self {
        Self {
            layout: None,
            bare_expansions: false,
            flag_prefix: false,
            python_regexes: false,
            regex_placeholders: false,
            expand_networks: false,
            engine_precedence: None,
            lossy_lists: false,
            expansion_lists: false,
            faults: Vec::new(),
        }
    }

    /// Reads them from `[query]`; `None`: it has none.
    pub(crate) fn read(reader: &Reader<'_>) -> Option<Box<Self>> {
        const KEYS: [&str; 7] = [
            "bare_expansions",
            "flag_prefix",
            "python_regexes",
            "regex_placeholders",
            "expand_networks",
            "engine_precedence",
            "fault",
        ];
        let layout = match reader.text("grouping") {
            Some("inner") => Some(Layout::Inner),
            Some("explicit") => Some(Layout::Explicit),
            _ => None,
        };
        let list = reader.table("list");
        let of_list = |key| list.as_ref().is_some_and(|list| list.flag(key));
        let (lossy_lists, expansion_lists) = (of_list("careless"), of_list("expansions"));
        let is_there = KEYS.iter().any(|key| reader.get(key).is_some());
        if layout.is_none() && !is_there && !lossy_lists && !expansion_lists {
            return None;
        }
        Some(Box::new(Self {
            layout,
            bare_expansions: reader.flag("bare_expansions"),
            flag_prefix: reader.flag("flag_prefix"),
            python_regexes: reader.flag("python_regexes"),
            regex_placeholders: reader.flag("regex_placeholders"),
            expand_networks: reader.flag("expand_networks"),
            engine_precedence: reader
                .get("engine_precedence")
                .map(|_| precedence(reader, "engine_precedence")),
            lossy_lists,
            expansion_lists,
            faults: faults(reader),
        }))
    }

    /// Marks a list's own keys as read.
    pub(crate) fn read_list(list: &Reader<'_>) {
        let _ = (list.get("careless"), list.get("expansions"));
    }

    /// Has it a layout of its own?
    pub(crate) const fn has_layout(&self) -> bool {
        self.layout.is_some()
    }
}
