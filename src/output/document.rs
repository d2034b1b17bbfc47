//! Documents of queries, by the minijinja templates in `templates/`.
//!
//! In: a format with a document and the queries it is to hold. Out: the document's text. Templates
//! see `queries`, a list of entries (`name`, `query`, `number`, `count`, `rule`), and `options`.

use super::entry::DocumentEntry;
use super::{functions, threat, view};
use crate::attack::Attack;
use crate::backend::Format;
use crate::backend::templates::Templates;
use crate::emit::Settings;
use crate::pipeline::growth;
use crate::rule::Rule;
use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

/// How many instructions one document may take: a bound for templates of users.
const FUEL: u64 = 50_000_000;

/// How long one document may be.
const MOST_BYTES: usize = 1 << 28;

/// The compiled template of a format.
#[derive(Debug)]
pub struct Documents {
    environment: Environment<'static>,
    name: String,
    options: minijinja::Value,
    with: minijinja::Value,
    attack: Arc<OnceLock<Attack>>,
}

impl Documents {
    /// The document of a format; `None` where its queries stand for themselves.
    ///
    /// # Errors
    /// The format names a template that does not exist or can't be compiled: in words.
    pub fn new(
        templates: &Arc<Templates>,
        format: &Format,
        settings: &Settings,
    ) -> Result<Option<Self>, String> {
        let Some(name) = &format.document else {
            return Ok(None);
        };
        let (environment, attack) = environment(templates)?;
        environment
            .get_template(name)
            .map_err(|error| error.to_string())?;
        Ok(Some(Self {
            environment,
            name: name.clone(),
            options: named(settings.all()),
            with: named(&format.with),
            attack,
        }))
    }

    /// Does the rule come to other pairs of tactics and techniques by their position in its tags
    /// than ATT&CK has?
    #[must_use]
    pub fn is_mispaired(&self, rule: &Rule<'_>) -> bool {
        let tags: Vec<String> = rule.tags.iter().map(|tag| tag.value.to_string()).collect();
        threat::is_mispaired(self.attack.get_or_init(Attack::built_in), &tags)
    }

    /// Writes the document around the queries. `settings` are those of a rule whose pipelines set
    /// other options than the user.
    ///
    /// # Errors
    /// What minijinja says; a template that comes with the program has none.
    pub fn render(
        &self,
        queries: Vec<DocumentEntry>,
        settings: Option<&Settings>,
    ) -> Result<String, String> {
        let options = settings.map_or_else(|| self.options.clone(), |own| named(own.all()));
        let with = self.with.clone();
        self.environment
            .get_template(&self.name)
            .and_then(|template| {
                let mut document = Bounded(Vec::new());
                let context = view::context(queries, options, with);
                template.render_captured_to(context, &mut document)?;
                Ok(document.0)
            })
            .map_err(|error| error.to_string())
            .and_then(|document| String::from_utf8(document).map_err(|error| error.to_string()))
    }
}

/// What templates are compiled and rendered by, and the table that they may ask for.
///
/// # Errors
/// A template of the user's is refused: in words.
pub(super) fn environment(
    templates: &Arc<Templates>,
) -> Result<(Environment<'static>, Arc<OnceLock<Attack>>), String> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|error| error.to_string())?);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let attack = Arc::new(OnceLock::new());
    functions::add(&mut environment, &attack);
    let own: Vec<_> = templates.own().collect();
    if let Some(reason) = growth::refused(&own) {
        return Err(reason);
    }
    let templates = Arc::clone(templates);
    environment.set_loader(move |name| Ok(templates.get(name).map(str::to_owned)));
    Ok((environment, attack))
}

/// A document being written, which may not grow without end.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            let message = format!("a document has at most {MOST_BYTES} bytes");
            return Err(io::Error::other(message));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn named(pairs: &[(String, String)]) -> minijinja::Value {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    minijinja::Value::from(Serde(pairs.collect::<BTreeMap<_, _>>()))
}
