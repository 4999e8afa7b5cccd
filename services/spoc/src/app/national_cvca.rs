//! The national CVCA: its key, its self-signed certificate, and its countersignature under initial requests.

use std::cmp::Reverse;

use cvc::{
    algorithm::{Algorithm, Scheme},
    certificate::Certificate,
    chat::{Chat, Rights, Role as ChatRole},
    domain_parameters::{DomainParameters, StandardisedCurve},
    issue::{self, IssueError, Template},
};
use serde_json::json;
use time::Date;

use super::{
    App, blocking,
    call::Call,
    exchange::ca_certificates,
    issuing::{self, Taking},
    record,
};
use crate::{
    domain::{
        environment,
        records::{CertificateRecord, Day, Role, State},
    },
    error::SpocError,
    keystore::{KeyHandle, KeyKind, KeyRole, StoredSigner},
    store::{
        certificates,
        generations::{self, Subject},
    },
};

/// What the operator asks for.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) mnemonic: String,
    pub(crate) algorithm: String,
    pub(crate) parameters: String,
    pub(crate) validity_days: u32,
}

/// Makes the national CVCA. Returns its holder reference and certificate.
///
/// # Errors
/// [`SpocError::NationalCvca`] when one of the mnemonic exists, [`SpocError::Field`] for what cannot be made.
pub(crate) async fn create(app: &App, call: &Call, order: Order) -> Result<(String, Vec<u8>), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    app.doubt()?;
    environment::permits(app.environment, &app.config.country)?;
    let kind = key_kind(app, &order)?;
    let (effective, expires) = validity(app, Day::of(app.clock.now()), order.validity_days)?;
    let exists = |records: &[CertificateRecord]| {
        let name = format!("{}{}", app.config.country, order.mnemonic);
        records.iter().any(|record| record.role == Role::Cvca && record.cvca == name)
    };
    if exists(app.control.at(app.clock.now()).records()) {
        return Err(SpocError::NationalCvca("exists already under this mnemonic"));
    }
    let chr = issuing::next_reference(app, &order.mnemonic).await?;
    let chat = Chat::new(ChatRole::Cvca, Rights::inspection(true, true));
    let template = Template::new(chr, chat, effective, expires);
    let keystore = app.keystore.clone();
    let (key, certificate) = blocking(move || {
        let made = keystore.generate(KeyRole::NationalCvca, &kind)?;
        let signer = StoredSigner::new(keystore.as_ref(), made.handle.clone())?;
        match issue::self_signed(&signer, &template) {
            Ok(certificate) => Ok((made.handle, certificate)),
            Err(failure) => {
                keystore.delete(&made.handle)?;
                Err(SpocError::from(failure))
            }
        }
    })
    .await?;
    let kept = keep(app, call, &officer, &key, &certificate).await;
    issuing::discard_unless(app, kept, key).await?;
    app.refresh().await?;
    Ok((chr.to_string(), certificate.as_der().to_vec()))
}

async fn keep(
    app: &App,
    call: &Call,
    officer: &str,
    key: &KeyHandle,
    certificate: &Certificate,
) -> Result<(), SpocError> {
    let now = app.clock.now();
    let taking = Taking {
        role: Role::Cvca,
        cvca: issuing::holder_name(&certificate.chr()),
        state: State::Active,
        key: Some(key),
        officer,
        now,
    };
    let row = issuing::row(certificate, &taking);
    app.store
        .write_tx(async |tx| {
            // Two operators may have asked at once; the sequence number does not tell them apart.
            let held = certificates::all(tx).await?;
            if held.iter().any(|other| other.role == row.role && other.cvca == row.cvca) {
                return Err(SpocError::NationalCvca("exists already under this mnemonic"));
            }
            certificates::insert(tx, row.clone()).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            issuing::announce(app, tx, &row).await?;
            ca_certificates::push(app, tx, std::slice::from_ref(&row.certificate), &row.chr).await?;
            let detail = json!({ "chr": row.chr, "fingerprint": row.fingerprint });
            record(app, tx, call, "national_cvca.created", detail).await
        })
        .await
}

/// First and last day, within what policy allows a CVCA; zero days are the configured ones.
///
/// # Errors
/// [`SpocError::Field`] outside of that.
pub(crate) fn validity(app: &App, today: Day, days: u32) -> Result<(Date, Date), SpocError> {
    let days = if days == 0 { u32::from(app.config.issuing.cvca_days) } else { days };
    let outside = SpocError::field("validity_days", "a CVCA certificate is valid for six months to three years");
    let (Some(effective), Some(expires)) = (today.date(), today.plus(i64::from(days)).date()) else {
        return Err(outside);
    };
    let limits = &app.policy.common().validity.cvca;
    let allowed = limits.shortest.after(effective).is_some_and(|least| least <= expires)
        && limits.longest.after(effective).is_some_and(|most| expires <= most);
    if allowed { Ok((effective, expires)) } else { Err(outside) }
}

/// The kind of key an order names, within what policy allows.
///
/// # Errors
/// [`SpocError::Field`] for what cannot be or is not to be made.
pub(crate) fn key_kind(app: &App, order: &Order) -> Result<KeyKind, SpocError> {
    let algorithm: Algorithm =
        order.algorithm.parse().map_err(|_| SpocError::field("algorithm", "no algorithm has this name"))?;
    let keys = &app.policy.common().keys;
    if !keys.algorithms.contains(&algorithm) {
        return Err(SpocError::field("algorithm", "policy does not allow it for new certificates"));
    }
    if algorithm.scheme() == Scheme::Ecdsa {
        let curve: StandardisedCurve = order
            .parameters
            .parse()
            .map_err(|_| SpocError::field("parameters", "no standardised domain parameters have this name"))?;
        let parameters = DomainParameters::from(curve);
        if parameters.curve().order_length() * 8 < keys.ec_bits as usize {
            return Err(SpocError::field("parameters", "the curve is shorter than policy allows"));
        }
        return Ok(KeyKind::Ec { algorithm, parameters });
    }
    let least = keys.rsa_bits.max(2048);
    let bits = order.parameters.parse().ok().filter(|bits| (least..=8192).contains(bits) && bits % 1024 == 0);
    let bits = bits.ok_or(SpocError::field("parameters", "a modulus of 2048 to 8192 bits is needed"))?;
    Ok(KeyKind::Rsa { algorithm, bits })
}

/// The national CVCA that countersigns initial requests: the newest usable generation whose key is held of the CVCA `named` (country and mnemonic), or,
/// where none is named, of the CVCA our country had first. One created later, for residence cards say, is not known to partners and would be refused.
///
/// # Errors
/// [`SpocError::NationalCvca`] when there is none.
pub(crate) fn countersigner<'a>(
    records: &'a [CertificateRecord],
    country: &str,
    named: &str,
    today: Day,
) -> Result<(&'a CertificateRecord, KeyHandle), SpocError> {
    let ours = records.iter().filter(|record| record.role == Role::Cvca && record.chr.starts_with(country));
    let of_named = ours.filter(|record| named.is_empty() || record.cvca == named);
    let usable = of_named.filter(|record| record.is_usable(today));
    let with_key = usable.filter_map(|record| Some((record, record.key.clone()?)));
    let first_of = |cvca: &str| {
        let of_it = records.iter().filter(|record| record.role.is_cvca() && record.cvca == cvca);
        of_it.map(|record| (record.effective, &record.chr)).min()
    };
    // The eldest CVCA, and of it the newest generation. Which one is eldest stays so: retention deletes no certificate of ours whose key is held, and no rule
    // destroys a CVCA's key, so that each first generation stays on record.
    with_key
        .max_by_key(|(record, _)| (Reverse(first_of(&record.cvca)), record.effective, &record.chr))
        .ok_or(SpocError::NationalCvca("is missing or not valid today: initial requests need its countersignature"))
}

impl From<IssueError> for SpocError {
    fn from(failure: IssueError) -> Self {
        match failure {
            IssueError::Sign(cause) => Self::KeyStore(cause.into()),
            other => Self::Policy(other.to_string()),
        }
    }
}
