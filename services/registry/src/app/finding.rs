//! What persons are found by, made anew where it is missing: after a change of the keys, or from nothing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::App;
use crate::domain::finding::Findable;
use crate::error::RegistryError;
use crate::store::{count_persons, find_person, forget_other_versions, unfindable, write_finding};

/// Persons of one transaction.
const BATCH: u64 = 50;

/// How far it has come.
#[derive(Debug, Default)]
pub(crate) struct FindingState {
    complete: AtomicBool,
    persons: AtomicU64,
}

impl FindingState {
    /// Whether everybody is found by the keys of this version.
    pub(crate) fn complete(&self) -> bool {
        self.complete.load(Ordering::Relaxed)
    }

    /// About how many persons there are.
    pub(crate) fn persons(&self) -> u64 {
        self.persons.load(Ordering::Relaxed)
    }
}

impl App {
    /// One turn: everybody who is not found by keys of this version gets them, then those of other versions go. Wherever it is broken off, the next turn goes on.
    pub(crate) async fn make_findable(&self) -> Result<(), RegistryError> {
        self.finding.persons.store(count_persons(self.store.reader()).await?, Ordering::Relaxed);
        let (mut after, mut made) = (None, 0_usize);
        loop {
            let batch = unfindable(self.store.reader(), after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            self.finding.complete.store(false, Ordering::Relaxed);
            after = Some(*last);
            let persons = &batch;
            self.store
                .write_tx(async move |tx| {
                    for id in persons {
                        // Who was erased meanwhile is not found any more.
                        let Some(person) = find_person(tx, *id).await? else { continue };
                        let findable = Findable::of(&self.open(*id, person)?);
                        write_finding(tx, *id, &self.keys.finding(*id, &findable)?).await?;
                    }
                    Ok::<_, RegistryError>(())
                })
                .await?;
            made += batch.len();
        }
        self.finding.complete.store(true, Ordering::Relaxed);
        if made > 0 {
            tracing::info!(persons = made, "keys by which persons are found were made anew");
        }
        while self.store.write_tx(async |tx| Ok::<_, RegistryError>(forget_other_versions(tx).await?)).await? > 0 {}
        Ok(())
    }
}
