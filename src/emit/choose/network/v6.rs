//! A regular expression of an IPv6 network's addresses, in each of their spellings.
//!
//! In: `fe80::/10`. Out: what matches, as a whole, exactly the texts that are addresses of it
//! (RFC 4291, section 2.2): `fe80::1`, `FEBF:0:0:0:0:0:0:1`, `fe80::0.0.0.1`. It holds nothing but
//! classes, groups and counted repetitions, which any engine reads alike.

use super::{BYTE, pattern_v4};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::Ipv4Addr;

const DIGIT: &str = "[0-9a-fA-F]";

/// The expression, without anchors; it is written inside parentheses.
pub(super) fn pattern(net: Ipv6Net) -> String {
    let first = net.network().segments();
    let last = net.broadcast().segments();
    let groups = std::array::from_fn(|at| Group::new(first[at], last[at]));
    let low = net.network().to_bits() & u128::from(u32::MAX);
    let low = Ipv4Addr::from_bits(u32::try_from(low).unwrap_or_default());
    let tail = Ipv4Net::new(low, net.prefix_len().saturating_sub(96));
    let address = Address {
        groups,
        dotted: tail.map_or_else(|_| String::new(), dotted),
    };
    address.rest(0)
}

/// The last two groups as four bytes.
fn dotted(net: Ipv4Net) -> String {
    match net.prefix_len() {
        0 => format!("{BYTE}([.]{BYTE}){{3}}"),
        _ => pattern_v4(net.network(), net.broadcast()),
    }
}

struct Address {
    groups: [Group; 8],
    /// What may stand for the last two groups.
    dotted: String,
}

/// One of the eight groups of digits.
struct Group {
    text: String,
    /// It may be left to `::`.
    zero: bool,
}

impl Address {
    /// What may follow so many groups.
    fn rest(&self, written: usize) -> String {
        let Some(group) = self.groups.get(written) else {
            return String::new();
        };
        let colon = if written == 0 { "" } else { ":" };
        let mut branches = Vec::new();
        let zeros = self.groups[written..].iter().take_while(|group| group.zero);
        let zeros = zeros.count();
        if zeros > 0 {
            branches.push(format!("::{}", self.tail(written, zeros)));
        }
        branches.push(format!("{colon}{}{}", group.text, self.rest(written + 1)));
        if written == 6 {
            branches.push(format!("{colon}{}", self.dotted));
        }
        alternatives(&branches)
    }

    /// What may follow a `::` that comes after so many groups and stands for one to `zeros` more.
    fn tail(&self, written: usize, zeros: usize) -> String {
        // The group that the tail begins with at the earliest, and at the latest.
        let (earliest, latest) = (written + 1, written + zeros);
        let mut branches = Vec::new();
        if earliest <= 6 {
            let [.., sixth, seventh] = &self.groups;
            let mut text = String::new();
            let mut at = earliest;
            while at < 6 {
                let same = &self.groups[at];
                let optional = at < latest;
                let run = self.groups[at..6].iter().enumerate();
                let run = run.take_while(|(ahead, group)| {
                    group.text == same.text && (at + ahead < latest) == optional
                });
                let run = run.count();
                // `(a:)?b:` is `(a:)?` before what may be missing too: one encloses the other.
                text = match (optional, run) {
                    (true, 1) => format!("({text}{}:)?", same.text),
                    (true, _) if text.is_empty() => format!("({}:){{0,{run}}}", same.text),
                    (true, _) => {
                        let (one, more) = (&same.text, run - 1);
                        format!("({text}{one}:({one}:){{{more}}}|({one}:){{0,{more}}})")
                    }
                    (false, 1) => format!("{text}{}:", same.text),
                    (false, _) => format!("{text}({}:){{{run}}}", same.text),
                };
                at += run;
            }
            let last = format!("{}:{}", sixth.text, seventh.text);
            text.push_str(&alternatives(&[last, self.dotted.clone()]));
            branches.push(text);
        }
        if earliest <= 7 && latest >= 7 {
            branches.push(self.groups[7].text.clone());
        }
        if latest >= 8 {
            if branches.is_empty() {
                return String::new();
            }
            return format!("({})?", branches.join("|"));
        }
        alternatives(&branches)
    }
}

fn alternatives(branches: &[String]) -> String {
    match branches {
        [only] => only.clone(),
        several => format!("({})", several.join("|")),
    }
}

impl Group {
    /// The group whose values lie between two that differ in their last bits alone.
    fn new(first: u16, last: u16) -> Self {
        let nibbles = [12, 8, 4, 0].map(|shift| {
            let nibble = |value: u16| (value >> shift) & 15;
            (nibble(first), nibble(last))
        });
        Self {
            text: digits(&nibbles),
            zero: first == 0,
        }
    }
}

/// One to four digits between these; leading zeros may be missing.
fn digits(nibbles: &[(u16, u16); 4]) -> String {
    let zeros = nibbles.iter().take_while(|nibble| **nibble == (0, 0));
    let zeros = zeros.count();
    let any = nibbles
        .iter()
        .rev()
        .take_while(|nibble| **nibble == (0, 15));
    let any = any.count();
    let mut text = match zeros {
        0 if any == 4 => return format!("{DIGIT}{{1,4}}"),
        0 => String::new(),
        1 => "0?".to_owned(),
        4 => return "0{1,4}".to_owned(),
        several => format!("0{{0,{several}}}"),
    };
    let mut may_be_missing = true;
    for (at, (low, high)) in nibbles.iter().enumerate().take(4 - any).skip(zeros) {
        text.push_str(&digit(*low, *high));
        may_be_missing &= *low == 0;
        if may_be_missing && at < 3 {
            text = format!("({text})?");
        }
    }
    text + &match any {
        0 => String::new(),
        1 => DIGIT.to_owned(),
        _ if may_be_missing => format!("{DIGIT}{{1,{any}}}"),
        _ => format!("{DIGIT}{{{any}}}"),
    }
}

fn digit(low: u16, high: u16) -> String {
    if (low, high) == (0, 15) {
        return DIGIT.to_owned();
    }
    let digits = (low..=high).filter_map(|digit| char::from_digit(u32::from(digit), 16));
    let mut class = String::new();
    for digit in digits {
        class.push(digit);
        if digit.is_ascii_lowercase() {
            class.push(digit.to_ascii_uppercase());
        }
    }
    match class.len() {
        1 => class,
        _ => format!("[{class}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv6Addr;

    /// Holds a network's expression against the standard library's reading of addresses.
    fn agreement(net: Ipv6Net) -> impl Fn(&str) {
        let regex = ::regex::Regex::new(&format!("^({})$", pattern(net))).unwrap();
        move |text| {
            let address = text.parse::<Ipv6Addr>();
            let expected = address.is_ok_and(|address| net.contains(&address));
            assert_eq!(regex.is_match(text), expected, "{net} {text} {regex}");
        }
    }

    /// An address in one of its spellings: groups with leading zeros, in either case, a `::` in the
    /// place of zeros (or, wrongly, of others), the last two groups as bytes.
    fn spelt(bits: u128, widths: u32, compressed: Option<(usize, usize)>, dotted: bool) -> String {
        let segments = Ipv6Addr::from_bits(bits).segments();
        let mut groups: Vec<String> = segments
            .iter()
            .enumerate()
            .map(|(at, group)| match (widths >> (at * 4)) & 7 {
                0 => format!("{group:04x}"),
                1 => format!("{group:X}"),
                2 => format!("{group:02x}"),
                3 => format!("{group:04X}"),
                _ => format!("{group:x}"),
            })
            .collect();
        if dotted {
            let [.., a, b, c, d] = Ipv6Addr::from_bits(bits).octets();
            groups.truncate(6);
            groups.push(format!("{a}.{b}.{c}.{d}"));
        }
        let Some((start, length)) = compressed else {
            return groups.join(":");
        };
        let start = start.min(groups.len());
        let end = (start + length).min(groups.len());
        format!("{}::{}", groups[..start].join(":"), groups[end..].join(":"))
    }

    /// Bits with whole groups of zeros, as real addresses have.
    fn bits() -> impl Strategy<Value = u128> {
        (any::<u128>(), any::<u8>()).prop_map(|(bits, zeros)| {
            let mut bits = bits;
            for group in (0..8).filter(|group| zeros >> group & 1 == 1) {
                bits &= !(0xffff << (group * 16));
            }
            bits
        })
    }

    proptest! {
        #[test]
        fn the_pattern_is_the_network(
            bits in bits(), other in bits(), inside in any::<bool>(), length in 0_u8..=128,
            widths in any::<u32>(), start in 0_usize..=8, zeros in 0_usize..=8, dotted in any::<bool>(),
        ) {
            let net = Ipv6Net::new(Ipv6Addr::from_bits(bits), length).unwrap().trunc();
            let host = u128::from(net.hostmask());
            let address = if inside { bits & !host | other & host } else { other };
            let zeros = if zeros == 0 { None } else { Some((start, zeros)) };
            let agrees = agreement(net);
            agrees(&spelt(address, widths, zeros, dotted));
            let segments = Ipv6Addr::from_bits(address).segments();
            // What `::` may rightly stand for.
            for start in 0..8 {
                let run = segments[start..].iter().take_while(|group| **group == 0).count();
                for length in 1..=run {
                    agrees(&spelt(address, widths, Some((start, length)), dotted && start + length <= 6));
                }
            }
        }

        #[test]
        fn other_texts_are_none(text in "[0-9a-fA-F:.]{0,24}", length in 0_u8..=128) {
            agreement(Ipv6Net::new(Ipv6Addr::UNSPECIFIED, length).unwrap())(&text);
        }
    }

    #[test]
    fn well_known_networks() {
        for net in [
            "::1/128",
            "::/0",
            "::/128",
            "fe80::/10",
            "fc00::/7",
            "2000::/3",
            "2001:db8::/32",
            "::ffff:10.0.0.0/104",
            "64:ff9b::/96",
        ] {
            let agrees = agreement(net.parse().unwrap());
            for text in [
                "::",
                "::1",
                "0:0:0:0:0:0:0:1",
                "fe80::1%eth0",
                "fe80::1 ",
                "::1\n",
                "FE80::",
                "febf:1:2:3:4:5:6:7",
                "fec0::",
                "fd00::10.0.0.1",
                "2001:db8::1",
                "2001:0DB8:0000::0001",
                "2001:db8:1:2:3:4:5::",
                "::2001:db8",
                "::ffff:10.1.2.3",
                "::ffff:a01:203",
                "64:ff9b::1.2.3.4",
                "1::2::3",
                ":::",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:1.2.3.4",
                "::01.2.3.4",
                "1:2:3:4:5:6:7:1.2.3.4",
                "12345::",
                "10.0.0.1",
                "",
            ] {
                agrees(text);
            }
        }
        let link_local: Ipv6Net = "fe80::/10".parse().unwrap();
        assert!(pattern(link_local).starts_with("[fF][eE][89aAbB][0-9a-fA-F]"));
    }
}
