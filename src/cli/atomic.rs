//! Writing a file at once or not at all.

use std::io::{self, Write};
use std::path::Path;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It has the new text.
    Changed,
    /// It had this text already and was not touched.
    Unchanged,
}

/// How the names of files begin that are on their way to their places.
pub const PREFIX: &str = ".varsigma-";

/// Gives a file its text. Whoever reads it meanwhile, and whatever happens, sees the old text or
/// the new one. The folder must exist.
pub fn write(path: &Path, text: &[u8]) -> io::Result<Written> {
    if has(path, text) {
        return Ok(Written::Unchanged);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    // A temporary file is for its owner alone; the file that it becomes is an ordinary one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(Written::Changed)
}

fn has(path: &Path, text: &[u8]) -> bool {
    let same_length = std::fs::symlink_metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == text.len() as u64);
    same_length && std::fs::read(path).is_ok_and(|old| old == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_if_it_differs() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.spl");
        assert_eq!(write(&path, b"one").expect("written"), Written::Changed);
        assert_eq!(write(&path, b"one").expect("read"), Written::Unchanged);
        assert_eq!(write(&path, b"two").expect("written"), Written::Changed);
        assert_eq!(std::fs::read(&path).expect("read"), b"two");
        let left = std::fs::read_dir(folder.path()).expect("read").count();
        assert_eq!(left, 1, "no temporary file is left");
    }

    #[test]
    fn a_folder_in_the_way_is_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("a.spl")).expect("made");
        assert!(write(&folder.path().join("a.spl"), b"one").is_err());
        let left = std::fs::read_dir(folder.path()).expect("read").count();
        assert_eq!(left, 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (link, target) = (folder.path().join("a.spl"), folder.path().join("other"));
        std::fs::write(&target, "one").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        assert_eq!(write(&link, b"two").expect("written"), Written::Changed);
        assert_eq!(std::fs::read(&target).expect("read"), b"one");
    }
}
