//! Do events match rules? By the meaning that every target is tested against.

use super::{Error, Rules};
use crate::backend::BackendError;
use crate::diagnostic::{Code, Diagnostic};
use crate::dialect::Dialect;
use crate::eval::routing::{Masks, Routing};
use crate::eval::{CompiledRules, Matcher, RoutingTable, RuleSource, Scanner, read, refusal};
use crate::lower::{self, lower};
use crate::rule::{Correlation, Document};
use crate::source::Span;
use crate::transpile::Prepared;

pub use crate::eval::{Event, Seen, Trace};

/// Rules, prepared for many events.
///
/// ```
/// use varsigma::{Event, RuleSet, Rules};
///
/// let rules = Rules::parse(
///     "title: Shell
/// logsource: {product: windows}
/// detection:
///   s: {Image|endswith: '\\cmd.exe'}
///   condition: s
/// ",
/// );
/// let set = RuleSet::new(&rules);
/// let events = Event::read(r#"{"Image": "C:\\CMD.EXE"} {"Image": "C:\\a.exe"}"#)?;
/// let matching: Vec<_> = set.matching(&events[0]).map(|rule| rule.title()).collect();
/// assert_eq!(matching, ["Shell"]);
/// assert_eq!(set.matching(&events[1]).count(), 0);
/// # Ok::<(), varsigma::Error>(())
/// ```
#[derive(Debug)]
pub struct RuleSet<'r> {
    rules: Vec<RuleMatcher<'r>>,
    errors: Vec<Diagnostic>,
    /// The number of the text that each error is of.
    texts_of_errors: Vec<usize>,
    correlations: Vec<Diagnostic>,
    /// The number of the text that each correlation is of.
    texts_of_correlations: Vec<usize>,
    compiled: CompiledRules<'r>,
}

/// A rule, prepared for many events.
#[derive(Debug)]
pub struct RuleMatcher<'r> {
    id: Option<&'r str>,
    title: &'r str,
    span: Span,
    text: usize,
    source: RuleSource,
    conditions: Vec<Matcher<'r>>,
}

/// Which rules of a [`RuleSet`] look at an event: those for its log source.
#[derive(Debug)]
pub struct EventRouting(Routing);

impl<'r> RuleSet<'r> {
    /// Prepares the rules that are well formed, with the filters of their text joined. Those that
    /// can't be asked of a single event (an aggregation, a placeholder) are left out, and are among
    /// the [`Self::errors`].
    #[must_use]
    pub fn new(rules: &'r Rules<'_>) -> Self {
        Self::of([rules])
    }

    /// The same for the rules of several texts. Those that were read by [`Rules::parse_all`] have the
    /// filters of all texts joined.
    #[must_use]
    pub fn of<'t: 'r>(texts: impl IntoIterator<Item = &'r Rules<'t>>) -> Self {
        let mut set = Self {
            rules: Vec::new(),
            errors: Vec::new(),
            texts_of_errors: Vec::new(),
            correlations: Vec::new(),
            texts_of_correlations: Vec::new(),
            compiled: CompiledRules::default(),
        };
        for (number, rules) in texts.into_iter().enumerate() {
            for (place, rule) in rules.joined().iter().enumerate() {
                // Correlations are not asked of single events, so what is wrong with their references
                // does not matter.
                if let Some(Document::Correlation(correlation)) = &rule.document {
                    set.correlations.push(unasked(correlation));
                    set.texts_of_correlations.push(number);
                    continue;
                }
                for error in rules.joining_errors(place) {
                    set.leave_out(number, error.clone());
                }
                if rule.diagnostics.iter().any(Diagnostic::is_error) {
                    continue;
                }
                match RuleMatcher::new(rule, number) {
                    Ok(rule) => set.rules.extend(rule),
                    Err(error) => set.leave_out(number, error),
                }
            }
        }
        let conditions = set.rules.iter().map(|rule| rule.conditions.as_slice());
        set.compiled = CompiledRules::new(conditions);
        set
    }

    fn leave_out(&mut self, text: usize, error: Diagnostic) {
        self.errors.push(error);
        self.texts_of_errors.push(text);
    }

    /// The rules that match an event, in their order. For many events an [`EventScanner`] is faster.
    pub fn matching(&self, event: &Event) -> impl Iterator<Item = &RuleMatcher<'r>> {
        let numbers = self.compiled.scanner().matching(event, None).to_vec();
        numbers.into_iter().map(|number| &self.rules[number])
    }

    /// Asks about many events, one after another. Each thread has its own.
    #[must_use]
    pub fn scanner(&self) -> EventScanner<'_, 'r> {
        EventScanner {
            set: self,
            scanner: self.compiled.scanner(),
            masks: None,
        }
    }

    /// Which rules look at an event: those for the log source that its fields show. An event whose log
    /// source can't be found is looked at by every rule.
    ///
    /// ```
    /// use varsigma::{Event, RuleSet, Rules};
    ///
    /// let rules = Rules::parse(
    ///     "title: Process
    /// logsource: {product: windows, category: process_creation}
    /// detection: {s: {User: ann}, condition: s}
    /// ---
    /// title: Logon
    /// logsource: {product: windows, service: security}
    /// detection: {s: {User: ann}, condition: s}
    /// ",
    /// );
    /// let set = RuleSet::new(&rules);
    /// let routing = set.routing();
    /// let mut scanner = set.routed_scanner(&routing);
    /// let events = Event::read(r#"{"Channel": "Security", "EventID": 4624, "User": "ann"}"#)?;
    /// let matching: Vec<_> = scanner.matching(&events[0]).map(|rule| rule.title()).collect();
    /// assert_eq!(matching, ["Logon"]);
    /// # Ok::<(), varsigma::Error>(())
    /// ```
    #[must_use]
    pub fn routing(&self) -> EventRouting {
        self.routing_by(RoutingTable::built_in())
    }

    /// The same where every event is of one log source: `product=windows,service=security`. What is
    /// left out may be anything.
    ///
    /// # Errors
    /// `VS1047`: another key than `product`, `category` and `service`, or no value.
    pub fn routing_for(&self, logsource: &str) -> Result<EventRouting, Error> {
        match RoutingTable::declared(logsource) {
            Ok(table) => Ok(self.routing_by(table)),
            Err(error) => Err(Error::new(String::new(), String::new(), error)),
        }
    }

    fn routing_by(&self, table: RoutingTable) -> EventRouting {
        let rules = self.rules.iter();
        let sources = rules.map(|rule| (rule.source.clone(), rule.conditions.as_slice()));
        EventRouting(Routing::new(table, sources))
    }

    /// The same as [`Self::scanner`], for the rules that look at an event alone. The routing has to be
    /// this set's own.
    #[must_use]
    pub fn routed_scanner<'s>(&'s self, routing: &'s EventRouting) -> EventScanner<'s, 'r> {
        EventScanner {
            masks: Some(routing.0.masks()),
            ..self.scanner()
        }
    }

    /// The rules that are asked, in their order.
    #[must_use]
    pub fn rules(&self) -> &[RuleMatcher<'r>] {
        &self.rules
    }

    /// Why rules were left out.
    #[must_use]
    pub fn errors(&self) -> &[Diagnostic] {
        &self.errors
    }

    /// A warning for each correlation: it is about many events, and is not asked of single ones.
    ///
    /// ```
    /// use varsigma::{RuleSet, Rules};
    ///
    /// let rules = Rules::parse(
    ///     "title: Many
    /// correlation: {type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 3}}
    /// ",
    /// );
    /// let set = RuleSet::new(&rules);
    /// assert!(set.rules().is_empty() && set.errors().is_empty());
    /// assert_eq!(set.correlations()[0].code.number(), "VS1010");
    /// ```
    #[must_use]
    pub fn correlations(&self) -> &[Diagnostic] {
        &self.correlations
    }

    /// Why rules of one of the texts were left out.
    pub fn errors_of(&self, text: usize) -> impl Iterator<Item = &Diagnostic> {
        of_text(&self.errors, &self.texts_of_errors, text)
    }

    /// The warnings on the correlations of one of the texts.
    pub fn correlations_of(&self, text: usize) -> impl Iterator<Item = &Diagnostic> {
        of_text(&self.correlations, &self.texts_of_correlations, text)
    }
}

/// Those of the diagnostics whose text has the number.
fn of_text<'d>(
    all: &'d [Diagnostic],
    texts: &'d [usize],
    text: usize,
) -> impl Iterator<Item = &'d Diagnostic> {
    let all = all.iter().zip(texts);
    all.filter_map(move |(found, of)| (*of == text).then_some(found))
}

/// Asks a [`RuleSet`] about one event after another, with room that is used again.
#[derive(Debug)]
pub struct EventScanner<'s, 'r> {
    set: &'s RuleSet<'r>,
    scanner: Scanner<'s, 'r>,
    masks: Option<Masks<'s>>,
}

impl<'s, 'r> EventScanner<'s, 'r> {
    /// The rules that match an event, in their order.
    pub fn matching(&mut self, event: &Event) -> impl Iterator<Item = &'s RuleMatcher<'r>> {
        let RuleSet {
            rules, compiled, ..
        } = self.set;
        let masks = self.masks.as_mut();
        let mask = masks.map(|masks| masks.of(event, compiled));
        let numbers = self.scanner.matching(event, mask).iter();
        numbers.map(|number| &rules[*number])
    }
}

fn unasked(correlation: &Correlation<'_>) -> Diagnostic {
    let message = "expected a rule for single events, found a correlation";
    Diagnostic::warning(Code::Untestable, message)
        .at(correlation.head.title.span)
        .help("test it with `varsigma test`")
}

impl<'r> RuleMatcher<'r> {
    fn new(prepared: &'r Prepared<'_>, text: usize) -> Result<Option<Self>, Diagnostic> {
        let Some(rule) = prepared.rule() else {
            return Ok(None);
        };
        lower::check(rule, &Dialect::SPECIFICATION)?;
        let conditions = lower(rule, &Dialect::SPECIFICATION);
        let conditions = conditions.iter().map(|lowered| match refusal(lowered) {
            Some(error) => Err(error),
            None => Matcher::new(&lowered.expr),
        });
        Ok(Some(Self {
            id: prepared.id.as_deref(),
            title: prepared.title.as_deref().unwrap_or_default(),
            span: prepared.span,
            text,
            source: RuleSource::new(&rule.logsource),
            conditions: conditions.collect::<Result<_, _>>()?,
        }))
    }

    /// The rule's id.
    #[must_use]
    pub const fn id(&self) -> Option<&'r str> {
        self.id
    }

    /// The rule's title.
    #[must_use]
    pub const fn title(&self) -> &'r str {
        self.title
    }

    /// The rule's place in the text.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The number of the text that it is of, from 0.
    #[must_use]
    pub const fn text(&self) -> usize {
        self.text
    }

    /// Does the event match one of the rule's conditions?
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.conditions.iter().any(|matcher| matcher.matches(event))
    }

    /// Why it matches an event, or doesn't: of each condition which parts held, and what they saw.
    ///
    /// ```
    /// use varsigma::{Event, RuleSet, Rules, Seen};
    ///
    /// let rules = Rules::parse(
    ///     "title: Shell
    /// logsource: {product: windows}
    /// detection:
    ///   s: {Image|endswith: '\\cmd.exe'}
    ///   condition: s
    /// ",
    /// );
    /// let set = RuleSet::new(&rules);
    /// let events = Event::read(r#"{"Image": "C:\\a.exe"}"#)?;
    /// let [condition] = &set.rules()[0].explain(&events[0])[..] else { panic!("one condition") };
    /// assert!(!condition.held);
    /// assert_eq!(condition.what, r"Image: '*\cmd.exe'");
    /// assert_eq!(condition.seen, Some(Seen::Values(vec![r"C:\a.exe".to_owned()])));
    /// # Ok::<(), varsigma::Error>(())
    /// ```
    #[must_use]
    pub fn explain(&self, event: &Event) -> Vec<Trace> {
        let conditions = self.conditions.iter();
        conditions.map(|matcher| matcher.explain(event)).collect()
    }
}

impl Event<'static> {
    /// May an object with this key wrap events, so that reading its JSON gives others than its own?
    #[cfg(feature = "cli")]
    #[doc(hidden)]
    #[must_use]
    pub fn is_wrapped_by(key: &str) -> bool {
        read::is_marked(key)
    }

    /// Reads events: JSON objects, one after another or in arrays. Exports of Windows, Elastic and
    /// others are opened: the event is what they wrap.
    ///
    /// # Errors
    /// `VS1001`: one can't be read.
    pub fn read(text: &str) -> Result<Vec<Self>, Error> {
        read::events(text).map_err(|diagnostics| {
            Error::from(BackendError {
                path: String::new(),
                text: text.to_owned(),
                diagnostics,
            })
        })
    }
}
