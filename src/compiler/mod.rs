//! The front door: what users of the library build on.
//!
//! In: a target's name, options, pipelines; then rule files. Out: queries, how true they are to
//! their rules, and diagnostics, all of it as data. It calls the stages.

mod builder;
mod error;
mod events;
mod output;
#[cfg(feature = "pipelines")]
mod pipeline;
mod rules;
mod target;
pub mod tree;

pub use builder::CompilerBuilder;
pub use error::Error;
pub use events::{Event, RuleMatcher, RuleSet};
pub use output::{Output, Query, Reason, RuleOutput};
#[cfg(feature = "pipelines")]
pub use pipeline::Pipeline;
pub use rules::Rules;
pub use target::{Format, Target, TargetOption, Targets};

use crate::diagnostic::Diagnostic;
use crate::dialect::Profile;
use crate::source::Source;
use crate::transpile::Transpiler;

/// Compiles rules for one target, in one format.
///
/// It is made once ([`Compiler::builder`]) and used for any number of files, on any number of
/// threads: `compile` takes `&self`, and what it gives depends on the file alone.
///
/// ```
/// use varsigma::{Compiler, Fidelity};
///
/// let compiler = Compiler::builder("splunk").option("keywords", "phrase").build()?;
/// let rule = r"
/// title: Shell of the web server
/// logsource: {category: process_creation, product: windows}
/// detection:
///   selection:
///     ParentImage|endswith: '\w3wp.exe'
///   condition: selection
/// ";
/// let output = compiler.compile(rule);
/// assert_eq!(output.queries(), [r#"ParentImage="*\\w3wp.exe""#]);
/// assert_eq!(output.rules()[0].fidelity, Fidelity::Exact);
/// # Ok::<(), varsigma::Error>(())
/// ```
#[derive(Debug)]
pub struct Compiler {
    transpiler: Transpiler,
    /// What there is to say of the pipelines, with the path and the text of each.
    warnings: Vec<(String, String, Diagnostic)>,
}

impl Compiler {
    /// Begins a compiler for a built-in target: its name, or one that it is known as.
    ///
    /// [`CompilerBuilder::targets`] gives it other targets to choose from.
    pub fn builder(target: impl Into<String>) -> CompilerBuilder {
        CompilerBuilder::new(target.into())
    }

    /// Compiles the rules of a file's text. A rule that fails has its error in the output, and
    /// stops no other.
    #[must_use]
    pub fn compile(&self, text: &str) -> Output {
        self.compile_file("", text.as_bytes())
    }

    /// Compiles the rules of a file. Nothing is read: `path` names the file in messages, and `bytes`
    /// is what it holds, whatever that is.
    #[must_use]
    pub fn compile_file(&self, path: &str, bytes: &[u8]) -> Output {
        Output::new(self.transpiler.convert_file(path, bytes), bytes)
    }

    /// Is there one document for all queries of a run (a file of saved searches, say)?
    #[must_use]
    pub fn has_document(&self) -> bool {
        self.transpiler.has_whole_document()
    }

    /// The one document for the queries of several files, in the order of the outputs; `None` where
    /// neither the format nor a pipeline makes one.
    ///
    /// # Errors
    /// The template, or a pipeline's finalizer, fails.
    pub fn document<'o>(
        &self,
        outputs: impl IntoIterator<Item = &'o Output>,
    ) -> Result<Option<String>, Error> {
        let rules = outputs.into_iter().flat_map(Output::rules);
        let queries = rules.flat_map(|rule| &rule.queries);
        let entries = queries.filter_map(|query| query.entry.clone()).collect();
        let document = self.transpiler.whole_document(entries);
        document.transpose().map_err(Error::from)
    }

    /// The ending of the format's files, without a dot: `spl`.
    #[must_use]
    pub fn extension(&self) -> &str {
        self.transpiler.extension()
    }

    /// The format in force.
    #[must_use]
    pub fn format(&self) -> Format {
        Format::of(self.transpiler.format(), self.transpiler.backend())
    }

    /// The profile in force: the one asked for, or the one that the format shows.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.transpiler.profile()
    }

    /// What there is to say of the pipelines, each with its place.
    pub fn warnings(&self) -> impl Iterator<Item = (Source<'_>, &Diagnostic)> {
        let warnings = self.warnings.iter();
        warnings.map(|(path, text, warning)| (Source::new(path, text), warning))
    }
}
