//! The index of a run's files, where one is needed.
//!
//! In: the texts of all files. Out: the [`Index`] that holds their documents, or nothing where no
//! file has a correlation or a filter: then each is converted by itself, as it is read.

use super::prepare::prepare;
use crate::dialect::Dialect;
use crate::index::{Index, is_linked};
#[cfg(feature = "parallel")]
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};

/// The index of these files, in their order, if any has a correlation or a filter. `None` among them
/// stands for a file that can't be read.
#[must_use]
pub fn index<'s>(texts: &[Option<&'s str>], dialect: &Dialect) -> Option<Index<'s>> {
    let documents = |text: Option<&'s str>| {
        let prepared = text.map(|text| prepare(text, dialect));
        prepared.and_then(Result::ok).unwrap_or_default()
    };
    // What looks like one is read before the rest: a rule may look so.
    let may_be_linked = |text: Option<&'s str>| {
        let may_be = text.is_some_and(|text| is_linked(text.as_bytes()));
        may_be.then(|| documents(text))
    };
    let rest = |(text, read): (Option<&'s str>, Option<_>)| read.unwrap_or_else(|| documents(text));
    #[cfg(feature = "parallel")]
    let read: Vec<_> = texts.par_iter().copied().map(may_be_linked).collect();
    #[cfg(not(feature = "parallel"))]
    let read: Vec<_> = texts.iter().copied().map(may_be_linked).collect();
    if !read
        .iter()
        .flatten()
        .any(|documents| Index::concerns(documents))
    {
        return None;
    }
    #[cfg(feature = "parallel")]
    let files = texts.par_iter().copied().zip(read).map(rest).collect();
    #[cfg(not(feature = "parallel"))]
    let files = texts.iter().copied().zip(read).map(rest).collect();
    Some(Index::new(files, dialect))
}
