//! RequestCertificate of another state's SPOC (CSN 36 9791 §6, TR-03139 table 2).
//!
//! Exactly once: the answer is kept under the message's identifier in the transaction of its effect, and a certificate leaves only after that commit. A
//! crash before it leaves nothing behind; the partner sends again, and is judged anew.

use std::sync::Arc;

use exchange::{
    Country,
    code::RequestCertificateCode as Code,
    message::{RequestCertificate, RequestCertificateAnswer},
};
use prost::Message as _;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::v1::RequestCertificateResponse;
use straznica_exchange_wire::grpc::convert::{self, kept};
use straznica_runtime::failpoint;
use straznica_store::StoreError;
use straznica_types::{RequestId, Timestamp, typed_id};

use super::{
    issue::{self, ATTEMPTS, Case, Granted, Judgement},
    refused,
    seen::{Received, Seen},
};
use crate::{
    app::{App, call::Call, issuing::fingerprint, record, record_with},
    domain::{
        exchange::{
            policy::Rule,
            processing::{Asked, Refusal, Used},
        },
        records::Day,
    },
    error::SpocError,
    store::{entity::application, exchange::applications},
};

typed_id! {
    /// A request of another state.
    pub struct ApplicationId;
}

/// Answers RequestCertificate. What fails inside is failure_internal_error: nothing was decided, and the same message may come again.
pub(crate) async fn request_certificate(
    app: &App,
    caller: Country,
    message: RequestCertificate,
) -> RequestCertificateAnswer {
    failpoint::reach("spoc.request.received").await;
    let call = Call::of_partner(caller, RequestId::generate(app.clock.as_ref()));
    let decided = match Received::read(
        caller,
        &message.caller_id,
        &message.message_id,
        kept::REQUEST_CERTIFICATE,
        &[&message.certificate_request],
    ) {
        Some(received) => process(app, &call, &received, &message.certificate_request).await,
        None => malformed(app, &call, caller).await,
    };
    let answer = decided.map(|decided| decided.answer).unwrap_or_else(|failure| {
        tracing::error!(error = &failure as &dyn std::error::Error, %caller, "a request for a certificate was not decided");
        RequestCertificateAnswer::of(Code::FailureInternalError)
    });
    app.metrics.certificate_request(answer.result.as_str());
    answer
}

/// An answer, and why it is a refusal where it is a new one.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) answer: RequestCertificateAnswer,
    pub(crate) refusal: Option<Refusal>,
}

async fn malformed(app: &App, call: &Call, caller: Country) -> Result<Decided, SpocError> {
    refused::note(app, call, caller, kept::REQUEST_CERTIFICATE, Rule::Message, None).await?;
    Ok(Decided { answer: RequestCertificateAnswer::of(Code::FailureSyntax), refusal: None })
}

/// Decides on a request, once for each message.
///
/// # Errors
/// [`SpocError`] when nothing was decided.
pub(crate) async fn process(app: &App, call: &Call, received: &Received, request: &[u8]) -> Result<Decided, SpocError> {
    let case = Asked::read(request).map(|asked| Case { caller: received.caller, asked: Arc::new(asked), waited: None });
    let mut turn = None;
    for _ in 0..ATTEMPTS {
        let decided = match &case {
            Ok(case) => readable(app, call, received, case).await,
            Err(refusal) => unreadable(app, call, received, refusal).await.map(Some),
        };
        match decided {
            Ok(Some(decided)) => return Ok(decided),
            // Trust, the partner or the holder changed meanwhile, or midnight passed.
            Ok(None) => issue::overtaken(app, &mut turn).await?,
            // The same message, or another with its reference or its key, was decided while this one was judged.
            Err(SpocError::Store(StoreError::Duplicate(_))) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(SpocError::Busy)
}

/// The answer to a message that came before, or to another one under its identifier; `None` to one that is new.
async fn answered(app: &App, call: &Call, received: &Received, seen: Seen) -> Result<Option<Decided>, SpocError> {
    match seen {
        Seen::Answered(answer) => Ok(Some(Decided { answer: kept_answer(&answer)?, refusal: None })),
        Seen::Otherwise => reused(app, call, received).await.map(Some),
        Seen::Never => Ok(None),
    }
}

/// Another message came under an identifier that was answered: nothing is kept of it but that it came.
async fn reused(app: &App, call: &Call, received: &Received) -> Result<Decided, SpocError> {
    let refusal = Refusal {
        code: Code::FailureRequestNotAccepted,
        rule: Rule::MessageId,
        detail: "its identifier was used for another message".to_owned(),
    };
    let (caller, id) = (received.caller, Some(received.message_id.as_str()));
    refused::note(app, call, caller, kept::REQUEST_CERTIFICATE, refusal.rule, id).await?;
    Ok(Decided { answer: RequestCertificateAnswer::of(refusal.code), refusal: Some(refusal) })
}

/// Judges and commits; `None` when what the judgement rests on changed before the commit. What was answered before is told again, whatever keeps us from
/// deciding now, and no key of ours signs for it: only of messages that come at the same moment both may be signed for, and then one commit fails as a
/// duplicate.
async fn readable(app: &App, call: &Call, received: &Received, case: &Case) -> Result<Option<Decided>, SpocError> {
    let (known, looked) = tokio::join!(known(app, received, &case.asked), issue::look(app, case));
    let (seen, used) = known?;
    if let Some(decided) = answered(app, call, received, seen).await? {
        return Ok(Some(decided));
    }
    let judgement = issue::judge(app, case, looked?, used).await?;
    failpoint::reach("spoc.request.judged").await;
    let decided = app.store.write_tx(async |tx| commit(app, tx, call, received, case, &judgement).await).await?;
    if decided.is_some() {
        failpoint::reach("spoc.request.committed").await;
    }
    Ok(decided)
}

/// Whether the message came before, and what others used of what it asks for.
async fn known(app: &App, received: &Received, asked: &Asked) -> Result<(Seen, Used), SpocError> {
    let (cvca, chr, key) = (asked.cvca().unwrap_or_default(), asked.chr().to_string(), asked.key_sha256());
    let wanted = applications::Wanted {
        caller: received.caller,
        message_id: &received.message_id,
        cvca: &cvca,
        chr: &chr,
        key_sha256: &key,
    };
    let (answered, used) = applications::known(app.store.reader(), &wanted).await?;
    Ok((received.held_against(answered), used))
}

/// Refuses what cannot be read, unless the message was answered before.
async fn unreadable(app: &App, call: &Call, received: &Received, refusal: &Refusal) -> Result<Decided, SpocError> {
    let seen = received.seen(app.store.reader()).await?;
    if let Some(decided) = answered(app, call, received, seen).await? {
        return Ok(decided);
    }
    let answer = RequestCertificateAnswer::of(refusal.code);
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            keep_answer(tx, received, &answer, Some(refusal.rule), now).await?;
            let detail = json!({ "caller": received.caller, "messageId": received.message_id, "code": refusal.code.as_str(), "rule": refusal.rule.as_str(), "detail": refusal.detail });
            record(app, tx, call, "exchange.request_refused", detail).await
        })
        .await?;
    Ok(Decided { answer, refusal: Some(refusal.clone()) })
}

async fn commit(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    received: &Received,
    case: &Case,
    judgement: &Judgement,
) -> Result<Option<Decided>, SpocError> {
    let now = judgement.now;
    let row = decided_row(row(app, received, case, now), judgement);
    if !judgement.is_of_today(app)? || !applications::insert_while(tx, row.clone(), judgement.rests_on()).await? {
        return Ok(None);
    }
    let decided = match &judgement.outcome {
        Ok(Granted::Now(grant, certificate)) => {
            let certificates = judgement.sequence(&grant.asked_car, certificate);
            let answer = RequestCertificateAnswer { result: Code::OkCertAvailable, certificates };
            issue::keep_issued(app, tx, call, certificate, &row, now).await?;
            let detail = issue::custody(&row, grant, certificate);
            record_with(app, tx, call, "exchange.certificate_issued", detail, &issue::event(certificate)).await?;
            keep_answer(tx, received, &answer, Some(grant.rule), now).await?;
            Decided { answer, refusal: None }
        }
        Ok(Granted::Later(grant)) => {
            let answer = RequestCertificateAnswer::of(Code::OkReceptionAck);
            let detail = json!({ "application": row.id, "caller": row.caller, "messageId": row.message_id, "chr": row.chr, "requestFingerprint": fingerprint(&row.request), "outerCar": row.outer_car, "voucherFingerprint": grant.voucher_sha256, "rule": grant.rule.as_str(), "approval": grant.approval.as_str() });
            record(app, tx, call, "exchange.request_accepted", detail).await?;
            keep_answer(tx, received, &answer, Some(grant.rule), now).await?;
            Decided { answer, refusal: None }
        }
        Err(refusal) => {
            let answer = RequestCertificateAnswer::of(refusal.code);
            let detail = json!({ "application": row.id, "caller": row.caller, "messageId": row.message_id, "chr": row.chr, "requestFingerprint": fingerprint(case.asked.as_der()), "outerCar": row.outer_car, "code": refusal.code.as_str(), "rule": refusal.rule.as_str(), "detail": refusal.detail });
            record(app, tx, call, "exchange.request_refused", detail).await?;
            keep_answer(tx, received, &answer, Some(refusal.rule), now).await?;
            Decided { answer, refusal: Some(refusal.clone()) }
        }
    };
    failpoint::reach("spoc.request.written").await;
    Ok(Some(decided))
}

/// A request as it came in; it waits until something else is said.
fn row(app: &App, received: &Received, case: &Case, now: Timestamp) -> application::Model {
    let within = i64::from(app.policy.for_partner(case.caller).answers.within_days);
    application::Model {
        id: ApplicationId::generate_at(now).uuid(),
        caller: received.caller.to_string(),
        message_id: received.message_id.clone(),
        holder: case.asked.holder(),
        chr: case.asked.chr().to_string(),
        cvca: case.asked.cvca().unwrap_or_default(),
        key_sha256: case.asked.key_sha256(),
        outer_car: case.asked.outer_car().to_string(),
        request: case.asked.as_der().to_vec(),
        state: "waiting".to_owned(),
        received_at: now.millis(),
        due_at: now.millis().saturating_add(Day::from_midnight(0).plus(within).midnight()),
        alerted_at: None,
        first_officer: None,
        first_at: None,
        second_officer: None,
        decided_at: None,
        code: None,
        rule: None,
        detail: None,
    }
}

/// The same request as it was judged.
fn decided_row(row: application::Model, judgement: &Judgement) -> application::Model {
    match &judgement.outcome {
        Ok(Granted::Now(grant, _)) => application::Model {
            state: "issued".to_owned(),
            decided_at: Some(judgement.now.millis()),
            code: Some(Code::OkCertAvailable.as_str().to_owned()),
            rule: Some(grant.rule.as_str().to_owned()),
            ..row
        },
        Ok(Granted::Later(grant)) => application::Model { rule: Some(grant.rule.as_str().to_owned()), ..row },
        Err(refusal) => refused(row, refusal, judgement.now),
    }
}

/// The same request, refused. Its bytes are not kept: what was wrong with it is said, and whoever is refused can be refused as often as it likes.
pub(super) fn refused(row: application::Model, refusal: &Refusal, now: Timestamp) -> application::Model {
    application::Model {
        state: "refused".to_owned(),
        decided_at: Some(now.millis()),
        code: Some(refusal.code.as_str().to_owned()),
        rule: Some(refusal.rule.as_str().to_owned()),
        detail: Some(refusal.detail.clone()),
        request: Vec::new(),
        ..row
    }
}

async fn keep_answer(
    tx: &DatabaseTransaction,
    received: &Received,
    answer: &RequestCertificateAnswer,
    rule: Option<Rule>,
    now: Timestamp,
) -> Result<(), SpocError> {
    let bytes = convert::request_answer_to_wire(answer.clone()).encode_to_vec();
    received.answer(tx, bytes, answer.result.as_str(), rule, now).await
}

fn kept_answer(bytes: &[u8]) -> Result<RequestCertificateAnswer, SpocError> {
    let corrupt = |why: String| SpocError::Corrupt(format!("an answer kept for a partner: {why}"));
    let answer = RequestCertificateResponse::decode(bytes).map_err(|why| corrupt(why.to_string()))?;
    convert::request_answer_from_wire(answer).map_err(|why| corrupt(why.to_string()))
}
