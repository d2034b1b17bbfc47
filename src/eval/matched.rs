//! The values for which an event matches.
//!
//! In: a [`Matcher`] and an [`Event`] that it matches. Out: [`MatchedValue`]s, those of the tests that
//! hold: `Image` with `C:\Windows\cmd.exe`. What a rule excludes has no value here.

use super::event::{Event, Scalar};
use super::matcher::{Leaf, Matcher, Plan};
use crate::lower::Operator;
use std::collections::BTreeSet;

/// No more values than this are given for one test.
const MOST_VALUES: usize = 4;

/// A value that a test found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchedValue<'r> {
    /// The field; none for a keyword, which is in any.
    pub field: Option<&'r str>,
    /// The value's text.
    pub value: String,
}

impl<'r> Matcher<'r> {
    /// The values for which it matches the event, each once, sorted by field; none where it does not.
    #[must_use]
    pub fn matched(&self, event: &Event) -> Vec<MatchedValue<'r>> {
        let mut found = BTreeSet::new();
        if let Some(plan) = self.plan.as_ref().filter(|plan| plan.holds(event)) {
            plan.matched(event, &mut found);
        }
        found.into_iter().collect()
    }
}

impl<'r> Plan<'r> {
    /// Collects the values of a plan that holds.
    fn matched(&self, event: &Event, found: &mut BTreeSet<MatchedValue<'r>>) {
        match self {
            Self::Group(operator, _, plans) => {
                for plan in plans {
                    if *operator == Operator::And || plan.holds(event) {
                        plan.matched(event, found);
                    }
                }
            }
            Self::Not(_) => {}
            Self::Test(leaf) => leaf.matched(event, found),
        }
    }
}

impl<'r> Leaf<'r> {
    fn matched(&self, event: &Event, found: &mut BTreeSet<MatchedValue<'r>>) {
        let mut values = Vec::new();
        let mut visit = |scalar: &Scalar| {
            if self.check.takes(scalar) {
                values.extend(scalar.as_text().map(str::to_owned));
            }
            values.len() >= MOST_VALUES
        };
        match self.field {
            None => drop(event.any(&mut visit)),
            Some(field) => {
                for node in event.field(field).unwrap_or_default() {
                    if node.any_element(&mut visit) {
                        break;
                    }
                }
                // A test of the field, not of a value: it is there, or equals another.
                if values.is_empty() {
                    values.extend(event.value(field).map(std::borrow::Cow::into_owned));
                }
            }
        }
        let field = self.field;
        found.extend(
            values
                .into_iter()
                .map(|value| MatchedValue { field, value }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::lower::lower;
    use crate::transpile::prepare;
    use serde_json::json;

    #[test]
    fn values_of_what_holds_are_given() {
        let text = "title: t\nlogsource: {product: x}\ndetection:\n  s: {Image|endswith: [\\cmd.exe, \\a.exe], Args|contains: '/c'}\n  k: [whoami, other]\n  f: {User: root}\n  condition: s and k and not f\n";
        let prepared = prepare(text, &Dialect::SPECIFICATION).expect("YAML");
        let rule = prepared[0].rule().expect("a rule");
        let lowered = lower(rule, &Dialect::SPECIFICATION);
        let matcher = Matcher::new(&lowered[0].expr).expect("testable");
        let event = json!({"Image": "C:\\CMD.exe", "Args": ["/c whoami", "x"], "User": "ann"});
        let found = matcher.matched(&Event::new(&event));
        let shown: Vec<_> = found.iter().map(|one| (one.field, &*one.value)).collect();
        assert_eq!(
            shown,
            [
                (None, "/c whoami"),
                (Some("Args"), "/c whoami"),
                (Some("Image"), "C:\\CMD.exe")
            ]
        );
        let other = json!({"Image": "C:\\CMD.exe", "Args": "/c whoami", "User": "root"});
        assert_eq!(matcher.matched(&Event::new(&other)), []);
    }
}
