use super::*;
use crate::dialect::Dialect;
use crate::rule::condition::{AggregationFunction, AggregationOperator, Quantifier};
use std::fmt::Write as _;

fn read<'s>(text: &'s str, dialect: &Dialect) -> Result<Condition<'s>, Diagnostic> {
    let span = Span::new(0, text.len());
    let place = Place::new(text, span, text);
    let text = Spanned::new(Cow::Borrowed(text), span);
    condition(text, &place, dialect.parse, &mut Vec::new())
}

/// The expression in prefix form: `(and a (not b))`.
fn shown(expr: &ConditionExpr<'_>) -> String {
    let list = |name: &str, operands: &[ConditionExpr<'_>]| {
        let mut text = format!("({name}");
        for operand in operands {
            write!(text, " {}", shown(operand)).unwrap();
        }
        text + ")"
    };
    match expr {
        ConditionExpr::Or(operands) => list("or", operands),
        ConditionExpr::And(operands) => list("and", operands),
        ConditionExpr::Not(_, operand) => format!("(not {})", shown(operand)),
        ConditionExpr::Group(operand) => format!("[{}]", shown(operand)),
        ConditionExpr::Identifier(name) => name.to_string(),
        ConditionExpr::Selector(selector) => {
            let quantifier = match selector.quantifier {
                Quantifier::One => "1",
                Quantifier::Any => "any",
                Quantifier::All => "all",
            };
            format!("<{quantifier} {}>", selector.pattern.value)
        }
    }
}

fn native(text: &str) -> String {
    shown(&read(text, &Dialect::SPECIFICATION).unwrap().expr)
}

fn pysigma(text: &str) -> Option<String> {
    read(text, &Dialect::PYSIGMA)
        .ok()
        .map(|condition| shown(&condition.expr))
}

#[test]
fn not_binds_tighter_than_and_and_and_than_or() {
    assert_eq!(native("a or b and not c"), "(or a (and b (not c)))");
    assert_eq!(native("a and b and c or d or e"), "(or (and a b c) d e)");
    assert_eq!(native("not not a"), "(not (not a))");
    assert_eq!(native("(a or b) and (c)"), "(and [(or a b)] [c])");
}

#[test]
fn operators_are_whole_words_in_any_case() {
    assert_eq!(native("NOT a And b OR c"), "(or (and (not a) b) c)");
    assert_eq!(
        native("notsel and orange or android"),
        "(or (and notsel orange) android)"
    );
    assert_eq!(native("not(a)and(b)"), "(and (not [a]) [b])");
}

#[test]
fn selectors_and_names_of_every_alphabet() {
    assert_eq!(
        native("1 of sel_* or ANY of *x*y"),
        "(or <1 sel_*> <any *x*y>)"
    );
    assert_eq!(native("All Of Them"), "<all them>");
    assert_eq!(native("auswahl_ä-1.b and all"), "(and auswahl_ä-1.b all)");
}

#[test]
fn spans_point_at_the_words() {
    let text = "a and not 1 of b_*";
    let ConditionExpr::And(operands) = read(text, &Dialect::SPECIFICATION).unwrap().expr else {
        panic!("an and");
    };
    let ConditionExpr::Not(span, operand) = &operands[1] else {
        panic!("a not");
    };
    assert_eq!(&text[span.range()], "not");
    let ConditionExpr::Selector(selector) = operand.as_ref() else {
        panic!("a selector");
    };
    assert_eq!(&text[selector.span.range()], "1 of b_*");
    assert_eq!(&text[selector.pattern.span.range()], "b_*");
}

#[test]
fn faults_are_found_where_they_are() {
    for (text, code, at) in [
        ("", Code::ConditionSyntax, ""),
        ("a and", Code::ConditionSyntax, ""),
        ("a and or b", Code::ConditionSyntax, "or"),
        ("a b", Code::ConditionSyntax, "b"),
        ("a and (b or c", Code::ConditionSyntax, "("),
        ("a) and b", Code::ConditionSyntax, ")"),
        ("()", Code::ConditionSyntax, ")"),
        ("a & b", Code::ConditionSyntax, "&"),
        ("sel_*", Code::ConditionSyntax, "sel_*"),
        ("1 of", Code::ConditionSyntax, ""),
        ("1 of and b", Code::ConditionSyntax, "and"),
        ("2 of them", Code::SelectorCount, "2"),
        ("a | near b", Code::NearAggregation, "near"),
        ("a | median(x) > 5", Code::ConditionSyntax, "median"),
        ("a | count( > 5", Code::ConditionSyntax, ">"),
        ("a | count() 5", Code::ConditionSyntax, "5"),
        ("a | count() > x", Code::ConditionSyntax, "x"),
        ("a | count() > 5 and b", Code::ConditionSyntax, "and"),
        ("a | count() by > 5", Code::ConditionSyntax, ">"),
    ] {
        let error = read(text, &Dialect::SPECIFICATION).unwrap_err();
        assert_eq!(error.code, code, "{text}");
        assert_eq!(&text[error.span().unwrap().range()], at, "{text}");
        assert!(!error.help.is_empty(), "{text}");
    }
}

#[test]
fn aggregations_are_read() {
    let text = "a and b | count(User) by Host,Src >= 5";
    let condition = read(text, &Dialect::SPECIFICATION).unwrap();
    let aggregation = condition.aggregation.unwrap();
    assert_eq!(
        &text[aggregation.span.range()],
        "count(User) by Host,Src >= 5"
    );
    assert_eq!(aggregation.function, AggregationFunction::Count);
    assert_eq!(aggregation.operator, AggregationOperator::Gte);
    assert_eq!(aggregation.field.unwrap().value, "User");
    assert_eq!(aggregation.group_by.unwrap().value, "Host,Src");
    assert_eq!(aggregation.threshold.value, "5");
    let error = read(text, &Dialect::PYSIGMA).unwrap_err();
    assert_eq!(error.code, Code::AggregationUnsupported);
}

#[test]
fn depth_is_bounded_and_length_is_linear() {
    let deep = |open: &str, close: &str, n: usize| open.repeat(n) + "a" + &close.repeat(n);
    for dialect in [&Dialect::SPECIFICATION, &Dialect::PYSIGMA] {
        assert!(read(&deep("(", ")", 100), dialect).is_ok());
        for text in [
            deep("(", ")", 101),
            deep("not ", "", 10_000),
            deep("(", "", 60_000),
            deep("(not ", "", 10_000),
        ] {
            assert_eq!(
                read(&text, dialect).unwrap_err().code,
                Code::ConditionTooLarge
            );
        }
        let wide = vec!["a"; 10_000].join(" or ");
        let ConditionExpr::Or(operands) = read(&wide, dialect).unwrap().expr else {
            panic!("an or");
        };
        assert_eq!(operands.len(), 10_000);
        let long = vec!["abc"; 20_000].join(" or ");
        assert_eq!(
            read(&long, dialect).unwrap_err().code,
            Code::ConditionTooLarge
        );
    }
}

#[test]
fn pysigma_reads_operators_as_literals() {
    for (text, expected) in [
        ("notsel", Some("(not sel)")),
        ("not", None),
        ("notnot", None),
        ("not or", Some("(not or)")),
        ("a andb", Some("(and a b)")),
        ("a orb", Some("(or a b)")),
        ("aorb", Some("aorb")),
        ("a and and", Some("(and a and)")),
        ("a AND b", None),
        ("1 of sel-*", None),
        ("1 of sel-a", None),
        ("not1 of them", None),
        ("(a)and(b)", Some("(and [a] [b])")),
        ("ä", None),
        ("a.b", None),
        ("1", Some("1")),
        ("any of them", Some("<any them>")),
        ("2 of them", None),
        ("sel_*", None),
        ("", None),
        ("()", None),
        ("a or", None),
    ] {
        assert_eq!(pysigma(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn text_that_does_not_stand_in_the_source_is_owned() {
    let span = Span::new(3, 9);
    let text = Spanned::new(Cow::Owned("a and b".to_owned()), span);
    let condition = condition(
        text,
        &Place::whole(span),
        Dialect::SPECIFICATION.parse,
        &mut Vec::new(),
    )
    .unwrap();
    assert_eq!(shown(&condition.expr), "(and a b)");
}
