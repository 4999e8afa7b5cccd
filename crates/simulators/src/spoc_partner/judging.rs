//! What the partner makes of a certificate request (TR-03139 table 2), and how it can fail to look.

use std::borrow::Cow;

use cvc::error::ParseError;
use cvc::request::{AuthenticatedRequest, Request};
use cvc::tlv::{self, TlvError};
use cvc::{Certificate, PublicKey, Reference};
use exchange::Country;
use exchange::code::RequestCertificateCode as Code;
use time::Date;

use super::mischief::Mischief;
use super::neighbour::Approval;
use super::{State, Wrongs};

/// A request the partner would grant.
pub(super) struct Granted {
    pub(super) key: PublicKey,
    pub(super) chr: Reference,
    pub(super) approval: Approval,
}

/// Who vouches for a request.
struct Voucher<'a> {
    key: &'a PublicKey,
    expires: Date,
    /// The holder, where it is a document verifier.
    holder: Option<Reference>,
}

impl State {
    /// Goes through the list, in its order.
    pub(super) fn judge(&self, caller: Country, bytes: &[u8], today: Date, wrongs: &Wrongs) -> Result<Granted, Code> {
        let bare = wrongs.has(Mischief::TakesBareRequests).then(|| Request::parse(bytes).ok()).flatten();
        if let Some(request) = bare {
            return self.judge_inner(caller, &request, wrongs);
        }
        let whole = as_read(bytes, wrongs);
        let request = AuthenticatedRequest::parse(whole.as_ref()).map_err(|error| unreadable(bytes, &error, wrongs))?;
        let inner = request.request();
        let granted = self.judge_inner(caller, &inner, wrongs)?;
        self.check_voucher(caller, &request, &granted.key, today, wrongs)?;
        self.check_use(caller, &granted, wrongs)?;
        Ok(granted)
    }

    fn judge_inner(&self, caller: Country, inner: &Request<&[u8]>, wrongs: &Wrongs) -> Result<Granted, Code> {
        let key = if wrongs.has(Mischief::SkipsInnerSignature) {
            PublicKey::resolve(&inner.public_key(), None).map_err(|_| Code::FailureInnerSignature)?
        } else if wrongs.has(Mischief::SuppliesParameters) {
            let own = self.access.newest_signer().1.parameters();
            PublicKey::resolve(&inner.public_key(), own).map_err(|_| Code::FailureDomainParameters)?
        } else {
            inner.verify_inner().map_err(|_| Code::FailureInnerSignature)?
        };
        self.check_authority(inner.car(), wrongs)?;
        if !wrongs.takes_kind(&key, self.access.newest_signer().1) {
            let blurred = wrongs.has(Mischief::BlursParameters);
            return Err(if blurred { Code::FailureRequestNotAccepted } else { Code::FailureDomainParameters });
        }
        let holders = self.neighbours.get(&caller).map(|neighbour| &neighbour.holders);
        // whether the holder is registered is the last question, after whether anybody vouches for the request
        let registered = holders.and_then(|holders| holders.get(&inner.chr().mnemonic())).copied();
        Ok(Granted { key, chr: inner.chr(), approval: registered.unwrap_or(Approval::Automatic) })
    }

    fn check_authority(&self, named: Option<Reference>, wrongs: &Wrongs) -> Result<(), Code> {
        let unaddressed = named.is_none() && wrongs.has(Mischief::TakesUnaddressedRequests);
        if unaddressed || wrongs.has(Mischief::IgnoresTheNamedAuthority) {
            return Ok(());
        }
        let newest = self.access.newest_generation();
        let known = if wrongs.has(Mischief::KnowsNoEarlierGeneration) { newest..=newest } else { 0..=newest };
        let ours = known.filter_map(|generation| self.access.root(generation)).map(cvc::Certificate::chr);
        let mut ours = ours;
        if named.is_some_and(|named| ours.any(|reference| reference == named)) {
            return Ok(());
        }
        Err(Code::FailureRequestNotAccepted)
    }

    /// An initial request is countersigned by the CVCA of its state, a successive one by a certificate of the same holder that is still valid.
    fn check_voucher(
        &self,
        caller: Country,
        request: &AuthenticatedRequest<&[u8]>,
        own: &PublicKey,
        today: Date,
        wrongs: &Wrongs,
    ) -> Result<(), Code> {
        let outer = request.outer_car();
        if wrongs.has(Mischief::LetsRequestsVouchForThemselves) && outer == request.request().chr() {
            return request.verify_outer(own).map_err(|_| Code::FailureOuterSignature);
        }
        let Some(voucher) = self.voucher(caller, outer, wrongs) else {
            let believed = wrongs.has(Mischief::TakesStrangersWord) && outer != request.request().chr();
            return if believed { Ok(()) } else { Err(Code::FailureOuterSignature) };
        };
        if !wrongs.has(Mischief::SkipsOuterSignature) {
            request.verify_outer(voucher.key).map_err(|_| Code::FailureOuterSignature)?;
        }
        let other = voucher.holder.is_some_and(|holder| !holder.same_holder(&request.request().chr()));
        if other && !wrongs.has(Mischief::MixesHolders) {
            return Err(Code::FailureOuterSignature);
        }
        let barred = match voucher.holder {
            Some(_) => Mischief::RefusesSuccessors,
            None => Mischief::RefusesBeginners,
        };
        if wrongs.has(barred) {
            return Err(Code::FailureOuterSignature);
        }
        if voucher.expires < today && !wrongs.has(Mischief::ForgetsExpiry) {
            return Err(Code::FailureExpired);
        }
        Ok(())
    }

    fn voucher(&self, caller: Country, outer: Reference, wrongs: &Wrongs) -> Option<Voucher<'_>> {
        let any = wrongs.has(Mischief::TakesAnyStatesWord);
        let states = self.neighbours.iter().filter(|(country, _)| any || **country == caller);
        let states: Vec<_> = states.map(|(_, neighbour)| neighbour).collect();
        let proven = states.iter().flat_map(|neighbour| neighbour.cvca.cvcas(outer)).map(|node| Voucher {
            key: node.key(),
            expires: node.certificate().expires(),
            holder: None,
        });
        let believed = states
            .iter()
            .flat_map(|neighbour| neighbour.believed.iter().filter(|(reference, ..)| *reference == outer))
            .map(|(_, key, expires)| Voucher { key, expires: *expires, holder: None });
        let of_cvca = proven.chain(believed).max_by_key(|voucher| voucher.expires);
        let issued = || {
            let (certificate, key) = self.access.issued().iter().find(|(certificate, _)| certificate.chr() == outer)?;
            Some(Voucher { key, expires: certificate.expires(), holder: Some(outer) })
        };
        of_cvca.or_else(issued)
    }

    /// Country, registration of the holder, reference and key.
    fn check_use(&self, caller: Country, granted: &Granted, wrongs: &Wrongs) -> Result<(), Code> {
        let foreign = granted.chr.country() != caller.as_str() && !wrongs.has(Mischief::IgnoresTheHoldersCountry);
        let holders = self.neighbours.get(&caller).map(|neighbour| &neighbour.holders);
        let registered = holders.is_some_and(|holders| holders.contains_key(&granted.chr.mnemonic()));
        let stranger = !registered && !wrongs.has(Mischief::IssuesToAnybody);
        let issued = self.access.issued();
        let reference = issued.iter().any(|(certificate, _)| certificate.chr() == granted.chr)
            && !wrongs.has(Mischief::GivesReferencesTwice);
        let key = issued.iter().any(|(_, key)| *key == granted.key) && !wrongs.has(Mischief::CertifiesKeysTwice);
        if foreign || stranger || reference || key { Err(Code::FailureRequestNotAccepted) } else { Ok(()) }
    }
}

impl Wrongs {
    /// Whether a key is of a kind that is certified.
    fn takes_kind(&self, key: &PublicKey, own: &PublicKey) -> bool {
        let same_hash = key.algorithm() == own.algorithm() || self.has(Mischief::TakesOtherHashes);
        let same_curve = key.parameters() == own.parameters() || self.has(Mischief::TakesOtherCurves);
        key.same_kind(own) || (key.parameters().is_some() && same_hash && same_curve)
    }
}

/// The bytes that are read for a request.
fn as_read<'a>(bytes: &'a [u8], wrongs: &Wrongs) -> Cow<'a, [u8]> {
    let shortened = wrongs.has(Mischief::ReadsLongLengths).then(|| with_short_length(bytes)).flatten();
    match shortened {
        Some(shortened) => Cow::Owned(shortened),
        None if wrongs.has(Mischief::ReadsLoosely) => Cow::Borrowed(loosely(bytes)),
        None => Cow::Borrowed(bytes),
    }
}

/// What is said of bytes that are no request.
fn unreadable(bytes: &[u8], error: &ParseError, wrongs: &Wrongs) -> Code {
    let truncated = matches!(error, ParseError::Structure(TlvError::Truncated(_)));
    match () {
        () if bytes.is_empty() && wrongs.has(Mischief::FallsOverNothing) => Code::FailureInternalError,
        () if bytes.starts_with(&[REQUEST]) && truncated && wrongs.has(Mischief::FallsOverTheEnd) => {
            Code::FailureInternalError
        }
        () if wrongs.has(Mischief::TakesCertificatesForRequests) && Certificate::parse(bytes).is_ok() => {
            Code::FailureOuterSignature
        }
        () if wrongs.has(Mischief::BlursSyntax) => Code::FailureRequestNotAccepted,
        () => Code::FailureRequestSyntax,
    }
}

/// The tag of an authenticated request.
const REQUEST: u8 = 0x67;

/// The same with its outermost length written anew, where four bytes were used for it.
fn with_short_length(bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, value) = bytes.strip_prefix(&[REQUEST, 0x84])?.split_first_chunk::<4>()?;
    let mut shortest = Vec::new();
    let whole = usize::try_from(u32::from_be_bytes(*length)) == Ok(value.len());
    tlv::write(&mut shortest, u16::from(REQUEST), value).ok().filter(|()| whole).map(|()| shortest)
}

/// The first object of what came; as it came where there is none.
fn loosely(bytes: &[u8]) -> &[u8] {
    let Ok(mut reader) = cvc::tlv::Reader::new(bytes) else { return bytes };
    match reader.expect(u16::from(REQUEST)) {
        Ok(element) => &bytes[element.whole()],
        Err(_) => bytes,
    }
}
