//! Times in which a partner said it cannot be reached: nothing is sent then, and renewals keep clear of them.

use exchange::Country;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_types::{Timestamp, typed_id};
use uuid::Uuid;

use super::{
    super::{
        App,
        call::{Call, reason},
        record,
    },
    registration,
};
use crate::{
    domain::exchange::partner::{Outage, Period},
    error::SpocError,
    store::{
        entity::planned_outage,
        exchange::{outbox as letters, partners as store},
    },
};

typed_id! {
    /// An outage a partner announced.
    pub struct OutageId;
}

/// Longest outage taken: a year. Longer than that, a partner is suspended.
const LONGEST_MS: i64 = 366 * 86_400_000;

/// Enters an outage.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], or [`SpocError::Field`] for a period that is none, over, or longer than a year.
pub(crate) async fn enter(
    app: &App,
    call: &Call,
    country: Country,
    (begins, ends): (Timestamp, Timestamp),
    why: &str,
) -> Result<Outage, SpocError> {
    let why = reason(why)?;
    let outage = app.store.write_tx(async |tx| enter_in(app, tx, call, country, (begins, ends), why).await).await?;
    app.refresh().await?;
    Ok(outage)
}

/// [`enter`] in this transaction.
pub(super) async fn enter_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    country: Country,
    (begins, ends): (Timestamp, Timestamp),
    why: &str,
) -> Result<Outage, SpocError> {
    let officer = call.officer_at_desk()?;
    let now = app.clock.now();
    let period = Period::new(begins, Some(ends))
        .map_err(|_| SpocError::field("ends_ms", "the end is not after the beginning"))?;
    if ends <= now {
        return Err(SpocError::field("ends_ms", "the outage is over"));
    }
    if ends.millis().saturating_sub(begins.millis()) > LONGEST_MS {
        return Err(SpocError::field("ends_ms", "an outage lasts a year at most"));
    }
    store::find(tx, country).await?.ok_or(SpocError::PartnerUnknown(country))?;
    let outage = Outage { id: OutageId::generate_at(now).uuid(), period, reason: why.to_owned() };
    let row = planned_outage::Model {
        id: outage.id,
        country: country.to_string(),
        begins: begins.millis(),
        ends: ends.millis(),
        reason: why.to_owned(),
        entered_by: officer.to_owned(),
    };
    store::insert_outage(tx, row).await?;
    registration::changed(tx, now).await?;
    let detail = json!({ "country": country, "begins": begins.to_string(), "ends": ends.to_string(), "reason": why });
    record(app, tx, call, "partner_outage.entered", detail).await?;
    Ok(outage)
}

/// Ends an outage now, or takes back one that has not begun.
///
/// # Errors
/// [`SpocError::OutageUnknown`]
pub(crate) async fn remove(app: &App, call: &Call, id: Uuid, why: &str) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let why = reason(why)?;
    app.store
        .write_tx(async |tx| {
            let row = store::find_outage(tx, id).await?.ok_or(SpocError::OutageUnknown)?;
            end(app, tx, call, row, why).await
        })
        .await?;
    app.refresh().await
}

/// Ends every outage a partner is in now, in this transaction; those it announced for later stay. Returns how many that were.
pub(super) async fn end_current_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    country: Country,
    why: &str,
) -> Result<usize, SpocError> {
    let now = app.clock.now();
    let rows = store::outages_from(tx, country, now).await?;
    let current: Vec<_> = rows.into_iter().filter(|row| row.begins <= now.millis()).collect();
    let ended = current.len();
    for row in current {
        end(app, tx, call, row, why).await?;
    }
    Ok(ended)
}

async fn end(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: planned_outage::Model,
    why: &str,
) -> Result<(), SpocError> {
    let now = app.clock.now();
    let detail = json!({ "country": row.country, "outage": row.id, "reason": why });
    letters::make_due(tx, &row.country, now).await?;
    store::end_outage(tx, row, now).await?;
    registration::changed(tx, now).await?;
    record(app, tx, call, "partner_outage.ended", detail).await
}
