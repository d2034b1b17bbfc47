//! Embeds what is found by being in its folder: `backends/*.toml`, `backends/compat/*.toml`,
//! `backends/pipelines/*.yml`,
//! `backends/schemas/*.tsv` and `templates/**`, each as a table of names and texts, in order of name.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for (table, folder, ending) in [
        ("backends.rs", "backends", Some("toml")),
        ("overlays.rs", "backends/compat", Some("toml")),
        ("pipelines.rs", "backends/pipelines", Some("yml")),
        ("schemas.rs", "backends/schemas", Some("tsv")),
        ("templates.rs", "templates", None),
    ] {
        println!("cargo::rerun-if-changed={folder}");
        let folder = root.join(folder);
        let mut names = Vec::new();
        collect(&folder, "", ending, &mut names)?;
        names.sort();
        let mut text = "&[\n".to_owned();
        for name in names {
            let path = folder.join(&name);
            let path = path.to_str().expect("the repository's path is UTF-8");
            let name = match ending {
                Some(ending) => name.trim_end_matches(ending).trim_end_matches('.'),
                None => &name,
            };
            // Writing to a string can't fail.
            let _ = writeln!(text, "    ({name:?}, include_str!({path:?})),");
        }
        text.push_str("]\n");
        fs::write(out.join(table), text)?;
    }
    Ok(())
}

/// The files of a folder with that ending, or of a whole tree, by their paths with slashes.
fn collect(
    folder: &Path,
    above: &str,
    ending: Option<&str>,
    names: &mut Vec<String>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().expect("names in the repository are ASCII");
        let path = entry.path();
        if path.is_dir() {
            if ending.is_none() {
                collect(&path, &format!("{above}{name}/"), ending, names)?;
            }
        } else if ending.is_none_or(|ending| path.extension().is_some_and(|own| own == ending)) {
            names.push(format!("{above}{name}"));
        }
    }
    Ok(())
}
