//! The picture of the README: a terminal with what the program prints, as SVG.

use std::fmt::Write as _;

/// The widest line, in characters; longer ones go on below.
const COLUMNS: usize = 108;
const CHARACTER: f64 = 7.8;
const LINE: usize = 19;
const TOP: usize = 54;
const LEFT: usize = 20;

/// A stretch of text with what SGR says of it: `1;33` is bold and yellow.
type Run = (String, Style);

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Style {
    bold: bool,
    color: Option<&'static str>,
}

impl Style {
    fn after(self, code: &str) -> Self {
        let color = |color| Self {
            color: Some(color),
            ..self
        };
        match code {
            "" | "0" => Self::default(),
            "1" => Self { bold: true, ..self },
            "31" | "91" => color("#ff7b72"),
            "32" | "92" => color("#7ee787"),
            "33" | "93" => color("#e3b341"),
            "34" | "94" => color("#79c0ff"),
            "36" | "96" => color("#76e3ea"),
            other => panic!("a color that the picture lacks: {other}"),
        }
    }
}

/// A line's runs, in lines of at most [`COLUMNS`].
fn runs(line: &str) -> Vec<Vec<Run>> {
    let mut lines = vec![Vec::new()];
    let mut style = Style::default();
    let mut column = 0;
    for (at, part) in line.split("\u{1b}[").enumerate() {
        let text = match part.split_once('m') {
            Some((codes, text)) if at > 0 => {
                style = codes.split(';').fold(style, Style::after);
                text
            }
            _ => part,
        };
        for c in text.chars() {
            if column == COLUMNS {
                lines.push(Vec::new());
                column = 0;
            }
            column += 1;
            let line: &mut Vec<Run> = lines.last_mut().expect("there is one");
            match line.last_mut() {
                Some((text, known)) if *known == style => text.push(c),
                _ => line.push((c.to_string(), style)),
            }
        }
    }
    lines
}

/// The picture of these lines; those that begin with `$ ` are commands.
pub fn svg(lines: &[String]) -> String {
    let mut body = String::new();
    let mut count = 0;
    for line in lines {
        for runs in runs(line) {
            let y = TOP + LINE * count;
            count += 1;
            let _ = write!(body, "<text x=\"{LEFT}\" y=\"{y}\">");
            for (text, style) in runs {
                // Blanks that no viewer folds into one.
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                let text = text.replace(' ', "\u{a0}");
                let is_command = line.starts_with("$ ");
                let weight = if style.bold || is_command {
                    " font-weight=\"600\""
                } else {
                    ""
                };
                let color = style
                    .color
                    .unwrap_or(if is_command { "#ffffff" } else { "#d0d7de" });
                let _ = write!(body, "<tspan fill=\"{color}\"{weight}>{text}</tspan>");
            }
            body += "</text>\n";
        }
    }
    let height = TOP + LINE * count;
    #[expect(clippy::cast_precision_loss, reason = "a number of columns is small")]
    let width = (COLUMNS as f64).mul_add(CHARACTER, 2.0 * LEFT as f64);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"13\" role=\"img\">\n\
         <title>varsigma on a terminal: queries, a warning and an error with carets</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"#0d1117\"/>\n\
         <circle cx=\"22\" cy=\"20\" r=\"5.5\" fill=\"#ff5f57\"/>\
         <circle cx=\"42\" cy=\"20\" r=\"5.5\" fill=\"#febc2e\"/>\
         <circle cx=\"62\" cy=\"20\" r=\"5.5\" fill=\"#28c840\"/>\n{body}</svg>\n"
    )
}
