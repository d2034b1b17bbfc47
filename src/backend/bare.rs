//! Names that need no quotes.
//!
//! In: a backend file's `bare`, such as `^[A-Za-z_][A-Za-z0-9_]*$`. Out: whether a name is one of
//! those. Every test of every rule asks, so ASCII names go through a table of states where the
//! fastest engines of expressions are compiled in (the feature `unicode`).

use regex::Regex;

/// A regular expression that names match.
#[derive(Debug, Clone)]
pub struct BareNames {
    regex: Regex,
    /// What it is for ASCII names, where that is small.
    #[cfg(feature = "unicode")]
    table: Option<table::Table>,
}

impl PartialEq for BareNames {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

impl BareNames {
    /// Those that match an expression.
    #[must_use]
    pub fn new(regex: Regex) -> Self {
        Self {
            #[cfg(feature = "unicode")]
            table: table::Table::new(regex.as_str()),
            regex,
        }
    }

    /// Does the name match?
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        #[cfg(feature = "unicode")]
        if let Some(table) = &self.table
            && name.is_ascii()
        {
            return table.has(name);
        }
        self.regex.is_match(name)
    }
}

#[cfg(feature = "unicode")]
mod table {
    use regex_automata::dfa::{Automaton, dense};
    use regex_automata::util::primitives::StateID;
    use regex_automata::util::{start, syntax};

    /// The largest table, in bytes; a usual one has a few hundred.
    const LARGEST: usize = 1 << 16;

    /// A table of states, and the one before the first byte.
    #[derive(Debug, Clone)]
    pub(super) struct Table {
        states: dense::DFA<Vec<u32>>,
        start: StateID,
    }

    impl Table {
        /// Without Unicode's classes, which are large and of which ASCII names meet only ASCII's part.
        pub(super) fn new(pattern: &str) -> Option<Self> {
            let config = dense::Config::new()
                .accelerate(false)
                .dfa_size_limit(Some(LARGEST))
                .determinize_size_limit(Some(LARGEST));
            let states = dense::Builder::new()
                .configure(config)
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build(pattern)
                .ok()?;
            let start = states.start_state(&start::Config::new()).ok()?;
            Some(Self { states, start })
        }

        pub(super) fn has(&self, name: &str) -> bool {
            let states = &self.states;
            let mut state = self.start;
            for &byte in name.as_bytes() {
                state = states.next_state(state, byte);
                if states.is_special_state(state) {
                    return states.is_match_state(state);
                }
            }
            states.is_match_state(states.next_eoi_state(state))
        }
    }
}

#[cfg(all(test, feature = "unicode"))]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_expression_says() {
        for pattern in [
            "",
            "^[A-Za-z_][A-Za-z0-9_.]*$",
            r"^[a-z]+(\.[a-z]+)*$",
            r"^[\w.]+\n?$",
            r"^(?:[^\d\s-]\S*)?$",
            "b",
            "(?i)k$",
        ] {
            let bare = BareNames::new(Regex::new(pattern).expect("an expression"));
            assert!(bare.table.is_some(), "{pattern}");
            for name in [
                "", "a", "a.b", "a..b", "_1", "1", "a b", "a-b", "-", "ä", "aä", "aK", "\n", "a\n",
            ] {
                let expected = bare.regex.is_match(name);
                assert_eq!(bare.has(name), expected, "{pattern} {name:?}");
            }
        }
    }

    #[test]
    fn what_ascii_has_no_words_for_is_left_to_the_expression() {
        let bare = BareNames::new(Regex::new("^[ä-ü]+$").expect("an expression"));
        assert!(bare.table.is_none() && bare.has("äü") && !bare.has("a"));
    }
}
