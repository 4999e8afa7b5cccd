//! Counts and dates of trust, for people and monitoring.

use std::collections::BTreeMap;

use super::{App, document_trust::ListInUse, master_lists::moment};
use crate::{
    domain::{
        chains::Reach,
        records::{Day, State},
    },
    store::generations::Generation,
};

/// Trust in figures.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) generation: Generation,
    pub(crate) cscas: u32,
    pub(crate) countries: u32,
    pub(crate) revocation_lists: u32,
    pub(crate) stale_revocation_lists: u32,
    pub(crate) defect_lists: u32,
    pub(crate) master_lists: Vec<ListInUse>,
    pub(crate) cvcas: Vec<Cvca>,
}

/// One CVCA: can its fingerprints be opened today?
#[derive(Debug)]
pub(crate) struct Cvca {
    pub(crate) name: String,
    pub(crate) newest_chr: String,
    /// Last day of the ready chain, if there is one.
    pub(crate) expires: Option<Day>,
}

/// The figures of now.
pub(crate) fn summary(app: &App) -> Summary {
    let state = app.documents.current();
    let now = moment(app.clock.now());
    // Without a date for the next one, emrtd's own limit applies; a summary counts only what is plainly overdue.
    let stale = |due: Option<time::OffsetDateTime>| due.zip(now).is_some_and(|(due, now)| due < now);
    Summary {
        generation: state.generation,
        cscas: count(state.trust.cscas().len()),
        countries: count(state.countries().len()),
        revocation_lists: count(state.trust.crls().count()),
        stale_revocation_lists: count(state.trust.crls().filter(|crl| stale(crl.next_update())).count()),
        defect_lists: count(state.defect_lists.len()),
        master_lists: state.master_lists.clone(),
        cvcas: cvcas(app),
    }
}

fn cvcas(app: &App) -> Vec<Cvca> {
    let state = app.control.at(app.clock.now());
    let mut newest: BTreeMap<&str, (Day, &str)> = BTreeMap::new();
    let in_use = state.records().iter().filter(|record| record.role.is_cvca() && record.state == State::Active);
    for record in in_use {
        let candidate = (record.effective, record.chr.as_str());
        let held = newest.entry(&record.cvca).or_insert(candidate);
        *held = candidate.max(*held);
    }
    let line = |(name, (_, chr)): (&str, (Day, &str))| Cvca {
        name: name.to_owned(),
        newest_chr: chr.to_owned(),
        expires: match state.table().reach(chr) {
            Some(Reach::Ready(chain)) => Some(chain.expires),
            Some(Reach::NothingHeld) | None => None,
        },
    };
    newest.into_iter().map(line).collect()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
