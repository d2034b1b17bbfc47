//! Regular expressions, read once and written in each engine's dialect.
//!
//! In: a `|re` value, which is PCRE (specification: *modifiers appendix*), or a wildcard pattern.
//! Out: the text that a [`RegexDialect`](crate::backend::regex::RegexDialect) describes, with what
//! it changes in meaning, or a located reason why the engine can't say it: `(?i)^net\s+use`
//! becomes `[nN][eE][tT][ \t-\r]+[uU][sS][eE].*` for Lucene, which is anchored and has neither
//! flags nor classes.
//!
//! The reader is our own: `regex-syntax` reads another language than PCRE without saying so (`a++`,
//! `[[a]`, `[a&&b]`, `\<`, `$` before a last newline) and refuses what PCRE takes (`x{`, `(?=`).
//! `regex-syntax` is asked for what is Unicode's: ranges of characters and their set operations.
//!
//! # The reference meaning
//! - Classes are ASCII's, as PCRE's are by default: `\d` is `[0-9]`, `\w` `[0-9A-Za-z_]`.
//! - `.` stops at `\n` alone. `$` matches at the end, or before a newline that ends the value.
//! - Case folds by [`fold`](crate::rule::fold): ASCII letters with each other, other letters where upper and lower case
//!   are one character each. Engines that fold by themselves may pair `k` with the Kelvin sign.
//! - Under `m`, `^` matches after every newline. PCRE and Java leave out one that ends the value.
//!
//! - A word's edge lies between one of `\w` and what is none, or an end. Where an engine counts
//!   letters that are not ASCII's (Java, PostgreSQL, PCRE with `UCP`), it is spelled out in
//!   look-arounds.

pub mod ast;

mod anchor;
mod automaton;
mod class;
mod complexity;
mod determinize;
mod empty;
mod found_sets;
mod parse;
mod refusal;
mod render;
mod wildcard;

pub use ast::{Node, ParsedRegex};
pub use class::members;
pub use complexity::{KnownComplexity, is_pattern_too_complex, is_too_complex};
pub use empty::may_be_empty;
pub use parse::parse;
pub use refusal::{Departure, Invalid, Refusal, locate};
pub use render::{Rendered, render};
pub use wildcard::{Case, from_pattern};

#[cfg(test)]
mod tests;
