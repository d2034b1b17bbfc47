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
        text: Option<&'r Text<'_>>,
        attribute: impl Fn(&'r str) -> Attribute<'r>,
    ) -> Attribute<'r> {
        text.map_or(Missing, |text| attribute(&text.value))
    }
    let plain = |text: &'r str| One(Cow::Borrowed(text));
    let id = |id: &str| One(Cow::Owned(id.to_lowercase()));
    let taxonomy = rule.taxonomy.as_ref();
    let taxonomy = taxonomy.map_or("sigma", |taxonomy| &taxonomy.value);
    [
        ("title", plain(&rule.title.value)),
        ("id", text(rule.id.as_ref(), id)),
        ("name", text(rule.name.as_ref(), plain)),
        ("taxonomy", plain(taxonomy)),
        (
            "status",
            text(rule.status.as_ref(), |word| {
                Ranked(STATUSES, word.to_lowercase())
            }),
        ),
        ("description", text(rule.description.as_ref(), plain)),
        ("license", text(rule.license.as_ref(), plain)),
        ("references", Texts(&rule.references)),
        ("author", text(rule.author.as_ref(), plain)),
        ("date", text(rule.date.as_ref(), Date)),
        ("modified", text(rule.modified.as_ref(), Date)),
        ("tags", Texts(&rule.tags)),
        (
            "level",
            text(rule.level.as_ref(), |word| {
                Ranked(LEVELS, word.to_lowercase())
            }),
        ),
        ("falsepositives", Texts(&rule.falsepositives)),
        ("fields", Texts(&rule.fields)),
        ("scope", Texts(&rule.scope)),
    ]
}
