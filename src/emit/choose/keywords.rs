//! Keywords that one function searches for: `QSTR("a OR b")`.

use super::Chooser;
use crate::emit::conventions::{Context, Leaf};
use crate::emit::tree::Form;
use crate::lower::{Expr, Group, Keyword, Operator};

impl<'e> Chooser<'e, '_> {
    /// A group of keywords, if the language has a function for several.
    pub(super) fn keywords(&mut self, group: &'e Group<'e>, context: Context) -> Option<Form<'e>> {
        self.language.keywords.as_ref()?;
        if group.operator != Operator::Or || group.operands.is_empty() {
            return None;
        }
        let keywords: Vec<_> = group.operands.iter().map(keyword).collect::<Option<_>>()?;
        let choices = keywords.into_iter();
        let choices = choices.map(|keyword| self.choice(Leaf::from(keyword), context));
        Some(Form::Keywords(choices.collect()))
    }
}

fn keyword<'x, 'r>(expr: &'x Expr<'r>) -> Option<&'x Keyword<'r>> {
    match expr.peeled() {
        Expr::Keyword(keyword) => Some(keyword),
        _ => None,
    }
}
