//! Terminal Authentication signatures (TR-03129 §3.4, GetTASignature).
//!
//! The control centre is no blind signing oracle. A signature is given for an open inspection of the same terminal and officer only, by an inspection
//! system that may sign today, counted per terminal and shift, and it is on record before it leaves.

use std::{sync::Arc, time::Duration};

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::events::v1::{TaSignatureAlert, TaSignatureIssued};
use straznica_types::{InspectionId, Timestamp};

use super::{App, call::Call, record, record_with};
use crate::{
    domain::{chains::Standing, inspection_grant::InspectionGrant, records::State, ta_request::ToBeSigned},
    error::SpocError,
    keystore::KeyHandle,
    store::{certificates, inspections},
};

const UNKNOWN: &str = "unknown inspection system";

/// A terminal's request.
#[derive(Debug)]
pub(crate) struct SignatureRequest {
    pub(crate) inspection_id: InspectionId,
    pub(crate) is_chr: String,
    pub(crate) to_be_signed: ToBeSigned,
}

/// Answer to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SignatureAnswer {
    /// ok_signature_available
    Signature(Vec<u8>),
    /// failure_CHR_unknown: unknown, suspended, expired or not yet valid.
    ChrUnknown(&'static str),
    /// failure_syntax
    Syntax(String),
}

/// Signs, or refuses and records the refusal.
///
/// # Errors
/// [`SpocError`] when inspection, terminal or officer do not allow it, the shift's limit is reached, or something failed; the rest is an answer.
pub(crate) async fn sign(app: &Arc<App>, call: &Call, request: SignatureRequest) -> Result<SignatureAnswer, SpocError> {
    let call = call.for_terminal()?;
    let outcome = decide_and_sign(app, call, &request).await;
    let refusal = match &outcome {
        Ok(SignatureAnswer::Signature(_)) => None,
        Ok(SignatureAnswer::ChrUnknown(why)) => Some((*why).to_owned()),
        Ok(SignatureAnswer::Syntax(why)) => Some(why.clone()),
        Err(refusal @ (SpocError::InspectionUnknown | SpocError::Grant(_) | SpocError::ShiftLimit)) => {
            Some(refusal.to_string())
        }
        Err(_) => None,
    };
    app.metrics.signature(match &outcome {
        Ok(SignatureAnswer::Signature(_)) => "issued",
        _ if refusal.is_some() => "refused",
        _ => "failed",
    });
    if let Some(reason) = refusal {
        let detail = json!({ "inspectionId": request.inspection_id, "isChr": request.is_chr.chars().take(16).collect::<String>(), "reason": reason });
        app.store.write_tx(async |tx| record(app, tx, call, "ta_signature.refused", detail.clone()).await).await?;
    }
    outcome
}

async fn decide_and_sign(
    app: &Arc<App>,
    call: &Call,
    request: &SignatureRequest,
) -> Result<SignatureAnswer, SpocError> {
    let now = app.clock.now();
    let state = app.control.at(now);
    let Some(signer) = state.table().signer(&request.is_chr) else {
        // Whether the inspection is the terminal's is settled first even so: a stranger learns nothing about inspection systems.
        checked_grant(app, app.store.reader(), call, request.inspection_id, now).await?;
        return Ok(SignatureAnswer::ChrUnknown(UNKNOWN));
    };
    let digest = match request.to_be_signed.digest(signer.algorithm) {
        Ok(digest) => digest,
        Err(fault) => {
            checked_grant(app, app.store.reader(), call, request.inspection_id, now).await?;
            return Ok(SignatureAnswer::Syntax(fault.to_string()));
        }
    };
    // Waiting for a turn comes before the record: what is on record has its signature.
    let queue_timeout = Duration::from_millis(app.config.terminal_authentication.queue_timeout_ms);
    let turn = tokio::time::timeout(queue_timeout, Arc::clone(&app.signing).acquire_owned())
        .await
        .map_err(|_| SpocError::Busy)?
        .map_err(|_| SpocError::Busy)?;
    let recorded = app.store.write_tx(async |tx| put_on_record(app, tx, call, request).await).await?;
    let key = match recorded {
        Recorded::Refused(why) => return Ok(SignatureAnswer::ChrUnknown(why)),
        Recorded::Permitted { count, key } => {
            watch_count(app, call, count);
            key
        }
    };
    let keystore = Arc::clone(&app.keystore);
    let signed = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        keystore.sign_digest(&key, &digest)
    })
    .await
    .map_err(SpocError::from)
    .and_then(|signed| signed.map_err(SpocError::from));
    if signed.is_err() {
        let detail = json!({ "inspectionId": request.inspection_id, "isChr": request.is_chr });
        app.store.write_tx(async |tx| record(app, tx, call, "ta_signature.failed", detail.clone()).await).await?;
    }
    signed.map(SignatureAnswer::Signature)
}

/// The inspection, if it is this terminal's and officer's and young enough.
async fn checked_grant(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    call: &Call,
    id: InspectionId,
    now: Timestamp,
) -> Result<InspectionGrant, SpocError> {
    let grant = inspections::find(db, id).await?.ok_or(SpocError::InspectionUnknown)?;
    let max_age = app.config.terminal_authentication.inspection_max_age();
    grant.check(&call.terminal_id, &call.officer, &call.purpose, &call.case_number, max_age, now)?;
    Ok(grant)
}

/// What the transaction before a signature came to.
enum Recorded {
    /// The signature is on record and counted, and this key may make it.
    Permitted { count: u32, key: KeyHandle },
    /// The inspection system may not sign, and why.
    Refused(&'static str),
}

/// Checks everything at the moment it counts (a request may have waited for its turn and for the database) against what only the database knows for
/// certain, counts, and records; all in the transaction that has to be committed before a signature leaves.
async fn put_on_record(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    request: &SignatureRequest,
) -> Result<Recorded, SpocError> {
    let now = app.clock.now();
    let grant = checked_grant(app, tx, call, request.inspection_id, now).await?;
    let state = app.control.at(now);
    let Some(signer) = state.table().signer(&request.is_chr) else {
        return Ok(Recorded::Refused(UNKNOWN));
    };
    if let Some(why) = obstacle(signer.standing) {
        return Ok(Recorded::Refused(why));
    }
    // Another replica may have suspended it a moment ago.
    for (car, chr) in [(&signer.car, &request.is_chr), (&signer.dv.0, &signer.dv.1)] {
        let held = certificates::find(tx, car, chr).await?;
        if held.is_none_or(|row| row.state != State::Active.as_str()) {
            return Ok(Recorded::Refused("suspended"));
        }
    }
    if certificates::is_suspended_cvca(tx, &signer.dv.0).await? {
        return Ok(Recorded::Refused("suspended"));
    }
    let shift_start = app.shifts.shift_start(now);
    let count = inspections::count_signature(tx, &call.terminal_id, shift_start).await?;
    let limits = &app.config.terminal_authentication;
    if limits.refuse_after.is_some_and(|limit| count > limit) {
        return Err(SpocError::ShiftLimit);
    }
    // Purpose and case are the inspection's, whatever the request left out.
    let on_behalf = Call { purpose: grant.purpose, case_number: grant.case_number, ..call.clone() };
    let detail = json!({ "inspectionId": request.inspection_id, "isChr": request.is_chr, "countInShift": count });
    let issued = TaSignatureIssued {
        inspection_id: request.inspection_id.to_string(),
        terminal_id: call.terminal_id.clone(),
        is_chr: request.is_chr.clone(),
    };
    record_with(app, tx, &on_behalf, "ta_signature.issued", detail, &issued).await?;
    if count == limits.alert_after.saturating_add(1) {
        let alert =
            TaSignatureAlert { terminal_id: call.terminal_id.clone(), shift_start_ms: shift_start.millis(), count };
        app.journal.publish(tx, &alert).await?;
    }
    Ok(Recorded::Permitted { count, key: signer.key.clone() })
}

fn watch_count(app: &App, call: &Call, count: u32) {
    if count > app.config.terminal_authentication.alert_after {
        app.metrics.signature_alert();
        tracing::warn!(terminal = %call.terminal_id, count, "a terminal asks for more signatures in a shift than expected");
    }
}

const fn obstacle(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Usable => None,
        Standing::Suspended => Some("suspended"),
        Standing::Expired => Some("expired"),
        Standing::NotYetValid => Some("not yet valid"),
    }
}
