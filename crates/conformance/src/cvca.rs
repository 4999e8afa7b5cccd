//! The CVCA of the state the kit plays: generations joined by link certificates, the right links and the wrong ones.

use cvc::algorithm::Algorithm;
use cvc::certificate::Certificate;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::error::{KeyError, ParseError};
use cvc::issue::{self, IssueError, Template};
use cvc::private_key::{PrivateKey, SignError, Signer};
use cvc::public_key::{ParameterForm, PublicKey};
use cvc::reference::{Reference, ReferenceError};
use cvc::tlv::{self, TlvError};
use cvc::{AuthenticatedRequest, Request};
use time::{Date, Duration};

/// Days a generation is valid: between the six months and the three years of TR-03139 §4.7.
const DAYS: i64 = 700;

/// Why a certificate or request of the tester's cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum MakingError {
    /// Key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Certificate or request.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// Name.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Encoding.
    #[error(transparent)]
    Encoding(#[from] TlvError),
    /// Signature.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Stored material is none.
    #[error(transparent)]
    Stored(#[from] ParseError),
}

/// A key of a CVCA with the certificates about it.
#[derive(Debug)]
pub struct Generation {
    /// The key.
    pub key: PrivateKey,
    /// Self-signed.
    pub root: Certificate,
    /// Signed by the generation before.
    pub link: Option<Certificate>,
}

impl Generation {
    /// By which requests and certificates name it.
    #[must_use]
    pub fn reference(&self) -> Reference {
        self.root.chr()
    }

    /// Vouches for a request, as for an initial one.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn countersign(&self, request: &Request) -> Result<AuthenticatedRequest, MakingError> {
        Ok(issue::countersign(&self.key, self.reference(), request)?)
    }

    /// The generation after this one.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn next(
        &self,
        sequence: &str,
        algorithm: Algorithm,
        curve: StandardisedCurve,
        today: Date,
        form: LinkForm,
    ) -> Result<Self, MakingError> {
        let reference = self.reference();
        let chr = Reference::new(reference.country(), &reference.mnemonic(), sequence)?;
        successor(self, algorithm, curve, &root_template(chr, today), form)
    }
}

/// The generations that are registered with the partner: one whose certificate has expired, and the one in use.
#[derive(Debug)]
pub struct Cvca {
    /// Certificate expired; it was replaced in time.
    pub expired: Generation,
    /// In use.
    pub current: Generation,
    /// The curve of both.
    pub curve: StandardisedCurve,
}

/// How a link certificate is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkForm {
    /// With the key and algorithm before, domain parameters written out.
    Proper,
    /// The same, domain parameters inherited.
    Inheriting,
    /// Signed with the hash of the new algorithm.
    NewAlgorithm,
    /// Of another curve, whose domain parameters are left out.
    ChangeUntold,
}

impl Cvca {
    /// Two generations on this curve with SHA-256, the first expired the day before `today`.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn found(country: &str, curve: StandardisedCurve, today: Date) -> Result<Self, MakingError> {
        let key = generate(Algorithm::EcdsaSha256, curve)?;
        let first = template(country, "00001", today - Duration::days(DAYS + 1))?;
        let expired = Generation { root: issue::self_signed(&key, &first)?, key, link: None };
        let second = template(country, "00002", today - Duration::days(10))?;
        let current = successor(&expired, Algorithm::EcdsaSha256, curve, &second, LinkForm::Proper)?;
        Ok(Self { expired, current, curve })
    }

    /// The certificates to register, oldest first: a root and the link to the generation in use.
    #[must_use]
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        let link = self.current.link.iter().map(|link| link.as_der().to_vec());
        std::iter::once(self.expired.root.as_der().to_vec()).chain(link).collect()
    }

    /// A further generation of the same kind after the one in use, which the partner does not know yet. `sequence` tells it from others.
    ///
    /// # Errors
    /// [`MakingError`]
    pub fn next(&self, sequence: &str, today: Date, form: LinkForm) -> Result<Generation, MakingError> {
        let (algorithm, curve) = (self.current.key.algorithm(), self.curve);
        self.current.next(sequence, algorithm, curve, today, form)
    }

    /// A curve other than the one in use.
    #[must_use]
    pub fn other_curve(&self) -> StandardisedCurve {
        match self.curve {
            StandardisedCurve::BrainpoolP256r1 => StandardisedCurve::BrainpoolP384r1,
            _ => StandardisedCurve::BrainpoolP256r1,
        }
    }
}

/// A generation of a CVCA that nobody registered, alone.
///
/// # Errors
/// [`MakingError`]
pub fn unregistered(country: &str, today: Date) -> Result<Generation, MakingError> {
    let key = generate(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1)?;
    let root = issue::self_signed(&key, &root_template(Reference::new(country, "STRANGER", "00001")?, today))?;
    Ok(Generation { key, root, link: None })
}

fn successor(
    previous: &Generation,
    algorithm: Algorithm,
    curve: StandardisedCurve,
    template: &Template,
    form: LinkForm,
) -> Result<Generation, MakingError> {
    let key = generate(algorithm, curve)?;
    let root = issue::self_signed(&key, template)?;
    let link = match form {
        LinkForm::Proper => {
            issue::link(&previous.key, previous.reference(), key.public_key(), ParameterForm::Written, template)?
        }
        LinkForm::Inheriting => {
            issue::link(&previous.key, previous.reference(), key.public_key(), ParameterForm::Inherited, template)?
        }
        LinkForm::NewAlgorithm => forged_link(previous, key.public_key(), ParameterForm::Written, template, algorithm)?,
        LinkForm::ChangeUntold => {
            let signed_with = previous.key.algorithm();
            forged_link(previous, key.public_key(), ParameterForm::Inherited, template, signed_with)?
        }
    };
    Ok(Generation { key, root, link: Some(link) })
}

/// A link that `cvc` refuses to make: with a chosen hash, or without the parameters it changes.
fn forged_link(
    previous: &Generation,
    key: &PublicKey,
    form: ParameterForm,
    template: &Template,
    signed_with: Algorithm,
) -> Result<Certificate, MakingError> {
    let mut chat = Vec::new();
    tlv::write(&mut chat, 0x06, template.chat.terminal_type().oid())?;
    tlv::write(&mut chat, 0x53, &template.chat.to_bytes())?;
    let mut body = Vec::new();
    tlv::write(&mut body, 0x5F29, &[0])?;
    tlv::write(&mut body, 0x42, previous.reference().as_bytes())?;
    tlv::write(&mut body, 0x7F49, &key.encode(form)?)?;
    tlv::write(&mut body, 0x5F20, template.chr.as_bytes())?;
    tlv::write(&mut body, 0x7F4C, &chat)?;
    tlv::write(&mut body, 0x5F25, &cvc::date::encode(template.effective).map_err(IssueError::from)?)?;
    tlv::write(&mut body, 0x5F24, &cvc::date::encode(template.expires).map_err(IssueError::from)?)?;
    let mut content = Vec::new();
    tlv::write(&mut content, 0x7F4E, &body)?;
    let signer = with_algorithm(&previous.key, signed_with)?;
    let signature = signer.sign(&content)?;
    tlv::write(&mut content, 0x5F37, &signature)?;
    let mut der = Vec::new();
    tlv::write(&mut der, 0x7F21, &content)?;
    Ok(Certificate::parse(der.as_slice())?.to_owned())
}

/// The same private key, used with another hash.
fn with_algorithm(key: &PrivateKey, algorithm: Algorithm) -> Result<PrivateKey, MakingError> {
    Ok(PrivateKey::from_pkcs8(algorithm, &key.to_pkcs8()?)?)
}

fn generate(algorithm: Algorithm, curve: StandardisedCurve) -> Result<PrivateKey, MakingError> {
    Ok(PrivateKey::generate_ec(algorithm, curve)?)
}

fn template(country: &str, sequence: &str, from: Date) -> Result<Template, MakingError> {
    Ok(root_template(Reference::new(country, "CVCAKIT", sequence)?, from))
}

fn root_template(chr: Reference, from: Date) -> Template {
    let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
    Template::new(chr, chat, from, from + Duration::days(DAYS))
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Cvca, LinkForm, StandardisedCurve};
    use cvc::TrustGraph;
    use cvc::finding::Code;
    use time::macros::date;

    #[test]
    fn a_proper_link_is_taken_and_each_improper_one_refused_for_its_own_reason() {
        let today = date!(2026 - 03 - 01);
        let cvca = Cvca::found("XA", StandardisedCurve::BrainpoolP256r1, today).unwrap();
        assert!(cvca.expired.root.expires() < today);
        let mut graph = TrustGraph::new();
        graph.trust(&cvca.expired.root).unwrap();
        graph.admit(cvca.current.link.as_ref().unwrap()).unwrap();

        let next =
            |algorithm, curve, form| cvca.current.next("00A01", algorithm, curve, today, form).unwrap().link.unwrap();
        let (p256, p384) = (StandardisedCurve::BrainpoolP256r1, StandardisedCurve::BrainpoolP384r1);
        let (sha256, sha384) = (Algorithm::EcdsaSha256, Algorithm::EcdsaSha384);
        for good in [next(sha384, p384, LinkForm::Proper), next(sha256, p256, LinkForm::Inheriting)] {
            graph.clone().admit(&good).unwrap();
        }
        for (bad, reason) in [
            (next(sha384, p256, LinkForm::NewAlgorithm), Code::LinkSignedWithNewAlgorithm),
            (next(sha256, p384, LinkForm::ChangeUntold), Code::ParameterChangeWithoutParameters),
        ] {
            let refused = graph.clone().admit(&bad).unwrap_err();
            assert_eq!(refused.0[0].code, reason);
        }
    }
}
