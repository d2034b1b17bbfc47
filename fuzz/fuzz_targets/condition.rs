//! Any text as a condition over a few detections.

#![no_main]

use libfuzzer_sys::fuzz_target;
use varsigma::dialect::Dialect;
use varsigma::parse;

fuzz_target!(|condition: &str| {
    // As a double-quoted scalar it reaches the grammar whatever it is.
    let condition = condition.replace('\\', r"\\").replace('"', "\\\"");
    let rule = format!(
        "title: t\nlogsource: {{product: p}}\ndetection:\n  a: {{b: 1}}\n  notc: {{d|re: e}}\n  _f: [g]\n  condition: \"{condition}\"\n"
    );
    for dialect in [Dialect::SPECIFICATION, Dialect::SIGMAC, Dialect::PYSIGMA] {
        let _ = parse::parse(&rule, &dialect);
    }
});
