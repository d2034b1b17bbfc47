//! The rules, each a function of a text.

/// What is wrong with a text.
pub type Fault = &'static str;

const CAPITAL: Fault = "it begins with a capital";
const FULL_STOP: Fault = "it ends with a full stop";
const NO_FOUND: Fault = "`expected X` without `found Y`";
const NO_IMPERATIVE: Fault = "it does not begin with what to do";
const SMALL: Fault = "it does not begin with a capital";
const OPEN_END: Fault = "its last sentence has no end";
const BRITISH: Fault = "the spelling is not American";
const UNCLEAR: Fault = "a word of STYLE: stands, behind, is told, is no … text";

/// Names that keep their capital at the beginning of a message.
const NAMES: &[&str] = &[
    "AQL",
    "ATT&CK",
    "Apache",
    "Base64",
    "BigQuery",
    "ClickHouse",
    "CrowdStrike",
    "DuckDB",
    "EQL",
    "ES|QL",
    "ElastAlert",
    "Elasticsearch",
    "Google",
    "Graylog",
    "IBM",
    "ISO",
    "JSON",
    "Jinja",
    "KQL",
    "Kibana",
    "Kusto",
    "Lucene",
    "Microsoft",
    "MySQL",
    "OpenSearch",
    "PCRE",
    "Palo",
    "PostgreSQL",
    "Python",
    "SQL",
    "SQLite",
    "Sigma",
    "SigmaHQ",
    "Snowflake",
    "Spark",
    "Splunk",
    "TOML",
    "Trino",
    "UTF",
    "Unicode",
    "Windows",
    "YAML",
];

/// How help begins.
const IMPERATIVES: &[&str] = &[
    "add", "apply", "ask", "begin", "change", "check", "choose", "close", "combine", "compare",
    "convert", "correct", "create", "decide", "did", "divide", "encode", "escape", "fetch", "give",
    "indent", "install", "join", "leave", "let", "look", "make", "move", "name", "put", "raise",
    "remove", "rename", "replace", "report", "run", "save", "say", "search", "set", "shorten",
    "split", "take", "test", "try", "use", "write",
];

/// Beginnings of words as they are spelled elsewhere.
const ELSEWHERE: &[&str] = &[
    "artefact",
    "behaviour",
    "capitalis",
    "catalogue",
    "centre",
    "characteris",
    "colour",
    "customis",
    "favour",
    "flavour",
    "honour",
    "initialis",
    "labelled",
    "licence",
    "minimis",
    "misspelt",
    "modelled",
    "neighbour",
    "normalis",
    "optimis",
    "organis",
    "recognis",
    "serialis",
    "summaris",
    "tokenis",
];

/// Is it text for people, not a name or code: three words at least?
pub fn is_prose(text: &str) -> bool {
    let words = text
        .split(' ')
        .filter(|word| word.chars().any(char::is_alphabetic));
    words.count() >= 3 && !text.contains('\n')
}

/// Lower case and no full stop.
pub fn form(text: &str) -> Option<Fault> {
    let is_name = NAMES.iter().any(|name| text.starts_with(name));
    if text.starts_with(char::is_uppercase) && !is_name {
        return Some(CAPITAL);
    }
    (text.ends_with('.') && !text.ends_with("..")).then_some(FULL_STOP)
}

/// A message: `expected X, found Y`.
pub fn message(text: &str) -> Option<Fault> {
    let lacks_found =
        text.starts_with("expected ") && !text.contains("found") && text.contains(' ');
    form(text).or(lacks_found.then_some(NO_FOUND))
}

/// Help: what to do, or the names that there are (`its formats: …`).
pub fn help(text: &str) -> Option<Fault> {
    if let Some(fault) = form(text) {
        return Some(fault);
    }
    let first = text.split([' ', ':', ',']).next().unwrap_or_default();
    // A placeholder is a text that has its own test where it is written.
    let is_open = first.contains('{') || first.starts_with('`');
    let is_list = text.split_once(": ").is_some_and(|(what, names)| {
        what.split(' ').count() <= 4 && (names.starts_with(['`', '{']) || names == "none")
    });
    let is_clause = IMPERATIVES.contains(&first) || first == "if" && text.contains(", ");
    (!is_open && !is_list && !is_clause).then_some(NO_IMPERATIVE)
}

/// Help of the command line: a capital, or code, and no full stop.
pub fn cli(text: &str) -> Option<Fault> {
    let is_name = ["pySigma", "sigmac"]
        .iter()
        .any(|name| text.starts_with(name));
    if text.starts_with(char::is_lowercase) && !is_name {
        return Some(SMALL);
    }
    (text.ends_with('.') && !text.ends_with("..")).then_some(FULL_STOP)
}

/// A paragraph of it: sentences.
pub fn paragraph(text: &str) -> Option<Fault> {
    let ends = text.ends_with(['.', '?', ':'])
        || text
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("  "));
    cli(text)
        .filter(|fault| *fault == SMALL)
        .or((!ends).then_some(OPEN_END))
}

/// What words there should not be.
pub fn words(text: &str) -> Vec<Fault> {
    let lower = text.to_lowercase();
    // A clause ends at a comma: `is no mistake: one text` is two.
    let clauses = lower.split([',', ':', ';', '.']).map(|clause| {
        let is_apart = |character: char| !character.is_alphanumeric() && !"_'".contains(character);
        let words = clause.split(is_apart).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>()
    });
    let clauses: Vec<Vec<&str>> = clauses.collect();
    let is_elsewhere = |word: &&str| {
        ELSEWHERE
            .iter()
            .any(|beginning| word.starts_with(beginning))
    };
    let mut faults = Vec::new();
    if clauses.iter().flatten().any(is_elsewhere) {
        faults.push(BRITISH);
    }
    let is_unclear = |words: &Vec<&str>| {
        (0..words.len()).any(|at| match &words[at..] {
            ["stand" | "stands" | "stood", rest @ ..] => rest.first() != Some(&"for"),
            ["behind", "a" | "the", "feature", ..] => false,
            // `(?<=…)` is a look-behind.
            ["behind", ..] => at == 0 || !words[at - 1].starts_with("look"),
            ["is" | "are", "told", ..] => true,
            ["is", "no", rest @ ..] => rest.iter().take(3).any(|word| *word == "text"),
            _ => false,
        })
    };
    if clauses.iter().any(is_unclear) {
        faults.push(UNCLEAR);
    }
    faults
}

#[test]
fn each_rule_rejects_what_it_is_for() {
    assert_eq!(form("Expected a name"), Some(CAPITAL));
    assert_eq!(form("a name is missing."), Some(FULL_STOP));
    assert_eq!(form("YAML is too deep"), None);
    assert_eq!(form("`x` is missing"), None);
    assert_eq!(message("expected a name"), Some(NO_FOUND));
    assert_eq!(message("expected a name, found a list"), None);
    assert_eq!(help("Remove it"), Some(CAPITAL));
    assert_eq!(help("remove it."), Some(FULL_STOP));
    assert_eq!(help("it should be removed"), Some(NO_IMPERATIVE));
    for good in [
        "remove it",
        "did you mean `x`?",
        "its formats: `a`, `b`",
        "if it is text, quote it",
    ] {
        assert_eq!(help(good), None, "{good}");
    }
    assert_eq!(cli("the target"), Some(SMALL));
    assert_eq!(cli("The target."), Some(FULL_STOP));
    assert_eq!(cli("`-` is standard input"), None);
    assert_eq!(paragraph("Nothing is written"), Some(OPEN_END));
    assert_eq!(paragraph("Nothing is written."), None);
    assert_eq!(words("the Colour of it"), [BRITISH]);
    for bad in [
        "a name stands here",
        "put it behind",
        "nobody is told",
        "it is no UTF-8 text",
        "is no name text",
    ] {
        assert_eq!(words(bad), [UNCLEAR], "{bad}");
    }
    for good in [
        "`*` stands for any characters",
        "behind a feature",
        "a negative look-behind",
        "the standard",
        "the color of it",
    ] {
        assert!(words(good).is_empty(), "{good}");
    }
}
