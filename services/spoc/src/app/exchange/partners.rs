//! Partners and the holders our CVCA certifies, as every use case sees them: one immutable state, replaced as a whole.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use emrtd::x509::Crl;
use exchange::Country;
use sea_orm::ConnectionTrait;
use straznica_store::Store;
use straznica_types::Timestamp;

use crate::{
    domain::exchange::partner::{
        Answers, Bindings, Outage, Partner, PartnerCvca, PartnerRoot, PartnerState, Period, RootState, SpocUrl,
    },
    error::SpocError,
    store::{
        entity::{holder, partner, partner_crl_by_hand, partner_cvca, partner_root, planned_outage},
        exchange::{
            crls_by_hand, holders,
            partners::{Registered, registered},
        },
        generations::{self, Generation, Subject},
    },
};

/// The partners of one generation.
#[derive(Debug, Default)]
struct Snapshot {
    generation: Generation,
    by_country: BTreeMap<Country, Arc<Partner>>,
    holders: BTreeMap<String, Arc<holder::Model>>,
    crls_by_hand: BTreeMap<Country, Vec<Crl>>,
}

/// Holds every partner, withdrawn ones included. Reading takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Partners {
    state: ArcSwap<Snapshot>,
    /// One reload at a time, so that a slow one cannot put an older state over a newer one.
    reloading: tokio::sync::Mutex<()>,
}

impl Partners {
    /// The partner of this country, whatever its state: ask [`Partner::is_served`].
    pub(crate) fn get(&self, country: Country) -> Option<Arc<Partner>> {
        self.state.load().by_country.get(&country).map(Arc::clone)
    }

    /// All partners by country, whatever their state.
    pub(crate) fn all(&self) -> Vec<Arc<Partner>> {
        self.state.load().by_country.values().map(Arc::clone).collect()
    }

    /// A registered holder by country and mnemonic.
    pub(crate) fn holder(&self, name: &str) -> Option<Arc<holder::Model>> {
        self.state.load().holders.get(name).map(Arc::clone)
    }

    /// The holders registered of a country.
    pub(crate) fn holders_of(&self, country: Country) -> Vec<Arc<holder::Model>> {
        let state = self.state.load();
        state.holders.values().filter(|holder| holder.country == country.as_str()).map(Arc::clone).collect()
    }

    /// The revocation lists officers brought of a partner's authorities. Whether they count is judged with the path.
    pub(crate) fn crls_by_hand(&self, country: Country) -> Vec<Crl> {
        self.state.load().crls_by_hand.get(&country).cloned().unwrap_or_default()
    }

    /// Number of the state held: rises with every change of any partner and any holder.
    pub(crate) fn generation(&self) -> u64 {
        self.state.load().generation.number
    }

    /// Reads partners afresh when the database holds a newer generation. Returns whether it did.
    ///
    /// # Errors
    /// [`SpocError`] when the database does not answer or holds something unreadable; the state held stays.
    pub(crate) async fn reload(&self, store: &Store) -> Result<bool, SpocError> {
        let _one_at_a_time = self.reloading.lock().await;
        // The generation is read before the rows: rows may then be newer than their label, which the next look mends, but never older.
        let generation = generations::current(store.reader(), Subject::Partners).await?;
        if generation.number <= self.generation() {
            return Ok(false);
        }
        let by_country = of_rows(registered(store.reader(), None).await?)?;
        let holders = holders::all(store.reader()).await?;
        let holders = holders.into_iter().map(|row| (row.holder.clone(), Arc::new(row))).collect();
        let crls_by_hand = lists(crls_by_hand::all(store.reader()).await?)?;
        self.state.store(Arc::new(Snapshot { generation, by_country, holders, crls_by_hand }));
        Ok(true)
    }
}

/// The partner as this transaction sees it, whatever its state.
///
/// # Errors
/// [`SpocError`] when the database does not answer or holds something unreadable.
pub(crate) async fn load(tx: &impl ConnectionTrait, country: Country) -> Result<Option<Partner>, SpocError> {
    let mut partners = of_rows(registered(tx, Some(country)).await?)?;
    Ok(partners.remove(&country).map(Arc::unwrap_or_clone))
}

fn of_rows(rows: Registered) -> Result<BTreeMap<Country, Arc<Partner>>, SpocError> {
    let mut partners = BTreeMap::new();
    for row in rows.partners {
        let partner = partner(row)?;
        partners.insert(partner.country, partner);
    }
    for row in rows.roots {
        let country = country(&row.country)?;
        let root = root(row)?;
        partners.entry(country).and_modify(|partner| partner.roots.push(root));
    }
    for row in rows.cvcas {
        let country = country(&row.country)?;
        let partner_cvca::Model { cvca, document_types, replaces, .. } = row;
        let cvca = PartnerCvca { name: cvca, document_types, replaces };
        partners.entry(country).and_modify(|partner| partner.cvcas.push(cvca));
    }
    for row in rows.outages {
        let country = country(&row.country)?;
        let outage = outage(row)?;
        partners.entry(country).and_modify(|partner| partner.outages.push(outage));
    }
    Ok(partners.into_iter().map(|(country, partner)| (country, Arc::new(partner))).collect())
}

fn lists(rows: Vec<partner_crl_by_hand::Model>) -> Result<BTreeMap<Country, Vec<Crl>>, SpocError> {
    let mut lists: BTreeMap<Country, Vec<Crl>> = BTreeMap::new();
    for row in rows {
        // Without it nobody is let in who should not be, and the other partners are.
        match Crl::parse(&row.crl) {
            Ok(crl) => lists.entry(country(&row.country)?).or_default().push(crl),
            Err(why) => {
                tracing::error!(sha256 = row.sha256, "a revocation list by hand cannot be read any more: {why}")
            }
        }
    }
    Ok(lists)
}

fn country(text: &str) -> Result<Country, SpocError> {
    text.parse().map_err(|_| SpocError::Corrupt(format!("country {text} of a partner")))
}

fn partner(row: partner::Model) -> Result<Partner, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("partner {}: {what}", row.country));
    let state = match (row.state.as_str(), &row.suspended_reason) {
        ("active", _) => PartnerState::Active,
        ("suspended", Some(reason)) => PartnerState::Suspended { reason: reason.clone() },
        ("withdrawn", _) => PartnerState::Withdrawn,
        _ => return Err(corrupt("state")),
    };
    let binding = match Bindings::from_name(&row.binding) {
        Some(Bindings::Only(binding)) => binding,
        Some(Bindings::Both) | None => return Err(corrupt("binding")),
    };
    Ok(Partner {
        country: country(&row.country)?,
        binding,
        url: SpocUrl::parse(&row.url).map_err(|_| corrupt("URL"))?,
        answers: Answers::from_name(&row.answers).ok_or_else(|| corrupt("answers"))?,
        document_years: u32::try_from(row.document_years).map_err(|_| corrupt("document_years"))?,
        state,
        in_use: period(row.use_from, row.use_until).ok_or_else(|| corrupt("period of use"))?,
        name: row.name,
        profile: row.profile,
        email: row.email,
        contacts: row.contacts,
        roots: Vec::new(),
        cvcas: Vec::new(),
        outages: Vec::new(),
    })
}

fn root(row: partner_root::Model) -> Result<PartnerRoot, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("root {}: {what}", row.fingerprint));
    Ok(PartnerRoot {
        in_use: period(row.use_from, Some(row.use_until)).ok_or_else(|| corrupt("period of use"))?,
        bindings: Bindings::from_name(&row.bindings).ok_or_else(|| corrupt("bindings"))?,
        state: RootState::from_name(&row.state).ok_or_else(|| corrupt("state"))?,
        fingerprint: row.fingerprint,
        certificate: row.certificate,
        subject: row.subject,
        linked_to: row.linked_to,
    })
}

fn outage(row: planned_outage::Model) -> Result<Outage, SpocError> {
    let period = period(row.begins, Some(row.ends))
        .ok_or_else(|| SpocError::Corrupt(format!("period of planned outage {}", row.id)))?;
    Ok(Outage { id: row.id, period, reason: row.reason })
}

fn period(from: i64, until: Option<i64>) -> Option<Period> {
    Period::new(Timestamp::from_millis(from), until.map(Timestamp::from_millis)).ok()
}
