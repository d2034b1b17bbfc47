//! Python's regular expressions, by `fancy-regex`.
//!
//! In: a pattern in the syntax of Python's `re`, look-around and back references included. Out: a
//! compiled expression. Where the two syntaxes part (`\Z`, `[[a]`, `a{,3}`, `{literal}`), the
//! pattern is rewritten.

use super::replacement::{Substitute, Template};
use crate::diagnostic::Diagnostic;
use crate::pipeline::bound::{self, Budget};
use std::fmt::Write;

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Regex {
    pub(super) inner: fancy_regex::Regex,
    /// What a search costs beside the length of the text: with look-around or back references it
    /// may go back and try again.
    cost: usize,
}

impl Regex {
    /// For [`Self::is_match`] and [`Self::captures`] anywhere in a text, as `re.search` does.
    pub fn search(pattern: &str) -> Result<Self, String> {
        Self::compile(&rewrite(pattern)?)
    }

    /// As [`Self::search`], but a match begins where the text begins, as `re.match` has it.
    pub fn anchored(pattern: &str) -> Result<Self, String> {
        // Compiled alone first, so that `a)(b` is an error here as it is in Python.
        let rewritten = rewrite(pattern)?;
        Self::compile(&rewritten)?;
        Self::compile(&format!(r"\A(?:{rewritten})"))
    }

    fn compile(pattern: &str) -> Result<Self, String> {
        fancy_regex::RegexBuilder::new(pattern)
            .backtrack_limit(bound::REGEX_STEPS)
            .build()
            .map(|inner| {
                let is_regular = regex_syntax::parse(pattern).is_ok();
                let cost = if is_regular { 1 } else { bound::REGEX_COST };
                Self { inner, cost }
            })
            .map_err(|error| {
                let text = error.to_string();
                text.lines().last().unwrap_or(&text).trim().to_owned()
            })
    }

    /// Does it match?
    pub fn is_match(&self, text: &str, budget: &Budget) -> Result<bool, Diagnostic> {
        self.search_in(text, budget)?;
        self.inner.is_match(text).map_err(|_| backtracks())
    }

    fn search_in(&self, text: &str, budget: &Budget) -> Result<(), Diagnostic> {
        budget.step(self.cost + text.len() / 64)
    }

    /// The named groups in order, with what they caught.
    pub fn captures<'t>(
        &self,
        text: &'t str,
        budget: &Budget,
    ) -> Result<Option<Groups<'_, 't>>, Diagnostic> {
        self.search_in(text, budget)?;
        let captures = self.inner.captures(text).map_err(|_| backtracks())?;
        let names = self.inner.capture_names().enumerate();
        Ok(captures.map(|captures| {
            names
                .filter_map(|(index, name)| {
                    Some((name?, captures.get(index).map(|group| group.as_str())))
                })
                .collect()
        }))
    }

    /// Has it a named group?
    pub fn has_names(&self) -> bool {
        self.inner.capture_names().flatten().next().is_some()
    }

    /// `re.sub`: every match replaced.
    pub fn replace_all(
        &self,
        text: &str,
        template: &Template,
        budget: &Budget,
    ) -> Result<String, Diagnostic> {
        budget.make(text.len())?;
        let mut result = String::with_capacity(text.len());
        self.substitute(text, template, budget, &mut |piece| {
            result.push_str(match piece {
                Substitute::Kept(range) => &text[range],
                Substitute::Written(text) => text,
            });
        })?;
        Ok(result)
    }

    /// As [`Self::replace_all`], but in pieces that tell what is old and what is new. The budget
    /// pays for the replacements; what is kept between them is the caller's.
    pub fn substitute<'t>(
        &self,
        text: &str,
        template: &'t Template,
        budget: &Budget,
        take: &mut dyn FnMut(Substitute<'t>),
    ) -> Result<(), Diagnostic> {
        self.search_in(text, budget)?;
        let (mut copied, mut from) = (0, 0);
        while from <= text.len() {
            let captures = self.inner.captures_from_pos(text, from);
            let Some(captures) = captures.map_err(|_| backtracks())? else {
                break;
            };
            let Some(whole) = captures.get(0) else { break };
            let pieces = template.piece_count();
            budget.step(self.cost + (whole.end() - from) / 64 + pieces)?;
            budget.make(template.length(&captures))?;
            take(Substitute::Kept(copied..whole.start()));
            template.expand(&captures, take);
            copied = whole.end();
            // After an empty match Python goes on one character further.
            from = if whole.end() > whole.start() {
                whole.end()
            } else {
                let step = text[whole.end()..].chars().next();
                whole.end() + step.map_or(1, char::len_utf8)
            };
        }
        take(Substitute::Kept(copied..text.len()));
        Ok(())
    }
}

fn backtracks() -> Diagnostic {
    let steps = bound::REGEX_STEPS;
    bound::exceeded(format!(
        "a regular expression that goes back more than {steps} times in one search"
    ))
}

/// Names of groups, each with what it caught.
pub type Groups<'r, 't> = Vec<(&'r str, Option<&'t str>)>;

/// Rewrites Python's syntax to that of `fancy-regex`.
fn rewrite(pattern: &str) -> Result<String, String> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        match character {
            '\\' => at += rewrite_escape(&characters[at..], false, &mut out)?,
            '[' => at += rewrite_class(&characters[at..], &mut out)?,
            '{' => {
                let literal = ("\\{".to_owned(), 1);
                let (text, length) = quantifier(&characters[at..]).unwrap_or(literal);
                out.push_str(&text);
                at += length;
            }
            '}' => {
                out.push_str("\\}");
                at += 1;
            }
            '(' if characters[at..].starts_with(&['(', '?', '#']) => {
                let end = characters[at..].iter().position(|next| *next == ')');
                at += end.ok_or("expected `)` after the comment, found the end")? + 1;
            }
            other => {
                out.push(other);
                at += 1;
            }
        }
    }
    Ok(out)
}

/// `{3}`, `{3,}`, `{,5}`, `{3,5}`: its text and its length; anything else is literal in Python.
fn quantifier(characters: &[char]) -> Option<(String, usize)> {
    let end = characters.iter().position(|next| *next == '}')?;
    let inner: String = characters[1..end].iter().collect();
    let (low, high) = inner.split_once(',').unwrap_or((&inner, &inner));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = digits(low) && digits(high) && !inner.is_empty();
    let text = if low.is_empty() {
        format!("{{0,{high}}}")
    } else {
        format!("{{{inner}}}")
    };
    valid.then_some((text, end + 1))
}

/// Rewrites `\x` and returns how many characters it took.
fn rewrite_escape(characters: &[char], in_class: bool, out: &mut String) -> Result<usize, String> {
    let Some(&escaped) = characters.get(1) else {
        return Err("expected a character after the last `\\`, found the end".into());
    };
    match escaped {
        'Z' if !in_class => out.push_str("\\z"),
        'b' if in_class => out.push_str("\\x08"),
        '0' => {
            let digits: String = characters[1..]
                .iter()
                .take(3)
                .take_while(|next| ('0'..='7').contains(*next))
                .collect();
            let value = u32::from_str_radix(&digits, 8).unwrap_or_default();
            let _ = write!(out, "\\x{{{value:x}}}");
            return Ok(1 + digits.len());
        }
        'u' | 'U' => {
            let length = if escaped == 'u' { 4 } else { 8 };
            let digits: String = characters[2..].iter().take(length).collect();
            let value = u32::from_str_radix(&digits, 16)
                .ok()
                .filter(|_| digits.len() == length)
                .ok_or_else(|| {
                    format!("expected {length} hexadecimal digits after `\\{escaped}`, found fewer")
                })?;
            let _ = write!(out, "\\x{{{value:x}}}");
            return Ok(2 + length);
        }
        'A'
        | 'B'
        | 'b'
        | 'd'
        | 'D'
        | 's'
        | 'S'
        | 'w'
        | 'W'
        | 'a'
        | 'f'
        | 'n'
        | 'r'
        | 't'
        | 'v'
        | 'x'
        | '1'..='9' => {
            out.push('\\');
            out.push(escaped);
        }
        letter if letter.is_ascii_alphabetic() => {
            return Err(format!(
                "`\\{letter}` means nothing in a Python regular expression"
            ));
        }
        // `\<` and `\>` would be word boundaries, so the character is written by its number.
        other => {
            let _ = write!(out, "\\x{{{:x}}}", u32::from(other));
        }
    }
    Ok(2)
}

/// Rewrites a character class and returns how many characters it took. In Python `[` inside is a
/// character, and there are no set operations.
fn rewrite_class(characters: &[char], out: &mut String) -> Result<usize, String> {
    let mut at = 1;
    out.push('[');
    if characters.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        match characters.get(at) {
            None => return Err("expected `]` at the end of the character class, found none".into()),
            Some(']') if at > first => {
                out.push(']');
                return Ok(at + 1);
            }
            Some('\\') => {
                at += rewrite_escape(&characters[at..], true, out)?;
                continue;
            }
            Some('-') if characters.get(at + 1) == Some(&'-') => out.push_str("\\-"),
            Some(&special @ (']' | '[' | '&' | '~')) => {
                out.push('\\');
                out.push(special);
            }
            Some(&other) => out.push(other),
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_own_syntax_is_understood() {
        let budget = Budget::default();
        for (pattern, yes, no) in [
            (r"foo\Z", "foo", "foo\n"),
            (r"[[a]b", "[b", "cb"),
            (r"a{,2}$", "aa", "aab"),
            (r"{x}", "{x}", "x"),
            (r"(?!evil)\w+", "good", "!"),
            (r"(?P<a>x)(?P=a)", "xx", "xy"),
            (r"\<a\>", "<a>", "a"),
            (r"a(?#comment)b", "ab", "a"),
        ] {
            let regex = Regex::anchored(pattern).expect(pattern);
            assert_eq!(regex.is_match(yes, &budget), Ok(true), "{pattern}");
            assert_eq!(regex.is_match(no, &budget), Ok(false), "{pattern}");
        }
        let is_match = |regex: Result<Regex, String>| regex.expect("valid").is_match("ab", &budget);
        assert_eq!(is_match(Regex::anchored("b|c")), Ok(false));
        assert_eq!(is_match(Regex::search("b|c")), Ok(true));
        assert!(Regex::search(r"\y").is_err());
        assert!(Regex::anchored("a)(b").is_err());
    }

    #[test]
    fn replacements_are_pythons() {
        for (pattern, template, text, expected) in [
            (r"(a)(?P<n>b)", r"\2-\g<n>-\1\\", "xab", r"xb-b-a\"),
            (r"x*", "-", "abxd", "-a-b--d-"),
            (r"c", r"\*", "abc", r"ab\*"),
        ] {
            let regex = Regex::search(pattern).expect(pattern);
            let template = Template::new(template, &regex).expect(template);
            let replaced = regex.replace_all(text, &template, &Budget::default());
            assert_eq!(replaced.as_deref(), Ok(expected));
        }
        let regex = Regex::search("a").expect("valid");
        assert!(Template::new(r"\1", &regex).is_err());
        assert!(Template::new(r"\y", &regex).is_err());
    }

    #[test]
    fn what_goes_back_for_ever_is_an_error() {
        let regex = Regex::search(r"(?=(a+)+$)(a|aa)+\1!").expect("valid");
        assert!(
            regex
                .is_match(&"a".repeat(100), &Budget::default())
                .is_err()
        );
        let regex = Regex::search("a").expect("valid");
        let template = Template::new(&"a".repeat(1000), &regex).expect("valid");
        let mut text = "a".to_owned();
        let budget = Budget::default();
        let grown = loop {
            match regex.replace_all(&text, &template, &budget) {
                Ok(longer) => text = longer,
                Err(error) => break error,
            }
        };
        assert_eq!(grown.code, crate::diagnostic::Code::PipelineBudget);
    }
}
