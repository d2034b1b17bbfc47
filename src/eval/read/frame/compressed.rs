//! Compressed streams: gzip and zstd, by the crates of the feature `events`.

use super::ReadError;
use crate::diagnostic::{Code, Diagnostic};
use std::fmt;
use std::io::{self, Read};

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// The compression of a stream that begins with these bytes.
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // A frame, or one that is to be skipped (RFC 8878, 3.1).
            [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Some(Self::Zstd),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// A compressed stream.
pub(super) struct Compressed<R> {
    compression: Compression,
    decoder: Decoder<R>,
}

impl<R> fmt::Debug for Compressed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressed")
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Compressed<R> {
    pub fn new(compression: Compression, source: R) -> Self {
        Self {
            compression,
            decoder: Decoder::new(compression, source),
        }
    }

    /// Why the rest can't be read.
    pub fn failure(&self, error: io::Error) -> ReadError {
        let name = self.compression.name();
        let message = match error.kind() {
            io::ErrorKind::Unsupported => {
                format!("expected a stream that is not compressed, found {name}")
            }
            io::ErrorKind::UnexpectedEof => {
                format!("expected the rest of the compressed stream ({name}), found its end")
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                format!("the compressed stream ({name}) is broken: {error}")
            }
            _ => return ReadError::Io(error),
        };
        let error = Diagnostic::error(Code::BrokenCompression, message);
        ReadError::Content(error.help("check the file; the events before the break count"))
    }
}

impl<R: Read> Read for Compressed<R> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(block)
    }
}

#[cfg(feature = "events")]
use with_crates::Decoder;

#[cfg(feature = "events")]
mod with_crates {
    use super::Compression;
    use flate2::bufread::GzDecoder;
    use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
    use std::io::{self, BufRead as _, BufReader, Read};

    /// The most that a frame may ask to be held of what was decompressed: zstd's own
    /// limit by default.
    const MOST_WINDOW: u64 = 128 << 20;

    pub(super) enum Decoder<R> {
        /// A member; none at the end.
        Gzip(Option<Box<GzDecoder<BufReader<R>>>>),
        Zstd {
            source: BufReader<R>,
            /// The frame that is read; none between two.
            frame: Option<Box<FrameDecoder>>,
            /// Why nothing follows what was decompressed.
            failure: Option<io::Error>,
        },
    }

    /// The end of a frame: an empty last block (RFC 8878, 3.1.1.2) and room for a checksum, which is
    /// not looked at.
    const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

    impl<R: Read> Decoder<R> {
        pub fn new(compression: Compression, source: R) -> Self {
            let source = BufReader::with_capacity(64 << 10, source);
            match compression {
                Compression::Gzip => Self::Gzip(Some(Box::new(GzDecoder::new(source)))),
                Compression::Zstd => Self::Zstd {
                    source,
                    frame: None,
                    failure: None,
                },
            }
        }

        pub fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
            let (source, frame, failure) = match self {
                Self::Gzip(member) => return read_gzip(member, block),
                Self::Zstd {
                    source,
                    frame,
                    failure,
                } => (source, frame, failure),
            };
            loop {
                let Some(decoder) = frame else {
                    *frame = next_frame(source)?;
                    if frame.is_none() {
                        return Ok(0);
                    }
                    continue;
                };
                while decoder.can_collect() == 0 && !decoder.is_finished() {
                    let block = BlockDecodingStrategy::UptoBlocks(1);
                    if let Err(error) = decoder.decode_blocks(&mut *source, block) {
                        *failure = Some(wrapped(error));
                        // The window is held for blocks to come. After the last one it is given out.
                        decoder
                            .decode_blocks(&END[..], BlockDecodingStrategy::All)
                            .map_err(wrapped)?;
                    }
                }
                let read = decoder.read(block)?;
                if read > 0 || block.is_empty() {
                    return Ok(read);
                }
                if let Some(failure) = failure.take() {
                    return Err(failure);
                }
                *frame = None;
            }
        }
    }

    /// Reads on in a member, or in those after it. Zeros that follow one are padding, as they are to gzip.
    fn read_gzip<R: Read>(
        member: &mut Option<Box<GzDecoder<BufReader<R>>>>,
        block: &mut [u8],
    ) -> io::Result<usize> {
        while let Some(decoder) = member {
            let read = decoder.read(block)?;
            if read > 0 || block.is_empty() {
                return Ok(read);
            }
            let Some(ended) = member.take() else {
                break;
            };
            let mut source = ended.into_inner();
            let is_end = loop {
                let bytes = match source.fill_buf() {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    bytes => bytes?,
                };
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                let is_end = bytes.is_empty();
                if zeros == 0 {
                    break is_end;
                }
                source.consume(zeros);
            };
            *member = (!is_end).then(|| Box::new(GzDecoder::new(source)));
        }
        Ok(0)
    }

    fn next_frame(source: &mut BufReader<impl Read>) -> io::Result<Option<Box<FrameDecoder>>> {
        loop {
            if source.fill_buf()?.is_empty() {
                return Ok(None);
            }
            let mut decoder = FrameDecoder::new();
            decoder.set_max_window_size(MOST_WINDOW);
            match decoder.init(&mut *source) {
                Ok(()) => return Ok(Some(Box::new(decoder))),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = (&mut *source).take(u64::from(length));
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(wrapped(error)),
            }
        }
    }

    /// The decoder wraps the end of the stream into an error of its own.
    fn wrapped(error: FrameDecoderError) -> io::Error {
        let mut source = Some(&error as &dyn std::error::Error);
        while let Some(inner) = source {
            let io = inner.downcast_ref::<io::Error>();
            if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
                return io::ErrorKind::UnexpectedEof.into();
            }
            source = inner.source();
        }
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// This build reads no compressed streams.
#[cfg(not(feature = "events"))]
struct Decoder<R>(std::marker::PhantomData<R>);

#[cfg(not(feature = "events"))]
impl<R: Read> Decoder<R> {
    fn new(_: Compression, _: R) -> Self {
        Self(std::marker::PhantomData)
    }

    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
