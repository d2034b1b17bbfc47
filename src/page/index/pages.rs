//! The models of the pages around the rules' own.

use crate::page::model::{PageLink, TechniqueRow};
use serde::Serialize;

/// A name, where it leads, and how many rules it has.
#[derive(Serialize)]
pub(super) struct Count {
    pub name: String,
    pub href: String,
    #[serde(rename = "count")]
    pub rules: usize,
}

/// A cell of the matrix.
#[derive(Serialize)]
pub(super) struct Cell {
    pub id: String,
    pub name: Option<String>,
    pub href: String,
    pub count: usize,
}

#[derive(Serialize)]
pub(super) struct Index {
    pub count: usize,
    pub levels: Vec<Count>,
    pub columns: Vec<Count>,
    pub rows: Vec<Vec<Option<Cell>>>,
    pub sources: Vec<Count>,
    pub data_needed: Vec<Count>,
}

/// A page of groups of rules.
#[derive(Serialize)]
pub(super) struct List {
    pub title: String,
    pub url: Option<String>,
    pub count: usize,
    /// Do all the rules have the same level?
    pub one_level: bool,
    pub groups: Vec<Group>,
    pub index: String,
}

#[derive(Serialize)]
pub(super) struct Group {
    pub name: String,
    pub anchor: Option<String>,
    pub pages: Vec<PageLink>,
}

#[derive(Serialize)]
pub(super) struct DataNeededPage {
    pub title: String,
    pub description: Option<String>,
    pub platform: Option<String>,
    pub channel: Option<String>,
    pub provider: Option<String>,
    pub event_id: Option<u32>,
    pub fields: Vec<String>,
    pub pages: Vec<PageLink>,
    pub index: String,
}

#[derive(Serialize)]
pub(super) struct TriggerPage {
    pub technique: TechniqueRow,
    pub pages: Vec<PageLink>,
    pub index: String,
}

#[derive(Serialize)]
pub(super) struct EnrichmentPage {
    pub title: String,
    pub description: Option<String>,
    pub pages: Vec<PageLink>,
    pub index: String,
}
