//! `[correlation]`: the wordings of correlations.

use super::Context;
use crate::backend::correlation::{
    ConditionForm, CorrelationFault, CorrelationLoss, CorrelationWording, Correlations, Demands,
};
use crate::backend::language::Loss;
use crate::rule::{CorrelationOperator, CorrelationType};
use crate::table::read::Reader;

const FORMS: &[(&str, ConditionForm)] = &[
    ("all", ConditionForm::All),
    ("threshold", ConditionForm::Threshold),
    ("expression", ConditionForm::Expression),
    ("absence", ConditionForm::Absence),
];

/// Reads the table.
pub(super) fn correlations(reader: Reader<'_>, context: &Context<'_>) -> Correlations {
    let needs = reader.texts("needs");
    let types = reader.table("type");
    let wordings = CorrelationType::ALL.iter().filter_map(|kind| {
        let wordings = types?.list_of_tables(kind.name()).into_iter();
        let wordings: Vec<_> = wordings
            .map(|wording| self::wording(wording, context))
            .collect();
        (!wordings.is_empty()).then_some((*kind, wordings))
    });
    Correlations {
        needs: needs
            .filter_map(|name| context.option_named(name))
            .collect(),
        with: reader.owned_pairs("with"),
        losses: reader
            .list_of_tables("loss")
            .into_iter()
            .map(|loss| self::loss(loss, context))
            .collect(),
        faults: reader
            .list_of_tables("fault")
            .into_iter()
            .map(|fault| self::fault(fault, context))
            .collect(),
        wordings: wordings.collect(),
    }
}

fn fault(reader: Reader<'_>, context: &Context<'_>) -> CorrelationFault {
    CorrelationFault {
        types: reader
            .texts("types")
            .filter_map(CorrelationType::from_name)
            .collect(),
        text: reader.text("text").unwrap_or_default().to_owned(),
        demands: demands(reader, context),
    }
}

fn loss(reader: Reader<'_>, context: &Context<'_>) -> CorrelationLoss {
    CorrelationLoss {
        types: reader
            .texts("types")
            .filter_map(CorrelationType::from_name)
            .collect(),
        losses: losses(reader),
        demands: demands(reader, context),
    }
}

fn wording(reader: Reader<'_>, context: &Context<'_>) -> CorrelationWording {
    CorrelationWording {
        template: reader.text("template").map(str::to_owned),
        queries: reader.number("queries").unwrap_or(1).max(1),
        refuse: reader.text("refuse").map(str::to_owned),
        losses: losses(reader),
        demands: demands(reader, context),
    }
}

fn losses(reader: Reader<'_>) -> Vec<(Loss, String)> {
    let losses = [
        ("broader", Loss::Broader),
        ("narrower", Loss::Narrower),
        ("approximate", Loss::Approximate),
    ];
    let losses = losses.into_iter().flat_map(|(key, loss)| {
        let reasons = reader.owned_texts(key).into_iter();
        reasons.map(move |reason| (loss, reason))
    });
    losses.collect()
}

fn demands(reader: Reader<'_>, context: &Context<'_>) -> Demands {
    // `false` is a demand, too.
    let flag = |key| reader.entry(key).map(|_| reader.flag(key));
    Demands {
        operators: reader
            .texts("operators")
            .filter_map(CorrelationOperator::from_name)
            .collect(),
        conditions: reader
            .texts("conditions")
            .filter_map(|name| FORMS.iter().find(|(known, _)| *known == name))
            .map(|(_, form)| *form)
            .collect(),
        bounds: reader.number("bounds"),
        most: reader.number("most"),
        whole: reader.flag("whole"),
        rules: reader.number("rules"),
        fields: reader.number("fields"),
        grouped: flag("grouped"),
        groups: reader.number("groups"),
        aliases: flag("aliases"),
        chains: flag("chains"),
        extra: flag("extra"),
        filters: flag("filters"),
        keywords: flag("keywords"),
        tables: flag("tables"),
        formats: reader.owned_texts("formats"),
        when: context.when(reader),
    }
}
