//! `cidr`: the field is an address inside a network, IPv4 or IPv6.
//!
//! `10.0.0.0/8` is a network, and so is a single address. As with pySigma (Python's `ip_network`),
//! bits after the prefix must be zero, and an IPv4 prefix may be written as a mask.

use super::Step;
use super::fault::ModifierFault;
use crate::diagnostic::Code;
use crate::rule::{Network, Part, Pattern, Value};
use ipnet::{IpNet, Ipv4Net};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

pub(super) fn cidr<'s>(value: Value<'s>, step: &Step<'_>) -> Result<Value<'s>, ModifierFault> {
    step.first()?;
    network(value)
}

/// The network of a value, whatever modifiers precede it.
pub(crate) fn network(value: Value<'_>) -> Result<Value<'_>, ModifierFault> {
    let Value::String(pattern) = value else {
        return Err(ModifierFault::kind(&value, "a network as text"));
    };
    let text = written(pattern);
    let net = parse(&text).ok_or_else(|| {
        ModifierFault::Value(
            Code::InvalidNetwork,
            format!("expected a network such as `10.0.0.0/8` or `fe80::/10`, found `{text}`"),
            "write an address, a `/` and the length of the prefix".to_owned(),
        )
    })?;
    if net.addr() != net.network() {
        return Err(ModifierFault::Value(
            Code::InvalidNetwork,
            format!("expected zeros after the prefix of a network, found `{text}`"),
            format!(
                "write `{}` for the network, or `{}` for the one address",
                net.trunc(),
                IpNet::from(net.addr())
            ),
        ));
    }
    Ok(Value::Cidr(Network { text, net }))
}

fn written(mut pattern: Pattern<'_>) -> Cow<'_, str> {
    match (pattern.parts.pop(), pattern.parts.is_empty()) {
        (Some(Part::Literal(text)), true) => text,
        (last, _) => {
            pattern.parts.extend(last);
            Cow::Owned(printed(&pattern))
        }
    }
}

/// A pattern as text, as pySigma prints it: wildcards escaped again, backslashes not.
pub(crate) fn printed(pattern: &Pattern<'_>) -> String {
    pattern
        .parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) if text.contains(['*', '?']) => {
                Cow::Owned(text.replace('*', r"\*").replace('?', r"\?"))
            }
            Part::Literal(text) => Cow::Borrowed(text.as_ref()),
            Part::Any => Cow::Borrowed("*"),
            Part::One => Cow::Borrowed("?"),
            Part::Placeholder(name) => Cow::Owned(format!("%{name}%")),
        })
        .collect()
}

fn parse(text: &str) -> Option<IpNet> {
    let Some((address, prefix)) = text.split_once('/') else {
        return text.parse::<IpAddr>().ok().map(IpNet::from);
    };
    let address: IpAddr = address.parse().ok()?;
    match address {
        IpAddr::V4(address) if prefix.contains('.') => masked(address, prefix.parse().ok()?),
        _ if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => IpNet::new(address, prefix.parse().ok()?).ok(),
    }
}

/// `10.0.0.0/255.0.0.0`, or the inverse mask `10.0.0.0/0.255.255.255`.
fn masked(address: Ipv4Addr, mask: Ipv4Addr) -> Option<IpNet> {
    Ipv4Net::with_netmask(address, mask)
        .or_else(|_| Ipv4Net::with_netmask(address, Ipv4Addr::from(!u32::from(mask))))
        .ok()
        .map(IpNet::V4)
}
