//! `tests/formats/<case>.yml` in each format that is a document of one rule.

use crate::Case;
use crate::cases::label;
use crate::snapshot::{check, converted, folder, rule_files, stem, together};
use std::sync::LazyLock;
use varsigma::backend::Registry;
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, Transpiler};

const TARGETS: [&str; 9] = [
    "elastalert",
    "eql",
    "esql",
    "graylog",
    "kql",
    "kusto",
    "logscale",
    "lucene",
    "opensearch",
];

/// Every format that is a document, by its label.
static FORMATS: LazyLock<Vec<(String, Transpiler)>> = LazyLock::new(|| {
    let registry = Registry::built_in();
    let mut formats = Vec::new();
    for target in TARGETS {
        for profile in [Profile::Native, Profile::Pysigma] {
            let Ok(backend) = registry.get(target, profile) else {
                continue;
            };
            // KQL has no regular expressions but in a filter beside it, Kusto's documents need a table.
            let settings = match target {
                "kql" => vec![("regex".to_owned(), "lucene".to_owned())],
                "kusto" => vec![("table".to_owned(), "Events".to_owned())],
                _ => Vec::new(),
            };
            for format in backend.formats.iter().filter(|f| f.document.is_some()) {
                let request = Request {
                    target: target.to_owned(),
                    profile,
                    format: Some(format.name.clone()),
                    settings: settings.clone(),
                    ..Request::default()
                };
                let transpiler = Transpiler::new(&registry, &request);
                formats.push((
                    format!("{} -f {}", label(target, profile), format.name),
                    transpiler.expect("the target has the format"),
                ));
            }
        }
    }
    formats
});

/// A test for each rule file.
pub fn cases() -> Vec<Case> {
    let files = rule_files(&folder("tests/formats")).into_iter();
    let cases = files.map(|file| {
        let name = stem(&file).to_owned();
        let test = format!("formats::{name}");
        Case::new(test, "formats", &name.clone(), move || {
            let formats = FORMATS.iter();
            let converted: Vec<_> = formats
                .map(|(label, transpiler)| converted(label, transpiler, &file))
                .collect();
            check("formats", &name, &together(&converted));
        })
    });
    cases.collect()
}
