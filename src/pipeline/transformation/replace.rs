//! `replace_string`: what a regular expression matches in string values becomes something else.
//!
//! Natively the expression sees the value's own text, `/tn *` for `'/tn \*'`, and what it leaves
//! alone stays what it was: a wildcard, a literal star, a placeholder.

use super::string::{pattern_of, same_kind};
use super::walk::Replacement;
use super::{Pass, Transformation};
use crate::diagnostic::Diagnostic;
use crate::pipeline::bound::{self, Budget};
use crate::pipeline::python::regex::Regex;
use crate::pipeline::python::replacement::{Substitute, Template};
use crate::pipeline::reader::Keys;
use crate::rule::{Part, Pattern, Value};
use std::borrow::Cow;
use std::ops::Range;

/// `replace_string`
#[derive(Debug)]
pub struct Replace {
    /// What is replaced.
    pub regex: Regex,
    /// By what.
    pub template: Template,
    /// Is it replaced between wildcards alone?
    pub skip_special: bool,
    /// Are there wildcards in what is put there?
    pub interpret_special: bool,
}

impl Replace {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let regex = keys.regex("regex", Regex::search)?;
        let template = Template::load(keys, &regex)?;
        Some(Self {
            regex,
            template,
            skip_special: keys.flag("skip_special"),
            interpret_special: keys.flag("interpret_special"),
        })
    }

    /// Replaces in a value; a number in which nothing is replaced stays one.
    pub fn change<'s>(
        &self,
        value: &Value<'s>,
        budget: &Budget,
    ) -> Result<Replacement<'s>, Diagnostic> {
        let new = match value {
            Value::Number(found) if self.regex.is_match(&found.text, budget)? => {
                Value::String(self.replace(&Pattern::literal(found.text.clone()), budget)?)
            }
            value => match pattern_of(value) {
                Some(pattern) => same_kind(value, self.replace(pattern, budget)?),
                None => return Ok(Replacement::Keep),
            },
        };
        Ok(Replacement::One(new))
    }

    fn replace<'s>(
        &self,
        pattern: &Pattern<'s>,
        budget: &Budget,
    ) -> Result<Pattern<'s>, Diagnostic> {
        let placeholders = pattern.placeholder().is_some();
        if !self.skip_special {
            budget.make(bound::pattern_weight(pattern))?;
            let mut result = Marked::default();
            self.substitute(&Marked::of(pattern), placeholders, &mut result, budget)?;
            return Ok(result.pattern());
        }
        let mut new = Pattern::default();
        for part in &pattern.parts {
            let Part::Literal(text) = part else {
                new.push(part.clone());
                continue;
            };
            budget.make(text.len())?;
            let mut source = Marked::default();
            source.push(text, Mark::Literal);
            let mut result = Marked::default();
            self.substitute(&source, placeholders, &mut result, budget)?;
            for part in result.pattern().parts {
                new.push(part);
            }
        }
        Ok(new)
    }

    fn substitute(
        &self,
        source: &Marked,
        placeholders: bool,
        result: &mut Marked,
        budget: &Budget,
    ) -> Result<(), Diagnostic> {
        let mut take = |piece: Substitute<'_>| match piece {
            Substitute::Kept(range) => result.push_slice(source, range),
            Substitute::Written(text) if self.skip_special && !self.interpret_special => {
                result.push(text, Mark::Literal);
            }
            Substitute::Written(text) => {
                result.read(text, self.interpret_special, placeholders);
            }
        };
        self.regex
            .substitute(&source.text, &self.template, budget, &mut take)
    }
}

/// A value's text with what each of its bytes is.
#[derive(Debug, Default)]
struct Marked {
    text: String,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// It is itself.
    Literal,
    /// `*` or `?`
    Wildcard,
    /// Of `%name%`.
    Placeholder,
}

impl Marked {
    fn of(pattern: &Pattern<'_>) -> Self {
        let mut marked = Self::default();
        for part in &pattern.parts {
            match part {
                Part::Literal(text) => marked.push(text, Mark::Literal),
                Part::Any => marked.push("*", Mark::Wildcard),
                Part::One => marked.push("?", Mark::Wildcard),
                Part::Placeholder(name) => marked.push(&format!("%{name}%"), Mark::Placeholder),
            }
        }
        marked
    }

    fn push(&mut self, text: &str, mark: Mark) {
        self.text.push_str(text);
        self.marks.resize(self.text.len(), mark);
    }

    fn push_slice(&mut self, source: &Self, range: Range<usize>) {
        self.text.push_str(&source.text[range.clone()]);
        self.marks.extend_from_slice(&source.marks[range]);
    }

    /// Appends what a replacement writes: `*` and `?` are wildcards unless a backslash escapes
    /// them, as `%` is where the value has placeholders. Another backslash is a character; with
    /// `in_pairs`, two are one.
    fn read(&mut self, text: &str, in_pairs: bool, placeholders: bool) {
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            let mut ahead = rest.clone();
            let mut mark = match character {
                '*' | '?' => Mark::Wildcard,
                _ if placeholders => Mark::Placeholder,
                _ => Mark::Literal,
            };
            let mut written = character;
            if character == '\\'
                && let Some(next) = ahead.next()
                && (matches!(next, '*' | '?')
                    || next == '\\' && in_pairs
                    || next == '%' && placeholders)
            {
                written = next;
                mark = Mark::Literal;
                rest = ahead;
            }
            self.push(written.encode_utf8(&mut [0; 4]), mark);
        }
    }

    fn pattern<'p>(&self) -> Pattern<'p> {
        let mut pattern = Pattern::default();
        let mut literal = 0;
        let mut at = 0;
        while let Some(character) = self.text[at..].chars().next() {
            let end = at + character.len_utf8();
            let (part, next) = match (character, self.marks[at]) {
                ('*', Mark::Wildcard) => (Part::Any, end),
                ('?', Mark::Wildcard) => (Part::One, end),
                ('%', Mark::Placeholder) => match self.placeholder(end) {
                    Some(name) => {
                        let next = name.end + 1;
                        (Part::Placeholder(Cow::Owned(self.text[name].into())), next)
                    }
                    None => {
                        at = end;
                        continue;
                    }
                },
                _ => {
                    at = end;
                    continue;
                }
            };
            pattern.push(Part::Literal(Cow::Owned(self.text[literal..at].into())));
            pattern.push(part);
            literal = next;
            at = next;
        }
        pattern.push(Part::Literal(Cow::Owned(self.text[literal..].into())));
        pattern
    }

    /// The name of a placeholder that begins here, up to its second `%`.
    fn placeholder(&self, start: usize) -> Option<Range<usize>> {
        let mut characters = self.text[start..].char_indices();
        let (length, _) = characters.find(|(at, character)| {
            *character == '%' && self.marks[start + at] == Mark::Placeholder
        })?;
        let is_name = |at: usize| self.marks[at] != Mark::Wildcard;
        let name = start..start + length;
        (length > 0 && name.clone().all(is_name)).then_some(name)
    }
}

impl Transformation for Replace {
    fn apply<'s>(&'s self, pass: &mut Pass<'_, 's>) -> Result<(), Diagnostic> {
        let rules = pass.rules();
        pass.each_value(rules.sees_alternatives(), |_, value, state| {
            rules.replace_string(self, value, state)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::text;

    fn replaced(regex: &str, template: &str, special: (bool, bool), value: &Pattern<'_>) -> String {
        let regex = Regex::search(regex).expect("valid");
        let template = Template::new(template, &regex).expect("valid");
        let replace = Replace {
            regex,
            template,
            skip_special: special.0,
            interpret_special: special.1,
        };
        let replaced = replace.replace(value, &Budget::default());
        format!("{:?}", replaced.expect("within the budget").parts)
    }

    #[test]
    fn what_is_not_matched_stays_what_it_is() {
        for (regex, template, value, expected) in [
            (r"\\", r"\\\\", r"/tn \*", r#"[Literal("/tn *")]"#),
            (r"\\", r"\\\\", r"a\\*", r#"[Literal("a\\\\"), Any]"#),
            (
                "b",
                "x*",
                r"ab\*c",
                r#"[Literal("ax"), Any, Literal("*c")]"#,
            ),
            ("b", r"\\*", "ab", r#"[Literal("a*")]"#),
            ("^(.)(.*)$", r"\2\1", r"*a\?", r#"[Literal("a?"), Any]"#),
        ] {
            let value = text::parse(value);
            let shown = replaced(regex, template, (false, false), &value);
            assert_eq!(shown, expected, "{regex}");
        }
    }

    #[test]
    fn an_escaped_percent_is_no_placeholder() {
        let value = Pattern {
            parts: vec![
                Part::Literal("%plain%".into()),
                Part::Placeholder("name".into()),
            ],
        };
        for (regex, template, expected) in [
            ("^never", "", r#"[Literal("%plain%"), Placeholder("name")]"#),
            (
                "name",
                "other",
                r#"[Literal("%plain%"), Placeholder("other")]"#,
            ),
            (
                "plain",
                "%x%",
                r#"[Literal("%"), Placeholder("x"), Literal("%"), Placeholder("name")]"#,
            ),
            ("%name%", r"\\%y%", r#"[Literal("%plain%%y%")]"#),
        ] {
            let shown = replaced(regex, template, (false, false), &value);
            assert_eq!(shown, expected, "{regex}");
        }
    }

    #[test]
    fn parts_are_replaced_by_themselves() {
        let value = text::parse(r"\\\\s\*b*b");
        for (interpret, expected) in [
            (false, r#"[Literal("\\\\s*x*"), Any, Literal("x*")]"#),
            (true, r#"[Literal("\\\\s*x"), Any, Any, Literal("x"), Any]"#),
        ] {
            assert_eq!(replaced("b", "x*", (true, interpret), &value), expected);
        }
    }
}
