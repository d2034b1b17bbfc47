//! Applies value modifiers.
//!
//! In: a rule's items with their modifiers. Out: the same items with typed values:
//! `CommandLine|contains: foo` holds `*foo*`, `Port|gte: 1024` a comparison, `|all` and `|neq` set
//! the item's link and negation. (Specification: *modifiers appendix*.)
//!
//! `action` is the one table from name to function; each family has a file.

pub(crate) mod affix;
mod bound;
pub(crate) mod case;
mod compare;
pub(crate) mod encoding;
pub(crate) mod existence;
pub(crate) mod expand;
mod fault;
mod list;
pub(crate) mod network;
pub(crate) mod reference;
pub(crate) mod regex;
mod rules;
mod time;
pub(crate) mod windash;

use crate::diagnostic::{Code, Diagnostic};
use crate::rule::{Comparison, Detection, DetectionNode, Item, Modifier, Rule, TimePart, Value};
use crate::source::{Span, Spanned};
pub use bound::ModifierBudget;
pub use encoding::Charset;
pub use fault::ModifierFault;
pub use rules::Rules;

/// Applies the modifiers of every item of a rule.
///
/// Errors among the diagnostics mean that the rule can't be converted; the other items are changed
/// all the same, so that every fault is found.
pub fn apply(rule: &mut Rule<'_>, rules: &(impl AsRef<dyn Rules> + ?Sized)) -> Vec<Diagnostic> {
    apply_in(rule, rules.as_ref(), &ModifierBudget::default())
}

/// Applies the modifiers of a rule that shares its budget with others of its file.
pub fn apply_in(
    rule: &mut Rule<'_>,
    rules: &dyn Rules,
    budget: &ModifierBudget,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    budget.begin();
    for (_, detection) in &mut rule.detection.named {
        apply_detection(detection, rules, budget, &mut diagnostics);
    }
    diagnostics
}

fn apply_detection(
    detection: &mut Detection<'_>,
    rules: &dyn Rules,
    budget: &ModifierBudget,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for node in &mut detection.nodes {
        if budget.is_exceeded() {
            return;
        }
        match node {
            DetectionNode::Detection(detection) => {
                apply_detection(detection, rules, budget, diagnostics);
            }
            DetectionNode::Item(item) if item.modifiers.is_empty() => {}
            DetectionNode::Item(item) => {
                diagnostics.extend(rules.doubts(item));
                let written = rules.may_be_faulty(item).then(|| item.clone());
                match (apply_item_in(item, rules, budget), written) {
                    (Ok(()), Some(written)) => diagnostics.extend(rules.faults(&written, item)),
                    (Ok(()), None) => {}
                    (Err(error), _) => diagnostics.push(error),
                }
            }
        }
    }
}

/// Applies the modifiers of one item, in order. Call it once: the item keeps its modifiers for later
/// stages.
///
/// # Errors
/// The first modifier that can't be applied (`VS04…`), at the modifier if the chain is at fault,
/// else at the value.
pub fn apply_item(item: &mut Item<'_>, rules: &dyn Rules) -> Result<(), Diagnostic> {
    apply_item_in(item, rules, &ModifierBudget::default())
}

fn apply_item_in(
    item: &mut Item<'_>,
    rules: &dyn Rules,
    budget: &ModifierBudget,
) -> Result<(), Diagnostic> {
    if item.modifiers.is_empty() {
        return Ok(());
    }
    let modifiers = std::mem::take(&mut item.modifiers);
    let result = apply_chain(item, &modifiers, rules, budget);
    item.modifiers = modifiers;
    result
}

fn apply_chain(
    item: &mut Item<'_>,
    modifiers: &[Spanned<Modifier>],
    rules: &dyn Rules,
    budget: &ModifierBudget,
) -> Result<(), Diagnostic> {
    let mut charset = Charset::Utf8;
    for (index, &modifier) in modifiers.iter().enumerate() {
        let mut step = Step {
            modifier,
            earlier: &modifiers[..index],
            later: &modifiers[index + 1..],
            charset: Charset::Utf8,
            keyword: item.field.is_none(),
            budget,
        };
        if let Some(carried) = rules.begin(&step)? {
            charset = carried;
            continue;
        }
        let function = match rules.action(modifier.value) {
            Action::Item(change) => {
                change(item);
                continue;
            }
            Action::Value(function) => function,
        };
        step.charset = std::mem::take(&mut charset);
        for Spanned { value, span } in &mut item.values {
            let written = std::mem::replace(value, Value::Null);
            *value = each(function, written, &step)
                .and_then(|value| bound::check(&value, &step).map(|()| value))
                .map_err(|fault| step.report(fault, *span))?;
        }
    }
    Ok(())
}

/// What a modifier is applied to and among.
#[derive(Debug)]
pub struct Step<'a> {
    pub(crate) modifier: Spanned<Modifier>,
    /// The modifiers before it in the chain.
    pub(crate) earlier: &'a [Spanned<Modifier>],
    /// The modifiers after it.
    pub(crate) later: &'a [Spanned<Modifier>],
    /// The bytes that an encoder encodes: what `utf16le` before a `base64` left to it.
    charset: Charset,
    /// Has the item no field?
    keyword: bool,
    /// What the rule's modifiers may still make.
    budget: &'a ModifierBudget,
}

/// A modifier's work on one value.
pub type ValueFunction = for<'s> fn(Value<'s>, &Step<'_>) -> Result<Value<'s>, ModifierFault>;

/// What a modifier changes.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// Each value.
    Value(ValueFunction),
    /// How the item takes its values.
    Item(fn(&mut Item<'_>)),
}

/// The table of modifiers.
pub(crate) const fn action(modifier: Modifier) -> Action {
    use Modifier as M;
    match modifier {
        M::All => Action::Item(list::all),
        M::Neq => Action::Item(list::neq),
        M::StartsWith => Action::Value(|value, _| affix::affix(value, false, true)),
        M::EndsWith => Action::Value(|value, _| affix::affix(value, true, false)),
        M::Contains => Action::Value(|value, _| affix::affix(value, true, true)),
        M::Exists => Action::Value(existence::exists),
        M::Cased => Action::Value(case::cased),
        M::WinDash => Action::Value(windash::windash),
        M::Re => Action::Value(regex::re),
        M::ReIgnoreCase => Action::Value(|value, _| regex::flag(value, |f| f.ignore_case = true)),
        M::ReMultiLine => Action::Value(|value, _| regex::flag(value, |f| f.multi_line = true)),
        M::ReDotAll => Action::Value(|value, _| regex::flag(value, |f| f.dot_all = true)),
        M::Base64 => Action::Value(encoding::base64),
        M::Base64Offset => Action::Value(encoding::base64offset),
        M::Utf16Le => Action::Value(|value, step| encoding::utf16(value, step, Charset::Utf16Le)),
        M::Utf16Be => Action::Value(|value, step| encoding::utf16(value, step, Charset::Utf16Be)),
        M::Utf16 => Action::Value(|value, step| encoding::utf16(value, step, Charset::Utf16)),
        M::Lt => Action::Value(|value, _| compare::compare(value, Comparison::Lt)),
        M::Lte => Action::Value(|value, _| compare::compare(value, Comparison::Lte)),
        M::Gt => Action::Value(|value, _| compare::compare(value, Comparison::Gt)),
        M::Gte => Action::Value(|value, _| compare::compare(value, Comparison::Gte)),
        M::Minute => Action::Value(|value, step| time::time(value, step, TimePart::Minute)),
        M::Hour => Action::Value(|value, step| time::time(value, step, TimePart::Hour)),
        M::Day => Action::Value(|value, step| time::time(value, step, TimePart::Day)),
        M::Week => Action::Value(|value, step| time::time(value, step, TimePart::Week)),
        M::Month => Action::Value(|value, step| time::time(value, step, TimePart::Month)),
        M::Year => Action::Value(|value, step| time::time(value, step, TimePart::Year)),
        M::Cidr => Action::Value(network::cidr),
        M::Expand => Action::Value(expand::expand),
        M::FieldRef => Action::Value(reference::fieldref),
    }
}

/// A modifier after an expansion applies to each alternative.
fn each<'s>(
    function: ValueFunction,
    value: Value<'s>,
    step: &Step<'_>,
) -> Result<Value<'s>, ModifierFault> {
    match value {
        Value::Expansion(values) => values
            .into_iter()
            .map(|value| each(function, value, step))
            .collect::<Result<_, _>>()
            .map(Value::Expansion),
        value => {
            let before = bound::weight(&value);
            let value = function(value, step)?;
            bound::take(before, &value, step)?;
            Ok(value)
        }
    }
}

/// `all` and `neq` change how the values are taken, not the values.
const fn takes_values(modifier: Modifier) -> bool {
    !matches!(modifier, Modifier::All | Modifier::Neq)
}

impl Step<'_> {
    /// The nearest modifier before this one that changed the value.
    fn before(&self) -> Option<Modifier> {
        self.earlier
            .iter()
            .rev()
            .map(|modifier| modifier.value)
            .find(|&modifier| takes_values(modifier))
    }

    /// Some modifiers take only values as they were written.
    fn first(&self) -> Result<(), ModifierFault> {
        self.before()
            .map_or(Ok(()), |earlier| Err(ModifierFault::NotFirst(earlier)))
    }

    /// A repeated modifier is a mistake, except for encodings.
    fn once(&self) -> Result<(), Diagnostic> {
        use Modifier as M;
        let modifier = self.modifier.value;
        let twice = !matches!(modifier, M::Base64 | M::Utf16Le | M::Utf16Be | M::Utf16)
            && self.earlier.iter().any(|earlier| earlier.value == modifier);
        if !twice {
            return Ok(());
        }
        let name = modifier.name();
        Err(Diagnostic::error(
            Code::ModifierOrder,
            format!("expected each modifier once, found `{name}` again"),
        )
        .at(self.modifier.span)
        .help("remove the second one"))
    }

    fn report(&self, fault: ModifierFault, value: Span) -> Diagnostic {
        fault.diagnostic(self, value)
    }
}

#[cfg(test)]
#[cfg(feature = "compat")]
mod tests;
