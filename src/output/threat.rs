//! ATT&CK blocks of detection rules: tactics with techniques and their sub-techniques.
//!
//! `attack.credential-access`, `attack.t1003.001` become the tactic TA0006 with T1003 and below it
//! T1003.001.

use crate::attack::{Attack, Tactic, Tag, TechniqueState, tactic_url, technique_url};
use serde::Serialize;
use std::collections::BTreeSet;

/// A tactic and techniques that serve it.
#[derive(Debug, Serialize)]
pub(super) struct Threat {
    framework: &'static str,
    tactic: Named,
    technique: Vec<Technique>,
}

#[derive(Debug, Serialize)]
struct Named {
    id: String,
    name: String,
    reference: String,
}

#[derive(Debug, Serialize)]
struct Technique {
    #[serde(flatten)]
    named: Named,
    subtechnique: Vec<Named>,
}

impl Named {
    fn tactic(tactic: &Tactic, name: &str) -> Self {
        Self {
            id: tactic.id.to_string(),
            name: name.to_owned(),
            reference: tactic_url(&tactic.id),
        }
    }

    fn technique(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            reference: technique_url(id),
        }
    }
}

impl Threat {
    fn new(tactic: Named) -> Self {
        Self {
            framework: "MITRE ATT&CK",
            tactic,
            technique: Vec::new(),
        }
    }

    /// Adds a technique, or a sub-technique below its technique, once.
    fn add(&mut self, attack: &Attack, id: &str) {
        let parent = id.split('.').next().unwrap_or(id);
        let Some(known) = attack.technique(parent) else {
            return;
        };
        let at = self
            .technique
            .iter()
            .position(|technique| technique.named.id == parent);
        let at = at.unwrap_or_else(|| {
            self.technique.push(Technique {
                named: Named::technique(parent, &known.name),
                subtechnique: Vec::new(),
            });
            self.technique.len() - 1
        });
        if parent != id
            && let Some(known) = attack.technique(id)
            && !self.technique[at]
                .subtechnique
                .iter()
                .any(|sub| sub.id == id)
        {
            let below = Named::technique(id, &known.name);
            self.technique[at].subtechnique.push(below);
        }
    }
}

/// Every tactic of the tags with those techniques of the tags that serve it. A technique none of
/// whose tactics is tagged brings all of its own along.
pub(super) fn own_tactics(attack: &Attack, tags: &[String]) -> Vec<Threat> {
    let (mut tactics, mut techniques) = (Vec::<&Tactic>::new(), Vec::new());
    for tag in tags {
        match attack.tag(tag) {
            Tag::Tactic(tactic) if !tactics.iter().any(|known| known.id == tactic.id) => {
                tactics.push(tactic);
            }
            Tag::Technique(id) => techniques.push(id),
            _ => {}
        }
    }
    let serves = |id: &str, tactic: &Tactic| {
        attack.technique(id).is_some_and(|technique| {
            let mut names = technique.tactics.iter();
            names.any(|name| attack.tactic(name).is_some_and(|own| own.id == tactic.id))
        })
    };
    for id in &techniques {
        let Some(technique) = attack.technique(id) else {
            continue;
        };
        if !tactics.iter().any(|tactic| serves(id, tactic)) {
            let own = technique.tactics.iter();
            tactics.extend(own.filter_map(|name| attack.tactic(name)));
        }
    }
    tactics
        .into_iter()
        .map(|tactic| {
            let mut threat = Threat::new(Named::tactic(tactic, &tactic.name));
            for id in techniques.iter().filter(|id| serves(id, tactic)) {
                threat.add(attack, id);
            }
            threat
        })
        .collect()
}

/// The first tactic with the first technique, the second with the second, as a reference pairs
/// them: an ATT&CK tag that is not a technique counts as a tactic.
pub(super) fn by_position(attack: &Attack, tags: &[String]) -> Vec<Threat> {
    let names: Vec<&str> = tags
        .iter()
        .filter_map(|tag| tag.strip_prefix("attack."))
        .collect();
    if names.len() < 2 {
        return Vec::new();
    }
    let is_technique = |name: &&str| {
        let mut bytes = name.bytes();
        matches!(bytes.next(), Some(b't' | b'T'))
            && bytes.take(4).filter(u8::is_ascii_digit).count() == 4
    };
    let (techniques, tactics): (Vec<&str>, Vec<&str>) = names.into_iter().partition(is_technique);
    let pairs = tactics.into_iter().zip(techniques);
    let threats = pairs.filter_map(|(name, technique)| {
        let tactic = attack.tactic(name)?;
        let id = technique.to_uppercase();
        let active = |id: &str| {
            let known = attack.technique(id)?;
            (known.state == TechniqueState::Active).then_some(())
        };
        active(&id)?;
        active(id.get(..5)?)?;
        let mut threat = Threat::new(Named::tactic(tactic, &titled(name)));
        threat.add(attack, &id);
        Some(threat)
    });
    threats.collect()
}

/// Are the tags' pairs by position others than ATT&CK's own?
pub(super) fn is_mispaired(attack: &Attack, tags: &[String]) -> bool {
    let pairs = |threats: &[Threat]| -> BTreeSet<(String, String)> {
        let pairs = threats.iter().flat_map(|threat| {
            let below = threat.technique.iter().flat_map(|technique| {
                let subs = technique.subtechnique.iter();
                std::iter::once(&technique.named).chain(subs)
            });
            below.map(|named| (threat.tactic.id.clone(), named.id.clone()))
        });
        pairs.collect()
    };
    pairs(&own_tactics(attack, tags)) != pairs(&by_position(attack, tags))
}

/// Tags with a dash for the dot. With `keep` all of them; otherwise those of ATT&CK are left out
/// where there are several, for a reference takes them away once it has made its blocks.
pub(super) fn reference_tags(tags: &[String], keep: bool) -> Vec<String> {
    let of_attack = |tag: &&String| tag.starts_with("attack.");
    let keep = keep || tags.iter().filter(of_attack).count() < 2;
    let left = tags.iter().filter(|tag| keep || !of_attack(tag));
    left.map(|tag| tag.replacen('.', "-", 1)).collect()
}

/// `lateral_movement` as `Lateral Movement`, and `lateral-movement` as `Lateral-Movement`.
fn titled(name: &str) -> String {
    let mut titled = String::new();
    let mut inside = false;
    for character in name.chars() {
        if inside {
            titled.extend(character.to_lowercase());
        } else {
            titled.extend(character.to_uppercase());
        }
        inside = character.is_alphabetic();
    }
    titled.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(threats: &[Threat]) -> Vec<String> {
        let ids = |threat: &Threat| {
            let techniques = threat.technique.iter().map(|technique| {
                let below: Vec<&str> = technique
                    .subtechnique
                    .iter()
                    .map(|s| s.id.as_str())
                    .collect();
                format!("{}{below:?}", technique.named.id)
            });
            let techniques: Vec<String> = techniques.collect();
            format!("{} {}", threat.tactic.id, techniques.join(" "))
        };
        threats.iter().map(ids).collect()
    }

    #[test]
    fn a_technique_stands_below_its_own_tactics() {
        let attack = Attack::built_in();
        let tags = [
            "attack.execution",
            "attack.credential-access",
            "attack.t1003.001",
            "attack.t1003.002",
            "attack.t1059",
        ]
        .map(str::to_owned);
        assert_eq!(
            pairs(&own_tactics(&attack, &tags)),
            [
                "TA0002 T1059[]",
                r#"TA0006 T1003["T1003.001", "T1003.002"]"#
            ]
        );
        assert_eq!(
            pairs(&by_position(&attack, &tags)),
            [
                r#"TA0002 T1003["T1003.001"]"#,
                r#"TA0006 T1003["T1003.002"]"#
            ]
        );
    }

    #[test]
    fn a_technique_alone_brings_its_tactic() {
        let attack = Attack::built_in();
        let tags = ["attack.t1003".to_owned()];
        assert_eq!(pairs(&own_tactics(&attack, &tags)), ["TA0006 T1003[]"]);
    }
}
