//! Rules as Python has them.
//!
//! In: a `str` or `bytes` (the text of rules), a path object (a file, or a folder of `.yml` and `.yaml`
//! files), or an iterable of these. Out: the bytes of each file with its path; empty for a text.

use pyo3::exceptions::{PyFileNotFoundError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::path::{Path, PathBuf};

/// A file, or a text that was handed over.
pub struct RuleFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// The files of one thing or of many.
pub fn rules(given: &Bound<'_, PyAny>) -> PyResult<Vec<RuleFile>> {
    let mut files = Vec::new();
    if add(given, &mut files)? {
        return Ok(files);
    }
    let items = given.try_iter().map_err(|_| unknown(given))?;
    for item in items {
        let item = item?;
        if !add(&item, &mut files)? {
            return Err(unknown(&item));
        }
    }
    Ok(files)
}

/// The one text that is given.
pub fn one(given: &Bound<'_, PyAny>) -> PyResult<RuleFile> {
    let mut files = Vec::new();
    if add(given, &mut files)? && files.len() == 1 {
        files.pop().ok_or_else(|| unknown(given))
    } else {
        let message = "expected the text or the path of one file of rules";
        Err(PyTypeError::new_err(message))
    }
}

/// Adds what is no iterable. Says whether it was.
fn add(given: &Bound<'_, PyAny>, files: &mut Vec<RuleFile>) -> PyResult<bool> {
    let path = String::new();
    if let Ok(text) = given.cast::<PyString>() {
        let bytes = text.to_str()?.as_bytes().to_vec();
        files.push(RuleFile { path, bytes });
    } else if let Ok(bytes) = given.cast::<PyBytes>() {
        let bytes = bytes.as_bytes().to_vec();
        files.push(RuleFile { path, bytes });
    } else if let Some(path) = path_of(given)? {
        read(given.py(), &path, files)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// The path that a path object stands for; text is none.
pub fn path_of(given: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    if given.is_instance_of::<PyString>() || !given.hasattr("__fspath__")? {
        return Ok(None);
    }
    given.extract().map(Some)
}

fn read(py: Python<'_>, path: &Path, files: &mut Vec<RuleFile>) -> PyResult<()> {
    let found = py.detach(|| {
        let mut paths = Vec::new();
        if path.is_dir() {
            walk(path, &mut paths)?;
        } else {
            paths.push(path.to_owned());
        }
        let files = paths.into_iter().map(|path| {
            let bytes = std::fs::read(&path).map_err(|error| (path.clone(), error))?;
            let path = path.display().to_string();
            Ok(RuleFile { path, bytes })
        });
        files.collect::<Result<Vec<_>, (PathBuf, std::io::Error)>>()
    });
    match found {
        Ok(found) if found.is_empty() => {
            let message = format!("{}: no .yml or .yaml files", path.display());
            Err(PyFileNotFoundError::new_err(message))
        }
        Ok(found) => {
            files.extend(found);
            Ok(())
        }
        // The class is that of the reason: FileNotFoundError, PermissionError.
        Err((path, error)) => {
            let message = format!("{}: {error}", path.display());
            Err(std::io::Error::new(error.kind(), message).into())
        }
    }
}

/// The files of rules below a folder, in order of their paths; hidden ones are left out.
fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> Result<(), (PathBuf, std::io::Error)> {
    let failed = |error| (folder.to_owned(), error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link to a folder could lead in circles.
        let kind = entry.file_type().map_err(failed)?;
        let leads_away = kind.is_symlink() && entry.path().is_dir();
        if !is_hidden && !leads_away {
            paths.push(entry.path());
        }
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, into)?;
        } else if path
            .extension()
            .is_some_and(|end| end == "yml" || end == "yaml")
        {
            into.push(path);
        }
    }
    Ok(())
}

fn unknown(given: &Bound<'_, PyAny>) -> PyErr {
    let kind = given.get_type().name();
    let kind = kind.map_or_else(|_| "another object".to_owned(), |name| name.to_string());
    let message = format!("expected rules as str, bytes, a path or a list of these, found {kind}");
    PyTypeError::new_err(message)
}
