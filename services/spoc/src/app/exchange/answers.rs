//! What an answer of a partner does here, whether it came at once or by SendCertificates. Each effect and the end of the message it belongs to are one
//! transaction; what has been settled once stays as it is.

use std::collections::HashSet;

use cvc::{certificate::Certificate, reference::Reference};
use exchange::{Country, message::MAX_CERTIFICATES};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;
use straznica_exchange_wire::grpc::convert::kept;
use straznica_runtime::failpoint;
use straznica_types::Timestamp;
use uuid::Uuid;

use crate::{
    app::{
        App, blocking,
        call::Call,
        cvca_certificates::{self, Verified},
        dv_certificates, record,
    },
    domain::{
        exchange::{outbox::State, policy::Rule, renewal::Cause},
        records::{self, Day, Role},
    },
    error::SpocError,
    store::{
        certificates,
        entity::{
            cv_certificate,
            outbox::{ActiveModel, Model},
        },
        exchange::outbox as store,
        generations::{self, Subject},
    },
};

/// Most self-signed certificates of one state that wait for officers. A partner cannot fill the list they work from.
const MAX_WAITING_ROOTS: usize = 32;
/// Most CVCA certificates of one state in force that are taken from it. A CVCA changes its key every few years; whoever sends a new generation every day is at fault, and
/// every chain of that state would be looked for among them.
const MAX_HELD: usize = 128;

/// Word of an answer that held what was asked for.
pub(super) const OK_CERT_AVAILABLE: &str = "ok_cert_available";

/// Takes in the DV certificate asked for by the message `id`, and the CVCA certificates with it: all or none.
///
/// # Errors
/// What refuses them, by a rule ([`SpocError::rule`]), or what failed.
pub(super) async fn certificate(app: &App, call: &Call, id: Uuid, ders: Vec<Vec<u8>>) -> Result<(), SpocError> {
    let mut parsed = parse(ders).await?;
    let certificate = parsed.remove(0);
    let asked = current(app.store.reader(), id).await?;
    if asked.state == State::Done.as_str() {
        return Ok(());
    }
    if certificate.chr().to_string() != asked.subject {
        return Err(SpocError::refused(certificate.chr(), Rule::ReceivedRequest, "it answers another request"));
    }
    let country: Country =
        asked.country.parse().map_err(|_| SpocError::Corrupt(format!("country {} of a message", asked.country)))?;
    of_their_sender(&parsed, country)?;
    if certificate.car().country() != country.as_str() {
        return Err(SpocError::refused(
            certificate.chr(),
            Rule::Sender,
            "its issuer is of another state than its sender",
        ));
    }
    room_for_roots(app.store.reader(), app.clock.now(), country, &parsed).await?;
    let brings_cvcas = !parsed.is_empty();
    let taking = async |tx: &DatabaseTransaction, others: &Verified| {
        let row = current(tx, id).await?;
        if row.state == State::Done.as_str() {
            return Ok(Vec::new());
        }
        let taken = dv_certificates::take_in(app, tx, call, &certificate, others).await?;
        if brings_cvcas {
            room_for_roots(tx, app.clock.now(), country, &[]).await?;
        }
        settle(app, tx, row, State::Done, OK_CERT_AVAILABLE).await?;
        failpoint::reach("spoc.answer.written").await;
        Ok(taken.warnings)
    };
    for warning in cvca_certificates::with_verified(app, parsed, taking).await? {
        tracing::warn!(chr = %certificate.chr(), car = %certificate.car(), %warning, "a document verifier's certificate departs from policy");
    }
    failpoint::reach("spoc.answer.committed").await;
    app.refresh().await
}

/// Takes in certificates of a partner's CVCAs, all or none: the answer to the message `id`, or news.
///
/// # Errors
/// As [`certificate`].
pub(super) async fn ca_certificates(
    app: &App,
    call: &Call,
    country: Country,
    id: Option<Uuid>,
    ders: Vec<Vec<u8>>,
) -> Result<(), SpocError> {
    let parsed = parse(ders).await?;
    of_their_sender(&parsed, country)?;
    room_for_roots(app.store.reader(), app.clock.now(), country, &parsed).await?;
    let taking = async |tx: &DatabaseTransaction, verified: &Verified| {
        if let Some(id) = id {
            let row = current(tx, id).await?;
            if row.state == State::Done.as_str() {
                return Ok(());
            }
            settle(app, tx, row, State::Done, OK_CERT_AVAILABLE).await?;
        }
        let now = app.clock.now();
        let imported = cvca_certificates::take_in(app, tx, call, call.author(), verified, now).await?;
        if !imported.is_empty() {
            room_for_roots(tx, app.clock.now(), country, &[]).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
        }
        Ok(())
    };
    cvca_certificates::with_verified(app, parsed, taking).await?;
    app.refresh().await
}

async fn parse(ders: Vec<Vec<u8>>) -> Result<Vec<Certificate>, SpocError> {
    if ders.is_empty() || ders.len() > MAX_CERTIFICATES {
        return Err(SpocError::field("certificates", "1 to 256 certificates are taken"));
    }
    blocking(move || cvca_certificates::parse_all(&ders)).await
}

/// CVCA certificates are taken from the state whose they are: any other could occupy a reference its owner is about to use, and ours come from
/// nobody but us.
fn of_their_sender(cvcas: &[Certificate], country: Country) -> Result<(), SpocError> {
    let is_of = |reference: Reference| reference.country() == country.as_str();
    match cvcas.iter().find(|one| !is_of(one.car()) || !is_of(one.chr())) {
        Some(foreign) => Err(SpocError::refused(foreign.chr(), Rule::Sender, "it is of another state than its sender")),
        None => Ok(()),
    }
}

fn is_cvca(row: &cv_certificate::Model) -> bool {
    Role::from_name(&row.role).is_some_and(Role::is_cvca)
}

/// Whether what is new among `offered` leaves no more certificates of the state's CVCAs in force than are held; and whether those that wait for officers,
/// and those of `offered` that would (no link beside them leads there), are not too many. Counted before their signatures are verified, which takes far
/// longer than making them.
async fn room_for_roots(
    db: &impl ConnectionTrait,
    now: Timestamp,
    country: Country,
    offered: &[Certificate],
) -> Result<(), SpocError> {
    let held = certificates::all(db).await?;
    let waiting = held.iter().filter(|row| {
        row.state == records::State::AwaitingConfirmation.as_str() && row.chr.starts_with(country.as_str())
    });
    let today = Day::of(now).midnight();
    let in_force = |row: &&cv_certificate::Model| is_cvca(row) && row.expires >= today;
    let of_state = held.iter().filter(in_force).filter(|row| row.chr.starts_with(country.as_str())).count();
    let is_held = |one: &Certificate| held.iter().any(|row| *row.certificate == *one.as_der());
    let is_linked = |one: &Certificate| offered.iter().any(|link| !link.is_self_signed() && link.chr() == one.chr());
    let would_wait = offered.iter().filter(|one| one.is_self_signed() && !is_held(one) && !is_linked(one));
    let would_wait: HashSet<&[u8]> = would_wait.map(Certificate::as_der).collect();
    let new: HashSet<&[u8]> = offered.iter().filter(|one| !is_held(one)).map(Certificate::as_der).collect();
    if !new.is_empty() && of_state + new.len() > MAX_HELD {
        let reason = format!("no more than {MAX_HELD} certificates of its CVCAs are held");
        return Err(SpocError::refused(country, Rule::HeldCertificates, reason));
    }
    if waiting.count() + would_wait.len() > MAX_WAITING_ROOTS {
        let reason = format!("{MAX_WAITING_ROOTS} certificates already wait for officers");
        return Err(SpocError::refused(country, Rule::WaitingRoots, reason));
    }
    Ok(())
}

/// Notes that what came for the message `id` is not taken, and why. CVCA certificates among it are looked at alone: a root that came with a certificate
/// nobody can judge without it goes to the officers.
///
/// # Errors
/// [`SpocError`] when something failed.
pub(super) async fn refuse(
    app: &App,
    call: &Call,
    country: Country,
    id: Uuid,
    ders: Vec<Vec<u8>>,
    why: &SpocError,
    rule: Rule,
) -> Result<(), SpocError> {
    let is_request = end_refused(app, call, country, id, rule, why.to_string()).await?;
    let cvcas: Vec<Vec<u8>> = ders.into_iter().skip(1).collect();
    if is_request && !cvcas.is_empty() {
        match ca_certificates(app, call, country, None, cvcas).await {
            Err(failure) if failure.rule().is_none() => return Err(failure),
            Err(_) | Ok(()) => {}
        }
    }
    Ok(())
}

/// Ends the message `id` because what came for it is not taken, by a rule. Whether it was a request.
///
/// # Errors
/// [`SpocError`] when something failed.
pub(super) async fn end_refused(
    app: &App,
    call: &Call,
    country: Country,
    id: Uuid,
    rule: Rule,
    reason: String,
) -> Result<bool, SpocError> {
    let is_request = app
        .store
        .write_tx(async |tx| {
            let row = current(tx, id).await?;
            let is_request = row.operation == kept::REQUEST_CERTIFICATE;
            if row.state == State::Done.as_str() {
                return Ok(false);
            }
            let detail = json!({ "partner": row.country, "messageId": row.message_id, "subject": row.subject, "rule": rule.as_str(), "reason": reason });
            record(app, tx, call, "exchange.answer_refused", detail).await?;
            close_request(app, tx, &row, Cause::AnswerRefused.as_str()).await?;
            fail(app, tx, row, Cause::AnswerRefused.as_str(), &reason).await?;
            Ok::<_, SpocError>(is_request)
        })
        .await?;
    tracing::warn!(%country, %reason, "certificates of a partner are refused");
    app.metrics.answer_refused(country);
    Ok(is_request)
}

/// Ends a message the partner answered with a failure, in this transaction.
///
/// # Errors
/// [`SpocError`] when something failed.
pub(super) async fn decline(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: Model,
    code: &str,
) -> Result<(), SpocError> {
    let detail = json!({ "partner": row.country, "operation": row.operation, "messageId": row.message_id, "subject": row.subject, "code": code });
    record(app, tx, call, "exchange.declined", detail).await?;
    close_request(app, tx, &row, code).await?;
    settle(app, tx, row, State::Failed, code).await
}

/// Notes with the request a message carried that it came back.
pub(super) async fn close_request(
    app: &App,
    tx: &DatabaseTransaction,
    row: &Model,
    cause: &str,
) -> Result<(), SpocError> {
    if row.operation != kept::REQUEST_CERTIFICATE {
        return Ok(());
    }
    if let Some(request) = certificates::find_request(tx, &row.subject).await?.filter(|request| request.state == "open")
    {
        certificates::close(tx, request, cause, app.clock.now()).await?;
    }
    Ok(())
}

/// Ends a message the partner had and did not answer, or answered with a failure of its own: it is sent no more. What the partner said last stays.
///
/// # Errors
/// [`SpocError::Store`]
pub(super) async fn abandon(tx: &DatabaseTransaction, row: Model) -> Result<(), SpocError> {
    let abandoned = ActiveModel {
        state: Set(State::Failed.as_str().to_owned()),
        leased_until: Set(None),
        last_error: Set(Some("no answer came in time; it was given up".to_owned())),
        ..row.into_active_model()
    };
    Ok(store::update(tx, abandoned).await?)
}

/// Ends a message for a reason of ours.
///
/// # Errors
/// [`SpocError::Store`]
pub(super) async fn fail(
    app: &App,
    tx: &DatabaseTransaction,
    row: Model,
    code: &str,
    reason: &str,
) -> Result<(), SpocError> {
    let failed = settled(app, row, State::Failed, code);
    Ok(store::update(tx, ActiveModel { last_error: Set(Some(reason.to_owned())), ..failed }).await?)
}

/// Writes that a message is answered.
pub(super) async fn settle(
    app: &App,
    tx: &DatabaseTransaction,
    row: Model,
    state: State,
    code: &str,
) -> Result<(), SpocError> {
    Ok(store::update(tx, settled(app, row, state, code)).await?)
}

fn settled(app: &App, row: Model, state: State, code: &str) -> ActiveModel {
    ActiveModel {
        state: Set(state.as_str().to_owned()),
        code: Set(Some(code.to_owned())),
        answered_at: Set(Some(app.clock.now().millis())),
        leased_until: Set(None),
        ..row.into_active_model()
    }
}

/// The message, as a transaction sees it where one is given.
///
/// # Errors
/// [`SpocError::Corrupt`] when it is gone: one that still expects an answer is not deleted.
pub(super) async fn current(db: &impl ConnectionTrait, id: Uuid) -> Result<Model, SpocError> {
    store::find(db, id).await?.ok_or_else(|| SpocError::Corrupt(format!("message {id} is gone")))
}
