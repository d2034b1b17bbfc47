//! What can be wrong with an expression, or lost on the way to an engine.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The text is no regular expression in PCRE's sense: the rule's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What was expected and what was found.
    pub message: String,
    /// Bytes of the expression's text.
    pub span: Span,
}

/// The engine has no way to say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the engine lacks, in a sentence: `RE2 has no look-ahead`.
    pub message: String,
    /// Bytes of the expression's text.
    pub span: Span,
}

/// Where the text that was written means something else than the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// It may match more, because …
    Broader(String, Span),
    /// It may miss, because …
    Narrower(String, Span),
}

impl Invalid {
    /// The error, at its place in the rule. `value` is where the whole value is and `text` its
    /// text.
    #[must_use]
    pub fn diagnostic(&self, value: Span, text: &str) -> Diagnostic {
        Diagnostic::error(Code::InvalidRegex, &self.message)
            .label(locate(value, text, self.span), within(text, self.span))
    }
}

impl Refusal {
    /// The error, at its place in the rule; as for [`Invalid::diagnostic`].
    #[must_use]
    pub fn diagnostic(&self, value: Span, text: &str) -> Diagnostic {
        Diagnostic::error(Code::RegexUnsupported, &self.message)
            .label(locate(value, text, self.span), within(text, self.span))
            .help("say it without this part, or in several values, or pick another target")
    }
}

/// The place in the rule of a place in a value's text. Exact where the value is in the rule as
/// it is, quoted or not; the whole value where escapes or line folds come between.
#[must_use]
pub fn locate(value: Span, text: &str, part: Span) -> Span {
    let length = value.end.saturating_sub(value.start) as usize;
    let quote = match length.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return value,
    };
    let start = value.start as usize + quote;
    Span::new(start + part.start as usize, start + part.end as usize)
}

/// What is at the place, for the words under the caret; empty where there is nothing.
fn within(text: &str, part: Span) -> String {
    match text.get(part.range()) {
        Some(piece) if !piece.is_empty() && piece.len() < 40 => format!("`{piece}`"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_after_the_quote() {
        let part = Span::new(1, 2);
        assert_eq!(locate(Span::new(10, 13), "abc", part), Span::new(11, 12));
        assert_eq!(locate(Span::new(10, 15), "abc", part), Span::new(12, 13));
        assert_eq!(locate(Span::new(10, 16), "abc", part), Span::new(10, 16));
    }
}
