//! What comes with the program: the files of `backends/`, `backends/compat/`, `backends/pipelines/` and
//! `templates/`, found at build time (`build.rs`) by being there. Their comments are left out; each line
//! has the number that it has in the file.

/// Backend files: name and text, in order of name.
pub const BACKENDS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/backends.rs"));

/// Overlays of backend files: `splunk.pysigma` and text, in order of name.
pub const OVERLAYS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/overlays.rs"));

/// Pipelines: name and text, in order of name.
pub const PIPELINES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pipelines.rs"));

/// Schemas: name and text, in order of name.
pub const SCHEMAS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// Templates and catalogs: path below `templates/` and text, in order of path.
pub const TEMPLATES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// The files of a folder of `templates/`, by their names in it: `page`, `data_needed`.
pub fn folder(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    TEMPLATES.iter().filter_map(move |(path, text)| {
        let name = path.strip_prefix(folder)?.strip_prefix('/')?;
        Some((name, *text))
    })
}

/// Table, type and column of each column in lines such as `DeviceInfo OldDeviceInfo`, tab, `bool`,
/// tab, `IsAzureADJoined IsInternetFacing`, with comments after `#`: the files of [`SCHEMAS`].
pub fn typed_columns(text: &str) -> impl Iterator<Item = [&str; 3]> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| {
        let mut cells = line.splitn(3, '\t').map(str::trim);
        let [tables, kind, columns] = [(); 3].map(|()| cells.next().unwrap_or_default());
        tables.split_whitespace().flat_map(move |table| {
            let columns = columns.split_whitespace();
            columns.map(move |column| [table, kind, column])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{BACKENDS, OVERLAYS, PIPELINES, TEMPLATES};
    use std::path::PathBuf;

    /// Each text with that of its file: `backends`, `.toml`.
    fn with_files<'a>(
        table: &'a [(&str, &str)],
        folder: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = (&'a str, String)> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
        table.iter().map(move |(name, text)| {
            let file = std::fs::read_to_string(folder.join(format!("{name}{ending}")));
            let file = file.expect("the file that was embedded");
            assert_eq!(text.lines().count(), file.lines().count(), "{name}");
            (*text, file)
        })
    }

    #[test]
    fn only_comments_are_left_out() {
        let backends = with_files(BACKENDS, "backends", ".toml");
        for (text, file) in backends.chain(with_files(OVERLAYS, "backends/compat", ".toml")) {
            let read = |text: &str| toml::from_str::<toml::Table>(text);
            assert_eq!(read(text).expect("it is TOML"), read(&file).unwrap());
        }
        for (text, file) in with_files(PIPELINES, "backends/pipelines", ".yml") {
            let read = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text);
            assert_eq!(read(text).expect("it is YAML"), read(&file).unwrap());
        }
        for (text, file) in with_files(TEMPLATES, "templates", "") {
            assert_eq!(text.matches("{#").count(), file.matches("{#").count());
            let code = |text: &str| text.split("{%").count() + text.split("{{").count();
            assert!(code(text) <= code(&file), "{file}");
        }
    }
}
