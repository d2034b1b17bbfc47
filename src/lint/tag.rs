//! Tags: namespaces of the specification, ATT&CK's tactics and techniques.

use super::Subject;
use crate::attack::{Tag, TechniqueState};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::rule::Text;

/// The namespaces of the specification's appendix *tags*.
const NAMESPACES: [&str; 7] = ["attack", "car", "cve", "d3fend", "detection", "stp", "tlp"];

const LOOK_UP: &str = "look it up at https://attack.mitre.org; tags are in lower case";

pub(super) fn unknown(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let attack = subject.attack;
    for tag in &subject.rule.tags {
        // A tag without a namespace is a warning of the parser.
        let Some((namespace, name)) = tag.split_once('.') else {
            continue;
        };
        if !NAMESPACES.contains(&namespace) {
            let known = nearest(&namespace.to_lowercase(), NAMESPACES);
            let warning = warning(tag, "a namespace of tags", known);
            found.push(match known {
                Some(_) => warning,
                None => warning.help(format!("the namespaces: `{}`", NAMESPACES.join("`, `"))),
            });
            continue;
        }
        if namespace != "attack" {
            continue;
        }
        match attack.tag(tag) {
            Tag::Technique(id) if attack.technique(&id).is_none() => {
                found.push(warning(tag, "a technique of ATT&CK", None).help(LOOK_UP));
            }
            Tag::Tactic(tactic) if tactic.short_name != name => {
                found.push(warning(tag, "ATT&CK's spelling", Some(&tactic.short_name)));
            }
            Tag::Other if !is_group_or_software(name) => {
                let tactics = attack.tactics().iter();
                let names = tactics.map(|tactic| tactic.short_name.as_ref());
                let near = nearest(&name.replace('_', "-"), names);
                let warning = warning(tag, "a tactic, technique, group or software", near);
                found.push(match near {
                    Some(_) => warning,
                    None => warning.help(LOOK_UP),
                });
            }
            Tag::Technique(_) | Tag::Other if name != name.to_lowercase() => {
                let near = format!("attack.{}", name.to_lowercase());
                found.push(warning(tag, "ATT&CK's spelling", Some(&near)));
            }
            _ => {}
        }
    }
}

/// What is written after a namespace other than ATT&CK's.
const FORMS: [(&str, Form); 5] = [
    (
        "tlp",
        Form::OneOf(&["amber", "amber-strict", "clear", "green", "red", "white"]),
    ),
    (
        "detection",
        Form::OneOf(&["dfir", "emerging-threats", "threat-hunting"]),
    ),
    ("cve", Form::Like("cve.2021-44228", is_cve)),
    ("car", Form::Like("car.2016-04-005", is_analytic)),
    ("stp", Form::Like("stp.4u", is_level)),
];

enum Form {
    OneOf(&'static [&'static str]),
    /// An example, and what is like it.
    Like(&'static str, fn(&str) -> bool),
}

/// `tlp.yellow`, `cve.2021.44228`, and `tlp.red` beside `tlp.green`.
pub(super) fn forms(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (namespace, form) in FORMS {
        let mut first: Option<&Text<'_>> = None;
        for tag in &subject.rule.tags {
            let Some((_, name)) = tag.split_once('.').filter(|(own, _)| *own == namespace) else {
                continue;
            };
            let (fits, example) = match &form {
                Form::OneOf(names) => (names.contains(&name), nearest(name, names.iter().copied())),
                Form::Like(example, fits) => (fits(name), Some(*example)),
            };
            if !fits {
                let message = format!("expected a tag of `{namespace}`, found `{}`", tag.value);
                let warning = Diagnostic::warning(Code::TagForm, message).at(tag.span);
                found.push(warning.help(match (&form, example) {
                    (Form::Like(example, _), _) => format!("write it as in `{example}`"),
                    (_, Some(near)) => format!("did you mean `{namespace}.{near}`?"),
                    (Form::OneOf(names), None) => format!("its tags: `{}`", names.join("`, `")),
                }));
                continue;
            }
            match first {
                // The same tag again is another warning.
                Some(first) if matches!(form, Form::OneOf(_)) && first.value != tag.value => {
                    let message = format!("expected one tag of `{namespace}`, found several");
                    let warning = Diagnostic::warning(Code::TagForm, message).at(tag.span);
                    let warning = warning.label(first.span, "the first");
                    found.push(warning.help("remove all but the one that holds"));
                }
                Some(_) => {}
                None => first = Some(tag),
            }
        }
    }
}

/// Numbers of so many digits between hyphens; 0: any number of digits.
fn has_numbers<const N: usize>(text: &str, digits: [usize; N]) -> bool {
    let numbers: Vec<&str> = text.split('-').collect();
    let is_number = |(number, digits): (&&str, usize)| {
        !number.is_empty()
            && number.bytes().all(|digit| digit.is_ascii_digit())
            && (digits == 0 || number.len() == digits)
    };
    numbers.len() == N && numbers.iter().zip(digits).all(is_number)
}

fn is_cve(name: &str) -> bool {
    has_numbers(name, [4, 0])
}

fn is_analytic(name: &str) -> bool {
    has_numbers(name, [4, 2, 3])
}

/// `4u`
fn is_level(name: &str) -> bool {
    let level = name.strip_suffix(['a', 'u', 'k']).unwrap_or(name);
    matches!(level, "1" | "2" | "3" | "4" | "5")
}

/// `g0069`, `s0154`.
fn is_group_or_software(name: &str) -> bool {
    let digits = name.strip_prefix(['g', 'G', 's', 'S']);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|c| c.is_ascii_digit()))
}

fn warning(tag: &Text<'_>, expected: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("expected {expected}, found `{}`", tag.value);
    let warning = Diagnostic::warning(Code::UnknownTag, message).at(tag.span);
    match near {
        Some(near) => warning.help(format!("did you mean `{near}`?")),
        None => warning,
    }
}

/// Techniques that ATT&CK revoked or gave up.
pub(super) fn old(subject: &Subject<'_, '_>, found: &mut Vec<Diagnostic>) {
    let attack = subject.attack;
    for tag in &subject.rule.tags {
        let Tag::Technique(id) = attack.tag(tag) else {
            continue;
        };
        let Some(technique) = attack
            .technique(&id)
            .filter(|t| t.state != TechniqueState::Active)
        else {
            continue;
        };
        let message = format!(
            "expected a technique that ATT&CK still has, found `{}`, which is {}",
            tag.value,
            technique.state.name()
        );
        let successors: Vec<String> = technique
            .replaced_by
            .iter()
            .map(|id| format!("`attack.{}`", id.to_lowercase()))
            .collect();
        let warning = Diagnostic::warning(Code::OldTechnique, message).at(tag.span);
        found.push(if successors.is_empty() {
            warning.help("remove it, or find the technique that fits today")
        } else {
            warning.help(format!("{} took its place", successors.join(", ")))
        });
    }
}
