//! The attributes of a rule, as templates and conditions see them: `title`, `level`, `tags`, ….

use crate::rule::{Rule, Text};
use std::borrow::Cow;

const LEVELS: &[&str] = &["informational", "low", "medium", "high", "critical"];
const STATUSES: &[&str] = &[
    "unsupported",
    "deprecated",
    "experimental",
    "test",
    "stable",
];

/// An attribute.
pub enum Attribute<'r> {
    /// The rule has none.
    Missing,
    /// `title`, `author`, …
    Text(Cow<'r, str>),
    /// `references`, `tags`, …
    Texts(&'r [Text<'r>]),
    /// `level` and `status`, in lower case, with the words in their order.
    Ranked(&'static [&'static str], String),
    /// `date` and `modified`, as written.
    Date(&'r str),
}

/// The attributes with their names.
pub fn attributes<'r>(rule: &'r Rule<'_>) -> [(&'static str, Attribute<'r>); 16] {
    use Attribute::{Date, Missing, Ranked, Text as One, Texts};
    fn text<'r>(
        text: &'r Option<Text<'_>>,
        attribute: impl Fn(&'r str) -> Attribute<'r>,
    ) -> Attribute<'r> {
        text.as_ref().map_or(Missing, |text| attribute(&text.value))
    }
    let plain = |text: &'r str| One(Cow::Borrowed(text));
    let id = |id: &str| One(Cow::Owned(id.to_lowercase()));
    let taxonomy = rule.taxonomy.as_ref();
    let taxonomy = taxonomy.map_or("sigma", |taxonomy| &taxonomy.value);
    [
        ("title", plain(&rule.title.value)),
        ("id", text(&rule.id, id)),
        ("name", text(&rule.name, plain)),
        ("taxonomy", plain(taxonomy)),
        (
            "status",
            text(&rule.status, |word| Ranked(STATUSES, word.to_lowercase())),
        ),
        ("description", text(&rule.description, plain)),
        ("license", text(&rule.license, plain)),
        ("references", Texts(&rule.references)),
        ("author", text(&rule.author, plain)),
        ("date", text(&rule.date, Date)),
        ("modified", text(&rule.modified, Date)),
        ("tags", Texts(&rule.tags)),
        (
            "level",
            text(&rule.level, |word| Ranked(LEVELS, word.to_lowercase())),
        ),
        ("falsepositives", Texts(&rule.falsepositives)),
        ("fields", Texts(&rule.fields)),
        ("scope", Texts(&rule.scope)),
    ]
}
