//! What the documents show is what the program does.
//!
//! - A fence `console` holds commands (`$ …`) and what they print, both streams; `…` stands for
//!   lines left out. A line `> …` goes on with the command above it.
//! - A document that holds `<!-- own folder -->` has its commands run in an empty folder, one after
//!   the other; those of the others run in the repository, and must not change it. A fence there
//!   whose language is followed by a path (`toml backends/acme.toml`) is that file.
//! - In `docs/divergences.md` a fence `yaml` is a detection, and the fences `native`, `sigmac` and
//!   `pysigma` behind it are its Splunk query in that profile, or the refusal.
//! - Between `<!-- codes -->` and `<!-- end -->` stands the registry of diagnostic codes, after
//!   `<!-- targets -->` the list of targets, after `<!-- correlations -->` what each of them can say
//!   of correlations, after `<!-- keys: NAME -->` the keys of that table of
//!   backend files, after `<!-- proven: NAME … -->` how these targets were proven, after
//!   `<!-- target reference -->` all that there is to choose of each target.
//!
//! `UPDATE_DOCUMENTS=1 cargo test --test documents` writes what is printed now into the documents,
//! for a reader to look at. Lines left out stay out.

#![cfg(all(feature = "cli", unix))]

#[path = "documents/correlations.rs"]
mod correlations;
#[path = "documents/targets.rs"]
mod targets;
#[path = "documents/terminal.rs"]
mod terminal;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use varsigma::backend::Registry;
use varsigma::backend::language::Kind;
use varsigma::backend::shape;
use varsigma::backend::template;
use varsigma::diagnostic::Code;
use varsigma::dialect::Profile;
use varsigma::project::{config, test_file};
use varsigma::table::schema::schema;
use varsigma::table::shape::{Shape, Table};
use varsigma::table::{self, reference};
use varsigma::transpile::{Request, Transpiler};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let folders = [root().to_owned(), root().join("docs")];
    let mut found: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("in the repository"))
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    found.sort();
    found
}

/// A stretch of a document.
enum Piece {
    /// Lines outside of fences.
    Prose(Vec<String>),
    /// A fence: its language and lines.
    Fence(String, Vec<String>),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = text.lines();
    let mut prose = Vec::new();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            prose.push(line.to_owned());
            continue;
        };
        pieces.push(Piece::Prose(std::mem::take(&mut prose)));
        let inside = lines.by_ref().take_while(|line| *line != "```");
        let inside = inside.map(str::to_owned).collect();
        pieces.push(Piece::Fence(language.to_owned(), inside));
    }
    pieces.push(Piece::Prose(prose));
    pieces
}

/// Runs a command as a reader would, in that folder; both streams in one.
fn printed(command: &str, folder: &Path) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_varsigma"));
    let programs = program.parent().expect("a file in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let command = command.replace("cargo run --release --", "varsigma");
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("PATH", format!("{}:{path}", programs.display()))
        // What the reader's git is set to is no matter here.
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ])
        .envs([
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.org"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.org"),
        ])
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("sh runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(steady).collect()
}

/// A line without what differs from run to run: the time that a summary tells.
fn steady(line: &str) -> String {
    match line.rsplit_once(" in ") {
        Some((what, time)) if what.contains("rule") => {
            let (time, rest) = time.split_once(';').unwrap_or((time, ""));
            if !time.ends_with(" ms") {
                return line.to_owned();
            }
            let rest = if rest.is_empty() {
                String::new()
            } else {
                format!(";{rest}")
            };
            format!("{what} in 1 ms{rest}")
        }
        _ => line.to_owned(),
    }
}

/// A session as it runs now. `…` keeps its place if the lines around it are there still.
fn session(lines: &[String], folder: &Path) -> Vec<String> {
    let mut now = Vec::new();
    let mut starts: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].starts_with("$ "))
        .collect();
    starts.push(lines.len());
    for bounds in starts.windows(2) {
        let mut shown = &lines[bounds[0] + 1..bounds[1]];
        let mut command = lines[bounds[0]].clone();
        now.push(command.clone());
        while let Some(more) = shown.first().and_then(|line| line.strip_prefix("> ")) {
            command = format!("{command}\n{more}");
            now.push(shown[0].clone());
            shown = &shown[1..];
        }
        if command.starts_with("$ cargo test") {
            // It would run itself.
            now.extend_from_slice(shown);
            continue;
        }
        let printed = printed(&command[2..], folder);
        if shown.iter().any(|line| line == "…") && fits(shown, &printed) {
            now.extend_from_slice(shown);
        } else {
            now.extend(printed);
        }
    }
    now
}

/// Is `printed` what is shown, with any lines in the place of `…`?
fn fits(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=printed.len()).any(|at| fits(rest, &printed[at..]))
        }
        Some((first, rest)) => {
            let first_printed = printed.split_first();
            first_printed.is_some_and(|(line, behind)| line == first && fits(rest, behind))
        }
    }
}

/// A detection's Splunk query in a profile, or why there is none.
fn query(detection: &[String], profile: Profile) -> Vec<String> {
    let mut rule = "title: t\nlogsource:\n  category: c\ndetection:\n".to_owned();
    for line in detection {
        rule.push_str("  ");
        rule.push_str(line);
        rule.push('\n');
    }
    let request = Request {
        target: "splunk".to_owned(),
        profile,
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request).expect("built in");
    let output = transpiler.convert_text("rule.yml", &rule);
    let mut lines = Vec::new();
    match &output.error {
        Some(error) => lines.push(format!("error {}: {}", error.code, error.message)),
        None if output.queries.is_empty() => lines.push("(nothing)".to_owned()),
        None => lines.extend(
            output
                .queries
                .iter()
                .flat_map(|query| query.lines().map(str::to_owned)),
        ),
    }
    lines
}

/// The registry as a table.
fn codes() -> Vec<String> {
    let mut lines = vec![
        "| code | what it is about |".to_owned(),
        "|:--|:--|".to_owned(),
    ];
    let rows = Code::ALL
        .iter()
        .map(|code| format!("| `{code}` | {} |", code.title()));
    lines.extend(rows);
    lines
}

/// The targets, their profiles and formats as a table.
fn targets() -> Vec<String> {
    let registry = Registry::built_in();
    let head = "| target | | proven | `--compat` | formats |";
    let mut lines = vec![head.to_owned(), "|:--|:--|:--|:--|:--|".to_owned()];
    for name in registry.names() {
        let backend = registry.get(name, Profile::Native).expect("built in");
        let profiles = registry.profiles(name).expect("built in").into_iter();
        let profiles: Vec<&str> = profiles.map(Profile::name).collect();
        let formats = backend.formats.iter();
        let formats: Vec<String> = formats.map(|format| format!("`{}`", format.name)).collect();
        let (profiles, formats) = (profiles.join(", "), formats.join(", "));
        let title = backend.title.replace('|', r"\|");
        let proof = backend.proof.expect("every target says how it was proven");
        lines.push(format!(
            "| `{name}` | {title} | {proof} | {profiles} | {formats} |"
        ));
    }
    lines
}

/// How the targets that `<!-- proven: NAME … -->` names were proven, as a table.
fn proven(line: &str) -> Option<Vec<String>> {
    let names = line.strip_prefix("<!-- proven: ")?.strip_suffix(" -->")?;
    let registry = Registry::built_in();
    let rows = names.split(' ').map(|name| {
        let backend = registry.get(name, Profile::Native).expect(name);
        let proof = backend.proof.expect("every target says how it was proven");
        format!("| `{name}` | {proof} |")
    });
    let head = ["| target | proven |", "|:--|:--|"].map(str::to_owned);
    Some(head.into_iter().chain(rows).collect())
}

/// The table of a backend file that `<!-- keys: NAME -->` names.
fn table_of_keys(line: &str) -> Option<&'static Table> {
    let name = line.strip_prefix("<!-- keys: ")?.strip_suffix(" -->")?;
    let mut tables = reference::tables(&shape::FILE);
    tables.push(&shape::NO_PROFILE);
    tables.into_iter().find(|table| table.name == name)
}

/// Lines with what stands between the marks made anew.
fn tables(lines: &[String]) -> Vec<String> {
    let mut now = Vec::new();
    let mut inside = false;
    for line in lines {
        inside &= line != "<!-- end -->";
        if !inside {
            now.push(line.clone());
        }
        let table = match line.as_str() {
            "<!-- codes -->" => codes(),
            "<!-- targets -->" => targets(),
            "<!-- correlations -->" => correlations::table(),
            "<!-- target reference -->" => targets::reference(),
            line => match (table_of_keys(line), proven(line)) {
                (Some(table), _) => reference::rows(table),
                (None, Some(rows)) => rows,
                (None, None) => continue,
            },
        };
        inside = true;
        now.extend(table);
    }
    now
}

/// A document with everything in it that is printed by the program made anew.
fn renewed(text: &str) -> String {
    let wants_own = text.contains("<!-- own folder -->");
    if wants_own && Command::new("git").arg("--version").output().is_err() {
        eprintln!("NOT RUN: a document's commands: there is no git");
        return text.to_owned();
    }
    let mut lines = Vec::new();
    let mut detection = Vec::new();
    let own = tempfile::tempdir().expect("a temporary folder");
    let folder = if wants_own { own.path() } else { root() };
    for piece in pieces(text) {
        let (language, inside) = match piece {
            Piece::Prose(prose) => {
                lines.extend(tables(&prose));
                continue;
            }
            Piece::Fence(language, inside) => (language, inside),
        };
        let inside = match language.as_str() {
            "console" => session(&inside, folder),
            file if wants_own && file.contains(' ') => {
                let path = folder.join(file.split(' ').next_back().unwrap_or(file));
                fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
                fs::write(path, inside.join("\n") + "\n").expect("written");
                inside
            }
            "yaml" => {
                detection.clone_from(&inside);
                inside
            }
            profile => match Profile::from_name(profile) {
                Some(profile) => query(&detection, profile),
                None => inside,
            },
        };
        lines.push(format!("```{language}"));
        lines.extend(inside);
        lines.push("```".to_owned());
    }
    lines.join("\n") + "\n"
}

#[test]
fn documents_show_what_is_printed() {
    let update = std::env::var_os("UPDATE_DOCUMENTS").is_some();
    let mut wrong = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let now = renewed(&text);
        if now == text {
            continue;
        }
        if update {
            fs::write(&path, now).expect("the document can be written");
            continue;
        }
        let lines = text.lines().zip(now.lines()).enumerate();
        let (number, (shown, printed)) = lines
            .into_iter()
            .find(|(_, (shown, printed))| shown != printed)
            .unwrap_or((text.lines().count(), ("", "(its length differs)")));
        let name = path.strip_prefix(root()).unwrap_or(&path).display();
        let place = format!("{name}:{}", number + 1);
        wrong.push(format!("{place}\n  shows  {shown}\n  prints {printed}"));
    }
    assert!(
        wrong.is_empty(),
        "{}\nUPDATE_DOCUMENTS=1 writes what is printed now",
        wrong.join("\n")
    );
}

/// The commands of the README's picture, in `docs/examples`.
const PICTURE: &[&str] = &[
    "varsigma convert -q -t splunk regex.yml",
    "varsigma convert -q -t kusto regex.yml",
    "varsigma convert -t splunk -O keywords=phrase keyword.yml",
    "varsigma convert -t esql slip.yml",
];

#[test]
fn the_picture_shows_what_is_printed() {
    let folder = root().join("docs/examples");
    let mut lines = Vec::new();
    for command in PICTURE {
        lines.push(format!("$ {command}"));
        lines.extend(printed(&format!("{command} --color always"), &folder));
        lines.push(String::new());
    }
    let now = terminal::svg(&lines);
    let path = root().join("docs/terminal.svg");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        fs::write(&path, &now).expect("the picture can be written");
    }
    let shown = fs::read_to_string(&path).unwrap_or_default();
    assert!(shown == now, "UPDATE_DOCUMENTS=1 writes docs/terminal.svg");
}

/// What a reader can't come to by the site's contents does not exist for him.
#[test]
fn every_page_is_in_the_contents_of_the_site() {
    let docs = root().join("docs");
    let contents = fs::read_to_string(docs.join("SUMMARY.md")).expect("UTF-8");
    let listed = contents.split("](").skip(1);
    let listed: BTreeSet<&str> = listed.filter_map(|rest| rest.split(')').next()).collect();
    let files = fs::read_dir(&docs).expect("in the repository");
    let paths = files.map(|entry| entry.expect("readable").path());
    let pages = paths.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let names = pages.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let pages: BTreeSet<String> = names.filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(listed, pages.iter().map(String::as_str).collect());
}

/// Every command has a section that shows its help.
#[test]
fn every_command_is_documented() {
    let text = fs::read_to_string(root().join("docs/commands.md")).expect("UTF-8");
    let shown: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("$ varsigma ")?.strip_suffix(" -h"))
        .collect();
    let mut commands = BTreeSet::new();
    let mut open = vec![String::new()];
    while let Some(command) = open.pop() {
        let help = printed(&format!("varsigma {command} --help"), root());
        let listed = help.iter().skip_while(|line| *line != "Commands:").skip(1);
        for line in listed.take_while(|line| line.starts_with("  ")) {
            let name = line.split_whitespace().next().unwrap_or_default();
            // What is said of a command may go on in the next line, below its beginning.
            let is_command = !line.starts_with("   ");
            if is_command && name != "help" {
                let name = format!("{command} {name}").trim_start().to_owned();
                open.push(name.clone());
                commands.insert(name);
            }
        }
    }
    assert!(commands.len() > 10, "{commands:?}");
    assert_eq!(shown, commands.iter().map(String::as_str).collect());
}

#[test]
fn lines_left_out_keep_their_place() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
    assert!(!fits(&lines("a\n…\nd"), &lines("a\nb\nc")));
    assert!(!fits(&lines("a"), &lines("a\nb")));
}

/// The first cell's code of every row of the table below a heading.
fn rows(text: &str, heading: &str) -> BTreeSet<String> {
    let behind = text
        .split_once(&format!("\n{heading}\n"))
        .map(|(_, rest)| rest);
    let section = behind.unwrap_or_else(|| panic!("the document has `{heading}`"));
    let section = section.split("\n#").next().unwrap_or(section);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let cell = row
            .trim_start_matches("| ")
            .split(" | ")
            .next()
            .unwrap_or(row);
        let codes = cell.split('`').skip(1).step_by(2);
        codes.map(str::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

/// The guide's target, which its session converts a rule with.
#[test]
fn a_first_target_is_short() {
    let text = fs::read_to_string(root().join("docs/backends.md")).expect("UTF-8");
    let lines = pieces(&text).into_iter().find_map(|piece| match piece {
        Piece::Fence(language, lines) if language == "toml quarry/quarry.toml" => Some(lines),
        _ => None,
    });
    assert!(lines.expect("the guide has it").len() <= 40);
}

#[test]
fn every_test_and_slot_of_backend_files_is_documented() {
    let text = fs::read_to_string(root().join("docs/backends.md")).expect("UTF-8");
    let kinds = Kind::ALL.iter().map(|(_, key)| (*key).to_owned());
    assert_eq!(rows(&text, "### Tests"), kinds.collect());
    let slots = template::slot_names().map(|slot| format!("{{{slot}}}"));
    assert_eq!(rows(&text, "## Slots"), slots.collect());
}

#[test]
fn every_key_of_tests_is_documented() {
    let text = fs::read_to_string(root().join("docs/testing.md")).expect("UTF-8");
    let Some(Shape::List(Shape::Table(test))) = test_file::FILE.key("tests").map(|key| key.shape)
    else {
        panic!("a file of tests is a list of them");
    };
    let keys = test.all_keys().map(|key| key.name.to_owned());
    assert_eq!(rows(&text, "## Beside the rule"), keys.collect());
}

#[test]
fn every_table_of_backend_files_is_documented() {
    let text = fs::read_to_string(root().join("docs/backends.md")).expect("UTF-8");
    let documented: Vec<&str> = text
        .lines()
        .filter_map(|line| table_of_keys(line).map(|table| table.name))
        .collect();
    for table in reference::tables(&shape::FILE) {
        assert!(
            documented.contains(&table.name),
            "<!-- keys: {} -->",
            table.name
        );
    }
}

/// The schemas for editors are those of the definitions that the readers check by.
#[test]
fn schemas_are_as_the_definitions() {
    let backend = schema(
        "A backend file of varsigma",
        "What makes a target: its language, formats and options. See docs/backends.md.",
        &shape::FILE,
        table::Kind::BACKEND,
    );
    let project = schema(
        "varsigma.toml",
        "What a repository of Sigma rules generates from them. See docs/project.md.",
        &config::shape::FILE,
        table::Kind::PROJECT,
    );
    let tests = schema(
        "Tests of Sigma rules",
        "Which events a rule has to match, and which not. See docs/testing.md.",
        &test_file::FILE,
        table::Kind {
            syntax: Code::TestFile,
            key: Code::TestFile,
            false_removes: false,
        },
    );
    for (path, now) in [
        ("docs/backend.schema.json", backend),
        ("docs/varsigma.schema.json", project),
        ("docs/test.schema.json", tests),
    ] {
        let path = root().join(path);
        if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
            fs::write(&path, &now).expect("the schema can be written");
        }
        let shown = fs::read_to_string(&path).unwrap_or_default();
        let differs = shown
            .lines()
            .zip(now.lines())
            .find(|(shown, now)| shown != now);
        assert_eq!(
            differs,
            None,
            "{}: UPDATE_DOCUMENTS=1 writes it",
            path.display()
        );
        assert_eq!(shown.len(), now.len(), "{}", path.display());
    }
}
