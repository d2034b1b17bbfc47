//! Any bytes as a pipeline, applied to rules in every profile, to their queries and to the output as
//! a whole. No panic, not even a caught one; libFuzzer's own limits find what takes too long or
//! too much.

#![no_main]

use libfuzzer_sys::fuzz_target;
use varsigma::backend::Registry;
use varsigma::diagnostic::Code;
use varsigma::dialect::Profile;
use varsigma::pipeline::environment::Closed;
use varsigma::pipeline::{self, Pipeline};
use varsigma::transpile::{Request, Transpiler};

const RULE: &str = r"title: Rule
id: 7d2b3e3c-6c1b-4b7e-9a4e-3f1f6b1a2c01
tags: [attack.t1059]
fields: [Image, User]
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: ['\cmd.exe', '\powershell.exe']
    CommandLine|windash|contains|all: [' -a', b*c?]
    User|expand: '%users%'
    Hashes|contains: MD5=d41d8cd98f00b204e9800998ecf8427e
    EventID: 1
    A|fieldref: B
  keywords: [a, 'b c']
  condition: selection or not keywords
";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let registry = Registry::built_in();
    for profile in [Profile::Native, Profile::Pysigma] {
        let Some(file) = pipeline::load("p.yml", text, &Closed).pipeline else {
            return;
        };
        let request = Request {
            target: "splunk".to_owned(),
            profile,
            ..Request::default()
        };
        let Ok(transpiler) = Transpiler::new(&registry, &request) else {
            return;
        };
        let transpiler = transpiler.with_pipeline(Pipeline::new(vec![file]), Box::new(Closed));
        let output = transpiler.convert_text("rule.yml", RULE);
        for diagnostic in output.all_diagnostics() {
            assert_ne!(diagnostic.code, Code::Internal, "{}", diagnostic.message);
        }
    }
});
