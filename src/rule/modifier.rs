//! The names of value modifiers (specification: *modifiers appendix*). What they do is in the
//! `modifier` stage.

macro_rules! modifiers {
    ($($variant:ident, $($name:literal)|+, $doc:literal;)*) => {
        /// A value modifier, as in `CommandLine|contains|all`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Modifier { $(#[doc = $doc] $variant,)* }

        impl Modifier {
            /// Every modifier, in the order of the specification's appendix.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its spellings, the usual one first.
            #[must_use]
            pub const fn names(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($name),+],)* }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// The modifier of that spelling.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($($name)|+ => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

modifiers! {
    All, "all", "All values must match, not one of them.";
    StartsWith, "startswith", "The field begins with the value.";
    EndsWith, "endswith", "The field ends with the value.";
    Contains, "contains", "The field contains the value.";
    Exists, "exists", "The field is there (`true`) or is not (`false`), whatever its value.";
    Cased, "cased", "Letters compare exactly; without it case does not matter.";
    Neq, "neq", "The field differs from the values.";
    WinDash, "windash", "`-`, `/` and the three long dashes are equivalent before an option.";
    Re, "re", "The value is a regular expression, unanchored and case-sensitive.";
    ReIgnoreCase, "i" | "ignorecase", "The regular expression ignores case.";
    ReMultiLine, "m" | "multiline", "`^` and `$` match at every line.";
    ReDotAll, "s" | "dotall", "`.` matches a newline too.";
    Base64, "base64", "The value's bytes in Base64.";
    Base64Offset, "base64offset", "The value's bytes as they look inside Base64, at each of three offsets.";
    Utf16Le, "utf16le" | "wide", "The value's bytes in UTF-16, little end first.";
    Utf16Be, "utf16be", "The value's bytes in UTF-16, big end first.";
    Utf16, "utf16", "The value's bytes in UTF-16, after a byte order mark.";
    Lt, "lt", "The field is a number less than the value.";
    Lte, "lte", "The field is a number not above the value.";
    Gt, "gt", "The field is a number greater than the value.";
    Gte, "gte", "The field is a number not below the value.";
    Minute, "minute", "The field's minute, 0 to 59.";
    Hour, "hour", "The field's hour, 0 to 23.";
    Day, "day", "The field's day of the month, 1 to 31.";
    Week, "week", "The field's week of the year, 1 to 53.";
    Month, "month", "The field's month, 1 to 12.";
    Year, "year", "The field's year.";
    Cidr, "cidr", "The field is an address inside the network.";
    Expand, "expand", "`%name%` in the value is a placeholder, filled in by a pipeline.";
    FieldRef, "fieldref", "The value names another field of the same event.";
}

impl Modifier {
    /// The usual spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names()[0]
    }
}
