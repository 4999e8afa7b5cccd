//! Document verifiers our CVCA certifies: registered and changed by two officers, suspended and resumed by one, with a reason.

use exchange::Country;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::events::v1::RegisteredHolderChanged;
use straznica_types::Timestamp;

use crate::{
    app::{
        App,
        call::{Call, reason},
        record, record_with,
    },
    domain::{
        environment,
        exchange::holder::{ApprovalMode, Holder, Registration},
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{
        entity::{holder, holder_proposal},
        exchange::holders,
    },
};

/// Everything registered and everything proposed.
#[derive(Debug)]
pub(crate) struct Holders {
    pub(crate) registered: Vec<holder::Model>,
    pub(crate) proposed: Vec<holder_proposal::Model>,
}

/// All holders and proposals.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn list(app: &App) -> Result<Holders, SpocError> {
    let db = app.store.reader();
    Ok(Holders { registered: holders::all(db).await?, proposed: holders::proposals(db).await? })
}

/// Proposes a new holder.
///
/// # Errors
/// [`SpocError::HolderRefused`] for what cannot be, [`SpocError::HolderRegistered`].
pub(crate) async fn register(app: &App, call: &Call, registration: Registration) -> Result<(), SpocError> {
    propose(app, call, registration, Wish::Register).await
}

/// Proposes other particulars for a registered holder; what two officers agreed on before holds until a second one confirms.
///
/// # Errors
/// [`SpocError::HolderRefused`] for what cannot be, [`SpocError::HolderUnknown`].
pub(crate) async fn change(app: &App, call: &Call, registration: Registration) -> Result<(), SpocError> {
    propose(app, call, registration, Wish::Change).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Register,
    Change,
}

async fn propose(app: &App, call: &Call, registration: Registration, wish: Wish) -> Result<(), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let country = checked(app, &registration)?;
    environment::permits(app.environment, country.as_str())?;
    let row = proposal(registration, country, officer, app.clock.now());
    app.store
        .write_tx(async |tx| {
            match (holders::find(tx, &row.holder).await?, wish) {
                (Some(_), Wish::Register) => return Err(SpocError::HolderRegistered(row.holder.clone())),
                (None, Wish::Change) => return Err(SpocError::HolderUnknown(row.holder.clone())),
                (None, Wish::Register) | (Some(_), Wish::Change) => {}
            }
            let detail = particulars(&row);
            holders::propose(tx, row).await?;
            record(app, tx, call, "registered_holder.proposed", detail).await
        })
        .await
}

fn checked(app: &App, registration: &Registration) -> Result<Country, SpocError> {
    // A partner's values may narrow what its holders get; to know the partner, the name has to be one.
    let country = registration.check(&app.policy.common().validity)?;
    Ok(registration.check(&app.policy.for_partner(country).validity)?)
}

/// Confirms what another officer proposed. Returns the holder's name.
///
/// # Errors
/// [`SpocError::NothingProposed`], [`SpocError::SameOfficer`].
pub(crate) async fn confirm(app: &App, call: &Call, name: &str) -> Result<(), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let proposed = holders::find_proposal(tx, name).await?;
            let proposed = proposed.ok_or_else(|| SpocError::NothingProposed(name.to_owned()))?;
            let by = proposed.proposed_by.clone();
            two_officers::confirm(
                &Approval::Proposed { by, at: Timestamp::from_millis(proposed.proposed_at) },
                &officer,
            )?;
            let detail = particulars(&proposed);
            let before = holders::find(tx, name).await?;
            holders::replace(tx, agreed(proposed, before, &officer, now)).await?;
            holders::forget_proposal(tx, name).await?;
            let event = RegisteredHolderChanged { holder: name.to_owned(), change: "confirmed".to_owned() };
            record_with(app, tx, call, "registered_holder.confirmed", detail, &event).await
        })
        .await
}

/// Suspends a holder: it gets no certificate any more, and its certificates vouch for none. What waits is refused when it is decided.
///
/// # Errors
/// [`SpocError::HolderUnknown`]
pub(crate) async fn suspend(app: &App, call: &Call, name: &str, why: &str) -> Result<(), SpocError> {
    set_suspended(app, call, name, why, true).await
}

/// Lifts a suspension.
///
/// # Errors
/// [`SpocError::HolderUnknown`]
pub(crate) async fn resume(app: &App, call: &Call, name: &str, why: &str) -> Result<(), SpocError> {
    set_suspended(app, call, name, why, false).await
}

async fn set_suspended(app: &App, call: &Call, name: &str, why: &str, suspended: bool) -> Result<(), SpocError> {
    app.store.write_tx(async |tx| set_suspended_in(app, tx, call, name, why, suspended).await).await
}

/// [`suspend`] in this transaction.
pub(super) async fn suspend_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    name: &str,
    why: &str,
) -> Result<(), SpocError> {
    set_suspended_in(app, tx, call, name, why, true).await
}

async fn set_suspended_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    name: &str,
    why: &str,
    suspended: bool,
) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let why = reason(why)?;
    let (kind, change) =
        if suspended { ("registered_holder.suspended", "suspended") } else { ("registered_holder.resumed", "resumed") };
    let row = holders::find(tx, name).await?.ok_or_else(|| SpocError::HolderUnknown(name.to_owned()))?;
    if (row.state == "suspended") == suspended {
        return Ok(());
    }
    holders::set_suspended(tx, row, suspended.then_some(why)).await?;
    let event = RegisteredHolderChanged { holder: name.to_owned(), change: change.to_owned() };
    record_with(app, tx, call, kind, json!({ "holder": name, "reason": why }), &event).await
}

/// Reads a row this program wrote.
///
/// # Errors
/// [`SpocError::Corrupt`]
pub(crate) fn of_row(row: holder::Model) -> Result<Holder, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("holder {}: {what}", row.holder));
    Ok(Holder {
        suspended: match row.state.as_str() {
            "active" => false,
            "suspended" => true,
            _ => return Err(corrupt("state")),
        },
        registration: Registration {
            approval: ApprovalMode::from_name(&row.approval).ok_or_else(|| corrupt("approval"))?,
            validity_days: u16::try_from(row.validity_days).map_err(|_| corrupt("validity"))?,
            name: row.holder,
            domestic_cvca: row.domestic_cvca,
            purposes: row.purposes,
            organisations: row.organisations,
            dg3: row.dg3,
            dg4: row.dg4,
        },
    })
}

fn proposal(registration: Registration, country: Country, officer: String, now: Timestamp) -> holder_proposal::Model {
    holder_proposal::Model {
        holder: registration.name,
        country: country.to_string(),
        domestic_cvca: registration.domestic_cvca,
        purposes: registration.purposes,
        organisations: registration.organisations,
        approval: registration.approval.as_str().to_owned(),
        dg3: registration.dg3,
        dg4: registration.dg4,
        validity_days: i64::from(registration.validity_days),
        proposed_by: officer,
        proposed_at: now.millis(),
    }
}

/// What two officers agreed on now; a suspension stays.
fn agreed(
    proposed: holder_proposal::Model,
    before: Option<holder::Model>,
    officer: &str,
    now: Timestamp,
) -> holder::Model {
    let (state, suspended_reason) =
        before.map_or_else(|| ("active".to_owned(), None), |before| (before.state, before.suspended_reason));
    holder::Model {
        holder: proposed.holder,
        country: proposed.country,
        domestic_cvca: proposed.domestic_cvca,
        purposes: proposed.purposes,
        organisations: proposed.organisations,
        approval: proposed.approval,
        dg3: proposed.dg3,
        dg4: proposed.dg4,
        validity_days: proposed.validity_days,
        state,
        suspended_reason,
        proposed_by: proposed.proposed_by,
        proposed_at: proposed.proposed_at,
        confirmed_by: officer.to_owned(),
        confirmed_at: now.millis(),
    }
}

fn particulars(row: &holder_proposal::Model) -> serde_json::Value {
    json!({
        "holder": row.holder,
        "domesticCvca": row.domestic_cvca,
        "approval": row.approval,
        "dg3": row.dg3,
        "dg4": row.dg4,
        "validityDays": row.validity_days,
        "proposedBy": row.proposed_by,
    })
}
