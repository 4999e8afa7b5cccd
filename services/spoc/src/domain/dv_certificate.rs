//! A certificate another state issued for one of our requests: checked against it before use (CSN 36 9791 §6, TR-03139 §4.4).

use cvc::{
    certificate::Certificate,
    chat::{Role as ChatRole, TerminalType},
    error::{KeyError, SignatureError},
    policy::ValidityPolicy,
    public_key::PublicKey,
    reference::Reference,
    request::AuthenticatedRequest,
};
use thiserror::Error;
use time::Date;

use super::{authorities::Authorities, exchange::policy::Rule, records::Role};

/// Why the certificate is not taken.
#[derive(Debug, Error)]
pub enum DvRefusal {
    /// Not a DV certificate.
    #[error("it is no document verifier's certificate")]
    NotADv,
    /// Another holder than the request's.
    #[error("its holder is not the request's")]
    OtherHolder,
    /// Another key than the request's.
    #[error("its key is not the one in our request")]
    OtherKey,
    /// Its issuer is not held, or awaits confirmation.
    #[error("no trusted certificate of its issuer {0} is held")]
    IssuerUnknown(Reference),
    /// Issued by another CVCA than the one asked.
    #[error("it was issued by {0}, which was not asked")]
    OtherCvca(Reference),
    /// Its signature does not verify.
    #[error("its signature: {0}")]
    Signature(#[from] SignatureError),
    /// Its key cannot be used.
    #[error("its key: {0}")]
    Key(#[from] KeyError),
    /// It carries domain parameters of its own.
    #[error("it carries domain parameters, which a document verifier inherits (TR-03110-3 §D.3)")]
    OwnParameters,
    /// It is expired.
    #[error("it expired on {0}")]
    Expired(Date),
    /// It begins on a later day than tomorrow.
    #[error("it is valid only from {0}")]
    NotYet(Date),
    /// It ends before it begins.
    #[error("its expiration date lies before its effective date")]
    Dates,
    /// It outlives its issuer.
    #[error("it is valid until {0}, longer than its issuer's certificate")]
    OutlivesIssuer(Date),
    /// Another kind of terminal.
    #[error("its terminal type is {0}; border control uses inspection systems")]
    TerminalType(TerminalType),
    /// Domestic or foreign, but not as it should be.
    #[error(
        "its role does not fit: a verifier of another state than the CVCA's is foreign, of the same state domestic"
    )]
    Role,
}

impl DvRefusal {
    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::NotADv | Self::OwnParameters | Self::TerminalType(_) | Self::Role => Rule::ReceivedForm,
            Self::OtherHolder | Self::OtherKey | Self::OtherCvca(_) => Rule::ReceivedRequest,
            Self::IssuerUnknown(_) => Rule::ReceivedIssuer,
            Self::Signature(_) | Self::Key(_) => Rule::ReceivedSignature,
            Self::Expired(_) | Self::NotYet(_) | Self::Dates | Self::OutlivesIssuer(_) => Rule::ReceivedDates,
        }
    }
}

/// A certificate that passed.
#[derive(Debug)]
pub struct AcceptedDv {
    /// Domestic or foreign.
    pub role: Role,
    /// Departures from policy that do not forbid its use.
    pub warnings: Vec<String>,
}

/// Checks `certificate` against our `request` and the authorities held, on the day `today`.
///
/// # Errors
/// [`DvRefusal`] names the first rule it breaks.
pub fn check(
    certificate: &Certificate,
    request: &AuthenticatedRequest,
    authorities: &Authorities,
    policy: &ValidityPolicy,
    today: Date,
) -> Result<AcceptedDv, DvRefusal> {
    let inner = request.request();
    let role = role(certificate)?;
    if certificate.chr() != inner.chr() {
        return Err(DvRefusal::OtherHolder);
    }
    let issuer = authorities.get(&certificate.car()).filter(|issuer| issuer.trusted);
    let issuer = issuer.ok_or_else(|| DvRefusal::IssuerUnknown(certificate.car()))?;
    // Another generation may answer, or a successor a link leads to, but not another CVCA, be it of the same state.
    if inner.car().is_some_and(|asked| !authorities.are_one_cvca(&asked, &issuer.chr)) {
        return Err(DvRefusal::OtherCvca(issuer.chr));
    }
    if certificate.public_key().has_parameters() {
        return Err(DvRefusal::OwnParameters);
    }
    let key = PublicKey::resolve(&certificate.public_key(), issuer.key.parameters())?;
    if key != PublicKey::resolve(&inner.public_key(), None)? {
        return Err(DvRefusal::OtherKey);
    }
    issuer.key.verify(certificate.body(), certificate.signature())?;
    if certificate.expires() < certificate.effective() {
        return Err(DvRefusal::Dates);
    }
    if certificate.expires() < today {
        return Err(DvRefusal::Expired(certificate.expires()));
    }
    // Tomorrow's is a matter of time zones; a later one would be no use for days, and nothing would ask for another.
    if today.next_day().is_some_and(|tomorrow| certificate.effective() > tomorrow) {
        return Err(DvRefusal::NotYet(certificate.effective()));
    }
    if certificate.expires() > issuer.expires {
        return Err(DvRefusal::OutlivesIssuer(certificate.expires()));
    }
    let warnings = warnings(certificate, issuer.rights, policy, today);
    Ok(AcceptedDv { role, warnings })
}

fn role(certificate: &Certificate) -> Result<Role, DvRefusal> {
    let chat = certificate.chat();
    let domestic = certificate.car().country() == certificate.chr().country();
    let role = match chat.role() {
        ChatRole::DvDomestic if domestic => Role::DvDomestic,
        ChatRole::DvForeign if !domestic => Role::DvForeign,
        ChatRole::DvDomestic | ChatRole::DvForeign => return Err(DvRefusal::Role),
        ChatRole::Cvca | ChatRole::Terminal => return Err(DvRefusal::NotADv),
    };
    if chat.terminal_type() != TerminalType::InspectionSystem {
        return Err(DvRefusal::TerminalType(chat.terminal_type()));
    }
    Ok(role)
}

fn warnings(
    certificate: &Certificate,
    issuer_rights: cvc::chat::Rights,
    policy: &ValidityPolicy,
    today: Date,
) -> Vec<String> {
    let rights = certificate.chat().rights();
    let outside = policy.check(certificate).map(|finding| format!("{finding} ({})", Rule::ReceivedValidity));
    let mut warnings: Vec<String> = outside.into_iter().collect();
    if certificate.effective() > today {
        warnings.push(format!("it is valid only from {}", certificate.effective()));
    }
    if rights.and(&issuer_rights) != Some(rights) {
        warnings.push("it grants rights its issuer does not have; they do not count".to_owned());
    }
    if rights.dg3() == Some(false) {
        warnings.push("it grants no right to fingerprints (DG3)".to_owned());
    }
    if rights.reserved_bits() != 0 {
        warnings.push("it sets rights reserved for future use".to_owned());
    }
    if issuer_rights.reserved_bits() != 0 {
        warnings.push("its issuer sets rights reserved for future use".to_owned());
    }
    warnings
}
