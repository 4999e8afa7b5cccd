//! Whom the partner lets in: the rules of the exchange, and their neglect on command.

use std::fmt;

use async_trait::async_trait;
use emrtd::asn1::Oid;
use emrtd::x509::{Certificate, Crl};
use exchange::identity::{self, IdentityRefusal, PeerCertificate, Presented, Registration};
use exchange::message::Message;
use exchange::{Binding, Country, Side};
use straznica_exchange_wire::{Admission, Caller, NotAdmitted};
use straznica_types::Timestamp;

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
        let country = self.recognise(&presented, Some(side), binding).await.ok_or(NotAdmitted)?;
        Ok(Caller { country, binding, presented })
    }

    async fn readmit(&self, caller: &Caller, caller_id: &str) -> Result<(), NotAdmitted> {
        self.look_again(caller, caller_id, false).await
    }
}

/// 2.23.136.1.1.10.1, SPOC client of Doc 9303-12.
const ICAO_CLIENT: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x0A, 0x01]);
/// 2.23.136.1.1.10.2, SPOC server of Doc 9303-12.
const ICAO_SERVER: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x0A, 0x02]);
/// 1.2.203.7064.1.1.369791.1, SPOC client of CSN 36 9791.
const CSN_CLIENT: Oid<'static> = Oid::constant(&[0x2A, 0x81, 0x4B, 0xB7, 0x18, 0x01, 0x01, 0x96, 0xC8, 0x7F, 0x01]);
/// 1.2.203.7064.1.1.369791.2, SPOC server of CSN 36 9791.
const CSN_SERVER: Oid<'static> = Oid::constant(&[0x2A, 0x81, 0x4B, 0xB7, 0x18, 0x01, 0x01, 0x96, 0xC8, 0x7F, 0x02]);
/// 2.5.29.37.0, any extended key usage (RFC 5280 §4.2.1.12).
const ANY_USAGE: Oid<'static> = Oid::constant(&[0x55, 0x1D, 0x25, 0x00]);

impl Wrongs {
    /// Whether the first certificate has a usage this partner knows.
    fn knows_usage(&self, presented: &[Vec<u8>]) -> bool {
        let Some(Ok(leaf)) = presented.first().map(|der| Certificate::parse(der)) else { return false };
        let unknown = |wrong, other| self.has(wrong) && !leaf.extensions().has_purpose(other);
        !unknown(Mischief::KnowsNoIcaoUsage, CSN_CLIENT) && !unknown(Mischief::KnowsNoCsnUsage, ICAO_CLIENT)
    }

    /// Whether who is refused with this code is let in all the same.
    fn overlooks(&self, code: &str, presented: &[Vec<u8>], crls: &[Crl]) -> bool {
        let Some(Ok(leaf)) = presented.first().map(|der| Certificate::parse(der)) else { return self.forgives(code) };
        let extensions = leaf.extensions();
        let is_server = || extensions.has_purpose(CSN_SERVER) || extensions.has_purpose(ICAO_SERVER);
        let overlooked = match code {
            "extended_key_usage" => {
                (self.has(Mischief::TakesServersForClients) && is_server())
                    || (self.has(Mischief::TakesAnyUsage) && extensions.has_purpose(ANY_USAGE))
            }
            "no_crl" => {
                (self.has(Mischief::TakesWhoNamesNoList) && extensions.crl_uris.is_empty())
                    || (self.has(Mischief::TakesAnybodysLists) && !crls.is_empty())
            }
            _ => false,
        };
        overlooked || self.forgives(code)
    }

    /// Whether this callerID is taken from a caller of another country.
    fn believes(&self, caller_id: &str) -> bool {
        let strange = caller_id.parse::<Country>().is_err();
        self.has(Mischief::BelievesCallerId) || (strange && self.has(Mischief::TakesStrangeCallerIds))
    }
}

/// What may have changed since somebody was let in.
fn judge_again(
    presented: &[Vec<u8>],
    registration: &Registration,
    crls: &[Crl],
    binding: Binding,
    at: Timestamp,
) -> Result<PeerCertificate, IdentityRefusal> {
    Presented::read(presented)?.verify_again(registration, binding, at)?.check_revocation(crls, at)
}

impl SpocPartner {
    /// Whether this message is taken from a caller who was let in: [`Admission::readmit`] where it is known what the message asks for.
    ///
    /// # Errors
    /// [`NotAdmitted`]
    pub async fn takes(&self, caller: &Caller, message: &Message) -> Result<(), NotAdmitted> {
        let believed = self.wrongs().has(Mischief::BelievesCallerIdIn(message.operation()));
        self.look_again(caller, message.caller_id(), believed).await
    }

    async fn look_again(&self, caller: &Caller, caller_id: &str, believed: bool) -> Result<(), NotAdmitted> {
        let wrongs = self.wrongs();
        if caller.country.as_str() != caller_id && !believed && !wrongs.believes(caller_id) {
            return Err(NotAdmitted);
        }
        if wrongs.has(Mischief::LooksOnlyOnce) {
            return Ok(());
        }
        let again = self.recognise(&caller.presented, None, caller.binding).await;
        again.filter(|country| *country == caller.country).map(drop).ok_or(NotAdmitted)
    }

    /// The state whose SPOC this is, if it is let in. Of one that was let in before, and comes again, the side is known; client or server, it is not asked
    /// a second time.
    async fn recognise(&self, presented: &[Vec<u8>], side: Option<Side<'_>>, binding: Binding) -> Option<Country> {
        let wrongs = self.wrongs();
        let registrations: Vec<Registration> =
            self.state().neighbours.values().map(|neighbour| neighbour.registration.clone()).collect();
        let crls = self.crls(presented).await;
        let at = self.clock.now();
        let mut forgiven = None;
        for registration in &registrations {
            let judged = match side {
                Some(side) => identity::judge(presented, registration, &crls, side, binding, at),
                None => judge_again(presented, registration, &crls, binding, at),
            };
            match judged {
                Ok(_) if side.is_some() && !wrongs.knows_usage(presented) => return None,
                Ok(_) => return Some(registration.country),
                Err(refusal) if wrongs.overlooks(refusal.code(), presented, &crls) => {
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
