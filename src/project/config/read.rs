//! Reading `varsigma.toml`.

use super::{Config, Folder, Output, Refusals, shape};
use crate::diagnostic::Diagnostic;
use crate::dialect::Profile;
use crate::project::path_pattern::{self, PathPattern};
use crate::table::Kind;
use crate::table::check::check;
use crate::table::read::{Problems, Reader};
use crate::table::tree;

impl Config {
    /// Reads the file's text.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn read(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let table = tree::parse(text, 0, Kind::PROJECT).map_err(|error| vec![error])?;
        let problems = Problems::new(Kind::PROJECT);
        check(&table, &shape::FILE, &problems);
        if problems.is_empty() {
            let config = read(&Reader::new(&table));
            let faults = config.folder_faults();
            return if faults.is_empty() {
                Ok(config)
            } else {
                Err(faults)
            };
        }
        let problems = problems.into_inner().into_iter();
        let mut found: Vec<_> = problems.map(|(_, problem)| problem).collect();
        found.sort_by_key(Diagnostic::span);
        Err(found)
    }
}

fn read(reader: &Reader<'_>) -> Config {
    let shared = Shared {
        pipelines: reader.owned_texts("pipelines"),
        filters: paths(reader, "filters").unwrap_or_default(),
        strict: reader.flag("strict"),
        refusals: refusals(reader).unwrap_or_default(),
    };
    let mut folders = reader.tables("folder", |path, folder| Folder {
        // What leaves the project's folder is none of its rules' folders.
        path: path_pattern::inside(path).unwrap_or_else(|_| path.to_owned()),
        span: folder.span(),
        outputs: folder
            .entry("outputs")
            .map(|_| folder.owned_texts("outputs")),
        pipelines: folder.owned_texts("pipelines"),
        filters: paths(folder, "filters").unwrap_or_default(),
        options: folder.tables("options", |output, options| {
            (output.to_owned(), settings(options))
        }),
        strict: flag(folder, "strict"),
    });
    folders.sort_by(|one, other| one.path.cmp(&other.path));
    Config {
        rules: paths(reader, "rules").unwrap_or_else(|| vec!["rules".to_owned()]),
        exclude: reader.owned_texts("exclude"),
        backends: paths(reader, "backends").unwrap_or_default(),
        tests: paths(reader, "tests").unwrap_or_default(),
        outputs: reader.tables("output", |name, output| read_output(name, output, &shared)),
        folders,
    }
}

/// What the file says for all outputs.
struct Shared {
    pipelines: Vec<String>,
    filters: Vec<String>,
    strict: bool,
    refusals: Refusals,
}

fn read_output(name: &str, reader: &Reader<'_>, shared: &Shared) -> Output {
    let mut pipelines = shared.pipelines.clone();
    pipelines.extend(reader.owned_texts("pipelines"));
    let mut filters = shared.filters.clone();
    filters.extend(paths(reader, "filters").unwrap_or_default());
    let path = reader.text("path").map(PathPattern::read);
    let path = path.and_then(Result::ok).unwrap_or_else(PathPattern::usual);
    let profile = reader.text("compat").and_then(Profile::from_name);
    let options = reader.table("options");
    Output {
        name: name.to_owned(),
        span: reader.span(),
        target: reader.text("target").unwrap_or(name).to_owned(),
        format: reader.text("format").map(str::to_owned),
        profile: profile.unwrap_or_default(),
        pipelines,
        filters,
        options: options.as_ref().map(settings).unwrap_or_default(),
        schema: paths(reader, "schema").and_then(|paths| paths.into_iter().next()),
        combine: flag(reader, "combine").unwrap_or(path.is_constant()),
        path,
        exclude: reader.owned_texts("exclude"),
        strict: flag(reader, "strict").unwrap_or(shared.strict),
        refusals: refusals(reader).unwrap_or(shared.refusals),
    }
}

/// Paths inside the project, cleaned.
fn paths(reader: &Reader<'_>, key: &'static str) -> Option<Vec<String>> {
    let paths = reader.texts(key);
    let paths = paths.filter_map(|text| path_pattern::inside(text).ok());
    reader.entry(key).map(|_| paths.collect())
}

fn flag(reader: &Reader<'_>, key: &'static str) -> Option<bool> {
    reader.entry(key).map(|_| reader.flag(key))
}

fn refusals(reader: &Reader<'_>) -> Option<Refusals> {
    let choices = [("deny", Refusals::Deny), ("allow", Refusals::Allow)];
    reader.choice("refusals", &choices)
}

/// Options as the command line would give them.
fn settings(reader: &Reader<'_>) -> Vec<(String, String)> {
    let entries = reader.entries().iter();
    let settings =
        entries.filter_map(|(name, _, entry)| Some((name.clone(), entry.value.plain()?)));
    settings.collect()
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
                "`output.a.compat`: expected `native` or `sigmac` or `pysigma`, found a number",
                "there is no output `b`",
            ]
        );
    }

    #[test]
    fn folders_are_folders_of_rules() {
        let read = |text: &str| Config::read(&format!("{text}\n[output.splunk]\n"));
        for path in ["rules", "rules/", "./rules", "./rules//windows/.", "."] {
            let config = read(&format!("[folder.\"{path}\"]"));
            let config = config.unwrap_or_else(|errors| panic!("{path}: {errors:?}"));
            assert!(config.folders[0].holds("rules/windows/a.yml"), "{path}");
        }
        let config = read("rules = [\"more/one.yml\"]\n[folder.more]");
        assert!(config.is_ok_and(|config| config.folders[0].holds("more/one.yml")));
        for (path, help) in [
            ("rule", "did you mean `rules`?"),
            (
                "rules2/windows",
                "name one of `rules`, or a folder below it",
            ),
            ("../rules", "name one of `rules`, or a folder below it"),
        ] {
            let text = format!("[folder.\"{path}\"]");
            let errors = read(&text).expect_err(path);
            let [error] = errors.as_slice() else {
                panic!("{errors:?}")
            };
            assert_eq!(
                error.message,
                format!("expected a folder of rules, found `{path}`")
            );
            assert_eq!(error.help, [help]);
            let place = error.span().map(|span| &text[span.range()]);
            assert!(place.is_some_and(|place| place.contains(path)), "{place:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_a_pattern() {
        let text = "exclude = [\"a\", \"[\"]\n[output.splunk]\nexclude = \"[b\"\n";
        let errors = Config::read(text).expect_err("it is wrong");
        let found = errors.iter().map(|error| {
            let place = error.span().map(|span| &text[span.range()]);
            (place.unwrap_or_default(), error.message.as_str())
        });
        let found: Vec<_> = found.collect();
        assert_eq!(
            found,
            [
                (
                    "\"[\"",
                    "expected a pattern of paths, found `[`: unclosed character class; missing ']'"
                ),
                (
                    "\"[b\"",
                    "expected a pattern of paths, found `[b`: unclosed character class; missing ']'"
                ),
            ]
        );
    }

    #[test]
    fn a_file_without_an_output_does_nothing_and_is_wrong() {
        let found = Config::read("rules = []\n").expect_err("it is wrong");
        assert_eq!(found[0].message, "`output` is missing");
    }
}
