//! The target `kusto`: what tests are for columns of each type, and what documents and correlations ask for.

use varsigma::{Compiler, Fidelity};

const RULE: &str = r"
title: Types
id: 9C1A2A60-3F57-4CC8-8D0E-5C1F0A6A1F07
level: critical
tags: [attack.stealth, attack.t1059.001]
logsource: {product: windows}
detection:
  selection:
    CONDITION
  condition: selection
";

/// The query of a condition, and its fidelity.
fn query(options: &[(&str, &str)], condition: &str) -> (String, Fidelity) {
    let builder = Compiler::builder("kusto");
    let builder = options.iter().fold(builder, |builder, (name, value)| {
        builder.option(*name, *value)
    });
    let compiler = builder.build().expect("the options are the target's");
    let output = compiler.compile(&RULE.replace("CONDITION", condition));
    assert!(output.error().is_none(), "{:?}", output.error());
    (output.queries()[0].clone(), output.rules()[0].fidelity)
}

/// The same over a column `A` of a type.
fn of(kind: &str, condition: &str) -> (String, Fidelity) {
    let schema = format!("[columns]\nA = \"{kind}\"\n");
    let compiler = Compiler::builder("kusto").schema(schema).build();
    let compiler = compiler.expect("the schema can be read");
    let output = compiler.compile(&RULE.replace("CONDITION", condition));
    (output.queries()[0].clone(), output.rules()[0].fidelity)
}

#[test]
fn a_query_without_a_table_is_the_expression() {
    assert_eq!(query(&[], "A: x").0, r#"A =~ "x""#);
    let table = [("table", "DeviceEvents")];
    let expected = "DeviceEvents\n| where FileName =~ \"x\"";
    assert_eq!(query(&table, "FileName: x").0, expected);
    let both = [("table", "T"), ("columns", "A, b c")];
    let expected = "T\n| where A =~ \"x\"\n| project A, ['b c']";
    assert_eq!(query(&both, "A: x").0, expected);
}

#[test]
fn a_column_that_microsofts_table_lacks_is_refused() {
    let compiler = Compiler::builder("kusto").option("table", "SigninLogs");
    let compiler = compiler.build().expect("the option is the target's");
    let output = compiler.compile(&RULE.replace("CONDITION", "UserDisplayNam: x"));
    let error = output.error().expect("there is no such column");
    assert_eq!(error.code.number(), "VS1303");
    assert_eq!(error.help, ["did you mean `UserDisplayName`?"]);
    // Of a table of one's own nothing is known.
    let ours = [("table", "Ours_CL")];
    assert_eq!(query(&ours, "A: x").0, "Ours_CL\n| where A =~ \"x\"");
}

#[test]
fn a_column_of_an_unknown_type_binds_either_way() {
    for (condition, expected) in [
        ("A: 4624", r#"tostring(A) == "4624""#),
        ("A: '4624'", r#"tostring(A) == "4624""#),
        ("A: [1, '2']", r#"tostring(A) in ("1", "2")"#),
        ("A|startswith: '46'", r#"tostring(A) startswith "46""#),
        ("A: true", r#"tostring(A) =~ "true""#),
        ("A: [x, y]", r#"A in~ ("x", "y")"#),
    ] {
        assert_eq!(
            query(&[], condition),
            (expected.to_owned(), Fidelity::Exact)
        );
    }
}

#[test]
fn tests_are_those_of_the_type() {
    for (kind, condition, expected) in [
        ("long", "A: [1, 2]", "A in (1, 2)"),
        ("long", "A: null", "isnull(A)"),
        ("int", "A|contains: '46'", r#"tostring(A) contains_cs "46""#),
        ("bool", "A: true", "A == true"),
        ("string", "A: 4624", r#"A == "4624""#),
        ("datetime", "A|hour: 3", r#"datetime_part("hour", A) == 3"#),
        ("dynamic", "A.b.c: x", r#"tostring(A.b.c) =~ "x""#),
    ] {
        assert_eq!(
            of(kind, condition),
            (expected.to_owned(), Fidelity::Exact),
            "{kind}"
        );
    }
}

#[test]
fn what_matches_the_empty_text_asks_for_a_value() {
    assert_eq!(query(&[], "A|re: '^a+'").0, r#"A matches regex @"^a+""#);
    let (text, fidelity) = query(&[], "A|re: '^a*'");
    assert_eq!(text, r#"isnotempty(A) and A matches regex @"^a*""#);
    assert_eq!(fidelity, Fidelity::Narrower);
    assert_eq!(query(&[], "A: null").1, Fidelity::Broader);
}

#[test]
fn fields_can_lie_in_a_column() {
    let inside = [("event_column", "EventData")];
    let expected = r#"tostring(EventData["A"]) == "4624""#;
    assert_eq!(query(&inside, "A: 4624").0, expected);
}

#[test]
fn a_document_needs_a_table_and_has_one_guid() {
    let compiler = Compiler::builder("kusto").format("sentinel_rule").build();
    let compiler = compiler.expect("the format is the target's");
    let output = compiler.compile(&RULE.replace("CONDITION", "A: x"));
    let error = output.error().expect("there is no table");
    assert!(error.message.contains("needs `table`"), "{}", error.message);
    let builder = Compiler::builder("kusto").format("sentinel_rule");
    let compiler = builder.option("table", "SigninLogs").build();
    let output = compiler
        .expect("the option is the target's")
        .compile(&RULE.replace("CONDITION", "AppDisplayName: x"));
    let text = &output.queries()[0];
    for line in [
        "id: 9c1a2a60-3f57-4cc8-8d0e-5c1f0a6a1f07\n",
        "severity: High\n",
        "  - connectorId: AzureActiveDirectory\n",
        "  - DefenseEvasion\n",
        "  - T1059.001\n",
        "        columnName: UserPrincipalName\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
}

#[test]
fn an_analytics_rule_looks_back_fourteen_days_at_most() {
    let error = |format: &str, timespan: &str| {
        let builder = Compiler::builder("kusto").format(format);
        let compiler = builder.option("table", "T").build();
        let rules = RULE.replace("title: Types", "title: Types\nname: types");
        let rules = rules.replace("CONDITION", "A: x");
        let correlation = format!(
            "---\ntitle: Many\ncorrelation: {{type: event_count, rules: types, timespan: {timespan}, \
             condition: {{gte: 9}}}}\n"
        );
        let compiler = compiler.expect("the options are the target's");
        let output = compiler.compile(&(rules + &correlation));
        output.error().map(|error| error.code.number())
    };
    for format in ["sentinel_rule", "sentinel_arm"] {
        // Runs are an hour apart.
        assert_eq!(error(format, "335h"), None, "{format}");
        assert_eq!(error(format, "14d"), Some("VS1256"), "{format}");
        assert_eq!(error(format, "1M"), Some("VS1256"), "{format}");
    }
    assert_eq!(error("hunting_query", "1M"), None);
    assert_eq!(error("default", "1M"), None);
}
