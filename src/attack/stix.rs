//! ATT&CK as a STIX 2 bundle, the form that MITRE publishes it in.
//!
//! In: the text of `enterprise-attack.json`. Out: its tactics, in the order of the matrix, and its
//! techniques. Everything else in the bundle is skipped.

use super::{Tactic, Technique, TechniqueState};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Bundle {
    objects: Vec<Object>,
}

/// The attributes of the four kinds of object that are read; most are missing in each.
#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    external_references: Vec<Reference>,
    #[serde(default)]
    kill_chain_phases: Vec<Phase>,
    #[serde(default)]
    revoked: bool,
    #[serde(default)]
    x_mitre_deprecated: bool,
    #[serde(default)]
    x_mitre_shortname: String,
    #[serde(default)]
    tactic_refs: Vec<String>,
    #[serde(default)]
    relationship_type: String,
    #[serde(default)]
    source_ref: String,
    #[serde(default)]
    target_ref: String,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default)]
    source_name: String,
    #[serde(default)]
    external_id: String,
}

#[derive(Deserialize)]
struct Phase {
    phase_name: String,
}

impl Object {
    /// `T1059`: the first reference is to ATT&CK itself.
    fn attack_id(&self) -> Option<&str> {
        self.external_references
            .iter()
            .find(|reference| reference.source_name.starts_with("mitre-"))
            .map(|reference| reference.external_id.as_str())
    }
}

/// Reads a bundle.
pub(super) fn read(text: &str) -> Result<(Vec<Tactic>, Vec<Technique>), Diagnostic> {
    let bundle: Bundle = serde_json::from_str(text).map_err(|error| {
        Diagnostic::error(
            Code::Catalog,
            format!("expected a STIX bundle with `objects`, found {error}"),
        )
        .at(offset(text, error.line(), error.column()))
        .help("give `--attack` ATT&CK's own `enterprise-attack.json`")
    })?;
    let objects = &bundle.objects;
    let by_stix_id: BTreeMap<&str, &str> = objects
        .iter()
        .filter(|object| object.kind == "attack-pattern")
        .filter_map(|object| Some((object.id.as_str(), object.attack_id()?)))
        .collect();
    let successors: BTreeMap<&str, &str> = objects
        .iter()
        .filter(|object| object.kind == "relationship" && object.relationship_type == "revoked-by")
        .filter_map(|object| {
            let successor = by_stix_id.get(object.target_ref.as_str())?;
            Some((object.source_ref.as_str(), *successor))
        })
        .collect();
    let columns: Vec<&str> = objects
        .iter()
        .filter(|object| object.kind == "x-mitre-matrix")
        .flat_map(|object| object.tactic_refs.iter().map(String::as_str))
        .collect();

    let mut tactics: Vec<(usize, Tactic)> = Vec::new();
    let mut techniques = Vec::new();
    for object in objects {
        let Some(id) = object.attack_id() else {
            continue;
        };
        let id = Cow::Owned(id.to_owned());
        let name = Cow::Owned(object.name.clone());
        match object.kind.as_str() {
            "x-mitre-tactic" => {
                let column = columns.iter().position(|column| *column == object.id);
                let short_name = Cow::Owned(object.x_mitre_shortname.clone());
                tactics.push((
                    column.unwrap_or(usize::MAX),
                    Tactic {
                        id,
                        name,
                        short_name,
                    },
                ));
            }
            "attack-pattern" => techniques.push(Technique {
                id,
                name,
                tactics: object
                    .kill_chain_phases
                    .iter()
                    .map(|phase| Cow::Owned(phase.phase_name.clone()))
                    .collect(),
                state: match (object.revoked, object.x_mitre_deprecated) {
                    (true, _) => TechniqueState::Revoked,
                    (_, true) => TechniqueState::Deprecated,
                    _ => TechniqueState::Active,
                },
                replaced_by: successors
                    .get(object.id.as_str())
                    .map(|successor| Cow::Owned((*successor).to_owned()))
                    .into_iter()
                    .collect(),
            }),
            _ => {}
        }
    }
    if techniques.is_empty() {
        return Err(
            Diagnostic::error(Code::Catalog, "expected ATT&CK techniques, found none")
                .at(Span::new(0, 0))
                .help("give `--attack` ATT&CK's own `enterprise-attack.json`"),
        );
    }
    tactics.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    Ok((
        tactics.into_iter().map(|(_, tactic)| tactic).collect(),
        techniques,
    ))
}

/// The place of a line and column, both from 1, as `serde_json` counts them.
fn offset(text: &str, line: usize, column: usize) -> Span {
    let start = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let at = (start + column.saturating_sub(1)).min(text.len());
    Span::new(at, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::Attack;

    const BUNDLE: &str = r#"{"type": "bundle", "objects": [
        {"type": "x-mitre-matrix", "id": "m", "tactic_refs": ["tac-2", "tac-1"]},
        {"type": "x-mitre-tactic", "id": "tac-1", "name": "First", "x_mitre_shortname": "first",
         "external_references": [{"source_name": "mitre-attack", "external_id": "TA0001"}]},
        {"type": "x-mitre-tactic", "id": "tac-2", "name": "Second", "x_mitre_shortname": "second",
         "external_references": [{"source_name": "mitre-attack", "external_id": "TA0002"}]},
        {"type": "attack-pattern", "id": "a", "name": "Old", "revoked": true,
         "kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "first"}],
         "external_references": [{"source_name": "mitre-attack", "external_id": "T0001"}]},
        {"type": "attack-pattern", "id": "b", "name": "New",
         "external_references": [{"source_name": "mitre-attack", "external_id": "T0002.001"}]},
        {"type": "relationship", "relationship_type": "revoked-by", "source_ref": "a", "target_ref": "b"},
        {"type": "malware", "id": "x", "name": "no technique"}
    ]}"#;

    #[test]
    fn a_bundle_gives_tactics_in_column_order_and_successors() {
        let attack = Attack::from_stix(BUNDLE).expect("a good bundle");
        let names: Vec<_> = attack
            .tactics()
            .iter()
            .map(|tactic| tactic.name.as_ref())
            .collect();
        assert_eq!(names, ["Second", "First"]);
        let old = attack.technique("T0001").expect("it is there");
        assert_eq!(
            (old.state, old.replaced_by.join(" ")),
            (TechniqueState::Revoked, "T0002.001".to_owned())
        );
        assert_eq!(old.tactics, ["first"]);
    }

    #[test]
    fn what_is_no_bundle_is_an_error_with_a_place() {
        let error = Attack::from_stix("{\n \"objects\": 1}").expect_err("no list");
        assert_eq!(error.code, Code::Catalog);
        assert!(error.span().is_some_and(|span| span.start > 2), "{error:?}");
        assert!(Attack::from_stix(r#"{"objects": []}"#).is_err());
    }
}
