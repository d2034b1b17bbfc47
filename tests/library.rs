//! The library as its users see it.

use std::error::Error as StdError;
use varsigma::access::{Closed, Environment, Failure};
use varsigma::tree::{Expr, TextPart, Value};
use varsigma::{
    Code, Compiler, Error, Event, Fidelity, Pipeline, Profile, RuleMatcher, RuleSet, Rules,
    Severity, Targets, render,
};

const RULE: &str = "title: Shell
id: 10c14723-61c7-4c75-92ca-9af245723ad2
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\\cmd.exe'
    User: [SYSTEM, 'a?b']
  filter:
    EventID|gte: 5
  condition: selection and not filter
";

#[test]
fn a_compiler_and_its_error_cross_threads_and_questions_marks() {
    fn shared<T: Send + Sync + 'static>() {}
    fn error<T: StdError + Send + Sync + 'static>() {}
    shared::<Compiler>();
    error::<Error>();
    let boxed = || -> Result<(), Box<dyn StdError + Send + Sync>> {
        Compiler::builder("nowhere").build()?;
        Ok(())
    };
    assert!(boxed().unwrap_err().to_string().contains("`nowhere`"));
}

#[test]
fn an_error_shows_its_place_and_has_its_diagnostics() {
    let file = "title = 'Ours'\nextends = 'splunk'\n[query]\nandd = ' '\n";
    let targets = Targets::built_in().with_file("ours", "ours.toml", file);
    let error = Compiler::builder("ours")
        .targets(targets)
        .build()
        .unwrap_err();
    assert!(error.to_string().starts_with("ours.toml:4:1: "), "{error}");
    assert_eq!(error.code(), Code::BackendKey);
    let diagnostic = error.diagnostics().next().unwrap();
    assert_eq!(diagnostic.severity, Severity::Error);
    assert!(render::human(&error.source(), diagnostic, false).contains("andd = ' '"));
}

#[test]
fn what_does_not_exist_is_refused_before_a_rule_is_read() {
    let build = |error: Result<Compiler, Error>| error.unwrap_err().code();
    let splunk = || Compiler::builder("splunk");
    assert_eq!(build(splunk().format("no").build()), Code::UnknownFormat);
    assert_eq!(
        build(splunk().option("no", "1").build()),
        Code::UnknownOption
    );
    assert_eq!(
        build(splunk().pipeline("no").build()),
        Code::UnknownPipeline
    );
    let sqlite = Compiler::builder("sqlite").compat(Profile::Sigmac);
    assert_eq!(build(sqlite.build()), Code::UnknownProfile);
}

#[test]
fn a_rule_that_fails_stops_no_other() {
    let text = format!(
        "{RULE}---\n{}",
        RULE.replace("selection and not filter", "slection")
    );
    let output = Compiler::builder("splunk")
        .build()
        .unwrap()
        .compile_file("r.yml", text.as_bytes());
    let [good, bad] = output.rules() else {
        panic!("two rules")
    };
    assert_eq!(good.queries.len(), 1);
    let error = bad.error.as_ref().unwrap();
    assert_eq!(error.code, Code::UnknownDetection);
    assert_eq!(output.region(error.span().unwrap()).line, 21);
    assert_eq!(output.queries().len(), 1);
    let error = output.into_queries().unwrap_err();
    assert!(error.to_string().starts_with("r.yml:21:14: "), "{error}");
}

#[test]
fn bytes_that_are_no_text_are_an_output_with_an_error() {
    let compiler = Compiler::builder("splunk").build().unwrap();
    let output = compiler.compile_file("r.yml", b"title: \xff");
    assert_eq!(output.error().unwrap().code, Code::NotUtf8);
    assert_eq!(output.diagnostics().len(), 1);
    assert_eq!(output.source().text, "");
}

#[test]
fn reasons_are_data() {
    let file = "title = 'Ours'\nextends = 'splunk'\n";
    let targets = Targets::built_in().with_file("ours", "ours.toml", file);
    assert_eq!(targets.get("ours").unwrap().title, "Ours");
    let compiler = Compiler::builder("kql").build().unwrap();
    let output = compiler.compile(
        "title: t\nlogsource: {product: linux}\ndetection:\n  k: [linpeas]\n  condition: not k\n",
    );
    let query = &output.rules()[0].queries[0];
    // Below a `not`, what is narrower becomes broader.
    assert_eq!(query.fidelity, Fidelity::Broader);
    assert_eq!(output.fidelity(), Fidelity::Broader);
    let reason = &query.reasons[0];
    assert_eq!(reason.fidelity, Fidelity::Broader);
    assert_eq!((reason.region.line, reason.region.column), (4, 7));
    assert_eq!(&output.source().text[reason.span.range()], "linpeas");
}

#[test]
fn a_document_holds_the_queries_of_several_files() {
    let compiler = Compiler::builder("splunk")
        .format("savedsearches")
        .build()
        .unwrap();
    assert!(compiler.has_document() && compiler.format().is_whole);
    assert_eq!(compiler.extension(), "conf");
    let outputs =
        [RULE.to_owned(), RULE.replace("Shell", "Other")].map(|text| compiler.compile(&text));
    let document = compiler.document(&outputs).unwrap().unwrap();
    assert!(
        document.contains("[Shell]") && document.contains("[Other]"),
        "{document}"
    );

    let compiler = Compiler::builder("splunk").build().unwrap();
    let output = compiler.compile(RULE);
    assert!(!compiler.has_document());
    assert_eq!(compiler.document([&output]).unwrap(), None);
}

#[test]
fn a_target_brings_its_own_template() {
    let file = "title = 'Ours'\nextends = 'splunk'\n
[formats.report]\ntitle = 'A report'\ndocument = 'ours/report.md'\nwhole = true\n";
    let template =
        "{% for entry in queries %}# {{ entry.rule.title }}\n{{ entry.query }}\n{% endfor %}";
    let targets = Targets::built_in()
        .with_file("ours", "ours.toml", file)
        .with_template("ours/report.md", template);
    let builder = Compiler::builder("ours").format("report").targets(targets);
    let compiler = builder.build().unwrap();
    let document = compiler
        .document([&compiler.compile(RULE)])
        .unwrap()
        .unwrap();
    assert!(document.starts_with("# Shell\n("), "{document}");
}

const READS: &str = "transformations:
  - {type: file_placeholders, path: users.txt, include: [users]}
";

#[derive(Debug)]
struct Users;

impl Environment for Users {
    fn read_file(&self, pipeline: &str, path: &str) -> Result<String, Failure> {
        assert_eq!((pipeline, path), ("p.yml", "users.txt"));
        Ok("ann\nbob\n".to_owned())
    }
}

#[test]
fn pipelines_reach_nothing_unless_it_is_granted() {
    let request = Closed.read_file("p.yml", "/etc/passwd");
    assert!(matches!(request, Err(Failure::NotAllowed(_))));
    for (environment, allowed) in [(None, false), (Some(Users), true)] {
        let builder = Compiler::builder("splunk").pipeline(Pipeline::from_yaml("p.yml", READS));
        let built = match environment {
            Some(environment) => builder.environment(environment).build(),
            None => builder.build(),
        };
        let rule = RULE.replace("User: [SYSTEM, 'a?b']", "User|expand: '%users%'");
        let queries = built.and_then(|compiler| compiler.compile(&rule).into_queries());
        if allowed {
            assert!(queries.unwrap()[0].contains(r#"User="ann" OR User="bob""#));
        } else {
            assert_eq!(queries.unwrap_err().code(), Code::PipelineAccess);
        }
    }
}

#[test]
fn a_rule_is_a_tree() {
    let rules = Rules::parse(RULE);
    let [rule] = &rules.trees()[..] else {
        panic!("one rule")
    };
    assert_eq!(rule.title, "Shell");
    assert_eq!(rule.logsource.category.as_deref(), Some("process_creation"));
    let [condition] = &rule.conditions[..] else {
        panic!("one condition")
    };
    assert_eq!(condition.text, "selection and not filter");
    let Expr::And(operands) = &condition.expr else {
        panic!("an `and`")
    };
    let [Expr::And(items), Expr::Not(filter)] = &operands[..] else {
        panic!("two detections")
    };
    let [Expr::Test(image), Expr::Or(users)] = &items[..] else {
        panic!("two items")
    };
    assert_eq!(image.field.as_deref(), Some("Image"));
    let ending = [TextPart::Any, TextPart::Literal("\\cmd.exe".to_owned())];
    assert!(matches!(&image.value, Value::Text { parts, cased: false } if *parts == ending));
    assert_eq!((users.len(), rules.region(image.span).line), (2, 6));
    let Expr::Test(filter) = &**filter else {
        panic!("a test")
    };
    assert!(matches!(&filter.value, Value::Compare { number, .. } if number == "5"));
}

#[test]
fn rules_are_checked_without_a_target() {
    let rules = Rules::parse(
        "title: t\nlogsource: {product: windows}\ndetection: {s: {A: 1}, condition: t}\n",
    );
    assert_eq!(rules.diagnostics()[0].code, Code::UnknownDetection);
    assert!(rules.trees().is_empty());
    assert_eq!(rules.lint()[0].code, Code::UnknownDetection);
    let rules = Rules::parse(RULE);
    assert!(rules.diagnostics().is_empty());
    let found = rules.lint();
    assert!(
        found
            .iter()
            .any(|found| found.code == Code::MissingMetadata)
    );
}

#[test]
fn events_are_matched_and_what_can_not_be_asked_is_told() {
    let text = format!(
        "{RULE}---\n{}",
        RULE.replace("not filter", "not filter | count() > 3")
    );
    let rules = Rules::parse(&text);
    let set = RuleSet::new(&rules);
    assert_eq!((set.rules().len(), set.errors().len()), (1, 1));
    assert_eq!(
        set.rules()[0].id(),
        Some("10c14723-61c7-4c75-92ca-9af245723ad2")
    );
    let events = Event::read(
        r#"{"Image": "C:\\CMD.EXE", "User": "axb"} [{"Image": "C:\\cmd.exe", "User": "SYSTEM", "EventID": 7}]"#,
    )
    .unwrap();
    let counts = events.iter().map(|event| set.matching(event).count());
    assert_eq!(counts.collect::<Vec<_>>(), [1, 0]);
    assert_eq!(Event::read("{").unwrap_err().code(), Code::Events);
}

#[test]
fn every_target_is_described() {
    let targets = Targets::built_in();
    let all = targets.all().unwrap();
    assert_eq!(all.len(), targets.names().len());
    for target in &all {
        assert!(
            !target.formats.is_empty() && !target.about.is_empty(),
            "{}",
            target.name
        );
    }
    let postgres = targets.get("PostgreSQL").unwrap();
    assert_eq!(postgres.name, "postgres");
    let splunk = targets.get("splunk").unwrap();
    assert_eq!(splunk.profiles, [Profile::Pysigma, Profile::Sigmac]);
}

const SECOND: &str = "title: Second
logsource: {product: windows}
detection: {s: {User: SYSTEM}, condition: s}
";

/// What bindings are given is what the command line prints.
#[test]
fn an_output_serializes_as_convert_prints_it() {
    use varsigma::backend::Registry;
    use varsigma::transpile::{Request, Transpiler};
    let text = format!("{RULE}---\n{SECOND}---\ntitle: t\n");
    let request = Request {
        target: "esql".to_owned(),
        ..Request::default()
    };
    let transpiler = Transpiler::new(&Registry::built_in(), &request).unwrap();
    let printed = transpiler.convert_file("r.yml", text.as_bytes());
    let compiler = Compiler::builder("esql").build().unwrap();
    let output = compiler.compile_file("r.yml", text.as_bytes());
    let serialized = serde_json::to_string(&output).unwrap();
    assert_eq!(serialized, printed.to_json(&text));
    assert!(
        serialized.contains(r#""error":{"code":"VS02"#),
        "{serialized}"
    );
}

#[test]
fn reasons_have_their_places_in_json() {
    let rule =
        "title: t\nlogsource: {product: linux}\ndetection: {k: [linpeas.sh], condition: k}\n";
    let output = Compiler::builder("esql").build().unwrap().compile(rule);
    let json = serde_json::to_value(&output).unwrap();
    let reason = &json["rules"][0]["reasons"][0];
    assert_eq!(reason["fidelity"], "approximate");
    assert_eq!(
        (&reason["line"], &reason["column"]),
        (&3.into(), &17.into())
    );
    assert!(reason["text"].is_string());
}

#[test]
fn versions_of_rules_are_paired_and_compared() {
    use varsigma::comparison::Relation;
    let before = format!("{RULE}---\n{SECOND}");
    let broader = RULE.replace("'a?b'", "'a?b', other");
    let third = SECOND.replace("Second", "Third").replace("SYSTEM", "root");
    let after = format!("{third}---\n{SECOND}---\n{broader}");
    let compared = Rules::parse(&before).compare(&Rules::parse(&after));
    let titles: Vec<_> = compared.iter().map(|rule| rule.title.as_deref()).collect();
    assert_eq!(titles, [Some("Third"), Some("Second"), Some("Shell")]);
    let relation = |at: usize| {
        compared[at]
            .meaning
            .as_ref()
            .map(|meaning| meaning.relation)
    };
    assert!(compared[0].before.is_none());
    assert_eq!(
        [relation(0), relation(1), relation(2)],
        [None, Some(Relation::Equal), Some(Relation::Broader)]
    );
    let gone = Rules::parse(&before).compare(&Rules::parse(SECOND));
    assert!(gone[1].after.is_none() && gone[1].meaning.is_none());
    // The event that shows it is of the new version alone.
    let event = compared[2]
        .meaning
        .as_ref()
        .unwrap()
        .gained
        .clone()
        .unwrap();
    let event = Event::new(&event);
    let (old, new) = (Rules::parse(RULE), Rules::parse(&broader));
    assert_eq!(RuleSet::new(&old).matching(&event).count(), 0);
    assert_eq!(RuleSet::new(&new).matching(&event).count(), 1);
}

#[test]
fn correlations_are_compared_with_their_rules() {
    use varsigma::comparison::Relation;
    let text = |count: u32| {
        format!(
            "title: Logon\nname: logon\nlogsource: {{product: windows}}\n\
             detection: {{s: {{EventID: 4625}}, condition: s}}\n---\ntitle: Many\ncorrelation:\n  \
             type: event_count\n  rules: [logon]\n  group-by: [User]\n  timespan: 5m\n  \
             condition: {{gte: {count}}}\n"
        )
    };
    let (before, after) = (text(10), text(20));
    let compared = Rules::parse(&before).compare(&Rules::parse(&after));
    let meaning = compared[1].meaning.as_ref().unwrap();
    assert_eq!(meaning.relation, Relation::Narrower);
}

#[test]
fn witnesses_have_the_answers_of_their_rules() {
    let text = format!("{RULE}---\n{SECOND}---\ntitle: t\n");
    let made = Rules::parse(&text).witnesses(16);
    assert!(made.errors.is_empty());
    let rules = Rules::parse(&text);
    let set = RuleSet::new(&rules);
    for witness in &made.events {
        let event = Event::new(&witness.event);
        let mut matching = set.matching(&event);
        let is_its = |rule: &RuleMatcher<'_>| {
            rule.id() == Some(&witness.rule) || rule.title() == witness.rule
        };
        assert_eq!(matching.any(is_its), witness.matches, "{witness:?}");
    }
    let json = serde_json::to_value(&made.events[0]).unwrap();
    assert_eq!(json["rule"], "10c14723-61c7-4c75-92ca-9af245723ad2");
}

const FILTER: &str = "title: The build server
logsource: {product: windows}
filter: {rules: any, build: {Computer: build}, condition: not build}
";

#[test]
fn filters_hold_for_the_rules_of_all_texts() {
    use varsigma::OwnedRuleSet;
    let event = |computer: &str| {
        let event = serde_json::json!({
            "Image": r"C:\cmd.exe", "User": "SYSTEM", "Computer": computer,
        });
        Event::new(&event)
    };
    let count = |set: &RuleSet<'_>, computer: &str| set.matching(&event(computer)).count();
    let owned = OwnedRuleSet::parse([RULE, FILTER]);
    assert_eq!(
        (count(owned.get(), "desk"), count(owned.get(), "build")),
        (1, 0)
    );
    assert_eq!(owned.get().rules().len(), 1);

    // Of one text, and of the rules of a correlation.
    let text = format!("{RULE}---\n{FILTER}");
    let rules = Rules::parse(&text);
    let set = RuleSet::new(&rules);
    assert_eq!((count(&set, "desk"), count(&set, "build")), (1, 0));
    for witness in Rules::parse(&text).witnesses(32).events {
        let fires = set.matching(&Event::new(&witness.event)).count() == 1;
        assert_eq!(fires, witness.matches, "{witness:?}");
    }

    // Without the filter's text the rule is by itself.
    let alone = Rules::parse(RULE);
    assert_eq!(count(&RuleSet::new(&alone), "build"), 1);

    // A rule whose filter is broken would find too much: it is left out.
    let broken = FILTER.replace("not build", "not build2");
    let set = OwnedRuleSet::parse([RULE, &broken]);
    assert!(set.get().rules().is_empty());
    let codes: Vec<Code> = set.get().errors_of(0).map(|error| error.code).collect();
    assert_eq!(codes, [Code::FilterRefused]);
}

#[test]
fn witnesses_of_a_correlation_are_sequences() {
    let correlation = "title: Many
correlation: {type: event_count, rules: [failed], group-by: [User], timespan: 1m, condition: {gte: 3}}
";
    let rule = "title: Failed
name: failed
logsource: {product: windows}
detection: {s: {EventID: 4625}, condition: s}
";
    let text = format!("{rule}---\n{correlation}---\n{FILTER}");
    let made = Rules::parse(&text).witnesses(16);
    assert!(made.errors.is_empty(), "{:?}", made.errors);
    let of = |number: u64| {
        let events = made.events.iter();
        let events = events.filter(|event| event.sequence == Some(number));
        events
            .map(|event| (event.matches, event.rule.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(1), [(true, "Many"); 3]);
    assert!(
        made.events
            .iter()
            .any(|event| event.sequence.is_some() && !event.matches)
    );
    assert!(
        made.events
            .iter()
            .any(|event| event.rule == "Failed" && event.sequence.is_none())
    );

    // Of several texts the same, each with its own events.
    let apart = Rules::witnesses_of(&Rules::parse_all([rule, correlation, FILTER]), 16);
    let together: Vec<_> = apart.into_iter().flat_map(|made| made.events).collect();
    assert_eq!(together, made.events);

    // Without its rule a correlation has none, and says why.
    let alone = Rules::parse(correlation).witnesses(16);
    assert!(alone.events.is_empty());
    assert_eq!(alone.errors.len(), 1, "{:?}", alone.errors);
}

#[test]
fn an_owned_set_knows_the_texts_of_its_rules_and_errors() {
    use varsigma::OwnedRuleSet;
    let placeholder = "title: P\nlogsource: {product: p}\n\
                       detection: {s: {F|expand: '%x%'}, condition: s}\n";
    let set = OwnedRuleSet::parse([RULE, placeholder, SECOND]);
    let event = Event::new(&serde_json::json!({"User": "SYSTEM", "Image": r"C:\cmd.exe"}));
    let matching: Vec<_> = set.get().matching(&event).map(RuleMatcher::text).collect();
    assert_eq!(matching, [0, 2]);
    assert_eq!(set.get().errors_of(1).count(), 1);
    assert_eq!(set.get().errors_of(0).count(), 0);
    assert_eq!(set.texts().len(), 3);
}

#[test]
fn targets_and_pipelines_are_data() {
    use varsigma::BuiltInPipeline;
    let splunk = Targets::built_in().get("splunk").unwrap();
    let json = serde_json::to_value(&splunk).unwrap();
    assert_eq!(json["profiles"][0], "native");
    assert_eq!(json["formats"][0], splunk.formats[0].name.as_str());
    assert_eq!(json["options"][0]["target"], "splunk");
    let pipelines = BuiltInPipeline::all();
    let sysmon = pipelines
        .iter()
        .find(|known| known.name == "sysmon")
        .unwrap();
    assert!(sysmon.allows("splunk"));
    assert_eq!(pipelines.len(), Pipeline::names().count());
}

#[test]
fn pages_have_the_queries_of_each_compiler() {
    use varsigma::Pages;
    let compilers = ["splunk", "sqlite"].map(|target| Compiler::builder(target).build().unwrap());
    let made = Pages::new(compilers)
        .make("r.yml", RULE.as_bytes())
        .unwrap();
    let [page] = &made.texts[..] else {
        panic!("one rule")
    };
    assert!(page.contains("### splunk") && page.contains("### sqlite"));
    let own = Pages::new([])
        .with_template("own.md", "{{ title }}!")
        .unwrap();
    assert_eq!(own.make("", RULE.as_bytes()).unwrap().texts, ["Shell!"]);
    assert!(Pages::new([]).with_template("own.md", "{{").is_err());
    let broken = Pages::founding()
        .unwrap()
        .make("r.yml", b"title: t\n")
        .unwrap();
    assert!(broken.diagnostics[0].is_error());
}
