//! Delivery of messages to partners.
//!
//! A message is leased, sent with nothing locked, and settled together with what its answer does. Whoever is stopped in between sends the same bytes
//! under the same identifier again, and gets the same answer. To one partner one message is under way at a time, oldest first; a partner that is
//! not reached puts off all that waits for it, so that a dead line is tried once a pause and not once a message. During an outage the partner
//! announced nothing is tried.

use std::{sync::Arc, time::Duration};

use exchange::{Country, message::Answer};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use straznica_exchange_wire::{CallError, PartnerClient, grpc::convert::kept};
use straznica_runtime::failpoint;
use straznica_store::{Engine, Store};
use straznica_types::{RequestId, Timestamp};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

use super::{answers, contacts, messages, outbox};
use crate::{
    app::{App, call::Call},
    domain::exchange::{
        backoff::Pauses,
        outbox::{Outcome, State, outcome},
        partner::Partner,
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

async fn deliver_all(app: &App, country: &str) -> Result<(), SpocError> {
    while deliver_next(app, country).await? == Next::GoOn {}
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
    if let Some(end) = partner.outage_at(now).and_then(|outage| outage.period.until()) {
        // Looked at again before its end: an officer may remove an outage.
        return put_off(app, country, end.min(now + pauses.longest)).await;
    }
    let leased = app
        .store
        .write_tx(async |tx| {
            store::lease(tx, country, now, now + app.config.exchange.lease()).await.map_err(SpocError::from)
        })
        .await?;
    let Some(row) = leased else { return Ok(Next::Stop) };
    failpoint::reach("spoc.outbox.leased").await;
    let answer = send(app, &partner, &row).await?;
    failpoint::reach("spoc.outbox.answered").await;
    let next = match answer {
        Ok(answer) => {
            app.metrics.message_sent(&row.operation, "answered");
            take(app, name, row, outcome(answer), pauses).await?;
            Next::GoOn
        }
        Err(why) => {
            app.metrics.message_sent(&row.operation, "not_answered");
            not_answered(app, name, row, &why, pauses).await?;
            Next::Stop
        }
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

async fn send(app: &App, partner: &Partner, row: &Model) -> Result<Result<Answer, CallError>, SpocError> {
    let message = outbox::message_of(row)?;
    let Some(clients) = app.clients.get() else {
        return Ok(Err(CallError::NotReached("no way to partners is configured".into())));
    };
    let client = match clients.of(partner) {
        Ok(client) => client,
        Err(why) => return Ok(Err(why)),
    };
    let answer = match timeout(app.config.exchange.longest_wait(), client.send(&message)).await {
        Ok(answer) => answer,
        Err(_) => Err(CallError::TimedOut),
    };
    Ok(answer.and_then(|answer| {
        if answer.operation() == message.operation() {
            Ok(answer)
        } else {
            Err(CallError::Unreadable("it answers another operation".into()))
        }
    }))
}

/// Puts an answer into effect that came another way than over the link.
///
/// # Errors
/// [`SpocError`] when nothing was taken.
pub(super) async fn answered(app: &App, country: Country, row: Model, answer: Answer) -> Result<(), SpocError> {
    take(app, country, row, outcome(answer), pauses(app, country)).await
}

/// No answer: the same message again after a pause, and until then nothing else for this partner.
async fn not_answered(
    app: &App,
    country: Country,
    row: Model,
    why: &CallError,
    pauses: Pauses,
) -> Result<(), SpocError> {
    let reason = with_causes(why);
    tracing::warn!(partner = %row.country, operation = %row.operation, attempts = row.attempts, %reason, "a message was not answered");
    app.store
        .write_tx(async |tx| {
            let now = app.clock.now();
            let until = now + pauses.after(row.id, attempts(&row));
            let current = answers::current(tx, row.id).await?;
            store::update(tx, again(current, until, reason.clone())).await?;
            store::put_off(tx, &row.country, until).await?;
            kept_contacts::note(tx, country, Contact::Failed(reason.clone()), now).await?;
            Ok::<_, SpocError>(())
        })
        .await
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
        Outcome::Failed { code } => settle(app, &call, &row, State::Failed, code).await?,
        Outcome::Again { code } => {
            app.store
                .write_tx(async |tx| {
                    let until = app.clock.now() + pauses.after(row.id, attempts(&row));
                    let current = answers::current(tx, row.id).await?;
                    Ok::<_, SpocError>(store::update(tx, again(current, until, code.to_owned())).await?)
                })
                .await?;
        }
    }
    contacts::note_softly(app, country, Contact::Reached).await;
    Ok(())
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
        Err(why) if answers::is_refusal(&why) => answers::refuse(app, call, country, row.id, ders, &why).await,
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

fn attempts(row: &Model) -> u32 {
    u32::try_from(row.attempts).unwrap_or(u32::MAX)
}

fn with_causes(error: &CallError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text.chars().take(500).collect()
}
