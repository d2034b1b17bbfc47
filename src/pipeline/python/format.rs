//! `str.format`: `{query} {rule.title} {pipeline.state[index]:>8}`.
//!
//! In: a template. Out: its pieces, read once; the values are those that templates see. `{{` and
//! `}}` are braces; a width, an alignment, a fill and a precision may be after `:`, and `!s`
//! before it.

use super::show::show;
use minijinja::Value;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Field {
        path: String,
        steps: Vec<Step>,
        layout: Layout,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Layout {
    fill: Option<char>,
    align: Option<char>,
    width: usize,
    precision: Option<usize>,
}

impl Format {
    /// Reads a template; its fields begin with one of `names`.
    pub fn parse(text: &str, names: &[&str]) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            if rest[at + 1..].starts_with(brace) {
                literal.push_str(brace);
                rest = &rest[at + 2..];
                continue;
            }
            if brace == "}" {
                return Err("expected `}}` for a brace, found a single `}`".into());
            }
            let inner = &rest[at + 1..];
            let end = inner
                .find('}')
                .ok_or("expected `}` at the end of the field, found none")?;
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(field(&inner[..end], names)?);
            rest = &inner[end + 1..];
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        Ok(Self { pieces })
    }

    /// Fills it in. The error of a text that would be longer than `most` bytes is an empty one.
    pub fn render(&self, values: &[(&str, Value)], most: usize) -> Result<String, String> {
        let mut text = String::new();
        for piece in &self.pieces {
            if text.len() > most {
                return Err(String::new());
            }
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Field {
                    path,
                    steps,
                    layout,
                } => {
                    let value = lookup(steps, values)
                        .ok_or_else(|| format!("there is no value `{{{path}}}`"))?;
                    layout.write(&show(&value), &mut text);
                }
            }
        }
        Ok(text)
    }
}

fn lookup(steps: &[Step], values: &[(&str, Value)]) -> Option<Value> {
    let mut found: Option<Value> = None;
    for step in steps {
        let next = match (&found, step) {
            (None, Step::Name(name)) => values
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone()),
            (None, Step::Index(_)) => None,
            (Some(value), Step::Name(name)) => value.get_attr(name).ok(),
            (Some(value), Step::Index(index)) => match index.parse::<usize>() {
                Ok(index) => value.get_item_by_index(index).ok(),
                Err(_) => value.get_item(&Value::from(index.as_str())).ok(),
            },
        };
        found = Some(next.filter(|value| !value.is_undefined())?);
    }
    found
}

fn field(text: &str, names: &[&str]) -> Result<Piece, String> {
    let (place, layout) = text.split_once(':').unwrap_or((text, ""));
    let path = match place.split_once('!') {
        None | Some((_, "s")) => place.split('!').next().unwrap_or_default(),
        Some((_, conversion)) => {
            return Err(format!(
                "expected the conversion `!s`, found `!{conversion}`"
            ));
        }
    };
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner
                .find(']')
                .ok_or("expected `]` after the index, found none")?;
            steps.push(Step::Index(inner[..end].to_owned()));
            rest = &inner[end + 1..];
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            steps.push(Step::Name(name[..end].to_owned()));
            rest = &name[end..];
        }
    }
    match steps.first() {
        Some(Step::Name(name)) if names.contains(&name.as_str()) => {}
        _ => {
            let names: Vec<_> = names.iter().map(|name| format!("`{{{name}}}`")).collect();
            return Err(format!(
                "expected {}, found `{{{path}}}`",
                names.join(" or ")
            ));
        }
    }
    Ok(Piece::Field {
        path: path.to_owned(),
        steps,
        layout: Layout::parse(layout)?,
    })
}

impl Layout {
    fn parse(text: &str) -> Result<Self, String> {
        let mut layout = Self::default();
        let mut rest: Vec<char> = text.strip_suffix('s').unwrap_or(text).chars().collect();
        let is_align = |character: &char| matches!(character, '<' | '>' | '^');
        if rest.get(1).is_some_and(is_align) {
            layout.fill = Some(rest.remove(0));
        }
        if rest.first().is_some_and(is_align) {
            layout.align = Some(rest.remove(0));
        }
        let rest: String = rest.into_iter().collect();
        let (width, precision) = rest.split_once('.').unwrap_or((&rest, ""));
        let number = |digits: &str| {
            digits
                .parse::<u16>()
                .map(usize::from)
                .map_err(|_| format!("expected a width and a precision after `:`, found `{text}`"))
        };
        if !width.is_empty() {
            layout.width = number(width)?;
        }
        if !precision.is_empty() {
            layout.precision = Some(number(precision)?);
        }
        Ok(layout)
    }

    fn write(&self, text: &str, into: &mut String) {
        let text: String = match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        };
        let missing = self.width.saturating_sub(text.chars().count());
        let before = match self.align {
            Some('>') => missing,
            Some('^') => missing / 2,
            _ => 0,
        };
        let fill = self.fill.unwrap_or(' ');
        into.extend(std::iter::repeat_n(fill, before));
        into.push_str(&text);
        into.extend(std::iter::repeat_n(fill, missing - before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    #[test]
    fn fields_are_filled_in() {
        let values = [
            ("query", Value::from("a=1")),
            (
                "rule",
                context! { title => "T", state => context! { i => 3 } },
            ),
        ];
        let format = Format::parse(
            "{{{query}}} {rule.title:*^5} {rule.state[i]:>3}|{query!s:.2}",
            &["query", "rule"],
        )
        .expect("valid");
        assert_eq!(
            format.render(&values, 100).as_deref(),
            Ok("{a=1} **T**   3|a=")
        );
        for bad in ["{", "}", "{x}", "{query!r}", "{query:xyz}"] {
            assert!(Format::parse(bad, &["query"]).is_err(), "{bad}");
        }
        let missing = Format::parse("{rule.nothing}", &["rule"]).expect("valid");
        assert!(missing.render(&values, 100).is_err());
    }
}
