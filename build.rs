//! Embeds what is found by being in its folder: `backends/*.toml`, `backends/compat/*.toml`,
//! `backends/pipelines/*.yml`, `backends/schemas/*.tsv` and `templates/**`, each as a table of names
//! and texts, in order of name; and the tables of `src`, as texts.
//!
//! Comments of TOML, YAML and templates stay behind: they are a tenth of what is embedded. Each line
//! keeps its number.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for (table, folder, ending, without_comments) in [
        (
            "backends.rs",
            "backends",
            Some("toml"),
            without_lines as fn(&str) -> String,
        ),
        (
            "overlays.rs",
            "backends/compat",
            Some("toml"),
            without_lines,
        ),
        (
            "pipelines.rs",
            "backends/pipelines",
            Some("yml"),
            without_lines,
        ),
        // Their comments name sources and terms.
        ("schemas.rs", "backends/schemas", Some("tsv"), str::to_owned),
        ("templates.rs", "templates", None, without_blocks),
    ] {
        println!("cargo::rerun-if-changed={folder}");
        let folder = root.join(folder);
        let mut names = Vec::new();
        collect(&folder, "", ending, &mut names)?;
        names.sort();
        let mut table_text = "&[\n".to_owned();
        let kept = out.join(table.trim_end_matches(".rs"));
        fs::create_dir_all(&kept)?;
        for (at, name) in names.into_iter().enumerate() {
            let text = without_comments(&fs::read_to_string(folder.join(&name))?);
            let name = match ending {
                Some(ending) => name.trim_end_matches(ending).trim_end_matches('.'),
                None => &name,
            };
            let kept = kept.join(format!("{at}.txt"));
            fs::write(&kept, text)?;
            let kept = kept.to_str().expect("the folder of the build is UTF-8");
            // Writing to a string can't fail.
            let _ = writeln!(table_text, "    ({name:?}, include_str!({kept:?})),");
        }
        table_text.push_str("]\n");
        fs::write(out.join(table), table_text)?;
    }
    for (folder, name) in [
        ("src/backend", "regex.toml"),
        ("src/backend/registry", "systems.toml"),
        ("src/eval/routing", "sources.toml"),
        ("src/pipeline", "keys.toml"),
    ] {
        let path = root.join(folder).join(name);
        println!("cargo::rerun-if-changed={folder}/{name}");
        fs::write(out.join(name), without_lines(&fs::read_to_string(path)?))?;
    }
    Ok(())
}

/// A text of TOML or YAML without its lines of comment: `# A comment` is an empty line. A line of a
/// TOML text between three quotes is none.
fn without_lines(text: &str) -> String {
    let mut kept = String::new();
    let mut is_quoted = false;
    for line in text.lines() {
        let is_comment = !is_quoted && line.trim_start().starts_with('#');
        if !is_comment {
            kept.push_str(line);
            let quotes = line.matches("\"\"\"").count() + line.matches("'''").count();
            is_quoted ^= quotes % 2 == 1;
        }
        kept.push('\n');
    }
    kept
}

/// A template without the text of its comments: `{#- A comment -#}` is `{#- -#}`, which still removes
/// the spaces around it.
fn without_blocks(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{#")
        && let Some((comment, after)) = after.split_once("#}")
    {
        let starts = if comment.starts_with('-') {
            "{#-"
        } else {
            "{#"
        };
        let ends = if comment.ends_with('-') { "-#}" } else { "#}" };
        // `{#-#}` would be one that removes the spaces before it.
        kept.extend([before, starts, " "]);
        kept.extend(comment.matches('\n'));
        kept.push_str(ends);
        rest = after;
    }
    kept + rest
}

/// The files of a folder with that ending, or of a whole tree, by their paths with slashes. What makes
/// one of them is left out.
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
        } else if path.extension().is_none_or(|own| own != "py")
            && ending.is_none_or(|ending| path.extension().is_some_and(|own| own == ending))
        {
            names.push(format!("{above}{name}"));
        }
    }
    Ok(())
}
