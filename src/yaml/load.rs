//! Loads a text's documents, within bounds.
//!
//! In: a text, `title: t` say. Out: one [`Node`] a document, with aliases and merge keys resolved
//! and each key once. Hostile texts end in a coded error: nesting, size and the number of nodes are
//! bounded, and nothing recurses deeper than [`MAX_DEPTH`].

use super::ascii::Ascii;
use super::builder::Builder;
use super::place::Places;
use super::{Node, Schema, syntax};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use saphyr_parser::{Input, Parser};
use std::io::{self, Read};

/// Maps and lists inside one another. SigmaHQ's deepest rule has 6. It also bounds how deeply
/// cloning and dropping a node recurse.
pub const MAX_DEPTH: usize = 64;

/// Bytes of a file. SigmaHQ's longest rule has 30 thousand.
pub const MAX_BYTES: usize = 16 << 20;

/// Bytes that nearly every rule file fits into.
const USUAL_BYTES: usize = 4096;

/// Nodes of a file, those that aliases repeat and those kept for anchors included.
pub const MAX_NODES: usize = 1_000_000;

/// Bytes of text that aliases may repeat, where it isn't borrowed from the file.
pub const MAX_REPEATED_BYTES: usize = MAX_BYTES;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Loaded<'s> {
    /// The documents, up to the first error. Empty documents are left out.
    pub documents: Vec<Node<'s>>,
    /// What ended the reading early.
    pub error: Option<Diagnostic>,
    /// What is doubtful: duplicate keys in the schemas that take them.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a file's bytes, and no more of them than [`load`] needs to see that they are too many.
///
/// ```
/// let bytes = varsigma::yaml::read(&b"title: t"[..]).unwrap();
/// assert_eq!(bytes, b"title: t");
/// ```
///
/// # Errors
/// What the source says.
pub fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    let most = MAX_BYTES as u64 + 1;
    source.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Are there no more bytes than a file may have?
///
/// # Errors
/// `VS0110`: there are.
pub fn check_length(bytes: &[u8]) -> Result<(), Diagnostic> {
    if bytes.len() <= MAX_BYTES {
        return Ok(());
    }
    let message = format!("file has more than {MAX_BYTES} bytes");
    let error = Diagnostic::error(Code::YamlTooLarge, message).at(Span::new(0, 0));
    Err(error.help("split the file: a Sigma rule is a few thousand bytes"))
}

/// Reads all documents of a text.
///
/// ```
/// use varsigma::yaml::{self, Schema};
/// let loaded = yaml::load("title: t\nlevel: high\n", Schema::Core);
/// assert_eq!(loaded.documents[0].get("level").unwrap().as_scalar().unwrap().text, "high");
/// ```
#[must_use]
pub fn load(text: &str, schema: impl Into<Schema>) -> Loaded<'_> {
    load_from(text, 0, schema.into())
}

/// Reads the documents of a text from an offset on.
pub(crate) fn load_from(text: &str, start: usize, schema: Schema) -> Loaded<'_> {
    let mut loaded = Loaded::default();
    if let Err(error) = load_into(text, start, schema, &mut loaded) {
        loaded.error = Some(error);
    }
    loaded
}

fn load_into<'s>(
    text: &'s str,
    start: usize,
    schema: Schema,
    loaded: &mut Loaded<'s>,
) -> Result<(), Diagnostic> {
    let text = &text[start..];
    check_length(text.as_bytes())?;
    let (unprintable, ascii) = syntax::find_unprintable(text);
    if let Some((offset, character)) = unprintable {
        return Err(syntax::unprintable(character, start + offset));
    }
    let body = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let places = Places::new(body, start + text.len() - body.len(), ascii);
    let builder = Builder::new(schema, places, loaded);
    // A second parser is half a hundredth of the npm package.
    if ascii && !cfg!(target_family = "wasm") {
        build(builder, Parser::new(Ascii::new(body)))
    } else {
        build(builder, Parser::new_from_str(body))
    }
}

fn build<'s>(
    mut builder: Builder<'s, '_>,
    mut parser: Parser<'s, impl Input>,
) -> Result<(), Diagnostic> {
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => return Err(builder.syntax_error(&error)),
        }
    }
    Ok(())
}
