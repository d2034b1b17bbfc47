//! The tools: each calls the library as any other program does.
//!
//! In: a name and arguments. Out: data, and a text of it to read. `tools.json` describes them.

use super::arguments::{Arguments, Folders, MOST_EVENTS, MOST_RULES, Session, Text};
use crate::compiler::{BuiltInPipeline, Compiler, Error, Event, Pipeline, RuleSet, Rules, Targets};
use crate::diagnostic::render::{JsonDiagnostic, human};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Source;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// What the tools are, and what they take.
const TOOLS: &str = include_str!("tools.json");

/// The most events that one call of `witness` makes: more are too long for an answer.
const MOST_MADE: usize = 8192;

/// The arguments that may be files.
const TEXTS: [&str; 4] = ["rules", "events", "before", "after"];

/// What a tool gives.
pub(super) struct Answer {
    pub text: String,
    pub data: Value,
}

/// A tool.
type Tool = fn(&Arguments<'_>) -> Result<Answer, String>;

/// The descriptions of the tools. Where files may be read, each text can be one.
pub(super) fn list(folders: &Folders) -> Vec<Value> {
    let mut tools: Vec<Value> = serde_json::from_str(TOOLS).unwrap_or_default();
    for tool in &mut tools {
        tool["annotations"] = json!({
            "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false,
        });
        if folders.0.is_empty() {
            continue;
        }
        let schema = &mut tool["inputSchema"];
        for key in TEXTS {
            if !schema["properties"][key].is_object() {
                continue;
            }
            let about = format!("The path of a file that has `{key}`, in place of it.");
            let property = json!({"type": "string", "description": about});
            schema["properties"][format!("{key}_path")] = property;
            if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
                required.retain(|required| required != key);
            }
        }
    }
    tools
}

/// Calls a tool; `None`: there is none of that name. What is wrong is for the assistant to read.
pub(super) fn call(
    name: &str,
    given: &Map<String, Value>,
    session: &Session,
) -> Option<Result<Answer, String>> {
    let tool: Tool = match name {
        "convert" => convert,
        "lint" => lint,
        "explain" => explain,
        "test" => test,
        "witness" => witness,
        "diff" => diff,
        "targets" => targets,
        _ => return None,
    };
    let arguments = Arguments { given, session };
    let tools = list(&session.folders);
    let described = tools.iter().find(|tool| tool["name"] == name);
    let known = described.and_then(|tool| tool["inputSchema"]["properties"].as_object());
    let answer = known
        .map_or(Ok(()), |known| arguments.check(known))
        .and_then(|()| tool(&arguments));
    Some(answer)
}

/// Data whose text is its JSON.
fn data(value: impl Serialize) -> Result<Answer, String> {
    let data = serde_json::to_value(value).map_err(|error| error.to_string())?;
    Ok(Answer {
        text: data.to_string(),
        data,
    })
}

#[allow(clippy::needless_pass_by_value, reason = "it is mapped over")]
fn failed(error: Error) -> String {
    error.to_string()
}

fn convert(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let rules = arguments.text("rules", MOST_RULES)?;
    let target = arguments.optional("target")?;
    let target = target.ok_or("expected `target`, found nothing")?;
    let mut builder = Compiler::builder(target);
    if let Some(format) = arguments.optional("format")? {
        builder = builder.format(format);
    }
    for (name, value) in object(arguments, "options")? {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return Err(format!("expected the option `{name}` to be a text")),
        };
        builder = builder.option(name, text);
    }
    match arguments.given.get("pipelines") {
        None | Some(Value::Null) => {}
        Some(Value::Array(names)) => {
            for name in names {
                let name = name.as_str().ok_or("expected names in `pipelines`")?;
                builder = builder.pipeline(Pipeline::built_in(name));
            }
        }
        Some(_) => return Err("expected `pipelines` to be a list of names".to_owned()),
    }
    if let Some(text) = arguments.optional("pipeline")? {
        builder = builder.pipeline(Pipeline::from_yaml("pipeline.yml", text));
    }
    match arguments.given.get("strict") {
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::Bool(true)) => builder = builder.strict(),
        Some(_) => return Err("expected `strict` to be `true` or `false`".to_owned()),
    }
    let compiler = builder.build().map_err(failed)?;
    let output = compiler.compile_file(&rules.path, rules.text.as_bytes());
    let document = compiler.document([&output]).map_err(failed)?;
    let mut answer = data(&output)?;
    let mut text = match &document {
        Some(document) => document.clone(),
        None => output.queries().join("\n"),
    };
    for rule in output.rules() {
        for reason in rule.queries.iter().flat_map(|query| &query.reasons) {
            let (place, word) = (reason.region, reason.fidelity.name());
            let _ = write!(
                text,
                "\n{word} at {}:{}: {}",
                place.line, place.column, reason.text
            );
        }
    }
    for diagnostic in output.diagnostics() {
        let _ = write!(
            text,
            "\n{}",
            human(&output.source(), diagnostic, false).trim_end()
        );
    }
    answer.data["document"] = document.into();
    answer.text = text;
    Ok(answer)
}

fn object<'a>(
    arguments: &'a Arguments<'_>,
    key: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, String> {
    match arguments.given.get(key) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(map)) => Ok(Some(map.iter()).into_iter().flatten()),
        Some(_) => Err(format!("expected `{key}` to be an object")),
    }
}

/// Diagnostics as data, and as text with the lines that they are about.
fn diagnostics<'d>(rules: &Text, found: impl IntoIterator<Item = &'d Diagnostic>) -> Answer {
    let source = Source::new(&rules.path, &rules.text);
    let (mut text, mut rows) = (String::new(), Vec::new());
    for diagnostic in found {
        let _ = writeln!(text, "{}", human(&source, diagnostic, false).trim_end());
        rows.extend(serde_json::to_value(JsonDiagnostic::new(
            &source, diagnostic,
        )));
    }
    if rows.is_empty() {
        text.push_str("no findings");
    }
    Answer {
        text,
        data: json!({"diagnostics": rows}),
    }
}

fn lint(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let rules = arguments.text("rules", MOST_RULES)?;
    Ok(diagnostics(&rules, &Rules::parse(&rules.text).lint()))
}

fn explain(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let written = arguments.optional("code")?;
    let written = written.ok_or("expected `code`, found nothing")?;
    let Some(code) = Code::from_number(written) else {
        let numbers = Code::ALL.iter().map(|code| code.number());
        let near = nearest(&written.to_uppercase(), numbers);
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(format!("there is no diagnostic code `{written}`{near}"));
    };
    let (number, title, explanation) = (code.number(), code.title(), code.explanation());
    Ok(Answer {
        text: format!("{number}: {title}\n\n{explanation}"),
        data: json!({"code": number, "title": title, "explanation": explanation}),
    })
}

/// The rules of a text, none of which has an error.
fn sound<'t>(rules: &'t Text, key: &str) -> Result<Rules<'t>, String> {
    let parsed = Rules::parse(&rules.text);
    let found = parsed.diagnostics().into_iter();
    let errors: Vec<&Diagnostic> = found.filter(|found| found.is_error()).collect();
    if errors.is_empty() {
        return Ok(parsed);
    }
    let errors = diagnostics(rules, errors).text;
    Err(format!("`{key}` has errors\n{errors}"))
}

fn test(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let text = arguments.text("rules", MOST_RULES)?;
    let rules = sound(&text, "rules")?;
    let events = match arguments.given.get("events") {
        Some(events @ (Value::Array(_) | Value::Object(_))) => events.to_string(),
        _ => arguments.text("events", MOST_EVENTS)?.text,
    };
    let events = Event::read(&events).map_err(failed)?;
    let set = RuleSet::new(&rules);
    if !set.errors().is_empty() {
        return Err(diagnostics(&text, set.errors()).text);
    }
    let rows = events.iter().zip(1..).map(|(event, number): (_, usize)| {
        let matching = set.matching(event);
        let matching = matching.map(|rule| json!({"id": rule.id(), "title": rule.title()}));
        json!({"event": number, "rules": matching.collect::<Vec<_>>()})
    });
    let mut answer = data(json!({"rules": set.rules().len(), "events": rows.collect::<Vec<_>>()}))?;
    if !set.correlations().is_empty() {
        let unasked = diagnostics(&text, set.correlations());
        let _ = write!(answer.text, "\n{}", unasked.text.trim_end());
        answer.data["diagnostics"] = unasked.data["diagnostics"].clone();
    }
    Ok(answer)
}

fn witness(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let text = arguments.text("rules", MOST_RULES)?;
    let limit = match arguments.given.get("limit") {
        None | Some(Value::Null) => 16,
        Some(limit) => match limit.as_u64() {
            Some(limit @ 1..=256) => usize::try_from(limit).unwrap_or(256),
            _ => return Err(format!("expected `limit` from 1 to 256, found `{limit}`")),
        },
    };
    let rules = sound(&text, "rules")?;
    let conditions = rules.trees().into_iter();
    let conditions: usize = conditions.map(|rule| rule.conditions.len()).sum();
    let found = limit * (conditions + rules.correlations().len());
    if found > MOST_MADE {
        return Err(format!(
            "expected at most {MOST_MADE} events to make, found {found}: lower `limit`, or give fewer rules"
        ));
    }
    let made = rules.witnesses(limit);
    if !made.errors.is_empty() {
        return Err(diagnostics(&text, &made.errors).text);
    }
    data(json!({"events": made.events}))
}

fn diff(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let before = arguments.text("before", MOST_RULES)?;
    let after = arguments.text("after", MOST_RULES)?;
    let compared = sound(&before, "before")?.compare(&sound(&after, "after")?);
    data(json!({"rules": compared}))
}

fn targets(arguments: &Arguments<'_>) -> Result<Answer, String> {
    let targets = Targets::built_in();
    let Some(name) = arguments.optional("target")? else {
        // Every backend file is read for it.
        let known = &arguments.session.targets;
        if let Some(known) = known.get() {
            return data(known);
        }
        let all = targets.all().map_err(failed)?.into_iter();
        let rows = all.map(|target| json!({"name": target.name, "title": target.title}));
        let rows: Vec<_> = rows.collect();
        return data(known.get_or_init(|| json!({"targets": rows})));
    };
    let target = targets.get(name).map_err(failed)?;
    let pipelines = BuiltInPipeline::all().into_iter();
    let pipelines: Vec<_> = pipelines
        .filter(|known| known.allows(&target.name))
        .collect();
    let formats = &target.formats;
    data(json!({"target": target, "formats": formats, "pipelines": pipelines}))
}
