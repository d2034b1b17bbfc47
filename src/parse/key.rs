//! A detection item's key: the field and its modifiers.
//!
//! In: `CommandLine|contains|all`. Out: the field's name, if there is one, and the modifiers with
//! their spans; an error for each unknown modifier.

use super::place::Place;
use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::Modifier;
use crate::source::{Span, Spanned};
use std::borrow::Cow;

impl<'s> Reader<'s, '_> {
    /// `CommandLine|contains|all`
    #[expect(clippy::type_complexity, reason = "a field and its modifiers, once")]
    pub(super) fn field_and_modifiers(
        &mut self,
        key: Cow<'s, str>,
        span: Span,
    ) -> Option<(Option<Cow<'s, str>>, Vec<Spanned<Modifier>>)> {
        let Some((field, rest)) = key.split_once('|') else {
            return Some(((!key.is_empty()).then_some(key), Vec::new()));
        };
        let place = Place::new(self.source, span, &key);
        let mut modifiers = Vec::with_capacity(2);
        let mut at = field.len() + 1;
        let mut known = true;
        for name in rest.split('|') {
            let span = place.at(at..at + name.len());
            at += name.len() + 1;
            match self.rules.modifier(name) {
                Some(modifier) => modifiers.push(Spanned::new(modifier, span)),
                None => {
                    known = false;
                    self.unknown_modifier(name, span);
                }
            }
        }
        let end = field.len();
        let field = match key {
            Cow::Borrowed(key) => Cow::Borrowed(&key[..end]),
            Cow::Owned(mut key) => {
                key.truncate(end);
                Cow::Owned(key)
            }
        };
        known.then_some(((!field.is_empty()).then_some(field), modifiers))
    }

    fn unknown_modifier(&mut self, name: &str, span: Span) {
        if name.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::UnknownModifier,
                    "expected a modifier after `|`, found none",
                )
                .at(span)
                .help("remove the `|`, or name a modifier: `Field|contains`"),
            );
            return;
        }
        let error = Diagnostic::error(
            Code::UnknownModifier,
            format!("expected a modifier, found `{name}`"),
        )
        .at(span);
        self.diagnostics.push(error.help(cure(name)));
    }
}

/// The help for an unknown modifier.
fn cure(name: &str) -> String {
    if Modifier::from_name(name.trim()).is_some() && name.trim() != name {
        return format!("remove the blanks around `|`: `Field|{}`", name.trim());
    }
    let parts: Vec<&str> = name.split([',', '&', '+', '/', ' ', '.']).collect();
    if parts.len() > 1 && parts.iter().all(|part| Modifier::from_name(part).is_some()) {
        return format!("write a `|` before each modifier: `{}`", parts.join("|"));
    }
    let names = Modifier::ALL.iter().flat_map(|modifier| modifier.names());
    let names = names.copied().filter(|&known| known != name);
    match nearest(&name.trim().to_lowercase(), names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `varsigma list modifiers` to see them all".to_owned(),
    }
}
