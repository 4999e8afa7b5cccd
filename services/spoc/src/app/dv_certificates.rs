//! Certificates other states issued for our requests.

use std::sync::Arc;

use cvc::{certificate::Certificate, policy::ValidityPolicy, request::AuthenticatedRequest};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::{
    App, blocking,
    call::Call,
    cvca_certificates::{self, Verified},
    issuing::{self, Taking},
    record, records,
};
use crate::{
    domain::{
        dv_certificate::{self, AcceptedDv},
        records::{CertificateRecord, Day, State},
    },
    error::SpocError,
    keystore::KeyHandle,
    store::{
        certificates,
        entity::dv_request,
        generations::{self, Subject},
    },
};

/// A DV certificate taken in.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) chr: String,
    pub(crate) car: String,
    pub(crate) expires: Day,
    pub(crate) warnings: Vec<String>,
}

/// Takes in the answer to one of our requests: the DV certificate first, then CVCA certificates as CSN 36 9791 orders them. All or nothing.
///
/// # Errors
/// [`SpocError::RequestUnknown`] when it answers no open request, [`SpocError::CertificateRefused`] with the rule a certificate breaks.
pub(crate) async fn import(app: &App, call: &Call, ders: Vec<Vec<u8>>) -> Result<Taken, SpocError> {
    call.officer_at_desk()?;
    take(app, call, ders).await
}

/// The same, whoever it is done for.
///
/// # Errors
/// As [`import`].
pub(crate) async fn take(app: &App, call: &Call, ders: Vec<Vec<u8>>) -> Result<Taken, SpocError> {
    if ders.is_empty() || ders.len() > 64 {
        return Err(SpocError::field("certificates", "1 to 64 certificates are taken"));
    }
    let mut parsed = blocking(move || cvca_certificates::parse_all(&ders)).await?;
    let certificate = parsed.remove(0);
    let taking = async |tx: &DatabaseTransaction, others: &Verified| take_in(app, tx, call, &certificate, others).await;
    let taken = cvca_certificates::with_verified(app, parsed, taking).await?;
    app.refresh().await?;
    Ok(taken)
}

/// Verifies and keeps a DV certificate and the CVCA certificates that came with it, in this transaction. A certificate held already is taken once
/// more and changes nothing.
///
/// # Errors
/// As [`import`].
pub(crate) async fn take_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    certificate: &Certificate,
    others: &Verified,
) -> Result<Taken, SpocError> {
    let now = app.clock.now();
    let author = call.author();
    let imported = cvca_certificates::take_in(app, tx, call, author, others, now).await?;
    if !imported.is_empty() {
        generations::raise(tx, Subject::Certificates, now).await?;
    }
    keep(app, tx, call, certificate).await
}

/// Verifies and keeps a DV certificate that came alone, in this transaction.
///
/// # Errors
/// As [`import`].
pub(crate) async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    certificate: &Certificate,
) -> Result<Taken, SpocError> {
    let (now, author) = (app.clock.now(), call.author());
    let chr = certificate.chr().to_string();
    let request = certificates::find_request(tx, &chr).await?;
    let request = request.ok_or_else(|| SpocError::RequestUnknown(chr.clone()))?;
    if let Some(held) = certificates::find(tx, &certificate.car().to_string(), &chr).await? {
        return repeated(&held.certificate, certificate);
    }
    if request.state != "open" || request.ended_at.is_some() {
        return Err(SpocError::RequestUnknown(chr));
    }
    let held: Vec<CertificateRecord> =
        certificates::all(tx).await?.into_iter().map(records::of_row).collect::<Result<_, _>>()?;
    let (answer, asked, today) = (certificate.clone(), request.clone(), Day::of(now));
    // Its issuer keeps to the policy that holds for that state.
    let policy = app.policy.for_country(certificate.car().country()).validity.as_checked_by_cvc();
    let accepted = blocking(move || check(&answer, &asked, &held, &policy, today)).await?;
    let key: KeyHandle = request.key_handle.parse().map_err(|_| SpocError::Corrupt("key handle".to_owned()))?;
    let taking = Taking {
        role: accepted.role,
        cvca: issuing::holder_name(&certificate.car()),
        state: State::Active,
        key: Some(&key),
        officer: author,
        now,
    };
    let row = issuing::row(certificate, &taking);
    issuing::announce(app, tx, &row).await?;
    let detail =
        json!({ "car": row.car, "chr": row.chr, "fingerprint": row.fingerprint, "warnings": accepted.warnings });
    record(app, tx, call, "dv_certificate.imported", detail).await?;
    certificates::insert(tx, row).await?;
    certificates::fulfil(tx, request).await?;
    generations::raise(tx, Subject::Certificates, now).await?;
    Ok(taken(certificate, accepted.warnings))
}

fn check(
    certificate: &Certificate,
    request: &dv_request::Model,
    held: &[CertificateRecord],
    policy: &ValidityPolicy,
    today: Day,
) -> Result<AcceptedDv, SpocError> {
    let request = AuthenticatedRequest::parse(Arc::<[u8]>::from(request.request.as_slice()))
        .map_err(|why| SpocError::Corrupt(format!("request {}: {why}", request.chr)))?;
    let authorities = issuing::authorities(held)?;
    let date = today.date().ok_or_else(|| SpocError::Corrupt("the clock's date".to_owned()))?;
    dv_certificate::check(certificate, &request, &authorities, policy, date)
        .map_err(|why| SpocError::refused(certificate.chr(), why.rule(), why))
}

/// The same certificate once more is what it was the first time; another one under the same references is a conflict.
fn repeated(held: &[u8], certificate: &Certificate) -> Result<Taken, SpocError> {
    if held == certificate.as_der() {
        return Ok(taken(certificate, Vec::new()));
    }
    Err(SpocError::CertificateConflict { car: certificate.car().to_string(), chr: certificate.chr().to_string() })
}

fn taken(certificate: &Certificate, warnings: Vec<String>) -> Taken {
    Taken {
        chr: certificate.chr().to_string(),
        car: certificate.car().to_string(),
        expires: Day::of_date(certificate.expires()),
        warnings,
    }
}
