//! Pages: the founding document byte for byte, snapshots of each template, and what hostile rules
//! can't do to a page.

use insta::{assert_snapshot, glob, with_settings};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use varsigma::dialect::Dialect;
use varsigma::page::index::{self, Page};
use varsigma::page::model::{AliasFieldRow, AliasRow, CorrelationRow, FilterRow, ReferenceRow};
use varsigma::page::{Catalogs, Enrichment, Model, QuerySection, Renderer, Template, model};
use varsigma::parse;
use varsigma::pipeline::RuleView;
use varsigma::rule::{Document, Rule};

/// The model of a file's rules, which stand on one page.
fn page(text: &str, dialect: &Dialect, queries: Vec<QuerySection>) -> Model {
    let parsed = parse::parse(text, dialect);
    let rules: Vec<&Rule> = parsed
        .iter()
        .map(|parsed| match &parsed.document {
            Some(Document::Rule(rule)) => rule.as_ref(),
            _ => panic!("{:?}", parsed.diagnostics),
        })
        .collect();
    model(&rules, text, Some("rules/example.yml"), &CATALOGS, queries)
}

/// The built-in catalogs and one enrichment.
fn catalogs() -> Catalogs {
    let entry = "title: EN_0001_example\ndescription: Adds *nothing*\ndata_needed: [DN_0009_5_windows_sysmon_process_terminated, DN_9999_unknown]\n";
    Catalogs {
        enrichments: Some(vec![Enrichment::read(entry).expect("a good entry")]),
        ..Catalogs::built_in()
    }
}

/// Sections of every kind: exact, not exact, failed.
fn sections() -> Vec<QuerySection> {
    vec![
        QuerySection {
            target: "splunk".to_owned(),
            name: "Splunk".to_owned(),
            format: "default".to_owned(),
            query: "Image=\"*\\\\twice.exe\"\n```\n<b>not</b> | out of the block".to_owned(),
            fidelity: Some("exact".to_owned()),
            ..QuerySection::default()
        },
        QuerySection {
            target: "example".to_owned(),
            name: "Example <Engine>".to_owned(),
            format: "other".to_owned(),
            query: "a = b".to_owned(),
            fidelity: Some("broader".to_owned()),
            reasons: vec!["`?` can't be said, `*` stands for it".to_owned()],
            note: Some("It is another target's: `<b>`, a | too.".to_owned()),
            ..QuerySection::default()
        },
        QuerySection {
            target: "third".to_owned(),
            error: Some("expected a number, found `<b>`".to_owned()),
            ..QuerySection::default()
        },
    ]
}

#[test]
fn each_case_in_each_template() {
    let renderer = Renderer::default();
    glob!("page/*.yml", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let model = page(&text, &Dialect::SPECIFICATION, sections());
        for (folder, template) in [
            ("document", Template::Document),
            ("modern", Template::Modern),
        ] {
            let name = path.file_stem().expect("a name").to_string_lossy();
            with_settings!({
                snapshot_path => format!("../snapshots/{folder}"),
                snapshot_suffix => "",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                let text = renderer.render(&model, &template).expect("it renders");
                assert_snapshot!(format!("page__{name}"), text);
            });
        }
    });
}

#[test]
fn the_founding_rule_gives_the_founding_document() {
    let rule = include_str!("cases/founding/rule.yml");
    let document = include_str!("cases/founding/document.md");
    let query = document
        .rsplit("```")
        .nth(1)
        .expect("the document's last block is its query")
        .trim_matches('\n');
    let section = QuerySection {
        target: "splunk".to_owned(),
        format: "document".to_owned(),
        query: query.to_owned(),
        ..QuerySection::default()
    };
    let model = page(rule, &Dialect::SIGMAC, vec![section]);
    let text = Renderer::default().render(&model, &Template::Document);
    assert_eq!(text.expect("it renders"), document);
}

#[test]
fn a_template_of_ones_own_is_escaped_and_checked() {
    let mut renderer = Renderer::default();
    let model = Model {
        attributes: RuleView {
            title: "<b> | [x](y)".to_owned(),
            ..RuleView::default()
        },
        ..Model::default()
    };
    for (name, source, expected) in [
        ("own.md", "{{ title }}\n", "&lt;b> &#124; \\[x\\](y)\n"),
        ("own.html", "{{ title }}{{ id }}", "&lt;b&gt; | [x](y)"),
        ("own.txt.j2", "{{ title }}", "<b> | [x](y)"),
        ("own.md.jinja", "{{ title|safe }}", "<b> | [x](y)"),
    ] {
        let template = renderer.add(name, source).expect("a good template");
        assert_eq!(
            renderer.render(&model, &template).expect("it renders"),
            expected
        );
    }
    for (source, said) in [
        ("{{ titel }}", "undefined"),
        ("{{ title|nothing }}", "unknown"),
        (
            "{% for x in range(100000) %}{% for y in range(100000) %}{% endfor %}{% endfor %}",
            "fuel",
        ),
    ] {
        let template = renderer.add("bad.md", source);
        let error = template
            .and_then(|template| renderer.render(&model, &template))
            .expect_err(source);
        assert!(error.message.contains(said), "{source}: {}", error.message);
    }
    let error = renderer.add("bad.md", "a\n{{ title ").expect_err("no end");
    assert!(error.span().is_some_and(|span| span.start > 1), "{error:?}");
}

/// The keys of a model, `tactics[].id` and the like.
fn keys(value: &serde_json::Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                let name = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                found.insert(name.clone());
                keys(value, &name, found);
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                keys(item, &format!("{prefix}[]"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_documented_variables_are_those_of_the_model() {
    let text = include_str!("page/multiple.yml");
    let first = page(text, &Dialect::SPECIFICATION, sections());
    let mut second = first.clone();
    second.attributes.id = Some(first.related[0].id.clone());
    second.related.clear();
    let mut pages =
        [("a.md", first.clone()), ("b.md", second), ("c.md", first)].map(|(path, model)| Page {
            path: path.to_owned(),
            model,
        });
    index::connect(&mut pages);
    let row = ReferenceRow {
        page: pages[0].model.related[0].page.clone(),
        ..ReferenceRow::default()
    };
    pages[0].model.correlation = Some(CorrelationRow {
        rules: vec![row.clone()],
        aliases: vec![AliasRow {
            fields: vec![AliasFieldRow::default()],
            ..AliasRow::default()
        }],
        ..CorrelationRow::default()
    });
    pages[0].model.filter = Some(FilterRow {
        rules: vec![row],
        ..FilterRow::default()
    });
    let mut known = BTreeSet::new();
    let value = serde_json::to_value(&pages[0].model).expect("plain data");
    keys(&value, "", &mut known);
    let elsewhere = ["triggers[]", "filter.rules[]", "custom_attributes."];
    known.retain(|key| !elsewhere.iter().any(|known| key.starts_with(known)));
    let documented = rows("| Variable | Meaning |");
    let attributes = rows("| Attribute | Meaning |");
    assert_eq!(&documented | &attributes, known);
    assert!(documented.is_disjoint(&attributes));
    // They are the attributes of a rule in every other template.
    let mut of_rule = BTreeSet::new();
    let view = serde_json::to_value(&pages[0].model.attributes).expect("plain data");
    keys(&view, "", &mut of_rule);
    of_rule.retain(|key| !key.starts_with("custom_attributes."));
    assert_eq!(attributes, of_rule);
}

/// The names in a table of `docs/page.md`.
fn rows(heading: &str) -> BTreeSet<String> {
    include_str!("../docs/page.md")
        .split(heading)
        .nth(1)
        .expect("the table")
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// What a reader of Markdown makes of a page: tags of HTML, addresses of links, blocks, rows.
#[derive(Debug, Default, PartialEq)]
struct Read {
    html: BTreeSet<String>,
    addresses: BTreeSet<String>,
    headings: usize,
    blocks: Vec<String>,
    rows: Vec<Vec<String>>,
    images: usize,
}

fn read(text: &str) -> Read {
    let mut read = Read::default();
    let mut in_code = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                read.blocks.push(String::new());
            }
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if in_code => read.blocks.last_mut().expect("open").push_str(&text),
            Event::Start(Tag::Heading { .. }) => read.headings += 1,
            Event::Start(Tag::Image { .. }) => read.images += 1,
            Event::Start(Tag::Link { dest_url, .. }) => {
                read.addresses.insert(dest_url.to_string());
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => read.rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => read.rows.last_mut().expect("open").push(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(cell) = read.rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&text);
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                for tag in text.split('<').skip(1) {
                    let end = tag.find(['>', ' ']).unwrap_or(tag.len());
                    read.html.insert(tag[..end].to_owned());
                }
            }
            _ => {}
        }
    }
    read
}

static CATALOGS: LazyLock<Catalogs> = LazyLock::new(catalogs);
static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::default);

/// A rule whose every text is `value`.
fn rule_of(value: &str) -> String {
    let quoted = serde_json::to_string(value).expect("a string");
    format!(
        "title: {quoted}\nid: {quoted}\nstatus: {quoted}\ndescription: {quoted}\nauthor: {quoted}\n\
         level: {quoted}\ndate: {quoted}\nlicense: {quoted}\nenrichment: {quoted}\nreferences: [{quoted}, {quoted}]\n\
         falsepositives: [{quoted}, {quoted}]\ntags: [{quoted}]\nfields: [{quoted}]\n\
         related: [{{id: {quoted}, type: derived}}]\n\
         logsource: {{product: {quoted}, category: {quoted}, definition: {quoted}}}\n\
         detection: {{a: {{b: c}}, condition: a}}\n"
    )
}

/// Reads a page of a rule of that value and holds what every page must be.
fn check(value: &str) -> Result<(), TestCaseError> {
    let text = rule_of(value);
    let dialect = Dialect::SPECIFICATION;
    let parsed = parse::parse(&text, &dialect);
    let Some(Document::Rule(rule)) = &parsed[0].document else {
        return Ok(());
    };
    let query = QuerySection {
        target: "t".to_owned(),
        format: "f".to_owned(),
        query: value.to_owned(),
        reasons: vec![value.to_owned()],
        fidelity: Some("broader".to_owned()),
        ..QuerySection::default()
    };
    let model = model(&[rule.as_ref()], &text, None, &CATALOGS, vec![query]);
    let renderer = &*RENDERER;
    let safe = |address: &String| {
        let scheme = address
            .split_once(':')
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        scheme.is_none_or(|scheme| {
            ["http", "https", "ftp", "mailto"].contains(&scheme.as_str())
                || !scheme
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
        })
    };
    let document = read(
        &renderer
            .render(&model, &Template::Document)
            .expect("it renders"),
    );
    let tags: BTreeSet<&str> = document.html.iter().map(String::as_str).collect();
    prop_assert!(
        tags.is_subset(&BTreeSet::from(["ul", "/ul", "li", "/li"])),
        "{tags:?}"
    );
    prop_assert!(
        document.addresses.iter().all(safe),
        "{:?}",
        document.addresses
    );
    prop_assert_eq!(document.headings, 3);
    prop_assert_eq!(document.images, 0);
    prop_assert!(
        document.rows.iter().all(|row| row.len() == 2),
        "{:?}",
        document.rows
    );
    prop_assert_eq!(document.blocks.len(), 2);
    prop_assert_eq!(document.blocks[0].trim_end(), text.trim_end());
    // Whatever stands in a cell is read back as it was written.
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = value
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let shown = shown
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>();
    if !shown.trim().is_empty() {
        prop_assert_eq!(plain(&document.rows[0][1]), plain(&shown));
    }

    let modern = read(
        &renderer
            .render(&model, &Template::Modern)
            .expect("it renders"),
    );
    let allowed = [
        "br", "code", "/code", "details", "/details", "summary", "/summary", "b", "/b",
    ];
    let tags: BTreeSet<&str> = modern.html.iter().map(String::as_str).collect();
    prop_assert!(tags.is_subset(&BTreeSet::from(allowed)), "{tags:?}");
    prop_assert!(modern.addresses.iter().all(safe), "{:?}", modern.addresses);
    prop_assert_eq!(modern.images, 0);
    prop_assert_eq!(modern.headings, 6);
    prop_assert_eq!(modern.blocks.len(), 2);
    prop_assert!(
        modern.rows.iter().all(|row| row.len() == 2),
        "{:?}",
        modern.rows
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Marks of Markdown and HTML in any order.
    #[test]
    fn no_value_breaks_a_page(value in r"([-a-z0-9 |\\`*_~<>\[\]()!#&;:{}+.=$/'\n\u{e9}\u{201c}]|javascript:|https://|\]\(|<b>|```|&lt;|~~|\*\*|<!--|1\.){0,24}") {
        check(&value)?;
    }
}

#[test]
fn known_attacks_do_not_break_a_page() {
    for value in [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/)",
        "| a |\n|---|\n| b |",
        "```\n</details>",
        "a\n\n# b\n\nc",
        "](https://a.example) <img src=x>",
        "<!-- ",
        "\\",
        "a\\|b",
        "<https://a.example>",
        "[a]: javascript:x",
        "https://a.example/\\",
    ] {
        check(value).unwrap_or_else(|error| panic!("{value}: {error}"));
    }
}

/// Pages of a small repository.
fn repository() -> Vec<Page> {
    let cases = [
        ("windows/multiple", include_str!("page/multiple.yml")),
        ("windows/with space", include_str!("page/event_ids.yml")),
        (
            "windows/deep/collection",
            include_str!("page/collection.yml"),
        ),
        ("keywords", include_str!("page/keywords.yml")),
        ("hostile", include_str!("page/hostile.yml")),
    ];
    let mut pages: Vec<Page> = cases
        .into_iter()
        .map(|(name, text)| Page {
            path: format!("Detection_Rules/{name}.md"),
            model: page(text, &Dialect::SPECIFICATION, Vec::new()),
        })
        .collect();
    index::connect(&mut pages);
    pages
}

#[test]
fn every_link_of_a_repository_leads_somewhere() {
    for template in [Template::Document, Template::Modern] {
        let pages = repository();
        let mut files: Vec<(String, String)> = pages
            .iter()
            .map(|page| {
                let text = RENDERER.render(&page.model, &template);
                (page.path.clone(), text.expect("it renders"))
            })
            .collect();
        let indexes = index::indexes(&pages, &CATALOGS, &RENDERER).expect("they render");
        files.extend(indexes.into_iter().map(|file| (file.path, file.text)));
        let known: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        let mut followed = 0;
        for (path, text) in &files {
            // The hostile rule's own references lead nowhere, as they should.
            let own = path.contains("hostile") || path.contains("multiple");
            for address in read(text).addresses {
                if address.contains("://") {
                    continue;
                }
                let (target, anchor) = address.split_once('#').unwrap_or((&address, ""));
                let mut parts: Vec<&str> = path.split('/').collect();
                parts.pop();
                for part in target.split('/') {
                    if part == ".." {
                        parts.pop().expect("inside the folder");
                    } else {
                        parts.push(part);
                    }
                }
                let target = parts.join("/").replace("%20", " ");
                if own && !known.contains(target.as_str()) {
                    assert!(!target.contains(".md"), "{path}: {address}");
                    continue;
                }
                assert!(
                    known.contains(target.as_str()),
                    "{path}: {address} is {target}"
                );
                if !anchor.is_empty() {
                    let (_, text) = files
                        .iter()
                        .find(|(path, _)| *path == target)
                        .expect("known");
                    assert!(
                        text.contains(&format!("<a id=\"{anchor}\"></a>")),
                        "{path}: {address}"
                    );
                }
                followed += 1;
            }
        }
        assert!(followed > 60, "{followed}");
    }
}

#[test]
fn titles_that_are_alike_have_pages_of_their_own() {
    let titles = ["a/b", "a?b", "a:b", "A_B", "a_b"];
    let rule = |title: &str| {
        format!(
            "title: of {title}\nlevel: '{title}'\nenrichment: 'EN {title}'\n\
             logsource: {{product: '{title}', category: '{title}'}}\n\
             detection: {{s: {{A: 1}}, condition: s}}\n"
        )
    };
    let pages = titles.iter().enumerate().map(|(at, title)| Page {
        path: format!("Detection_Rules/{at}.md"),
        model: page(&rule(title), &Dialect::SPECIFICATION, Vec::new()),
    });
    let mut pages: Vec<Page> = pages.collect();
    index::connect(&mut pages);
    let files = index::indexes(&pages, &CATALOGS, &RENDERER).expect("they render");
    let paths: BTreeSet<String> = files.iter().map(|file| file.path.to_lowercase()).collect();
    assert_eq!(paths.len(), files.len(), "{paths:?}");
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        file.unwrap_or_else(|| panic!("{path} is not among {paths:?}"))
            .text
            .as_str()
    };
    let index = read(text("index.md")).addresses;
    for (page, title) in pages.iter().zip(titles) {
        let file = &page.model.enrichments[0].file;
        let own = text(&format!("Enrichments/{file}"));
        assert!(own.contains(&format!("EN {title}\n")), "{title}: {own}");
        for folder in ["Enrichments", "Levels", "Log_Sources"] {
            let list = files.iter().filter(|file| file.path.starts_with(folder));
            let leads = |list: &&index::PageFile| {
                let addresses = read(&list.text).addresses;
                addresses
                    .iter()
                    .any(|address| address.ends_with(&page.path))
            };
            let lists: Vec<_> = list.filter(leads).collect();
            let [list] = lists.as_slice() else {
                panic!("{folder} of {title}: {lists:?}")
            };
            let is_linked = index.iter().any(|address| address.starts_with(&list.path));
            assert!(is_linked || folder == "Enrichments", "{}", list.path);
        }
    }
}

#[test]
fn log_sources_with_one_anchor_have_anchors_of_their_own() {
    let pages = ["a/b", "a?b"].map(|category| Page {
        path: format!("Detection_Rules/{}.md", category.len()),
        model: page(
            &format!(
                "title: t\nlogsource: {{product: x, category: '{category}'}}\n\
                 detection: {{s: {{A: 1}}, condition: s}}\n"
            ),
            &Dialect::SPECIFICATION,
            Vec::new(),
        ),
    });
    let mut pages = Vec::from(pages);
    index::connect(&mut pages);
    let files = index::indexes(&pages, &CATALOGS, &RENDERER).expect("they render");
    let index = files
        .iter()
        .find(|file| file.path == "index.md")
        .expect("there is one");
    let addresses = read(&index.text).addresses;
    for anchor in ["a-b", "a-b_2"] {
        let address = format!("Log_Sources/x.md#{anchor}");
        assert!(addresses.contains(&address), "{addresses:?}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn an_event_that_no_rule_can_need_is_named() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    write(
        "rule.yml",
        "title: t\nlogsource: {product: x}\ndetection: {s: {A: 1}, condition: s}\n",
    );
    write("events/x.yml", "title: x\n");
    write("enrichments/e.yml", "title: e\ndata_needed: [x]\n");
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_varsigma"));
        let command = command
            .current_dir(folder.path())
            .args(["page", "rule.yml"]);
        let ran = command
            .args(["--data-needed", "events"])
            .args(args)
            .output();
        String::from_utf8(ran.expect("it runs").stderr).expect("it is text")
    };
    let errors = run(&[]);
    let warning = "warning[VS0901]: expected a `platform` in the catalog entry `x`, found none: \
                   no rule can need it\n --> events/x.yml:1:8\n";
    assert!(errors.starts_with(warning), "{errors}");
    // An enrichment needs it by its title.
    let errors = run(&["--enrichments", "enrichments"]);
    assert!(!errors.contains("VS0901"), "{errors}");
}

#[test]
fn the_indexes_of_a_repository() {
    let files = index::indexes(&repository(), &CATALOGS, &RENDERER).expect("they render");
    let again = index::indexes(&repository(), &CATALOGS, &RENDERER).expect("they render");
    assert_eq!(files, again);
    let mut all = String::new();
    for file in &files {
        let shown = [
            "index.md",
            "Tactics/TA0002.md",
            "Levels/high.md",
            "Log_Sources/windows.md",
        ];
        if shown.contains(&file.path.as_str()) || file.path.starts_with("Enrichments/") {
            all.extend(["==== ", &file.path, "\n", &file.text]);
        } else {
            all.extend(["==== ", &file.path, "\n"]);
        }
    }
    with_settings!({
        snapshot_path => "../snapshots/modern",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { assert_snapshot!("page__repository", all) });
}
