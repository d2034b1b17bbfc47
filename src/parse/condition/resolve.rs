//! Checks the names of a condition against the rule's detections.
//!
//! In: a condition and the rule's detections. Out: a diagnostic for each name without a detection and
//! each selector that matches none.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::parse::Rules;
use crate::rule::{ConditionExpr, Detections, Selector, Text};

/// The number of faults of a rule for which a similar name is searched: each is compared with all
/// detections.
const MOST_SUGGESTIONS: usize = 20;

/// Checks every name and selector of an expression against the detections.
pub fn resolve(
    expr: &ConditionExpr<'_>,
    detections: &Detections<'_>,
    rules: &dyn Rules,
    diagnostics: &mut Vec<Diagnostic>,
) {
    match expr {
        ConditionExpr::Or(operands) | ConditionExpr::And(operands) => {
            for operand in operands {
                resolve(operand, detections, rules, diagnostics);
            }
        }
        ConditionExpr::Not(_, operand) | ConditionExpr::Group(operand) => {
            resolve(operand, detections, rules, diagnostics);
        }
        ConditionExpr::Identifier(name) => {
            if detections.get(name).is_none() {
                let is_many = diagnostics.len() > MOST_SUGGESTIONS;
                diagnostics.push(unknown(name, detections, is_many));
            }
        }
        ConditionExpr::Selector(selector) => {
            let is_many = diagnostics.len() > MOST_SUGGESTIONS;
            diagnostics.extend(empty(selector, detections, rules, is_many));
        }
    }
}

fn unknown(name: &Text<'_>, detections: &Detections<'_>, is_many: bool) -> Diagnostic {
    let error = Diagnostic::error(
        Code::UnknownDetection,
        format!("expected the name of a detection, found `{}`", name.value),
    )
    .at(name.span);
    if is_many {
        return error;
    }
    match nearest(name, names(detections)) {
        Some(near) => match name.chars().find(|c| !c.is_ascii() && !near.contains(*c)) {
            Some(odd) => error.help(format!(
                "did you mean `{near}`? `{odd}` is U+{:04X}, which only looks like a letter of it",
                u32::from(odd)
            )),
            None => error.help(format!("did you mean `{near}`?")),
        },
        None if detections.named.is_empty() => error.help("add a detection; the rule has none"),
        None => error.help(format!(
            "use one of the rule's detections: {}",
            names(detections)
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

fn empty(
    selector: &Selector<'_>,
    detections: &Detections<'_>,
    rules: &dyn Rules,
    is_many: bool,
) -> Option<Diagnostic> {
    if rules.enters(selector) {
        return detections
            .get(&selector.pattern)
            .is_none()
            .then(|| unknown(&selector.pattern, detections, is_many));
    }
    if names(detections).any(|name| selector.selects(name)) {
        return None;
    }
    let message = format!(
        "expected `{}` to match a detection, found none of that name",
        selector.pattern.value
    );
    let diagnostic = rules.empty_selector(message);
    if is_many {
        return Some(diagnostic.at(selector.span));
    }
    let stem = selector.pattern.trim_matches('*');
    if let Some(pattern) = widened(stem, detections).filter(|_| !selector.is_them()) {
        let help = format!("did you mean `{pattern}`?");
        return Some(diagnostic.at(selector.span).help(help));
    }
    let near = nearest(
        stem,
        names(detections).map(|name| &name[..common(name, stem)]),
    );
    let near = near.filter(|near| !near.is_empty());
    let near = near.or_else(|| nearest(stem, ["them"]).filter(|_| !selector.is_them()));
    Some(match near {
        Some(near) => diagnostic.at(selector.span).help(format!(
            "did you mean `{}`?",
            selector.pattern.replace(stem, near)
        )),
        None => diagnostic.at(selector.span).help(
            "add the detection, or remove the selector; names that begin with `_` are not selected",
        ),
    })
}

/// The pattern for the detections whose names begin with a selector's stem: `selection_*`.
fn widened(stem: &str, detections: &Detections<'_>) -> Option<String> {
    let mut rests = names(detections)
        .filter_map(|name| name.strip_prefix(stem))
        .peekable();
    rests.peek()?;
    let sign = if rests.all(|rest| rest.starts_with('_')) {
        "_"
    } else {
        ""
    };
    Some(format!("{stem}{sign}*"))
}

/// How much of a name to compare with a pattern's stem of that many characters.
fn common(name: &str, stem: &str) -> usize {
    name.char_indices()
        .nth(stem.chars().count())
        .map_or(name.len(), |(at, _)| at)
}

fn names<'d>(detections: &'d Detections<'_>) -> impl Iterator<Item = &'d str> {
    detections.named.iter().map(|(name, _)| name.value.as_ref())
}
