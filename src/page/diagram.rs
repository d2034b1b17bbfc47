//! A correlation as a picture: a flowchart in Mermaid's language, which GitHub, GitLab and `MkDocs`
//! draw.
//!
//! In: a correlation and what the rules that it refers to are called. Out: the text of a block of
//! code. Whatever comes from a rule is a label in quotes, in which all but letters, digits and a few
//! marks is a character reference, so that no title ends its label:
//!
//! ```text
//! flowchart LR
//!   r1["Failed logon"] --> w("5 minutes, same User")
//!   w -->|"at least 10 events"| fires(["Many failed logons"])
//! ```

use super::summary;
use crate::rule::{ConditionExpr, Correlation, CorrelationCondition, CorrelationType};
use std::fmt::Write as _;

/// A rule in the picture.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// What it is called.
    pub title: String,
    /// How an extended condition may call it.
    pub names: Vec<String>,
    /// Is it a correlation?
    pub is_correlation: bool,
}

/// The picture of a correlation; `nodes` are the rules that it refers to, in its order.
pub(super) fn diagram(correlation: &Correlation<'_>, nodes: &[Node]) -> String {
    let mut picture = Picture {
        text: "flowchart LR\n".to_owned(),
        nodes,
        joints: 0,
    };
    for (number, node) in (1..).zip(nodes) {
        let (open, close) = if node.is_correlation {
            ("[[", "]]")
        } else {
            ("[", "]")
        };
        picture.line(&format!("r{number}{open}{}{close}", label(&node.title)));
    }
    let fires = format!("fires([{}])", label(&correlation.head.title.value));
    picture.line(&fires);
    let around = around(correlation);
    let condition = summary::condition(correlation);
    match &correlation.condition {
        CorrelationCondition::Expression { expr, .. } => {
            let root = picture.expression(expr);
            picture.edge(&root, "fires", &around);
        }
        _ if correlation.kind.value == CorrelationType::TemporalOrdered => {
            for number in 1..nodes.len() {
                picture.edge(&format!("r{number}"), &format!("r{}", number + 1), "then");
            }
            let last = format!("r{}", nodes.len());
            picture.edge(&last, "fires", &format!("{condition}, {around}"));
        }
        _ => {
            picture.line(&format!("window({})", label(&around)));
            for number in 1..=nodes.len() {
                picture.line(&format!("r{number} --> window"));
            }
            picture.edge("window", "fires", &condition);
        }
    }
    picture.text
}

/// `within 5 minutes, same User, Computer`
fn around(correlation: &Correlation<'_>) -> String {
    let mut text = format!("within {}", summary::window(&correlation.timespan));
    for (at, entry) in correlation.group_by.iter().enumerate() {
        text.push_str(if at == 0 { ", same " } else { ", " });
        text.push_str(entry.value.trim());
    }
    text
}

struct Picture<'n> {
    text: String,
    nodes: &'n [Node],
    joints: usize,
}

impl Picture<'_> {
    fn line(&mut self, line: &str) {
        self.text.extend(["  ", line, "\n"]);
    }

    fn edge(&mut self, from: &str, to: &str, text: &str) {
        self.line(&format!("{from} -->|{}| {to}", label(text)));
    }

    /// Draws an expression; gives the name of the node that stands for it.
    fn expression(&mut self, expr: &ConditionExpr<'_>) -> String {
        match expr {
            ConditionExpr::And(operands) => self.joint("and", operands),
            ConditionExpr::Or(operands) => self.joint("or", operands),
            ConditionExpr::Not(_, operand) => {
                self.joint("not", std::slice::from_ref(operand.as_ref()))
            }
            ConditionExpr::Group(inner) => self.expression(inner),
            ConditionExpr::Identifier(name) => self.rule(&name.value),
            ConditionExpr::Selector(selector) => self.rule(&selector.pattern.value),
        }
    }

    fn joint(&mut self, word: &str, operands: &[ConditionExpr<'_>]) -> String {
        self.joints += 1;
        let joint = format!("c{}", self.joints);
        self.line(&format!("{joint}{{{{{}}}}}", label(word)));
        for operand in operands {
            let (operand, arrow) = match operand {
                ConditionExpr::Not(_, inner) if word != "not" => (inner.as_ref(), "-. not .->"),
                operand => (operand, "-->"),
            };
            let from = self.expression(operand);
            self.line(&format!("{from} {arrow} {joint}"));
        }
        joint
    }

    /// The node of a rule that the condition names.
    fn rule(&mut self, name: &str) -> String {
        let is_it = |node: &Node| node.names.iter().any(|known| known == name);
        match self.nodes.iter().position(is_it) {
            Some(at) => format!("r{}", at + 1),
            None => {
                self.joints += 1;
                let node = format!("c{}", self.joints);
                self.line(&format!("{node}[{}]", label(name)));
                node
            }
        }
    }
}

/// A text in quotes. Mermaid's own references (`#35;`) stand for what it could take for its syntax,
/// for HTML or for Markdown; what acts on a reader's terminal or direction of writing is left out.
fn label(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.trim().chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, ' ' | ',' | '.' | '-' | '_') => out.push(c),
            c if c.is_control() || is_direction(c) => out.push(' '),
            c => write!(out, "#{};", u32::from(c)).expect("a String takes all"),
        }
    }
    if out.len() == 1 {
        // A label has to have something.
        out.push(' ');
    }
    out.push('"');
    out
}

/// Marks that turn the direction of writing, and separators of lines.
const fn is_direction(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_label() {
        for (text, expected) in [
            ("Logon, 4625", "\"Logon, 4625\""),
            (
                "a\"]; click r1 \"javascript:x",
                "\"a#34;#93;#59; click r1 #34;javascript#58;x\"",
            ),
            (
                "%%{init: {}}%%",
                "\"#37;#37;#123;init#58; #123;#125;#125;#37;#37;\"",
            ),
            (
                "<b>`x`</b>\n```",
                "\"#60;b#62;#96;x#96;#60;#47;b#62; #96;#96;#96;\"",
            ),
            ("#quot;\u{202e}", "\"#35;quot#59; \""),
            ("", "\" \""),
            ("Ж日本", "\"Ж日本\""),
        ] {
            assert_eq!(label(text), expected);
        }
    }
}
