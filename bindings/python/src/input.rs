//! Rules as Python has them.
//!
//! In: a `str` or `bytes` (the text of rules), a path object (a file, or a folder of rules), or an
//! iterable of these. Out: a [`RuleFile`] each, which of paths are those that the commands read.

use crate::data::{Diagnostic, SharedSource};
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMapping, PyString};
use std::io;
use std::path::{Path, PathBuf};
use varsigma::RuleFile;

/// The files of one thing or of many.
pub fn rules(given: &Bound<'_, PyAny>) -> PyResult<Vec<RuleFile>> {
    let mut files = Vec::new();
    if add(given, &mut files)? {
        return Ok(files);
    }
    // What these have as items is not meant.
    if given.is_instance_of::<PyByteArray>() || given.cast::<PyMapping>().is_ok() {
        return Err(unknown(given));
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

/// The texts of rules, each with its path.
#[derive(Default)]
pub struct RuleTexts {
    pub paths: Vec<String>,
    pub texts: Vec<String>,
    /// What there is to say of files that are not read.
    pub unread: Vec<Diagnostic>,
}

impl RuleTexts {
    pub fn of(files: Vec<RuleFile>) -> Self {
        let mut all = Self::default();
        for RuleFile { path, text } in files {
            match text {
                Ok(text) => {
                    all.texts.push(text);
                    all.paths.push(path);
                }
                Err(found) => all.unread.push(unread(&path, &found)),
            }
        }
        all
    }

    /// Those of [`Self::unread`] that are errors.
    pub fn errors(&self) -> Vec<Diagnostic> {
        let unread = self.unread.iter();
        unread
            .filter(|found| found.inner.is_error())
            .cloned()
            .collect()
    }

    /// Each path and text.
    pub fn files(&self) -> Vec<(&str, &str)> {
        let paths = self.paths.iter().map(String::as_str);
        paths.zip(self.texts.iter().map(String::as_str)).collect()
    }
}

/// Why there is no text of a file.
pub fn unread(path: &str, found: &varsigma::Diagnostic) -> Diagnostic {
    SharedSource::new(path, "").diagnostic(found)
}

/// The one text that is given, with its path.
pub fn one(given: &Bound<'_, PyAny>) -> PyResult<(String, String)> {
    let mut files = Vec::new();
    let is_one = add(given, &mut files)? && files.len() == 1;
    let Some(file) = files.pop().filter(|_| is_one) else {
        let message = "expected the text or the path of one file of rules";
        return Err(PyTypeError::new_err(message));
    };
    let RuleFile { path, text } = file;
    match text {
        Ok(text) => Ok((path, text)),
        Err(found) => Err(crate::error::of(given.py(), vec![unread(&path, &found)])),
    }
}

/// Adds what is no iterable. Says whether it was.
fn add(given: &Bound<'_, PyAny>, files: &mut Vec<RuleFile>) -> PyResult<bool> {
    if let Ok(text) = given.cast::<PyString>() {
        files.push(RuleFile::new(String::new(), text.to_str()?.as_bytes()));
    } else if let Ok(bytes) = given.cast::<PyBytes>() {
        files.push(RuleFile::new(String::new(), bytes.as_bytes()));
    } else if let Some(path) = path_of(given)? {
        files.extend(read(given.py(), &path)?);
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

fn read(py: Python<'_>, path: &Path) -> PyResult<Vec<RuleFile>> {
    let files = py.detach(|| RuleFile::of(path));
    let files = files.map_err(|error| os_error(path, &error))?;
    // Of a folder there may be warnings alone.
    let is_rule = |file: &RuleFile| !matches!(&file.text, Err(found) if !found.is_error());
    if path.is_dir() && !files.iter().any(is_rule) {
        let message = format!("{}: no .yml or .yaml files", path.display());
        return Err(PyFileNotFoundError::new_err(message));
    }
    Ok(files)
}

/// The exception of what the system says of a path. Python takes the class that the number has:
/// `FileNotFoundError`, `PermissionError`.
pub fn os_error(path: &Path, error: &io::Error) -> PyErr {
    let (text, number) = (error.to_string(), error.raw_os_error());
    let reason = text.split(" (os error").next().map(str::to_owned);
    // The last is for Windows, whose numbers are others; elsewhere it is ignored.
    PyOSError::new_err((number, reason, path.as_os_str().to_owned(), number))
}

fn unknown(given: &Bound<'_, PyAny>) -> PyErr {
    let kind = given.get_type().name();
    let kind = kind.map_or_else(|_| "another object".to_owned(), |name| name.to_string());
    let message = format!("expected rules as str, bytes, a path or a list of these, found {kind}");
    PyTypeError::new_err(message)
}
