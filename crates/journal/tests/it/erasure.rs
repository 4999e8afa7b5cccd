//! Erasing payloads.

use straznica_journal::{JournalError, Search};
use straznica_store::on_both_engines;
use straznica_types::EntryId;

use crate::house::{House, Migrations, context, entry, record};

async fn erase(house: &House, id: EntryId) -> Result<EntryId, JournalError> {
    let journal = &house.journal;
    house
        .store()
        .write_tx(async |transaction| journal.erase(transaction, id, context("inspector"), "art. 17").await)
        .await
}

on_both_engines! {
    Migrations;

    async fn an_erased_entry_says_nothing_more_and_the_tree_still_verifies(database: TestDatabase) {
        let house = House::open(database).await;
        let id = record(&house.journal, house.store(), entry(&house.journal, 1)).await;
        house.fill(4).await;
        let record = erase(&house, id).await.unwrap();
        house.sequence_all().await;
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!(report.erased, 1);
        let found = house.journal.search(context("inspector"), &Search::default()).await.unwrap();
        let erased = found.iter().find(|found| found.id == id).unwrap();
        assert_eq!((erased.subject.as_str(), erased.detail.as_str()), ("", ""));
        assert!(matches!(erase(&house, id).await, Err(JournalError::NoSuchEntry)), "twice");
        assert!(matches!(erase(&house, record).await, Err(JournalError::NotErasable)));
        let unknown = EntryId::generate(&house.clock);
        assert!(matches!(erase(&house, unknown).await, Err(JournalError::NoSuchEntry)));
    }

    async fn an_erasure_not_yet_numbered_is_not_taken_for_tampering_once_it_is(database: TestDatabase) {
        let house = House::open(database).await;
        let id = record(&house.journal, house.store(), entry(&house.journal, 1)).await;
        house.sequence_all().await;
        erase(&house, id).await.unwrap();
        house.sequence_all().await;
        assert!(house.verify().await.valid);
    }
}
