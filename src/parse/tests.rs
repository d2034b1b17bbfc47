use super::*;
use crate::dialect::Dialect;
use crate::rule::{Detection, DetectionNode, Link, Rule, Value};

const HEAD: &str = "title: t\nlogsource: {product: windows}\n";

fn codes(text: &str, dialect: &Dialect) -> Vec<Vec<&'static str>> {
    let numbers = |parsed: &Parsed<'_>| {
        let diagnostics = parsed.diagnostics.iter();
        diagnostics
            .map(|diagnostic| diagnostic.code.number())
            .collect()
    };
    parse(text, dialect).iter().map(numbers).collect()
}

fn rules(text: &str, dialect: &Dialect) -> Vec<Rule<'static>> {
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    parse(text, dialect)
        .into_iter()
        .map(|parsed| match parsed.document {
            Some(Document::Rule(rule)) => *rule,
            other => panic!("{other:?} {:?}", parsed.diagnostics),
        })
        .collect()
}

fn rule(body: &str) -> Rule<'static> {
    rules(&format!("{HEAD}{body}"), &Dialect::SPECIFICATION).remove(0)
}

/// `&[…]` for a map, `|[…]` for a list, `Field=n` for an item of n values.
fn shape(detection: &Detection<'_>) -> String {
    let nodes = detection.nodes.iter().map(|node| match node {
        DetectionNode::Item(item) => format!(
            "{}={}{}",
            item.field.as_deref().unwrap_or(""),
            item.values.len(),
            if item.listed { "l" } else { "" }
        ),
        DetectionNode::Detection(detection) => shape(detection),
    });
    let link = if detection.link == Link::And {
        '&'
    } else {
        '|'
    };
    format!("{link}[{}]", nodes.collect::<Vec<_>>().join(" "))
}

#[test]
fn detections_keep_their_shape() {
    for (written, expected) in [
        ("{A: b, C: [d, e]}", "&[A=1 C=2l]"),
        ("[a, 5, true]", "&[=3l]"),
        ("a", "&[=1]"),
        ("[{A: b}, {C: d}]", "|[&[A=1] &[C=1]]"),
        ("[a, {A: b}]", "|[&[=1] &[A=1]]"),
        ("[[{A: b}], [c, d]]", "|[|[&[A=1]] &[=2l]]"),
        ("{'|all': [a, b]}", "&[=2l]"),
    ] {
        let rule = rule(&format!("detection: {{s: {written}, condition: s}}\n"));
        assert_eq!(shape(&rule.detection.named[0].1), expected, "{written}");
    }
}

#[test]
fn every_attribute_is_read() {
    let rule = rules(
        "title: t\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nname: n\n\
         related:\n    - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}\n\
         taxonomy: sigma\nstatus: test\ndescription: d\nlicense: MIT\nreferences: [r, s]\n\
         author: a\ndate: 2024-01-31\nmodified: 2024/02/01\ntags: [attack.t1047]\nscope: server\n\
         level: high\nfalsepositives: Unknown\nfields: [A, B]\nmine: {x: 1}\nalso: 2\n\
         logsource: {category: c, product: p, service: s, definition: d, own: o}\n\
         detection: {s: {A: 5}, timeframe: 15m, condition: [s, not s]}\n",
        &Dialect::SPECIFICATION,
    )
    .remove(0);
    assert_eq!(rule.related[0].kind.value, "derived");
    assert_eq!(rule.references.len(), 2);
    assert_eq!(rule.scope[0].value, "server");
    assert_eq!(rule.falsepositives[0].value, "Unknown");
    assert_eq!(rule.detection.conditions.len(), 2);
    assert_eq!(rule.detection.timeframe.as_ref().unwrap().value, "15m");
    let custom: Vec<_> = rule
        .custom
        .iter()
        .map(|(key, _)| key.value.as_ref())
        .collect();
    assert_eq!(custom, ["mine", "also"]);
    assert_eq!(rule.logsource.custom[0].0.value, "own");
}

#[test]
fn all_faults_of_a_rule_are_reported() {
    let text = "title: [t]\nid: x\nlevel: hihg\nlogsource: nothing\ndetection:\n    \
                s: {A|contain: b, B: {c: d}, C: []}\n    condition: [s and t, s and]\n";
    let mut found = codes(text, &Dialect::SPECIFICATION).remove(0);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "VS0203", "VS0203", "VS0204", "VS0204", "VS0303", "VS0303", "VS0401", "VS0501",
            "VS0502"
        ]
    );
}

#[test]
fn what_is_no_rule_is_one_clear_error() {
    for (text, code) in [
        ("", "VS0209"),
        ("# nothing\n---\n", "VS0209"),
        ("- a\n- b\n", "VS0201"),
        ("just text\n", "VS0201"),
        ("a: b\n", "VS0201"),
        ("title: t\nlogsource: {product: p}\n", "VS0202"),
        ("title: 'x\n", "VS0101"),
        ("title: t\ncorrelation: text\n", "VS0203"),
        (
            "title: t\nlogsource: {product: p}\nfilter: text\n",
            "VS0203",
        ),
        ("action: globl\ntitle: t\n", "VS0208"),
        ("action: repeat\ntitle: t\n", "VS0208"),
        ("action: global\ntitle: t\n", "VS0209"),
    ] {
        assert_eq!(codes(text, &Dialect::SPECIFICATION), [[code]], "{text}");
    }
    let parsed = parse("title: t\ncorrelation: {}\n", &Dialect::SPECIFICATION);
    assert_eq!(parsed[0].title.as_deref(), Some("t"));
}

#[test]
fn a_broken_document_leaves_its_neighbours_alone() {
    let good = format!("{HEAD}detection: {{s: {{A: b}}, condition: s}}\n");
    let text = format!("{good}---\ntitle: 'x\n---\n{good}---\ntitle: t\n");
    let parsed = parse(&text, &Dialect::SPECIFICATION);
    let read: Vec<_> = parsed
        .iter()
        .map(|parsed| parsed.document.is_some())
        .collect();
    assert_eq!(read, [true, false, true, false]);
    let Some(Document::Rule(rule)) = &parsed[2].document else {
        panic!("a rule");
    };
    let (name, _) = &rule.detection.named[0];
    assert_eq!(&text[name.span.range()], "s");
    assert!(name.span.range().start > good.len());
}

#[test]
fn global_documents_merge_into_those_after() {
    let text = "action: global\ntitle: t\nlogsource: {product: p}\ndetection: {condition: s}\n---\n\
                action: global\nlevel: high\n---\n\
                title: own\ndetection: {s: {A: 1}}\n---\n\
                action: repeat\ndetection: {s: {B: 2}}\n---\n\
                action: reset\n---\n\
                title: u\nlogsource: {product: p}\ndetection: {s: a, condition: s}\n";
    let rules = rules(text, &Dialect::SPECIFICATION);
    let titles: Vec<_> = rules.iter().map(|rule| rule.title.value.as_ref()).collect();
    assert_eq!(titles, ["t", "t", "u"]);
    assert_eq!(shape(&rules[0].detection.named[0].1), "&[A=1]");
    assert_eq!(shape(&rules[1].detection.named[0].1), "&[A=1 B=1]");
    assert!(rules[1].level.is_some() && rules[2].level.is_none());
    // pySigma's second `global` takes the place of the first, which leaves the rule without a title.
    let codes = codes(text, &Dialect::PYSIGMA);
    assert!(codes[0].contains(&"VS0202"), "{codes:?}");
}

#[test]
fn regular_expressions_are_taken_as_written() {
    let rule = rule("detection: {s: {A|re: '\\*a\\\\?', B|re: 5}, condition: s}\n");
    for (node, expected) in rule.detection.named[0].1.nodes.iter().zip([r"\*a\\?", "5"]) {
        let DetectionNode::Item(item) = node else {
            panic!("an item")
        };
        let Value::String(pattern) = &item.values[0].value else {
            panic!("a string")
        };
        assert_eq!(pattern.as_literal(), Some(expected));
    }
}

#[test]
fn pysigma_refuses_what_it_refuses() {
    let detection = "detection: {s: {A: b}, condition: s}\n";
    for (lines, fine) in [
        ("", true),
        ("id: nope\n", false),
        ("id: 5\n", false),
        ("level: hihg\n", false),
        ("level: HIGH\n", true),
        ("status: new\n", false),
        ("date: 2024-13-01\n", false),
        ("date: 2024-02-03\n", true),
        ("tags: [attack]\n", false),
        ("tags: attack.t1\n", false),
        ("fields: A\n", false),
        ("author: 5\n", false),
        ("related: [{id: x, type: derived}]\n", false),
        ("mine: 5\n", true),
    ] {
        let text = format!("{HEAD}{lines}{detection}");
        let read = parse(&text, &Dialect::PYSIGMA)[0].document.is_some();
        assert_eq!(read, fine, "{lines}");
        // Natively nothing of this keeps a query from being made.
        assert!(
            parse(&text, &Dialect::SPECIFICATION)[0].document.is_some(),
            "{lines}"
        );
    }
    for detection in [
        "{s: {A: 2024-01-01}, condition: s}",
        "{s: {5: b}, condition: s}",
        "{s: {A|utf16le: b}, condition: s}",
        "{s: {A: {b: c}}, condition: s}",
        "{s: {A: b}, condition: s | count() > 5}",
        "{condition: s}",
        "[a]",
    ] {
        let text = format!("{HEAD}detection: {detection}\n");
        assert!(
            parse(&text, &Dialect::PYSIGMA)[0].document.is_none(),
            "{detection}"
        );
    }
}

#[test]
fn an_empty_list_is_null_in_pysigma() {
    let text = format!("{HEAD}detection: {{s: {{A|contains: []}}, condition: s}}\n");
    let rule = rules(&text, &Dialect::PYSIGMA).remove(0);
    let DetectionNode::Item(item) = &rule.detection.named[0].1.nodes[0] else {
        panic!("an item");
    };
    assert_eq!(item.values[0].value, Value::Null);
    assert!(item.modifiers.is_empty());
}

#[test]
fn an_aggregation_shows_the_correlation_rule() {
    let head = "logsource: {product: p}\nlevel: high\n";
    for (attributes, aggregation, name, expected) in [
        (
            "title: it's\nname: base\n",
            "count(User) by Host >= 3",
            None,
            "title: 'it''s (correlation)'\nlevel: high\ncorrelation:\n    type: value_count\n    \
             rules:\n        - base\n    group-by:\n        - Host\n    timespan: '5m'\n    \
             condition:\n        gte: 3\n        field: User\n",
        ),
        (
            "title: Brute Force\n",
            "count() by a,@b > 5",
            Some("brute_force"),
            "title: Brute Force (correlation)\nlevel: high\ncorrelation:\n    type: event_count\n    \
             rules:\n        - brute_force\n    group-by:\n        - a\n        - '@b'\n    \
             timespan: '5m'\n    condition:\n        gt: 5\n",
        ),
        (
            "title: t\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\n",
            "sum(Bytes) < 2.5",
            None,
            "title: t (correlation)\nlevel: high\ncorrelation:\n    type: value_sum\n    rules:\n        \
             - '929a690e-bef0-4204-a928-ef5e620d6fcc'\n    timespan: '5m'\n    condition:\n        \
             lt: 2.5\n        field: Bytes\n",
        ),
    ] {
        let text = format!(
            "{attributes}{head}detection: {{s: {{A: b}}, timeframe: 5m, condition: \
             's | {aggregation}'}}\n"
        );
        let parsed = parse(&text, &Dialect::SPECIFICATION);
        assert!(parsed[0].document.is_some());
        let warning = &parsed[0].diagnostics[0];
        assert_eq!(warning.code, Code::DeprecatedAggregation);
        let replacement = warning.replacement.as_deref().expect("a rule");
        assert_eq!(replacement.condition, "s");
        assert_eq!(replacement.name.as_deref(), name);
        assert_eq!(replacement.document, expected);
        assert!(warning.help[0].ends_with(expected));
        let read = parse(expected, &Dialect::SPECIFICATION);
        assert_eq!(read[0].diagnostics, []);
        assert!(matches!(read[0].document, Some(Document::Correlation(_))));
    }
}

#[test]
fn near_shows_rules_and_a_correlation() {
    let text = "title: Tools\nlogsource:\n  product: windows\n  service: security\ndetection:\n  \
                logon:\n    EventID: 1\n    User:\n      - a\n      - b\n  tool:\n    - {EventID: 2}\n    \
                - EventID: 3\n  quiet: {EventID: 4}\n  timeframe: 30s\n  \
                condition: logon | near tool and not quiet\n";
    let parsed = parse(text, &Dialect::SPECIFICATION);
    assert!(parsed[0].document.is_none());
    let error = &parsed[0].diagnostics[0];
    assert_eq!(error.code, Code::NearAggregation);
    let replacement = error.replacement.as_deref().expect("rules");
    let read = parse(&replacement.document, &Dialect::SPECIFICATION);
    let mut names = Vec::new();
    for parsed in &read {
        assert_eq!(parsed.diagnostics, [], "{}", replacement.document);
        if let Some(Document::Rule(rule)) = &parsed.document {
            names.push(rule.name.as_ref().expect("a name").value.to_string());
            assert_eq!(rule.detection.named.len(), 1);
            assert_eq!(
                rule.logsource.service.as_ref().expect("one").value,
                "security"
            );
        }
    }
    assert_eq!(names, ["tools_base", "tools_tool", "tools_quiet"]);
    let Some(Document::Correlation(correlation)) = &read[3].document else {
        panic!("a correlation: {}", replacement.document);
    };
    assert_eq!(correlation.rules.len(), 3);
    assert_eq!(correlation.timespan.seconds(), 30);
    let end = "    condition: tools_base and tools_tool and not tools_quiet\n";
    assert!(replacement.document.ends_with(end));
}

#[test]
fn selectors_that_match_nothing() {
    let text = format!("{HEAD}detection: {{s: {{A: b}}, condition: s and not 1 of filter_*}}\n");
    assert_eq!(codes(&text, &Dialect::SPECIFICATION), [["VS0503"]]);
    let parsed = parse(&text, &Dialect::PYSIGMA);
    assert!(parsed[0].document.is_some());
    assert_eq!(parsed[0].diagnostics[0].code, Code::EmptySelector);
}
