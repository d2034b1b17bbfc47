use super::*;
use crate::dialect::Dialect;
use crate::parse::pattern;
use crate::rule::{Link, Number, Part, Pattern};

/// Applies a chain such as `contains|all` to a value; the value is at 100, the modifiers before.
fn applied<'s>(chain: &str, value: Value<'s>, dialect: &Dialect) -> Result<Item<'s>, Diagnostic> {
    let mut at = 0;
    let modifiers = chain.split('|').map(|name| {
        let span = Span::new(at, at + name.len());
        at += name.len() + 1;
        Spanned::new(Modifier::from_name(name).unwrap(), span)
    });
    let mut item = Item {
        field: Some("Field".into()),
        key: Span::default(),
        modifiers: modifiers.collect(),
        values: vec![Spanned::new(value, Span::new(100, 101))],
        listed: false,
        link: Link::Or,
        negated: false,
        processed_by: Vec::new(),
    };
    apply_item(&mut item, dialect.modifier).map(|()| item)
}

fn string(text: &str, chain: &str) -> Value<'static> {
    if chain.split('|').any(|name| name == "re") {
        Value::String(Pattern::literal(text.to_owned()))
    } else {
        Value::String(pattern(text.to_owned()))
    }
}

fn number(text: &str) -> Value<'_> {
    Value::Number(Number {
        text: text.into(),
        value: text.parse().unwrap(),
    })
}

/// A text form of values: wildcards in angle brackets, alternatives joined by a space.
fn shown(value: &Value<'_>) -> String {
    let parts = |pattern: &Pattern<'_>| -> String {
        let part = |part: &Part<'_>| match part {
            Part::Literal(text) => text.to_string(),
            Part::Any => "<*>".to_owned(),
            Part::One => "<?>".to_owned(),
            Part::Placeholder(name) => format!("<%{name}>"),
        };
        pattern.parts.iter().map(part).collect()
    };
    match value {
        Value::String(pattern) => parts(pattern),
        Value::Cased(pattern) => format!("cased:{}", parts(pattern)),
        Value::Regex(regex) => format!("re:{}", parts(&regex.pattern)),
        Value::Cidr(network) => format!("cidr:{}", network.net),
        Value::Expansion(values) => values.iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::FieldRef(reference) => format!(
            "ref:{}:{}{}",
            reference.field,
            u8::from(reference.starts_with),
            u8::from(reference.ends_with)
        ),
        value => format!("{value:?}"),
    }
}

fn native(chain: &str, text: &str) -> String {
    let item = applied(chain, string(text, chain), &Dialect::SPECIFICATION);
    shown(&item.unwrap().values[0].value)
}

fn pysigma(chain: &str, text: &str) -> String {
    let item = applied(chain, string(text, chain), &Dialect::PYSIGMA);
    shown(&item.unwrap().values[0].value)
}

#[test]
fn affixes_do_not_double_wildcards() {
    assert_eq!(native("contains", "foo"), "<*>foo<*>");
    assert_eq!(native("contains", "*foo*"), "<*>foo<*>");
    assert_eq!(native("contains", ""), "<*>");
    assert_eq!(native("startswith", r"C:\*"), r"C:*<*>");
    assert_eq!(native("endswith|cased", "a"), "cased:<*>a");
    assert_eq!(native("fieldref|endswith", "Other"), "ref:Other:01");
}

#[test]
fn affixes_anchor_regular_expressions() {
    assert_eq!(native("re|contains", "a|b"), "re:a|b");
    assert_eq!(native("re|startswith", "a|b"), "re:^(?:a|b)");
    assert_eq!(native("re|endswith", "ab"), "re:ab$");
    assert_eq!(native("re|startswith", "^ab"), "re:^ab");
    assert_eq!(pysigma("re|contains", "a|b"), "re:.*a|b.*");
    assert_eq!(pysigma("re|startswith", "ab$"), "re:ab$");
}

#[test]
fn numbers_are_text_for_affixes_natively() {
    let item = applied("contains", number("4624"), &Dialect::SPECIFICATION).unwrap();
    assert_eq!(shown(&item.values[0].value), "<*>4624<*>");
    assert!(applied("contains", number("4624"), &Dialect::PYSIGMA).is_err());
}

#[test]
fn encoders_encode_bytes() {
    assert_eq!(native("base64", "é"), "w6k=");
    assert_eq!(native("base64", r"a\*b"), "YSpi");
    assert_eq!(native("utf16le|base64", "cmd"), "YwBtAGQA");
    assert_eq!(native("wide|base64", "é"), "6QA=");
    assert_eq!(native("utf16be|base64", "cmd"), "AGMAbQBk");
    assert_eq!(native("utf16|base64", "cmd"), "//5jAG0AZAA=");
    assert_eq!(native("utf16|all|base64", "cmd"), "//5jAG0AZAA=");
    assert_eq!(native("wide", "a*b"), "a\0<*>b\0");
    assert_eq!(
        native("base64offset|contains", "foobar"),
        "<*>Zm9vYmFy<*> <*>Zvb2Jhc<*> <*>mb29iYX<*>"
    );
    // Two bytes, whatever the number of characters.
    assert_eq!(native("base64offset", "é"), "w6 Op Dq");
}

#[test]
fn pysigma_encodes_its_own_text() {
    assert_eq!(pysigma("base64", r"a\*b"), "YVwqYg==");
    assert_eq!(pysigma("utf16|base64", "c"), "77u/YwA=");
}

#[test]
fn every_dash_begins_an_option() {
    assert_eq!(
        native("windash", "a -b"),
        "a -b a /b a \u{2013}b a \u{2014}b a \u{2015}b"
    );
    assert_eq!(native("windash", "–b"), native("windash", "-b"));
    assert_eq!(pysigma("windash", "–b"), "–b");
    assert_eq!(native("windash", "a-b/c"), "a-b/c");
    let two = native("windash", "-a -b");
    assert_eq!(two.matches('a').count(), 25);
    assert!(two.starts_with("-a -b -a /b"));
}

#[test]
fn placeholders_are_found() {
    assert_eq!(native("expand", r"\%plain%name%*"), "%plain<%name><*>");
    assert_eq!(native("re|expand", "^%a%.*%b*%$"), "re:^<%a>.*%b*%$");
}

#[test]
fn lists_links_and_negation() {
    let item = applied("contains|all|neq", string("a", ""), &Dialect::SPECIFICATION).unwrap();
    assert_eq!(item.link, Link::And);
    assert!(item.negated);
    let item = applied("hour|gte", number("5"), &Dialect::SPECIFICATION).unwrap();
    assert!(matches!(
        item.values[0].value,
        Value::Compare(_, Some(_), _)
    ));
}

#[test]
fn networks() {
    assert_eq!(native("cidr", "10.0.0.0/8"), "cidr:10.0.0.0/8");
    assert_eq!(native("cidr", "10.0.0.0/255.0.0.0"), "cidr:10.0.0.0/8");
    assert_eq!(native("cidr", "::1"), "cidr:::1/128");
    let error = applied("cidr", string("10.1.2.3/8", ""), &Dialect::SPECIFICATION).unwrap_err();
    assert_eq!(error.code, Code::InvalidNetwork);
    assert!(error.help[0].contains("10.0.0.0/8"), "{:?}", error.help);
}

#[test]
fn a_chain_at_fault_is_marked_at_the_modifier_and_a_value_at_the_value() {
    for (chain, value, code, at) in [
        ("base64|re", string("a", "re"), Code::ModifierOrder, 7),
        ("re|cidr", string("a", "re"), Code::ModifierOrder, 3),
        ("all|all", string("a", ""), Code::ModifierOrder, 4),
        ("lt|contains", number("5"), Code::ModifierOrder, 3),
        ("contains|i", string("a", ""), Code::ModifierOrder, 9),
        ("lt", string("5", ""), Code::ModifierValue, 100),
        ("contains", Value::Null, Code::ModifierValue, 100),
        ("contains", Value::Bool(true), Code::ModifierValue, 100),
        ("exists", string("yes", ""), Code::ModifierValue, 100),
        ("hour", number("24"), Code::ModifierValue, 100),
        ("fieldref", string("a*", ""), Code::ModifierValue, 100),
        ("base64", string("a*", ""), Code::EncodedWildcard, 100),
        ("base64offset", string("a", ""), Code::ModifierValue, 100),
        ("utf16", string("a", ""), Code::NotText, 100),
        ("wide", string("é", ""), Code::NotText, 100),
        (
            "windash",
            string("-a -b -c -d -e", ""),
            Code::TooManyAlternatives,
            100,
        ),
    ] {
        let error = applied(chain, value, &Dialect::SPECIFICATION).unwrap_err();
        assert_eq!(error.code, code, "{chain}");
        assert_eq!(error.span().unwrap().start, at, "{chain}");
        assert!(!error.help.is_empty(), "{chain}");
    }
}

#[test]
fn a_chain_that_repeats_itself_ends() {
    for name in ["utf16le", "utf16be", "base64"] {
        let chain = vec![name; 60].join("|");
        let error = applied(&chain, string("a", ""), &Dialect::SPECIFICATION).unwrap_err();
        assert_eq!(error.code, Code::ValueTooLarge, "{name}");
    }
    for (name, code) in [
        ("utf16le", Code::ValueTooLarge),
        ("base64offset", Code::ValueTooLarge),
        ("windash", Code::ModifierExtent),
    ] {
        let chain = vec![name; 60].join("|");
        let error = applied(&chain, string(" -a", ""), &Dialect::PYSIGMA).unwrap_err();
        assert_eq!(error.code, code, "{name}");
    }
}

#[test]
fn alternatives_are_counted_before_they_are_made() {
    let long = format!(" -a -b -c -d{}", "x".repeat(1 << 20));
    let error = applied("windash", string(&long, ""), &Dialect::SPECIFICATION).unwrap_err();
    assert_eq!(error.code, Code::ValueTooLarge);
    let wide = string(" -a -b -c -d -e -f", "");
    let error = applied("windash|windash|windash", wide, &Dialect::PYSIGMA).unwrap_err();
    assert_eq!(error.code, Code::ModifierExtent);
    assert_eq!(error.span().unwrap().start, 100);
}

#[test]
fn what_the_modifiers_of_a_rule_and_of_a_file_make_is_bounded() {
    let text = |values: usize| {
        let values: Vec<_> = (0..values)
            .map(|n| format!("      - -a{n} -b -c\n"))
            .collect();
        let values = values.concat();
        format!(
            "title: R\nlogsource: {{product: windows}}\ndetection:\n  s:\n    a|windash:\n{values}    b|windash|contains:\n{values}  condition: s\n"
        )
    };
    let dialect = Dialect::SPECIFICATION;
    let outcome = |text: &str, budget: &super::ModifierBudget| {
        let parsed = crate::parse::parse(text, &dialect).remove(0);
        let Some(crate::rule::Document::Rule(mut rule)) = parsed.document else {
            panic!("it is a rule: {:?}", parsed.diagnostics)
        };
        super::apply_in(&mut rule, dialect.modifier, budget)
    };
    let budget = super::ModifierBudget::default();
    assert_eq!(outcome(&text(600), &budget), [], "as large as that may be");
    let large = text(1000);
    let errors = outcome(&large, &budget);
    assert_eq!(errors.len(), 1, "once a rule");
    assert_eq!(errors[0].code, Code::ModifierExtent);
    let at = errors[0].span().unwrap();
    assert!(large[at.range()].starts_with("-a"), "at the value");
    assert!(
        large[..at.range().start].contains("b|windash"),
        "of the second item"
    );
    let mut refused = 0;
    for _ in 0..10 {
        refused += outcome(&text(600), &budget).len();
    }
    assert!((1..10).contains(&refused), "{refused} of a file's rules");
}

#[test]
fn exists_says_what_to_write() {
    let error = applied("exists", string("no", ""), &Dialect::SPECIFICATION).unwrap_err();
    assert_eq!(error.help, ["write `false`, without quotes"]);
}
