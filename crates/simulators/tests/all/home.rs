//! Our own side: a CVCA to vouch for us, a document verifier and an inspection system, as the national node has them.

use cvc::algorithm::Algorithm;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::{PrivateKey, Signer};
use cvc::reference::Reference;
use straznica_simulators::partner_state::PartnerState;
use straznica_simulators::partner_state::access::IssuedDv;
use time::{Date, Duration};

/// What our state holds towards one partner.
pub(crate) struct Home {
    pub(crate) cvca: PrivateKey,
    pub(crate) cvca_reference: Reference,
    pub(crate) cvca_certificate: Vec<u8>,
}

/// A document verifier with the certificate the partner gave it.
pub(crate) struct Verifier {
    pub(crate) key: PrivateKey,
    pub(crate) reference: Reference,
    pub(crate) certificate: Vec<u8>,
}

/// An inspection system under such a verifier.
pub(crate) struct System {
    pub(crate) key: PrivateKey,
    pub(crate) reference: Reference,
    pub(crate) certificate: Vec<u8>,
}

pub(crate) fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

impl Home {
    pub(crate) fn found(on: Date) -> Self {
        let cvca = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1).unwrap();
        let cvca_reference = reference("PLCVCASIM00001");
        let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
        let template = Template::new(cvca_reference, chat, on, on + Duration::days(1000));
        let certificate = issue::self_signed(&cvca, &template).unwrap();
        Self { cvca, cvca_reference, cvca_certificate: certificate.as_der().to_vec() }
    }

    /// A new key of the kind the partner certifies now.
    pub(crate) fn key_for(partner: &PartnerState) -> PrivateKey {
        let newest = partner.access.root(partner.access.newest_generation()).unwrap();
        let key = cvc::public_key::PublicKey::resolve(&newest.public_key(), None).unwrap();
        PrivateKey::generate_like(&key).unwrap()
    }

    /// An initial request: signed by the new key, countersigned by our CVCA.
    pub(crate) fn initial_request(&self, partner: &PartnerState, key: &PrivateKey, chr: Reference) -> Vec<u8> {
        let car = partner.access.root(partner.access.newest_generation()).unwrap().chr();
        let request = issue::request(key, Some(car), chr, &[]).unwrap();
        issue::countersign(&self.cvca, self.cvca_reference, &request).unwrap().as_der().to_vec()
    }

    pub(crate) fn obtain_dv(&self, partner: &mut PartnerState, chr: &str, on: Date) -> (Verifier, IssuedDv) {
        let key = Self::key_for(partner);
        let request = self.initial_request(partner, &key, reference(chr));
        let issued = partner.access.process_dv_request(&request, on).unwrap();
        (Verifier { key, reference: reference(chr), certificate: issued.certificate.clone() }, issued)
    }
}

impl Verifier {
    pub(crate) fn inspection_system(&self, chr: &str, from: Date, until: Date, rights: Rights) -> System {
        let key = PrivateKey::generate_like(self.key.public_key()).unwrap();
        let template = Template::new(reference(chr), Chat::new(Role::Terminal, rights), from, until);
        let certificate = issue::subordinate(&self.key, self.reference, key.public_key(), &template).unwrap();
        System { key, reference: reference(chr), certificate: certificate.as_der().to_vec() }
    }
}

pub(crate) const DG3: Rights = Rights::inspection(true, false);
