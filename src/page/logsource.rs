//! What a log source means in terms of logs: its channel, or the events that its category stands for.
//!
//! In: `product: windows, service: sysmon`. Out: `Microsoft-Windows-Sysmon/Operational`. For
//! `category: registry_event` it is that channel's events 12, 13 and 14.

use std::borrow::Cow;

/// The tables in `templates/data_needed/{services,categories}.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSources {
    services: Vec<[&'static str; 3]>,
    categories: Vec<Category>,
}

/// A line of the categories: one channel's share of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Category {
    product: &'static str,
    name: &'static str,
    events: Events,
}

/// Some events of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// `Microsoft-Windows-Sysmon/Operational`
    pub channel: &'static str,
    /// Their event ids.
    pub ids: Vec<u32>,
}

impl Default for LogSources {
    fn default() -> Self {
        let services = rows(include_str!("../../templates/data_needed/services.tsv"))
            .map(|[product, service, channel, _]| [product, service, channel])
            .collect();
        let categories = rows(include_str!("../../templates/data_needed/categories.tsv"))
            .map(|[product, name, channel, ids]| Category {
                product,
                name,
                events: Events {
                    channel,
                    ids: ids.split(',').filter_map(|id| id.parse().ok()).collect(),
                },
            })
            .collect();
        Self {
            services,
            categories,
        }
    }
}

/// The lines of a table, comments left out, as four cells.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

impl LogSources {
    /// The channel of a service; a service that the table does not have is its own channel.
    #[must_use]
    pub fn channel<'s>(&self, product: &str, service: &'s str) -> Cow<'s, str> {
        self.services
            .iter()
            .find(|[p, s, _]| p.eq_ignore_ascii_case(product) && s.eq_ignore_ascii_case(service))
            .map_or(Cow::Borrowed(service), |[.., channel]| {
                Cow::Borrowed(channel)
            })
    }

    /// Every service of the tables: product, service, channel.
    pub fn services(&self) -> impl Iterator<Item = [&'static str; 3]> {
        self.services.iter().copied()
    }

    /// Every category of the tables: product, category, a channel's events.
    pub fn categories(&self) -> impl Iterator<Item = (&'static str, &'static str, &Events)> {
        let rows = self.categories.iter();
        rows.map(|row| (row.product, row.name, &row.events))
    }

    /// The events that a category stands for; none if it says nothing of events.
    pub fn events(&self, product: &str, category: &str) -> impl Iterator<Item = &Events> {
        self.categories
            .iter()
            .filter(move |row| {
                row.product.eq_ignore_ascii_case(product) && row.name.eq_ignore_ascii_case(category)
            })
            .map(|row| &row.events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_channels_and_unknown_ones_are_their_own() {
        let sources = LogSources::default();
        assert_eq!(
            sources.channel("windows", "powershell-classic"),
            "Windows PowerShell"
        );
        assert_eq!(
            sources.channel("Windows", "SYSMON"),
            "Microsoft-Windows-Sysmon/Operational"
        );
        assert_eq!(sources.channel("windows", "own-service"), "own-service");
    }

    #[test]
    fn categories_have_events() {
        let sources = LogSources::default();
        let events: Vec<_> = sources.events("windows", "process_creation").collect();
        assert_eq!(events.len(), 2);
        assert_eq!(
            (events[1].channel, events[1].ids.as_slice()),
            ("Security", &[4688][..])
        );
        assert_eq!(sources.events("okta", "process_creation").count(), 0);
    }

    #[test]
    fn every_line_is_whole() {
        let sources = LogSources::default();
        assert!(
            sources
                .services
                .iter()
                .flatten()
                .all(|cell| !cell.is_empty())
        );
        assert!(
            sources
                .categories
                .iter()
                .all(|row| !row.events.ids.is_empty())
        );
    }
}
