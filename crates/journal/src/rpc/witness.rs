//! `WitnessService`.

use straznica_contracts::journal::v1::witness_service_server::WitnessService;
use straznica_contracts::journal::v1::{CosignCheckpointRequest, CosignCheckpointResponse};
use tonic::{Request, Response, Status};

use super::{WitnessRpc, actor, refused};
use crate::witness::{Cosigned, digests};
use crate::{Context, JournalError, NoteError};

#[tonic::async_trait]
impl WitnessService for WitnessRpc {
    async fn cosign_checkpoint(
        &self,
        request: Request<CosignCheckpointRequest>,
    ) -> Result<Response<CosignCheckpointResponse>, Status> {
        let actor = actor(&self.actor_of, request.extensions())?;
        let request = request.into_inner();
        let note = request.checkpoint.parse().map_err(malformed)?;
        let key = request.verifier_key.parse().map_err(malformed)?;
        let proof = digests(&request.proof).map_err(refused)?;
        let answer = self
            .journal
            .cosign(&note, &key, request.old_size, &proof, Context::of_service(actor))
            .await
            .map_err(refused)?;
        let (cosignature, known_size) = match answer {
            Cosigned::Line(line) => (line.to_string(), None),
            Cosigned::ProveFrom(size) => (String::new(), Some(size)),
        };
        let verifier_key = self.journal.witness_key().to_string();
        Ok(Response::new(CosignCheckpointResponse { cosignature, known_size, verifier_key }))
    }
}

fn malformed(failure: NoteError) -> Status {
    refused(JournalError::from(failure))
}
