//! What a received message implies, and the officer who decides about it. Nothing is done because a message says so.

use exchange::Country;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use serde_json::json;
use straznica_types::Timestamp;
use uuid::Uuid;

use super::{
    super::{
        App,
        call::{Call, reason},
        holders as certificates, record,
    },
    foreign_holders, messages, outages,
};
use crate::{
    domain::{
        exchange::subject::{Implication, Subject, names_in, period_in},
        records::Role,
    },
    error::SpocError,
    store::{
        certificates as certificate_rows,
        entity::general_message,
        exchange::{holders, messages as store},
    },
};

/// What a message would have an officer do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proposal {
    #[serde(with = "by_name")]
    pub(crate) kind: Implication,
    /// Holders or CVCAs of the sender that the body names.
    pub(crate) candidates: Vec<String>,
    /// The period the body names.
    pub(crate) period: Option<(Timestamp, Timestamp)>,
}

mod by_name {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::Implication;

    pub(super) fn serialize<S: Serializer>(kind: &Implication, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Implication, D::Error> {
        let name = String::deserialize(from)?;
        Implication::from_name(&name).ok_or_else(|| D::Error::custom("no implication"))
    }
}

impl Proposal {
    /// As it is kept.
    pub(crate) fn to_column(&self) -> Result<String, SpocError> {
        serde_json::to_string(self).map_err(|why| SpocError::Corrupt(why.to_string()))
    }

    /// Reads what a message's row keeps.
    ///
    /// # Errors
    /// [`SpocError::Corrupt`]
    pub(crate) fn of_row(row: &general_message::Model) -> Result<Option<Self>, SpocError> {
        let read = row.proposal.as_deref().map(serde_json::from_str).transpose();
        read.map_err(|_| SpocError::Corrupt(format!("proposal of message {}", row.id)))
    }
}

/// What a message under this subject implies.
pub(super) async fn implied(
    app: &App,
    tx: &DatabaseTransaction,
    sender: Country,
    subject: &str,
    body: &str,
) -> Result<Option<Proposal>, SpocError> {
    let Some(kind) = Subject::read(subject).and_then(Subject::implies) else { return Ok(None) };
    let known = match kind {
        Implication::SuspendHolder => holders_of(tx, sender).await?,
        Implication::SuspendCvca => cvcas_of(app, sender),
        Implication::EnterOutage | Implication::EndOutage => Vec::new(),
    };
    let candidates = names_in(body, known.iter().map(String::as_str)).into_iter().map(ToOwned::to_owned).collect();
    let period = if kind == Implication::EnterOutage { period_in(body) } else { None };
    Ok(Some(Proposal { kind, candidates, period }))
}

async fn holders_of(db: &impl ConnectionTrait, country: Country) -> Result<Vec<String>, SpocError> {
    let rows = holders::all(db).await?.into_iter().filter(|row| row.country == country.as_str());
    Ok(rows.map(|row| row.holder).collect())
}

fn cvcas_of(app: &App, country: Country) -> Vec<String> {
    let state = app.control.at(app.clock.now());
    let theirs = state.records().iter().filter(|record| record.role.is_cvca());
    let mut names: Vec<String> =
        theirs.map(|record| record.cvca.clone()).filter(|name| name.starts_with(country.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What an officer decides.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) accept: bool,
    pub(crate) why: String,
    /// The holder or CVCA to suspend, where the body does not name exactly one.
    pub(crate) target: Option<String>,
    /// The outage's period, where the body does not name it.
    pub(crate) period: Option<(Timestamp, Timestamp)>,
}

/// Does what a message implies, or records that it is not done. The message counts as read.
///
/// # Errors
/// [`SpocError::MessageUnknown`], [`SpocError::ProposalUnknown`] when there is nothing open to decide, [`SpocError::Field`] when target or period are
/// missing, or what the act itself refuses.
pub(crate) async fn decide(
    app: &App,
    call: &Call,
    id: Uuid,
    decision: Decision,
) -> Result<general_message::Model, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let why = reason(&decision.why)?.to_owned();
    let now = app.clock.now();
    let row = app
        .store
        .write_tx(async |tx| {
            let row = store::find(tx, id).await?.ok_or(SpocError::MessageUnknown)?;
            let proposal = Proposal::of_row(&row)?.filter(|_| row.proposal_state.as_deref() == Some("open"));
            let proposal = proposal.ok_or(SpocError::ProposalUnknown)?;
            let sender: Country =
                row.country.parse().map_err(|_| SpocError::Corrupt(format!("country of message {id}")))?;
            let row = match row.state.as_str() {
                "new" => messages::read(app, tx, call, row, &officer, now).await?,
                _ => row,
            };
            let (state, kind) = if decision.accept {
                act(app, tx, call, sender, &proposal, &decision).await?;
                ("accepted", "message.proposal_accepted")
            } else {
                ("rejected", "message.proposal_rejected")
            };
            let detail = json!({
                "message": id, "country": sender, "subject": row.subject, "implies": proposal.kind.as_str(),
                "target": decision.target, "reason": why,
            });
            let row = store::decide(tx, row, state, (&officer, &why), now).await?;
            record(app, tx, call, kind, detail).await?;
            Ok::<_, SpocError>(row)
        })
        .await?;
    app.refresh().await?;
    Ok(row)
}

async fn act(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    sender: Country,
    proposal: &Proposal,
    decision: &Decision,
) -> Result<(), SpocError> {
    let why = &decision.why;
    match proposal.kind {
        Implication::SuspendHolder => {
            let target = target(proposal, decision, &holders_of(tx, sender).await?)?;
            foreign_holders::suspend_in(app, tx, call, &target, why).await
        }
        Implication::SuspendCvca => {
            let target = target(proposal, decision, &cvcas_of(app, sender))?;
            suspend_cvca(app, tx, call, &target, why).await
        }
        Implication::EnterOutage => {
            let period = decision.period.or(proposal.period);
            let period = period.ok_or(SpocError::field("begins_ms", "the message names no period: one is needed"))?;
            outages::enter_in(app, tx, call, sender, period, why).await.map(drop)
        }
        Implication::EndOutage => outages::end_current_in(app, tx, call, sender, why).await.map(drop),
    }
}

/// Whom to suspend: the officer's choice, or the only one the body names; one of the sender's in either case.
fn target(proposal: &Proposal, decision: &Decision, known: &[String]) -> Result<String, SpocError> {
    let target = match (&decision.target, proposal.candidates.as_slice()) {
        (Some(chosen), _) => chosen,
        (None, [only]) => only,
        (None, _) => return Err(SpocError::field("target", "the message does not name exactly one: it is needed")),
    };
    if !known.contains(target) {
        return Err(SpocError::field("target", "the sender has no such holder or CVCA here"));
    }
    Ok(target.clone())
}

/// Suspends every certificate of a CVCA two officers agreed on, once more where it is suspended: roots and links of all generations.
async fn suspend_cvca(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    cvca: &str,
    why: &str,
) -> Result<(), SpocError> {
    let rows = certificate_rows::all(tx).await?;
    let theirs = rows.into_iter().filter(|row| {
        row.cvca == cvca
            && row.state != "awaiting_confirmation"
            && Role::from_name(&row.role).is_some_and(Role::is_cvca)
    });
    for row in theirs {
        certificates::suspend_in(app, tx, call, row, why).await?;
    }
    Ok(())
}
