//! What the use cases that make or take CV certificates share: authorities held, rows, holder references, events.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use cvc::{certificate::Certificate, error::ParseError, reference::Reference};
use sea_orm::DatabaseTransaction;
use straznica_contracts::spoc::events::v1::CertificateActivated;
use straznica_types::Timestamp;

use super::App;
pub(crate) use crate::domain::records::holder_name;
use crate::{
    domain::{
        authorities::Authorities,
        records::{CertificateRecord, Day, Role, State},
        sequence::sequence_text,
    },
    error::SpocError,
    keystore::KeyHandle,
    store::{entity::cv_certificate, sequences},
};

/// SHA-256 of bytes, lower-case hex: what two officers compare.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// The authorities among `records`, with those that await confirmation, or are suspended, marked as not trusted. Their signatures were verified when
/// they were taken in. Computes for milliseconds: not for an async thread.
///
/// # Errors
/// [`SpocError::Corrupt`] when a certificate that was once verified no longer fits.
pub(crate) fn authorities(records: &[CertificateRecord]) -> Result<Authorities, SpocError> {
    let suspended = records.iter().filter(|record| record.role.is_cvca() && record.state == State::Suspended);
    let mut authorities = Authorities::without(suspended.filter_map(|record| record.chr.parse().ok()).collect());
    let mut waiting: Vec<&CertificateRecord> = records.iter().filter(|record| record.role.is_cvca()).collect();
    // Roots first; then links, each after the one it continues.
    waiting.sort_by_key(|record| (record.role != Role::Cvca, record.effective));
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut refusal = None;
        waiting.retain(|record| match admit(&mut authorities, record) {
            Ok(()) => false,
            Err(why) => {
                refusal = Some(why);
                true
            }
        });
        if waiting.len() == before {
            return Err(refusal.unwrap_or_else(|| SpocError::Corrupt("a link without its root".to_owned())));
        }
    }
    Ok(authorities)
}

fn admit(authorities: &mut Authorities, record: &CertificateRecord) -> Result<(), SpocError> {
    let corrupt = |why: String| SpocError::Corrupt(format!("certificate {} of {}: {why}", record.chr, record.car));
    let certificate = Certificate::parse(record.der.as_ref()).map_err(|why| corrupt(why.to_string()))?;
    authorities.hold(&certificate).map_err(|why| corrupt(why.to_string()))?;
    if record.state == State::Active {
        authorities.trust(&certificate.chr());
    }
    Ok(())
}

/// Parses the `position`th certificate of a request.
///
/// # Errors
/// [`SpocError::CertificateUnreadable`] with the parser's finding.
pub(crate) fn parse(position: usize, der: &[u8]) -> Result<Certificate, SpocError> {
    let unreadable = |why: ParseError| SpocError::CertificateUnreadable { position, reason: why.to_string() };
    Certificate::parse(Arc::<[u8]>::from(der)).map_err(unreadable)
}

/// What is known about a certificate beside itself when it is taken in.
pub(crate) struct Taking<'a> {
    pub(crate) role: Role,
    pub(crate) cvca: String,
    pub(crate) state: State,
    pub(crate) key: Option<&'a KeyHandle>,
    pub(crate) officer: &'a str,
    pub(crate) now: Timestamp,
}

/// The row a certificate becomes.
pub(crate) fn row(certificate: &Certificate, taking: &Taking<'_>) -> cv_certificate::Model {
    cv_certificate::Model {
        car: certificate.car().to_string(),
        chr: certificate.chr().to_string(),
        role: taking.role.as_str().to_owned(),
        cvca: taking.cvca.clone(),
        certificate: certificate.as_der().to_vec(),
        fingerprint: fingerprint(certificate.as_der()),
        state: taking.state.as_str().to_owned(),
        effective: Day::of_date(certificate.effective()).midnight(),
        expires: Day::of_date(certificate.expires()).midnight(),
        key_handle: taking.key.map(ToString::to_string),
        imported_by: taking.officer.to_owned(),
        imported_at: taking.now.millis(),
        confirmed_by: None,
    }
}

/// Tells others that a certificate entered use.
pub(crate) async fn announce(
    app: &App,
    tx: &DatabaseTransaction,
    row: &cv_certificate::Model,
) -> Result<(), SpocError> {
    let event = CertificateActivated {
        car: row.car.clone(),
        chr: row.chr.clone(),
        role: if row.role.starts_with("dv_") { "dv".to_owned() } else { row.role.clone() },
        expires: Day::from_midnight(row.expires).to_string(),
    };
    app.journal.publish(tx, &event).await?;
    Ok(())
}

/// A holder reference never given before: the next sequence number of country and mnemonic, in a transaction of its own.
///
/// # Errors
/// [`SpocError::Field`] when country or mnemonic cannot stand in a reference, [`SpocError::SequenceExhausted`] when its numbers are used up.
pub(crate) async fn next_reference(app: &App, mnemonic: &str) -> Result<Reference, SpocError> {
    let country = app.config.country.as_str();
    // Checked with a sequence that is never given, so that a malformed name uses up no number.
    let malformed = SpocError::field("mnemonic", "one to nine characters of ISO 8859-1 are needed");
    let name = Reference::new(country, mnemonic, "00000").map_err(|_| malformed)?;
    let holder = holder_name(&name);
    let ordinal = app.store.write_tx(async |tx| sequences::next(tx, &holder).await.map_err(SpocError::from)).await?;
    Reference::new(country, mnemonic, &sequence_text(ordinal)?)
        .map_err(|_| SpocError::field("mnemonic", "one to nine characters of ISO 8859-1 are needed"))
}

/// Destroys a key just made when what was to be kept with it was refused; returns that outcome. After a failure of the database the commit may
/// have happened all the same, so the key stays.
pub(crate) async fn discard_unless<T>(app: &App, kept: Result<T, SpocError>, key: KeyHandle) -> Result<T, SpocError> {
    match &kept {
        Ok(_) => return kept,
        Err(SpocError::Store(_) | SpocError::Journal(_)) => {
            tracing::warn!(%key, "a key may be left over that nothing refers to");
            return kept;
        }
        Err(_) => {}
    }
    let keystore = Arc::clone(&app.keystore);
    if let Err(failure) = super::blocking(move || keystore.delete(&key)).await {
        // Nothing refers to it, so it can never sign; an operator may clear it away.
        tracing::warn!(error = %failure, "a key nothing refers to could not be destroyed");
    }
    kept
}
