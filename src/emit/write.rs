//! The text of a query, written once.
//!
//! In: nodes that can be said, laid out. Out: their text. How tightly each binds is known before it
//! is written, so that parentheses are written as they come.

use super::layout::Layout;
use super::tree::{Choice, Form, Group, Node, Not, Phrase, Text};
use crate::backend::template::{Slot, Template};
use crate::lower::Operator;
use std::ops::Range;

/// Takes a text piece by piece.
pub(crate) trait Sink {
    /// Operators, parentheses, what is around tests.
    fn text(&mut self, text: &str);

    /// The text of a test.
    fn test(&mut self, text: &str) {
        self.text(text);
    }

    /// What joins two operands.
    fn operator(&mut self, _operator: Operator, text: &str) {
        self.text(text);
    }

    /// What follows is inside parentheses or a negation.
    fn open(&mut self) {}

    /// What [`Sink::open`] began ends.
    fn close(&mut self) {}
}

impl Sink for String {
    fn text(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Writes nodes of one language.
pub(super) struct Writer<'t, 'l, S> {
    pub layout: Layout<'l>,
    /// The texts that phrases are among.
    pub texts: &'t str,
    pub out: S,
}

impl<S: Sink> Writer<'_, '_, S> {
    /// Writes a node that can be said.
    pub fn node(&mut self, node: &Node<'_>) {
        match &node.form {
            Form::Nothing | Form::Unsupported(_) => {}
            Form::Test(choice) => self.choice(choice),
            Form::Keywords(keywords) => self.keywords(keywords),
            Form::Group(group) => {
                self.enclosed(group.parentheses, &mut |writer| writer.operands(group));
            }
            Form::Single(single) => {
                self.enclosed(single.parentheses, &mut |writer| {
                    writer.node(&single.operand);
                });
            }
            Form::Not(not) => match not.operand.negated(self.layout.mode) {
                Some(phrase) => self.phrase(phrase),
                None => self.negation(not),
            },
        }
    }

    fn choice(&mut self, choice: &Choice<'_>) {
        if let Ok(phrase) = choice.get(self.layout.mode) {
            self.phrase(phrase);
        }
    }

    fn phrase(&mut self, phrase: &Phrase) {
        match &phrase.text {
            Text::One(range) => self.out.test(&self.texts[range.clone()]),
            Text::Several { parts, parentheses } => {
                self.enclosed(*parentheses, &mut |writer| {
                    writer.chain(Operator::Or, 0..parts.len(), &mut |writer, at| {
                        writer.out.test(&writer.texts[parts[at].clone()]);
                    });
                });
            }
        }
    }

    fn operands(&mut self, group: &Group<'_>) {
        let operands = &group.operands;
        self.chain(group.operator, 0..operands.len(), &mut |writer, at| {
            let operand = &operands[at];
            let parentheses = writer.layout.parenthesizes(group, operand);
            writer.enclosed(parentheses, &mut |writer| writer.node(operand));
        });
    }

    fn keywords(&mut self, keywords: &[Choice<'_>]) {
        let Some(form) = &self.layout.language.keywords else {
            return;
        };
        let layout = self.layout;
        let calls: Vec<_> = layout.calls(keywords).collect();
        self.chain(Operator::Or, 0..calls.len(), &mut |writer, at| {
            writer.around(&form.text, &mut |writer| {
                for (at, keyword) in calls[at].iter().enumerate() {
                    if at > 0 {
                        writer.out.text(&form.separator);
                    }
                    writer.choice(keyword);
                }
            });
        });
    }

    fn negation(&mut self, not: &Not<'_>) {
        let parentheses = self.layout.parenthesizes_negated(not);
        let out = &mut |writer: &mut Self, slot| match (slot, &not.field) {
            (Slot::Field, Some(field)) => writer.out.text(&writer.texts[field.clone()]),
            _ => writer.enclosed(parentheses, &mut |writer| writer.node(&not.operand)),
        };
        self.template(not.template, out);
    }

    /// Operands, joined; in groups of groups where they are many.
    fn chain(
        &mut self,
        operator: Operator,
        operands: Range<usize>,
        write: &mut dyn FnMut(&mut Self, usize),
    ) {
        let (mut size, group_size) = (1, self.layout.group_size());
        if operands.len() > self.layout.longest_chain {
            while operands.len().div_ceil(size) > group_size {
                size *= group_size;
            }
        }
        self.groups(operator, operands, size, write);
    }

    /// Operands in groups of so many, each with parentheses around it, in groups themselves.
    fn groups(
        &mut self,
        operator: Operator,
        operands: Range<usize>,
        size: usize,
        write: &mut dyn FnMut(&mut Self, usize),
    ) {
        let language = self.layout.language;
        let operator_text = match operator {
            Operator::And => &language.and,
            Operator::Or => &language.or,
        };
        for first in operands.clone().step_by(size) {
            if first > operands.start {
                self.out.operator(operator, operator_text);
            }
            if size == 1 {
                write(self, first);
                continue;
            }
            let group = first..operands.end.min(first + size);
            let inner = size / self.layout.group_size();
            self.around(&language.group, &mut |writer| {
                writer.groups(operator, group.clone(), inner, write);
            });
        }
    }

    fn enclosed(&mut self, parentheses: bool, write: &mut dyn FnMut(&mut Self)) {
        if parentheses {
            let language = self.layout.language;
            self.around(&language.group, write);
        } else {
            write(self);
        }
    }

    /// Writes a template around what fills its slot.
    fn around(&mut self, template: &Template, write: &mut dyn FnMut(&mut Self)) {
        self.template(template, &mut |writer, _| write(writer));
    }

    fn template(&mut self, template: &Template, fill: &mut dyn FnMut(&mut Self, Slot)) {
        use crate::backend::template::Piece;
        self.out.open();
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => self.out.text(text),
                Piece::Slot(slot) => fill(self, *slot),
            }
        }
        self.out.close();
    }
}
