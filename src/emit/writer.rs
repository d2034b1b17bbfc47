//! Boolean expressions: operands, operators, parentheses.

use super::{Reason, Refusal, Settings, chain, keywords};
use crate::backend::language::{Grouping, Language, Strength};
use crate::diagnostic::Diagnostic;
use crate::lower::{Expr, Group, Operator, Origin, Test};
use crate::rule::Value;
use crate::source::Span;
use std::collections::BTreeSet;
use std::ops::Range;

/// Writes expressions in one language.
pub(super) struct Writer<'b> {
    pub language: &'b Language,
    pub settings: &'b Settings,
    pub out: String,
    /// Sayings that are not exact serve too.
    pub lossy: bool,
    /// Why the text is not exact so far.
    pub reasons: Vec<Reason>,
    /// How many clauses the engine reads in the text: tests and `not`s.
    pub clauses: usize,
    /// Fields that the rule expects to be missing, where the engine has to be told.
    pub optional: BTreeSet<String>,
    /// Chains of more operands are nested in groups.
    pub longest_chain: usize,
    /// How deep the engine reads what was written last.
    pub depth: usize,
    /// What a reference says wrongly in it.
    pub warnings: Vec<Diagnostic>,
    /// The last chain of operands without parentheses: where it stands, and what joins it.
    pub chain: Option<(Range<usize>, Strength)>,
    /// Tests that are put off.
    pub deferral: Option<Box<dyn Deferral + 'b>>,
}

/// Takes tests that the query can't hold and says what stands for them.
pub(super) trait Deferral {
    /// What becomes of a test.
    fn defer(
        &mut self,
        language: &Language,
        place: Leaf<'_>,
        context: Context,
    ) -> Result<Verdict, Refusal>;
}

/// What becomes of a test that might be put off.
pub(super) enum Verdict {
    /// It is written where it is.
    Stays,
    /// It leaves its place, and nothing stands there.
    Leaves,
    /// It leaves its place to another text.
    Stands(String),
}

/// A leaf of an expression.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'r> {
    /// `None` for a keyword.
    pub field: Option<&'r str>,
    pub value: &'r Value<'r>,
    pub span: Span,
}

/// What stands above an expression.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    /// An odd number of `not`s.
    pub negated: bool,
    /// An `or`, however far above.
    pub under_or: bool,
    /// A `not` directly above.
    pub directly_negated: bool,
}

/// What was written: nothing, or a text that binds so tightly.
pub(super) type Written = Option<Strength>;

/// Bytes that most queries fit into.
const USUAL: usize = 512;

impl<'b> Writer<'b> {
    pub fn new(language: &'b Language, settings: &'b Settings, lossy: bool) -> Self {
        Self {
            language,
            settings,
            out: String::with_capacity(USUAL),
            lossy,
            reasons: Vec::new(),
            clauses: 0,
            optional: BTreeSet::new(),
            longest_chain: language.longest_chain.unwrap_or(usize::MAX),
            depth: 0,
            warnings: Vec::new(),
            chain: None,
            deferral: None,
        }
    }

    pub fn expr(&mut self, expr: &Expr<'_>, context: Context) -> Result<Written, Refusal> {
        match expr {
            Expr::Group(group) => self.group(group, context),
            Expr::Not(operand) => self.not(operand, context),
            Expr::Test(test) => self.leaf(leaf_of(test), context),
            Expr::Keyword(keyword) => {
                let start = self.out.len();
                let written = self.leaf(keywords::leaf(keyword), context)?;
                Ok(match &self.language.keywords {
                    Some(form) => {
                        self.around(start, &form.text);
                        Some(Strength::Atom)
                    }
                    None => written,
                })
            }
        }
    }

    fn leaf(&mut self, leaf: Leaf<'_>, context: Context) -> Result<Written, Refusal> {
        self.depth = chain::TEST;
        if let Some(deferral) = &mut self.deferral {
            match deferral.defer(self.language, leaf, context)? {
                Verdict::Stays => {}
                Verdict::Leaves => return Ok(None),
                Verdict::Stands(text) => {
                    self.out.push_str(&text);
                    return Ok(Some(Strength::Atom));
                }
            }
        }
        if let Value::Cidr(network) = leaf.value
            && self.language.expand_networks
        {
            return self.expanded_network(network.net, leaf, context).map(Some);
        }
        self.say(leaf, context).map(Some)
    }

    fn group(&mut self, group: &Group<'_>, context: Context) -> Result<Written, Refusal> {
        let below = Context {
            negated: context.negated,
            under_or: context.under_or
                || group.operator == Operator::Or
                    && (group.operands.len() > 1 || group.origin == Origin::Selector),
            directly_negated: context.directly_negated && group.operands.len() == 1,
        };
        if self.is_alternative(group)
            && let Some(operand) = group
                .operands
                .iter()
                .find(|operand| is_expansion(operand) || matches!(operand, Expr::Keyword(_)))
        {
            let reason = "the reference has no alternatives of alternatives, and none of keywords";
            return Err(Refusal::new(span_of(operand), reason));
        }
        if let [only] = group.operands.as_slice()
            && !self.lists_one(group)
        {
            let start = self.out.len();
            let written = self.expr(only, below)?;
            return Ok(match written {
                Some(_) if self.wraps_one(group) => {
                    self.wrap(start);
                    Some(Strength::Atom)
                }
                Some(_) if self.is_alternative(group) => Some(Strength::Or),
                written => written,
            });
        }
        if let Some(strength) = self.list(group, context)? {
            return Ok(Some(strength));
        }
        if let Some(strength) = self.keywords(group, context)? {
            return Ok(Some(strength));
        }
        let strength = match group.operator {
            Operator::And => Strength::And,
            Operator::Or => Strength::Or,
        };
        let start = self.out.len();
        let written = self.write_chain(
            group.operator,
            &group.operands,
            start,
            |writer, operand, start| writer.operand(group, operand, strength, start, below),
        )?;
        if self.out.len() == start {
            return Ok(None);
        }
        self.chain = (written > 1).then_some((start..self.out.len(), strength));
        if self.wraps(group) {
            self.wrap(start);
            return Ok(Some(Strength::Atom));
        }
        if self.language.grouping == Grouping::Nested
            && self.language.bare_expansions
            && group.origin == Origin::Expansion
        {
            return Ok(Some(Strength::Atom));
        }
        Ok(Some(strength))
    }

    /// Writes an operand behind those that stand there since `start`.
    pub fn operand(
        &mut self,
        group: &Group<'_>,
        operand: &Expr<'_>,
        strength: Strength,
        start: usize,
        context: Context,
    ) -> Result<(), Refusal> {
        let end = self.out.len();
        if end > start {
            self.out.push_str(match group.operator {
                Operator::And => &self.language.and,
                Operator::Or => &self.language.or,
            });
        }
        let operand_start = self.out.len();
        let written = match operand {
            // A list of values that all must match reads as more items of its map.
            Expr::Group(inner) if self.continues(group, inner) => {
                self.continued(inner, operand_start, context)?
            }
            operand => self.expr(operand, context)?,
        };
        match written {
            None => self.out.truncate(end),
            Some(Strength::Or)
                if self.language.grouping == Grouping::Inner
                    && strength == Strength::Or
                    && is_expansion(operand) => {}
            Some(inner) if self.needs_parentheses(strength, inner) => self.wrap(operand_start),
            Some(_) => self.note_torn(operand, operand_start, strength),
        }
        Ok(())
    }

    fn continues(&self, outer: &Group<'_>, inner: &Group<'_>) -> bool {
        self.language.grouping == Grouping::Written
            && outer.operator == Operator::And
            && outer.origin == Origin::Map
            && inner.operator == Operator::And
            && inner.origin == Origin::Values
    }

    fn continued(
        &mut self,
        inner: &Group<'_>,
        start: usize,
        context: Context,
    ) -> Result<Written, Refusal> {
        for operand in &inner.operands {
            self.operand(inner, operand, Strength::And, start, context)?;
        }
        Ok((self.out.len() > start).then_some(Strength::And))
    }

    pub fn needs_parentheses(&self, outer: Strength, inner: Strength) -> bool {
        match self.language.grouping {
            Grouping::Written | Grouping::Minimal => {
                let rank = |strength| self.language.precedence.rank(strength);
                rank(inner) > rank(outer)
            }
            Grouping::Nested | Grouping::Inner => inner != Strength::Atom,
            Grouping::Explicit => false,
        }
    }

    /// Do parentheses stand around a group of several operands whatever is around it?
    pub fn wraps(&self, group: &Group<'_>) -> bool {
        match self.language.grouping {
            Grouping::Written => true,
            Grouping::Minimal | Grouping::Inner | Grouping::Nested => false,
            Grouping::Explicit => {
                group.operator == Operator::Or
                    && matches!(group.origin, Origin::Values | Origin::Expansion)
                    && !matches!(group.operands.first(), Some(Expr::Keyword(_)))
            }
        }
    }

    /// Do parentheses stand around a group of one operand?
    fn wraps_one(&self, group: &Group<'_>) -> bool {
        let is_list = group.operator == Operator::Or && group.origin == Origin::Values;
        match self.language.grouping {
            Grouping::Written => is_list && !matches!(group.operands.first(), Some(Expr::Group(_))),
            Grouping::Minimal | Grouping::Inner | Grouping::Nested => false,
            Grouping::Explicit => self.wraps(group) || group.origin == Origin::Parentheses,
        }
    }

    /// Is it an `or` in a reference's eyes, be it of the one thing that a modifier made of a value?
    fn is_alternative(&self, group: &Group<'_>) -> bool {
        let reference = self.language.bare_expansions || self.language.grouping == Grouping::Inner;
        reference && group.origin == Origin::Expansion
    }

    /// Do the options have these values?
    pub fn chosen(&self, when: &[(usize, String)]) -> bool {
        self.settings.are(when)
    }

    /// Writes where a field is found.
    pub fn place(&self, field: &str, out: &mut String) {
        let settings = self.settings;
        let names = &self.language.field;
        if self.optional.contains(field) {
            out.push_str(&names.optional);
        }
        names.write_place(field, |option| settings.at(option), out);
    }

    /// Puts parentheses around what stands there since `start`.
    pub fn wrap(&mut self, start: usize) {
        let template = &self.language.group;
        self.depth += chain::PARENTHESES;
        self.around(start, template);
    }

    pub fn around(&mut self, start: usize, template: &'b crate::backend::template::Template) {
        use crate::backend::template::Piece;
        if let [Piece::Text(before), Piece::Slot(_), behind @ ..] = template.pieces.as_slice() {
            self.out.insert_str(start, before);
            if let [Piece::Text(behind)] = behind {
                self.out.push_str(behind);
            }
        }
    }
}

pub(super) fn leaf_of<'r>(test: &Test<'r>) -> Leaf<'r> {
    Leaf {
        field: Some(test.field),
        value: test.value,
        span: test.span,
    }
}

/// Where the first leaf of an expression was written.
pub(super) fn span_of(expr: &Expr<'_>) -> Span {
    match expr {
        Expr::Group(group) => group.operands.first().map_or_else(Span::default, span_of),
        Expr::Not(operand) => span_of(operand),
        Expr::Test(test) => test.span,
        Expr::Keyword(keyword) => keyword.span,
    }
}

/// Is it what a modifier made of a value, through groups of one?
pub(super) fn is_expansion(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Group(group) if group.origin == Origin::Expansion => true,
        Expr::Group(group) => match group.operands.as_slice() {
            [only] => is_expansion(only),
            _ => false,
        },
        _ => false,
    }
}
