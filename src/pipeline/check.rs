//! Checking a pipeline's maps by their definitions.
//!
//! In: `{type: case, method: capitals}` and the keys of `case`. Out: an error for each key that is
//! unknown, missing or of the wrong shape.

use super::data;
use super::definition::{Key, Shape};
use super::reader::{Keys, quoted, scalar_text};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::yaml::Node;

impl Keys<'_> {
    /// Reports keys that are neither in `own` nor in `common`, those that miss, and values of the
    /// wrong shape. Returns whether every value that is needed is there.
    pub fn check(&self, own: &[Key], common: &[&Key]) -> bool {
        for (key, _) in self.pairs {
            let name = key.as_scalar().map_or("", |scalar| &scalar.text);
            let own_names = || own.iter().map(|key| key.name.as_str());
            let names = || own_names().chain(common.iter().map(|key| key.name.as_str()));
            if names().any(|known| known == name) {
                continue;
            }
            let message = format!("{} has no key `{name}`", self.owner);
            let error = Diagnostic::error(Code::PipelineKey, message).at(key.span);
            self.loader.report(error.help(match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if own.is_empty() => "remove it: there are no keys of its own".to_owned(),
                None => format!("use one of {}", quoted(own_names()).join(", ")),
            }));
        }
        let mut is_right = true;
        for key in own {
            let node = self.node_or_null(&key.name);
            let node = node.filter(|node| key.nullable || !data::is_null(node));
            match node {
                Some(node) => is_right &= self.fits(key, node),
                None if key.required => {
                    let message = format!("{} has no `{}`", self.owner, key.name);
                    let error = Diagnostic::error(Code::PipelineKeyMissing, message).at(self.span);
                    let help = format!("add `{}:` with {}", key.name, key.holds);
                    self.loader.report(error.help(help));
                    is_right = false;
                }
                None => {}
            }
        }
        for key in common {
            if let Some(node) = self.node(&key.name) {
                self.fits(key, node);
            }
        }
        is_right
    }

    /// Reports a value that has not its key's shape.
    fn fits(&self, key: &Key, node: &Node<'_>) -> bool {
        let name = key.name.as_str();
        let is_text = |node: &Node<'_>| scalar_text(node).is_some();
        let is_short_text = |node: &Node<'_>| data::read(node).is_string();
        let are_texts = |items: &[Node<'_>]| {
            let wrong = items.iter().find(|item| !is_text(item));
            if let Some(item) = wrong {
                self.wrong(&format!("{name}[…]"), item, "text");
            }
            wrong.is_none()
        };
        let expected = match (key.shape, node.as_sequence(), node.as_mapping()) {
            (Shape::Texts | Shape::Names | Shape::TextOrTexts, Some(items), _) => {
                return are_texts(items);
            }
            (Shape::TextMap, _, Some(pairs)) => {
                let both = |(key, value): &&(_, _)| is_text(key) && is_text(value);
                let wrong = pairs.iter().find(|pair| !both(pair));
                if let Some((_, value)) = wrong {
                    self.wrong(name, value, "text");
                }
                return wrong.is_none();
            }
            (Shape::Text, ..) if !key.one_of.is_empty() => return self.is_one_of(key, node),
            (Shape::Text | Shape::TextOrTexts, ..) if !is_text(node) => "text",
            (Shape::Flag, ..) if !data::read(node).is_boolean() => "`true` or `false`",
            (Shape::Count, ..) if !data::read(node).is_u64() => "a whole number",
            (Shape::Integer, ..) if !data::read(node).is_i64() => "a whole number",
            (Shape::Names, ..) if !is_short_text(node) => "a list",
            (Shape::Texts, ..) => "a list",
            (Shape::TextMap, ..) => "a map",
            (Shape::Map, _, None) => "a map of names to values",
            (Shape::List, None, _) => "a list of maps",
            _ => return true,
        };
        self.wrong(name, node, expected);
        false
    }

    fn is_one_of(&self, key: &Key, node: &Node<'_>) -> bool {
        let text = scalar_text(node).unwrap_or_default();
        if key.one_of.contains(&text) {
            return true;
        }
        let words = || key.one_of.iter().map(String::as_str);
        let expected = quoted(words()).join(" or ");
        let message = format!("expected `{}` to be {expected}, found `{text}`", key.name);
        let mut error = Diagnostic::error(Code::PipelineValue, message).at(node.span);
        if let Some(near) = nearest(&text, words()) {
            error = error.help(format!("did you mean `{near}`?"));
        }
        self.loader.report(error);
        false
    }
}
