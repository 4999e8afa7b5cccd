//! What the command line prints: `cvc show` and `cvc verify`, as JSON and as text.

use std::fmt;

use serde::{Serialize, Serializer};
use time::Date;

use crate::algorithm::Algorithm;
use crate::certificate::Certificate;
use crate::chat::{Rights, Role, TerminalType};
use crate::finding::Finding;
use crate::hex;
use crate::input::Object;
use crate::public_key::{Material, PublicKey, PublicKeyView};
use crate::reference::Reference;
use crate::request::Request;
use crate::trust::TrustGraph;
use crate::verify::{Verification, VerifyOptions, verify};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A certificate.
    Certificate,
    /// A request.
    Request,
    /// An authenticated request.
    AuthenticatedRequest,
}

/// Whether a signature that the object itself can prove is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// It verifies.
    Valid,
    /// It does not verify, or the key is unusable.
    Invalid,
    /// The object has no such signature.
    NotApplicable,
}

/// Access rights in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RightsReport {
    /// The terminal type.
    pub terminal_type: TerminalType,
    /// The authorisation without its role bits, hexadecimal.
    pub bits: String,
    /// Fingerprints; null where the terminal type knows no such right.
    pub dg3: Option<bool>,
    /// Iris; null where the terminal type knows no such right.
    pub dg4: Option<bool>,
}

impl From<Rights> for RightsReport {
    fn from(rights: Rights) -> Self {
        Self {
            terminal_type: rights.terminal_type(),
            bits: hex::encode(rights.as_bytes()),
            dg3: rights.dg3(),
            dg4: rights.dg4(),
        }
    }
}

/// What `cvc show` says about one object. Absent parts are null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShowReport {
    /// What it is.
    pub kind: Kind,
    /// Who signed a certificate, or is asked by a request.
    pub car: Option<Reference>,
    /// The holder.
    pub chr: Reference,
    /// Who vouches for an authenticated request.
    pub outer_car: Option<Reference>,
    /// Role of the holder of a certificate.
    pub role: Option<Role>,
    /// Rights of the holder of a certificate.
    pub rights: Option<RightsReport>,
    /// The algorithm the key is for.
    pub algorithm: Algorithm,
    /// A curve's name, `explicit`, `invalid`, `inherited`, or null for RSA.
    pub parameters: Option<&'static str>,
    /// First day of validity.
    #[serde(serialize_with = "iso_date")]
    pub effective: Option<Date>,
    /// Last day of validity.
    #[serde(serialize_with = "iso_date")]
    pub expires: Option<Date>,
    /// Of a self-signed certificate: its own signature.
    pub self_signature: SignatureState,
    /// Of a request: the signature with the key it is about.
    pub inner_signature: SignatureState,
}

impl ShowReport {
    /// Describes an object.
    pub fn new(object: &Object) -> Self {
        match object {
            Object::Certificate(certificate) => Self::certificate(certificate),
            Object::Request(request) => Self::request(request, None),
            Object::AuthenticatedRequest(request) => Self::request(&request.request(), Some(request.outer_car())),
        }
    }

    fn certificate(certificate: &Certificate) -> Self {
        let self_signature = if certificate.is_self_signed() {
            state(
                PublicKey::resolve(&certificate.public_key(), None)
                    .is_ok_and(|key| key.verify(certificate.body(), certificate.signature()).is_ok()),
            )
        } else {
            SignatureState::NotApplicable
        };
        Self {
            kind: Kind::Certificate,
            car: Some(certificate.car()),
            chr: certificate.chr(),
            outer_car: None,
            role: Some(certificate.chat().role()),
            rights: Some(certificate.chat().rights().into()),
            algorithm: certificate.public_key().algorithm,
            parameters: parameters(&certificate.public_key()),
            effective: Some(certificate.effective()),
            expires: Some(certificate.expires()),
            self_signature,
            inner_signature: SignatureState::NotApplicable,
        }
    }

    fn request<B: AsRef<[u8]>>(request: &Request<B>, outer_car: Option<Reference>) -> Self {
        Self {
            kind: if outer_car.is_some() { Kind::AuthenticatedRequest } else { Kind::Request },
            car: request.car(),
            chr: request.chr(),
            outer_car,
            role: None,
            rights: None,
            algorithm: request.public_key().algorithm,
            parameters: parameters(&request.public_key()),
            effective: None,
            expires: None,
            self_signature: SignatureState::NotApplicable,
            inner_signature: state(request.verify_inner().is_ok()),
        }
    }
}

fn state(valid: bool) -> SignatureState {
    if valid { SignatureState::Valid } else { SignatureState::Invalid }
}

fn parameters(view: &PublicKeyView<'_>) -> Option<&'static str> {
    match view.material {
        Material::Rsa { .. } => None,
        Material::Ec { parameters: None, .. } => Some("inherited"),
        Material::Ec { parameters: Some(set), .. } => {
            let known = crate::domain_parameters::DomainParameters::from_components(&set);
            Some(known.map_or("invalid", |parameters| parameters.name()))
        }
    }
}

fn iso_date<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

impl fmt::Display for ShowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Certificate => "certificate",
            Kind::Request => "request",
            Kind::AuthenticatedRequest => "authenticated request",
        };
        writeln!(f, "{kind} of {}", self.chr)?;
        if let Some(car) = self.car {
            writeln!(f, "  authority        {car}")?;
        }
        if let Some(car) = self.outer_car {
            writeln!(f, "  vouched for by   {car}")?;
        }
        if let Some(role) = self.role {
            writeln!(f, "  role             {role}")?;
        }
        if let Some(rights) = &self.rights {
            writeln!(f, "  rights           {rights}")?;
        }
        writeln!(f, "  algorithm        {}", self.algorithm)?;
        if let Some(parameters) = self.parameters {
            writeln!(f, "  parameters       {parameters}")?;
        }
        if let (Some(effective), Some(expires)) = (self.effective, self.expires) {
            writeln!(f, "  valid            {effective} to {expires}")?;
        }
        for (name, state) in [("self-signature ", self.self_signature), ("inner signature", self.inner_signature)] {
            match state {
                SignatureState::Valid => writeln!(f, "  {name}  valid")?,
                SignatureState::Invalid => writeln!(f, "  {name}  NOT VALID")?,
                SignatureState::NotApplicable => {}
            }
        }
        Ok(())
    }
}

impl fmt::Display for RightsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.terminal_type, self.bits)?;
        let word = |granted| if granted { "yes" } else { "no" };
        if let (Some(dg3), Some(dg4)) = (self.dg3, self.dg4) {
            write!(f, " (fingerprints {}, iris {})", word(dg3), word(dg4))?;
        }
        Ok(())
    }
}

/// What `cvc verify` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// The answer.
    pub valid: bool,
    /// From the trust point to the certificate asked about.
    pub path: Vec<Reference>,
    /// Role of the certificate asked about.
    pub role: Option<Role>,
    /// Effective rights; null unless valid.
    pub rights: Option<RightsReport>,
    /// Everything there is to say.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Verifies presented certificates against trust points given as certificates, self-signed and links in any order.
    /// Warnings about trust points the path does not need are left out.
    pub fn verify<A: AsRef<[u8]>, B: AsRef<[u8]>>(
        trust: &[Certificate<A>],
        presented: &[Certificate<B>],
        options: &VerifyOptions<'_>,
    ) -> Self {
        let (graph, mut findings) = TrustGraph::from_trust_points(trust);
        let verification = verify(&graph, presented, options);
        let needed = |chr: Option<Reference>| chr.is_some_and(|chr| verification.path.contains(&chr));
        findings.retain(|finding| finding.is_error() || needed(finding.certificate));
        Self::new(findings, verification)
    }

    /// The report of a verification. `trust` holds what was found when the trust points were read: a trust point that
    /// does not hold up makes the answer not valid.
    pub fn new(trust: Vec<Finding>, verification: Verification) -> Self {
        let valid = verification.valid && !trust.iter().any(Finding::is_error);
        let mut findings = trust;
        for finding in verification.findings {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        Self {
            valid,
            path: verification.path,
            role: verification.role,
            rights: verification.rights.filter(|_| valid).map(RightsReport::from),
            findings,
        }
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", if self.valid { "valid" } else { "NOT VALID" })?;
        if !self.path.is_empty() {
            let names: Vec<String> = self.path.iter().map(ToString::to_string).collect();
            writeln!(f, "  path    {}", names.join(" → "))?;
        }
        if let Some(role) = self.role {
            writeln!(f, "  role    {role}")?;
        }
        if let Some(rights) = &self.rights {
            writeln!(f, "  rights  {rights}")?;
        }
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        Ok(())
    }
}
