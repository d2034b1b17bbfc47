//! Lines of `key=value`, as Go's and Grafana's programs write them.
//!
//! In: `level=info msg="a \"text\"" done`. Out: `{"level": "info", "msg": "a \"text\"", "done": true}`.

use super::fields::Fields;
use serde_json::Value as Json;
use std::borrow::Cow;

/// Is the whole line pairs, two of them at least?
pub(super) fn is_logfmt(line: &str) -> bool {
    let mut count = 0;
    for pair in pairs(line) {
        match pair {
            Ok((_, Some(_))) => count += 1,
            Ok((_, None)) | Err(_) => return false,
        }
    }
    count > 1
}

/// The fields of a line, or the byte at which it is wrong and why.
pub(super) fn fields(line: &str) -> Result<Fields, (usize, &'static str)> {
    let mut fields = Fields::default();
    for pair in pairs(line) {
        let (key, value) = pair?;
        match value {
            Some(value) => fields.put(key, &*value),
            None => fields.put(key, Json::Bool(true)),
        }
    }
    Ok(fields)
}

type Pair<'l> = (&'l str, Option<Cow<'l, str>>);

fn pairs(line: &str) -> impl Iterator<Item = Result<Pair<'_>, (usize, &'static str)>> {
    let mut at = 0;
    let mut is_broken = false;
    std::iter::from_fn(move || {
        at += line[at..].len() - line[at..].trim_start().len();
        if at == line.len() || is_broken {
            return None;
        }
        let rest = &line[at..];
        let end = rest.find(|c: char| c == '=' || c == '"' || c.is_whitespace());
        let end = end.unwrap_or(rest.len());
        if end == 0 || rest[end..].starts_with('"') {
            is_broken = true;
            return Some(Err((at + end, "expected the name of a field")));
        }
        let key = &rest[..end];
        at += end;
        let Some(value) = rest[end..].strip_prefix('=') else {
            return Some(Ok((key, None)));
        };
        at += 1;
        if value.starts_with('"') {
            let Some((text, length)) = quoted(value) else {
                is_broken = true;
                return Some(Err((at, "expected the closing quote of the value")));
            };
            at += length;
            return Some(Ok((key, Some(text))));
        }
        let end = value.find(char::is_whitespace).unwrap_or(value.len());
        at += end;
        Some(Ok((key, Some(Cow::Borrowed(&value[..end])))))
    })
}

/// A text in quotes that the line begins with, and its length.
fn quoted(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let inside = &text[1..];
    let plain = inside.find(['"', '\\'])?;
    if inside[plain..].starts_with('"') {
        return Some((Cow::Borrowed(&inside[..plain]), plain + 2));
    }
    let mut value = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((Cow::Owned(value), at + 2)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                // A Windows path that nobody escaped keeps its backslash.
                c @ ('"' | '\\') => value.push(c),
                c => value.extend(['\\', c]),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pairs_are_fields() {
        let read = |line| fields(line).map(Fields::into_json);
        assert_eq!(
            read(r#"level=info msg="a \"b\"\n" path="C:\Temp" n=1 empty= done n=2"#),
            Ok(json!({
                "level": "info", "msg": "a \"b\"\n", "path": "C:\\Temp", "n": ["1", "2"],
                "empty": "", "done": true,
            }))
        );
        assert_eq!(
            read("a=\"b"),
            Err((2, "expected the closing quote of the value"))
        );
        assert_eq!(read("a=b =c"), Err((4, "expected the name of a field")));
        assert!(is_logfmt("a=1 b=2") && !is_logfmt("a=1") && !is_logfmt("a=1 b=2 text"));
        assert!(!is_logfmt("it is a text"));
    }
}
