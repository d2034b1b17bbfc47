//! Which of a test's wordings serve for a value.

use super::Chooser;
use crate::backend::language::{KnownLoss, ValueClass, Wording};
use crate::backend::when::When;
use crate::emit::conventions::Leaf;
use crate::emit::tree::Mode;
use crate::pattern;
use crate::rule::{Number, Part, Pattern, Regex, Value};
use ipnet::IpNet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

impl Chooser<'_, '_> {
    /// Is the wording for this value, with these options?
    pub(super) fn serves(&self, wording: &Wording, leaf: Leaf<'_>, mode: Mode) -> bool {
        if !self.are(&wording.when, leaf) {
            return false;
        }
        if wording
            .each
            .is_some_and(|option| self.settings.names(option).next().is_none())
        {
            return false;
        }
        let mut classes = wording.only.iter();
        classes.all(|class| self.is_of(leaf, *class))
            && (mode == Mode::Best || self.is_exact(wording, leaf))
    }

    /// Why a wording is not exact for a value.
    pub(super) fn losses<'w>(
        &self,
        wording: &'w Wording,
        leaf: Leaf<'_>,
    ) -> impl Iterator<Item = &'w KnownLoss> {
        let losses = wording.losses.iter();
        losses.filter(move |known| {
            self.are(&known.when, leaf)
                && !known.unless.iter().any(|class| self.is_of(leaf, *class))
        })
    }

    /// Is it exact? What the user asked for by an option counts as such, loss or not.
    pub(super) fn is_exact(&self, wording: &Wording, leaf: Leaf<'_>) -> bool {
        let mut losses = self.losses(wording, leaf);
        wording.when.asks_options() || losses.all(|known| known.when.asks_options())
    }

    /// Does a condition hold for a test's field?
    fn are(&self, when: &When, leaf: Leaf<'_>) -> bool {
        self.settings.are_for(when, self.types, leaf.field)
    }

    /// Are words made for the type of a field's column: do they ask for it, or for an option that it
    /// sets?
    pub(super) fn knows_type(&self, when: &When, field: Option<&str>) -> bool {
        if when.is_always() {
            return false;
        }
        let column = field.and_then(|field| self.settings.column(field, self.types));
        let kind = column.and_then(|column| self.types.get(column.kind));
        let sets = |option: usize| {
            kind.is_some_and(|kind| kind.set.iter().any(|(known, _)| *known == option))
        };
        !when.types.is_empty() || when.options.iter().any(|(option, _)| sets(*option))
    }

    /// Is a value of a class? Values of which the class says nothing are.
    fn is_of(&self, leaf: Leaf<'_>, class: ValueClass) -> bool {
        if class == ValueClass::Folded {
            let folded = &self.language.folded_when;
            return !folded.is_always() && self.are(folded, leaf)
                || self.is_of(leaf, ValueClass::Caseless);
        }
        if class == ValueClass::Bare {
            let other = match leaf.value {
                Value::FieldRef(reference) => Some(reference.field.as_ref()),
                _ => None,
            };
            let mut names = leaf.field.into_iter().chain(other);
            return names.all(|name| self.language.field.is_bare(name));
        }
        match leaf.value {
            Value::Regex(regex) => {
                let all = |test: fn(&str) -> bool| regex.pattern.literals().all(test);
                match class {
                    ValueClass::Caseless => regex.flags.ignore_case || all(is_caseless),
                    ValueClass::OneWord => all(is_word),
                    ValueClass::Filled => is_filled(regex),
                    ValueClass::Everything => false,
                    _ => true,
                }
            }
            Value::Bool(value) => class != ValueClass::NonZero || *value,
            Value::Compare(comparison, None, number) if class == ValueClass::NonZero => {
                !comparison.holds(0.0_f64.total_cmp(&(number.value + 0.0)))
            }
            Value::Number(number) | Value::Compare(_, None, number) => match class {
                ValueClass::In64Bits => is_in_64_bits(number),
                ValueClass::In53Bits => is_in_53_bits(number),
                ValueClass::Shortest => number.shortest() == number.text,
                ValueClass::NoExponent => !number.shortest().contains(['e', 'E']),
                ValueClass::Digits => is_digits(&number.text),
                ValueClass::NonZero => number.value.abs() > 0.0,
                _ => true,
            },
            Value::Cidr(network) => match class {
                ValueClass::Mapped => is_mapped(network.net, 96..=128),
                ValueClass::HoldsMapped => is_mapped(network.net, 0..=95),
                _ => true,
            },
            Value::String(pattern) | Value::Cased(pattern) => {
                let all = |test: fn(&str) -> bool| pattern.literals().all(test);
                let whole = |test: fn(&str) -> bool| pattern.as_literal().is_some_and(test);
                match class {
                    ValueClass::Ascii => all(str::is_ascii),
                    ValueClass::Caseless => all(is_caseless),
                    ValueClass::AsciiCase => all(has_ascii_case),
                    ValueClass::Digits => {
                        let has_digits = pattern.literals().next().is_some();
                        all(is_digits) && !parts_words(pattern) && has_digits
                    }
                    ValueClass::Shortest => {
                        !whole(|text| text.starts_with('0') && text.len() > 1 && is_digits(text))
                    }
                    ValueClass::NonZero => {
                        let has_zeros = |text: &str| text.bytes().all(|byte| byte == b'0');
                        !whole(has_zeros) && !whole(|text| text.eq_ignore_ascii_case("false"))
                    }
                    ValueClass::Truth => whole(is_truth),
                    ValueClass::OneWord => all(is_word) && !parts_words(pattern),
                    ValueClass::Address => whole(is_address),
                    ValueClass::NoNetwork => !whole(is_network),
                    ValueClass::Filled => pattern.parts.iter().any(takes_text),
                    ValueClass::Everything => pattern.parts.iter().all(|part| *part == Part::Any),
                    _ => true,
                }
            }
            _ => true,
        }
    }
}

/// Has the network such a prefix, and addresses of IPv4 that are mapped to IPv6?
fn is_mapped(network: IpNet, prefix: RangeInclusive<u8>) -> bool {
    let IpNet::V6(network) = network else {
        return false;
    };
    let mapped = Ipv4Addr::UNSPECIFIED.to_ipv6_mapped();
    let first = network.network();
    prefix.contains(&network.prefix_len())
        && (network.contains(&mapped) || first.to_ipv4_mapped().is_some())
}

/// Does the expression match no empty text?
fn is_filled(regex: &Regex<'_>) -> bool {
    pattern::parse(regex).is_ok_and(|parsed| !pattern::may_be_empty(&parsed.root))
}

/// Does what the part matches have a character at least?
fn takes_text(part: &Part<'_>) -> bool {
    match part {
        Part::Literal(text) => !text.is_empty(),
        Part::One => true,
        Part::Any | Part::Placeholder(_) => false,
    }
}

/// Is the text the same in upper and lower case?
fn is_caseless(text: &str) -> bool {
    let differs = |c: char| c.to_lowercase().ne([c]) || c.to_uppercase().ne([c]);
    !text
        .chars()
        .any(|c| c.is_ascii_alphabetic() || !c.is_ascii() && differs(c))
}

/// Are its letters of two cases ASCII's?
fn has_ascii_case(text: &str) -> bool {
    text.is_ascii() || text.split(|c: char| c.is_ascii()).all(is_caseless)
}

pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_truth(text: &str) -> bool {
    ["true", "false"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Does no analyzer of texts part it? A token has at most 255 characters.
/// <https://unicode.org/reports/tr29/#Word_Boundaries>
fn is_word(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() < 256 && text.bytes().all(word)
}

/// Has it a wildcard between other parts?
fn parts_words(pattern: &Pattern<'_>) -> bool {
    !matches!(
        pattern.parts.as_slice(),
        [] | [_] | [Part::Any, _] | [_, Part::Any] | [Part::Any, _, Part::Any]
    ) || pattern.parts.contains(&Part::One)
}

fn is_in_64_bits(number: &Number<'_>) -> bool {
    let text = number.text.as_ref();
    !number.is_integer() || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
}

/// Does a double tell it from its neighbors?
fn is_in_53_bits(number: &Number<'_>) -> bool {
    !number.is_integer() || number.value.abs() < 9_007_199_254_740_992.0
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// Would an engine that looks for networks in texts take this for one?
fn is_network(text: &str) -> bool {
    let is_prefix = |prefix: &str| prefix.parse::<u8>().is_ok();
    text.rsplit_once('/')
        .is_some_and(|(address, prefix)| is_address(address) && is_prefix(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_of_two_cases_have_a_case() {
        assert!(is_caseless("4624 / 0.5 語 _"));
        for text in ["a", "4624A", "ß", "ǅ"] {
            assert!(!is_caseless(text), "{text}");
        }
    }

    #[test]
    fn dashes_and_scripts_of_one_case_leave_the_case_to_ascii() {
        assert!(has_ascii_case("Cmd –c 語"));
        for text in ["é", "cmd Ä", "ſ"] {
            assert!(!has_ascii_case(text), "{text}");
        }
    }

    #[test]
    fn sixty_four_bits_end_somewhere() {
        let number = |text: &'static str| Number {
            text: text.into(),
            value: 0.0,
        };
        for text in ["0", "-9223372036854775808", "18446744073709551615", "1.5"] {
            assert!(is_in_64_bits(&number(text)), "{text}");
        }
        for text in ["-9223372036854775809", "18446744073709551616"] {
            assert!(!is_in_64_bits(&number(text)), "{text}");
        }
    }

    #[test]
    fn doubles_tell_integers_apart_up_to_a_bound() {
        let number = |text: &'static str| Number {
            text: text.into(),
            value: text.parse().unwrap(),
        };
        for text in ["0", "-9007199254740991", "1.5", "1e300"] {
            assert!(is_in_53_bits(&number(text)), "{text}");
        }
        assert!(!is_in_53_bits(&number("9007199254740993")));
    }

    #[test]
    fn addresses_are_whole_values() {
        assert!(is_address("10.0.0.1") && is_address("fe80::1"));
        assert!(!is_address("10.0.0.0/8") && !is_address("10.0.0"));
    }
}
