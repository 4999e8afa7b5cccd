//! Two services witness each other.

use straznica_contracts::journal::v1::journal_service_client::JournalServiceClient;
use straznica_contracts::journal::v1::witness_service_client::WitnessServiceClient;
use straznica_journal::verify::{FindingCode, Options};
use straznica_journal::{Context, Cosigned, Exchanged, JournalError, Search};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase as Fresh;

use crate::house::{House, Migrations, context};
use crate::rpc::serve;

/// A second service with a database of its own, on the same engine.
async fn neighbour(house: &House) -> House {
    let database = Fresh::fresh::<Migrations>(house.store().engine()).await.unwrap();
    House::open_as(database, "identity.test.example/journal").await
}

/// Hands the newest checkpoint over with a proof from `old_size`.
async fn cosign(witness: &House, log: &House, old_size: u64) -> Result<Cosigned, JournalError> {
    let note = log.journal.latest_checkpoint().await.unwrap().unwrap();
    let proof = log.journal.consistency_proof(old_size, note.checkpoint.size).await.unwrap();
    let caller = Context::of_service("service/spoc");
    witness.journal.cosign(&note, log.journal.verifier_key(), old_size, &proof, caller).await
}

on_both_engines! {
    Migrations;

    async fn a_checkpoint_is_pulled_cosigned_and_handed_back(database: TestDatabase) {
        let log = House::open(database).await;
        let witness = neighbour(&log).await;
        let mut client = JournalServiceClient::new(serve(&log.journal, None).await);
        assert_eq!(witness.journal.witness_pull(&mut client).await.unwrap(), Exchanged::Nothing, "no checkpoint yet");
        for size in [4, 8] {
            log.fill(4).await;
            assert_eq!(witness.journal.witness_pull(&mut client).await.unwrap(), Exchanged::Cosigned(size));
            assert_eq!(witness.journal.witness_pull(&mut client).await.unwrap(), Exchanged::Nothing);
        }
        let note = log.journal.latest_checkpoint().await.unwrap().unwrap();
        let at = note.verify_witness(witness.journal.witness_key()).unwrap();
        assert_eq!(at.millis() / 1_000, straznica_types::Clock::now(&witness.clock).millis() / 1_000);
        let report = log.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!(report.cosigned_size, 8);
        let options = Options { witness_keys: vec![witness.journal.witness_key().clone()], ..Options::default() };
        assert_eq!(log.verify_with(&options).await.cosigned_size, 8);
        assert_eq!(witness.journal.witnessed().await.unwrap(), [note.checkpoint]);
    }

    async fn a_checkpoint_is_pushed_and_its_cosignature_kept(database: TestDatabase) {
        let log = House::open(database).await;
        let witness = neighbour(&log).await;
        let mut client = WitnessServiceClient::new(serve(&witness.journal, Some("service/spoc")).await);
        assert_eq!(log.journal.witness_push(&mut client).await.unwrap(), Exchanged::Nothing);
        for size in [4, 8] {
            log.fill(4).await;
            assert_eq!(log.journal.witness_push(&mut client).await.unwrap(), Exchanged::Cosigned(size));
            assert_eq!(log.journal.witness_push(&mut client).await.unwrap(), Exchanged::Nothing);
        }
        assert_eq!(log.verify().await.cosigned_size, 8);
        // The cosignature of a newer checkpoint got lost on its way: the witness says from where to prove.
        log.fill(2).await;
        cosign(&witness, &log, 8).await.unwrap();
        log.fill(2).await;
        assert_eq!(log.journal.witness_push(&mut client).await.unwrap(), Exchanged::Cosigned(12));
    }

    async fn a_rewritten_history_is_refused_and_the_refusal_recorded(database: TestDatabase) {
        let log = House::open(database).await;
        let witness = neighbour(&log).await;
        log.fill(4).await;
        assert!(matches!(cosign(&witness, &log, 0).await.unwrap(), Cosigned::Line(_)));
        // Who owns database and key begins anew, with the same name and key.
        for table in ["event", "journal_payload", "journal", "journal_tile", "journal_checkpoint"] {
            log.tamper(&format!("DELETE FROM {table}")).await;
        }
        log.tamper("UPDATE journal_lease SET tree_size = 0, event_position = 0").await;
        log.fill(4).await;
        assert!(log.verify().await.valid, "by itself the new history looks well");
        assert!(matches!(cosign(&witness, &log, 0).await, Err(JournalError::Fork)), "another root at the same size");
        log.fill(4).await;
        assert!(matches!(cosign(&witness, &log, 4).await, Err(JournalError::Fork)), "no extension");
        let refusals = Search { kind: "checkpoint.refused".into(), ..Search::default() };
        assert_eq!(witness.journal.search(context("inspector"), &refusals).await.unwrap().len(), 2);
        let options = Options { known: witness.journal.witnessed().await.unwrap(), ..Options::default() };
        let report = log.verify_with(&options).await;
        assert_eq!(report.findings[0].code, FindingCode::HistoryRewritten, "{report:?}");
    }

    async fn a_proof_from_elsewhere_or_an_older_tree_is_answered_with_what_is_known(database: TestDatabase) {
        let log = House::open(database).await;
        let witness = neighbour(&log).await;
        log.fill(4).await;
        let older = log.journal.latest_checkpoint().await.unwrap().unwrap();
        log.fill(4).await;
        assert_eq!(cosign(&witness, &log, 4).await.unwrap(), Cosigned::ProveFrom(0), "nothing seen yet");
        assert!(matches!(cosign(&witness, &log, 0).await.unwrap(), Cosigned::Line(_)));
        let caller = Context::of_service("service/spoc");
        let key = log.journal.verifier_key();
        let outcome = witness.journal.cosign(&older, key, 0, &[], caller).await.unwrap();
        assert_eq!(outcome, Cosigned::ProveFrom(8), "an older tree is not cosigned again");
        assert!(matches!(cosign(&witness, &log, 8).await.unwrap(), Cosigned::Line(_)), "the same once more is");
    }

    async fn a_log_that_comes_with_another_key_is_refused(database: TestDatabase) {
        let log = House::open(database).await;
        let witness = neighbour(&log).await;
        log.fill(4).await;
        cosign(&witness, &log, 0).await.unwrap();
        let database = Fresh::fresh::<Migrations>(log.store().engine()).await.unwrap();
        let imposter = House::open(database).await;
        imposter.fill(8).await;
        assert!(matches!(cosign(&witness, &imposter, 4).await, Err(JournalError::Fork)));
        let note = imposter.journal.latest_checkpoint().await.unwrap().unwrap();
        let caller = Context::of_service("service/spoc");
        let outcome = witness.journal.cosign(&note, log.journal.verifier_key(), 4, &[], caller).await;
        assert!(matches!(outcome, Err(JournalError::Note(_))), "not signed by the key it claims: {outcome:?}");
    }

    async fn a_cosignature_over_what_is_not_ours_is_not_kept(database: TestDatabase) {
        let log = House::open(database).await;
        let witness = neighbour(&log).await;
        log.fill(4).await;
        let Cosigned::Line(line) = cosign(&witness, &log, 0).await.unwrap() else { panic!("it is cosigned") };
        let ours = log.journal.latest_checkpoint().await.unwrap().unwrap();
        log.fill(2).await;
        let newer = log.journal.latest_checkpoint().await.unwrap().unwrap();
        let key = witness.journal.witness_key();
        assert!(log.journal.add_cosignature(&newer, &line, key).await.is_err(), "over another checkpoint");
        assert!(log.journal.add_cosignature(&ours, &line, log.journal.witness_key()).await.is_err(), "another's key");
        witness.fill(4).await;
        let theirs = witness.journal.latest_checkpoint().await.unwrap().unwrap();
        assert!(log.journal.add_cosignature(&theirs, &line, key).await.is_err(), "another log's checkpoint");
        log.journal.add_cosignature(&ours, &line, key).await.unwrap();
        log.journal.add_cosignature(&ours, &line, key).await.unwrap();
    }
}
