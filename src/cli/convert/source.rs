//! A rule file that was read, for what looks at all files before the first is converted.

use crate::cli::input::Input;
use crate::diagnostic::Diagnostic;
use crate::index;
use crate::transpile::text_of;

/// A file that was read.
pub(in crate::cli) struct SourceFile<'i> {
    pub input: &'i Input,
    bytes: Result<Vec<u8>, Diagnostic>,
    /// May it have a correlation or a filter?
    pub is_linked: bool,
}

impl<'i> SourceFile<'i> {
    pub fn read(input: &'i Input) -> Self {
        let mut bytes = input.read();
        let mut is_linked = false;
        if let Ok(bytes) = &mut bytes {
            // All texts are held at once.
            bytes.shrink_to_fit();
            is_linked = index::is_linked(bytes);
        }
        Self {
            input,
            bytes,
            is_linked,
        }
    }

    pub fn text(&self) -> Result<&str, Diagnostic> {
        self.bytes
            .as_deref()
            .map_err(Clone::clone)
            .and_then(text_of)
    }
}
