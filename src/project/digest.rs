//! Digests of contents, to see that something changed. They are no protection against forgery.

use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The first half of a text's SHA-256, in hexadecimal. The line ends of Windows, which git gives
/// files on their way out (`core.autocrlf`), don't count.
///
/// ```
/// use varsigma::project::digest::digest;
/// assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb924");
/// assert_eq!(digest(b"a\r\n"), digest(b"a\n"));
/// ```
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    short(Sha256::new().chain_update(unix_lines(bytes)))
}

/// The digest of several texts, each told from the next.
#[must_use]
pub fn digest_all<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut all = Sha256::new();
    for text in texts {
        let text = unix_lines(text.as_bytes());
        all.update((text.len() as u64).to_le_bytes());
        all.update(&text);
    }
    short(all)
}

/// A text with `\n` for every `\r\n`.
#[must_use]
pub fn unix_lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\r') {
        return Cow::Borrowed(bytes);
    }
    let is_kept = |at: usize| bytes[at] != b'\r' || bytes.get(at + 1) != Some(&b'\n');
    let kept = (0..bytes.len()).filter(|at| is_kept(*at));
    Cow::Owned(kept.map(|at| bytes[at]).collect())
}

fn short(hash: Sha256) -> String {
    let mut text = String::with_capacity(32);
    for byte in &hash.finalize()[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
