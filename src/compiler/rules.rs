//! Rules as data, without compiling them.

use super::tree;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::index::Index;
use crate::lower::lower;
use crate::rule::Document;
use crate::source::{Region, Source, Span};
use crate::transpile::{Prepared, prepare};
use std::slice;
use std::sync::Arc;

/// The rules of a text, by Sigma's specification.
///
/// ```
/// use varsigma::Rules;
/// use varsigma::tree::Expr;
///
/// let rules = Rules::parse(
///     "title: t
/// logsource: {product: windows}
/// detection:
///   a: {Image|endswith: '\\cmd.exe'}
///   b: {User: SYSTEM}
///   condition: a and not b
/// ",
/// );
/// assert!(rules.diagnostics().is_empty());
/// let [rule] = &rules.trees()[..] else { panic!("one rule") };
/// assert_eq!(rule.logsource.product.as_deref(), Some("windows"));
/// let Expr::And(operands) = &rule.conditions[0].expr else { panic!("an `and`") };
/// assert!(matches!(operands[1], Expr::Not(_)));
/// ```
#[derive(Debug)]
pub struct Rules<'t> {
    text: &'t str,
    prepared: Vec<Prepared<'t>>,
    /// Why the text could not be looked at.
    error: Option<Diagnostic>,
    /// Where a correlation or a filter is among the texts: the rules of all of them, linked, and the
    /// number of this text in it.
    index: Option<(Arc<Index<'t>>, usize)>,
}

impl<'t> Rules<'t> {
    /// Reads the rules of a text. What is wrong with them is among the [`Self::diagnostics`].
    #[must_use]
    pub fn parse(text: &'t str) -> Self {
        let mut rules = Self::read(text);
        link(slice::from_mut(&mut rules));
        rules
    }

    /// Reads the rules of several texts, as files of one folder: correlations may name rules of
    /// another, and filters apply to the rules of all.
    ///
    /// ```
    /// use varsigma::{Event, RuleSet, Rules};
    ///
    /// let texts = [
    ///     "title: Shell
    /// logsource: {product: windows}
    /// detection: {s: {Image: cmd.exe}, condition: s}
    /// ",
    ///     "title: The build server
    /// logsource: {product: windows}
    /// filter: {rules: any, build: {User: build}, condition: not build}
    /// ",
    /// ];
    /// let set = Rules::parse_all(texts);
    /// let set = RuleSet::of(&set);
    /// let events = Event::read(r#"{"Image": "cmd.exe"} {"Image": "cmd.exe", "User": "build"}"#)?;
    /// assert_eq!(set.matching(&events[0]).count(), 1);
    /// assert_eq!(set.matching(&events[1]).count(), 0);
    /// # Ok::<(), varsigma::Error>(())
    /// ```
    #[must_use]
    pub fn parse_all(texts: impl IntoIterator<Item = &'t str>) -> Vec<Self> {
        let mut all: Vec<Self> = texts.into_iter().map(Self::read).collect();
        link(&mut all);
        all
    }

    fn read(text: &'t str) -> Self {
        let (prepared, error) = match prepare(text, &Dialect::SPECIFICATION) {
            Ok(prepared) => (prepared, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        Self {
            text,
            prepared,
            error,
            index: None,
        }
    }

    /// The rules that are well formed, as trees.
    #[must_use]
    pub fn trees(&self) -> Vec<tree::Rule> {
        let rules = self.well_formed().filter_map(Prepared::rule);
        rules
            .map(|rule| tree::Rule::new(rule, &lower(rule, &Dialect::SPECIFICATION)))
            .collect()
    }

    /// The correlations that are well formed.
    ///
    /// ```
    /// use varsigma::Rules;
    /// use varsigma::tree::{CorrelationCondition, CorrelationType};
    ///
    /// let rules = Rules::parse(
    ///     "title: Many failed logons
    /// correlation:
    ///   type: event_count
    ///   rules: [failed_logon]
    ///   group-by: [User]
    ///   timespan: 5m
    ///   condition: {gte: 10}
    /// ",
    /// );
    /// let [correlation] = &rules.correlations()[..] else { panic!("one correlation") };
    /// assert_eq!(correlation.correlation_type, CorrelationType::EventCount);
    /// assert_eq!(correlation.timespan.as_secs(), 300);
    /// let CorrelationCondition::Threshold(threshold) = &correlation.condition else { panic!() };
    /// assert_eq!(threshold.bounds[0].number, "10");
    /// ```
    #[must_use]
    pub fn correlations(&self) -> Vec<tree::Correlation> {
        let documents = self.well_formed().filter_map(|rule| rule.document.as_ref());
        let correlations = documents.filter_map(|document| match document {
            Document::Correlation(correlation) => Some(tree::Correlation::new(correlation)),
            Document::Rule(_) | Document::Filter(_) => None,
        });
        correlations.collect()
    }

    /// The filters that are well formed.
    #[must_use]
    pub fn filters(&self) -> Vec<tree::Filter> {
        let documents = self.well_formed().filter_map(|rule| rule.document.as_ref());
        let filters = documents.filter_map(|document| match document {
            Document::Filter(filter) => Some(tree::Filter::new(filter)),
            Document::Rule(_) | Document::Correlation(_) => None,
        });
        filters.collect()
    }

    /// What is wrong with the rules, in the order of the text.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let of_rules = self.prepared.iter().flat_map(|rule| &rule.diagnostics);
        self.error.iter().chain(of_rules).collect()
    }

    /// What is no error, but most likely not meant, and everything that [`Self::diagnostics`] has:
    /// in the order of the text. [`Self::lint_all`] also knows the rules of one another.
    #[cfg(feature = "lint")]
    #[must_use]
    pub fn lint(&self) -> Vec<Diagnostic> {
        use crate::attack::Attack;
        use crate::lint::{Names, lint_text};
        let rules = lint_text(self.text, &Attack::built_in(), &Names::built_in());
        let mut found: Vec<_> = rules
            .into_iter()
            .flat_map(|rule| rule.diagnostics)
            .collect();
        found.sort_by_key(Diagnostic::span);
        found
    }

    /// What `varsigma lint` says of files, each by its path and its text, in their order: what
    /// [`Self::lint`] does, and what is wrong between rules, such as an id that two of them have or a
    /// filter that applies to none.
    ///
    /// ```
    /// use varsigma::Rules;
    ///
    /// let rule = "title: Shell
    /// id: 5fc8cb1a-0b2c-4d52-a3d1-6b7c1f4e0f6d
    /// logsource: {product: windows}
    /// detection: {s: {Image: cmd.exe}, condition: s}
    /// ";
    /// let found = Rules::lint_all(&[("a.yml", rule), ("b.yml", rule)]);
    /// let is_repeated = |text: usize| found[text].iter().any(|found| found.code.number() == "VS1107");
    /// assert!(!is_repeated(0) && is_repeated(1));
    /// ```
    #[cfg(feature = "lint")]
    #[must_use]
    pub fn lint_all(files: &[(&str, &str)]) -> Vec<Vec<Diagnostic>> {
        use crate::attack::Attack;
        use crate::lint::linked::{checked, lint_linked};
        use crate::lint::{Names, Run};
        use crate::transpile;
        let (attack, names, mut run) = (Attack::built_in(), Names::built_in(), Run::default());
        let texts: Vec<_> = files.iter().map(|(_, text)| Some(*text)).collect();
        let index = transpile::index(&texts, &Dialect::SPECIFICATION).map(checked);
        let all = files.iter().enumerate().map(|(file, (path, text))| {
            let documents = index.as_ref().map(|index| index.documents(file));
            let rules = lint_linked(text, documents.unwrap_or_default(), &attack, &names);
            let mut found = Vec::new();
            for rule in rules {
                let id = rule.id.as_ref();
                found.extend(id.and_then(|(id, span)| run.check((file, path), id, *span)));
                found.extend(rule.diagnostics);
            }
            found.sort_by_key(Diagnostic::span);
            found
        });
        all.collect()
    }

    /// The text that they were read from.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// The lines and columns of a place in the text.
    #[must_use]
    pub fn region(&self, span: Span) -> Region {
        Region::new(&Source::new("", self.text), span)
    }

    /// The documents, their modifiers applied.
    pub(super) fn prepared(&self) -> &[Prepared<'t>] {
        &self.prepared
    }

    /// The index of all texts that were read with this one, and the number of this one in it; none
    /// where no correlation and no filter is among them.
    pub(super) fn linked(&self) -> Option<(&Arc<Index<'t>>, usize)> {
        let index = self.index.as_ref();
        index.map(|(index, file)| (index, *file))
    }

    /// The documents, with the filters joined that apply to them.
    pub(super) fn joined(&self) -> &[Prepared<'t>] {
        match &self.index {
            Some((index, file)) => index.documents(*file),
            None => &self.prepared,
        }
    }

    /// What the filters' joining found wrong with a document of [`Self::joined`], by its number.
    pub(super) fn joining_errors(&self, number: usize) -> impl Iterator<Item = &Diagnostic> {
        let own = self.prepared.get(number);
        let own = own.map_or(&[][..], |document| &document.diagnostics);
        let all = self.joined().get(number);
        let all = all.map_or(&[][..], |document| &document.diagnostics);
        let is_new = move |found: &&Diagnostic| found.is_error() && !own.contains(found);
        all.iter().filter(is_new)
    }

    /// The documents without an error.
    pub(super) fn well_formed(&self) -> impl Iterator<Item = &Prepared<'t>> {
        let is_error = |rule: &&Prepared<'_>| rule.diagnostics.iter().any(Diagnostic::is_error);
        self.prepared.iter().filter(move |rule| !is_error(rule))
    }
}

/// Links the rules of texts, where one has a correlation or a filter.
fn link(texts: &mut [Rules<'_>]) {
    if !texts.iter().any(|rules| Index::concerns(&rules.prepared)) {
        return;
    }
    let files = texts.iter().map(|rules| rules.prepared.clone()).collect();
    let index = Arc::new(Index::new(files, &Dialect::SPECIFICATION));
    for (number, rules) in texts.iter_mut().enumerate() {
        rules.index = Some((Arc::clone(&index), number));
    }
}
