//! The `varsigma` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    varsigma::cli::run()
}
