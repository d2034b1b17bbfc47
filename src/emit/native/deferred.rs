//! A reference's way with tests that its query can't hold: they become commands around it.
//!
//! Why it is not data: which command a regular expression becomes depends on what stands above it
//! in the condition, and the names that stand for it count how often its field was used. The
//! commands themselves are the backend file's (`[deferred]`). As the reference does it:
//! * below an `or`, commands in front compute a field, and the query tests that field;
//! * elsewhere the expression leaves its place and becomes a command behind the query, negated by a
//!   `not` directly above it and by no other.
//!
//! What that gets wrong is said by warnings.

use crate::backend::language::Language;
use crate::backend::template::{Slot, Template};
use crate::backend::{Backend, Deferred};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::expression::{check, regex_text};
use crate::emit::fault::{Form, faults};
use crate::emit::writer::{Context, Deferral, Leaf, Verdict, Writer};
use crate::emit::{Query, Refusal, Settings};
use crate::lower::Expr;
use crate::rule::Value;
use crate::source::Span;
use blake2::{Blake2s256, Digest};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

/// What was put off, in the order of the condition.
#[derive(Default)]
struct PutOff {
    /// Commands in front of the query.
    before: Vec<String>,
    /// Commands after it.
    behind: Vec<String>,
    /// How often each field stands in `before`.
    counts: Vec<(String, usize)>,
    /// Names that `before` computes.
    computed: Vec<String>,
    /// Places where the result means something else.
    faults: Vec<(Span, &'static str)>,
    /// What the backend file says is wrong with them.
    warnings: Vec<Diagnostic>,
}

struct Strategy<'b> {
    words: &'b Deferred,
    put_off: Rc<RefCell<PutOff>>,
}

/// Writes a query as the reference does.
pub(in crate::emit) fn emit(
    expr: &Expr<'_>,
    backend: &Backend,
    words: &Deferred,
    settings: &Settings,
) -> Result<Option<Query>, Refusal> {
    let put_off = Rc::new(RefCell::new(PutOff::default()));
    let mut writer = Writer::new(&backend.query, settings, true);
    writer.deferral = Some(Box::new(Strategy {
        words,
        put_off: Rc::clone(&put_off),
    }));
    let written = writer.expr(expr, Context::default())?;
    let Writer {
        out: mut search,
        reasons,
        warnings,
        deferral,
        ..
    } = writer;
    drop(deferral);
    let put_off = put_off.take();
    if written.is_none() {
        // A deferred test alone has a query of its own; several have none, and vanish.
        if !matches!(bare(expr), Expr::Test(_) | Expr::Keyword(_)) || put_off.behind.is_empty() {
            return Ok(None);
        }
        search.clone_from(&words.only);
    }
    let mut query = Query {
        search,
        reasons,
        computed: put_off.computed,
        warnings,
        ..Query::default()
    };
    for command in &put_off.before {
        query.before.push_str(&words.separator);
        query.before.push_str(command);
    }
    if !put_off.before.is_empty() {
        query.resume.clone_from(&words.resume);
    }
    for command in &put_off.behind {
        query.after.push_str(&words.separator);
        query.after.push_str(command);
    }
    let faults = put_off.faults.into_iter();
    query.warnings.extend(
        faults.map(|(span, fault)| Diagnostic::warning(Code::ReferenceFault, fault).at(span)),
    );
    query.warnings.extend(put_off.warnings);
    Ok(Some(query))
}

/// The expression below its `not`s and groups of one.
fn bare<'e, 'r>(expr: &'e Expr<'r>) -> &'e Expr<'r> {
    match expr.peeled() {
        Expr::Not(operand) => bare(operand),
        expr => expr,
    }
}

impl Deferral for Strategy<'_> {
    fn defer(
        &mut self,
        language: &Language,
        leaf: Leaf<'_>,
        context: Context,
    ) -> Result<Verdict, Refusal> {
        let Some(field) = leaf.field else {
            return Ok(Verdict::Stays);
        };
        if let Value::Regex(regex) = leaf.value {
            check(regex, leaf.span, language).map_err(|diagnostic| Refusal {
                diagnostic: Some(diagnostic),
                ..Refusal::new(leaf.span, "")
            })?;
        }
        let negated = usize::from(context.directly_negated);
        let fault = |put_off: &mut PutOff| {
            if context.negated && !context.directly_negated {
                let fault = "the test is required, although the condition negates it";
                put_off.faults.push((leaf.span, fault));
            }
        };
        let mut put_off = self.put_off.borrow_mut();
        if matches!(leaf.value, Value::Regex(_)) {
            let warnings = faults(language, leaf, context, Form::Deferred);
            put_off.warnings.extend(warnings);
        }
        match leaf.value {
            Value::Regex(_) if context.under_or => {
                let (match_name, condition) = names(&mut put_off, field, self.words.longest_name);
                let names = Some((match_name.as_str(), condition.as_str()));
                let command = text(&self.words.regex_under_or, language, leaf, "", names)?;
                let test = text(&self.words.condition_test, language, leaf, "", names)?;
                put_off.before.push(command);
                put_off.computed.push(condition);
                let fault =
                    "commands stand in front of the search, which reads no events before it";
                put_off.faults.push((leaf.span, fault));
                Ok(Verdict::Stands(test))
            }
            Value::Regex(_) => {
                let sign = &self.words.regex_signs[negated];
                let command = text(&self.words.regex, language, leaf, sign, None)?;
                put_off.behind.push(command);
                fault(&mut put_off);
                Ok(Verdict::Leaves)
            }
            Value::FieldRef(reference) => {
                let plain = !reference.starts_with && !reference.ends_with;
                let Some(template) = self.words.field_equals.as_ref().filter(|_| plain) else {
                    return Ok(Verdict::Stays);
                };
                if context.under_or {
                    let reason = "the reference compares no fields below an `or`";
                    return Err(Refusal::new(leaf.span, reason));
                }
                let sign = &self.words.field_signs[negated];
                let command = text(template, language, leaf, sign, None)?;
                put_off.behind.push(command);
                fault(&mut put_off);
                let case = "fields are compared with regard to case";
                put_off.faults.push((leaf.span, case));
                Ok(Verdict::Leaves)
            }
            _ => Ok(Verdict::Stays),
        }
    }
}

/// The names of a regular expression's group and of its outcome: the field's last part, a word,
/// and a number from the second on. Long names for groups are cut and carry a hash.
fn names(put_off: &mut PutOff, field: &str, longest: usize) -> (String, String) {
    let count = match put_off.counts.iter_mut().find(|(known, _)| known == field) {
        Some((_, count)) => {
            *count += 1;
            *count
        }
        None => {
            put_off.counts.push((field.to_owned(), 1));
            1
        }
    };
    let clean = field.rsplit('.').next().unwrap_or(field);
    let number = if count == 1 {
        String::new()
    } else {
        count.to_string()
    };
    let suffix = format!("Match{number}");
    let mut name = format!("{clean}{suffix}");
    if name.chars().count() > longest {
        let hash = Blake2s256::digest(clean.as_bytes());
        let mut digest = String::new();
        for byte in hash.iter().take(4) {
            // Writing to a string can't fail.
            let _ = write!(digest, "{byte:02x}");
        }
        let room = longest.saturating_sub(suffix.len() + digest.len());
        let head: String = clean.chars().take(room).collect();
        name = format!("{head}{digest}{suffix}");
    }
    (name, format!("{clean}Condition{number}"))
}

fn text(
    template: &Template,
    language: &Language,
    leaf: Leaf<'_>,
    sign: &str,
    names: Option<(&str, &str)>,
) -> Result<String, Refusal> {
    let mut out = String::new();
    template.write(&mut out, |slot, out| {
        match (slot, leaf.value) {
            (Slot::Field, _) => language.field.write(leaf.field.unwrap_or_default(), out),
            (Slot::FieldRaw, _) => out.push_str(leaf.field.unwrap_or_default()),
            (Slot::Not, _) => out.push_str(sign),
            (Slot::Match, _) => out.push_str(names.map_or("", |(name, _)| name)),
            (Slot::ConditionRaw, _) => out.push_str(names.map_or("", |(_, name)| name)),
            (Slot::Condition, _) => language
                .field
                .write(names.map_or("", |(_, name)| name), out),
            (Slot::Other, Value::FieldRef(reference)) => {
                language.field.write(&reference.field, out);
            }
            (Slot::Regex(literal), Value::Regex(regex)) => {
                let text = regex_text(regex, language.flag_prefix);
                language.literals[literal]
                    .write_text(&text, out)
                    .map_err(|unsayable| Refusal::new(leaf.span, unsayable.to_string()))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(out)
}
