//! The index of a run's files, where one is needed.
//!
//! In: the texts of all files. Out: the [`Index`] that holds their documents, or nothing where no
//! file has a correlation or a filter: then each is converted by itself, as it is read.

use super::prepare::prepare;
use crate::dialect::Dialect;
use crate::index::{Index, is_linked};
#[cfg(feature = "parallel")]
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

/// The index of these files, in their order, if any has a correlation or a filter. `None` among them
/// stands for a file that can't be read.
#[must_use]
pub fn index<'s>(texts: &[Option<&'s str>], dialect: &Dialect) -> Option<Index<'s>> {
    let is_needed = |text: Option<&str>| text.is_some_and(|text| is_linked(text.as_bytes()));
    let documents = |text: Option<&'s str>| {
        let prepared = text.map(|text| prepare(text, dialect));
        prepared.and_then(Result::ok).unwrap_or_default()
    };
    #[cfg(feature = "parallel")]
    let (is_any, all) = (
        texts.par_iter().any(|text| is_needed(*text)),
        texts.par_iter(),
    );
    #[cfg(not(feature = "parallel"))]
    let (is_any, all) = (texts.iter().any(|text| is_needed(*text)), texts.iter());
    if !is_any {
        return None;
    }
    let files: Vec<_> = all.map(|text| documents(*text)).collect();
    let is_linked = files.iter().any(|documents| Index::concerns(documents));
    is_linked.then(|| Index::new(files, dialect))
}
