//! Anchors of the trust in documents: proposed by one officer, confirmed by another, withdrawn by either.

use std::collections::BTreeSet;

use emrtd::x509::{Certificate, Fingerprint};
use serde_json::json;
use straznica_types::Timestamp;

use super::{App, blocking, call::Call, call::reason, documents_changed, record};
use crate::{
    domain::{
        anchors::AnchorPurpose,
        environment,
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{entity::anchor, trust},
};

/// Proposes a certificate. Returns its fingerprint and whether two officers have agreed on it before.
///
/// # Errors
/// [`SpocError::ListUnreadable`] when it is no certificate.
pub(crate) async fn propose(
    app: &App,
    call: &Call,
    der: Vec<u8>,
    purpose: AnchorPurpose,
) -> Result<(String, bool), SpocError> {
    let officer = call.operator()?.to_owned();
    let certificate = blocking(move || parse(&der)).await?;
    if let Some(country) = certificate.subject().country() {
        environment::permits(app.environment, country)?;
    }
    let fingerprint = certificate.fingerprint().to_string();
    let now = app.clock.now();
    let confirmed = app
        .store
        .write_tx(async |tx| {
            match trust::find_anchor(tx, &fingerprint, purpose.as_str()).await? {
                Some(known) if known.state != "withdrawn" => return Ok(known.state == "confirmed"),
                Some(_) | None => {}
            }
            let row = anchor::Model {
                fingerprint: fingerprint.clone(),
                purpose: purpose.as_str().to_owned(),
                certificate: certificate.der().to_vec(),
                subject: certificate.subject().to_string(),
                state: "proposed".to_owned(),
                proposed_by: officer.clone(),
                proposed_at: now.millis(),
                confirmed_by: None,
                confirmed_at: None,
                withdrawn_by: None,
                withdrawn_at: None,
            };
            trust::propose_anchor(tx, row).await?;
            let detail = json!({ "fingerprint": fingerprint, "use": purpose.as_str() });
            record(app, tx, call, "anchor.proposed", detail).await?;
            Ok::<_, SpocError>(false)
        })
        .await?;
    Ok((fingerprint, confirmed))
}

fn parse(der: &[u8]) -> Result<Certificate, SpocError> {
    Certificate::parse(der).map_err(|why| SpocError::ListUnreadable(why.to_string()))
}

/// Confirms a proposed anchor.
///
/// # Errors
/// [`SpocError::SameOfficer`] for the officer who proposed it, [`SpocError::AnchorUnknown`] when nobody did.
pub(crate) async fn confirm(
    app: &App,
    call: &Call,
    fingerprint: &str,
    purpose: AnchorPurpose,
) -> Result<(), SpocError> {
    let officer = call.operator()?.to_owned();
    let fingerprint = fingerprint.to_ascii_lowercase();
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let row = trust::find_anchor(tx, &fingerprint, purpose.as_str()).await?;
            let row = row.filter(|row| row.state != "withdrawn").ok_or(SpocError::AnchorUnknown)?;
            if !two_officers::confirm(&approval(&row), &officer)? {
                return Ok(());
            }
            trust::confirm_anchor(tx, row, &officer, now).await?;
            documents_changed(app, tx, "anchor", now).await?;
            let detail = json!({ "fingerprint": fingerprint, "use": purpose.as_str() });
            record(app, tx, call, "anchor.confirmed", detail).await
        })
        .await?;
    app.refresh().await
}

fn approval(row: &anchor::Model) -> Approval {
    if row.state == "confirmed" {
        return Approval::Confirmed;
    }
    Approval::Proposed { by: row.proposed_by.clone(), at: Timestamp::from_millis(row.proposed_at) }
}

/// Withdraws an anchor: what only it vouched for is trusted no more. Returns how many CSCAs that are.
///
/// # Errors
/// [`SpocError::AnchorUnknown`] when there is none to withdraw.
pub(crate) async fn withdraw(
    app: &App,
    call: &Call,
    fingerprint: &str,
    purpose: AnchorPurpose,
    why: &str,
) -> Result<u32, SpocError> {
    let officer = call.operator()?.to_owned();
    let why = reason(why)?;
    let fingerprint = fingerprint.to_ascii_lowercase();
    let now = app.clock.now();
    let before = trusted(app);
    app.store
        .write_tx(async |tx| {
            let row = trust::find_anchor(tx, &fingerprint, purpose.as_str()).await?;
            let row = row.filter(|row| row.state != "withdrawn").ok_or(SpocError::AnchorUnknown)?;
            trust::withdraw_anchor(tx, row, &officer, now).await?;
            documents_changed(app, tx, "anchor", now).await?;
            let detail = json!({ "fingerprint": fingerprint, "use": purpose.as_str(), "reason": why });
            record(app, tx, call, "anchor.withdrawn", detail).await
        })
        .await?;
    app.refresh().await?;
    let removed = before.difference(&trusted(app)).count();
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}

fn trusted(app: &App) -> BTreeSet<Fingerprint> {
    app.documents.current().trust.cscas().iter().map(|csca| csca.certificate.fingerprint()).collect()
}
