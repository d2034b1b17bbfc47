//! Tests: a field and a value, or a keyword, by the wordings of a language.

use super::{Chooser, keyword_kind, kind};
use crate::backend::language::{Kind, Loss, Strength, Wording};
use crate::backend::literal::Unsayable;
use crate::backend::template::Template;
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::conventions::{Context, Leaf, Written};
use crate::emit::tree::{Choice, Mode, Phrase, Text};
use crate::emit::{Reason, Refusal};
use crate::pattern::Departure;
use crate::rule::{Pattern, Value};
use crate::source::Span;
use std::ops::Range;

/// A placeholder that no pipeline filled in.
pub(super) fn placeholder(pattern: &Pattern<'_>, span: Span) -> Option<Refusal> {
    unfilled(pattern, span).map(|diagnostic| Refusal::wrong(span, diagnostic))
}

/// The error of a placeholder that no pipeline filled in.
#[must_use]
pub fn unfilled(pattern: &Pattern<'_>, span: Span) -> Option<Diagnostic> {
    let name = pattern.placeholder()?;
    let message = format!("placeholder `%{name}%` is not filled in");
    let error = Diagnostic::error(Code::Placeholder, message).at(span);
    Some(error.help("give a pipeline (`-p`) that replaces it"))
}

/// Why a wording does not serve.
pub(super) enum Stop {
    Unsayable(Unsayable),
    Refused(String),
    /// It is longer than the wording may be.
    TooLong,
    /// No wording serves: the rule itself is wrong there.
    Wrong(Box<Refusal>),
}

const TOO_LONG: &str = "it is too long";

impl Stop {
    /// The refusal of a test that no other wording says.
    fn refusal(self, leaf: Leaf<'_>) -> Refusal {
        match self {
            Self::Wrong(refusal) => *refusal,
            Self::Refused(reason) => Refusal::new(leaf.span, reason),
            Self::TooLong => Refusal::new(leaf.span, TOO_LONG.to_owned()),
            Self::Unsayable(unsayable) => Refusal::new(leaf.span, unsayable.to_string()),
        }
    }
}

impl From<Unsayable> for Stop {
    fn from(unsayable: Unsayable) -> Self {
        Self::Unsayable(unsayable)
    }
}

impl Phrase {
    /// A text that is exact.
    pub(super) const fn new(text: Text, binds: Strength) -> Self {
        Self {
            text,
            binds,
            clauses: 1,
            says_not: false,
            is_exact: true,
            reasons: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Context {
    /// Why a test is not exact. Under a `not`, what matches more lets it miss.
    pub(super) const fn reason(self, loss: Loss, span: Span, text: String) -> Reason {
        let loss = if self.negated { loss.negated() } else { loss };
        Reason { loss, span, text }
    }
}

impl<'e> Chooser<'e, '_> {
    /// What a test can be said as.
    pub(super) fn choice(&mut self, leaf: Leaf<'e>, context: Context) -> Choice<'e> {
        let best = self.phrase(leaf, context, Mode::Best);
        let exact = match &best {
            Ok(phrase) if self.seeks_exact && !phrase.is_exact => {
                Some(Box::new(self.phrase(leaf, context, Mode::Exact)))
            }
            _ => None,
        };
        let mut choice = Choice::new(best, exact);
        choice.field = leaf.field;
        choice.is_presence = *leaf.value == Value::Exists(true);
        if self.seeks_exact
            && !context.negated
            && leaf.field.is_some()
            && needs_its_field(leaf.value)
            && !choice.is_only_broader()
        {
            let value = &Value::Exists(true);
            let leaf = Leaf { value, ..leaf };
            let presence = self.phrase(leaf, Context::default(), Mode::Exact);
            choice.presence = presence.ok().map(Box::new);
        }
        choice
    }

    fn phrase(&mut self, leaf: Leaf<'_>, context: Context, mode: Mode) -> Result<Phrase, Refusal> {
        if let Some(patterns) = self.conventions.alternatives(self.language, leaf) {
            return self.alternatives(patterns, leaf, context, mode);
        }
        if let Value::Query { expr, id } = leaf.value {
            return self.query_expression(leaf, expr, id);
        }
        let pattern = match leaf.value {
            Value::String(pattern) | Value::Cased(pattern) => Some(pattern),
            Value::Regex(regex) => Some(&regex.pattern),
            _ => None,
        };
        if let Some(pattern) = pattern
            && let Some(refusal) = placeholder(pattern, leaf.span)
            && self.conventions.needs_filling(self.language, leaf.value)
        {
            return Err(refusal);
        }
        let kind = match leaf.field {
            Some(_) => kind(leaf.value),
            None => keyword_kind(leaf.value).ok_or_else(|| {
                let reason = format!("{} needs a field", leaf.value.kind());
                Refusal::new(leaf.span, reason)
            })?,
        };
        self.first_that_serves(kind, leaf, context, mode)
    }

    fn first_that_serves(
        &mut self,
        kind: Kind,
        leaf: Leaf<'_>,
        context: Context,
        mode: Mode,
    ) -> Result<Phrase, Refusal> {
        let language = self.language;
        match self.presence_of_list(leaf) {
            Ok(None) => {}
            Ok(Some(phrase)) => return Ok(phrase),
            Err(stop) => return Err(stop.refusal(leaf)),
        }
        let list = self.list_of(leaf).map_err(|stop| stop.refusal(leaf))?;
        let (mut why, mut is_too_long) = (None, false);
        for kind in kind.and_general() {
            for wording in &language.tests[kind as usize] {
                if !self.serves(wording, leaf, mode) {
                    continue;
                }
                if let Err(reason) = &wording.text {
                    // What is refused no other wording says, and no more general kind.
                    let reason = why.unwrap_or_else(|| reason.clone());
                    return Err(Refusal::new(leaf.span, reason));
                }
                self.knows_type = wording.any_type
                    || is_of_presence(kind)
                    || self.knows_type(&wording.when, leaf.field);
                if list.is_none()
                    && let Some(phrase) = self.negated(wording, leaf, context)
                {
                    return Ok(phrase);
                }
                match self.worded(wording, leaf, context) {
                    Ok(phrase) => return Ok(phrase),
                    Err(Stop::Wrong(refusal)) => return Err(*refusal),
                    Err(Stop::Unsayable(unsayable)) => {
                        why.get_or_insert_with(|| format!("{unsayable} in a value"));
                    }
                    Err(Stop::Refused(reason)) => {
                        why.get_or_insert(reason);
                    }
                    // A refusal that follows says more.
                    Err(Stop::TooLong) => is_too_long = true,
                }
            }
        }
        let why = why.or_else(|| is_too_long.then(|| TOO_LONG.to_owned()));
        let reason = why.unwrap_or_else(|| format!("there are no words for {}", leaf.value.kind()));
        Err(Refusal::new(leaf.span, reason))
    }

    /// What a `not` directly above makes of a test, if its wording has words for that.
    fn negated(&mut self, wording: &Wording, leaf: Leaf<'_>, context: Context) -> Option<Phrase> {
        let template = wording.negated.as_ref();
        let template = template.filter(|_| context.directly_negated && leaf.field.is_some())?;
        let (range, departures) = self.template(template, leaf).ok()?;
        let mut phrase = Phrase {
            says_not: true,
            ..Phrase::new(Text::One(range), Strength::Atom)
        };
        self.note(&mut phrase, wording, departures, leaf, context);
        Some(phrase)
    }

    /// A test by a wording, once for each name in the option that it is said for.
    fn worded(
        &mut self,
        wording: &Wording,
        leaf: Leaf<'_>,
        context: Context,
    ) -> Result<Phrase, Stop> {
        let template = wording.text.as_ref();
        let template = template.map_err(|reason| Stop::Refused(reason.clone()))?;
        let (text, departures) = match wording.each {
            None => {
                let (range, departures) = self.template(template, leaf)?;
                (Text::One(range), departures)
            }
            Some(option) => {
                let (mut parts, mut departures) = (Vec::new(), Vec::new());
                for name in self.settings.names(option) {
                    let field = Some(name);
                    let (range, found) = self.template(template, Leaf { field, ..leaf })?;
                    parts.push(range);
                    departures = found;
                }
                let parentheses = parts.len() > 1;
                (Text::Several { parts, parentheses }, departures)
            }
        };
        if let (Some(longest), Text::One(range)) = (wording.longest, &text)
            && range.len() > longest
            && self.texts[range.clone()].chars().nth(longest).is_some()
        {
            return Err(Stop::TooLong);
        }
        // What is said of an element is in a function.
        let binds = match self.list_of(leaf)? {
            Some(_) => Strength::Atom,
            None => wording.binds,
        };
        let mut phrase = Phrase {
            clauses: wording.clauses,
            ..Phrase::new(text, binds)
        };
        self.note(&mut phrase, wording, departures, leaf, context);
        Ok(phrase)
    }

    /// Notes what a phrase loses by its wording. A wording that has a loss of its own says with it
    /// what becomes of letters.
    fn note(
        &self,
        phrase: &mut Phrase,
        wording: &Wording,
        departures: Vec<Departure>,
        leaf: Leaf<'_>,
        context: Context,
    ) {
        phrase.is_exact = self.is_exact(wording, leaf);
        let losses = self.losses(wording, leaf);
        let losses = losses.map(|known| context.reason(known.loss, leaf.span, known.text.clone()));
        phrase.reasons.extend(losses);
        if phrase.reasons.is_empty() {
            phrase.reasons.extend(self.folding_loss(leaf, context));
        }
        let departures = departures.into_iter().map(|departure| match departure {
            Departure::Broader(text, _) => context.reason(Loss::Broader, leaf.span, text),
            Departure::Narrower(text, _) => context.reason(Loss::Narrower, leaf.span, text),
        });
        phrase.reasons.extend(departures);
        let written = if phrase.says_not {
            Written::Negated
        } else {
            Written::Alone
        };
        let language = self.language;
        phrase.warnings = self.conventions.warnings(language, leaf, context, written);
    }

    /// A test that its alternatives say: without parentheses, whatever is around them.
    fn alternatives(
        &mut self,
        patterns: Vec<Pattern<'static>>,
        leaf: Leaf<'_>,
        context: Context,
        mode: Mode,
    ) -> Result<Phrase, Refusal> {
        let (mut all, mut parts) = (Phrase::new(Text::One(0..0), Strength::Atom), Vec::new());
        all.clauses = 0;
        for pattern in patterns {
            let value = &Value::String(pattern);
            let mut phrase = self.phrase(Leaf { value, ..leaf }, context, mode)?;
            if let Text::One(range) = phrase.text {
                parts.push(range);
            }
            all.clauses += phrase.clauses;
            all.reasons.append(&mut phrase.reasons);
            all.warnings.append(&mut phrase.warnings);
        }
        let language = self.language;
        let warnings = self
            .conventions
            .warnings(language, leaf, context, Written::Alone);
        all.warnings.extend(warnings);
        all.text = Text::Several {
            parts,
            parentheses: false,
        };
        Ok(all)
    }

    fn query_expression(
        &mut self,
        leaf: Leaf<'_>,
        expr: &str,
        id: &str,
    ) -> Result<Phrase, Refusal> {
        let mut field = String::new();
        if let Some(name) = leaf.field {
            self.language.field.write(name, &mut field);
        } else if expr.contains("{field}") {
            let reason = "its placeholder's query expression needs a field";
            return Err(Refusal::new(leaf.span, reason));
        }
        let start = self.texts.len();
        let text = expr.replace("{field}", &field).replace("{id}", id);
        self.texts.push_str(&text);
        Ok(Phrase {
            clauses: 0,
            ..Phrase::new(Text::One(start..self.texts.len()), Strength::Atom)
        })
    }

    /// Fills a template. What was filled in before a slot can't be is not taken.
    fn template(
        &mut self,
        template: &Template,
        leaf: Leaf<'_>,
    ) -> Result<(Range<usize>, Vec<Departure>), Stop> {
        let list = self.list_of(leaf)?;
        let mut texts = std::mem::take(&mut self.texts);
        let (start, mut departures) = (texts.len(), Vec::new());
        let written = self.of_element(list, &mut texts, |out| {
            template.write(out, |slot, out| self.fill(slot, leaf, &mut departures, out))
        });
        self.texts = texts;
        written.map(|()| (start..self.texts.len(), departures))
    }
}

/// Is a column's type all the same to tests of the kind?
const fn is_of_presence(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Any | Kind::Null | Kind::Exists | Kind::NotExists
    )
}

/// Does the test hold only where its field is there?
const fn needs_its_field(value: &Value<'_>) -> bool {
    !matches!(
        value,
        Value::Null | Value::Exists(_) | Value::Query { .. } | Value::Expansion(_)
    )
}
