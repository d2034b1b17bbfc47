//! Values of one field said at once: `A IN ("x", "y")`.

use super::phrase::{Stop, placeholder};
use super::serves::is_digits;
use super::{Chooser, number};
use crate::backend::language::{ListForm, Strength};
use crate::backend::template::Slot;
use crate::emit::conventions::{Context, Leaf, Listed, Written};
use crate::emit::tree::{Choice, Form, Phrase, Text};
use crate::lower::{Expr, Group, Operator, Test};

impl<'e> Chooser<'e, '_> {
    /// A group as a list of values, if the language has such and all operands fit.
    pub(super) fn list(&mut self, group: &Group<'_>, context: Context) -> Option<Form<'e>> {
        let language = self.language;
        if group.operator != Operator::Or || !self.conventions.lists(language, group) {
            return None;
        }
        let (settings, types) = (self.settings, self.types);
        let field = match group.operands.first()?.peeled() {
            Expr::Test(test) => Some(test.field),
            _ => None,
        };
        let of_digits = language.number_list.iter().filter(|form| form.digits);
        let forms = of_digits.chain(&language.list).chain(&language.number_list);
        let mut forms = forms.filter(|form| settings.are_for(&form.when, types, field));
        forms.find_map(|form| {
            self.knows_type = self.knows_type(&form.when, field);
            self.list_by(group, form, context)
        })
    }

    fn list_by(
        &mut self,
        group: &Group<'_>,
        form: &ListForm,
        context: Context,
    ) -> Option<Form<'e>> {
        let members: Vec<&Test<'_>> = group
            .operands
            .iter()
            .map(|operand| self.conventions.list_member(self.language, operand))
            .collect::<Option<_>>()?;
        let field = members.first()?.field;
        let fits = |test: &&Test<'_>| test.field == field && self.fits(test, form);
        if !members.iter().all(fits) {
            return None;
        }
        let start = self.texts.len();
        let mut out = std::mem::take(&mut self.texts);
        let list = Some(field).filter(|field| self.is_list(field));
        let written = self.of_element(list, &mut out, |out| {
            form.text.write(out, |slot, out| match slot {
                Slot::Field => self.place(field, out),
                Slot::List => self.values(&members, form, out),
                _ => Ok(()),
            })
        });
        self.texts = out;
        match written {
            Ok(()) => {}
            Err(Stop::Wrong(refusal)) => return Some(Form::Unsupported(*refusal)),
            Err(_) => return None,
        }
        let text = Text::One(start..self.texts.len());
        let binds = self.conventions.binds(self.language, group);
        let mut phrase = Phrase {
            clauses: group.operands.len(),
            ..Phrase::new(
                text,
                list.map_or(binds.unwrap_or(form.binds), |_| Strength::Atom),
            )
        };
        for leaf in members.into_iter().map(Leaf::from) {
            phrase.reasons.extend(self.folding_loss(leaf, context));
            let warnings = self
                .conventions
                .warnings(self.language, leaf, context, Written::Listed);
            phrase.warnings.extend(warnings);
        }
        Some(Form::Test(Choice::of(phrase)))
    }

    /// Can a list hold the value?
    fn fits(&self, test: &Test<'_>, form: &ListForm) -> bool {
        // Numbers without quotes: `007` would be 7.
        let is_plain = form.number_literal.is_none();
        let is_shortest = |text: &str| !text.starts_with('0') || text == "0";
        let digits =
            |text: &str| !text.is_empty() && is_digits(text) && (!is_plain || is_shortest(text));
        match self.conventions.listed(self.language, test.value) {
            Some(Listed::Pattern(pattern)) => {
                (form.strings || form.digits && pattern.as_literal().is_some_and(digits))
                    && (form.wildcards || !pattern.has_wildcards())
                    && (!form.ascii_only || pattern.literals().all(str::is_ascii))
            }
            Some(Listed::Number(number)) => {
                form.numbers && (!is_plain || !form.digits || digits(&number.text))
            }
            None => false,
        }
    }

    fn values(&self, members: &[&Test<'_>], form: &ListForm, out: &mut String) -> Result<(), Stop> {
        for (at, test) in members.iter().enumerate() {
            if at > 0 {
                out.push_str(&form.separator);
            }
            match self.conventions.listed(self.language, test.value) {
                Some(Listed::Pattern(pattern)) => {
                    if let Some(refusal) = placeholder(pattern, test.span) {
                        return Err(Stop::Wrong(Box::new(refusal)));
                    }
                    self.language.literals[form.literal].write(&pattern.parts, out)?;
                }
                Some(Listed::Number(number)) => match form.number_literal {
                    Some(literal) => {
                        let texts = if form.spellings {
                            number::spellings(number)
                        } else {
                            number.texts()
                        };
                        let literal = &self.language.literals[literal];
                        number::write(&texts, &form.separator, literal, out)?;
                    }
                    None => out.push_str(&number.text),
                },
                None => {}
            }
        }
        Ok(())
    }
}
