//! What the references read and print, their faults included.
//!
//! In: a [`Profile`]. Out: its [`Dialect`]: the rules that a reference puts in the place of the
//! specification's. [`dialect`] is the one place where a profile's name decides anything, and
//! [`conventions`] hands out how a reference lays queries out, where a backend's files have keys for it.
//! Both are behind the feature `compat`, without which there is only the native profile.

#[cfg(feature = "compat")]
mod emit;
#[cfg(feature = "compat")]
pub mod pysigma;
mod python_regex;
#[cfg(feature = "compat")]
pub mod sigmac;

use crate::backend::Backend;
use crate::dialect::{Dialect, Profile};
use crate::emit::conventions::{ConventionSet, Native};

/// The dialect of a profile; `None` where the feature `compat` is off and the profile needs it.
///
/// ```
/// use varsigma::{compat, dialect::Profile};
/// assert!(compat::dialect(Profile::Native).is_some());
/// ```
#[must_use]
#[cfg_attr(
    all(feature = "compat", not(feature = "unstable")),
    expect(
        clippy::unnecessary_wraps,
        reason = "without the feature, only the native profile has one"
    )
)]
pub const fn dialect(profile: Profile) -> Option<Dialect> {
    match profile {
        Profile::Native => Some(Dialect::SPECIFICATION),
        #[cfg(feature = "compat")]
        Profile::Sigmac => Some(Dialect::SIGMAC),
        #[cfg(feature = "compat")]
        Profile::Pysigma => Some(Dialect::PYSIGMA),
        #[cfg(not(feature = "compat"))]
        Profile::Sigmac | Profile::Pysigma => None,
    }
}

/// How a backend's queries are said: natively, or as its files say of a reference.
#[must_use]
pub fn conventions(backend: &Backend) -> Box<dyn ConventionSet> {
    #[cfg(feature = "compat")]
    if let Some(reference) = emit::Reference::read(backend) {
        return Box::new(reference);
    }
    let _ = backend;
    Box::new(Native)
}

/// A selector that ranges over no detection, and that both references leave out.
#[cfg(feature = "compat")]
fn dropped_selector(message: String) -> crate::diagnostic::Diagnostic {
    use crate::diagnostic::{Code, Diagnostic};
    Diagnostic::warning(Code::EmptySelector, message)
        .help("remove the selector; the reference ignores it, so that the query may match more than intended")
}
