//! Letting a terminal in: enrolled, not suspended, with the certificate it is pinned to. And nobody too often.

use std::net::IpAddr;

use straznica_pki::PeerRole;
use straznica_types::TerminalId;

use super::Gateway;
use crate::{
    domain::{
        people::session::SessionDigest,
        rate::Bucket,
        terminal::{CertificateDigest, admit},
    },
    error::GatewayError,
    store::terminals,
};

/// Above so many remembered buckets, the full ones are forgotten.
const BUCKETS: usize = 4096;

/// Whoever has a bucket of requests of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    /// By certificate.
    Peer(PeerRole),
    /// By session.
    Session(SessionDigest),
    /// Nobody knows yet who: by address.
    Address(IpAddr),
}

impl Asker {
    /// Somebody at this address. Of IPv6 the network counts: whoever has one address there has 2⁶⁴.
    pub(crate) fn at(address: IpAddr) -> Self {
        const NETWORK: u128 = u128::MAX << 64;
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & NETWORK).into()),
            address => address,
        })
    }
}

impl Gateway {
    /// Decides about one request. The database is asked every time, so a suspension counts from the next request on.
    pub(crate) async fn admit(
        &self,
        terminal: &TerminalId,
        certificate: &CertificateDigest,
    ) -> Result<(), GatewayError> {
        let enrolled = terminals::find(self.store().reader(), terminal).await?;
        admit(enrolled.as_ref(), certificate).map_err(|why| {
            tracing::warn!(%terminal, ?why, "a terminal was not admitted");
            self.metrics().not_admitted(why);
            GatewayError::NotAdmitted { why, contact: self.config().suspension_contact.clone() }
        })
    }

    /// Whether this asker is remembered.
    pub(crate) fn has_asked(&self, asker: &Asker) -> bool {
        self.buckets().contains_key(asker)
    }

    /// Counts one request of this asker. Looked at first, so that whoever asks too often does not reach the database.
    pub(crate) fn take_token(&self, asker: Asker) -> Result<(), GatewayError> {
        let (allowance, now) = (self.config().rate.allowance(), self.clock().now());
        let mut buckets = self.buckets();
        if buckets.len() >= BUCKETS {
            buckets.retain(|_, bucket| !bucket.is_full(allowance, now));
        }
        let bucket = buckets.entry(asker).or_insert_with(|| Bucket::full(allowance, now));
        bucket.take(allowance, now).map_err(|retry_after| {
            self.metrics().rate_limited();
            GatewayError::RateLimited { retry_after }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_asker_and_an_address_of_ipv4_another_each() {
        let at = |text: &str| Asker::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::7"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }
}
