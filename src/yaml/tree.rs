//! A YAML document as the tree that definitions of keys check ([`crate::table`]).
//!
//! In: a [`Node`]. Out: an [`Entry`] of the same shape as TOML's, with places in the text, so that one
//! checker and one reader serve both.

use super::{Content, Node, Resolved, Schema};
use crate::table::tree::{Entry, Place, Table, Tree};

impl Node<'_> {
    /// The node as a tree. A scalar is what it means in a dialect; one that means nothing is the
    /// empty text. `text` is the number of the text that it stands in.
    #[must_use]
    pub fn tree(&self, text: usize, schema: Schema) -> Entry {
        let place = |node: &Self| Place {
            text,
            span: node.span,
        };
        let value = match &self.content {
            Content::Scalar(scalar) => match scalar.resolve(schema) {
                Resolved::Bool(value) => Tree::Bool(value),
                Resolved::Number(number) => match number.text.parse() {
                    Ok(number) => Tree::Integer(number),
                    Err(_) => Tree::Float(number.text.into_owned()),
                },
                Resolved::Null => Tree::Text(String::new()),
                Resolved::Timestamp | Resolved::String => Tree::Text(scalar.text.to_string()),
            },
            Content::Sequence(items) => {
                Tree::List(items.iter().map(|item| item.tree(text, schema)).collect())
            }
            Content::Mapping(pairs) => {
                let name = |key: &Self| key.as_scalar().map(|key| key.text.to_string());
                let entries = pairs.iter().map(|(key, value)| {
                    let value = value.tree(text, schema);
                    (name(key).unwrap_or_default(), place(key), value)
                });
                Tree::Table(Table {
                    entries: entries.collect(),
                })
            }
        };
        Entry {
            value,
            place: place(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::Dialect;
    use crate::project::config::shape;
    use crate::table::Kind;
    use crate::table::check::check;
    use crate::table::read::{Problems, Reader};
    use crate::table::tree::Tree;
    use crate::yaml::load;

    #[test]
    fn yaml_is_checked_and_read_as_toml_is() {
        let text = "rules: [a, b]\nstrict: maybe\noutput:\n  splunk:\n    combin: true\n";
        let loaded = load(text, &Dialect::SPECIFICATION);
        let Tree::Table(table) = loaded.documents[0]
            .tree(0, (&Dialect::SPECIFICATION).into())
            .value
        else {
            panic!("a mapping");
        };
        let problems = Problems::new(Kind::PROJECT);
        check(&table, &shape::FILE, &problems);
        let reader = Reader::new(&table, "", &problems);
        assert_eq!(reader.texts("rules"), Some(vec!["a", "b"]));
        let found: Vec<(&str, String)> = problems
            .into_inner()
            .into_iter()
            .map(|(_, problem)| {
                let span = problem.span().expect("a place");
                (&text[span.range()], problem.message)
            })
            .collect();
        let expected = [
            (
                "maybe",
                "`strict`: expected `true` or `false`, found `maybe`",
            ),
            ("combin", "unknown key `output.splunk.combin`"),
        ];
        assert_eq!(
            found,
            expected.map(|(at, message)| (at, message.to_owned()))
        );
    }
}
