//! Witnessing: a service cosigns another's checkpoint only when it extends the last one it saw, so that who owns one database and its key cannot rewrite
//! history unseen.
//!
//! Cosigning is not journalled (each would make a new checkpoint to cosign, without end); a refusal is, and is logged as an error.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait, QueryOrder as _};
use straznica_contracts::journal::v1::journal_service_client::JournalServiceClient;
use straznica_contracts::journal::v1::witness_service_client::WitnessServiceClient;
use straznica_contracts::journal::v1::{
    AddCosignatureRequest, CosignCheckpointRequest, GetCheckpointRequest, GetConsistencyProofRequest,
};
use tonic::client::GrpcService;
use tonic::codegen::{Body as HttpBody, Bytes, StdError};

use crate::encoding::Digest;
use crate::entity::{cosignature, witness_state};
use crate::note::{Checkpoint, SignatureLine, SignedCheckpoint, VerifierKey};
use crate::sequencer::{digest_of, signed, unsigned};
use crate::tree::verify_consistency;
use crate::{Context, Entry, Journal, JournalError};

/// What carries calls to another service: tonic's channel, or the runtime's around it.
pub trait Transport:
    GrpcService<
        tonic::body::Body,
        Future: Send,
        Error: Into<StdError>,
        ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    > + Send
{
}

impl<C> Transport for C where
    C: GrpcService<
            tonic::body::Body,
            Future: Send,
            Error: Into<StdError>,
            ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        > + Send
{
}

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cosigned {
    /// The cosignature.
    Line(SignatureLine),
    /// The proof does not begin at the size the witness has: prove from this one (0: from nothing).
    ProveFrom(u64),
}

/// What one exchange with another service came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchanged {
    /// There is nothing new to cosign.
    Nothing,
    /// The checkpoint of this size was cosigned.
    Cosigned(u64),
}

enum Decision {
    Cosign,
    ProveFrom(u64),
    Refuse(&'static str),
}

impl Journal {
    /// Cosigns another log's checkpoint after checking that it extends the last one seen of the same origin. At the first meeting the key is kept.
    ///
    /// # Errors
    /// [`JournalError::Fork`] when the checkpoint contradicts what was seen before, [`JournalError::Note`] when it is not signed by the key given.
    pub async fn cosign(
        &self,
        note: &SignedCheckpoint,
        key: &VerifierKey,
        old_size: u64,
        proof: &[Digest],
        caller: Context,
    ) -> Result<Cosigned, JournalError> {
        note.verify_log(key)?;
        let decision = self
            .inner
            .store
            .write_tx(async |transaction| {
                let state = witness_state::Entity::find_by_id(&note.checkpoint.origin).one(transaction).await?;
                let decision = decide(state.as_ref(), note, key, old_size, proof)?;
                if matches!(decision, Decision::Cosign) {
                    self.remember(transaction, note, key).await?;
                }
                Ok::<_, JournalError>(decision)
            })
            .await?;
        match decision {
            Decision::Cosign => Ok(Cosigned::Line(self.inner.witness.cosign(&note.checkpoint, self.inner.clock.now()))),
            Decision::ProveFrom(size) => Ok(Cosigned::ProveFrom(size)),
            Decision::Refuse(reason) => {
                tracing::error!(origin = note.checkpoint.origin, reason, "a log's checkpoint contradicts its history");
                let detail = serde_json::json!({
                    "origin": note.checkpoint.origin,
                    "size": note.checkpoint.size,
                    "root": hex::encode(note.checkpoint.root),
                    "reason": reason,
                });
                self.record_read(Entry::new("checkpoint.refused", caller).detail(detail)).await?;
                Err(JournalError::Fork)
            }
        }
    }

    async fn remember(
        &self,
        transaction: &DatabaseTransaction,
        note: &SignedCheckpoint,
        key: &VerifierKey,
    ) -> Result<(), JournalError> {
        let row = witness_state::ActiveModel {
            origin: ActiveValue::Set(note.checkpoint.origin.clone()),
            verifier_key: ActiveValue::Set(key.to_string()),
            size: ActiveValue::Set(signed(note.checkpoint.size)),
            root: ActiveValue::Set(note.checkpoint.root.to_vec()),
            note: ActiveValue::Set(note.to_string()),
            at: ActiveValue::Set(self.inner.clock.now().millis()),
        };
        let newer = [
            witness_state::Column::Size,
            witness_state::Column::Root,
            witness_state::Column::Note,
            witness_state::Column::At,
        ];
        witness_state::Entity::insert(row)
            .on_conflict(OnConflict::column(witness_state::Column::Origin).update_columns(newer).to_owned())
            .exec_without_returning(transaction)
            .await?;
        Ok(())
    }

    /// The checkpoints of other logs this service has cosigned last: what to hold against a database or an export of theirs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn witnessed(&self) -> Result<Vec<Checkpoint>, JournalError> {
        let rows = witness_state::Entity::find().all(self.inner.store.reader()).await?;
        rows.iter().map(|row| Ok(row.note.parse::<SignedCheckpoint>()?.checkpoint)).collect()
    }

    /// Asks another service for its newest checkpoint, cosigns it and hands the cosignature back: one round, for a service that may call the other.
    ///
    /// # Errors
    /// As [`Journal::cosign`], and [`JournalError::Exchange`].
    pub async fn witness_pull(
        &self,
        other: &mut JournalServiceClient<impl Transport>,
    ) -> Result<Exchanged, JournalError> {
        let answer = other.get_checkpoint(GetCheckpointRequest {}).await?.into_inner();
        if answer.checkpoint.is_empty() {
            return Ok(Exchanged::Nothing);
        }
        let mut note: SignedCheckpoint = answer.checkpoint.parse()?;
        let key: VerifierKey = answer.verifier_key.parse()?;
        if note.verify_witness(self.witness_key()).is_ok() {
            return Ok(Exchanged::Nothing);
        }
        // The cosignatures of others are no part of what is seen and kept.
        note.signatures.truncate(1);
        let state = witness_state::Entity::find_by_id(&note.checkpoint.origin).one(self.inner.store.reader()).await?;
        let old_size = state.map_or(Ok(0), |state| unsigned(state.size))?;
        let proof = if old_size < note.checkpoint.size {
            let request = GetConsistencyProofRequest { old_size, new_size: note.checkpoint.size };
            digests(&other.get_consistency_proof(request).await?.into_inner().hashes)?
        } else {
            Vec::new()
        };
        let caller = Context::of_service(self.origin());
        let Cosigned::Line(line) = self.cosign(&note, &key, old_size, &proof, caller).await? else {
            // Another replica of this service was faster; the next round goes on from there.
            return Ok(Exchanged::Nothing);
        };
        let request = AddCosignatureRequest {
            checkpoint: note.to_string(),
            cosignature: line.to_string(),
            verifier_key: self.witness_key().to_string(),
        };
        other.add_cosignature(request).await?;
        Ok(Exchanged::Cosigned(note.checkpoint.size))
    }

    /// Hands this log's newest checkpoint to another service's witness and keeps its cosignature: one round, for a service that may call the other.
    ///
    /// # Errors
    /// [`JournalError::Exchange`], with the witness's refusal in it, or what the database says.
    pub async fn witness_push(
        &self,
        other: &mut WitnessServiceClient<impl Transport>,
    ) -> Result<Exchanged, JournalError> {
        let Some(mut note) = self.latest_checkpoint().await? else { return Ok(Exchanged::Nothing) };
        if note.signatures.len() > 1 {
            return Ok(Exchanged::Nothing);
        }
        note.signatures.truncate(1);
        let size = note.checkpoint.size;
        let mut old_size = self.last_cosigned_size().await?;
        // The witness may have seen more than its cosignatures that arrived here: a second try proves from what it says.
        for _ in 0..2 {
            let proof = self.consistency_proof(old_size, size).await?;
            let request = CosignCheckpointRequest {
                checkpoint: note.to_string(),
                old_size,
                proof: proof.iter().map(|hash| hash.to_vec()).collect(),
                verifier_key: self.verifier_key().to_string(),
            };
            let answer = other.cosign_checkpoint(request).await?.into_inner();
            match answer.known_size {
                Some(known) if known <= size => old_size = known,
                Some(_) => return Ok(Exchanged::Nothing),
                None => {
                    let key: VerifierKey = answer.verifier_key.parse()?;
                    self.add_cosignature(&note, &answer.cosignature.parse()?, &key).await?;
                    return Ok(Exchanged::Cosigned(size));
                }
            }
        }
        Ok(Exchanged::Nothing)
    }

    async fn last_cosigned_size(&self) -> Result<u64, JournalError> {
        let last =
            cosignature::Entity::find().order_by_desc(cosignature::Column::Size).one(self.inner.store.reader()).await?;
        last.map_or(Ok(0), |row| unsigned(row.size))
    }

    /// [`Journal::witness_pull`] every so often, for as long as it is polled: a job.
    pub async fn run_witness_pull(
        &self,
        mut other: JournalServiceClient<impl Transport>,
        every: Duration,
    ) -> Infallible {
        loop {
            report(self.witness_pull(&mut other).await);
            tokio::time::sleep(every).await;
        }
    }

    /// [`Journal::witness_push`] every so often, for as long as it is polled: a job.
    pub async fn run_witness_push(
        &self,
        mut other: WitnessServiceClient<impl Transport>,
        every: Duration,
    ) -> Infallible {
        loop {
            report(self.witness_push(&mut other).await);
            tokio::time::sleep(every).await;
        }
    }
}

fn report(outcome: Result<Exchanged, JournalError>) {
    match outcome {
        Ok(Exchanged::Nothing) => {}
        Ok(Exchanged::Cosigned(size)) => tracing::debug!(size, "checkpoint cosigned"),
        Err(failure) => tracing::warn!(error = &failure as &dyn Error, "checkpoints could not be exchanged"),
    }
}

fn decide(
    state: Option<&witness_state::Model>,
    note: &SignedCheckpoint,
    key: &VerifierKey,
    old_size: u64,
    proof: &[Digest],
) -> Result<Decision, JournalError> {
    let Some(state) = state else {
        return Ok(if old_size == 0 && proof.is_empty() { Decision::Cosign } else { Decision::ProveFrom(0) });
    };
    if state.verifier_key != key.to_string() {
        return Ok(Decision::Refuse("another key than before"));
    }
    let (known_size, known_root) = (unsigned(state.size)?, digest_of(&state.root)?);
    let new = &note.checkpoint;
    if new.size == known_size {
        let same = new.root == known_root;
        return Ok(if same { Decision::Cosign } else { Decision::Refuse("another root at the same size") });
    }
    if old_size != known_size || new.size < known_size {
        return Ok(Decision::ProveFrom(known_size));
    }
    match verify_consistency(known_size, &known_root, new.size, &new.root, proof) {
        Ok(()) => Ok(Decision::Cosign),
        Err(_) => Ok(Decision::Refuse("the last tree seen is not its beginning")),
    }
}

pub(crate) fn digests(hashes: &[Vec<u8>]) -> Result<Vec<Digest>, JournalError> {
    // A tree of 2^64 leaves has proofs of at most 65 hashes.
    if hashes.len() > 65 {
        return Err(JournalError::Request("proof"));
    }
    hashes.iter().map(|hash| hash.as_slice().try_into().map_err(|_| JournalError::Request("proof"))).collect()
}

#[cfg(test)]
mod tests {
    use straznica_types::Secret;

    use super::*;
    use crate::note::LogSigner;

    const ORIGIN: &str = "log.example/journal";

    fn signer(seed: u8) -> LogSigner {
        LogSigner::new(ORIGIN, &Secret::new([seed; 32])).unwrap()
    }

    fn note(signer: &LogSigner, size: u64, root: u8) -> SignedCheckpoint {
        signer.sign(Checkpoint { origin: ORIGIN.to_owned(), size, root: [root; 32] })
    }

    fn seen(signer: &LogSigner, note: &SignedCheckpoint) -> witness_state::Model {
        witness_state::Model {
            origin: ORIGIN.to_owned(),
            verifier_key: signer.verifier().to_string(),
            size: signed(note.checkpoint.size),
            root: note.checkpoint.root.to_vec(),
            note: note.to_string(),
            at: 0,
        }
    }

    #[test]
    fn the_same_history_under_another_key_is_refused() {
        let (first, second) = (signer(1), signer(2));
        let state = seen(&first, &note(&first, 4, 9));
        let same = decide(Some(&state), &note(&first, 4, 9), first.verifier(), 4, &[]).unwrap();
        assert!(matches!(same, Decision::Cosign));
        let other = decide(Some(&state), &note(&second, 4, 9), second.verifier(), 4, &[]).unwrap();
        assert!(matches!(other, Decision::Refuse("another key than before")));
    }
}
