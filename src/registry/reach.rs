//! Where a host is, in whatever way its address is written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// This machine.
    Loopback,
    /// A network that is not the public one.
    Private,
    /// Link-local, where clouds keep their credentials; unspecified; multicast; and what only ever hides one of these.
    Nowhere,
    /// The public network, or a name that may lead anywhere.
    Elsewhere,
}

impl Reach {
    /// By the name alone: `2130706433` and `0x7f.1` are 127.0.0.1 to who looks them up.
    pub(super) fn of_name(name: &str) -> Self {
        if name == "localhost" || name.ends_with(".localhost") {
            return Self::Loopback;
        }
        let address = match name.parse::<IpAddr>() {
            Ok(address) => Some(address),
            Err(_) => match Host::parse(name) {
                Ok(Host::Ipv4(address)) => Some(address.into()),
                Ok(Host::Ipv6(address)) => Some(address.into()),
                _ => None,
            },
        };
        address.map_or(Self::Elsewhere, Self::of_address)
    }

    /// By an address.
    pub(super) fn of_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let [first, second, third, _] = address.octets();
    match (first, second, third) {
        (127, ..) => Reach::Loopback,
        (0 | 224.., ..) | (169, 254, _) => Reach::Nowhere,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Reach::Private,
        // Of providers (RFC 6598), of protocols (RFC 6890), and for measuring (RFC 2544).
        (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) => Reach::Private,
        _ => Reach::Elsewhere,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    // Where the credentials of a cloud are, too.
    const OF_A_CLOUD: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address.segments() {
        _ if address == Ipv6Addr::LOCALHOST => Reach::Loopback,
        _ if address == OF_A_CLOUD || address.is_unspecified() || address.is_multicast() => Reach::Nowhere,
        // An address of the old kind within one of the new: by translation (RFC 6052), by tunnel (RFC 3056), and as long deprecated.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of_v4(joined(high, low)),
        [0x2002, high, low, ..] => of_v4(joined(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] => of_v4(joined(high, low)),
        [0xfe80..=0xfeff, ..] => Reach::Nowhere,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        _ => Reach::Elsewhere,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_seen_through_however_it_is_written() {
        for (name, reach) in [
            ("localhost", Reach::Loopback),
            ("127.9.9.9", Reach::Loopback),
            ("2130706433", Reach::Loopback),
            ("::1", Reach::Loopback),
            ("::ffff:127.0.0.1", Reach::Loopback),
            ("64:ff9b::7f00:1", Reach::Loopback),
            ("169.254.169.254", Reach::Nowhere),
            ("::ffff:169.254.169.254", Reach::Nowhere),
            ("64:ff9b::a9fe:a9fe", Reach::Nowhere),
            ("2002:a9fe:a9fe::1", Reach::Nowhere),
            ("fd00:ec2::254", Reach::Nowhere),
            ("fe80::1", Reach::Nowhere),
            ("0.0.0.0", Reach::Nowhere),
            ("::", Reach::Nowhere),
            ("255.255.255.255", Reach::Nowhere),
            ("224.0.0.1", Reach::Nowhere),
            ("10.0.0.1", Reach::Private),
            ("172.31.0.1", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("100.100.100.200", Reach::Private),
            ("fd12::1", Reach::Private),
            ("172.32.0.1", Reach::Elsewhere),
            ("8.8.8.8", Reach::Elsewhere),
            ("2606:4700::1", Reach::Elsewhere),
            ("github.com", Reach::Elsewhere),
        ] {
            assert_eq!(Reach::of_name(name), reach, "{name}");
        }
    }
}
