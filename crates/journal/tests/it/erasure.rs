//! Erasing payloads.

use straznica_journal::verify::FindingCode;
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

    async fn everything_about_a_subject_is_erased_and_nothing_else(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(3).await;
        let journal = &house.journal;
        let subject = journal.pseudonym("person", "somebody");
        for _ in 0..2 {
            record(journal, house.store(), entry(journal, 9).subject(subject.clone())).await;
        }
        let erase = || async {
            let by = context("inspector");
            house.store().write_tx(async |tx| journal.erase_about(tx, &subject, &by, "art. 17").await).await.unwrap()
        };
        assert_eq!((erase().await, erase().await), (2, 0));
        house.sequence_all().await;
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!(report.erased, 2);
    }

    async fn an_erasure_not_yet_numbered_is_not_taken_for_tampering_once_it_is(database: TestDatabase) {
        let house = House::open(database).await;
        let id = record(&house.journal, house.store(), entry(&house.journal, 1)).await;
        house.sequence_all().await;
        erase(&house, id).await.unwrap();
        house.sequence_all().await;
        assert!(house.verify().await.valid);
    }

    async fn a_payload_deleted_on_the_record_of_anothers_erasure_is_found(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        let id = record(&house.journal, house.store(), entry(&house.journal, 1)).await;
        let record = erase(&house, id).await.unwrap();
        house.sequence_all().await;
        // Entry 1 is emptied and pointed to the erasure of entry 4, which gets back a payload.
        let row = |index: u64| format!("(SELECT entry_id FROM journal WHERE leaf_index = {index})");
        let kind = straznica_journal::ERASURE_KIND;
        let of_record = format!("(SELECT entry_id FROM journal WHERE kind = '{kind}')");
        house.tamper(&format!("UPDATE journal_payload SET salt = (SELECT salt FROM journal_payload WHERE entry_id = {}), subject = '', case_number = '', detail = '{{}}', erased_by = NULL WHERE entry_id = {}", row(1), row(4))).await;
        house.tamper(&format!("UPDATE journal_payload SET salt = NULL, subject = NULL, case_number = NULL, detail = NULL, erased_by = {of_record} WHERE entry_id = {}", row(1))).await;
        let report = house.verify().await;
        let found: Vec<_> = report.findings.iter().map(|finding| (finding.code, finding.position)).collect();
        assert!(found.contains(&(FindingCode::PayloadMissing, 1)), "{record}: {report:?}");
        assert!(found.contains(&(FindingCode::PayloadAltered, 4)), "{report:?}");
    }
}
