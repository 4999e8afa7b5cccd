//! Write transactions that are shared: orders of one kind that wait at the same moment are written by one transaction, in few statements and with one
//! durable commit, and each caller hears what became of its own.
//!
//! Under load that costs a fraction of a transaction each; a caller that is alone waits for nobody. What an order is refused for by the rules belongs
//! into its answer: an error gives the whole transaction up. Then each order is tried in one of its own, so that nobody pays for another's.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio::sync::{OnceCell, mpsc, oneshot};

use crate::error::is_unavailable;
use crate::{Isolation, Store, StoreError};

/// Most orders of one transaction.
const BATCH: usize = 2_048;
/// Most orders that wait; who comes after them waits to be let in.
const QUEUE: usize = 4_096;

/// How orders of one kind are written.
#[async_trait]
pub trait SharedWork: Send + Sync + 'static {
    /// What is to be written.
    type Order: Send + Sync + 'static;
    /// What became of it.
    type Answer: Send + 'static;
    /// Why nothing was written.
    type Failure: From<StoreError> + Error + Send + Sync + 'static;

    /// Writes the orders, in this order where it matters, and answers each at its place. It may run more than once, as the work of
    /// [`Store::write_tx`], with all that is said there.
    ///
    /// # Errors
    /// When nothing of it may be written.
    async fn write(
        &self,
        transaction: &DatabaseTransaction,
        orders: &[Self::Order],
    ) -> Result<Vec<Self::Answer>, Self::Failure>;
}

/// Handle of the task that writes. The task ends with the last handle.
pub struct SharedWrites<W: SharedWork> {
    queue: mpsc::Sender<Waiting<W>>,
}

struct Waiting<W: SharedWork> {
    order: W::Order,
    answer: oneshot::Sender<Result<W::Answer, W::Failure>>,
}

impl<W: SharedWork> SharedWrites<W> {
    /// Starts the task. To be called inside a tokio runtime.
    pub fn start(store: Store, isolation: Isolation, work: W) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let writer = Writer { store, isolation, work: Arc::new(work), lane: OnceCell::new() };
        tokio::spawn(writer.run(waiting));
        Self { queue }
    }

    /// Has an order written; returns when it is durable. Of a caller that no longer waits when its turn comes nothing is written.
    ///
    /// # Errors
    /// What the work failed with, or [`StoreError::NotShared`] where the database could not be reached or the writer has ended.
    pub async fn write(&self, order: W::Order) -> Result<W::Answer, W::Failure> {
        let (answer, written) = oneshot::channel();
        self.queue.send(Waiting { order, answer }).await.map_err(|_| StoreError::NotShared)?;
        written.await.map_err(|_| StoreError::NotShared)?
    }
}

struct Writer<W> {
    store: Store,
    isolation: Isolation,
    work: Arc<W>,
    /// The connection it writes on.
    lane: OnceCell<DatabaseConnection>,
}

impl<W: SharedWork> Writer<W> {
    async fn run(self, mut queue: mpsc::Receiver<Waiting<W>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut batch, BATCH).await > 0 {
            batch.retain(|waiting| !waiting.answer.is_closed());
            let (orders, answers): (Vec<_>, Vec<_>) =
                batch.drain(..).map(|waiting: Waiting<W>| (waiting.order, waiting.answer)).unzip();
            if !orders.is_empty() {
                self.write(&orders, answers).await;
            }
        }
    }

    async fn write(&self, orders: &[W::Order], answers: Vec<oneshot::Sender<Result<W::Answer, W::Failure>>>) {
        // Who has stopped waiting meanwhile is not told that its order was written.
        let mut waiting = orders.iter().zip(answers);
        match self.transact(orders).await {
            Ok(written) => {
                written.into_iter().zip(waiting).for_each(|(written, (_, answer))| drop(answer.send(Ok(written))))
            }
            // Each would wait for a database that is not there.
            Err(failure) if orders.len() == 1 || is_unavailable(&failure) => {
                if let Some((_, first)) = waiting.next() {
                    drop(first.send(Err(failure)));
                }
                waiting.for_each(|(_, answer)| drop(answer.send(Err(StoreError::NotShared.into()))));
            }
            Err(_) => {
                for (order, answer) in waiting {
                    let alone = self.transact(std::slice::from_ref(order)).await;
                    drop(answer.send(alone.and_then(|mut written| written.pop().ok_or(StoreError::NotShared.into()))));
                }
            }
        }
    }

    async fn transact(&self, orders: &[W::Order]) -> Result<Vec<W::Answer>, W::Failure> {
        let lane = self.lane.get_or_try_init(|| self.store.lane()).await?;
        self.store.write_on(lane, self.isolation, async |transaction| self.work.write(transaction, orders).await).await
    }
}
