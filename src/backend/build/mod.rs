//! From a merged tree to a compiled backend: the file's own keys here, a language's in
//! [`language`], its literals in [`literal`].

mod field;
mod folding;
mod format;
pub(crate) mod language;
mod literal;
mod loss;
mod regex;

use super::template::{Names, Template};
use super::templates::Templates;
use super::{
    Aggregation, Backend, Deferred, Filter, LengthUnit, LongestQuery, OptionKind, OptionSpec,
};
use crate::profile::Profile;
use crate::table::read::{Problems, Reader};
use crate::table::tree::{Place, Table, Tree};
use std::sync::Arc;

/// Builds a backend from the tree of its file, its parents' and its profile's overlays, which
/// `shape` has let pass.
pub(super) fn backend(
    name: &str,
    table: &Table,
    profile: Profile,
    templates: Arc<Templates>,
    problems: &Problems,
) -> Backend {
    let file = Reader::new(table, "", problems);
    let options = options(&file);
    let context = Context {
        options: options.iter().map(|option| option.name.clone()).collect(),
    };
    let empty = Table::default();
    let query = file.table("query");
    let query = query.unwrap_or_else(|| Reader::new(&empty, "query", problems));
    let (query, names) = language::language(query, &context);
    Backend {
        name: name.to_owned(),
        title: file.owned("title"),
        about: file.owned("about"),
        profile,
        extension: file.text("extension").unwrap_or("txt").to_owned(),
        filter: file.table("filter").map(|reader| filter(reader, &context)),
        // A reference's way: without the feature the key is unknown.
        deferred: cfg!(feature = "compat")
            .then(|| file.table("deferred"))
            .flatten()
            .map(|reader| deferred(&reader, &context, &names)),
        longest_query: file
            .table("longest_query")
            .map(|reader| longest_query(&reader)),
        frame: context.template(&file, "frame", "{query}"),
        aggregation: file
            .table("aggregation")
            .map(|reader| aggregation(&reader, &context)),
        formats: format::formats(&file, &context),
        templates,
        query,
        options,
        advice: file.owned_pairs("advice"),
    }
}

/// What templates of a file can name.
struct Context {
    options: Vec<String>,
}

impl Context {
    /// A template of a key, or of its default.
    fn template(&self, reader: &Reader<'_>, key: &'static str, default: &str) -> Template {
        self.template_with(reader, key, &[])
            .unwrap_or_else(|| self.compile(reader, default, Place::default(), &[]))
    }

    /// A template of a key that can name literals.
    fn template_with(
        &self,
        reader: &Reader<'_>,
        key: &'static str,
        literals: &[String],
    ) -> Option<Template> {
        let (text, place) = reader.text_entry(key)?;
        Some(self.compile(reader, text, place, literals))
    }

    /// The index of an option that a key names.
    fn option(&self, _: &Reader<'_>, _: &'static str, name: &str, _: Place) -> Option<usize> {
        self.options.iter().position(|known| known == name)
    }

    /// `when`: options and the values that they must have.
    fn when(&self, reader: &Reader<'_>) -> Vec<(usize, String)> {
        self.options_at(reader, "when")
    }

    /// Options and values of a key.
    fn options_at(&self, reader: &Reader<'_>, key: &'static str) -> Vec<(usize, String)> {
        let table = reader.table(key);
        let entries = table.iter().flat_map(Reader::entries);
        let options = entries.filter_map(|(name, _, entry)| {
            let option = self.options.iter().position(|known| known == name)?;
            Some((option, entry.value.plain()?))
        });
        options.collect()
    }

    /// `each`: the option for each of whose names a wording is said.
    fn each(&self, reader: &Reader<'_>) -> Option<usize> {
        let (name, place) = reader.text_entry("each")?;
        self.option(reader, "each", name, place)
    }

    /// Compiles a template that was checked.
    fn compile(&self, _: &Reader<'_>, text: &str, _: Place, literals: &[String]) -> Template {
        let names = Names {
            literals,
            options: &self.options,
        };
        Template::compile(text, names).unwrap_or_default()
    }
}

fn options(file: &Reader<'_>) -> Vec<OptionSpec> {
    file.tables("options", |name, reader| {
        let default = reader.entry("default").map(|entry| &entry.value);
        let values = reader.plain_list("values");
        let written = default.and_then(Tree::plain).unwrap_or_default();
        if !values.is_empty()
            && !values.contains(&written)
            && let Some(entry) = reader.entry("default")
        {
            let message = format!("`{}` is not one of its `values`", reader.path("default"));
            reader.wrong(entry.place, message);
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

const fn option_kind(default: &Tree) -> OptionKind {
    match default {
        Tree::Integer(_) => OptionKind::Integer,
        Tree::Float(_) => OptionKind::Number,
        Tree::Bool(_) => OptionKind::Boolean,
        Tree::List(_) => OptionKind::List,
        Tree::Text(_) | Tree::Table(_) => OptionKind::Text,
    }
}

fn filter(reader: Reader<'_>, context: &Context) -> Filter {
    Filter {
        before: reader.owned("before"),
        when: context.when(&reader),
        apart: reader.flag("apart"),
        language: language::language(reader, context).0,
    }
}

fn longest_query(reader: &Reader<'_>) -> LongestQuery {
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

fn deferred(reader: &Reader<'_>, context: &Context, names: &[String]) -> Deferred {
    let signs = |key| reader.pair(key).map(Into::into).unwrap_or_default();
    let template = |key| context.template_with(reader, key, names);
    Deferred {
        separator: reader.owned("separator"),
        regex: template("regex").unwrap_or_default(),
        regex_signs: signs("regex_signs"),
        regex_under_or: template("regex_under_or").unwrap_or_default(),
        condition_test: template("condition_test").unwrap_or_default(),
        resume: reader.owned("resume"),
        longest_name: reader.number("longest_name").unwrap_or(usize::MAX),
        field_equals: template("field_equals"),
        field_signs: signs("field_signs"),
        only: reader.owned("only"),
    }
}

fn aggregation(reader: &Reader<'_>, context: &Context) -> Aggregation {
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
