//! How a target says correlations, as data: which template for which kind, and what it loses.
//!
//! In: what a correlation needs ([`Need`]). Out: the first wording whose demands it meets. The
//! templates see the correlation as `output::correlation` makes it.

use super::language::Loss;
use super::when::When;
use crate::rule::{CorrelationOperator, CorrelationType};

/// `[correlation]`
#[derive(Debug, Clone, Default)]
pub struct Correlations {
    /// The options that have to be set, by their indices.
    pub needs: Vec<usize>,
    /// What the templates see as `with`.
    pub with: Vec<(String, String)>,
    /// What queries lose whatever the wording: the first of these whose demands are met.
    pub losses: Vec<CorrelationLoss>,
    /// The faults of a reference, all that fit.
    pub faults: Vec<CorrelationFault>,
    /// The wordings of each type, in the order in which they are tried.
    pub wordings: Vec<(CorrelationType, Vec<CorrelationWording>)>,
}

/// A fault of the reference in the queries of some correlations.
#[derive(Debug, Clone, Default)]
pub struct CorrelationFault {
    /// Only correlations of these types; none: of all.
    pub types: Vec<CorrelationType>,
    /// What is wrong.
    pub text: String,
    /// What it demands of the correlation.
    pub demands: Demands,
}

/// What the queries of some correlations lose.
#[derive(Debug, Clone, Default)]
pub struct CorrelationLoss {
    /// Only correlations of these types; none: of all.
    pub types: Vec<CorrelationType>,
    /// What they lose, and why.
    pub losses: Vec<(Loss, String)>,
    /// What it demands of the correlation.
    pub demands: Demands,
}

/// A way to say a type of correlation, or why there is none.
#[derive(Debug, Clone, Default)]
pub struct CorrelationWording {
    /// The template below `templates/`.
    pub template: Option<String>,
    /// How many queries the template makes; it is rendered once for each.
    pub queries: usize,
    /// In its place: why the target can't say it.
    pub refuse: Option<String>,
    /// What the query loses by its words.
    pub losses: Vec<(Loss, String)>,
    /// What it demands of the correlation.
    pub demands: Demands,
}

/// What a wording demands; a demand that is not made is `None` or empty.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// Every operator is one of these.
    pub operators: Vec<CorrelationOperator>,
    /// It has this form of condition.
    pub conditions: Vec<ConditionForm>,
    /// No more bounds.
    pub bounds: Option<usize>,
    /// The numbers of its bounds are no greater.
    pub most: Option<usize>,
    /// Its bounds are whole numbers.
    pub whole: bool,
    /// It refers to no more rules.
    pub rules: Option<usize>,
    /// It counts no more fields together.
    pub fields: Option<usize>,
    /// It groups, or does not.
    pub grouped: Option<bool>,
    /// It groups by no more fields.
    pub groups: Option<usize>,
    /// It uses aliases, or does not.
    pub aliases: Option<bool>,
    /// It refers to correlations, or does not.
    pub chains: Option<bool>,
    /// It asks a correlation for fields that this does not group by, or does not.
    pub extra: Option<bool>,
    /// A rule needs a filter after its search, or none does.
    pub filters: Option<bool>,
    /// A rule has keywords, or none has.
    pub keywords: Option<bool>,
    /// Its rules lie in different tables, for pipelines set other options for one than for another; or
    /// they don't.
    pub tables: Option<bool>,
    /// It is printed in one of these formats.
    pub formats: Vec<String>,
    /// Only there.
    pub when: When,
}

/// The form of a correlation's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionForm {
    /// Temporal: all rules.
    All,
    /// A comparison.
    Threshold,
    /// An expression without `not`.
    Expression,
    /// An expression with `not`.
    Absence,
}

/// Does a condition hold?
pub type OptionsAre<'o> = &'o dyn Fn(&When) -> bool;

/// What a correlation needs of a wording.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a demand of wordings"
)]
pub struct Need<'n> {
    /// Its type.
    pub kind: CorrelationType,
    /// The form of its condition.
    pub condition: ConditionForm,
    /// Its bounds: operators and numbers.
    pub bounds: Vec<(CorrelationOperator, f64)>,
    /// How many rules it refers to.
    pub rules: usize,
    /// How many fields it counts.
    pub fields: usize,
    /// How many entries its `group-by` has.
    pub groups: usize,
    /// Does an entry of `group-by` or `field` stand for different fields?
    pub has_aliases: bool,
    /// Does it refer to a correlation?
    pub has_chains: bool,
    /// Does it ask a correlation for fields that this does not group by?
    pub has_extra: bool,
    /// Does a rule need a filter after its search?
    pub has_filters: bool,
    /// Has a rule keywords?
    pub has_keywords: bool,
    /// Do pipelines set other options for one rule than for another?
    pub has_tables: bool,
    /// The format's name.
    pub format: &'n str,
}

impl Correlations {
    /// The first wording that meets the need.
    #[must_use]
    pub fn choose(
        &self,
        need: &Need<'_>,
        options_are: OptionsAre<'_>,
    ) -> Option<&CorrelationWording> {
        let (_, wordings) = self.wordings.iter().find(|(kind, _)| *kind == need.kind)?;
        let mut wordings = wordings.iter();
        wordings.find(|wording| wording.demands.are_met(need) && options_are(&wording.demands.when))
    }

    /// The faults of the reference that the query has.
    pub fn faults(&self, need: &Need<'_>, options_are: OptionsAre<'_>) -> Vec<&String> {
        let is_in = |fault: &&CorrelationFault| {
            (fault.types.is_empty() || fault.types.contains(&need.kind))
                && fault.demands.are_met(need)
                && options_are(&fault.demands.when)
        };
        self.faults
            .iter()
            .filter(is_in)
            .map(|fault| &fault.text)
            .collect()
    }

    /// What the query loses besides what its wording does.
    #[must_use]
    pub fn losses(&self, need: &Need<'_>, options_are: OptionsAre<'_>) -> &[(Loss, String)] {
        let mut losses = self.losses.iter();
        let found = losses.find(|loss| {
            (loss.types.is_empty() || loss.types.contains(&need.kind))
                && loss.demands.are_met(need)
                && options_are(&loss.demands.when)
        });
        found.map_or(&[], |loss| &loss.losses)
    }
}

impl Demands {
    fn are_met(&self, need: &Need<'_>) -> bool {
        let within = |most: Option<usize>, count: usize| most.is_none_or(|most| count <= most);
        let is = |wanted: Option<bool>, has: bool| wanted.is_none_or(|wanted| wanted == has);
        let operator = |(operator, _): &(CorrelationOperator, f64)| {
            self.operators.is_empty() || self.operators.contains(operator)
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "a bound of a file is a small number"
        )]
        let number = |(_, number): &(CorrelationOperator, f64)| {
            self.most.is_none_or(|most| *number <= most as f64)
                && !(self.whole && number.fract() != 0.0)
        };
        need.bounds.iter().all(operator)
            && need.bounds.iter().all(number)
            && (self.conditions.is_empty() || self.conditions.contains(&need.condition))
            && within(self.bounds, need.bounds.len())
            && within(self.rules, need.rules)
            && within(self.fields, need.fields)
            && within(self.groups, need.groups)
            && is(self.grouped, need.groups > 0)
            && is(self.aliases, need.has_aliases)
            && is(self.chains, need.has_chains)
            && is(self.extra, need.has_extra)
            && is(self.filters, need.has_filters)
            && is(self.keywords, need.has_keywords)
            && is(self.tables, need.has_tables)
            && (self.formats.is_empty() || self.formats.iter().any(|name| name == need.format))
    }
}
