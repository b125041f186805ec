//! Which addresses a stranger may send us to: those of the public internet alone. Whoever can name
//! a URL could otherwise have the shop speak to the machines that stand beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::Ipv4Net;

/// What of IPv4 is not the public internet.
const SPECIAL: [Ipv4Net; 15] = [
    network([0, 0, 0, 0], 8),       // this network
    network([10, 0, 0, 0], 8),      // private
    network([100, 64, 0, 0], 10),   // behind a carrier's NAT
    network([127, 0, 0, 0], 8),     // loopback
    network([169, 254, 0, 0], 16),  // link-local, and the clouds' metadata
    network([172, 16, 0, 0], 12),   // private
    network([192, 0, 0, 0], 24),    // protocols
    network([192, 0, 2, 0], 24),    // examples
    network([192, 88, 99, 0], 24),  // relays into IPv6
    network([192, 168, 0, 0], 16),  // private
    network([198, 18, 0, 0], 15),   // benchmarks
    network([198, 51, 100, 0], 24), // examples
    network([203, 0, 113, 0], 24),  // examples
    network([224, 0, 0, 0], 4),     // multicast
    network([240, 0, 0, 0], 4),     // reserved, and broadcast
];

const fn network([a, b, c, d]: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

/// Whether an address belongs to the public internet. Whatever is not known to is taken not to.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL.iter().any(|network| network.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let bytes = address.octets();
    let inner = |at: usize| {
        is_public_v4(Ipv4Addr::new(
            bytes[at],
            bytes[at + 1],
            bytes[at + 2],
            bytes[at + 3],
        ))
    };
    match (segments[0], segments[1]) {
        // An IPv4 address behind a gateway is as public as it is itself.
        (0x64, 0xff9b) if segments[2..6] == [0; 4] => inner(12),
        (0x2002, _) => inner(2),
        // Tunnels, names without a place, and examples.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        // All else is mapped and compatible IPv4, loopback, private, link-local or multicast.
        (first, _) => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "198.17.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001:80b::200e",
            "64:ff9b::101:101",
            "2002:101:101::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:1.1.1.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:c0a8:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
