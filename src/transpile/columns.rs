//! Fields that the schema does not have.
//!
//! In: a rule's conditions and the columns of its table. Out: a diagnostic for each such field, with
//! the nearest name.

use super::Transpiler;
use super::fidelity::gather;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::emit::Settings;
use crate::emit::columns::Columns;
use crate::lower::{self, Expr, Lowered, Operator, lower};
use crate::output;
use crate::rule::{Rule, Value};
use crate::source::Span;
use std::collections::BTreeSet;

impl Transpiler {
    /// Says which fields the rule's table lacks, or that the table itself is not in the schema.
    pub(super) fn check_columns(
        &self,
        lowered: &[Lowered<'_>],
        settings: &Settings,
        span: Span,
        messages: &mut Vec<Diagnostic>,
    ) {
        if let Some(table) = settings.missing_table(&self.backend) {
            let message = format!("the schema has no table `{table}`");
            let diagnostic = Diagnostic::warning(Code::UnknownTable, message).at(span);
            messages.push(diagnostic.help("name it by an option, or by a pipeline (`-p`)"));
        }
        if settings.columns().is_none() {
            return;
        }
        let first = messages.len();
        for lowered in lowered {
            self.check_fields(&lowered.expr, settings, first, messages);
        }
    }

    fn check_fields(
        &self,
        expr: &Expr<'_>,
        settings: &Settings,
        first: usize,
        messages: &mut Vec<Diagnostic>,
    ) {
        match expr {
            Expr::Group(group) => {
                for operand in &group.operands {
                    self.check_fields(operand, settings, first, messages);
                }
            }
            Expr::Not(operand) => self.check_fields(operand, settings, first, messages),
            Expr::Test(test) => {
                let other = match test.value {
                    Value::FieldRef(reference) => Some(reference.field.as_ref()),
                    _ => None,
                };
                for field in [test.field].into_iter().chain(other) {
                    if let Some(diagnostic) = self.missing(field, test.span, settings) {
                        gather(messages, first, diagnostic);
                    }
                }
            }
            Expr::Keyword(_) => {}
        }
    }

    /// Says that the rule's table lacks a field, if it does.
    pub(super) fn missing(
        &self,
        field: &str,
        span: Span,
        settings: &Settings,
    ) -> Option<Diagnostic> {
        if settings.column(field, &self.backend.types).is_some() {
            return None;
        }
        let message = format!("the schema has no field `{field}`");
        let refuses = self
            .backend
            .schema
            .as_ref()
            .is_some_and(|schema| schema.refuses);
        let diagnostic = if self.strict || refuses {
            Diagnostic::error(Code::UnknownColumn, message)
        } else {
            Diagnostic::warning(Code::UnknownColumn, message)
        };
        let diagnostic = diagnostic.at(span);
        let names = || settings.columns().into_iter().flat_map(Columns::names);
        let same = names().find(|name| name.eq_ignore_ascii_case(field));
        Some(
            match same.or_else(|| nearest(field, names().take(MOST_NEAR))) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("give a pipeline (`-p`) that maps the rule's fields"),
            },
        )
    }
}

/// Among so many names a near one is looked for: an index of Elasticsearch has a thousand at most,
/// and a schema may hold any number of indices.
const MOST_NEAR: usize = 20_000;

/// How a rule or a correlation and the columns of its tables fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleColumns {
    /// The fields that the tables lack, sorted, each once.
    pub missing: BTreeSet<String>,
    /// The rule's table, if the schema lacks it. Of a correlation its rules tell.
    pub missing_table: Option<String>,
    /// Why the target refuses the query: its engine fails where a field is missing.
    pub errors: Vec<Diagnostic>,
    /// Can an event of that table match?
    pub is_possible: bool,
}

impl Transpiler {
    /// Holds a rule, whose modifiers were applied, against the schema.
    ///
    /// # Errors
    /// A pipeline fails or refuses the rule.
    pub fn columns_of<'s>(&'s self, mut rule: Rule<'s>) -> Result<RuleColumns, Diagnostic> {
        let mut state = self.pipeline().start(self.pipeline_settings());
        // The pipeline borrows from the rule's text as long as from itself.
        self.pipeline().apply(&mut rule, &mut state)?;
        lower::check(&rule, self.dialect())?;
        let settings = self.settings_of(&state);
        let lowered = lower(&rule, self.dialect());
        let is_there = |field: &str| settings.column(field, &self.backend.types).is_some();
        let mut fields = BTreeSet::new();
        for lowered in &lowered {
            output::fields(&lowered.expr, &mut fields);
        }
        let has_columns = settings.columns().is_some();
        let missing = fields
            .into_iter()
            .filter(|field| has_columns && !is_there(field));
        let mut messages = Vec::new();
        self.check_columns(&lowered, &settings, rule.logsource.span, &mut messages);
        messages.retain(Diagnostic::is_error);
        let missing_table = settings.missing_table(&self.backend);
        let holds = |lowered: &Lowered<'_>| !has_columns || outcomes(&lowered.expr, &is_there).0;
        Ok(RuleColumns {
            missing: missing.collect(),
            missing_table: missing_table.map(str::to_owned),
            errors: messages,
            is_possible: lowered.is_empty() || lowered.iter().any(holds),
        })
    }
}

/// Can it be true, and can it be false, of an event that has no other fields than these?
fn outcomes(expr: &Expr<'_>, is_there: &dyn Fn(&str) -> bool) -> (bool, bool) {
    match expr {
        Expr::Group(group) => {
            let operands = group.operands.iter();
            let operands = operands.map(|operand| outcomes(operand, is_there));
            if group.operator == Operator::And {
                operands.fold((true, false), |(a, b), (c, d)| (a && c, b || d))
            } else {
                operands.fold((false, true), |(a, b), (c, d)| (a || c, b && d))
            }
        }
        Expr::Not(operand) => {
            let (is_true, is_false) = outcomes(operand, is_there);
            (is_false, is_true)
        }
        Expr::Test(test) if is_there(test.field) => (true, true),
        Expr::Test(test) => {
            let of_missing = matches!(test.value, Value::Null | Value::Exists(false));
            (of_missing, !of_missing)
        }
        Expr::Keyword(_) => (true, true),
    }
}
