//! Built-in pipelines. What pipelines do to rules are snapshots: `tests/snapshots/pipelines.rs`.

use varsigma::backend::Registry;
use varsigma::dialect::Profile;
use varsigma::pipeline::environment::Closed;
use varsigma::pipeline::{self, Pipeline, builtin};
use varsigma::transpile::{Request, Transpiler};

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

#[test]
fn falcon_has_types_of_records_by_number_and_all_addresses_in_one_text() {
    let source = "product: windows, category: dns_query";
    for name in ["crowdstrike_falcon", "crowdstrike_fdr"] {
        let query = |items| built_in(name, "logscale", Profile::Native, source, items);
        assert!(query("record_type: txt").ends_with("RequestType=/^16$/i"));
        let addresses = query("QueryResults: ['192.0.2.1', '2001:db8::*']");
        let found = r#"values=["*192.0.2.1*", "*2001:db8::*"], ignoreCase=true)"#;
        for field in ["IP4Records", "IP6Records"] {
            assert!(
                addresses.contains(&format!("in({field}, {found}")),
                "{addresses}"
            );
        }
    }
}

#[test]
fn a_name_with_a_wildcard_is_for_languages_that_have_such_names() {
    let query = |target| {
        let source = "product: zeek, service: http";
        built_in(
            "ecs_zeek_beats",
            target,
            Profile::Native,
            source,
            "username: a",
        )
    };
    assert!(query("lucene").contains(r"zeek.\*.username:"));
    assert!(query("kql").contains(r#"zeek.*.username: "a""#));
    for target in ["esql", "eql", "ppl"] {
        assert_eq!(query(target), "", "{target}");
    }
}
