//! Expression templates: `"{field} IN ({list})"`, compiled once into pieces.
//!
//! A slot is a name in braces, with the literal that encodes it after a colon where it takes one:
//! `{value:like}`. `{{` and `}}` are the braces themselves.

use crate::diagnostic::nearest;
use std::ops::Range;

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Text and slots, in order.
    pub pieces: Vec<Piece>,
}

/// A stretch of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// A slot.
    Slot(Slot),
}

/// What a slot is filled with. The `usize` is the index of a literal in its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// `{field}`: the field's name, quoted as the target needs.
    Field,
    /// `{field:raw}`: the name as it is.
    FieldRaw,
    /// `{value}`: the whole value, wildcards included.
    Value(usize),
    /// `{literal}`: the value without the wildcards at its ends.
    Literal(usize),
    /// `{number}`: a number's decimal text.
    Number,
    /// `{number:string}`: the same, as a literal.
    NumberIn(usize),
    /// `{numbers:string}`: the texts that count as the number, as literals between commas.
    NumberTexts(usize),
    /// `{number:shortest}`: the shortest text of its worth, `1.5` of `1.50`.
    ShortestNumber,
    /// `{spellings:string}`: the same, and as Java prints a double.
    Spellings(usize),
    /// `{boolean}`: the target's word for true or false.
    Boolean,
    /// `{boolean:digit}`: `1` for true, `0` for false.
    BooleanDigit,
    /// `{op}`: the comparison's sign.
    Op,
    /// `{other}`: the other field's name, quoted.
    Other,
    /// `{other:raw}`: the other field's name as it is.
    OtherRaw,
    /// `{regex}`: the regular expression's text.
    Regex(usize),
    /// `{flags}`: its flags, in a dialect that has them after the expression.
    Flags,
    /// `{network}`: address and prefix, `10.0.0.0/8`.
    Network,
    /// `{address}`: the network's first address.
    Address,
    /// `{address:string}`: the same, as a literal.
    AddressIn(usize),
    /// `{prefix}`: the prefix's length.
    Prefix,
    /// `{netmask}`: the prefix as a mask.
    Netmask,
    /// `{address:last}`: the network's last address.
    LastAddress,
    /// `{network:pattern}`: a regular expression of the addresses' texts, without anchors.
    NetworkPattern,
    /// `{first}`: the network's first address as a number.
    First,
    /// `{last}`: the network's last address as a number.
    Last,
    /// `{part}`: the target's word for a part of a time.
    Part,
    /// `{list}`: values, joined.
    List,
    /// `{expr}`: an expression.
    Expr,
    /// `{test}`: a test's own text.
    Test,
    /// `{query}`: the query so far.
    Query,
    /// `{fields}`: the rule's fields, joined.
    Fields,
    /// `{not}`: what a negated test says here, or nothing.
    Not,
    /// `{match}`: a name for a regular expression's group.
    Match,
    /// `{condition}`: a name for a regular expression's outcome, quoted as fields are.
    Condition,
    /// `{condition:raw}`: the same without quotes.
    ConditionRaw,
    /// `{function}`, `{threshold}`, `{group}`: of an aggregation.
    Function,
    /// See [`Slot::Function`].
    Threshold,
    /// See [`Slot::Function`].
    GroupBy,
    /// `{timeframe}`: the rule's time window.
    Timeframe,
    /// `{option.NAME}`: an option's value; the index is of the backend's options.
    Option(usize),
    /// `{option.NAME:name}`: the same as a name, quoted as fields are, dots between its parts.
    OptionName(usize),
    /// `{option.NAME:names}`: names between commas; `*` stands for itself, `fields` for the rule's
    /// fields.
    OptionNames(usize),
    /// `{rule.id}`, `{rule.title}`, `{rule.level}`, `{rule.label}`: of the rule, in the first literal.
    Rule(RuleText),
}

/// A text of the rule that a format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleText {
    /// Its id.
    Id,
    /// Its title.
    Title,
    /// Its level.
    Level,
    /// Its id, or its title where it has none.
    Label,
}

/// Names of slots that need nothing else.
const SLOTS: &[(&str, Slot)] = &[
    ("field", Slot::Field),
    ("field:raw", Slot::FieldRaw),
    ("number", Slot::Number),
    ("number:shortest", Slot::ShortestNumber),
    ("boolean", Slot::Boolean),
    ("boolean:digit", Slot::BooleanDigit),
    ("op", Slot::Op),
    ("other", Slot::Other),
    ("other:raw", Slot::OtherRaw),
    ("flags", Slot::Flags),
    ("network", Slot::Network),
    ("address", Slot::Address),
    ("prefix", Slot::Prefix),
    ("netmask", Slot::Netmask),
    ("address:last", Slot::LastAddress),
    ("network:pattern", Slot::NetworkPattern),
    ("first", Slot::First),
    ("last", Slot::Last),
    ("rule.id", Slot::Rule(RuleText::Id)),
    ("rule.title", Slot::Rule(RuleText::Title)),
    ("rule.level", Slot::Rule(RuleText::Level)),
    ("rule.label", Slot::Rule(RuleText::Label)),
    ("part", Slot::Part),
    ("list", Slot::List),
    ("expr", Slot::Expr),
    ("test", Slot::Test),
    ("query", Slot::Query),
    ("fields", Slot::Fields),
    ("not", Slot::Not),
    ("match", Slot::Match),
    ("condition", Slot::Condition),
    ("condition:raw", Slot::ConditionRaw),
    ("function", Slot::Function),
    ("threshold", Slot::Threshold),
    ("group", Slot::GroupBy),
    ("timeframe", Slot::Timeframe),
];

/// Makes a slot of the literal's index.
type Encoded = fn(usize) -> Slot;

/// Names of slots that can name a literal after a colon.
const ENCODED: &[(&str, Encoded)] = &[
    ("value", Slot::Value),
    ("literal", Slot::Literal),
    ("regex", Slot::Regex),
    ("number", Slot::NumberIn),
    ("numbers", Slot::NumberTexts),
    ("spellings", Slot::Spellings),
    ("address", Slot::AddressIn),
];

/// The names of all slots but the options', those with and without a literal alike.
pub fn slot_names() -> impl Iterator<Item = &'static str> {
    let plain = SLOTS.iter().map(|(name, _)| *name);
    plain.chain(ENCODED.iter().map(|(name, _)| *name))
}

/// What is wrong with a template, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// Bytes of the template's text.
    pub range: Range<usize>,
    /// In a sentence.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// The names that slots may use.
#[derive(Debug, Clone, Copy)]
pub struct Names<'n> {
    /// The language's literals; `{value}` alone takes the first.
    pub literals: &'n [String],
    /// The backend's options.
    pub options: &'n [String],
}

impl Template {
    /// Compiles a template's text.
    ///
    /// # Errors
    /// A brace that is not closed, or a slot that does not exist.
    pub fn compile(text: &str, names: Names<'_>) -> Result<Self, TemplateError> {
        let mut template = Self::default();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let start = text.len() - rest.len() + at;
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = behind;
            } else if let Some((name, behind)) = rest.split_once('}').filter(|_| brace == "{") {
                let range = start..start + name.len() + 2;
                template.text(&mut literal);
                template.pieces.push(Piece::Slot(slot(name, range, names)?));
                rest = behind;
            } else {
                return Err(TemplateError {
                    range: start..start + 1,
                    message: format!("`{brace}` has no partner"),
                    help: Some(format!("write `{brace}{brace}` for the brace itself")),
                });
            }
        }
        literal.push_str(rest);
        template.text(&mut literal);
        Ok(template)
    }

    fn text(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(literal)));
        }
    }

    /// Does a parenthesis open right before the first slot, so that what fills it needs none?
    #[must_use]
    pub fn encloses(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Text(text), Piece::Slot(_), ..] if text.ends_with('('))
    }

    /// Writes the template, asking `fill` for each slot.
    ///
    /// # Errors
    /// Whatever `fill` gives.
    pub fn write<E>(
        &self,
        out: &mut String,
        mut fill: impl FnMut(Slot, &mut String) -> Result<(), E>,
    ) -> Result<(), E> {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Slot(slot) => fill(*slot, out)?,
            }
        }
        Ok(())
    }
}

fn slot(name: &str, range: Range<usize>, names: Names<'_>) -> Result<Slot, TemplateError> {
    if let Some((_, slot)) = SLOTS.iter().find(|(known, _)| *known == name) {
        return Ok(*slot);
    }
    let error = |message: String, known: Vec<&str>, written: &str| TemplateError {
        range: range.clone(),
        message,
        help: nearest(written, known).map(|name| format!("did you mean `{name}`?")),
    };
    if let Some(option) = name.strip_prefix("option.") {
        let (option, make): (_, fn(usize) -> Slot) = match option.split_once(':') {
            Some((option, "name")) => (option, Slot::OptionName),
            Some((option, "names")) => (option, Slot::OptionNames),
            _ => (option, Slot::Option),
        };
        let known = names.options.iter().position(|known| known == option);
        return known.map(make).ok_or_else(|| {
            let known = names.options.iter().map(String::as_str).collect();
            error(format!("there is no option `{option}`"), known, option)
        });
    }
    let (kind, literal) = name.split_once(':').unwrap_or((name, ""));
    let Some((_, make)) = ENCODED.iter().find(|(known, _)| *known == kind) else {
        let known = slot_names().collect();
        return Err(error(format!("there is no slot `{{{name}}}`"), known, name));
    };
    let index = if literal.is_empty() {
        Some(0)
    } else {
        names.literals.iter().position(|known| known == literal)
    };
    index.map(make).ok_or_else(|| {
        let known = names.literals.iter().map(String::as_str).collect();
        error(format!("there is no literal `{literal}`"), known, literal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str) -> Result<Template, TemplateError> {
        let literals = ["string".to_owned(), "like".to_owned()];
        Template::compile(
            text,
            Names {
                literals: &literals,
                options: &[],
            },
        )
    }

    #[test]
    fn slots_text_and_doubled_braces() {
        let template = compile("{field}={value:like}{{x}}").expect("it is well formed");
        assert_eq!(
            template.pieces,
            [
                Piece::Slot(Slot::Field),
                Piece::Text("=".into()),
                Piece::Slot(Slot::Value(1)),
                Piece::Text("{x}".into()),
            ]
        );
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        let unknown = compile("a {feld}").expect_err("no such slot");
        assert_eq!(unknown.range, 2..8);
        assert_eq!(unknown.help.as_deref(), Some("did you mean `field`?"));
        assert_eq!(compile("a {field").expect_err("open").range, 2..3);
        assert_eq!(compile("a } b").expect_err("stray").range, 2..3);
        assert!(compile("{value:lik}").is_err());
    }
}
