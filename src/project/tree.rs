//! Where a project's files are read from: the working tree, or a revision.
//!
//! Paths are relative to the project's folder, with `/`; the empty one is the folder itself.

use crate::pipeline::environment::{Command, Environment, Failure, Request};
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// A tree of files.
pub trait Tree: Debug + Send + Sync {
    /// A file's bytes; `None` where there is no such file.
    ///
    /// # Errors
    /// The file is there and can't be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The paths of all files below a folder whose names have one of these endings, in byte order;
    /// the path itself where it is a file; `None` where it is neither. Hidden files, and what is
    /// ignored by the repository, are left out.
    ///
    /// # Errors
    /// A folder can't be read.
    fn files(&self, path: &str, endings: &[&str]) -> io::Result<Option<Vec<String>>>;
}

/// What a project's pipelines may reach: the tree's files that lie in the pipeline's own folder;
/// everything else as another environment has it.
#[derive(Debug)]
pub(super) struct TreeEnvironment {
    pub tree: Arc<dyn Tree>,
    pub other: Arc<dyn Environment>,
}

impl Environment for TreeEnvironment {
    fn read_file(&self, pipeline: &str, path: &str) -> Result<String, Failure> {
        let folder = pipeline.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = format!("{folder}/{path}");
        // What isn't inside the pipeline's folder is the other environment's to allow.
        let Ok(inside) = super::place::inside(joined.trim_start_matches('/')) else {
            return self.other.read_file(pipeline, path);
        };
        match self.tree.read(&inside) {
            Ok(Some(bytes)) => String::from_utf8(bytes)
                .map_err(|_| Failure::Failed("it is not UTF-8 text".to_owned())),
            Ok(None) => self.other.read_file(pipeline, path),
            Err(error) => Err(Failure::Failed(error.to_string())),
        }
    }

    fn fetch(&self, request: &Request) -> Result<String, Failure> {
        self.other.fetch(request)
    }

    fn run(&self, command: &Command) -> Result<String, Failure> {
        self.other.run(command)
    }
}
