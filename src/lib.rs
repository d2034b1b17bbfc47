//! varsigma compiles Sigma detection rules into the queries of SIEMs, and into documents.
//!
//! The modules are the stages of the way of one rule, in order; none imports from a later one.
//!
#![doc = include_str!("../ARCHITECTURE.md")]

mod embedded;

pub mod source;

pub mod diagnostic;

pub mod dialect;

pub mod table;

pub mod yaml;

pub mod rule;

pub mod parse;

pub mod modifier;

pub mod pipeline;

pub mod lower;

pub mod backend;

pub mod pattern;

pub mod emit;

pub mod attack;
pub mod output;

pub mod transpile;

pub mod page;

pub mod eval;

pub mod compare;

pub mod lint;

#[cfg(feature = "cli")]
pub mod project;

#[cfg(feature = "cli")]
pub mod cli;

/// The README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
