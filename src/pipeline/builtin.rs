//! The built-in pipelines: YAML files of `backends/pipelines/`, embedded.

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
