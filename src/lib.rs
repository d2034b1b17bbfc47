//! varsigma compiles [Sigma](https://sigmahq.io) detection rules into the queries of SIEMs, and into
//! documents: saved searches, rule files, notebooks of queries.
//!
//! A query matches the events that its rule describes, or its [`Fidelity`] says that it may match
//! more, or miss some, and why. The same rule, pipelines and version give the same bytes everywhere.
//! The library reads no file, no clock and no network: it is handed texts, and runs in a browser.
//!
//! # First steps
//!
//! A [`Compiler`] is made once for a target, and compiles any number of texts:
//!
//! ```
//! use varsigma::Compiler;
//!
//! let compiler = Compiler::builder("splunk").build()?;
//! let output = compiler.compile(r"
//! title: Shell of the web server
//! logsource: {category: process_creation, product: windows}
//! detection:
//!   selection:
//!     ParentImage|endswith: '\w3wp.exe'
//!     Image|endswith: ['\cmd.exe', '\powershell.exe']
//!   condition: selection
//! ");
//! assert_eq!(
//!     output.into_queries()?,
//!     [r#"(ParentImage="*\\w3wp.exe" (Image="*\\cmd.exe" OR Image="*\\powershell.exe"))"#],
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Targets`] lists what there is to choose from: each [`Target`] with its formats and options.
//!
//! ```
//! use varsigma::{Compiler, Targets};
//!
//! let splunk = Targets::built_in().get("splunk")?;
//! assert!(splunk.formats.iter().any(|format| format.name == "savedsearches"));
//! assert!(splunk.options.iter().any(|option| option.name == "keywords"));
//!
//! let builder = Compiler::builder("splunk").format("savedsearches");
//! let compiler = builder.option("keywords", "phrase").build()?;
//! # Ok::<(), varsigma::Error>(())
//! ```
//!
//! # How true a query is
//!
//! What a target can't say exactly is data: a [`Reason`] says what it does to the query, and points
//! at the value in the rule.
//!
//! ```
//! use varsigma::{Compiler, Fidelity};
//!
//! let rule = "title: t
//! logsource: {product: linux}
//! detection:
//!   keywords:
//!     - linpeas.sh
//!   condition: keywords
//! ";
//! let output = Compiler::builder("esql").build()?.compile(rule);
//! let query = &output.rules()[0].queries[0];
//! assert_eq!(query.fidelity, Fidelity::Approximate);
//! assert_eq!((query.reasons[0].region.line, query.reasons[0].region.column), (5, 7));
//!
//! // `strict` makes an error of it.
//! let strict = Compiler::builder("esql").strict().build()?;
//! assert!(strict.compile(rule).into_queries().is_err());
//! # Ok::<(), varsigma::Error>(())
//! ```
//!
//! # Many files
//!
//! A compiler is shared by threads, and an [`Output`] depends on its file alone. A rule that fails
//! stops no other: its [`RuleOutput`] has an `error` in place of queries. Where a format makes one
//! file of all queries, [`Compiler::document`] does so, in the order of the outputs. Files that refer
//! to one another (a correlation and its rules, a filter and the rules that it applies to) are
//! compiled by [`Compiler::compile_files`].
//!
//! ```
//! use varsigma::Compiler;
//!
//! let files = [
//!     ("a.yml", "title: A\nlogsource: {product: p}\ndetection: {s: {F: 1}, condition: s}\n"),
//!     ("b.yml", "title: B\nlogsource: {product: p}\ndetection: {s: {G: 2}, condition: t}\n"),
//! ];
//! let compiler = Compiler::builder("splunk").format("savedsearches").build()?;
//! let outputs: Vec<_> = std::thread::scope(|scope| {
//!     let threads = files.map(|(path, text)| {
//!         let compiler = &compiler;
//!         scope.spawn(move || compiler.compile_file(path, text.as_bytes()))
//!     });
//!     threads.into_iter().map(|thread| thread.join().unwrap()).collect()
//! });
//! let error = outputs[1].error().unwrap();
//! assert_eq!(error.code.number(), "VS0502");
//! let document = compiler.document(&outputs)?.unwrap();
//! assert!(document.contains("[A]"));
//! # Ok::<(), varsigma::Error>(())
//! ```
//!
//! # Errors and diagnostics
//!
//! Everything that there is to say is a [`Diagnostic`]: a [`Code`] of a registry, a [`Severity`], a
//! message, places ([`Label`]) and what to do. An [`Error`] is one diagnostic or several with the
//! text that they are about; `?` takes it into a `Box<dyn std::error::Error>`. With the feature
//! `render` the module [`render`] shows diagnostics as text with carets, JSON, SARIF or GitHub's
//! workflow commands.
//!
//! ```
//! use varsigma::{Compiler, render};
//!
//! let output = Compiler::builder("splunk").build()?.compile_file("rule.yml", b"title: t\n");
//! for diagnostic in output.diagnostics() {
//!     let text = render::human(&output.source(), diagnostic, false);
//!     assert!(text.starts_with("error[VS0"));
//!     let place = output.region(diagnostic.span().unwrap());
//!     assert_eq!(place.line, 1);
//! }
//! # Ok::<(), varsigma::Error>(())
//! ```
//!
//! # Pipelines
//!
//! Processing pipelines in pySigma's format map the names of fields and log sources. They are the
//! feature `pipelines`. What a pipeline may reach outside itself is an [`access::Environment`]:
//! without one it reads no file, asks no server and runs no command, and a pipeline that wants to is
//! an error.
//!
//! ```
//! use varsigma::access::{Environment, Failure};
//! use varsigma::{Compiler, Pipeline};
//!
//! let text = "transformations:
//!   - type: field_name_mapping
//!     mapping: {Image: process.executable}
//! ";
//! let rule = "title: t
//! logsource: {product: windows}
//! detection: {s: {Image: x}, condition: s}
//! ";
//! let compiler = Compiler::builder("splunk").pipeline(Pipeline::from_yaml("p.yml", text)).build()?;
//! assert_eq!(compiler.compile(rule).into_queries()?, [r#"process.executable="x""#]);
//!
//! /// Grants files of one name alone; the network and commands stay refused.
//! #[derive(Debug)]
//! struct Lists;
//!
//! impl Environment for Lists {
//!     fn read_file(&self, _pipeline: &str, path: &str) -> Result<String, Failure> {
//!         match path {
//!             "hosts.txt" => Ok("dc1\ndc2\n".to_owned()),
//!             _ => Err(Failure::Failed("no such list".to_owned())),
//!         }
//!     }
//! }
//! let compiler = Compiler::builder("splunk").pipeline("sysmon").environment(Lists).build()?;
//! # Ok::<(), varsigma::Error>(())
//! ```
//!
//! # Targets of your own
//!
//! A target is a TOML file, which `docs/backends.md` of the repository describes.
//! [`Targets::with_file`] adds one; it may extend another.
//!
//! # Rules and events
//!
//! [`Rules`] reads rules without a target: as [trees](tree), with what is wrong with them and, with
//! the feature `lint`, what is most likely not meant. A [`RuleSet`] says which of them match an
//! [`Event`].
//!
//! # Features
//!
//! | feature | brings |
//! |:--|:--|
//! | none | targets, rules, events: few crates, no input or output, wasm |
//! | `compat` | the profiles of sigmac and pySigma ([`CompilerBuilder::compat`]) |
//! | `documents` | formats that a template makes |
//! | `pipelines` | processing pipelines; and `documents` |
//! | `lint` | `Rules::lint`; and `documents` |
//! | `render` | the module `render` |
//! | `cli` | the program; and all of the above |
//! | `evtx`, `sqlite`, `network` | of the program: Windows event logs, `--engine sqlite`, HTTP |
//!
//! `default` is the program: `cli`, `evtx` and `sqlite`. A library wants
//! `default-features = false`.
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

#[cfg(all(feature = "cli", not(feature = "unstable")))]
mod compare;
#[cfg(all(feature = "cli", feature = "unstable"))]
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

#[cfg(feature = "pipelines")]
pub use compiler::Pipeline;
pub use compiler::{
    Compiler, CompilerBuilder, Error, Event, Format, Output, Query, Reason, RuleMatcher,
    RuleOutput, RuleSet, Rules, Target, TargetOption, Targets, tree,
};
pub use diagnostic::{Code, Diagnostic, Label, Replacement, Severity};
pub use dialect::Profile;
pub use emit::Fidelity;
pub use source::{LineColumn, Region, Source, Span};

/// What pipelines may reach outside themselves: files, the network, commands. Nothing, unless a
/// [`CompilerBuilder::environment`] grants it.
#[cfg(feature = "pipelines")]
pub mod access {
    pub use crate::pipeline::environment::{
        Body, Closed, Command, CommandLine, Environment, Failure, Request,
    };
}

/// Diagnostics for readers: people, programs, code scanners, workflow logs.
#[cfg(feature = "render")]
pub mod render {
    pub use crate::diagnostic::render::{github, human, json, sarif};
}

/// Runs the program on the arguments of its process.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::run;

/// The documents' examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../ARCHITECTURE.md")]
struct Documents;
