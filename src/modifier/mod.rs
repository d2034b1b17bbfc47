//! Value modifiers: what was written becomes what is meant.
//!
//! In: a rule's items with their modifiers. Out: the same items with typed values:
//! `CommandLine|contains: foo` holds `*foo*`, `Port|gte: 1024` a comparison, `|all` and `|neq` set
//! the item's link and negation. (Specification: *modifiers appendix*.)
//!
//! `action` is the one table from name to function; each family has a file.

mod affix;
mod bound;
mod case;
mod compare;
mod encoding;
mod existence;
mod expand;
mod fault;
mod list;
mod network;
mod reference;
mod regex;
mod strays;
mod time;
mod windash;

use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::rule::{Detection, DetectionNode, Item, Modifier, Rule, Value};
use crate::source::{Span, Spanned};
pub use bound::Room;
use encoding::Charset;
use fault::Fault;

/// Applies the modifiers of every item of a rule.
///
/// Errors among the diagnostics mean that the rule can't be converted; the other items are changed
/// nevertheless, so that every fault is found.
pub fn apply(rule: &mut Rule<'_>, dialect: &Dialect) -> Vec<Diagnostic> {
    apply_in(rule, dialect, &Room::default())
}

/// Applies the modifiers of a rule, within a limit that the rules of its file share.
pub fn apply_in(rule: &mut Rule<'_>, dialect: &Dialect, room: &Room) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    room.begin();
    for (_, detection) in &mut rule.detection.named {
        apply_detection(detection, dialect, room, &mut diagnostics);
    }
    diagnostics
}

fn apply_detection(
    detection: &mut Detection<'_>,
    dialect: &Dialect,
    room: &Room,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for node in &mut detection.nodes {
        if room.is_exceeded() {
            return;
        }
        match node {
            DetectionNode::Detection(detection) => {
                apply_detection(detection, dialect, room, diagnostics);
            }
            DetectionNode::Item(item) => {
                diagnostics.extend(list::all_of_one(item, dialect));
                diagnostics.extend(affix::of_keyword(item, dialect));
                let may_stray = dialect.pysigma_values && strays::may_stray(item);
                let written = may_stray.then(|| item.clone());
                match (apply_item_in(item, dialect, room), written) {
                    (Ok(()), Some(written)) => diagnostics.extend(strays::strays(&written, item)),
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
pub fn apply_item(item: &mut Item<'_>, dialect: &Dialect) -> Result<(), Diagnostic> {
    apply_item_in(item, dialect, &Room::default())
}

fn apply_item_in(item: &mut Item<'_>, dialect: &Dialect, room: &Room) -> Result<(), Diagnostic> {
    if item.modifiers.is_empty() {
        return Ok(());
    }
    let modifiers = std::mem::take(&mut item.modifiers);
    let result = apply_chain(item, &modifiers, dialect, room);
    item.modifiers = modifiers;
    result
}

fn apply_chain(
    item: &mut Item<'_>,
    modifiers: &[Spanned<Modifier>],
    dialect: &Dialect,
    room: &Room,
) -> Result<(), Diagnostic> {
    let mut charset = Charset::Utf8;
    for (index, &modifier) in modifiers.iter().enumerate() {
        let (earlier, later) = (&modifiers[..index], &modifiers[index + 1..]);
        let mut step = Step {
            modifier,
            earlier,
            later,
            charset: Charset::Utf8,
            keyword: item.field.is_none(),
            dialect,
            room,
        };
        if !dialect.pysigma_values {
            step.once()?;
            if let Some(carried) = encoding::carried(modifier.value, later) {
                charset = carried;
                continue;
            }
        }
        let function = match action(modifier.value) {
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
struct Step<'a> {
    modifier: Spanned<Modifier>,
    /// The modifiers before it in the chain.
    earlier: &'a [Spanned<Modifier>],
    /// The modifiers after it.
    later: &'a [Spanned<Modifier>],
    /// The bytes that an encoder natively encodes: what `utf16le` before a `base64` left to it.
    charset: Charset,
    /// Has the item no field?
    keyword: bool,
    dialect: &'a Dialect,
    /// Bytes that the rule's modifiers may still make.
    room: &'a Room,
}

/// The function of a modifier that changes one value.
type Function = for<'s> fn(Value<'s>, &Step<'_>) -> Result<Value<'s>, Fault>;

/// What a modifier changes.
enum Action {
    /// Each value.
    Value(Function),
    /// How the item takes its values.
    Item(fn(&mut Item<'_>)),
}

/// The table of modifiers.
const fn action(modifier: Modifier) -> Action {
    use Modifier as M;
    match modifier {
        M::All => Action::Item(list::all),
        M::Neq => Action::Item(list::neq),
        M::StartsWith => Action::Value(affix::startswith),
        M::EndsWith => Action::Value(affix::endswith),
        M::Contains => Action::Value(affix::contains),
        M::Exists => Action::Value(existence::exists),
        M::Cased => Action::Value(case::cased),
        M::WinDash => Action::Value(windash::windash),
        M::Re => Action::Value(regex::re),
        M::ReIgnoreCase => Action::Value(regex::ignore_case),
        M::ReMultiLine => Action::Value(regex::multi_line),
        M::ReDotAll => Action::Value(regex::dot_all),
        M::Base64 => Action::Value(encoding::base64),
        M::Base64Offset => Action::Value(encoding::base64offset),
        M::Utf16Le => Action::Value(encoding::utf16le),
        M::Utf16Be => Action::Value(encoding::utf16be),
        M::Utf16 => Action::Value(encoding::utf16),
        M::Lt => Action::Value(compare::lt),
        M::Lte => Action::Value(compare::lte),
        M::Gt => Action::Value(compare::gt),
        M::Gte => Action::Value(compare::gte),
        M::Minute => Action::Value(time::minute),
        M::Hour => Action::Value(time::hour),
        M::Day => Action::Value(time::day),
        M::Week => Action::Value(time::week),
        M::Month => Action::Value(time::month),
        M::Year => Action::Value(time::year),
        M::Cidr => Action::Value(network::cidr),
        M::Expand => Action::Value(expand::expand),
        M::FieldRef => Action::Value(reference::fieldref),
    }
}

/// A modifier after an expansion applies to each alternative.
fn each<'s>(function: Function, value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, Fault> {
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
    matches!(action(modifier), Action::Value(_))
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

    /// Some modifiers take only values as they were written. pySigma counts even `all` before them.
    fn first(&self) -> Result<(), Fault> {
        let at_fault = if self.dialect.pysigma_values {
            self.earlier.last().map(|modifier| modifier.value)
        } else {
            self.before()
        };
        at_fault.map_or(Ok(()), |earlier| Err(Fault::NotFirst(earlier)))
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

    fn report(&self, fault: Fault, value: Span) -> Diagnostic {
        fault.diagnostic(self, value)
    }
}

#[cfg(test)]
mod tests;
