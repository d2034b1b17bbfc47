//! The pages that list rules: by tactic, by log source, by level, by what they link to.

use super::matrix::{self, Column};
use super::{Page, PageFile, link, relative};
use crate::attack::tactic_url;
use crate::diagnostic::Diagnostic;
use crate::page::catalog::{Catalogs, DataNeeded};
use crate::page::model::{self, Model};
use crate::page::names::{anchor, anchors, file_name, file_names};
use crate::page::render::Renderer;
use crate::pipeline::LogSourceView;
use minijinja::value::Serde;
use minijinja::{Value, context};
use std::collections::{BTreeMap, BTreeSet};

/// Every page beside the rules' own, in order of path.
pub fn indexes(
    pages: &[Page],
    catalogs: &Catalogs,
    renderer: &Renderer,
) -> Result<Vec<PageFile>, Diagnostic> {
    let mut files = Files {
        pages,
        renderer,
        written: Vec::new(),
    };
    let (columns, rows) = files.tactics(catalogs)?;
    let index = context! {
        count => pages.len(),
        levels => files.levels()?,
        columns => columns,
        rows => rows,
        sources => files.log_sources()?,
        data_needed => files.data_needed(catalogs)?,
    };
    files.triggers(catalogs)?;
    files.enrichments()?;
    files.add("index.md", "index.md", index)?;
    files.written.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files.written)
}

/// The pages written so far.
struct Files<'p> {
    pages: &'p [Page],
    renderer: &'p Renderer,
    written: Vec<PageFile>,
}

/// A name, where it leads, and how many rules it has.
fn counted(name: &str, href: &str, pages: &[usize]) -> Value {
    context! { name => name, href => href, count => pages.len() }
}

impl Files<'_> {
    fn add(&mut self, path: &str, template: &str, page: Value) -> Result<(), Diagnostic> {
        let page = context! { index => relative(path, "index.md"), ..page };
        let text = self.renderer.render_value(page, template)?;
        let path = path.to_owned();
        self.written.push(PageFile { path, text });
        Ok(())
    }

    /// Links from a page to rules' pages, by title.
    fn links(&self, from: &str, pages: &[usize]) -> Value {
        let links = pages.iter().map(|&at| link(from, &self.pages[at]));
        let mut links: Vec<_> = links.collect();
        links.sort_by(|a, b| (&a.title, &a.href).cmp(&(&b.title, &b.href)));
        Value::from(Serde(links))
    }

    /// Rules of a list, below a heading.
    fn group(&self, from: &str, name: &str, anchor: Option<String>, pages: &[usize]) -> Value {
        context! { name => name, anchor => anchor, pages => self.links(from, pages) }
    }

    /// The rules by what their pages have, which the key names: of one key the first counts.
    fn by<K: Ord, T>(&self, of: impl Fn(&Model) -> Vec<(K, T)>) -> BTreeMap<K, (T, Vec<usize>)> {
        let mut found = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            for (key, first) in of(&page.model) {
                let entry = found.entry(key).or_insert_with(|| (first, Vec::new()));
                entry.1.push(at);
            }
        }
        found
    }

    /// A page for each tactic; the matrix's columns and rows.
    fn tactics(&mut self, catalogs: &Catalogs) -> Result<(Value, Value), Diagnostic> {
        let columns = matrix::columns(self.pages);
        let mut heads = Vec::new();
        let mut cells: Vec<Vec<Value>> = Vec::new();
        for (id, name) in matrix::order(&catalogs.attack, &columns) {
            let column = &columns[id];
            let pages: Vec<usize> = column.pages.iter().copied().collect();
            let path = format!("Tactics/{id}.md");
            let page = context! {
                title => format!("{id}: {name}"),
                url => tactic_url(id),
                count => pages.len(),
                one_level => false,
                groups => self.technique_groups(&path, column, catalogs),
            };
            self.add(&path, "list.md", page)?;
            heads.push(counted(name, &path, &pages));
            let cell = |(id, pages): (&str, BTreeSet<usize>)| {
                context! {
                    id => id,
                    name => model::technique(id, catalogs).name,
                    href => format!("{path}#{}", anchor(id)),
                    count => pages.len(),
                }
            };
            cells.push(column.parents().into_iter().map(cell).collect());
        }
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        let mut columns: Vec<_> = cells.into_iter().map(Vec::into_iter).collect();
        let rows =
            (0..height).map(|_| -> Value { columns.iter_mut().map(Iterator::next).collect() });
        Ok((heads.into(), rows.collect()))
    }

    /// A tactic's rules by technique; a technique of which only sub-techniques have rules gets an
    /// empty list, so that the matrix can link to it.
    fn technique_groups(&self, path: &str, column: &Column, catalogs: &Catalogs) -> Value {
        let own = column.techniques.keys().map(String::as_str);
        let ids: BTreeSet<&str> = own.chain(column.parents().into_keys()).collect();
        let mut placed: BTreeSet<usize> = BTreeSet::new();
        let mut groups: Vec<Value> = Vec::new();
        for id in ids {
            let pages = column.techniques.get(id).into_iter().flatten().copied();
            let pages: Vec<usize> = pages.collect();
            placed.extend(&pages);
            let name = match model::technique(id, catalogs).name {
                Some(name) => format!("{id}: {name}"),
                None => id.to_owned(),
            };
            groups.push(self.group(path, &name, Some(anchor(id)), &pages));
        }
        let rest: Vec<usize> = column.pages.difference(&placed).copied().collect();
        if !rest.is_empty() {
            groups.push(self.group(path, "No technique", None, &rest));
        }
        groups.into()
    }

    fn levels(&mut self) -> Result<Value, Diagnostic> {
        const ORDER: [&str; 5] = ["critical", "high", "medium", "low", "informational"];
        let levels = self.by(|model| {
            let level = model.attributes.level.as_deref();
            let level = level.unwrap_or("without a level");
            let known = ORDER.iter().position(|known| *known == level);
            let key = (
                known.unwrap_or(ORDER.len()),
                file_name(level),
                level.to_owned(),
            );
            vec![(key, ())]
        });
        let files = file_names(levels.keys().map(|(.., level)| level.as_str()));
        let mut counts = Vec::new();
        for ((.., level), ((), pages)) in &levels {
            let path = format!("Levels/{}", files[level.as_str()]);
            let list = context! {
                title => format!("Rules: {level}"),
                url => (),
                count => pages.len(),
                one_level => true,
                groups => vec![self.group(&path, "", None, pages)],
            };
            self.add(&path, "list.md", list)?;
            counts.push(counted(level, &path, pages));
        }
        Ok(counts.into())
    }

    /// A page for each product; a line of the index for each log source.
    fn log_sources(&mut self) -> Result<Value, Diagnostic> {
        type Kinds = BTreeMap<String, BTreeSet<usize>>;
        let mut products: BTreeMap<(String, String), Kinds> = BTreeMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            for source in &page.model.logsources {
                let product = source.product.as_deref().unwrap_or("any product");
                let kinds = products.entry((file_name(product), product.to_owned()));
                let kinds = kinds.or_default();
                kinds.entry(kind(source)).or_default().insert(at);
            }
        }
        let files = file_names(products.keys().map(|(_, product)| product.as_str()));
        let mut counts = Vec::new();
        for ((_, product), kinds) in &products {
            let path = format!("Log_Sources/{}", files[product.as_str()]);
            let anchors = anchors(kinds.keys().map(String::as_str));
            let all: BTreeSet<usize> = kinds.values().flatten().copied().collect();
            let mut groups = Vec::new();
            for (kind, pages) in kinds {
                let pages: Vec<usize> = pages.iter().copied().collect();
                let (name, href) = (format!("{product}: {kind}"), &anchors[kind.as_str()]);
                counts.push(counted(&name, &format!("{path}#{href}"), &pages));
                groups.push(self.group(&path, kind, Some(href.clone()), &pages));
            }
            let list = context! {
                title => format!("Log source: {product}"),
                url => (),
                count => all.len(),
                one_level => false,
                groups => groups,
            };
            self.add(&path, "list.md", list)?;
        }
        Ok(counts.into())
    }

    fn data_needed(&mut self, catalogs: &Catalogs) -> Result<Value, Diagnostic> {
        let needed = self.by(|model| {
            let rows = model.data_needed.iter();
            rows.map(|row| (row.file.clone(), row.title.clone()))
                .collect()
        });
        let mut counts = Vec::new();
        for (file, (title, pages)) in needed {
            let path = format!("Data_Needed/{file}");
            let mut events = catalogs.data_needed.iter();
            let known = events.find(|known| known.title == title).cloned();
            let known = known.unwrap_or_else(|| DataNeeded {
                title,
                ..DataNeeded::default()
            });
            counts.push(counted(&known.title, &path, &pages));
            let page = context! {
                title => known.title,
                description => known.description,
                platform => known.platform,
                channel => known.channel,
                provider => known.provider,
                event_id => known.event_id,
                fields => known.fields,
                pages => self.links(&path, &pages),
            };
            self.add(&path, "data_needed.md", page)?;
        }
        Ok(counts.into())
    }

    fn triggers(&mut self, catalogs: &Catalogs) -> Result<(), Diagnostic> {
        let triggers = self.by(|model| {
            let triggers = model.triggers.iter();
            triggers.map(|trigger| (trigger.id.clone(), ())).collect()
        });
        for (id, ((), pages)) in triggers {
            let path = format!("Triggers/{id}.md");
            let page = context! {
                technique => Value::from(Serde(model::technique(&id, catalogs))),
                pages => self.links(&path, &pages),
            };
            self.add(&path, "trigger.md", page)?;
        }
        Ok(())
    }

    fn enrichments(&mut self) -> Result<(), Diagnostic> {
        let asked = self.by(|model| {
            let rows = model.enrichments.iter();
            rows.map(|row| (row.file.clone(), row.clone())).collect()
        });
        for (file, (row, pages)) in asked {
            let path = format!("Enrichments/{file}");
            let page = context! {
                title => row.title,
                description => row.description,
                pages => self.links(&path, &pages),
            };
            self.add(&path, "enrichment.md", page)?;
        }
        Ok(())
    }
}

/// What a log source is below its product.
fn kind(source: &LogSourceView) -> String {
    let kind = source.category.as_ref().or(source.service.as_ref());
    kind.cloned().unwrap_or_else(|| "any log".to_owned())
}
