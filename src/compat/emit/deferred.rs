//! A reference's way with tests that its query can't hold: they become commands around it.
//!
//! Which command a regular expression becomes depends on what is above it in the condition, and the
//! names that stand for it count how often its field was used. The commands themselves are the
//! backend file's (`[deferred]`). As the reference does it:
//! * below an `or`, commands in front compute a field, and the query tests that field;
//! * elsewhere the expression leaves its place and becomes a command after the query, negated by a
//!   `not` directly above it and by no other.
//!
//! Warnings say what that gets wrong.

use super::hoist::Hoisted;
use super::keys::Deferred;
use super::{OfReference, fault};
use crate::backend::language::Language;
use crate::backend::template::{Slot, Template};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::conventions::{Context, Conventions, Leaf, Place, Written};
use crate::emit::{Query, Refusal, Section};
use crate::lower::Expr;
use crate::rule::Value;
use crate::source::Span;
use std::fmt::Write as _;

/// Puts tests off.
pub(super) struct Deferral<'b> {
    words: &'b Deferred,
    put_off: PutOff,
}

/// What was put off, in the order of the condition.
#[derive(Default)]
struct PutOff {
    /// Commands in front of the query.
    before: Vec<String>,
    /// Commands after it.
    behind: Vec<String>,
    /// How often `before` has each field.
    counts: Vec<(String, usize)>,
    /// Names that `before` computes.
    computed: Vec<String>,
    /// Places where the result means something else.
    faults: Vec<(Span, &'static str)>,
    /// What the backend file says is wrong with them.
    warnings: Vec<Diagnostic>,
}

impl<'b> Deferral<'b> {
    pub fn new(words: &'b Deferred) -> Self {
        Self {
            words,
            put_off: PutOff::default(),
        }
    }

    /// Completes a query with what was put off. `None`: there is none.
    pub fn finish(
        self,
        reference: &OfReference<'_>,
        expr: &Expr<'_>,
        search: &Section<'_>,
        mut query: Query,
    ) -> Option<Query> {
        let Self { words, put_off } = self;
        if search.is_empty() {
            // A deferred test alone has a query of its own; several have none, and vanish.
            let is_one = matches!(bare(expr), Expr::Test(_) | Expr::Keyword(_));
            if !is_one || put_off.behind.is_empty() {
                return None;
            }
            query.search.clone_from(&words.only);
            query.conjuncts = std::iter::once(0..query.search.len()).collect();
        }
        for command in &put_off.before {
            query.before.push_str(&words.separator);
            query.before.push_str(command);
        }
        if !put_off.before.is_empty() {
            query.resume.clone_from(&words.resume);
            let hoisted = search.write(reference, Hoisted::without(&put_off.computed));
            query.hoisted = Some((hoisted.leading, hoisted.rest));
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
        Some(query)
    }

    /// Where a test is said.
    pub fn place(
        &mut self,
        reference: &OfReference<'_>,
        language: &Language,
        leaf: Leaf<'_>,
        context: Context,
    ) -> Result<Place, Refusal> {
        let Some(field) = leaf.field else {
            return Ok(Place::Here);
        };
        let pattern = match leaf.value {
            Value::Regex(regex) => {
                let text = reference.regex(language, regex, leaf.span);
                text.map_err(|wrong| Refusal::wrong(leaf.span, *wrong))?
            }
            _ => String::new(),
        };
        let negated = usize::from(context.directly_negated);
        let fault = |put_off: &mut PutOff| {
            if context.negated && !context.directly_negated {
                let fault = "the test is required, although the condition negates it";
                put_off.faults.push((leaf.span, fault));
            }
        };
        let put_off = &mut self.put_off;
        if matches!(leaf.value, Value::Regex(_)) {
            let known = &reference.keys(language).faults;
            let warnings = fault::warnings(known, leaf, context, Written::Deferred);
            put_off.warnings.extend(warnings);
        }
        match leaf.value {
            Value::Regex(_) if context.under_or => {
                let (match_name, condition) = names(put_off, field, self.words.longest_name);
                let names = Some((match_name.as_str(), condition.as_str()));
                let command = text(
                    &self.words.regex_under_or,
                    language,
                    leaf,
                    &pattern,
                    "",
                    names,
                )?;
                let test = text(
                    &self.words.condition_test,
                    language,
                    leaf,
                    &pattern,
                    "",
                    names,
                )?;
                put_off.before.push(command);
                put_off.computed.push(condition);
                let fault = "the query begins with commands, before any search has read events";
                put_off.faults.push((leaf.span, fault));
                Ok(Place::Behind(test))
            }
            Value::Regex(_) => {
                let sign = &self.words.regex_signs[negated];
                let command = text(&self.words.regex, language, leaf, &pattern, sign, None)?;
                put_off.behind.push(command);
                fault(put_off);
                Ok(Place::Elsewhere)
            }
            Value::FieldRef(reference) => {
                let plain = !reference.starts_with && !reference.ends_with;
                let Some(template) = self.words.field_equals.as_ref().filter(|_| plain) else {
                    return Ok(Place::Here);
                };
                if context.under_or {
                    let reason = "the reference compares no fields below an `or`";
                    return Err(Refusal::new(leaf.span, reason));
                }
                let sign = &self.words.field_signs[negated];
                let command = text(template, language, leaf, &pattern, sign, None)?;
                put_off.behind.push(command);
                fault(put_off);
                let case = "fields are compared with regard to case";
                put_off.faults.push((leaf.span, case));
                Ok(Place::Elsewhere)
            }
            _ => Ok(Place::Here),
        }
    }
}

/// The expression below its `not`s and groups of one.
fn bare<'e, 'r>(expr: &'e Expr<'r>) -> &'e Expr<'r> {
    match expr.peeled() {
        Expr::Not(operand) => bare(operand),
        expr => expr,
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
        let digest = digest(clean);
        let room = longest.saturating_sub(suffix.len() + digest.len());
        let head: String = clean.chars().take(room).collect();
        name = format!("{head}{digest}{suffix}");
    }
    (name, format!("{clean}Condition{number}"))
}

/// The first bytes of a name's digest.
fn digest(name: &str) -> String {
    use blake2::{Blake2s256, Digest};
    let hash = Blake2s256::digest(name.as_bytes());
    hash.iter().take(4).fold(String::new(), |mut digest, byte| {
        // Writing to a string can't fail.
        let _ = write!(digest, "{byte:02x}");
        digest
    })
}

fn text(
    template: &Template,
    language: &Language,
    leaf: Leaf<'_>,
    pattern: &str,
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
            (Slot::Regex(literal), Value::Regex(_)) => {
                language.literals[literal]
                    .write_text(pattern, out)
                    .map_err(|unsayable| Refusal::new(leaf.span, unsayable.to_string()))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(out)
}
