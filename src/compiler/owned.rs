//! A rule set that has its rules, for those who keep it longer than a text: servers, bindings.

use super::{RuleSet, Rules};
use self_cell::self_cell;

/// The rules of each text.
type Texts<'t> = Vec<Rules<'t>>;

self_cell!(
    struct OwnedRules {
        owner: Vec<String>,
        #[covariant]
        dependent: Texts,
    }

    impl {Debug}
);

self_cell!(
    struct OwnedSet {
        owner: OwnedRules,
        #[covariant]
        dependent: RuleSet,
    }

    impl {Debug}
);

/// A [`RuleSet`] with the rules and texts that it borrows from.
///
/// ```
/// use varsigma::{Event, OwnedRuleSet};
///
/// fn rules() -> OwnedRuleSet {
///     let text = "title: Shell
/// logsource: {product: windows}
/// detection: {s: {Image: cmd.exe}, condition: s}
/// ";
///     OwnedRuleSet::parse([text])
/// }
///
/// let rules = rules();
/// let events = Event::read(r#"{"Image": "cmd.exe"}"#)?;
/// let titles: Vec<_> = rules.get().matching(&events[0]).map(|rule| rule.title()).collect();
/// assert_eq!(titles, ["Shell"]);
/// # Ok::<(), varsigma::Error>(())
/// ```
#[derive(Debug)]
pub struct OwnedRuleSet(OwnedSet);

impl OwnedRuleSet {
    /// Reads the rules of texts as [`Rules::parse_all`] does, and prepares those that are well formed.
    /// Filters of each text apply to the rules of all.
    pub fn parse(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let texts = texts.into_iter().map(Into::into).collect();
        let rules = OwnedRules::new(texts, |texts| {
            Rules::parse_all(texts.iter().map(String::as_str))
        });
        Self(OwnedSet::new(rules, |rules| {
            RuleSet::of(rules.borrow_dependent())
        }))
    }

    /// The set.
    #[must_use]
    pub fn get(&self) -> &RuleSet<'_> {
        self.0.borrow_dependent()
    }

    /// The rules of each text, with what is wrong with them.
    #[must_use]
    pub fn texts(&self) -> &[Rules<'_>] {
        self.0.borrow_owner().borrow_dependent()
    }
}
