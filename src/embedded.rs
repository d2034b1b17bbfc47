//! What comes with the program: the files of `backends/`, `backends/compat/`, `backends/pipelines/` and `templates/`, found
//! at build time (`build.rs`) by being there.

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
