//! Numbering, checkpoints and proofs.

use std::time::Duration;

use straznica_journal::{JournalError, Sequenced, verify_consistency, verify_inclusion};
use straznica_store::on_both_engines;

use crate::house::{House, Migrations, entry, record};

on_both_engines! {
    Migrations;

    async fn entries_are_numbered_and_a_checkpoint_signed(database: TestDatabase) {
        let house = House::open(database).await;
        assert!(house.journal.latest_checkpoint().await.unwrap().is_none());
        house.write(5).await;
        assert_eq!(house.journal.sequence().await.unwrap(), Sequenced::Entries { count: 5, size: 5 });
        assert_eq!(house.journal.sequence().await.unwrap(), Sequenced::Idle);
        let note = house.journal.latest_checkpoint().await.unwrap().unwrap();
        assert_eq!(note.checkpoint.size, 5);
        note.verify_log(house.journal.verifier_key()).unwrap();
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!((report.size, report.checkpoints, report.unsequenced), (5, 1, 0));
    }

    async fn every_entry_has_a_proof_and_every_tree_extends_the_one_before(database: TestDatabase) {
        let house = House::open(database).await;
        let mut ids = Vec::new();
        let mut notes = Vec::new();
        for batch in [1_usize, 2, 5, 3] {
            for number in 0..batch {
                ids.push(record(&house.journal, house.store(), entry(&house.journal, number)).await);
            }
            house.sequence_all().await;
            notes.push(house.journal.latest_checkpoint().await.unwrap().unwrap().checkpoint);
        }
        let newest = notes.last().unwrap();
        for (index, id) in ids.iter().enumerate() {
            let proof = house.journal.inclusion_proof(*id, 0).await.unwrap();
            assert_eq!((proof.leaf_index, proof.tree_size), (index as u64, newest.size));
            verify_inclusion(&proof.leaf_hash, proof.leaf_index, newest.size, &newest.root, &proof.hashes).unwrap();
        }
        for old in &notes {
            let proof = house.journal.consistency_proof(old.size, newest.size).await.unwrap();
            verify_consistency(old.size, &old.root, newest.size, &newest.root, &proof).unwrap();
        }
        let late = record(&house.journal, house.store(), entry(&house.journal, 0)).await;
        assert!(matches!(house.journal.inclusion_proof(late, 0).await, Err(JournalError::NoSuchEntry)));
        assert!(house.journal.inclusion_proof(ids[9], 5).await.is_err(), "not in that tree yet");
        assert!(house.journal.consistency_proof(3, 1_000).await.is_err());
    }

    async fn writers_and_two_sequencers_at_once_leave_no_gap_and_no_double(database: TestDatabase) {
        let house = House::open(database).await;
        let second = house.another_replica().await;
        let sequencers: Vec<_> = [house.journal.clone(), second.clone()]
            .into_iter()
            .map(|journal| tokio::spawn(async move { journal.run_sequencer().await }))
            .collect();
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let journal = house.journal.clone();
                let store = house.store().clone();
                tokio::spawn(async move {
                    for number in 0..40 {
                        let entry = entry(&journal, number);
                        store.write_tx(async |tx| journal.record(tx, entry).await).await.unwrap_or_else(|failure: JournalError| panic!("{failure:?}"));
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        while house.journal.unsequenced().await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for sequencer in sequencers {
            sequencer.abort();
        }
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!(report.size, 160);
    }

    async fn the_lease_passes_to_another_replica_only_when_it_has_run_out(database: TestDatabase) {
        let house = House::open(database).await;
        let second = house.another_replica().await;
        house.write(1).await;
        assert!(matches!(house.journal.sequence().await.unwrap(), Sequenced::Entries { .. }));
        house.write(1).await;
        assert_eq!(second.sequence().await.unwrap(), Sequenced::Elsewhere);
        house.clock.advance(Duration::from_millis(house.config.sequencer.lease_ms + 1));
        assert_eq!(second.sequence().await.unwrap(), Sequenced::Entries { count: 1, size: 2 });
        house.write(1).await;
        assert_eq!(house.journal.sequence().await.unwrap(), Sequenced::Elsewhere, "the first has lost it");
        assert_eq!(second.sequence().await.unwrap(), Sequenced::Entries { count: 1, size: 3 });
        assert!(house.verify().await.valid);
    }

    async fn a_sequencer_given_up_at_any_moment_leaves_a_whole_tree(database: TestDatabase) {
        let house = House::open(database).await;
        for micros in [0_u64, 200, 500, 1_000, 2_000, 4_000, 8_000] {
            house.write(3).await;
            let journal = house.journal.clone();
            // Dropped wherever it happens to be.
            let _ = tokio::time::timeout(Duration::from_micros(micros), journal.sequence()).await;
            let report = house.verify().await;
            assert!(report.valid, "after {micros} µs: {report:?}");
        }
        house.sequence_all().await;
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!(report.size, 21);
    }

    async fn batches_beyond_one_tile_verify(database: TestDatabase) {
        let mut house = House::open(database).await;
        house.config.sequencer.batch = 100;
        let journal = house.another_replica().await;
        let entries: Vec<_> = (0..600).map(|number| entry(&journal, number)).collect();
        house
            .store()
            .write_tx(async |transaction| {
                for entry in entries.clone() {
                    journal.record(transaction, entry).await?;
                }
                Ok::<_, JournalError>(())
            })
            .await
            .unwrap();
        while journal.sequence().await.unwrap() != Sequenced::Idle {}
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!((report.size, report.checkpoints), (600, 6));
        let proof = journal.consistency_proof(200, 600).await.unwrap();
        assert!(!proof.is_empty());
    }

    async fn nothing_is_built_on_a_damaged_tree(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        let zeros = if house.store().engine() == straznica_store::Engine::Sqlite { "zeroblob(128)" } else { "decode(repeat('00', 128), 'hex')" };
        assert_eq!(house.tamper(&format!("UPDATE journal_tile SET hashes = {zeros}")).await, 1);
        house.write(1).await;
        let outcome = house.journal.sequence().await;
        assert!(matches!(outcome, Err(JournalError::Damaged(_))), "{outcome:?}");
    }

    async fn nothing_is_built_on_a_tree_with_a_leaf_put_behind_its_last(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        let zeros = if house.store().engine() == straznica_store::Engine::Sqlite { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
        let longer = if house.store().engine() == straznica_store::Engine::Sqlite { format!("CAST(hashes || {zeros} AS BLOB)") } else { format!("hashes || {zeros}") };
        assert_eq!(house.tamper(&format!("UPDATE journal_tile SET hashes = {longer}")).await, 1);
        house.write(1).await;
        let outcome = house.journal.sequence().await;
        assert!(matches!(outcome, Err(JournalError::Damaged(_))), "{outcome:?}");
    }

    async fn another_signing_key_is_noticed(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        std::fs::remove_file(house.keys.path().join("signing.key")).unwrap();
        let imposter = house.another_replica().await;
        house.clock.advance(Duration::from_secs(60));
        house.write(1).await;
        assert!(matches!(imposter.sequence().await, Err(JournalError::Damaged(_))));
    }

    async fn old_checkpoints_nobody_cosigned_go_and_the_rest_still_verifies(database: TestDatabase) {
        let house = House::open(database).await;
        for _ in 0..3 {
            house.write(1).await;
            house.sequence_all().await;
        }
        house.clock.advance(Duration::from_secs(25 * 60 * 60));
        house.write(1).await;
        house.sequence_all().await;
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!((report.size, report.checkpoints), (4, 1));
    }
}
