#![doc = include_str!("guide.md")]
// The bare library uses a part of the stages. What nothing uses is found where the program is built.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]
// A stage names its types for the tests, too.
#![cfg_attr(not(feature = "unstable"), allow(unused_imports))]

// The stages, in the order of a rule's way. They are private; `unstable` shows them to the tests.

mod embedded;

#[cfg(not(feature = "unstable"))]
mod source;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod source;

#[cfg(not(feature = "unstable"))]
mod diagnostic;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod diagnostic;

#[cfg(not(feature = "unstable"))]
mod profile;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod profile;

#[cfg(not(feature = "unstable"))]
mod table;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod table;

#[cfg(not(feature = "unstable"))]
mod yaml;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod yaml;

#[cfg(not(feature = "unstable"))]
mod rule;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod rule;

#[cfg(not(feature = "unstable"))]
mod parse;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod parse;

#[cfg(not(feature = "unstable"))]
mod modifier;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod modifier;

#[cfg(not(feature = "unstable"))]
#[cfg_attr(not(feature = "pipelines"), path = "pipeline/none.rs")]
mod pipeline;
#[cfg(feature = "unstable")]
#[doc(hidden)]
#[cfg_attr(not(feature = "pipelines"), path = "pipeline/none.rs")]
pub mod pipeline;

#[cfg(not(feature = "unstable"))]
mod lower;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod lower;

#[cfg(not(feature = "unstable"))]
mod index;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod index;

#[cfg(not(feature = "unstable"))]
mod dialect;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod dialect;

#[cfg(not(feature = "unstable"))]
mod schema;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod schema;

#[cfg(not(feature = "unstable"))]
mod backend;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod backend;

#[cfg(not(feature = "unstable"))]
mod pattern;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod pattern;

#[cfg(not(feature = "unstable"))]
mod emit;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod emit;

#[cfg(not(feature = "unstable"))]
mod attack;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod attack;

#[cfg(not(feature = "unstable"))]
mod output;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod output;

#[cfg(not(feature = "unstable"))]
mod compat;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod compat;

#[cfg(not(feature = "unstable"))]
mod transpile;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod transpile;

#[cfg(all(feature = "documents", not(feature = "unstable")))]
mod page;
#[cfg(all(feature = "documents", feature = "unstable"))]
#[doc(hidden)]
pub mod page;

#[cfg(not(feature = "unstable"))]
mod eval;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod eval;

#[cfg(not(feature = "unstable"))]
mod compare;
#[cfg(feature = "unstable")]
#[doc(hidden)]
pub mod compare;

#[cfg(all(feature = "lint", not(feature = "unstable")))]
mod lint;
#[cfg(all(feature = "lint", feature = "unstable"))]
#[doc(hidden)]
pub mod lint;

mod compiler;

#[cfg(all(feature = "cli", not(feature = "unstable")))]
mod project;
#[cfg(all(feature = "cli", feature = "unstable"))]
#[doc(hidden)]
pub mod project;

#[cfg(all(feature = "cli", not(feature = "unstable")))]
mod cli;
#[cfg(all(feature = "cli", feature = "unstable"))]
#[doc(hidden)]
pub mod cli;

#[cfg(feature = "lint")]
pub use compiler::Names;
#[cfg(feature = "pipelines")]
pub use compiler::{BuiltInPipeline, Pipeline};
pub use compiler::{
    Compiler, CompilerBuilder, Error, Event, EventRouting, EventScanner, Format, Output,
    OwnedRuleSet, Proof, Query, Reason, RuleMatcher, RuleOutput, RuleSet, Rules, Seen, Target,
    TargetOption, Targets, Trace, Witness, Witnesses, comparison, tree,
};
#[cfg(feature = "documents")]
pub use compiler::{PageOutput, Pages};
pub use diagnostic::{Code, Diagnostic, Label, Replacement, Severity};
pub use dialect::Profile;
pub use emit::Fidelity;
pub use rule::Modifier;
pub use source::{LineColumn, Region, Source, Span};

/// What pipelines may reach outside themselves: files, the network, commands. Nothing, unless a
/// [`CompilerBuilder::environment`] grants it.
#[cfg(feature = "pipelines")]
pub mod access {
    pub use crate::pipeline::environment::{
        Body, Closed, Command, CommandLine, Environment, Failure, Request,
    };
}

/// Events of any format: a stream is cut into chunks in bounded memory, and chunks are decoded by
/// themselves, on any thread.
///
/// ```
/// use varsigma::events::{EventReader, ReadOptions};
///
/// let log: &[u8] = br#"{"Image": "a.exe"} {"Image": "b.exe"}"#;
/// let mut images = Vec::new();
/// for chunk in EventReader::new(log, ReadOptions::default()) {
///     let report = chunk.unwrap().decode(&mut |record| {
///         images.extend(record.event().value("Image").map(String::from));
///     });
///     assert!(report.is_empty());
/// }
/// assert_eq!(images, ["a.exe", "b.exe"]);
/// ```
pub mod events {
    pub use crate::eval::read::{
        ChunkReport, EventBody, EventChunk, EventReader, EventRecord, Expected, Found, InputFormat,
        ReadError, ReadOptions,
    };
}

/// Diagnostics for readers: people, programs, code scanners, workflow logs.
#[cfg(feature = "render")]
pub mod render {
    pub use crate::diagnostic::render::{JsonDiagnostic, JsonLabel, JsonReplacement};
    pub use crate::diagnostic::render::{github, human, json, sarif};
}

/// Runs the program: on the arguments of its process, or on given ones. Rule files as it reads them.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::{RuleFile, run, run_with};

/// The documents' examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../ARCHITECTURE.md")]
struct Documents;
