//! Joining filters to a rule.
//!
//! In: a rule whose modifiers were applied, and the filters that apply to it. Out: the rule with their
//! detections, and with `(rule) and (filter)` for each of its conditions. Done on the tree, before
//! pipelines, so that field names of a filter are mapped as the rule's own.
//!
//! For a rule with the condition `1 of sel_*` and a filter `Admins` with `not selection`, the
//! condition becomes `(1 of sel_*) and (not selection)`, where the last is the filter's own selection,
//! over which `sel_*` does not range. It goes by the name `Admins: selection`.

use super::Rules;
use crate::rule::{
    Condition, ConditionExpr, Detection, DetectionNode, Detections, Filter, Item, JoinedFilter,
    Quantifier, Rule, Selector, Text,
};
use crate::source::{Span, Spanned};
use std::borrow::Cow;

/// A filter that applies to a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applied<'f, 's> {
    /// The filter, its modifiers applied.
    pub filter: &'f Filter<'s>,
    /// Does it come from another file than the rule? Its places mean nothing in the rule's file.
    pub is_foreign: bool,
}

/// Joins filters to a rule, in their order: each of the rule's conditions `c` becomes
/// `(c) and (first) and (second)`.
pub(super) fn join<'s>(rule: &mut Rule<'s>, filters: &[Applied<'_, 's>], rules: &dyn Rules) {
    let conditions = rule.detection.conditions.iter();
    let places: Vec<Span> = conditions.map(|condition| condition.text.span).collect();
    let Some(&first) = places.first() else {
        return;
    };
    // The operands that each condition gets.
    let mut joined: Vec<Vec<ConditionExpr<'s>>> = vec![Vec::new(); places.len()];
    for (number, Applied { filter, is_foreign }) in filters.iter().enumerate() {
        let Some(condition) = filter.rule.detection.conditions.first() else {
            continue;
        };
        rule.detection.filters.push(JoinedFilter {
            title: filter.rule.title.value.clone(),
            id: filter.rule.id.as_ref().map(|id| id.value.clone()),
            is_foreign: *is_foreign,
        });
        let mut names = Vec::new();
        for (own, detection) in &filter.rule.detection.named {
            let name = rules.name(filter, own, number, &rule.detection);
            let mut name: Text<'s> = Spanned::new(Cow::Owned(name), own.span);
            let mut detection = detection.clone();
            if *is_foreign {
                name.span = first;
                place_detection(&mut detection, first);
            }
            names.push((own.value.as_ref(), name.value.clone()));
            if !rules.selects_joined() {
                rule.detection.joined.push(name.value.clone());
            }
            rule.detection.named.push((name, detection));
        }
        for (operands, place) in joined.iter_mut().zip(&places) {
            let place = is_foreign.then_some(*place);
            operands.push(renamed(&condition.expr, &names, place));
        }
    }
    let conditions = rule.detection.conditions.iter_mut();
    for (condition, operands) in conditions.zip(joined) {
        if rules.nests_filters() {
            for operand in operands {
                add(condition, vec![operand]);
            }
        } else {
            add(condition, operands);
        }
    }
}

fn add<'s>(condition: &mut Condition<'s>, operands: Vec<ConditionExpr<'s>>) {
    if operands.is_empty() {
        return;
    }
    let own = std::mem::replace(&mut condition.expr, ConditionExpr::And(Vec::new()));
    let operands = std::iter::once(own).chain(operands);
    let groups = operands.map(|operand| ConditionExpr::Group(Box::new(operand)));
    condition.expr = ConditionExpr::And(groups.collect());
}

/// A filter's condition with the names that its detections have in a rule. Selectors become the
/// detections that they range over. At that place, if one is given.
fn renamed<'s>(
    expr: &ConditionExpr<'s>,
    names: &[(&str, Cow<'s, str>)],
    place: Option<Span>,
) -> ConditionExpr<'s> {
    let all = |operands: &[ConditionExpr<'s>]| {
        let operands = operands.iter();
        operands
            .map(|operand| renamed(operand, names, place))
            .collect()
    };
    match expr {
        ConditionExpr::Or(operands) => ConditionExpr::Or(all(operands)),
        ConditionExpr::And(operands) => ConditionExpr::And(all(operands)),
        ConditionExpr::Not(span, operand) => ConditionExpr::Not(
            place.unwrap_or(*span),
            Box::new(renamed(operand, names, place)),
        ),
        ConditionExpr::Group(operand) => {
            ConditionExpr::Group(Box::new(renamed(operand, names, place)))
        }
        ConditionExpr::Identifier(name) => {
            let known = names.iter().find(|(own, _)| *own == name.value);
            let known = known.map_or_else(|| name.value.clone(), |(_, name)| name.clone());
            ConditionExpr::Identifier(Spanned::new(known, place.unwrap_or(name.span)))
        }
        ConditionExpr::Selector(selector) => selected(selector, names, place),
    }
}

fn selected<'s>(
    selector: &Selector<'s>,
    names: &[(&str, Cow<'s, str>)],
    place: Option<Span>,
) -> ConditionExpr<'s> {
    let span = place.unwrap_or(selector.span);
    let ranged = names.iter().filter(|(own, _)| selector.selects(own));
    let identifier = |(_, name): &(&str, Cow<'s, str>)| {
        ConditionExpr::Identifier(Spanned::new(name.clone(), span))
    };
    let mut operands: Vec<_> = ranged.map(identifier).collect();
    if operands.len() == 1 {
        return operands.remove(0);
    }
    let operands = match selector.quantifier {
        Quantifier::One | Quantifier::Any => ConditionExpr::Or(operands),
        Quantifier::All => ConditionExpr::And(operands),
    };
    ConditionExpr::Group(Box::new(operands))
}

/// `Admins: selection`, or with a number where the rule has that name already.
pub(super) fn name_of(filter: &Filter<'_>, own: &str, detections: &Detections<'_>) -> String {
    let filter = filter.rule.name.as_ref().unwrap_or(&filter.rule.title);
    let name = format!("{}: {own}", filter.value);
    let mut numbers = (2..).map(|number| format!("{name} ({number})"));
    let mut free = name.clone();
    while detections.get(&free).is_some() {
        // The numbers never end.
        let Some(next) = numbers.next() else { break };
        free = next;
    }
    free
}

/// Gives a detection and all of its parts a place.
fn place_detection(detection: &mut Detection<'_>, place: Span) {
    detection.span = place;
    for node in &mut detection.nodes {
        match node {
            DetectionNode::Item(item) => place_item(item, place),
            DetectionNode::Detection(detection) => place_detection(detection, place),
        }
    }
}

fn place_item(item: &mut Item<'_>, place: Span) {
    item.key = place;
    for modifier in &mut item.modifiers {
        modifier.span = place;
    }
    for value in &mut item.values {
        value.span = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::index::applies;
    use crate::lower::lower;
    use crate::parse;
    use crate::rule::{Document, FilterRules};

    const FILTER: &str = "title: Admins
logsource: {product: Windows}
detection:
  user: {User: adm}
  host_a: {Host: a}
  host_b: {Host: b}
  condition: not user and not 1 of host_*
";

    fn rule(text: &str) -> Rule<'_> {
        match parse::parse(text, &Dialect::SPECIFICATION)
            .remove(0)
            .document
        {
            Some(Document::Rule(rule)) => *rule,
            other => panic!("expected a rule, found {other:?}"),
        }
    }

    fn filter<'s>(text: &'s str, names: &[&'static str]) -> Filter<'s> {
        let names = names
            .iter()
            .map(|name| Spanned::new(Cow::Borrowed(*name), Span::default()));
        let rules = match names.len() {
            0 => FilterRules::Any(Span::default()),
            _ => FilterRules::Named(names.collect()),
        };
        Filter {
            rule: rule(text),
            span: Span::default(),
            rules,
        }
    }

    fn subject(logsource: &str) -> String {
        format!(
            "title: r\nid: 5DB65F10-1b08-544c-9a87-2ce6501ddd30\nname: rar\n\
             logsource: {logsource}\ndetection: {{sel: {{A: 1}}, condition: 1 of them}}\n"
        )
    }

    #[test]
    fn references_and_the_log_source_decide() {
        let specification: &dyn Rules = &crate::profile::Specification;
        for (logsource, names, expected) in [
            ("{product: windows}", &[][..], true),
            ("{product: windows, service: system}", &[], true),
            ("{product: linux}", &[], false),
            ("{category: process_creation}", &[], false),
            ("{product: windows}", &["rar"], true),
            ("{product: windows}", &["Rar"], false),
            (
                "{product: windows}",
                &["5db65f10-1B08-544c-9a87-2ce6501ddd30"],
                true,
            ),
            ("{product: windows}", &["r"], false),
            ("{product: windows}", &["other", "rar"], true),
            ("{product: linux}", &["rar"], false),
        ] {
            let text = subject(logsource);
            let found = applies(&filter(FILTER, names), &rule(&text), specification);
            assert_eq!(found, expected, "{logsource} {names:?}");
        }
    }

    #[test]
    fn attributes_of_ones_own_count() {
        let text = FILTER.replace("Windows}", "windows, tenant: Acme}");
        for (logsource, expected) in [
            ("{product: windows, tenant: acme}", true),
            ("{product: windows, tenant: other}", false),
            ("{product: windows}", false),
        ] {
            let (filter, subject) = (filter(&text, &[]), subject(logsource));
            let found = applies(&filter, &rule(&subject), &crate::profile::Specification);
            assert_eq!(found, expected, "{logsource}");
        }
    }

    #[test]
    fn a_filter_is_joined_beside_the_rules_own_detections() {
        let text = subject("{product: windows}");
        let mut subject = rule(&text);
        let filter = filter(FILTER, &[]);
        let twice = [true, false].map(|is_foreign| Applied {
            filter: &filter,
            is_foreign,
        });
        join(&mut subject, &twice, &crate::profile::Specification);
        let names: Vec<&str> = subject
            .detection
            .joined
            .iter()
            .map(|name| &**name)
            .collect();
        assert_eq!(names[..2], ["Admins: user", "Admins: host_a"]);
        assert_eq!(names[3..5], ["Admins: user (2)", "Admins: host_a (2)"]);
        let place = subject.detection.conditions[0].text.span;
        let foreign = subject.detection.get("Admins: user").expect("joined");
        assert_eq!(foreign.span, place);
        // `1 of them` is over the rule's own detection alone.
        let shown = format!("{:?}", lower(&subject, &Dialect::SPECIFICATION)[0].expr);
        assert_eq!(shown.matches("field: \"A\"").count(), 1);
        assert_eq!(shown.matches("field: \"User\"").count(), 2);
        assert_eq!(shown.matches("field: \"Host\"").count(), 4);
    }
}
