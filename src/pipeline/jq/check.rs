//! What is checked of an expression before it is evaluated: its size, and every name in it.

use super::function::is_native;
use super::library;
use super::machine::Term;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern};
use jaq_core::path::Part;

/// The longest expression, in bytes.
const LONGEST: usize = 4096;

/// How deep brackets may be nested.
const DEEPEST: usize = 32;

/// The most words and signs that take another term: the reader recurses for each.
const MOST_PREFIXES: usize = 100;

/// Is the text short and flat enough for a reader that recurses?
pub fn size(text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        let length = text.len();
        return Err(format!(
            "expected at most {LONGEST} bytes in a jq expression, found {length}"
        ));
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > DEEPEST {
        return Err(format!(
            "expected brackets of a jq expression to be nested at most {DEEPEST} deep"
        ));
    }
    let words = [
        "try", "def", "if", "label", "reduce", "foreach", " as ", "and", "or", "not",
    ];
    let words: usize = words.iter().map(|word| text.matches(word).count()).sum();
    let count = words + text.matches(|sign| "+-*/%<>=|,;?".contains(sign)).count();
    if count > MOST_PREFIXES {
        return Err(format!(
            "expected at most {MOST_PREFIXES} operators and keywords in a jq expression, found {count}"
        ));
    }
    Ok(())
}

/// Does every name stand for something? The error is the first that does not.
pub fn names(term: &Term<'_>) -> Result<(), String> {
    let library = library();
    let mut names = Names::default();
    for function in &library {
        names
            .functions
            .push((function.name.to_owned(), function.args.len()));
    }
    names.term(term)
}

#[derive(Default)]
struct Names {
    functions: Vec<(String, usize)>,
    variables: Vec<String>,
    labels: Vec<String>,
}

type Checked = Result<(), String>;

impl Names {
    fn term(&mut self, term: &Term<'_>) -> Checked {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Arr(None) => Ok(()),
            Term::Str(format, parts) => {
                if let Some(format) = format {
                    self.call(format, 0)?;
                }
                parts.iter().try_for_each(|part| match part {
                    StrPart::Term(term) => self.term(term),
                    StrPart::Str(_) | StrPart::Char(_) => Ok(()),
                })
            }
            Term::Arr(Some(inner)) | Term::Neg(inner) => self.term(inner),
            Term::Obj(pairs) => pairs.iter().try_for_each(|(key, value)| {
                self.term(key)?;
                value.iter().try_for_each(|value| self.term(value))
            }),
            Term::BinOp(left, BinaryOp::Pipe(Some(pattern)), right) => {
                self.term(left)?;
                self.inside(|names| {
                    names.pattern(pattern)?;
                    names.term(right)
                })
            }
            Term::BinOp(left, _, right) => {
                self.term(left)?;
                self.term(right)
            }
            Term::Label(name, inner) => self.inside(|names| {
                names.labels.push((*name).to_owned());
                names.term(inner)
            }),
            Term::Break(name) => known(self.labels.iter().any(|label| label == name), name),
            Term::Fold(_, source, pattern, arguments) => {
                self.term(source)?;
                let Some((start, updates)) = arguments.split_first() else {
                    return Err("a fold without arguments".into());
                };
                self.term(start)?;
                self.inside(|names| {
                    names.pattern(pattern)?;
                    updates.iter().try_for_each(|update| names.term(update))
                })
            }
            Term::TryCatch(tried, caught) => {
                self.term(tried)?;
                caught.iter().try_for_each(|caught| self.term(caught))
            }
            Term::IfThenElse(cases, otherwise) => {
                for (condition, then) in cases {
                    self.term(condition)?;
                    self.term(then)?;
                }
                otherwise.iter().try_for_each(|term| self.term(term))
            }
            Term::Def(functions, inner) => self.inside(|names| {
                for function in functions {
                    names.function(function)?;
                }
                names.term(inner)
            }),
            Term::Call(name, arguments) => {
                self.call(name, arguments.len())?;
                arguments.iter().try_for_each(|term| self.term(term))
            }
            Term::Var(name) => known(self.variables.iter().any(|known| known == name), name),
            Term::Path(base, path) => {
                self.term(base)?;
                path.0.iter().try_for_each(|(part, _)| match part {
                    Part::Index(index) => self.term(index),
                    Part::Range(from, to) => {
                        from.iter().chain(to).try_for_each(|term| self.term(term))
                    }
                })
            }
        }
    }

    fn function(&mut self, function: &Def<&str>) -> Checked {
        let arity = function.args.len();
        self.functions.push((function.name.to_owned(), arity));
        self.inside(|names| {
            for argument in &function.args {
                if argument.starts_with('$') {
                    names.variables.push((*argument).to_owned());
                }
                let name = argument.trim_start_matches('$');
                names.functions.push((name.to_owned(), 0));
            }
            names.term(&function.body)
        })
    }

    fn pattern(&mut self, pattern: &Pattern<&str>) -> Checked {
        match pattern {
            Pattern::Var(name) => {
                self.variables.push((*name).to_owned());
                Ok(())
            }
            Pattern::Arr(parts) => parts.iter().try_for_each(|part| self.pattern(part)),
            Pattern::Obj(pairs) => pairs.iter().try_for_each(|(key, part)| {
                self.term(key)?;
                self.pattern(part)
            }),
        }
    }

    fn call(&self, name: &str, arity: usize) -> Checked {
        let is_native = is_native(name, arity);
        let mut functions = self.functions.iter();
        let is_defined =
            functions.any(|(known, known_arity)| known == name && *known_arity == arity);
        known(is_native || is_defined, name)
    }

    /// What is bound within `work` is not seen afterwards.
    fn inside(&mut self, work: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let lengths = (
            self.functions.len(),
            self.variables.len(),
            self.labels.len(),
        );
        let checked = work(self);
        self.functions.truncate(lengths.0);
        self.variables.truncate(lengths.1);
        self.labels.truncate(lengths.2);
        checked
    }
}

fn known(is_known: bool, name: &str) -> Checked {
    if is_known {
        Ok(())
    } else {
        Err(name.to_owned())
    }
}
