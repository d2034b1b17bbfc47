//! Two versions of rules, compared by what they match.

use super::Rules;
use crate::compare::Documents;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::index::{Index, Place};
use crate::source::{Region, Source, Span};
use crate::transpile::{Prepared, guarded, prepare};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

pub use crate::compare::{Change, Comparison, Edit, How, Join, Relation};

/// A rule in two versions of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RuleComparison {
    /// Its id, in the new version where it is there.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Where it was; `None`: it is new.
    pub before: Option<Region>,
    /// Where it is; `None`: it is gone.
    pub after: Option<Region>,
    /// What changed in what it matches. `None`: it is new or gone, or one version has an error, which
    /// is among the [`Rules::diagnostics`].
    pub meaning: Option<Comparison>,
}

impl Rules<'_> {
    /// Compares these rules with a new version of them: does each match the same events, more, fewer
    /// or others? What is claimed is proven, or shown by an event. A correlation is compared with the
    /// rules of its text. Rules are paired by id, then by title; the only one that is left on each
    /// side is the same. They come in the order of the new version, then those that are gone.
    ///
    /// ```
    /// use varsigma::Rules;
    /// use varsigma::comparison::Relation;
    ///
    /// let rule = |images: &str| format!("title: Shell
    /// logsource: {{product: windows}}
    /// detection: {{s: {{Image: [{images}]}}, condition: s}}
    /// ");
    /// let (before, after) = (rule(r"'*\cmd.exe'"), rule(r"'*\cmd.exe', '*\pwsh.exe'"));
    /// let compared = Rules::parse(&before).compare(&Rules::parse(&after));
    /// let meaning = compared[0].meaning.as_ref().unwrap();
    /// assert_eq!(meaning.relation, Relation::Broader);
    /// assert_eq!(meaning.gained.as_ref().unwrap()["Image"], r"\pwsh.exe");
    /// assert_eq!(meaning.edits.len(), 1);
    /// ```
    #[must_use]
    pub fn compare(&self, after: &Rules<'_>) -> Vec<RuleComparison> {
        let (old, new) = (self.documents(), after.documents());
        let pairs = pairs(old, new);
        let [was, is] = [self, after].map(Rules::index);
        let documents = Documents {
            before: &was,
            after: &is,
        };
        let place = |document| Place { file: 0, document };
        let compared = pairs.into_iter().map(|pair| {
            let shown = pair.1.map(|at| &new[at]).or(pair.0.map(|at| &old[at]));
            let meaning = match pair {
                (Some(old), Some(new)) => {
                    // What can't be compared is no reason for the other rules to be lost.
                    let compared = guarded(Span::default(), || {
                        documents.compare(place(old), place(new))
                    });
                    compared.ok().flatten()
                }
                _ => None,
            };
            let region = |text, rules: &[Prepared<'_>], at: Option<usize>| {
                at.map(|at| Region::new(&Source::new("", text), rules[at].span))
            };
            RuleComparison {
                id: shown.and_then(|rule| Some(rule.id.as_ref()?.to_string())),
                title: shown.and_then(|rule| Some(rule.title.as_ref()?.to_string())),
                before: region(self.text(), old, pair.0),
                after: region(after.text(), new, pair.1),
                meaning,
            }
        });
        compared.collect()
    }

    /// The documents; none of a text without any, which has one that says so.
    fn documents(&self) -> &[Prepared<'_>] {
        match self.prepared() {
            [one] if one.diagnostics.iter().any(is_about_nothing) => &[],
            all => all,
        }
    }

    /// The index of this text alone, with its filters joined.
    fn index(&self) -> Index<'_> {
        let rules = prepare(self.text(), &Dialect::SPECIFICATION);
        let rules: Result<_, Diagnostic> = rules;
        Index::new(vec![rules.unwrap_or_default()], &Dialect::SPECIFICATION)
    }
}

fn is_about_nothing(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::EmptyFile
}

/// Which rule is which, by their places in the two lists.
fn pairs(old: &[Prepared<'_>], new: &[Prepared<'_>]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut is_left = vec![true; old.len()];
    let mut found = vec![None; new.len()];
    for by_id in [true, false] {
        let key = |rule: &Prepared<'_>| {
            let key = if by_id { &rule.id } else { &rule.title };
            key.as_ref().map(ToString::to_string)
        };
        // Of several with one key, the first is taken first.
        let mut places: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (at, rule) in old.iter().enumerate().filter(|(at, _)| is_left[*at]) {
            if let Some(key) = key(rule) {
                places.entry(key).or_default().push_back(at);
            }
        }
        for (found, rule) in found
            .iter_mut()
            .zip(new)
            .filter(|(found, _)| found.is_none())
        {
            *found = key(rule).and_then(|key| places.get_mut(&key)?.pop_front());
            if let Some(at) = *found {
                is_left[at] = false;
            }
        }
    }
    let mut left: Vec<usize> = (0..old.len()).filter(|at| is_left[*at]).collect();
    let open: Vec<usize> = (0..new.len()).filter(|at| found[*at].is_none()).collect();
    if let ([one], [other]) = (&open[..], &left[..]) {
        found[*one] = Some(*other);
        left.clear();
    }
    let pairs = found.into_iter().enumerate();
    let pairs = pairs.map(|(at, old)| (old, Some(at)));
    pairs
        .chain(left.into_iter().map(|at| (Some(at), None)))
        .collect()
}
