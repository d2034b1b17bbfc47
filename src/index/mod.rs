//! All inputs of a run: names, ids, and which filters apply.

pub mod filter;
mod rules;

pub use rules::Rules;
