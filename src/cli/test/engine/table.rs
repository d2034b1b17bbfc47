//! Events as the rows of a table.
//!
//! In: a rule's conditions and events. Out: a [`Table`] with a column for each field that the rule
//! names, whether an event has it or not: `Image`, `process.name`. A column holds a text or nothing,
//! so that a null is a missing field, and an event whose field is a list has a row for each value.

use super::super::samples::Sample;
use crate::eval::TimeFields;
use crate::lower::{Expr, Lowered};
use crate::rule::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The column that holds the event's number.
pub(super) const NUMBER: &str = "varsigma_event";

/// The column that holds the event's time, in milliseconds since 1970.
pub(super) const TIME: &str = "varsigma_time";

/// The columns that hold all values of an event, for keywords: this and a number from 1.
pub(super) const KEYWORD: &str = "varsigma_value_";

/// Lists of one event in several fields make a row for each combination, but no more than these.
const MOST_ROWS: usize = 10_000;

/// Events as an engine stores them.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, reason = "no engine is there to read it")
)]
pub(super) struct Table {
    /// The columns besides [`NUMBER`] and [`TIME`].
    pub columns: Vec<String>,
    /// Is there a column [`TIME`]?
    pub has_time: bool,
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, reason = "no engine is there to read it")
)]
pub(super) struct Row {
    /// Which event it is.
    pub event: usize,
    /// When it took place.
    pub at: Option<i64>,
    /// A value or nothing for each column.
    pub values: Vec<Option<String>>,
}

impl Table {
    /// The table that a rule's queries need.
    pub fn of(
        conditions: &[Lowered<'_>],
        samples: &[&Sample],
        keyword_columns: usize,
        times: Option<&TimeFields>,
    ) -> Result<Self, String> {
        let mut fields = BTreeSet::new();
        let keywords = conditions.iter().fold(false, |keywords, condition| {
            names(&condition.expr, &mut fields) | keywords
        });
        let keyword_columns = if keywords { keyword_columns } else { 0 };
        let mut rows = Vec::with_capacity(samples.len());
        for (event, sample) in samples.iter().enumerate() {
            let values: Vec<_> = fields
                .iter()
                .map(|field| sample.event.values(field))
                .collect();
            let searched = keywords.then(|| sample.event.all_values());
            let mut searched: Vec<_> = searched.unwrap_or_default().into_iter().map(Some).collect();
            searched.resize(keyword_columns, None);
            let values: Vec<Vec<Option<&str>>> = values
                .iter()
                .map(|values| values.iter().map(Option::as_deref).collect())
                .collect();
            let at = times.and_then(|times| times.of(&sample.event));
            for combination in combinations(&values).ok_or_else(|| {
                let Sample { file, number, .. } = sample;
                format!("the lists of `{file}` #{number} have more than {MOST_ROWS} combinations")
            })? {
                let values = combination.into_iter().chain(searched.iter().copied());
                let values = values.map(|value| value.map(str::to_owned)).collect();
                let at = at.map(|at| at.0);
                rows.push(Row { event, at, values });
            }
        }
        let keywords = (1..=keyword_columns).map(|at| format!("{KEYWORD}{at}"));
        let columns = fields
            .into_iter()
            .map(str::to_owned)
            .chain(keywords)
            .collect();
        Ok(Self {
            columns,
            has_time: times.is_some(),
            rows,
        })
    }

    /// The table that a correlation's query needs: one row an event. The columns of `single` hold
    /// nothing where an event has a list; others its first value.
    pub fn correlated(
        conditions: &[&[Lowered<'_>]],
        single: &BTreeSet<&str>,
        samples: &[&Sample],
        keyword_columns: usize,
        times: &TimeFields,
    ) -> Self {
        let mut fields: BTreeSet<&str> = single.clone();
        let keywords = conditions.iter().copied().flatten();
        let keywords = keywords.fold(false, |keywords, condition| {
            names(&condition.expr, &mut fields) | keywords
        });
        let keyword_columns = if keywords { keyword_columns } else { 0 };
        let rows = samples.iter().enumerate().map(|(event, sample)| {
            let value = |field: &&str| {
                if single.contains(field) {
                    return sample.event.value(field).map(Cow::into_owned);
                }
                let values = sample.event.values(field).into_iter();
                values.flatten().next().map(Cow::into_owned)
            };
            let mut values: Vec<Option<String>> = fields.iter().map(value).collect();
            let searched = sample.event.all_values().into_iter();
            let searched = searched.map(|value| Some(value.to_owned()));
            values.extend(searched.take(keyword_columns));
            values.resize(fields.len() + keyword_columns, None);
            let at = times.of(&sample.event).map(|at| at.0);
            Row { event, at, values }
        });
        let rows = rows.collect();
        let keywords = (1..=keyword_columns).map(|at| format!("{KEYWORD}{at}"));
        let columns = fields.iter().map(|&field| field.to_owned());
        Self {
            columns: columns.chain(keywords).collect(),
            has_time: true,
            rows,
        }
    }
}

/// The fields that an expression names; says whether it has keywords.
fn names<'r>(expr: &Expr<'r>, fields: &mut BTreeSet<&'r str>) -> bool {
    match expr {
        Expr::Group(group) => group
            .operands
            .iter()
            .fold(false, |keywords, operand| names(operand, fields) | keywords),
        Expr::Not(operand) => names(operand, fields),
        Expr::Test(test) => {
            fields.insert(test.field);
            if let Value::FieldRef(reference) = test.value {
                fields.insert(&reference.field);
            }
            false
        }
        Expr::Keyword(_) => true,
    }
}

/// Every way to take one value of each field; nothing where there are too many.
fn combinations<'e>(fields: &[Vec<Option<&'e str>>]) -> Option<Vec<Vec<Option<&'e str>>>> {
    let mut rows = vec![Vec::with_capacity(fields.len())];
    for values in fields {
        let values: &[_] = if values.is_empty() { &[None] } else { values };
        if rows.len().checked_mul(values.len())? > MOST_ROWS {
            return None;
        }
        let longer = rows.iter().flat_map(|row: &Vec<_>| {
            values.iter().map(|value| {
                let mut row = row.clone();
                row.push(*value);
                row
            })
        });
        rows = longer.collect();
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_row_for_each_value() {
        let fields = [vec![Some("a"), None], vec![], vec![Some("x"), Some("y")]];
        let rows = combinations(&fields).unwrap();
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[1], [Some("a"), None, Some("y")]);
        let many = vec![vec![Some("a"); 101]; 2];
        assert_eq!(combinations(&many), None);
        assert_eq!(combinations(&[]), Some(vec![vec![]]));
    }
}
