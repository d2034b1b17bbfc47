//! Which files are a folder's own.
//!
//! A repository may come from anybody, with links in it. The target of a link to the outside is not read:
//! a message that shows the lines of a wrong rule would show that file. The same is true of what is
//! hidden, such as `.git/config` and `.env`. A pipe or a device would never end.

use crate::project::name;
use crate::project::tree::LeadsOut;
use std::io::{self, Read};
use std::path::Path;

/// Is `path`, which lies below `root`, a regular file of its own? Links are followed if they stay
/// below `root` and lead to nothing hidden.
pub fn file(root: &Path, path: &Path) -> io::Result<()> {
    let mut metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        metadata = target(root, path)?;
    }
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Err(irregular())
}

/// The largest file that is read whole.
pub const MOST_BYTES: u64 = 256 << 20;

/// All of a file's bytes, if they are not too many.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("it is longer than {MOST_BYTES} bytes");
        return Err(io::Error::other(message));
    }
    Ok(bytes)
}

/// What a link leads to.
pub fn target(root: &Path, link: &Path) -> io::Result<std::fs::Metadata> {
    let target = link.canonicalize()?;
    let root = if root.as_os_str().is_empty() {
        std::env::current_dir()?
    } else {
        root.to_owned()
    };
    let below = target.strip_prefix(root.canonicalize()?);
    let is_own = below.is_ok_and(|below| !name::is_hidden(&below.to_string_lossy()));
    if !is_own {
        return Err(io::Error::other(LeadsOut));
    }
    std::fs::metadata(target)
}

/// The error of what is neither a file nor a folder.
pub fn irregular() -> io::Error {
    io::Error::other("it is not a regular file")
}
