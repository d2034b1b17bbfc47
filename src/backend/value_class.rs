//! Classes of values that wordings of a backend file are for: `ascii_only`.

/// A class of values that a wording may be for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueClass {
    /// `ascii_only`: nothing but ASCII.
    Ascii,
    /// `caseless_only`: the same in upper and lower case: `4624`.
    Caseless,
    /// `folded_only`: the same in upper and lower case, or any where the fields' case is folded.
    Folded,
    /// `ascii_case_only`: its letters of two cases are ASCII's: `–c` is one, `ä` none.
    AsciiCase,
    /// `addresses_only`: an IP address.
    Address,
    /// `no_networks`: no network, as `10.0.0.0/8` is one.
    NoNetwork,
    /// `digits_only`: nothing but ASCII's digits, and a wildcard at either end; a number likewise.
    Digits,
    /// `truths_only`: `true` or `false`, in any case.
    Truth,
    /// `one_word_only`: one word of ASCII's letters, digits and `_`, which no analyzer parts.
    OneWord,
    /// `in_64_bits_only`: a number that 64 bits hold, with or without a sign, or one with a fraction.
    In64Bits,
    /// `in_53_bits_only`: a number that a double holds, or one with a fraction.
    In53Bits,
    /// `filled_only`: the empty text is none of those that it matches, as `.*` matches that.
    Filled,
    /// `shortest_only`: a number in its shortest decimal form: `1.5`, not `1.50`; no text of
    /// digits with zeros in front.
    Shortest,
    /// `no_exponents`: a number whose shortest decimal form has no exponent: `1.5`, not `1e30`.
    NoExponent,
    /// `nonzero_only`: a test that 0, or `false`, does not meet: another number, `gt: 5`, `true`.
    NonZero,
    /// `everything_only`: nothing but `*`.
    Everything,
    /// `mapped_only`: a network of IPv4 addresses that are mapped to IPv6: `::ffff:10.0.0.0/104`.
    Mapped,
    /// `holds_mapped_only`: a network that holds all of these: `::/0`.
    HoldsMapped,
    /// `bare_only`: of fields whose names are written without quotes.
    Bare,
}

impl ValueClass {
    /// The keys of backend files.
    pub const KEYS: [(&'static str, Self); 19] = [
        ("ascii_only", Self::Ascii),
        ("caseless_only", Self::Caseless),
        ("folded_only", Self::Folded),
        ("ascii_case_only", Self::AsciiCase),
        ("addresses_only", Self::Address),
        ("no_networks", Self::NoNetwork),
        ("digits_only", Self::Digits),
        ("truths_only", Self::Truth),
        ("one_word_only", Self::OneWord),
        ("in_64_bits_only", Self::In64Bits),
        ("in_53_bits_only", Self::In53Bits),
        ("filled_only", Self::Filled),
        ("shortest_only", Self::Shortest),
        ("no_exponents", Self::NoExponent),
        ("nonzero_only", Self::NonZero),
        ("everything_only", Self::Everything),
        ("mapped_only", Self::Mapped),
        ("holds_mapped_only", Self::HoldsMapped),
        ("bare_only", Self::Bare),
    ];

    /// The class of a key without its end: `caseless`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut known = Self::KEYS.into_iter();
        let found = known.find(|(key, _)| key.strip_suffix("_only") == Some(name));
        found.map(|(_, class)| class)
    }
}
