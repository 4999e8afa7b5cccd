//! Keys that have had their day: those of expired certificates, of requests that came to nothing, and those nothing refers to.
//!
//! An inspection system's key opens fingerprints; TR-03139 §6.2 has it destroyed when it is not used any more. The key goes first and the
//! record after it: a crash in between leaves a row that still names the key, and the next turn finds the key gone and completes the record.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;
use straznica_types::{RequestId, Timestamp};

use super::{App, blocking, call::Call, record};
use crate::{
    domain::records::{Day, Role},
    error::SpocError,
    keystore::{KeyHandle, KeyRole, KeyStore, KeyStoreError},
    store::{
        certificates,
        entity::{cv_certificate, dv_request},
        exchange::subscriptions,
        generations::{self, Subject},
        keys,
    },
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Destroys what is due. While the clock is in doubt nothing is: a clock years ahead would find every certificate expired.
///
/// # Errors
/// The first failure; what does not fail is done all the same.
pub(crate) async fn run(app: &App) -> Result<(), SpocError> {
    app.doubt()?;
    let expired = destroy_expired(app).await;
    let ended = end_requests(app).await;
    let left_over = destroy_left_over(app).await;
    expired.and(ended).and(left_over)
}

/// Requests that brought no certificate end, and their keys with them. The request ends first: an answer that comes between the two finds it ended, and a key
/// that a crash leaves behind is left over.
async fn end_requests(app: &App) -> Result<(), SpocError> {
    let days = i64::from(app.config.keystore.clean_up.request_days);
    let before = Timestamp::from_millis(app.clock.now().millis().saturating_sub(days.saturating_mul(DAY_MS)));
    let mut outcome = Ok(());
    for row in certificates::stale_requests(app.store.reader(), before).await? {
        outcome = outcome.and(end_request(app, &row, before).await);
    }
    outcome
}

async fn end_request(app: &App, row: &dv_request::Model, before: Timestamp) -> Result<(), SpocError> {
    let key: KeyHandle =
        row.key_handle.parse().map_err(|_| SpocError::Corrupt(format!("key handle of {}", row.chr)))?;
    let now = app.clock.now();
    let ended = app
        .store
        .write_tx(async |tx| {
            let held = certificates::find_request(tx, &row.chr).await?;
            // Its certificate may have come meanwhile, or another replica have been quicker.
            let is_stale = |held: &dv_request::Model| {
                held.state == "open"
                    && held.ended_at.is_none()
                    && held.closed_at.unwrap_or(held.created_at) < before.millis()
            };
            let Some(held) = held.filter(is_stale) else { return Ok(false) };
            subscriptions::cancel_letters_of(tx, &held.chr, now).await?;
            let detail =
                json!({ "chr": held.chr, "car": held.car, "cause": held.closed_cause, "key": held.key_handle });
            certificates::end(tx, held, now).await?;
            record(app, tx, &by_rule(app), "dv_request.ended", detail).await?;
            Ok::<_, SpocError>(true)
        })
        .await?;
    if !ended {
        return Ok(());
    }
    destroy(app, key).await?;
    let detail = json!({ "key": row.key_handle, "chr": row.chr, "reason": "request_ended" });
    app.store.write_tx(async |tx| record(app, tx, &by_rule(app), "key.destroyed", detail.clone()).await).await
}

async fn destroy_expired(app: &App) -> Result<(), SpocError> {
    let today = Day::of(app.clock.now());
    let days = &app.config.keystore.clean_up;
    let kinds = [(&[Role::InspectionSystem][..], days.is_days), (&[Role::DvDomestic, Role::DvForeign], days.dv_days)];
    let mut outcome = Ok(());
    for (roles, days) in kinds {
        let roles: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        let before = today.plus(-i64::from(days)).midnight();
        for row in keys::expired_before(app.store.reader(), &roles, before).await? {
            outcome = outcome.and(destroy_key_of(app, row).await);
        }
    }
    outcome
}

async fn destroy_key_of(app: &App, row: cv_certificate::Model) -> Result<(), SpocError> {
    let Some(handle) = row.key_handle.clone() else { return Ok(()) };
    let key: KeyHandle = handle.parse().map_err(|_| SpocError::Corrupt(format!("key handle of {}", row.chr)))?;
    destroy(app, key).await?;
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let held = crate::store::certificates::find(tx, &row.car, &row.chr).await?;
            // Another replica may have been quicker.
            let Some(held) = held.filter(|held| held.key_handle.as_ref() == Some(&handle)) else { return Ok(()) };
            let detail = json!({
                "key": handle, "car": row.car, "chr": row.chr, "reason": "certificate_expired",
                "expired": Day::from_midnight(row.expires).to_string(),
            });
            keys::clear(tx, held).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            record(app, tx, &by_rule(app), "key.destroyed", detail).await
        })
        .await
}

/// Keys nothing refers to are left by a crash between making a key and recording what it is for. They are destroyed when this database has seen them so
/// for the configured days; not at once, since the database may be a copy of last week, brought back after an accident, and not those of a CVCA, which
/// no accident may cost.
async fn destroy_left_over(app: &App) -> Result<(), SpocError> {
    let keystore = Arc::clone(&app.keystore);
    let held = blocking(move || list(keystore.as_ref())).await?;
    let now = app.clock.now();
    let life = i64::from(app.config.keystore.clean_up.left_over_days).saturating_mul(DAY_MS);
    let due = app.store.write_tx(async |tx| note(tx, &held, now, life).await).await?;
    let mut outcome = Ok(());
    for key in due {
        if key.role() == KeyRole::NationalCvca {
            tracing::warn!(%key, "a CVCA key nothing refers to; whether it is destroyed is for an operator to say");
            continue;
        }
        outcome = outcome.and(destroy_one_left_over(app, key).await);
    }
    outcome
}

async fn destroy_one_left_over(app: &App, key: KeyHandle) -> Result<(), SpocError> {
    let handle = key.to_string();
    destroy(app, key).await?;
    app.store
        .write_tx(async |tx| {
            if !keys::forget(tx, &handle).await? {
                return Ok(());
            }
            record(app, tx, &by_rule(app), "key.destroyed", json!({ "key": handle, "reason": "left_over" })).await
        })
        .await
}

/// Brings the notes up to date and returns the keys that are due.
async fn note(
    tx: &sea_orm::DatabaseTransaction,
    held: &BTreeSet<String>,
    now: Timestamp,
    life: i64,
) -> Result<Vec<KeyHandle>, SpocError> {
    let referenced = keys::referenced(tx).await?;
    let mut noted = BTreeSet::new();
    let mut due = Vec::new();
    for row in keys::unreferenced(tx).await? {
        if referenced.contains(&row.key_handle) {
            keys::forget(tx, &row.key_handle).await?;
        } else if now.millis().saturating_sub(row.first_seen_at) >= life {
            // Also one that is not held any more: destroyed, but the record was cut off.
            let key = row.key_handle.parse();
            due.push(key.map_err(|_| SpocError::Corrupt(format!("key handle {}", row.key_handle)))?);
        }
        noted.insert(row.key_handle);
    }
    for handle in held.difference(&referenced).filter(|handle| !noted.contains(*handle)) {
        tracing::warn!(key = handle, "a key nothing refers to");
        keys::note(tx, handle, now).await?;
    }
    Ok(due)
}

/// Handles of all keys the database should refer to; the TLS key is named by the configuration.
fn list(keystore: &dyn KeyStore) -> Result<BTreeSet<String>, KeyStoreError> {
    let mut held = BTreeSet::new();
    for role in [KeyRole::NationalCvca, KeyRole::DocumentVerifier, KeyRole::InspectionSystem] {
        held.extend(keystore.list(role)?.iter().map(ToString::to_string));
    }
    Ok(held)
}

async fn destroy(app: &App, key: KeyHandle) -> Result<(), SpocError> {
    let keystore = Arc::clone(&app.keystore);
    blocking(move || match keystore.delete(&key) {
        Err(KeyStoreError::Unknown(_)) => Ok(()),
        outcome => outcome,
    })
    .await
}

fn by_rule(app: &App) -> Call {
    Call::of_node("key_clean_up", RequestId::generate(app.clock.as_ref()))
}
