//! Doing a request once, however often it is sent.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use straznica_runtime::correlation;
use tracing::Instrument;
use zeroize::Zeroizing;

use super::Gateway;
use crate::{
    domain::{
        idempotency::{BodyDigest, Decision, IdempotencyKey, KeyOwner, Remembered, StoredAnswer},
        people::sealing::{self, KEY_LENGTH},
    },
    error::GatewayError,
    store::idempotency,
};

/// What is sealed here, and the class of its keys.
const ANSWER: &str = "answer";

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
                return self.opened(&owner, &key, answer);
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
        if let Err(failure) = self.remember(owner, key, body, outcome.as_ref().ok()).await {
            // What was asked for is done, or the refusal stands: the caller gets it. The key stays in progress until it expires.
            tracing::error!(error = %failure, "an idempotency key could not be finished");
        }
        outcome
    }

    /// Remembers the answer, or, where there is none, nothing of the key.
    async fn remember(
        &self,
        owner: &KeyOwner,
        key: &IdempotencyKey,
        body: BodyDigest,
        answer: Option<&StoredAnswer>,
    ) -> Result<(), GatewayError> {
        let answer = answer.map(|answer| self.sealed(owner, key, answer)).transpose()?;
        let now = self.clock().now();
        let answered = answer.map(|answer| Remembered { body, first_seen: now, answer: Some(answer) });
        self.store()
            .write_tx(async |tx| {
                match &answered {
                    Some(answered) => idempotency::put(tx, owner, key, answered).await,
                    None => idempotency::forget(tx, owner, key).await,
                }
                .map_err(GatewayError::from)
            })
            .await
    }

    /// As the database is to hold it. What a citizen asks of another is answered with a name, what a terminal reads with the alerts there are on somebody.
    fn sealed(
        &self,
        owner: &KeyOwner,
        key: &IdempotencyKey,
        answer: &StoredAnswer,
    ) -> Result<StoredAnswer, GatewayError> {
        let sealed = sealing::seal(&self.answer_key(owner, key), ANSWER, &answer.json)?;
        Ok(StoredAnswer { json: BASE64_STANDARD.encode(sealed), ..answer.clone() })
    }

    /// As it was given.
    fn opened(
        &self,
        owner: &KeyOwner,
        key: &IdempotencyKey,
        mut kept: StoredAnswer,
    ) -> Result<StoredAnswer, GatewayError> {
        // Of a terminal or an operator the release before this one kept it in clear; no encoding begins like that.
        if owner.is_person() || !kept.json.starts_with('{') {
            let corrupt = || GatewayError::CorruptRow { table: "idempotency_key" };
            let sealed = BASE64_STANDARD.decode(&kept.json).map_err(|_| corrupt())?;
            let opened = sealing::unseal(&self.answer_key(owner, key), ANSWER, &sealed).ok_or_else(corrupt)?;
            kept.json.clone_from(opened.expose());
        }
        Ok(kept)
    }

    /// What one answer is sealed by: made of the journal's key, which is not in the database.
    fn answer_key(&self, owner: &KeyOwner, key: &IdempotencyKey) -> Zeroizing<[u8; KEY_LENGTH]> {
        let keyed = self.journal().pseudonym(ANSWER, &format!("{} {}", owner.as_str(), key.as_str()));
        let mut secret = Zeroizing::new([0; KEY_LENGTH]);
        secret.copy_from_slice(digest(&SHA256, keyed.as_str().as_bytes()).as_ref());
        secret
    }
}
