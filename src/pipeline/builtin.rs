//! The built-in pipelines: YAML files of `backends/pipelines/`, embedded.

use std::sync::OnceLock;

macro_rules! builtins {
    ($($name:literal)*) => {
        /// Names and texts, in order of name.
        pub const ALL: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../backends/pipelines/", $name, ".yml")),
        )),*];
    };
}

builtins! {
    "ecs_kubernetes"
    "ecs_macos_esf"
    "ecs_windows"
    "ecs_windows_old"
    "ecs_zeek_beats"
    "ecs_zeek_corelight"
    "splunk_cim"
    "splunk_sysmon_acceleration"
    "splunk_windows"
    "sysmon"
    "windows-audit"
    "windows-logsources"
}

/// The text of a built-in pipeline.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// The pipelines for any target that have a condition for a log source: `key` (`category` or
/// `service`) is `name`, and the product is this.
pub fn with_log_source(key: &str, name: &str, product: &str) -> Vec<&'static str> {
    static LINES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let general = |(_, text): &&(_, &str)| !text.contains("\nallowed_backends:");
        let lines = ALL.iter().filter(general).flat_map(|(pipeline, text)| {
            let conditions = text.lines().filter(|line| line.contains("type: logsource"));
            conditions.map(|line| (*pipeline, line))
        });
        lines.collect()
    });
    let has = |line: &str, key: &str, value: &str| {
        let pair = format!("{key}: {value}");
        line.split(['{', '}', ',']).any(|part| part.trim() == pair)
    };
    let mut found: Vec<_> = lines
        .iter()
        .filter(|(_, line)| has(line, key, name) && has(line, "product", product))
        .map(|(pipeline, _)| *pipeline)
        .collect();
    found.dedup();
    found
}
