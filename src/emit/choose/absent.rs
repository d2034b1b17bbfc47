//! Fields that a rule expects to be missing.
//!
//! In: `A: null` and `not B: x`. Out: `A` and `B`, which an engine that refuses names of no field has
//! to be told may be nowhere.

use crate::lower::Expr;
use crate::rule::{Part, Value};
use std::collections::BTreeSet;

/// The fields whose absence or presence is asked for, or whose tests are negated.
pub(super) fn expected(expr: &Expr<'_>) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    collect(expr, false, &mut fields);
    fields
}

fn collect(expr: &Expr<'_>, negated: bool, fields: &mut BTreeSet<String>) {
    match expr {
        Expr::Group(group) => {
            for operand in &group.operands {
                collect(operand, negated, fields);
            }
        }
        Expr::Not(operand) => collect(operand, !negated, fields),
        Expr::Test(test) if negated || asks_for_presence(test.value) => {
            fields.insert(test.field.to_owned());
            if let Value::FieldRef(reference) = test.value {
                fields.insert(reference.field.to_string());
            }
        }
        Expr::Test(_) | Expr::Keyword(_) => {}
    }
}

fn asks_for_presence(value: &Value<'_>) -> bool {
    match value {
        Value::Null | Value::Exists(_) => true,
        Value::String(pattern) | Value::Cased(pattern) => pattern.parts == [Part::Any],
        _ => false,
    }
}
