//! What the references read and print, their faults included.
//!
//! In: a [`Profile`]. Out: its [`Dialect`]: the rules that a reference puts in the place of the
//! specification's. [`dialect`] is the one place where a profile's name decides anything. Without the
//! feature `compat` there is only the native profile.

pub(crate) mod emit;
#[cfg(feature = "compat")]
pub mod pysigma;
#[cfg(feature = "compat")]
pub mod sigmac;

use crate::dialect::{Dialect, Profile};

/// The dialect of a profile; `None` where the feature `compat` is off and the profile needs it.
///
/// ```
/// use varsigma::{compat, dialect::Profile};
/// assert!(compat::dialect(Profile::Native).is_some());
/// ```
#[must_use]
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

/// A selector that ranges over no detection, and that both references leave out.
#[cfg(feature = "compat")]
fn dropped_selector(message: String) -> crate::diagnostic::Diagnostic {
    use crate::diagnostic::{Code, Diagnostic};
    Diagnostic::warning(Code::EmptySelector, message)
        .help("remove the selector; the reference ignores it, so that the query may match more than intended")
}
