//! A rule's values as Markdown that shows them as they are.
//!
//! In: any text. Out: Markdown for one line (a table's cell, a list's item, a heading), a link, a
//! fenced block. Only what would change the meaning is escaped, for `AppInit_DLLs` or `C:\Windows`
//! need nothing; what is escaped is so in every flavor, GitHub's, GitLab's and Python-Markdown's:
//!
//! ```text
//! a | b <script>    →  a &#124; b &lt;script>
//! \\host\c$         →  \\\host\c$
//! [x](javascript:y) → \[x\](javascript:y)
//! ```

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text for one line. Line breaks turn into spaces, control characters are dropped.
#[must_use]
pub fn inline(text: &str) -> Cow<'_, str> {
    let special = |c: char| {
        c.is_control() || "\\`*_~[]<&|{#$!".contains(c) || matches!(c, '\u{2028}' | '\u{2029}')
    };
    let block = block_start(text);
    if block.is_none() && !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text
        .chars()
        .filter(|c| !c.is_control() || c.is_whitespace())
        .collect();
    let dollars = chars.iter().filter(|c| **c == '$').count();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        let next = chars.get(at + 1).copied();
        if block == Some(at) {
            escaped(&mut out, c);
            continue;
        }
        match c {
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.push(' '),
            // Character references, for the backslash forms are read differently by table parsers
            // (`|`), not known to Python-Markdown's attribute lists (`{`), or no escape (`<`).
            '|' => out.push_str("&#124;"),
            '{' => out.push_str("&#123;"),
            '<' => out.push_str("&lt;"),
            '&' if is_reference(&chars[at..]) => out.push_str("&amp;"),
            '`' | '[' | ']' => escaped(&mut out, c),
            // Before a letter or a space a backslash is only a backslash.
            '\\' if next.is_none_or(|next| next.is_ascii_punctuation()) => {
                out.push_str("\\\\");
            }
            // Without a closing run there is no emphasis, nor without an opening one; `_` inside a
            // word is neither.
            '*' | '~' if flanks(&chars, at).closes => escaped(&mut out, c),
            '_' if flanks(&chars, at).opens_word => escaped(&mut out, c),
            '#' if at == 0 || chars[at - 1].is_whitespace() => escaped(&mut out, c),
            '$' if dollars > 1 => escaped(&mut out, c),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn escaped(out: &mut String, c: char) {
    out.push('\\');
    out.push(c);
}

/// The place of the mark that would make text at a line's beginning a block of another kind: a list,
/// a quotation, a fence, a rule, an underline.
fn block_start(text: &str) -> Option<usize> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(char::is_whitespace);
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'>' => Some(0),
        b'~' if text.starts_with("~~~") => Some(0),
        b'-' | b'+' | b'*' if ends(&text[1..]) => Some(0),
        b'-' | b'*' | b'_' | b'=' if text.chars().all(|c| "-*_= ".contains(c)) => Some(0),
        b'0'..=b'9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let is_mark = digits < 10
                && matches!(bytes.get(digits), Some(b'.' | b')'))
                && ends(&text[digits + 1..]);
            is_mark.then_some(digits)
        }
        _ => None,
    }
}

/// Does `&` begin a character reference, `&amp;` or `&#x3c;`?
fn is_reference(chars: &[char]) -> bool {
    let name = chars.iter().skip(1).take_while(|c| **c != ';').take(40);
    let length = name.clone().count();
    length > 0
        && chars.get(length + 1) == Some(&';')
        && name
            .enumerate()
            .all(|(at, c)| c.is_ascii_alphanumeric() || (at == 0 && *c == '#'))
}

/// What a run of delimiters can do (the `CommonMark` specification: *emphasis and strong emphasis*).
struct Flanks {
    closes: bool,
    opens_word: bool,
}

fn flanks(chars: &[char], at: usize) -> Flanks {
    let mark = chars[at];
    let before = chars[..at].iter().rev().find(|c| **c != mark).copied();
    let after = chars[at..].iter().find(|c| **c != mark).copied();
    // What is around the value is not known: a blank or a tag. Which marks beyond ASCII count as
    // punctuation differs between parsers; what one of them might do is assumed.
    let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let surely = |c: Option<char>| c.is_none_or(|c| c.is_ascii_punctuation());
    let maybe = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let stands = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    let left = stands(after) && (!surely(after) || space(before) || maybe(before));
    let right = stands(before) && (!surely(before) || space(after) || maybe(after));
    let surely_right = stands(before) && (!maybe(before) || space(after) || surely(after));
    Flanks {
        closes: right,
        opens_word: left && (!surely_right || maybe(before)),
    }
}

/// Text of several paragraphs: each line as [`inline`] has it, blank lines kept, and nothing at a
/// line's beginning that would start a list, a quotation or a heading.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, line) in text.trim().lines().map(str::trim).enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let shown = inline(line);
        // A list in a description stays readable: one line an entry.
        if at > 0 && line.starts_with(['-', '+', '*']) && !out.ends_with("\n\n") {
            out.insert_str(out.len() - 1, "<br>");
        }
        // Here a line can also underline the one before it, or define what that says.
        if shown.starts_with(|c: char| c.is_ascii_punctuation() && c != '\\' && c != '&') {
            out.push('\\');
        }
        out.push_str(&shown);
    }
    out
}

/// A link, if the address is one that a page may lead to; the text alone otherwise.
///
/// An address with a scheme that runs code (`javascript:`, `data:`) is not linked. One with blanks in it is
/// printed as the founding document prints it, though Markdown shows it as plain text.
#[must_use]
pub fn link(text: &str, address: &str) -> String {
    let label = inline(text);
    if !is_safe(address) {
        return label.into_owned();
    }
    format!("[{label}]({})", destination(address))
}

/// Is it an address that a browser can open as a page?
#[must_use]
pub fn is_web(address: &str) -> bool {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    }) && !address.contains(char::is_whitespace)
}

/// Relative addresses and a few schemes are safe. What is before the first colon is a scheme
/// only if it has a scheme's characters; controls, which browsers skip, count as such.
fn is_safe(address: &str) -> bool {
    let address = address.trim();
    match address.split_once(':') {
        None => !address.is_empty(),
        Some((scheme, _)) => {
            let is_scheme = scheme.chars().all(|c| {
                c.is_ascii_alphanumeric() || "+-.".contains(c) || c.is_control() || !c.is_ascii()
            });
            let known = ["http", "https", "ftp", "mailto"];
            !is_scheme || known.iter().any(|known| scheme.eq_ignore_ascii_case(known))
        }
    }
}

/// An address inside the parentheses of a link: escaped as text is, and with balanced parentheses.
fn destination(address: &str) -> String {
    let inline = inline(address.trim());
    let mut open = 0_i32;
    let balanced = inline.chars().all(|c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open >= 0
    });
    if balanced && open == 0 {
        return inline.into_owned();
    }
    inline.replace('(', "\\(").replace(')', "\\)")
}

/// The fence for a block: longer than any run of backticks that could end it.
#[must_use]
pub fn fence(text: &str) -> String {
    let longest = text
        .lines()
        .map(|line| line.trim_start().bytes().take_while(|c| *c == b'`').count())
        .max()
        .unwrap_or_default();
    "`".repeat((longest + 1).max(3))
}

/// Code inside a line: between backticks where nothing can go wrong with them, as HTML otherwise.
#[must_use]
pub fn code(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .,:;/-=+()'_@%".contains(c);
    if !text.trim().is_empty() && text.chars().all(plain) {
        return format!("`{text}`");
    }
    let mut out = String::from("<code>");
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            c if plain(c) && c != '_' || !c.is_ascii() => out.push(c),
            c => write!(out, "&#{};", u32::from(c)).expect("a String takes all"),
        }
    }
    out.push_str("</code>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_stays_as_it_is() {
        for text in [
            "New DLL added to AppInit_DLLs registry key",
            r"HKLM\Software\Microsoft\Windows NT by default",
            "igfxCUIService.exe hiding *.cui files via .bat script",
            "Tom U. @c_APT_ure (collection)",
            "https://example.org/watch?v=H3t_kHQG1Js&feature=be&t=1",
            "user account with '$' in attribute",
            "50% > 3! C#",
        ] {
            assert_eq!(inline(text), text);
        }
    }

    #[test]
    fn what_changes_the_meaning_is_escaped() {
        for (text, markdown) in [
            ("a | b", "a &#124; b"),
            (
                "<script>alert(1)</script>",
                "&lt;script>alert(1)&lt;/script>",
            ),
            ("<javascript:x>", "&lt;javascript:x>"),
            ("[x](javascript:y)", r"\[x\](javascript:y)"),
            ("`a`", r"\`a\`"),
            (r"\\host\c$", r"\\\host\c$"),
            (r"C:\*", r"C:\\\*"),
            (r"ends with \", r"ends with \\"),
            ("*bold* and **more**", r"*bold\* and **more\*\*"),
            ("_a_ __b__", r"\_a_ \_\_b__"),
            ("~~gone~~", r"~~gone\~\~"),
            ("a\nb\r\nc\td\u{7}", "a b  c d"),
            ("&lt; &#60; &copy &x;", "&amp;lt; &amp;#60; &copy &amp;x;"),
            ("x {: onclick=y }", "x &#123;: onclick=y }"),
            ("$a$", r"\$a\$"),
            ("# a # b", r"\# a \# b"),
            ("- a", r"\- a"),
            ("-a", "-a"),
            ("~~~", r"\~~~"),
            ("**:**\u{201c}", "**:\\*\\*\u{201c}"),
            ("12. a", r"12\. a"),
            ("1.5", "1.5"),
            ("> a", r"\> a"),
            ("***", r"\***"),
        ] {
            assert_eq!(inline(text), markdown, "{text}");
        }
    }

    #[test]
    fn links_lead_only_to_pages() {
        for (address, markdown) in [
            (
                "https://a.example/x_(y)",
                "[https://a.example/x_(y)](https://a.example/x_(y))",
            ),
            (
                "https://a.example/)(",
                r"[https://a.example/)(](https://a.example/\)\()",
            ),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("JaVaScRiPt:x", "JaVaScRiPt:x"),
            ("java\tscript:x", "java script:x"),
            ("data:text/html,x", "data:text/html,x"),
            (
                "java&#115;cript:x",
                "[java&amp;#115;cript:x](java&amp;#115;cript:x)",
            ),
            (
                "a (b) [c](javascript:d) e",
                r"[a (b) \[c\](javascript:d) e](a (b) \[c\](javascript:d) e)",
            ),
            ("a book", "[a book](a book)"),
            ("", ""),
        ] {
            assert_eq!(link(address, address), markdown, "{address}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("a\n```\nb"), "````");
        assert_eq!(fence("a `` b"), "```");
        assert_eq!(fence("  ``````x"), "```````");
    }

    #[test]
    fn paragraphs_start_no_block() {
        assert_eq!(
            paragraphs("a\n- b\n# c\n1. d\n\n> e"),
            "a<br>\n\\- b\n\\# c\n1\\. d\n\n\\> e"
        );
    }

    #[test]
    fn code_is_in_backticks_where_it_can_be() {
        assert_eq!(code("Image_Name"), "`Image_Name`");
        assert_eq!(code(""), "<code></code>");
        assert_eq!(code("a`|<b>"), "<code>a&#96;&#124;&#60;b&#62;</code>");
    }
}
