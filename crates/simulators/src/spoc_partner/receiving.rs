//! What the partner makes of certificates delivered to it.

use cvc::domain_parameters::StandardisedCurve;
use cvc::finding::Code as FindingCode;
use cvc::trust::Outcome;
use cvc::{Certificate, PublicKey, TrustGraph};
use exchange::Country;
use exchange::code::{SendCertificatesCode as Code, StatusInfo};
use exchange::message::SendCertificates;

use super::mischief::Mischief;
use super::neighbour::Neighbour;
use super::{State, Wrongs};

impl State {
    /// An answer to something asked, or news of the sender's CVCA.
    pub(super) fn receive(&mut self, caller: Country, message: SendCertificates, wrongs: &Wrongs) -> Code {
        if message.status_info == StatusInfo::NewCertAvailableNotification {
            if message.message_id.is_none() && wrongs.has(Mischief::WantsIdsInNotifications) {
                return Code::FailureSyntax;
            }
            if message.message_id.is_some() && wrongs.has(Mischief::WantsNoIdsInNotifications) {
                return Code::FailureSyntax;
            }
            if message.certificates.is_empty() && wrongs.has(Mischief::StumblesOverNothing) {
                return Code::FailureInternalError;
            }
            return self.take(caller, &message.certificates, wrongs);
        }
        let Some(id) = message.message_id.clone() else {
            let taken = wrongs.has(Mischief::ExpectsEverything) || wrongs.has(Mischief::TakesAnswersToNothing);
            return if taken { Code::OkReceivedCorrectly } else { Code::FailureSyntax };
        };
        let failed = message.status_info != StatusInfo::OkCertAvailable && wrongs.has(Mischief::ExpectsFailures);
        let mixed = wrongs.has(Mischief::MixesOriginators) && self.answered.contains_key(&(caller, id.clone()));
        let expected = failed || mixed || wrongs.has(Mischief::ExpectsEverything);
        if !expected && !self.asked.contains(&(caller, id)) {
            return Code::FailureMessageIdUnknown;
        }
        self.received.push(message);
        Code::OkReceivedCorrectly
    }

    /// All of a notification or nothing of it.
    fn take(&mut self, caller: Country, certificates: &[Vec<u8>], wrongs: &Wrongs) -> Code {
        let parsed: Result<Vec<_>, _> = certificates.iter().map(|der| Certificate::parse(der.as_slice())).collect();
        let Ok(parsed) = parsed else {
            return if wrongs.has(Mischief::TakesGarbage) { Code::OkReceivedCorrectly } else { Code::FailureSyntax };
        };
        let others: Vec<TrustGraph> = match wrongs.has(Mischief::TakesAnyStatesLinks) {
            true => self.neighbours.values().map(|neighbour| neighbour.cvca.clone()).collect(),
            false => Vec::new(),
        };
        let Some(neighbour) = self.neighbours.get_mut(&caller) else { return Code::FailureInternalError };
        let mut grown = neighbour.clone();
        for certificate in &parsed {
            if !grown.take(certificate, &others, wrongs) {
                return Code::FailureSyntax;
            }
        }
        if !wrongs.has(Mischief::DropsWhatItReceived) {
            *neighbour = grown;
        }
        Code::OkReceivedCorrectly
    }
}

impl Neighbour {
    /// Takes one certificate in; false where it leads nowhere.
    fn take(&mut self, certificate: &Certificate<&[u8]>, others: &[TrustGraph], wrongs: &Wrongs) -> bool {
        let link = !certificate.is_self_signed();
        if link && !certificate.public_key().has_parameters() && wrongs.has(Mischief::WantsParametersInLinks) {
            return false;
        }
        let own = certificate.public_key().algorithm;
        let switches = self.cvca.cvcas(certificate.car()).any(|issuer| issuer.key().algorithm() != own);
        if switches && wrongs.has(Mischief::KnowsNoSwitch) {
            return false;
        }
        let reason = match self.cvca.admit(certificate) {
            Ok(admission) if admission.outcome != Outcome::NotTrusted => return true,
            Ok(_) => FindingCode::SelfSignedNotTrusted,
            Err(refused) => refused.0.first().map_or(FindingCode::IssuerUnknown, |finding| finding.code),
        };
        let elsewhere = || {
            others
                .iter()
                .any(|graph| graph.clone().admit(certificate).is_ok_and(|one| one.outcome != Outcome::NotTrusted))
        };
        if !wrongs.has(Mischief::Believes(reason)) && !elsewhere() {
            return false;
        }
        self.believe(certificate)
    }

    /// Keeps a key on the sender's word.
    fn believe(&mut self, certificate: &Certificate<&[u8]>) -> bool {
        let view = certificate.public_key();
        let guesses = [StandardisedCurve::BrainpoolP256r1, StandardisedCurve::BrainpoolP384r1];
        let key = PublicKey::resolve(&view, None).or_else(|error| {
            guesses.iter().find_map(|curve| PublicKey::resolve(&view, Some(&(*curve).into())).ok()).ok_or(error)
        });
        let Ok(key) = key else { return false };
        self.believed.push((certificate.chr(), key, certificate.expires()));
        true
    }
}
