//! Revocation that reaches open connections.

use std::{collections::HashSet, sync::Arc};

use arc_swap::ArcSwap;
use rustls_pki_types::CertificateRevocationListDer;
use x509_parser::{prelude::FromDer, revocation_list::CertificateRevocationList};

use crate::{
    error::MaterialError,
    identity::{PeerIdentity, minimal, sha256},
};

/// Certificates that are refused at every request, however old the connection: by fingerprint (denied here and now) and by what the
/// revocation lists in force say. Clones share the set.
#[derive(Clone, Debug, Default)]
pub struct DenySet {
    fingerprints: Arc<ArcSwap<HashSet<[u8; 32]>>>,
    revoked: Arc<ArcSwap<Revoked>>,
}

/// Issuer's name (SHA-256) and serial number.
pub(crate) type Revoked = HashSet<([u8; 32], Vec<u8>)>;

impl DenySet {
    /// Denies one certificate from now on.
    pub fn deny(&self, sha256: [u8; 32]) {
        self.fingerprints.rcu(|set| {
            let mut set = HashSet::clone(set);
            set.insert(sha256);
            set
        });
    }

    /// Takes a denial back. What a revocation list says stays.
    pub fn allow(&self, sha256: [u8; 32]) {
        self.fingerprints.rcu(|set| {
            let mut set = HashSet::clone(set);
            set.remove(&sha256);
            set
        });
    }

    /// Whether this peer is refused.
    pub fn denies(&self, peer: &PeerIdentity) -> bool {
        self.fingerprints.load().contains(&peer.sha256)
            || self.revoked.load().contains(&(peer.issuer_sha256, peer.serial.clone()))
    }

    pub(crate) fn replace_revoked(&self, revoked: Revoked) {
        self.revoked.store(Arc::new(revoked));
    }
}

/// What revocation lists say. Their signatures are checked in handshakes; here the worst a forged list does is refuse somebody, and whoever
/// can put one among the node's files can refuse anybody anyway.
pub(crate) fn revoked_by(lists: &[CertificateRevocationListDer<'_>]) -> Result<Revoked, MaterialError> {
    let mut revoked = Revoked::new();
    for list in lists {
        let (_, parsed) = CertificateRevocationList::from_der(list).map_err(|_| MaterialError::RevocationList)?;
        let issuer = sha256(parsed.issuer().as_raw());
        revoked.extend(parsed.iter_revoked_certificates().map(|entry| (issuer, minimal(entry.raw_serial()))));
    }
    Ok(revoked)
}
