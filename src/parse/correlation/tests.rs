use super::*;
use crate::dialect::Dialect;
use crate::parse::{Parsed, parse};
use crate::rule::{CorrelationOperator, Document};

/// A document with that text below `correlation:`.
fn document(section: &str) -> String {
    let lines: Vec<String> = section.lines().map(|line| format!("  {line}")).collect();
    format!("title: t\ncorrelation:\n{}\n", lines.join("\n"))
}

/// What is said of a text: code, the place's text, the first help.
fn said<'p>(parsed: &'p Parsed<'_>, text: &'p str) -> Vec<(&'static str, &'p str, &'p str)> {
    let found = parsed.diagnostics.iter().map(|diagnostic| {
        let span = diagnostic.span().expect("a place");
        let help = diagnostic.help.first().expect("help");
        (diagnostic.code.number(), &text[span.range()], help.as_str())
    });
    found.collect()
}

fn correlation(text: &str) -> Correlation<'_> {
    let parsed = parse(text, &Dialect::SPECIFICATION).remove(0);
    assert_eq!(parsed.diagnostics, [], "{text}");
    match parsed.document {
        Some(Document::Correlation(correlation)) => *correlation,
        other => panic!("{other:?} of {text}"),
    }
}

fn texts<'c>(texts: &'c [Text<'_>]) -> Vec<&'c str> {
    texts.iter().map(|text| text.value.as_ref()).collect()
}

/// The keys that most texts have, with a condition.
fn of_type(kind: &str, condition: &str) -> String {
    document(&format!(
        "type: {kind}\nrules: [a, b]\ntimespan: 5m\ncondition: {condition}"
    ))
}

#[test]
fn every_key_is_read() {
    let text = "title: t\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nlevel: high\nmine: 1\n\
                correlation:\n  type: value_count\n  rules:\n    - a\n    - b\n  group-by:\n    - who\n  \
                timespan: 15m\n  condition:\n    gte: 10\n    lt: 1.5\n    field: [User, Host]\n  \
                aliases:\n    who:\n      a: User\n      b: Account\ngenerate: true\n";
    let read = correlation(text);
    assert_eq!(read.head.level.as_ref().expect("a level").value, "high");
    assert_eq!(read.head.custom[0].0.value, "mine");
    assert_eq!(read.kind.value, CorrelationType::ValueCount);
    assert_eq!(texts(&read.rules), ["a", "b"]);
    assert_eq!(texts(&read.group_by), ["who"]);
    assert_eq!(read.timespan.seconds(), 900);
    assert!(read.generate);
    assert!(text[read.span.range()].starts_with("type"));
    let CorrelationCondition::Threshold(threshold) = &read.condition else {
        panic!("operators");
    };
    assert_eq!(texts(&threshold.field), ["User", "Host"]);
    let bounds = threshold.bounds.iter();
    let bounds: Vec<_> = bounds
        .map(|bound| (bound.operator, bound.number.value.text.as_ref()))
        .collect();
    assert_eq!(
        bounds,
        [
            (CorrelationOperator::Gte, "10"),
            (CorrelationOperator::Lt, "1.5")
        ]
    );
    let fields = read.aliases[0].fields.iter();
    let fields: Vec<_> = fields
        .map(|(rule, field)| (&*rule.value, &*field.value))
        .collect();
    assert_eq!(fields, [("a", "User"), ("b", "Account")]);
}

#[test]
fn one_name_is_a_list_of_one() {
    let text =
        document("type: event_count\nrules: a\ngroup-by: User\ntimespan: 5m\ncondition: {gt: 1}");
    let read = correlation(&text);
    assert_eq!(
        (texts(&read.rules), texts(&read.group_by)),
        (vec!["a"], vec!["User"])
    );
}

#[test]
fn no_group_is_one_group() {
    for group in ["", "group-by: []\n", "group-by:\n"] {
        let text = document(&format!(
            "type: event_count\nrules: a\n{group}timespan: 5m\ncondition: {{gt: 1}}"
        ));
        assert_eq!(correlation(&text).group_by, [], "{group}");
    }
}

#[test]
fn generate_is_inside_or_beside_and_beside_wins() {
    for (inside, beside, expected) in [
        ("", "", false),
        ("generate: true", "", true),
        ("", "generate: true", true),
        ("generate: true", "generate: false", false),
        ("generate: false", "generate: true", true),
        ("generate: true", "generate:", true),
    ] {
        let section = format!("type: temporal\nrules: a\ntimespan: 5m\n{inside}");
        let text = format!("{}{beside}\n", document(&section));
        assert_eq!(correlation(&text).generate, expected, "{inside} {beside}");
    }
}

#[test]
fn numbers_have_signs_fractions_and_quotes() {
    for (written, read) in [
        ("10", "10"),
        ("-3", "-3"),
        ("0.5", "0.5"),
        ("1e3", "1e3"),
        ("0x10", "16"),
        ("'10'", "10"),
        ("\"-0.5\"", "-0.5"),
    ] {
        let text = of_type("event_count", &format!("{{gte: {written}}}"));
        let CorrelationCondition::Threshold(threshold) = correlation(&text).condition else {
            panic!("operators");
        };
        assert_eq!(threshold.bounds[0].number.value.text, read, "{written}");
    }
}

#[test]
fn an_expression_names_the_rules_that_are_not_listed() {
    let id = "929a690e-bef0-4204-a928-ef5e620d6fcc";
    for (condition, rules) in [
        ("a and (b or c) and not d", vec!["a", "b", "c", "d"]),
        ("a AND b Or a", vec!["a", "b"]),
        (&format!("{id} and NOT 2nd-rule"), vec![id, "2nd-rule"]),
        ("über/regel and 規則:1", vec!["über/regel", "規則:1"]),
        ("nota and(orb)and(android)", vec!["nota", "orb", "android"]),
        ("not (not a)", vec!["a"]),
        ("any and all or of", vec!["any", "all", "of"]),
        (">-\n    a\n    and b", vec!["a", "b"]),
    ] {
        let text = document(&format!(
            "type: temporal\ntimespan: 5m\ncondition: {condition}"
        ));
        let read = correlation(&text);
        assert_eq!(texts(&read.rules), rules, "{condition}");
        assert!(matches!(
            read.condition,
            CorrelationCondition::Expression { .. }
        ));
    }
}

#[test]
fn an_expression_says_nothing_of_an_order() {
    let text = of_type("temporal_ordered", "a and b");
    let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
    assert_eq!(said(&parsed, &text)[0].0, "VS1207");
}

#[test]
fn spans_of_an_expression_point_at_its_names() {
    let text = of_type("temporal", "a and (b)");
    let CorrelationCondition::Expression { expr, .. } = correlation(&text).condition else {
        panic!("an expression");
    };
    let names = expression::identifiers(&expr);
    let places = names.iter().map(|name| &text[name.span.range()]);
    assert_eq!(places.collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn faults_are_found_where_they_are() {
    for (section, expected) in [
        (
            "type: ordered_temporal\nrules: a\ntimespan: 5m",
            vec![(
                "VS1202",
                "ordered_temporal",
                "did you mean `temporal_ordered`?",
            )],
        ),
        (
            "type: Event-Count\nrules: a\ntimespan: 5m\ncondition: {gte: 1}",
            vec![("VS1202", "Event-Count", "did you mean `event_count`?")],
        ),
        (
            "type: temporal\nrules: a\ntimespan: 5m\ngroup_by: User\nwindow: tumbling\nfoo: 1\ngte: 1",
            vec![
                ("VS1201", "group_by", "did you mean `group-by`?"),
                ("VS1201", "window", "did you mean `timespan`?"),
                (
                    "VS1201",
                    "foo",
                    "remove it, it has no effect; the keys are `type`, `rules`, `group-by`, \
                     `timespan`, `condition`, `aliases`, `generate`",
                ),
                (
                    "VS1201",
                    "gte",
                    "move it into `condition`: `condition: {gte: 10, field: User}`",
                ),
            ],
        ),
        (
            "type: temporal\nrules: []\ntimespan: 1h30m",
            vec![
                ("VS1204", "1h30m", "did you mean `90m`?"),
                (
                    "VS1203",
                    "[]",
                    "name the rules whose events are related, by name or id",
                ),
            ],
        ),
        (
            "type: temporal\nrules: [a, '', {b: c}, ~]\ntimespan: [5m]\ngenerate: yes",
            vec![
                (
                    "VS0203",
                    "[5m]",
                    "put it in quotes if it is text: a `: ` or a leading `- ` makes YAML read maps \
                     and lists",
                ),
                (
                    "VS0203",
                    "yes",
                    "write `true` if the rules that it names give queries of their own",
                ),
                (
                    "VS0203",
                    "''",
                    "write each on a line of its own after `- `, or remove the entry",
                ),
                (
                    "VS0203",
                    "{b: c}",
                    "write each on a line of its own after `- `, or remove the entry",
                ),
                (
                    "VS0203",
                    "~",
                    "write each on a line of its own after `- `, or remove the entry",
                ),
            ],
        ),
        (
            "rules: a",
            vec![
                (
                    "VS0202",
                    "correlation",
                    "say what is counted: `type: event_count`",
                ),
                (
                    "VS0202",
                    "correlation",
                    "say how far apart the events may be: `timespan: 5m`",
                ),
            ],
        ),
    ] {
        let text = document(section);
        let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
        assert_eq!(said(&parsed, &text), expected, "{section}");
        assert!(parsed.document.is_none());
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn conditions_suit_their_type() {
    let operators = "say when it fires: `gte: 10`";
    for (kind, condition, expected) in [
        (
            "event_count",
            "{ge: 1}",
            ("VS1205", "ge", "did you mean `gte`?"),
        ),
        (
            "event_count",
            "{'>=': 1}",
            ("VS1205", "'>='", "did you mean `gte`?"),
        ),
        (
            "event_count",
            "{gtt: 1}",
            ("VS1205", "gtt", "did you mean `gt`?"),
        ),
        ("temporal", "{}", ("VS1205", "{}", operators)),
        (
            "event_count",
            "{between: 1}",
            (
                "VS1205",
                "between",
                "use `gt`, `gte`, `lt`, `lte`, `eq` and `neq`",
            ),
        ),
        (
            "event_count",
            "{gte: ten}",
            ("VS1206", "ten", "write a number: `gte: 10`"),
        ),
        (
            "event_count",
            "{gte: [1]}",
            ("VS1206", "[1]", "write a number: `gte: 10`"),
        ),
        (
            "event_count",
            "{gte: true}",
            ("VS1206", "true", "write a number: `gte: 10`"),
        ),
        (
            "event_count",
            "{gte: .inf}",
            ("VS1206", ".inf", "write a number: `gte: 10`"),
        ),
        (
            "event_count",
            "gte 10",
            ("VS1207", "gte 10", "write `condition: {gte: 10}`"),
        ),
        (
            "event_count",
            "'> 5'",
            ("VS1207", "'> 5'", "write `condition: {gt: 5}`"),
        ),
        (
            "value_count",
            "{gte: 5}",
            (
                "VS1207",
                "condition",
                "name the field whose values are looked at: `field: User`",
            ),
        ),
        (
            "value_sum",
            "{gte: 5, field: [A, B]}",
            ("VS1207", "B", "write a correlation for each field"),
        ),
        (
            "event_count",
            "[{gte: 5}]",
            (
                "VS0203",
                "[{gte: 5}]",
                "write operators as keys: `condition: {gte: 10, lt: 100}`",
            ),
        ),
        (
            "value_percentile",
            "{lte: 1, field: image}",
            (
                "VS1208",
                "condition",
                "say which one: `percentile: 95`; the specification's example has none and leaves \
                 open what its `lte: 1` means",
            ),
        ),
        (
            "value_percentile",
            "{lte: 1, field: image, percentile: 101}",
            (
                "VS1208",
                "101",
                "write the share in percent: `percentile: 95`",
            ),
        ),
        (
            "temporal",
            "a and not logoff and b",
            (
                "VS1210",
                "logoff",
                "add it to `rules`, or leave `rules` out",
            ),
        ),
        (
            "temporal",
            "1 of a*",
            (
                "VS1218",
                "1",
                "name the rules: `a or b or c`; how many of them must match is \
                 `condition: {gte: 2}`",
            ),
        ),
        (
            "temporal",
            "a or b and not (a or not b) or not a",
            (
                "VS1212",
                "not",
                "join it to a rule that has to match: `a and not b`",
            ),
        ),
        (
            "temporal",
            "(a and b",
            ("VS0501", "(", "close the parenthesis"),
        ),
        (
            "temporal",
            "a and",
            (
                "VS0501",
                "",
                "write operators between two operands: `rule_a and not rule_b`",
            ),
        ),
        (
            "temporal",
            "a b",
            ("VS0501", "b", "join the parts with `and` or `or`"),
        ),
        (
            "temporal",
            "a | count() > 5",
            (
                "VS0501",
                "|",
                "write operators as words: `and`, `or`, `not`",
            ),
        ),
    ] {
        let text = of_type(kind, condition);
        let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
        assert_eq!(said(&parsed, &text), [expected], "{kind} {condition}");
        assert!(parsed.document.is_none());
    }
    let deep = format!("{}a{}", "(".repeat(200), ")".repeat(200));
    let text = of_type("temporal", &deep);
    let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
    assert_eq!(parsed.diagnostics[0].code, Code::ConditionTooLarge);
}

#[test]
fn parts_without_effect_are_warnings() {
    for (kind, condition, expected) in [
        ("event_count", "{gte: 5, field: User}", vec!["VS1209"]),
        (
            "temporal",
            "{gte: 2, field: User, percentile: 5}",
            vec!["VS1209", "VS1209"],
        ),
        ("temporal", "a", vec!["VS1211"]),
        (
            "value_median",
            "{gte: 5, field: User, percentile: 50}",
            vec!["VS1209"],
        ),
    ] {
        let text = of_type(kind, condition);
        let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
        let codes = parsed.diagnostics.iter().map(|found| found.code.number());
        assert_eq!(codes.collect::<Vec<_>>(), expected, "{kind} {condition}");
        assert!(parsed.document.is_some());
    }
}

#[test]
fn aliases_map_rules_to_fields() {
    for (aliases, rules, group, expected) in [
        ("{who: {a: User, b: Account}}", "[a, b]", "who", None),
        (
            "{who: {a: User, b: Account}}",
            "[a, b]",
            "User",
            Some("VS1214"),
        ),
        ("{who: {a: User}}", "[a, b]", "User", Some("VS1214")),
        // Which rules it leaves out, who knows all rules can tell: `c` may be another name of `b`.
        ("{who: {a: User}}", "[a, b]", "who", None),
        ("{who: {a: User, c: Account}}", "[a, b]", "who", None),
        ("{who: User}", "[a, b]", "who", Some("VS0203")),
        ("{who: {a: [User]}}", "[a]", "who", Some("VS0203")),
        ("{who: {a: ''}}", "[a]", "who", Some("VS0203")),
        ("[who]", "[a]", "who", Some("VS0203")),
    ] {
        let text = document(&format!(
            "type: temporal\nrules: {rules}\ntimespan: 5m\ngroup-by: {group}\naliases: {aliases}"
        ));
        let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
        let codes: Vec<_> = parsed
            .diagnostics
            .iter()
            .map(|found| found.code.number())
            .collect();
        assert_eq!(
            codes,
            expected.into_iter().collect::<Vec<_>>(),
            "{aliases} {rules}"
        );
    }
}

#[test]
fn prose_beside_a_detection_is_an_attribute() {
    let rule = "title: t\nlogsource: {product: p}\ndetection: {s: {A: b}, condition: s}\n";
    for attribute in [
        "correlation: prose",
        "correlation: [a]",
        "filter: prose",
        "filter: [a]",
    ] {
        let text = format!("{rule}{attribute}\n");
        let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
        let rule = parsed.rule().expect("a rule");
        assert_eq!(rule.custom.len(), 1, "{attribute}");
    }
}

#[test]
fn a_document_is_of_one_kind() {
    let text = format!(
        "{}detection: {{s: {{A: b}}, condition: s}}\nlogsource: {{product: p}}\n",
        of_type("temporal", "a and b")
    );
    let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
    let found = parsed
        .diagnostics
        .iter()
        .map(|found| (found.code, found.is_error()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [(Code::TwoKinds, true), (Code::TwoKinds, false)]
    );
}

#[test]
fn global_keys_merge_into_correlations() {
    let text = "action: global\ntitle: t\nlevel: high\nlogsource: {product: p}\n\
                detection: {condition: s}\n---\nname: a\ndetection: {s: {A: 1}}\n---\n\
                correlation: {type: temporal, rules: a, timespan: 5m}\n";
    let parsed = parse(text, &Dialect::SPECIFICATION);
    assert_eq!(parsed[1].diagnostics, []);
    let Some(Document::Correlation(correlation)) = &parsed[1].document else {
        panic!("a correlation");
    };
    assert_eq!(
        correlation.head.level.as_ref().expect("a level").value,
        "high"
    );
}

#[test]
fn many_rules_are_read_in_little_time() {
    let names: Vec<String> = (0..10_000).map(|at| format!("rule_{at}")).collect();
    let condition = names[..6000].join(" or ");
    let aliases = names
        .iter()
        .map(|name| format!("{name}: F"))
        .collect::<Vec<_>>();
    let text = document(&format!(
        "type: temporal\nrules: [{}]\ntimespan: 5m\ngroup-by: who\ncondition: {condition}\naliases: \
         {{who: {{{}}}}}",
        names.join(", "),
        aliases.join(", ")
    ));
    let parsed = parse(&text, &Dialect::SPECIFICATION).remove(0);
    assert!(parsed.document.is_none() || parsed.diagnostics.len() == 4000);
}

#[test]
fn pysigma_reads_otherwise() {
    for (section, is_read) in [
        (
            "type: Event_Count\nrules: a\ntimespan: 5m\ncondition: {gte: 1}",
            true,
        ),
        (
            "type: event_count\nrules: a\ntimespan: 5m\ncondition: {gte: 1, lt: 5}",
            false,
        ),
        (
            "type: event_count\nrules: a\ntimespan: 5m\ngroup_by: x\ncondition: {gte: '1_0'}",
            true,
        ),
        (
            "type: event_count\nrules: a\ntimespan: 5m\ncondition: {gte: '0.5'}",
            false,
        ),
        (
            "type: event_count\nrules: a\ntimespan: 5m\ncondition: {gte: 0.5}",
            true,
        ),
        (
            "type: event_count\nrules: a\ntimespan: 5m\ncondition: {gte: yes}",
            true,
        ),
        (
            "type: temporal\nrules: [a, b]\ntimespan: 5m\ncondition: a",
            false,
        ),
        ("type: temporal\ntimespan: 5m\ncondition: not a", true),
        ("type: temporal\ntimespan: 5m\ncondition: a AND b", false),
        ("type: temporal\ntimespan: 5m\ncondition: a-b", false),
        ("type: temporal\ntimespan: 5m\ncondition: _a and b2", true),
        (
            "type: temporal\nrules: [a, b]\ntimespan: 5m\ngroup-by: x\naliases: {x: {a: F}}",
            true,
        ),
    ] {
        let text = document(section);
        let parsed = parse(&text, &Dialect::PYSIGMA).remove(0);
        assert_eq!(
            parsed.document.is_some(),
            is_read,
            "{section} {:?}",
            parsed.diagnostics
        );
    }
    let text = format!("{}generate: true\n", of_type("temporal", "a and b"));
    let parsed = parse(&text, &Dialect::PYSIGMA).remove(0);
    let Some(Document::Correlation(read)) = parsed.document else {
        panic!("a correlation");
    };
    assert!(!read.generate);
    let prose = "title: t\nlogsource: {product: p}\ndetection: {s: {A: b}, condition: s}\n\
                 correlation: prose\n";
    assert!(parse(prose, &Dialect::PYSIGMA)[0].document.is_none());
    let global = "action: global\nlevel: high\n---\ntitle: t\n\
                  correlation: {type: temporal, rules: a, timespan: 5m}\n";
    let parsed = parse(global, &Dialect::PYSIGMA).remove(0);
    let Some(Document::Correlation(read)) = parsed.document else {
        panic!("a correlation");
    };
    assert_eq!(read.head.level, None);
}
