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
        for (items, begins, later) in [
            (
                "QueryResults: 192.0.2.1",
                r"^192\.0\.2\.1;",
                r";192\.0\.2\.1;",
            ),
            (
                "QueryResults: '192.0.2.1;'",
                r"^192\.0\.2\.1;",
                r";192\.0\.2\.1;",
            ),
            (
                "QueryResults|startswith: '2001:db8::'",
                "^2001:db8::",
                ";2001:db8::",
            ),
        ] {
            let addresses = query(items);
            for field in ["IP4Records", "IP6Records"] {
                let found = format!("{field}=/{begins}/i OR {field}=/{later}/i");
                assert!(addresses.contains(&found), "{addresses}");
            }
        }
        assert!(query("QueryResults|endswith: '.1'").contains(r"IP4Records=/\.1;/i"));
        assert!(query("QueryResults: null").ends_with("(IP4Records!=* AND IP6Records!=*)"));
        for items in [
            "QueryResults: ''",
            "QueryResults|cidr: 192.0.2.0/24",
            "QueryResults|re: '^192'",
            "QueryResults: [null, 192.0.2.1]",
        ] {
            assert_eq!(query(items), "", "{items}");
        }
    }
}

/// What a built-in pipeline makes of detections and their condition: a query or an error, and after
/// it the messages of warnings.
fn detected(name: &str, target: &str, source: &str, detection: &str) -> (String, Vec<String>) {
    let text = builtin::text(name).expect("it is built in");
    let file = pipeline::load(name, text, &Closed).pipeline;
    let request = Request {
        target: target.to_owned(),
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request)
        .expect("a target")
        .with_pipeline(Pipeline::new(file.into_iter().collect()), Box::new(Closed));
    let rule = format!(
        "title: T\nlogsource: {{{source}}}\ndetection: {detection}\nfields: [Image, User]\n"
    );
    let mut output = transpiler.convert_text("rule.yml", &rule).rules.remove(0);
    let said = output.diagnostics.iter().map(|said| said.message.clone());
    let said = said.collect();
    match output.error {
        Some(error) => (error.message, Vec::new()),
        None => (output.queries.remove(0).text, said),
    }
}

#[test]
fn a_direction_keeps_its_place() {
    let source = "product: windows, category: network_connection";
    let outbound = "{s: {DestinationPort: 1}, f: {Initiated: 'true'}, condition: s and not f}";
    let either = "{s: {DestinationPort: 1}, f: {Initiated: true}, condition: s or f}";
    for (name, event) in [
        ("crowdstrike_falcon", "#event_simpleName"),
        ("crowdstrike_fdr", "event_simpleName"),
    ] {
        let query = |detection| detected(name, "logscale", source, detection).0;
        let not = format!("(RemotePort=1 AND (NOT {event}=*))");
        assert!(query(outbound).contains(&not), "{}", query(outbound));
        let or = format!("(RemotePort=1 OR {event}=*)");
        assert!(query(either).contains(&or), "{}", query(either));
        for detection in [
            "{s: {Initiated|contains: alse}, condition: s}",
            "{s: {Initiated: null}, condition: s}",
        ] {
            assert!(query(detection).ends_with("can only be compared with `true`"));
        }
        let inbound = query("{s: {Initiated: 'false'}, condition: s}");
        assert!(inbound.starts_with("inbound connections are events of their own"));
    }
    let query = |detection| detected("microsoft_xdr", "kusto", source, detection).0;
    let made = r#"extend Initiated = iff(column_ifexists("ActionType", "") =~ "InboundConnectionAccepted", "false", "true")"#;
    for (detection, test) in [
        (outbound, r#" and not(tostring(Initiated) =~ "true")"#),
        (either, r#" or tostring(Initiated) =~ "true""#),
        (
            "{s: {Initiated|contains: alse}, condition: s}",
            r#"where Initiated contains "alse""#,
        ),
    ] {
        let found = query(detection);
        assert!(found.contains(made) && found.ends_with(test), "{found}");
    }
    let accepted = query("{s: {Initiated: 'false'}, condition: s}");
    assert!(accepted.ends_with(r#"| where ActionType =~ "InboundConnectionAccepted""#));
    assert!(!accepted.contains("extend"), "{accepted}");
}

#[test]
fn falcon_has_drives_at_the_root_of_a_volume() {
    let process = "product: windows, category: process_creation";
    let file = "product: windows, category: file_event";
    for (source, item, begins, ends) in [
        (
            process,
            r"Image: C:\Windows\a.exe",
            r"ImageFileName=/^\\Device\\HarddiskVolume",
            r"\\Windows\\a\.exe$/id",
        ),
        (
            process,
            r"Image|contains: ':\Windows\'",
            r"ImageFileName=/^.*\\Device\\HarddiskVolume",
            r"\\Windows\\.*$/id",
        ),
        (
            process,
            r"Image: ['?:\Windows\a.exe', \b.exe]",
            r"ImageFileName=/^\\Device\\HarddiskVolume",
            r"\\Windows\\a\.exe$/id",
        ),
        (
            process,
            "Image|startswith: 'C:'",
            r"ImageFileName=/^\\Device\\HarddiskVolume",
            r"\\.*$/id",
        ),
        (
            file,
            r"TargetFilename|startswith: 'C:\Users\'",
            r"TargetFileName=/^\\Device\\HarddiskVolume",
            r"\\Users\\.*$/id",
        ),
    ] {
        let detection = format!("{{s: {{{item}}}, condition: s}}");
        for name in ["crowdstrike_falcon", "crowdstrike_fdr"] {
            let (query, said) = detected(name, "logscale", source, &detection);
            let test = format!("({begins}.{ends} OR {begins}..{ends})");
            assert!(query.contains(&test), "{query}");
            // The field's name stays one where it is no test.
            assert_eq!(query.matches(", ").count(), 1, "{query}");
            assert_eq!(said, [""; 0], "{item}");
        }
    }
}

#[test]
fn falcon_refuses_or_warns_of_what_it_does_not_record() {
    let process = "product: windows, category: process_creation";
    let dns = "product: windows, category: dns_query";
    let file = "product: windows, category: file_event";
    let name_alone = "the Falcon sensor records the name of a parent's program, not its path";
    let context = "the Falcon sensor records the name of the program that connects, not its path";
    let lacks = "the Falcon sensor records no such field with this event";
    let drive = "an expression that asks for a drive finds none";
    for (source, item, is_refused, expected) in [
        (
            process,
            "Image|startswith: 'C:W'",
            true,
            "begin with a device",
        ),
        (
            process,
            "Image|fieldref: ParentImage",
            true,
            "never equals a path",
        ),
        (file, "CommandLine: a", false, lacks),
        (dns, "ParentImage: a", false, lacks),
        (process, r"Image|re: '^C:\\Windows'", false, drive),
        (process, r"ParentImage|re: '\\cmd\.exe$'", false, name_alone),
        (process, "ParentImage|contains: cmd", false, name_alone),
        (dns, r"Image|re: '\\cmd\.exe$'", false, context),
        (dns, "Image|contains: Temp", false, context),
    ] {
        let detection = format!("{{s: {{{item}}}, condition: s}}");
        let (found, said) = detected("crowdstrike_falcon", "logscale", source, &detection);
        let message = if is_refused { &found } else { &said[0] };
        assert!(message.contains(expected), "{item}: {found} {said:?}");
    }
    for item in [r"ParentImage|endswith: \cmd.exe", "ParentImage: null"] {
        let detection = format!("{{s: {{{item}}}, condition: s}}");
        let (found, said) = detected("crowdstrike_falcon", "logscale", process, &detection);
        assert_eq!(said, [""; 0], "{found}");
    }
}

#[test]
fn wazuh_warns_of_expressions_for_paths() {
    let source = "product: windows, category: process_creation";
    for (item, warns) in [
        (r"Image|re: 'Windows\\System32'", true),
        (r"Image|contains: 'Windows\System32'", false),
        ("Image: null", false),
        ("CommandLine|re: '[0-9]{9}'", false),
    ] {
        let detection = format!("{{s: {{{item}}}, condition: s}}");
        let (_, said) = detected("wazuh_alerts", "opensearch", source, &detection);
        let said = said.iter().any(|said| said.contains("a backslash as two"));
        assert_eq!(said, warns, "{item}");
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

#[test]
fn secops_udm_asks_for_what_the_parsers_of_secops_fill() {
    let process = "product: windows, category: process_creation";
    let network = "product: windows, category: network_connection";
    let logon = "product: windows, service: security";
    for (source, item, expected) in [
        (
            process,
            r"User: 'NT AUTHORITY\SYSTEM'",
            r#"principal.administrative_domain = "NT AUTHORITY" nocase AND principal.user.userid = "SYSTEM" nocase"#,
        ),
        (
            process,
            "OriginalFileName: a.exe",
            r#"src.process.file.full_path = "a.exe" nocase"#,
        ),
        (
            process,
            "Hashes|contains: 'IMPHASH=BC'",
            "target.process.file.pe_file.imphash = /^BC/ nocase",
        ),
        (
            "product: windows, category: file_event",
            "Image|endswith: /a",
            r"principal.process.file.full_path = /(?s)\/a$/ nocase",
        ),
        (network, "DestinationPort: '443'", "target.port = 443"),
        // A star of the value's own is no wildcard.
        (
            process,
            r"User: 'CORP\*'",
            r#"principal.user.userid = "CORP*" nocase"#,
        ),
        (
            process,
            r#"CommandLine|startswith: "a\nb""#,
            r"target.process.command_line = /(?s)^a\nb",
        ),
        (network, "Protocol: udp", r#"network.ip_protocol = "UDP""#),
        (
            network,
            "Initiated: 'true'",
            r#"network.direction = "OUTBOUND""#,
        ),
        (
            logon,
            "LogonType: 10",
            r#"extensions.auth.mechanism = "REMOTE_INTERACTIVE""#,
        ),
        (
            logon,
            "EventID: 4625",
            r#"metadata.product_event_type = "4625""#,
        ),
        (
            "product: windows, category: process_access",
            "CallTrace|contains: dbghelp",
            r#"additional.fields["CallTrace"] = /(?s)dbghelp/ nocase"#,
        ),
    ] {
        let query = built_in("secops_udm", "secops", Profile::Native, source, item);
        assert!(query.contains(expected), "{item}: {query}");
    }
    for (name, target) in [
        ("secops_udm", "secops"),
        ("azure_monitor", "kusto"),
        ("ecs_windows", "esql"),
    ] {
        let (found, _) = detected(name, target, process, "{s: {User|re: a.c}, condition: s}");
        assert!(found.contains("compared with texts alone"), "{found}");
    }
    for (source, field) in [
        (process, "IntegrityLevel"),
        (network, "RuleName"),
        ("product: aws, service: cloudtrail", "requestParameters.a"),
    ] {
        let detection = format!("{{s: {{{field}: a}}, condition: s}}");
        let (found, _) = detected("secops_udm", "secops", source, &detection);
        assert!(found.contains(&format!("no `{field}`")), "{found}");
    }
}

#[test]
fn qradar_asks_for_the_properties_of_its_content_extensions() {
    let process = "product: windows, category: process_creation";
    let network = "product: windows, category: network_connection";
    for (source, item, expected) in [
        (process, "Image: a", r#""Process Path" ILIKE 'a'"#),
        (process, "Image: a", r#""Event ID" IN ('1', '4688')"#),
        (process, "CommandLine: a", "devicetype = 12"),
        (
            process,
            "Hashes|contains: 'IMPHASH=BC'",
            r#""IMP Hash" ILIKE 'BC%'"#,
        ),
        (
            process,
            "Original File Name: a",
            r#""Original File Name" ILIKE 'a'"#,
        ),
        (network, "DestinationPort: '443'", "destinationport = 443"),
        (network, "DestinationPort: [80, 443]", "IN (80, 443)"),
        (
            network,
            "DestinationIp|cidr: 'fe80::/10'",
            "INCIDR('fe80::/10', destinationip)",
        ),
        (
            "product: windows, service: security",
            "EventID: 4625",
            r#""Event ID" = '4625'"#,
        ),
        (
            "product: linux, category: process_creation",
            "Image|endswith: /sh",
            "devicetype = 11",
        ),
        (
            "category: proxy",
            "c-uri|contains: a",
            r#""URL" ILIKE '%a%'"#,
        ),
    ] {
        let query = built_in("qradar-aql-fields", "qradar", Profile::Native, source, item);
        assert!(query.contains(expected), "{item}: {query}");
    }
    for (source, field) in [
        (process, "OriginalFileName"),
        (process, "User"),
        (network, "Channel"),
        ("product: aws, service: cloudtrail", "eventName"),
    ] {
        let detection = format!("{{s: {{{field}: a}}, condition: s}}");
        let (found, _) = detected("qradar-aql-fields", "qradar", source, &detection);
        assert!(found.contains(&format!("for `{field}`")), "{found}");
    }
}

#[test]
fn cortex_xdr_asks_for_what_the_agent_of_cortex_tells() {
    let process = "product: windows, category: process_creation";
    let network = "product: linux, category: network_connection";
    let registry = "product: windows, category: registry_set";
    for (source, item, expected) in [
        (
            process,
            "Image: a.exe",
            "event_sub_type = ENUM.PROCESS_START",
        ),
        (
            process,
            "ParentImage: a.exe",
            r#"actor_process_image_path = "a.exe""#,
        ),
        (
            process,
            "IntegrityLevel: High",
            "action_process_integrity_level = 12288",
        ),
        (
            process,
            "Hashes|contains: 'MD5=BC'",
            r#"action_process_image_md5 = "BC*""#,
        ),
        (
            network,
            "DestinationPort: ['443', 80]",
            "action_remote_port in (443, 80)",
        ),
        (
            network,
            "Protocol: udp",
            "action_network_protocol = ENUM.UDP",
        ),
        (
            network,
            "Initiated: 'true'",
            "action_network_is_server = false",
        ),
        (network, "Image: /a", "agent_os_type = ENUM.AGENT_OS_LINUX"),
        (
            registry,
            r"TargetObject: HKLM\A\*",
            r#", concat(action_registry_key_name, "\", action_registry_value_name)) | filter"#,
        ),
        (
            registry,
            r"TargetObject: HKLM\A\b",
            r#"registry_path = "HKEY_LOCAL_MACHINE\A\b""#,
        ),
        (
            registry,
            "Details: DWORD (0x00000001)",
            r#"action_registry_data = "1""#,
        ),
        // The high half is the first.
        (
            registry,
            "Details: QWORD (0x00000000-0x00000002)",
            r#"action_registry_data = "2""#,
        ),
        (
            "product: windows, category: registry_rename",
            r"TargetObject|endswith: \a",
            r#"action_registry_old_key_name = "*\a""#,
        ),
        (
            "product: windows, category: create_remote_thread",
            "TargetImage: a",
            r#"action_remote_process_image_path = "a""#,
        ),
    ] {
        let query = built_in("cortex_xdr", "cortex", Profile::Native, source, item);
        assert!(query.contains(expected), "{item}: {query}");
    }
    for (source, item, expected) in [
        (process, "OriginalFileName: a", "no `OriginalFileName`"),
        (registry, r"TargetObject: HKCR\a", "no `HKCR`"),
        (registry, "TargetObject|startswith: HKLM", "no `HKCR`"),
        (
            registry,
            "Details: QWORD (0x00000002-0x00000000)",
            "not converted",
        ),
        (
            "product: aws, service: cloudtrail",
            "eventName: a",
            "no `eventName`",
        ),
    ] {
        let detection = format!("{{s: {{{item}}}, condition: s}}");
        let (found, _) = detected("cortex_xdr", "cortex", source, &detection);
        assert!(found.contains(expected), "{found}");
    }
}
