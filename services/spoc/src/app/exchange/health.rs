//! The health board: how every partner is, worked out when asked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cvc::certificate::Certificate;
use exchange::Country;
use sea_orm::ConnectionTrait;
use straznica_types::Timestamp;

use super::{
    super::{App, cvca_certificates},
    fallback, own_certificates, partner_certificates,
};
use crate::{
    domain::{
        exchange::{
            health::{Expiry, ExpiryKind, Health, HeldCrl},
            lineage::lineage_in_use,
            partner::{Partner, PartnerState, RootState},
        },
        records::{CertificateRecord, Day, State},
    },
    error::SpocError,
    store::{
        entity::{holder, partner_certificate, partner_crl},
        exchange::{bundles, contacts, crls_by_hand, outbox},
    },
};

/// For so long a bundle may still be under way.
pub(super) const UNDER_WAY: Duration = Duration::from_secs(600);

/// A partner, and what needs attention.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) health: Health,
    pub(crate) concerns: Vec<String>,
    /// How old its revocation lists may be.
    pub(crate) crl_max_age: Duration,
}

/// One partner, or all that are not withdrawn.
///
/// # Errors
/// [`SpocError::PartnerUnknown`] for one that is not registered.
pub(crate) async fn look(app: &App, of: Option<Country>) -> Result<Vec<Board>, SpocError> {
    let partners: Vec<Arc<Partner>> = match of {
        Some(country) => vec![app.partners.get(country).ok_or(SpocError::PartnerUnknown(country))?],
        None => app.partners.all().into_iter().filter(|one| one.state != PartnerState::Withdrawn).collect(),
    };
    let mut boards = Vec::with_capacity(partners.len());
    for partner in partners {
        let health = health(app, &partner).await?;
        let mut concerns = health.concerns(app.clock.now(), app.policy.for_partner(partner.country));
        concerns.extend(own_concerns(app, &partner));
        if partner.state != PartnerState::Withdrawn {
            concerns.extend(departures(app, &partner));
            concerns.extend(orphans(app, &partner));
            concerns.extend(cut_off_bundles(app, &partner).await?);
            concerns.extend(remarked(app, &partner).await?);
        }
        let crl_max_age = app.policy.for_partner(partner.country).revocation.crl_max_age();
        boards.push(Board { health, concerns, crl_max_age });
    }
    Ok(boards)
}

/// Certificates of ours by which this partner knows us, and which end soon.
fn own_concerns(app: &App, partner: &Partner) -> Vec<String> {
    if partner.state == PartnerState::Withdrawn {
        return Vec::new();
    }
    let ours = own_certificates::in_force(app).into_iter().filter(|own| own.binding == partner.binding);
    let ending = ours.filter_map(|own| Some((own.days_left(app)?, own)));
    ending.map(|(days, own)| format!("our own {} certificate for this link ends in {days} days", own.side)).collect()
}

/// Certificates of its CVCAs, in use or waiting for officers, that are valid for longer or shorter than the policy for it says, or of a CVCA its registration does not list.
fn departures(app: &App, partner: &Partner) -> Vec<String> {
    let now = app.clock.now();
    let state = app.control.at(now);
    let theirs = state.records().iter().filter(|record| {
        record.role.is_cvca()
            && record.cvca_country() == partner.country.as_str()
            && record.state != State::Suspended
            && record.expires >= Day::of(now)
    });
    let departing = theirs.flat_map(|record| {
        let certificate = Certificate::parse(record.der.as_ref()).ok();
        let findings =
            certificate.map(|certificate| cvca_certificates::findings(app, &certificate)).unwrap_or_default();
        findings.into_iter().map(move |finding| format!("{} from {}: {finding}", record.chr, record.car))
    });
    departing.collect()
}

/// What was noticed, and tolerated, about the certificates it was last let in by.
async fn remarked(app: &App, partner: &Partner) -> Result<Vec<String>, SpocError> {
    let shown = partner_certificates::of(app, partner.country).await?;
    let told = |one: &partner_certificate::Model| {
        one.remarks.lines().map(|remark| format!("its {} certificate: {remark}", one.side)).collect::<Vec<_>>()
    };
    Ok(shown.iter().flat_map(told).collect())
}

/// Document verifiers registered of a CVCA of which no certificate in use is held, nor of one that followed it: nobody can countersign for them.
fn orphans(app: &App, partner: &Partner) -> Vec<String> {
    let state = app.control.at(app.clock.now());
    let is_held = |name: &str| {
        let line = lineage_in_use(state.records(), name);
        state
            .records()
            .iter()
            .any(|record| record.role.is_cvca() && record.state == State::Active && line.contains(&record.cvca))
    };
    let orphans = app.partners.holders_of(partner.country).into_iter();
    let orphans = orphans.filter(|holder| holder.state == "active" && !is_held(&holder.domestic_cvca));
    let told = |holder: Arc<holder::Model>| {
        let (name, cvca) = (&holder.holder, &holder.domestic_cvca);
        format!(
            "the verifier {name} is registered of {cvca}, of which no certificate is in use here: its initial requests are refused"
        )
    };
    orphans.map(told).collect()
}

/// Bundles that were begun and not taken in to their end, as long as they can still be.
async fn cut_off_bundles(app: &App, partner: &Partner) -> Result<Vec<String>, SpocError> {
    let now = app.clock.now();
    let oldest = now - fallback::oldest_bundle(app, partner.country);
    let rows = bundles::cut_off(app.store.reader(), partner.country, oldest, now - UNDER_WAY).await?;
    let told = rows.into_iter().map(|row| {
        let (id, officer, at) = (row.bundle_id, row.officer, Timestamp::from_millis(row.taken_in_at));
        format!(
            "the bundle {id}, begun by {officer} at {at}, was not taken in to its end: it has to be taken in once more"
        )
    });
    Ok(told.collect())
}

async fn health(app: &App, partner: &Partner) -> Result<Health, SpocError> {
    let (db, country, now) = (app.store.reader(), partner.country, app.clock.now());
    let contact = contacts::find(db, country).await?;
    let (reached_at, heard_at, failed_at, failure) = match contact {
        Some(row) => (row.reached_at, row.heard_at, row.failed_at, row.failure),
        None => (None, None, None, None),
    };
    let (waiting, first_due) = contacts::waiting_requests(db, country).await?;
    let (pending, oldest) = contacts::letters(db, country, "pending").await?;
    let (awaited, _) = contacts::letters(db, country, "acknowledged").await?;
    let refused_days = u64::from(app.policy.for_partner(country).alarms.refused_days);
    let refused_since = now - Duration::from_secs(refused_days * 86_400);
    Ok(Health {
        country,
        standing: partner.standing(now),
        state: partner.state.as_str(),
        reached_at: moment(reached_at),
        heard_at: moment(heard_at),
        failed_at: moment(failed_at),
        failure,
        waiting_requests: count(waiting),
        first_due_at: moment(first_due),
        pending_messages: count(pending),
        refused_deliveries: count(outbox::refused_deliveries(db, country, refused_since).await?),
        oldest_pending_at: moment(oldest.as_ref().map(|row| row.created_at)),
        last_error: oldest.and_then(|row| row.last_error),
        awaited_answers: count(awaited),
        unread_messages: count(contacts::unread_messages(db, country).await?),
        expiries: expiries(app, partner, partner_certificates::of(app, country).await?, now),
        crls: crls(db, country).await?,
        outages: partner.outages.iter().filter(|outage| outage.period.until() > Some(now)).cloned().collect(),
    })
}

fn moment(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What ends: roots in use or to be used, the certificates it last showed, the newest certificate of each of the partner's CVCAs, our newest DV certificate under it.
fn expiries(app: &App, partner: &Partner, shown: Vec<partner_certificate::Model>, now: Timestamp) -> Vec<Expiry> {
    let confirmed = partner.roots.iter().filter(|root| root.state == RootState::Confirmed);
    let roots = confirmed.filter_map(|root| {
        let at = root.in_use.until().filter(|until| *until > now)?;
        Some(Expiry { kind: ExpiryKind::SpocRoot, subject: root.fingerprint.clone(), at })
    });
    let mut expiries: Vec<Expiry> = roots.collect();
    expiries.extend(shown.into_iter().filter(|one| one.not_after > now.millis()).map(|one| Expiry {
        kind: ExpiryKind::SpocCertificate,
        subject: one.fingerprint,
        at: Timestamp::from_millis(one.not_after),
    }));
    let state = app.control.at(now);
    let active = state.records().iter().filter(|record| record.state == State::Active);
    let theirs = active.filter(|record| record.cvca.starts_with(partner.country.as_str()));
    let mut newest: BTreeMap<(&str, bool), &CertificateRecord> = BTreeMap::new();
    for record in theirs.filter(|record| record.role.is_cvca() || (record.role.is_dv() && record.key.is_some())) {
        let place = newest.entry((&record.cvca, record.role.is_cvca())).or_insert(record);
        if record.expires > place.expires {
            *place = record;
        }
    }
    // What links lead on from is followed by what they lead to.
    let is_followed = |of: &CertificateRecord| {
        let line = lineage_in_use(state.records(), &of.cvca);
        newest.iter().any(|((cvca, is_cvca), other)| {
            *is_cvca == of.role.is_cvca() && line.contains(*cvca) && other.expires > of.expires
        })
    };
    let last = newest.iter().filter(|(_, record)| !is_followed(record));
    expiries.extend(last.map(|((_, is_cvca), record)| Expiry {
        kind: if *is_cvca { ExpiryKind::Cvca } else { ExpiryKind::Dv },
        subject: record.chr.clone(),
        at: end_of(record.expires),
    }));
    expiries.sort_by_key(|expiry| expiry.at);
    expiries
}

/// The last day of validity counts to its end.
fn end_of(day: Day) -> Timestamp {
    Timestamp::from_millis(day.plus(1).midnight())
}

/// Lists that were fetched, and those officers brought.
async fn crls(db: &impl ConnectionTrait, country: Country) -> Result<Vec<HeldCrl>, SpocError> {
    let fetched = contacts::crls(db, country).await?.into_iter().map(held_crl);
    let by_hand = crls_by_hand::of(db, country).await?.into_iter().map(HeldCrl::from);
    Ok(fetched.chain(by_hand).collect())
}

fn held_crl(row: partner_crl::Model) -> HeldCrl {
    HeldCrl {
        uri: row.uri,
        issuer: row.issuer,
        this_update: Timestamp::from_millis(row.this_update),
        next_update: moment(row.next_update),
        fetched_at: Timestamp::from_millis(row.fetched_at),
        by_hand: None,
    }
}
