//! Leading terms of a search that move in front of the commands before it, as a reference does.
//!
//! In: the search's text and the names that those commands compute. Out: the leading `field=value`
//! terms on other fields, joined by blanks, and the rest. The reference looks at text, and so it
//! takes the first operand of an `or` for a term of its own.

/// Splits the leading terms off a search.
pub(super) fn split<'q>(search: &'q str, computed: &[String]) -> (String, &'q str) {
    let mut leading = String::new();
    let mut rest = search;
    while let Some((field, term, behind)) = term(rest) {
        if computed.iter().any(|name| name == field) {
            break;
        }
        if !leading.is_empty() {
            leading.push(' ');
        }
        leading.push_str(term);
        rest = behind.trim_start();
    }
    (leading, rest)
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

    #[test]
    fn leading_terms_stop_at_what_depends_on_the_commands() {
        let computed = ["ACondition".to_owned()];
        let search = r#"index=main B="x y" ACondition="true" C=1"#;
        assert_eq!(
            split(search, &computed),
            (r#"index=main B="x y""#.into(), r#"ACondition="true" C=1"#)
        );
        assert_eq!(split("(A=1 OR B=2)", &[]), (String::new(), "(A=1 OR B=2)"));
        assert_eq!(split("A=1 OR B=2", &[]), ("A=1".into(), "OR B=2"));
    }
}
