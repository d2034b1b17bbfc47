//! Reading `varsigma.toml`.

use super::{Config, Folder, Output, Refusals};
use crate::diagnostic::{Diagnostic, nearest};
use crate::dialect::Profile;
use crate::project::place::{self, Pattern};
use crate::source::Span;
use crate::table::Kind;
use crate::table::read::{Problems, Reader};
use crate::table::tree::{self, Entry, Tree};

impl Config {
    /// Reads the file's text.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn read(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let table = tree::parse(text, 0, Kind::PROJECT).map_err(|error| vec![error])?;
        let problems = Problems::new(Kind::PROJECT);
        let config = read(&Reader::new(&table, "", &problems));
        let mut found: Vec<_> = problems
            .into_inner()
            .into_iter()
            .map(|(_, problem)| problem)
            .collect();
        if found.is_empty() {
            return Ok(config);
        }
        found.sort_by_key(Diagnostic::span);
        Err(found)
    }
}

fn read(reader: &Reader<'_>) -> Config {
    let shared = Shared {
        pipelines: texts(reader, "pipelines"),
        strict: reader.flag("strict"),
        refusals: refusals(reader).unwrap_or_default(),
    };
    let outputs = named(reader, "output", |name, span, output| {
        read_output(name, span, output, &shared)
    });
    if outputs.is_empty() && reader.get("output").is_none() {
        reader.missing("output");
    }
    let mut folders = named(reader, "folder", |path, span, folder| {
        read_folder(path, span, folder, &outputs)
    });
    folders.sort_by(|one, other| one.path.cmp(&other.path));
    let config = Config {
        rules: paths(reader, "rules").unwrap_or_else(|| vec!["rules".to_owned()]),
        exclude: texts(reader, "exclude"),
        backends: paths(reader, "backends").unwrap_or_default(),
        outputs,
        folders,
    };
    reader.check_keys();
    config
}

/// What the file says for all outputs.
struct Shared {
    pipelines: Vec<String>,
    strict: bool,
    refusals: Refusals,
}

fn read_output(name: &str, span: Span, reader: &Reader<'_>, shared: &Shared) -> Output {
    let target = reader.text("target").unwrap_or(name).to_owned();
    let mut pipelines = shared.pipelines.clone();
    pipelines.extend(texts(reader, "pipelines"));
    let path = reader.text_entry("path");
    let pattern = path.map(|(text, _)| Pattern::read(text)).transpose();
    let path = match (pattern, path) {
        (Ok(pattern), _) => pattern.unwrap_or_else(Pattern::usual),
        (Err(reason), Some((_, place))) => {
            reader.wrong(place, format!("`{}`: {reason}", reader.path("path")));
            Pattern::usual()
        }
        (Err(_), None) => Pattern::usual(),
    };
    let output = Output {
        name: name.to_owned(),
        span,
        target,
        format: reader.text("format").map(str::to_owned),
        profile: profile(reader),
        pipelines,
        options: options(reader, "options"),
        combine: flag(reader, "combine").unwrap_or(path.is_constant()),
        path,
        exclude: texts(reader, "exclude"),
        strict: flag(reader, "strict").unwrap_or(shared.strict),
        refusals: refusals(reader).unwrap_or(shared.refusals),
    };
    reader.check_keys();
    output
}

fn read_folder(path: &str, span: Span, reader: &Reader<'_>, outputs: &[Output]) -> Folder {
    let folder = Folder {
        path: path.trim_end_matches('/').to_owned(),
        span,
        outputs: reader.get("outputs").map(|entry| {
            let names = texts(reader, "outputs");
            for name in &names {
                check_output(name, entry, outputs, reader);
            }
            names
        }),
        pipelines: texts(reader, "pipelines"),
        options: named(reader, "options", |name, _, options| {
            if let Some(entry) = reader.get("options") {
                check_output(name, entry, outputs, reader);
            }
            (name.to_owned(), settings(options))
        }),
        strict: flag(reader, "strict"),
    };
    reader.check_keys();
    folder
}

fn check_output(name: &str, entry: &Entry, outputs: &[Output], reader: &Reader<'_>) {
    let names = || outputs.iter().map(|output| output.name.as_str());
    if names().any(|known| known == name) {
        return;
    }
    let message = format!("there is no output `{name}`");
    let mut error = Diagnostic::error(Kind::PROJECT.key, message);
    if let Some(near) = nearest(name, names()) {
        error = error.help(format!("did you mean `{near}`?"));
    }
    reader.problem(entry.place, error);
}

/// The tables inside a table, by name, in the order written.
fn named<T>(
    reader: &Reader<'_>,
    key: &'static str,
    mut read: impl FnMut(&str, Span, &Reader<'_>) -> T,
) -> Vec<T> {
    let Some(tables) = reader.table(key) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, place, entry) in tables.entries() {
        let path = tables.path(name);
        match &entry.value {
            Tree::Table(table) => {
                let table = Reader::new(table, &path, reader.problems());
                found.push(read(name, place.span, &table));
            }
            _ => reader.expected("a table", &path, entry.place),
        }
    }
    found
}

fn texts(reader: &Reader<'_>, key: &'static str) -> Vec<String> {
    let texts = reader.texts(key).unwrap_or_default();
    texts.into_iter().map(str::to_owned).collect()
}

/// Paths inside the project, cleaned.
fn paths(reader: &Reader<'_>, key: &'static str) -> Option<Vec<String>> {
    let texts = reader.texts(key)?;
    let entry = reader.get(key)?;
    let clean = |text: &str| {
        place::inside(text)
            .map_err(|reason| reader.wrong(entry.place, format!("`{text}`: {reason}")))
            .ok()
    };
    Some(texts.into_iter().filter_map(clean).collect())
}

fn flag(reader: &Reader<'_>, key: &'static str) -> Option<bool> {
    let value = reader.flag(key);
    reader.is_there(key).then_some(value)
}

fn refusals(reader: &Reader<'_>) -> Option<Refusals> {
    let choices = [("deny", Refusals::Deny), ("allow", Refusals::Allow)];
    reader.choice("refusals", &choices)
}

fn profile(reader: &Reader<'_>) -> Profile {
    let known = [Profile::Native, Profile::Sigmac, Profile::Pysigma];
    let choices = known.map(|profile| (profile.name(), profile));
    reader.choice("compat", &choices).unwrap_or_default()
}

fn options(reader: &Reader<'_>, key: &'static str) -> Vec<(String, String)> {
    reader
        .table(key)
        .map(|table| settings(&table))
        .unwrap_or_default()
}

/// Options as the command line would give them: texts, numbers and booleans.
fn settings(reader: &Reader<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, _, entry) in reader.entries() {
        let text = match &entry.value {
            Tree::Text(text) => text.clone(),
            Tree::Integer(number) => number.to_string(),
            Tree::Bool(value) => value.to_string(),
            Tree::List(_) | Tree::Table(_) => {
                let what = "a text, a number or a boolean";
                reader.expected(what, &reader.path(name), entry.place);
                continue;
            }
        };
        found.push((name.clone(), text));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_place() {
        let text = r#"
            rules = ["rules", "./more/rules/"]
            exclude = ["*.old.yml"]
            pipelines = ["sysmon"]
            strict = true

            [output.splunk]
            path = "spl/{path}.spl"
            pipelines = ["splunk_windows"]
            options = { min_time = "-7d", max_lines = 3 }

            [output.search]
            target = "lucene"
            compat = "pysigma"
            path = "all.txt"
            strict = false
            refusals = "allow"

            [folder."rules/linux/"]
            outputs = ["search"]
            options.splunk = { min_time = "-1d" }
        "#;
        let config = Config::read(text).expect("it is right");
        assert_eq!(config.rules, ["rules", "more/rules"]);
        let [splunk, search] = config.outputs.as_slice() else {
            panic!("two outputs");
        };
        assert_eq!(splunk.pipelines, ["sysmon", "splunk_windows"]);
        assert_eq!(splunk.options[1], ("max_lines".into(), "3".into()));
        assert!(splunk.strict && !splunk.combine);
        assert_eq!(splunk.refusals, Refusals::Deny);
        assert_eq!(search.target, "lucene");
        assert_eq!(search.profile, Profile::Pysigma);
        assert!(!search.strict && search.combine);
        assert_eq!(search.refusals, Refusals::Allow);
        let folder = &config.folders[0];
        assert!(folder.holds("rules/linux/a.yml"));
        assert!(!folder.holds("rules/linux2/a.yml"));
        assert_eq!(folder.options[0].0, "splunk");
    }

    #[test]
    fn every_fault_is_told() {
        let text = "rule = []\nrules = [\"../x\"]\n[output.a]\npath = \"{pth}\"\ncompat = 3\n\
                    [folder.r]\noutputs = [\"b\"]\n";
        let found = Config::read(text).expect_err("it is wrong");
        let messages: Vec<&str> = found.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "unknown key `rule`",
                "`../x`: it leaves its folder",
                "`output.a.path`: there is no placeholder `{pth}`; did you mean `{path}`?",
                "`output.a.compat`: expected a text",
                "there is no output `b`",
            ]
        );
    }

    #[test]
    fn a_file_without_an_output_does_nothing_and_is_wrong() {
        let found = Config::read("rules = []\n").expect_err("it is wrong");
        assert_eq!(found[0].message, "`output` is missing");
    }
}
