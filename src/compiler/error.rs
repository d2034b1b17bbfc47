//! Failures of the library as a `std::error::Error`.

use crate::backend::BackendError;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Source;
use std::fmt;

/// Why there is no compiler, no document, no query: one diagnostic or several, with the text that
/// they are about.
///
/// It is `Send`, `Sync` and `'static`, so that `?` takes it into a `Box<dyn std::error::Error>`. Its
/// text is for people; programs look at [`Error::code`] and [`Error::diagnostics`].
///
/// ```
/// use varsigma::{Code, Compiler};
///
/// let error = Compiler::builder("splnk").build().unwrap_err();
/// assert_eq!(error.code(), Code::UnknownTarget);
/// assert!(error.to_string().contains("did you mean `splunk`?"));
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Failure>);

#[derive(Debug, Clone)]
struct Failure {
    path: String,
    text: String,
    first: Diagnostic,
    others: Vec<Diagnostic>,
}

impl Error {
    pub(super) fn new(path: String, text: String, first: Diagnostic) -> Self {
        Self(Box::new(Failure {
            path,
            text,
            first,
            others: Vec::new(),
        }))
    }

    /// The code of the first diagnostic.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.first.code
    }

    /// Everything that is wrong, in the order of the text.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        std::iter::once(&self.0.first).chain(&self.0.others)
    }

    /// The text that the diagnostics are about, by its path; without a name where there is none.
    #[must_use]
    pub fn source(&self) -> Source<'_> {
        Source::new(&self.0.path, &self.0.text)
    }
}

impl fmt::Display for Error {
    /// `mine.toml:4:1: unknown key (VS0802)`, a line each, with what to do below it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source();
        for (at, diagnostic) in self.diagnostics().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            let name = match self.0.path.as_str() {
                "" if diagnostic.code == Code::Events => "events",
                "" => "rule",
                path => path,
            };
            if let Some(span) = diagnostic.span() {
                let place = source.line_column(span.start);
                write!(f, "{name}:{}:{}: ", place.line, place.column)?;
            } else if !self.0.path.is_empty() {
                write!(f, "{name}: ")?;
            }
            write!(f, "{} ({})", diagnostic.message, diagnostic.code)?;
            for help in &diagnostic.help {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(String::new(), String::new(), diagnostic)
    }
}

impl From<BackendError> for Error {
    fn from(error: BackendError) -> Self {
        let mut diagnostics = error.diagnostics.into_iter();
        let internal = || Diagnostic::error(Code::Internal, "varsigma failed without a reason");
        Self(Box::new(Failure {
            path: error.path,
            text: error.text,
            first: diagnostics.next().unwrap_or_else(internal),
            others: diagnostics.collect(),
        }))
    }
}
