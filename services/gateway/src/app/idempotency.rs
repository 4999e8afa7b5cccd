//! Doing a request once, however often it is sent.

use straznica_runtime::correlation;
use tracing::Instrument;

use super::Gateway;
use crate::{
    domain::idempotency::{BodyDigest, Decision, IdempotencyKey, KeyOwner, Remembered, StoredAnswer},
    error::GatewayError,
    store::idempotency,
};

impl Gateway {
    /// Does `work` under the owner's key, or gives the answer it gave before.
    ///
    /// The work goes on when the caller hangs up meanwhile: a caller that lost its connection asks again with the same key and gets the
    /// answer. A refusal or failure is not remembered; the key is free again.
    pub(crate) async fn once(
        &self,
        owner: KeyOwner,
        key: IdempotencyKey,
        body: BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<StoredAnswer, GatewayError> {
        match self.begin(&owner, &key, body).await? {
            Decision::Execute => {}
            Decision::Replay(answer) => {
                self.metrics().replayed();
                return Ok(answer);
            }
            Decision::InProgress => return Err(GatewayError::IdempotencyInProgress),
            Decision::OtherBody => return Err(GatewayError::IdempotencyKeyReused),
        }
        let gateway = self.clone();
        let finishing = async move {
            let outcome = work.await;
            gateway.finish(&owner, &key, body, outcome).await
        };
        tokio::spawn(correlation::carry(finishing.in_current_span())).await.map_err(|_| GatewayError::Panicked)?
    }

    /// Deletes what no longer counts; tells how many keys.
    pub(crate) async fn sweep_idempotency_keys(&self) -> Result<u64, GatewayError> {
        let memory = self.config().idempotency.memory();
        let now = self.clock().now();
        let swept = self
            .store()
            .write_tx(async |tx| {
                idempotency::forget_older(tx, now - memory.answered, now - memory.in_progress)
                    .await
                    .map_err(GatewayError::from)
            })
            .await?;
        Ok(swept)
    }

    async fn begin(&self, owner: &KeyOwner, key: &IdempotencyKey, body: BodyDigest) -> Result<Decision, GatewayError> {
        let memory = self.config().idempotency.memory();
        let now = self.clock().now();
        self.store()
            .write_tx(async |tx| {
                let known = idempotency::find(tx, owner, key).await?;
                let decision = memory.decide(known, &body, now);
                if decision == Decision::Execute {
                    let begun = Remembered { body, first_seen: now, answer: None };
                    idempotency::put(tx, owner, key, &begun).await?;
                }
                Ok(decision)
            })
            .await
    }

    async fn finish(
        &self,
        owner: &KeyOwner,
        key: &IdempotencyKey,
        body: BodyDigest,
        outcome: Result<StoredAnswer, GatewayError>,
    ) -> Result<StoredAnswer, GatewayError> {
        let now = self.clock().now();
        let answered =
            outcome.as_ref().ok().map(|answer| Remembered { body, first_seen: now, answer: Some(answer.clone()) });
        let remembered = self
            .store()
            .write_tx(async |tx| {
                match &answered {
                    Some(answered) => idempotency::put(tx, owner, key, answered).await,
                    None => idempotency::forget(tx, owner, key).await,
                }
                .map_err(GatewayError::from)
            })
            .await;
        if let Err(failure) = remembered {
            // What was asked for is done, or the refusal stands: the caller gets it. The key stays in progress until it expires.
            tracing::error!(error = %failure, "an idempotency key could not be finished");
        }
        outcome
    }
}
