//! Which target a name means, and what to say where it means none or several.
//!
//! In: a name as a user writes it, `PostgreSQL`. Out: the target's own name, `postgres`. What a
//! target is known as is a key of its file (`known_as`); systems without a target are a table of
//! their own, `systems.toml`.

use super::{BackendError, Registry, placeless};
use crate::diagnostic::{Code, Diagnostic};
use crate::profile::Profile;
use crate::table::Kind;
use crate::table::check::Checker;
use crate::table::read::Problems;
use crate::table::tree::{Table, Tree, parse};

/// Systems that have no target yet.
const SYSTEMS: &str = include_str!(concat!(env!("OUT_DIR"), "/systems.toml"));

impl Registry {
    /// The own name of the target that a name means: the target's own, or one of its aliases, in any
    /// case and with any signs between its letters.
    ///
    /// # Errors
    /// `VS0601`: there is no such target, or there are several.
    pub fn target(&self, name: &str) -> Result<&str, BackendError> {
        if let Some(file) = self.file(name) {
            return Ok(&file.name);
        }
        let wanted = plain(name);
        let mut names = self.names().into_iter();
        if let Some(known) = names.find(|known| plain(known) == wanted) {
            return Ok(known);
        }
        let [aliases, known] = self.further_names();
        let is_meant = |(_, known): &&(&'_ str, String)| plain(known) == wanted;
        let is_own = |(target, _): &&(&'_ str, String)| {
            self.file(target).is_some_and(|file| !file.is_built_in)
        };
        // Of one name the user's target counts.
        let meant = aliases.iter().filter(is_meant);
        if let Some((target, _)) = meant.clone().find(is_own).or(meant.clone().next()) {
            return Ok(target);
        }
        let mut targets: Vec<&str> = known
            .iter()
            .filter(is_meant)
            .map(|(target, _)| *target)
            .collect();
        targets.dedup();
        if targets.is_empty() {
            let names: Vec<_> = aliases.into_iter().chain(known).collect();
            return Err(placeless(&[self.unknown_target(name, &names)]));
        }
        Err(self.ambiguous(name, &targets))
    }

    /// The further names that mean one target, with the targets, in the targets' order.
    #[must_use]
    pub fn aliases(&self) -> Vec<(&str, String)> {
        let [aliases, _] = self.further_names();
        aliases
    }

    /// The names that people use for several targets, with the targets, in the targets' order.
    #[must_use]
    pub fn known_as(&self) -> Vec<(&str, String)> {
        let [_, known] = self.further_names();
        known
    }

    /// The aliases, and what targets are known as. A file that can't be read has none; whoever asks
    /// for its target hears why.
    fn further_names(&self) -> [Vec<(&str, String)>; 2] {
        let (mut aliases, mut known) = (Vec::new(), Vec::new());
        for file in self.names().into_iter().filter_map(|name| self.file(name)) {
            let table = parse(&file.text, 0, Kind::BACKEND).unwrap_or_default();
            for (names, key) in [(&mut aliases, "aliases"), (&mut known, "known_as")] {
                let own = texts(table.get(key).map(|entry| &entry.value));
                names.extend(own.into_iter().map(|name| (file.name.as_str(), name)));
            }
        }
        [aliases, known]
    }

    /// Notes aliases of a user's file that are another target's name or alias. Those of the program
    /// are held by a test.
    pub(super) fn check_aliases(&self, name: &str, table: &Table, problems: &Problems) {
        let Some(entry) = table.get("aliases") else {
            return;
        };
        if self.file(name).is_none_or(|file| file.is_built_in) {
            return;
        }
        let checker = Checker::new(table, problems);
        let others = self.aliases();
        for alias in texts(Some(&entry.value)) {
            let wanted = plain(&alias);
            let is_it = |known: &&str| *known != name && plain(known) == wanted;
            let target = self
                .names()
                .into_iter()
                .find(is_it)
                .map(|_| "a target".to_owned());
            let other = target.or_else(|| {
                let mut others = others.iter();
                let other =
                    others.find(|(target, known)| *target != name && plain(known) == wanted);
                other.map(|(target, _)| format!("an alias of `{target}`"))
            });
            if let Some(other) = other {
                checker.wrong(
                    entry.place,
                    format!("the alias `{alias}` is {other} already"),
                );
            }
        }
    }

    /// A name that several targets are known as.
    fn ambiguous(&self, name: &str, meant: &[&str]) -> BackendError {
        let message = match meant {
            [_] => format!("`{name}` is no target: name the one that is meant"),
            _ => format!("`{name}` has {} targets: name one of them", meant.len()),
        };
        let mut error = Diagnostic::error(Code::UnknownTarget, message);
        for target in meant {
            let about = self.get(target, Profile::Native);
            let about = about.map(|backend| backend.about).unwrap_or_default();
            error = error.help(format!("`{target}`: {about}"));
        }
        placeless(&[error])
    }

    /// A name that no target is known as.
    fn unknown_target(&self, name: &str, known: &[(&str, String)]) -> Diagnostic {
        if let Some((system, instead)) = system(name) {
            let message = format!("there is no target for {system} yet");
            let error = Diagnostic::error(Code::UnknownTarget, message);
            let error = match instead {
                Some(instead) => error.help(instead),
                None => error,
            };
            return error.help(format!("the targets: {}", quoted(&self.names())));
        }
        let error = Diagnostic::error(Code::UnknownTarget, format!("there is no target `{name}`"));
        let with_format = |target: &&str| {
            let backend = self.get(target, Profile::Native);
            backend.is_ok_and(|backend| backend.format(name).is_some())
        };
        if let Some(target) = self.names().into_iter().find(with_format) {
            return error.help(format!("it is a format: `-t {target} -f {name}`"));
        }
        let names = self.names().into_iter();
        let names = names.chain(known.iter().map(|(_, known)| known.as_str()));
        let near = crate::diagnostic::nearest(&name.to_lowercase(), names);
        let error = match near {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        };
        error.help(format!("the targets: {}", quoted(&self.names())))
    }
}

fn texts(value: Option<&Tree>) -> Vec<String> {
    match value {
        Some(Tree::List(items)) => items.iter().filter_map(|item| item.value.plain()).collect(),
        Some(Tree::Text(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// The system without a target that goes by that name, and what to know of it.
fn system(name: &str) -> Option<(String, Option<String>)> {
    let wanted = plain(name);
    let table = parse(SYSTEMS, 0, Kind::BACKEND).ok()?;
    table.entries.iter().find_map(|(system, _, entry)| {
        let Tree::Table(keys) = &entry.value else {
            return None;
        };
        let names = texts(keys.get("names").map(|entry| &entry.value));
        let instead = match keys.get("instead").map(|entry| &entry.value) {
            Some(Tree::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let is_it = |known: &String| plain(known) == wanted;
        (plain(system) == wanted || names.iter().any(is_it)).then(|| (system.clone(), instead))
    })
}

/// A name without case, blanks and signs: `es-qs`, `es_qs` and `ES QS` are one.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn said(name: &str) -> Diagnostic {
        let error = Registry::built_in().target(name).expect_err(name).clone();
        error.diagnostics[0].clone()
    }

    #[test]
    fn a_name_of_one_target_is_that_target() {
        let registry = Registry::built_in();
        for (name, expected) in [
            ("splunk", "splunk"),
            ("Splunk", "splunk"),
            ("ES|QL", "esql"),
            ("PostgreSQL", "postgres"),
            ("mssql", "tsql"),
            ("sql-server", "tsql"),
            ("MariaDB", "mysql"),
            ("athena", "trino"),
            ("databricks", "spark"),
            ("es-qs", "lucene"),
            ("kibana", "kql"),
            ("splunk-spl", "splunk"),
        ] {
            assert_eq!(registry.target(name).expect(name), expected, "{name}");
            let backend = registry.get(name, Profile::Native).expect(name);
            assert_eq!(backend.name, expected);
        }
    }

    #[test]
    fn a_name_of_several_targets_lists_them() {
        for name in ["elasticsearch", "elastic", "kibana-ndjson"] {
            let said = said(name);
            assert!(said.message.starts_with(&format!("`{name}` has ")));
            let names: Vec<&str> = said
                .help
                .iter()
                .map(|help| &help[..help.find(':').expect("its about")])
                .collect();
            assert!(names.contains(&"`lucene`") && names.contains(&"`kql`"));
            assert!(said.help.iter().all(|help| help.len() > 20), "{name}");
        }
    }

    #[test]
    fn systems_without_a_target_are_known() {
        for (name, system) in [
            ("datadog", "Datadog"),
            ("LOKI", "Grafana Loki"),
            ("sentinel_one", "SentinelOne"),
            ("cbc", "Carbon Black"),
        ] {
            let said = said(name);
            let expected = format!("there is no target for {system}");
            assert!(said.message.starts_with(&expected), "{}", said.message);
            assert!(said.help.last().expect("a help").contains("`splunk`"));
        }
    }

    #[test]
    fn other_names_are_compared_with_all() {
        let helps = |name| said(name).help.join("\n");
        assert!(helps("splnk").starts_with("did you mean `splunk`?"));
        assert!(helps("marriadb").starts_with("did you mean `mariadb`?"));
        assert!(helps("xyzzy").starts_with("the targets: `bigquery`"));
        assert_eq!(
            helps("zircolite"),
            "it is a format: `-t sqlite -f zircolite`"
        );
    }

    /// Every name means something, and no name of a target or of a system without one hides another.
    #[test]
    fn names_do_not_collide() {
        let registry = Registry::built_in();
        let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let aliases = registry.aliases();
        for (target, name) in aliases.iter().cloned().chain(registry.known_as()) {
            assert_ne!(plain(&name), "", "{target}");
            assert!(
                registry
                    .names()
                    .iter()
                    .all(|known| plain(known) != plain(&name)),
                "{target} is known as `{name}`, which is a target"
            );
            let owner = target.to_owned();
            owners.entry(plain(&name)).or_default().push(owner);
        }
        for (name, targets) in &owners {
            let mut unique = targets.clone();
            unique.dedup();
            assert_eq!(&unique, targets, "`{name}` is written twice");
            let is_alias = aliases.iter().any(|(_, alias)| plain(alias) == *name);
            assert_eq!(
                is_alias,
                targets.len() == 1,
                "`{name}` is {}",
                targets.join(", ")
            );
        }
        let systems = parse(SYSTEMS, 0, Kind::BACKEND).expect("it is embedded");
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (system, _, entry) in &systems.entries {
            let Tree::Table(keys) = &entry.value else {
                panic!("`{system}` is a table");
            };
            let names = texts(keys.get("names").map(|entry| &entry.value));
            assert!(!names.is_empty(), "{system}");
            for name in names {
                let known = plain(&name);
                assert!(registry.target(&known).is_err(), "`{name}` of {system}");
                assert!(!owners.contains_key(&known), "`{name}` of {system}");
                let before = seen.insert(known, system);
                assert_eq!(before, None, "`{name}` of {system}");
            }
        }
    }

    #[test]
    fn a_file_of_the_user_goes_before_what_others_are_known_as() {
        let mut registry = Registry::built_in();
        let text = "title = 'Mine'\nextends = 'postgres'\naliases = ['crowdstrike']\n";
        registry.add("postgresql", "postgresql.toml", text.to_owned());
        assert_eq!(registry.target("postgresql").expect("mine"), "postgresql");
        assert_eq!(registry.target("CrowdStrike").expect("mine"), "postgresql");
        // Aliases are not inherited.
        assert_eq!(registry.target("pgsql").expect("its parent"), "postgres");
        let resolved = registry.resolved("postgresql", Profile::Native);
        assert!(!resolved.expect("resolved").contains("aliases"));
    }
}
