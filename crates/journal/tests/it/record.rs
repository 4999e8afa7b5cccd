//! Writing entries.

use straznica_journal::{Entry, Followed, Journal, JournalConfig, JournalError, KeyError, Search, TEXT_LIMIT};
use straznica_store::on_both_engines;

use crate::house::{House, Migrations, context, entry, message, record, shared};

on_both_engines! {
    Migrations;

    async fn an_entry_and_its_change_happen_both_or_neither(database: TestDatabase) {
        let house = House::open(database).await;
        let journal = &house.journal;
        let outcome: Result<(), JournalError> = house
            .store()
            .write_tx(async |transaction| {
                journal.record(transaction, entry(journal, 0)).await?;
                Err(JournalError::NoSuchEntry)
            })
            .await;
        assert!(matches!(outcome, Err(JournalError::NoSuchEntry)));
        assert_eq!(journal.unsequenced().await.unwrap(), 0);
        record(journal, house.store(), entry(journal, 0)).await;
        assert_eq!(journal.unsequenced().await.unwrap(), 1);
    }

    async fn reads_that_wait_together_share_a_transaction_and_each_gets_its_own_id(database: TestDatabase) {
        let house = House::open(database).await;
        let reads: Vec<_> = (0..300)
            .map(|number| {
                let journal = house.journal.clone();
                tokio::spawn(async move { journal.record_read(entry(&journal, number)).await })
            })
            .collect();
        let mut ids = Vec::new();
        for (number, read) in reads.into_iter().enumerate() {
            let id = read.await.unwrap().unwrap();
            if number.is_multiple_of(50) {
                let subject = house.journal.pseudonym("document", &format!("number {number}")).to_string();
                let search = Search { subject, ..Search::default() };
                let found = house.journal.search(context("inspector"), &search).await.unwrap();
                assert_eq!(found[0].id, id, "read {number}");
            }
            ids.push(id.to_string());
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 300);
        assert_eq!(house.journal.unsequenced().await.unwrap(), 306, "six searches are on record as well");
        house.sequence_all().await;
        assert!(house.verify().await.valid);
    }

    async fn nothing_is_shown_when_the_journal_cannot_be_written(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(2).await;
        house.tamper("ALTER TABLE journal_payload RENAME TO elsewhere").await;
        let outcome = house.journal.record_read(entry(&house.journal, 0)).await;
        assert!(matches!(outcome, Err(JournalError::Store(_))), "{outcome:?}");
        assert_eq!(house.journal.unsequenced().await.unwrap(), 0, "no half of the entry is left");
        house.tamper("ALTER TABLE elsewhere RENAME TO journal_payload").await;
        house.journal.record_read(entry(&house.journal, 0)).await.unwrap();
    }

    async fn a_text_one_engine_cannot_hold_is_refused_on_both_and_spoils_nobody_elses_commit(database: TestDatabase) {
        let house = House::open(database).await;
        let journals = [house.journal.clone(), house.journal.clone()];
        let mut poisoned = context("o");
        poisoned.request_id = "a\0b".to_owned();
        let (poison, good) = tokio::join!(
            journals[0].record_read(Entry::new("a.b", poisoned)),
            journals[1].record_read(Entry::new("a.b", context("o"))),
        );
        assert!(matches!(poison, Err(JournalError::Request("request_id"))), "{poison:?}");
        good.unwrap();
    }

    async fn texts_beyond_the_limits_are_refused(database: TestDatabase) {
        let house = House::open(database).await;
        let long = "x".repeat(TEXT_LIMIT + 1);
        let table = [
            ("officer", Entry::new("a.b", context(&long))),
            ("legal_basis", Entry::new("a.b", context("o")).legal_basis(long.clone())),
            ("detail", Entry::new("a.b", context("o")).detail(serde_json::json!("x".repeat(70_000)))),
        ];
        for (expected, entry) in table {
            let outcome = house.journal.record_read(entry).await;
            assert!(matches!(outcome, Err(JournalError::TooLong { field, .. }) if field == expected), "{outcome:?}");
        }
        house.journal.record_read(Entry::new("a.b", context(&"x".repeat(TEXT_LIMIT)))).await.unwrap();
    }

    async fn a_published_event_gets_an_entry_that_holds_its_digest(database: TestDatabase) {
        let house = House::open(database).await;
        let journal = &house.journal;
        house
            .store()
            .write_tx(async |transaction| journal.publish(transaction, &message(7)).await)
            .await
            .unwrap_or_else(|failure: JournalError| panic!("{failure:?}"));
        house.sequence_all().await;
        let events = journal.events_after(Followed::default()).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].type_name, "straznica.journal.v1.TailResponse");
        assert!(house.verify().await.valid);
        let found = journal.search(context("inspector"), &Search::default()).await.unwrap();
        assert_eq!(found[0].kind, "event.published");
    }

    async fn pseudonyms_are_stable_over_a_restart_and_differ_by_class_and_by_service(database: TestDatabase) {
        let house = House::open(database).await;
        let before = house.journal.pseudonym("document", "PL1234567");
        assert_eq!(before, house.another_replica().await.pseudonym("document", "PL1234567"));
        assert_ne!(before, house.journal.pseudonym("person", "PL1234567"));
        assert_ne!(before, house.journal.pseudonym("documentP", "L1234567"));
        assert_eq!(before.as_str().len(), 64);
        let other_keys = tempfile::tempdir().unwrap();
        let other = JournalConfig::embedded("identity.test.example/journal", other_keys.path());
        let other = Journal::open(house.store().clone(), &other, shared(&house.clock)).await.unwrap();
        assert_ne!(before, other.pseudonym("document", "PL1234567"));
    }

    async fn keys_are_not_made_up_unless_that_is_allowed(database: TestDatabase) {
        let directory = tempfile::tempdir().unwrap();
        let mut config = JournalConfig::embedded("spoc.test.example/journal", directory.path().join("keys"));
        config.create_keys = false;
        let clock = database.store().clock().clone();
        let outcome = Journal::open(database.store().clone(), &config, clock.clone()).await;
        assert!(matches!(outcome.err(), Some(JournalError::Key(KeyError::Unreadable { .. }))));
        assert!(!directory.path().join("keys").exists());
        config.create_keys = true;
        Journal::open(database.store().clone(), &config, clock.clone()).await.unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = directory.path().join("keys/signing.key").metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let left: Vec<_> = std::fs::read_dir(directory.path().join("keys")).unwrap().collect();
        assert_eq!(left.len(), 2, "no draft is left behind: {left:?}");
        std::fs::write(directory.path().join("keys/signing.key"), "short").unwrap();
        let outcome = Journal::open(database.store().clone(), &config, clock.clone()).await;
        assert!(matches!(outcome.err(), Some(JournalError::Key(KeyError::Malformed { .. }))));
        config.origin = "two words".to_owned();
        std::fs::remove_file(directory.path().join("keys/signing.key")).unwrap();
        let outcome = Journal::open(database.store().clone(), &config, clock).await;
        assert!(matches!(outcome.err(), Some(JournalError::Key(KeyError::Origin))));
    }

    async fn a_read_given_up_while_it_waits_does_not_stop_the_others(database: TestDatabase) {
        let house = House::open(database).await;
        let journal = house.journal.clone();
        // asked once and then dropped: in the queue, or even written already, when nobody waits for it any more
        drop(futures::poll!(Box::pin(journal.record_read(entry(&journal, 0)))));
        journal.record_read(entry(&journal, 1)).await.unwrap();
    }
}
