//! The front door: what users of the library build on.
//!
//! In: a target's name, options, pipelines; then rule files. Out: queries, how true they are to
//! their rules, and diagnostics, all of it as data. It calls the stages.

mod builder;
pub mod comparison;
mod error;
mod events;
#[cfg(feature = "lint")]
mod names;
mod output;
mod owned;
#[cfg(feature = "documents")]
mod page;
#[cfg(feature = "pipelines")]
mod pipeline;
mod rules;
mod target;
pub mod tree;
mod witness;

pub use builder::CompilerBuilder;
pub use error::Error;
pub use events::{Event, EventRouting, EventScanner, RuleMatcher, RuleSet, Seen, Trace};
#[cfg(feature = "lint")]
pub use names::Names;
pub use output::{Output, Query, Reason, RuleOutput};
pub use owned::OwnedRuleSet;
#[cfg(feature = "documents")]
pub use page::{PageOutput, Pages};
#[cfg(feature = "pipelines")]
pub use pipeline::{BuiltInPipeline, Pipeline};
pub use rules::Rules;
pub use target::{Format, Proof, Target, TargetOption, Targets};
pub use witness::{Witness, Witnesses};

use crate::diagnostic::Diagnostic;
use crate::dialect::Profile;
use crate::source::Source;
use crate::transpile::{self, Transpiler};
#[cfg(feature = "parallel")]
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// Compiles rules for one target, in one format.
///
/// It is made once ([`Compiler::builder`]) and used for any number of files, on any number of
/// threads: `compile` takes `&self`, and what it gives depends on the file alone. Correlations and
/// filters that reach into other files are compiled with those: [`Compiler::compile_files`].
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
    /// is what it holds, valid or not.
    #[must_use]
    pub fn compile_file(&self, path: &str, bytes: &[u8]) -> Output {
        Output::new(self.transpiler.convert_file(path, bytes), bytes)
    }

    /// Compiles the rules of several files, each a path and its bytes, that may refer to one another:
    /// a correlation to rules of another file, a filter to rules of any. There is an output for each
    /// file, in their order. The feature `parallel` takes all processors for it.
    ///
    /// ```
    /// use varsigma::Compiler;
    ///
    /// let files: [(&str, &[u8]); 2] = [
    ///     ("rule.yml", b"title: Failed logon
    /// name: failed_logon
    /// logsource: {product: windows, service: security}
    /// detection: {s: {EventID: 4625}, condition: s}
    /// "),
    ///     ("correlation.yml", b"title: Many failed logons
    /// correlation:
    ///   type: event_count
    ///   rules: [failed_logon]
    ///   group-by: [User]
    ///   timespan: 5m
    ///   condition: {gte: 10}
    /// "),
    /// ];
    /// let compiler = Compiler::builder("splunk").build()?;
    /// let outputs = compiler.compile_files(&files);
    /// assert_eq!(outputs[0].queries(), ["EventID=4625"]);
    /// assert_eq!(outputs[1].rules()[0].title.as_deref(), Some("Many failed logons"));
    ///
    /// // By itself the correlation refers to a rule that is not there.
    /// let alone = compiler.compile_file(files[1].0, files[1].1);
    /// assert_eq!(alone.error().unwrap().code.number(), "VS1251");
    /// # Ok::<(), varsigma::Error>(())
    /// ```
    #[must_use]
    pub fn compile_files(&self, files: &[(&str, &[u8])]) -> Vec<Output> {
        let texts = files
            .iter()
            .map(|(_, bytes)| transpile::text_of(bytes).ok());
        let texts: Vec<Option<&str>> = texts.collect();
        let index = transpile::index(&texts, self.transpiler.dialect());
        let one = |at: usize| {
            let (path, bytes) = files[at];
            match (&index, texts[at]) {
                (Some(index), Some(_)) => {
                    Output::new(self.transpiler.convert_indexed(path, at, index), bytes)
                }
                _ => self.compile_file(path, bytes),
            }
        };
        #[cfg(feature = "parallel")]
        return (0..files.len()).into_par_iter().map(one).collect();
        #[cfg(not(feature = "parallel"))]
        return (0..files.len()).map(one).collect();
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
