//! What sigma-cli's options and commands are here, and what newcomers leave out.
//!
//! In: a command and a word that it does not know. Out: what to write instead.

/// An option of sigma-cli: our command (empty: any), the option's spellings, what to do.
type Spelling = (&'static str, &'static [&'static str], &'static str);

/// Options, of sigma-cli 3.1.
const OPTIONS: &[Spelling] = &[
    (
        "convert",
        &["--output-filename-template"],
        "`--output-name PATTERN` names the files: sigma-cli's `{path}/{stem}` is `{path}` here, its `{index}` is `{n}`",
    ),
    (
        "convert",
        &["-c", "--correlation-method"],
        "correlations can't be converted yet (VS0206)",
    ),
    (
        "convert",
        &["--filter"],
        "filters can't be applied yet (VS0207)",
    ),
    (
        "convert",
        &["-e", "--encoding"],
        "output is UTF-8; `iconv` makes other encodings of it",
    ),
    (
        "convert",
        &["-j", "--json-indent"],
        "documents of JSON are printed as the system reads them; `jq .` indents them",
    ),
    (
        "",
        &["--disable-pipeline-check"],
        "a pipeline is refused if its `allowed_backends` lack the target: add the target there",
    ),
    (
        "",
        &["--enable-template-vars", "--template-vars-path"],
        "templates of pipelines can't run Python; `vars` and `set_state` give them values (docs/pipelines.md)",
    ),
    (
        "lint",
        &["-c", "--validation-config"],
        "`--allow CODE`, `--warn CODE` and `--deny CODE` set the levels (`varsigma list codes`)",
    ),
    (
        "lint",
        &["-x", "--exclude"],
        "`--allow CODE` leaves out what a code is about (`varsigma list codes`)",
    ),
    (
        "lint",
        &["-i", "--fail-on-issues"],
        "`--deny all` makes errors of all warnings",
    ),
    (
        "lint",
        &["-I", "--pass-on-issues", "-e", "--fail-on-error"],
        "that is so without the option: errors fail, warnings don't",
    ),
    (
        "lint",
        &["-E", "--pass-on-error"],
        "an error always makes the exit code 1; `|| true` passes over it",
    ),
    (
        "lint",
        &["--junitxml"],
        "`--message-format sarif` and `--message-format json` are for other programs",
    ),
    (
        "check",
        &[
            "-c",
            "--validation-config",
            "-x",
            "--exclude",
            "-i",
            "--fail-on-issues",
            "-I",
            "-e",
            "-E",
            "--junitxml",
            "-P",
            "--file-pattern",
        ],
        "`varsigma lint PATH` is sigma-cli's `check`; this command compares generated queries with their rules",
    ),
    (
        "check",
        &[""],
        "`varsigma lint PATH` checks rules; this command compares the queries of a project (`--project DIR`) with its rules",
    ),
    (
        "build",
        &[""],
        "`varsigma.toml` names the rules, `--project DIR` the project; `varsigma convert` takes paths",
    ),
    (
        "watch",
        &[""],
        "`varsigma.toml` names the rules, `--project DIR` the project",
    ),
];

/// Commands of sigma-cli: the command above, the command, what to do.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "",
        "analyze",
        "`varsigma page -o DIR/ RULES` has indexes of rules by ATT&CK, log source and level; see docs/migrate.md",
    ),
    (
        "",
        "plugin",
        "targets and pipelines are part of the program: `varsigma list targets`; `--backend-dir DIR` adds yours",
    ),
    (
        "",
        "pysigma",
        "varsigma needs no pySigma; `--compat pysigma` prints what it prints",
    ),
    (
        "",
        "check-pysigma",
        "varsigma needs no pySigma; `--compat pysigma` prints what it prints",
    ),
    ("", "version", "`varsigma --version` prints it"),
    (
        "list",
        "validators",
        "`varsigma list codes` has what `lint` finds, `VS11…`",
    ),
    (
        "list",
        "transformations",
        "docs/pipelines.md has the transformations",
    ),
    (
        "list",
        "conditions",
        "docs/pipelines.md has the conditions of pipelines",
    ),
    (
        "list",
        "correlation-methods",
        "correlations can't be converted yet (VS0206)",
    ),
];

/// What is left out: the command, the argument as clap names it, what to do.
const MISSING: &[(&str, &str, &str)] = &[
    (
        "",
        "<PATH>...",
        "give rule files or folders of them, or `-` for standard input",
    ),
    (
        "",
        "<RULE>...",
        "give rule files or folders of them, or `-` for standard input",
    ),
    (
        "",
        "<RULES>...",
        "give rule files or folders of them, before `--events`",
    ),
    (
        "test",
        "--events <FILE>...",
        "give files or folders of events; `varsigma witness RULE` makes some",
    ),
    (
        "pipeline",
        "<FILE>...",
        "give pipeline files or folders of them",
    ),
    ("pipeline", "<RULE>", "give a rule file"),
    ("explain", "<CODE>", "`varsigma list codes` shows the codes"),
    (
        "completions",
        "<SHELL>",
        "the shells: bash, elvish, fish, powershell, zsh",
    ),
];

/// What an option of sigma-cli is for this command. A word that is no option is `""` in the table.
pub(super) fn of_option(command: &str, written: &str) -> Option<&'static str> {
    let name = written.split('=').next().unwrap_or(written);
    let name = if name.starts_with('-') { name } else { "" };
    OPTIONS
        .iter()
        .find(|(of, names, _)| (of.is_empty() || *of == command) && names.contains(&name))
        .map(|(_, _, tip)| *tip)
}

/// What a command of sigma-cli is.
pub(super) fn of_command(above: &str, written: &str) -> Option<&'static str> {
    COMMANDS
        .iter()
        .find(|(of, name, _)| *of == above && *name == written)
        .map(|(_, _, tip)| *tip)
}

/// What to give for an argument that is left out.
pub(super) fn of_missing(command: &str, missing: &str) -> Option<&'static str> {
    MISSING
        .iter()
        .find(|(of, name, _)| (of.is_empty() || *of == command) && *name == missing)
        .map(|(_, _, tip)| *tip)
}
