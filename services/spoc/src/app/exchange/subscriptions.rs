//! Subscriptions as officers keep them: to which foreign CVCAs, under which names, how they stand; and the board of messages to partners.

use cvc::reference::Reference;
use exchange::Country;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::json;
use straznica_exchange_wire::grpc::convert::kept;
use uuid::Uuid;

use super::{answers, messages, renewals};
use crate::{
    app::{App, call::Call, inspection_systems, record},
    domain::exchange::{
        lineage::lineage,
        outbox::State,
        renewal::{Action, Kind, Verifier},
    },
    error::SpocError,
    store::{
        certificates,
        entity::{dv_request, outbox, subscription},
        exchange::{
            outbox::{self as letters, Narrowing},
            subscriptions as store,
        },
    },
};

/// Longest list given at once.
const MAX_PAGE: u64 = 500;

/// What an officer orders.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) cvca: String,
    pub(crate) country: String,
    pub(crate) dv_mnemonic: String,
    pub(crate) is_mnemonic: String,
    /// Zero: what the configuration says.
    pub(crate) is_days: u32,
}

/// A subscription and how it stands.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) row: subscription::Model,
    pub(crate) verifier: Option<Verifier>,
    /// CAR and CHR of the certificate in use.
    pub(crate) certificate: Option<(String, String)>,
    /// When the next renewal begins.
    pub(crate) due_at: Option<i64>,
    /// What the machine does next.
    pub(crate) next: Option<Action>,
    /// Holder reference of the request under way.
    pub(crate) open_request: Option<String>,
}

/// Subscribes our document verifier to a CVCA. The same order again changes the inspection system's part; tells whether it did.
///
/// # Errors
/// [`SpocError::Field`] for names and numbers that cannot be, [`SpocError::Policy`] for a partner that is not registered, or a CVCA subscribed to under
/// another of its names or another verifier.
pub(crate) async fn subscribe(app: &App, call: &Call, order: Order) -> Result<bool, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let country: Country =
        order.country.parse().map_err(|_| SpocError::field("country", "two capital letters are needed"))?;
    // Our own CVCA is no partner's, and its verifier renews all the same: without a wire between.
    if country != app.country && app.partners.get(country).is_none() {
        return Err(SpocError::Policy(format!("{country} is no registered partner")));
    }
    if !order.cvca.starts_with(country.as_str()) || reference(&order.cvca).is_none() {
        return Err(SpocError::field("cvca", "country and mnemonic of a CVCA of this country are needed"));
    }
    for (field, mnemonic) in [("dv_mnemonic", &order.dv_mnemonic), ("is_mnemonic", &order.is_mnemonic)] {
        if reference(&format!("{}{mnemonic}", app.config.country)).is_none() {
            return Err(SpocError::field(field, "one to nine characters of ISO 8859-1 are needed"));
        }
    }
    let is_days = match order.is_days {
        0 => u32::from(app.config.issuing.inspection_system_days),
        days => days,
    };
    if !inspection_systems::limits(app, &order.cvca).permits_days(u16::try_from(is_days).unwrap_or(u16::MAX)) {
        return Err(SpocError::field(
            "is_days",
            "policy allows no inspection system's certificate of so many days (TR-03139/4.7 inspection-system)",
        ));
    }
    let now = app.clock.now();
    let state = app.control.at(now);
    let row = subscription::Model {
        cvca: order.cvca,
        country: country.to_string(),
        dv_mnemonic: order.dv_mnemonic,
        is_mnemonic: order.is_mnemonic,
        is_days: i64::from(is_days),
        state: "active".to_owned(),
        created_by: officer,
        created_at: now.millis(),
        failures: 0,
        not_before: None,
        problem: None,
    };
    let names = lineage(state.records(), &row.cvca);
    app.store
        .write_tx(async |tx| {
            let detail = json!({ "cvca": row.cvca, "partner": row.country, "dv": row.dv_mnemonic, "is": row.is_mnemonic, "isDays": row.is_days });
            if let Some(held) = store::find(tx, &row.cvca).await? {
                if held.dv_mnemonic != row.dv_mnemonic {
                    return Err(SpocError::Policy(format!("the document verifier under {} is {}", held.cvca, held.dv_mnemonic)));
                }
                let changed = subscription::ActiveModel {
                    is_mnemonic: Set(row.is_mnemonic.clone()),
                    is_days: Set(row.is_days),
                    ..held.into_active_model()
                };
                store::update(tx, changed).await?;
                record(app, tx, call, "subscription.changed", detail).await?;
                return Ok(true);
            }
            let others = store::all(tx).await?;
            let under_another_name = others.iter().find(|other| {
                names.contains(&other.cvca) || lineage(state.records(), &other.cvca).contains(&row.cvca)
            });
            if let Some(other) = under_another_name {
                return Err(SpocError::Policy(format!("{} and {} are one CVCA, subscribed to already", row.cvca, other.cvca)));
            }
            store::insert(tx, row.clone()).await?;
            record(app, tx, call, "subscription.created", detail).await?;
            Ok(false)
        })
        .await
}

/// A name of country and mnemonic, as a reference with some sequence.
fn reference(name: &str) -> Option<Reference> {
    let (country, mnemonic) = name.split_at_checked(2)?;
    Reference::new(country, mnemonic, "00000").ok()
}

/// Stops the renewals of a subscription, or lets them go on.
///
/// # Errors
/// [`SpocError::SubscriptionUnknown`]
pub(crate) async fn set_state(app: &App, call: &Call, cvca: &str, active: bool) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let (state, kind) = if active { ("active", "subscription.resumed") } else { ("paused", "subscription.paused") };
    app.store
        .write_tx(async |tx| {
            let row = found(tx, cvca).await?;
            if row.state == state {
                return Ok(());
            }
            let row = subscription::ActiveModel {
                state: Set(state.to_owned()),
                failures: Set(0),
                not_before: Set(None),
                problem: Set(None),
                ..row.into_active_model()
            };
            store::update(tx, row).await?;
            record(app, tx, call, kind, json!({ "cvca": cvca })).await
        })
        .await
}

async fn found(db: &impl sea_orm::ConnectionTrait, cvca: &str) -> Result<subscription::Model, SpocError> {
    store::find(db, cvca).await?.ok_or_else(|| SpocError::SubscriptionUnknown(cvca.to_owned()))
}

/// All subscriptions and how they stand.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn list(app: &App) -> Result<Vec<Listed>, SpocError> {
    let now = app.clock.now();
    let mut listed = Vec::new();
    for row in store::all(app.store.reader()).await? {
        let country = renewals::country_of(&row)?;
        if country != app.country && app.partners.get(country).is_none() {
            let nothing =
                Listed { row, verifier: None, certificate: None, due_at: None, next: None, open_request: None };
            listed.push(nothing);
            continue;
        }
        let standing = renewals::standing(app, &row, country, now).await?;
        let under_way = standing.requests.iter().find(|(_, asked)| asked.is_in_flight());
        listed.push(Listed {
            open_request: under_way.map(|(chr, _)| chr.clone()),
            due_at: Some(standing.due_at.millis()),
            next: (row.state == "active").then_some(standing.decision.action),
            verifier: standing.verifier,
            certificate: standing.certificate,
            row,
        });
    }
    Ok(listed)
}

/// Asks for a certificate now, whatever the machine would do; initial where the officer says so. Returns the reference asked for.
///
/// # Errors
/// As [`renewals::request`], [`SpocError::SubscriptionUnknown`].
pub(crate) async fn renew_now(app: &App, call: &Call, cvca: &str, initial: bool) -> Result<String, SpocError> {
    call.officer_at_desk()?;
    let row = found(app.store.reader(), cvca).await?;
    let newest = certificates::newest_requests_to(app.store.reader(), cvca, 1).await?;
    let kind = if initial { Kind::Initial } else { Kind::Successive };
    let chr = renewals::request(app, call, &row, kind, newest.into_iter().next().map(|newest| newest.chr)).await?;
    if renewals::country_of(&row)? == app.country {
        renewals::submit_open(app, call, &row).await?;
    }
    renewals::settle(app, &row, None).await?;
    Ok(chr)
}

/// Messages to partners, newest first.
///
/// # Errors
/// [`SpocError::Field`] for a narrowing that names nothing.
pub(crate) async fn letters(
    app: &App,
    country: &str,
    state: &str,
    before: &str,
    limit: u32,
) -> Result<Vec<outbox::Model>, SpocError> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let narrowing = Narrowing {
        country: given(country)
            .map(|text| text.parse().map_err(|_| SpocError::field("country", "two capital letters are needed")))
            .transpose()?,
        state: given(state)
            .map(|text| State::from_name(&text).ok_or(SpocError::field("state", "no message has this state")))
            .transpose()?,
        before: given(before).map(|text| id(&text)).transpose()?,
        limit: match u64::from(limit) {
            0 => MAX_PAGE,
            limit if limit <= MAX_PAGE => limit,
            _ => return Err(SpocError::field("limit", "500 messages at most are given at once")),
        },
    };
    Ok(letters::list(app.store.reader(), &narrowing).await?)
}

fn id(text: &str) -> Result<Uuid, SpocError> {
    Uuid::parse_str(text).map_err(|_| SpocError::field("id", "the id of a message is needed"))
}

/// Tries a message again at once.
///
/// # Errors
/// [`SpocError::LetterUnknown`], [`SpocError::Policy`] when it is not waiting to be delivered.
pub(crate) async fn retry_now(app: &App, call: &Call, message: &str) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let id = id(message)?;
    app.store
        .write_tx(async |tx| {
            let row = letters::find(tx, id).await?.ok_or(SpocError::LetterUnknown)?;
            let not_taken = row.state == State::Failed.as_str() && row.operation == kept::SEND_CERTIFICATES;
            if row.state != State::Pending.as_str() && !not_taken {
                let why = "one that waits is tried again, and certificates the partner did not take";
                return Err(SpocError::Policy(format!("the message is {}: {why}", row.state)));
            }
            let detail = json!({ "message": id, "partner": row.country, "state": row.state, "code": row.code });
            let mut again =
                outbox::ActiveModel { next_attempt_at: Set(app.clock.now().millis()), ..row.into_active_model() };
            if not_taken {
                again.state = Set(State::Pending.as_str().to_owned());
                (again.answered_at, again.code) = (Set(None), Set(None));
            }
            letters::update(tx, again).await?;
            record(app, tx, call, "exchange.retried", detail).await
        })
        .await
}

/// Gives a message up that was not answered yet. What it asked for may have been done all the same; an answer that comes is taken.
///
/// # Errors
/// As [`retry_now`].
pub(crate) async fn cancel(app: &App, call: &Call, message: &str) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let id = id(message)?;
    app.store
        .write_tx(async |tx| {
            let row = letters::find(tx, id).await?.ok_or(SpocError::LetterUnknown)?;
            if !State::from_name(&row.state).is_some_and(State::is_open) {
                return Err(SpocError::Policy(format!("the message is {}", row.state)));
            }
            let detail = json!({ "message": id, "partner": row.country, "subject": row.subject });
            record(app, tx, call, "exchange.cancelled", detail).await?;
            answers::close_request(app, tx, &row, "cancelled").await?;
            if row.operation == kept::GENERAL_MESSAGE {
                messages::settle(tx, &row, false).await?;
            }
            answers::settle(app, tx, row, State::Cancelled, "cancelled").await
        })
        .await
}

/// A request under a subscription and what became of it.
#[derive(Debug)]
pub(crate) struct Renewal {
    pub(crate) request: dv_request::Model,
    /// The message that carried it; none when an operator handed it over.
    pub(crate) letter: Option<outbox::Model>,
}

/// The newest requests under a subscription, newest first.
///
/// # Errors
/// [`SpocError::SubscriptionUnknown`]
pub(crate) async fn renewals_of(app: &App, cvca: &str) -> Result<Vec<Renewal>, SpocError> {
    let db = app.store.reader();
    found(db, cvca).await?;
    let made = certificates::newest_requests_to(db, cvca, 100).await?;
    let mut sent = store::letters_of(db, made.iter().map(|request| request.chr.clone()).collect()).await?;
    let renewals = made.into_iter().map(|request| {
        let letter = sent.iter().position(|letter| letter.subject == request.chr).map(|at| sent.swap_remove(at));
        Renewal { request, letter }
    });
    Ok(renewals.collect())
}
