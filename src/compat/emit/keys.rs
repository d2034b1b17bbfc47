//! The keys of backend files that only references have.

use super::fault::{Fault, faults};
use crate::backend::Backend;
use crate::backend::language::Precedence;
use crate::backend::template::{Names, Template};
use crate::table::read::Reader;

/// What a reference does otherwise with a language.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a record of independent answers"
)]
pub(super) struct Keys {
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
    /// Reads them from `[query]` or `[filter]`.
    fn read(language: Reader<'_>) -> Self {
        let layouts = [("inner", Layout::Inner), ("explicit", Layout::Explicit)];
        let of_list = |key| language.table("list").is_some_and(|list| list.flag(key));
        Self {
            layout: language.choice("grouping", &layouts),
            bare_expansions: language.flag("bare_expansions"),
            flag_prefix: language.flag("flag_prefix"),
            python_regexes: language.flag("python_regexes"),
            regex_placeholders: language.flag("regex_placeholders"),
            expand_networks: language.flag("expand_networks"),
            engine_precedence: Precedence::read(language, "engine_precedence"),
            lossy_lists: of_list("careless"),
            expansion_lists: of_list("expansions"),
            faults: faults(language),
        }
    }

    /// Does a language have none of them?
    const fn is_empty(&self) -> bool {
        let none = matches!(
            self,
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
                faults: _,
            }
        );
        none && self.faults.is_empty()
    }
}

/// What the files of a backend say of a reference.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(super) query: Keys,
    pub(super) filter: Keys,
    pub(super) deferred: Option<Deferred>,
}

impl Reference {
    /// Reads it; `None`: the files have no key that only references have.
    pub fn read(backend: &Backend) -> Option<Self> {
        let file = Reader::new(&backend.source);
        let keys = |key| file.table(key).map(Keys::read).unwrap_or_default();
        let reference = Self {
            query: keys("query"),
            filter: keys("filter"),
            deferred: file.table("deferred").map(|table| {
                let query = file.table("query");
                let literals =
                    query.map(|query| query.tables("literal", |name, _| name.to_owned()));
                Deferred::read(table, backend, &literals.unwrap_or_default())
            }),
        };
        let languages = [&reference.query, &reference.filter];
        let is_plain = languages.into_iter().all(Keys::is_empty) && reference.deferred.is_none();
        (!is_plain).then_some(reference)
    }
}

/// `[deferred]`: commands for tests that a query can't hold.
#[derive(Debug)]
pub(super) struct Deferred {
    /// Before the first deferred part and between them.
    pub separator: String,
    /// A regular expression that is not below an `or`.
    pub regex: Template,
    /// `{not}` for a plain and a negated one.
    pub regex_signs: [String; 2],
    /// The commands that compute a regular expression below an `or`.
    pub regex_under_or: Template,
    /// The test that stands for it in the query.
    pub condition_test: Template,
    /// The command that returns to the query after those.
    pub resume: String,
    /// The longest name for a group.
    pub longest_name: usize,
    /// A comparison of two fields.
    pub field_equals: Option<Template>,
    /// `{not}` for a plain and a negated one.
    pub field_signs: [String; 2],
    /// The query when nothing else is left.
    pub only: String,
}

impl Deferred {
    fn read(table: Reader<'_>, backend: &Backend, literals: &[String]) -> Self {
        let options = backend.options.iter().map(|option| option.name.clone());
        let names = Names {
            literals,
            options: &options.collect::<Vec<_>>(),
        };
        let template = |key| Template::compile(table.text(key)?, names).ok();
        let signs = |key| table.pair(key).map(Into::into).unwrap_or_default();
        Self {
            separator: table.owned("separator"),
            regex: template("regex").unwrap_or_default(),
            regex_signs: signs("regex_signs"),
            regex_under_or: template("regex_under_or").unwrap_or_default(),
            condition_test: template("condition_test").unwrap_or_default(),
            resume: table.owned("resume"),
            longest_name: table.number("longest_name").unwrap_or(usize::MAX),
            field_equals: template("field_equals"),
            field_signs: signs("field_signs"),
            only: table.owned("only"),
        }
    }
}
