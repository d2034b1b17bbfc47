//! Jinja templates of pipelines.
//!
//! In: `{{ query }} | table {{ rule.fields|join(',') }}`, or the name of a file in the pipeline's
//! folder. Out: a compiled template that renders within bounds: so many steps, no files but those
//! read when the pipeline was, no Python.

use super::bound::{self, Budget};
use super::environment::Failure;
use super::growth;
use super::python::show::show;
use super::reader::Keys;
use crate::diagnostic::{Code, Diagnostic};
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value, escape_formatter};

/// Templates that one may include.
const MOST_FILES: usize = 64;

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    environment: Environment<'static>,
}

impl Template {
    /// Reads the keys of a template.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        if let Some(node) = keys.node("vars") {
            let message = "`vars` of a template is Python code, which is never run";
            let error = Diagnostic::error(Code::PipelineAccess, message).at(node.span);
            let help = "put the values into the pipeline's own `vars`: `{{ pipeline.vars.name }}`";
            keys.loader.report(error.help(help));
            return None;
        }
        let text = keys.text("template")?;
        let sources = match keys.text("path") {
            Some(folder) => files(keys, &folder, text)?,
            None => vec![(MAIN.to_owned(), text)],
        };
        let span = keys.span_of("template");
        let named = sources
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        let texts: Vec<_> = named.collect();
        if let Some(problem) = growth::refused(&texts) {
            keys.report(Code::PipelineTemplate, span, problem);
            return None;
        }
        let mut environment = environment(keys.flag("autoescape"));
        for (name, text) in sources {
            let added = environment.add_template_owned(name, text);
            let added = added.map_err(|error| unreadable(&describe(&error)));
            keys.check_result("template", Code::PipelineTemplate, added)?;
        }
        Some(Self { environment })
    }

    /// Fills it in, on a rule's budget.
    pub fn render(&self, values: Value, budget: Option<&Budget>) -> Result<String, Diagnostic> {
        let template = self.environment.get_template(MAIN);
        let rendered = template.and_then(|template| {
            let captured = template.render_captured(values)?;
            let levels = captured.state().fuel_levels();
            let used = levels.map_or(0, |(used, _)| usize::try_from(used).unwrap_or(usize::MAX));
            Ok((captured.into_output(), used))
        });
        let (text, used) = rendered.map_err(|error| {
            if error.kind() == ErrorKind::OutOfFuel {
                let fuel = bound::TEMPLATE_FUEL;
                return bound::exceeded(format!("a template of more than {fuel} steps"));
            }
            Diagnostic::error(
                Code::PipelineTemplate,
                format!("a template of the pipeline fails: {}", describe(&error)),
            )
        })?;
        if let Some(budget) = budget {
            budget.step(used)?;
        }
        Ok(text)
    }
}

const MAIN: &str = "template";

fn unreadable(problem: &str) -> String {
    format!("the template can't be read: {problem}")
}

/// An environment within bounds, in which values are written as Python writes them.
fn environment(escape: bool) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(bound::TEMPLATE_FUEL));
    environment.set_recursion_limit(bound::TEMPLATE_DEPTH);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_formatter(|out, state, value| {
        let text = match value.kind() {
            ValueKind::None
            | ValueKind::Bool
            | ValueKind::Number
            | ValueKind::Seq
            | ValueKind::Map
            | ValueKind::Iterable => show(value),
            ValueKind::Undefined => return escape_formatter(out, state, value),
            _ => value.to_string(),
        };
        match state.auto_escape() {
            AutoEscape::Html if !value.is_safe() => out.write_str(&escape_html(&text))?,
            _ => out.write_str(&text)?,
        }
        Ok(())
    });
    environment.set_auto_escape_callback(move |_| {
        if escape {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.remove_filter("zip");
    environment
}

/// A template's file, and those that it includes, by their names; the first one is [`MAIN`].
fn files(keys: &Keys<'_>, folder: &str, name: String) -> Option<Vec<(String, String)>> {
    let mut wanted = vec![name];
    let mut read: Vec<String> = Vec::new();
    let mut sources = Vec::new();
    while let Some(name) = wanted.pop() {
        if read.contains(&name) || read.len() == MOST_FILES {
            continue;
        }
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        let source = keys.loader.environment.read_file(keys.loader.path, &path);
        let report = |failure| match failure {
            Failure::NotAllowed(option) => {
                let message = format!("the pipeline needs the file `{path}`, which is not allowed");
                let error = Diagnostic::error(Code::PipelineAccess, message);
                let help = format!("if you trust the pipeline, allow it with `{option}`");
                let error = error.at(keys.span_of("template")).help(help);
                keys.loader.report(error);
            }
            Failure::Failed(problem) => {
                let span = keys.span_of("template");
                keys.report(Code::PipelineTemplate, span, unreadable(&problem));
            }
        };
        let source = source.map_err(report).ok()?;
        wanted.extend(included(&source));
        let is_first = read.is_empty();
        sources.push((if is_first { MAIN } else { &name }.to_owned(), source));
        read.push(name);
    }
    Some(sources)
}

/// Jinja's way to escape.
fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The names after `include`, `extends`, `import` and `from`.
fn included(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for tag in source.split("{%").skip(1) {
        let tag = tag.split("%}").next().unwrap_or_default();
        let tag = tag.trim_start_matches(['-', '+']).trim_start();
        let Some((word, rest)) = tag.split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        if matches!(word, "include" | "extends" | "import" | "from")
            && let Some(mark) = rest
                .chars()
                .next()
                .filter(|mark| matches!(mark, '"' | '\''))
            && let Some(name) = rest[1..].split(mark).next()
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn describe(error: &Error) -> String {
    let mut text = error.kind().to_string();
    if let Some(detail) = error.detail() {
        text = format!("{text}: {detail}");
    }
    if let Some(line) = error.line() {
        text = format!("{text} (line {line} of the template)");
    }
    text
}
