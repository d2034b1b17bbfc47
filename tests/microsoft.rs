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
    match converted.error {
        Some(error) => error.message,
        // Without SQLite's quotes and escapes.
        None => converted
            .queries
            .join("\n")
            .replace('`', "")
            .replace("!_", "_"),
    }
}

/// A rule's log source, its items, and what the query holds.
type Expected = (&'static str, &'static str, &'static [&'static str]);

/// What becomes of fields and values, by pipeline.
const CASES: &[(&str, &[Expected])] = &[
    (
        "microsoft_xdr",
        &[
            // Hashes have the same names in each table of files.
            (PROCESS, "sha1: a", &["DeviceProcessEvents", "SHA1"]),
            (FILE, "md5: a", &["DeviceFileEvents", "MD5"]),
            (IMAGE, "sha256: a", &["DeviceImageLoadEvents", "SHA256"]),
            // A table for each kind of event.
            (
                PROCESS,
                r"Image|endswith: \a.exe",
                &["DeviceProcessEvents", "FolderPath"],
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
                &["DeviceFileEvents", "FolderPath"],
            ),
            (
                FILE,
                r"ParentImage|endswith: \a.exe",
                &["InitiatingProcessParentFileName", "'a.exe'"],
            ),
            (
                IMAGE,
                "ImageLoaded: a",
                &["DeviceImageLoadEvents", "FolderPath"],
            ),
            (
                NETWORK,
                "DestinationPort: 80",
                &["DeviceNetworkEvents", "RemotePort"],
            ),
            (
                NETWORK,
                "Initiated: 'false'",
                &["ActionType", "InboundConnectionAccepted"],
            ),
            (
                SECURITY,
                "{EventID: 4624, LogonType: 10}",
                &["DeviceLogonEvents", "LogonSuccess", "RemoteInteractive"],
            ),
            (
                "product: aws, service: cloudtrail",
                "eventName: a",
                &["CloudAuditEvents", "eventName"],
            ),
            // Accounts are a domain and a name.
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
            // The end of an account is that of its name.
            (
                PROCESS,
                "User|endswith: $",
                &["FROM DeviceProcessEvents WHERE AccountName LIKE '%$'"],
            ),
            (
                PROCESS,
                "User|re: ann$",
                &["has a domain and a name in columns of their own"],
            ),
            // Hashes are in columns of their own.
            (
                PROCESS,
                "Hashes|contains: 'MD5=0123456789abcdef0123456789abcdef'",
                &["MD5"],
            ),
            (
                PROCESS,
                "Hashes|contains: 'IMPHASH=0123456789abcdef0123456789abcdef'",
                &["expected hashes of the algorithms MD5, SHA1, SHA256, found none"],
            ),
            // Registry keys are named as the tables do.
            (
                REGISTRY,
                r"TargetObject|startswith: HKLM\Software\A",
                &[
                    "DeviceRegistryEvents",
                    "RegistryKey",
                    r"HKEY_LOCAL_MACHINE\Software\A",
                ],
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
                "Details|contains: DWORD (0x00000001)",
                &["RegistryValueData = '1'"],
            ),
            (
                REGISTRY,
                "Details|contains: DWORD (0x0000000",
                &["this part or number of the other form is never found"],
            ),
            (
                REGISTRY,
                "Details: DWORD (0x00001234)",
                &["this part or number of the other form is never found"],
            ),
            (
                REGISTRY,
                "EventType: SetValue",
                &["ActionType", "RegistryValueSet"],
            ),
            (
                DELETED,
                r"TargetObject|startswith: HKLM\Software\A",
                &[
                    "PreviousRegistryKey",
                    r"HKEY_LOCAL_MACHINE\Software\A",
                    "RegistryValueDeleted",
                ],
            ),
        ],
    ),
    (
        "sentinel_asim",
        &[
            // Hashes are in columns of their own.
            (FILE, "md5: a", &["imFileEvent", "TargetFileMD5"]),
            (PROCESS, "SHA256: a", &["TargetProcessSHA256"]),
            (
                PROCESS,
                "Hashes|contains: 'IMPHASH=0123456789abcdef0123456789abcdef'",
                &["TargetProcessIMPHASH"],
            ),
            // Registry keys are named as the tables do.
            (
                REGISTRY,
                r"TargetObject|startswith: HKLM\Software\A",
                &[
                    "imRegistry",
                    "RegistryKey",
                    r"HKEY_LOCAL_MACHINE\Software\A",
                ],
            ),
            // The columns of the parsers.
            (
                PROCESS,
                "Image: a",
                &["imProcessCreate", "TargetProcessName"],
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
                &["imFileEvent", "ActingProcessName", "TargetFilePath"],
            ),
            (
                NETWORK,
                "Initiated: true",
                &["NetworkDirection", "Outbound"],
            ),
            (
                "category: proxy",
                "c-useragent: a",
                &["imWebSession", "HttpUserAgent"],
            ),
            ("category: proxy", "c-uri-query|contains: a", &["Url"]),
            (
                "category: proxy",
                "c-uri-query|startswith: a",
                &["has no column for `c-uri-query`"],
            ),
            ("category: dns", "query: a", &["_Im_Dns", "DnsQuery"]),
            (
                SECURITY,
                "EventID: 4625",
                &["imAuthentication", "EventResult", "Failure"],
            ),
        ],
    ),
    (
        "azure_monitor",
        &[
            // Registry keys are named as the tables do.
            (
                REGISTRY,
                r"TargetObject|startswith: HKLM\Software\A",
                &[
                    "SecurityEvent",
                    "ObjectName",
                    r"\REGISTRY\MACHINE\Software\A",
                ],
            ),
            // Connectors have tables of their own.
            (PROCESS, "Image: a", &["SecurityEvent", "NewProcessName"]),
            (
                PROCESS,
                "IntegrityLevel: High",
                &["MandatoryLabel", "S-1-16-12288"],
            ),
            (FILE, "Image: a", &["ProcessName"]),
            (
                SECURITY,
                "{EventID: 4769, TicketOptions: a}",
                &["parse_xml", "TicketOptions"],
            ),
            (
                "product: windows, service: system",
                "{EventID: 7045, ImagePath: a}",
                &["\"System\"", "ImagePath"],
            ),
            (
                "product: azure, service: signinlogs",
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
                &["Syslog", "SyslogMessage", "sshd"],
            ),
            (
                "category: webserver",
                "cs-uri-query: a",
                &["W3CIISLog", "csUriQuery"],
            ),
        ],
    ),
    (
        "microsoft_registry_path+microsoft_xdr",
        &[
            // Registry keys are named as the tables do.
            (
                REGISTRY,
                r"TargetObject|startswith: HKLM\Software\A",
                &[
                    "strcat(RegistryKey",
                    "TargetObject",
                    r"HKEY_LOCAL_MACHINE\Software\A",
                ],
            ),
            (
                DELETED,
                r"TargetObject|startswith: HKLM\Software\A",
                &["DeletedObject"],
            ),
        ],
    ),
    (
        "sentinel_event",
        &[
            // Channels of Windows.
            (
                PROCESS,
                "Image: a",
                &["Microsoft-Windows-Sysmon", "EventID == 1", "Image"],
            ),
            (SECURITY, "EventID: 1", &["its channel is not known"]),
        ],
    ),
    (
        "windows-logsources+sentinel_event",
        &[
            // Channels of Windows.
            (
                "product: windows, service: windefend",
                "EventID: 1116",
                &["Windows Defender/Operational"],
            ),
        ],
    ),
    (
        "sentinel_windowsevent",
        &[
            // Channels of Windows.
            (
                PROCESS,
                "Image: a",
                &["WindowsEvent", "EventID == 1", "Image"],
            ),
        ],
    ),
];

#[test]
fn fields_become_columns_of_the_tables() {
    for (pipelines, cases) in CASES {
        for (source, items, expected) in *cases {
            let found = after(pipelines, source, items);
            for part in *expected {
                let what = format!("{pipelines}: {items} of {source}: {part}");
                assert!(found.contains(part), "{what}\n{found}");
            }
        }
    }
}

/// The names between backticks in a cell of a table.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// A line of the table in `docs/divergences.md`: pipeline, log source, items, how many rules, a
/// reference's columns, ours or a refusal, and why.
#[test]
fn columns_that_a_reference_has_otherwise_are_those_of_the_document() {
    let document = include_str!("../docs/divergences.md");
    let (_, section) = document.split_once("\n## Kusto: ").expect("the section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [pipeline, source, items, _, theirs, ours, _] = cells.as_slice() else {
            panic!("seven cells: {row}")
        };
        let item = items.trim_matches('`');
        let found = after(pipeline.trim_matches('`'), source.trim_matches('`'), item);
        if *ours == "refused" {
            assert!(!found.contains("SELECT"), "{row}\n{found}");
        } else {
            let has = |name: &str| {
                found
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == name)
            };
            for name in names(ours) {
                assert!(has(name), "{name}: {row}\n{found}");
            }
            for name in names(theirs)
                .iter()
                .filter(|name| !names(ours).contains(name))
            {
                assert!(!has(name), "{name}: {row}\n{found}");
            }
        }
        count += 1;
    }
    assert!(count > 10, "{count} rows");
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
            "the table SecurityEvent has no `Image` of Linux: it holds events of Windows alone, those of Defender are for `microsoft_xdr`",
        ),
    ] {
        assert_eq!(after(pipelines, source, items), expected, "{items}");
    }
}
