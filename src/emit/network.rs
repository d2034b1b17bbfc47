//! What templates ask of a network: `10.0.0.0/8`.

mod v6;

use super::Refusal;
use super::fault::Form;
use super::writer::{Context, Leaf, Writer};
use crate::backend::language::Strength;
use crate::backend::template::Slot;
use crate::rule::{Part, Pattern, Value};
use ipnet::IpNet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

impl Writer<'_> {
    /// Writes a network as prefixes of addresses' texts, as a reference does: without parentheses,
    /// whatever is around them.
    pub(super) fn expanded_network(
        &mut self,
        net: IpNet,
        leaf: Leaf<'_>,
        context: Context,
    ) -> Result<Strength, Refusal> {
        let start = self.out.len();
        let mut tests = Vec::new();
        for text in prefixes(net) {
            let mut pattern = Pattern::default();
            match text.strip_suffix('*') {
                Some(prefix) => {
                    pattern.push(Part::Literal(prefix.into()));
                    pattern.push(Part::Any);
                }
                None => pattern.push(Part::Literal(text.as_str().into())),
            }
            let value = Value::String(pattern);
            let leaf = Leaf {
                field: leaf.field,
                value: &value,
                span: leaf.span,
            };
            self.say(leaf, context)?;
            tests.push(self.out.split_off(start));
        }
        let chain = self.nested(tests, &self.language.or);
        self.out.push_str(&chain);
        self.note_faults(leaf, context, Form::Alone);
        Ok(Strength::Atom)
    }
}

/// The networks of whole bytes (IPv4) or hexadecimal digits (IPv6), each as its addresses' prefix:
/// `172.16.*`, `172.17.*` …
fn prefixes(net: IpNet) -> Vec<String> {
    let size = if net.addr().is_ipv4() { 8 } else { 4 };
    let length = net.prefix_len().div_ceil(size) * size;
    let Ok(subnets) = net.trunc().subnets(length) else {
        return Vec::new();
    };
    let texts = subnets.map(|subnet| {
        let first = subnet.network().to_string();
        if subnet.prefix_len() == subnet.max_prefix_len() {
            return first;
        }
        if subnet.addr().is_ipv4() {
            let bytes = usize::from(subnet.prefix_len() / 8);
            let kept = first.split('.').take(bytes);
            let mut text: String = kept.flat_map(|byte| [byte, "."]).collect();
            text.push('*');
            return text;
        }
        let last = subnet.broadcast().to_string();
        let same = first
            .chars()
            .zip(last.chars())
            .take_while(|(a, b)| a == b)
            .count();
        format!("{}*", &first[..same])
    });
    texts.collect()
}

/// Fills a slot of a network. Writing to a string can't fail.
pub(super) fn fill(slot: Slot, net: IpNet, out: &mut String) {
    let _ = match slot {
        Slot::Network => write!(out, "{}", net.trunc()),
        Slot::Address => write!(out, "{}", net.network()),
        Slot::LastAddress => write!(out, "{}", net.broadcast()),
        Slot::Prefix => write!(out, "{}", net.prefix_len()),
        Slot::Netmask => write!(out, "{}", net.netmask()),
        Slot::NetworkPattern => write!(out, "{}", pattern(net)),
        Slot::First => write!(out, "{}", number(net.network())),
        Slot::Last => write!(out, "{}", number(net.broadcast())),
        _ => Ok(()),
    };
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A byte in decimal.
const BYTE: &str = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

/// A regular expression of the addresses' texts. Any engine reads it alike.
fn pattern(net: IpNet) -> String {
    match net {
        IpNet::V4(net) => pattern_v4(net.network(), net.broadcast()),
        IpNet::V6(net) => v6::pattern(net),
    }
}

/// `172[.](16|17|…|31)[.]…`
fn pattern_v4(first: Ipv4Addr, last: Ipv4Addr) -> String {
    let bytes = first.octets().into_iter().zip(last.octets());
    let bytes = bytes.map(|(first, last)| match (first, last) {
        (0, 255) => BYTE.to_owned(),
        (first, last) if first == last => first.to_string(),
        (first, last) => {
            let all: Vec<String> = (first..=last).map(|byte| byte.to_string()).collect();
            format!("({})", all.join("|"))
        }
    });
    bytes.collect::<Vec<String>>().join("[.]")
}
