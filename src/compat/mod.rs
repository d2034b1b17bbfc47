//! What only references need: their layouts, their faults.

pub(crate) mod emit;
