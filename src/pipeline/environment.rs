//! What a pipeline may reach outside itself: files, the network, commands.
//!
//! The stages do no I/O. A transformation that needs some asks an [`Environment`] that the caller
//! hands in; [`Closed`] refuses everything, and is what a pipeline gets where nothing else is said.

use serde_json::Value;

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The user has not allowed it; the text names the option that would (`--allow-network`).
    NotAllowed(&'static str),
    /// It was tried and went wrong.
    Failed(String),
}

/// Files, network and commands as the caller grants them. What an implementation does not have is
/// refused.
pub trait Environment: std::fmt::Debug + Send + Sync {
    /// The text of a file that the pipeline `pipeline` (its path) names as `path`.
    fn read_file(&self, pipeline: &str, path: &str) -> Result<String, Failure> {
        let _ = (pipeline, path);
        Err(Failure::NotAllowed("--allow-files"))
    }

    /// The body of a successful answer.
    fn fetch(&self, request: &Request) -> Result<String, Failure> {
        let _ = request;
        Err(Failure::NotAllowed("--allow-network"))
    }

    /// What a successful command wrote to standard output.
    fn run(&self, command: &Command) -> Result<String, Failure> {
        let _ = command;
        Err(Failure::NotAllowed("--allow-exec"))
    }
}

/// An HTTP request of `http_placeholders`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// `https://…`
    pub url: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// Seconds until it is given up.
    pub timeout: u64,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Query parameters, not encoded yet.
    pub params: Vec<(String, String)>,
    /// What is sent along.
    pub body: Body,
    /// The most bytes accepted in the answer.
    pub limit: u64,
}

/// The body of a [`Request`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    Empty,
    /// `application/x-www-form-urlencoded`, not encoded yet.
    Form(Vec<(String, String)>),
    /// `application/json`
    Json(Value),
}

/// A command of `command_placeholders`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Command {
    /// What is run.
    pub line: CommandLine,
    /// Seconds until it is given up.
    pub timeout: u64,
    /// The most bytes accepted on standard output.
    pub limit: u64,
}

/// A command as the pipeline writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandLine {
    /// Text for `/bin/sh -c`.
    Shell(String),
    /// A program and its arguments.
    Arguments(Vec<String>),
}

/// Refuses everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Closed;

impl Environment for Closed {}
