//! Journal writes of reads share transactions: one durable commit serves all who wait at the moment, and each hears of its own entry.

use std::sync::Arc;

use straznica_store::Store;
use straznica_types::{EntryId, SharedClock};
use tokio::sync::{mpsc, oneshot};

use crate::JournalError;
use crate::journal::{Prepared, insert};

/// Most entries of one shared transaction.
const BATCH: usize = 256;
/// Most entries that wait; who comes after them waits to be let in.
const QUEUE: usize = 1_024;

/// Handle of the task that writes shared transactions. The task ends when the last handle is dropped.
pub(crate) struct GroupCommit {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    entry: Prepared,
    answer: oneshot::Sender<Result<EntryId, JournalError>>,
}

impl GroupCommit {
    pub(crate) fn start(store: Store, clock: SharedClock) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_batches(store, clock, waiting));
        Self { queue }
    }

    pub(crate) async fn write(&self, entry: Prepared) -> Result<EntryId, JournalError> {
        let (answer, written) = oneshot::channel();
        self.queue.send(Waiting { entry, answer }).await.map_err(|_| JournalError::Closed)?;
        written.await.map_err(|_| JournalError::Closed)?
    }
}

async fn write_batches(store: Store, clock: SharedClock, mut queue: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        // Who no longer waits shows nothing to anybody: its entry would record a read that did not happen.
        batch.retain(|waiting| !waiting.answer.is_closed());
        let (entries, answers): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|waiting| (waiting.entry, waiting.answer)).unzip();
        if entries.is_empty() {
            continue;
        }
        match write_batch(&store, &clock, &entries).await {
            Ok(ids) => ids.into_iter().zip(answers).for_each(|(id, answer)| drop(answer.send(Ok(id)))),
            Err(failure) => {
                let failure = Arc::new(failure);
                for answer in answers {
                    drop(answer.send(Err(JournalError::SharedCommit(failure.clone()))));
                }
            }
        }
    }
}

async fn write_batch(store: &Store, clock: &SharedClock, entries: &[Prepared]) -> Result<Vec<EntryId>, JournalError> {
    store
        .write_tx(async |transaction| {
            let mut ids = Vec::with_capacity(entries.len());
            for entry in entries {
                ids.push(insert(transaction, clock, entry).await?);
            }
            Ok(ids)
        })
        .await
}
