//! Pages of correlations and filters: snapshots of each template, links between pages, and what
//! hostile texts can't do to a picture.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use insta::{assert_snapshot, glob, with_settings};
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use varsigma::dialect::Dialect;
use varsigma::index::Place;
use varsigma::page::index::{self, Page};
use varsigma::page::{
    Catalogs, Model, QuerySection, Relations, Renderer, Template, document_model,
};
use varsigma::transpile;

static CATALOGS: LazyLock<Catalogs> = LazyLock::new(Catalogs::built_in);
static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::default);

/// The pages of a file's documents, connected.
fn pages(text: &str) -> Vec<Page> {
    let Some(index) = transpile::index(&[Some(text)], &Dialect::SPECIFICATION) else {
        return Vec::new();
    };
    let relations = Relations::of(&index);
    let mut pages = Vec::new();
    for (document, parsed) in index.documents(0).iter().enumerate() {
        let place = Place { file: 0, document };
        let span = parsed.span.range();
        let written = text.get(span).unwrap_or_default();
        let model = document_model(place, &index, written, Some("rules/example.yml"), &CATALOGS);
        let Some(mut model) = model else { continue };
        relations.fill(&mut model, std::iter::once(place));
        model.queries.push(QuerySection {
            target: "splunk".to_owned(),
            name: "Splunk".to_owned(),
            format: "default".to_owned(),
            query: "EventID=4625".to_owned(),
            fidelity: Some("exact".to_owned()),
            ..QuerySection::default()
        });
        pages.push(Page {
            path: format!("Detection_Rules/example.{}.md", document + 1),
            model,
        });
    }
    index::connect(&mut pages);
    pages
}

fn rendered(model: &Model, template: &Template) -> String {
    RENDERER.render(model, template).expect("it renders")
}

#[test]
fn each_case_in_each_template() {
    glob!("page/linked/*.yml", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let pages = pages(&text);
        let errors = transpile::index(&[Some(&text)], &Dialect::SPECIFICATION);
        let errors = errors.expect("it has a correlation");
        for parsed in errors.documents(0) {
            assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        }
        for (folder, template) in [
            ("document", Template::Document),
            ("modern", Template::Modern),
        ] {
            let name = path.file_stem().expect("a name").to_string_lossy();
            let texts = pages.iter().map(|page| {
                let text = rendered(&page.model, &template);
                format!("<!-- {} -->\n{text}", page.path)
            });
            let text = texts.collect::<Vec<_>>().join("\n");
            with_settings!({
                snapshot_path => format!("../snapshots/{folder}"),
                snapshot_suffix => "",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                assert_snapshot!(format!("linked__{name}"), text);
            });
        }
    });
}

#[test]
fn pages_lead_to_one_another() {
    let text = std::fs::read_to_string("tests/page/linked/rules.yml").unwrap();
    let pages = pages(&text);
    let href =
        |row: &varsigma::page::model::ReferenceRow| row.page.as_ref().map(|page| page.href.clone());
    let ordered = pages[3].model.correlation.as_ref().unwrap();
    let hrefs: Vec<_> = ordered.rules.iter().filter_map(href).collect();
    assert_eq!(hrefs, ["example.1.md", "example.2.md", "example.3.md"]);
    let users: Vec<_> = pages[1]
        .model
        .correlations
        .iter()
        .filter_map(href)
        .collect();
    assert_eq!(users, ["example.4.md", "example.5.md", "example.6.md"]);
    // A correlation needs the logs of its rules.
    assert_eq!(pages[3].model.logsources.len(), 2);
    assert!(!pages[3].model.data_needed.is_empty());
}

/// Documents whose every text is `value`.
fn documents(value: &str) -> String {
    let quoted = serde_json::to_string(value).expect("a string");
    format!(
        "title: {quoted}\nid: {quoted}\nlogsource: {{product: {quoted}}}\n\
         detection: {{a: {{b: c}}, condition: a}}\n---\n\
         title: {quoted}\nname: {quoted}\ncorrelation: {{type: event_count, rules: [{quoted}], \
         group-by: [{quoted}], timespan: 5m, condition: {{gte: 3}}, \
         aliases: {{{quoted}: {{{quoted}: {quoted}}}}}}}\n---\n\
         title: {quoted}\ncorrelation: {{type: value_count, rules: [{quoted}], timespan: 5m, \
         condition: {{gte: 3, field: [{quoted}, {quoted}]}}}}\n---\n\
         title: {quoted}\ncorrelation: {{type: temporal_ordered, rules: [{quoted}, {quoted}], \
         timespan: 5m, group-by: [{quoted}, x]}}\n---\n\
         title: {quoted}\nlogsource: {{product: {quoted}}}\n\
         filter: {{rules: [{quoted}], a: {{b: c}}, condition: not a}}\n"
    )
}

/// Is a line of a picture made of names of its own and labels in quotes alone?
fn is_of_picture(line: &str) -> bool {
    let mut rest = String::new();
    for (at, part) in line.split('"').enumerate() {
        if at % 2 == 0 {
            rest.push_str(part);
        } else if !part
            .chars()
            .all(|c| c.is_alphanumeric() || " ,.-_#;".contains(c))
        {
            return false;
        }
    }
    let is_own = |word: &str| {
        let name = word.trim_matches(|c: char| "[](){}|".contains(c));
        let number = name.trim_start_matches(['r', 'c']);
        matches!(word, "-->" | "-." | "not" | ".->" | "flowchart" | "LR")
            || matches!(name, "fires" | "window" | "-->" | "")
            || word.starts_with("-->|")
            || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    line.matches('"').count().is_multiple_of(2) && rest.split_whitespace().all(is_own)
}

fn check(value: &str) -> Result<(), TestCaseError> {
    for page in pages(&documents(value)) {
        for template in [Template::Document, Template::Modern] {
            let text = rendered(&page.model, &template);
            let mut tags = BTreeSet::new();
            let mut pictures = Vec::new();
            let mut is_picture = false;
            let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
            for event in Parser::new_ext(&text, options) {
                match event {
                    Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                        is_picture = &*kind == "mermaid";
                        if is_picture {
                            pictures.push(String::new());
                        }
                    }
                    Event::End(TagEnd::CodeBlock) => is_picture = false,
                    Event::Text(text) if is_picture => {
                        pictures.last_mut().expect("open").push_str(&text);
                    }
                    Event::Html(text) | Event::InlineHtml(text) => {
                        for tag in text.split('<').skip(1) {
                            let end = tag.find(['>', ' ']).unwrap_or(tag.len());
                            tags.insert(tag[..end].trim_start_matches('/').to_owned());
                        }
                    }
                    Event::Start(Tag::Link { dest_url, .. }) => {
                        let scheme = dest_url.split_once(':').map(|(scheme, _)| scheme);
                        let scheme = scheme.map(str::to_ascii_lowercase);
                        let acts = scheme.is_some_and(|scheme| scheme.ends_with("script"));
                        prop_assert!(!acts, "{dest_url}");
                    }
                    _ => {}
                }
            }
            let own = ["ul", "li", "details", "summary", "b", "br", "code"];
            let own: BTreeSet<String> = own.map(str::to_owned).into();
            prop_assert!(tags.is_subset(&own), "{tags:?}\n{text}");
            let wanted = usize::from(page.model.correlation.is_some());
            prop_assert_eq!(pictures.len(), wanted, "{}", text);
            for line in pictures.iter().flat_map(|picture| picture.lines()) {
                prop_assert!(is_of_picture(line), "{line}");
            }
        }
    }
    Ok(())
}

#[test]
fn hostile_texts_stay_texts() {
    for value in [
        "a\"]; click r1 \"javascript:alert(1)\" _blank",
        "%%{init: {'securityLevel': 'loose'}}%%",
        "<img src=x onerror=alert(1)>",
        "a | b\n```\n<script>alert(1)</script>",
        "end",
        "`x` [y](javascript:z) | <b>",
        "r2 --> r1\nr3",
    ] {
        assert!(!pages(&documents(value)).is_empty(), "{value}");
        check(value).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_stays_text(value in "[a-z<>\"'`|\\[\\]{}()#;:%&*_$\\\\/.\n -]{1,30}") {
        check(&value)?;
    }
}
