//! Strategies that no table can say. Each is used by any backend file that names it, and its first
//! lines say why it can't be data.

pub mod deferred;
