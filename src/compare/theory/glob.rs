//! Wildcard patterns as sets of texts: is one inside another?
//!
//! In: `*\cmd.exe` and `*.exe`. Out: yes, every text of the first is one of the second. The first is
//! read as a text in which each wildcard is a letter of its own, which only the wildcards of the
//! second match. So a yes is a proof.

use crate::rule::fold::{counterpart, fold};
use crate::rule::{Part, Pattern};

/// A pattern in normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::compare) struct Glob {
    symbols: Vec<Symbol>,
    /// Letters compare exactly. Never set where no letter has another case.
    cased: bool,
}

/// A character of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// Folded, unless the pattern is cased.
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
}

impl Glob {
    /// A pattern that the whole text has to match.
    pub fn new(pattern: &Pattern<'_>, cased: bool) -> Self {
        let mut symbols = Vec::new();
        for part in &pattern.parts {
            match part {
                Part::Any => symbols.push(Symbol::Any),
                Part::One => symbols.push(Symbol::One),
                Part::Literal(text) | Part::Placeholder(text) => {
                    symbols.extend(text.chars().map(Symbol::Char));
                }
            }
        }
        Self::normal(symbols, cased)
    }

    /// A text without wildcards.
    pub fn literal(text: &str) -> Self {
        Self::new(&Pattern::literal(text), false)
    }

    /// The same pattern anywhere in a text.
    pub fn anywhere(mut self) -> Self {
        self.symbols.insert(0, Symbol::Any);
        self.symbols.push(Symbol::Any);
        Self::normal(self.symbols, self.cased)
    }

    /// Every text that begins so.
    pub fn beginning(mut self) -> Self {
        self.symbols.push(Symbol::Any);
        Self::normal(self.symbols, self.cased)
    }

    /// The pattern of these characters.
    pub(super) fn normal(symbols: Vec<Symbol>, cased: bool) -> Self {
        let has_case = |symbol: &Symbol| matches!(symbol, Symbol::Char(c) if has_case(*c));
        let cased = cased && symbols.iter().any(has_case);
        // In a run of wildcards the order means nothing: `*?*` is `?*`.
        let mut normal: Vec<Symbol> = Vec::with_capacity(symbols.len());
        let mut any = false;
        for symbol in symbols {
            match symbol {
                Symbol::Any => any = true,
                Symbol::One => normal.push(symbol),
                Symbol::Char(c) => {
                    if std::mem::take(&mut any) {
                        normal.push(Symbol::Any);
                    }
                    normal.push(Symbol::Char(if cased { c } else { fold(c) }));
                }
            }
        }
        if any {
            normal.push(Symbol::Any);
        }
        Self {
            symbols: normal,
            cased,
        }
    }

    /// Does it take every text?
    pub fn is_all(&self) -> bool {
        self.symbols == [Symbol::Any]
    }

    /// The only text that it takes, but for case.
    pub fn as_literal(&self) -> Option<String> {
        let chars = self.symbols.iter().map(|symbol| match symbol {
            Symbol::Char(c) => Some(*c),
            Symbol::One | Symbol::Any => None,
        });
        chars.collect()
    }

    /// Is every text of this pattern one of the other's? A no may be wrong, a yes never.
    pub fn within(&self, outer: &Self) -> bool {
        let (inner, wanted) = (&self.symbols, &outer.symbols);
        let (mut i, mut w) = (0, 0);
        // Where the last star was, and how far it reaches now.
        let mut star: Option<(usize, usize)> = None;
        while i < inner.len() {
            if let Some((ones, after)) = outer.run(w) {
                // `?*` takes so many characters at least, and whatever is between them.
                let Some(end) = after_characters(inner, i, ones) else {
                    return false;
                };
                star = Some((after - 1, end));
                (w, i) = (after, end);
                continue;
            }
            match wanted.get(w) {
                Some(symbol) if self.takes(outer, inner[i], *symbol) => {
                    i += 1;
                    w += 1;
                }
                _ => match star {
                    Some((at, reached)) => {
                        star = Some((at, reached + 1));
                        (w, i) = (at + 1, reached + 1);
                    }
                    None => return false,
                },
            }
        }
        wanted[w..].iter().all(|symbol| *symbol == Symbol::Any)
    }

    /// The wildcards at this place, if a star is among them: how many `?`, and what comes after.
    fn run(&self, at: usize) -> Option<(usize, usize)> {
        let rest = self.symbols.get(at..)?;
        let ones = rest.iter().take_while(|s| **s == Symbol::One).count();
        (rest.get(ones) == Some(&Symbol::Any)).then_some((ones, at + ones + 1))
    }

    fn takes(&self, outer: &Self, inner: Symbol, wanted: Symbol) -> bool {
        match (inner, wanted) {
            (Symbol::Any, _) => false,
            (_, Symbol::One) => true,
            (Symbol::Char(a), Symbol::Char(b)) => match (self.cased, outer.cased) {
                (_, false) => fold(a) == b,
                (true, true) => a == b,
                (false, true) => a == b && !has_case(a),
            },
            _ => false,
        }
    }
}

/// Where so many characters end, stars passed over: a star may be no character at all.
fn after_characters(symbols: &[Symbol], start: usize, count: usize) -> Option<usize> {
    if count == 0 {
        return Some(start);
    }
    let characters = symbols.iter().enumerate().skip(start);
    let mut characters = characters.filter(|(_, symbol)| **symbol != Symbol::Any);
    characters.nth(count - 1).map(|(at, _)| at + 1)
}

fn has_case(c: char) -> bool {
    counterpart(c).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pattern::pattern;
    use proptest::prelude::*;

    fn within(inner: &str, outer: &str) -> bool {
        Glob::new(&pattern(inner), false).within(&Glob::new(&pattern(outer), false))
    }

    #[test]
    fn inclusion_is_that_of_the_texts() {
        for (inner, outer, expected) in [
            (r"*\cmd.exe", "*.exe", true),
            ("*.exe", r"*\cmd.exe", false),
            ("cmd.exe", "*CMD*", true),
            ("a?c", "a*c", true),
            ("a*c", "a?c", false),
            ("*?", "?*", true),
            ("a*b*c", "a*c", true),
            ("", "*", true),
            ("", "?", false),
            ("*", "*", true),
            ("*a*b*", "*a*", true),
            ("ab", "*a*b*", true),
            ("*>?C*", "*?C*", true),
            ("a*b?", "a?*", true),
            ("*a", "?*?", false),
            ("*a*b", "??*", true),
        ] {
            assert_eq!(within(inner, outer), expected, "{inner} within {outer}");
        }
    }

    #[test]
    fn case_counts_where_a_letter_has_one() {
        let glob = |text, cased| Glob::new(&pattern(text), cased);
        assert!(glob("Foo", true).within(&glob("foo", false)));
        assert!(!glob("foo", false).within(&glob("foo", true)));
        assert!(glob(r"1\", false).within(&glob(r"1\\*", true)));
        assert_eq!(glob("12", true), glob("12", false));
    }

    /// The definition of a match, without a thought for time.
    fn holds(pattern: &[char], text: &[char], cased: bool) -> bool {
        let same = |a: char, b: char| a == b || (!cased && fold(a) == fold(b));
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) if holds(rest, text, cased) => true,
            (Some(('*', _)), Some((_, text))) => holds(pattern, text, cased),
            (Some((p, rest)), Some((t, text))) => {
                (*p == '?' || same(*p, *t)) && holds(rest, text, cased)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn no_text_is_in_the_inner_pattern_alone(
            (inner, outer) in ("[abA*?]{0,6}", "[abA*?]{0,5}"),
            cased in any::<(bool, bool)>(),
            texts in prop::collection::vec("[abA]{0,6}", 24),
        ) {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let glob = |text: &str, cased| Glob::new(&pattern(text), cased);
            if glob(&inner, cased.0).within(&glob(&outer, cased.1)) {
                for text in texts {
                    let found = holds(&chars(&inner), &chars(&text), cased.0);
                    let also = holds(&chars(&outer), &chars(&text), cased.1);
                    prop_assert!(!found || also, "{inner} {outer} {text}");
                }
            }
        }
    }
}
