//! Findings that are reported once: rules that fail for one reason, and files beyond the first few that
//! differ for one.

use super::CheckResult;
use crate::cli::project::finding::{Finding, FindingKind};
use crate::cli::report::thousands;
use std::collections::BTreeMap;

/// So many findings of one kind and reason are reported one by one.
const MOST_TOLD: usize = 40;

/// What findings of one kind and reason have in common.
type Key<'f> = (FindingKind, Vec<&'f str>);

/// Findings of one kind and reason.
pub(super) struct FindingGroup {
    pub kind: FindingKind,
    pub text: String,
}

impl CheckResult<'_> {
    /// What is reported finding by finding.
    pub(super) fn shown(&self) -> Vec<&Finding> {
        let mut counts: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        let sizes = self.sizes();
        let mut shown = Vec::new();
        for finding in &self.findings {
            let key = key(finding);
            let count = counts.entry(key.clone()).or_default();
            *count += 1;
            let most = if finding.kind == FindingKind::Failed {
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
    pub(super) fn groups(&self) -> Vec<FindingGroup> {
        let mut first: BTreeMap<Key<'_>, &Finding> = BTreeMap::new();
        for finding in self.findings.iter().rev() {
            first.insert(key(finding), finding);
        }
        let mut sizes: Vec<(usize, &Finding)> = self
            .sizes()
            .into_iter()
            .map(|(key, size)| (size, first[&key]))
            .collect();
        sizes.sort_by_key(|(size, finding)| (std::cmp::Reverse(*size), &finding.path));
        let groups = sizes.into_iter().filter_map(|(size, finding)| {
            let text = if finding.kind == FindingKind::Failed {
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
            Some(FindingGroup {
                kind: finding.kind,
                text,
            })
        });
        groups.collect()
    }

    fn sizes(&self) -> BTreeMap<Key<'_>, usize> {
        let mut sizes: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for finding in &self.findings {
            *sizes.entry(key(finding)).or_default() += 1;
        }
        sizes
    }
}

/// What findings of one kind and reason have in common.
fn key(finding: &Finding) -> Key<'_> {
    let reasons = match finding.kind {
        FindingKind::Failed => vec![finding.message()],
        _ => finding.reasons.clone(),
    };
    (finding.kind, reasons)
}
