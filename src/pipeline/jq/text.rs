//! Strings with terms inside, and formats: `"\(.a)-\(.b)"`, `@base64`.

use super::machine::{At, Flow, Here, Machine, Out, Stop, Term};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jaq_core::load::lex::StrPart;
use serde_json::Value;

impl Machine {
    /// `"a\(f)b"`: a string for each combination of what the terms give.
    pub fn string<'t>(
        &self,
        format: Option<&str>,
        parts: &'t [StrPart<&'t str, Term<'t>>],
        here: Here<'_, 't>,
        so_far: &str,
        out: Out<'_>,
    ) -> Flow {
        let mut text = so_far.to_owned();
        for (index, part) in parts.iter().enumerate() {
            match part {
                StrPart::Str(literal) => text.push_str(literal),
                StrPart::Char(character) => text.push(*character),
                StrPart::Term(term) => {
                    return self.run(term, here, &mut |found| {
                        let shown = self.format(format.unwrap_or("@text"), &found.value)?;
                        self.make(text.len() + shown.len())?;
                        let so_far = format!("{text}{shown}");
                        let rest = &parts[index + 1..];
                        self.string(format, rest, here, &so_far, out)
                    });
                }
            }
        }
        self.make(text.len())?;
        out(At::made(Value::String(text)))
    }

    /// `@text`, `@json`, `@base64`, `@base64d`
    pub fn format(&self, format: &str, value: &Value) -> Result<String, Stop> {
        let text = match value {
            Value::String(text) if format != "@json" => text.clone(),
            value => {
                self.make(super::machine::weight(value).0)?;
                value.to_string()
            }
        };
        self.make(text.len())?;
        match format {
            "@base64" => Ok(STANDARD.encode(text)),
            "@base64d" => {
                let wrong = || Stop::error("expected base64 of a text");
                let bytes = STANDARD.decode(text.trim()).map_err(|_| wrong())?;
                String::from_utf8(bytes).map_err(|_| wrong())
            }
            _ => Ok(text),
        }
    }
}
