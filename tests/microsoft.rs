//! The pipelines of Microsoft's tables: which table, which columns, which values, and what is refused.
//!
//! They are for the target `kusto`; `sqlite` shows the same tables and columns, and neither is of
//! interest for the language.

use varsigma::backend::Registry;
use varsigma::pipeline::environment::Closed;
use varsigma::pipeline::{self, Pipeline, builtin};
use varsigma::transpile::{Request, Transpiler};

const PROCESS: &str = "product: windows, category: process_creation";
const REGISTRY: &str = "product: windows, category: registry_set";
const DELETED: &str = "product: windows, category: registry_delete";
const FILE: &str = "product: windows, category: file_event";
const NETWORK: &str = "product: windows, category: network_connection";
const IMAGE: &str = "product: windows, category: image_load";
const SECURITY: &str = "product: windows, service: security";

/// The query of a rule after pipelines, or the message of its error.
fn after(pipelines: &str, source: &str, items: &str) -> String {
    let files = pipelines.split('+').map(|name| {
        let text = builtin::text(name).expect("it is built in");
        let loaded = pipeline::load(name, text, &Closed);
        assert_eq!(loaded.diagnostics, [], "{name}");
        loaded.pipeline.expect("there are no errors")
    });
    let request = Request {
        target: "sqlite".to_owned(),
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request)
        .expect("a target")
        .with_pipeline(Pipeline::new(files.collect()), Box::new(Closed));
    let rule = format!(
        "title: T\nlogsource: {{{source}}}\ndetection:\n  a:\n    {items}\n  condition: a\n"
    );
    let converted = transpiler.convert_text("rule.yml", &rule);
    match converted.queries.as_slice() {
        [] => {
            let mut errors = converted.diagnostics.iter().filter(|it| it.is_error());
            errors
                .next()
                .map(|it| it.message.clone())
                .unwrap_or_default()
        }
        queries => queries.join("\n"),
    }
}

#[track_caller]
fn asserts(pipelines: &str, cases: &[(&str, &str, &[&str])]) {
    for (source, items, expected) in cases {
        let found = after(pipelines, source, items);
        for part in *expected {
            assert!(found.contains(part), "{items} of {source}: {part}\n{found}");
        }
    }
}

#[test]
fn defender_has_a_table_for_each_kind_of_event() {
    let aws = "product: aws, service: cloudtrail";
    asserts(
        "microsoft_xdr",
        &[
            (
                PROCESS,
                r"Image|endswith: \a.exe",
                &["`DeviceProcessEvents`", "FolderPath"],
            ),
            (PROCESS, "ParentImage: a", &["InitiatingProcessFolderPath"]),
            (
                PROCESS,
                "IntegrityLevel: S-1-16-12288",
                &["ProcessIntegrityLevel", "'High'"],
            ),
            (PROCESS, "LogonId: '0x3e7'", &["LogonId", "999"]),
            (
                FILE,
                "TargetFilename: a",
                &["`DeviceFileEvents`", "FolderPath"],
            ),
            (
                FILE,
                r"ParentImage|endswith: \a.exe",
                &["InitiatingProcessParentFileName", "'a.exe'"],
            ),
            (
                IMAGE,
                "ImageLoaded: a",
                &["`DeviceImageLoadEvents`", "FolderPath"],
            ),
            (
                NETWORK,
                "DestinationPort: 80",
                &["`DeviceNetworkEvents`", "RemotePort"],
            ),
            (
                NETWORK,
                "Initiated: 'false'",
                &["ActionType", "InboundConnectionAccepted"],
            ),
            (
                SECURITY,
                "{EventID: 4624, LogonType: 10}",
                &["`DeviceLogonEvents`", "LogonSuccess", "RemoteInteractive"],
            ),
            (aws, "eventName: a", &["CloudAuditEvents", "eventName"]),
        ],
    );
}

#[test]
fn accounts_are_a_domain_and_a_name() {
    asserts(
        "microsoft_xdr",
        &[
            (
                PROCESS,
                r"User: CORP\ann",
                &["AccountDomain", "'CORP'", "AccountName", "'ann'", "AND"],
            ),
            (
                PROCESS,
                "User|contains: AUTHORI",
                &["AccountName", "AccountDomain", "OR"],
            ),
        ],
    );
}

#[test]
fn hashes_are_in_columns_of_their_own() {
    let hash = "Hashes|contains: 'MD5=0123456789abcdef0123456789abcdef'";
    let imphash = "Hashes|contains: 'IMPHASH=0123456789abcdef0123456789abcdef'";
    let none = "expected hashes of the algorithms MD5, SHA1, SHA256, found none";
    asserts(
        "microsoft_xdr",
        &[(PROCESS, hash, &["`MD5`"]), (PROCESS, imphash, &[none])],
    );
    asserts(
        "sentinel_asim",
        &[(PROCESS, imphash, &["`TargetProcessIMPHASH`"])],
    );
}

#[test]
fn registry_keys_are_named_as_the_tables_do() {
    let key = r"TargetObject|startswith: HKLM\Software\A";
    let local = r"HKEY_LOCAL_MACHINE\Software\A";
    asserts(
        "microsoft_xdr",
        &[
            (
                REGISTRY,
                key,
                &["`DeviceRegistryEvents`", "RegistryKey", local],
            ),
            (
                REGISTRY,
                "Details: DWORD (0x00000001)",
                &["RegistryValueData", "'1'"],
            ),
            (
                REGISTRY,
                "Details: DWORD (0x0000000a)",
                &["RegistryValueData", "'10'"],
            ),
            (
                REGISTRY,
                "EventType: SetValue",
                &["ActionType", "RegistryValueSet"],
            ),
            (
                DELETED,
                key,
                &["PreviousRegistryKey", local, "RegistryValueDeleted"],
            ),
        ],
    );
    asserts(
        "sentinel_asim",
        &[(REGISTRY, key, &["`imRegistry`", "RegistryKey", local])],
    );
    let audit = r"\REGISTRY\MACHINE\Software\A";
    asserts(
        "azure_monitor",
        &[(REGISTRY, key, &["`SecurityEvent`", "ObjectName", audit])],
    );
    asserts(
        "microsoft_registry_path+microsoft_xdr",
        &[
            (
                REGISTRY,
                key,
                &["strcat(RegistryKey", "`TargetObject`", local],
            ),
            (DELETED, key, &["`DeletedObject`"]),
        ],
    );
}

#[test]
fn asim_has_the_columns_of_its_parsers() {
    let proxy = "category: proxy";
    asserts(
        "sentinel_asim",
        &[
            (
                PROCESS,
                "Image: a",
                &["`imProcessCreate`", "TargetProcessName"],
            ),
            (
                PROCESS,
                "ParentImage: a",
                &["ActingProcessName", "ParentProcessName", "OR"],
            ),
            (
                PROCESS,
                "OriginalFileName: a",
                &["TargetProcessFileOriginalName"],
            ),
            (
                FILE,
                "{Image: a, TargetFilename: b}",
                &["`imFileEvent`", "ActingProcessName", "TargetFilePath"],
            ),
            (
                NETWORK,
                "Initiated: true",
                &["NetworkDirection", "Outbound"],
            ),
            (
                proxy,
                "c-useragent: a",
                &["`imWebSession`", "HttpUserAgent"],
            ),
            (proxy, "c-uri-query|contains: a", &["Url"]),
            (
                proxy,
                "c-uri-query|startswith: a",
                &["has no column for `c-uri-query`"],
            ),
            ("category: dns", "query: a", &["`_Im_Dns`", "DnsQuery"]),
            (
                SECURITY,
                "EventID: 4625",
                &["`imAuthentication`", "EventResult", "Failure"],
            ),
        ],
    );
}

#[test]
fn connectors_have_tables_of_their_own() {
    let signin = "product: azure, service: signinlogs";
    let system = "product: windows, service: system";
    asserts(
        "azure_monitor",
        &[
            (PROCESS, "Image: a", &["`SecurityEvent`", "NewProcessName"]),
            (
                PROCESS,
                "IntegrityLevel: High",
                &["MandatoryLabel", "S-1-16-12288"],
            ),
            (FILE, "Image: a", &["ProcessName"]),
            (
                SECURITY,
                "{EventID: 4769, TicketOptions: a}",
                &["parse_xml", "`TicketOptions`"],
            ),
            (
                system,
                "{EventID: 7045, ImagePath: a}",
                &["\"System\"", "ImagePath"],
            ),
            (
                signin,
                "AppDisplayName: a",
                &["SigninLogs", "AppDisplayName"],
            ),
            (
                "product: aws, service: cloudtrail",
                "userIdentity.type: a",
                &["AWSCloudTrail", "UserIdentityType"],
            ),
            (
                "product: linux, service: sshd",
                "message: a",
                &["`Syslog`", "SyslogMessage", "sshd"],
            ),
            (
                "category: webserver",
                "cs-uri-query: a",
                &["`W3CIISLog`", "csUriQuery"],
            ),
        ],
    );
}

#[test]
fn windows_channels_are_in_event_and_windowsevent() {
    asserts(
        "sentinel_event",
        &[
            (
                PROCESS,
                "Image: a",
                &["Microsoft-Windows-Sysmon", "EventID == 1", "Image"],
            ),
            (SECURITY, "EventID: 1", &["its channel is not known"]),
        ],
    );
    asserts(
        "windows-logsources+sentinel_event",
        &[(
            "product: windows, service: windefend",
            "EventID: 1116",
            &["Windows Defender/Operational"],
        )],
    );
    asserts(
        "sentinel_windowsevent",
        &[(
            PROCESS,
            "Image: a",
            &["WindowsEvent", "EventID == 1", "Image"],
        )],
    );
}

#[test]
fn what_has_no_column_is_refused() {
    let linux = "product: linux, category: process_creation";
    for (pipelines, source, items, expected) in [
        (
            "microsoft_xdr",
            PROCESS,
            "CurrentDirectory: a",
            "the table DeviceProcessEvents has no column for `CurrentDirectory`",
        ),
        (
            "microsoft_xdr",
            IMAGE,
            "Signed: 'false'",
            "the table DeviceImageLoadEvents has no column for `Signed`",
        ),
        (
            "microsoft_xdr",
            SECURITY,
            "EventID: 4720",
            "Defender XDR has no table for this log source",
        ),
        (
            "microsoft_xdr",
            SECURITY,
            "EventID: [4624, 4672]",
            "DeviceLogonEvents has no events of these `EventID`",
        ),
        (
            "sentinel_asim",
            FILE,
            "ParentImage: a",
            "the schema of imFileEvent has no column for `ParentImage`",
        ),
        (
            "azure_monitor",
            PROCESS,
            "OriginalFileName: a",
            "the table SecurityEvent has no column for `OriginalFileName`",
        ),
        (
            "azure_monitor",
            NETWORK,
            "DestinationIp: a",
            "the table SecurityEvent has no column for `DestinationIp` of network connections",
        ),
        (
            "azure_monitor",
            linux,
            "Image: a",
            "the table SecurityEvent has no `Image` of Linux: it holds events of Windows alone",
        ),
    ] {
        assert_eq!(after(pipelines, source, items), expected, "{items}");
    }
}
