//! What becomes of another state's request for a DV certificate: the processing list of TR-03139 table 2, step by step, each with its rule and
//! the code the partner is told (CSN 36 9791 §6, Doc 9303-12 §8.3).
//!
//! The same list is gone through when a request comes in and once more when one that waited is decided, for its signer may have expired meanwhile.
//! Rights and validity come from the holder's registration and the policy, never from the request.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use cvc::{
    certificate::Certificate,
    chat::{Chat, Role as ChatRole},
    error::ParseError,
    issue::Template,
    public_key::{Material, PublicKey},
    reference::Reference,
    request::{AuthenticatedRequest, InnerSignatureError, Request},
};
use exchange::{
    Country,
    code::{RequestCertificateCode as Code, StatusInfo},
};
use thiserror::Error;
use time::{Date, Duration};

use super::{
    ca_sequence,
    holder::{ApprovalMode, Holder},
    lineage::lineage_in_use,
    policy::{Rule, Values},
};
use crate::{
    domain::{
        authorities::{Authorities, Authority},
        records::{CertificateRecord, Day, Role, holder_name},
    },
    keystore::KeyHandle,
};

/// Why a request is refused: what the partner is told, and what the operator reads.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{code} ({rule}): {detail}")]
pub struct Refusal {
    /// What the partner is told.
    pub code: Code,
    /// The rule that is broken.
    pub rule: Rule,
    /// How.
    pub detail: String,
}

impl Refusal {
    fn new(code: Code, rule: Rule, detail: impl Into<String>) -> Self {
        Self { code, rule, detail: detail.into() }
    }

    /// Of somebody who is no partner, or none at present.
    #[must_use]
    pub fn unserved(caller: Country) -> Self {
        let detail = format!("{caller} is not served at present");
        Self::new(Code::FailureRequestNotAccepted, Rule::Partner, detail)
    }
}

/// How SendCertificates says what RequestCertificate would have said with `code`. A signer that expired while a request waited is a bad outer
/// signature, which either edition of the standard knows and which tells the partner to have the next one countersigned.
#[must_use]
pub const fn status_info(code: Code) -> StatusInfo {
    match code {
        Code::OkCertAvailable => StatusInfo::OkCertAvailable,
        Code::FailureInnerSignature => StatusInfo::FailureInnerSignature,
        Code::FailureOuterSignature | Code::FailureExpired => StatusInfo::FailureOuterSignature,
        Code::FailureSyntax | Code::FailureRequestSyntax => StatusInfo::FailureSyntax,
        Code::FailureDomainParameters => StatusInfo::FailureCertificate,
        Code::FailureRequestNotAccepted => StatusInfo::FailureRequestNotAccepted,
        Code::OkReceptionAck | Code::FailureInternalError => StatusInfo::FailureInternalError,
    }
}

/// A request that could be read.
#[derive(Debug, Clone)]
pub struct Asked(AuthenticatedRequest);

impl Asked {
    /// Reads a request as it arrived.
    ///
    /// # Errors
    /// [`Refusal`] when it is no authenticated request.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let syntax = |why: ParseError| Refusal::new(Code::FailureRequestSyntax, Rule::Syntax, why.to_string());
        AuthenticatedRequest::parse(Arc::<[u8]>::from(bytes)).map(Self).map_err(|why| {
            if Request::parse(bytes).is_ok() {
                return Refusal::new(Code::FailureOuterSignature, Rule::Initial, "it has no outer signature");
            }
            syntax(why)
        })
    }

    /// The reference asked for.
    #[must_use]
    pub fn chr(&self) -> Reference {
        self.0.request().chr()
    }

    /// Country and mnemonic of the reference asked for.
    #[must_use]
    pub fn holder(&self) -> String {
        holder_name(&self.chr())
    }

    /// Country and mnemonic of the CVCA that is asked, whatever generation of it the request names; `None` where it names none.
    #[must_use]
    pub fn cvca(&self) -> Option<String> {
        self.0.request().car().map(|car| holder_name(&car))
    }

    /// Step 1 of the list, for which nothing has to be known: the key asked for, if the request is signed by it.
    ///
    /// # Errors
    /// [`Refusal`] when it is not, or is on no curve of ours.
    pub fn possession(&self) -> Result<PublicKey, Refusal> {
        self.0.request().verify_inner().map_err(|why| match why {
            InnerSignatureError::Key(why) => {
                Refusal::new(Code::FailureDomainParameters, Rule::DomainParameters, why.to_string())
            }
            other => Refusal::new(Code::FailureInnerSignature, Rule::InnerSignature, other.to_string()),
        })
    }

    /// Who vouches for it.
    #[must_use]
    pub const fn outer_car(&self) -> Reference {
        self.0.outer_car()
    }

    /// SHA-256 of the public point or modulus, lower-case hex: what tells keys apart, whatever algorithm they are declared with.
    #[must_use]
    pub fn key_sha256(&self) -> String {
        let request = self.0.request();
        let material = match request.public_key().material {
            Material::Rsa { modulus, .. } => digest(&SHA256, modulus),
            Material::Ec { point, .. } => digest(&SHA256, point),
        };
        hex::encode(material)
    }

    /// As it arrived.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        self.0.as_der()
    }
}

/// Which parts of a request were used before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Its holder reference, under any generation of the CVCA that is asked: references are the issuer's (TR-03110-3 §A.6.1).
    pub reference: bool,
    /// Its key, under any CVCA of ours.
    pub key: bool,
}

/// A certificate we issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// It vouches no more: its holder has been suspended since.
    pub withdrawn: bool,
}

/// Everything a request is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Who asks.
    pub caller: Country,
    /// Whose node this is.
    pub country: &'a str,
    /// CV certificates held: our CVCAs and other states'.
    pub records: &'a [CertificateRecord],
    /// The same as authorities.
    pub authorities: &'a Authorities,
    /// Certificates we issued under the outer reference: one at most under each of our CVCAs' generations.
    pub issued: &'a [Issued],
    /// The holder asked for, if it is registered.
    pub holder: Option<&'a Holder>,
    /// What was used before.
    pub used: Used,
    /// The policy for the caller.
    pub values: &'a Values,
    /// The day of issue.
    pub today: Date,
}

/// A request that passed: what is to be issued, and by which key.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Reference of the holder.
    pub chr: Reference,
    /// The holder's key.
    pub key: PublicKey,
    /// The generation of our CVCA that issues.
    pub car: Reference,
    /// Its key.
    pub issuer_key: KeyHandle,
    /// The generation the request names.
    pub asked_car: Reference,
    /// Role and rights.
    pub chat: Chat,
    /// The day of issue.
    pub effective: Date,
    /// Last day of validity.
    pub expires: Date,
    /// Who decides.
    pub approval: ApprovalMode,
    /// The rule by which somebody vouches: initial or successive.
    pub rule: Rule,
    /// SHA-256 of the certificate whose key vouches, lower-case hex: its reference alone names no one thing.
    pub voucher_sha256: String,
}

impl Grant {
    /// What the certificate says beside its keys.
    #[must_use]
    pub const fn template(&self) -> Template {
        Template::new(self.chr, self.chat, self.effective, self.expires)
    }
}

impl Facts<'_> {
    /// Digest of the certificate of a CVCA's key: the self-signed one, where it is held, or a link to it.
    fn authority_sha256(&self, authority: &Reference) -> String {
        let name = authority.to_string();
        let of_key = || self.records.iter().filter(|record| record.role.is_cvca() && record.chr == name);
        let certificate = of_key().find(|record| record.role == Role::Cvca).or_else(|| of_key().next());
        certificate.map(|record| sha256(&record.der)).unwrap_or_default()
    }
}

/// Goes through the list, the first step of which proved possession of `key` ([`Asked::possession`]).
///
/// # Errors
/// [`Refusal`] with the first rule that is broken.
pub fn judge(asked: &Asked, key: PublicKey, facts: &Facts<'_>) -> Result<Grant, Refusal> {
    let (asked_car, issuer, issuer_key) = issuer(asked, facts, &key)?;
    let (rule, voucher_sha256) = voucher(asked, facts)?;
    let holder = holder(asked, facts, &key)?;
    if rule == Rule::Initial {
        domestic(holder, facts, &asked.outer_car())?;
    }
    let rights = holder.registration.rights();
    let role = if facts.caller.as_str() == facts.country { ChatRole::DvDomestic } else { ChatRole::DvForeign };
    let expires = last_day(holder, facts, issuer)?;
    Ok(Grant {
        chr: asked.chr(),
        key,
        car: issuer.chr,
        issuer_key: issuer_key.clone(),
        asked_car,
        // A right the CVCA does not have would not count (TR-03110-3 §2.7), so it is not written either.
        chat: Chat::new(role, rights.and(&issuer.rights).unwrap_or(rights)),
        effective: facts.today,
        expires,
        approval: holder.registration.approval,
        rule,
        voucher_sha256,
    })
}

/// Step 5: the last day of validity, the first one counted. What was registered when policy allowed longer ones is narrowed to what it allows today;
/// less than the least it allows, because our CVCA ends, is not issued: its successor has to be there by then.
fn last_day(holder: &Holder, facts: &Facts<'_>, issuer: &Authority) -> Result<Date, Refusal> {
    let (today, validity) = (facts.today, &facts.values.validity);
    let granted = today.saturating_add(Duration::days(i64::from(holder.registration.days(validity))));
    let longest = validity.dv.longest.after(today).map_or(granted, |longest| granted.min(longest));
    let after = longest.min(issuer.expires.next_day().unwrap_or(issuer.expires));
    if validity.dv.shortest.after(today).is_none_or(|shortest| after < shortest) {
        let detail = format!("{} would be valid for {} days", holder.registration.name, (after - today).whole_days());
        return Err(Refusal::new(Code::FailureRequestNotAccepted, Rule::Validity, detail));
    }
    Ok(after.previous_day().unwrap_or(after))
}

/// Step 2: the CVCA asked, and the kind of its current key.
fn issuer<'a>(
    asked: &Asked,
    facts: &Facts<'a>,
    key: &PublicKey,
) -> Result<(Reference, &'a Authority, &'a KeyHandle), Refusal> {
    let not_accepted = |rule, detail: String| Refusal::new(Code::FailureRequestNotAccepted, rule, detail);
    let car = asked.0.request().car().ok_or_else(|| {
        Refusal::new(Code::FailureRequestSyntax, Rule::IssuerNamed, "it names no certification authority")
    })?;
    let named = facts.authorities.get(&car).filter(|one| one.trusted && car.country() == facts.country);
    if named.is_none() {
        return Err(not_accepted(Rule::Issuer, format!("{car} is no CVCA of ours")));
    }
    let current = ca_sequence::current(facts.records, &holder_name(&car), Day::of_date(facts.today));
    let current = current.and_then(|(record, key)| Some((facts.authorities.get(&record.chr.parse().ok()?)?, key)));
    let Some((authority, issuer_key)) = current else {
        return Err(not_accepted(Rule::NationalCvca, "no generation of it is valid today and has its key".to_owned()));
    };
    if !key.same_kind(&authority.key) {
        let detail = format!("its key is not of the kind of {}", authority.chr);
        return Err(Refusal::new(Code::FailureDomainParameters, Rule::DomainParameters, detail));
    }
    Ok((car, authority, issuer_key))
}

/// Step 3: who vouches, and the digest of its certificate. One reference may name a certificate we issued and a CVCA alike; the signature tells which.
fn voucher(asked: &Asked, facts: &Facts<'_>) -> Result<(Rule, String), Refusal> {
    let outer = asked.outer_car();
    if outer.country() != facts.caller.as_str() {
        return Err(outer_signature(Rule::OtherState, format!("{outer} is not of {}", facts.caller)));
    }
    let mut first = None;
    for issued in facts.issued.iter().filter(|issued| issued.certificate.chr() == outer) {
        match successive(asked, facts, issued) {
            Ok(rule) => return Ok((rule, sha256(issued.certificate.as_der()))),
            Err(why) => first.get_or_insert(why),
        };
    }
    if let Some(authority) = facts.authorities.get(&outer) {
        match initial(asked, facts, authority) {
            Ok(rule) => return Ok((rule, facts.authority_sha256(&outer))),
            Err(why) => first.get_or_insert(why),
        };
    }
    Err(first.unwrap_or_else(|| {
        if outer.same_holder(&asked.chr()) {
            outer_signature(Rule::Successive, format!("we issued no certificate to {outer}"))
        } else {
            outer_signature(Rule::Initial, format!("no CVCA certificate of {outer} is held"))
        }
    }))
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

fn successive(asked: &Asked, facts: &Facts<'_>, issued: &Issued) -> Result<Rule, Refusal> {
    let (certificate, chr) = (&issued.certificate, issued.certificate.chr());
    if !chr.same_holder(&asked.chr()) {
        return Err(outer_signature(Rule::Successive, format!("{chr} is another holder's")));
    }
    if issued.withdrawn {
        return Err(outer_signature(Rule::Successive, format!("{chr} vouches no more: its holder was suspended")));
    }
    let issuer = facts.authorities.get(&certificate.car());
    let issuer = issuer.ok_or_else(|| outer_signature(Rule::Successive, format!("the issuer of {chr} is not held")))?;
    let key = PublicKey::resolve(&certificate.public_key(), issuer.key.parameters())
        .map_err(|why| outer_signature(Rule::Successive, why.to_string()))?;
    signed_by(asked, facts, &key)?;
    in_validity(&chr, certificate.effective(), certificate.expires(), facts.today)?;
    Ok(Rule::Successive)
}

fn initial(asked: &Asked, facts: &Facts<'_>, authority: &Authority) -> Result<Rule, Refusal> {
    if !authority.trusted {
        let detail = format!("{} awaits confirmation or is suspended", authority.chr);
        return Err(outer_signature(Rule::Initial, detail));
    }
    signed_by(asked, facts, &authority.key)?;
    in_validity(&authority.chr, authority.effective, authority.expires, facts.today)?;
    Ok(Rule::Initial)
}

/// Another CVCA of the state says nothing about this holder: states have several, of several authorities. Which of ours countersigns for our own verifiers our
/// configuration says.
fn domestic(holder: &Holder, facts: &Facts<'_>, countersigned: &Reference) -> Result<(), Refusal> {
    if facts.caller.as_str() == facts.country {
        return Ok(());
    }
    let (registered, name) = (&holder.registration.domestic_cvca, holder_name(countersigned));
    if name == *registered || lineage_in_use(facts.records, registered).contains(&name) {
        return Ok(());
    }
    let detail = format!("{countersigned} is not of {registered}, the CVCA registered of {}", holder.registration.name);
    Err(outer_signature(Rule::DomesticCvca, detail))
}

fn signed_by(asked: &Asked, facts: &Facts<'_>, key: &PublicKey) -> Result<(), Refusal> {
    if !facts.values.keys.algorithms.contains(&key.algorithm()) {
        return Err(outer_signature(Rule::OuterSignature, format!("{} is not allowed", key.algorithm())));
    }
    asked.0.verify_outer(key).map_err(|why| outer_signature(Rule::OuterSignature, why.to_string()))
}

fn in_validity(chr: &Reference, effective: Date, expires: Date, today: Date) -> Result<(), Refusal> {
    if today < effective {
        return Err(outer_signature(Rule::Expired, format!("{chr} is valid only from {effective}")));
    }
    if expires < today {
        return Err(Refusal::new(Code::FailureExpired, Rule::Expired, format!("{chr} expired on {expires}")));
    }
    Ok(())
}

fn outer_signature(rule: Rule, detail: impl Into<String>) -> Refusal {
    Refusal::new(Code::FailureOuterSignature, rule, detail)
}

/// Step 4: the holder, its reference and its key.
fn holder<'a>(asked: &Asked, facts: &Facts<'a>, key: &PublicKey) -> Result<&'a Holder, Refusal> {
    let chr = asked.chr();
    let not_accepted = |rule, detail: String| Refusal::new(Code::FailureRequestNotAccepted, rule, detail);
    if chr.country() != facts.caller.as_str() {
        return Err(not_accepted(Rule::HolderCountry, format!("{chr} is not of {}", facts.caller)));
    }
    let holder =
        facts.holder.ok_or_else(|| not_accepted(Rule::Holder, format!("{} is not registered", asked.holder())))?;
    if holder.suspended {
        return Err(not_accepted(Rule::HolderSuspended, format!("{} is suspended", asked.holder())));
    }
    if facts.used.reference {
        return Err(not_accepted(Rule::ReferenceUsed, format!("{chr} was asked for before")));
    }
    if facts.used.key {
        return Err(not_accepted(Rule::KeyUsed, "its key was certified before".to_owned()));
    }
    key_strength(key, facts.values).map_err(|detail| not_accepted(Rule::KeyStrength, detail))?;
    Ok(holder)
}

fn key_strength(key: &PublicKey, values: &Values) -> Result<(), String> {
    if !values.keys.algorithms.contains(&key.algorithm()) {
        return Err(format!("{} is not allowed", key.algorithm()));
    }
    // A signature is a modulus long, or two orders; a curve's order has the length of its field.
    let bits = u32::try_from(key.signature_length() * 8).unwrap_or(u32::MAX);
    let (bits, least) = match key.parameters() {
        Some(_) => (bits / 2, values.keys.ec_bits),
        None => (bits, values.keys.rsa_bits),
    };
    if bits < least {
        return Err(format!("its key has {bits} bits, {least} are needed"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
