//! Values of one field said at once: `A IN ("x", "y")`.

use super::fault::Form;
use super::writer::{Context, Writer, leaf_of};
use super::{Refusal, chain, number};
use crate::backend::language::{ListForm, Strength};
use crate::backend::template::Slot;
use crate::lower::{Expr, Group, Operator, Origin, Test};
use crate::rule::{Number, Pattern, Value};

/// A value that a list can hold.
enum Listed<'r> {
    Pattern(&'r Pattern<'r>),
    Number(&'r Number<'r>),
}

impl Writer<'_> {
    /// Writes a group as a list of values, if the language has such and all operands fit.
    pub(super) fn list(
        &mut self,
        group: &Group<'_>,
        context: Context,
    ) -> Result<Option<Strength>, Refusal> {
        let language = self.language;
        for form in language.list.iter().chain(&language.number_list) {
            if let Some(strength) = self.list_by(group, form, context)? {
                return Ok(Some(strength));
            }
        }
        Ok(None)
    }

    fn list_by(
        &mut self,
        group: &Group<'_>,
        form: &ListForm,
        context: Context,
    ) -> Result<Option<Strength>, Refusal> {
        let expansion = group.origin == Origin::Expansion;
        if !self.chosen(&form.when) {
            return Ok(None);
        }
        if group.operator != Operator::Or
            || expansion && !form.expansions
            || group.operands.len() < 2 && !expansion
        {
            return Ok(None);
        }
        let mut field = None;
        for operand in &group.operands {
            let Some(test) = member(operand, form) else {
                return Ok(None);
            };
            if *field.get_or_insert(test.field) != test.field || listed(test, form).is_none() {
                return Ok(None);
            }
        }
        let Some(field) = field else {
            return Ok(None);
        };
        let start = self.out.len();
        let mut out = std::mem::take(&mut self.out);
        let written = form.text.write(&mut out, |slot, out| match slot {
            Slot::Field => {
                self.place(field, out);
                Ok(())
            }
            Slot::List => self.values(group, form, out),
            _ => Ok(()),
        });
        self.out = out;
        match written {
            Ok(()) => {
                self.clauses += group.operands.len();
                self.depth = chain::TEST;
                for test in group
                    .operands
                    .iter()
                    .filter_map(|operand| member(operand, form))
                {
                    self.note_folding(leaf_of(test), context);
                    self.note_faults(leaf_of(test), context, Form::Listed);
                }
                Ok(Some(if expansion {
                    Strength::Atom
                } else {
                    form.binds
                }))
            }
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Unsayable) => {
                self.out.truncate(start);
                Ok(None)
            }
        }
    }

    /// Is a group of one operand to be said as a list?
    pub(super) fn lists_one(&self, group: &Group<'_>) -> bool {
        let list = self.language.list.as_ref();
        group.origin == Origin::Expansion && list.is_some_and(|form| form.expansions)
    }

    fn values(&self, group: &Group<'_>, form: &ListForm, out: &mut String) -> Result<(), Stop> {
        let mut first = true;
        for operand in &group.operands {
            let Some(test) = member(operand, form) else {
                continue;
            };
            if !std::mem::take(&mut first) {
                out.push_str(&form.separator);
            }
            match listed(test, form) {
                Some(Listed::Pattern(pattern)) => {
                    if let Some(refusal) = super::saying::placeholder(pattern, test.span) {
                        return Err(Stop::Refused(refusal));
                    }
                    let literal = &self.language.literals[form.literal];
                    literal
                        .write(&pattern.parts, out)
                        .map_err(|_| Stop::Unsayable)?;
                }
                Some(Listed::Number(number)) => match form.number_literal {
                    Some(literal) => {
                        let texts = if form.spellings {
                            number::spellings(number)
                        } else {
                            number.texts()
                        };
                        let literal = &self.language.literals[literal];
                        number::write(&texts, &form.separator, literal, out)
                            .map_err(|_| Stop::Unsayable)?;
                    }
                    None => out.push_str(&number.text),
                },
                None => {}
            }
        }
        Ok(())
    }
}

enum Stop {
    Refused(Refusal),
    Unsayable,
}

/// The test that an operand is, through groups of one. A reference does not look into what a
/// modifier made of a value, even if it made one thing.
fn member<'e, 'r>(operand: &'e Expr<'r>, form: &ListForm) -> Option<&'e Test<'r>> {
    match operand {
        Expr::Test(test) => Some(test),
        Expr::Group(group) if form.careless && group.origin == Origin::Expansion => None,
        Expr::Group(group) => match group.operands.as_slice() {
            [only] => member(only, form),
            _ => None,
        },
        _ => None,
    }
}

/// The value as a list can hold it.
fn listed<'r>(test: &Test<'r>, form: &ListForm) -> Option<Listed<'r>> {
    match test.value {
        Value::String(pattern)
            if form.strings
                && (form.wildcards || !pattern.has_wildcards())
                && (!form.ascii_only || pattern.literals().all(str::is_ascii)) =>
        {
            Some(Listed::Pattern(pattern))
        }
        Value::Cased(pattern) if form.careless && (form.wildcards || !pattern.has_wildcards()) => {
            Some(Listed::Pattern(pattern))
        }
        Value::Number(number) if form.numbers => Some(Listed::Number(number)),
        Value::Time(_, number) if form.careless => Some(Listed::Number(number)),
        _ => None,
    }
}
