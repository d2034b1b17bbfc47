//! What products ask of documents that they import, so far as it is published: keys, words, lengths,
//! forms of times and names. No product is run.
//!
//! Restated as facts, no schema is copied:
//! - Microsoft Sentinel: `.script/tests/detectionTemplateSchemaValidation` of `Azure/Azure-Sentinel` (MIT)
//!   and `Microsoft.SecurityInsights` 2024-03-01 of `Azure/azure-rest-api-specs` (MIT);
//! - Defender XDR: `security-detectionrule` of `microsoftgraph/microsoft-graph-docs-contrib`
//!   (CC-BY-4.0), and answers of the service (September 2026);
//! - Graylog: `org.graylog.events` of `Graylog2/graylog2-server` 7.2, what its `validate` asks for;
//! - `OpenSearch`: `docs` of `opensearch-project/alerting` and saved objects of
//!   `opensearch-project/OpenSearch-Dashboards` (Apache-2.0).

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use varsigma::Compiler;

/// The document of a rule over a table, or of a correlation.
fn document(target: &str, format: &str, options: &[(&str, &str)], text: &str) -> String {
    let builder = Compiler::builder(target).format(format);
    let builder = options.iter().fold(builder, |builder, (name, value)| {
        builder.option(*name, *value)
    });
    let output = builder.build().expect("the format").compile(text);
    assert!(output.error().is_none(), "{format}: {:?}", output.error());
    output.queries().join("\n")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    let found = value.pointer(path).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {path}: {value}"))
}

fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    let found = value.pointer(path).and_then(Value::as_array);
    found.unwrap_or_else(|| panic!("no list at {path}: {value}"))
}

#[track_caller]
fn is_one_of(value: &Value, path: &str, words: &[&str]) {
    let found = text(value, path);
    assert!(words.contains(&found), "{path}: {found}");
}

/// A rule with everything that a document can say, which tests one column.
fn rule(column: &str) -> String {
    let references = "  - https://example.com/a?b=\"c\"\n".repeat(200);
    format!(
        "title: '{}: a \"b\" \\ ${{c}} [d]'\nid: 9C1A2A60-3F57-4CC8-8D0E-5C1F0A6A1F07\n\
         description: |\n  [A text]\n  of lines: é\nreferences:\n{references}level: critical\n\
         tags: [attack.execution, attack.t1059.001, attack.t1059, attack.stealth, \
         attack.defense-impairment, attack.t1027, cve.2026-0001]\n\
         logsource: {{product: windows}}\ndetection:\n  s:\n    {column}|contains: 'a\"\\b'\n  condition: s\n",
        "long ".repeat(60)
    )
}

/// A correlation over one rule, in groups.
fn correlation(columns: &str) -> String {
    format!(
        "title: Many\ncorrelation:\n  type: event_count\n  rules: one\n  group-by: [{columns}]\n  \
         timespan: 90m\n  condition: {{gte: 12}}\n---\ntitle: One\nname: one\n\
         logsource: {{product: windows}}\ndetection:\n  s: {{EventID: 4625}}\n  condition: s\n"
    )
}

/// A table that Microsoft publishes, and a column of it.
const TABLES: [(&str, &str); 13] = [
    ("DeviceProcessEvents", "ProcessCommandLine"),
    ("DeviceFileEvents", "FolderPath"),
    ("DeviceRegistryEvents", "RegistryKey"),
    ("DeviceNetworkEvents", "RemoteUrl"),
    ("DeviceImageLoadEvents", "FolderPath"),
    ("DeviceLogonEvents", "AccountName"),
    ("DeviceEvents", "FileName"),
    ("EntraIdSignInEvents", "Application"),
    ("CloudAppEvents", "Application"),
    ("CloudAuditEvents", "OperationName"),
    ("EmailEvents", "Subject"),
    ("SecurityEvent", "CommandLine"),
    ("SigninLogs", "AppDisplayName"),
];

fn columns_of(table: &str) -> BTreeSet<&'static str> {
    let lines = include_str!("../backends/schemas/kusto.tsv").lines();
    let cells = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    let own = cells.filter(|cells| cells[0].split(' ').any(|own| own == table));
    own.flat_map(|cells| cells[2].split(' ')).collect()
}

const TACTICS: [&str; 14] = [
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "Exfiltration",
    "CommandAndControl",
    "Impact",
    "Reconnaissance",
    "ResourceDevelopment",
];
const SEVERITIES: [&str; 4] = ["Informational", "Low", "Medium", "High"];
/// Identifiers that are enough for an entity.
const ENTITIES: [(&str, &[&str]); 8] = [
    ("Account", &["FullName", "Sid", "Name", "AadUserId"]),
    ("Host", &["FullName", "HostName", "NetBiosName"]),
    ("IP", &["Address"]),
    ("Process", &["CommandLine", "ProcessId"]),
    ("File", &["Name"]),
    ("RegistryKey", &["Key"]),
    ("URL", &["Url"]),
    ("AzureResource", &["ResourceId"]),
];

/// Is it `T1059`, or with sub-techniques `T1059.001` too?
fn is_technique(text: &str, below: bool) -> bool {
    let (name, sub) = text.split_once('.').unwrap_or((text, ""));
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    name.strip_prefix('T').is_some_and(|name| digits(name, 4))
        && (sub.is_empty() && !text.contains('.') || below && digits(sub, 3))
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    parts == [8, 4, 4, 4, 12] && text.bytes().all(is_hex)
}

/// The minutes of `5m`, `1h`, `14d`, or in ISO 8601 of `PT5M`, `PT1H`, `P14D`.
fn minutes(text: &str) -> u64 {
    let (number, unit) = match text.strip_prefix('P') {
        Some(rest) => {
            let time = rest.strip_prefix('T');
            let rest = time.unwrap_or(rest);
            assert_eq!(time.is_none(), rest.ends_with('D'), "{text}");
            rest.split_at(rest.len() - 1)
        }
        None => text.split_at(text.len() - 1),
    };
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("{text}"));
    number
        * [("M", 1), ("H", 60), ("D", 1440)]
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .unwrap_or_else(|| panic!("{text}"))
            .1
}

fn check_entities(rule: &Value, table: &str) {
    let Some(mappings) = rule.pointer("/entityMappings").and_then(Value::as_array) else {
        return;
    };
    assert!(mappings.len() <= 10, "{mappings:?}");
    let columns = columns_of(table);
    for mapping in mappings {
        let kind = text(mapping, "/entityType");
        let (_, identifiers) = ENTITIES
            .iter()
            .find(|(known, _)| *known == kind)
            .expect(kind);
        let fields = list(mapping, "/fieldMappings");
        assert!((1..=3).contains(&fields.len()), "{mapping}");
        for field in fields {
            is_one_of(field, "/identifier", identifiers);
            let column = text(field, "/columnName");
            assert!(columns.contains(column), "{table}.{column}");
        }
    }
}

/// Frequency and period: 5 minutes to 14 days, the period no shorter.
fn check_schedule(rule: &Value) {
    let frequency = minutes(text(rule, "/queryFrequency"));
    let period = minutes(text(rule, "/queryPeriod"));
    assert!((5..=14 * 1440).contains(&frequency), "{frequency}");
    assert!((frequency..=14 * 1440).contains(&period), "{period}");
    assert!(period < 2 * 1440 || frequency >= 60, "{frequency} {period}");
}

fn check_lengths(rule: &Value, name: &str) {
    assert!((1..=256).contains(&text(rule, name).chars().count()));
    assert!(text(rule, "/description").chars().count() <= 5000);
    assert!((1..=10_000).contains(&text(rule, "/query").chars().count()));
}

#[test]
fn sentinel_takes_the_yaml_of_rules_and_hunts() {
    for (table, column) in TABLES {
        for format in ["sentinel_rule", "hunting_query"] {
            let rule = yaml(&document(
                "kusto",
                format,
                &[("table", table)],
                &rule(column),
            ));
            assert!(is_guid(text(&rule, "/id")));
            check_lengths(&rule, "/name");
            let tactics = list(&rule, "/tactics");
            for tactic in tactics {
                assert!(
                    TACTICS.contains(&tactic.as_str().expect("a text")),
                    "{tactic}"
                );
            }
            assert_eq!(tactics, ["Execution", "DefenseEvasion"], "without doubles");
            for technique in list(&rule, "/relevantTechniques") {
                assert!(
                    is_technique(technique.as_str().expect("a text"), true),
                    "{technique}"
                );
            }
            for connector in list(&rule, "/requiredDataConnectors") {
                assert!(!text(connector, "/connectorId").is_empty());
                assert!(!list(connector, "/dataTypes").is_empty());
            }
            check_entities(&rule, table);
            assert_eq!(text(&rule, "/version"), "1.0.0");
            if format == "sentinel_rule" {
                is_one_of(&rule, "/severity", &SEVERITIES);
                is_one_of(&rule, "/triggerOperator", &["gt", "lt", "eq", "ne"]);
                assert_eq!(rule["triggerThreshold"], 0);
                assert_eq!(text(&rule, "/kind"), "Scheduled");
                check_schedule(&rule);
            }
        }
    }
}

#[test]
fn azure_takes_the_template_of_a_rule() {
    const NEEDED: [&str; 10] = [
        "displayName",
        "enabled",
        "query",
        "queryFrequency",
        "queryPeriod",
        "severity",
        "suppressionDuration",
        "suppressionEnabled",
        "triggerOperator",
        "triggerThreshold",
    ];
    const OPTIONAL: [&str; 7] = [
        "description",
        "tactics",
        "techniques",
        "entityMappings",
        "eventGroupingSettings",
        "incidentConfiguration",
        "customDetails",
    ];
    let mut texts: Vec<_> = TABLES
        .iter()
        .map(|(table, column)| {
            (
                *table,
                document("kusto", "sentinel_arm", &[("table", table)], &rule(column)),
            )
        })
        .collect();
    let groups = correlation("Computer, TargetUserName");
    texts.push((
        "SecurityEvent",
        document(
            "kusto",
            "sentinel_arm",
            &[("table", "SecurityEvent")],
            &groups,
        ),
    ));
    for (table, text_of) in texts {
        let template = json(&text_of);
        assert!(text(&template, "/$schema").ends_with("/deploymentTemplate.json#"));
        let resource = &list(&template, "/resources")[0];
        assert_eq!(text(resource, "/kind"), "Scheduled");
        assert_eq!(
            text(resource, "/type"),
            "Microsoft.OperationalInsights/workspaces/providers/alertRules"
        );
        let name = text(resource, "/name");
        let id = name
            .rsplit('/')
            .next()
            .and_then(|id| id.strip_suffix("')]"));
        assert!(is_guid(id.expect("a name of parts")), "{name}");
        let rule = &resource["properties"];
        let found = keys(rule);
        assert!(NEEDED.iter().all(|key| found.contains(key)), "{found:?}");
        assert!(
            found
                .iter()
                .all(|key| NEEDED.contains(key) || OPTIONAL.contains(key)),
            "{found:?}"
        );
        assert!(rule["enabled"].is_boolean() && rule["suppressionEnabled"].is_boolean());
        for path in ["/displayName", "/description", "/query"] {
            let value = text(rule, path);
            let is_expression = value.starts_with('[') && value.ends_with(']');
            assert!(!is_expression || value.starts_with("[["), "{value}");
        }
        check_lengths(rule, "/displayName");
        is_one_of(rule, "/severity", &SEVERITIES);
        is_one_of(
            rule,
            "/triggerOperator",
            &["GreaterThan", "LessThan", "Equal", "NotEqual"],
        );
        check_schedule(rule);
        assert!(minutes(text(rule, "/suppressionDuration")) >= 5);
        for tactic in list(rule, "/tactics") {
            assert!(TACTICS.contains(&tactic.as_str().expect("a text")));
        }
        for technique in list(rule, "/techniques") {
            assert!(is_technique(technique.as_str().expect("a text"), false));
        }
        check_entities(rule, table);
        is_one_of(
            rule,
            "/eventGroupingSettings/aggregationKind",
            &["SingleAlert", "AlertPerResult"],
        );
        let grouping = &rule["incidentConfiguration"]["groupingConfiguration"];
        is_one_of(
            grouping,
            "/matchingMethod",
            &["AllEntities", "AnyAlert", "Selected"],
        );
        assert!((5..=7 * 1440).contains(&minutes(text(grouping, "/lookbackDuration"))));
    }
}

/// Columns that are enough for what is impacted, of which a rule needs one.
const IMPACTED: [(&str, &[&[&str]]); 6] = [
    ("hosts", &[&["deviceIdColumn"], &["nameColumn"]]),
    (
        "accounts",
        &[
            &["aadUserIdColumn"],
            &["sidColumn"],
            &["upnColumn"],
            &["nameColumn", "ntDomainColumn"],
        ],
    ),
    ("mailboxes", &[&["primaryAddressColumn"]]),
    ("ips", &[&["addressColumn"]]),
    ("files", &[&["sha1Column"], &["sha256Column"]]),
    ("registryValues", &[&["keyColumn", "valueNameColumn"]]),
];

#[test]
fn microsoft_graph_takes_a_custom_detection() {
    for (table, column) in TABLES {
        let rule = json(&document(
            "kusto",
            "defender_rule",
            &[("table", table)],
            &rule(column),
        ));
        let expected = [
            "description",
            "detectionAction",
            "displayName",
            "id",
            "queryCondition",
            "schedule",
            "status",
        ];
        assert_eq!(keys(&rule), BTreeSet::from(expected));
        let id = text(&rule, "/id");
        assert!(
            id.starts_with(|first: char| first.is_ascii_alphabetic()) && id.len() <= 100,
            "{id}"
        );
        assert!(
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{id}"
        );
        is_one_of(&rule, "/status", &["enabled", "disabled"]);
        is_one_of(
            &rule,
            "/schedule/frequency",
            &["PT0S", "PT1H", "PT3H", "PT12H", "P1D"],
        );
        assert_eq!(keys(&rule["schedule"]), BTreeSet::from(["frequency"]));
        let alert = &rule["detectionAction"]["alertTemplate"];
        assert_eq!(
            keys(alert),
            BTreeSet::from([
                "description",
                "entityMappings",
                "severity",
                "tactics",
                "title"
            ])
        );
        is_one_of(
            alert,
            "/severity",
            &["informational", "low", "medium", "high"],
        );
        let [tactic] = list(alert, "/tactics") else {
            panic!("one tactic: {alert}")
        };
        assert!(TACTICS.contains(&text(tactic, "/tactic")));
        for technique in list(tactic, "/techniques") {
            let own = text(technique, "/technique");
            assert!(is_technique(own, false), "{technique}");
            for sub in list(technique, "/subTechniques") {
                assert!(
                    sub.as_str()
                        .is_some_and(|sub| sub.starts_with(&format!("{own}.")))
                );
            }
        }
        let columns = columns_of(table);
        let mappings = alert["entityMappings"].as_object().expect("an object");
        assert!(
            mappings
                .keys()
                .any(|kind| IMPACTED[..4].iter().any(|(known, _)| known == kind)),
            "{table}"
        );
        for (kind, entities) in mappings {
            let (_, enough) = IMPACTED
                .iter()
                .find(|(known, _)| known == kind)
                .expect("a kind");
            for entity in entities.as_array().expect("a list") {
                let has = keys(entity);
                assert!(
                    enough
                        .iter()
                        .any(|all| all.iter().all(|one| has.contains(one))),
                    "{entity}"
                );
                for column in entity.as_object().expect("an object").values() {
                    let column = column.as_str().expect("a name");
                    assert!(columns.contains(column), "{table}.{column}");
                }
            }
        }
    }
}

#[test]
fn graylog_takes_an_event_definition() {
    let plain = |name: &str| {
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".@-_".contains(&b))
    };
    let groups = correlation("host, 'user name', a-b");
    for text_of in [rule("message"), groups] {
        for (entity, is_wrapped) in [("true", true), ("false", false)] {
            let body = json(&document(
                "graylog",
                "event_definition",
                &[("entity", entity)],
                &text_of,
            ));
            let definition = if is_wrapped { &body["entity"] } else { &body };
            assert!(!text(definition, "/title").is_empty());
            assert!((0..=4).contains(&definition["priority"].as_i64().expect("a number")));
            let specs = definition["field_spec"].as_object().expect("an object");
            for (name, spec) in specs {
                assert!(plain(name), "{name}");
                assert_eq!(text(spec, "/data_type"), "string");
                assert_eq!(text(spec, "/providers/0/type"), "template-v1");
            }
            for key in list(definition, "/key_spec") {
                assert!(specs.contains_key(key.as_str().expect("a name")), "{key}");
            }
            let config = &definition["config"];
            assert_eq!(text(config, "/type"), "aggregation-v1");
            for key in ["search_within_ms", "execute_every_ms", "event_limit"] {
                assert!(
                    config[key].as_i64().is_some_and(|number| number > 0),
                    "{key}"
                );
            }
            let series = list(config, "/series");
            assert_eq!(series.is_empty(), config["conditions"].is_null());
            assert!(!series.is_empty() || list(config, "/group_by").is_empty());
            if let [series] = series {
                is_one_of(
                    series,
                    "/type",
                    &["count", "card", "sum", "avg", "percentile"],
                );
                let expression = &config["conditions"]["expression"];
                is_one_of(expression, "/expr", &["&&", "==", ">", ">=", "<", "<="]);
                assert_eq!(text(expression, "/left/ref"), text(series, "/id"));
            }
        }
    }
    let query = document(
        "graylog",
        "event_definition",
        &[],
        &correlation("host, 'user name'"),
    );
    let query = json(&query);
    let found = text(&query, "/entity/config/query");
    assert!(
        found.ends_with(r" AND _exists_:host AND _exists_:user\ name"),
        "{found}"
    );
}

#[test]
fn dashboards_take_a_saved_search() {
    let line = document("opensearch", "dashboards_ndjson", &[], &rule("message"));
    let object = json(&line);
    assert_eq!(text(&object, "/type"), "search");
    assert!(!text(&object, "/id").is_empty());
    let known = [
        "columns",
        "description",
        "hits",
        "kibanaSavedObjectMeta",
        "sort",
        "title",
        "version",
    ];
    assert!(keys(&object["attributes"]).is_subset(&BTreeSet::from(known)));
    let source = json(text(
        &object,
        "/attributes/kibanaSavedObjectMeta/searchSourceJSON",
    ));
    assert_eq!(text(&source, "/query/language"), "lucene");
    let reference = &list(&object, "/references")[0];
    assert_eq!(text(&source, "/indexRefName"), text(reference, "/name"));
    assert_eq!(text(reference, "/type"), "index-pattern");
    assert!(!text(reference, "/id").is_empty());
}

#[test]
fn opensearch_takes_a_monitor() {
    for (text_of, kind) in [
        (rule("message"), "query_level_monitor"),
        (correlation("host"), "bucket_level_monitor"),
    ] {
        let monitor = json(&document("opensearch", "monitor_rule", &[], &text_of));
        assert_eq!(text(&monitor, "/type"), "monitor");
        assert_eq!(text(&monitor, "/monitor_type"), kind);
        is_one_of(
            &monitor,
            "/schedule/period/unit",
            &["MINUTES", "HOURS", "DAYS"],
        );
        assert!(
            monitor["schedule"]["period"]["interval"]
                .as_i64()
                .is_some_and(|n| n > 0)
        );
        let search = &list(&monitor, "/inputs")[0]["search"];
        assert!(!list(search, "/indices").is_empty());
        let trigger = &list(&monitor, "/triggers")[0];
        let trigger = trigger.get("bucket_level_trigger").unwrap_or(trigger);
        is_one_of(trigger, "/severity", &["1", "2", "3", "4", "5"]);
        assert!(!text(trigger, "/name").is_empty());
        let condition = &trigger["condition"];
        assert_eq!(text(condition, "/script/lang"), "painless");
        if kind == "bucket_level_monitor" {
            let parent = text(condition, "/parent_bucket_path");
            let groups = &search["query"]["aggregations"][parent]["composite"];
            assert!(!list(groups, "/sources").is_empty(), "{search}");
            let paths: BTreeMap<_, _> = condition["buckets_path"]
                .as_object()
                .expect("paths")
                .iter()
                .collect();
            let script = text(condition, "/script/source");
            assert!(
                paths
                    .keys()
                    .all(|name| script.contains(&format!("params.{name}"))),
                "{script}"
            );
        }
    }
}

#[test]
fn logscale_takes_packages() {
    for (format, needed) in [
        ("saved_query", ["name", "queryString", "$schema"].as_slice()),
        (
            "filter_alert",
            &[
                "name",
                "queryString",
                "$schema",
                "enabled",
                "labels",
                "actionNameReferences",
            ],
        ),
        (
            "scheduled_search",
            &[
                "name",
                "queryString",
                "$schema",
                "schedule",
                "timeZone",
                "queryStart",
                "queryEnd",
                "backfillLimit",
            ],
        ),
    ] {
        let asset = yaml(&document("logscale", format, &[], &rule("message")));
        let found = keys(&asset);
        assert!(
            needed.iter().all(|key| found.contains(key)),
            "{format}: {found:?}"
        );
        assert!(text(&asset, "/$schema").starts_with("https://schemas.humio.com/"));
    }
    let rule = json(&document(
        "logscale",
        "correlation_rule",
        &[],
        &rule("message"),
    ));
    assert!([10, 30, 50, 70, 90].contains(&rule["severity"].as_i64().expect("a number")));
    for pair in list(&rule, "/mitre_attack") {
        assert!(text(pair, "/tactic_id").starts_with("TA"));
        assert!(is_technique(text(pair, "/technique_id"), true));
    }
}
