//! What goes into the search and what into the filter.
//!
//! In: an expression, worded in the language of the query, and in that of the filter where it needs
//! one. Out: a [`Plan`].
//!
//! A conjunct that the query's language says exactly stays there. Every other conjunct goes whole
//! into the filter, so that no `or` and no `not` is torn apart; what of it narrows the events down
//! stays in the query as well, as something that can only match more. A filter beside the query
//! (Kibana's objects carry filters in Elasticsearch's own terms beside a query in KQL) takes only
//! what the query's language can't say at all.

use super::choose::Chooser;
use super::conjuncts::Conjuncts;
use super::conventions::{Context, Conventions};
use super::layout::{self, Layout};
use super::tree::{Form, Group, Mode, Node};
use super::write::{Sink, Writer};
use super::{Query, Refusal, Settings};
use crate::backend::language::Language;
use crate::backend::{Backend, Filter};
use crate::lower::{self, Expr, Operator, Origin};

/// Lengths of chains that are tried in turn where a text is too deep: the longest first, as it reads
/// best.
const SHORTER: [usize; 2] = [16, 8];

/// What goes where.
pub(super) struct Plan<'e> {
    pub search: Section<'e>,
    /// What is left to be tested, and what is in front of it.
    pub filter: Option<(Section<'e>, &'e str)>,
    /// Both are about the same tests.
    ordered: bool,
}

/// A part of a query in one language.
pub(crate) struct Section<'e> {
    language: &'e Language,
    mode: Mode,
    /// The texts that phrases are among.
    texts: String,
    /// `None`: everything.
    node: Option<Node<'e>>,
}

impl<'e> Section<'e> {
    fn of(chooser: Chooser<'e, '_>, node: Option<Node<'e>>, mode: Mode) -> Self {
        Self {
            language: chooser.language,
            mode,
            texts: chooser.into_texts(),
            node,
        }
    }

    /// Does it hold no test?
    pub fn is_empty(&self) -> bool {
        self.node
            .as_ref()
            .is_some_and(|node| node.form.is_nothing())
    }

    /// The layout in which the text is not too deep, as far as shorter chains help.
    fn layout<'l>(&self, conventions: &'l dyn Conventions) -> Layout<'l>
    where
        'e: 'l,
    {
        let language = self.language;
        let mut layout = Layout {
            language,
            conventions,
            mode: self.mode,
            longest_chain: language.longest_chain.unwrap_or(usize::MAX),
        };
        if let (Some(limit), Some(_), Some(node)) =
            (&language.depth, language.longest_chain, &self.node)
        {
            for longest in SHORTER {
                if layout.depth(node) <= limit.most {
                    break;
                }
                layout.longest_chain = longest;
            }
        }
        layout
    }

    /// Writes it.
    pub fn write<S: Sink>(&self, conventions: &dyn Conventions, mut out: S) -> S {
        let Some(node) = &self.node else {
            out.text(&self.language.everything);
            return out;
        };
        let (layout, texts) = (self.layout(conventions), self.texts.as_str());
        let mut writer = Writer { layout, texts, out };
        writer.node(node);
        writer.out
    }

    /// Adds what it loses, counts and gets wrong to a query.
    pub fn tally(&mut self, conventions: &dyn Conventions, query: &mut Query) {
        let layout = self.layout(conventions);
        let Some(node) = &mut self.node else {
            return;
        };
        if layout.language.depth.is_some() {
            query.depth = query.depth.max(layout.depth(node));
        }
        layout.tally(node, query);
    }
}

impl Plan<'_> {
    /// Writes a query. `None`: a reference has none.
    pub fn write(mut self, expr: &Expr<'_>, conventions: &mut dyn Conventions) -> Option<Query> {
        let written = Conjuncts::with_capacity(USUAL);
        let (search, conjuncts) = self.search.write(conventions, written).finish();
        let mut query = Query {
            search,
            conjuncts,
            ..Query::default()
        };
        self.search.tally(conventions, &mut query);
        if let Some((filter, before)) = &mut self.filter {
            query.after = filter.write(conventions, (*before).to_owned());
            filter.tally(conventions, &mut query);
            if self.ordered {
                query.reasons.sort_by_key(|reason| reason.span.start);
            }
        }
        conventions.finish(expr, &self.search, query)
    }
}

/// Bytes that most queries fit into.
const USUAL: usize = 512;

/// Decides what goes where.
///
/// # Errors
/// Neither language says a part of the expression.
pub(super) fn plan<'e>(
    expr: &'e Expr<'e>,
    backend: &'e Backend,
    settings: &'e Settings,
    conventions: &mut dyn Conventions,
) -> Result<Plan<'e>, Refusal> {
    let filter = backend.filter.as_ref();
    let filter = filter.filter(|filter| settings.are(&filter.when));
    let mut chooser = Chooser::new(
        &backend.query,
        (settings, &backend.types),
        conventions,
        expr,
    );
    chooser.seeks_exact = filter.is_some_and(|filter| !filter.apart);
    let node = chooser.expr(expr, Context::default());
    match filter {
        None => whole(chooser, node, Mode::Best),
        Some(filter) if filter.apart => beside(chooser, node, filter),
        Some(filter) => behind(chooser, node, filter),
    }
}

/// Everything in the search.
fn whole<'e>(chooser: Chooser<'e, '_>, node: Node<'e>, mode: Mode) -> Result<Plan<'e>, Refusal> {
    match node.refusal(mode) {
        Some(refusal) => Err(refusal.clone()),
        None => Ok(Plan {
            search: Section::of(chooser, Some(node), mode),
            filter: None,
            ordered: false,
        }),
    }
}

/// What the search does not say exactly, in a command after it.
fn behind<'e>(
    mut chooser: Chooser<'e, '_>,
    node: Node<'e>,
    filter: &'e Filter,
) -> Result<Plan<'e>, Refusal> {
    let refusal = match node.refusal(Mode::Exact) {
        None => return whole(chooser, node, Mode::Exact),
        Some(refusal) if refusal.diagnostic.is_some() => return Err(refusal.clone()),
        Some(refusal) => refusal.clone(),
    };
    let conjuncts = node.conjuncts().into_iter();
    let left = conjuncts.filter(|conjunct| !conjunct.is_said(Mode::Exact));
    let left: Vec<_> = left.map(|conjunct| conjunct.expr).collect();
    let mut filter_chooser = chooser.for_filter(&filter.language);
    let nodes = left.into_iter();
    let nodes = nodes.map(|expr| filter_chooser.expr(expr, Context::default()));
    let rest = joined(
        nodes.collect(),
        node.expr,
        &filter.language,
        &*filter_chooser.conventions,
    );
    let Some(rest) = rest else {
        return Err(refusal);
    };
    let mode = match rest.refusal(Mode::Best) {
        _ if rest.refusal(Mode::Exact).is_none() => Mode::Exact,
        _ if node.refusal(Mode::Best).is_none() => {
            drop(filter_chooser);
            return whole(chooser, node, Mode::Best);
        }
        None => Mode::Best,
        // Neither says it: the filter's reason is the one to give, for it can say more.
        Some(refusal) => return Err(refusal.clone()),
    };
    let rest = Section::of(filter_chooser, Some(rest), mode);
    let expr = node.expr;
    let conjuncts = node.into_conjuncts().into_iter();
    let broader = conjuncts.filter_map(|conjunct| {
        if conjunct.is_said(Mode::Exact) {
            Some(conjunct)
        } else {
            conjunct.into_broader()
        }
    });
    let search = joined(
        broader.collect(),
        expr,
        chooser.language,
        &*chooser.conventions,
    );
    Ok(Plan {
        search: Section::of(chooser, search, Mode::Best),
        filter: Some((rest, filter.before.as_str())),
        ordered: true,
    })
}

/// What the search does not say at all, in a filter beside it.
fn beside<'e>(
    mut chooser: Chooser<'e, '_>,
    node: Node<'e>,
    filter: &'e Filter,
) -> Result<Plan<'e>, Refusal> {
    match node.refusal(Mode::Best) {
        None => return whole(chooser, node, Mode::Best),
        Some(refusal) if refusal.diagnostic.is_some() => return Err(refusal.clone()),
        Some(_) => {}
    }
    let expr = node.expr;
    let conjuncts = node.into_conjuncts().into_iter();
    let (said, left): (Vec<_>, Vec<_>) = conjuncts.partition(|node| node.is_said(Mode::Best));
    let mut filter_chooser = chooser.for_filter(&filter.language);
    let nodes = left.into_iter();
    let nodes = nodes.map(|node| filter_chooser.expr(node.expr, Context::default()));
    let rest = joined(
        nodes.collect(),
        expr,
        &filter.language,
        &*filter_chooser.conventions,
    );
    let mode = match rest
        .as_ref()
        .map(|rest| (rest.refusal(Mode::Exact), rest.refusal(Mode::Best)))
    {
        Some((Some(_), Some(refusal))) => return Err(refusal.clone()),
        Some((Some(_), None)) => Mode::Best,
        _ => Mode::Exact,
    };
    let rest = Section::of(filter_chooser, rest, mode);
    let said = joined(said, expr, chooser.language, &*chooser.conventions);
    Ok(Plan {
        search: Section::of(chooser, said, Mode::Best),
        filter: Some((rest, filter.before.as_str())),
        ordered: false,
    })
}

/// Conjuncts as one node; `None` where there are none.
fn joined<'e>(
    mut operands: Vec<Node<'e>>,
    expr: &'e Expr<'e>,
    language: &Language,
    conventions: &dyn Conventions,
) -> Option<Node<'e>> {
    operands.retain(|operand| !operand.form.is_nothing());
    if operands.len() < 2 {
        return operands.pop();
    }
    let operator = Operator::And;
    let map = lower::Group {
        operator,
        origin: Origin::Map,
        operands: Vec::new(),
    };
    let form = Form::Group(Group {
        operator,
        operands,
        parentheses: conventions.encloses(language, &map, operator),
        binds: layout::strength_of(operator),
    });
    Some(Node { expr, form })
}
