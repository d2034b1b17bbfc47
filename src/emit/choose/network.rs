//! What templates ask of a network: `10.0.0.0/8`.

mod v6;

use crate::backend::template::Slot;
use ipnet::IpNet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

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
