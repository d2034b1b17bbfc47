//! What takes no characters of its own, and the dot: `^ $ \b .`

use super::{Binding, Writer};
use crate::backend::regex::FlagScope;
use crate::pattern::refusal::{Departure, Refusal};
use crate::source::Span;

impl Writer<'_> {
    /// `.`, which takes a newline or doesn't.
    pub(super) fn dot(&mut self, newline: bool, span: Span) {
        if newline == self.front.newline {
            self.text.push('.');
        } else if newline {
            if self.dialect.flags == FlagScope::Scoped {
                self.text.push_str("(?s:.)");
            } else {
                self.open_if(true);
                self.text.push_str(".|");
                self.character('\n', false);
                self.close_if(true);
            }
        } else if self.dialect.newline.is_some() {
            self.text.push_str("[^");
            self.character('\n', true);
            self.text.push(']');
        } else {
            self.text.push('.');
            let reason = format!("`.` also matches a newline on {}", self.dialect.engine);
            self.depart(Departure::Broader(reason, span));
        }
    }

    /// `^`, `\A`
    pub(super) fn start(&mut self, lines: bool, span: Span) -> Result<(), Refusal> {
        if lines != self.front.lines {
            return match &self.dialect.text_start {
                Some(start) if !lines => {
                    self.text.push_str(start);
                    Ok(())
                }
                _ => self.scoped_line('^', lines, span),
            };
        }
        if !self.dialect.anchors {
            return Err(self.refuse("has no `^` but at the start of the expression", span));
        }
        self.text.push('^');
        Ok(())
    }

    /// `$`, `\Z`: at the end of the value, or before a newline that ends it.
    pub(super) fn end(
        &mut self,
        lines: bool,
        tail: bool,
        around: Binding,
        span: Span,
    ) -> Result<(), Refusal> {
        if lines {
            if !self.front.lines {
                return self.scoped_line('$', lines, span);
            }
            self.text.push('$');
            return Ok(());
        }
        let bare = !self.front.lines && self.dialect.anchors;
        if bare && self.dialect.end_before_newline && !(self.dialect.anchored && tail) {
            self.text.push('$');
            return Ok(());
        }
        let newline = self.dialect.newline.is_some() && tail;
        let grouped = newline && around == Binding::Repeat;
        self.open_if(grouped);
        if newline {
            self.character('\n', false);
            self.text.push('?');
        } else {
            let engine = &self.dialect.engine;
            let reason = format!("`$` does not match before a last newline on {engine}");
            self.depart(Departure::Narrower(reason, span));
        }
        self.text_end(tail, span)?;
        self.close_if(grouped);
        Ok(())
    }

    /// `\z`: the very end of the value.
    pub(super) fn text_end(&mut self, tail: bool, span: Span) -> Result<(), Refusal> {
        let bare = self.dialect.anchors && !self.dialect.end_before_newline && !self.front.lines;
        if tail && self.dialect.anchored {
            return Ok(());
        }
        match &self.dialect.text_end {
            _ if bare => self.text.push('$'),
            Some(end) => self.text.push_str(end),
            None => {
                return Err(self.refuse("has no `$` but at the end of the expression", span));
            }
        }
        Ok(())
    }

    /// `^` or `$` at lines, or at the value's ends, where the rest of the expression wants the other.
    fn scoped_line(&mut self, place: char, lines: bool, span: Span) -> Result<(), Refusal> {
        if self.dialect.flags != FlagScope::Scoped || self.dialect.multi_line.is_empty() {
            let message = format!("can't match `{place}` at lines and at the value's ends at once");
            return Err(self.refuse(message, span));
        }
        let minus = if lines { "" } else { "-" };
        self.text.push_str("(?");
        self.text.push_str(minus);
        self.text.push_str(&self.dialect.multi_line);
        self.text.push(':');
        self.text.push(place);
        self.text.push(')');
        Ok(())
    }

    /// `\b`, `\B`
    pub(super) fn boundary(&mut self, edge: bool, span: Span) -> Result<(), Refusal> {
        let text = if edge {
            &self.dialect.boundary
        } else {
            &self.dialect.not_boundary
        };
        match text {
            Some(text) => self.text.push_str(text),
            None => return Err(self.refuse("has no word boundaries", span)),
        }
        Ok(())
    }

    /// Notes a departure, each reason once.
    fn depart(&mut self, departure: Departure) {
        let same = |known: &Departure| match (known, &departure) {
            (Departure::Broader(a, _), Departure::Broader(b, _))
            | (Departure::Narrower(a, _), Departure::Narrower(b, _)) => a == b,
            _ => false,
        };
        if !self.departures.iter().any(same) {
            self.departures.push(departure);
        }
    }
}
