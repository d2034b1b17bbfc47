//! What pipelines may reach: files of their own folder, and more if the user allows it.

use crate::pipeline::environment::{Command, CommandLine, Environment, Failure, Request};
use crate::project::name;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What the user allows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// `--allow-files`
    pub files: bool,
    /// `--allow-network`
    pub network: bool,
    /// `--allow-exec`
    pub exec: bool,
}

/// The largest file that a pipeline may name.
const MOST_BYTES: u64 = 64 << 20;

impl Allowed {
    /// The file's real place. A relative path is looked for in the pipeline's folder, then, as
    /// pySigma does, in the working folder; without `--allow-files` it must end up in the former.
    fn find(self, pipeline: &str, path: &str) -> Result<PathBuf, Failure> {
        let folder = Path::new(pipeline).parent().unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let inside = folder.join(path);
        let found = if inside.exists() {
            inside
        } else {
            PathBuf::from(path)
        };
        let failed = |error: std::io::Error| Failure::Failed(error.to_string());
        let found = found.canonicalize();
        if self.files {
            return found.map_err(failed);
        }
        let folder = folder.canonicalize().map_err(failed)?;
        match found {
            Ok(found) => match found.strip_prefix(&folder) {
                Ok(below) if name::is_hidden(&below.to_string_lossy()) => {
                    Err(Failure::NotAllowed("--allow-files"))
                }
                Ok(_) if !found.is_file() => {
                    Err(Failure::Failed("it is not a regular file".to_owned()))
                }
                Ok(_) => Ok(found),
                Err(_) => Err(Failure::NotAllowed("--allow-files")),
            },
            Err(error) => Err(failed(error)),
        }
    }
}

impl Environment for Allowed {
    fn read_file(&self, pipeline: &str, path: &str) -> Result<String, Failure> {
        let path = self.find(pipeline, path)?;
        let failed = |error: std::io::Error| Failure::Failed(error.to_string());
        let file = std::fs::File::open(path).map_err(failed)?;
        text(file, MOST_BYTES)
    }

    #[cfg(feature = "network")]
    fn fetch(&self, request: &Request) -> Result<String, Failure> {
        if self.network {
            super::network::fetch(request).map_err(Failure::Failed)
        } else {
            Err(Failure::NotAllowed("--allow-network"))
        }
    }

    #[cfg(not(feature = "network"))]
    fn fetch(&self, _: &Request) -> Result<String, Failure> {
        if self.network {
            let message = "this program was built without the feature `network` (`cargo install --path . --features network`)";
            Err(Failure::Failed(message.to_owned()))
        } else {
            Err(Failure::NotAllowed("--allow-network"))
        }
    }

    fn run(&self, command: &Command) -> Result<String, Failure> {
        if !self.exec {
            return Err(Failure::NotAllowed("--allow-exec"));
        }
        let mut process = match &command.line {
            CommandLine::Shell(line) => {
                let mut shell = std::process::Command::new("/bin/sh");
                shell.arg("-c").arg(line);
                shell
            }
            CommandLine::Arguments(words) => {
                let [program, arguments @ ..] = words.as_slice() else {
                    return Err(Failure::Failed("there is no command".to_owned()));
                };
                let mut program = std::process::Command::new(program);
                program.args(arguments);
                program
            }
        };
        let failed = |error: std::io::Error| Failure::Failed(error.to_string());
        let mut child = process
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let output = child.stdout.take().expect("it was piped");
        let limit = command.limit;
        let reader = std::thread::spawn(move || text(output, limit));
        let end = Instant::now() + Duration::from_secs(command.timeout);
        let status = loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                break status;
            }
            // A command that writes too much would wait for its reader for ever.
            if Instant::now() > end || reader.is_finished() && limit_reached(&mut child) {
                let _ = child.kill();
                let _ = child.wait();
                let message = format!("it took longer than {} seconds", command.timeout);
                return Err(Failure::Failed(message));
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        if !status.success() {
            return Err(Failure::Failed(format!("it ended with {status}")));
        }
        reader
            .join()
            .unwrap_or_else(|_| Err(Failure::Failed("its output can't be read".to_owned())))
    }
}

/// Gives a command that closed its output a moment to end by itself.
fn limit_reached(child: &mut std::process::Child) -> bool {
    std::thread::sleep(Duration::from_millis(200));
    !matches!(child.try_wait(), Ok(Some(_)))
}

/// All of the text, if it is no longer than `limit` bytes.
fn text(from: impl Read, limit: u64) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::Failed(error.to_string()))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::Failed(format!("it is longer than {limit} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Failure::Failed("it is not UTF-8 text".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_in_the_pipelines_folder() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().join("pipelines");
        std::fs::create_dir(&folder).expect("it can be made");
        std::fs::write(folder.join("in.txt"), "a\n").expect("it can be written");
        std::fs::write(root.path().join("out.txt"), "b\n").expect("it can be written");
        let pipeline = folder.join("p.yml").display().to_string();
        let closed = Allowed::default();
        assert_eq!(closed.read_file(&pipeline, "in.txt"), Ok("a\n".into()));
        let refused = Err(Failure::NotAllowed("--allow-files"));
        assert_eq!(closed.read_file(&pipeline, "../out.txt"), refused);
        let open = Allowed {
            files: true,
            ..closed
        };
        assert_eq!(open.read_file(&pipeline, "../out.txt"), Ok("b\n".into()));
    }

    #[cfg(unix)]
    #[test]
    fn commands_run_within_bounds() {
        let shell = |line: &str, timeout| Command {
            line: CommandLine::Shell(line.to_owned()),
            timeout,
            limit: 10,
        };
        let refused = Err(Failure::NotAllowed("--allow-exec"));
        assert_eq!(Allowed::default().run(&shell("echo a", 5)), refused);
        let allowed = Allowed {
            exec: true,
            ..Allowed::default()
        };
        assert_eq!(allowed.run(&shell("echo a", 5)), Ok("a\n".into()));
        assert!(allowed.run(&shell("sleep 5", 0)).is_err());
        assert!(allowed.run(&shell("exit 3", 5)).is_err());
        assert!(allowed.run(&shell("echo 12345678901", 5)).is_err());
    }
}
