//! The backend files of a project: those of the program with the project's own on top.

use super::config::Config;
use super::open::{BACKENDS, placeless};
use super::tree::{Tree, there, unreadable};
use crate::backend::{BackendError, FolderFile, Registry};
use std::sync::Arc;

/// The endings of templates: any.
const ANY: &[&str] = &[""];

/// The program's backend files with the project's own on top.
pub(super) fn registry(
    config: &Config,
    tree: &Arc<dyn Tree>,
    read: &mut Vec<String>,
) -> Result<Registry, BackendError> {
    let mut registry = Registry::built_in();
    for folder in &config.backends {
        let mut paths = there(tree.files(folder, BACKENDS), folder).map_err(placeless)?;
        if paths != [folder.as_str()] {
            let templates = format!("{folder}/templates");
            let templates = templates.trim_start_matches('/');
            let listed = tree.files(templates, ANY);
            let listed = listed.map_err(|error| placeless(unreadable(templates, &error)))?;
            paths.extend(listed.unwrap_or_default());
        }
        let mut files = Vec::new();
        for path in paths {
            let below = path.strip_prefix(folder.as_str()).unwrap_or(&path);
            let below = below.trim_start_matches('/');
            // A path that is a file's is that file.
            let below = if below.is_empty() { &path } else { below };
            let bytes = there(tree.read(&path), &path).map_err(placeless)?;
            let below = below.to_owned();
            read.push(path.clone());
            files.push(FolderFile {
                below,
                path,
                text: String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
        registry.add_folder(files)?;
    }
    Ok(registry)
}
