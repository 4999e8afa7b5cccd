//! Another state's CVCA, made with the library alone.

use cvc::{
    algorithm::Algorithm,
    certificate::Certificate,
    chat::{Chat, Rights, Role},
    domain_parameters::StandardisedCurve,
    issue::{self, Template},
    private_key::{PrivateKey, Signer},
    public_key::{ParameterForm, PublicKey},
    reference::Reference,
    request::AuthenticatedRequest,
};
use time::{Date, Duration};

#[derive(Debug)]
pub(crate) struct ForeignCvca {
    country: String,
    generations: Vec<(Reference, PrivateKey)>,
    /// Root, then link and root of each later generation.
    pub(crate) certificates: Vec<Certificate>,
    issued: u32,
}

pub(crate) fn full() -> Rights {
    Rights::inspection(true, true)
}

impl ForeignCvca {
    pub(crate) fn new(country: &str, from: Date) -> Self {
        Self::named(country, "CVCA", from)
    }

    pub(crate) fn named(country: &str, mnemonic: &str, from: Date) -> Self {
        let reference = Reference::new(country, mnemonic, "00001").unwrap();
        let key = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1).unwrap();
        let root = issue::self_signed(&key, &Self::template(reference, from)).unwrap();
        Self { country: country.to_owned(), generations: vec![(reference, key)], certificates: vec![root], issued: 0 }
    }

    fn template(chr: Reference, from: Date) -> Template {
        Template::new(chr, Chat::new(Role::Cvca, full()), from, from + Duration::days(1000))
    }

    pub(crate) fn name(&self) -> String {
        format!("{}CVCA", self.country)
    }

    /// Holder reference of a generation, counted from one.
    pub(crate) fn car(&self, generation: usize) -> String {
        self.generations[generation - 1].0.to_string()
    }

    /// Holder reference of the newest generation.
    #[allow(dead_code, reason = "of the two test programs that share this file one does without it")]
    pub(crate) fn newest(&self) -> String {
        self.car(self.generations.len())
    }

    /// A new key, with another algorithm and curve where asked, a link from the previous one, and a root.
    pub(crate) fn renew(&mut self, from: Date, algorithm: Algorithm, curve: StandardisedCurve) -> [Certificate; 2] {
        let next = Reference::new(&self.country, "CVCA", &format!("{:05}", self.generations.len() + 1)).unwrap();
        self.succeed(next, from, algorithm, curve)
    }

    /// A successor under another mnemonic, and the link to it.
    pub(crate) fn replace(&mut self, from: Date, mnemonic: &str) -> [Certificate; 2] {
        let next = Reference::new(&self.country, mnemonic, "00001").unwrap();
        self.succeed(next, from, Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1)
    }

    fn succeed(
        &mut self,
        next: Reference,
        from: Date,
        algorithm: Algorithm,
        curve: StandardisedCurve,
    ) -> [Certificate; 2] {
        let key = PrivateKey::generate_ec(algorithm, curve).unwrap();
        let template = Self::template(next, from);
        let (previous, signer) = self.generations.last().unwrap();
        let link = issue::link(signer, *previous, key.public_key(), ParameterForm::Written, &template).unwrap();
        let root = issue::self_signed(&key, &template).unwrap();
        self.generations.push((next, key));
        self.certificates.extend([link.clone(), root.clone()]);
        [link, root]
    }

    /// Checks a request's inner signature and issues for it under the newest generation.
    pub(crate) fn answer(&mut self, request: &[u8], from: Date, days: i64) -> Certificate {
        self.answer_with(request, from, days, full())
    }

    pub(crate) fn answer_with(&mut self, request: &[u8], from: Date, days: i64, rights: Rights) -> Certificate {
        let request = AuthenticatedRequest::parse(request).unwrap();
        let key = request.request().verify_inner().unwrap();
        self.issue_dv(&key, request.request().chr(), from, days, rights)
    }

    /// A request for `chr` on `key` under `car`, countersigned by the newest generation.
    #[allow(dead_code, reason = "of the two test programs that share this file one does without it")]
    pub(crate) fn request(&self, key: &PrivateKey, car: &str, chr: &str) -> Vec<u8> {
        let inner = issue::request(key, Some(car.parse().unwrap()), chr.parse().unwrap(), &[]).unwrap();
        let (reference, signer) = self.generations.last().unwrap();
        issue::countersign(signer, *reference, &inner).unwrap().as_der().to_vec()
    }

    pub(crate) fn issue_dv(
        &mut self,
        key: &PublicKey,
        chr: Reference,
        from: Date,
        days: i64,
        rights: Rights,
    ) -> Certificate {
        self.issued += 1;
        let (car, signer) = self.generations.last().unwrap();
        let role = if chr.country() == self.country { Role::DvDomestic } else { Role::DvForeign };
        let template = Template::new(chr, Chat::new(role, rights), from, from + Duration::days(days));
        issue::subordinate(signer, *car, key, &template).unwrap()
    }
}

pub(crate) fn ders(certificates: &[Certificate]) -> Vec<Vec<u8>> {
    certificates.iter().map(|certificate| certificate.as_der().to_vec()).collect()
}
