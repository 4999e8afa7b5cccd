//! The networks connections come from, and which of them partners are known to use.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// So many networks are remembered.
const REMEMBERED: usize = 1024;
/// Of an IPv6 address this many bits count: a subscriber may have all addresses that begin with them (RFC 6177 §2).
const SUBSCRIBER_BITS: u32 = 48;

/// What one subscriber may have: of IPv4 an address, of IPv6 a network of 48 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - SUBSCRIBER_BITS))).into(),
            v4 => v4,
        })
    }
}

/// Where partners were admitted from since the start.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// With the number of the last admission from there.
    networks: HashMap<Network, u64>,
    admissions: u64,
}

impl Known {
    pub(super) fn contains(&self, network: Network) -> bool {
        self.networks.contains_key(&network)
    }

    /// Somebody was admitted from there. The network that this happened to the longest ago is forgotten when there are too many.
    pub(super) fn note(&mut self, network: Network) {
        self.admissions += 1;
        self.networks.insert(network, self.admissions);
        if self.networks.len() > REMEMBERED
            && let Some(oldest) = self.networks.iter().min_by_key(|(_, last)| **last).map(|(oldest, _)| *oldest)
        {
            self.networks.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Network, REMEMBERED};

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn one_subscriber_is_one_network() {
        let same = |one: &str, other: &str| network(one) == network(other);
        assert!(same("2001:db8:1:1::7", "2001:db8:1:ffff:ffff::8"));
        assert!(!same("2001:db8:1:1::7", "2001:db8:2:1::7"));
        assert!(same("::ffff:192.0.2.7", "192.0.2.7"));
        assert!(!same("192.0.2.7", "192.0.2.8"));
    }

    #[test]
    fn the_network_nobody_was_admitted_from_for_longest_is_forgotten() {
        let mut known = Known::default();
        let numbered = |number: usize| network(&format!("10.0.{}.{}", number / 256, number % 256));
        for number in 0..REMEMBERED {
            known.note(numbered(number));
        }
        known.note(numbered(0));
        known.note(numbered(REMEMBERED));
        assert_eq!(known.networks.len(), REMEMBERED);
        assert!(known.contains(numbered(0)) && known.contains(numbered(REMEMBERED)));
        assert!(!known.contains(numbered(1)));
    }
}
