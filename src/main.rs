//! The `varsigma` program.

use std::process::ExitCode;

/// A rule is many small allocations that live as long as its file is worked on; the allocators of
/// C libraries are slow at that, musl's above all.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    varsigma::run()
}
