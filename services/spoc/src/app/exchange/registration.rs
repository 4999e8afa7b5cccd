//! Registering partners: what lets one in takes two officers, what keeps it out takes one.

use exchange::{
    Country,
    message::{GetCaCertificates, Message},
};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::json;
use straznica_types::{Timestamp, typed_id};
use uuid::Uuid;

use super::{
    super::{
        App,
        call::{Call, reason},
        record,
    },
    outbox, partners, requests,
};
use crate::{
    domain::{
        exchange::{
            partner::{Partner, PartnerRoot, PartnerState, RootState},
            registration::{Entry, Rules, are_fingerprints_of},
        },
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{
        entity::{partner, partner_cvca, partner_proposal, partner_root},
        exchange::{messages, outbox as letters, partners as store},
        generations::{self, Subject},
    },
};

typed_id! {
    /// A proposal about a partner.
    pub struct ProposalId;
}

/// What one officer proposes and a second one confirms, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub(crate) enum Content {
    /// A first registration, or the change of one.
    Registration(Box<Entry>),
    /// The end of a suspension, and why.
    Resumption(String),
}

/// A proposal nobody has decided.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    pub(crate) id: Uuid,
    pub(crate) country: Country,
    pub(crate) content: Content,
    pub(crate) proposed_by: String,
    pub(crate) proposed_at: Timestamp,
    /// Fingerprints of the roots of a first registration.
    pub(crate) fingerprints: Vec<String>,
}

/// What a registration of `country`, as it was entered, is held against at this node now.
pub(crate) fn rules<'a>(app: &'a App, country: &str) -> Rules<'a> {
    Rules {
        own: app.country,
        environment: app.environment,
        other_environment: &app.other_environment,
        certificates: app.policy.for_country(country).spoc_certificates,
        profiles: &app.profiles,
        now: app.clock.now(),
    }
}

/// Proposes a registration or its change, in the place of an open proposal for the same state.
///
/// # Errors
/// [`SpocError::Registration`] names what is wrong.
pub(crate) async fn propose(app: &App, call: &Call, entry: Entry) -> Result<Proposal, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let rules = rules(app, &entry.country);
    let now = rules.now;
    let proposal = app
        .store
        .write_tx(async |tx| {
            let held = held(tx, &entry.country).await?;
            let partner = entry.judge(held.as_ref(), &rules)?;
            for earlier in store::open_proposals(tx, Some(partner.country)).await? {
                if earlier.kind == "registration" {
                    store::decide(tx, earlier, "withdrawn", &officer, now).await?;
                }
            }
            let content = Content::Registration(Box::new(entry.clone()));
            let fingerprints = entered_fingerprints(&entry, &partner);
            let detail =
                json!({ "country": partner.country, "url": partner.url.as_str(), "fingerprints": fingerprints });
            let proposal = keep(app, tx, &officer, partner.country, content, fingerprints).await?;
            record(app, tx, call, "partner.proposed", detail).await?;
            Ok::<_, SpocError>(proposal)
        })
        .await?;
    Ok(proposal)
}

/// The partner an entry is about, if its country is one and it is held.
async fn held(tx: &DatabaseTransaction, country: &str) -> Result<Option<Partner>, SpocError> {
    match country.parse() {
        Ok(country) => partners::load(tx, country).await,
        // For the rules to refuse.
        Err(_) => Ok(None),
    }
}

/// Fingerprints of the roots that come with an entry: all of a first registration's, none of a change's.
fn entered_fingerprints(entry: &Entry, judged: &Partner) -> Vec<String> {
    if entry.roots.is_empty() {
        return Vec::new();
    }
    judged.roots.iter().map(|root| root.fingerprint.clone()).collect()
}

async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    officer: &str,
    country: Country,
    content: Content,
    fingerprints: Vec<String>,
) -> Result<Proposal, SpocError> {
    let now = app.clock.now();
    let id = ProposalId::generate_at(now).uuid();
    let kind = match content {
        Content::Registration(_) => "registration",
        Content::Resumption(_) => "resumption",
    };
    let kept = Kept { content: &content, fingerprints: &fingerprints };
    let row = partner_proposal::Model {
        id,
        country: country.to_string(),
        kind: kind.to_owned(),
        content: serde_json::to_string(&kept).map_err(|why| SpocError::Corrupt(why.to_string()))?,
        state: "open".to_owned(),
        proposed_by: officer.to_owned(),
        proposed_at: now.millis(),
        decided_by: None,
        decided_at: None,
    };
    store::propose(tx, row).await?;
    Ok(Proposal { id, country, content, proposed_by: officer.to_owned(), proposed_at: now, fingerprints })
}

/// A proposal's column.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    content: &'a Content,
    fingerprints: &'a [String],
}

#[derive(Deserialize)]
struct Read {
    #[serde(flatten)]
    content: Content,
    fingerprints: Vec<String>,
}

fn read(row: &partner_proposal::Model) -> Result<Proposal, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("proposal {}: {what}", row.id));
    let Read { content, fingerprints } = serde_json::from_str(&row.content).map_err(|_| corrupt("content"))?;
    Ok(Proposal {
        id: row.id,
        country: row.country.parse().map_err(|_| corrupt("country"))?,
        content,
        proposed_by: row.proposed_by.clone(),
        proposed_at: Timestamp::from_millis(row.proposed_at),
        fingerprints,
    })
}

/// Proposals nobody has decided, of one partner or of all.
///
/// # Errors
/// [`SpocError`] when the database does not answer or holds something unreadable.
pub(crate) async fn proposals(app: &App, of: Option<Country>) -> Result<Vec<Proposal>, SpocError> {
    store::open_proposals(app.store.reader(), of).await?.iter().map(read).collect()
}

/// Confirms a registration another officer proposed, with the fingerprints of its roots typed again. A first registration is completed by
/// GetCACertificates.
///
/// # Errors
/// [`SpocError::ProposalUnknown`], [`SpocError::SameOfficer`], [`SpocError::FingerprintMismatch`], or [`SpocError::Registration`] when what was
/// proposed cannot stand any more.
pub(crate) async fn confirm(app: &App, call: &Call, id: Uuid, typed: &[String]) -> Result<Country, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let confirmed = app
        .store
        .write_tx(async |tx| {
            let row = store::open_proposal(tx, id).await?.ok_or(SpocError::ProposalUnknown)?;
            let proposal = read(&row)?;
            let Content::Registration(entry) = &proposal.content else { return Err(SpocError::ProposalUnknown) };
            second(&proposal, &officer)?;
            let rules = rules(app, &entry.country);
            let held = held(tx, &entry.country).await?;
            let judged = entry.judge(held.as_ref(), &rules)?;
            let new_roots = if entry.roots.is_empty() { &[][..] } else { &judged.roots[..] };
            if !are_fingerprints_of(typed, new_roots) {
                return Err(SpocError::FingerprintMismatch);
            }
            write(tx, &judged, new_roots, &proposal, &officer, rules.now).await?;
            store::decide(tx, row, "confirmed", &officer, rules.now).await?;
            if !new_roots.is_empty() {
                let ask = GetCaCertificates { caller_id: app.country.to_string(), message_id: outbox::message_id(app) };
                let ask = Message::GetCaCertificates(ask);
                outbox::enqueue(app, tx, judged.country, &ask, judged.country.as_str()).await?;
            }
            changed(tx, rules.now).await?;
            let detail = json!({
                "country": judged.country, "proposedBy": proposal.proposed_by, "fingerprints": proposal.fingerprints,
                "first": !new_roots.is_empty(), "url": judged.url.as_str(), "binding": judged.binding.as_str(),
            });
            record(app, tx, call, "partner.confirmed", detail).await?;
            Ok(judged.country)
        })
        .await;
    if matches!(confirmed, Err(SpocError::FingerprintMismatch)) {
        note_mismatch(app, call, json!({ "proposal": id, "typed": typed })).await?;
    }
    let country = confirmed?;
    app.refresh().await?;
    Ok(country)
}

/// A fingerprint that does not fit is either a slip or an attack: it goes on record.
pub(super) async fn note_mismatch(app: &App, call: &Call, detail: serde_json::Value) -> Result<(), SpocError> {
    tracing::warn!(officer = call.author(), "the fingerprints typed are not those proposed");
    app.store.write_tx(async |tx| record(app, tx, call, "partner.fingerprint_mismatch", detail.clone()).await).await
}

fn second(proposal: &Proposal, officer: &str) -> Result<(), SpocError> {
    let approval = Approval::Proposed { by: proposal.proposed_by.clone(), at: proposal.proposed_at };
    // An open proposal is never confirmed already.
    two_officers::confirm(&approval, officer)?;
    Ok(())
}

async fn write(
    tx: &DatabaseTransaction,
    judged: &Partner,
    new_roots: &[PartnerRoot],
    proposal: &Proposal,
    officer: &str,
    now: Timestamp,
) -> Result<(), SpocError> {
    let row = partner::Model {
        country: judged.country.to_string(),
        name: judged.name.clone(),
        binding: judged.binding.as_str().to_owned(),
        profile: judged.profile.clone(),
        url: judged.url.as_str().to_owned(),
        email: judged.email.clone(),
        contacts: judged.contacts.clone(),
        answers: judged.answers.as_str().to_owned(),
        document_years: i64::from(judged.document_years),
        state: judged.state.as_str().to_owned(),
        use_from: judged.in_use.from().millis(),
        use_until: judged.in_use.until().map(Timestamp::millis),
        proposed_by: proposal.proposed_by.clone(),
        proposed_at: proposal.proposed_at.millis(),
        confirmed_by: officer.to_owned(),
        confirmed_at: now.millis(),
        suspended_reason: match &judged.state {
            PartnerState::Suspended { reason } => Some(reason.clone()),
            PartnerState::Active | PartnerState::Withdrawn => None,
        },
    };
    store::replace(tx, row).await?;
    let cvcas = judged.cvcas.iter().map(|cvca| partner_cvca::Model {
        cvca: cvca.name.clone(),
        country: judged.country.to_string(),
        document_types: cvca.document_types.clone(),
        replaces: cvca.replaces.clone(),
    });
    store::replace_cvcas(tx, judged.country, cvcas.collect()).await?;
    for root in new_roots {
        let row = partner_root::Model {
            state: RootState::Confirmed.as_str().to_owned(),
            confirmed_by: Some(officer.to_owned()),
            confirmed_at: Some(now.millis()),
            ..root_row(judged.country, root, &proposal.proposed_by, proposal.proposed_at)
        };
        store::replace_root(tx, row).await?;
    }
    Ok(())
}

/// The row of a root one officer has entered.
pub(super) fn root_row(country: Country, root: &PartnerRoot, by: &str, at: Timestamp) -> partner_root::Model {
    // A root's period always has an end: that of its certificate at the latest.
    let until = root.in_use.until().unwrap_or(root.in_use.from());
    partner_root::Model {
        fingerprint: root.fingerprint.clone(),
        country: country.to_string(),
        certificate: root.certificate.clone(),
        subject: root.subject.clone(),
        use_from: root.in_use.from().millis(),
        use_until: until.millis(),
        linked_to: root.linked_to.clone(),
        bindings: root.bindings.as_str().to_owned(),
        state: root.state.as_str().to_owned(),
        proposed_by: by.to_owned(),
        proposed_at: at.millis(),
        confirmed_by: None,
        confirmed_at: None,
    }
}

/// Tells replicas that partners have changed, in the transaction of the change.
pub(super) async fn changed(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), SpocError> {
    generations::raise(tx, Subject::Partners, now).await?;
    Ok(())
}

/// Takes an open proposal back.
///
/// # Errors
/// [`SpocError::ProposalUnknown`]
pub(crate) async fn withdraw_proposal(app: &App, call: &Call, id: Uuid, why: &str) -> Result<(), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let why = reason(why)?;
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let row = store::open_proposal(tx, id).await?.ok_or(SpocError::ProposalUnknown)?;
            let detail = json!({ "country": row.country, "kind": row.kind, "reason": why });
            store::decide(tx, row, "withdrawn", &officer, now).await?;
            record(app, tx, call, "partner.proposal_withdrawn", detail).await
        })
        .await
}

/// Suspends a partner from the commit on: it is not let in and not written to. A further suspension counts as well: its reason takes the place of the one
/// before, and what was proposed to lift that one is withdrawn.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], or [`SpocError::PartnerState`] for one withdrawn.
pub(crate) async fn suspend(app: &App, call: &Call, country: Country, why: &str) -> Result<(), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let why = reason(why)?;
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let row = store::find(tx, country).await?.ok_or(SpocError::PartnerUnknown(country))?;
            if !matches!(row.state.as_str(), "active" | "suspended") {
                return Err(SpocError::PartnerState { country, needed: "active" });
            }
            let unwanted = withdraw_resumptions(tx, country, None, &officer, now).await?;
            if row.suspended_reason.as_deref() == Some(why) && unwanted == 0 {
                return Ok(());
            }
            let detail = json!({
                "country": country, "reason": why, "before": row.suspended_reason, "resumptionsWithdrawn": unwanted,
            });
            store::set_state(tx, row, "suspended", Some(why)).await?;
            changed(tx, now).await?;
            record(app, tx, call, "partner.suspended", detail).await
        })
        .await?;
    app.refresh().await
}

/// Withdraws what is proposed to lift a suspension, but for the proposal `except`; how many there were.
async fn withdraw_resumptions(
    tx: &DatabaseTransaction,
    country: Country,
    except: Option<Uuid>,
    officer: &str,
    now: Timestamp,
) -> Result<usize, SpocError> {
    let mut open = store::open_proposals(tx, Some(country)).await?;
    open.retain(|proposal| proposal.kind == "resumption" && Some(proposal.id) != except);
    let count = open.len();
    for proposal in open {
        store::decide(tx, proposal, "withdrawn", officer, now).await?;
    }
    Ok(count)
}

/// Proposes to lift a suspension.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], or [`SpocError::PartnerState`] for one that is not suspended.
pub(crate) async fn propose_resumption(
    app: &App,
    call: &Call,
    country: Country,
    why: &str,
) -> Result<Proposal, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let why = reason(why)?;
    app.store
        .write_tx(async |tx| {
            suspended(tx, country).await?;
            let proposal = keep(app, tx, &officer, country, Content::Resumption(why.to_owned()), Vec::new()).await?;
            let detail = json!({ "country": country, "reason": why });
            record(app, tx, call, "partner.resumption_proposed", detail).await?;
            Ok(proposal)
        })
        .await
}

async fn suspended(tx: &DatabaseTransaction, country: Country) -> Result<partner::Model, SpocError> {
    let row = store::find(tx, country).await?.ok_or(SpocError::PartnerUnknown(country))?;
    if row.state != "suspended" {
        return Err(SpocError::PartnerState { country, needed: "suspended" });
    }
    Ok(row)
}

/// Lifts a suspension another officer proposed to lift.
///
/// # Errors
/// [`SpocError::ProposalUnknown`], [`SpocError::SameOfficer`], or [`SpocError::PartnerState`] for one that is not suspended.
pub(crate) async fn confirm_resumption(app: &App, call: &Call, id: Uuid) -> Result<(), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let row = store::open_proposal(tx, id).await?.ok_or(SpocError::ProposalUnknown)?;
            let proposal = read(&row)?;
            let Content::Resumption(why) = &proposal.content else { return Err(SpocError::ProposalUnknown) };
            second(&proposal, &officer)?;
            let partner = suspended(tx, proposal.country).await?;
            // What was proposed about an earlier suspension says nothing about this one.
            store::set_state(tx, partner, "active", None).await?;
            withdraw_resumptions(tx, proposal.country, Some(id), &officer, now).await?;
            store::decide(tx, row, "confirmed", &officer, now).await?;
            letters::make_due(tx, proposal.country.as_str(), now).await?;
            changed(tx, now).await?;
            let detail = json!({ "country": proposal.country, "proposedBy": proposal.proposed_by, "reason": why });
            record(app, tx, call, "partner.resumed", detail).await
        })
        .await?;
    app.refresh().await
}

/// Ends a registration. Returns how many messages to the partner will not be delivered.
///
/// # Errors
/// [`SpocError::PartnerUnknown`]
pub(crate) async fn withdraw(app: &App, call: &Call, country: Country, why: &str) -> Result<u32, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let why = reason(why)?;
    let now = app.clock.now();
    let cancelled = app
        .store
        .write_tx(async |tx| {
            let row = store::find(tx, country).await?.ok_or(SpocError::PartnerUnknown(country))?;
            if row.state == "withdrawn" {
                return Ok(0);
            }
            for proposal in store::open_proposals(tx, Some(country)).await? {
                store::decide(tx, proposal, "withdrawn", &officer, now).await?;
            }
            for root in store::registered(tx, Some(country)).await?.roots {
                let row = partner_root::Model { state: RootState::Withdrawn.as_str().to_owned(), ..root };
                store::replace_root(tx, row).await?;
            }
            store::set_state(tx, row, "withdrawn", None).await?;
            let cancelled = letters::cancel_for(tx, country, now).await?;
            messages::fail_for(tx, country).await?;
            let refused = requests::refuse_all_of(app, tx, call, country).await?;
            changed(tx, now).await?;
            let detail = json!({ "country": country, "reason": why, "cancelledMessages": cancelled, "refusedRequests": refused });
            record(app, tx, call, "partner.withdrawn", detail).await?;
            Ok::<_, SpocError>(cancelled)
        })
        .await?;
    app.refresh().await?;
    Ok(u32::try_from(cancelled).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
