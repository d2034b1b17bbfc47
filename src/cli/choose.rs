//! `--level`, `--status`, `--tag`, `--logsource`, `--id`: which of the rules a command takes.
//!
//! In: `--level high+ --logsource product=windows`. Out: a [`RuleChoice`] that says of a document
//! whether it is meant: one option of each kind has to fit. Options that leave nothing are most likely
//! misspelled, which is an error in every command.

use super::completions::candidates;
use crate::diagnostic::{Code, Diagnostic};
use crate::index::head;
use crate::rule::{Document, LogSource, Text};
use clap::Args;

/// The heading of the options in help texts.
const HEADING: &str = "Choice of rules";

/// What is completed; the level of a rule may be another word, which is none.
pub const LEVELS: &[&str] = &["critical", "high", "medium", "low", "informational"];
const STATUSES: &[&str] = &[
    "stable",
    "test",
    "experimental",
    "deprecated",
    "unsupported",
];

/// The options.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct RuleChoice {
    /// Take rules of this level: `high`, or `high+` for it and those above; can be given several
    /// times.
    #[arg(long = "level", value_name = "LEVEL", value_delimiter = ',', value_parser = level, help_heading = HEADING)]
    #[arg(add = candidates::words(LEVELS))]
    levels: Vec<LevelRange>,
    /// Take rules of this status: `stable`, `test`, …; can be given several times.
    #[arg(long = "status", value_name = "STATUS", value_delimiter = ',', help_heading = HEADING)]
    #[arg(add = candidates::words(STATUSES))]
    statuses: Vec<String>,
    /// Take rules with this tag, or with one below it: `attack.t1059` takes `attack.t1059.001`; can be
    /// given several times.
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',', help_heading = HEADING)]
    tags: Vec<String>,
    /// Take rules for this log source: `product=windows,category=process_creation`; can be given
    /// several times.
    #[arg(long = "logsource", value_name = "LOGSOURCE", value_parser = log_source, help_heading = HEADING)]
    log_sources: Vec<LogSourceParts>,
    /// Take the rule of this id; can be given several times.
    #[arg(long = "id", value_name = "ID", value_delimiter = ',', help_heading = HEADING)]
    ids: Vec<String>,
}

/// A rule's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleLevel {
    /// A rule without a level, or with another word.
    None,
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl RuleLevel {
    /// Those that have a name, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::Informational,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// `high`; `none` where the rule has none.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// A rule's.
    pub fn of(text: Option<&str>) -> Self {
        let known = Self::ALL.into_iter();
        let text = text.unwrap_or_default();
        let mut found = known.filter(|level| level.name().eq_ignore_ascii_case(text));
        found.next().unwrap_or(Self::None)
    }

    /// The level of that name.
    pub fn named(text: &str) -> Result<Self, String> {
        match Self::of(Some(text)) {
            Self::None => {
                let names = Self::ALL.map(Self::name).join("`, `");
                Err(format!("expected one of `{names}`"))
            }
            level => Ok(level),
        }
    }
}

/// A level, and those above it if they are meant too.
#[derive(Debug, Clone, Copy)]
struct LevelRange {
    least: RuleLevel,
    and_above: bool,
}

/// The keys of a log source.
#[derive(Debug, Clone, Default)]
struct LogSourceParts(Vec<(String, String)>);

fn level(text: &str) -> Result<LevelRange, String> {
    let name = text.strip_suffix('+');
    Ok(LevelRange {
        least: RuleLevel::named(name.unwrap_or(text))?,
        and_above: name.is_some(),
    })
}

fn log_source(text: &str) -> Result<LogSourceParts, String> {
    let parts = text.split(',').map(|part| match part.split_once('=') {
        Some((key @ ("product" | "category" | "service"), value)) if !value.is_empty() => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err(
            "expected `product`, `category` or `service` with a value, such as `product=windows`"
                .to_owned(),
        ),
    });
    parts.collect::<Result<_, _>>().map(LogSourceParts)
}

impl RuleChoice {
    /// Was none of the options given?
    pub const fn is_empty(&self) -> bool {
        self.levels.is_empty()
            && self.statuses.is_empty()
            && self.tags.is_empty()
            && self.log_sources.is_empty()
            && self.ids.is_empty()
    }

    /// Is a rule or correlation meant? Filters always are.
    pub fn takes(&self, document: &Document<'_>) -> bool {
        if self.is_empty() || matches!(document, Document::Filter(_)) {
            return true;
        }
        let rule = head(document);
        let level = RuleLevel::of(text(rule.level.as_ref()));
        fits(&self.levels, |range| {
            level == range.least || (range.and_above && level > range.least)
        }) && fits(&self.statuses, |status| is(rule.status.as_ref(), status))
            && fits(&self.ids, |id| is(rule.id.as_ref(), id))
            && fits(&self.tags, |wanted| {
                rule.tags.iter().any(|tag| is_below(&tag.value, wanted))
            })
            && fits(&self.log_sources, |parts| parts.fit(&rule.logsource))
    }
}

/// How many rules there are, and how many of them were chosen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chosen {
    rules: usize,
    chosen: usize,
}

impl Chosen {
    pub const fn add(&mut self, other: Self) {
        self.rules += other.rules;
        self.chosen += other.chosen;
    }
}

impl RuleChoice {
    /// Counts documents. One that can't be read is chosen: what it is, is unknown.
    pub fn count<'d, 's: 'd>(
        &self,
        documents: impl Iterator<Item = Option<&'d Document<'s>>>,
    ) -> Chosen {
        let mut count = Chosen::default();
        for document in documents {
            if !matches!(document, Some(Document::Filter(_))) {
                count.rules += 1;
                let is_chosen = document.is_none_or(|document| self.takes(document));
                count.chosen += usize::from(is_chosen);
            }
        }
        count
    }

    /// `VS1276`, if there are rules and none is chosen.
    pub fn nothing(&self, count: Chosen) -> Option<Diagnostic> {
        if self.is_empty() || count.rules == 0 || count.chosen > 0 {
            return None;
        }
        let given = [
            ("--level", self.levels.is_empty()),
            ("--status", self.statuses.is_empty()),
            ("--tag", self.tags.is_empty()),
            ("--logsource", self.log_sources.is_empty()),
            ("--id", self.ids.is_empty()),
        ];
        let given = given.into_iter().filter(|(_, is_empty)| !is_empty);
        let names: Vec<String> = given.map(|(name, _)| format!("`{name}`")).collect();
        let message = match count.rules {
            1 => "the rule is none that the options choose".to_owned(),
            rules => format!("none of the {rules} rules is one that the options choose"),
        };
        let error = Diagnostic::error(Code::NoChosenRule, message);
        Some(error.help(format!("check {}", names.join(", "))))
    }
}

impl LogSourceParts {
    fn fit(&self, source: &LogSource<'_>) -> bool {
        self.0.iter().all(|(key, wanted)| {
            let found = match key.as_str() {
                "product" => &source.product,
                "category" => &source.category,
                _ => &source.service,
            };
            is(found.as_ref(), wanted)
        })
    }
}

/// Does one of the options fit, or is there none?
fn fits<T>(options: &[T], fit: impl Fn(&T) -> bool) -> bool {
    options.is_empty() || options.iter().any(fit)
}

fn text<'t>(found: Option<&'t Text<'_>>) -> Option<&'t str> {
    found.map(|found| found.value.as_ref())
}

fn is(found: Option<&Text<'_>>, wanted: &str) -> bool {
    text(found).is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

/// Is a tag the wanted one, or one below it?
fn is_below(tag: &str, wanted: &str) -> bool {
    match (tag.get(..wanted.len()), tag.as_bytes().get(wanted.len())) {
        (Some(start), None | Some(b'.')) => start.eq_ignore_ascii_case(wanted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testable;
    use clap::{CommandFactory as _, FromArgMatches as _, Parser};

    #[derive(Debug, Parser)]
    struct Words {
        #[command(flatten)]
        choice: RuleChoice,
    }

    fn takes(words: &str) -> bool {
        let text = "title: t\nid: 00000000-0000-4000-8000-00000000000a\nstatus: test\nlevel: high\ntags: [attack.t1059.001, car.x]\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {a: b}, condition: s}\n";
        let rules = testable::rules(text);
        let words = std::iter::once("x").chain(words.split_whitespace());
        let found = Words::command().try_get_matches_from(words).expect("words");
        let choice = Words::from_arg_matches(&found).expect("options").choice;
        choice.takes(rules[0].document.as_ref().expect("a rule"))
    }

    #[test]
    fn one_option_of_each_kind_has_to_fit() {
        for words in [
            "",
            "--level high",
            "--level low,HIGH",
            "--level medium+ --status test",
            "--tag attack.t1059",
            "--tag ATTACK.T1059.001 --tag other",
            "--logsource product=windows --logsource product=linux",
            "--logsource product=windows,category=process_creation",
            "--id 00000000-0000-4000-8000-00000000000A",
        ] {
            assert!(takes(words), "{words}");
        }
        for words in [
            "--level medium",
            "--level critical+",
            "--level high --status stable",
            "--tag attack.t10",
            "--tag attack.t1059.0011",
            "--logsource service=sysmon",
            "--logsource product=windows,category=dns_query",
            "--id 0",
        ] {
            assert!(!takes(words), "{words}");
        }
    }

    #[test]
    fn a_choice_of_nothing_is_an_error() {
        let text = "title: t\nlevel: low\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}\n";
        let rules = testable::rules(text);
        let nothing = |words: &[&str], rules: &[Option<&Document<'_>>]| {
            let words = [&["x"], words].concat();
            let found = Words::command().try_get_matches_from(words).expect("words");
            let choice = Words::from_arg_matches(&found).expect("options").choice;
            let nothing = choice.nothing(choice.count(rules.iter().copied()));
            nothing.map(|error| format!("{}; {}", error.message, error.help.join("")))
        };
        let rule = rules[0].document.as_ref();
        let level = ["--level", "high", "--tag", "t"];
        assert_eq!(
            nothing(&level, &[rule, rule]).as_deref(),
            Some("none of the 2 rules is one that the options choose; check `--level`, `--tag`")
        );
        assert_eq!(nothing(&level, &[rule, None]), None, "one can't be read");
        assert_eq!(nothing(&level, &[]), None, "there are no rules");
        assert_eq!(nothing(&["--level", "low"], &[rule]), None);
        assert_eq!(nothing(&[], &[rule]), None);
    }

    #[test]
    fn wrong_words_are_errors() {
        for words in [
            "--level lofty",
            "--logsource windows",
            "--logsource product=",
        ] {
            let words = std::iter::once("x").chain(words.split_whitespace());
            assert!(Words::command().try_get_matches_from(words).is_err());
        }
    }
}
