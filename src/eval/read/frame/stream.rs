//! A stream's bytes: decompressed, and in UTF-8.
//!
//! In: what a file holds, gzip say, of UTF-16. Out: bytes as formats read them. A byte order mark at
//! the beginning is no part of them.

use super::super::wide::{Wide, WideText};
use super::ReadError;
use super::compressed::{Compressed, Compression};
use std::io::{self, Chain, Cursor, Read};

/// The source with its first bytes before it again.
pub(super) type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

#[derive(Debug)]
pub(super) struct Stream<R> {
    source: Source<R>,
    /// How 16-bit characters are read, where there are any.
    wide: Option<WideText>,
    /// Was the beginning looked at?
    is_begun: bool,
    block: Vec<u8>,
}

#[derive(Debug)]
enum Source<R> {
    Unknown(R),
    Plain(Whole<R>),
    Compressed(Compressed<Whole<R>>),
    /// It failed.
    End,
}

/// How much is read at once.
const BLOCK: usize = 256 << 10;

impl<R: Read> Stream<R> {
    pub fn new(input: R) -> Self {
        Self {
            source: Source::Unknown(input),
            wide: None,
            is_begun: false,
            block: Vec::new(),
        }
    }

    /// Reads on, and puts what there is after the bytes: as many as they are to have, or fewer.
    /// Gives how many were read, 0 at the end.
    pub fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> Result<usize, ReadError> {
        if let Source::Unknown(_) = self.source
            && let Err(error) = self.open()
        {
            return Err(ReadError::Io(error));
        }
        if !self.is_begun {
            self.is_begun = true;
            return self.begin(bytes);
        }
        let missing = wanted.saturating_sub(bytes.len()).clamp(1, BLOCK);
        self.block.resize(BLOCK, 0);
        let read = self.source.read(&mut self.block[..missing]);
        let block = &self.block[..*read.as_ref().unwrap_or(&0)];
        match &mut self.wide {
            None => bytes.extend_from_slice(block),
            Some(wide) if block.is_empty() => wide.finish(bytes),
            Some(wide) => wide.push(block, bytes),
        }
        self.checked(read)
    }

    /// Reads the first bytes, which show whether characters have 16 bits.
    fn begin(&mut self, bytes: &mut Vec<u8>) -> Result<usize, ReadError> {
        let mut start = Vec::new();
        let read = (&mut self.source).take(4).read_to_end(&mut start);
        let read = self.checked(read)?;
        if let Some((wide, mark)) = Wide::of(&start) {
            let mut text = WideText::new(wide);
            text.push(&start[mark..], bytes);
            self.wide = Some(text);
        } else {
            bytes.extend_from_slice(start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start));
        }
        Ok(read)
    }

    /// What was read, or why nothing more can be.
    fn checked(&mut self, read: io::Result<usize>) -> Result<usize, ReadError> {
        match read {
            Ok(read) => Ok(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(usize::MAX),
            Err(error) => {
                let source = std::mem::replace(&mut self.source, Source::End);
                Err(match source {
                    Source::Compressed(compressed) => compressed.failure(error),
                    _ => ReadError::Io(error),
                })
            }
        }
    }

    /// Looks whether the stream is compressed.
    fn open(&mut self) -> io::Result<()> {
        let Source::Unknown(mut input) = std::mem::replace(&mut self.source, Source::End) else {
            return Ok(());
        };
        let mut start = Vec::new();
        (&mut input).take(4).read_to_end(&mut start)?;
        let compression = Compression::of(&start);
        let whole = Cursor::new(start).chain(input);
        self.source = match compression {
            None => Source::Plain(whole),
            Some(compression) => Source::Compressed(Compressed::new(compression, whole)),
        };
        Ok(())
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(block),
            Self::Compressed(source) => source.read(block),
            Self::Unknown(_) | Self::End => Ok(0),
        }
    }
}
