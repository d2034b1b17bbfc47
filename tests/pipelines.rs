//! `tests/pipelines/cases/<case>/{pipeline,rule}.yml` give `snapshots/pipeline/<case>.snap`, and
//! where the pySigma profile says something else, `<case>.pysigma.snap`; wrong pipelines,
//! `tests/pipelines/bad/<case>.yml`, the diagnostics of `snapshots/pipeline.bad/<case>.snap`, and
//! careless ones, `tests/pipelines/warned/<case>.yml`, those of `snapshots/pipeline.warned`.

mod snapshot;

use snapshot::{Snapshots, folder, rule_files, shown};
use std::path::{Path, PathBuf};
use varsigma::backend::Registry;
use varsigma::diagnostic::render::human;
use varsigma::dialect::Profile;
use varsigma::pipeline::environment::{Closed, Command, Environment, Failure, Request as Http};
use varsigma::pipeline::{self, Pipeline, builtin};
use varsigma::source::Source;
use varsigma::transpile::{Request, Transpiler};

/// The files of a case's folder, and nothing else.
#[derive(Debug)]
struct Folder(PathBuf);

impl Environment for Folder {
    fn read_file(&self, _: &str, path: &str) -> Result<String, Failure> {
        std::fs::read_to_string(self.0.join(path))
            .map_err(|error| Failure::Failed(error.to_string()))
    }

    fn fetch(&self, request: &Http) -> Result<String, Failure> {
        Closed.fetch(request)
    }

    fn run(&self, command: &Command) -> Result<String, Failure> {
        Closed.run(command)
    }
}

fn converted(case: &Path, profile: Profile) -> String {
    let text = std::fs::read_to_string(case.join("pipeline.yml")).expect("a pipeline");
    let loaded = pipeline::load("pipeline.yml", &text, &Folder(case.to_owned()));
    let source = Source::new("pipeline.yml", &text);
    let Some(file) = loaded.pipeline else {
        let said = loaded.diagnostics.iter();
        return said.map(|error| human(&source, error, false)).collect();
    };
    let request = Request {
        target: "splunk".to_owned(),
        profile,
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request)
        .expect("a target and its profile")
        .with_pipeline(Pipeline::new(vec![file]), Box::new(Folder(case.to_owned())));
    let mut text = shown(&transpiler, &case.join("rule.yml"));
    if transpiler.has_whole_document() {
        let bytes = std::fs::read(case.join("rule.yml")).expect("a rule");
        let output = transpiler.convert_file("rule.yml", &bytes);
        text.push_str("\n\n=> all\n");
        text.push_str(&output.queries.join("\n"));
    }
    text
}

#[test]
fn every_case_is_as_its_snapshots_show() {
    let mut snapshots = Snapshots::new("pipeline");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder("tests/pipelines/cases"))
        .expect("a folder of the repository")
        .map(|entry| entry.expect("readable").path())
        .collect();
    cases.sort();
    for case in cases {
        let name = case.file_name().and_then(|name| name.to_str());
        let name = name.expect("ASCII");
        let natively = converted(&case, Profile::Native);
        snapshots.check(name, &natively);
        let in_pysigma = converted(&case, Profile::Pysigma);
        snapshots.check(&format!("{name}.pysigma"), &in_pysigma);
    }
    let failed = snapshots.finish();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn wrong_pipelines_are_told_as_their_snapshots_show() {
    let mut snapshots = Snapshots::new("pipeline.bad");
    for file in rule_files(&folder("tests/pipelines/bad")) {
        let name = file.file_stem().and_then(|stem| stem.to_str());
        let name = name.expect("a file's name");
        let text = std::fs::read_to_string(&file).expect("readable");
        let loaded = pipeline::load("pipeline.yml", &text, &Closed);
        assert!(loaded.pipeline.is_none(), "{name} is wrong");
        let source = Source::new("pipeline.yml", &text);
        let said = loaded.diagnostics.iter();
        let said: Vec<String> = said.map(|error| human(&source, error, false)).collect();
        snapshots.check(name, said.join("\n").trim_end());
    }
    let failed = snapshots.finish();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn what_has_no_effect_is_told_as_the_snapshots_show() {
    let mut snapshots = Snapshots::new("pipeline.warned");
    for file in rule_files(&folder("tests/pipelines/warned")) {
        let name = file.file_stem().and_then(|stem| stem.to_str());
        let name = name.expect("a file's name");
        let text = std::fs::read_to_string(&file).expect("readable");
        let loaded = pipeline::load("pipeline.yml", &text, &Closed);
        assert!(loaded.pipeline.is_some(), "{name} can be used");
        let source = Source::new("pipeline.yml", &text);
        let said = loaded.diagnostics.iter();
        let said: Vec<String> = said.map(|error| human(&source, error, false)).collect();
        snapshots.check(name, said.join("\n").trim_end());
    }
    let failed = snapshots.finish();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn built_in_pipelines_are_in_order() {
    let registry = Registry::built_in();
    for (name, text) in builtin::ALL {
        let loaded = pipeline::load(name, text, &Closed);
        assert_eq!(loaded.diagnostics, [], "{name}");
        let file = loaded.pipeline.expect("there are no errors");
        for target in &file.allowed_backends {
            // pySigma's names of targets that are none here.
            let known = registry.names().contains(&target.as_str());
            assert!(known || ["elasticsearch", "opensearch"].contains(&target.as_str()));
        }
        assert!(!file.items.is_empty() && file.name.is_some(), "{name}");
    }
    assert!(builtin::ALL.is_sorted_by_key(|(name, _)| name));
}

/// A rule after a built-in pipeline.
fn built_in(name: &str, target: &str, profile: Profile, source: &str, items: &str) -> String {
    let text = builtin::text(name).expect("it is built in");
    let file = pipeline::load(name, text, &Closed).pipeline;
    let request = Request {
        target: target.to_owned(),
        profile,
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request)
        .expect("a target and its profile")
        .with_pipeline(Pipeline::new(file.into_iter().collect()), Box::new(Closed));
    let rule = format!(
        "title: T\nlogsource: {{{source}}}\ndetection:\n  a:\n    {items}\n  condition: a\n"
    );
    transpiler
        .convert_text("rule.yml", &rule)
        .queries
        .join("\n")
}

#[test]
fn ecs_windows_asks_for_what_winlogbeat_writes() {
    let process = "product: windows, category: process_creation";
    let network = "product: windows, category: network_connection";
    for (source, items, expected) in [
        (
            network,
            "Initiated: 'true'",
            r#"network.direction: "egress""#,
        ),
        (network, "Initiated: True", r#"network.direction: "egress""#),
        (
            network,
            "Initiated: ['FALSE', true]",
            r#"network.direction: "ingress" or network.direction: "egress""#,
        ),
        (
            process,
            r"User: ['A\b', c]",
            r#"user.domain: "A" and user.name: "b" or user.name: "c" or user.domain: "c""#,
        ),
        (
            process,
            "User: null",
            "not user.name: * and not user.domain: *",
        ),
        (
            process,
            "Hashes|contains: ['IMPHASH=AB', 'MD5=987B65CD9B9F4E9A1AFD8F8B48CF64A7']",
            r#"process.pe.imphash: ab* or process.hash.md5: "987b65cd9b9f4e9a1afd8f8b48cf64a7""#,
        ),
        (
            "product: windows, category: image_load",
            "Hashes|contains: 'SHA1=AB'",
            "file.hash.sha1: ab*",
        ),
        (
            "product: windows, category: registry_set",
            "Details: 'DWORD (0x00000001)'",
            r#"registry.data.strings: "1""#,
        ),
        (
            "product: windows, category: file_delete",
            "IsExecutable: 'true'",
            "sysmon.file.is_executable: true",
        ),
        (
            "product: windows, category: dns_query",
            "QueryStatus: '0'",
            r#"sysmon.dns.status: "SUCCESS""#,
        ),
    ] {
        let query = built_in("ecs_windows", "kql", Profile::Native, source, items);
        assert_eq!(query, expected, "{items}");
    }
    for (items, expected) in [
        ("Initiated: 'true'", "network.direction:true"),
        ("Initiated: true", "network.direction:egress"),
        ("User: a", "user.name:a"),
    ] {
        let query = built_in("ecs_windows", "lucene", Profile::Pysigma, network, items);
        assert_eq!(query, expected, "{items}");
    }
}

#[test]
fn ecs_kubernetes_asks_for_the_core_group() {
    let source = "product: kubernetes, service: audit";
    let query = built_in(
        "ecs_kubernetes",
        "kql",
        Profile::Native,
        source,
        "apiGroup: ''",
    );
    let group = "kubernetes.audit.objectRef.apiGroup";
    let kind = r#"kubernetes.audit.kind: "Event""#;
    assert_eq!(
        query,
        format!(r#"{kind} and (not {group}: * or {group}: "")"#)
    );
}

#[test]
fn channels_are_named_as_windows_does() {
    for (name, target, field, prefix) in [
        ("windows-logsources", "kql", "Channel", ""),
        ("ecs_windows", "kql", "winlog.channel", ""),
        ("splunk_windows", "splunk", "source", "WinEventLog:"),
    ] {
        let source = "product: windows, service: dns-client";
        let query = built_in(name, target, Profile::Native, source, "EventID: 1");
        assert!(query.contains(field), "{query}");
        let channel = format!("\"{prefix}Microsoft-Windows-DNS-Client/Operational\"");
        assert!(query.contains(&channel), "{query}");
    }
}
