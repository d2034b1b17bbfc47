//! Wildcard patterns against text, in time linear in the text for every literal between stars.
//!
//! In: `*\cmd?.exe`. Out: does a text match as a whole, or (for keywords) anywhere in it?

use crate::rule::fold::fold;
use crate::rule::{Part, Pattern};
use memchr::memmem::Finder;

/// A pattern, prepared.
#[derive(Debug, Clone)]
pub(super) struct TextMatcher {
    /// What is between the stars; never empty, and the inner ones are not empty either.
    segments: Vec<Segment>,
    /// `Foo` is not `foo`.
    pub cased: bool,
}

/// What a pattern asks of a text, as it is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form<'m> {
    /// `cmd.exe`
    Whole(&'m str),
    /// `cmd*`
    Start(&'m str),
    /// `*cmd`
    End(&'m str),
    /// `*cmd*`
    Inside(&'m str),
    /// `c?d`, `c*d`, `*`
    Other,
}

/// Literal text and `?`, in order. `None` is a `?`.
#[derive(Debug, Clone)]
enum Segment {
    Literal(Literal),
    Mixed(Vec<Option<char>>),
}

/// A text, and how it is searched for.
#[derive(Debug, Clone)]
struct Literal {
    text: String,
    finder: Box<Finder<'static>>,
}

impl TextMatcher {
    /// Prepares a pattern. Placeholders stand for their own text; no stage leaves any.
    pub fn new(pattern: &Pattern<'_>, cased: bool) -> Self {
        let mut segments = vec![Vec::new()];
        for part in &pattern.parts {
            match part {
                Part::Any => segments.push(Vec::new()),
                Part::One => push(&mut segments, None),
                Part::Literal(text) | Part::Placeholder(text) => {
                    for c in text.chars() {
                        push(&mut segments, Some(if cased { c } else { fold(c) }));
                    }
                }
            }
        }
        let last = segments.len() - 1;
        let segments = segments
            .into_iter()
            .enumerate()
            .filter(|(index, segment)| *index == 0 || *index == last || !segment.is_empty())
            .map(|(_, segment)| Segment::new(segment))
            .collect();
        Self { segments, cased }
    }

    /// The same pattern, wherever it is in a text.
    pub fn anywhere(pattern: &Pattern<'_>, cased: bool) -> Self {
        let mut around = Pattern::default();
        around.parts.push(Part::Any);
        around.parts.extend(pattern.parts.iter().cloned());
        around.parts.push(Part::Any);
        Self::new(&around, cased)
    }

    /// What it asks of a text, if that is one thing.
    pub fn form(&self) -> Form<'_> {
        let literals = self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => Some(literal.text.as_str()),
            Segment::Mixed(_) => None,
        });
        let literals: Option<Vec<&str>> = literals.collect();
        match literals.unwrap_or_default().as_slice() {
            [whole] => Form::Whole(whole),
            ["", ""] => Form::Other,
            [start, ""] => Form::Start(start),
            ["", end] => Form::End(end),
            ["", inside, ""] => Form::Inside(inside),
            _ => Form::Other,
        }
    }

    /// A text that is the same for equal patterns only.
    pub fn key(&self) -> String {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => format!("{:?}", literal.text),
            Segment::Mixed(chars) => format!("{chars:?}"),
        });
        let segments: Vec<String> = segments.collect();
        format!("{} {}", self.cased, segments.join("*"))
    }

    /// The longest literal that is in every text that it matches.
    pub fn longest_literal(&self) -> Option<String> {
        let literals = self.segments.iter().flat_map(|segment| match segment {
            Segment::Literal(literal) => vec![literal.text.clone()],
            Segment::Mixed(chars) => chars
                .split(Option::is_none)
                .map(|run| run.iter().flatten().collect())
                .collect(),
        });
        let literals = literals.filter(|literal: &String| !literal.is_empty());
        literals.max_by_key(String::len)
    }

    /// Does the whole text match? It is folded already unless the pattern is cased.
    pub fn is_match(&self, text: &str) -> bool {
        let Some((first, rest)) = self.segments.split_first() else {
            return false;
        };
        let Some(length) = first.prefix(text) else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return length == text.len();
        };
        let mut text = &text[length..];
        for segment in middle {
            let Some(end) = segment.find(text) else {
                return false;
            };
            text = &text[end..];
        }
        last.is_suffix(text)
    }
}

fn push(segments: &mut [Vec<Option<char>>], c: Option<char>) {
    if let Some(last) = segments.last_mut() {
        last.push(c);
    }
}

impl Segment {
    fn new(chars: Vec<Option<char>>) -> Self {
        match chars.iter().copied().collect() {
            Some(text) => {
                let text: String = text;
                let finder = Box::new(Finder::new(text.as_bytes()).into_owned());
                Self::Literal(Literal { text, finder })
            }
            None => Self::Mixed(chars),
        }
    }

    /// How many bytes it takes at the start of the text.
    fn prefix(&self, text: &str) -> Option<usize> {
        match self {
            Self::Literal(Literal { text: literal, .. }) => {
                text.starts_with(literal.as_str()).then_some(literal.len())
            }
            Self::Mixed(chars) => {
                let mut rest = text.chars();
                for wanted in chars {
                    let c = rest.next()?;
                    if wanted.is_some_and(|wanted| wanted != c) {
                        return None;
                    }
                }
                Some(text.len() - rest.as_str().len())
            }
        }
    }

    /// Where its first occurrence ends.
    fn find(&self, text: &str) -> Option<usize> {
        match self {
            Self::Literal(literal) => {
                let found = literal.finder.find(text.as_bytes());
                found.map(|at| at + literal.text.len())
            }
            Self::Mixed(_) => text
                .char_indices()
                .find_map(|(at, _)| self.prefix(&text[at..]).map(|length| at + length)),
        }
    }

    fn is_suffix(&self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => text.ends_with(literal.text.as_str()),
            Self::Mixed(chars) => {
                let mut from_end = text.char_indices().rev();
                let start = from_end.nth(chars.len() - 1).map(|(at, _)| at);
                start.is_some_and(|at| self.prefix(&text[at..]).is_some())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pattern::pattern;
    use proptest::prelude::*;

    /// The definition, without a thought for time.
    fn holds(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) if holds(rest, text) => true,
            (Some(('*', _)), Some((_, text))) => holds(pattern, text),
            (Some((p, rest)), Some((t, text))) => (*p == '?' || p == t) && holds(rest, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn the_matcher_is_the_definition(pattern_text in "[abä*?]{0,7}", text in "[abä\n]{0,8}") {
            let matcher = TextMatcher::new(&pattern(&pattern_text), true);
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = holds(&chars(&pattern_text), &chars(&text));
            prop_assert_eq!(matcher.is_match(&text), expected);
        }
    }

    #[test]
    fn case_folds_in_the_pattern() {
        let matcher = TextMatcher::new(&pattern("*\\CMD.exe"), false);
        assert!(matcher.is_match("c:\\cmd.exe") && !matcher.is_match("C:\\CMD.EXE"));
    }
}
