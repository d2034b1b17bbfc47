//! The pages that list rules: by tactic, by log source, by level, by what they link to.

use super::matrix::{self, Column};
use super::pages::{Cell, Count, DataNeededPage, EnrichmentPage, Group, Index, List, TriggerPage};
use super::{File, Page, link, relative};
use crate::diagnostic::Diagnostic;
use crate::page::catalogue::{Catalogues, DataNeeded};
use crate::page::model::{self, PageLink};
use crate::page::render::Renderer;
use crate::pipeline::LogSourceView;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Every page beside the rules' own, in order of path.
pub fn indexes(
    pages: &[Page],
    catalogues: &Catalogues,
    renderer: &Renderer,
) -> Result<Vec<File>, Diagnostic> {
    let mut files = Files {
        pages,
        renderer,
        made: Vec::new(),
    };
    let (columns, rows) = files.tactics(catalogues)?;
    let index = Index {
        count: pages.len(),
        levels: files.levels()?,
        columns,
        rows,
        sources: files.log_sources()?,
        data_needed: files.data_needed(catalogues)?,
    };
    files.triggers(catalogues)?;
    files.enrichments()?;
    files.add("index.md".to_owned(), "index.md", &index)?;
    files.made.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files.made)
}

/// The pages made so far.
struct Files<'p> {
    pages: &'p [Page],
    renderer: &'p Renderer,
    made: Vec<File>,
}

impl Files<'_> {
    fn add(
        &mut self,
        path: String,
        template: &str,
        page: &impl Serialize,
    ) -> Result<(), Diagnostic> {
        let text = self.renderer.render_any(page, template)?;
        self.made.push(File { path, text });
        Ok(())
    }

    /// Links from a page to rules' pages, by title.
    fn links<'a>(&self, from: &str, pages: impl IntoIterator<Item = &'a usize>) -> Vec<PageLink> {
        let mut links: Vec<PageLink> = pages
            .into_iter()
            .map(|&at| link(from, &self.pages[at]))
            .collect();
        links.sort_by(|a, b| (&a.title, &a.href).cmp(&(&b.title, &b.href)));
        links
    }

    /// A page for each tactic; the matrix's columns and rows.
    #[expect(clippy::type_complexity, reason = "two parts of one table")]
    fn tactics(
        &mut self,
        catalogues: &Catalogues,
    ) -> Result<(Vec<Count>, Vec<Vec<Option<Cell>>>), Diagnostic> {
        let columns = matrix::columns(self.pages);
        let mut heads = Vec::new();
        let mut cells: Vec<Vec<Cell>> = Vec::new();
        for (id, name) in matrix::order(&catalogues.attack, &columns) {
            let column = &columns[id];
            let path = format!("Tactics/{id}.md");
            let page = List {
                title: format!("{id}: {name}"),
                url: Some(crate::attack::tactic_url(id)),
                count: column.pages.len(),
                one_level: false,
                groups: self.technique_groups(&path, column, catalogues),
                index: relative(&path, "index.md"),
            };
            self.add(path.clone(), "list.md", &page)?;
            heads.push(Count {
                name: name.to_owned(),
                href: path.clone(),
                rules: column.pages.len(),
            });
            let parents = column.parents();
            cells.push(
                parents
                    .into_iter()
                    .map(|(id, pages)| Cell {
                        name: model::technique(id, catalogues).name,
                        href: format!("{path}#{}", anchor(id)),
                        count: pages.len(),
                        id: id.to_owned(),
                    })
                    .collect(),
            );
        }
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        let mut columns: Vec<_> = cells.into_iter().map(Vec::into_iter).collect();
        let rows = (0..height)
            .map(|_| columns.iter_mut().map(Iterator::next).collect())
            .collect();
        Ok((heads, rows))
    }

    /// A tactic's rules by technique; a technique that only its sub-techniques have rules for stands
    /// there with an empty list, so that the matrix can link to it.
    fn technique_groups(&self, path: &str, column: &Column, catalogues: &Catalogues) -> Vec<Group> {
        let none = BTreeSet::new();
        let ids: BTreeSet<&str> = column
            .techniques
            .keys()
            .map(String::as_str)
            .chain(column.parents().into_keys())
            .collect();
        let mut groups: Vec<Group> = ids
            .into_iter()
            .map(|id| Group {
                name: match model::technique(id, catalogues).name {
                    Some(name) => format!("{id}: {name}"),
                    None => id.to_owned(),
                },
                anchor: Some(anchor(id)),
                pages: self.links(path, column.techniques.get(id).unwrap_or(&none)),
            })
            .collect();
        let placed: BTreeSet<usize> = column.techniques.values().flatten().copied().collect();
        let rest: Vec<usize> = column.pages.difference(&placed).copied().collect();
        if !rest.is_empty() {
            groups.push(Group {
                name: "No technique".to_owned(),
                anchor: None,
                pages: self.links(path, &rest),
            });
        }
        groups
    }

    fn levels(&mut self) -> Result<Vec<Count>, Diagnostic> {
        const ORDER: [&str; 5] = ["critical", "high", "medium", "low", "informational"];
        // Levels whose pages would have one name share it.
        let mut levels: BTreeMap<(usize, String), (String, Vec<usize>)> = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            let level = page
                .model
                .attributes
                .level
                .as_deref()
                .unwrap_or("without a level");
            let known = ORDER.iter().position(|known| *known == level);
            let key = (known.unwrap_or(ORDER.len()), model::file_name(level));
            let entry = levels.entry(key);
            let (_, pages) = entry.or_insert_with(|| (level.to_owned(), Vec::new()));
            pages.push(at);
        }
        let mut counts = Vec::new();
        for ((_, file), (level, pages)) in levels {
            let path = format!("Levels/{file}");
            let list = List {
                title: format!("Rules: {level}"),
                url: None,
                count: pages.len(),
                one_level: true,
                groups: vec![Group {
                    name: String::new(),
                    anchor: None,
                    pages: self.links(&path, &pages),
                }],
                index: relative(&path, "index.md"),
            };
            self.add(path.clone(), "list.md", &list)?;
            counts.push(Count {
                name: level,
                href: path,
                rules: pages.len(),
            });
        }
        Ok(counts)
    }

    /// A page for each product; a line of the index for each log source.
    fn log_sources(&mut self) -> Result<Vec<Count>, Diagnostic> {
        type Kinds = BTreeMap<String, BTreeSet<usize>>;
        let mut products: BTreeMap<String, (String, Kinds)> = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            for source in &page.model.logsources {
                let product = source.product.as_deref().unwrap_or("any product");
                let entry = products.entry(model::file_name(product));
                let (_, kinds) = entry.or_insert_with(|| (product.to_owned(), Kinds::new()));
                kinds.entry(kind(source)).or_default().insert(at);
            }
        }
        let mut counts = Vec::new();
        for (file, (product, kinds)) in products {
            let path = format!("Log_Sources/{file}");
            let all: BTreeSet<usize> = kinds.values().flatten().copied().collect();
            let mut groups = Vec::new();
            for (kind, pages) in &kinds {
                counts.push(Count {
                    name: format!("{product}: {kind}"),
                    href: format!("{path}#{}", anchor(kind)),
                    rules: pages.len(),
                });
                groups.push(Group {
                    name: kind.clone(),
                    anchor: Some(anchor(kind)),
                    pages: self.links(&path, pages),
                });
            }
            let list = List {
                title: format!("Log source: {product}"),
                url: None,
                count: all.len(),
                one_level: false,
                groups,
                index: relative(&path, "index.md"),
            };
            self.add(path, "list.md", &list)?;
        }
        Ok(counts)
    }

    fn data_needed(&mut self, catalogues: &Catalogues) -> Result<Vec<Count>, Diagnostic> {
        let mut needed: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            for row in &page.model.data_needed {
                let entry = needed.entry(row.file.clone());
                entry
                    .or_insert_with(|| (row.title.clone(), Vec::new()))
                    .1
                    .push(at);
            }
        }
        let mut counts = Vec::new();
        for (file, (title, pages)) in needed {
            let path = format!("Data_Needed/{file}");
            let known = catalogues
                .data_needed
                .iter()
                .find(|known| known.title == title);
            let known = known.cloned().unwrap_or_else(|| DataNeeded {
                title,
                ..DataNeeded::default()
            });
            counts.push(Count {
                name: known.title.clone(),
                href: path.clone(),
                rules: pages.len(),
            });
            let page = DataNeededPage {
                title: known.title,
                description: known.description,
                platform: known.platform,
                channel: known.channel,
                provider: known.provider,
                event_id: known.event_id,
                fields: known.fields,
                pages: self.links(&path, &pages),
                index: relative(&path, "index.md"),
            };
            self.add(path, "data_needed.md", &page)?;
        }
        Ok(counts)
    }

    fn triggers(&mut self, catalogues: &Catalogues) -> Result<(), Diagnostic> {
        let mut triggers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            for trigger in &page.model.triggers {
                triggers.entry(trigger.id.clone()).or_default().push(at);
            }
        }
        for (id, pages) in triggers {
            let path = format!("Triggers/{id}.md");
            let page = TriggerPage {
                technique: model::technique(&id, catalogues),
                pages: self.links(&path, &pages),
                index: relative(&path, "index.md"),
            };
            self.add(path, "trigger.md", &page)?;
        }
        Ok(())
    }

    fn enrichments(&mut self) -> Result<(), Diagnostic> {
        type Asked = (String, Option<String>, Vec<usize>);
        let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            for row in &page.model.enrichments {
                let entry = asked.entry(row.file.clone());
                let first = || (row.title.clone(), row.description.clone(), Vec::new());
                entry.or_insert_with(first).2.push(at);
            }
        }
        for (file, (title, description, pages)) in asked {
            let path = format!("Enrichments/{file}");
            let page = EnrichmentPage {
                title,
                description,
                pages: self.links(&path, &pages),
                index: relative(&path, "index.md"),
            };
            self.add(path, "enrichment.md", &page)?;
        }
        Ok(())
    }
}

/// What a log source is below its product.
fn kind(source: &LogSourceView) -> String {
    let kind = source.category.as_ref().or(source.service.as_ref());
    kind.cloned().unwrap_or_else(|| "any log".to_owned())
}

/// The name of a place in a page.
fn anchor(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}
