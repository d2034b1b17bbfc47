//! What goes into the query and what into the command after it.
//!
//! A conjunct that the query's language says exactly stays there. Every other conjunct goes whole
//! into the filter, so that no `or` and no `not` is torn apart; what of it narrows the events down
//! stays in the query as well, relaxed to something that can only match more.

use super::absent;
use super::apart;
use super::chain::SHORTER;
use super::writer::{Context, Writer};
use super::{Query, Reason, Refusal, Settings};
use crate::backend::Backend;
use crate::backend::language::{Language, Limit};
use crate::lower::{Expr, Operator, Origin, Test};
use crate::rule::Value;

/// Writes a query, with a filter where the backend has one and the query needs it.
pub(super) fn emit(
    expr: &Expr<'_>,
    backend: &Backend,
    settings: &Settings,
) -> Result<Query, Refusal> {
    let filter = backend.filter.as_ref();
    let Some(filter) = filter.filter(|filter| settings.are(&filter.when)) else {
        return whole(expr, &backend.query, settings, true);
    };
    if filter.apart {
        return apart::emit(expr, &backend.query, &filter.language, settings);
    }
    let refusal = match whole(expr, &backend.query, settings, false) {
        Ok(query) => return Ok(query),
        Err(refusal) if refusal.diagnostic.is_some() => return Err(refusal),
        Err(refusal) => refusal,
    };
    let split = split(expr, &backend.query, settings);
    for lossy in [false, true] {
        let mut writer = Writer::new(&filter.language, settings, lossy);
        if writer.expr(&split.filter, Context::default()).is_ok() {
            let search = match &split.search {
                Some(search) => relaxed_text(search, &backend.query, settings)?,
                None => backend.query.everything.clone(),
            };
            // What the search alone says, and what the filter says again.
            let mut reasons = split.reasons;
            reasons.append(&mut writer.reasons);
            reasons.sort_by_key(|reason| reason.span.start);
            return Ok(Query {
                search,
                after: format!("{}{}", filter.before, writer.out),
                reasons,
                ..Query::default()
            });
        }
        if !lossy && let Ok(query) = whole(expr, &backend.query, settings, true) {
            return Ok(query);
        }
    }
    // Neither says it: the filter's reason is the one to tell, for it can say more.
    let mut writer = Writer::new(&filter.language, settings, true);
    Err(writer
        .expr(&split.filter, Context::default())
        .err()
        .unwrap_or(refusal))
}

/// The whole expression in one language.
pub(super) fn whole(
    expr: &Expr<'_>,
    language: &Language,
    settings: &Settings,
    lossy: bool,
) -> Result<Query, Refusal> {
    let write = |longest_chain: Option<usize>| {
        let mut writer = Writer::new(language, settings, lossy);
        writer.longest_chain = longest_chain.unwrap_or(writer.longest_chain);
        if !language.field.optional.is_empty() {
            writer.optional = absent::expected(expr);
        }
        writer.expr(expr, Context::default())?;
        Ok(writer)
    };
    let mut writer = write(None)?;
    for longest in SHORTER {
        let fits = |limit: &Limit| writer.depth <= limit.most;
        if language.longest_chain.is_none() || language.depth.as_ref().is_none_or(fits) {
            break;
        }
        writer = write(Some(longest))?;
    }
    Ok(Query {
        search: writer.out,
        reasons: writer.reasons,
        clauses: writer.clauses,
        depth: writer.depth,
        warnings: writer.warnings,
        ..Query::default()
    })
}

fn relaxed_text(
    expr: &Expr<'_>,
    language: &Language,
    settings: &Settings,
) -> Result<String, Refusal> {
    let mut writer = Writer::new(language, settings, true);
    writer.expr(expr, Context::default())?;
    Ok(writer.out)
}

/// A condition in two parts that together mean what it means.
struct Split<'r> {
    /// Matches every event that the condition matches; `None`: any event.
    search: Option<Expr<'r>>,
    /// What remains to be tested.
    filter: Expr<'r>,
    /// Why what only the search says is not exact, although its wording serves.
    reasons: Vec<Reason>,
}

fn split<'r>(expr: &Expr<'r>, language: &Language, settings: &Settings) -> Split<'r> {
    let mut conjuncts = Vec::new();
    flatten(expr, &mut conjuncts);
    let (mut search, mut filter, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for conjunct in conjuncts {
        let mut writer = Writer::new(language, settings, false);
        if matches!(writer.expr(conjunct, Context::default()), Ok(Some(_))) {
            reasons.append(&mut writer.reasons);
            search.push(conjunct.clone());
        } else {
            search.extend(relax(conjunct, language, settings));
            filter.push(conjunct.clone());
        }
    }
    Split {
        search: joined(search),
        filter: joined(filter).unwrap_or_else(|| expr.clone()),
        reasons,
    }
}

/// The conjuncts of an expression, through every `and` at its top.
pub(super) fn flatten<'e, 'r>(expr: &'e Expr<'r>, conjuncts: &mut Vec<&'e Expr<'r>>) {
    match expr {
        Expr::Group(group)
            if group.operands.len() == 1 && !matches!(group.origin, Origin::Values)
                || group.operator == Operator::And && !group.operands.is_empty() =>
        {
            for operand in &group.operands {
                flatten(operand, conjuncts);
            }
        }
        expr => conjuncts.push(expr),
    }
}

/// Conjuncts as one expression; `None` where there are none.
pub(super) fn joined(mut conjuncts: Vec<Expr<'_>>) -> Option<Expr<'_>> {
    match conjuncts.len() {
        0 => None,
        1 => conjuncts.pop(),
        _ => Some(Expr::group(Operator::And, Origin::Map, conjuncts)),
    }
}

/// Does the language say it, exactly or (if `lossy`) at all?
pub(super) fn says(expr: &Expr<'_>, language: &Language, settings: &Settings, lossy: bool) -> bool {
    let mut writer = Writer::new(language, settings, lossy);
    matches!(writer.expr(expr, Context::default()), Ok(Some(_)))
}

/// Something that the language says and that holds wherever the expression does.
fn relax<'r>(expr: &Expr<'r>, language: &Language, settings: &Settings) -> Option<Expr<'r>> {
    match expr {
        Expr::Group(group) => {
            let operands = group
                .operands
                .iter()
                .map(|operand| relax(operand, language, settings));
            let mut operands: Vec<Expr<'r>> = match group.operator {
                Operator::And => operands.flatten().collect(),
                Operator::Or => operands.collect::<Option<_>>()?,
            };
            operands.dedup_by(|a, b| is_presence_of(a, b));
            match operands.len() {
                0 => None,
                1 => operands.pop(),
                _ => Some(Expr::group(group.operator, group.origin, operands)),
            }
        }
        Expr::Not(_) => says(expr, language, settings, false).then(|| expr.clone()),
        leaf if only_broader(leaf, language, settings) => Some(leaf.clone()),
        Expr::Test(test) if needs_its_field(test.value) => {
            let present = Expr::Test(Test {
                value: &Value::Exists(true),
                ..*test
            });
            says(&present, language, settings, false).then_some(present)
        }
        _ => None,
    }
}

/// Do both say that the same field is there?
fn is_presence_of(a: &Expr<'_>, b: &Expr<'_>) -> bool {
    match (a, b) {
        (Expr::Test(a), Expr::Test(b)) => {
            a.field == b.field && *a.value == Value::Exists(true) && a.value == b.value
        }
        _ => false,
    }
}

/// Does the test hold only where its field is there?
const fn needs_its_field(value: &Value<'_>) -> bool {
    !matches!(
        value,
        Value::Null | Value::Exists(_) | Value::Query { .. } | Value::Expansion(_)
    )
}

/// Is the leaf said exactly, or by something that can only match more?
fn only_broader(leaf: &Expr<'_>, language: &Language, settings: &Settings) -> bool {
    use crate::backend::language::Loss;
    let mut writer = Writer::new(language, settings, true);
    matches!(writer.expr(leaf, Context::default()), Ok(Some(_)))
        && writer
            .reasons
            .iter()
            .all(|reason| reason.loss == Loss::Broader)
}
