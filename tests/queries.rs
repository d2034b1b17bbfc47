//! Queries of a few targets whose text is the point, for rules that need no snapshot of every target.

use varsigma::backend::Registry;
use varsigma::dialect::Profile;
use varsigma::transpile::{Request, RuleOutput, Transpiler};

/// What becomes of a detection section for a target.
fn converted(
    target: &str,
    profile: Profile,
    options: &[(&str, &str)],
    detection: &str,
) -> RuleOutput {
    let request = Request {
        target: target.to_owned(),
        profile,
        settings: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Request::default()
    };
    let registry = Registry::built_in();
    let transpiler = Transpiler::new(&registry, &request).expect("the target is well formed");
    let text = format!("title: t\nlogsource: {{product: windows}}\ndetection: {detection}\n");
    transpiler.convert_text("r.yml", &text).rules.remove(0)
}

/// The text of its only query.
fn query(target: &str, options: &[(&str, &str)], detection: &str) -> String {
    let output = converted(target, Profile::Native, options, detection);
    assert!(output.error.is_none(), "{target}: {:?}", output.error);
    output.queries[0].text.clone()
}

/// The messages of a code, as often as they have a place.
fn messages(output: &RuleOutput, code: &str) -> Vec<String> {
    let said = output.diagnostics.iter();
    let said = said.filter(|diagnostic| diagnostic.code.number() == code);
    said.flat_map(|diagnostic| diagnostic.labels.iter().map(|_| diagnostic.message.clone()))
        .collect()
}

#[test]
fn numbers_in_json_are_texts_whatever_columns_hold() {
    let detection = "{s: {F: [1.50, 2]}, condition: s}";
    let options = [("json", "event"), ("number", "native")];
    let text = query("sqlite", &options, detection);
    assert!(
        text.contains(") = '2'") && text.contains(") IN ('1.50', '1.5')"),
        "{text}"
    );
    let text = query("sqlite", &[("number", "native")], detection);
    assert!(text.ends_with("WHERE F = 1.50 OR F = 2"), "{text}");
}

/// <https://docs.splunk.com/Documentation/Splunk/latest/SearchReference/Search>: "Comparison
/// expressions with the equal operator compare string values".
#[test]
fn splunk_compares_the_texts_of_numbers() {
    let text = query("splunk", &[], "{s: {F: 1.50, G: 5}, condition: s}");
    assert_eq!(text, "((F=1.50 OR F=1.5) G=5)");
}

#[test]
fn what_only_the_search_says_tells_its_loss_beside_a_filter() {
    let detection = "{s: {F: groß, G|re: x}, condition: s}";
    let output = converted("splunk", Profile::Native, &[], detection);
    assert_eq!(messages(&output, "VS0608").len(), 1);
    let detection = "{s: {G|re: x}, k: [word], condition: s and k}";
    let output = converted(
        "splunk",
        Profile::Native,
        &[("keywords", "phrase")],
        detection,
    );
    assert_eq!(messages(&output, "VS0608").len(), 1);
}

#[test]
fn the_edge_of_a_word_is_ascii_s_everywhere() {
    for target in ["postgres", "mysql", "spark", "trino"] {
        let text = query(target, &[], r"{s: {F|re: '\bfoo\B'}, condition: s}");
        assert!(
            text.contains("(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])"),
            "{target}: {text}"
        );
        assert!(
            !text.contains(r"\y") && !text.contains(r"\b"),
            "{target}: {text}"
        );
    }
}

#[test]
fn parentheses_that_a_reference_leaves_out_are_told() {
    let or_first = "around this `or`, and the engine evaluates `and` first";
    let not_first = "around this `or`, and the engine evaluates `not` first";
    let and_first = "around this `and`, and the engine evaluates `or` first";
    let detections = "a: {A: 1}, b: {B: 2}, c: {C: 3}, l: {L: [x, 'y*']}, \
                      i: {I: [x, y]}, e: {E|base64offset|contains: foo}, \
                      m: [{A: 1, B: 2}, {C: 3}]";
    for (target, profile, condition, told) in [
        (
            "splunk_spl2",
            Profile::Pysigma,
            "(a or b) and not c",
            &[or_first][..],
        ),
        ("splunk_spl2", Profile::Pysigma, "1 of l and c", &[or_first]),
        (
            "splunk_spl2",
            Profile::Pysigma,
            "(a or b) and (b or c)",
            &[or_first, or_first],
        ),
        ("splunk_spl2", Profile::Pysigma, "a and not e", &[not_first]),
        ("splunk_spl2", Profile::Pysigma, "a and e", &[or_first]),
        ("splunk_spl2", Profile::Pysigma, "a and i", &[]),
        ("splunk_spl2", Profile::Pysigma, "a or b or not c", &[]),
        ("splunk_spl2", Profile::Pysigma, "a or (b and c)", &[]),
        ("splunk_spl2", Profile::Pysigma, "not (a or b)", &[]),
        ("splunk_spl2", Profile::Native, "(a or b) and not c", &[]),
        ("splunk", Profile::Pysigma, "(a or b) and not c", &[]),
        ("splunk", Profile::Pysigma, "a and not e", &[not_first]),
        ("splunk", Profile::Sigmac, "a and not m", &[and_first]),
        ("splunk", Profile::Sigmac, "(a and b) or c", &[]),
        ("esql", Profile::Pysigma, "a and not e", &[not_first]),
        ("sqlite", Profile::Pysigma, "a and not e", &[]),
    ] {
        let detection = format!("{{{detections}, condition: '{condition}'}}");
        let output = converted(target, profile, &[], &detection);
        assert!(output.error.is_none(), "{target}: {:?}", output.error);
        let mut found = messages(&output, "VS0609");
        found.retain(|message| message.contains("parentheses"));
        let found: Vec<_> = found
            .iter()
            .filter_map(|message| message.strip_prefix("the reference writes no parentheses "))
            .collect();
        assert_eq!(
            found, told,
            "{target}: {condition}: {}",
            output.queries[0].text
        );
    }
}

#[test]
fn queries_longer_than_the_engine_takes_are_told() {
    let values = |count: usize| {
        let values: Vec<String> = (0..count).map(|number| format!("v{number}é")).collect();
        format!(
            "{{s: {{F|contains: [{}]}}, condition: s}}",
            values.join(", ")
        )
    };
    let told = |target, count| {
        let output = converted(target, Profile::Native, &[], &values(count));
        let bytes = output.queries[0].text.len();
        (bytes, messages(&output, "VS0617"))
    };
    let (bytes, said) = told("clickhouse", 20_000);
    let expected =
        format!("the query has {bytes} bytes, and ClickHouse (`max_query_size`) takes 262144");
    assert_eq!(said, [expected]);
    let (bytes, said) = told("clickhouse", 5_000);
    assert!(bytes < 262_144 && said.is_empty(), "{said:?}");
    assert_eq!(told("trino", 20_000).1.len(), 1);
    // 1 MB: characters, not bytes.
    assert_eq!(told("bigquery", 20_000).1.len(), 0);
    for target in ["sqlite", "duckdb", "splunk"] {
        assert_eq!(told(target, 20_000).1.len(), 0, "{target}");
    }
}
