//! The names that log sources and fields are known by.
//!
//! In: the catalog of log events and the built-in pipelines, which the program embeds, and the log
//! sources of the specification. Out: [`Names`], which knows `process_creation`, that it has the
//! field `Image`, and that `Imgae` is nobody's.

use crate::dialect::Dialect;
use crate::embedded::PIPELINES;
use crate::page::catalog::DataNeeded;
use crate::page::logsource::LogSources;
use crate::rule::LogSource;
use crate::yaml::{self, Node};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Log sources of the specification (*taxonomy appendix*, Log Sources), and those of SigmaHQ's
/// rules, that neither the catalog nor a pipeline names.
const PRODUCTS: &str = "antivirus apache aws azure bitbucket cisco django dns fortigate fortios gcp \
    github huawei juniper jvm kubernetes linux m365 macos modsecurity nodejs okta onelogin \
    opencanary paloalto python qualys rpc_firewall ruby_on_rails spring sql velocity windows zeek";
const CATEGORIES: &str = "antivirus appliance application authentication database dns firewall \
    file_access file_block file_rename network proxy webserver";
const SERVICES: &str = "aaa activitylogs apache audit auditd auditlogs auth bgp clamav cloudtrail \
    connection cron dce_rpc dns duo event exchange gcp.audit globalprotect google_workspace.admin \
    google_workspace.login guacamole http kerberos ldp netflow nginx okta onelogin.events pim rdp \
    riskdetection signinlogs smb_files smbclient-connectivity smbserver-connectivity sshd sslvpnd \
    sudo syslog threat_detection threat_management vsftpd x509";

/// Which log source it is, as far as that is said: product, category, service.
type Source = [Option<String>; 3];

/// The keys of a log source.
pub(super) const KEYS: [&str; 3] = ["product", "category", "service"];

/// Known names.
#[derive(Debug, Clone)]
pub struct Names {
    /// By the place of their key in [`KEYS`].
    sources: [BTreeSet<String>; 3],
    fields: BTreeMap<Source, BTreeSet<String>>,
    /// By product, those of no product under the empty text.
    of_products: HashMap<String, HashSet<String>>,
}

impl Names {
    /// The names that the program embeds.
    #[must_use]
    pub fn built_in() -> Self {
        let words = |list: &str| list.split_whitespace().map(str::to_owned).collect();
        let mut names = Self {
            sources: [words(PRODUCTS), words(CATEGORIES), words(SERVICES)],
            fields: BTreeMap::new(),
            of_products: HashMap::new(),
        };
        names.add_catalog();
        for (_, text) in PIPELINES {
            for document in yaml::load(text, &Dialect::SPECIFICATION).documents {
                names.add_pipeline(&document);
            }
        }
        names
    }

    fn add_catalog(&mut self) {
        let entries = DataNeeded::built_in();
        let tables = LogSources::default();
        let of = |product: &str, channel: &str, ids: Option<&[u32]>| -> Vec<String> {
            let entries = entries.iter().filter(|entry| {
                let platform = entry.platform.as_deref().unwrap_or_default();
                platform.eq_ignore_ascii_case(product)
                    && entry.channel.as_deref() == Some(channel)
                    && ids.is_none_or(|ids| entry.event_id.is_some_and(|id| ids.contains(&id)))
            });
            entries.flat_map(|entry| entry.fields.clone()).collect()
        };
        for (product, category, events) in tables.categories() {
            let fields = of(product, events.channel, Some(&events.ids));
            self.add([Some(product), Some(category), None], fields);
        }
        for [product, service, channel] in tables.services() {
            self.add(
                [Some(product), None, Some(service)],
                of(product, channel, None),
            );
        }
    }

    /// Adds the fields that a pipeline maps for a log source.
    fn add_pipeline(&mut self, pipeline: &Node<'_>) {
        let text = |node: &Node<'_>| node.as_scalar().map(|scalar| scalar.text.to_string());
        let items = pipeline.get("transformations").and_then(Node::as_sequence);
        for item in items.unwrap_or_default() {
            let conditions = item.get("rule_conditions").and_then(Node::as_sequence);
            let conditions = conditions.unwrap_or_default().iter();
            let mut sources: Vec<Source> = conditions
                .map(|condition| KEYS.map(|key| condition.get(key).and_then(text)))
                .collect();
            if sources.is_empty() {
                sources.push([None, None, None]);
            }
            let is_mapping =
                item.get("type").and_then(text).as_deref() == Some("field_name_mapping");
            let mapping = item.get("mapping").filter(|_| is_mapping);
            let mapping = mapping.and_then(Node::as_mapping).unwrap_or_default();
            for source in &sources {
                let fields = mapping.iter().filter_map(|(key, _)| text(key)).collect();
                self.add([0, 1, 2].map(|at| source[at].as_deref()), fields);
            }
        }
    }

    fn add(&mut self, source: [Option<&str>; 3], fields: Vec<String>) {
        for (known, name) in self.sources.iter_mut().zip(source) {
            known.extend(name.map(str::to_owned));
        }
        let product = source[0].unwrap_or_default().to_owned();
        let of_product = self.of_products.entry(product).or_default();
        of_product.extend(fields.iter().cloned());
        let source = source.map(|name| name.map(str::to_owned));
        self.fields.entry(source).or_default().extend(fields);
    }

    /// The names of log sources' products, categories and services, each sorted.
    #[must_use]
    pub fn sources(&self) -> &[BTreeSet<String>; 3] {
        &self.sources
    }

    /// The known name that a name of a log source most likely stands for, if it is no known one
    /// itself; `key` is its place in [`KEYS`].
    pub(super) fn source_meant(&self, key: usize, name: &str) -> Option<&str> {
        let known = self.sources[key].iter().map(String::as_str);
        if self.sources[key].contains(name) {
            return None;
        }
        let same = |known: &str| known.replace('-', "_");
        let name = name.replace([' ', '-'], "_");
        // `process_create`: few names of log sources are long, and they are far apart.
        let more = usize::from(name.chars().count() >= 14);
        only_near(&name, known, same, more)
    }

    /// The other key of a log source, category or service, whose name that is.
    pub(super) fn other_key(&self, key: usize, name: &str) -> Option<&'static str> {
        let other = match key {
            1 => 2,
            2 => 1,
            _ => return None,
        };
        let is_other = !self.sources[key].contains(name) && self.sources[other].contains(name);
        is_other.then_some(KEYS[other])
    }

    /// Does a log source of that product, or of none, have the field?
    pub(super) fn has_field(&self, product: Option<&str>, name: &str) -> bool {
        [product.unwrap_or_default(), ""]
            .iter()
            .filter_map(|product| self.of_products.get(*product))
            .any(|fields| fields.contains(name))
    }

    /// The fields that a log source has itself, beside those of its whole product.
    #[must_use]
    pub fn fields(&self, source: &[Option<&str>; 3]) -> BTreeSet<&str> {
        let fits = |known: &Source, key: usize| {
            known[key].is_none() || known[key].as_deref() == source[key]
        };
        let of_source = |product: bool| {
            let fields = self.fields.iter().filter(move |(known, _)| {
                let is_own = fits(known, 1) && fits(known, 2);
                (known[1].is_some() || known[2].is_some())
                    && (!product || fits(known, 0))
                    // Of a product alone any log may be meant.
                    && (is_own || source[1].is_none() && source[2].is_none())
            });
            fields.flat_map(|(_, fields)| fields)
        };
        let mut fields: BTreeSet<&str> = of_source(true).map(String::as_str).collect();
        if source[1].is_some() {
            // And what the category has elsewhere: Sysmon's names serve on every system.
            fields.extend(of_source(false).map(String::as_str));
        }
        fields
    }
}

/// The one of the fields that a name most likely stands for.
pub(super) fn field_meant<'n>(fields: &BTreeSet<&'n str>, name: &str) -> Option<&'n str> {
    if fields.contains(name) {
        return None;
    }
    only_near(name, fields.iter().copied(), str::to_owned, 0)
}

/// The one name that is near enough for a slip, letters of any case. Digits count: `param1` is not
/// `param2`.
fn only_near<'n>(
    name: &str,
    known: impl IntoIterator<Item = &'n str>,
    same: impl Fn(&str) -> String,
    more: usize,
) -> Option<&'n str> {
    let name = name.to_lowercase();
    let most = more
        + match name.chars().count() {
            0..5 => 0,
            5..12 => 1,
            _ => 2,
        };
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let own_digits = digits(&name);
    let mut best: Option<(usize, &str)> = None;
    let mut several = false;
    for candidate in known {
        let lower = same(candidate).to_lowercase();
        if lower.len().abs_diff(name.len()) > 2 * most || digits(&lower) != own_digits {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&name, &lower);
        match best {
            _ if distance > most => {}
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => several = true,
            _ => (best, several) = (Some((distance, candidate)), false),
        }
    }
    best.filter(|_| !several).map(|(_, name)| name)
}

/// The names of a rule's log source, in the order of [`KEYS`].
pub(super) fn of_rule<'r, 's>(source: &'r LogSource<'s>) -> [Option<&'r crate::rule::Text<'s>>; 3] {
    [
        source.product.as_ref(),
        source.category.as_ref(),
        source.service.as_ref(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_names() {
        let names = Names::built_in();
        let source = |key: usize, name: &str| names.source_meant(key, name);
        assert_eq!(source(0, "windwos"), Some("windows"));
        assert_eq!(source(0, "Windows"), Some("windows"));
        assert_eq!(source(1, "proces_creation"), Some("process_creation"));
        assert_eq!(source(1, "process-creation"), Some("process_creation"));
        assert_eq!(source(1, "process_create"), Some("process_creation"));
        assert_eq!(source(2, "Sysmon"), Some("sysmon"));
        assert_eq!(source(2, "powershell_classic"), Some("powershell-classic"));
        for (key, name) in [
            (0, "windows"),
            (0, "win"),
            (0, "solaris"),
            (1, "dns"),
            (2, "my-app"),
        ] {
            assert_eq!(source(key, name), None, "{name}");
        }
        let meant = |source: &[Option<&str>; 3], name: &str| {
            let is_unknown = !names.has_field(source[0], name);
            is_unknown.then(|| field_meant(&names.fields(source), name).map(str::to_owned))?
        };
        let windows = [Some("windows"), Some("process_creation"), None];
        let field = |name: &str| meant(&windows, name);
        assert_eq!(field("Imgae").as_deref(), Some("Image"));
        assert_eq!(field("commandline").as_deref(), Some("CommandLine"));
        assert_eq!(
            field("OriginalFilName").as_deref(),
            Some("OriginalFileName")
        );
        for name in ["Image", "TargetObject", "Own", "Img", "ParentImages2"] {
            assert_eq!(field(name), None, "{name}");
        }
        let macos = [Some("macos"), Some("process_creation"), None];
        assert_eq!(meant(&macos, "ComandLine").as_deref(), Some("CommandLine"));
        // Another product's field is none of the product, and no slip.
        let paloalto = [Some("paloalto"), Some("file_event"), None];
        assert_eq!(meant(&paloalto, "TargetFilename"), None);
        let windows = [Some("windows"), None, None];
        assert_eq!(meant(&windows, "EventId").as_deref(), Some("EventID"));
        let other = [Some("own"), None, None];
        assert_eq!(meant(&other, "Imgae"), None);
    }
}
