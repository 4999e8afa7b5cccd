//! Document verifiers our CVCA certifies: registered, changed and resumed by two officers, suspended by one, with a reason.

use exchange::Country;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::events::v1::RegisteredHolderChanged;
use straznica_types::Timestamp;

use crate::{
    app::{
        App,
        call::{Call, is_seen, reason},
        record, record_with,
        resumption::{self, Resumption},
    },
    domain::{
        environment,
        exchange::holder::{ApprovalMode, Holder, Registration},
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{
        entity::{holder, holder_proposal, resumption_proposal},
        exchange::{applications, holders},
        resumptions,
    },
};

/// Everything registered and everything proposed.
#[derive(Debug)]
pub(crate) struct Holders {
    pub(crate) registered: Vec<holder::Model>,
    pub(crate) proposed: Vec<holder_proposal::Model>,
    resumptions: Vec<resumption_proposal::Model>,
}

impl Holders {
    /// What is proposed about the suspension of a holder.
    pub(crate) fn resumption_of(&self, name: &str) -> Option<&resumption_proposal::Model> {
        let subject = resumption::of_holder(name);
        self.resumptions.iter().find(|proposal| proposal.subject == subject)
    }
}

/// All holders and proposals.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn list(app: &App) -> Result<Holders, SpocError> {
    let db = app.store.reader();
    let (registered, proposed) = (holders::all(db).await?, holders::proposals(db).await?);
    Ok(Holders { registered, proposed, resumptions: resumptions::all(db).await? })
}

/// Proposes a new holder. Returns the name of the proposal.
///
/// # Errors
/// [`SpocError::HolderRefused`] for what cannot be, [`SpocError::HolderRegistered`].
pub(crate) async fn register(app: &App, call: &Call, registration: Registration) -> Result<String, SpocError> {
    propose(app, call, registration, Wish::Register).await
}

/// Proposes other particulars for a registered holder; what two officers agreed on before holds until a second one confirms.
/// Returns the name of the proposal.
///
/// # Errors
/// [`SpocError::HolderRefused`] for what cannot be, [`SpocError::HolderUnknown`].
pub(crate) async fn change(app: &App, call: &Call, registration: Registration) -> Result<String, SpocError> {
    propose(app, call, registration, Wish::Change).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Register,
    Change,
}

async fn propose(app: &App, call: &Call, registration: Registration, wish: Wish) -> Result<String, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let country = checked(app, &registration)?;
    let row = proposal(registration, country, officer, app.clock.now());
    let name = proposal_name(&row);
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
        .await?;
    Ok(name)
}

fn checked(app: &App, registration: &Registration) -> Result<Country, SpocError> {
    // A partner's values may narrow what its holders get; to know the partner, the name has to be one.
    let country = registration.check(&app.policy.common().validity)?;
    environment::permits(app.environment, country.as_str())?;
    Ok(registration.check(&app.policy.for_partner(country).validity)?)
}

/// What tells a proposal from another one in its place.
pub(crate) fn proposal_name(row: &holder_proposal::Model) -> String {
    let (dg3, dg4, days) = (row.dg3.to_string(), row.dg4.to_string(), row.validity_days.to_string());
    two_officers::name_of(&[
        &row.holder,
        &row.domestic_cvca,
        &row.purposes,
        &row.organisations,
        &row.approval,
        &dg3,
        &dg4,
        &days,
    ])
}

/// Confirms the proposal of another officer that this one has `seen`: its name. It is judged again, for policy may have changed.
///
/// # Errors
/// [`SpocError::NothingProposed`], [`SpocError::SameOfficer`], [`SpocError::ProposalReplaced`], [`SpocError::HolderRefused`] for what cannot be any more.
pub(crate) async fn confirm(app: &App, call: &Call, name: &str, seen: &str) -> Result<(), SpocError> {
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
            is_seen(seen, &proposal_name(&proposed), name)?;
            checked(app, &registration_of(&proposed)?)?;
            let detail = particulars(&proposed);
            let before = holders::find(tx, name).await?;
            holders::replace(tx, agreed(proposed, before, &officer, now), now).await?;
            holders::forget_proposal(tx, name).await?;
            let event = RegisteredHolderChanged { holder: name.to_owned(), change: "confirmed".to_owned() };
            record_with(app, tx, call, "registered_holder.confirmed", detail, &event).await
        })
        .await
}

/// Suspends a holder: it gets no certificate any more, and those it has vouch for none, also not after the suspension. What waits is refused when it
/// is decided. A further suspension counts as well: its reason takes the place of the one before, and nobody's wish to lift that one is left.
///
/// # Errors
/// [`SpocError::HolderUnknown`]
pub(crate) async fn suspend(app: &App, call: &Call, name: &str, why: &str) -> Result<(), SpocError> {
    app.store.write_tx(async |tx| suspend_in(app, tx, call, name, why).await).await
}

/// [`suspend`] in this transaction.
pub(super) async fn suspend_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    name: &str,
    why: &str,
) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let (why, now) = (reason(why)?, app.clock.now());
    let row = holders::find(tx, name).await?.ok_or_else(|| SpocError::HolderUnknown(name.to_owned()))?;
    let unwanted = resumptions::forget(tx, &resumption::of_holder(name)).await?;
    if row.suspended_reason.as_deref() == Some(why) && !unwanted {
        return Ok(());
    }
    let detail =
        json!({ "holder": name, "reason": why, "before": row.suspended_reason, "resumptionWithdrawn": unwanted });
    holders::set_suspended(tx, row, Some(why), now).await?;
    applications::withdraw_issued(tx, name, now).await?;
    let event = RegisteredHolderChanged { holder: name.to_owned(), change: "suspended".to_owned() };
    record_with(app, tx, call, "registered_holder.suspended", detail, &event).await
}

/// Lifts a suspension when two officers say so, with the same reason. Of one that is not suspended nothing is left to do.
///
/// # Errors
/// [`SpocError::HolderUnknown`], [`SpocError::SameOfficer`]
pub(crate) async fn resume(app: &App, call: &Call, name: &str, why: &str) -> Result<Resumption, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let (why, now) = (reason(why)?, app.clock.now());
    app.store
        .write_tx(async |tx| {
            let row = holders::find(tx, name).await?.ok_or_else(|| SpocError::HolderUnknown(name.to_owned()))?;
            if row.state != "suspended" {
                return Ok(Resumption::Agreed);
            }
            let detail = json!({ "holder": name, "reason": why });
            let wish = resumption::wish(tx, resumption::of_holder(name), &officer, why, now).await?;
            match wish {
                Resumption::AwaitsSecond => {
                    record(app, tx, call, "registered_holder.resumption_proposed", detail).await?;
                }
                Resumption::Agreed => {
                    holders::set_suspended(tx, row, None, now).await?;
                    let event = RegisteredHolderChanged { holder: name.to_owned(), change: "resumed".to_owned() };
                    record_with(app, tx, call, "registered_holder.resumed", detail, &event).await?;
                }
            }
            Ok(wish)
        })
        .await
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

/// Reads a proposal this program wrote.
fn registration_of(row: &holder_proposal::Model) -> Result<Registration, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("what is proposed for {}: {what}", row.holder));
    Ok(Registration {
        approval: ApprovalMode::from_name(&row.approval).ok_or_else(|| corrupt("approval"))?,
        validity_days: u16::try_from(row.validity_days).map_err(|_| corrupt("validity"))?,
        name: row.holder.clone(),
        domestic_cvca: row.domestic_cvca.clone(),
        purposes: row.purposes.clone(),
        organisations: row.organisations.clone(),
        dg3: row.dg3,
        dg4: row.dg4,
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
