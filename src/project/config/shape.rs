//! What a `varsigma.toml` may hold: the one definition of its keys.
//!
//! The checker, `docs/varsigma.schema.json` and the keys that `docs/project.md` shows are held to it.

use crate::project::exclude;
use crate::project::path_pattern::{self, PathPattern};
use crate::table::check::{Checker, Scope};
use crate::table::shape::{Own, Shape, Table, keys};
use crate::table::tree::{Entry, Tree};

const TEXTS: Shape = Shape::OneOrMore(&Shape::Text);
const PATHS: Shape = Shape::OneOrMore(&Shape::Own(&Checked::Path));
const PATTERNS: Shape = Shape::OneOrMore(&Shape::Own(&Checked::Exclude));
const OPTIONS: Shape = Shape::Map(&Shape::Text, &Shape::Value);
/// `varsigma.toml`
pub static FILE: Table = Table {
    names: &[("output", "output")],
    ..Table::new(
        "project",
        keys! {
            "rules" or "[\"rules\"]": PATHS, "rule files, and folders of them";
            "exclude": PATTERNS, "rules to leave out, as a .gitignore in the project's folder would say it";
            "backends": PATHS, "folders of backend files";
            "tests": PATHS, "for `varsigma test`: folders of events, and of tests that lie there as their rules lie in theirs";
            "pipelines": TEXTS, "pipelines for all outputs, before their own: built-in ones, files, folders";
            "filters": PATHS, "filters for all outputs, before their own: files, and folders of them";
            "strict" or "false": Shape::Flag, "a query that is not exact is an error";
            "refusals" or "\"deny\"": Shape::Words(&["deny", "allow"]), "`\"allow\"`: a rule that the target can't say does not fail the run; the lock records it";
            "output" required: Shape::Map(&Shape::Text, &Shape::Table(&OUTPUT)), "what the rules become, by a name of yours";
            "folder": Shape::Map(&Shape::Text, &Shape::Table(&FOLDER)), "defaults for the rules below a folder";
        },
    )
};

static OUTPUT: Table = Table::new(
    "output",
    keys! {
        "target": Shape::Text, "the target; the output's name if not given";
        "format": Shape::Text, "the target's format; its first if not given";
        "compat" or "\"native\"": Shape::Words(&["native", "sigmac", "pysigma"]), "print what that reference prints, its faults included";
        "pipelines": TEXTS, "built-in pipelines, files, folders of files";
        "filters": PATHS, "files of filters, and folders of them, that are joined to the rules that they apply to";
        "options": OPTIONS, "the target's options";
        "schema": Shape::Own(&Checked::Path), "a file with the columns of its tables, as it was exported (docs/schemas.md)";
        "path" or "\"generated/{output}/{path}.{extension}\"": Shape::Own(&Checked::PathPattern), "the place of each query. Placeholders: {path} {stem} {id} {title} {level} {product} {category} {service} {n} {output} {extension}";
        "combine": Shape::Flag, "rules whose paths are the same share the file. So they do where the path has no placeholders";
        "exclude": PATTERNS, "rules that the output leaves out, as a .gitignore would say it";
        "strict": Shape::Flag, "a query that is not exact is an error";
        "refusals": Shape::Words(&["deny", "allow"]), "`\"allow\"`: a rule that the target can't say does not fail the run; the lock records it";
    },
);

static FOLDER: Table = Table::new(
    "folder",
    keys! {
        "outputs": Shape::OneOrMore(&Shape::Name("output")), "the outputs that the rules go to; all if not given";
        "pipelines": TEXTS, "pipelines before the output's own";
        "filters": PATHS, "filters before the output's own";
        "options": Shape::Map(&Shape::Name("output"), &OPTIONS), "options by output, over its own";
        "strict": Shape::Flag, "a query that is not exact is an error";
    },
);

/// Texts with a meaning of their own.
#[derive(Debug)]
enum Checked {
    /// A path inside the project.
    Path,
    /// Where an output goes: `spl/{path}.spl`.
    PathPattern,
    /// Which rules are left out: `*.old.yml`.
    Exclude,
}

impl Own for Checked {
    fn check(&self, checker: &Checker<'_>, _: &Scope<'_>, path: &str, entry: &Entry) {
        let Tree::Text(text) = &entry.value else {
            return checker.expected(&self.title(), path, entry);
        };
        let wrong = match self {
            Self::Path => path_pattern::inside(text)
                .err()
                .map(|reason| format!("`{text}`: {reason}")),
            Self::PathPattern => PathPattern::read(text)
                .err()
                .map(|reason| format!("`{path}`: {reason}")),
            Self::Exclude => exclude::read([text.as_str()]).err(),
        };
        if let Some(message) = wrong {
            checker.wrong(entry.place, message);
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Path => "a path".to_owned(),
            Self::PathPattern => "a path with placeholders".to_owned(),
            Self::Exclude => "a pattern of paths".to_owned(),
        }
    }
}
