//! The control centre's view of CV certificates: one immutable state, replaced as a whole.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use straznica_store::Store;
use straznica_types::Timestamp;

use super::{issuing, records};
use crate::{
    domain::{
        authorities::Authorities,
        chains::ChainTable,
        records::{CertificateRecord, Day},
    },
    error::SpocError,
    store::{
        certificates,
        generations::{self, Generation, Subject},
    },
};

/// Every certificate of one generation and the chains of one day.
#[derive(Debug, Default)]
pub(crate) struct ControlState {
    generation: Generation,
    records: Arc<[CertificateRecord]>,
    day: Option<Day>,
    table: ChainTable,
    /// Worked out when first asked for; they do not depend on the day.
    authorities: Arc<OnceLock<Arc<Authorities>>>,
}

impl ControlState {
    fn of(generation: Generation, records: Arc<[CertificateRecord]>, day: Day) -> Self {
        let table = ChainTable::compute(&records, day);
        Self { generation, records, day: Some(day), table, authorities: Arc::default() }
    }

    /// The same certificates on another day.
    fn on(&self, day: Day) -> Self {
        let table = ChainTable::compute(&self.records, day);
        let (records, authorities) = (Arc::clone(&self.records), Arc::clone(&self.authorities));
        Self { generation: self.generation, records, day: Some(day), table, authorities }
    }

    /// Number of the generation.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.number
    }

    /// The authorities among the certificates. Computes for milliseconds when first asked: not for an async thread.
    ///
    /// # Errors
    /// [`SpocError::Corrupt`] when a certificate that was once verified no longer fits.
    pub(crate) fn authorities(&self) -> Result<Arc<Authorities>, SpocError> {
        if let Some(held) = self.authorities.get() {
            return Ok(Arc::clone(held));
        }
        let fresh = Arc::new(issuing::authorities(&self.records)?);
        Ok(Arc::clone(self.authorities.get_or_init(|| fresh)))
    }

    /// All certificates.
    pub(crate) fn records(&self) -> &[CertificateRecord] {
        &self.records
    }

    /// Chains and signing keys.
    pub(crate) fn table(&self) -> &ChainTable {
        &self.table
    }
}

/// Holds the newest [`ControlState`]. Reading takes no lock.
#[derive(Debug, Default)]
pub(crate) struct ControlCentre {
    state: ArcSwap<ControlState>,
    /// One reload at a time, so that a slow one cannot put an older state over a newer one.
    reloading: tokio::sync::Mutex<()>,
}

impl ControlCentre {
    /// The state for the day of `now`: validities begin and end at midnight, so the first reader of a day works the chains out anew.
    pub(crate) fn at(&self, now: Timestamp) -> Arc<ControlState> {
        let today = Day::of(now);
        loop {
            let held = self.state.load_full();
            if held.day == Some(today) {
                return held;
            }
            let fresh = Arc::new(held.on(today));
            let before = self.state.compare_and_swap(&held, Arc::clone(&fresh));
            if Arc::ptr_eq(&before, &held) {
                return fresh;
            }
        }
    }

    /// Reads certificates afresh when the database holds a newer generation. Returns whether it did.
    pub(crate) async fn reload(&self, store: &Store) -> Result<bool, SpocError> {
        let _one_at_a_time = self.reloading.lock().await;
        // The generation is read before the rows: rows may then be newer than their label, which the next look mends, but never older.
        let generation = generations::current(store.reader(), Subject::Certificates).await?;
        let held = self.state.load();
        if held.day.is_some() && generation.number <= held.generation.number {
            return Ok(false);
        }
        let rows = certificates::all(store.reader()).await?;
        let today = Day::of(store.clock().now());
        // Hundreds of certificates are read and hundreds of chains worked out: requests do not wait for that.
        let fresh = super::blocking(move || {
            let records: Arc<[CertificateRecord]> = rows.into_iter().map(records::of_row).collect::<Result<_, _>>()?;
            Ok::<_, SpocError>(ControlState::of(generation, records, today))
        })
        .await?;
        self.state.store(Arc::new(fresh));
        Ok(true)
    }
}
