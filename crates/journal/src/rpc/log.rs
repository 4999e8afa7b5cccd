//! `JournalService`.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::journal::v1::journal_service_server::JournalService;
use straznica_contracts::journal::v1::{
    AddCosignatureRequest, AddCosignatureResponse, GetCheckpointRequest, GetCheckpointResponse,
    GetConsistencyProofRequest, GetConsistencyProofResponse, GetInclusionProofRequest, GetInclusionProofResponse,
    JournalEntry, SearchEntriesRequest, SearchEntriesResponse,
};
use straznica_types::{EntryId, Timestamp};
use tonic::{Request, Response, Status};

use super::{LogService, actor, refused};
use crate::search::{FoundEntry, Search};
use crate::{Context, JournalError};

#[tonic::async_trait]
impl JournalService for LogService {
    async fn get_checkpoint(
        &self,
        _request: Request<GetCheckpointRequest>,
    ) -> Result<Response<GetCheckpointResponse>, Status> {
        let checkpoint = self.journal.latest_checkpoint().await.map_err(refused)?;
        Ok(Response::new(GetCheckpointResponse {
            checkpoint: checkpoint.map(|note| note.to_string()).unwrap_or_default(),
            unsequenced: self.journal.unsequenced().await.map_err(refused)?,
            verifier_key: self.journal.verifier_key().to_string(),
        }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<GetConsistencyProofRequest>,
    ) -> Result<Response<GetConsistencyProofResponse>, Status> {
        let GetConsistencyProofRequest { old_size, new_size } = request.into_inner();
        let hashes = self.journal.consistency_proof(old_size, new_size).await.map_err(refused)?;
        Ok(Response::new(GetConsistencyProofResponse { hashes: hashes.iter().map(|hash| hash.to_vec()).collect() }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<GetInclusionProofRequest>,
    ) -> Result<Response<GetInclusionProofResponse>, Status> {
        let request = request.into_inner();
        let entry = EntryId::parse(&request.entry_id).map_err(|_| refused(JournalError::Request("entry_id")))?;
        let proof = self.journal.inclusion_proof(entry, request.tree_size).await.map_err(refused)?;
        Ok(Response::new(GetInclusionProofResponse {
            leaf_index: proof.leaf_index,
            tree_size: proof.tree_size,
            leaf_hash: proof.leaf_hash.to_vec(),
            hashes: proof.hashes.iter().map(|hash| hash.to_vec()).collect(),
        }))
    }

    async fn add_cosignature(
        &self,
        request: Request<AddCosignatureRequest>,
    ) -> Result<Response<AddCosignatureResponse>, Status> {
        let request = request.into_inner();
        let note = request.checkpoint.parse().map_err(malformed)?;
        let line = request.cosignature.parse().map_err(malformed)?;
        let key = request.verifier_key.parse().map_err(malformed)?;
        self.journal.add_cosignature(&note, &line, &key).await.map_err(refused)?;
        Ok(Response::new(AddCosignatureResponse {}))
    }

    async fn search_entries(
        &self,
        request: Request<SearchEntriesRequest>,
    ) -> Result<Response<SearchEntriesResponse>, Status> {
        let actor = actor(&self.actor_of, request.extensions())?;
        let request = request.into_inner();
        let context = request.context.as_ref().ok_or_else(|| refused(JournalError::Request("context")))?;
        let context = Context::of_call(actor, context);
        let found = self.journal.search(context, &Search::from(&request)).await.map_err(refused)?;
        Ok(Response::new(SearchEntriesResponse { entries: found.into_iter().map(JournalEntry::from).collect() }))
    }
}

fn malformed(failure: crate::NoteError) -> Status {
    refused(failure.into())
}

fn bound(millis: i64) -> Option<Timestamp> {
    (millis != 0).then(|| Timestamp::from_millis(millis))
}

impl From<&SearchEntriesRequest> for Search {
    fn from(request: &SearchEntriesRequest) -> Self {
        Self {
            kind: request.kind.clone(),
            officer: request.officer.clone(),
            terminal: request.terminal_id.clone(),
            subject: request.subject.clone(),
            from: bound(request.from_ms),
            to: bound(request.to_ms),
            limit: u64::from(request.limit),
            before: (request.before_index > 0).then_some(request.before_index),
        }
    }
}

impl From<FoundEntry> for JournalEntry {
    fn from(entry: FoundEntry) -> Self {
        Self {
            entry_id: entry.id.to_string(),
            leaf_index: entry.leaf_index,
            at_ms: entry.at.millis(),
            actor: entry.context.actor,
            context: Some(CallContext {
                terminal_id: entry.context.terminal,
                officer: entry.context.officer,
                purpose: entry.context.purpose,
                case_number: entry.context.case_number,
                request_id: entry.context.request_id,
            }),
            kind: entry.kind,
            subject: entry.subject,
            legal_basis: entry.legal_basis,
            detail_json: entry.detail,
        }
    }
}
