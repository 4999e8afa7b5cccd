//! Further roots of registered partners: announced by one officer, confirmed by another, the old and the new one side by side for a while.

use exchange::Country;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_types::Timestamp;

use super::{
    super::{
        App,
        call::{Call, is_seen, reason},
        record,
    },
    partners, registration,
};
use crate::{
    domain::{
        exchange::{
            partner::{Partner, PartnerRoot, PartnerState, RootState},
            root::{self, Ahead, RootEntry, RootRules, is_fingerprint},
        },
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{entity::partner_root, exchange::partners as store},
};

/// A root, and what the second officer should know about it.
#[derive(Debug, Clone)]
pub(crate) struct Announced {
    pub(crate) root: PartnerRoot,
    pub(crate) warnings: Vec<String>,
}

/// Proposes a further root of a registered partner.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], or [`SpocError::Root`] with what is wrong.
pub(crate) async fn announce(
    app: &App,
    call: &Call,
    country: Country,
    entry: RootEntry,
) -> Result<Announced, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let now = app.clock.now();
    let rules = rules(app, country, now);
    let announced = app
        .store
        .write_tx(async |tx| {
            let partner = registered(tx, country).await?;
            let root = root::examine(&entry, &partner.roots, &rules)?;
            let held = partner.roots.iter().find(|held| held.fingerprint == root.fingerprint);
            if held.is_some_and(|held| held.state == RootState::Confirmed) {
                return Err(SpocError::RootHeld(root.fingerprint));
            }
            store::replace_root(tx, registration::root_row(country, &root, &officer, now)).await?;
            registration::changed(tx, now).await?;
            let detail = json!({
                "country": country, "fingerprint": root.fingerprint, "linkedTo": root.linked_to,
                "useFrom": root.in_use.from().to_string(), "bindings": root.bindings.as_str(),
            });
            record(app, tx, call, "partner_root.announced", detail).await?;
            Ok(announcement(app, &partner, root))
        })
        .await?;
    app.refresh().await?;
    Ok(announced)
}

/// What a root of a partner is held against today.
fn rules(app: &App, country: Country, now: Timestamp) -> RootRules<'_> {
    RootRules {
        country,
        own: app.country,
        environment: app.environment,
        other_environment: &app.other_environment,
        certificates: app.policy.for_partner(country).spoc_certificates,
        now,
    }
}

fn announcement(app: &App, partner: &Partner, root: PartnerRoot) -> Announced {
    let rollover = &app.policy.for_partner(partner.country).rollover;
    let days = Ahead { announced: rollover.root_announced_days, distributed: rollover.root_distributed_days };
    let warnings = root::announcement_warnings(&root, &partner.roots, app.clock.now(), days);
    Announced { root, warnings }
}

async fn registered(tx: &DatabaseTransaction, country: Country) -> Result<Partner, SpocError> {
    let partner = partners::load(tx, country).await?;
    partner.filter(|partner| partner.state != PartnerState::Withdrawn).ok_or(SpocError::PartnerUnknown(country))
}

/// What tells an announcement from another one of the same root: its period, what it may be used over, whom it follows.
pub(crate) fn proposal_name(root: &PartnerRoot) -> String {
    let (from, until) = (root.in_use.from().to_string(), root.in_use.until().map(|end| end.to_string()));
    let (until, linked_to) = (until.unwrap_or_default(), root.linked_to.as_deref().unwrap_or_default());
    two_officers::name_of(&[&root.fingerprint, &from, &until, root.bindings.as_str(), linked_to])
}

/// Confirms a root another officer announced as this one has `seen` it, its fingerprint typed again.
///
/// # Errors
/// [`SpocError::RootUnknown`] when none with this fingerprint is announced, [`SpocError::SameOfficer`], [`SpocError::ProposalReplaced`],
/// [`SpocError::Root`] for one that could not be announced any more.
pub(crate) async fn confirm(
    app: &App,
    call: &Call,
    country: Country,
    typed: &str,
    seen: &str,
) -> Result<Announced, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let now = app.clock.now();
    let confirmed = app
        .store
        .write_tx(async |tx| {
            let partner = registered(tx, country).await?;
            let root = partner.roots.iter().find(|root| is_fingerprint(typed, &root.fingerprint));
            let root = root.filter(|root| root.state != RootState::Withdrawn).ok_or(SpocError::RootUnknown)?.clone();
            let row = store::find_root(tx, country, &root.fingerprint).await?.ok_or(SpocError::RootUnknown)?;
            if two_officers::confirm(&approval(&row), &officer)? {
                is_seen(seen, &proposal_name(&root), &root.fingerprint)?;
                root::examine_again(&root, &rules(app, country, now))?;
                let row = partner_root::Model {
                    state: RootState::Confirmed.as_str().to_owned(),
                    confirmed_by: Some(officer.clone()),
                    confirmed_at: Some(now.millis()),
                    ..row
                };
                let detail =
                    json!({ "country": country, "fingerprint": root.fingerprint, "proposedBy": row.proposed_by });
                store::replace_root(tx, row).await?;
                registration::changed(tx, now).await?;
                record(app, tx, call, "partner_root.confirmed", detail).await?;
            }
            Ok(announcement(app, &partner, PartnerRoot { state: RootState::Confirmed, ..root }))
        })
        .await;
    if matches!(confirmed, Err(SpocError::RootUnknown)) {
        registration::note_mismatch(app, call, json!({ "country": country, "typed": [typed] })).await?;
    }
    let confirmed = confirmed?;
    app.refresh().await?;
    Ok(confirmed)
}

fn approval(row: &partner_root::Model) -> Approval {
    if row.state == RootState::Confirmed.as_str() {
        return Approval::Confirmed;
    }
    Approval::Proposed { by: row.proposed_by.clone(), at: Timestamp::from_millis(row.proposed_at) }
}

/// Withdraws a root: from the commit on no certificate leads to it.
///
/// # Errors
/// [`SpocError::RootUnknown`]
pub(crate) async fn withdraw(
    app: &App,
    call: &Call,
    country: Country,
    typed: &str,
    why: &str,
) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let why = reason(why)?;
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let partner = partners::load(tx, country).await?.ok_or(SpocError::PartnerUnknown(country))?;
            let root = partner.roots.iter().find(|root| is_fingerprint(typed, &root.fingerprint));
            let root = root.ok_or(SpocError::RootUnknown)?;
            if root.state == RootState::Withdrawn {
                return Ok(());
            }
            let row = store::find_root(tx, country, &root.fingerprint).await?.ok_or(SpocError::RootUnknown)?;
            let row = partner_root::Model { state: RootState::Withdrawn.as_str().to_owned(), ..row };
            store::replace_root(tx, row).await?;
            registration::changed(tx, now).await?;
            let detail = json!({ "country": country, "fingerprint": root.fingerprint, "reason": why });
            record(app, tx, call, "partner_root.withdrawn", detail).await
        })
        .await?;
    app.refresh().await
}
