//! Whom the partner lets in: the rules of the exchange, and their neglect on command.

use std::fmt;

use async_trait::async_trait;
use emrtd::asn1::Oid;
use emrtd::x509::{Certificate, Crl};
use exchange::identity::{self, Registration};
use exchange::{Binding, Country, Side};
use straznica_exchange_wire::{Admission, Caller, NotAdmitted};

use super::mischief::Mischief;
use super::{SpocPartner, Wrongs};

/// Brings the revocation list at an address.
#[async_trait]
pub trait Lists: Send + Sync + fmt::Debug {
    /// The list, DER; nothing where there is none.
    async fn fetch(&self, uri: &str) -> Option<Vec<u8>>;
}

#[async_trait]
impl Admission for SpocPartner {
    async fn admit(&self, presented: Vec<Vec<u8>>, side: Side<'_>, binding: Binding) -> Result<Caller, NotAdmitted> {
        let country = self.recognise(&presented, side, binding).await.ok_or(NotAdmitted)?;
        Ok(Caller { country, binding, presented })
    }

    async fn readmit(&self, caller: &Caller, caller_id: &str) -> Result<(), NotAdmitted> {
        if caller.country.as_str() != caller_id && !self.wrongs().has(Mischief::BelievesCallerId) {
            return Err(NotAdmitted);
        }
        if self.wrongs().has(Mischief::LooksOnlyOnce) {
            return Ok(());
        }
        let again = self.recognise(&caller.presented, Side::Client, caller.binding).await;
        again.filter(|country| *country == caller.country).map(drop).ok_or(NotAdmitted)
    }
}

/// 2.23.136.1.1.10.1, SPOC client of Doc 9303-12.
const ICAO_CLIENT: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x0A, 0x01]);
/// 1.2.203.7064.1.1.369791.1, SPOC client of CSN 36 9791.
const CSN_CLIENT: Oid<'static> = Oid::constant(&[0x2A, 0x81, 0x4B, 0xB7, 0x18, 0x01, 0x01, 0x96, 0xC8, 0x7F, 0x01]);

impl Wrongs {
    /// Whether the first certificate has a usage this partner knows.
    fn knows_usage(&self, presented: &[Vec<u8>]) -> bool {
        let Some(Ok(leaf)) = presented.first().map(|der| Certificate::parse(der)) else { return false };
        let unknown = |wrong, other| self.has(wrong) && !leaf.extensions().has_purpose(other);
        !unknown(Mischief::KnowsNoIcaoUsage, CSN_CLIENT) && !unknown(Mischief::KnowsNoCsnUsage, ICAO_CLIENT)
    }
}

impl SpocPartner {
    /// The state whose SPOC this is, if it is let in.
    async fn recognise(&self, presented: &[Vec<u8>], side: Side<'_>, binding: Binding) -> Option<Country> {
        let wrongs = self.wrongs();
        let registrations: Vec<Registration> =
            self.state().neighbours.values().map(|neighbour| neighbour.registration.clone()).collect();
        let crls = self.crls(presented).await;
        let at = self.clock.now();
        let mut forgiven = None;
        for registration in &registrations {
            match identity::judge(presented, registration, &crls, side, binding, at) {
                Ok(_) if !wrongs.knows_usage(presented) => return None,
                Ok(_) => return Some(registration.country),
                Err(refusal) if wrongs.forgives(refusal.code()) => {
                    forgiven = forgiven.or(Some(registration.country));
                }
                Err(_) => {}
            }
        }
        forgiven
    }

    /// The lists that the certificates presented name, those that can be had.
    async fn crls(&self, presented: &[Vec<u8>]) -> Vec<Crl> {
        let certificates = presented.iter().filter_map(|der| Certificate::parse(der).ok());
        let uris: Vec<String> = certificates.flat_map(|one| one.extensions().crl_uris.clone()).collect();
        let mut crls = Vec::new();
        for uri in uris {
            let list = self.lists.fetch(&uri).await;
            crls.extend(list.and_then(|der| Crl::parse(&der).ok()));
        }
        crls
    }
}
