//! Files of events, for `test` and `hunt`.
//!
//! In: paths. Out: [`EventFile`]s in order, and [`read`], which hands their chunks to all cores and
//! gives back what these make of them, in the order of the files.

mod find;
mod interrupt;
mod live;
mod read;
mod routing;
mod span;

pub use find::{EventFile, FormatOptions, Purpose, find};
pub use interrupt::Interrupt;
pub use read::{ChunkWork, read};
pub use routing::RoutingOptions;
pub use span::{TimeOptions, TimeSpan};

use crate::diagnostic::Diagnostic;

/// A file that could not be read or has no events: the path, its text, and why.
#[derive(Debug)]
pub struct UnreadFile {
    pub path: String,
    pub text: String,
    pub diagnostics: Vec<Diagnostic>,
}
