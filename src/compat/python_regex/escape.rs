//! What a backslash says, outside and inside of brackets; the brackets.

use super::{Last, Reader, Width};
use crate::pattern::Invalid;

/// What is in brackets.
enum Member {
    Character(u32),
    /// `\d`
    Class,
}

impl<'p> Reader<'p> {
    /// Reads what follows a backslash.
    pub(super) fn escape(&mut self, start: usize) -> Result<(Width, Last), Invalid> {
        match self.peek() {
            Some('A' | 'b' | 'B' | 'Z') => {
                self.at += 1;
                Ok((Width::default(), Last::Place))
            }
            Some('d' | 'D' | 's' | 'S' | 'w' | 'W') => {
                self.at += 1;
                Ok((Width::ONE, Last::Item))
            }
            Some('1'..='9') => Ok((self.reference(start)?, Last::Item)),
            _ => {
                self.character(start)?;
                Ok((Width::ONE, Last::Item))
            }
        }
    }

    /// `\1`, or a character by three octal digits.
    fn reference(&mut self, start: usize) -> Result<Width, Invalid> {
        let digits = self.digits(3, 8);
        if digits.len() == 3 {
            self.octal(start, digits)?;
            return Ok(Width::ONE);
        }
        self.at = start + 1;
        let digits = self.digits(2, 10);
        let group: usize = digits.parse().unwrap_or_default();
        match self.groups.get(group.wrapping_sub(1)) {
            Some(Some(width)) => Ok(*width),
            Some(None) => Err(self.since(start, "Python refers to no group from inside of it")),
            None => Err(self.since(start, format!("Python finds no group {group}"))),
        }
    }

    /// A character after a backslash, its number.
    fn character(&mut self, start: usize) -> Result<u32, Invalid> {
        let Some(letter) = self.next() else {
            return Err(self.since(start, "Python finds nothing after the backslash"));
        };
        let named = match letter {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            'x' => self.hexadecimal(start, 2)?,
            'u' => self.hexadecimal(start, 4)?,
            'U' => self.hexadecimal(start, 8)?,
            'N' if self.eat('{') => {
                self.until(start, '}')?;
                0
            }
            '0' => {
                self.at -= 1;
                let digits = self.digits(3, 8);
                self.octal(start, digits)?
            }
            letter if letter.is_ascii_alphanumeric() => {
                return Err(self.since(start, format!("Python knows no escape `\\{letter}`")));
            }
            letter => u32::from(letter),
        };
        Ok(named)
    }

    fn hexadecimal(&mut self, start: usize, count: usize) -> Result<u32, Invalid> {
        let digits = self.digits(count, 16);
        if digits.len() < count {
            let message = format!("Python expects {count} hexadecimal digits");
            return Err(self.since(start, message));
        }
        match u32::from_str_radix(digits, 16) {
            Ok(number) if number <= u32::from(char::MAX) => Ok(number),
            _ => Err(self.since(start, "Python knows no character of that number")),
        }
    }

    fn octal(&self, start: usize, digits: &str) -> Result<u32, Invalid> {
        match u32::from_str_radix(digits, 8) {
            Ok(number) if number <= 0o377 => Ok(number),
            _ => Err(self.since(start, "Python takes octal numbers to `\\377`")),
        }
    }

    /// Takes so many digits at most.
    fn digits(&mut self, most: usize, radix: u32) -> &'p str {
        let rest = self.rest();
        let count = rest
            .chars()
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .count();
        self.at += count;
        &rest[..count]
    }

    /// Reads what follows a `[`.
    pub(super) fn class(&mut self, start: usize) -> Result<Width, Invalid> {
        self.eat('^');
        let mut empty = true;
        loop {
            let at = self.at;
            let first = match self.next() {
                None => return Err(self.since(start, "Python finds no `]`")),
                Some(']') if !empty => return Ok(Width::ONE),
                Some(character) => self.member(at, character)?,
            };
            empty = false;
            if !self.eat('-') {
                continue;
            }
            let after = self.at;
            let last = match self.next() {
                None => return Err(self.since(start, "Python finds no `]`")),
                Some(']') => return Ok(Width::ONE),
                Some(character) => self.member(after, character)?,
            };
            match (first, last) {
                (Member::Character(first), Member::Character(last)) if first <= last => {}
                _ => return Err(self.since(at, "Python takes this for no range of characters")),
            }
        }
    }

    fn member(&mut self, at: usize, character: char) -> Result<Member, Invalid> {
        if character != '\\' {
            return Ok(Member::Character(u32::from(character)));
        }
        match self.peek() {
            Some('d' | 'D' | 's' | 'S' | 'w' | 'W') => {
                self.at += 1;
                Ok(Member::Class)
            }
            Some('1'..='7') => {
                let digits = self.digits(3, 8);
                self.octal(at, digits).map(Member::Character)
            }
            _ => self.character(at).map(Member::Character),
        }
    }
}
