//! Random conditions keep their truth table through every target's text.
//!
//! In: a rule of a few detections and a random condition over them. Its query is read back with
//! nothing but what the backend file says of the language: the words for `and`, `or` and `not`,
//! parentheses, and which binds tightest. What is read must be true of the same events as the
//! rule's condition, for every combination of its tests.

use proptest::prelude::*;
use std::fmt::Write as _;
use varsigma::backend::Registry;
use varsigma::backend::language::{Language, Strength};
use varsigma::backend::template::{Piece, Slot, Template};
use varsigma::transpile::{Request, Transpiler};

/// The tests that rules are made of, each of a field of its own. The place of one is its number.
const TESTS: [(&str, &str); 6] = [
    ("A", "a"),
    ("B|contains", "b c"),
    ("C", "OR"),
    ("D", "5"),
    ("E|cased", "x"),
    ("F|re", "y+"),
];

/// Those that the search of every target can say.
const PLAIN: &[usize] = &[0, 1, 2, 3];

/// Among them those that Splunk says in a filter behind the search.
const ALL: &[usize] = &[0, 1, 2, 3, 4, 5];

/// Says all tests where a filter is needed.
const FILTERED: usize = 5;

/// A rule's condition.
#[derive(Debug, Clone)]
enum Condition {
    Test(usize),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl Condition {
    fn holds(&self, events: u32) -> bool {
        match self {
            Self::Test(test) => events >> test & 1 == 1,
            Self::Not(operand) => !operand.holds(events),
            Self::And(operands) => operands.iter().all(|operand| operand.holds(events)),
            Self::Or(operands) => operands.iter().any(|operand| operand.holds(events)),
        }
    }

    /// As Sigma writes it, with the parentheses that its own precedence asks for.
    fn text(&self) -> String {
        let join = |operands: &[Self], word: &str| {
            let texts: Vec<String> = operands.iter().map(Self::text).collect();
            texts.join(word)
        };
        match self {
            Self::Test(test) => format!("t{test}"),
            Self::Not(operand) => match &**operand {
                Self::And(_) => format!("not ({})", operand.text()),
                operand => format!("not {}", operand.text()),
            },
            Self::And(operands) => join(operands, " and "),
            Self::Or(operands) => format!("({})", join(operands, " or ")),
        }
    }
}

fn conditions(tests: &'static [usize]) -> impl Strategy<Value = Condition> {
    let leaf = prop::sample::select(tests).prop_map(Condition::Test);
    leaf.prop_recursive(5, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            inner.prop_map(|operand| Condition::Not(Box::new(operand))),
            several.clone().prop_map(Condition::And),
            several.prop_map(Condition::Or),
        ]
    })
}

/// What a text without operators stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Atom {
    Everything,
    /// True of no event: that a field is missing.
    Nothing,
    Is(usize),
    /// True wherever the test is, and perhaps elsewhere.
    Wider(usize),
}

/// What was read back.
#[derive(Debug)]
enum Read {
    Atom(Atom),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

impl Read {
    /// `wider` are the combinations of the wider tests.
    fn holds(&self, events: u32, wider: u32) -> bool {
        match self {
            Self::Atom(Atom::Everything) => true,
            Self::Atom(Atom::Is(test)) => events >> test & 1 == 1,
            Self::Atom(Atom::Nothing) => false,
            Self::Atom(Atom::Wider(test)) => wider >> test & 1 == 1,
            Self::Not(operand) => !operand.holds(events, wider),
            Self::And(a, b) => a.holds(events, wider) && b.holds(events, wider),
            Self::Or(a, b) => a.holds(events, wider) || b.holds(events, wider),
        }
    }
}

/// A language and the texts of its tests.
struct Reader {
    language: Language,
    /// The longest first.
    atoms: Vec<(String, Atom)>,
}

impl Reader {
    fn new(language: &Language) -> Self {
        let mut reader = Self {
            language: language.clone(),
            atoms: Vec::new(),
        };
        // A filter has no word for it.
        if !language.everything.is_empty() {
            reader.learn(&language.everything, Atom::Everything);
        }
        reader
    }

    fn learn(&mut self, text: &str, atom: Atom) {
        if !self.atoms.iter().any(|(known, _)| known == text) {
            self.atoms.push((text.to_owned(), atom));
        }
        self.atoms
            .sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }

    fn read(&self, text: &str) -> Result<Read, String> {
        match self.operators(text, u8::MAX)? {
            (read, "") => Ok(read),
            (_, rest) => Err(format!("expected the end, found `{rest}`")),
        }
    }

    /// Operands joined by operators that bind at least as tightly as `loosest`.
    fn operators<'t>(&self, text: &'t str, loosest: u8) -> Result<(Read, &'t str), String> {
        let rank = |strength| self.language.precedence.rank(strength);
        let mut operators = [
            (self.language.and.as_str(), rank(Strength::And), true),
            (self.language.or.as_str(), rank(Strength::Or), false),
        ];
        // Splunk's ` ` begins ` OR ` as well.
        operators.sort_by_key(|(word, ..)| std::cmp::Reverse(word.len()));
        let (mut left, mut rest) = self.operand(text)?;
        while let Some((word, rank, is_and)) = operators
            .iter()
            .find(|(word, ..)| rest.starts_with(word))
            .filter(|(_, rank, _)| *rank <= loosest)
        {
            let (right, behind) = self.operators(&rest[word.len()..], rank - 1)?;
            let (a, b) = (Box::new(left), Box::new(right));
            left = if *is_and {
                Read::And(a, b)
            } else {
                Read::Or(a, b)
            };
            rest = behind;
        }
        Ok((left, rest))
    }

    fn operand<'t>(&self, text: &'t str) -> Result<(Read, &'t str), String> {
        for (known, atom) in &self.atoms {
            if let Some(rest) = text.strip_prefix(known.as_str()) {
                return Ok((Read::Atom(*atom), rest));
            }
        }
        let nots = [
            Some(&self.language.not),
            self.language.not_two_valued.as_ref(),
        ];
        for template in nots.into_iter().flatten() {
            let (before, behind) = around(template);
            let Some(inner) = text.strip_prefix(before) else {
                continue;
            };
            let loosest = match behind {
                "" => self.language.precedence.rank(Strength::Not),
                _ => u8::MAX,
            };
            let (operand, rest) = self.operators(inner, loosest)?;
            let rest = closed(rest, behind)?;
            return Ok((Read::Not(Box::new(operand)), rest));
        }
        let (before, behind) = around(&self.language.group);
        match text.strip_prefix(before) {
            Some(inner) => {
                let (operand, rest) = self.operators(inner, u8::MAX)?;
                Ok((operand, closed(rest, behind)?))
            }
            None => Err(format!("expected an operand, found `{text}`")),
        }
    }
}

/// What asks for the field of a negated test: `A == null`.
fn missing(language: &Language, key: &str, search: &str) -> Option<String> {
    let pieces = language.negated_test.as_ref()?.pieces.iter();
    // Inside the parentheses around both parts: `isnull(A)`.
    let before = match pieces.clone().next()? {
        Piece::Text(text) => text.strip_prefix('(').unwrap_or(text),
        Piece::Slot(_) => "",
    };
    let text = pieces
        .skip_while(|piece| !matches!(piece, Piece::Slot(Slot::Field)))
        .find_map(|piece| match piece {
            Piece::Text(text) => text.split_once(&language.or),
            Piece::Slot(_) => None,
        });
    let field = key.split('|').next()?;
    let quoted = format!("\"{field}\"");
    let field = if search.contains(&quoted) {
        &quoted
    } else {
        field
    };
    Some(format!("{before}{field}{}", text?.0))
}

fn closed<'t>(rest: &'t str, behind: &str) -> Result<&'t str, String> {
    rest.strip_prefix(behind)
        .ok_or_else(|| format!("expected `{behind}`, found `{rest}`"))
}

/// What a template has before and behind its one slot.
fn around(template: &Template) -> (&str, &str) {
    match template.pieces.as_slice() {
        [Piece::Text(before), Piece::Slot(_)] => (before, ""),
        [Piece::Text(before), Piece::Slot(_), Piece::Text(behind)] => (before, behind),
        other => panic!("not around an operand: {other:?}"),
    }
}

/// A target, ready to be read back.
struct Target {
    name: String,
    transpiler: Transpiler,
    search: Reader,
    filter: Option<Reader>,
    /// The tests that it can say.
    says: Vec<usize>,
}

fn rule(condition: &str) -> String {
    let mut text = String::from("title: t\nlogsource: {product: p}\ndetection:\n");
    for (test, (field, value)) in TESTS.iter().enumerate() {
        let _ = writeln!(text, "    t{test}: {{'{field}': {value}}}");
    }
    let _ = writeln!(text, "    condition: '{condition}'");
    text
}

impl Target {
    fn all() -> Vec<Self> {
        let registry = Registry::built_in();
        let names = registry.names().into_iter();
        // A document has its query somewhere inside; the target of that query is tested by itself.
        names
            .map(|name| Self::new(&registry, name))
            .filter(|target| target.transpiler.format().document.is_none())
            .collect()
    }

    fn new(registry: &Registry, name: &str) -> Self {
        let request = Request {
            target: name.to_owned(),
            ..Request::default()
        };
        let transpiler = Transpiler::new(registry, &request).expect("a built-in target");
        let backend = transpiler.backend();
        let search = Reader::new(&backend.query);
        let filter = backend.filter.as_ref();
        let mut target = Self {
            name: name.to_owned(),
            search,
            filter: filter.map(|filter| Reader::new(&filter.language)),
            transpiler,
            says: Vec::new(),
        };
        for test in ALL {
            target.learn(*test);
        }
        target
    }

    /// Learns the texts of a test from the queries that hold it alone.
    fn learn(&mut self, test: usize) {
        let Some((search, filter)) = self.query(&format!("t{test}")) else {
            return;
        };
        self.says.push(test);
        let is_exact = filter.is_none();
        let atom = if is_exact { Atom::Is } else { Atom::Wider };
        self.search.learn(&search, atom(test));
        // Values of one field may be said as a list.
        let language = &self.search.language;
        if language.list.is_some() || !language.number_list.is_empty() {
            for list in [vec![test; 2], vec![test; 3]] {
                let texts: Vec<String> = list.iter().map(|test| format!("t{test}")).collect();
                if let Some((search, None)) = self.query(&texts.join(" or "))
                    && !search.contains(&self.search.language.or)
                {
                    self.search.learn(&search, Atom::Is(test));
                }
            }
        }
        if let Some(missing) = missing(&self.search.language, TESTS[test].0, &search) {
            // Where fields can be optional, a test begins with its field's name.
            let optional = self.search.language.field.optional.clone();
            self.search
                .learn(&format!("{optional}{missing}"), Atom::Nothing);
            self.search
                .learn(&format!("{optional}{search}"), atom(test));
        }
        let beside = self.query(&format!("t{test} or t{FILTERED}"));
        let alone = self.query(&format!("t{FILTERED}"));
        let Some(reader) = &mut self.filter else {
            return;
        };
        match (filter, beside, alone) {
            (Some(filter), ..) => reader.learn(&filter, Atom::Is(test)),
            (None, Some((_, Some(beside))), Some((_, Some(alone)))) => {
                let behind = format!("{}{alone}", reader.language.or);
                let filter = beside.strip_suffix(&behind);
                reader.learn(filter.expect("one `or` the other"), Atom::Is(test));
            }
            _ => {}
        }
    }

    /// The search and the filter of a rule, or nothing where the target can't say it.
    fn query(&self, condition: &str) -> Option<(String, Option<String>)> {
        let output = self.transpiler.convert_text("rule.yml", &rule(condition));
        let query = output.queries.first()?;
        let backend = self.transpiler.backend();
        let mut frame = [String::new(), String::new()];
        let mut behind = 0;
        let usual = |(option, values): &(usize, Vec<String>)| {
            values.contains(&backend.options[*option].default)
        };
        let mut frames = backend.frames.iter();
        let text = frames.find(|frame| frame.when.options.iter().all(usual));
        for piece in text.iter().flat_map(|frame| &frame.text.pieces) {
            match piece {
                Piece::Text(text) => frame[behind].push_str(text),
                Piece::Slot(Slot::Option(option)) => {
                    frame[behind].push_str(&backend.options[*option].default);
                }
                Piece::Slot(_) => behind = 1,
            }
        }
        let mut query = query.as_str();
        for (option, behind) in self.transpiler.format().behind.iter().rev() {
            if !backend.options[*option].default.is_empty() {
                query = query.strip_suffix(&self.by_default(behind))?;
            }
        }
        let query = query.strip_prefix(&frame[0])?.strip_suffix(&frame[1])?;
        // A statement's text right before the query: ` WHERE `.
        let query = match self.transpiler.format().query.pieces.as_slice() {
            [.., Piece::Text(before), Piece::Slot(Slot::Query)] => query.split_once(before)?.1,
            _ => query,
        };
        let filter = backend.filter.as_ref();
        Some(
            match filter.and_then(|filter| query.split_once(&filter.before)) {
                Some((search, filter)) => (search.to_owned(), Some(filter.to_owned())),
                None => (query.to_owned(), None),
            },
        )
    }

    /// A template of texts and options, which have their defaults.
    fn by_default(&self, template: &Template) -> String {
        let options = &self.transpiler.backend().options;
        let pieces = template.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Slot(Slot::Option(option)) => &options[*option].default,
            Piece::Slot(_) => "",
        });
        pieces.collect()
    }

    fn keeps_the_truth_of(&self, condition: &Condition) -> Result<(), TestCaseError> {
        let text = condition.text();
        let (search, filter) = self.query(&text).expect("each of its tests can be said");
        let shown = format!("{}: {text}: {search}: {filter:?}", self.name);
        let fail = |error| TestCaseError::fail(format!("{shown}: {error}"));
        let read = self.search.read(&search).map_err(fail)?;
        let filter = match (&self.filter, &filter) {
            (Some(reader), Some(filter)) => reader.read(filter).map_err(fail)?,
            _ => Read::Atom(Atom::Everything),
        };
        for events in 0..1u32 << TESTS.len() {
            // What is wider holds wherever the test does: the narrowest and the widest suffice.
            for wider in [events, u32::MAX] {
                let holds = read.holds(events, wider) && filter.holds(events, wider);
                prop_assert_eq!(holds, condition.holds(events), "{} at {:b}", shown, events);
            }
        }
        Ok(())
    }
}

/// Runs a property over the targets that can say all of the tests.
fn check(tests: &'static [usize]) {
    let targets: Vec<Target> = Target::all()
        .into_iter()
        .filter(|target| tests.iter().all(|test| target.says.contains(test)))
        .collect();
    assert!(!targets.is_empty(), "no target says the tests");
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let kept = runner.run(&conditions(tests), |condition| {
        for target in &targets {
            target.keeps_the_truth_of(&condition)?;
        }
        Ok(())
    });
    if let Err(error) = kept {
        panic!("{error}");
    }
}

#[test]
fn plain_tests_keep_their_truth_on_every_target() {
    for target in Target::all() {
        assert_eq!(&target.says[..PLAIN.len()], PLAIN, "{}", target.name);
    }
    check(PLAIN);
}

#[test]
fn tests_that_need_a_filter_keep_their_truth() {
    check(ALL);
}

#[test]
fn a_lost_parenthesis_is_noticed() {
    let targets = Target::all();
    let splunk = targets
        .iter()
        .find(|target| target.name == "splunk")
        .expect("a built-in target");
    // In Splunk's search `or` binds before `and`: the second text is another condition.
    let (right, wrong) = (
        r#"A="a" (B="*b c*" OR C="OR")"#,
        r#"(A="a" B="*b c*") OR C="OR""#,
    );
    let read = |text| splunk.search.read(text).expect("readable");
    let bare = read(r#"A="a" B="*b c*" OR C="OR""#);
    let differ =
        |other: &Read| (0..8).any(|events| other.holds(events, 0) != bare.holds(events, 0));
    assert!(!differ(&read(right)));
    assert!(differ(&read(wrong)));
}
