//! Templates: a model becomes a page.
//!
//! In: a [`Model`] and a template's name. Out: the page's text. In a template whose name ends in
//! `.md`, every value that is printed is escaped for Markdown ([`markdown::inline`]), so that no rule
//! can break the page; `.html` templates escape for HTML. Filters beside minijinja's own:
//!
//! ```text
//! {{ text|link(address) }}   [text](address), or the text if the address is not safe
//! {{ text|paragraphs }}      text of several lines, none of which starts a list or a heading
//! {{ text|code }}            <code>text</code>
//! {{ text|fence }}           the fence that a block of this text needs: ``` or longer
//! {{ technique|technique_name }}   T1047: Windows Management Instrumentation
//! {{ correlations[0]|reference }}  its title, linked to its page if there is one
//! {{ address|is_web }}       does it begin with http:// or https://?
//! {{ text|html }}            escaped for a place between HTML tags
//! ```

use super::markdown;
use super::model::Model;
use crate::diagnostic::{Code, Diagnostic};
use crate::embedded;
use crate::source::Span;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};
use std::error::Error as StdError;

/// More steps than any page needs; a template that loops without end runs out of them.
const FUEL: u64 = 5_000_000;

/// Which template a page is made with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Template {
    /// The founding document.
    #[default]
    Document,
    /// The same facts as a team would want them today.
    Modern,
    /// A team's own, by the name it was added under.
    Own(String),
}

impl Template {
    /// The name in the environment.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Document => "document.md",
            Self::Modern => "modern.md",
            Self::Own(name) => name,
        }
    }
}

/// The compiled templates. Shared by threads: rendering changes nothing in it.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
}

impl Default for Renderer {
    fn default() -> Self {
        let mut environment = Environment::new();
        #[cfg(not(target_family = "wasm"))]
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the delimiters are minijinja's own"));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(escaping);
        environment.set_formatter(format);
        environment.add_filter("link", |text: &str, address: &str| {
            Value::from_safe_string(markdown::link(text, address))
        });
        environment.add_filter("paragraphs", |text: &str| {
            Value::from_safe_string(markdown::paragraphs(text))
        });
        environment.add_filter("code", |text: &str| {
            Value::from_safe_string(markdown::code(text))
        });
        environment.add_filter("fence", |text: &str| {
            Value::from_safe_string(markdown::fence(text))
        });
        environment.add_filter("is_web", |address: &str| markdown::is_web(address));
        environment.add_filter("html", |text: &str| Value::from_safe_string(html(text)));
        environment.add_filter("technique_name", technique_name);
        environment.add_filter("reference", reference);
        for (name, source) in embedded::folder("page") {
            environment
                .add_template(name, source)
                .expect("a test compiles each built-in template");
        }
        Self { environment }
    }
}

impl Renderer {
    /// Adds a team's own template under its file's name, which says how values are escaped.
    pub fn add(&mut self, name: &str, source: &str) -> Result<Template, Diagnostic> {
        self.environment
            .add_template_owned(name.to_owned(), source.to_owned())
            .map_err(|error| diagnostic(&error, source))?;
        Ok(Template::Own(name.to_owned()))
    }

    /// The page.
    pub fn render(&self, model: &Model, template: &Template) -> Result<String, Diagnostic> {
        self.render_value(Value::from(Serde(model)), template.name())
    }

    /// Any page with the template of that name.
    pub(super) fn render_value(&self, page: Value, name: &str) -> Result<String, Diagnostic> {
        let template = self
            .environment
            .get_template(name)
            .map_err(|error| diagnostic(&error, ""))?;
        template
            .render(page)
            .map_err(|error| diagnostic(&error, template.source()))
    }
}

/// How a template escapes: by the end of its name, `.j2` and `.jinja` left out.
fn escaping(name: &str) -> AutoEscape {
    let name = name.trim_end_matches(".j2").trim_end_matches(".jinja");
    match name.rsplit('.').next() {
        Some("html" | "htm" | "xml") => AutoEscape::Html,
        Some("txt" | "rst" | "adoc") => AutoEscape::None,
        _ => AutoEscape::Custom("markdown".into()),
    }
}

/// Prints a value: nothing for what is missing, Markdown escaped.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.kind() == ValueKind::None {
        return Ok(());
    }
    let markdown = matches!(state.auto_escape(), AutoEscape::Custom(_));
    if !markdown || value.is_undefined() {
        return minijinja::escape_formatter(out, state, value);
    }
    let text = value.to_string();
    if value.is_safe() {
        out.write_str(&text)?;
    } else {
        out.write_str(&markdown::inline(&text))?;
    }
    Ok(())
}

/// `T1047: Windows Management Instrumentation`, or the identifier alone.
fn technique_name(technique: &Value) -> Result<String, Error> {
    let (id, name) = (technique.get_attr("id")?, technique.get_attr("name")?);
    Ok(match name.as_str() {
        Some(name) => format!("{id}: {name}"),
        None => id.to_string(),
    })
}

/// The title of a document that a page names, linked to its page if there is one; what it is
/// referred to by where it has no title.
fn reference(row: &Value) -> Result<Value, Error> {
    let mut text = String::new();
    for name in ["title", "reference", "id"] {
        let known = row.get_attr(name)?;
        if let Some(known) = known.as_str().filter(|known| !known.is_empty()) {
            known.clone_into(&mut text);
            break;
        }
    }
    let page = row.get_attr("page")?;
    if page.kind() != ValueKind::Map {
        return Ok(Value::from_safe_string(
            markdown::inline(&text).into_owned(),
        ));
    }
    let href = page.get_attr("href")?;
    let href = href.as_str().unwrap_or_default();
    Ok(Value::from_safe_string(markdown::link(&text, href)))
}

/// Text between HTML tags, where Markdown is not read.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// What minijinja says of a template, with its place in the template's text.
fn diagnostic(error: &Error, source: &str) -> Diagnostic {
    let mut what = said(error);
    // What it includes says why.
    let mut inner = error.source();
    while let Some(error) = inner.and_then(<dyn StdError>::downcast_ref::<Error>) {
        let line = error.line().unwrap_or_default();
        what = format!("{what}, line {line}: {}", said(error));
        inner = error.source();
    }
    let span = place(error, source);
    Diagnostic::error(Code::PageTemplate, what)
        .at(span)
        .help("look at the variables and filters of a template in `docs/page.md`")
}

fn said(error: &Error) -> String {
    let kind = || error.kind().to_string();
    error.detail().map_or_else(kind, str::to_owned)
}

/// The expression of an error.
#[cfg(not(target_family = "wasm"))]
fn place(error: &Error, _source: &str) -> Span {
    let range = error.range().unwrap_or_default();
    Span::new(range.start, range.end)
}

/// The line of an error: a module for browsers, which has to be small, knows no more.
#[cfg(target_family = "wasm")]
fn place(error: &Error, source: &str) -> Span {
    let line = error.line().unwrap_or_default();
    let before = source.split_inclusive('\n').take(line.saturating_sub(1));
    let start = before.map(str::len).sum();
    let length = source[start..].find('\n');
    Span::new(start, start + length.unwrap_or(source.len() - start))
}
