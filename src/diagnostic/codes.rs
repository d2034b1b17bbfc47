//! The registry of diagnostic codes. A number, once released, is never given to something else.
//!
//! Blocks: `VS00` input, `VS01` YAML, `VS02` rule attributes and documents, `VS03` detections and
//! values, `VS04` modifiers, `VS05` conditions, `VS06` targets and emission, `VS07` pipelines,
//! `VS08` backend files, `VS09` pages and catalogues, `VS10` projects.

macro_rules! codes {
    ($($variant:ident = $number:literal, $title:literal, $explanation:literal;)*) => {
        /// A diagnostic's entry in the registry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $number, "`: ", $title, ".")] $variant,)*
        }

        impl Code {
            /// Every code, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number as users see it: `VS0301`.
            #[must_use]
            pub const fn number(self) -> &'static str {
                match self { $(Self::$variant => $number,)* }
            }

            /// What it is about, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Why it is so, with an example and what to do: Markdown.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    // ---- VS00: input -------------------------------------------------------------------------

    Unreadable = "VS0001", "file can't be read",
        "The path does not exist, may not be read, or names neither a file nor a folder.";
    NotUtf8 = "VS0002", "file is not UTF-8 text",
        "Sigma rules are UTF-8 text. The file holds bytes that are no UTF-8: it may be binary, or text in another encoding. Convert it, for example with `iconv -t UTF-8`.";

    // ---- VS01: YAML --------------------------------------------------------------------------

    YamlSyntax = "VS0101", "YAML can't be read",
        "The text is not valid YAML at the place shown. Common causes: a value with `: ` or ` #` in it that has no quotes, a tab as indentation, a quote that is not closed.";

    // ---- VS02: documents and attributes ------------------------------------------------------

    NotARule = "VS0201", "not a Sigma rule",
        "A Sigma rule is a YAML map with a `title`, a `logsource` and a `detection`. The document is something else.";

    // ---- VS03: detections and values ---------------------------------------------------------

    DetectionShape = "VS0301", "detection has the wrong shape",
        "A detection is a map of fields, a list of such maps, or a list of keywords.";

    // ---- VS04: modifiers ---------------------------------------------------------------------

    UnknownModifier = "VS0401", "unknown modifier",
        "The name behind the `|` is no modifier of the Sigma specification. `varsigma list modifiers` shows them all.";

    // ---- VS05: conditions --------------------------------------------------------------------

    ConditionSyntax = "VS0501", "condition can't be read",
        "A condition joins the names of detections with `and`, `or`, `not`, parentheses and selectors such as `1 of selection_*`.";

    // ---- VS06: targets and emission ----------------------------------------------------------

    UnknownTarget = "VS0601", "unknown target",
        "There is no backend file of that name. `varsigma list targets` shows them all; `--backend-dir` adds your own.";

    // ---- VS07: pipelines ---------------------------------------------------------------------

    UnknownPipeline = "VS0701", "unknown pipeline",
        "There is no built-in pipeline of that name, and no such file or folder.";

    // ---- VS08: backend files -----------------------------------------------------------------

    BackendSyntax = "VS0801", "backend file can't be read",
        "A backend file is TOML. The text is not valid TOML at the place shown.";

    // ---- VS09: pages and catalogues ----------------------------------------------------------

    Catalogue = "VS0901", "catalogue can't be read",
        "A file of a data-needed, enrichment or ATT&CK catalogue does not have the form that `docs/page.md` describes.";

    // ---- VS10: projects and events -----------------------------------------------------------

    Events = "VS1001", "events can't be read",
        "Events are JSON objects, one to a line or in an array.";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.number())
    }
}

impl Code {
    /// The code of that number, in any case, with or without leading zeros (`vs0301`, `301`).
    #[must_use]
    pub fn from_number(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches(['v', 'V', 's', 'S']);
        let wanted: u32 = digits.parse().ok()?;
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.number()[2..].parse() == Ok(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascend() {
        assert!(Code::ALL.is_sorted_by(|a, b| a.number() < b.number()));
    }

    #[test]
    fn a_code_is_found_by_its_number() {
        for &code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(code));
        }
        assert_eq!(Code::from_number("101"), Some(Code::YamlSyntax));
        assert_eq!(Code::from_number("nonsense"), None);
    }
}
