//! Every way of changing a journal behind its back is found, in the database and in an export of it.

use straznica_journal::verify::{FindingCode, Line, Options, Report, export, verify_database, verify_export};
use straznica_store::{Engine, on_both_engines};

use crate::house::{House, Migrations};

const ENTRIES: usize = 12;

/// What to change, and what has to be found where. Words in capitals stand for what the engines write differently.
const TAMPERING: &[(&str, &str, FindingCode, u64)] = &[
    ("officer", "UPDATE journal SET officer = 'someone-else' WHERE leaf_index = 4", FindingCode::EntryAltered, 4),
    ("time", "UPDATE journal SET at = at + 1 WHERE leaf_index = 0", FindingCode::EntryAltered, 0),
    ("kind", "UPDATE journal SET kind = 'document.passed' WHERE leaf_index = 11", FindingCode::EntryAltered, 11),
    ("actor", "UPDATE journal SET actor = '' WHERE leaf_index = 3", FindingCode::EntryAltered, 3),
    ("terminal", "UPDATE journal SET terminal = 'X' WHERE leaf_index = 3", FindingCode::EntryAltered, 3),
    ("purpose", "UPDATE journal SET purpose = 'curiosity' WHERE leaf_index = 3", FindingCode::EntryAltered, 3),
    ("request", "UPDATE journal SET request_id = '' WHERE leaf_index = 3", FindingCode::EntryAltered, 3),
    ("legal basis", "UPDATE journal SET legal_basis = '' WHERE leaf_index = 3", FindingCode::EntryAltered, 3),
    ("event digest", "UPDATE journal SET event_digest = NULL WHERE leaf_index = 3", FindingCode::EntryAltered, 3),
    (
        "payload digest",
        "UPDATE journal SET payload_digest = ZEROS32 WHERE leaf_index = 5",
        FindingCode::EntryAltered,
        5,
    ),
    ("detail", "UPDATE journal_payload SET detail = '{}' WHERE entry_id = ID5", FindingCode::PayloadAltered, 5),
    ("subject", "UPDATE journal_payload SET subject = '' WHERE entry_id = ID5", FindingCode::PayloadAltered, 5),
    (
        "case number",
        "UPDATE journal_payload SET case_number = '1' WHERE entry_id = ID5",
        FindingCode::PayloadAltered,
        5,
    ),
    ("salt", "UPDATE journal_payload SET salt = ZEROS32 WHERE entry_id = ID5", FindingCode::PayloadAltered, 5),
    ("payload gone", "DELETE FROM journal_payload WHERE entry_id = ID5", FindingCode::PayloadMissing, 5),
    (
        "payload emptied",
        "UPDATE journal_payload SET detail = NULL WHERE entry_id = ID5",
        FindingCode::PayloadMissing,
        5,
    ),
    (
        "erased, on the record of an entry that is none",
        "UPDATE journal_payload SET detail = NULL, salt = NULL, subject = NULL, case_number = NULL, erased_by = ID6 WHERE entry_id = ID5",
        FindingCode::PayloadMissing,
        5,
    ),
    (
        "reordered",
        "UPDATE journal SET leaf_index = CASE leaf_index WHEN 2 THEN 100 ELSE 2 END WHERE leaf_index IN (2, 7); \
         UPDATE journal SET leaf_index = 7 WHERE leaf_index = 100",
        FindingCode::EntryAltered,
        2,
    ),
    (
        "inserted at the end",
        "UPDATE journal SET leaf_index = 12 WHERE leaf_index = 11; \
         INSERT INTO journal (entry_id, leaf_index, at, actor, terminal, officer, purpose, request_id, kind, legal_basis, payload_digest) \
         SELECT NEWID, 11, at, actor, terminal, officer, purpose, request_id, kind, legal_basis, payload_digest FROM journal WHERE leaf_index = 10; \
         INSERT INTO journal_payload (entry_id, salt, subject, case_number, detail) SELECT NEWID, salt, subject, case_number, detail FROM journal_payload WHERE entry_id = ID5",
        FindingCode::EntryAltered,
        11,
    ),
    (
        "beyond the last checkpoint",
        "UPDATE journal SET leaf_index = 12 WHERE leaf_index = 3",
        FindingCode::EntryMissing,
        3,
    ),
    (
        "checkpoint altered",
        "UPDATE journal_checkpoint SET note = replace(note, 'spoc', 'cops') WHERE size = 12",
        FindingCode::CheckpointAltered,
        12,
    ),
    (
        "checkpoint nonsense",
        "UPDATE journal_checkpoint SET note = 'x' WHERE size = 6",
        FindingCode::CheckpointAltered,
        6,
    ),
    (
        "checkpoint of another size",
        "UPDATE journal_checkpoint SET size = 5 WHERE size = 6",
        FindingCode::CheckpointAltered,
        5,
    ),
    ("last checkpoint gone", "DELETE FROM journal_checkpoint WHERE size = 12", FindingCode::CheckpointMissing, 12),
    ("tile gone", "DELETE FROM journal_tile", FindingCode::TileAltered, 0),
    ("tile cut", "UPDATE journal_tile SET hashes = ZEROS32", FindingCode::TileAltered, 1),
    ("event altered", "UPDATE event SET payload = ZEROS32 WHERE position = 2", FindingCode::EventAltered, 2),
    ("event renamed", "UPDATE event SET type_name = 'x' WHERE position = 2", FindingCode::EventAltered, 2),
    ("event moved in time", "UPDATE event SET at = at + 1 WHERE position = 2", FindingCode::EventAltered, 2),
    ("event gone", "DELETE FROM event WHERE position = 2", FindingCode::EventMissing, 3),
    ("last event gone", "DELETE FROM event WHERE position = 4", FindingCode::EventMissing, 4),
];

async fn apply(house: &House, sql: &str) {
    let (zeros, id5, id6, new_id) = match house.store().engine() {
        Engine::Sqlite => (
            "zeroblob(32)",
            "(SELECT entry_id FROM journal WHERE leaf_index = 5)",
            "(SELECT entry_id FROM journal WHERE leaf_index = 6)",
            "X'0199e2a00000700080000000000000ff'",
        ),
        Engine::Postgres => (
            "decode(repeat('00', 32), 'hex')",
            "(SELECT entry_id FROM journal WHERE leaf_index = 5)",
            "(SELECT entry_id FROM journal WHERE leaf_index = 6)",
            "'0199e2a0-0000-7000-8000-0000000000ff'::uuid",
        ),
    };
    let sql = sql.replace("ZEROS32", zeros).replace("ID5", id5).replace("ID6", id6).replace("NEWID", new_id);
    for statement in sql.split("; ") {
        house.tamper(statement).await;
    }
}

/// Undoes by restoring copies made before.
async fn copy(house: &House) {
    for table in TABLES {
        house.tamper(&format!("CREATE TABLE copy_{table} AS SELECT * FROM {table}")).await;
    }
}

async fn restore(house: &House) {
    for table in TABLES.iter().rev() {
        house.tamper(&format!("DELETE FROM {table}")).await;
    }
    for table in TABLES {
        house.tamper(&format!("INSERT INTO {table} SELECT * FROM copy_{table}")).await;
    }
}

const TABLES: &[&str] = &["journal", "journal_payload", "event", "journal_tile", "journal_checkpoint"];

async fn exported(house: &House) -> String {
    let mut bytes = Vec::new();
    let entries = export(house.store(), house.journal.verifier_key(), &mut bytes).await.unwrap();
    assert_eq!(entries, ENTRIES as u64);
    String::from_utf8(bytes).unwrap()
}

fn verified(house: &House, text: &str) -> Report {
    let options = Options { log_key: Some(house.journal.verifier_key().clone()), ..Options::default() };
    verify_export(text.as_bytes(), &options).unwrap()
}

on_both_engines! {
    Migrations;

    async fn each_change_in_the_database_is_found_where_it_is(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(ENTRIES).await;
        copy(&house).await;
        for (name, sql, code, position) in TAMPERING {
            let report = house.verify().await;
            assert!(report.valid, "before {name}: {report:?}");
            apply(&house, sql).await;
            let report = house.verify().await;
            assert!(!report.valid, "{name} goes unnoticed");
            assert!(
                report.findings.iter().any(|finding| finding.code == *code && finding.position == *position),
                "{name}: {:#?}",
                report.findings
            );
            if code == &FindingCode::EntryAltered || code == &FindingCode::PayloadAltered {
                assert_eq!(report.first_bad_entry(), Some(*position), "{name}");
            }
            restore(&house).await;
        }
    }

    async fn an_entry_altered_with_its_tile_is_found_by_the_signed_root(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(ENTRIES).await;
        house.tamper("UPDATE journal SET officer = 'someone-else' WHERE leaf_index = 8").await;
        let report = house.verify().await;
        // The forger recomputes the leaf hash and writes it into the tile, too.
        let text = exported(&house).await;
        let forged: Vec<String> = text
            .lines()
            .map(|line| match serde_json::from_str(line).unwrap() {
                Line::Entry(mut entry) if entry.leaf_index == 8 => {
                    entry.leaf_hash = hex::encode(straznica_journal::encoding::leaf_hash(
                        &straznica_journal::encoding::LeafFields {
                            entry_id: entry.entry_id,
                            at_ms: entry.at_ms,
                            actor: &entry.actor,
                            terminal: &entry.terminal,
                            officer: &entry.officer,
                            purpose: &entry.purpose,
                            request_id: &entry.request_id,
                            kind: &entry.kind,
                            legal_basis: &entry.legal_basis,
                            payload_digest: hex::decode(&entry.payload_digest).unwrap().try_into().unwrap(),
                            event_digest: entry.event_digest.as_ref().map(|digest| hex::decode(digest).unwrap().try_into().unwrap()),
                        },
                    ));
                    serde_json::to_string(&Line::Entry(entry)).unwrap()
                }
                _ => line.to_owned(),
            })
            .collect();
        assert_eq!(report.first_bad_entry(), Some(8));
        let report = verified(&house, &(forged.join("\n") + "\n"));
        assert_eq!(report.findings[0].code, FindingCode::TreeAltered, "{report:?}");
        assert!(report.findings[0].detail.contains("between 6 and 12"), "{report:?}");
    }

    async fn a_whole_export_verifies_without_the_database(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(ENTRIES).await;
        house.write(2).await;
        let report = verified(&house, &exported(&house).await);
        assert!(report.valid, "{report:?}");
        assert!(report.key_given);
        assert_eq!((report.size, report.unsequenced), (ENTRIES as u64, 2));
        let without_key = verify_export(exported(&house).await.as_bytes(), &Options::default()).unwrap();
        assert!(without_key.valid && !without_key.key_given);
    }

    async fn without_the_key_the_tree_is_verified_and_the_report_says_that_signatures_are_not(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(ENTRIES).await;
        let report = verify_database(house.store(), &Options::default()).await.unwrap();
        assert!(report.valid && !report.key_given, "{report:?}");
        assert_eq!(report.origin, "spoc.test.example/journal");
        house.tamper("UPDATE journal SET officer = 'someone-else' WHERE leaf_index = 4").await;
        let report = verify_database(house.store(), &Options::default()).await.unwrap();
        assert_eq!(report.first_bad_entry(), Some(4));
    }

    async fn an_empty_journal_is_valid(database: TestDatabase) {
        let house = House::open(database).await;
        let report = house.verify().await;
        assert!(report.valid, "{report:?}");
        assert_eq!((report.size, report.checkpoints), (0, 0));
        let report = verify_database(house.store(), &Options::default()).await.unwrap();
        assert!(report.valid, "{report:?}");
    }

    async fn each_change_in_an_export_is_found(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(ENTRIES).await;
        let text = exported(&house).await;
        let lines: Vec<&str> = text.lines().collect();
        // Line 0 is the beginning, 1 to 6 the first entries, 7 a checkpoint.
        let without = |skipped: usize| {
            lines.iter().enumerate().filter(|(at, _)| *at != skipped).map(|(_, line)| *line).collect::<Vec<_>>()
        };
        let swapped = {
            let mut swapped = lines.clone();
            swapped.swap(3, 4);
            swapped
        };
        let table = [
            ("entry deleted", without(3), FindingCode::EntryMissing, 2),
            ("entries swapped", swapped, FindingCode::EntryMissing, 2),
            ("entry twice", [&lines[..4], &lines[3..]].concat(), FindingCode::EntryMisplaced, 3),
            ("beginning gone", without(0), FindingCode::LineMalformed, 0),
            ("end gone", without(lines.len() - 1), FindingCode::LineMalformed, lines.len() as u64 - 1),
            ("last checkpoint gone", without(lines.len() - 2), FindingCode::CheckpointMissing, 12),
            ("cut", lines[..6].to_vec(), FindingCode::LineMalformed, 6),
            ("nonsense", [&lines[..2], &["nonsense"], &lines[2..]].concat(), FindingCode::LineMalformed, 3),
            ("goes on after the end", [&lines[..], &lines[1..2]].concat(), FindingCode::LineMalformed, 12),
        ];
        for (name, lines, code, position) in table {
            let report = verified(&house, &(lines.join("\n") + "\n"));
            assert!(!report.valid, "{name} goes unnoticed");
            assert!(
                report.findings.iter().any(|finding| finding.code == code && finding.position == position),
                "{name}: {:#?}",
                report.findings
            );
        }
        let other_key = straznica_journal::JournalConfig::embedded("spoc.test.example/journal", house.keys.path().join("other"));
        let other = straznica_journal::Journal::open(house.store().clone(), &other_key, house.store().clock().clone()).await.unwrap();
        let options = Options { log_key: Some(other.verifier_key().clone()), ..Options::default() };
        let report = verify_export(text.as_bytes(), &options).unwrap();
        assert_eq!(report.findings[0].code, FindingCode::CheckpointAltered, "another log's key");
    }

    async fn a_history_cut_off_at_the_end_is_known_only_to_who_saw_it(database: TestDatabase) {
        let house = House::open(database).await;
        house.fill(ENTRIES).await;
        let seen = house.journal.latest_checkpoint().await.unwrap().unwrap().checkpoint;
        copy(&house).await;
        // An operator who owns the database goes back to the state of the first checkpoint, event feed and tiles included.
        house.tamper("DELETE FROM event WHERE entry_id IN (SELECT entry_id FROM journal WHERE leaf_index >= 6)").await;
        house.tamper("DELETE FROM journal_payload WHERE entry_id IN (SELECT entry_id FROM journal WHERE leaf_index >= 6)").await;
        house.tamper("DELETE FROM journal WHERE leaf_index >= 6").await;
        house.tamper("DELETE FROM journal_checkpoint WHERE size > 6").await;
        house.tamper("UPDATE journal_lease SET tree_size = 6, event_position = 2").await;
        let cut = if house.store().engine() == Engine::Sqlite { "substr(hashes, 1, 192)" } else { "substring(hashes from 1 for 192)" };
        house.tamper(&format!("UPDATE journal_tile SET hashes = {cut}")).await;
        let report = house.verify().await;
        assert!(report.valid, "nothing in the database itself tells: {report:?}");
        let options = Options { known: vec![seen], ..Options::default() };
        let report = house.verify_with(&options).await;
        assert_eq!(report.findings[0].code, FindingCode::HistoryTruncated, "{report:?}");
    }
}
