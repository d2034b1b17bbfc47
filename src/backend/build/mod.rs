//! From a merged tree to a compiled backend: the file's own keys here, a language's in
//! [`language`], its literals in [`literal`].

mod correlation;
mod field;
mod folding;
mod format;
mod language;
mod literal;
mod loss;
mod regex;

use super::bare::BareNames;
use super::template::{Names, Template};
use super::templates::Templates;
use super::when::{ColumnType, Reach, UNKNOWN, When};
use super::{
    Aggregation, Backend, Filter, Frame, LengthUnit, LongestQuery, OptionKind, OptionSpec, Proof,
    SchemaUse,
};
use crate::diagnostic::Diagnostic;
use crate::profile::Profile;
use crate::table::read::{Problems, Reader};
use crate::table::tree::{Entry, Place, Table, Tree};
use std::sync::Arc;

/// Builds a backend from the tree of its file, its parents' and its profile's overlays, which
/// `shape` has let pass.
pub(super) fn backend(
    name: &str,
    table: Table,
    profile: Profile,
    templates: Arc<Templates>,
    problems: &Problems,
) -> Backend {
    let file = Reader::new(&table);
    let context = Context {
        options: file.tables("options", |name, _| name.to_owned()),
        types: file.tables("types", |name, _| name.to_owned()),
        problems,
    };
    let empty = Table::default();
    let query = file.table("query").unwrap_or_else(|| Reader::new(&empty));
    Backend {
        name: name.to_owned(),
        title: file.owned("title"),
        about: file.owned("about"),
        profile,
        extension: file.text("extension").unwrap_or("txt").to_owned(),
        filter: file.table("filter").map(|reader| filter(reader, &context)),
        longest_query: file.table("longest_query").map(longest_query),
        frames: frames(file, &context),
        aggregation: file
            .table("aggregation")
            .map(|reader| aggregation(reader, &context)),
        correlations: file
            .table("correlation")
            .map(|reader| correlation::correlations(reader, &context)),
        formats: format::formats(file, &context),
        templates,
        query: language::language(query, &context),
        options: options(file, &context),
        types: types(file, &context),
        schema: file.table("schema").map(|reader| SchemaUse {
            table: context.option(reader, "table"),
            default: reader.text("default").map(str::to_owned),
            refuses: reader.text("missing") == Some("refuse"),
            ignores_case: reader.flag("ignores_case"),
            assumes: reader.owned("assumes"),
        }),
        proof: file.table("proof").map(|reader| Proof {
            how: reader.owned("how"),
            by: reader.owned("by"),
        }),
        advice: file.owned_pairs("advice"),
        source: table,
    }
}

/// What templates of a file can name.
struct Context<'p> {
    options: Vec<String>,
    types: Vec<String>,
    problems: &'p Problems,
}

impl Context<'_> {
    /// A template of a key, or of its default.
    fn template(&self, reader: Reader<'_>, key: &str, default: &str) -> Template {
        self.compile(reader.text(key).unwrap_or(default), &[])
    }

    /// A template of a key that can name literals.
    fn template_with(
        &self,
        reader: Reader<'_>,
        key: &str,
        literals: &[String],
    ) -> Option<Template> {
        reader.text(key).map(|text| self.compile(text, literals))
    }

    /// Compiles a template that was checked.
    fn compile(&self, text: &str, literals: &[String]) -> Template {
        let options = &self.options;
        Template::compile(text, Names { literals, options }).unwrap_or_default()
    }

    /// The index of an option.
    fn option_named(&self, name: &str) -> Option<usize> {
        self.options.iter().position(|known| known == name)
    }

    /// The index of the option that a key names.
    fn option(&self, reader: Reader<'_>, key: &str) -> Option<usize> {
        self.option_named(reader.text(key)?)
    }

    /// `when`: options and types, and the values that they must have.
    fn when(&self, reader: Reader<'_>) -> When {
        self.when_at(reader, "when")
    }

    /// The same of another key.
    fn when_at(&self, reader: Reader<'_>, key: &str) -> When {
        let mut when = When::default();
        for (name, _, entry) in entries(reader, key) {
            let values = match &entry.value {
                Tree::List(items) => items.iter().filter_map(|item| item.value.plain()).collect(),
                value => Vec::from_iter(value.plain()),
            };
            if name == TYPE {
                let types = values.iter().filter_map(|name| self.type_named(name));
                when.types.extend(types);
            } else if let Some(option) = self.option_named(name) {
                when.options.push((option, values));
            }
        }
        when
    }

    /// The index of a type of columns; that of no name is an unknown one.
    fn type_named(&self, name: &str) -> Option<usize> {
        if name.is_empty() {
            return Some(UNKNOWN);
        }
        self.types.iter().position(|known| known == name)
    }

    /// Notes what only the building of a value finds wrong.
    fn wrong(&self, place: Place, message: String) {
        let key = self.problems.kind().key;
        self.problems.add(place, Diagnostic::error(key, message));
    }
}

fn options(file: Reader<'_>, context: &Context<'_>) -> Vec<OptionSpec> {
    file.tables("options", |name, reader| {
        let entry = reader.entry("default");
        let default = entry.map(|entry| &entry.value);
        let values = reader.plain_list("values");
        let written = default.and_then(Tree::plain).unwrap_or_default();
        if let Some(entry) = entry
            && !values.is_empty()
            && !values.contains(&written)
        {
            let message = format!("`options.{name}.default` is not one of its `values`");
            context.wrong(entry.place, message);
        }
        OptionSpec {
            name: name.to_owned(),
            default: written,
            kind: default.map_or(OptionKind::Text, option_kind),
            values,
            state: reader.text("state").map(str::to_owned),
            needed: reader.flag("needed"),
            about: reader.owned("about"),
        }
    })
}

/// `type` in a `when`: the type of a test's column.
pub(in crate::backend) const TYPE: &str = "type";

fn types(file: Reader<'_>, context: &Context<'_>) -> Vec<ColumnType> {
    file.tables("types", |name, reader| ColumnType {
        name: name.to_owned(),
        names: reader.owned_texts("names"),
        field_names: reader.regex("field_names").map(BareNames::new),
        set: entries(*reader, "set")
            .iter()
            .filter_map(|(name, _, entry)| {
                Some((context.option_named(name)?, entry.value.plain()?))
            })
            .collect(),
        text: context.template_with(*reader, "text", &[]),
        fields: reader
            .text("fields")
            .or(reader.text("reach").map(|_| ""))
            .and_then(|name| context.type_named(name)),
        reach: reader
            .choice("reach", &[("inside", Reach::Inside), ("path", Reach::Path)])
            .unwrap_or_default(),
    })
}

/// The entries of a key's table.
fn entries<'t>(reader: Reader<'t>, key: &str) -> &'t [(String, Place, Entry)] {
    reader.table(key).map_or(&[][..], |table| table.entries())
}

const fn option_kind(default: &Tree) -> OptionKind {
    match default {
        Tree::Integer(_) => OptionKind::Integer,
        Tree::Float(_) => OptionKind::Number,
        Tree::Bool(_) => OptionKind::Boolean,
        Tree::List(_) => OptionKind::List,
        Tree::Text(_) | Tree::Table(_) => OptionKind::Text,
    }
}

fn filter(reader: Reader<'_>, context: &Context<'_>) -> Filter {
    Filter {
        before: reader.owned("before"),
        when: context.when(reader),
        apart: reader.flag("apart"),
        language: language::language(reader, context),
    }
}

/// The texts around the query, the query itself where none is for the options.
fn frames(file: Reader<'_>, context: &Context<'_>) -> Vec<Frame> {
    let frames = file.values("frame").filter_map(|value| match value {
        Tree::Text(text) => Some(Frame {
            text: context.compile(text, &[]),
            when: When::default(),
        }),
        Tree::Table(keys) => {
            let reader = Reader::new(keys);
            Some(Frame {
                text: context.template(reader, "text", "{query}"),
                when: context.when(reader),
            })
        }
        _ => None,
    });
    let bare = Frame {
        text: context.compile("{query}", &[]),
        when: When::default(),
    };
    frames.chain([bare]).collect()
}

fn longest_query(reader: Reader<'_>) -> LongestQuery {
    let (most, unit) = match reader.number("bytes") {
        Some(most) => (Some(most), LengthUnit::Bytes),
        None => (reader.number("characters"), LengthUnit::Characters),
    };
    LongestQuery {
        most: most.unwrap_or(usize::MAX),
        unit,
        engine: reader.owned("engine"),
        help: reader.owned("help"),
    }
}

fn aggregation(reader: Reader<'_>, context: &Context<'_>) -> Aggregation {
    let window = context.template_with(reader, "window", &[]);
    Aggregation {
        total: context.template(reader, "total", ""),
        grouped: context.template(reader, "grouped", ""),
        events: ["events", "events_grouped"].map(|key| context.template(reader, key, "")),
        distinct: reader.text("distinct").unwrap_or("count").to_owned(),
        window: window.map(|window| (window, reader.owned("window_group"))),
        window_loss: reader.owned("window_loss"),
    }
}
