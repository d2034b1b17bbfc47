//! Workflow commands of GitHub Actions, which show a diagnostic beside its line.
//!
//! ```text
//! ::error file=r.yml,line=2,col=1,title=VS0102 key written twice::map has the key `a` twice
//! ```
//!
//! The form is that of GitHub's "Workflow commands for GitHub Actions"; the escapes are those of
//! its toolkit (`packages/core/src/command.ts`), which the page refers to.

use super::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

/// A diagnostic as a workflow command, without a line break at its end.
#[must_use]
pub fn github(source: &Source<'_>, diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::with_capacity(4);
    if !source.name.is_empty() {
        properties.push(format!("file={}", property(&visible::text(source.name))));
        if let Some(span) = diagnostic.span() {
            let place = source.line_column(span.start);
            properties.push(format!("line={},col={}", place.line, place.column));
        }
    }
    let code = diagnostic.code;
    properties.push(format!(
        "title={}",
        property(&format!("{code} {}", code.title()))
    ));

    let mut message = data(&visible::message(&diagnostic.message));
    for help in &diagnostic.help {
        message.push_str("%0Ahelp: ");
        message.push_str(&data(&visible::message(help)));
    }
    format!("::{command} {}::{message}", properties.join(","))
}

/// A message: a line break would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property's value: a comma or colon would end it, too.
fn property(text: &str) -> String {
    let text = data(text).replace(':', "%3A").replace(',', "%2C");
    visible::message(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn a_command_with_its_place() {
        let diagnostic = Diagnostic::error(Code::DuplicateKey, "100% twice: a, b")
            .at(Span::new(8, 9))
            .help("remove one");
        assert_eq!(
            github(&Source::new("a,b:c%\n.yml", "é: 1\nü: 2\n"), &diagnostic),
            "::error file=a%2Cb%3Ac%25%0A.yml,line=2,col=2,title=VS0102 key written twice\
             ::100%25 twice: a, b%0Ahelp: remove one"
        );
    }

    #[test]
    fn without_a_place_or_a_file() {
        let warning = Diagnostic::warning(Code::Unreadable, "m");
        assert_eq!(
            github(&Source::new("r.yml", ""), &warning),
            "::warning file=r.yml,title=VS0001 file can't be read::m"
        );
        let note = Diagnostic {
            severity: Severity::Note,
            ..warning
        };
        assert_eq!(
            github(&Source::new("", ""), &note),
            "::notice title=VS0001 file can't be read::m"
        );
    }

    #[test]
    fn a_message_can_not_begin_another_command() {
        let diagnostic = Diagnostic::error(Code::YamlSyntax, "x\n::add-mask::y\u{1b}[2J");
        let command = github(&Source::new("r\r\n::x", ""), &diagnostic);
        assert!(!command.contains(['\n', '\r', '\u{1b}']), "{command}");
    }
}
