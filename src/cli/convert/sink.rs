//! Where queries go: standard output, as they are, as one document or as JSON; or a folder.

use super::Converted;
use super::folder::Folder;
use crate::cli::Stop;
use crate::cli::input::Input;
use crate::cli::report::Tally;
use crate::diagnostic::Diagnostic;
use crate::output::{Entry, Last};
use crate::transpile::Transpiler;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::path::Path;

/// Output is handed to the system in pieces of this size.
const BUFFER: usize = 256 * 1024;

/// Takes the outputs of files, in order.
pub(super) enum Sink<'t> {
    /// Query by query.
    Lines { out: BufWriter<Stdout>, last: Last },
    /// One document of all queries.
    Document(Vec<Entry>),
    /// One line a file.
    Json(BufWriter<Stdout>),
    /// Files.
    Folder(Folder<'t>),
}

impl<'t> Sink<'t> {
    pub(super) fn lines() -> Self {
        Self::Lines {
            out: BufWriter::with_capacity(BUFFER, stdout()),
            last: Last::default(),
        }
    }

    pub(super) const fn document() -> Self {
        Self::Document(Vec::new())
    }

    pub(super) fn json() -> Self {
        Self::Json(BufWriter::with_capacity(BUFFER, stdout()))
    }

    pub(super) fn folder(folder: &Path, transpiler: &'t Transpiler) -> Result<Self, Stop> {
        Ok(Self::Folder(Folder::new(folder, transpiler)?))
    }

    /// Takes one file's output. A rule whose file can't be written has failed.
    pub(super) fn take(
        &mut self,
        input: &Input,
        converted: &mut Converted,
        tally: &mut Tally,
    ) -> io::Result<()> {
        let output = &mut converted.output;
        match self {
            Self::Lines { out, last } => {
                let mut queries = output.rules.iter().flat_map(|rule| &rule.queries);
                queries.try_for_each(|query| {
                    let (before, text) = last.next(&query.text);
                    out.write_all(before.as_bytes())?;
                    out.write_all(text.as_bytes())?;
                    out.write_all(b"\n")
                })
            }
            Self::Document(entries) => {
                let queries = output.rules.iter_mut().flat_map(|rule| &mut rule.queries);
                entries.extend(queries.filter_map(|query| query.entry.take()));
                Ok(())
            }
            Self::Json(out) => {
                out.write_all(converted.json.take().unwrap_or_default().as_bytes())?;
                out.write_all(b"\n")
            }
            Self::Folder(folder) => {
                folder.take(input, output, tally);
                Ok(())
            }
        }
    }

    /// Writes what is left. Errors that are given back are the document's own, or those of files
    /// that could not be written.
    pub(super) fn finish(self, transpiler: &Transpiler) -> io::Result<Vec<Diagnostic>> {
        match self {
            Self::Lines { mut out, .. } | Self::Json(mut out) => out.flush()?,
            Self::Document(entries) if !entries.is_empty() => {
                match transpiler.whole_document(entries) {
                    Some(Ok(document)) => {
                        let mut out = stdout().lock();
                        out.write_all(document.as_bytes())?;
                        if !document.ends_with('\n') {
                            out.write_all(b"\n")?;
                        }
                    }
                    Some(Err(error)) => return Ok(vec![error]),
                    None => {}
                }
            }
            Self::Folder(folder) => return Ok(folder.unwritten()),
            Self::Document(_) => {}
        }
        Ok(Vec::new())
    }
}
