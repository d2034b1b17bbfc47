//! What parentheses say.

use super::{MAX_DEPTH, Reader, Width};
use crate::pattern::Invalid;
use crate::source::Span;

/// Letters of flags; those that choose what letters are exclude each other.
const FLAGS: &str = "imsxauL";
const TYPES: &str = "auL";

impl<'p> Reader<'p> {
    /// Reads what follows a `(`. `None` for a comment, or for flags of the whole text.
    pub(super) fn group(&mut self, start: usize, first: bool) -> Result<Option<Width>, Invalid> {
        if !self.eat('?') {
            return self.captured(start, None).map(Some);
        }
        match self.next() {
            Some(':' | '>') => self.body(start, self.verbose).map(Some),
            Some('#') => self.until(start, ')').map(|_| None),
            Some('=' | '!') => self
                .body(start, self.verbose)
                .map(|_| Some(Width::default())),
            Some('<') if self.eat('=') || self.eat('!') => {
                let Width(least, most) = self.body(start, self.verbose)?;
                if least != most {
                    return Err(self.since(start, "Python looks behind by a fixed width only"));
                }
                Ok(Some(Width::default()))
            }
            Some('P') if self.eat('<') => {
                let name = self.until(start, '>')?;
                self.captured(start, Some(name)).map(Some)
            }
            Some('P') if self.eat('=') => {
                let name = self.until(start, ')')?;
                match self.named(name).map(|group| self.groups[group - 1]) {
                    Some(Some(width)) => Ok(Some(width)),
                    Some(None) => {
                        Err(self.since(start, "Python refers to no group from inside of it"))
                    }
                    None => Err(self.since(start, format!("Python finds no group `{name}`"))),
                }
            }
            Some('(') => self.conditional(start).map(Some),
            Some(letter) if FLAGS.contains(letter) || letter == '-' => {
                self.flags(start, letter, first)
            }
            _ => Err(self.since(start, "Python knows no such group")),
        }
    }

    fn captured(&mut self, start: usize, name: Option<&'p str>) -> Result<Width, Invalid> {
        self.groups.push(None);
        let group = self.groups.len();
        if let Some(name) = name {
            if !is_identifier(name) || self.named(name).is_some() {
                let message = "Python expects a name of its own for the group";
                return Err(self.since(start, message));
            }
            self.names.push((name, group));
        }
        let width = self.body(start, self.verbose)?;
        self.groups[group - 1] = Some(width);
        Ok(width)
    }

    /// What is in the group, and its `)`.
    fn body(&mut self, start: usize, verbose: bool) -> Result<Width, Invalid> {
        self.deeper(start)?;
        let outer = std::mem::replace(&mut self.verbose, verbose);
        let width = self.alternation(false)?;
        self.verbose = outer;
        self.close(start)?;
        Ok(width)
    }

    fn deeper(&mut self, start: usize) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.since(start, "groups are nested too deeply"));
        }
        Ok(())
    }

    fn close(&mut self, start: usize) -> Result<(), Invalid> {
        self.depth -= 1;
        if self.eat(')') {
            return Ok(());
        }
        Err(self.since(start, "Python finds no `)` for the group"))
    }

    fn named(&self, name: &str) -> Option<usize> {
        let found = self.names.iter().find(|(known, _)| *known == name);
        found.map(|(_, group)| *group)
    }

    /// `(?(1)a|b)`
    fn conditional(&mut self, start: usize) -> Result<Width, Invalid> {
        let name = self.until(start, ')')?;
        let span = Span::new(start, self.at);
        let group = self.named(name).or_else(|| name.parse().ok()).unwrap_or(0);
        if group == 0 {
            return Err(self.since(start, format!("Python finds no group `{name}`")));
        }
        self.asked.push((group, span));
        self.deeper(start)?;
        let mut width = self.sequence(false)?;
        width = if self.eat('|') {
            width.or(self.sequence(false)?)
        } else {
            width.or(Width::default())
        };
        self.close(start)?;
        Ok(width)
    }

    /// `(?i)` or `(?i-s:a)`, after its first letter.
    fn flags(&mut self, start: usize, letter: char, first: bool) -> Result<Option<Width>, Invalid> {
        let text = self.text;
        let length = text[self.at..].find(|c| !FLAGS.contains(c) && c != '-');
        let end = self.at + length.unwrap_or(text.len() - self.at);
        let written = &text[self.at - letter.len_utf8()..end];
        self.at = end;
        let (on, off) = written.split_once('-').unwrap_or((written, ""));
        let types = on.chars().filter(|c| TYPES.contains(*c));
        let mut kinds: Vec<char> = types.collect();
        kinds.dedup();
        let wrong = kinds.len() > 1
            || on.contains('L')
            || off.contains(|c| TYPES.contains(c) || c == '-' || on.contains(c))
            || written.ends_with('-');
        match self.next() {
            Some(':') if !wrong => {
                let verbose = (self.verbose || on.contains('x')) && !off.contains('x');
                self.body(start, verbose).map(Some)
            }
            Some(')') if !wrong && off.is_empty() && first => {
                if on.contains('x') && !self.verbose {
                    self.wants_verbose = true;
                    return Err(self.since(start, ""));
                }
                Ok(None)
            }
            Some(')') if !wrong && off.is_empty() => {
                let message = "Python takes flags for all at the beginning only";
                Err(self.since(start, message))
            }
            _ => Err(self.since(start, "Python can't read these flags")),
        }
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
