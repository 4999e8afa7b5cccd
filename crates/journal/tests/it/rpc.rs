//! The three gRPC services over a real connection.

use std::sync::Arc;
use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::journal::v1::events_service_client::EventsServiceClient;
use straznica_contracts::journal::v1::journal_service_client::JournalServiceClient;
use straznica_contracts::journal::v1::{
    AddCosignatureRequest, CosignCheckpointRequest, GetCheckpointRequest, GetConsistencyProofRequest,
    GetInclusionProofRequest, SearchEntriesRequest, TailRequest,
};
use straznica_journal::rpc::servers;
use straznica_journal::{Journal, SignedCheckpoint, VerifierKey, verify_consistency, verify_inclusion};
use straznica_store::on_both_engines;
use tonic::Code;
use tonic::transport::Channel;

use crate::house::{House, Migrations, entry, record};

/// Serves a journal on a free port of the loopback; every caller is `security-officer/17`, unless nobody.
pub(crate) async fn serve(journal: &Journal, caller: Option<&str>) -> Channel {
    let caller = caller.map(ToOwned::to_owned);
    let servers = servers(journal, Arc::new(move |_| caller.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    let router = tonic::transport::Server::builder()
        .add_service(servers.journal)
        .add_service(servers.witness)
        .add_service(servers.events);
    tokio::spawn(router.serve_with_incoming(incoming));
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

on_both_engines! {
    Migrations;

    async fn someone_outside_can_check_a_checkpoint_and_its_proofs(database: TestDatabase) {
        let house = House::open(database).await;
        let id = record(&house.journal, house.store(), entry(&house.journal, 1)).await;
        house.fill(5).await;
        house.write(2).await;
        let mut client = JournalServiceClient::new(serve(&house.journal, None).await);
        let answer = client.get_checkpoint(GetCheckpointRequest {}).await.unwrap().into_inner();
        assert_eq!(answer.unsequenced, 2);
        let note: SignedCheckpoint = answer.checkpoint.parse().unwrap();
        let key: VerifierKey = answer.verifier_key.parse().unwrap();
        note.verify_log(&key).unwrap();
        let request = GetInclusionProofRequest { entry_id: id.to_string(), tree_size: 0 };
        let proof = client.get_inclusion_proof(request).await.unwrap().into_inner();
        let hashes: Vec<[u8; 32]> = proof.hashes.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect();
        let leaf = proof.leaf_hash.as_slice().try_into().unwrap();
        verify_inclusion(&leaf, proof.leaf_index, note.checkpoint.size, &note.checkpoint.root, &hashes).unwrap();
        let request = GetConsistencyProofRequest { old_size: 1, new_size: note.checkpoint.size };
        let proof = client.get_consistency_proof(request).await.unwrap().into_inner();
        let hashes: Vec<[u8; 32]> = proof.hashes.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect();
        verify_consistency(1, &leaf, note.checkpoint.size, &note.checkpoint.root, &hashes).unwrap();
    }

    async fn requests_that_make_no_sense_are_refused_with_the_right_status(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        let channel = serve(&house.journal, Some("service/identity")).await;
        let mut client = JournalServiceClient::new(channel.clone());
        let note = client.get_checkpoint(GetCheckpointRequest {}).await.unwrap().into_inner();
        let status = client.get_consistency_proof(GetConsistencyProofRequest { old_size: 3, new_size: 2 }).await;
        assert_eq!(status.unwrap_err().code(), Code::InvalidArgument);
        let status = client.get_consistency_proof(GetConsistencyProofRequest { old_size: 3, new_size: u64::MAX }).await;
        assert_eq!(status.unwrap_err().code(), Code::NotFound);
        let status = client.get_inclusion_proof(GetInclusionProofRequest { entry_id: "x".into(), tree_size: 0 }).await;
        assert_eq!(status.unwrap_err().code(), Code::InvalidArgument);
        let request = AddCosignatureRequest {
            checkpoint: note.checkpoint.clone(),
            cosignature: "nonsense".into(),
            verifier_key: note.verifier_key.clone(),
        };
        assert_eq!(client.add_cosignature(request).await.unwrap_err().code(), Code::InvalidArgument);
        let mut witness = straznica_contracts::journal::v1::witness_service_client::WitnessServiceClient::new(channel);
        let request = CosignCheckpointRequest {
            checkpoint: note.checkpoint,
            old_size: 0,
            proof: vec![vec![0; 31]],
            verifier_key: note.verifier_key,
        };
        assert_eq!(witness.cosign_checkpoint(request).await.unwrap_err().code(), Code::InvalidArgument);
    }

    async fn a_security_officer_reads_and_nobody_unknown_does(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(3).await;
        let request = SearchEntriesRequest {
            context: Some(CallContext { officer: "17".into(), purpose: "audit".into(), ..CallContext::default() }),
            ..SearchEntriesRequest::default()
        };
        let mut client = JournalServiceClient::new(serve(&house.journal, Some("security-officer/17")).await);
        let found = client.search_entries(request.clone()).await.unwrap().into_inner().entries;
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].leaf_index, Some(2));
        let again = client.search_entries(request.clone()).await.unwrap().into_inner().entries;
        assert_eq!((again[0].kind.as_str(), again[0].actor.as_str()), ("journal.searched", "security-officer/17"));
        let status = client.search_entries(SearchEntriesRequest::default()).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let mut client = JournalServiceClient::new(serve(&house.journal, None).await);
        assert_eq!(client.search_entries(request).await.unwrap_err().code(), Code::Unauthenticated);
    }

    async fn events_reach_a_follower_over_the_wire(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        let mut client = EventsServiceClient::new(serve(&house.journal, None).await);
        let mut tail = client.tail(TailRequest { after: 1, ..TailRequest::default() }).await.unwrap().into_inner();
        house.write(1).await;
        house.sequence_all().await;
        let mut last = TailRequest::default();
        for expected in [2, 3] {
            let next = tokio::time::timeout(Duration::from_secs(5), tail.message()).await.unwrap().unwrap().unwrap();
            assert_eq!(next.position, expected);
            assert_eq!(next.type_name, "straznica.journal.v1.TailResponse");
            last = TailRequest { after: next.position, after_event_id: next.event_id };
        }
        let mut on = client.tail(last).await.unwrap().into_inner();
        assert!(tokio::time::timeout(Duration::from_millis(200), on.message()).await.is_err(), "nothing is refused");
        let stranger = TailRequest { after: 2, after_event_id: uuid::Uuid::nil().to_string() };
        let mut set_back = client.tail(stranger).await.unwrap().into_inner();
        let status = set_back.message().await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert!(status.message().contains("set back"), "{status:?}");
        let malformed = TailRequest { after: 2, after_event_id: "the second".to_owned() };
        assert_eq!(client.tail(malformed).await.unwrap_err().code(), Code::InvalidArgument);
        house.journal.purge_events(straznica_types::Clock::now(&house.clock) + Duration::from_secs(1)).await.unwrap();
        house.write(1).await;
        house.sequence_all().await;
        let mut late = client.tail(TailRequest { after: 1, ..TailRequest::default() }).await.unwrap().into_inner();
        assert_eq!(late.message().await.unwrap_err().code(), Code::FailedPrecondition);
    }
}
