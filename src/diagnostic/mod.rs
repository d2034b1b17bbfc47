//! Coded errors and warnings: data in the core, rendered at the edge.
//!
//! In: what a stage found wrong, as a [`Diagnostic`] with spans. Out: text with carets, JSON, SARIF
//! or workflow commands, made by [`render`]. A stage never formats a place or a color.

pub mod codes;
#[cfg(feature = "render")]
pub mod render;

pub use codes::Code;

use crate::source::Span;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Something worth knowing; nothing is lost.
    Note,
    /// There is an output, with the caveat that the message gives.
    Warning,
    /// There is no output.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// The bytes pointed at, in the source that the diagnostic belongs to.
    pub span: Span,
    /// The text under the caret; may be empty.
    pub text: String,
}

/// An error, a warning or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Its entry in the registry.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in lower case without a full stop: `expected X, found Y`.
    pub message: String,
    /// Where; the first is the primary place. Empty where there is no place (an empty file).
    pub labels: Vec<Label>,
    /// What to do about it: an imperative clause each, in lower case without a full stop.
    pub help: Vec<String>,
    /// What to write in place of something deprecated, for programs.
    pub replacement: Option<Box<Replacement>>,
}

/// What to write in place of a rule's condition that Sigma deprecated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replacement {
    /// The rule's condition without what is replaced: `selection`.
    pub condition: String,
    /// The `name` to give to the rule, where the documents need one and it has none.
    pub name: Option<String>,
    /// The documents to write, as YAML: after the rule (`VS0507`) or in its place (`VS0506`).
    pub document: String,
}

/// How a help begins that names the outputs to which a message applies, where there are others.
pub const OF_OUTPUTS: &str = "this is so for the output";

impl Diagnostic {
    /// An error without a place yet.
    pub(crate) fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning without a place yet.
    pub(crate) fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            replacement: None,
        }
    }

    /// Puts one together again from its parts, for the bindings.
    #[cfg(feature = "cli")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_parts(
        (code, severity): (Code, Severity),
        message: String,
        labels: Vec<(Span, String)>,
        help: Vec<String>,
    ) -> Self {
        let labels = labels.into_iter();
        Self {
            labels: labels.map(|(span, text)| Label { span, text }).collect(),
            help,
            ..Self::new(severity, code, message)
        }
    }

    /// Adds what to write in place of something deprecated.
    #[must_use]
    pub(crate) fn replacement(mut self, replacement: Replacement) -> Self {
        self.replacement = Some(Box::new(replacement));
        self
    }

    /// Points at a place; the first call gives the primary one.
    #[must_use]
    pub(crate) fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// Points at a place with words under the caret.
    #[must_use]
    pub(crate) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds what to do about an unknown name: the nearest of `names`, and all of them after the
    /// word `what`.
    #[must_use]
    pub(crate) fn choices<'n>(
        self,
        written: &str,
        what: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let near = nearest(written, names.iter().copied());
        let diagnostic = match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        };
        if names.is_empty() {
            return diagnostic.help(format!("{what}: none"));
        }
        diagnostic.help(format!("{what}: `{}`", names.join("`, `")))
    }

    /// The primary place.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// Is it an error?
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The longest name, in bytes, that is looked for among others.
const LONGEST_SLIP: usize = 128;

/// Which letters a name has, a bit each; some share one. `None` of a name beyond ASCII, where a
/// letter is several bytes.
fn letters(name: &str) -> Option<u64> {
    let mut letters = 0;
    for byte in name.bytes() {
        if !byte.is_ascii() {
            return None;
        }
        letters |= 1 << (byte & 63);
    }
    Some(letters)
}

/// Does one name lack more letters of the other than the allowed number of edits? An edit adds and
/// removes one letter at most. Most names are far from each other, and this costs a
/// fraction of their distance.
fn is_far(one: Option<u64>, other: Option<u64>, allowed: usize) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return false;
    };
    let lack = (one & !other).count_ones().max((other & !one).count_ones());
    lack as usize > allowed
}

/// The nearest of `names` to what was written, if it is near enough to be a slip.
#[must_use]
pub fn nearest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // A distance costs the product of the lengths.
    let length = written.len();
    if length > LONGEST_SLIP {
        return None;
    }
    let allowed = |shorter: usize| 1 + shorter / 4;
    let own = letters(written);
    names
        .into_iter()
        .filter(|name| {
            // Lengths in bytes: a letter is at most four.
            let (shorter, longer) = (length.min(name.len()), length.max(name.len()));
            longer <= LONGEST_SLIP
                && longer - shorter <= 4 * allowed(shorter)
                && !is_far(own, letters(name), allowed(shorter))
        })
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, name)| {
            let shorter = name.len().min(written.len());
            *distance <= allowed(shorter) && *distance < shorter.max(2) && shorter > 0
        })
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_over_is_far() {
        let names = [
            "contains",
            "startswith",
            "endswith",
            "base64offset",
            "windash",
            "re",
            "cased",
            "a",
            "Image",
            "image",
            "selection_1",
            "selection_12",
            "s1",
            "ß1",
            "groß",
            "",
        ];
        for one in names {
            for other in names {
                let distance = strsim::damerau_levenshtein(one, other);
                let far = is_far(letters(one), letters(other), distance);
                assert!(!far, "{one} {other}: {distance}");
            }
        }
        assert!(is_far(letters("contains"), letters("windash"), 2));
        assert_eq!(nearest("contans", ["cased", "contains"]), Some("contains"));
        assert_eq!(nearest("Imgae", ["User", "Image"]), Some("Image"));
    }
}
