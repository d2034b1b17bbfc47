//! Tests: a field and a value, or a keyword, by the templates of a language.

use super::fault::Form;
use super::kind::{keyword_kind, kind};
use super::writer::{Context, Leaf, Writer};
use super::{Reason, Refusal, chain, number};
use crate::backend::language::{Kind, Loss, Saying, Strength};
use crate::backend::literal::Unsayable;
use crate::backend::template::{Slot, Template};
use crate::diagnostic::{Code, Diagnostic};
use crate::pattern::Departure;
use crate::rule::{Comparison, Part, Pattern, Value};
use crate::source::Span;

/// A placeholder that no pipeline filled in.
pub(super) fn placeholder(pattern: &Pattern<'_>, span: Span) -> Option<Refusal> {
    Some(Refusal {
        span,
        reason: String::new(),
        diagnostic: Some(Box::new(unfilled(pattern, span)?)),
    })
}

/// The error of a placeholder that no pipeline filled in.
#[must_use]
pub fn unfilled(pattern: &Pattern<'_>, span: Span) -> Option<Diagnostic> {
    let name = pattern.placeholder()?;
    let message = format!("placeholder `%{name}%` is not filled in");
    let error = Diagnostic::error(Code::Placeholder, message).at(span);
    Some(error.help("give a pipeline (`-p`) that replaces it"))
}

/// Why a saying does not serve.
pub(super) enum Stop {
    Unsayable(Unsayable),
    Refused(String),
    /// No saying serves: the rule itself is wrong there.
    Wrong(Box<Diagnostic>),
}

impl From<Unsayable> for Stop {
    fn from(unsayable: Unsayable) -> Self {
        Self::Unsayable(unsayable)
    }
}

impl<'b> Writer<'b> {
    /// Writes a leaf by the first saying that serves.
    pub(super) fn say(&mut self, leaf: Leaf<'_>, context: Context) -> Result<Strength, Refusal> {
        if let Value::Query { expr, id } = leaf.value {
            return self.query_expression(leaf, expr, id);
        }
        let pattern = match leaf.value {
            Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
            Value::Regex(regex) if !self.language.regex_placeholders => Some(&regex.pattern),
            _ => None,
        };
        if let Some(refusal) = pattern.and_then(|pattern| placeholder(pattern, leaf.span)) {
            return Err(refusal);
        }
        let kind = match leaf.field {
            Some(_) => kind(leaf.value),
            None => keyword_kind(leaf.value).ok_or_else(|| {
                let reason = format!("{} needs a field", leaf.value.kind());
                Refusal::new(leaf.span, reason)
            })?,
        };
        self.say_kind(kind, leaf, context)
    }

    /// The words of a test's saying for what a `not` directly above makes of it.
    pub(super) fn negated_wording(&self, leaf: Leaf<'_>) -> Option<(&'b Saying, &'b Template)> {
        let language = self.language;
        let mut sayings = kind(leaf.value)
            .and_general()
            .flat_map(|kind| &language.tests[kind as usize]);
        let saying = sayings.find(|saying| self.serves(saying, leaf))?;
        Some((saying, saying.negated.as_ref()?))
    }

    /// Writes what a `not` directly above makes of a test, if its saying has words for that.
    pub(super) fn say_negated(&mut self, leaf: Leaf<'_>, context: Context) -> bool {
        let Some((saying, template)) = self.negated_wording(leaf) else {
            return false;
        };
        let start = self.out.len();
        match self.template(template, leaf) {
            Ok(departures) => {
                self.clauses += 1;
                self.depth = chain::TEST;
                self.note_loss(saying, leaf, context);
                self.note_departures(departures, leaf, context);
                self.note_faults(leaf, context, Form::Negated);
                true
            }
            Err(_) => {
                self.out.truncate(start);
                false
            }
        }
    }

    fn say_kind(
        &mut self,
        kind: Kind,
        leaf: Leaf<'_>,
        context: Context,
    ) -> Result<Strength, Refusal> {
        let mut why = None;
        // What a kind of its own refuses, a more general one does not say.
        let refuses = |kind: &Kind| {
            let sayings = &self.language.tests[*kind as usize];
            sayings.iter().any(|saying| saying.text.is_err())
        };
        let mut refused = false;
        let kinds = kind.and_general().take_while(|kind| {
            let goes_on = !refused;
            refused = refuses(kind);
            goes_on
        });
        let sayings = kinds.flat_map(|kind| &self.language.tests[kind as usize]);
        for saying in sayings {
            if !self.serves(saying, leaf) {
                continue;
            }
            let start = self.out.len();
            match self.saying_of(saying, leaf) {
                Ok(_)
                    if saying
                        .longest
                        .is_some_and(|longest| self.is_longer(start, longest)) =>
                {
                    self.out.truncate(start);
                    why.get_or_insert("it is too long".to_owned());
                }
                Ok(departures) => {
                    self.clauses += saying.clauses;
                    self.note_loss(saying, leaf, context);
                    self.note_departures(departures, leaf, context);
                    self.note_faults(leaf, context, Form::Alone);
                    return Ok(saying.binds);
                }
                Err(stop) => {
                    self.out.truncate(start);
                    why.get_or_insert(match stop {
                        Stop::Unsayable(unsayable) => format!("{unsayable} in a value"),
                        Stop::Refused(reason) => reason,
                        Stop::Wrong(diagnostic) => {
                            return Err(Refusal {
                                span: leaf.span,
                                reason: String::new(),
                                diagnostic: Some(diagnostic),
                            });
                        }
                    });
                }
            }
        }
        let reason = why.unwrap_or_else(|| format!("there are no words for {}", leaf.value.kind()));
        Err(Refusal::new(leaf.span, reason))
    }

    /// Were more characters than that written since `start`?
    fn is_longer(&self, start: usize, longest: usize) -> bool {
        let written = &self.out[start..];
        written.len() > longest && written.chars().count() > longest
    }

    /// A wording that tells its own loss has told of all letters.
    fn note_loss(&mut self, saying: &Saying, leaf: Leaf<'_>, context: Context) {
        if saying.fidelity.is_none() {
            self.note_folding(leaf, context);
        }
        if let Some((loss, text)) = &saying.fidelity {
            self.note(*loss, text.clone(), leaf, context);
        }
    }

    /// Notes why a test is not exact. Under a `not`, what matches more lets it miss.
    pub(super) fn note(&mut self, loss: Loss, text: String, leaf: Leaf<'_>, context: Context) {
        let loss = if context.negated {
            loss.negated()
        } else {
            loss
        };
        let span = leaf.span;
        self.reasons.push(Reason { loss, span, text });
    }

    fn note_departures(&mut self, departures: Vec<Departure>, leaf: Leaf<'_>, context: Context) {
        for departure in departures {
            let (loss, text) = match departure {
                Departure::Broader(text, _) => (Loss::Broader, text),
                Departure::Narrower(text, _) => (Loss::Narrower, text),
            };
            self.note(loss, text, leaf, context);
        }
    }

    fn query_expression(
        &mut self,
        leaf: Leaf<'_>,
        expr: &str,
        id: &str,
    ) -> Result<Strength, Refusal> {
        let mut field = String::new();
        if let Some(name) = leaf.field {
            self.language.field.write(name, &mut field);
        } else if expr.contains("{field}") {
            let reason = "its placeholder's query expression needs a field";
            return Err(Refusal::new(leaf.span, reason));
        }
        let text = expr.replace("{field}", &field).replace("{id}", id);
        self.out.push_str(&text);
        Ok(Strength::Atom)
    }

    /// Writes a saying, once for each name in the option that it is said for.
    fn saying_of(&mut self, saying: &Saying, leaf: Leaf<'_>) -> Result<Vec<Departure>, Stop> {
        let Some(option) = saying.each else {
            return self.saying(saying, leaf);
        };
        let (language, settings) = (self.language, self.settings);
        let (start, mut departures, mut said) = (self.out.len(), Vec::new(), Vec::new());
        for name in settings.names(option) {
            let leaf = Leaf {
                field: Some(name),
                ..leaf
            };
            departures = self.saying(saying, leaf)?;
            said.push(self.out.split_off(start));
        }
        let several = said.len() > 1;
        let chain = self.nested(said, &language.or);
        self.out.push_str(&chain);
        if several {
            self.wrap(start);
        }
        Ok(departures)
    }

    fn saying(&mut self, saying: &Saying, leaf: Leaf<'_>) -> Result<Vec<Departure>, Stop> {
        let template = saying
            .text
            .as_ref()
            .map_err(|reason| Stop::Refused(reason.clone()))?;
        self.template(template, leaf)
    }

    fn template(&mut self, template: &Template, leaf: Leaf<'_>) -> Result<Vec<Departure>, Stop> {
        let mut out = std::mem::take(&mut self.out);
        let mut departures = Vec::new();
        let written = template.write(&mut out, |slot, out| match slot {
            Slot::Regex(literal) => self.regex(leaf, literal, &mut departures, out),
            slot => self.fill(slot, leaf, out),
        });
        self.out = out;
        written.map(|()| departures)
    }

    fn fill(&self, slot: Slot, leaf: Leaf<'_>, out: &mut String) -> Result<(), Stop> {
        let language = self.language;
        match (slot, leaf.value) {
            (Slot::Field, _) => self.place(leaf.field.unwrap_or_default(), out),
            (Slot::FieldRaw, _) => out.push_str(leaf.field.unwrap_or_default()),
            (Slot::Value(literal), Value::String(pattern) | Value::Cased(pattern)) => {
                language.literals[literal].write(&pattern.parts, out)?;
            }
            (Slot::Literal(literal), Value::String(pattern) | Value::Cased(pattern)) => {
                language.literals[literal].write(trimmed(&pattern.parts), out)?;
            }
            (
                Slot::Number,
                Value::Number(number) | Value::Time(_, number) | Value::Compare(_, _, number),
            ) => out.push_str(&number.text),
            (
                Slot::ShortestNumber,
                Value::Number(number) | Value::Time(_, number) | Value::Compare(_, _, number),
            ) => out.push_str(&number.shortest()),
            (
                Slot::NumberIn(literal),
                Value::Number(number) | Value::Time(_, number) | Value::Compare(_, _, number),
            ) => language.literals[literal].write_text(&number.text, out)?,
            (Slot::NumberTexts(literal), Value::Number(number)) => {
                number::write(&number.texts(), ", ", &language.literals[literal], out)?;
            }
            (Slot::Spellings(literal), Value::Number(number)) => {
                let texts = number::spellings(number);
                number::write(&texts, ", ", &language.literals[literal], out)?;
            }
            (Slot::AddressIn(literal), Value::Cidr(network)) => {
                let address = network.net.network().to_string();
                language.literals[literal].write_text(&address, out)?;
            }
            (Slot::Boolean, Value::Bool(value)) => match &language.booleans {
                Some(words) => out.push_str(&words[usize::from(*value)]),
                None => return Err(Stop::Refused("there are no words for booleans".to_owned())),
            },
            (Slot::BooleanDigit, Value::Bool(value)) => out.push(if *value { '1' } else { '0' }),
            (Slot::Op, Value::Compare(comparison, ..)) => {
                out.push_str(&language.operators[sign(*comparison)]);
            }
            (Slot::Other, Value::FieldRef(reference)) => self.place(&reference.field, out),
            (Slot::OtherRaw, Value::FieldRef(reference)) => out.push_str(&reference.field),
            (Slot::Part, Value::Time(part, _) | Value::Compare(_, Some(part), _)) => {
                match language.time_parts.iter().find(|(known, _)| known == part) {
                    Some((_, word)) => word.write(out, |slot, out| self.fill(slot, leaf, out))?,
                    None => {
                        let reason = format!("there is no word for a time's {}", part.name());
                        return Err(Stop::Refused(reason));
                    }
                }
            }
            (Slot::Option(option), _) => out.push_str(self.settings.at(option)),
            (Slot::OptionName(option), _) => {
                language.field.write_dotted(self.settings.at(option), out);
            }
            (slot, Value::Cidr(network)) => super::network::fill(slot, network.net, out),
            _ => {}
        }
        Ok(())
    }
}

const fn sign(comparison: Comparison) -> usize {
    match comparison {
        Comparison::Lt => 0,
        Comparison::Lte => 1,
        Comparison::Gt => 2,
        Comparison::Gte => 3,
    }
}

/// A pattern without the `*` at its ends.
fn trimmed<'p, 's>(parts: &'p [Part<'s>]) -> &'p [Part<'s>] {
    let mut parts = parts;
    while let [Part::Any, rest @ ..] = parts {
        parts = rest;
    }
    while let [rest @ .., Part::Any] = parts {
        parts = rest;
    }
    parts
}
