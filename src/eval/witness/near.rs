//! What is near to passing a test, on either side of the border.

use super::{field_of, sample};
use crate::eval::matcher::Leaf;
use crate::rule::{Number, Part, Pattern, Value};
use ipnet::IpNet;
use serde_json::{Map, Value as Json};

/// Characters that mean something in `LIKE`, `GLOB`, Lucene, regular expressions and string literals.
const SPECIAL: &str = "%_*?\\'\"[a](){}^$.+|/!~`;:&#<>@-=";

/// The event with the test's field changed in every way that shows something.
pub(super) fn misses(
    leaf: &Leaf<'_>,
    base: &Map<String, Json>,
) -> Vec<(String, Map<String, Json>)> {
    let field = field_of(leaf);
    let mut found = Vec::new();
    let mut add = |about: &str, value: Option<Json>| {
        let mut event = base.clone();
        match value {
            // `shift_remove` keeps the order of the other fields.
            None => drop(event.shift_remove(field)),
            Some(value) => drop(event.insert(field.to_owned(), value)),
        }
        found.push((format!("{field}: {about}"), event));
    };
    add("missing", None);
    match leaf.value {
        Value::String(pattern) | Value::Cased(pattern) => texts(pattern, base.get(field), &mut add),
        Value::Number(number) => numbers(number, &mut add),
        Value::Bool(truth) => {
            add("the other truth", Some(Json::Bool(!truth)));
            add("as text", Some(truth.to_string().into()));
            add(
                "as capitalized text",
                Some(if *truth { "True" } else { "False" }.into()),
            );
        }
        Value::Regex(_) => {
            for value in sample::of(leaf) {
                add("another match", Some(value));
            }
            if let Some(Json::String(text)) = base.get(field) {
                around(text, &mut add);
            }
        }
        Value::Cidr(network) => addresses(network.net, &mut add),
        Value::Compare(comparison, None, number) => {
            for value in sample::around(*comparison, number) {
                add("at the border, as text", Some(value.to_string().into()));
                add("at the border", Some(value));
            }
            add("no number", Some("abc".into()));
            add(
                "a number and more",
                Some(format!("{}x", number.text).into()),
            );
        }
        Value::Time(part, number) | Value::Compare(_, Some(part), number) => {
            for shift in [-1, 0, 1] {
                let value = number
                    .text
                    .parse::<i64>()
                    .unwrap_or(0)
                    .saturating_add(shift);
                let time = crate::eval::time::Time::of_parts(&[(*part, value)]);
                add("at the border", Some(time.to_string().into()));
            }
            add("no time", Some("abc".into()));
        }
        Value::FieldRef(reference) => {
            if let Some(Json::String(text)) = base.get(field) {
                add("in other case", Some(text.to_uppercase().into()));
                add("another value", Some(format!("{text}x").into()));
            }
            add(
                "the other field's name",
                Some(reference.field.as_ref().into()),
            );
        }
        _ => add("a value", Some("x1".into())),
    }
    add("null", Some(Json::Null));
    add("empty", Some("".into()));
    found
}

type Add<'a> = dyn FnMut(&str, Option<Json>) + 'a;

fn texts(pattern: &Pattern<'_>, base: Option<&Json>, add: &mut Add<'_>) {
    let plain = sample::fill(pattern, "x1");
    add("stars filled", Some(plain.as_str().into()));
    add("in upper case", Some(plain.to_uppercase().into()));
    add("in lower case", Some(plain.to_lowercase().into()));
    if pattern.parts.contains(&Part::Any) {
        add("stars empty", Some(sample::fill(pattern, "").into()));
        add(
            "special characters for stars",
            Some(sample::fill(pattern, SPECIAL).into()),
        );
        add(
            "lines for stars",
            Some(sample::fill(pattern, "a\nb").into()),
        );
    }
    // An engine that reads a literal's character as its own wildcard would take the `X`.
    let mut replaced = String::new();
    for (at, c) in plain.char_indices() {
        if "%_*?\\.[".contains(c) && !replaced.contains(c) {
            replaced.push(c);
            let changed = format!("{}X{}", &plain[..at], &plain[at + c.len_utf8()..]);
            add("a special character replaced", Some(changed.into()));
            let doubled = format!("{}{c}{}", &plain[..at], &plain[at..]);
            add("a special character doubled", Some(doubled.into()));
        }
    }
    for (index, part) in pattern.parts.iter().enumerate() {
        if matches!(part, Part::One) {
            for other in ["", "qq", "%", "é", "\\"] {
                let mut changed = pattern.clone();
                changed.parts[index] = Part::Literal(other.into());
                add(
                    "another text for `?`",
                    Some(sample::fill(&changed, "x1").into()),
                );
            }
        }
    }
    around(&plain, add);
    match base {
        Some(Json::String(text)) if *text != plain => around(text, add),
        _ => {}
    }
    if let Ok(number) = plain.parse::<i64>() {
        add("as a number", Some(number.into()));
    }
}

/// A text with something more or less at its ends.
fn around(text: &str, add: &mut Add<'_>) {
    let mut chars = text.chars();
    if chars.next().is_some() {
        add("without its first character", Some(chars.as_str().into()));
        chars = text.chars();
        chars.next_back();
        add("without its last character", Some(chars.as_str().into()));
    }
    add("more in front", Some(format!("Z{text}").into()));
    add("more after it", Some(format!("{text}Z").into()));
    add("a blank after it", Some(format!("{text} ").into()));
    add("a newline after it", Some(format!("{text}\n").into()));
    let swapped: String = text
        .chars()
        .map(|c| crate::rule::fold::counterpart(c).unwrap_or(c))
        .collect();
    add("in the other case", Some(swapped.into()));
}

fn numbers(number: &Number<'_>, add: &mut Add<'_>) {
    add("as text", Some(number.text.as_ref().into()));
    add("as a number", Some(sample::json(number)));
    add(
        "with a digit more",
        Some(format!("{}0", number.text).into()),
    );
    add(
        "with text after it",
        Some(format!("{}abc", number.text).into()),
    );
    match number.text.parse::<i64>() {
        Ok(integer) => add("one more", Some(integer.saturating_add(1).into())),
        Err(_) => add("one more", Some((number.value + 1.0).into())),
    }
    add("zero", Some(0.into()));
}

fn addresses(net: IpNet, add: &mut Add<'_>) {
    let (first, last) = (net.network(), net.broadcast());
    add("the first address", Some(first.to_string().into()));
    add("the last address", Some(last.to_string().into()));
    let (before, after) = match (first, last) {
        (std::net::IpAddr::V4(first), std::net::IpAddr::V4(last)) => (
            first
                .to_bits()
                .checked_sub(1)
                .map(|bits| std::net::Ipv4Addr::from_bits(bits).to_string()),
            last.to_bits()
                .checked_add(1)
                .map(|bits| std::net::Ipv4Addr::from_bits(bits).to_string()),
        ),
        (std::net::IpAddr::V6(first), std::net::IpAddr::V6(last)) => (
            first
                .to_bits()
                .checked_sub(1)
                .map(|bits| std::net::Ipv6Addr::from_bits(bits).to_string()),
            last.to_bits()
                .checked_add(1)
                .map(|bits| std::net::Ipv6Addr::from_bits(bits).to_string()),
        ),
        _ => (None, None),
    };
    for outside in [before, after].into_iter().flatten() {
        add("the next address outside", Some(outside.into()));
    }
    add("no address", Some(format!("{first}.evil.example").into()));
    add(
        "the other family",
        Some(if first.is_ipv4() { "::1" } else { "127.0.0.1" }.into()),
    );
}
