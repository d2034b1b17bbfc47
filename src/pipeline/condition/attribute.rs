//! `rule_attribute`: an attribute of the rule compares with a value.
//!
//! Texts and ids compare by `eq` and `ne`; lists by `in` and `not_in`; numbers, dates, levels and
//! statuses by order. An attribute that the rule has not got never compares.

use super::state::Relation;
use super::{Condition, Subject};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::attribute::{Attribute as OfRule, attributes};
use crate::pipeline::reader::Keys;
use crate::pipeline::state::State;
use crate::pipeline::{ItemRules, data};
use crate::rule::Rule;
use serde_json::Value;

/// The condition.
#[derive(Debug)]
pub struct Attribute {
    name: String,
    value: Value,
    operator: Operator,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Relation(Relation),
    In,
    NotIn,
}

impl Operator {
    const fn is_unequal(self) -> bool {
        matches!(self, Self::Relation(Relation::Unequal) | Self::NotIn)
    }
}

/// An attribute as it compares.
enum Found {
    Missing,
    Text(String),
    List(Vec<Value>),
    Ranked(&'static [&'static str], String),
    Date(String),
    Number(Value),
    Other,
}

impl Attribute {
    /// Reads it.
    pub fn load(keys: &Keys<'_>) -> Option<Self> {
        let relations =
            Relation::NAMES.map(|(name, relation)| (name, Operator::Relation(relation)));
        let mut operators = relations.to_vec();
        operators.extend([("in", Operator::In), ("not_in", Operator::NotIn)]);
        let operator = keys.choice("op", &operators);
        Some(Self {
            name: keys.text("attribute")?,
            value: keys.data("value")?,
            operator: operator.unwrap_or(Operator::Relation(Relation::Equal)),
        })
    }

    fn find(&self, rule: &Rule<'_>) -> Option<Found> {
        let mut attributes = attributes(rule).into_iter();
        if let Some((_, found)) = attributes.find(|(name, _)| *name == self.name) {
            return Some(match found {
                OfRule::Texts([]) if self.name == "scope" => Found::Missing,
                OfRule::Missing => Found::Missing,
                OfRule::Text(text) => Found::Text(text.into_owned()),
                OfRule::Texts(texts) => {
                    let texts = texts.iter().map(|text| text.value.as_ref().into());
                    Found::List(texts.collect())
                }
                OfRule::Ranked(ranks, text) => Found::Ranked(ranks, text),
                OfRule::Date(text) => Found::Date(text.to_owned()),
            });
        }
        Some(match self.name.as_str() {
            "related" if rule.related.is_empty() => Found::Missing,
            "related" | "logsource" | "detection" => Found::Other,
            name => {
                let (_, node) = rule.custom.iter().find(|(known, _)| known.value == name)?;
                match data::read(node) {
                    Value::Null => Found::Missing,
                    Value::String(text) if data::date(&text).is_some() && data::is_plain(node) => {
                        Found::Date(text)
                    }
                    Value::String(text) => Found::Text(text),
                    Value::Array(items) => Found::List(items),
                    Value::Object(_) => Found::Other,
                    number => Found::Number(number),
                }
            }
        })
    }

    fn compare(&self, found: &Found, rules: &dyn ItemRules) -> Result<bool, String> {
        let relation = match (found, self.operator) {
            (Found::List(items), Operator::In) => {
                return Ok(items.iter().any(|item| data::equal(item, &self.value)));
            }
            (Found::List(items), Operator::NotIn) => {
                return Ok(!items.iter().any(|item| data::equal(item, &self.value)));
            }
            (Found::List(_), Operator::Relation(relation)) => {
                return Ok(relation == Relation::Unequal);
            }
            (Found::Missing, operator) => {
                return rules.compare_missing(operator.is_unequal());
            }
            (Found::Other, _) => return Err("it is neither text, number, date nor list".into()),
            (_, Operator::Relation(relation)) => relation,
            (_, Operator::In | Operator::NotIn) => return Err("it is not a list".into()),
        };
        let wanted = || self.value.as_str().unwrap_or_default();
        match found {
            Found::Text(text) => match relation {
                Relation::Equal => Ok(self.value.as_str() == Some(text)),
                Relation::Unequal => Ok(self.value.as_str() != Some(text)),
                _ => Err("texts compare by `eq` and `ne` only".into()),
            },
            Found::Ranked(ranks, text) => {
                let rank = |word: &str| ranks.iter().position(|rank| *rank == word);
                let ranked = rank(&wanted().to_lowercase())
                    .ok_or_else(|| format!("expected one of {}", ranks.join(", ")))?;
                Ok(rank(text).is_some_and(|rank| relation.allows(rank.cmp(&ranked))))
            }
            Found::Date(text) => {
                let day = data::date(wanted()).ok_or("expected a date such as `2024-01-31`")?;
                Ok(data::date(text).is_some_and(|date| relation.allows(date.cmp(&day))))
            }
            Found::Number(number) => {
                let value = data::number(&self.value).ok_or("expected a number")?;
                if !rules.compares(number) {
                    return Ok(true);
                }
                let number = data::number(number).unwrap_or_default();
                Ok(number
                    .partial_cmp(&value)
                    .is_some_and(|ordering| relation.allows(ordering)))
            }
            Found::List(_) | Found::Missing | Found::Other => Ok(false),
        }
    }
}

impl Condition for Attribute {
    fn holds(&self, subject: Subject<'_>, state: &State<'_>) -> Result<bool, Diagnostic> {
        let Subject::Rule(rule) = subject else {
            return Ok(false);
        };
        let Some(found) = self.find(rule) else {
            let is_unequal = self.operator.is_unequal();
            return Ok(state.settings.items.compare_unknown(is_unequal));
        };
        let (name, value) = (&self.name, &self.value);
        let compared = self.compare(&found, state.settings.items);
        compared.map_err(|problem| {
            let message =
                format!("the attribute `{name}` can't be compared with {value}: {problem}");
            Diagnostic::error(Code::PipelineComparison, message)
        })
    }
}
