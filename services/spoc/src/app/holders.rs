//! Holders: what there is, suspending and resuming.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::events::v1::HolderSuspensionChanged;

use super::{App, call::Call, call::reason, record_with};
use crate::{
    domain::records::{Day, Role, State},
    error::SpocError,
    store::{
        certificates,
        entity::cv_certificate,
        generations::{self, Subject},
    },
};

/// A certificate or an open request.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) chr: String,
    pub(crate) car: String,
    pub(crate) role: Role,
    pub(crate) state: &'static str,
    pub(crate) effective: Option<Day>,
    pub(crate) expires: Option<Day>,
    pub(crate) has_key: bool,
}

/// All certificates and open requests.
///
/// # Errors
/// [`SpocError::Store`] when the database does not answer.
pub(crate) async fn list(app: &App) -> Result<Vec<Holder>, SpocError> {
    let today = Day::of(app.clock.now());
    let state = app.control.at(app.clock.now());
    let certificates = state.records().iter().map(|record| Holder {
        chr: record.chr.clone(),
        car: record.car.clone(),
        role: record.role,
        state: match record.state {
            State::AwaitingConfirmation | State::Suspended => record.state.as_str(),
            State::Active if record.expires < today => "expired",
            State::Active => record.state.as_str(),
        },
        effective: Some(record.effective),
        expires: Some(record.expires),
        has_key: record.key.is_some(),
    });
    let mut holders: Vec<Holder> = certificates.collect();
    for request in certificates::open_requests(app.store.reader()).await? {
        let domestic = request.cvca.starts_with(&app.config.country);
        holders.push(Holder {
            chr: request.chr,
            car: request.car,
            role: if domestic { Role::DvDomestic } else { Role::DvForeign },
            state: "requested",
            effective: None,
            expires: None,
            has_key: true,
        });
    }
    Ok(holders)
}

/// Suspends a holder: its chains and signatures are refused from the commit on.
///
/// # Errors
/// [`SpocError::CertificateUnknown`], or [`SpocError::Policy`] for one that only awaits confirmation.
pub(crate) async fn suspend(app: &App, call: &Call, car: &str, chr: &str, why: &str) -> Result<(), SpocError> {
    set(app, call, car, chr, why, State::Suspended).await
}

/// Lifts a suspension.
///
/// # Errors
/// As [`suspend`].
pub(crate) async fn resume(app: &App, call: &Call, car: &str, chr: &str, why: &str) -> Result<(), SpocError> {
    set(app, call, car, chr, why, State::Active).await
}

async fn set(app: &App, call: &Call, car: &str, chr: &str, why: &str, state: State) -> Result<(), SpocError> {
    call.operator()?;
    let why = reason(why)?;
    app.store
        .write_tx(async |tx| {
            let row = certificates::find(tx, car, chr).await?.ok_or(SpocError::CertificateUnknown)?;
            if row.state == State::AwaitingConfirmation.as_str() {
                return Err(SpocError::Policy("the certificate awaits its second officer".to_owned()));
            }
            if row.state == state.as_str() {
                return Ok(());
            }
            set_in(app, tx, call, row, why, state).await
        })
        .await?;
    app.refresh().await
}

/// Suspends a certificate in use, in this transaction.
pub(crate) async fn suspend_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: cv_certificate::Model,
    why: &str,
) -> Result<(), SpocError> {
    set_in(app, tx, call, row, why, State::Suspended).await
}

async fn set_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: cv_certificate::Model,
    why: &str,
    state: State,
) -> Result<(), SpocError> {
    let suspended = state == State::Suspended;
    let kind = if suspended { "holder.suspended" } else { "holder.resumed" };
    let event = HolderSuspensionChanged { car: row.car.clone(), chr: row.chr.clone(), suspended };
    let detail = json!({ "car": row.car, "chr": row.chr, "reason": why });
    certificates::set_state(tx, row, state.as_str()).await?;
    generations::raise(tx, Subject::Certificates, app.clock.now()).await?;
    record_with(app, tx, call, kind, detail, &event).await
}
