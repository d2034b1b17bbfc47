//! Where queries go: one stream of them, as they are, as one document or as JSON; or a folder.

use super::ConvertedInput;
use super::destination::{self, Destination, Rules};
use super::folder::QueryFolder;
use crate::cli::Stop;
use crate::cli::atomic::{self, WriteOutcome};
use crate::cli::input::Input;
use crate::cli::reason::unwritable;
use crate::cli::report::Tally;
use crate::cli::terminal::{shown, shown_json};
use crate::diagnostic::Diagnostic;
use crate::output::{DocumentEntry, QueryLines};
use crate::transpile::Transpiler;
use std::borrow::Cow;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::path::PathBuf;

/// Output is handed to the system in pieces of this size.
const BUFFER: usize = 256 * 1024;

/// Takes the outputs of files, in order.
pub(super) enum Sink<'t> {
    /// Query by query.
    Lines { out: Stream, last: QueryLines },
    /// One document of all queries.
    Document {
        out: Stream,
        entries: Vec<DocumentEntry>,
    },
    /// One line a file.
    Json(Stream),
    /// Files.
    Folder(QueryFolder<'t>),
}

/// One stream for all queries.
pub(super) enum Stream {
    /// Standard output, as queries come.
    Standard(BufWriter<Stdout>),
    /// A file, which is written at once in the end.
    File { path: PathBuf, text: Vec<u8> },
}

impl<'t> Sink<'t> {
    pub(super) fn new(
        destination: Destination,
        transpiler: &'t Transpiler,
        inputs: &'t [Input],
        wants_json: bool,
    ) -> Result<Self, Stop> {
        let out = match destination {
            Destination::Folder(folder, pattern) => {
                let folder = QueryFolder::new(&folder, pattern, transpiler, inputs)?;
                return Ok(Self::Folder(folder));
            }
            Destination::File(path) if Rules::of(inputs).has(&path) => {
                return Err(destination::is_a_rule(&path).into());
            }
            Destination::File(path) => Stream::File {
                path,
                text: Vec::new(),
            },
            Destination::Standard => Stream::Standard(BufWriter::with_capacity(BUFFER, stdout())),
        };
        Ok(if wants_json {
            Self::Json(out)
        } else if transpiler.has_whole_document() {
            Self::Document {
                out,
                entries: Vec::new(),
            }
        } else {
            Self::Lines {
                out,
                last: QueryLines::default(),
            }
        })
    }

    /// Takes one file's output. A rule whose file can't be written has failed.
    pub(super) fn take(
        &mut self,
        input: &Input,
        converted: &mut ConvertedInput,
        tally: &mut Tally,
    ) -> io::Result<()> {
        let output = &mut converted.output;
        match self {
            Self::Lines { out, last } => {
                let mut queries = output.rules.iter().flat_map(|rule| &rule.queries);
                queries.try_for_each(|query| {
                    let (before, text) = last.next(&query.text);
                    out.write_all(before.as_bytes())?;
                    out.show(text, shown)?;
                    out.write_all(b"\n")
                })
            }
            Self::Document { entries, .. } => {
                let queries = output.rules.iter_mut().flat_map(|rule| &mut rule.queries);
                entries.extend(queries.filter_map(|query| query.entry.take()));
                Ok(())
            }
            Self::Json(out) => {
                // There is none of a file in which no rule was chosen.
                let Some(json) = converted.json.take() else {
                    return Ok(());
                };
                out.show(&json, shown_json)?;
                out.write_all(b"\n")
            }
            Self::Folder(folder) => {
                folder.take(input, converted, tally);
                Ok(())
            }
        }
    }

    /// Writes what is left. Returns the errors and warnings about the document or the files.
    pub(super) fn finish(
        self,
        transpiler: &Transpiler,
        tally: &mut Tally,
    ) -> io::Result<Vec<Diagnostic>> {
        let mut warning = None;
        let out = match self {
            Self::Lines { out, .. } | Self::Json(out) => out,
            Self::Document { mut out, entries } => {
                if !entries.is_empty() {
                    match transpiler.whole_document(entries) {
                        Some(Ok(document)) => {
                            warning = transpiler.whole_too_long(&document);
                            out.show(&document, shown)?;
                            if !document.ends_with('\n') {
                                out.write_all(b"\n")?;
                            }
                        }
                        Some(Err(error)) => return Ok(vec![error]),
                        None => {}
                    }
                }
                out
            }
            Self::Folder(folder) => return Ok(folder.unwritten()),
        };
        Ok(out.finish(tally)?.or(warning).into_iter().collect())
    }
}

impl Stream {
    /// Writes a text, escaped where people read it.
    fn show(&mut self, text: &str, escape: fn(&str) -> Cow<'_, str>) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.write_all(escape(text).as_bytes()),
            Self::File { .. } => self.write_all(text.as_bytes()),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.write_all(bytes),
            Self::File { text, .. } => {
                text.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Writes the file. Where there are no rules, or some failed and none was converted, an old one
    /// stays.
    fn finish(self, tally: &mut Tally) -> io::Result<Option<Diagnostic>> {
        match self {
            Self::Standard(mut out) => out.flush()?,
            Self::File { text, .. }
                if text.is_empty() && (tally.failed > 0 || tally.rules == 0) => {}
            Self::File { path, text } => match atomic::write_named(&path, &text) {
                Ok(WriteOutcome::Changed) => tally.written += 1,
                Ok(WriteOutcome::Unchanged) => tally.unchanged += 1,
                Err(error) => return Ok(Some(unwritable(&path, &error))),
            },
        }
        Ok(None)
    }
}
