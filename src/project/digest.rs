//! Digests of contents, to see that something changed. They are no protection against forgery.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The first half of a text's SHA-256, in hexadecimal.
///
/// ```
/// use varsigma::project::digest::digest;
/// assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb924");
/// ```
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    short(Sha256::new().chain_update(bytes))
}

/// The digest of several texts, each told from the next.
#[must_use]
pub fn digest_all<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut all = Sha256::new();
    for text in texts {
        all.update((text.len() as u64).to_le_bytes());
        all.update(text);
    }
    short(all)
}

fn short(hash: Sha256) -> String {
    let mut text = String::with_capacity(32);
    for byte in &hash.finalize()[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
