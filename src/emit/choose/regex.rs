//! Regular expressions, and wildcard patterns as such, in the engine's dialect.

use super::Chooser;
use super::phrase::Stop;
use crate::backend::RegexDialect;
use crate::backend::literal::Literal;
use crate::backend::regex::TOO_MANY_STATES;
use crate::diagnostic::Diagnostic;
use crate::emit::Refusal;
use crate::emit::conventions::Leaf;
use crate::pattern::{self, Departure, ParsedRegex, Rendered};
use crate::rule::{Part, Pattern, Regex, Value};
use crate::source::Span;
use std::borrow::Cow;

impl Chooser<'_, '_> {
    /// A regular expression, or a wildcard pattern as one, in the engine's dialect.
    pub(super) fn regex(
        &self,
        leaf: Leaf<'_>,
        literal: usize,
        departures: &mut Vec<Departure>,
        out: &mut String,
    ) -> Result<(), Stop> {
        let Some(dialect) = self.regex_dialect() else {
            let Value::Regex(regex) = leaf.value else {
                return Err(Stop::Refused("it is no regular expression".to_owned()));
            };
            let text = self.conventions.regex(self.language, regex, leaf.span);
            let text = text.map_err(|wrong| Stop::wrong(leaf, *wrong))?;
            return self.regex_literal(&text, literal, out);
        };
        let parsed = parsed(leaf)?;
        let rendered = render(&parsed, dialect)?;
        let length = rendered.text.chars().count();
        if let Some(longest) = dialect.longest.filter(|longest| length > *longest) {
            return Err(Stop::Refused(format!(
                "the regular expression has {length} characters, and {} takes {longest}",
                dialect.engine
            )));
        }
        if let Some(limit) = dialect.max_determinized_states
            && self.has_too_many_states(leaf, &parsed, &rendered.text, limit)
        {
            return Err(too_many_states());
        }
        departures.extend(rendered.departures);
        self.regex_literal(&rendered.text, literal, out)
    }

    fn has_too_many_states(
        &self,
        leaf: Leaf<'_>,
        parsed: &ParsedRegex,
        rendered: &str,
        limit: usize,
    ) -> bool {
        let known = &self.settings.complexity;
        match leaf.value {
            Value::String(pattern) | Value::Cased(pattern) => {
                known.pattern(&searched(pattern, leaf), limit)
            }
            _ => known.regex(parsed, rendered, limit),
        }
    }

    /// Refuses a wildcard pattern of too many states, where the literal's wildcards are Lucene's.
    pub(super) fn check_states(
        &self,
        literal: &Literal,
        pattern: &Pattern<'_>,
        leaf: Leaf<'_>,
    ) -> Result<(), Stop> {
        let Some(limit) = literal.max_determinized_states else {
            return Ok(());
        };
        if self
            .settings
            .complexity
            .pattern(&searched(pattern, leaf), limit)
        {
            return Err(too_many_states());
        }
        Ok(())
    }

    /// The flags after the expression; none in a dialect that has them elsewhere.
    pub(super) fn flags(&self, leaf: Leaf<'_>) -> Result<String, Stop> {
        match self.regex_dialect() {
            Some(dialect) => Ok(render(&parsed(leaf)?, dialect)?.flags),
            None => Ok(String::new()),
        }
    }

    /// The dialect that the options choose, or the language's own.
    fn regex_dialect(&self) -> Option<&RegexDialect> {
        let mut by_option = self.language.regex_by.iter();
        let chosen = by_option
            .rfind(|(option, value, _)| self.settings.at(*option) == value)
            .map(|(_, _, dialect)| dialect);
        chosen.or(self.language.regex.as_ref())
    }

    fn regex_literal(&self, text: &str, literal: usize, out: &mut String) -> Result<(), Stop> {
        match self.language.literals.get(literal) {
            Some(literal) => literal.write_text(text, out)?,
            None => out.push_str(text),
        }
        Ok(())
    }
}

fn too_many_states() -> Stop {
    Stop::Refused(TOO_MANY_STATES.to_owned())
}

fn render(parsed: &ParsedRegex, dialect: &RegexDialect) -> Result<Rendered, Stop> {
    pattern::render(parsed, dialect).map_err(|refusal| Stop::Refused(refusal.message))
}

fn parsed(leaf: Leaf<'_>) -> Result<ParsedRegex, Stop> {
    Ok(match leaf.value {
        Value::Regex(regex) => pattern::parse(regex)
            .map_err(|invalid| Stop::wrong(leaf, invalid.diagnostic(leaf.span, &text_of(regex))))?,
        Value::String(pattern) => {
            pattern::from_pattern(&searched(pattern, leaf), pattern::Case::Ignored)
        }
        Value::Cased(pattern) => {
            pattern::from_pattern(&searched(pattern, leaf), pattern::Case::Exact)
        }
        _ => return Err(Stop::Refused("it is no regular expression".to_owned())),
    })
}

impl Stop {
    fn wrong(leaf: Leaf<'_>, diagnostic: Diagnostic) -> Self {
        Self::Wrong(Box::new(Refusal::wrong(leaf.span, diagnostic)))
    }
}

/// The text of an expression that is printed as the rule writes it.
///
/// # Errors
/// It is no expression.
pub(crate) fn as_written(regex: &Regex<'_>, span: Span) -> Result<String, Box<Diagnostic>> {
    let text = text_of(regex);
    match pattern::parse(regex) {
        Err(invalid) if regex.pattern.placeholder().is_none() => {
            Err(Box::new(invalid.diagnostic(span, &text)))
        }
        _ => Ok(text),
    }
}

/// The pattern that the whole value has to match: a keyword is searched anywhere.
fn searched<'p, 's>(pattern: &'p Pattern<'s>, leaf: Leaf<'_>) -> Cow<'p, Pattern<'s>> {
    if leaf.field.is_some() {
        return Cow::Borrowed(pattern);
    }
    let mut searched = Pattern::default();
    let ends = [Part::Any];
    for part in ends.iter().chain(&pattern.parts).chain(&ends) {
        let is_any = *part == Part::Any && searched.parts.last() == Some(&Part::Any);
        if !is_any {
            searched.push(part.clone());
        }
    }
    Cow::Owned(searched)
}

/// A regular expression's text, without its flags.
pub(crate) fn text_of(regex: &Regex<'_>) -> String {
    let mut text = String::new();
    for part in &regex.pattern.parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Placeholder(name) => {
                text.push('%');
                text.push_str(name);
                text.push('%');
            }
            Part::Any | Part::One => {}
        }
    }
    text
}
