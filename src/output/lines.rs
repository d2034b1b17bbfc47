//! Queries one below the other.

/// The end of a text of queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryLines {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A query of one line.
    Line,
    /// A query of several lines.
    Lines,
}

impl QueryLines {
    /// A query as it is written below the last one, with a line break at its end: what goes in front of
    /// it, and its text without its own. An empty line separates a query of several lines from
    /// any other, so that its end is visible.
    #[must_use]
    pub fn next<'q>(&mut self, query: &'q str) -> (&'static str, &'q str) {
        let query = query.strip_suffix('\n').unwrap_or(query);
        let this = if query.contains('\n') {
            Self::Lines
        } else {
            Self::Line
        };
        let is_apart = *self == Self::Lines || (*self == Self::Line && this == Self::Lines);
        *self = this;
        (if is_apart { "\n" } else { "" }, query)
    }
}

/// The text of a file of queries.
///
/// ```
/// let text = varsigma::output::lines(["a", "b\n", "c\nd", "e"]);
/// assert_eq!(text, "a\nb\n\nc\nd\n\ne\n");
/// ```
pub fn lines(queries: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut last = QueryLines::default();
    let mut text = String::new();
    for query in queries {
        let (before, query) = last.next(query.as_ref());
        text.push_str(before);
        text.push_str(query);
        text.push('\n');
    }
    text
}
