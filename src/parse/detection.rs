//! `detection`: named detections, conditions, time frame.
//!
//! In: a map such as `{selection: {Image|endswith: '\cmd.exe'}, condition: selection}`. Out: a
//! [`Detections`]. A map becomes an `And` of items; a list of plain values one item without a field;
//! a list with a map or list in it an `Or` of detections; a plain value an item of one keyword.

use super::attribute::{self, TextKind};
use super::condition;
use super::place::Place;
use super::rule::Reader;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::{Detection, DetectionNode, Detections, Item, Link, Modifier, Text, Value};
use crate::source::{Span, Spanned};
use crate::yaml::{Content, Node};

pub(super) fn detections<'s>(
    reader: &mut Reader<'s, '_>,
    name: &Text<'s>,
    node: Node<'s>,
) -> Detections<'s> {
    let mut detections = Detections {
        span: node.span,
        ..Detections::default()
    };
    let Content::Mapping(pairs) = node.content else {
        reader.wrong_type(name, "a map", &node);
        return detections;
    };
    let mut condition = None;
    let mut all_read = true;
    for (key, value) in pairs {
        let Some(key) = attribute::key(&key) else {
            reader.wrong_type(name, "names as keys", &key);
            all_read = false;
            continue;
        };
        match key.value.as_ref() {
            "condition" => condition = Some(value),
            "timeframe" if reader.rules.has_timeframe() => {
                detections.timeframe = reader.text(&key, value, TextKind::Any);
                all_read &= reader.timeframe(detections.timeframe.as_ref());
            }
            _ => {
                let faults = reader.diagnostics.len();
                let detection = reader.detection(value);
                all_read &= reader.diagnostics.len() == faults;
                // A detection that can't be read still has a name that conditions may use.
                detections.named.push((
                    key,
                    detection.unwrap_or(Detection {
                        span: Span::default(),
                        link: Link::And,
                        nodes: Vec::new(),
                    }),
                ));
            }
        }
    }
    if detections.named.is_empty() && all_read {
        reader.diagnostics.push(
            Diagnostic::error(
                Code::EmptyDetection,
                "expected at least one named detection, found none",
            )
            .at(name.span)
            .help("add `selection:` beside the condition, with fields and values below it"),
        );
    }
    reader.conditions(name, condition, &mut detections);
    detections
}

impl<'s> Reader<'s, '_> {
    fn conditions(
        &mut self,
        name: &Text<'s>,
        node: Option<Node<'s>>,
        detections: &mut Detections<'s>,
    ) {
        let nodes = match node {
            Some(Node {
                content: Content::Sequence(items),
                ..
            }) => items,
            node => node.into_iter().collect(),
        };
        if nodes.is_empty() {
            self.diagnostics.push(missing_condition(name, detections));
        }
        for node in nodes {
            let span = node.span;
            let scalar = match node.content {
                Content::Scalar(scalar) if self.rules.is_condition(&scalar) => scalar,
                _ => {
                    self.diagnostics.push(
                        Diagnostic::error(
                            Code::ConditionSyntax,
                            format!("expected a condition as text, found {}", node.kind()),
                        )
                        .at(span)
                        .help("write it on one line: `condition: selection and not filter`"),
                    );
                    continue;
                }
            };
            let place = Place::new(self.source, span, &scalar.text);
            let (rules, said) = (self.rules, &mut self.diagnostics);
            let text = Spanned::new(scalar.text, span);
            match condition::condition(text.clone(), &place, rules, said) {
                Ok(condition) => {
                    condition::resolve(&condition.expr, detections, rules, said);
                    detections.conditions.push(condition);
                }
                Err(error) => {
                    if error.code == Code::NearAggregation {
                        self.near.push(text);
                    }
                    self.diagnostics.push(error);
                }
            }
        }
    }

    fn detection(&mut self, node: Node<'s>) -> Option<Detection<'s>> {
        let span = node.span;
        let (link, nodes): (Link, Vec<DetectionNode<'s>>) = match node.content {
            Content::Mapping(pairs) => {
                let items = pairs
                    .into_iter()
                    .filter_map(|(key, value)| self.item(key, value));
                (Link::And, items.map(DetectionNode::Item).collect())
            }
            Content::Sequence(items) if items.iter().all(|item| item.as_scalar().is_some()) => {
                let item = self.keywords(span, items, true);
                (
                    Link::And,
                    item.map(DetectionNode::Item).into_iter().collect(),
                )
            }
            Content::Sequence(items) => {
                let nested = items.into_iter().filter_map(|item| self.detection(item));
                (Link::Or, nested.map(DetectionNode::Detection).collect())
            }
            content @ Content::Scalar(_) => {
                let item = self.keywords(span, vec![Node { span, content }], false);
                (
                    Link::And,
                    item.map(DetectionNode::Item).into_iter().collect(),
                )
            }
        };
        if nodes.is_empty() {
            self.empty_detection(span);
            return None;
        }
        Some(Detection { span, link, nodes })
    }

    fn empty_detection(&mut self, span: Span) {
        // A detection that is empty because its parts were refused has no second error.
        let inside = |diagnostic: &Diagnostic| {
            diagnostic
                .span()
                .is_some_and(|at| span.start <= at.start && at.end <= span.end)
        };
        if !self.diagnostics.iter().any(inside) {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::EmptyDetection,
                    "expected fields or keywords in the detection, found none",
                )
                .at(span)
                .help("add a field with a value, or remove the detection"),
            );
        }
    }

    /// Values without a field.
    fn keywords(&mut self, span: Span, nodes: Vec<Node<'s>>, listed: bool) -> Option<Item<'s>> {
        let values = self.values(nodes, false);
        if !self.rules.has_null_keywords() {
            for value in values.iter().filter(|value| value.value == Value::Null) {
                self.empty_detection(value.span);
            }
        }
        (!values.is_empty()).then_some(Item {
            field: None,
            key: span,
            modifiers: Vec::new(),
            values,
            listed,
            link: Link::Or,
            negated: false,
            processed_by: Vec::new(),
        })
    }

    fn item(&mut self, key: Node<'s>, node: Node<'s>) -> Option<Item<'s>> {
        let (key_span, kind) = (key.span, key.kind());
        let key = match key.content {
            Content::Scalar(scalar) => self.rules.field(scalar),
            _ => None,
        };
        let Some(key) = key else {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::KeyShape,
                    format!("expected a field's name as text, found {kind}"),
                )
                .at(key_span)
                .help("put the name in quotes if it looks like a number or a truth value"),
            );
            return None;
        };
        let (field, modifiers) = self.field_and_modifiers(key.text, key_span)?;
        let value_span = node.span;
        let (nodes, listed) = match node.content {
            Content::Sequence(items) => (items, true),
            content => {
                let span = value_span;
                (vec![Node { span, content }], false)
            }
        };
        let regex = modifiers
            .iter()
            .any(|modifier| modifier.value == Modifier::Re);
        let empty = nodes.is_empty();
        let mut item = Item {
            field,
            key: key_span,
            modifiers,
            values: self.values(nodes, regex),
            listed,
            link: Link::Or,
            negated: false,
            processed_by: Vec::new(),
        };
        if empty && let Err(error) = self.rules.empty_list(&mut item, value_span) {
            self.diagnostics.push(error);
        }
        (!item.values.is_empty()).then_some(item)
    }

    /// A time window is a number and a unit; says whether it is.
    fn timeframe(&mut self, timeframe: Option<&Text<'s>>) -> bool {
        let Some(timeframe) = timeframe else {
            return true;
        };
        let text: &str = timeframe;
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let unit = &text[digits.len()..];
        if is_number && matches!(unit, "s" | "m" | "h" | "d" | "w" | "M" | "y") {
            return true;
        }
        self.diagnostics.push(
            Diagnostic::error(
                Code::InvalidAttribute,
                format!("expected a time window, found `{text}`"),
            )
            .at(timeframe.span)
            .help("write a number and a unit, `s m h d w M y`: `15m`"),
        );
        false
    }

    fn values(&mut self, nodes: Vec<Node<'s>>, regex: bool) -> Vec<Spanned<Value<'s>>> {
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            let (span, kind) = (node.span, node.kind());
            let value = match node.content {
                Content::Scalar(scalar) => {
                    let said = &mut self.diagnostics;
                    self.rules.value(scalar, span, regex, said)
                }
                content => Err(nested_value(&content, kind)),
            };
            match value {
                Ok(value) => values.push(Spanned::new(value, span)),
                Err(error) => self.diagnostics.push(error.at(span)),
            }
        }
        values
    }
}

/// A rule without a condition; perhaps it is misspelled, or inside a detection.
fn missing_condition(name: &Text<'_>, detections: &Detections<'_>) -> Diagnostic {
    let message = format!("expected a `condition` in `{}`, found none", name.value);
    let error = Diagnostic::error(Code::MissingAttribute, message);
    for (key, detection) in &detections.named {
        if nearest(&key.to_lowercase(), ["condition"]).is_some() {
            let help = format!("write `condition` in place of `{}`", key.value);
            return error.at(key.span).help(help);
        }
        let items = detection.nodes.iter().filter_map(|node| match node {
            DetectionNode::Item(item) => Some(item),
            DetectionNode::Detection(_) => None,
        });
        let mut inside = items.filter(|item| item.field.as_deref() == Some("condition"));
        if let Some(item) = inside.next() {
            let help = format!("move it out of `{0}`, into the column of `{0}`", key.value);
            return error.at(item.key).help(help);
        }
    }
    error
        .at(name.span)
        .help("say how the detections are joined: `condition: selection`")
}

/// A map or list in the place of a value; perhaps its key is a modifier.
fn nested_value(content: &Content<'_>, kind: &str) -> Diagnostic {
    let message = format!("expected a value, found {kind}");
    let error = Diagnostic::error(Code::ValueShape, message);
    let first = match content {
        Content::Mapping(pairs) => pairs.first().and_then(|(key, _)| key.as_scalar()),
        _ => None,
    };
    let quotes = match content {
        Content::Mapping(_) => "put a text that begins with `{` or contains `: ` in quotes",
        _ => "put a text that begins with `[` or `- ` in quotes",
    };
    match first.and_then(|key| Modifier::from_name(&key.text)) {
        Some(modifier) => error.help(format!(
            "write the modifier after the field's name: `Field|{}: value`",
            modifier.name()
        )),
        None => error.help(format!(
            "{quotes}; a field takes a value or a list of values, and modifiers follow its name: \
             `Field|contains`"
        )),
    }
}
