//! Which rule of the old version is which of the new one.
//!
//! By id and path; by id; then, among what is left, by path and title, by path where there is but
//! one, by equal text, and by title.

use crate::project::convert::{ConvertedFile, ConvertedRule};
use std::collections::BTreeMap;

/// A rule: its file's place in a list and its own in the file.
pub(super) type At = (usize, usize);

/// A rule in both versions, or in one.
pub(super) type Pair = (Option<At>, Option<At>);

/// What distinguishes rules.
type Key<'k> = Vec<&'k str>;

/// Pairs the rules of two versions.
pub(super) fn pairs(before: &[ConvertedFile], after: &[ConvertedFile]) -> Vec<Pair> {
    let mut pairing = Pairing {
        before,
        after,
        old: all(before),
        new: all(after),
        pairs: Vec::new(),
    };
    pairing.by(|file, rule| Some(vec![id(rule)?, &file.path]), false);
    pairing.by(|_, rule| Some(vec![id(rule)?]), false);
    pairing.by(|file, rule| Some(vec![&file.path, title(rule)?]), false);
    // The only rule of a file, before and after, is the same whatever its title.
    pairing.by(|file, _| Some(vec![&file.path]), true);
    // A rule with an id is not another one because it looks like it.
    let nameless = |rule: &ConvertedRule| id(rule).is_none();
    pairing.by(
        |file, rule| nameless(rule).then(|| vec![file.digest.as_str(), title(rule).unwrap_or("")]),
        false,
    );
    pairing.by(
        |_, rule| Some(vec![title(rule).filter(|_| nameless(rule))?]),
        true,
    );
    let Pairing {
        old,
        new,
        mut pairs,
        ..
    } = pairing;
    pairs.extend(old.into_iter().map(|at| (Some(at), None)));
    pairs.extend(new.into_iter().map(|at| (None, Some(at))));
    pairs
}

struct Pairing<'c> {
    before: &'c [ConvertedFile],
    after: &'c [ConvertedFile],
    /// What has no partner yet, in order.
    old: Vec<At>,
    new: Vec<At>,
    pairs: Vec<Pair>,
}

impl<'c> Pairing<'c> {
    /// Pairs rules of one key, in their order; or only where there is one of it on each side.
    fn by(
        &mut self,
        key: impl Fn(&'c ConvertedFile, &'c ConvertedRule) -> Option<Key<'c>>,
        only: bool,
    ) {
        let group = |files: &'c [ConvertedFile], places: &[At]| {
            let mut groups: BTreeMap<Key<'c>, Vec<At>> = BTreeMap::new();
            for &(file, rule) in places {
                if let Some(key) = key(&files[file], &files[file].rules[rule]) {
                    groups.entry(key).or_default().push((file, rule));
                }
            }
            groups
        };
        let old = group(self.before, &self.old);
        let new = group(self.after, &self.new);
        let mut paired: Vec<(At, At)> = Vec::new();
        for (key, old) in &old {
            let Some(new) = new.get(key) else { continue };
            if !only || (old.len() == 1 && new.len() == 1) {
                paired.extend(old.iter().copied().zip(new.iter().copied()));
            }
        }
        let old: std::collections::BTreeSet<At> = paired.iter().map(|(old, _)| *old).collect();
        let new: std::collections::BTreeSet<At> = paired.iter().map(|(_, new)| *new).collect();
        self.old.retain(|at| !old.contains(at));
        self.new.retain(|at| !new.contains(at));
        let paired = paired.into_iter();
        self.pairs
            .extend(paired.map(|(old, new)| (Some(old), Some(new))));
    }
}

fn all(files: &[ConvertedFile]) -> Vec<At> {
    let files = files.iter().enumerate();
    files
        .flat_map(|(at, file)| (0..file.rules.len()).map(move |rule| (at, rule)))
        .collect()
}

fn id(rule: &ConvertedRule) -> Option<&str> {
    rule.id.as_deref().filter(|id| !id.trim().is_empty())
}

fn title(rule: &ConvertedRule) -> Option<&str> {
    rule.title.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(rules: &[(&str, &str, &str)]) -> Vec<ConvertedFile> {
        let mut files: Vec<ConvertedFile> = Vec::new();
        for (path, id, title) in rules {
            let rule = ConvertedRule {
                id: (!id.is_empty()).then(|| (*id).to_owned()),
                title: Some((*title).to_owned()),
                ..ConvertedRule::default()
            };
            match files.last_mut() {
                Some(file) if file.path == *path => file.rules.push(rule),
                _ => files.push(ConvertedFile {
                    path: (*path).to_owned(),
                    digest: (*path).to_owned(),
                    rules: vec![rule],
                    ..ConvertedFile::default()
                }),
            }
        }
        files
    }

    fn paired(before: &[(&str, &str, &str)], after: &[(&str, &str, &str)]) -> Vec<Pair> {
        pairs(&files(before), &files(after))
    }

    #[test]
    fn ids_count_before_paths() {
        let found = paired(
            &[("a.yml", "1", "A"), ("b.yml", "2", "B")],
            &[("a.yml", "2", "B"), ("c.yml", "1", "A")],
        );
        assert_eq!(
            found,
            [(Some((0, 0)), Some((1, 0))), (Some((1, 0)), Some((0, 0)))]
        );
    }

    #[test]
    fn an_id_that_changed_is_the_same_rule_if_the_path_and_title_are() {
        let found = paired(&[("a.yml", "1", "A")], &[("a.yml", "2", "A")]);
        assert_eq!(found, [(Some((0, 0)), Some((0, 0)))]);
        let found = paired(&[("a.yml", "1", "A")], &[("b.yml", "2", "A")]);
        assert_eq!(found, [(Some((0, 0)), None), (None, Some((0, 0)))]);
    }

    #[test]
    fn rules_without_an_id_go_by_path_and_title() {
        let found = paired(
            &[("a.yml", "", "A"), ("a.yml", "", "B"), ("x.yml", "", "X")],
            &[("a.yml", "", "B"), ("a.yml", "", "C"), ("y.yml", "", "X")],
        );
        assert_eq!(
            found,
            [
                (Some((0, 1)), Some((0, 0))),
                (Some((0, 0)), Some((0, 1))),
                (Some((1, 0)), Some((1, 0))),
            ]
        );
    }

    #[test]
    fn rules_of_one_id_keep_to_their_paths() {
        let found = paired(
            &[("a.yml", "1", "A"), ("b.yml", "1", "B")],
            &[("b.yml", "1", "B"), ("c.yml", "1", "A")],
        );
        assert_eq!(
            found,
            [(Some((1, 0)), Some((0, 0))), (Some((0, 0)), Some((1, 0)))]
        );
    }
}
