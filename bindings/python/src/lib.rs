//! varsigma for Python: the library's front door as classes and functions, and the command line.
//!
//! In: rules as Python has them (texts, bytes, paths). Out: objects of this module, whose stubs are
//! `python/varsigma/_varsigma.pyi`. Work on rules and events runs without the interpreter's lock.

mod compiler;
mod data;
mod error;
mod event;
mod input;
mod pickle;
mod rule_set;
mod tools;

use pyo3::prelude::*;
use std::ffi::OsString;

/// As in the program: a rule is many small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the command line on these arguments, the program's name first. Gives its exit code.
#[pyfunction]
fn main(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| varsigma::run_with(args))
}

#[pymodule(gil_used = false)]
fn _varsigma(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(main, module)?)?;
    module.add_class::<compiler::Compiler>()?;
    module.add_class::<compiler::Pipeline>()?;
    module.add_class::<compiler::Result>()?;
    module.add_class::<data::Rule>()?;
    module.add_class::<data::Query>()?;
    module.add_class::<data::Reason>()?;
    module.add_class::<data::Diagnostic>()?;
    module.add_class::<data::Label>()?;
    module.add_class::<rule_set::RuleSet>()?;
    module.add_class::<rule_set::MatchedRule>()?;
    module.add_function(wrap_pyfunction!(pickle::_restored, module)?)?;
    tools::add(module)
}
