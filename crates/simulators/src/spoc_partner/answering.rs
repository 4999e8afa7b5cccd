//! What the partner issues, rightly and wrongly.

use cvc::Signer;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::PrivateKey;
use cvc::public_key::{ParameterForm, PublicKey};
use cvc::reference::Reference;
use cvc::{Algorithm, Certificate};
use exchange::code::{RequestCertificateCode as Code, StatusInfo};
use time::{Date, Duration};

use super::judging::Granted;
use super::mischief::Mischief;
use super::{Decision, State, Waiting, Wrongs, forge};
use crate::partner_state::PartnerError;

/// Days a DV certificate is valid.
const DV_DAYS: i64 = 42;

impl State {
    /// Issues a certificate for a granted request and gives the sequence of the answer.
    pub(super) fn issue(
        &mut self,
        granted: Granted,
        today: Date,
        wrongs: &Wrongs,
    ) -> Result<Vec<Vec<u8>>, PartnerError> {
        let certificate = self.certificate(&granted, today, wrongs)?;
        let der = match () {
            () if wrongs.has(Mischief::WrongSignature) => forge::spoilt(certificate.as_der()),
            () if wrongs.has(Mischief::GivesGarbage) => vec![0xA5; 100],
            () => certificate.as_der().to_vec(),
        };
        self.access.keep(certificate, granted.key);
        if wrongs.has(Mischief::GivesNothing) {
            return Ok(Vec::new());
        }
        self.sequence(der, wrongs)
    }

    fn certificate(&self, granted: &Granted, today: Date, wrongs: &Wrongs) -> Result<Certificate, PartnerError> {
        let (signer, signer_key, root) = self.access.newest_signer();
        let role = if wrongs.has(Mischief::WrongRole) { Role::DvDomestic } else { Role::DvForeign };
        let (from, days) = match () {
            () if wrongs.has(Mischief::AlreadyExpired) => (today - Duration::days(DV_DAYS + 1), DV_DAYS),
            () if wrongs.has(Mischief::TooLong) => (today, 365),
            () if wrongs.has(Mischief::NotYetValid) => (today + Duration::days(10), DV_DAYS),
            () => (today, DV_DAYS),
        };
        let expires = (from + Duration::days(days)).min(root.expires());
        let chr = match wrongs.has(Mischief::OtherReference) {
            true => Reference::new(granted.chr.country(), &granted.chr.mnemonic(), "ZZZZZ")?,
            false => granted.chr,
        };
        let rights = match wrongs.has(Mischief::GrantsBeyondItsOwn) {
            true => Rights::inspection(true, true),
            false => self.access.rights(),
        };
        let template = Template::new(chr, Chat::new(role, rights), from, expires);
        let other = PrivateKey::generate_like(signer_key)?;
        let key: &PublicKey = if wrongs.has(Mischief::OtherKey) { other.public_key() } else { &granted.key };
        if wrongs.has(Mischief::UnknownAuthority) {
            let stranger = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1)?;
            let car = Reference::new(root.chr().country(), "STRANGER", "00001")?;
            return Ok(forge::certificate(&stranger, car, key, ParameterForm::Inherited, &template)?);
        }
        let form = match wrongs.has(Mischief::ParametersWritten) {
            true => ParameterForm::Written,
            false => ParameterForm::Inherited,
        };
        if form == ParameterForm::Written || !key.same_kind(signer_key) {
            return Ok(forge::certificate(signer, root.chr(), key, form, &template)?);
        }
        Ok(issue::subordinate(signer, root.chr(), key, &template)?)
    }

    /// DV certificate first, then the CVCA's by ascending effective date.
    fn sequence(&self, dv: Vec<u8>, wrongs: &Wrongs) -> Result<Vec<Vec<u8>>, PartnerError> {
        if wrongs.has(Mischief::LeavesAuthoritiesOut) {
            return Ok(vec![dv]);
        }
        let mut authorities = self.authorities(wrongs)?;
        if wrongs.has(Mischief::WrongOrder) || wrongs.has(Mischief::PutsAuthoritiesFirst) {
            authorities.push(dv);
            return Ok(authorities);
        }
        authorities.insert(0, dv);
        Ok(authorities)
    }

    /// The CVCA's certificates as they are given away.
    pub(super) fn authorities(&self, wrongs: &Wrongs) -> Result<Vec<Vec<u8>>, PartnerError> {
        let mut all = self.access.certificates();
        if wrongs.has(Mischief::LinkGap) {
            // the newest link is left without the one before and without the root it leads on from
            let newest = self.access.newest_signer().2.chr();
            all.retain(|der| {
                Certificate::parse(der.as_slice()).is_ok_and(|one| one.chr() == newest && !one.is_self_signed())
            });
        }
        if let Some(wrong) = wrongs.of_the_newest_link() {
            let newest = self.access.newest_signer().2.chr();
            all.retain(|der| {
                Certificate::parse(der.as_slice()).is_ok_and(|one| one.chr() != newest || !one.is_self_signed())
            });
            if let Some(link) = all.last_mut() {
                *link = self.forged_link(link, wrong)?;
            }
        }
        let strangers = match () {
            () if wrongs.has(Mischief::SpeaksForAnotherState) => forge::roots("XZ", 1, self.access.newest_signer().2),
            () if wrongs.has(Mischief::FloodsWithRoots) => {
                forge::roots(self.country.as_str(), 40, self.access.newest_signer().2)
            }
            () => Ok(Vec::new()),
        };
        all.extend(strangers?);
        if wrongs.has(Mischief::GivesTooMany) {
            all = all.iter().cycle().take(300).cloned().collect();
        }
        if wrongs.has(Mischief::WrongOrder) {
            all.reverse();
        }
        if wrongs.has(Mischief::GivesOthersToo) {
            all.extend(self.access.issued().last().map(|(certificate, _)| certificate.as_der().to_vec()));
        }
        Ok(all)
    }

    /// The newest link, made wrongly.
    fn forged_link(&self, link: &[u8], wrong: Mischief) -> Result<Vec<u8>, PartnerError> {
        let (Some((signer, root)), (_, key, next)) = (self.access.signer_before(), self.access.newest_signer()) else {
            // the oldest generation has no link
            return Ok(link.to_vec());
        };
        let template = Template::new(next.chr(), next.chat(), next.effective(), next.expires());
        let forged = match wrong {
            Mischief::LinkWithNewAlgorithm => {
                let signer = PrivateKey::from_pkcs8(key.algorithm(), &signer.to_pkcs8()?)?;
                forge::certificate(&signer, root.chr(), key, ParameterForm::Written, &template)?
            }
            Mischief::LinkWithoutParameters => {
                forge::certificate(signer, root.chr(), key, ParameterForm::Inherited, &template)?
            }
            _ => return Ok(forge::spoilt(link)),
        };
        Ok(forged.as_der().to_vec())
    }

    /// What people's decision comes to: the request is judged again before anything is issued.
    pub(super) fn end(
        &mut self,
        waiting: &Waiting,
        decision: Decision,
        today: Date,
        wrongs: &Wrongs,
    ) -> (StatusInfo, Vec<Vec<u8>>) {
        if decision == Decision::Decline && !wrongs.has(Mischief::IssuesWhatWasDeclined) {
            return (StatusInfo::FailureRequestNotAccepted, Vec::new());
        }
        let mut leniency = wrongs.clone();
        if wrongs.has(Mischief::ForgetsToCheckAgain) {
            leniency.0.push(Mischief::ForgetsExpiry);
        }
        match self.judge(waiting.caller, &waiting.request, today, &leniency) {
            Ok(granted) => match self.issue(granted, today, wrongs) {
                Ok(certificates) => (StatusInfo::OkCertAvailable, certificates),
                Err(_) => (StatusInfo::FailureInternalError, Vec::new()),
            },
            Err(code) => (later(code), Vec::new()),
        }
    }
}

impl Wrongs {
    /// What is wrong with the newest of the CVCA's links.
    fn of_the_newest_link(&self) -> Option<Mischief> {
        let all = [Mischief::SpoiltLink, Mischief::LinkWithNewAlgorithm, Mischief::LinkWithoutParameters];
        all.into_iter().find(|wrong| self.has(*wrong))
    }
}

/// What SendCertificates calls a code of RequestCertificate.
pub(super) fn later(code: Code) -> StatusInfo {
    match code {
        Code::FailureInnerSignature => StatusInfo::FailureInnerSignature,
        Code::FailureOuterSignature => StatusInfo::FailureOuterSignature,
        Code::FailureSyntax | Code::FailureRequestSyntax => StatusInfo::FailureSyntax,
        Code::FailureExpired | Code::FailureDomainParameters => StatusInfo::FailureCertificate,
        Code::FailureRequestNotAccepted => StatusInfo::FailureRequestNotAccepted,
        Code::OkCertAvailable | Code::OkReceptionAck | Code::FailureInternalError => StatusInfo::FailureInternalError,
    }
}
