//! Findings that are reported once: rules that fail for one reason, and files beyond the first few that
//! differ for one.

use super::Checked;
use crate::cli::project::finding::Finding;
use crate::cli::report::thousands;
use std::collections::BTreeMap;

/// So many findings of one kind and reason are reported one by one.
const MOST_TOLD: usize = 40;

/// Findings of one kind and reason.
pub(super) struct Alike {
    pub kind: &'static str,
    pub text: String,
}

impl Checked<'_> {
    /// What is reported finding by finding.
    pub(super) fn shown(&self) -> Vec<&Finding> {
        let mut counts: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        let sizes = self.sizes();
        let mut shown = Vec::new();
        for finding in &self.findings {
            let key = key(finding);
            let count = counts.entry(key.clone()).or_default();
            *count += 1;
            let most = if finding.kind == "failed" {
                usize::from(sizes[&key] == 1)
            } else {
                MOST_TOLD
            };
            if *count <= most {
                shown.push(finding);
            }
        }
        shown
    }

    /// What is reported of many at once, the greatest number first.
    pub(super) fn alike(&self) -> Vec<Alike> {
        let mut first: BTreeMap<Vec<&str>, &Finding> = BTreeMap::new();
        for finding in self.findings.iter().rev() {
            first.insert(key(finding), finding);
        }
        let mut sizes: Vec<(usize, &Finding)> = self
            .sizes()
            .into_iter()
            .map(|(key, size)| (size, first[&key]))
            .collect();
        sizes.sort_by_key(|(size, finding)| (std::cmp::Reverse(*size), &finding.path));
        let alike = sizes.into_iter().filter_map(|(size, finding)| {
            let text = if finding.kind == "failed" {
                if size == 1 {
                    return None;
                }
                let (size, path) = (thousands(size), &finding.path);
                format!("{size} rules, such as `{path}`: {}", finding.message())
            } else {
                let more = size.checked_sub(MOST_TOLD).filter(|more| *more > 0)?;
                let ending = if more == 1 { "" } else { "s" };
                let more = thousands(more);
                let reasons = match finding.reasons.as_slice() {
                    [] => String::new(),
                    reasons => format!(": {}", reasons.join(", ")),
                };
                format!("{more} more file{ending}{reasons} (`--format json` has all)")
            };
            Some(Alike {
                kind: finding.kind,
                text,
            })
        });
        alike.collect()
    }

    fn sizes(&self) -> BTreeMap<Vec<&str>, usize> {
        let mut sizes: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for finding in &self.findings {
            *sizes.entry(key(finding)).or_default() += 1;
        }
        sizes
    }
}

/// What findings of one kind and reason have in common.
fn key(finding: &Finding) -> Vec<&str> {
    let mut key = vec![finding.kind];
    if finding.kind == "failed" {
        key.push(finding.message());
    } else {
        key.extend(&finding.reasons);
    }
    key
}
