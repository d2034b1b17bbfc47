//! Networks as prefixes of addresses' texts: `10.*` for `10.0.0.0/8`.

use crate::rule::{Part, Pattern};
use ipnet::IpNet;

/// The patterns that together stand for a network.
pub(super) fn patterns(net: IpNet) -> Vec<Pattern<'static>> {
    let patterns = prefixes(net).into_iter().map(|text| {
        let mut pattern = Pattern::default();
        match text.strip_suffix('*') {
            Some(prefix) => {
                pattern.push(Part::Literal(prefix.to_owned().into()));
                pattern.push(Part::Any);
            }
            None => pattern.push(Part::Literal(text.into())),
        }
        pattern
    });
    patterns.collect()
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
