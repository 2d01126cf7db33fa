//! Which addresses belong to the inside: of this machine, of its network, of whoever runs it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is one that only the inside reaches, or none that is connected to at all.
///
/// Everything that is not plainly an address of the public Internet counts, so that a range that gets a use later is not
/// reached by accident.
pub(super) fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_inside_v4(address),
        IpAddr::V6(address) => is_inside_v6(address),
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        // Shared by carriers; the platform that the agent comes from has its host services at 168.63.129.16.
        || (a == 100 && (64..128).contains(&b))
        || address == Ipv4Addr::new(168, 63, 129, 16)
        // Protocol assignments, benchmarks, 6to4 relays, and what is reserved up to the broadcast address.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240
}

fn is_inside_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4_at = |at: usize| {
        let [a, b] = segments.get(at).copied().unwrap_or_default().to_be_bytes();
        let [c, d] = segments.get(at + 1).copied().unwrap_or_default().to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // An address of IPv4 in other clothes: mapped, compatible, translated (NAT64), 6to4.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_inside_v4(v4_at(6)),
        [0x2002, ..] => is_inside_v4(v4_at(1)),
        [0x64, 0xff9b, ..] => true,
        // Documentation, Teredo, benchmarks, and other assignments that are no one's servers.
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] => true,
        // Only 2000::/3 is given out to the public.
        [first, ..] => first & 0xe000 != 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    /// REP-12: every way to write an address of the inside.
    #[test]
    fn rep_12_addresses_of_the_inside() {
        for inside in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "168.63.129.16",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.88.99.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "100::1",
        ] {
            assert!(is_inside(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "1.1.1.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
        ] {
            assert!(!is_inside(outside.parse().unwrap()), "{outside}");
        }
    }
}
