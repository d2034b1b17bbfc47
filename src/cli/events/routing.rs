//! `--event-logsource`, `--any-logsource`: which rules look at an event.

use crate::cli::Stop;
use crate::eval::routing::RoutingTable;
use clap::Args;

/// The options.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct RoutingOptions {
    /// Take every event for one of this log source: `product=windows,service=security`. By default
    /// an event's fields show it (docs/event-formats.md).
    #[arg(long, value_name = "LOGSOURCE", conflicts_with = "any_logsource")]
    event_logsource: Option<String>,
    /// Hold every rule against every event, whatever its log source.
    #[arg(long)]
    any_logsource: bool,
}

impl RoutingOptions {
    /// What shows the log sources of events; `None`: they don't matter.
    pub fn table(&self) -> Result<Option<RoutingTable>, Stop> {
        Ok(match &self.event_logsource {
            Some(text) => Some(RoutingTable::declared(text)?),
            None => (!self.any_logsource).then(RoutingTable::built_in),
        })
    }
}
