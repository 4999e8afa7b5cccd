//! Import of certificate revocation lists.

use emrtd::{trust::TrustStore, x509::Crl};
use serde_json::json;
use straznica_types::{Environment, Timestamp};
use time::OffsetDateTime;

use super::{
    App, blocking,
    call::Call,
    document_trust::of_documents,
    documents_changed,
    issuing::fingerprint,
    master_lists::{moment, within_limit},
    record,
};
use crate::{
    error::SpocError,
    store::{entity::revocation_list, trust},
};

/// A CRL taken in.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) issuer: String,
    pub(crate) revoked: u32,
    /// Zero when the list does not say.
    pub(crate) next_update_ms: i64,
    pub(crate) generation: u64,
}

/// Imports a CRL signed by a trusted CSCA; it takes the place of the issuer's previous one.
///
/// # Errors
/// [`SpocError::NotVouched`] when no trusted CSCA signed it, [`SpocError::Outdated`] when a newer one is held, [`SpocError::ListUnreadable`] when it is
/// none.
pub(crate) async fn import(app: &App, call: &Call, crl: Vec<u8>) -> Result<Taken, SpocError> {
    let officer = call.operator()?.to_owned();
    within_limit(app, &crl)?;
    let now = app.clock.now();
    let state = app.documents.current();
    let environment = app.environment;
    let row = blocking(move || verify(crl, &state.trust, environment, &officer, now)).await?;
    let mut taken = Taken {
        issuer: row.issuer.clone(),
        revoked: u32::try_from(row.revoked).unwrap_or(u32::MAX),
        next_update_ms: row.next_update.unwrap_or(0),
        generation: 0,
    };
    taken.generation = app
        .store
        .write_tx(async |tx| {
            let held = trust::find_revocation_list(tx, &row.issuer_sha256).await?;
            match held {
                Some(held) if held.sha256 == row.sha256 => return Ok(app.documents.current().generation.number),
                Some(held) if held.this_update >= row.this_update => return Err(SpocError::Outdated),
                Some(_) | None => {}
            }
            trust::replace_revocation_list(tx, row.clone()).await?;
            let generation = documents_changed(app, tx, "crl", now).await?.number;
            let detail = json!({ "sha256": row.sha256, "issuer": row.issuer, "revoked": row.revoked });
            record(app, tx, call, "revocation_list.imported", detail).await?;
            Ok::<_, SpocError>(generation)
        })
        .await?;
    app.refresh().await?;
    Ok(taken)
}

fn verify(
    der: Vec<u8>,
    held: &TrustStore,
    environment: Environment,
    officer: &str,
    now: Timestamp,
) -> Result<revocation_list::Model, SpocError> {
    let crl = Crl::parse(&der).map_err(|why| SpocError::ListUnreadable(why.to_string()))?;
    let mut builder = TrustStore::builder(of_documents(environment));
    for csca in held.cscas().iter().filter(|csca| csca.certificate.subject().matches_in_any_order(crl.issuer())) {
        builder.add_csca(csca.certificate.clone(), "trusted");
    }
    builder.add_crl(crl.clone()).map_err(|why| SpocError::NotVouched(why.to_string()))?;
    if moment(now).is_some_and(|now| crl.this_update() > now + time::Duration::DAY) {
        return Err(SpocError::ListUnreadable("it was issued in the future".to_owned()));
    }
    Ok(revocation_list::Model {
        issuer_sha256: fingerprint(crl.issuer().folded().as_bytes()),
        issuer: crl.issuer().to_string(),
        sha256: fingerprint(&der),
        this_update: millis(crl.this_update()),
        next_update: crl.next_update().map(millis),
        revoked: i64::try_from(crl.len()).unwrap_or(i64::MAX),
        crl: der,
        imported_by: officer.to_owned(),
        imported_at: now.millis(),
    })
}

fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().saturating_mul(1000)
}
