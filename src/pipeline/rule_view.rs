//! A rule as every template sees it: of pipelines, of documents of queries, of pages.
//!
//! In: a rule. Out: its attributes by their names in Sigma, as texts of their own, for a document
//! of many queries outlives the files. `docs/page.md` has the table of them.
//!
//! ```text
//! {{ rule.title }} {{ rule.logsource.product }} {{ rule.custom_attributes.owner }}   pipelines, documents
//! {{ title }} {{ logsource.product }} {{ custom_attributes.owner }}                  pages
//! ```

use super::data;
use crate::rule::{LogSource, Rule, Text};
#[cfg(feature = "documents")]
use minijinja::{
    Value,
    value::{Object, Serde},
};
use serde::Serialize;
use std::collections::BTreeMap;
#[cfg(feature = "documents")]
use std::sync::Arc;

/// A rule's attributes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RuleView {
    /// The title; may be empty.
    pub title: String,
    /// The id.
    pub id: Option<String>,
    /// The name, which correlations refer to.
    pub name: Option<String>,
    /// The taxonomy of its fields; `sigma` where the rule names none.
    pub taxonomy: String,
    /// The status.
    pub status: Option<String>,
    /// The level.
    pub level: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The license.
    pub license: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The date, as written.
    pub date: Option<String>,
    /// The day of the last change, as written.
    pub modified: Option<String>,
    /// The references.
    pub references: Vec<String>,
    /// The tags, as written.
    pub tags: Vec<String>,
    /// Known false positives.
    pub falsepositives: Vec<String>,
    /// Fields to show.
    pub fields: Vec<String>,
    /// Where the rule is of use.
    pub scope: Vec<String>,
    /// The log source.
    pub logsource: LogSourceView,
    /// What else the rule has.
    pub custom_attributes: BTreeMap<String, serde_json::Value>,
}

/// A log source's attributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct LogSourceView {
    /// `windows`
    pub product: Option<String>,
    /// `process_creation`
    pub category: Option<String>,
    /// `sysmon`
    pub service: Option<String>,
    /// How the log is switched on.
    pub definition: Option<String>,
}

impl RuleView {
    /// The attributes as they are written.
    #[must_use]
    pub fn of(rule: &Rule<'_>) -> Self {
        let custom = rule.custom.iter();
        Self {
            title: rule.title.value.to_string(),
            id: text(rule.id.as_ref()),
            name: text(rule.name.as_ref()),
            taxonomy: text(rule.taxonomy.as_ref()).unwrap_or_else(|| "sigma".to_owned()),
            status: text(rule.status.as_ref()),
            level: text(rule.level.as_ref()),
            description: text(rule.description.as_ref()),
            license: text(rule.license.as_ref()),
            author: text(rule.author.as_ref()),
            date: text(rule.date.as_ref()),
            modified: text(rule.modified.as_ref()),
            references: texts(&rule.references),
            tags: texts(&rule.tags),
            falsepositives: texts(&rule.falsepositives),
            fields: texts(&rule.fields),
            scope: texts(&rule.scope),
            logsource: LogSourceView::of(&rule.logsource),
            custom_attributes: custom
                .map(|(name, node)| (name.value.to_string(), data::read(node)))
                .collect(),
        }
    }

    /// The same without blank space around texts, and without texts that have nothing else.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        let source = &mut self.logsource;
        for text in [
            &mut self.id,
            &mut self.name,
            &mut self.status,
            &mut self.level,
            &mut self.description,
            &mut self.license,
            &mut self.author,
            &mut self.date,
            &mut self.modified,
            &mut source.product,
            &mut source.category,
            &mut source.service,
            &mut source.definition,
        ] {
            *text = text.as_deref().and_then(trimmed);
        }
        for list in [
            &mut self.references,
            &mut self.tags,
            &mut self.falsepositives,
            &mut self.fields,
            &mut self.scope,
        ] {
            *list = list.iter().filter_map(|text| trimmed(text)).collect();
        }
        self.title = self.title.trim().to_owned();
        self
    }

    /// An attribute by its name. A value is made when a template asks for it: most ask for a few of
    /// two dozen, and a rule's texts are long.
    #[cfg(feature = "documents")]
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        let text = |text: &Option<String>| Value::from(text.as_deref());
        let texts = |texts: &[String]| texts.iter().map(String::as_str).collect();
        Some(match name {
            "title" => Value::from(&self.title),
            "id" => text(&self.id),
            "name" => text(&self.name),
            "taxonomy" => Value::from(&self.taxonomy),
            "status" => text(&self.status),
            "level" => text(&self.level),
            "description" => text(&self.description),
            "license" => text(&self.license),
            "author" => text(&self.author),
            "date" => text(&self.date),
            "modified" => text(&self.modified),
            "references" => texts(&self.references),
            "tags" => texts(&self.tags),
            "falsepositives" => texts(&self.falsepositives),
            "fields" => texts(&self.fields),
            "scope" => texts(&self.scope),
            "logsource" => Value::from(Serde(&self.logsource)),
            "custom_attributes" => Value::from(Serde(&self.custom_attributes)),
            // Shorter names that templates of documents have had from the beginning.
            "product" => text(&self.logsource.product),
            "category" => text(&self.logsource.category),
            "service" => text(&self.logsource.service),
            _ => return None,
        })
    }
}

#[cfg(feature = "documents")]
impl Object for RuleView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key)
    }
}

impl LogSourceView {
    /// The attributes as they are written.
    #[must_use]
    pub fn of(source: &LogSource<'_>) -> Self {
        Self {
            product: text(source.product.as_ref()),
            category: text(source.category.as_ref()),
            service: text(source.service.as_ref()),
            definition: text(source.definition.as_ref()),
        }
    }
}

fn text(text: Option<&Text<'_>>) -> Option<String> {
    text.map(|text| text.value.to_string())
}

fn texts(texts: &[Text<'_>]) -> Vec<String> {
    texts.iter().map(|text| text.value.to_string()).collect()
}

fn trimmed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_its_name() {
        let names = serde_json::to_value(RuleView::default()).expect("plain data");
        let names = names.as_object().expect("attributes").clone();
        for (name, _) in names {
            assert!(RuleView::default().get(&name).is_some(), "{name}");
        }
    }
}
