//! Leading terms of a search that move in front of the commands before it, as a reference does.
//!
//! In: the pieces of a search as they are written, and the names that those commands compute. Out:
//! the leading `field=value` terms on other fields, joined by blanks, and the rest. The reference
//! looks at the search's text, and so it takes the first operand of an `or` for a term of its own.

use crate::emit::write::Sink;

/// A search in two parts.
pub(super) struct Hoisted<'c> {
    /// Names that commands compute.
    pub computed: &'c [String],
    pub leading: String,
    pub rest: String,
}

impl<'c> Hoisted<'c> {
    /// Nothing yet; no term that tests one of these names moves.
    pub const fn without(computed: &'c [String]) -> Self {
        Self {
            computed,
            leading: String::new(),
            rest: String::new(),
        }
    }
}

impl Sink for Hoisted<'_> {
    fn text(&mut self, text: &str) {
        if self.rest.is_empty() && !self.leading.is_empty() {
            self.rest.push_str(text.trim_start());
        } else {
            self.rest.push_str(text);
        }
    }

    fn test(&mut self, text: &str) {
        if !self.rest.is_empty() {
            return self.rest.push_str(text);
        }
        let mut text = text;
        while let Some((field, term, behind)) = term(text) {
            if self.computed.iter().any(|name| name == field) {
                break;
            }
            if !self.leading.is_empty() {
                self.leading.push(' ');
            }
            self.leading.push_str(term);
            text = behind.trim_start();
        }
        self.rest.push_str(text);
    }
}

/// A term at the start of a text: its field, the whole of it, and what follows.
fn term(text: &str) -> Option<(&str, &str, &str)> {
    let name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let end = text.find(|c| !name(c)).filter(|end| *end > 0)?;
    let value = text[end..].strip_prefix('=')?;
    let length = match value.strip_prefix('"') {
        Some(quoted) => match quoted.find('"') {
            Some(close) => close + 2,
            None => return None,
        },
        None => value
            .find(|c: char| c.is_whitespace() || c == '"' || c == ')')
            .unwrap_or(value.len()),
    };
    if length == 0 {
        return None;
    }
    let (term, behind) = text.split_at(end + 1 + length);
    Some((&text[..end], term, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str]) -> (String, String) {
        let computed = ["ACondition".to_owned()];
        let mut out = Hoisted::without(&computed);
        for piece in pieces {
            match piece.trim() {
                "" | "OR" | "(" | ")" => out.text(piece),
                _ => out.test(piece),
            }
        }
        (out.leading, out.rest)
    }

    #[test]
    fn leading_terms_stop_at_what_depends_on_the_commands() {
        let search = [
            "index=main",
            " ",
            r#"B="x y""#,
            " ",
            r#"ACondition="true""#,
            " ",
            "C=1",
        ];
        assert_eq!(
            split(&search),
            (
                r#"index=main B="x y""#.into(),
                r#"ACondition="true" C=1"#.into()
            )
        );
        assert_eq!(
            split(&["(", "A=1", " OR ", "B=2", ")"]),
            (String::new(), "(A=1 OR B=2)".into())
        );
        assert_eq!(
            split(&["A=1", " OR ", "B=2"]),
            ("A=1".into(), "OR B=2".into())
        );
    }
}
