//! From a merged tree to a compiled backend: the file's own keys here, a language's in
//! [`language`], its literals in [`literal`].

mod field;
mod folding;
mod format;
pub(crate) mod language;
mod literal;
mod regex;

use super::template::{Names, Template};
use super::{Aggregation, Backend, Deferred, Filter, LengthUnit, LongestQuery, OptionSpec};
use crate::diagnostic::{Code, Diagnostic};
use crate::profile::Profile;
use crate::source::Span;
use crate::table::Kind;
use crate::table::read::{Problems, Reader};
use crate::table::tree::{Place, Table, Tree};

/// Builds a backend from the tree of its file, its parents' and its profile's overlays.
pub(super) fn backend(name: &str, table: &Table, profile: Profile, problems: &Problems) -> Backend {
    let file = Reader::new(table, "", problems);
    let options = options(&file);
    let context = Context {
        options: options.iter().map(|option| option.name.clone()).collect(),
    };
    let empty = Table::default();
    let unheard = Problems::new(Kind::BACKEND);
    let query = file.table("query").unwrap_or_else(|| {
        file.missing("query");
        Reader::new(&empty, "query", &unheard)
    });
    let (query, names) = language::language(query, &context);
    let backend = Backend {
        name: name.to_owned(),
        title: file.required("title").to_owned(),
        about: file.text("about").unwrap_or_default().to_owned(),
        profile,
        extension: file.text("extension").unwrap_or("txt").to_owned(),
        filter: file.table("filter").map(|reader| filter(reader, &context)),
        // A reference's way: without the feature the key is unknown.
        deferred: cfg!(feature = "compat")
            .then(|| file.table("deferred"))
            .flatten()
            .map(|reader| deferred(reader, &context, &names)),
        longest_query: file.table("longest_query").map(longest_query),
        frame: context.template(&file, "frame", "{query}"),
        aggregation: file
            .table("aggregation")
            .map(|reader| aggregation(reader, &context)),
        formats: format::formats(&file, &context),
        query,
        options,
        advice: advice(&file),
    };
    let _ = file.get("extends");
    let _ = file.get("compat");
    let _ = file.texts("known_as");
    file.finish();
    backend
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
    fn option(
        &self,
        reader: &Reader<'_>,
        key: &'static str,
        name: &str,
        place: Place,
    ) -> Option<usize> {
        let found = self.options.iter().position(|known| known == name);
        if found.is_none() {
            let what = format!("the name of an option, found `{name}`");
            reader.expected(&what, &reader.path(key), place);
        }
        found
    }

    /// `when`: options and the values that they must have.
    fn when(&self, reader: &Reader<'_>) -> Vec<(usize, String)> {
        let place = reader.get("when").map(|entry| entry.place);
        let pairs = reader.pairs("when").into_iter();
        let when = pairs.filter_map(|(name, value)| {
            let option = self.option(reader, "when", name, place.unwrap_or_default())?;
            Some((option, value.to_owned()))
        });
        when.collect()
    }

    /// Compiles a template written at a place; what is wrong is noted there.
    fn compile(
        &self,
        reader: &Reader<'_>,
        text: &str,
        place: Place,
        literals: &[String],
    ) -> Template {
        let names = Names {
            literals,
            options: &self.options,
        };
        Template::compile(text, names).unwrap_or_else(|error| {
            // Inside the quotes, as long as no escape stands before the slot.
            let start = place.span.start as usize + 1 + error.range.start;
            let span = Span::new(start, start + error.range.len());
            let mut diagnostic = Diagnostic::error(Code::BackendTemplate, error.message);
            if let Some(help) = error.help {
                diagnostic = diagnostic.help(help);
            }
            reader.problem(Place { span, ..place }, diagnostic);
            Template::default()
        })
    }
}

/// `advice`: what to do about a reason.
fn advice(file: &Reader<'_>) -> Vec<(String, String)> {
    let pairs = file.pairs("advice").into_iter();
    pairs
        .map(|(reason, help)| (reason.to_owned(), help.to_owned()))
        .collect()
}

fn options(file: &Reader<'_>) -> Vec<OptionSpec> {
    let Some(table) = file.table("options") else {
        return Vec::new();
    };
    let options = table.entries().iter().filter_map(|(name, _, entry)| {
        let Tree::Table(keys) = &entry.value else {
            if entry.value != Tree::Bool(false) {
                table.expected("a table", &table.path(name), entry.place);
            }
            return None;
        };
        let reader = Reader::new(keys, &table.path(name), table.problems());
        let values = reader.texts("values").unwrap_or_default();
        let option = OptionSpec {
            name: name.clone(),
            default: reader.text("default").unwrap_or_default().to_owned(),
            values: values.into_iter().map(str::to_owned).collect(),
            state: reader.text("state").map(str::to_owned),
            needed: reader.flag("needed"),
            about: reader.required("about").to_owned(),
        };
        reader.finish();
        Some(option)
    });
    options.collect()
}

fn filter(reader: Reader<'_>, context: &Context) -> Filter {
    let apart = reader.flag("apart");
    let before = match reader.text("before") {
        None if !apart => reader.required("before"),
        before => before.unwrap_or_default(),
    };
    Filter {
        before: before.to_owned(),
        when: context.when(&reader),
        apart,
        language: language::language(reader, context).0,
    }
}

fn longest_query(reader: Reader<'_>) -> LongestQuery {
    let (bytes, characters) = (reader.number("bytes"), reader.number("characters"));
    let (most, unit) = match (bytes, characters) {
        (Some(most), _) => (most, LengthUnit::Bytes),
        (None, Some(most)) => (most, LengthUnit::Characters),
        (None, None) => {
            reader.missing("bytes");
            (usize::MAX, LengthUnit::Bytes)
        }
    };
    let longest = LongestQuery {
        most,
        unit,
        engine: reader.required("engine").to_owned(),
        help: reader.required("help").to_owned(),
    };
    reader.finish();
    longest
}

fn deferred(reader: Reader<'_>, context: &Context, names: &[String]) -> Deferred {
    let signs = |key| {
        let signs = reader.texts(key).unwrap_or_default();
        let sign = |at: usize| signs.get(at).copied().unwrap_or_default().to_owned();
        [sign(0), sign(1)]
    };
    let longest = reader.get("longest_name").map(|entry| match entry.value {
        Tree::Integer(length) => usize::try_from(length).unwrap_or(0),
        _ => 0,
    });
    let template = |key| {
        context
            .template_with(&reader, key, names)
            .unwrap_or_default()
    };
    let deferred = Deferred {
        separator: reader.required("separator").to_owned(),
        regex: template("regex"),
        regex_signs: signs("regex_signs"),
        regex_under_or: template("regex_under_or"),
        condition_test: template("condition_test"),
        resume: reader.required("resume").to_owned(),
        longest_name: longest.unwrap_or(usize::MAX),
        field_equals: context.template_with(&reader, "field_equals", names),
        field_signs: signs("field_signs"),
        only: reader.text("only").unwrap_or_default().to_owned(),
    };
    reader.finish();
    deferred
}

fn aggregation(reader: Reader<'_>, context: &Context) -> Aggregation {
    let window = reader.text("window").map(|_| {
        let field = reader.required("window_group").to_owned();
        (context.template(&reader, "window", ""), field)
    });
    let aggregation = Aggregation {
        total: context.template(&reader, "total", ""),
        grouped: context.template(&reader, "grouped", ""),
        events: [
            context.template(&reader, "events", ""),
            context.template(&reader, "events_grouped", ""),
        ],
        distinct: reader.text("distinct").unwrap_or("count").to_owned(),
        window,
        window_loss: reader.text("window_loss").unwrap_or_default().to_owned(),
    };
    let _ = reader.get("window_group");
    reader.finish();
    aggregation
}
