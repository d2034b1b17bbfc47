//! How fields are named: quotes, escapes, words that need them, and paths into a column.
//!
//! In: `process.name`. Out: `"process.name"`, or with events in a JSON column
//! `json_extract("raw", '$."process"."name"')`.

use super::bare::BareNames;
use super::template::{Slot, Template};

/// How fields are named.
#[derive(Debug, Clone, Default)]
pub struct FieldNames {
    /// Names that match need no quotes; `None`: quotes always, if there are any.
    pub bare: Option<BareNames>,
    /// The text before and after other names.
    pub quote: (String, String),
    /// Characters of a name and what stands for each.
    pub escapes: Vec<(char, String)>,
    /// A name with dots is a path, of which each step is quoted by itself: `` `process`.`name` ``.
    pub path: bool,
    /// Names that need quotes although `bare` matches them, in lower case, sorted.
    pub reserved: Vec<String>,
    /// The text before a reserved name that `bare` matches, in the place of quotes: `\OR`.
    pub reserved_prefix: String,
    /// The text before the name of a field that no event may have, where the engine refuses names
    /// that it does not know unless they have that: `?`.
    pub optional: String,
    /// Texts that no name may have as it is written: the engine takes them for something else, and
    /// names have no escape for them.
    pub refused: Vec<String>,
    /// Why there are no names but those that `bare` matches.
    pub others_refused: Option<String>,
    /// How a field is reached where events lie in a column of their own.
    pub inside: Option<Inside>,
}

/// How a field is reached inside a column that holds whole events: `json_extract(raw, '$."a"."b"')`.
#[derive(Debug, Clone)]
pub struct Inside {
    /// The option that names the column; empty where fields are columns.
    pub option: Option<usize>,
    /// With `{field}` for the column and `{list}` for the path's steps.
    pub text: Template,
    /// The text before and after each step of the path.
    pub step: (String, String),
    /// Between the steps.
    pub separator: String,
    /// Characters of a step and what stands for each.
    pub escapes: Vec<(char, String)>,
    /// Texts that no step may have, as paths have no escape for them.
    pub refused: Vec<String>,
}

/// The column that a field lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within<'f> {
    /// Its name, with which the field's begins.
    pub column: &'f str,
    /// The field is a path of names, not one in the column's text.
    pub is_path: bool,
}

impl FieldNames {
    /// Writes a name, with quotes and escapes where it needs them.
    pub fn write(&self, name: &str, out: &mut String) {
        if self.path && name.contains('.') && !name.split('.').any(str::is_empty) {
            return self.write_dotted(name, out);
        }
        let plain = self.bare.as_ref().is_some_and(|bare| bare.has(name));
        let reserved = plain && self.is_reserved(name);
        if plain && !(reserved && self.reserved_prefix.is_empty()) {
            if reserved {
                out.push_str(&self.reserved_prefix);
            }
            out.push_str(name);
            return;
        }
        out.push_str(&self.quote.0);
        for character in name.chars() {
            match self.escapes.iter().find(|(known, _)| *known == character) {
                Some((_, escape)) => out.push_str(escape),
                None => out.push(character),
            }
        }
        out.push_str(&self.quote.1);
    }

    /// Why the language has no such name, which [`write_place`](Self::write_place) wrote.
    #[must_use]
    pub fn refusal(&self, name: &str, written: &str) -> Option<String> {
        let mut refused = self.refused.iter();
        let refused = refused.find(|text| written.contains(text.as_str()));
        let within = self.inside.as_ref().and_then(|inside| {
            let mut refused = inside.refused.iter();
            refused.find(|text| name.contains(text.as_str()))
        });
        let within = within.filter(|_| {
            let mut column = String::new();
            self.write(name, &mut column);
            column != written
        });
        if let Some(text) = refused.or(within) {
            return Some(format!("`{text}` in the name of a field"));
        }
        let others = self.others_refused.as_ref();
        others.filter(|_| !self.is_bare(written)).cloned()
    }

    /// Is the name written as it is?
    #[must_use]
    pub fn is_bare(&self, name: &str) -> bool {
        self.bare.as_ref().is_some_and(|bare| bare.has(name)) && !self.is_reserved(name)
    }

    fn is_reserved(&self, name: &str) -> bool {
        self.reserved
            .iter()
            .any(|reserved| reserved.eq_ignore_ascii_case(name))
    }

    /// Writes a name whose parts are joined by dots, each quoted by itself: `logs.events`.
    pub fn write_dotted(&self, name: &str, out: &mut String) {
        for (at, part) in name.split('.').enumerate() {
            if at > 0 {
                out.push('.');
            }
            self.write(part, out);
        }
    }

    /// Writes where a field is found; `option` gives the value of an option, and `within` is the column
    /// that the schema has it in, where that is not the option's.
    pub fn write_place<'o>(
        &self,
        name: &str,
        option: impl FnOnce(usize) -> &'o str,
        within: Option<Within<'o>>,
        out: &mut String,
    ) {
        if within.is_some_and(|within| within.is_path) {
            return self.write_dotted(name, out);
        }
        let Some(inside) = &self.inside else {
            return self.write(name, out);
        };
        let (column, name) = match (inside.option.map_or("", option), within) {
            ("", Some(Within { column, .. })) => (column, &name[column.len() + 1..]),
            ("", None) => return self.write(name, out),
            (column, _) => (column, name),
        };
        let written: Result<(), std::convert::Infallible> = inside.text.write(out, |slot, out| {
            match slot {
                Slot::Field => self.write(column, out),
                Slot::List => inside.steps(name, out),
                _ => {}
            }
            Ok(())
        });
        let Ok(()) = written;
    }
}

impl Inside {
    fn steps(&self, name: &str, out: &mut String) {
        for (at, step) in name.split('.').enumerate() {
            if at > 0 {
                out.push_str(&self.separator);
            }
            out.push_str(&self.step.0);
            for character in step.chars() {
                match self.escapes.iter().find(|(known, _)| *known == character) {
                    Some((_, escape)) => out.push_str(escape),
                    None => out.push(character),
                }
            }
            out.push_str(&self.step.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_are_written_as_they_are() {
        let bare = regex::Regex::new("^[a-z]+$").expect("it is an expression");
        let names = FieldNames {
            bare: Some(BareNames::new(bare)),
            reserved: vec!["count".to_owned()],
            ..FieldNames::default()
        };
        assert!(names.is_bare("user"));
        assert!(!names.is_bare("user name") && !names.is_bare("Count"));
    }
}
