//! What a kind of file may hold, as data: its tables, their keys, and the shape of each value.
//!
//! One definition serves four readers: [`check`](super::check) finds what is wrong with a file,
//! [`schema`](super::schema) tells editors, [`reference`](super::reference) writes the documents'
//! tables of keys, and the builders rely on what was checked.
//!
//! ```
//! use varsigma::table::shape::{Key, Shape, Table};
//!
//! static LIMIT: Table = Table::new(
//!     "limit",
//!     &[
//!         Key::new("most", Shape::Count, "how many the engine takes").required(),
//!         Key::new("help", Shape::Text, "what to do about more"),
//!     ],
//! );
//! assert_eq!(LIMIT.key("most").unwrap().name, "most");
//! ```

use super::check::{Checker, Scope};
use super::tree::Entry;
use std::fmt::Debug;

/// A table whose keys are known.
#[derive(Debug)]
pub struct Table {
    /// Its name in the schema and the documents: `format`.
    #[cfg_attr(
        not(feature = "unstable"),
        expect(dead_code, reason = "for the schema and the documents")
    )]
    pub name: &'static str,
    /// Its keys, in the order of the documents.
    pub keys: &'static [Key],
    /// A table whose keys it has, too.
    pub base: Option<&'static Self>,
    /// The values of keys of the author's own, beside the known ones.
    pub others: Option<&'static Shape>,
    /// A key that needs another one beside it: `("window", "window_group")`.
    pub needs: &'static [(&'static str, &'static str)],
    /// Keys of which one has to be there.
    pub any_of: &'static [&'static str],
    /// Keys of which one at most may be there.
    pub one_of: &'static [&'static str],
    /// Lists of names that shapes inside the table refer to, and the keys whose tables' keys they
    /// are: `("option", "options")`.
    pub names: &'static [(&'static str, &'static str)],
}

impl Table {
    /// A table of these keys alone.
    #[must_use]
    pub const fn new(name: &'static str, keys: &'static [Key]) -> Self {
        Self {
            name,
            keys,
            base: None,
            others: None,
            needs: &[],
            any_of: &[],
            one_of: &[],
            names: &[],
        }
    }

    /// Its own keys and those of its base.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.base
            .into_iter()
            .flat_map(|base| base.keys)
            .chain(self.keys)
    }

    /// The definition of a key.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.all_keys().find(|key| key.name == name)
    }
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As files write it.
    pub name: &'static str,
    /// Its value.
    pub shape: Shape,
    /// What it does, in Markdown without a full stop: for the schema and the documents, and empty
    /// where these are not made.
    #[cfg_attr(
        not(feature = "unstable"),
        expect(dead_code, reason = "for the schema and the documents")
    )]
    pub about: &'static str,
    /// What holds where it is missing, as TOML; empty: nothing.
    pub default: &'static str,
    /// It has to be there.
    pub is_required: bool,
}

impl Key {
    /// A key that may be missing.
    #[must_use]
    pub const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self {
            name,
            shape,
            about: if cfg!(feature = "unstable") {
                about
            } else {
                ""
            },
            default: "",
            is_required: false,
        }
    }

    /// The same, of a key that has to be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// The same, with what holds where it is missing.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }
}

/// The keys of a table, one a line: `"name": SHAPE, "about";`, with `required` or
/// `or "default as TOML"` after the name.
macro_rules! keys {
    ($($name:literal $($word:ident $($default:literal)?)?: $shape:expr, $about:literal;)*) => {
        &[$($crate::table::shape::Key::new($name, $shape, $about)$(.$word($($default)?))?),*]
    };
}
pub(crate) use keys;

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// `"text"`
    Text,
    /// `true`
    Flag,
    /// `12`: none below 0.
    Count,
    /// A text, a number or a boolean, or a list of them.
    Value,
    /// `"\\"`: one character.
    Character,
    /// One of these words.
    Words(&'static [&'static str]),
    /// These words in any order, each once: `["not", "and", "or"]`.
    Order(&'static [&'static str]),
    /// `"^[a-z]+$"`
    Regex,
    /// A text that holds this once: `"[{letters}]"`.
    Around(&'static str),
    /// A name of a list that a table around it declares: `"option"`.
    Name(&'static str),
    /// The same, of the names that precede the value.
    EarlierName(&'static str),
    /// A value, or a list of values.
    OneOrMore(&'static Shape),
    /// A value, or a list of two: the text before, and the text after.
    Pair,
    /// A list of so many texts.
    Texts(usize),
    /// A list.
    List(&'static Shape),
    /// A table whose keys are the author's own; the shapes of keys and values.
    Map(&'static Shape, &'static Shape),
    /// A table of known keys.
    Table(&'static Table),
    /// The first of these that the value's type fits.
    AnyOf(&'static [Shape]),
    /// What its kind of file alone knows.
    Own(&'static dyn Own),
}

/// A shape of one kind of file: a template, a pattern of paths.
pub trait Own: Debug + Sync {
    /// Tells the checker what is wrong with a value; `path` is the dotted name of its key.
    fn check(&self, checker: &Checker<'_>, scope: &Scope<'_>, path: &str, entry: &Entry);

    /// What it is, for messages and documents: `a template`.
    fn title(&self) -> String;

    /// The type in a JSON Schema.
    #[cfg_attr(
        not(feature = "unstable"),
        expect(dead_code, reason = "for the schema and the documents")
    )]
    fn schema(&self) -> serde_json::Value {
        serde_json::json!({ "type": "string" })
    }
}

impl Shape {
    /// What is expected, in a few words.
    #[must_use]
    pub fn title(&self) -> String {
        let quoted = |words: &[&str], joint| {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(joint)
        };
        match self {
            Self::Text => "a text".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Count => "a number, 0 or more".to_owned(),
            Self::Value => "a text, a number, a boolean or a list of them".to_owned(),
            Self::Character => "one character".to_owned(),
            Self::Words(words) => quoted(words, " or "),
            Self::Order(words) => format!("a list of {}, each once", quoted(words, ", ")),
            Self::Regex => "a regular expression".to_owned(),
            Self::Around(slot) => format!("a text with `{slot}`"),
            Self::Name(list) => format!("the name of {} {list}", article(list)),
            Self::EarlierName(list) => format!("the name of {} {list} above", article(list)),
            Self::OneOrMore(Self::Text) => "a text or a list of texts".to_owned(),
            Self::OneOrMore(item) => format!("{}, or a list", item.title()),
            Self::Pair => "a text, or a list of two".to_owned(),
            Self::Texts(count) => format!("a list of {count} texts"),
            Self::List(Self::Text) => "a list of texts".to_owned(),
            Self::List(Self::Table(_)) => "a list of tables".to_owned(),
            Self::List(item) => format!("a list, each {}", item.title()),
            Self::Map(..) | Self::Table(_) => "a table".to_owned(),
            Self::AnyOf(shapes) => {
                let titles: Vec<String> = shapes.iter().map(Self::title).collect();
                titles.join(" or ")
            }
            Self::Own(own) => own.title(),
        }
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}
