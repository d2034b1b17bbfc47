//! Which values of a field a condition needs one of.
//!
//! In: `EventID: [1, 2]` and `not Channel: x`. Out: `EventID` has to be 1 or 2; for `Channel` nothing
//! is known. What a document tells of them lets its reader skip events that can't match.

use crate::lower::{Expr, Operator, Test};
use crate::rule::Value;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Values by their text and whether they are one.
type Values = BTreeMap<(String, bool), Json>;

/// The fields of a format's `bounds`, each with the values that the condition needs one of; with
/// none where it needs none of any.
#[must_use]
pub fn bounds(expr: &Expr<'_>, fields: &[String]) -> BTreeMap<String, Vec<Json>> {
    let bound = |field: &String| {
        let values = bound(expr, field).unwrap_or_default();
        (field.clone(), values.into_values().collect())
    };
    fields.iter().map(bound).collect()
}

fn bound(expr: &Expr<'_>, field: &str) -> Option<Values> {
    match expr {
        Expr::Test(test) if test.field.eq_ignore_ascii_case(field) => {
            let value = value(test)?;
            let text = value.as_str().map(str::to_owned);
            let key = (text.unwrap_or_else(|| value.to_string()), value.is_string());
            Some(Values::from([(key, value)]))
        }
        Expr::Test(_) | Expr::Keyword(_) | Expr::Not(_) => None,
        Expr::Group(group) if group.operator == Operator::And => {
            let operands = group.operands.iter();
            let bounds = operands.filter_map(|operand| bound(operand, field));
            bounds.reduce(|mut left, right| {
                left.retain(|key, _| right.contains_key(key));
                left
            })
        }
        Expr::Group(group) => {
            let mut all = Values::new();
            for operand in &group.operands {
                all.append(&mut bound(operand, field)?);
            }
            Some(all)
        }
    }
}

fn value(test: &Test<'_>) -> Option<Json> {
    match test.value {
        Value::Number(number) => serde_json::from_str(&number.text).ok(),
        Value::String(pattern) | Value::Cased(pattern) => pattern.as_literal().map(Json::from),
        _ => None,
    }
}

/// The fields that an expression tests, or compares with.
pub fn fields(expr: &Expr<'_>, into: &mut BTreeSet<String>) {
    match expr {
        Expr::Group(group) => {
            for operand in &group.operands {
                fields(operand, into);
            }
        }
        Expr::Not(operand) => fields(operand, into),
        Expr::Test(test) => {
            into.insert(test.field.to_owned());
            if let Value::FieldRef(reference) = test.value {
                into.insert(reference.field.to_string());
            }
        }
        Expr::Keyword(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::lower::lower;
    use crate::rule::Document;
    use crate::{modifier, parse};
    use serde_json::json;

    #[test]
    fn only_what_a_condition_needs_is_a_bound() {
        for (condition, expected) in [
            ("a", json!([1, 3, "x"])),
            ("a and b", json!([3])),
            ("a or c", json!([])),
            ("a and not b", json!([1, 3, "x"])),
            ("not a", json!([])),
            ("d", json!([])),
        ] {
            let text = format!(
                "title: t\nlogsource: {{product: p}}\ndetection:\n  a: {{EventID: [3, 1, x, 1]}}\n  \
                 b: {{eventid: [3, 4]}}\n  c: {{Other: 1}}\n  d: {{EventID|gt: 1}}\n  condition: {condition}\n"
            );
            let dialect = Dialect::SPECIFICATION;
            let parsed = parse::parse(&text, &dialect).remove(0);
            let Some(Document::Rule(mut rule)) = parsed.document else {
                panic!("{condition}")
            };
            assert!(modifier::apply(&mut rule, &dialect).is_empty());
            let lowered = lower(&rule, &dialect);
            let found = bounds(&lowered[0].expr, &["EventID".to_owned()]);
            assert_eq!(json!(found["EventID"]), expected, "{condition}");
        }
    }
}
