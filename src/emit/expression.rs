//! Regular expressions, and wildcard patterns as such, in the engine's dialect.

use super::saying::Stop;
use super::writer::{Leaf, Writer};
use crate::backend::RegexDialect;
use crate::backend::language::Language;
use crate::diagnostic::Diagnostic;
use crate::pattern::{self, Departure};
use crate::rule::{Part, Pattern, Regex, Value};
use crate::source::Span;
use std::borrow::Cow;

impl Writer<'_> {
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
            check(regex, leaf.span, self.language).map_err(Stop::Wrong)?;
            return self.regex_literal(&regex_text(regex, self.language.flag_prefix), literal, out);
        };
        let parsed = match leaf.value {
            Value::Regex(regex) => pattern::parse(regex).map_err(|invalid| {
                let text = regex_text(regex, false);
                Stop::Wrong(Box::new(invalid.diagnostic(leaf.span, &text)))
            })?,
            Value::String(pattern) => {
                pattern::from_pattern(&searched(pattern, leaf), pattern::Case::Ignored)
            }
            Value::Cased(pattern) => {
                pattern::from_pattern(&searched(pattern, leaf), pattern::Case::Exact)
            }
            _ => return Err(Stop::Refused("it is no regular expression".to_owned())),
        };
        let rendered =
            pattern::render(&parsed, dialect).map_err(|refusal| Stop::Refused(refusal.message))?;
        let length = rendered.text.chars().count();
        if let Some(longest) = dialect.longest.filter(|longest| length > *longest) {
            return Err(Stop::Refused(format!(
                "the regular expression has {length} characters, and {} takes {longest}",
                dialect.engine
            )));
        }
        departures.extend(rendered.departures);
        self.regex_literal(&rendered.text, literal, out)
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

/// Is an expression that is printed as written one at all? A placeholder in it may be anything.
pub(super) fn check(
    regex: &Regex<'_>,
    span: Span,
    language: &Language,
) -> Result<(), Box<Diagnostic>> {
    if regex.pattern.placeholder().is_some() {
        return Ok(());
    }
    let text = regex_text(regex, false);
    let checked = if language.python_regexes {
        pattern::check_python(&text)
    } else {
        pattern::parse(regex).map(drop)
    };
    checked.map_err(|invalid| {
        let error = invalid.diagnostic(span, &text);
        Box::new(if language.python_regexes {
            error.help("the reference compiles expressions with Python's `re`")
        } else {
            error
        })
    })
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

/// A regular expression's text, its flags in front where the language wants them.
pub(super) fn regex_text(regex: &Regex<'_>, flag_prefix: bool) -> String {
    let mut text = String::new();
    let flags = regex.flags;
    if flag_prefix && (flags.ignore_case || flags.multi_line || flags.dot_all) {
        text.push_str("(?");
        let letters = [
            (flags.ignore_case, 'i'),
            (flags.multi_line, 'm'),
            (flags.dot_all, 's'),
        ];
        text.extend(
            letters
                .iter()
                .filter(|(set, _)| *set)
                .map(|(_, letter)| letter),
        );
        text.push(')');
    }
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
