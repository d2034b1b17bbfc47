//! References to groups, which may be before their group: checked once all is read.

use super::Parser;
use crate::pattern::ast::{Kind, Node};
use crate::pattern::refusal::Invalid;

/// What a back-reference refers to.
pub(super) enum Reference<'p> {
    /// `\1`
    Number(u32),
    /// `\k<name>`
    Name(&'p str),
}

impl Parser<'_> {
    pub(super) fn check_references(&self) -> Result<(), Invalid> {
        for (reference, span) in &self.references {
            let missing = match *reference {
                Reference::Number(number) => number == 0 || number > self.groups,
                Reference::Name(name) => self.number_of(name).is_none(),
            };
            if missing {
                return Err(Invalid {
                    message: "expected a group that is there, found a reference to none".into(),
                    span: *span,
                });
            }
        }
        Ok(())
    }

    pub(super) fn number_of(&self, name: &str) -> Option<u32> {
        let known = self.names.iter().find(|(known, _)| *known == name);
        known.map(|(_, number)| *number)
    }

    /// Gives references by name their number: group 0 stands for "by name" until then.
    pub(super) fn resolve_names(&self, node: &mut Node) {
        match &mut node.kind {
            Kind::BackReference { group, .. } if *group == 0 => {
                let found = self.references.iter().find(|(_, span)| *span == node.span);
                if let Some((Reference::Name(name), _)) = found
                    && let Some(number) = self.number_of(name)
                {
                    *group = number;
                }
            }
            Kind::Concat(nodes) | Kind::Alternation(nodes) => {
                for child in nodes {
                    self.resolve_names(child);
                }
            }
            Kind::Repeat { node, .. } | Kind::Group { node, .. } => self.resolve_names(node),
            _ => {}
        }
    }
}
