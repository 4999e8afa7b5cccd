//! Requests of other states that wait: for two officers, or for their turn. Each is judged again in full when it is decided, for its signer may have
//! expired, its holder been suspended or our CVCA rolled over meanwhile.

use std::sync::Arc;

use exchange::{
    Country,
    code::{RequestCertificateCode as Code, StatusInfo},
    message::{Message, SendCertificates},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, IntoActiveModel};
use serde_json::json;
use straznica_runtime::failpoint;
use straznica_types::Timestamp;
use uuid::Uuid;

use super::{
    inbound,
    issue::{self, ATTEMPTS, Case, Granted, Judgement, Waited},
    outbox,
};
use crate::{
    app::{
        App,
        call::{Call, reason},
        record, record_with,
    },
    domain::{
        exchange::{
            holder::ApprovalMode,
            policy::Rule,
            processing::{Asked, Refusal, Used, status_info},
        },
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{
        entity::{application, issued_certificate},
        exchange::{
            applications::{self, Narrowing},
            holders,
        },
    },
};

/// Requests, newest first.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn list(app: &App, narrowing: &Narrowing) -> Result<Vec<application::Model>, SpocError> {
    Ok(applications::list(app.store.reader(), narrowing).await?)
}

/// One request, and what was issued for it.
///
/// # Errors
/// [`SpocError::ApplicationUnknown`]
pub(crate) async fn get(
    app: &App,
    id: Uuid,
) -> Result<(application::Model, Option<issued_certificate::Model>), SpocError> {
    let db = app.store.reader();
    let row = applications::find(db, id).await?.ok_or(SpocError::ApplicationUnknown)?;
    let issued = applications::issued_for(db, id).await?;
    Ok((row, issued))
}

/// Certificates issued, newest request first, to one holder or (an empty name) to all.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn list_issued(
    app: &App,
    holder: &str,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<issued_certificate::Model>, SpocError> {
    let holder = Some(holder).filter(|holder| !holder.is_empty());
    Ok(applications::list_issued(app.store.reader(), holder, before, limit).await?)
}

/// An officer's approval. With the second one's the request is judged again and answered. Returns it as it then is.
///
/// # Errors
/// [`SpocError::ApplicationUnknown`], [`SpocError::AlreadyDecided`], [`SpocError::SameOfficer`], [`SpocError::Policy`] where the rules alone decide.
pub(crate) async fn approve(app: &App, call: &Call, id: Uuid) -> Result<application::Model, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let now = app.clock.now();
    let row = app.store.write_tx(async |tx| agree(app, tx, call, id, &officer, now).await).await?;
    failpoint::reach("spoc.approval.committed").await;
    if row.second_officer.is_none() {
        return Ok(row);
    }
    settle(app, call, id).await
}

async fn agree(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    id: Uuid,
    officer: &str,
    now: Timestamp,
) -> Result<application::Model, SpocError> {
    let row = waiting(tx, id).await?;
    let holder = holders::find(tx, &row.holder).await?;
    if holder.as_ref().is_some_and(|holder| holder.approval == ApprovalMode::Automatic.as_str()) {
        return Err(SpocError::Policy("the rules alone decide on this holder's requests".to_owned()));
    }
    let about = |at: i64| holder.as_ref().is_none_or(|holder| issue::is_about(at, holder));
    let first = row.first_officer.as_ref().filter(|_| row.first_at.is_some_and(about));
    let (kind, agreed) = match (first, &row.second_officer) {
        (Some(_), Some(_)) => return Ok(row),
        (None, _) => {
            let mut agreed = row.clone();
            (agreed.first_officer, agreed.first_at) = (Some(officer.to_owned()), Some(now.millis()));
            agreed.second_officer = None;
            ("exchange.request_approved_by_one", agreed)
        }
        (Some(first), None) => {
            let at = Timestamp::from_millis(row.first_at.unwrap_or_default());
            two_officers::confirm(&Approval::Proposed { by: first.clone(), at }, officer)?;
            (
                "exchange.request_approved",
                application::Model { second_officer: Some(officer.to_owned()), ..row.clone() },
            )
        }
    };
    let changed = application::ActiveModel {
        first_officer: Set(agreed.first_officer.clone()),
        first_at: Set(agreed.first_at),
        second_officer: Set(agreed.second_officer.clone()),
        ..row.into_active_model()
    };
    applications::update(tx, changed).await?;
    record(app, tx, call, kind, json!({ "application": id, "chr": agreed.chr, "caller": agreed.caller })).await?;
    failpoint::reach("spoc.approval.written").await;
    Ok(agreed)
}

/// An officer declines: one suffices. The partner is told that the request is not accepted; the reason stays here.
///
/// # Errors
/// [`SpocError::ApplicationUnknown`], [`SpocError::AlreadyDecided`], [`SpocError::Field`] without a reason.
pub(crate) async fn decline(app: &App, call: &Call, id: Uuid, why: &str) -> Result<application::Model, SpocError> {
    call.officer_at_desk()?;
    let why = reason(why)?;
    let now = app.clock.now();
    let refusal = Refusal { code: Code::FailureRequestNotAccepted, rule: Rule::Declined, detail: why.to_owned() };
    app.store
        .write_tx(async |tx| {
            let row = waiting(tx, id).await?;
            refuse(app, tx, call, row, &refusal, now).await
        })
        .await
}

async fn waiting(tx: &DatabaseTransaction, id: Uuid) -> Result<application::Model, SpocError> {
    let row = applications::find(tx, id).await?.ok_or(SpocError::ApplicationUnknown)?;
    if row.state == "waiting" { Ok(row) } else { Err(SpocError::AlreadyDecided) }
}

/// Judges a request that waited, issues or refuses, and writes the answer to the partner: all in one transaction but the signature. One that cannot be
/// decided now (the partner is suspended, or two officers have not agreed to what is registered by now) keeps waiting. Our own verifier's certificate
/// enters use with it.
///
/// # Errors
/// [`SpocError::NationalCvca`] when there is nothing to issue with; it keeps waiting. [`SpocError`] when something fails; it keeps waiting as well.
pub(super) async fn settle(app: &App, call: &Call, id: Uuid) -> Result<application::Model, SpocError> {
    let mut turn = None;
    for _ in 0..ATTEMPTS {
        let row = applications::find(app.store.reader(), id).await?.ok_or(SpocError::ApplicationUnknown)?;
        let corrupt = |what: &str| SpocError::Corrupt(format!("request {id}: {what}"));
        let caller: Country = row.caller.parse().map_err(|_| corrupt("its caller"))?;
        if row.state != "waiting" || !issue::is_served(app, caller) {
            return Ok(row);
        }
        failpoint::reach("spoc.settlement.begun").await;
        let asked = Asked::read(&row.request).map_err(|_| corrupt("its bytes"))?;
        let case = Case { caller, asked: Arc::new(asked), waited: Some(Waited::of(&row)) };
        // The reference and the key are its own: no other request on record has them.
        let judgement = issue::judge(app, &case, issue::look(app, &case).await?, Used::default()).await?;
        if matches!(&judgement.outcome, Err(refusal) if refusal.rule == Rule::NationalCvca) {
            return Err(SpocError::NationalCvca("is not valid today, or its key is not held; requests wait"));
        }
        failpoint::reach("spoc.settlement.judged").await;
        let settled = app.store.write_tx(async |tx| commit(app, tx, call, &row, &judgement).await).await?;
        if let Some(settled) = settled {
            failpoint::reach("spoc.settlement.committed").await;
            if settled.state == "issued" && caller == app.country {
                app.refresh().await?;
            }
            return Ok(settled);
        }
        issue::overtaken(app, &mut turn).await?;
    }
    Err(SpocError::Busy)
}

async fn commit(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: &application::Model,
    judgement: &Judgement,
) -> Result<Option<application::Model>, SpocError> {
    let unchanged = applications::find(tx, row.id).await?.as_ref() == Some(row);
    if !unchanged || !judgement.still_holds(app, tx).await? {
        return Ok(None);
    }
    let now = judgement.now;
    let (grant, certificate) = match &judgement.outcome {
        Ok(Granted::Now(grant, certificate)) => (grant, certificate),
        // It waits for officers.
        Ok(Granted::Later(_)) => return Ok(Some(row.clone())),
        Err(refusal) => return refuse(app, tx, call, row.clone(), refusal, now).await.map(Some),
    };
    let issued = application::Model {
        state: "issued".to_owned(),
        decided_at: Some(now.millis()),
        code: Some(Code::OkCertAvailable.as_str().to_owned()),
        rule: Some(grant.rule.as_str().to_owned()),
        ..row.clone()
    };
    write(tx, row.clone(), &issued).await?;
    issue::keep_issued(app, tx, call, certificate, &issued, now).await?;
    let certificates = judgement.sequence(&grant.asked_car, certificate);
    tell(app, tx, &issued, StatusInfo::OkCertAvailable, certificates).await?;
    let detail = issue::custody(&issued, grant, certificate);
    record_with(app, tx, call, "exchange.certificate_issued", detail, &issue::event(certificate)).await?;
    failpoint::reach("spoc.settlement.written").await;
    Ok(Some(issued))
}

/// Refuses what waits of a state that is no partner any more, in the transaction that ends it: nobody would decide it, and a later registration is about
/// something else. Nobody is told. How many there were.
pub(super) async fn refuse_all_of(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    caller: Country,
) -> Result<usize, SpocError> {
    let (now, refusal) = (app.clock.now(), Refusal::unserved(caller));
    let waiting = applications::waiting_of(tx, caller).await?;
    let count = waiting.len();
    for row in waiting {
        let refused = inbound::refused(row.clone(), &refusal, now);
        write(tx, row, &refused).await?;
        record(app, tx, call, "exchange.request_refused", refusal_detail(&refused, &refusal)).await?;
    }
    Ok(count)
}

fn refusal_detail(refused: &application::Model, refusal: &Refusal) -> serde_json::Value {
    json!({ "application": refused.id, "caller": refused.caller, "messageId": refused.message_id, "chr": refused.chr, "code": refusal.code.as_str(), "rule": refusal.rule.as_str(), "detail": refusal.detail })
}

async fn refuse(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: application::Model,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<application::Model, SpocError> {
    let refused = inbound::refused(row.clone(), refusal, now);
    write(tx, row, &refused).await?;
    tell(app, tx, &refused, status_info(refusal.code), Vec::new()).await?;
    record(app, tx, call, "exchange.request_refused", refusal_detail(&refused, refusal)).await?;
    Ok(refused)
}

async fn write(
    tx: &DatabaseTransaction,
    before: application::Model,
    after: &application::Model,
) -> Result<(), SpocError> {
    let changed = application::ActiveModel {
        state: Set(after.state.clone()),
        decided_at: Set(after.decided_at),
        code: Set(after.code.clone()),
        rule: Set(after.rule.clone()),
        detail: Set(after.detail.clone()),
        request: Set(after.request.clone()),
        ..before.into_active_model()
    };
    Ok(applications::update(tx, changed).await?)
}

/// Puts the answer into the outbox, under the identifier the request came with. Our own verifiers are told by nobody.
async fn tell(
    app: &App,
    tx: &DatabaseTransaction,
    row: &application::Model,
    status_info: StatusInfo,
    certificates: Vec<Vec<u8>>,
) -> Result<(), SpocError> {
    if row.caller == app.config.country {
        return Ok(());
    }
    let country = row.caller.parse().map_err(|_| SpocError::Corrupt(format!("request {}: its caller", row.id)))?;
    let message = SendCertificates {
        caller_id: app.config.country.clone(),
        message_id: Some(row.message_id.clone()),
        certificates,
        status_info,
    };
    outbox::enqueue(app, tx, country, &Message::SendCertificates(message), &row.id.to_string()).await?;
    Ok(())
}
