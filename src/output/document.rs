//! Documents of queries, by the minijinja templates in `templates/`.
//!
//! In: a format with a document and the queries it is to hold. Out: the document's text. Templates
//! see `queries`, a list of entries (`name`, `query`, `number`, `count`, `rule`), and `options`.

use super::functions;
use crate::backend::Format;
use crate::emit::Settings;
use crate::rule::{Rule, Text};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;
use std::collections::BTreeMap;

/// The templates that come with the program, by their names in backend files.
const TEMPLATES: &[(&str, &str)] = &[
    (
        "sql/union.sql",
        include_str!("../../templates/sql/union.sql"),
    ),
    ("sql/view.sql", include_str!("../../templates/sql/view.sql")),
    (
        "sql/view_batches.sql",
        include_str!("../../templates/sql/view_batches.sql"),
    ),
    (
        "sql/zircolite.json",
        include_str!("../../templates/sql/zircolite.json"),
    ),
    (
        "elastic/dsl_lucene.json",
        include_str!("../../templates/elastic/dsl_lucene.json"),
    ),
    (
        "elastic/elastalert.yml",
        include_str!("../../templates/elastic/elastalert.yml"),
    ),
    (
        "elastic/elastalert.pysigma.yml",
        include_str!("../../templates/elastic/elastalert.pysigma.yml"),
    ),
    (
        "elastic/eqlapi.json",
        include_str!("../../templates/elastic/eqlapi.json"),
    ),
    (
        "elastic/kibana.ndjson",
        include_str!("../../templates/elastic/kibana.ndjson"),
    ),
    (
        "elastic/kibana.pysigma.ndjson",
        include_str!("../../templates/elastic/kibana.pysigma.ndjson"),
    ),
    (
        "elastic/kibana_esql.ndjson",
        include_str!("../../templates/elastic/kibana_esql.ndjson"),
    ),
    (
        "elastic/siem_rule.json",
        include_str!("../../templates/elastic/siem_rule.json"),
    ),
    (
        "elastic/siem_rule.pysigma.json",
        include_str!("../../templates/elastic/siem_rule.pysigma.json"),
    ),
    (
        "elastic/siem_rule.ndjson",
        include_str!("../../templates/elastic/siem_rule.ndjson"),
    ),
    (
        "splunk/data_model.spl",
        include_str!("../../templates/splunk/data_model.spl"),
    ),
    (
        "splunk/savedsearches.conf",
        include_str!("../../templates/splunk/savedsearches.conf"),
    ),
    (
        "splunk/savedsearches.pysigma.conf",
        include_str!("../../templates/splunk/savedsearches.pysigma.conf"),
    ),
];

/// How many instructions one document may take: a bound for templates of users.
const FUEL: u64 = 50_000_000;

/// A query for a document.
#[derive(Debug, Clone, Serialize, Default)]
pub struct Entry {
    /// The query's text in its format.
    pub query: String,
    /// Its commands in front of the search.
    pub before: String,
    /// What leads from those back to the search.
    pub resume: String,
    /// The search alone.
    pub search: String,
    /// Its commands behind the search.
    pub after: String,
    /// What the pipelines set for the rule.
    pub state: BTreeMap<String, serde_json::Value>,
    /// Which of its rule's queries it is, from 1.
    pub number: usize,
    /// How many queries its rule has.
    pub count: usize,
    /// What is known of its rule.
    pub rule: RuleFacts,
}

/// What templates see of a rule.
#[derive(Debug, Clone, Serialize, Default)]
pub struct RuleFacts {
    /// The title; may be empty.
    pub title: String,
    /// The id.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The status.
    pub status: Option<String>,
    /// The level.
    pub level: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The license.
    pub license: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The date, as written.
    pub date: Option<String>,
    /// The day of the last change, as written.
    pub modified: Option<String>,
    /// The references.
    pub references: Vec<String>,
    /// The tags, as written.
    pub tags: Vec<String>,
    /// Known false positives.
    pub falsepositives: Vec<String>,
    /// Fields to show.
    pub fields: Vec<String>,
    /// The log source's category.
    pub category: Option<String>,
    /// The log source's product.
    pub product: Option<String>,
    /// The log source's service.
    pub service: Option<String>,
}

impl RuleFacts {
    /// What templates see of this rule.
    #[must_use]
    pub fn of(rule: &Rule<'_>) -> Self {
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.value.to_string());
        let texts = |texts: &[Text<'_>]| texts.iter().map(|text| text.value.to_string()).collect();
        Self {
            title: rule.title.value.to_string(),
            id: text(&rule.id),
            name: text(&rule.name),
            status: text(&rule.status),
            level: text(&rule.level),
            description: text(&rule.description),
            license: text(&rule.license),
            author: text(&rule.author),
            date: text(&rule.date),
            modified: text(&rule.modified),
            references: texts(&rule.references),
            tags: texts(&rule.tags),
            falsepositives: texts(&rule.falsepositives),
            fields: texts(&rule.fields),
            category: text(&rule.logsource.category),
            product: text(&rule.logsource.product),
            service: text(&rule.logsource.service),
        }
    }
}

/// The compiled template of a format.
#[derive(Debug)]
pub struct Documents {
    environment: Environment<'static>,
    name: String,
    options: minijinja::Value,
    with: minijinja::Value,
}

impl Documents {
    /// The document of a format; `None` where its queries stand for themselves.
    ///
    /// # Errors
    /// The format names a template that does not exist or can't be compiled: in words.
    pub fn new(format: &Format, settings: &Settings) -> Result<Option<Self>, String> {
        let Some(name) = &format.document else {
            return Ok(None);
        };
        let (_, text) = TEMPLATES
            .iter()
            .find(|(known, _)| known == name)
            .ok_or_else(|| format!("there is no template `{name}`"))?;
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.map_err(|error| error.to_string())?);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        functions::add(&mut environment);
        environment
            .add_template(name_of(name), text)
            .map_err(|error| error.to_string())?;
        Ok(Some(Self {
            environment,
            name: name.clone(),
            options: named(settings.all()),
            with: named(&format.with),
        }))
    }

    /// Writes the document around the queries.
    ///
    /// # Errors
    /// What minijinja says; a template that comes with the program has none.
    pub fn render(&self, queries: &[Entry]) -> Result<String, String> {
        let names = unique_names(queries);
        let identifiers = identifiers(&names);
        let queries: Vec<minijinja::Value> = queries
            .iter()
            .zip(names.iter().zip(identifiers))
            .map(|(entry, (name, identifier))| {
                context! { name, identifier, ..minijinja::Value::from(Serde(entry)) }
            })
            .collect();
        // A document of one query sees its entry's names directly.
        let first = queries.first().cloned().unwrap_or_default();
        let (options, with) = (self.options.clone(), self.with.clone());
        self.environment
            .get_template(name_of(&self.name))
            .and_then(|template| template.render(context! { queries, options, with, ..first }))
            .map_err(|error| error.to_string())
    }
}

fn named(pairs: &[(String, String)]) -> minijinja::Value {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    minijinja::Value::from(Serde(pairs.collect::<BTreeMap<_, _>>()))
}

/// A name for each query that no other one of the document has: its rule's title, with a number
/// where the rule has several queries or the title stands twice.
fn unique_names(queries: &[Entry]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::with_capacity(queries.len());
    let mut known = std::collections::HashSet::with_capacity(queries.len() + 1);
    // Splunk's stanza for the settings of all.
    known.insert("default".to_owned());
    for entry in queries {
        let title: String = entry
            .rule
            .title
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .filter(|c| !matches!(c, '[' | ']'))
            .collect();
        let title = match title.trim() {
            "" => entry
                .rule
                .id
                .clone()
                .unwrap_or_else(|| "Untitled".to_owned()),
            title => title.to_owned(),
        };
        let numbered = |number| format!("{title} ({number})");
        let mut name = if entry.count > 1 {
            numbered(entry.number)
        } else {
            title.clone()
        };
        let mut number = entry.number.max(2);
        while !known.insert(name.to_lowercase()) {
            name = numbered(number);
            number += 1;
        }
        taken.push(name);
    }
    taken
}

/// The names as identifiers that need no quotes anywhere, each once: `sigma_whoami_as_system`.
fn identifiers(names: &[String]) -> Vec<String> {
    /// Shorter than what every engine takes; PostgreSQL cuts names after 63 bytes.
    const LONGEST: usize = 56;
    let mut known = std::collections::HashSet::with_capacity(names.len());
    let identifiers = names.iter().map(|name| {
        let mut identifier = "sigma".to_owned();
        for word in name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            if identifier.len() + word.len() < LONGEST {
                identifier.push('_');
                identifier.push_str(&word.to_ascii_lowercase());
            }
        }
        let mut unique = identifier.clone();
        let mut number = 2;
        while !known.insert(unique.clone()) {
            unique = format!("{identifier}_{number}");
            number += 1;
        }
        unique
    });
    identifiers.collect()
}

/// The name as the table of templates has it, for the environment keeps names for ever.
fn name_of(name: &str) -> &'static str {
    TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(known, _)| known)
}
