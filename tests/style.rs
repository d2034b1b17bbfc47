//! The style of what the program says: messages, help, the help of the command line, and the English
//! of comments and documents.
//!
//! A message is in lower case and has no full stop: `expected X, found Y`. Help is a clause in the
//! same form that says what to do: ``remove it``, ``did you mean `x`?``. Help of the command line
//! begins with a capital and has no full stop at its end. Spelling is American.

mod style {
    pub mod english;
    pub mod scan;
}

use std::fs;
use std::path::{Path, PathBuf};
use style::english::{self, Fault};
use style::scan::{self, Token};

/// Files whose texts are sentences: descriptions in a list, documents, code in other languages.
const SENTENCES: &[&str] = &[
    "src/cli/",
    "src/page/",
    "src/pipeline/condition/",
    "src/pipeline/finalizer.rs",
    "src/pipeline/jq/",
    "src/pipeline/transformation/",
    "src/rule/correlation.rs",
    "src/rule/modifier.rs",
];

fn is_below(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

/// The files below a folder with that ending, in order: their paths and texts.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let text = fs::read_to_string(&path).expect("a text");
                let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR"));
                let path = path.expect("it is inside").to_string_lossy();
                found.push((path.replace('\\', "/"), text));
            }
        }
    }
    found.sort();
    found
}

/// The program's code without its tests.
fn sources() -> Vec<(String, String)> {
    let mut files = files("src", "rs");
    files.retain(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"));
    for (_, text) in &mut files {
        if let Some(end) = text.find("#[cfg(test)]\nmod ") {
            text.truncate(end);
        }
    }
    files
}

/// What is wrong with texts of the program's code.
fn faults_of_texts() -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        let mut add = |line: usize, fault: Fault, text: &str| {
            faults.push(format!("{path}:{line}: {fault}: {text}"));
        };
        for call in scan::calls(&text) {
            for (line, text) in &call.texts {
                seen += 1;
                let fault = match call.name {
                    "help" => english::help(text),
                    "label" => english::form(text),
                    _ => english::message(text),
                };
                if let Some(fault) = fault {
                    add(*line, fault, text);
                }
            }
        }
        // Texts reach a diagnostic by many ways: none of them is a sentence.
        for (line, token) in scan::tokens(&text) {
            if let Token::Text(text) = token
                && !is_below(&path, SENTENCES)
                && english::is_prose(&text)
                && let Some(fault) = english::form(&text)
            {
                add(line, fault, &text);
            }
        }
    }
    assert!(seen > 200, "{seen} texts of diagnostics: where are they?");
    faults
}

/// Keys of backend files whose values are messages, help or a part of them.
const REASONS: &[&str] = &[
    "approximate",
    "broader",
    "help",
    "narrower",
    "paired",
    "raw_controls",
    "refuse",
];

/// What is wrong with the reasons and comments of backend files.
#[test]
fn backend_files_have_one_form() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for (path, text) in files("backends", "toml") {
        for (number, line) in text.lines().enumerate() {
            let mut add = |fault, text: &str| {
                faults.push(format!("{path}:{}: {fault}: {text}", number + 1));
            };
            if line.starts_with('#') {
                for fault in english::words(line) {
                    add(fault, line);
                }
            }
            for (text, key) in REASONS.iter().flat_map(|key| {
                let written = format!("{key} = \"");
                let texts = line.split(written.as_str()).skip(1).collect::<Vec<_>>();
                texts.into_iter().map(move |text| (text, *key))
            }) {
                let text = text.split('"').next().unwrap_or_default();
                if !english::is_prose(text) {
                    continue;
                }
                seen += 1;
                let form = match key {
                    "help" => english::help(text),
                    _ => english::form(text),
                };
                for fault in form.into_iter().chain(english::words(text)) {
                    add(fault, text);
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(seen > 100, "{seen} reasons: where are they?");
}

/// What is wrong with the words of comments, texts and documents.
fn faults_of_words() -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        for (line, token) in scan::tokens(&text) {
            let text = match token {
                Token::Comment(text) => text,
                Token::Text(text) if english::is_prose(&text) => text,
                _ => continue,
            };
            for fault in english::words(&text) {
                faults.push(format!("{path}:{line}: {fault}: {text}"));
            }
        }
    }
    let mut documents = files("docs", "md");
    documents.extend(files("src/diagnostic/explain", "md"));
    for name in [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
        "src/guide.md",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(path).expect("a document");
        documents.push((name.to_owned(), text));
    }
    for (path, text) in documents {
        for (number, line) in scan::prose(&text) {
            for fault in english::words(&line) {
                faults.push(format!("{path}:{number}: {fault}: {line}"));
            }
        }
    }
    faults
}

fn assert_none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{}",
        faults.join(
            "
"
        )
    );
}

#[test]
fn messages_and_help_have_one_form() {
    assert_none(&faults_of_texts());
}

#[test]
fn comments_and_documents_are_plain_american_english() {
    assert_none(&faults_of_words());
}

/// What the source composes of pieces, as users see it.
#[test]
fn diagnostics_of_snapshots_have_one_form() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for (path, text) in files("snapshots", "snap") {
        let mut is_reviewed = true;
        for line in text.lines() {
            let line = line.trim_start();
            let fault = if let Some(help) = line.strip_prefix("= help: ") {
                english::help(help)
            } else if let Some((code, message)) = scan::header(line) {
                // The message of `VS0716` is one that a pipeline's author wrote.
                is_reviewed = code != "VS0716";
                english::message(message)
            } else {
                continue;
            };
            seen += 1;
            if let Some(fault) = fault.filter(|_| is_reviewed) {
                faults.push(format!("{path}: {fault}: {line}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(seen > 500, "{seen} lines of diagnostics: where are they?");
}

#[test]
fn titles_of_codes_have_one_form() {
    for code in varsigma::diagnostic::Code::ALL {
        let title = code.title();
        assert_eq!(english::form(title), None, "{title}");
        assert!(english::words(title).is_empty(), "{title}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn help_of_the_command_line_has_one_form() {
    use clap::CommandFactory;

    let mut faults = Vec::new();
    let mut commands = vec![varsigma::cli::Cli::command()];
    while let Some(command) = commands.pop() {
        let mut add = |name: &str, text: String, fault: Option<Fault>| {
            let words = english::words(&text);
            for fault in fault.into_iter().chain(words) {
                faults.push(format!("{} {name}: {fault}: {text}", command.get_name()));
            }
        };
        for about in [command.get_about(), command.get_long_about()] {
            let text = about.map(ToString::to_string).unwrap_or_default();
            let (first, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
            add(
                "about",
                first.to_owned(),
                english::cli(first.trim_end_matches('.')),
            );
            for paragraph in rest.split("\n\n").filter(|rest| !rest.is_empty()) {
                add("about", paragraph.to_owned(), english::paragraph(paragraph));
            }
        }
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            for help in [argument.get_help(), argument.get_long_help()] {
                let text = help.map(ToString::to_string).unwrap_or_default();
                add(name, text.clone(), english::cli(&text));
            }
            for value in argument.get_possible_values() {
                let text = value
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                add(name, text.clone(), english::cli(&text));
            }
        }
        commands.extend(command.get_subcommands().cloned());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
