//! Reading the journal.

use std::collections::HashSet;

use straznica_journal::{Entry, JournalError, Search};
use straznica_store::{Engine, on_both_engines};

use crate::house::{House, Migrations, context, record};

on_both_engines! {
    Migrations;

    async fn entries_are_found_by_what_they_say_and_the_reading_is_an_entry(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(4).await;
        let mut elsewhere = context("officer-2");
        elsewhere.terminal = "PL-GDN-003".to_owned();
        record(&house.journal, house.store(), Entry::new("chip.opened", elsewhere)).await;
        house.sequence_all().await;
        house.write(1).await;
        let subject = house.journal.pseudonym("document", "number 1").to_string();
        let table = [
            (Search { kind: "chip.opened".into(), ..Search::default() }, 1),
            (Search { officer: "officer-2".into(), ..Search::default() }, 1),
            (Search { officer: "officer-1".into(), ..Search::default() }, 5),
            (Search { terminal: "PL-GDN-003".into(), ..Search::default() }, 1),
            (Search { subject, ..Search::default() }, 2),
            (Search { kind: "nothing.done".into(), ..Search::default() }, 0),
            (Search { officer: "officer-1".into(), limit: 2, ..Search::default() }, 2),
            (Search { officer: "officer-1".into(), before: Some(2), ..Search::default() }, 2),
        ];
        for (search, expected) in table {
            let found = house.journal.search(context("inspector"), &search).await.unwrap();
            assert_eq!(found.len(), expected, "{search:?}");
        }
        let readings = Search { kind: "journal.searched".into(), ..Search::default() };
        let found = house.journal.search(context("inspector"), &readings).await.unwrap();
        assert_eq!(found.len(), 8, "each reading is on record");
        assert!(found.iter().all(|found| found.context.officer == "inspector"));
    }

    async fn the_newest_comes_first_also_before_it_is_numbered(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(3).await;
        house.write(2).await;
        let found = house.journal.search(context("inspector"), &Search::default()).await.unwrap();
        let indexes: Vec<_> = found.iter().map(|found| found.leaf_index).collect();
        assert_eq!(indexes, [None, None, Some(2), Some(1), Some(0)]);
        assert!(found[0].at >= found[1].at);
    }

    async fn an_entry_that_is_given_its_number_meanwhile_is_told_once(database: TestDatabase) {
        let house = House::open(database).await;
        let search = Search { officer: "officer-1".into(), limit: 500, ..Search::default() };
        for round in 1..=40 {
            house.write(5).await;
            let (found, ()) = tokio::join!(house.journal.search(context("inspector"), &search), house.sequence_all());
            let told: Vec<_> = found.unwrap().iter().map(|found| found.id).collect();
            let different: HashSet<_> = told.iter().collect();
            assert_eq!((told.len(), different.len()), (round * 5, round * 5), "none twice, none left out");
        }
    }

    async fn nobody_reads_without_saying_who_and_why(database: TestDatabase) {
        let house = House::open(database).await;
        let mut nobody = context("");
        assert!(matches!(house.journal.search(nobody.clone(), &Search::default()).await, Err(JournalError::Request(_))));
        nobody.officer = "inspector".to_owned();
        nobody.purpose = String::new();
        assert!(matches!(house.journal.search(nobody, &Search::default()).await, Err(JournalError::Request(_))));
        assert_eq!(house.journal.unsequenced().await.unwrap(), 0);
    }

    async fn nothing_is_shown_when_the_reading_cannot_be_recorded(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(2).await;
        house.journal.search(context("inspector"), &Search::default()).await.unwrap();
        // Reading goes on, writing does not.
        match house.store().engine() {
            Engine::Sqlite => {
                house.tamper("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END").await;
            }
            Engine::Postgres => {
                house.tamper("ALTER TABLE journal ADD CONSTRAINT full_disk CHECK (kind <> 'journal.searched') NOT VALID").await;
            }
        }
        let outcome = house.journal.search(context("inspector"), &Search::default()).await;
        assert!(matches!(outcome, Err(JournalError::Store(_))), "{outcome:?}");
    }
}
