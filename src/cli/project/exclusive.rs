//! One build of a project at a time.
//!
//! The project's folder itself is locked, so that nothing remains, whatever ends the
//! program: the system releases the lock with the process. Windows locks no folders; there it is a
//! file among the user's temporary ones. On a file system without locks there is no lock.

use crate::cli::Stop;
use crate::cli::report::Report;
use crate::diagnostic::{Code, Diagnostic};
use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

/// How long a build waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(25);

/// A lock, which is released with it.
#[derive(Debug)]
pub(super) struct Exclusive {
    _file: Option<File>,
}

impl Exclusive {
    /// Locks the working folder. Reports at once that it has to wait.
    pub fn wait(report: &mut Report) -> Result<Self, Stop> {
        let Ok(file) = open() else {
            return Ok(Self { _file: None });
        };
        let begin = Instant::now();
        let mut has_reported = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: Some(file) }),
                Err(TryLockError::Error(_)) => return Ok(Self { _file: None }),
                Err(TryLockError::WouldBlock) => {}
            }
            let message = "another build is at work on this project";
            if begin.elapsed() > patience() {
                let error = Diagnostic::error(Code::AnotherBuild, message);
                return Err(error.help("run it again when that one has ended").into());
            }
            if !has_reported && begin.elapsed() > Duration::from_millis(200) {
                has_reported = true;
                let note = Diagnostic::warning(Code::AnotherBuild, format!("{message}: waiting"));
                report.now(&note);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Tests make it shorter.
fn patience() -> Duration {
    let asked = std::env::var("VARSIGMA_WAIT").ok();
    let asked = asked.and_then(|seconds| seconds.parse().ok());
    asked.map_or(PATIENCE, Duration::from_secs)
}

#[cfg(not(windows))]
fn open() -> std::io::Result<File> {
    File::open(".")
}

#[cfg(windows)]
fn open() -> std::io::Result<File> {
    let here = std::env::current_dir()?.canonicalize()?;
    let name = crate::project::digest::digest(here.as_os_str().as_encoded_bytes());
    let path = std::env::temp_dir().join(format!("varsigma-{name}.lock"));
    File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}
