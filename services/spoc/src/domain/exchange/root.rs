//! Root certificates of partners: what one has to be before an officer may propose it.

use std::collections::BTreeSet;

use cvc::domain_parameters::StandardisedCurve;
use emrtd::{
    crypto::PublicKey,
    x509::{Certificate, Fingerprint},
};
use exchange::{Country, development};
use straznica_exchange_wire::Binding;
use straznica_types::{Environment, Timestamp};
use thiserror::Error;
use time::OffsetDateTime;

use super::{
    partner::{Bindings, EndsBeforeItBegins, PartnerRoot, Period, RootState},
    policy::{Rule, SpocCertificates},
};

const DAY_MS: i64 = 86_400_000;

/// Why a certificate cannot be a partner's root.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RootRefusal {
    /// No certificate.
    #[error("the root certificate cannot be read: {0}")]
    Unreadable(String),
    /// Whose it is, is not clear.
    #[error("the root's subject has to name one country, it names {0}")]
    Country(String),
    /// It is another state's.
    #[error("the root is of {found}, the partner is {expected}")]
    OtherCountry {
        /// In the certificate.
        found: Country,
        /// The partner's.
        expected: Country,
    },
    /// It is this node's own state's.
    #[error("the root is of this node's own state")]
    Own,
    /// No certification authority.
    #[error("the certificate is not one of a certification authority that may sign certificates")]
    NotAnAuthority,
    /// Not self-signed, or not by its own key.
    #[error("the root is not signed with its own key")]
    NotSelfSigned,
    /// Its key cannot be used.
    #[error("the root's key cannot be used: {0}")]
    Key(String),
    /// Its validity is over.
    #[error("the root expired on {0}")]
    Expired(Timestamp),
    /// The period of use is none.
    #[error("the root's {0}")]
    Period(#[from] EndsBeforeItBegins),
    /// The period of use leaves the certificate's validity.
    #[error("the root is to be used from {from} to {until}, it is valid from {not_before} to {not_after}")]
    OutsideValidity {
        /// First moment of use.
        from: Timestamp,
        /// End of use.
        until: Timestamp,
        /// First moment of validity.
        not_before: Timestamp,
        /// Last moment of validity.
        not_after: Timestamp,
    },
    /// The key serves fewer bindings than were asked for.
    #[error("a root with the key {key} serves {possible} only")]
    Binding {
        /// The key.
        key: String,
        /// What it serves.
        possible: &'static str,
    },
    /// Made by a throw-away authority.
    #[error("the root is one of a development authority, this is a production node")]
    Development,
    /// An anchor of the production environment.
    #[error("the root is one of the production environment, this is a test node")]
    Production,
    /// An anchor of a partner's test environment.
    #[error("the root is one of a test environment, this is a production node")]
    Test,
    /// The link certificate does not lead from a root held to this one.
    #[error("the link certificate does not lead from a confirmed root of this partner to the new one: {0}")]
    Link(&'static str),
}

impl RootRefusal {
    /// The rule it rests on.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Unreadable(_) => Rule::RootForm,
            Self::Country(_) | Self::OtherCountry { .. } | Self::Own => Rule::RootCountry,
            Self::NotAnAuthority | Self::NotSelfSigned => Rule::RootAuthority,
            Self::Key(_) => Rule::RootKey,
            Self::Expired(_) | Self::Period(_) | Self::OutsideValidity { .. } => Rule::RootPeriod,
            Self::Binding { .. } => Rule::RootBinding,
            Self::Development | Self::Production | Self::Test => Rule::Environment,
            Self::Link(_) => Rule::RootLink,
        }
    }
}

/// What a root is held against.
#[derive(Debug, Clone, Copy)]
pub struct RootRules<'a> {
    /// The partner.
    pub country: Country,
    /// This node's state.
    pub own: Country,
    /// This node's environment.
    pub environment: Environment,
    /// Fingerprints of what belongs to the other environment.
    pub other_environment: &'a BTreeSet<String>,
    /// What the policy for the partner asks of its certificates.
    pub certificates: SpocCertificates,
    /// Now.
    pub now: Timestamp,
}

/// A root as an officer enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootEntry {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// First moment of use; now, or the beginning of the certificate's validity where that is later, if not given.
    pub use_from: Option<Timestamp>,
    /// End of use; the end of the certificate's validity if not given.
    pub use_until: Option<Timestamp>,
    /// What it may be used over; what its key can serve if not given.
    pub bindings: Option<Bindings>,
    /// The certificate by which the previous root vouches for it, DER.
    pub link: Option<Vec<u8>>,
}

/// Judges a root and puts it into the form it is kept in. `held` are the partner's roots so far.
///
/// # Errors
/// [`RootRefusal`]
pub fn examine(entry: &RootEntry, held: &[PartnerRoot], rules: &RootRules<'_>) -> Result<PartnerRoot, RootRefusal> {
    let certificate = read(&entry.certificate)?;
    whose(&certificate, rules)?;
    environment(&certificate, rules)?;
    let extensions = certificate.extensions();
    if !extensions.basic_constraints.is_some_and(|(authority, _)| authority) || !extensions.may_sign_certificates() {
        return Err(RootRefusal::NotAnAuthority);
    }
    if !certificate.claims_to_be_root() || certificate.verify_own_signature().is_err() {
        return Err(RootRefusal::NotSelfSigned);
    }
    let possible = bindings(&certificate, rules.certificates)?;
    let bindings = entry.bindings.unwrap_or(possible);
    if possible != Bindings::Both && bindings != possible {
        return Err(RootRefusal::Binding { key: describe(&certificate), possible: possible.as_str() });
    }
    let linked_to = entry.link.as_deref().map(|link| linked(link, &certificate, held, rules.now)).transpose()?;
    Ok(PartnerRoot {
        fingerprint: certificate.fingerprint().to_string(),
        subject: certificate.subject().to_string(),
        in_use: period(entry, &certificate, rules.now)?,
        certificate: entry.certificate.clone(),
        linked_to,
        bindings,
        state: RootState::Proposed,
    })
}

/// Judges a root once more before it counts: what it is held against may have changed since it was entered, and it may have expired.
///
/// # Errors
/// [`RootRefusal`]
pub fn examine_again(root: &PartnerRoot, rules: &RootRules<'_>) -> Result<(), RootRefusal> {
    let entry = RootEntry {
        certificate: root.certificate.clone(),
        use_from: Some(root.in_use.from()),
        use_until: root.in_use.until(),
        bindings: Some(root.bindings),
        // It vouched for the certificate when that was entered, and the certificate is the same.
        link: None,
    };
    examine(&entry, &[], rules).map(drop)
}

fn read(der: &[u8]) -> Result<Certificate, RootRefusal> {
    Certificate::parse(der).map_err(|why| RootRefusal::Unreadable(why.to_string()))
}

fn whose(certificate: &Certificate, rules: &RootRules<'_>) -> Result<(), RootRefusal> {
    let countries: Vec<&str> = certificate.subject().countries().collect();
    let named = match countries.as_slice() {
        [one] => one.to_ascii_uppercase().parse::<Country>().ok(),
        _ => None,
    };
    let found = named.ok_or_else(|| RootRefusal::Country(countries.join(", ")))?;
    if found == rules.own {
        return Err(RootRefusal::Own);
    }
    if found != rules.country {
        return Err(RootRefusal::OtherCountry { found, expected: rules.country });
    }
    Ok(())
}

fn environment(certificate: &Certificate, rules: &RootRules<'_>) -> Result<(), RootRefusal> {
    let listed = rules.other_environment.contains(&certificate.fingerprint().to_string());
    match rules.environment {
        Environment::Production if development::is_for_development(certificate) => Err(RootRefusal::Development),
        Environment::Production if listed => Err(RootRefusal::Test),
        Environment::Test if listed => Err(RootRefusal::Production),
        Environment::Production | Environment::Test => Ok(()),
    }
}

/// Bindings the key can serve. rustls has neither brainpool curves nor explicit parameters: such a root, a CSCA for instance, serves SOAP.
fn bindings(certificate: &Certificate, asked: SpocCertificates) -> Result<Bindings, RootRefusal> {
    let (key, tolerances) = certificate.public_key().map_err(|why| RootRefusal::Key(why.to_string()))?;
    match key {
        PublicKey::Rsa(rsa) if rsa.size() * 8 < asked.rsa_bits => Err(RootRefusal::Key(key.describe())),
        PublicKey::Rsa(_) => Ok(Bindings::Both),
        // In whole bytes: P-521's 66 are no fewer than asked for.
        PublicKey::Ec(curve, _)
            if u32::try_from(curve.curve().field_length() * 8).is_ok_and(|bits| bits < asked.ec_bits) =>
        {
            Err(RootRefusal::Key(key.describe()))
        }
        PublicKey::Ec(StandardisedCurve::P256 | StandardisedCurve::P384 | StandardisedCurve::P521, _)
            if tolerances.is_empty() =>
        {
            Ok(Bindings::Both)
        }
        PublicKey::Ec(..) => Ok(Bindings::Only(Binding::Soap)),
    }
}

fn describe(certificate: &Certificate) -> String {
    match certificate.public_key() {
        Ok((key, tolerances)) if tolerances.is_empty() => key.describe(),
        Ok((key, _)) => format!("{}, explicit parameters", key.describe()),
        Err(why) => why.to_string(),
    }
}

fn period(entry: &RootEntry, certificate: &Certificate, now: Timestamp) -> Result<Period, RootRefusal> {
    let (not_before, not_after) = (moment(certificate.not_before()), moment(certificate.not_after()));
    if not_after < now {
        return Err(RootRefusal::Expired(not_after));
    }
    let from = entry.use_from.unwrap_or_else(|| now.max(not_before));
    let until = entry.use_until.unwrap_or(not_after);
    let period = Period::new(from, Some(until))?;
    if from < not_before || until > not_after {
        return Err(RootRefusal::OutsideValidity { from, until, not_before, not_after });
    }
    Ok(period)
}

fn moment(at: OffsetDateTime) -> Timestamp {
    Timestamp::from_seconds(at.unix_timestamp())
}

/// The root that vouches for the new one by a link (Doc 9303-12 §3.2): its key signed the new root's name and key.
fn linked(der: &[u8], new: &Certificate, held: &[PartnerRoot], now: Timestamp) -> Result<String, RootRefusal> {
    let link = Certificate::parse(der).map_err(|_| RootRefusal::Link("it cannot be read"))?;
    if link.spki() != new.spki() || !link.subject().matches_in_any_order(new.subject()) {
        return Err(RootRefusal::Link("it is for another name or key"));
    }
    if moment(link.not_after()) < now {
        return Err(RootRefusal::Link("it has expired"));
    }
    let confirmed = held.iter().filter(|root| root.state == RootState::Confirmed);
    for old in confirmed.filter_map(|root| Certificate::parse(&root.certificate).ok()) {
        if old.subject().matches_in_any_order(link.issuer()) && is_signed_by(&link, &old) {
            return Ok(old.fingerprint().to_string());
        }
    }
    Err(RootRefusal::Link("none of them signed it"))
}

fn is_signed_by(link: &Certificate, old: &Certificate) -> bool {
    let mut tolerances = Vec::new();
    old.key_for("root", &mut tolerances).and_then(|key| link.verify_signature(key, "link", &mut tolerances)).is_ok()
}

/// How long before its use a root that follows another is to be known, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// Until then it is announced (TR-03139: 90).
    pub announced: u16,
    /// Until then its certificate is with every partner, and taken in there (TR-03139: 10).
    pub distributed: u16,
}

/// What an officer should know about a root that follows another. To the second officer `now` is when it is taken in.
#[must_use]
pub fn announcement_warnings(root: &PartnerRoot, held: &[PartnerRoot], now: Timestamp, days: Ahead) -> Vec<String> {
    let mut warnings = Vec::new();
    let ahead = (root.in_use.from().millis() - now.millis()).div_euclid(DAY_MS);
    if ahead < i64::from(days.announced) {
        let announced = days.announced;
        warnings.push(format!("used in {} days; a root is to be announced {announced} days ahead", ahead.max(0)));
    }
    if ahead < i64::from(days.distributed) {
        let distributed = days.distributed;
        warnings.push(format!(
            "the certificate of a root is to be distributed {distributed} days before its use: ask whether every partner has it"
        ));
    }
    let previous = held.iter().filter(|one| one.state == RootState::Confirmed && one.fingerprint != root.fingerprint);
    let mut previous = previous.peekable();
    if previous.peek().is_some() && !previous.any(|one| one.in_use.overlaps(&root.in_use)) {
        warnings.push("no confirmed root's period of use overlaps: connections would be refused in between".to_owned());
    }
    if root.linked_to.is_none() && held.iter().any(|one| one.state == RootState::Confirmed) {
        warnings.push("no link certificate of the previous root was given".to_owned());
    }
    warnings
}

/// The same fingerprint, however it was typed.
#[must_use]
pub fn is_fingerprint(typed: &str, fingerprint: &str) -> bool {
    typed.parse::<Fingerprint>().is_ok_and(|typed| typed.to_string() == fingerprint)
}

#[cfg(test)]
mod tests;
