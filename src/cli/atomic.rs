//! Writing a file at once or not at all.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Component, Path};

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It has the new text.
    Changed,
    /// It had this text already and was not touched.
    Unchanged,
}

/// The beginning of the names of temporary files.
pub const PREFIX: &str = ".varsigma-";

/// The letters and digits that follow it.
const RANDOM: usize = 12;

/// Is it the name of such a file?
pub fn is_temporary(name: &OsStr) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    rest.is_some_and(|rest| {
        rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Gives a file its text. A reader at the same time, or after a crash, sees the old text or
/// the new one. The folder must exist. A file that is there keeps its permissions, and its text where
/// it is read-only, which is an error.
pub fn write(path: &Path, text: &[u8]) -> io::Result<WriteOutcome> {
    if has(path, text) {
        return Ok(WriteOutcome::Unchanged);
    }
    let known = std::fs::symlink_metadata(path).ok();
    let known = known.filter(std::fs::Metadata::is_file);
    let known = known.map(|metadata| metadata.permissions());
    if known.as_ref().is_some_and(std::fs::Permissions::readonly) {
        return Err(io::Error::other("it is read-only"));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM);
    // A temporary file is for its owner alone; the file that it becomes is an ordinary one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text)?;
    if let Some(known) = known {
        file.as_file().set_permissions(known)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(WriteOutcome::Changed)
}

/// The same of a path that a user names: a device or a pipe takes the text as it comes, and of a link
/// the file that it leads to has the text.
pub fn write_named(path: &Path, text: &[u8]) -> io::Result<WriteOutcome> {
    let is_special = std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    if is_special {
        let mut file = std::fs::File::options().write(true).open(path)?;
        file.write_all(text)?;
        return Ok(WriteOutcome::Changed);
    }
    if !path.is_symlink() {
        return write(path, text);
    }
    let real = std::fs::canonicalize(path);
    let real = real.map_err(|_| io::Error::other("it is a link to a file that is not there"))?;
    write(&real, text)
}

/// Makes a folder below `root`. None of the folders between them may be a link: it could lead out,
/// or into git's own.
pub fn make_folder(root: &Path, below: &Path) -> io::Result<()> {
    each_folder(root, below, |folder| match std::fs::create_dir(folder) {
        // Another process created it in the meantime: it is checked like one that existed before.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_one(folder),
        result => result,
    })
}

/// Is there no link on the way from `root` to a folder below it? A missing folder is not a link.
pub fn check_folder(root: &Path, below: &Path) -> io::Result<()> {
    each_folder(root, below, |_| Ok(()))
}

fn each_folder(
    root: &Path,
    below: &Path,
    missing: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut folder = root.to_owned();
    for part in below.components() {
        let Component::Normal(part) = part else {
            continue;
        };
        folder.push(part);
        match check_one(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing(&folder)?,
            checked => checked?,
        }
    }
    Ok(())
}

fn check_one(folder: &Path) -> io::Result<()> {
    let metadata = std::fs::symlink_metadata(folder)?;
    if metadata.is_symlink() {
        let shown = folder.display();
        let message = format!("`{shown}` is a link, and outputs don't go through links");
        return Err(io::Error::other(message));
    }
    if metadata.is_dir() {
        return Ok(());
    }
    Err(io::ErrorKind::NotADirectory.into())
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
        assert_eq!(
            write(&path, b"one").expect("written"),
            WriteOutcome::Changed
        );
        assert_eq!(write(&path, b"one").expect("read"), WriteOutcome::Unchanged);
        assert_eq!(
            write(&path, b"two").expect("written"),
            WriteOutcome::Changed
        );
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
    fn folders_are_made_but_no_link_is_followed() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let root = root.path();
        make_folder(root, Path::new("a/b")).expect("made");
        make_folder(root, Path::new("a/b")).expect("there already");
        std::os::unix::fs::symlink(root.join("a"), root.join("link")).expect("linked");
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("dead")).expect("linked");
        std::fs::write(root.join("file"), "").expect("written");
        for below in ["link", "link/b", "link/new", "dead/x", "file/x"] {
            assert!(make_folder(root, Path::new(below)).is_err(), "{below}");
            assert!(check_folder(root, Path::new(below)).is_err(), "{below}");
        }
        assert!(!root.join("a/new").exists() && !root.join("nowhere").exists());
        check_folder(root, Path::new("not/there")).expect("nothing there");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (link, target) = (folder.path().join("a.spl"), folder.path().join("other"));
        std::fs::write(&target, "one").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        assert_eq!(
            write(&link, b"two").expect("written"),
            WriteOutcome::Changed
        );
        assert_eq!(std::fs::read(&target).expect("read"), b"one");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, link) = (folder.path().join("own"), folder.path().join("link"));
        std::fs::write(&path, "old").expect("written");
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&path, mode(0o600)).expect("set");
        symlink(&path, &link).expect("linked");
        write_named(&link, b"new").expect("written");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).expect("read"), b"new");
        let found = std::fs::metadata(&path).expect("there").permissions();
        assert_eq!(found.mode() & 0o777, 0o600);
        let dangling = folder.path().join("dangling");
        symlink("nowhere", &dangling).expect("linked");
        assert!(write_named(&dangling, b"new").is_err() && dangling.is_symlink());
        std::fs::set_permissions(&path, mode(0o444)).expect("set");
        assert!(write_named(&path, b"other").is_err());
        assert_eq!(std::fs::read(&path).expect("read"), b"new");
    }
}
