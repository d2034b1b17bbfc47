//! The deprecated aggregation after a condition's pipe.

use super::{Query, Reason, Settings};
use crate::backend::Backend;
use crate::backend::language::Loss;
use crate::backend::template::{Slot, Template};
use crate::diagnostic::{Code, Diagnostic};
use crate::rule::condition::{AggregationFunction, AggregationOperator};
use crate::rule::{Aggregation, Rule};

/// Appends an aggregation to a query.
pub(super) fn append(
    aggregation: &Aggregation<'_>,
    rule: &Rule<'_>,
    backend: &Backend,
    settings: &Settings,
    query: &mut Query,
) -> Result<(), Diagnostic> {
    let Some(words) = &backend.aggregation else {
        let message = format!(
            "{} has no words for a condition's aggregation",
            backend.title
        );
        return Err(Diagnostic::error(Code::Unsayable, message)
            .at(aggregation.span)
            .help("write a correlation rule in its place"));
    };
    let mut group = String::new();
    let timeframe = rule.detection.timeframe.as_ref();
    if let (Some((window, field)), Some(timeframe)) = (&words.window, timeframe) {
        group.push_str(field);
        fill(window, &mut query.after, |slot, out| match slot {
            Slot::Timeframe => out.push_str(timeframe),
            Slot::Option(option) => out.push_str(settings.at(option)),
            _ => {}
        });
        query.reasons.push(Reason {
            loss: loss(aggregation),
            span: aggregation.span,
            text: words.window_loss.clone(),
        });
    }
    if let Some(by) = &aggregation.group_by {
        if !group.is_empty() {
            group.push_str(", ");
        }
        backend.query.field.write(by, &mut group);
    }
    let template = match (&aggregation.field, group.is_empty()) {
        (None, true) => &words.events[0],
        (None, false) => &words.events[1],
        (Some(_), true) => &words.total,
        (Some(_), false) => &words.grouped,
    };
    fill(template, &mut query.after, |slot, out| match slot {
        Slot::Function if aggregation.function == AggregationFunction::Count => {
            out.push_str(&words.distinct);
        }
        Slot::Function => out.push_str(aggregation.function.name()),
        Slot::Field => {
            if let Some(field) = &aggregation.field {
                backend.query.field.write(field, out);
            }
        }
        Slot::GroupBy => out.push_str(&group),
        Slot::Op => out.push_str(aggregation.operator.symbol()),
        Slot::Threshold => out.push_str(&aggregation.threshold),
        Slot::Option(option) => out.push_str(settings.at(option)),
        _ => {}
    });
    Ok(())
}

/// What a static window loses. It holds no more events than a sliding one: a count that has to
/// be large may be missed, any other may be found where there is none.
fn loss(aggregation: &Aggregation<'_>) -> Loss {
    use AggregationFunction::{Count, Max, Sum};
    use AggregationOperator::{Gt, Gte};
    match (aggregation.function, aggregation.operator) {
        (Count | Max | Sum, Gt | Gte) => Loss::Narrower,
        _ => Loss::Approximate,
    }
}

fn fill(template: &Template, out: &mut String, mut slot: impl FnMut(Slot, &mut String)) {
    let written: Result<(), std::convert::Infallible> = template.write(out, |name, out| {
        slot(name, out);
        Ok(())
    });
    let Ok(()) = written;
}
