//! A mistake of each shape, and where it is reported.

use crate::backend::{BackendError, FolderFile, Registry};
use crate::dialect::Profile;
use crate::source::Source;

/// The lines of a file before those of a case.
const HEAD: &str = "title = 'Mine'\nextends = 'splunk'\n";

fn told(error: &BackendError) -> Vec<String> {
    let source = Source::new(&error.path, &error.text);
    let line = |span: crate::source::Span| source.line_column(span.start).line;
    let found = error.diagnostics.iter();
    let found = found.map(|one| format!("{}: {}", one.span().map_or(0, line), one.message));
    found.collect()
}

fn problems(text: &str) -> Vec<String> {
    let mut registry = Registry::built_in();
    registry.add("mine", "mine.toml", format!("{HEAD}{text}"));
    let found = registry.get("mine", Profile::Native);
    found.map_or_else(|error| told(&error), |_| Vec::new())
}

/// Keys, and what is said of them.
const MISTAKES: &[(&str, &str)] = &[
    // Types.
    ("about = 5", "3: `about`: expected a text, found a number"),
    (
        "[query]\nflag_prefix = 'yes'",
        "4: `query.flag_prefix`: expected `true` or `false`, found `yes`",
    ),
    (
        "[query]\nlongest_chain = -1",
        "4: `query.longest_chain`: expected a number, 0 or more, found a number",
    ),
    (
        "[query]\nlongest_chain = 1.5",
        "4: `query.longest_chain`: expected a number, 0 or more, found a number",
    ),
    (
        "[query]\ntwo_valued = ['nul']",
        "4: `query.two_valued`: expected",
    ),
    (
        "[query]\nprecedence = ['not', 'and']",
        "4: `query.precedence`: expected a list of `not`, `and`, `or`, each once, found a list",
    ),
    (
        "[query]\nprecedence = ['not', 'and', 'not']",
        "4: `query.precedence`: expected a list of `not`, `and`, `or`, each once, found a list",
    ),
    (
        "[query]\nengine_precedence = 'not'",
        "4: `query.engine_precedence`: expected a list of `not`, `and`, `or`, each once, found `not`",
    ),
    (
        "[query]\nprecedence = ['not', 'and', 'xor']",
        "4: `query.precedence`: expected a list of `not`, `and`, `or`, each once, found a list",
    ),
    (
        "[query.test]\nequals = { text = 'x', binds = 'xor' }",
        "4: `query.test.equals.binds`: expected `atom` or `not` or `and` or `or`, found `xor`",
    ),
    (
        "[query.test]\nequals = { text = 'x', clauses = 'x' }",
        "4: `query.test.equals.clauses`: expected a number, 0 or more, found `x`",
    ),
    (
        "[query.test]\nequals = 5",
        "4: `query.test.equals`: expected",
    ),
    (
        "[query.test]\nequal = 'x'",
        "4: unknown key `query.test.equal`",
    ),
    (
        "[query.keywords]\ntext = '{list}'",
        "4: `query.keywords.separator` is missing",
    ),
    (
        "[query.boolean]\nfalse = false",
        "4: `query.boolean.false` is missing",
    ),
    (
        "[query]\ngrouping = 'max'",
        "4: `query.grouping`: expected `minimal` or `written` or `explicit` or `inner` or `nested`, found `max`",
    ),
    ("query = 5", "3: `query`: expected a table, found a number"),
    (
        "formats.default = 'x'",
        "3: `formats.default`: expected a table, found `x`",
    ),
    (
        "options.x = 'x'",
        "3: `options.x`: expected a table, found `x`",
    ),
    ("extends = 5", "duplicate key"),
    // What is missing, and what needs another key.
    (
        "[filter.literal.one]\n[filter]\nbefore = false",
        "5: `filter`: expected `before` or `apart`, found neither",
    ),
    (
        "[aggregation]\nwindow_group = false",
        "`aggregation.window` needs `aggregation.window_group` beside it",
    ),
    (
        "[longest_query]\nengine = 'e'\nhelp = 'h'",
        "4: `longest_query`: expected `bytes` or `characters`, found neither",
    ),
    (
        "[longest_query]\nengine = 'e'\nhelp = 'h'\nbytes = 1\ncharacters = 1",
        "7: `longest_query`: expected one of `bytes` and `characters`, found both",
    ),
    (
        "[query.clauses]\nmost = 1",
        "4: `query.clauses.help` is missing",
    ),
    (
        "[query.list]\nseparator = ','",
        "4: `query.list.text` is missing",
    ),
    (
        "[query.test]\nequals = { binds = 'or' }",
        "4: `query.test.equals`: expected `text` or `refuse`, found neither",
    ),
    (
        "[query.test]\nequals = { text = 'x', broader = 'b', narrower = 'n' }",
        "4: `query.test.equals`: expected one of `broader` and `narrower`, found both",
    ),
    (
        "[query.literal.x]\nplain_holding = ' '",
        "4: `query.literal.x.plain_holding` needs `query.literal.x.plain` beside it",
    ),
    // Literals.
    (
        "[query.literal.x]\nboth_cases = '[]'",
        "4: `query.literal.x.both_cases`: expected a text with `{letters}`, found `[]`",
    ),
    (
        "[query.literal.x]\nbytes = '\\x'",
        "4: `query.literal.x.bytes`: expected a text with `{hex}`, found `\\x`",
    ),
    (
        "[query.literal.x]\nescape = { ab = 'c' }",
        "4: `query.literal.x.escape`: expected one character, found `ab`",
    ),
    (
        "[query.literal.x]\nlast = { ab = 'c' }",
        "4: `query.literal.x.last`: expected one character, found `ab`",
    ),
    (
        "[query.literal.x]\nlone = { character = 'ab', unless_before = '' }",
        "4: `query.literal.x.lone.character`: expected one character, found `ab`",
    ),
    (
        "[query.literal.x]\nquote = ['a', 'b', 'c']",
        "4: `query.literal.x.quote`: expected a text, or a list of two, found a list",
    ),
    (
        "[query.literal.x]\nbase = 'x'",
        "4: `query.literal.x.base`: expected the name of a literal above, found `x`",
    ),
    (
        "[query.literal.x]\nthen = 'y'\n[query.literal.y]",
        "4: `query.literal.x.then`: expected the name of a literal above, found `y`",
    ),
    (
        "[query.literal.x]\nplain = 'strin'",
        "4: `query.literal.x.plain`: expected the name of a literal above, found `strin`",
    ),
    (
        "[query.list]\ntext = '{list}'\nliteral = 'strin'",
        "5: there is no literal `strin`",
    ),
    (
        "[query.number_list]\ntext = '{list}'\nnumber_literal = 'strin'",
        "5: there is no literal `strin`",
    ),
    (
        "[query.literal]\nx = 'y'",
        "4: `query.literal.x`: expected a table, found `y`",
    ),
    (
        "[query.field]\nbare = '['",
        "4: `query.field.bare`: regex parse error",
    ),
    (
        "[query.field]\nescape = { ab = 'c' }",
        "4: `query.field.escape`: expected one character, found `ab`",
    ),
    (
        "[query.folding]\nbroader = 'b-a'",
        "4: `query.folding.broader`: expected letters, and ranges of them as `a-z`, found `b-a`",
    ),
    (
        "[query.regex]\nsyntax = 'vim'",
        "4: `query.regex.syntax`: expected",
    ),
    (
        "[query.regex]\ndots = true",
        "4: unknown key `query.regex.dots`",
    ),
    (
        "[query.time_part]\nsecond = 's'",
        "4: unknown key `query.time_part.second`",
    ),
    // Losses.
    (
        "[query.loss.vague]\ntests = 'equals'",
        "4: `query.loss.vague`: expected `broader` or `narrower` or `approximate`, found neither",
    ),
    (
        "[query.loss.twice]\nbroader = 'b'\nnarrower = 'n'",
        "5: `query.loss.twice`: expected one of `broader` and `narrower`, found both",
    ),
    (
        "[query.loss]\nvague = 'x'",
        "4: `query.loss.vague`: expected a table, found `x`",
    ),
    (
        "[query.loss.x]\nbroader = 'b'\ntests = ['equals', 'equal']",
        "5: `query.loss.x.tests`: expected `equals` or",
    ),
    (
        "[query.loss.x]\nbroader = 'b'\nunless = ['quiet']",
        "5: `query.loss.x.unless`: expected `ascii` or",
    ),
    (
        "[query.test]\nany = { text = '{field}', loss = ['unheard'] }",
        "4: there is no loss `unheard`",
    ),
    (
        "[query.loss]\nx = { broader = 'b' }\n[filter.test]\nany = { text = '{field}', loss = 'x' }",
        "6: there is no loss `x`",
    ),
    // Templates.
    (
        "[query.test]\nequals = '{field} {list}'",
        "4: `query.test.equals` does not fill the slot `{list}`",
    ),
    (
        "[query.test]\nexists = '{value}'",
        "4: `query.test.exists` does not fill the slot `{value}`",
    ),
    (
        "[query.test]\nnull = { text = 'x', negated = '{number:shortest}' }",
        "4: `query.test.null.negated` does not fill the slot `{number:shortest}`",
    ),
    (
        "[query.test]\nequals = '{option.keyword}'",
        "4: there is no option `keyword`",
    ),
    (
        "[query.test]\nequals = '{value:strin}'",
        "4: there is no literal `strin`",
    ),
    ("[query.test]\nequals = '{field'", "4: `{` has no partner"),
    ("[query]\nnot = 'NOT'", "4: `query.not` has no `{expr}`"),
    (
        "[query.list]\ntext = '{field}'",
        "4: `query.list.text` has no `{list}`",
    ),
    (
        "frame = '{field} {query}'",
        "3: `frame` does not fill the slot `{field}`",
    ),
    (
        "[formats.default]\nquery = '{value}'",
        "4: `formats.default.query` does not fill the slot `{value}`",
    ),
    (
        "[aggregation]\ntotal = '{query}'",
        "4: `aggregation.total` does not fill the slot `{query}`",
    ),
    (
        "[query.time_part]\nhour = '{part}'",
        "4: `query.time_part.hour` does not fill the slot `{part}`",
    ),
    // Options.
    (
        "[query.test]\nequals = { text = 'x', when = { keyword = 'x' } }",
        "4: there is no option `keyword`",
    ),
    (
        "[query.test]\nequals = { text = 'x', when = { keywords = 'x' } }",
        "4: expected `contains` or `phrase` for the option `keywords`, found `x`",
    ),
    (
        "[query.test]\nequals = { text = 'x', each = 'column' }",
        "4: there is no option `column`",
    ),
    (
        "[query.regex_by.keywords]\nx = { syntax = 're2' }",
        "4: expected `contains` or `phrase` for the option `keywords`, found `x`",
    ),
    (
        "[options.x]\nabout = 'x'\ndefault = 'a'\nvalues = ['b']",
        "5: `options.x.default` is not one of its `values`",
    ),
    (
        "[options.x]\nabout = 'x'\ndefault = { a = 1 }",
        "5: `options.x.default`: expected a text, a number, a boolean or a list of them, found a table",
    ),
    (
        "[query.field.inside]\noption = 'column'\n",
        "4: there is no option `column`",
    ),
    // Formats.
    (
        "[formats.x]\ntitle = 'x'\ndocument = 'nowhere.txt'",
        "5: there is no template `nowhere.txt`",
    ),
    (
        "[formats.x]\ntitle = 'x'\nprofile = 'sigma'",
        "5: `formats.x.profile`: expected `native` or `sigmac` or `pysigma`, found `sigma`",
    ),
    (
        "[formats.x]\ntitle = 'x'\nbehind = [{ text = 'x' }]",
        "5: `formats.x.behind.option` is missing",
    ),
    (
        "[formats.x]\ntitle = 'x'\nbehind = 'y'",
        "5: `formats.x.behind`: expected a list of tables, found `y`",
    ),
    (
        "[formats.x]\ntitle = 'x'\nwith = { a = 5 }",
        "5: `formats.x.with.a`: expected a text, found a number",
    ),
    // Other targets and profiles.
    ("[filter]\nof = 'lucen'", "4: there is no target `lucen`"),
    (
        "aliases = ['sqlite']",
        "3: the alias `sqlite` is a target already",
    ),
    (
        "aliases = ['kibana']",
        "3: the alias `kibana` is an alias of `kql` already",
    ),
    ("[compat.pysigma]", "3: unknown key `compat`"),
    // A reference's faults and strategies.
    (
        "[query.fault]\nequal = 'x'",
        "4: `query.fault.equal`: expected a kind of test as key, or a table, found `x`",
    ),
    (
        "[query.fault]\nx = { text = 't' }",
        "4: `query.fault.x`: expected `value` or `name`, found neither",
    ),
    (
        "[query.fault]\nx = { value = 't' }",
        "4: `query.fault.x.text` is missing",
    ),
    (
        "[query.list]\ncareless = 'x'",
        "4: `query.list.careless`: expected `true` or `false`, found `x`",
    ),
    (
        "[query.fault]\nx = { text = 't', value = '[' }",
        "4: `query.fault.x.value`: regex parse error",
    ),
    (
        "[query.fault]\nx = { text = 't', name = 'n', tests = ['not nul'] }",
        "4: `query.fault.x.tests`: expected a kind of test, found `not nul`",
    ),
    (
        "[deferred]\nlongest_name = 'x'",
        "4: `deferred.longest_name`: expected a number, 0 or more, found `x`",
    ),
    (
        "[deferred]\nregex_signs = ['=']",
        "4: `deferred.regex_signs`: expected a list of 2 texts, found a list",
    ),
];

#[test]
fn every_mistake_is_told_where_it_is() {
    for (text, expected) in MISTAKES {
        let found = problems(text);
        let is_told = found.iter().any(|problem| problem.contains(expected));
        assert!(is_told, "{text}\n  expected {expected}\n  found {found:#?}");
    }
}

#[test]
fn a_text_is_what_extends_names() {
    let mut registry = Registry::built_in();
    registry.add("mine", "mine.toml", "extends = 5\n".to_owned());
    let error = registry.get("mine", Profile::Native).expect_err("a number");
    assert_eq!(
        told(&error)[0],
        "1: `extends`: expected a text, found a number"
    );
}

#[test]
fn a_folder_has_overlays_and_templates() {
    let file = |below: &str, text: &str| FolderFile {
        below: below.to_owned(),
        path: format!("dir/{below}"),
        text: text.to_owned(),
    };
    let mut registry = Registry::built_in();
    let added = registry.add_folder(vec![
        file(
            "compat/mine.pysigma.toml",
            "[query]\nand = ' & '\ngrouping = 'max'\n",
        ),
        file("compat/other.pysigma.toml", "available = false\n"),
        file(
            "mine.toml",
            &format!("{HEAD}[formats.x]\ntitle = 'x'\ndocument = 'a/b.txt'\n"),
        ),
        file("other.toml", HEAD),
        file("templates/a/b.txt", "x"),
    ]);
    added.expect("the names are right");
    assert!(registry.get("mine", Profile::Native).is_ok());
    let profiles = [Profile::Pysigma, Profile::Sigmac];
    assert_eq!(registry.profiles("mine").expect("it is sound"), profiles);
    assert_eq!(
        registry.profiles("other").expect("it is sound"),
        profiles[1..]
    );
    let error = registry
        .get("mine", Profile::Pysigma)
        .expect_err("a wrong word");
    assert_eq!(error.path, "dir/compat/mine.pysigma.toml");
    assert!(told(&error)[0].starts_with("3: `query.grouping`"));
    // A target of the user's has no overlays but its own.
    let own = "title = 'Mine'\nextends = '_elastic'\n".to_owned();
    registry.add("splunk", "splunk.toml", own);
    assert_eq!(
        registry.profiles("splunk").expect("it is sound"),
        profiles[..1]
    );
    let added = registry.add_folder(vec![file("compat/mine.toml", "")]);
    let error = added.expect_err("it names no profile");
    assert!(error.diagnostics[0].message.contains("compat/mine.toml"));
}

#[test]
fn options_have_the_type_of_their_default() {
    let mut registry = Registry::built_in();
    let text = "[options]\ncount = { about = 'c', default = 5, values = [5, 6] }\n\
                flag = { about = 'f', default = false }\nnames = { about = 'n', default = ['a', 'b'] }\n\
                share = { about = 's', default = 0.5 }\nname = { about = 'n', needed = true, default = 'x' }\n";
    registry.add("mine", "mine.toml", format!("{HEAD}{text}"));
    let backend = registry.get("mine", Profile::Native).expect("it is sound");
    let option = |name: &str| {
        backend
            .options
            .iter()
            .find(|option| option.name == name)
            .expect(name)
    };
    let defaults = ["count", "flag", "names", "share"].map(|name| option(name).default.as_str());
    assert_eq!(defaults, ["5", "false", "a,b", "0.5"]);
    for (name, value, expected) in [
        ("count", "6", ""),
        (
            "count",
            "7",
            "expected `5` or `6` for the option `count`, found `7`",
        ),
        (
            "count",
            "x",
            "expected an integer for the option `count`, found `x`",
        ),
        ("flag", "true", ""),
        (
            "flag",
            "yes",
            "expected `true` or `false` for the option `flag`, found `yes`",
        ),
        ("names", "c", ""),
        ("share", "1", ""),
        (
            "share",
            "half",
            "expected a number for the option `share`, found `half`",
        ),
        (
            "name",
            "",
            "expected a value for the option `name`, found none",
        ),
    ] {
        let message = option(name).check(value).map_err(|error| error.message);
        assert_eq!(
            message.err().unwrap_or_default(),
            expected,
            "{name}={value}"
        );
    }
}
