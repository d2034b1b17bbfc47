//! Where an output goes: path patterns, and paths that stay inside the project.
//!
//! In: `generated/{product}/{path}.spl` and what is known of a rule. Out:
//! `generated/windows/process_creation/proc_creation_win_w3wp.spl`. What a rule says of itself is
//! made safe for file names, so it can neither leave its folder nor make one of its own.

use super::name;
use crate::diagnostic::nearest;
use crate::pipeline::RuleView;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A path with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Slot(Slot),
}

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Path,
    Stem,
    Id,
    Title,
    Level,
    Product,
    Category,
    Service,
    Number,
    Output,
    Extension,
}

/// The placeholders with their meaning.
const SLOTS: &[(Slot, &str, &str)] = &[
    (
        Slot::Path,
        "path",
        "the rule file's path below its folder in `rules`, without the ending",
    ),
    (
        Slot::Stem,
        "stem",
        "the rule file's name, without the ending",
    ),
    (Slot::Id, "id", "the rule's id"),
    (
        Slot::Title,
        "title",
        "its title in lower case, words joined by `_`",
    ),
    (Slot::Level, "level", "its level, or `none`"),
    (
        Slot::Product,
        "product",
        "its log source's product, or `any`",
    ),
    (
        Slot::Category,
        "category",
        "its log source's category, or `any`",
    ),
    (
        Slot::Service,
        "service",
        "its log source's service, or `any`",
    ),
    (
        Slot::Number,
        "n",
        "the number of the query among those of the rule file, `1` where it is the only one",
    ),
    (Slot::Output, "output", "the output's name"),
    (
        Slot::Extension,
        "extension",
        "the ending that the format's files have",
    ),
];

/// The placeholders with their meaning, for messages and documents.
pub fn placeholders() -> impl Iterator<Item = (&'static str, &'static str)> {
    SLOTS.iter().map(|(_, name, about)| (*name, *about))
}

/// What a pattern is filled with.
#[derive(Debug, Clone, Copy, Default)]
pub struct PathValues<'r> {
    /// The rule file's path below its folder in `rules`: `windows/a.yml`.
    pub place: &'r str,
    /// The rule, where the pattern asks for what it says of itself, and it could be read.
    pub rule: Option<&'r RuleView>,
    /// The output's name.
    pub output: &'r str,
    /// The ending of the format's files.
    pub extension: &'r str,
    /// Which of the file's rules it is, from 1; `None` where it is the only one.
    pub rule_number: Option<usize>,
    /// Which of the rule's queries it is, from 1; `None` where it is the only one.
    pub query_number: Option<usize>,
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = inside(text)?;
        if text.is_empty() {
            return Err("it names no file".to_owned());
        }
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            if rest[at..].starts_with('}') {
                return Err("expected `{` before `}`".to_owned());
            }
            if at > 0 {
                parts.push(Part::Literal(rest[..at].to_owned()));
            }
            let (name, behind) = rest[at + 1..]
                .split_once('}')
                .ok_or("expected `}` after `{`")?;
            parts.push(Part::Slot(slot(name)?));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        let mut known = text.split('/').filter(|name| !name.contains('{'));
        match known.find_map(name::refused) {
            Some(reason) => Err(reason),
            None => Ok(Self { text, parts }),
        }
    }

    /// `generated/{output}/{path}.{extension}`, the default.
    #[must_use]
    pub fn usual() -> Self {
        Self::read("generated/{output}/{path}.{extension}").unwrap_or_else(|_| Self::path())
    }

    /// `{path}`: the rule file's own place.
    #[must_use]
    pub fn path() -> Self {
        Self {
            text: "{path}".to_owned(),
            parts: vec![Part::Slot(Slot::Path)],
        }
    }

    /// The pattern as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Is it one path for all rules?
    #[must_use]
    pub fn is_constant(&self) -> bool {
        use Slot::{Extension, Output};
        let constant =
            |part: &Part| matches!(part, Part::Literal(_) | Part::Slot(Output | Extension));
        self.parts.iter().all(constant)
    }

    /// Does it name what a rule says of itself?
    #[must_use]
    pub fn asks_of_rules(&self) -> bool {
        let of_rules = |part: &Part| {
            use Slot::{Category, Id, Level, Product, Service, Title};
            matches!(
                part,
                Part::Slot(Id | Title | Level | Product | Category | Service)
            )
        };
        self.parts.iter().any(of_rules)
    }

    /// The path for a query of a rule.
    ///
    /// Where several queries would have one path, because the file or the rule has several and the
    /// pattern doesn't tell them apart, the number goes before the ending: `a.2.1.spl`.
    ///
    /// # Errors
    /// The pattern asks for an id, and the rule has none.
    pub fn fill(&self, facts: &PathValues<'_>) -> Result<String, String> {
        let mut path = String::with_capacity(self.text.len() + facts.place.len());
        let mut has_number = false;
        let mut tells_rules = false;
        let rule = facts.rule;
        let value_or = |of: fn(&RuleView) -> &Option<String>, none| {
            safe(rule.and_then(|rule| of(rule).as_deref()).unwrap_or(none))
        };
        for part in &self.parts {
            let slot = match part {
                Part::Literal(text) => {
                    path.push_str(text);
                    continue;
                }
                Part::Slot(slot) => slot,
            };
            match slot {
                Slot::Path => path.push_str(stem(facts.place)),
                Slot::Stem => path.push_str(stem(file_name(facts.place))),
                Slot::Id => {
                    let id = rule.and_then(|rule| rule.id.as_deref());
                    let id = id.filter(|id| !id.trim().is_empty());
                    path.push_str(&safe(id.ok_or("the rule has no `id` for `{id}`")?));
                    tells_rules = true;
                }
                Slot::Title => {
                    path.push_str(&slug(rule.map_or("", |rule| &rule.title)));
                    tells_rules = true;
                }
                Slot::Level => path.push_str(&value_or(|rule| &rule.level, "none")),
                Slot::Product => path.push_str(&value_or(|rule| &rule.logsource.product, "any")),
                Slot::Category => path.push_str(&value_or(|rule| &rule.logsource.category, "any")),
                Slot::Service => path.push_str(&value_or(|rule| &rule.logsource.service, "any")),
                Slot::Number => {
                    let number = number(facts.rule_number, facts.query_number);
                    path.push_str(number.as_deref().unwrap_or("1"));
                    has_number = true;
                }
                Slot::Output => path.push_str(&safe(facts.output)),
                Slot::Extension => path.push_str(&safe(facts.extension)),
            }
        }
        let rule = facts.rule_number.filter(|_| !tells_rules);
        if let Some(number) = number(rule, facts.query_number).filter(|_| !has_number) {
            let at = stem(&path).len();
            path.insert_str(at, &format!(".{number}"));
        }
        let path = inside(&path)?;
        match name::refused(&path) {
            Some(reason) => Err(reason),
            None => Ok(path),
        }
    }

    /// Could the pattern give that path for some rule of the output?
    #[must_use]
    pub fn could_give(&self, path: &str, output: &str) -> bool {
        if is_filled(&self.parts, path, output) {
            return true;
        }
        // `all.2.1.txt` is `all.txt` with its numbers.
        let mut base = stem(path);
        let ending = &path[base.len()..];
        for _ in 0..2 {
            let number = file_name(base).rsplit_once('.').map(|(_, number)| number);
            let is_number = |number: &&str| number.bytes().all(|byte| byte.is_ascii_digit());
            let Some(number) = number.filter(is_number) else {
                return false;
            };
            base = &base[..base.len() - number.len() - 1];
            if is_filled(&self.parts, &format!("{base}{ending}"), output) {
                return true;
            }
        }
        false
    }
}

/// Is the text what the parts could be filled to?
fn is_filled(parts: &[Part], text: &str, output: &str) -> bool {
    // Where what was looked at so far could end, as a table of states: no pattern takes long.
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    for part in parts {
        let mut next = vec![false; text.len() + 1];
        let fixed = match part {
            Part::Literal(literal) => Some(Cow::Borrowed(literal.as_str())),
            Part::Slot(Slot::Output) => Some(safe(output)),
            Part::Slot(_) => None,
        };
        let starts = ends.iter().enumerate().filter(|(_, is_end)| **is_end);
        if let Some(fixed) = fixed {
            for (start, _) in starts {
                if text.as_bytes()[start..].starts_with(fixed.as_bytes()) {
                    next[start + fixed.len()] = true;
                }
            }
        } else {
            let mut is_open = false;
            for (at, byte) in text.bytes().enumerate() {
                is_open |= ends[at];
                is_open &= byte != b'/' || *part == Part::Slot(Slot::Path);
                next[at + 1] = is_open;
            }
        }
        ends = next;
    }
    ends[text.len()]
}

/// `2.1`: the second rule's first query.
fn number(rule: Option<usize>, query: Option<usize>) -> Option<String> {
    let mut number = String::new();
    for part in [rule, query].into_iter().flatten() {
        let dot = if number.is_empty() { "" } else { "." };
        let _ = write!(number, "{dot}{part}");
    }
    (!number.is_empty()).then_some(number)
}

fn slot(name: &str) -> Result<Slot, String> {
    if let Some((slot, ..)) = SLOTS.iter().find(|(_, known, _)| *known == name) {
        return Ok(*slot);
    }
    let names = placeholders().map(|(name, _)| name);
    let near = nearest(name, names);
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{{{near}}}`?"));
    Err(format!("there is no placeholder `{{{name}}}`{near}"))
}

/// A path that stays inside the project, or the folder of outputs, without `./`, doubled slashes
/// and a slash at its end.
///
/// # Errors
/// It is absolute, leaves the project's folder or is no path at all.
pub fn inside(path: &str) -> Result<String, String> {
    if path.starts_with('/') || path.contains('\\') || path.get(1..2) == Some(":") {
        return Err("expected a relative path, with `/`".to_owned());
    }
    if path.contains('\0') {
        return Err("it has a zero byte".to_owned());
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let parts: Vec<&str> = parts.collect();
    if parts.contains(&"..") {
        return Err("it leaves its folder".to_owned());
    }
    Ok(parts.join("/"))
}

/// A path without the ending of its last name: `windows/a` of `windows/a.yml`.
#[must_use]
pub fn stem(path: &str) -> &str {
    let name = path.len() - file_name(path).len();
    match path[name..].rfind('.') {
        Some(dot) if dot > 0 => &path[..name + dot],
        _ => path,
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A text as part of a file name on every system: what can't be there is `_`.
fn safe(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let is_bad = |c: char| {
        c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
    };
    let hides = text.starts_with('.') || text.ends_with('.');
    if text.is_empty() || hides || text.contains(is_bad) {
        let replaced = text.replace(is_bad, "_");
        let shown = replaced.trim_matches('.');
        let shown = if shown.is_empty() { "_" } else { shown };
        let end = if name::is_device(shown) { "_" } else { "" };
        return Cow::Owned(format!("{shown}{end}"));
    }
    if name::is_device(text) {
        return Cow::Owned(format!("{text}_"));
    }
    Cow::Borrowed(text)
}

/// `Suspicious w3wp.exe (Child)` as `suspicious_w3wp_exe_child`, no longer than file names may be.
fn slug(title: &str) -> String {
    const LONGEST: usize = 120;
    let mut slug = String::with_capacity(title.len());
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            if slug.len() + c.len_utf8() > LONGEST {
                break;
            }
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if name::is_device(slug) {
        return format!("{slug}_");
    }
    if slug.is_empty() { "untitled" } else { slug }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> RuleView {
        let mut rule = RuleView {
            id: Some("5f35f6c7".to_owned()),
            title: "Suspicious w3wp.exe (Child)".to_owned(),
            level: Some("high".to_owned()),
            ..RuleView::default()
        };
        rule.logsource.product = Some("../windows".to_owned());
        rule
    }

    fn facts(rule: &RuleView) -> PathValues<'_> {
        PathValues {
            place: "windows/proc.d/a.b.yml",
            rule: Some(rule),
            output: "splunk",
            extension: "spl",
            ..PathValues::default()
        }
    }

    fn fill(pattern: &str, facts: &PathValues<'_>) -> String {
        let pattern = PathPattern::read(pattern).expect("a pattern");
        pattern.fill(facts).unwrap_or_else(|reason| reason)
    }

    #[test]
    fn placeholders_are_filled() {
        for (pattern, expected) in [
            ("g/{path}.spl", "g/windows/proc.d/a.b.spl"),
            ("./g//{stem}.{extension}", "g/a.b.spl"),
            ("{id}/{level}.{n}", "5f35f6c7/high.1"),
            ("{title}.spl", "suspicious_w3wp_exe_child.spl"),
            ("{product}/{category}-{service}", "_windows/any-any"),
            ("{output}.txt", "splunk.txt"),
        ] {
            assert_eq!(fill(pattern, &facts(&rule())), expected, "{pattern}");
        }
    }

    #[test]
    fn numbers_tell_queries_apart() {
        let rule = rule();
        let both = PathValues {
            rule_number: Some(2),
            query_number: Some(1),
            ..facts(&rule)
        };
        assert_eq!(fill("{stem}.spl", &both), "a.b.2.1.spl");
        assert_eq!(fill("{id}.spl", &both), "5f35f6c7.1.spl");
        assert_eq!(fill("{n}/{stem}", &both), "2.1/a.b");
        let only = PathValues {
            query_number: Some(3),
            ..facts(&rule)
        };
        assert_eq!(fill("{title}", &only), "suspicious_w3wp_exe_child.3");
    }

    #[test]
    fn what_can_not_be_filled_or_read_is_told() {
        let nameless = RuleView { id: None, ..rule() };
        let reason = fill("{id}", &facts(&nameless));
        assert_eq!(reason, "the rule has no `id` for `{id}`");
        for pattern in [
            "/x",
            "../x",
            "a/../../x",
            "c:\\x",
            "a}",
            "{a",
            "{nope}",
            "a\\b",
        ] {
            assert!(PathPattern::read(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn no_pattern_and_no_rule_names_a_file_of_git() {
        for pattern in [
            ".git/config",
            "a/.github/{path}.yml",
            "GIT~1/{stem}",
            "out./x",
            "out/nul",
            ".gitmodules",
        ] {
            assert!(PathPattern::read(pattern).is_err(), "{pattern}");
        }
        let mut device = rule();
        device.logsource.product = Some("con".to_owned());
        device.title = "NUL".to_owned();
        device.level = Some("it".to_owned());
        let facts = facts(&device);
        assert_eq!(fill("{product}/{title}.spl", &facts), "con_/nul_.spl");
        let facts = PathValues {
            place: "git~1/a.yml",
            ..facts
        };
        for pattern in [".g{level}/config", "{path}.x", "x{level}."] {
            let pattern = PathPattern::read(pattern).expect("a pattern");
            assert!(pattern.fill(&facts).is_err(), "{pattern:?}");
        }
    }

    #[test]
    fn a_pattern_names_a_file() {
        for pattern in ["", ".", "./"] {
            let reason = PathPattern::read(pattern).expect_err(pattern);
            assert_eq!(reason, "it names no file");
        }
    }

    #[test]
    fn a_pattern_knows_its_paths() {
        let gives = |pattern: &str, path: &str| {
            let pattern = PathPattern::read(pattern).expect("a pattern");
            pattern.could_give(path, "splunk")
        };
        assert!(gives(
            "generated/{output}/{path}.{extension}",
            "generated/splunk/a/b.spl"
        ));
        assert!(gives("out/{product}-{n}.spl", "out/windows-2.1.spl"));
        assert!(gives("all.txt", "all.2.txt"));
        assert!(gives("all.txt", "all.2.1.txt"));
        for path in [
            "README.md",
            "generated/kql/a.spl",
            "generated/splunk/a",
            "generated/splunk/.spl",
        ] {
            assert!(
                !gives("generated/{output}/{path}.{extension}", path),
                "{path}"
            );
        }
        assert!(!gives("{product}.spl", "a/b.spl"));
        assert!(!gives("all.txt", "all.x.txt"));
    }

    #[test]
    fn rules_stay_in_their_folder() {
        for hostile in [
            "..",
            ".",
            "",
            "/etc/passwd",
            "..\\..\\x",
            "a/../b",
            "\u{0}",
            "con\n",
        ] {
            let mut rule = rule();
            rule.id = Some(hostile.to_owned());
            rule.logsource.product = Some(hostile.to_owned());
            rule.title = hostile.to_owned();
            for pattern in ["g/{product}.spl", "g/{title}.spl"] {
                let path = fill(pattern, &facts(&rule));
                assert!(path.starts_with("g/"), "{path}");
                assert_eq!(path.matches('/').count(), 1, "{path}");
                assert!(!path.contains(['\0', '\n']) && path != "g/.spl", "{path}");
            }
        }
    }

    #[test]
    fn only_names_of_outputs_and_endings_leave_one_path() {
        assert!(
            PathPattern::read("a/{output}.{extension}")
                .expect("read")
                .is_constant()
        );
        assert!(!PathPattern::usual().is_constant());
    }
}
