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
