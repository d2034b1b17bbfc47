//! What is deep, wide or long fails alone, if it fails: no input ends a run, hangs it or fills the
//! machine, in any profile or command. Each run has a generous time, in which it is ended from
//! outside.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::format_collect, reason = "rules are made once")]
#![allow(clippy::too_many_lines, reason = "lists of rules are long")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TIME: Duration = Duration::from_secs(120);

/// Runs the program; ends it when its time is over.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let files = ["out", "err"].map(|name| fs::File::create(folder.join(name)).unwrap());
    let [out, err] = files;
    let mut child = Command::new(env!("CARGO_BIN_EXE_varsigma"))
        .current_dir(folder)
        .args(args)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if begun.elapsed() > TIME {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?} takes too long");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let read = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    (code, read("out"), read("err"))
}

fn rule(detections: &str, condition: &str) -> String {
    format!(
        "title: R\nlogsource: {{product: windows, category: process_creation}}\ndetection:\n{detections}  condition: {condition}\n"
    )
}

fn write_rules(folder: &Path) {
    let one = "  s: {Image: a}\n";
    let joined = |count: usize, by: &str, of: &dyn Fn(usize) -> String| {
        (0..count).map(of).collect::<Vec<_>>().join(by)
    };
    let named = |count: usize, of: &str| -> String {
        joined(count, "", &|n| format!("  {of}{n}: {{Image: a{n}}}\n"))
    };
    let values = |key: &str, count: usize| -> String {
        let values = joined(count, "", &|n| format!("      - a{n}\n"));
        format!("  s:\n    {key}:\n{values}")
    };
    let same = |_: usize| "s".to_owned();
    let other = |n: usize| format!("s{n}");
    let deep = joined(55, "", &|n| format!("    {}-\n", "  ".repeat(n)));
    let rules = [
        ("or_same", rule(one, &joined(3000, " or ", &same))),
        (
            "or_other",
            rule(&named(3000, "s"), &joined(3000, " or ", &other)),
        ),
        (
            "or_240",
            rule(&named(240, "s"), &joined(240, " or ", &other)),
        ),
        ("nots", rule(one, &format!("{}s", "not ".repeat(99)))),
        (
            "parentheses",
            rule(one, &format!("{}s{}", "(s or ".repeat(99), ")".repeat(99))),
        ),
        ("selector", rule(&named(5000, "sel_"), "1 of sel_*")),
        (
            "selector_all",
            rule(&named(5000, "sel_"), "not all of them"),
        ),
        ("values", rule(&values("Image|endswith", 10000), "s")),
        (
            "values_all",
            rule(&values("Image|contains|all", 10000), "not s"),
        ),
        (
            "named_often",
            rule(&values("Image", 20000), &joined(10000, " or ", &same)),
        ),
        (
            "long",
            rule(&format!("  s: {{Image: {}}}\n", "a".repeat(1_000_000)), "s"),
        ),
        (
            "wildcards",
            rule(&format!("  s: {{Image: '{}'}}\n", "?".repeat(10_000)), "s"),
        ),
        (
            "groups",
            rule(
                &format!(
                    "  s: {{'Image|re': '{}a{}'}}\n",
                    "(".repeat(3000),
                    ")".repeat(3000)
                ),
                "s",
            ),
        ),
        (
            "repeats",
            rule("  s: {'Image|re': '(?:(?:a{1000}){1000}){1000}'}\n", "s"),
        ),
        (
            "deep",
            rule(
                &format!("  s:\n{deep}    {}Image: a\n", "  ".repeat(55)),
                "s",
            ),
        ),
        ("sound", rule("  s: {Image: sound}\n", "s")),
    ];
    fs::create_dir(folder.join("rules")).unwrap();
    for (name, text) in rules {
        fs::write(folder.join(format!("rules/{name}.yml")), text).unwrap();
    }
}

#[test]
fn what_is_deep_wide_or_long_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rules(path);
    fs::write(path.join("e.json"), "{\"Image\": \"sound\"}\n").unwrap();
    fs::write(
        path.join("p.yml"),
        "transformations:\n  - {type: field_name_prefix, prefix: w.}\n",
    )
    .unwrap();
    let runs: &[&[&str]] = &[
        &["-q", "convert", "-t", "splunk", "rules"],
        &[
            "-q", "convert", "-t", "splunk", "--compat", "sigmac", "rules",
        ],
        &[
            "-q", "convert", "-t", "splunk", "--compat", "pysigma", "rules",
        ],
        &["-q", "convert", "-t", "esql", "-p", "p.yml", "rules"],
        &["-q", "convert", "-t", "sqlite", "rules"],
        &["-q", "page", "rules", "-o", "pages"],
        &["-q", "lint", "rules"],
        &["-q", "test", "rules", "--events", "e.json"],
        &["-q", "witness", "rules"],
        &[
            "-q",
            "pipeline",
            "trace",
            "-p",
            "p.yml",
            "rules/or_other.yml",
        ],
    ];
    for args in runs {
        let (code, printed, said) = run(path, args);
        assert!(matches!(code, Some(0 | 1)), "{args:?}: {code:?}: {said}");
        assert!(!said.contains("VS0003"), "{args:?}: {said}");
        let is_told = !matches!(args[1], "lint" | "pipeline" | "page");
        assert!(
            !is_told || printed.contains("sound"),
            "{args:?}: a sound rule is converted"
        );
    }
    let (_, _, said) = run(
        path,
        &[
            "-q",
            "convert",
            "-t",
            "splunk",
            "--compat",
            "sigmac",
            "rules/or_other.yml",
        ],
    );
    assert!(said.contains("VS0509"), "{said}");
    let (code, _, said) = run(
        path,
        &[
            "convert",
            "-t",
            "splunk",
            "--threads",
            "100000",
            "rules/sound.yml",
        ],
    );
    assert!(code == Some(2) || code == Some(1), "{code:?}");
    assert!(said.contains("VS0007"), "{said}");
}

/// Groups that catch nothing, many times for each match.
fn groups() -> String {
    format!(
        "  - {{type: replace_string, regex: '()a', replacement: '{}'}}\n",
        r"\1".repeat(20_000)
    )
}

/// Hashes without a name, which may be of each of many algorithms.
fn hashes(list: &str) -> String {
    let algorithms = (0..20_000).map(|n| format!("A{n}")).collect::<Vec<_>>();
    format!(
        "  - {{type: map_string, mapping: {{a: [{list}]}}}}\n  - {{type: replace_string, regex: v, replacement: ''}}\n  - {{type: hashes_fields, field_to_parse: f, valid_hash_algos: [{}]}}\n",
        algorithms.join(", ")
    )
}

#[test]
fn a_pipeline_that_grows_or_loops_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(
        path.join("r.yml"),
        rule("  s: {f: a, 'h|expand': '%h%'}\n", "s"),
    )
    .unwrap();
    fs::write(path.join("d.json"), "[1, 2, 3]").unwrap();
    let many = "a".repeat(100);
    let list = (0..20)
        .map(|n| format!("v{n}"))
        .collect::<Vec<_>>()
        .join(", ");
    let map = (0..20)
        .map(|n| format!("v{n}: [{list}]"))
        .collect::<Vec<_>>()
        .join(", ");
    let replace = format!("  - {{type: replace_string, regex: a, replacement: {many}}}\n");
    let after = format!("  - {{type: replace, pattern: a, replacement: {many}}}\n");
    let parts = replace.replace("}\n", ", skip_special: true, interpret_special: true}\n");
    let maps = format!("  - {{type: map_string, mapping: {{a: [{list}], {map}}}}}\n");
    let fields = "  - {type: field_name_mapping, mapping: {f: [f, f]}}\n".to_owned();
    let nested = "  - {type: field_name_mapping, mapping: {f: [f, g]}}\n".to_owned();
    let added = "  - {type: add_condition, conditions: {i: x}}\n".to_owned();
    let prefix = format!(
        "  - {{type: field_name_prefix, prefix: {}}}\n",
        "x".repeat(1000)
    );
    let filled = "  - {type: wildcard_placeholders}\n";
    let jq = |text: &str| {
        format!(
            "transformations:\n  - {{type: file_placeholders, path: d.json, format: json, jq_expression: '{text}'}}\n"
        )
    };
    let template = |text: &str| {
        format!(
            "transformations:\n{filled}postprocessing:\n  - {{type: template, template: \"{text}\"}}\n"
        )
    };
    let items =
        |item: &str, count: usize| format!("transformations:\n{filled}{}", item.repeat(count));
    let pipelines = [
        ("VS0720", items(&replace, 4)),
        (
            "VS0720",
            format!(
                "transformations:\n{filled}postprocessing:\n{}",
                after.repeat(5)
            ),
        ),
        ("VS0720", items(&parts, 4)),
        (
            "VS0720",
            items(&format!("{replace}{replace}{}", groups()), 1),
        ),
        ("VS0720", items(&hashes(&list), 1)),
        ("VS0720", items(&maps, 6)),
        ("VS0720", items(&fields, 60)),
        ("VS0720", items(&nested, 200)),
        ("VS0720", items(&added, 300)),
        ("VS0720", items(&prefix, 2000)),
        ("VS0720", jq("def f: [f]; f")),
        ("VS0720", jq("def f: f; f")),
        ("VS0720", jq("last(range(1e12))")),
        ("VS0720", jq("reduce range(60) as $i (\"a\"; . + .)")),
        (
            "VS0720",
            template(
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
            ),
        ),
        ("VS0720", template("{{ 'a' * 100000000 }}")),
        (
            "VS0711",
            template(&format!(
                "{{% set x = [1] %}}{}{{{{ x }}}}",
                "{% set x = [x, x] %}".repeat(60)
            )),
        ),
        (
            "VS0711",
            template(&format!("{{{{ {}1 }}}}", "not ".repeat(30_000))),
        ),
        (
            "VS0711",
            template("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}"),
        ),
    ];
    for (code, pipeline) in pipelines {
        fs::write(path.join("p.yml"), &pipeline).unwrap();
        let (exit, _, said) = run(path, &["convert", "-t", "splunk", "-p", "p.yml", "r.yml"]);
        let shown: String = pipeline.chars().take(200).collect();
        assert!(matches!(exit, Some(1 | 2)), "{exit:?} of {shown}");
        assert!(said.contains(code), "{shown}: {said}");
        assert!(
            code != "VS0720" || said.contains("of `p.yml`"),
            "{shown}: {said}"
        );
    }
}

/// A few of each kind, for every target, profile and format.
fn write_small_rules(folder: &Path) {
    let each =
        |count: usize, of: &dyn Fn(usize) -> String| -> String { (0..count).map(of).collect() };
    let named = each(300, &|n| format!("  s{n}: {{F{n}: a}}\n"));
    let joined = |count: usize, by: &str, of: &dyn Fn(usize) -> String| {
        (0..count).map(of).collect::<Vec<_>>().join(by)
    };
    let list = |key: &str, count: usize| {
        let values = each(count, &|n| format!("      - abc -{n}\n"));
        format!("  s:\n    {key}:\n{values}")
    };
    let nested = format!("  s: {}{{F: a}}{}\n", "[".repeat(55), "]".repeat(55));
    let mut alternating = "{F: a}".to_owned();
    for n in 0..50 {
        alternating = format!("[{alternating}, {{F{n}: [b, c]}}]");
    }
    let rules = [
        (
            "same",
            rule("  s: {F: a}\n", &joined(300, " or ", &|_| "s".to_owned())),
        ),
        (
            "other",
            rule(&named, &joined(300, " or ", &|n| format!("s{n}"))),
        ),
        (
            "mixed",
            rule(
                &named,
                &joined(300, " or ", &|n| {
                    format!("(s{n} and not s{})", (n + 7) % 300)
                }),
            ),
        ),
        (
            "levels",
            rule(
                &named,
                &format!(
                    "{}s0{}",
                    each(99, &|n| format!("(s{n} {} ", ["and", "or"][n % 2])),
                    ")".repeat(99)
                ),
            ),
        ),
        (
            "nots",
            rule(
                &named,
                &format!(
                    "{}s0{}",
                    each(49, &|n| format!("not (s{n} {} ", ["and", "or"][n % 2])),
                    ")".repeat(49)
                ),
            ),
        ),
        ("selector", rule(&named, "not 1 of s*")),
        ("values", rule(&list("F|contains", 150), "not s")),
        ("dashes", rule(&list("F|windash|contains", 50), "s")),
        (
            "offsets",
            rule(&list("F|wide|base64offset|contains", 50), "not s"),
        ),
        ("keywords", rule(&list("'|all'", 300), "not s")),
        (
            "long",
            rule(
                &format!("  s: {{F|contains: '{}'}}\n", "a\\".repeat(20_000)),
                "s",
            ),
        ),
        (
            "expression",
            rule("  s: {'F|re': '(a?){200}a{200}'}\n", "s"),
        ),
        (
            "groups",
            rule(
                &format!(
                    "  s: {{'F|re': '{}a{}'}}\n",
                    "(a|".repeat(200),
                    ")".repeat(200)
                ),
                "s",
            ),
        ),
        ("nested", rule(&nested, "s")),
        (
            "alternating",
            rule(&format!("  s: {alternating}\n"), "not s"),
        ),
        ("first", rule("  s: {F: 12345}\n", "s")),
        ("zlast", rule("  s: {F: 12345}\n", "s")),
    ];
    fs::create_dir(folder.join("rules")).unwrap();
    for (name, text) in rules {
        fs::write(folder.join(format!("rules/{name}.yml")), text).unwrap();
    }
}

#[test]
fn every_target_profile_and_format_gets_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_small_rules(path);
    let registry = varsigma::backend::Registry::built_in();
    for target in registry.names() {
        for profile in registry.profiles(target).unwrap() {
            let backend = registry.get(target, profile).unwrap();
            for format in &backend.formats {
                let mut args = vec!["-q", "convert", "-t", target, "-f", &format.name, "rules"];
                if profile != varsigma::dialect::Profile::Native {
                    args.extend(["--compat", profile.name()]);
                }
                let (code, printed, said) = run(path, &args);
                assert!(matches!(code, Some(0 | 1)), "{args:?}: {code:?}: {said}");
                assert!(!said.contains("VS0003"), "{args:?}: {said}");
                args[6] = "rules/first.yml";
                // Some formats need a pipeline.
                if run(path, &args).0 == Some(0) {
                    let sound = printed.matches("12345").count();
                    assert!(sound >= 2, "{args:?}: {sound} sound rules are converted");
                }
            }
        }
    }
}

#[test]
fn many_faults_of_a_file_are_told_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let each =
        |count: usize, of: &dyn Fn(usize) -> String| -> String { (0..count).map(of).collect() };
    let detections = each(4_000, &|n| format!("  sel_{n}: {{Image: a}}\n"));
    let selectors = (0..600)
        .map(|n| format!("1 of slx_{n}*"))
        .collect::<Vec<_>>();
    let names = (0..1000).map(|n| format!("selx_{n}")).collect::<Vec<_>>();
    let sound = "  s: {Image: a}\n";
    let files = [
        (
            "VS0401",
            rule(
                &format!(
                    "  s:\n{}",
                    each(40_000, &|n| format!("    F{n}|contans: a\n"))
                ),
                "s",
            ),
        ),
        ("VS0503", rule(&detections, &selectors.join(" or "))),
        ("VS0502", rule(&detections, &names.join(" or "))),
        (
            "VS1101",
            format!(
                "{}{}",
                each(40_000, &|n| format!("atr{n}: a\n")),
                rule(sound, "s")
            ),
        ),
    ];
    for (code, text) in files {
        fs::write(path.join("r.yml"), text).unwrap();
        let (_, _, said) = run(path, &["lint", "r.yml"]);
        assert!(said.contains(code), "{said}");
    }
}
