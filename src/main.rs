//! The `varsigma` program.
fn main() {}
