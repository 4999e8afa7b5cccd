//! Holders: what there is, suspending (one officer) and resuming (two).

use cvc::certificate::Certificate;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::events::v1::HolderSuspensionChanged;

use super::{
    App,
    call::{Call, reason},
    cvca_certificates, record, record_with,
    resumption::{self, Resumption},
};
use crate::{
    domain::records::{CertificateRecord, Day, Role, State},
    error::SpocError,
    store::{
        certificates,
        entity::cv_certificate,
        generations::{self, Subject},
        resumptions,
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
    /// Who proposed to lift its suspension, and why.
    pub(crate) resumption: Option<(String, String)>,
    /// What officers should know of another state's CVCA certificate.
    pub(crate) findings: Vec<String>,
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
        resumption: None,
        findings: findings(app, record),
    });
    let mut holders: Vec<Holder> = certificates.collect();
    let proposals = resumptions::all(app.store.reader()).await?;
    for holder in holders.iter_mut().filter(|holder| holder.state == State::Suspended.as_str()) {
        let subject = resumption::of_certificate(&holder.car, &holder.chr);
        let proposal = proposals.iter().find(|proposal| proposal.subject == subject);
        holder.resumption = proposal.map(|proposal| (proposal.proposed_by.clone(), proposal.reason.clone()));
    }
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
            resumption: None,
            findings: Vec::new(),
        });
    }
    Ok(holders)
}

/// What officers should know of another state's CVCA certificate; nothing of any other.
fn findings(app: &App, record: &CertificateRecord) -> Vec<String> {
    if !record.role.is_cvca() || record.cvca_country() == app.country.as_str() {
        return Vec::new();
    }
    let certificate = Certificate::parse(record.der.as_ref()).ok();
    certificate.map(|certificate| cvca_certificates::findings(app, &certificate)).unwrap_or_default()
}

/// Suspends a holder: its chains and signatures are refused from the commit on. A further suspension is put on record as well, and nobody's wish to lift
/// the one before is left.
///
/// # Errors
/// [`SpocError::CertificateUnknown`], or [`SpocError::Policy`] for one that only awaits confirmation.
pub(crate) async fn suspend(app: &App, call: &Call, car: &str, chr: &str, why: &str) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let why = reason(why)?;
    app.store
        .write_tx(async |tx| {
            let row = find(tx, car, chr).await?;
            suspend_in(app, tx, call, row, why).await
        })
        .await?;
    app.refresh().await
}

/// Lifts a suspension when two officers say so, with the same reason. Of one that is not suspended nothing is left to do.
///
/// # Errors
/// As [`suspend`], and [`SpocError::SameOfficer`].
pub(crate) async fn resume(app: &App, call: &Call, car: &str, chr: &str, why: &str) -> Result<Resumption, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let (why, now) = (reason(why)?, app.clock.now());
    let outcome = app
        .store
        .write_tx(async |tx| {
            let row = find(tx, car, chr).await?;
            if row.state != State::Suspended.as_str() {
                return Ok(Resumption::Agreed);
            }
            let wish = resumption::wish(tx, resumption::of_certificate(car, chr), &officer, why, now).await?;
            match wish {
                Resumption::AwaitsSecond => {
                    let detail = json!({ "car": car, "chr": chr, "reason": why });
                    record(app, tx, call, "holder.resumption_proposed", detail).await?;
                }
                Resumption::Agreed => set_in(app, tx, call, row, why, State::Active).await?,
            }
            Ok::<_, SpocError>(wish)
        })
        .await?;
    app.refresh().await?;
    Ok(outcome)
}

async fn find(tx: &DatabaseTransaction, car: &str, chr: &str) -> Result<cv_certificate::Model, SpocError> {
    let row = certificates::find(tx, car, chr).await?.ok_or(SpocError::CertificateUnknown)?;
    if row.state == State::AwaitingConfirmation.as_str() {
        return Err(SpocError::Policy("the certificate awaits its second officer".to_owned()));
    }
    Ok(row)
}

/// Suspends a certificate, in this transaction.
pub(crate) async fn suspend_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: cv_certificate::Model,
    why: &str,
) -> Result<(), SpocError> {
    resumptions::forget(tx, &resumption::of_certificate(&row.car, &row.chr)).await?;
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
