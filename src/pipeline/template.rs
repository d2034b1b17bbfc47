//! Jinja templates of pipelines.
//!
//! In: `{{ query }} | table {{ rule.fields|join(',') }}`, or the name of a file in the pipeline's
//! folder. Out: a compiled template that renders within bounds: so many steps, no files but those
//! read when the pipeline was, no Python.

use super::bound::{self, Budget};
use super::entry::{Key, optional, required};
use super::environment::Failure;
use super::growth;
use super::python::show::show;
use super::reader::Keys;
use crate::diagnostic::{Code, Diagnostic};
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value, escape_formatter};

/// The keys of everything that is a template.
pub const KEYS: &[Key] = &[
    required("template", "a Jinja template, or with `path` a file's name"),
    optional("path", "the folder of the template, inside the pipeline's"),
    optional("autoescape", "`true`: values are escaped as HTML"),
    optional("vars", "a Python file in pySigma; refused here"),
];

/// Templates that one may include.
const MOST_FILES: usize = 64;

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    environment: Environment<'static>,
}

impl Template {
    /// Reads the keys of a template.
    #[expect(clippy::too_many_lines, reason = "one key after another")]
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        if let Some(node) = keys.node("vars") {
            keys.loader.report(
                Diagnostic::error(
                    Code::PipelineAccess,
                    "`vars` of a template is Python code, which is never run",
                )
                .at(node.span)
                .help("put the values into the pipeline's own `vars`: `{{ pipeline.vars.name }}`"),
            );
            return None;
        }
        let mut environment = Environment::new();
        environment.set_fuel(Some(bound::TEMPLATE_FUEL));
        environment.set_recursion_limit(bound::TEMPLATE_DEPTH);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
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
        let escape = keys.flag("autoescape");
        environment.set_auto_escape_callback(move |_| {
            if escape {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        environment.remove_filter("zip");
        let text = keys.text("template")?;
        let node = keys.node("template")?;
        let report = |problem: String| {
            keys.report(
                Code::PipelineTemplate,
                node.span,
                format!("the template can't be read: {problem}"),
            );
        };
        let check = |sources: &[&str]| match growth::refused(sources) {
            Some(problem) => {
                keys.report(Code::PipelineTemplate, node.span, problem);
                None
            }
            None => Some(()),
        };
        let mut sources: Vec<String> = Vec::new();
        if let Some(folder) = keys.text("path") {
            let mut wanted = vec![text];
            let mut read: Vec<String> = Vec::new();
            while let Some(name) = wanted.pop() {
                if read.contains(&name) || read.len() == MOST_FILES {
                    continue;
                }
                let path = format!("{}/{name}", folder.trim_end_matches('/'));
                let source = keys.loader.environment.read_file(keys.loader.path, &path);
                let source = source.map_err(|failure| match failure {
                    Failure::NotAllowed(option) => keys.loader.report(
                        Diagnostic::error(
                            Code::PipelineAccess,
                            format!("the pipeline needs the file `{path}`, which is not allowed"),
                        )
                        .at(node.span)
                        .help(format!(
                            "if you trust the pipeline, allow it with `{option}`"
                        )),
                    ),
                    Failure::Failed(problem) => report(problem),
                });
                let source = source.ok()?;
                wanted.extend(included(&source));
                check(&[&source])?;
                sources.push(source.clone());
                let name_in = if read.is_empty() {
                    MAIN.to_owned()
                } else {
                    name.clone()
                };
                environment
                    .add_template_owned(name_in, source)
                    .map_err(|error| report(describe(&error)))
                    .ok()?;
                read.push(name);
            }
            let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
            check(&sources)?;
        } else {
            check(&[&text])?;
            environment
                .add_template_owned(MAIN, text)
                .map_err(|error| report(describe(&error)))
                .ok()?;
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

/// The names behind `include`, `extends`, `import` and `from`.
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
