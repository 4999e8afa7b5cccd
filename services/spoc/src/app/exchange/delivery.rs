//! Delivery of messages to partners.
//!
//! A message is leased, sent with nothing locked, and settled together with what its answer does. Whoever is stopped in between sends the same bytes
//! under the same identifier again, and gets the same answer. To one partner one message is under way at a time, oldest first. A partner that is
//! not reached, or fails, puts off all that waits for it, so that a dead line is tried once a pause and not once a message; one it was there for and
//! failed at, or left without an answer twice in a row, comes after all others from then on, so that it keeps none behind it. What is wrong with a single message
//! (the partner cannot read it, its answer cannot be read or processed) puts off that message alone, and one that no binding can carry ends there. Of
//! a turn each partner gets its share: a slow one does not keep what is due to others waiting, and what falls due to them meanwhile waits for the slow one's
//! share and one answer at most. During an outage the partner announced nothing is asked
//! of it; what is owed to it is tried now and then, for a CVCA that issues nothing may have a SPOC that takes certificates.

use std::{sync::Arc, time::Duration};

use exchange::{
    Country,
    code::SendCertificatesCode,
    message::{Answer, Message},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::json;
use straznica_exchange_wire::{CallError, FaultOf, PartnerClient, grpc::convert::kept};
use straznica_runtime::failpoint;
use straznica_store::{Engine, Store};
use straznica_types::{RequestId, Timestamp};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{answers, contacts, messages, outbox};
use crate::{
    app::{App, call::Call, record},
    domain::exchange::{
        backoff::Pauses,
        outbox::{Outcome, State, outcome},
        partner::Partner,
        policy::Rule,
    },
    error::SpocError,
    store::{
        entity::outbox::{ActiveModel, Model},
        exchange::{
            contacts::{self as kept_contacts, Contact},
            outbox as store,
        },
    },
};

/// Partners written to at once.
const PARTNERS_AT_ONCE: usize = 16;
/// How long one partner is written to in a turn; the last message may take as long as an answer is waited for.
const SHARE: Duration = Duration::from_secs(10);
/// Word of a message that no binding can carry; the standard has none.
const UNSENDABLE: &str = "unsendable";
/// Word of a message that was sent and not answered when it was last tried; the standard has none.
const UNANSWERED: &str = "unanswered";
/// The standard's word for what a partner says by a fault of its own instead.
const FAILED_AT_IT: &str = "failure_internal_error";
/// What is noted of an answer whose message the partner says it does not know.
const UNKNOWN: &str = SendCertificatesCode::FailureMessageIdUnknown.as_str();

/// How long an answer that cannot be read is asked for again.
const UNREADABLE_LIFE: Duration = DAY;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Ways to partners.
pub(crate) trait Clients: Send + Sync + std::fmt::Debug {
    /// The way to this partner, by the binding and address of its registration.
    ///
    /// # Errors
    /// [`CallError`] when there can be none.
    fn of(&self, partner: &Partner) -> Result<Arc<dyn PartnerClient>, CallError>;
}

/// Whether to go on with the next message for the same partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Stop,
}

/// Delivers everything that is due, once.
///
/// # Errors
/// [`SpocError`] when the database does not answer; what goes wrong with one partner is logged and does not keep others from being served.
pub(crate) async fn turn(app: &Arc<App>) -> Result<(), SpocError> {
    if app.clients.get().is_none() {
        return Ok(());
    }
    let due = store::partners_with_due(app.store.reader(), app.clock.now()).await?;
    let turns = Arc::new(Semaphore::new(PARTNERS_AT_ONCE));
    let mut partners = JoinSet::new();
    for country in due {
        let (app, turns) = (Arc::clone(app), Arc::clone(&turns));
        partners.spawn(async move {
            let _turn = turns.acquire_owned().await;
            let outcome = deliver_all(&app, &country).await;
            (country, outcome)
        });
    }
    while let Some(partner) = partners.join_next().await {
        match partner {
            Ok((_, Ok(()))) => {}
            Ok((country, Err(failure))) => tracing::error!(%country, error = %failure, "delivery to a partner failed"),
            Err(failure) => tracing::error!(error = %failure, "delivery to a partner ended abnormally"),
        }
    }
    Ok(())
}

/// Frees what was being delivered when this node ended, so that it is sent again at once. Only on SQLite, which one process has to itself; a replica on
/// PostgreSQL waits for the lease to run out, for another one may be waiting for the answer.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn take_up_after_a_restart(database: &Store) -> Result<(), SpocError> {
    if database.engine() != Engine::Sqlite {
        return Ok(());
    }
    let freed = database.write_tx(async |tx| store::free_all(tx).await.map_err(SpocError::from)).await?;
    if freed > 0 {
        tracing::info!(messages = freed, "deliveries that were cut off are taken up again");
    }
    Ok(())
}

/// Delivers what is due to a partner, as long as its share of the turn lasts; the rest is the next turn's.
async fn deliver_all(app: &App, country: &str) -> Result<(), SpocError> {
    let until = app.clock.now() + SHARE;
    while deliver_next(app, country).await? == Next::GoOn && app.clock.now() < until {}
    Ok(())
}

async fn deliver_next(app: &App, country: &str) -> Result<Next, SpocError> {
    let now = app.clock.now();
    let name: Country = country.parse().map_err(|_| SpocError::Corrupt(format!("country {country} of a message")))?;
    let pauses = pauses(app, name);
    let partner = app.partners.get(name);
    let Some(partner) = partner.filter(|partner| partner.is_served(now)) else {
        // Suspended or no longer registered: what waits stays, and is looked at again now and then.
        return put_off(app, country, now + pauses.longest).await;
    };
    // Looked at again before its end: an officer may remove an outage.
    let outage = partner.outage_at(now).and_then(|outage| outage.period.until());
    let asked_again = outage.map(|end| end.min(now + pauses.longest));
    let pauses = if outage.is_some() { Pauses { first: pauses.longest, ..pauses } } else { pauses };
    let leased = app
        .store
        .write_tx(async |tx| {
            if let Some(asked_again) = asked_again {
                store::put_off_questions(tx, country, asked_again).await?;
            }
            store::lease(tx, country, now, now + app.config.exchange.lease()).await.map_err(SpocError::from)
        })
        .await?;
    let Some(row) = leased else { return Ok(Next::Stop) };
    failpoint::reach("spoc.outbox.leased").await;
    let message = match outbox::message_of(&row) {
        Ok(message) => message,
        Err(failure) => return set_aside(app, &row, &failure, pauses).await,
    };
    let answer = send(app, &partner, &message).await;
    failpoint::reach("spoc.outbox.answered").await;
    app.metrics.message_sent(&row.operation, if answer.is_ok() { "answered" } else { "not_answered" });
    let next = match answer {
        Ok(answer) => match take(app, name, row.clone(), outcome(answer), pauses).await {
            Ok(()) => Next::GoOn,
            Err(failure) => set_aside(app, &row, &failure, pauses).await?,
        },
        Err(why @ CallError::Unsendable(_)) => end_unsendable(app, name, &row, &why).await?,
        Err(why) => not_answered(app, name, &row, &why, pauses).await?,
    };
    failpoint::reach("spoc.outbox.settled").await;
    Ok(next)
}

async fn put_off(app: &App, country: &str, until: Timestamp) -> Result<Next, SpocError> {
    app.store.write_tx(async |tx| store::put_off(tx, country, until).await.map_err(SpocError::from)).await?;
    Ok(Next::Stop)
}

/// Pauses between attempts, by the policy for a partner.
pub(super) fn pauses(app: &App, country: Country) -> Pauses {
    let delivery = app.policy.for_partner(country).delivery;
    Pauses {
        first: Duration::from_secs(delivery.first_seconds.into()),
        longest: Duration::from_secs(delivery.longest_seconds.into()),
        jitter_percent: delivery.jitter_percent,
    }
}

async fn send(app: &App, partner: &Partner, message: &Message) -> Result<Answer, CallError> {
    let clients = app.clients.get().ok_or_else(|| CallError::NotReached("no way to partners is configured".into()))?;
    let client = clients.of(partner)?;
    let answer = client.send_within(message, app.config.exchange.longest_wait()).await?;
    if answer.operation() != message.operation() {
        return Err(CallError::Unreadable("it answers another operation".into()));
    }
    Ok(answer)
}

/// Puts an answer into effect that came another way than over the link.
///
/// # Errors
/// [`SpocError`] when nothing was taken.
pub(super) async fn answered(app: &App, country: Country, row: Model, answer: Answer) -> Result<(), SpocError> {
    take(app, country, row, outcome(answer), pauses(app, country)).await
}

/// No answer: the same message again after a pause, and until then nothing else for this partner, unless the fault is this message's.
async fn not_answered(
    app: &App,
    country: Country,
    row: &Model,
    why: &CallError,
    pauses: Pauses,
) -> Result<Next, SpocError> {
    let mut reason = with_causes(why);
    if let (CallError::NotAdmittedByUs, Some(refusal)) = (why, app.last_refusals.of(country)) {
        reason = format!("{reason}: {refusal}");
    }
    tracing::warn!(partner = %row.country, operation = %row.operation, attempts = row.attempts, %reason, "a message was not answered");
    if is_hopeless(row, why, app.clock.now()) {
        let call = Call::of_partner(country, RequestId::generate(app.clock.as_ref()));
        answers::end_refused(app, &call, country, row.id, Rule::Answer, reason).await?;
        return Ok(Next::GoOn);
    }
    let alone = is_of_the_message(why);
    app.store
        .write_tx(async |tx| {
            let now = app.clock.now();
            let until = now + pauses.after(row.id, attempts(row));
            let current = answers::current(tx, row.id).await?;
            let since = current.answered_at.unwrap_or(now.millis());
            let current_unknown = current.answered_at.filter(|_| current.code.as_deref() == Some(UNKNOWN));
            let open = current.state == State::Pending.as_str();
            let mut again = again(current, until, reason.clone());
            if open && is_the_partners_failure(why) {
                failing(&mut again, since, FAILED_AT_IT);
            } else if open {
                // The line's failure says nothing of whether the partner would fail at it. What was sent and got no answer comes after what else waits,
                // for it may be this message that it hangs at; it is not given up, for it may be the line.
                // An answer of ours the partner does not know keeps its day, but for the time the line is down: the receipt it waits for may be held up as well.
                match current_unknown {
                    Some(since) => failing(&mut again, since + (until.millis() - now.millis()), UNKNOWN),
                    None => {
                        let noted = is_left_unanswered(why).then(|| UNANSWERED.to_owned());
                        (again.answered_at, again.code) = (Set(None), Set(noted));
                    }
                }
            }
            store::update(tx, again).await?;
            if !alone {
                store::put_off(tx, &row.country, until).await?;
            }
            kept_contacts::note(tx, country, Contact::Failed(reason.clone()), now).await?;
            Ok::<_, SpocError>(())
        })
        .await?;
    Ok(if alone { Next::GoOn } else { Next::Stop })
}

/// A partner gives a message it has seen the answer it gave before. One that nobody can read will not be another one later: a day after it was
/// asked for, the question is at an end and can be asked anew.
fn is_hopeless(row: &Model, why: &CallError, now: Timestamp) -> bool {
    let asks = matches!(row.operation.as_str(), kept::REQUEST_CERTIFICATE | kept::GET_CA_CERTIFICATES);
    let unreadable = matches!(why, CallError::Unreadable(_) | CallError::TooLarge { .. });
    asks && unreadable && now >= Timestamp::from_millis(row.created_at) + UNREADABLE_LIFE
}

/// Whether another message may fare better: the partner is there, and says or shows that it is this one it cannot deal with.
const fn is_of_the_message(why: &CallError) -> bool {
    match why {
        CallError::Fault { fault_of: FaultOf::Sender, .. } | CallError::Unreadable(_) | CallError::TooLarge { .. } => {
            true
        }
        // Too many requests, or too slow a one: the next would fare no better.
        CallError::Http(408 | 429) => false,
        CallError::Http(status) => matches!(*status, 400..=499),
        _ => false,
    }
}

/// Whether the partner was there and failed at this message: as it does by the standard's word, it may do so for ever. A status that says that it is
/// busy or not there is the line's.
fn is_the_partners_failure(why: &CallError) -> bool {
    const OF_THE_LINE: [&str; 4] = ["Unavailable", "ResourceExhausted", "DeadlineExceeded", "Cancelled"];
    match why {
        CallError::Fault { fault_of: FaultOf::Receiver, code, .. } => !OF_THE_LINE.contains(&code.as_str()),
        CallError::Http(status) => *status == 500,
        _ => false,
    }
}

/// Whether it may have been sent, and nothing came back: the line's fault, or that of a message the partner's software hangs at; nobody can tell.
fn is_left_unanswered(why: &CallError) -> bool {
    const LATE: [&str; 2] = ["DeadlineExceeded", "Cancelled"];
    match why {
        CallError::TimedOut | CallError::Broken(_) | CallError::Http(504) => true,
        CallError::Fault { fault_of: FaultOf::Receiver, code, .. } => LATE.contains(&code.as_str()),
        _ => false,
    }
}

/// The failure is ours: this message again after a pause, and the next one now.
async fn set_aside(app: &App, row: &Model, failure: &SpocError, pauses: Pauses) -> Result<Next, SpocError> {
    let reason = with_causes(failure);
    tracing::error!(partner = %row.country, operation = %row.operation, message = %row.id, %reason, "a message could not be dealt with");
    app.store
        .write_tx(async |tx| {
            let until = app.clock.now() + pauses.after(row.id, attempts(row));
            let current = answers::current(tx, row.id).await?;
            Ok::<_, SpocError>(store::update(tx, again(current, until, reason.clone())).await?)
        })
        .await?;
    Ok(Next::GoOn)
}

/// No binding will ever carry this message: it ends here.
async fn end_unsendable(app: &App, country: Country, row: &Model, why: &CallError) -> Result<Next, SpocError> {
    let reason = with_causes(why);
    tracing::error!(partner = %row.country, operation = %row.operation, message = %row.id, %reason, "a message cannot be sent");
    let call = Call::of_node("delivery", RequestId::generate(app.clock.as_ref()));
    app.store
        .write_tx(async |tx| {
            let current = answers::current(tx, row.id).await?;
            if current.state != State::Pending.as_str() {
                return Ok(());
            }
            if current.operation == kept::GENERAL_MESSAGE {
                messages::settle(tx, &current, false).await?;
            }
            let detail = json!({ "partner": country, "operation": row.operation, "messageId": row.message_id, "subject": row.subject, "reason": reason });
            record(app, tx, &call, "exchange.unsendable", detail).await?;
            answers::close_request(app, tx, &current, UNSENDABLE).await?;
            answers::fail(app, tx, current, UNSENDABLE, &reason).await
        })
        .await?;
    Ok(Next::GoOn)
}

/// Puts the answer into effect and settles the message, in one transaction.
async fn take(app: &App, country: Country, row: Model, outcome: Outcome, pauses: Pauses) -> Result<(), SpocError> {
    let call = Call::of_partner(country, RequestId::generate(app.clock.as_ref()));
    match outcome {
        Outcome::Certificate(ders) => {
            let taken = answers::certificate(app, &call, row.id, ders.clone()).await;
            taken_or_refused(app, &call, country, &row, ders, taken).await?;
        }
        Outcome::CaCertificates(ders) => {
            let taken = answers::ca_certificates(app, &call, country, Some(row.id), ders.clone()).await;
            taken_or_refused(app, &call, country, &row, ders, taken).await?;
        }
        Outcome::Done { code } => settle(app, &call, &row, State::Done, code).await?,
        Outcome::Acknowledged => settle(app, &call, &row, State::Acknowledged, "ok_reception_ack").await?,
        Outcome::Failed { code } if may_be_known_later(app, country, &row, code) => {
            ask_again(app, &row, code, pauses).await?;
        }
        Outcome::Failed { code } => settle(app, &call, &row, State::Failed, code).await?,
        Outcome::Again { code } => ask_again(app, &row, code, pauses).await?,
    }
    contacts::note_softly(app, country, Contact::Reached).await;
    Ok(())
}

/// An answer of ours to a request may overtake the receipt that makes its identifier known to the partner, and a partner that was restarted may know it again
/// when its people have it asked anew. The certificate exists and its reference and key are used, so it is not given up at the first word: only after the days
/// its own failures have as well.
fn may_be_known_later(app: &App, country: Country, row: &Model, code: &str) -> bool {
    if code != UNKNOWN || row.operation != kept::SEND_CERTIFICATES || row.message_id.is_none() {
        return false;
    }
    let days = app.policy.for_partner(country).answers.internal_error_days;
    let first = row.answered_at.filter(|_| row.code.as_deref() == Some(UNKNOWN));
    first.is_none_or(|first| app.clock.now() < Timestamp::from_millis(first) + DAY * u32::from(days))
}

/// The same message again after a pause, behind whatever else waits for the partner.
async fn ask_again(app: &App, row: &Model, code: &str, pauses: Pauses) -> Result<(), SpocError> {
    app.store
        .write_tx(async |tx| {
            let now = app.clock.now();
            let until = now + pauses.after(row.id, attempts(row));
            let current = answers::current(tx, row.id).await?;
            let since = current.answered_at.filter(|_| current.code.as_deref() == Some(code)).unwrap_or(now.millis());
            let open = current.state == State::Pending.as_str();
            let mut again = again(current, until, code.to_owned());
            if open {
                failing(&mut again, since, code);
            }
            Ok::<_, SpocError>(store::update(tx, again).await?)
        })
        .await
}

async fn taken_or_refused(
    app: &App,
    call: &Call,
    country: Country,
    row: &Model,
    ders: Vec<Vec<u8>>,
    taken: Result<(), SpocError>,
) -> Result<(), SpocError> {
    match taken {
        Err(why) => match why.rule() {
            Some(rule) => answers::refuse(app, call, country, row.id, ders, &why, rule).await,
            None => Err(why),
        },
        taken => taken,
    }
}

async fn settle(app: &App, call: &Call, row: &Model, state: State, code: &str) -> Result<(), SpocError> {
    app.store
        .write_tx(async |tx| {
            let current = answers::current(tx, row.id).await?;
            // The partner's callback may have been faster than its receipt.
            if current.state != State::Pending.as_str() {
                return Ok(());
            }
            if row.operation == kept::GENERAL_MESSAGE {
                messages::settle(tx, &current, state == State::Done).await?;
            }
            match state {
                State::Failed => answers::decline(app, tx, call, current, code).await,
                _ => answers::settle(app, tx, current, state, code).await,
            }
        })
        .await
}

/// The row to be tried again; unless something else has happened to it meanwhile.
fn again(row: Model, until: Timestamp, reason: String) -> ActiveModel {
    let open = row.state == State::Pending.as_str();
    let mut again = row.into_active_model();
    again.leased_until = Set(None);
    if open {
        again.next_attempt_at = Set(until.millis());
        again.last_error = Set(Some(reason));
    }
    again
}

/// Notes since when the partner fails at it: not for ever is it sent again.
fn failing(row: &mut ActiveModel, since: i64, code: &str) {
    (row.answered_at, row.code) = (Set(Some(since)), Set(Some(code.to_owned())));
}

fn attempts(row: &Model) -> u32 {
    u32::try_from(row.attempts).unwrap_or(u32::MAX)
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        // some libraries' errors already end with what lies beneath them
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OpenSSL's error is: it shows its cause itself and names it as its source as well.
    #[derive(Debug, thiserror::Error)]
    #[error("the handshake failed: {0}")]
    struct Handshake(#[from] std::io::Error);

    #[test]
    fn an_operator_reads_each_cause_once() {
        let reset = || std::io::Error::other("connection reset");
        let told_by_both = CallError::NotReached(Box::new(Handshake(reset())));
        assert_eq!(with_causes(&told_by_both), "the partner was not reached: the handshake failed: connection reset");
        let plain = CallError::NotReached(Box::new(reset()));
        assert_eq!(with_causes(&plain), "the partner was not reached: connection reset");
    }
}
