//! The document of a rule.
//!
//! In: a rule as it was written (no pipeline applied), the queries made of it, and the catalogs
//! that its page refers to. Out: a [`Model`], plain data, and the text that a template makes of it.
//!
//! ```text
//! tags: [attack.t1047]   →  techniques: [{id: T1047, name: Windows Management Instrumentation, …}]
//!                        →  | ATT&amp;CK Technique | <ul><li>[T1047: Windows …](https://…)</li></ul>  |
//! ```
//!
//! Nothing here reads a file: the texts of catalogs and templates are handed in.

pub mod catalog;
pub mod data_needed;
mod diagram;
pub mod enrichment;
mod file;
pub mod index;
pub mod logsource;
pub mod markdown;
pub mod model;
mod names;
pub mod render;
mod section;
mod summary;

pub use crate::attack::Attack;
pub use catalog::{Catalogs, DataNeeded};
pub use enrichment::Enrichment;
pub use file::{FilePage, FilePages, Linked, PageMaker};
pub use model::{Model, QuerySection, Relations, document_model, model};
pub use render::{Renderer, Template};
pub use section::Section;
