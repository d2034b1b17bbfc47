//! Where the meaning of filters differs.

use super::LinkRules;
use super::filter::covers;
use super::join::name_of;
use crate::diagnostic::Diagnostic;
use crate::profile::Specification;
use crate::rule::{Detections, Filter, LogSource};

/// How filters are joined to rules. The default methods are the specification's; a compatibility
/// profile puts its reference's in their place.
pub trait Rules: Sync {
    /// How correlations are linked to rules.
    fn links(&self) -> &dyn LinkRules {
        &Specification
    }

    /// Has a rule's log source everything that a filter's asks for?
    fn covers(&self, filter: &LogSource<'_>, rule: &LogSource<'_>) -> bool {
        covers(filter, rule)
    }

    /// Can the filter be joined to a rule? That its document is sound was seen to.
    fn check(&self, _filter: &Filter<'_>) -> Result<(), Diagnostic> {
        Ok(())
    }

    /// The name that a detection of a filter gets in a rule. `number` counts the filters of the rule
    /// from 0.
    fn name(
        &self,
        filter: &Filter<'_>,
        own: &str,
        _number: usize,
        detections: &Detections<'_>,
    ) -> String {
        name_of(filter, own, detections)
    }

    /// Do the rule's own selectors range over the filters' detections, too?
    fn selects_joined(&self) -> bool {
        false
    }

    /// Is each filter joined to what the ones before it made, `((rule) and (first)) and (second)`?
    fn nests_filters(&self) -> bool {
        false
    }

    /// Is it reported that a filter names a rule that is not there, or a correlation?
    fn checks_references(&self) -> bool {
        true
    }
}

impl Rules for Specification {}
