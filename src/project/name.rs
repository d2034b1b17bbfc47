//! Names that a generated file can have on every system, without meaning another file.
//!
//! In: a path below the project's folder. Out: why a build never writes it, or nothing.
//!
//! The list is git's (`verify_path` and `is_ntfs_dotgit` in `read-cache.c` and `path.c`), for one
//! of its own files is a program that runs at the next git command. Every hidden name is on it,
//! which holds the settings of CI systems and editors, too.

use std::borrow::Cow;

/// The longest name that file systems take, in bytes.
const LONGEST: usize = 255;

/// Why no generated file may have that path; nothing where it may.
///
/// ```
/// use varsigma::project::name::refused;
///
/// assert_eq!(refused("generated/splunk/a.spl"), None);
/// assert!(refused("sub/.GIT/config").is_some());
/// assert!(refused("git~1/config").is_some());
/// ```
#[must_use]
pub fn refused(path: &str) -> Option<String> {
    path.split('/').find_map(|name| {
        let reason = reason(name)?;
        Some(format!("`{}` {reason}", shown(name)))
    })
}

/// Is a part of the path hidden? What is, no project reads or writes.
#[must_use]
pub fn is_hidden(path: &str) -> bool {
    let is_hidden = |name: &str| {
        let name = name.trim_start_matches(acts);
        name.starts_with('.') && !matches!(name, "." | "..")
    };
    path.split(['/', '\\']).any(is_hidden) || path.split('/').any(is_short_for_git)
}

fn reason(name: &str) -> Option<&'static str> {
    Some(match name {
        "" => "is empty",
        _ if name.contains(acts) => "has a character that can't be seen",
        "." | ".." => "is a folder's own name",
        _ if name.starts_with('.') => "is hidden, as the files of git and of CI systems are",
        _ if name.contains('\\') => "has a `\\`, which ends a folder's name on Windows",
        _ if name.ends_with(['.', ' ']) => "ends in a dot or a blank, which Windows drops",
        _ if is_short(name) => "is a short name on Windows, which may mean another file",
        _ if is_device(name) => "is a device on Windows",
        _ if name.len() > LONGEST => "is longer than file systems take",
        _ => return None,
    })
}

/// The name, cut where it is too long to read.
fn shown(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(60) {
        Some((end, _)) => Cow::Owned(format!("{}…", &name[..end])),
        None => Cow::Borrowed(name),
    }
}

/// Characters that control a terminal or take no room. HFS+ ignores some of them in names:
/// U+200C to U+200F, U+202A to U+202E, U+206A to U+206F and U+FEFF.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// `GIT~1`, `VARSIG~1.TOM`: NTFS gives such names to files with longer ones.
fn is_short(name: &str) -> bool {
    // `git~1::$INDEX_ALLOCATION` is the folder, too.
    let name = name.split(':').next().unwrap_or(name);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let number = stem.rsplit_once('~').map(|(_, number)| number);
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    stem.chars().count() <= 8 && ending.chars().count() <= 3 && number.is_some_and(is_number)
}

fn is_short_for_git(name: &str) -> bool {
    let folded = fold(name);
    folded.len() > 4 && folded.starts_with("git~") && is_short(&folded)
}

/// `NUL`, `com1.txt`
pub(super) fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or(name);
    let stem = stem.trim_end_matches(' ').to_ascii_lowercase();
    let is_port = |port: &str| {
        let number = stem.strip_prefix(port).map(|rest| rest.chars().collect());
        number.is_some_and(|number: Vec<char>| {
            matches!(
                number.as_slice(),
                ['0'..='9' | '\u{B9}' | '\u{B2}' | '\u{B3}']
            )
        })
    };
    let is_known = matches!(
        stem.as_str(),
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$"
    );
    is_known || is_port("com") || is_port("lpt")
}

/// What two paths have in common that mean one file on some system: no letter case, nothing that
/// Windows or HFS+ drops.
#[must_use]
pub fn fold(path: &str) -> String {
    let mut folded = String::with_capacity(path.len());
    for name in path.split('/') {
        if !folded.is_empty() {
            folded.push('/');
        }
        let name = name.split(':').next().unwrap_or(name);
        let seen: String = name.chars().filter(|c| !acts(*c)).collect();
        let name = seen.trim_end_matches(['.', ' ']);
        let cased = name.chars().flat_map(char::to_uppercase);
        folded.extend(cased.flat_map(char::to_lowercase));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_refuses_is_refused() {
        for path in [
            ".git/config",
            ".GIT/hooks/x",
            "sub/.git/x",
            ".git./config",
            ".git /config",
            ".git::$INDEX_ALLOCATION/config",
            ".g\u{200c}it/config",
            "\u{feff}.git/config",
            "git~1/config",
            "GIT~1",
            "git~1 /config",
            "git~1::$INDEX_ALLOCATION/config",
            "GI7EBA~1",
            "gitmod~1",
            "varsig~1.tom",
            "VARSIG~2.LOC",
            ".gitmodules",
            ".gitattributes",
            ".gitignore",
            ".github/workflows/x.yml",
            ".gitlab-ci.yml",
            "a\\b",
            "..\\x",
            "../x",
            "/etc/passwd",
            "a//b",
            "a/./b",
            "x\n::error::y",
            "x\u{1b}[2J",
            "a\u{202e}b",
            "nul",
            "out/CON.spl",
            "aux .txt",
            "com\u{b9}",
            "lpt9.x.y",
            "a/ends.",
            "a/ends ",
            "...",
            "",
        ] {
            assert!(refused(path).is_some(), "{path:?}");
        }
        assert!(refused(&"x".repeat(256)).is_some());
    }

    #[test]
    fn ordinary_names_are_not() {
        for path in [
            "generated/splunk/windows/proc_creation_win_a.spl",
            "git/config",
            "gitmodules",
            "console.spl",
            "com10.spl",
            "common~1.0.longer",
            "long_name_before~1.spl",
            "x_.._y.spl",
            "a b/é ü.conf",
            "<x>&\"|.spl",
            "a~b.spl",
        ] {
            assert_eq!(refused(path), None, "{path:?}");
        }
        assert_eq!(refused(&"x".repeat(255)), None);
    }

    #[test]
    fn hidden_paths_are_not_read_either() {
        for path in [
            ".git/config",
            "a/.env",
            "./.x",
            "GIT~1/config",
            "\u{200d}.git",
        ] {
            assert!(is_hidden(path), "{path:?}");
        }
        for path in ["", "rules", "./rules", "../rules", "a.b/c", "git~x"] {
            assert!(!is_hidden(path), "{path:?}");
        }
    }

    #[test]
    fn one_file_has_one_folded_path() {
        let rule = fold("rules/a.yml");
        for path in [
            "Rules/A.YML",
            "rules./a.yml",
            "rules/a.yml::$DATA",
            "rules/a\u{200d}.yml ",
        ] {
            assert_eq!(fold(path), rule, "{path:?}");
        }
        assert_ne!(fold("rules/b.yml"), rule);
    }
}
