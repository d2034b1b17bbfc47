//! Boolean expressions over named conditions: `a and not (b or c)`.
//!
//! In: the text of `rule_cond_expr` and the names it may use. Out: an [`Expression`] over their
//! positions. Names are letters, digits, `_` and `-`; `not` binds before `and` before `or`.

use crate::diagnostic::nearest;

/// An expression; names are positions in the conditions' map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// `a`
    Name(usize),
    /// `not a`
    Not(Box<Expression>),
    /// `a and b`
    And(Box<Expression>, Box<Expression>),
    /// `a or b`
    Or(Box<Expression>, Box<Expression>),
}

/// What is wrong, and where in the text (bytes).
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// First byte.
    pub start: usize,
    /// Just past the last.
    pub end: usize,
    /// What was expected and found.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str, names: &[String]) -> Result<Self, Problem> {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
            end: text.len(),
            names,
            depth: 0,
        };
        let expression = parser.chain(0)?;
        match parser.peek() {
            None => Ok(expression),
            Some(_) => Err(parser.unexpected("`and`, `or` or the end")),
        }
    }

    /// Its value. Both sides are always asked, as pySigma does: each may fail.
    pub fn evaluate<E>(&self, test: &mut dyn FnMut(usize) -> Result<bool, E>) -> Result<bool, E> {
        Ok(match self {
            Self::Name(index) => test(*index)?,
            Self::Not(inner) => !inner.evaluate(test)?,
            Self::And(left, right) => left.evaluate(test)? & right.evaluate(test)?,
            Self::Or(left, right) => left.evaluate(test)? | right.evaluate(test)?,
        })
    }

    /// Does it use the name at this position?
    pub fn uses(&self, position: usize) -> bool {
        match self {
            Self::Name(index) => *index == position,
            Self::Not(inner) => inner.uses(position),
            Self::And(left, right) | Self::Or(left, right) => {
                left.uses(position) || right.uses(position)
            }
        }
    }
}

/// Is it a character of a name?
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// Words and parentheses with their places.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|next| !is_word(next)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push((text.len() - rest.len(), &rest[..length]));
        }
        rest = &rest[length..];
    }
    tokens
}

struct Parser<'t> {
    tokens: Vec<(usize, &'t str)>,
    at: usize,
    end: usize,
    names: &'t [String],
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|(_, token)| *token)
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Operands joined by the word of a level, the loosest first.
    fn chain(&mut self, level: usize) -> Result<Expression, Problem> {
        type Join = fn(Box<Expression>, Box<Expression>) -> Expression;
        const LEVELS: [(&str, Join); 2] = [("or", Expression::Or), ("and", Expression::And)];
        let Some((word, join)) = LEVELS.get(level) else {
            return self.not();
        };
        let mut left = self.chain(level + 1)?;
        while self.take(word) {
            left = join(Box::new(left), Box::new(self.chain(level + 1)?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expression, Problem> {
        self.depth += 1;
        if self.depth > 64 {
            return Err(self.problem("an expression may be nested 64 deep", None));
        }
        let result = if self.take("not") {
            Expression::Not(Box::new(self.not()?))
        } else if self.take("(") {
            let inner = self.chain(0)?;
            if !self.take(")") {
                return Err(self.unexpected("`)`"));
            }
            inner
        } else {
            self.name()?
        };
        self.depth -= 1;
        Ok(result)
    }

    fn name(&mut self) -> Result<Expression, Problem> {
        let is_name =
            |token: &str| !matches!(token, "and" | "or" | "not") && token.starts_with(is_word);
        let Some(name) = self.peek().filter(|token| is_name(token)) else {
            return Err(self.unexpected("the name of a condition"));
        };
        let Some(position) = self.names.iter().position(|known| known == name) else {
            let help = nearest(name, self.names.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"));
            return Err(self.problem(&format!("there is no condition `{name}`"), help));
        };
        self.at += 1;
        Ok(Expression::Name(position))
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let found = self.peek().map(|token| format!("`{token}`"));
        let found = found.unwrap_or_else(|| "the end".to_owned());
        self.problem(&format!("expected {expected}, found {found}"), None)
    }

    fn problem(&self, message: &str, help: Option<String>) -> Problem {
        let (start, length) = self
            .tokens
            .get(self.at)
            .map_or((self.end, 0), |(start, token)| (*start, token.len()));
        Problem {
            start,
            end: start + length,
            message: message.to_owned(),
            help,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, truths: &[(&str, bool)]) -> bool {
        let names: Vec<_> = truths.iter().map(|(name, _)| (*name).to_owned()).collect();
        Expression::parse(text, &names)
            .expect(text)
            .evaluate::<()>(&mut |index| Ok(truths[index].1))
            .expect("no test fails")
    }

    #[test]
    fn not_binds_before_and_before_or() {
        let truths = [("a", true), ("b-1", false), ("not_c", true)];
        assert!(value("a or b-1 and b-1", &truths));
        assert!(!value("(a or b-1) and b-1", &truths));
        assert!(value("not b-1 and not_c", &truths));
        assert!(value("not not a", &truths));
    }

    #[test]
    fn problems_have_a_place() {
        let names = ["first".to_owned()];
        let problem = Expression::parse("first and fisrt", &names).expect_err("unknown name");
        assert_eq!((problem.start, problem.end), (10, 15));
        assert_eq!(problem.help.as_deref(), Some("did you mean `first`?"));
        let problem = Expression::parse("(first", &names).expect_err("open parenthesis");
        assert_eq!((problem.start, problem.end), (6, 6));
    }
}
