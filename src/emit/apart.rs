//! A filter that stands beside the query: Kibana's objects carry filters in Elasticsearch's own
//! terms beside a query in KQL.
//!
//! Both have to hold, so that whole conjuncts can go into the filter and nothing else. Those go that
//! the query's language can't say at all.

use super::plan::{flatten, joined, says, whole};
use super::{Query, Refusal, Settings};
use crate::backend::language::Language;
use crate::lower::Expr;

/// Writes a query, and as what stands `after` it the filter, if one is needed.
pub(super) fn emit(
    expr: &Expr<'_>,
    language: &Language,
    filter: &Language,
    settings: &Settings,
) -> Result<Query, Refusal> {
    match whole(expr, language, settings, true) {
        Ok(query) => return Ok(query),
        Err(refusal) if refusal.diagnostic.is_some() => return Err(refusal),
        Err(_) => {}
    }
    let mut conjuncts = Vec::new();
    flatten(expr, &mut conjuncts);
    let (said, unsaid): (Vec<_>, Vec<_>) = conjuncts
        .into_iter()
        .cloned()
        .partition(|conjunct| says(conjunct, language, settings, true));
    let mut query = match joined(said) {
        Some(said) => whole(&said, language, settings, true)?,
        None => Query {
            search: language.everything.clone(),
            ..Query::default()
        },
    };
    // What `joined` has none of is said, and the query is whole.
    let Some(unsaid) = joined(unsaid) else {
        return Ok(query);
    };
    let beside = whole(&unsaid, filter, settings, false)
        .or_else(|_| whole(&unsaid, filter, settings, true))?;
    query.after = beside.search;
    query.clauses += beside.clauses;
    query.reasons.extend(beside.reasons);
    query.warnings.extend(beside.warnings);
    Ok(query)
}
