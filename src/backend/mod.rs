//! Targets as data.
//!
//! In: a backend file (TOML). Out: what the later stages ask of it. [`regex`] is the part that
//! describes an engine's regular expressions.

pub mod regex;
