//! Rule files, for the bindings: they read what the commands read.
//!
//! In: the path `rules`. Out: a [`RuleFile`] for each file below it, with its text or why there is none.

use super::{FilePattern, InputText, add};
use crate::diagnostic::Diagnostic;
use crate::transpile::text_of;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::io;
use std::path::Path;

/// A rule file.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The path as messages show it; empty for a text.
    pub path: String,
    /// The text. Without it an error, or the warning that the file is passed over.
    pub text: Result<String, Diagnostic>,
}

impl RuleFile {
    /// A file by what it holds.
    #[must_use]
    pub fn new(path: String, bytes: &[u8]) -> Self {
        let text = text_of(bytes).map(str::to_owned);
        Self { path, text }
    }

    /// The file at a path, or those of the folder in the byte order of their paths, then what is
    /// passed over.
    ///
    /// # Errors
    /// There is nothing at the path, or it can't be looked at.
    pub fn of(path: &Path) -> io::Result<Vec<Self>> {
        let (mut inputs, mut passed) = (Vec::new(), Vec::new());
        add(path, &FilePattern::default(), &mut inputs, &mut passed)?;
        let read = inputs.par_iter().map(|input| Self {
            path: input.name.clone(),
            text: InputText::read(input).text,
        });
        let mut files: Vec<Self> = read.collect();
        files.extend(passed.into_iter().map(|warning| Self {
            path: String::new(),
            text: Err(warning),
        }));
        Ok(files)
    }
}
