//! Keywords that one function searches for: `QSTR("a OR b")`.

use super::writer::{Context, Leaf, Writer};
use super::{Refusal, chain};
use crate::backend::language::Strength;
use crate::lower::{Expr, Group, Keyword, Operator};

impl Writer<'_> {
    /// Writes a group of keywords as few calls, if the language has a function for several.
    pub(super) fn keywords(
        &mut self,
        group: &Group<'_>,
        context: Context,
    ) -> Result<Option<Strength>, Refusal> {
        let language = self.language;
        let Some(form) = &language.keywords else {
            return Ok(None);
        };
        let keywords: Option<Vec<_>> = group.operands.iter().map(keyword).collect();
        let Some(keywords) = keywords.filter(|_| group.operator == Operator::Or) else {
            return Ok(None);
        };
        let mut calls = Vec::new();
        let start = self.out.len();
        for several in keywords.chunks(self.longest_chain.max(1)) {
            for (at, keyword) in several.iter().enumerate() {
                if at > 0 {
                    self.out.push_str(&form.separator);
                }
                self.say(leaf(keyword), context)?;
            }
            self.around(start, &form.text);
            calls.push(self.out.split_off(start));
        }
        let count = calls.len();
        let joined = self.nested(calls, &language.or);
        self.out.push_str(&joined);
        self.depth = chain::TEST + self.chain_depth(count);
        Ok(Some(if count > 1 {
            Strength::Or
        } else {
            Strength::Atom
        }))
    }
}

/// The leaf of a keyword.
pub(super) fn leaf<'r>(keyword: &Keyword<'r>) -> Leaf<'r> {
    Leaf {
        field: None,
        value: keyword.value,
        span: keyword.span,
    }
}

fn keyword<'e, 'r>(expr: &'e Expr<'r>) -> Option<&'e Keyword<'r>> {
    match expr.peeled() {
        Expr::Keyword(keyword) => Some(keyword),
        _ => None,
    }
}
