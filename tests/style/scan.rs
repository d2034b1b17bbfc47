//! Texts and comments of Rust code, prose of Markdown, diagnostics in snapshots.

/// A piece of Rust code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A comment, from its `//`.
    Comment(String),
    /// A string literal, without its quotes and without breaks of its lines.
    Text(String),
    /// Any other character.
    Other(char),
}

/// A call that makes or extends a diagnostic, with the texts among its arguments.
#[derive(Debug)]
pub struct Call {
    /// `error`, `warning`, `help` or `label`.
    pub name: &'static str,
    /// The texts and their lines.
    pub texts: Vec<(usize, String)>,
}

const CALLS: &[(&str, &str)] = &[
    ("Diagnostic::error(", "error"),
    ("Diagnostic::warning(", "warning"),
    (".help(", "help"),
    (".label(", "label"),
];

/// The pieces of a file, with their lines.
pub fn tokens(code: &str) -> Vec<(usize, Token)> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        let (length, token) = if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            (length, Token::Comment(rest[..length].to_owned()))
        } else if let Some((length, text)) = raw(rest).or_else(|| quoted(rest)) {
            (length, Token::Text(text))
        } else if let Some(length) = character(rest) {
            (length, Token::Other('\''))
        } else {
            (first.len_utf8(), Token::Other(first))
        };
        found.push((line, token));
        line += rest[..length].matches('\n').count();
        at += length;
    }
    found
}

/// `"…"`
fn quoted(rest: &str) -> Option<(usize, String)> {
    let inside = rest.strip_prefix('"')?;
    let mut text = String::new();
    let mut characters = inside.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((at + 2, text)),
            '\\' => match characters.next()?.1 {
                '\n' => {
                    while characters
                        .next_if(|(_, next)| next.is_whitespace())
                        .is_some()
                    {}
                }
                'n' => text.push('\n'),
                escaped => text.push(escaped),
            },
            _ => text.push(character),
        }
    }
    None
}

/// `r"…"` and `r#"…"#`
fn raw(rest: &str) -> Option<(usize, String)> {
    let inside = rest.strip_prefix('r')?;
    let hashes = inside.len() - inside.trim_start_matches('#').len();
    let inside = inside[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end)?;
    let whole = 1 + hashes + 1 + length + end.len();
    Some((whole, inside[..length].to_owned()))
}

/// `'x'`, which may hold a quote; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let mut characters = inside.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        characters.next();
        return inside[2..].find('\'').map(|length| length + 4);
    }
    let (at, next) = characters.next()?;
    (next == '\'').then_some(at + 2)
}

/// The calls that make or extend a diagnostic.
pub fn calls(code: &str) -> Vec<Call> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        for (written, name) in CALLS {
            let ends = |(mut at, mut rest): (usize, std::str::Chars<'_>)| {
                loop {
                    match (rest.next_back(), &tokens[at].1) {
                        (None, _) => return true,
                        (Some(wanted), Token::Other(found)) if wanted == *found && at > 0 => {
                            at -= 1;
                        }
                        _ => return false,
                    }
                }
            };
            if ends((at, written.chars())) {
                let texts = arguments(&tokens[at + 1..]);
                found.push(Call { name, texts });
            }
        }
    }
    found
}

/// The texts up to the parenthesis that closes a call: its own, and those of `format!`; those of
/// other functions mean something else.
fn arguments(tokens: &[(usize, Token)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut word = String::new();
    for (line, token) in tokens {
        match token {
            Token::Text(text) if open.iter().all(|is_format| *is_format) => {
                // Only the first text of `format!` is one that is read.
                found.push((*line, text.clone()));
                if let Some(is_format) = open.last_mut() {
                    *is_format = false;
                }
            }
            Token::Other('(') => {
                open.push(word == "format!");
                word.clear();
            }
            Token::Other(')') if open.pop().is_none() => return found,
            Token::Other(character) if character.is_alphanumeric() || *character == '!' => {
                word.push(*character);
            }
            Token::Other(_) => word.clear(),
            _ => {}
        }
    }
    found
}

/// The lines of a Markdown page outside of code and comments, with their numbers; code spans are
/// blank.
pub fn prose(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (number, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code && !line.starts_with("<!--") {
            let outside = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
            found.push((number + 1, outside));
        }
    }
    found
}

/// The code and the message of a rendered diagnostic's first line: `error[VS0101]: …`.
pub fn header(line: &str) -> Option<(&str, &str)> {
    let rest = line
        .strip_prefix("error[")
        .or_else(|| line.strip_prefix("warning["))?;
    rest.split_once("]: ")
}

#[test]
fn calls_have_the_texts_that_are_read() {
    let code = r#"
        // "a comment"
        let quote = '"';
        Diagnostic::error(Code::A, format!("expected {x}, found {}", name("no text")))
            .help("do \
                   this")
            .help(r"or \that")
    "#;
    let texts: Vec<(&str, String)> = calls(code)
        .into_iter()
        .flat_map(|call| {
            call.texts
                .into_iter()
                .map(move |(_, text)| (call.name, text))
        })
        .collect();
    let expected = [
        ("error", "expected {x}, found {}"),
        ("help", "do this"),
        ("help", r"or \that"),
    ];
    assert_eq!(texts, expected.map(|(name, text)| (name, text.to_owned())));
}

#[test]
fn prose_is_what_is_no_code() {
    let page = "a `b` c\n```\nd\n```\ne\n<!-- f -->";
    let expected = [(1, "a `` c".to_owned()), (5, "e".to_owned())];
    assert_eq!(prose(page), expected);
}
