//! MITRE ATT&CK: what the tactics and techniques that rules are tagged with are called.
//!
//! In: a tag, `attack.t1059.001` or `attack.lateral_movement`. Out: `T1059.001: PowerShell` with its
//! tactics and, where it was revoked or deprecated, what took its place. The table in
//! `templates/attack` is bundled; [`Attack::from_stix`] takes a newer bundle.

pub mod stix;

use crate::diagnostic::Diagnostic;
use std::borrow::Cow;

/// The names of one version of ATT&CK.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attack {
    /// In the order of the matrix's columns.
    tactics: Vec<Tactic>,
    /// Sorted by identifier.
    techniques: Vec<Technique>,
}

/// A tactic: `TA0008`, Lateral Movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tactic {
    /// `TA0008`
    pub id: Cow<'static, str>,
    /// `Lateral Movement`
    pub name: Cow<'static, str>,
    /// `lateral-movement`, as tags have it.
    pub short_name: Cow<'static, str>,
}

/// A technique or sub-technique: `T1059.001`, PowerShell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technique {
    /// `T1059.001`
    pub id: Cow<'static, str>,
    /// `PowerShell`
    pub name: Cow<'static, str>,
    /// Short names of its tactics.
    pub tactics: Vec<Cow<'static, str>>,
    /// Is it still in use?
    pub state: TechniqueState,
    /// Identifiers of what took its place.
    pub replaced_by: Vec<Cow<'static, str>>,
}

/// Whether ATT&CK still uses a technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TechniqueState {
    /// It does.
    Active,
    /// Another technique took its place.
    Revoked,
    /// It was deprecated without a replacement.
    Deprecated,
}

impl TechniqueState {
    /// `active`, `revoked` or `deprecated`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Deprecated => "deprecated",
        }
    }
}

/// What a rule's tag says of ATT&CK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag<'a> {
    /// `attack.execution`, a tactic of the table.
    Tactic(&'a Tactic),
    /// `attack.t1059.001`: its identifier in capitals. The table may not know it.
    Technique(String),
    /// Anything else: `car.2013-07-002`, `attack.g0069`, `cve.2020-0601`.
    Other,
}

impl Attack {
    /// The bundled table.
    #[must_use]
    pub fn built_in() -> Self {
        let mut attack = Self::default();
        attack.read_table(include_str!("../../templates/attack/attack.tsv"));
        attack.read_table(include_str!("../../templates/attack/newer.tsv"));
        attack
    }

    /// A STIX 2 bundle as ATT&CK publishes it (`enterprise-attack.json`).
    pub fn from_stix(text: &str) -> Result<Self, Diagnostic> {
        let (tactics, techniques) = stix::read(text)?;
        let mut attack = Self::default();
        for tactic in tactics {
            attack.add_tactic(tactic);
        }
        for technique in techniques {
            attack.add_technique(technique);
        }
        Ok(attack)
    }

    /// Adds the lines of a table of ours; a later line replaces an earlier one of its identifier.
    fn read_table(&mut self, table: &'static str) {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            let (id, name, tactics, state, replaced_by) = (cell(), cell(), cell(), cell(), cell());
            let list = |cell: &'static str| {
                let names = cell.split(',').filter(|name| !name.is_empty());
                names.map(Cow::Borrowed).collect()
            };
            if id.starts_with("TA") {
                self.add_tactic(Tactic {
                    id: id.into(),
                    name: name.into(),
                    short_name: tactics.into(),
                });
            } else {
                self.add_technique(Technique {
                    id: id.into(),
                    name: name.into(),
                    tactics: list(tactics),
                    state: match state {
                        "revoked" => TechniqueState::Revoked,
                        "deprecated" => TechniqueState::Deprecated,
                        _ => TechniqueState::Active,
                    },
                    replaced_by: list(replaced_by),
                });
            }
        }
    }

    /// A tactic that was renamed (TA0005) keeps both of its short names, side by side.
    fn add_tactic(&mut self, tactic: Tactic) {
        let same = |known: &Tactic| known.short_name == tactic.short_name;
        match self.tactics.iter().position(same) {
            Some(at) => self.tactics[at] = tactic,
            None => match self.tactics.iter().rposition(|known| known.id == tactic.id) {
                Some(at) => self.tactics.insert(at + 1, tactic),
                None => self.tactics.push(tactic),
            },
        }
    }

    fn add_technique(&mut self, technique: Technique) {
        match self.find(&technique.id) {
            Ok(at) => self.techniques[at] = technique,
            Err(at) => self.techniques.insert(at, technique),
        }
    }

    fn find(&self, id: &str) -> Result<usize, usize> {
        self.techniques
            .binary_search_by(|known| known.id.as_ref().cmp(id))
    }

    /// Every tactic, in the order of the matrix's columns.
    #[must_use]
    pub fn tactics(&self) -> &[Tactic] {
        &self.tactics
    }

    /// The technique of that identifier, in capitals.
    #[must_use]
    pub fn technique(&self, id: &str) -> Option<&Technique> {
        self.find(id).ok().map(|at| &self.techniques[at])
    }

    /// The tactic of that short name; `_` stands for `-`, as older tags have it.
    #[must_use]
    pub fn tactic(&self, short_name: &str) -> Option<&Tactic> {
        let plain = |c: u8| {
            if c == b'_' {
                b'-'
            } else {
                c.to_ascii_lowercase()
            }
        };
        self.tactics.iter().find(|known| {
            known.short_name.len() == short_name.len()
                && known.short_name.bytes().eq(short_name.bytes().map(plain))
        })
    }

    /// What a tag refers to.
    #[must_use]
    pub fn tag(&self, tag: &str) -> Tag<'_> {
        let Some((namespace, name)) = tag.split_once('.') else {
            return Tag::Other;
        };
        if !namespace.eq_ignore_ascii_case("attack") {
            return Tag::Other;
        }
        if is_technique(name) {
            return Tag::Technique(name.to_ascii_uppercase());
        }
        self.tactic(name).map_or(Tag::Other, Tag::Tactic)
    }
}

/// `t1059` or `t1059.001`, in any case.
fn is_technique(name: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|c| c.is_ascii_digit());
    let Some(rest) = name.strip_prefix(['t', 'T']) else {
        return false;
    };
    match rest.split_once('.') {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => digits(rest, 4),
    }
}

/// Where ATT&CK describes a technique: sub-techniques are below their technique.
#[must_use]
pub fn technique_url(id: &str) -> String {
    format!(
        "https://attack.mitre.org/techniques/{}",
        id.replace('.', "/")
    )
}

/// Where ATT&CK describes a tactic.
#[must_use]
pub fn tactic_url(id: &str) -> String {
    format!("https://attack.mitre.org/tactics/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_both_spellings_find_their_tactic() {
        let attack = Attack::built_in();
        for tag in [
            "attack.lateral_movement",
            "attack.lateral-movement",
            "ATTACK.Lateral-Movement",
        ] {
            let Tag::Tactic(tactic) = attack.tag(tag) else {
                panic!("{tag} is a tactic");
            };
            assert_eq!(
                (tactic.id.as_ref(), tactic.name.as_ref()),
                ("TA0008", "Lateral Movement")
            );
        }
    }

    #[test]
    fn a_renamed_tactic_is_known_by_both_names() {
        let attack = Attack::built_in();
        let ids: Vec<_> = ["defense-evasion", "stealth", "defense_impairment"]
            .map(|name| attack.tactic(name).map(|tactic| tactic.id.as_ref()))
            .into();
        assert_eq!(ids, [Some("TA0005"), Some("TA0005"), Some("TA0112")]);
    }

    #[test]
    fn techniques_keep_the_name_they_had() {
        let attack = Attack::built_in();
        let row = |id| {
            let technique = attack.technique(id).expect("the table has it");
            (
                technique.name.as_ref(),
                technique.state,
                technique.replaced_by.join(" "),
            )
        };
        assert_eq!(
            row("T1047"),
            (
                "Windows Management Instrumentation",
                TechniqueState::Active,
                String::new()
            )
        );
        assert_eq!(
            row("T1086"),
            (
                "PowerShell",
                TechniqueState::Revoked,
                "T1059.001".to_owned()
            )
        );
        assert_eq!(
            row("T1175"),
            (
                "Component Object Model and Distributed COM",
                TechniqueState::Deprecated,
                "T1021.003 T1559.001".to_owned()
            )
        );
        assert_eq!(
            row("T1562.001"),
            (
                "Disable or Modify Tools",
                TechniqueState::Revoked,
                "T1685".to_owned()
            )
        );
    }

    #[test]
    fn every_line_of_the_table_is_whole() {
        let attack = Attack::built_in();
        assert!(attack.techniques.is_sorted_by(|a, b| a.id < b.id));
        assert!(attack.techniques.len() > 800);
        for technique in &attack.techniques {
            assert!(is_technique(&technique.id), "{}", technique.id);
            assert!(
                !technique.name.is_empty() && !technique.tactics.is_empty(),
                "{}",
                technique.id
            );
            for tactic in &technique.tactics {
                assert!(attack.tactic(tactic).is_some(), "{} {tactic}", technique.id);
            }
            for id in &technique.replaced_by {
                assert!(attack.technique(id).is_some(), "{} {id}", technique.id);
            }
        }
    }

    #[test]
    fn other_tags_are_left_alone() {
        let attack = Attack::built_in();
        for tag in [
            "car.2013-07-002",
            "attack.g0069",
            "attack.t10590",
            "attack.t1059.1",
            "attack",
            "",
        ] {
            assert_eq!(attack.tag(tag), Tag::Other, "{tag}");
        }
        assert_eq!(
            attack.tag("attack.T9999"),
            Tag::Technique("T9999".to_owned())
        );
    }
}
